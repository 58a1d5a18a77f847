//! What is written down is read back, and nothing else is.

use super::*;
use codec::MaxEncodedLen;
use ofage_circuit::sample::sample;
use proptest::prelude::*;

fn inputs(n: u64) -> PublicInputs {
    sample(n).0
}

#[test]
fn public_inputs_have_one_length() {
    for n in [0, 1, 2] {
        assert_eq!(inputs(n).encode().len(), PublicInputs::max_encoded_len());
    }
}

#[test]
fn a_batch_is_read_as_it_was_written() {
    let proofs: [(PublicInputs, &[u8]); 3] = [
        (inputs(1), &[1; 100]),
        (inputs(2), &[]),
        (inputs(3), &[3; MAX_PROOF]),
    ];
    let batch = encode_batch(&proofs);
    let read = decode_batch(&batch).unwrap();
    assert_eq!(read.len(), 3);
    for ((inputs, proof), (encoded, read)) in proofs.iter().zip(read) {
        assert_eq!(encoded, inputs.encode());
        assert_eq!(read, *proof);
    }
}

#[test]
fn a_batch_is_the_encodings_of_its_pairs() {
    let batch = encode_batch(&[(inputs(1), &[1; 100]), (inputs(2), &[2])]);
    assert_eq!(
        batch,
        [
            (inputs(1), vec![1u8; 100]).encode(),
            (inputs(2), vec![2u8]).encode()
        ]
        .concat()
    );
}

#[test]
fn proofs_longer_than_any_proof_cross_as_empty_ones() {
    let long = vec![0; MAX_PROOF + 1];
    let batch = encode_batch(&[(inputs(1), &long), (inputs(2), &[7])]);
    let read = decode_batch(&batch).unwrap();
    assert_eq!(read[0].1, [0u8; 0]);
    assert_eq!(read[1].1, [7]);
}

#[test]
fn batches_beyond_the_bounds_are_refused() {
    let proof: &[u8] = &[];
    assert_eq!(
        decode_batch(&encode_batch(&vec![(inputs(1), proof); MAX_BATCH]))
            .unwrap()
            .len(),
        MAX_BATCH
    );
    assert!(decode_batch(&encode_batch(&vec![(inputs(1), proof); MAX_BATCH + 1])).is_none());
    let one_too_long = (inputs(1), vec![0u8; MAX_PROOF + 1]).encode();
    assert!(decode_batch(&one_too_long).is_none());
    let claims_4_gigabytes = [inputs(1).encode(), codec::Compact(u32::MAX).encode()].concat();
    assert!(decode_batch(&claims_4_gigabytes).is_none());
}

#[test]
fn a_batch_that_is_cut_off_loses_whole_proofs_or_is_refused() {
    let batch = encode_batch(&[(inputs(1), &[1; 9]), (inputs(2), &[2; 9])]);
    for cut in 0..batch.len() {
        match decode_batch(&batch[..cut]) {
            Some(read) => assert!(cut == read.len() * batch.len() / 2),
            None => assert!(cut % (batch.len() / 2) != 0),
        }
    }
}

#[test]
fn a_bit_outside_of_the_bitmap_is_not_set() {
    let bitmap = [0b0000_0101, 0b1000_0000];
    let set: Vec<usize> = (0..40).filter(|index| is_set(&bitmap, *index)).collect();
    assert_eq!(set, [0, 2, 15]);
    assert_eq!([0, 1, 8, 9, 1024].map(bitmap_length), [0, 1, 1, 2, 128]);
}

#[test]
fn elements_are_read_only_when_canonical_and_whole() {
    let pair = [Element::from_u64(1), Element::from_u64(2)];
    let bytes = encode_pairs(&[pair]);
    assert_eq!(decode_elements(&bytes), Some(pair.to_vec()));
    assert_eq!(decode_elements(&bytes[..63]), None);
    assert_eq!(decode_elements(&[0xff; 32]), None);
    assert_eq!(decode_elements(&[]), Some(Vec::new()));
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic_and_never_read_as_two_batches(
        bytes in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        if let Some(read) = decode_batch(&bytes) {
            let again: Vec<u8> =
                read.iter().flat_map(|(inputs, proof)| [inputs.to_vec(), proof.encode()].concat()).collect();
            prop_assert_eq!(again, bytes);
        }
    }
}
