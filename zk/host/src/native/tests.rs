//! What the node answers, with and without a memo.

use super::*;
use codec::Encode;
use ofage_circuit::sample::sample;
use ofage_primitives::{Element, LayerHasher, NativeHasher};
use ofage_prover::Prover;
use proptest::prelude::*;

mod joint;

const V1: u16 = CircuitId::V1.0;

type Proofs = Vec<(PublicInputs, Vec<u8>)>;

/// A proof of holder `n`. Another one each time.
fn prove(n: u64) -> (PublicInputs, Vec<u8>) {
    let (inputs, witness) = sample(n);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    (inputs, proof.into_bytes())
}

/// Proofs of some holders, made once.
fn good() -> &'static Proofs {
    static GOOD: OnceLock<Proofs> = OnceLock::new();
    GOOD.get_or_init(|| (0..4).map(prove).collect())
}

fn with_memo() -> Engine {
    Engine::new(Some(Memo::new(100)))
}

fn without_memo() -> Engine {
    Engine::new(None)
}

fn key(inputs: &PublicInputs, proof: &[u8]) -> Key {
    Key::of(CircuitId::V1, &inputs.encode(), proof)
}

fn verify(engine: &Engine, inputs: &PublicInputs, proof: &[u8]) -> bool {
    engine.verify(Form::Single, V1, &inputs.encode(), proof)
}

/// The answer to a batch: whether all hold, and the bitmap.
fn verify_batch(engine: &Engine, proofs: &Proofs) -> (bool, Vec<u8>) {
    // Full of ones, to see that nothing of it is left.
    let mut bits = vec![0xff; bitmap_length(proofs.len())];
    (
        engine.verify_batch(Form::Single, V1, &proofs.encode()[1..], &mut bits),
        bits,
    )
}

/// Changes the last number of a proof.
fn spoil(proof: &mut [u8]) {
    let last_number = proof.len() - ELEMENT;
    proof[last_number] ^= 1;
}

#[test]
fn a_short_vector_is_a_batch_behind_one_byte_of_length() {
    let proofs: Vec<(PublicInputs, &[u8])> = good()
        .iter()
        .map(|(inputs, proof)| (*inputs, &proof[..]))
        .collect();
    assert_eq!(
        good().encode()[1..],
        crate::wire::encode_batch(Form::Single, &proofs)
    );
}

#[test]
fn good_proofs_are_accepted_again_and_again() {
    for engine in [with_memo(), without_memo()] {
        for (inputs, proof) in good().iter().chain(good()) {
            assert!(verify(&engine, inputs, proof));
        }
        assert_eq!(verify_batch(&engine, good()), (true, vec![0b1111]));
    }
}

mod the_memo {
    use super::*;

    fn remembered(engine: &Engine, inputs: &PublicInputs, proof: &[u8]) -> bool {
        engine.remembers(&key(inputs, proof))
    }

    #[test]
    fn keeps_what_held_and_nothing_that_did_not() {
        let engine = with_memo();
        let (inputs, proof) = &good()[0];
        assert!(!remembered(&engine, inputs, proof));
        assert!(verify(&engine, inputs, proof));
        assert!(remembered(&engine, inputs, proof));

        let (_, other) = &good()[1];
        let mut spoilt = proof.clone();
        spoil(&mut spoilt);
        for bad in [other, &spoilt, &proof[1..].to_vec(), &vec![0; proof.len()]] {
            assert!(!verify(&engine, inputs, bad));
            assert!(!remembered(&engine, inputs, bad));
            assert!(!verify(&engine, inputs, bad));
        }
    }

    #[test]
    fn is_asked_before_the_verifier() {
        let engine = with_memo();
        let (inputs, mut spoilt) = good()[0].clone();
        spoil(&mut spoilt);
        engine.remember(key(&inputs, &spoilt));
        assert!(
            verify(&engine, &inputs, &spoilt),
            "the only way to take a bad proof: to have remembered it"
        );
        assert_eq!(verify_batch(&engine, &vec![(inputs, spoilt)]), (true, vec![1]));
    }

    #[test]
    fn says_nothing_about_another_circuit_other_inputs_or_another_proof() {
        let engine = with_memo();
        let (inputs, proof) = &good()[0];
        assert!(verify(&engine, inputs, proof));
        assert!(!engine.verify(Form::Single, V1 + 1, &inputs.encode(), proof));
        for (other_inputs, other_proof) in &good()[1..] {
            assert!(!verify(&engine, other_inputs, proof));
            assert!(!verify(&engine, inputs, other_proof));
        }
    }

    #[test]
    fn is_filled_by_batches_proof_by_proof() {
        let engine = with_memo();
        let mut proofs = good().clone();
        spoil(&mut proofs[2].1);
        assert_eq!(verify_batch(&engine, &proofs), (false, vec![0b1011]));
        let kept: Vec<bool> = proofs
            .iter()
            .map(|(inputs, proof)| remembered(&engine, inputs, proof))
            .collect();
        assert_eq!(kept, [true, true, false, true]);
    }

    #[test]
    fn does_not_shift_the_positions_of_a_batch() {
        for known in 0..4 {
            let engine = with_memo();
            assert!(verify(&engine, &good()[known].0, &good()[known].1));
            let bad = (known + 1) % 4;
            let mut proofs = good().clone();
            spoil(&mut proofs[bad].1);
            assert_eq!(
                verify_batch(&engine, &proofs),
                (false, vec![0b1111 & !(1 << bad)])
            );
        }
    }

    #[test]
    fn never_holds_more_than_it_may() {
        let engine = Engine::new(Some(Memo::new(2)));
        assert_eq!(verify_batch(&engine, good()), (true, vec![0b1111]));
        let kept = good()
            .iter()
            .filter(|(inputs, proof)| remembered(&engine, inputs, proof))
            .count();
        assert_eq!(kept, 2);
    }

    #[test]
    fn of_the_process_is_off_when_benchmarking_only() {
        assert_eq!(engine().memo.is_none(), cfg!(feature = "runtime-benchmarks"));
    }
}

mod refuses {
    use super::*;

    #[test]
    fn circuits_that_it_does_not_know() {
        let (inputs, proof) = &good()[0];
        for engine in [with_memo(), without_memo()] {
            for circuit in [0, 2, u16::MAX] {
                assert!(!engine.verify(Form::Single, circuit, &inputs.encode(), proof));
                let mut bits = [0xff];
                assert!(!engine.verify_batch(Form::Single, circuit, &good().encode()[1..], &mut bits));
                assert_eq!(bits, [0]);
            }
        }
    }

    #[test]
    fn inputs_that_are_cut_off_padded_huge_or_not_canonical() {
        let engine = with_memo();
        let (inputs, proof) = &good()[0];
        let encoded = inputs.encode();
        let padded = [&encoded[..], &[0]].concat();
        let mut beyond_the_modulus = encoded.clone();
        beyond_the_modulus[..ELEMENT].fill(0xff);
        for bad in [
            &[][..],
            &encoded[1..],
            &padded,
            &beyond_the_modulus,
            &vec![0; 1 << 24],
        ] {
            assert!(!engine.verify(Form::Single, V1, bad, proof));
        }
    }

    #[test]
    fn proofs_of_any_other_length() {
        let engine = with_memo();
        let (inputs, proof) = &good()[0];
        let padded = [&proof[..], &[0]].concat();
        for bad in [&[][..], &proof[1..], &padded, &vec![0; 1 << 24]] {
            assert!(!verify(&engine, inputs, bad));
        }
    }

    #[test]
    fn batches_without_proofs() {
        assert!(!with_memo().verify_batch(Form::Single, V1, &[], &mut []));
    }

    #[test]
    fn batches_that_are_cut_off_without_telling_of_any_proof() {
        let engine = with_memo();
        let batch = good().encode()[1..].to_vec();
        for cut in (1..batch.len())
            .filter(|cut| cut % (batch.len() / 4) != 0)
            .step_by(97)
        {
            let mut bits = [0xff];
            assert!(!engine.verify_batch(Form::Single, V1, &batch[..cut], &mut bits));
            assert_eq!(bits, [0]);
        }
    }

    #[test]
    fn batches_whose_answer_has_not_exactly_the_room_it_needs() {
        let engine = with_memo();
        for room in [0, 2, 3, 1000] {
            let mut bits = vec![0xff; room];
            assert!(!engine.verify_batch(Form::Single, V1, &good().encode()[1..], &mut bits));
            assert_eq!(bits, vec![0; room]);
        }
    }

    #[test]
    fn only_the_bad_proofs_of_a_batch() {
        for engine in [with_memo(), without_memo()] {
            let mut proofs = good().clone();
            proofs[0].1.push(0);
            proofs[3].0 = proofs[2].0;
            assert_eq!(verify_batch(&engine, &proofs), (false, vec![0b0110]));
        }
    }

    #[test]
    fn inputs_of_a_batch_that_do_not_decode_and_takes_the_others() {
        let mut batch = good().encode()[1..].to_vec();
        batch[..ELEMENT].fill(0xff);
        let mut bits = [0];
        assert!(!with_memo().verify_batch(Form::Single, V1, &batch, &mut bits));
        assert_eq!(bits, [0b1110]);
    }
}

mod layers {
    use super::*;
    use crate::wire::encode_pairs;

    fn pairs(count: u64) -> Vec<[Element; 2]> {
        (0..count)
            .map(|n| [Element::from_u64(n), Element::from_u64(n << 40)])
            .collect()
    }

    /// Whether it answered, and what.
    fn hash(domain: u8, pairs: &[u8], room: usize) -> (bool, Vec<u8>) {
        let mut hashes = vec![0xff; room];
        (hash_layer(domain, pairs, &mut hashes), hashes)
    }

    #[test]
    fn are_hashed_as_in_the_runtime_under_every_tag() {
        for domain in Domain::ALL {
            for count in [0, 1, 2, 7] {
                let pairs = pairs(count);
                let native = NativeHasher::hash_layer(domain, &pairs);
                let expected: Vec<u8> = native.iter().flat_map(|hash| hash.to_bytes()).collect();
                assert_eq!(
                    hash(domain as u8, &encode_pairs(&pairs), expected.len()),
                    (true, expected)
                );
            }
        }
    }

    #[test]
    fn under_an_unknown_tag_are_refused() {
        for number in (0..=u8::MAX).filter(|number| Domain::try_from(*number).is_err()) {
            assert_eq!(hash(number, &encode_pairs(&pairs(2)), 64), (false, vec![0; 64]));
        }
    }

    #[test]
    fn with_an_element_that_is_not_canonical_are_refused_whole() {
        for position in 0..4 {
            let mut bytes = encode_pairs(&pairs(2));
            bytes[position * ELEMENT..(position + 1) * ELEMENT].fill(0xff);
            assert_eq!(hash(Domain::CapNode as u8, &bytes, 64), (false, vec![0; 64]));
        }
    }

    #[test]
    fn of_lengths_that_do_not_belong_together_are_refused() {
        let bytes = encode_pairs(&pairs(2));
        for room in [0, 32, 63, 65, 96, 128] {
            assert_eq!(hash(Domain::CapNode as u8, &bytes, room), (false, vec![0; room]));
        }
        for length in (0..=bytes.len()).filter(|length| length % 64 != 0) {
            assert!(!hash(Domain::CapNode as u8, &bytes[..length], length / 2).0);
        }
    }

    #[test]
    fn beyond_the_bound_are_refused_and_at_the_bound_hashed() {
        let most = encode_pairs(&pairs(MAX_LAYER as u64));
        assert!(hash(Domain::ShardNode as u8, &most, MAX_LAYER * ELEMENT).0);
        let more = encode_pairs(&pairs(MAX_LAYER as u64 + 1));
        let room = (MAX_LAYER + 1) * ELEMENT;
        assert_eq!(hash(Domain::ShardNode as u8, &more, room), (false, vec![0; room]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn hostile_bytes_never_panic_and_are_never_accepted(
        circuit in any::<u16>(),
        inputs in proptest::collection::vec(any::<u8>(), 0..600),
        proof in proptest::collection::vec(any::<u8>(), 0..5000),
        room in 0..20usize,
    ) {
        let engine = with_memo();
        prop_assert!(!engine.verify(Form::Single, circuit, &inputs, &proof));
        let mut bits = vec![0xff; room];
        prop_assert!(!engine.verify_batch(Form::Single, V1, &[inputs, proof].concat(), &mut bits));
        prop_assert_eq!(bits, vec![0; room]);
    }

    #[test]
    fn hostile_layers_never_panic(
        domain in any::<u8>(),
        pairs in proptest::collection::vec(any::<u8>(), 0..700),
        room in 0..400usize,
    ) {
        let mut hashes = vec![0xff; room];
        let answered = hash_layer(domain, &pairs, &mut hashes);
        prop_assert!(answered || hashes == vec![0; room]);
    }
}
