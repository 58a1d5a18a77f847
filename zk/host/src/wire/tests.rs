//! What is written down is read back, and nothing else is.

use super::*;
use codec::MaxEncodedLen;
use ofage_circuit::sample::{self, sample};
use ofage_primitives::{JointInputs, PublicInputs};
use proptest::prelude::*;

fn inputs(n: u64) -> PublicInputs {
    sample(n).0
}

/// Joint inputs of some issuers.
fn joint(issuers: usize) -> JointInputs {
    sample::joint(7, issuers).0
}

/// The most that the older functions take.
const MAX_SINGLE: usize = Form::Single.max_proof();

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
        (inputs(3), &[3; MAX_SINGLE]),
    ];
    let batch = encode_batch(Form::Single, &proofs);
    let read = decode_batch(Form::Single, &batch).unwrap();
    assert_eq!(read.len(), 3);
    for ((inputs, proof), (encoded, read)) in proofs.iter().zip(read) {
        assert_eq!(encoded, inputs.encode());
        assert_eq!(read, *proof);
    }
}

#[test]
fn a_batch_is_the_encodings_of_its_pairs() {
    let batch = encode_batch(Form::Single, &[(inputs(1), &[1; 100]), (inputs(2), &[2])]);
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
    let long = vec![0; MAX_SINGLE + 1];
    let batch = encode_batch(Form::Single, &[(inputs(1), &long), (inputs(2), &[7])]);
    let read = decode_batch(Form::Single, &batch).unwrap();
    assert_eq!(read[0].1, [0u8; 0]);
    assert_eq!(read[1].1, [7]);
}

#[test]
fn batches_beyond_the_bounds_are_refused() {
    let proof: &[u8] = &[];
    assert_eq!(
        decode_batch(
            Form::Single,
            &encode_batch(Form::Single, &vec![(inputs(1), proof); MAX_BATCH])
        )
        .unwrap()
        .len(),
        MAX_BATCH
    );
    assert!(decode_batch(
        Form::Single,
        &encode_batch(Form::Single, &vec![(inputs(1), proof); MAX_BATCH + 1])
    )
    .is_none());
    let one_too_long = (inputs(1), vec![0u8; MAX_SINGLE + 1]).encode();
    assert!(decode_batch(Form::Single, &one_too_long).is_none());
    let claims_4_gigabytes = [inputs(1).encode(), codec::Compact(u32::MAX).encode()].concat();
    assert!(decode_batch(Form::Single, &claims_4_gigabytes).is_none());
}

#[test]
fn a_batch_that_is_cut_off_loses_whole_proofs_or_is_refused() {
    let batch = encode_batch(Form::Single, &[(inputs(1), &[1; 9]), (inputs(2), &[2; 9])]);
    for cut in 0..batch.len() {
        match decode_batch(Form::Single, &batch[..cut]) {
            Some(read) => assert!(cut == read.len() * batch.len() / 2),
            None => assert!(cut % (batch.len() / 2) != 0),
        }
    }
}

/// Bounds of functions that ship are for ever, whatever newer functions take.
#[test]
fn the_bounds_of_each_function_are_what_they_were_when_it_shipped() {
    assert_eq!(
        [Form::Single, Form::Joint].map(Form::max_proof),
        [8 * 1024, 12 * 1024]
    );
    assert_eq!(MAX_FURTHER, 3);
    assert_eq!(MAX_BATCH, 1024);
}

#[test]
fn a_joint_batch_is_read_as_it_was_written_and_is_the_encodings_of_its_pairs() {
    let most = vec![3; Form::Joint.max_proof()];
    let proofs: [(JointInputs, &[u8]); 4] = [
        (joint(2), &[1; 100]),
        (joint(1), &[]),
        (joint(4), &most),
        (joint(3), &[4]),
    ];
    let batch = encode_batch(Form::Joint, &proofs);
    let pairs: Vec<u8> = proofs
        .iter()
        .flat_map(|(inputs, proof)| (inputs, *proof).encode())
        .collect();
    assert_eq!(batch, pairs);
    let read = decode_batch(Form::Joint, &batch).unwrap();
    assert_eq!(read.len(), proofs.len());
    for ((inputs, proof), (encoded, read)) in proofs.iter().zip(read) {
        assert_eq!(encoded, inputs.encode());
        assert_eq!(read, *proof);
    }
}

#[test]
fn joint_batches_beyond_the_bounds_are_refused() {
    let read = |batch: &[u8]| decode_batch(Form::Joint, batch).is_some();
    let proof: &[u8] = &[];
    assert!(read(&encode_batch(
        Form::Joint,
        &vec![(joint(2), proof); MAX_BATCH]
    )));
    assert!(!read(&encode_batch(
        Form::Joint,
        &vec![(joint(2), proof); MAX_BATCH + 1]
    )));
    let long = vec![0; Form::Joint.max_proof() + 1];
    assert!(!read(&(joint(2), &long).encode()));
    let written = encode_batch(Form::Joint, &[(joint(2), &long[..])]);
    assert_eq!(decode_batch(Form::Joint, &written).unwrap()[0].1, [0u8; 0]);
    let tag = joint(1).first().issuer_tag;
    for (further, is_read) in [(3, true), (4, false), (1000, false)] {
        let batch = ((inputs(1), vec![tag; further]), proof).encode();
        assert_eq!(read(&batch), is_read, "{further} further tags");
    }
    let claims_4_gigabytes = [inputs(1).encode(), codec::Compact(u32::MAX).encode()].concat();
    assert!(!read(&claims_4_gigabytes));
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
        for form in [Form::Single, Form::Joint] {
            if let Some(read) = decode_batch(form, &bytes) {
                let again: Vec<u8> =
                    read.iter().flat_map(|(inputs, proof)| [inputs.to_vec(), proof.encode()].concat()).collect();
                prop_assert_eq!(&again, &bytes);
            }
        }
    }

    #[test]
    fn altered_joint_batches_are_read_as_what_they_say_or_not_at_all(
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
    ) {
        let mut batch = encode_batch(Form::Joint, &[(joint(2), &[1; 9][..]), (joint(1), &[2; 9]), (joint(4), &[3; 9])]);
        let at = at.index(batch.len());
        batch[at] = to;
        if let Some(read) = decode_batch(Form::Joint, &batch) {
            let again: Vec<u8> =
                read.iter().flat_map(|(inputs, proof)| [inputs.to_vec(), proof.encode()].concat()).collect();
            prop_assert_eq!(again, batch);
        }
    }
}
