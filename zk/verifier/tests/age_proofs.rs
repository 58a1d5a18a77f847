//! Proofs about ages: what the verifier takes, and everything it must not.

use codec::Encode;
use ff::Field;
use ofage_circuit::sample::{sample, simulated};
use ofage_primitives::{
    presentation::PROOF_LENGTH_V1, Assurance, CircuitId, Day, DesignatedVerifier, Element, Flags, Fp,
    IssuerTag, Nullifier, PublicInputs, RegistryRoot, Scope, Signal, TrustListRoot,
};
use ofage_prover::Prover;
use ofage_verifier::{decode_inputs, BadProof, BatchError, Verifier, VerifyError};
use proptest::prelude::*;
use std::{num::NonZeroUsize, sync::OnceLock, thread};

const V1: CircuitId = CircuitId::V1;
const PIECE: usize = 32;

/// A proof of holder `n`. Another one each time.
fn prove(n: u64) -> (PublicInputs, Vec<u8>) {
    let (inputs, witness) = sample(n);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    (inputs, proof.into_bytes())
}

/// Proofs of some holders, made once.
fn good() -> &'static [(PublicInputs, Vec<u8>)] {
    static GOOD: OnceLock<Vec<(PublicInputs, Vec<u8>)>> = OnceLock::new();
    GOOD.get_or_init(|| (0..6).map(prove).collect())
}

/// One of them, for tests that need no more.
fn one() -> &'static (PublicInputs, Vec<u8>) {
    static ONE: OnceLock<(PublicInputs, Vec<u8>)> = OnceLock::new();
    ONE.get_or_init(|| prove(0))
}

fn verify(inputs: &PublicInputs, proof: &[u8]) -> Result<(), VerifyError> {
    Verifier::new().verify(V1, inputs, proof)
}

/// Every public input, changed one at a time.
fn mutations(inputs: &PublicInputs) -> Vec<PublicInputs> {
    let next = |element: Element| Element::from(Fp::from(element) + Fp::ONE);
    let later = |day: &mut Day| *day = day.checked_add(1).unwrap_or(Day::MIN);
    let change: [&dyn Fn(&mut PublicInputs); PublicInputs::COUNT] = [
        &|i| i.registry_root = RegistryRoot::from_element(next(i.registry_root.element())),
        &|i| i.trust_list_root = TrustListRoot::from_element(next(i.trust_list_root.element())),
        &|i| later(&mut i.bounds.born_on_or_before),
        &|i| later(&mut i.bounds.born_on_or_after),
        &|i| later(&mut i.bounds.checked_on_or_after),
        &|i| later(&mut i.bounds.enrolled_on_or_before),
        &|i| later(&mut i.bounds.valid_on),
        &|i| i.bounds.min_assurance = Assurance::Verified,
        &|i| i.bounds.flags_required = Flags(i.bounds.flags_required.0 ^ 1),
        &|i| i.bounds.flags_forbidden = Flags(i.bounds.flags_forbidden.0 ^ 2),
        &|i| i.scope = Scope::from_element(next(i.scope.element())),
        &|i| i.bounds.slots += 1,
        &|i| i.nullifier = Nullifier::from_element(next(i.nullifier.element())),
        &|i| i.issuer_tag = IssuerTag::from_element(next(i.issuer_tag.element())),
        &|i| i.designated_verifier = DesignatedVerifier::from_element(next(i.designated_verifier.element())),
        &|i| i.signal = Signal::from_element(next(i.signal.element())),
    ];
    change
        .iter()
        .map(|change| {
            let mut changed = *inputs;
            change(&mut changed);
            changed
        })
        .collect()
}

mod accepts {
    use super::*;

    #[test]
    fn the_stored_proof_of_version_1() {
        let inputs = decode_inputs(include_bytes!("../../circuit/fixtures/v1.inputs")).unwrap();
        assert_eq!(
            verify(&inputs, include_bytes!("../../circuit/fixtures/v1.proof")),
            Ok(())
        );
    }

    #[test]
    fn a_proof_of_its_own_inputs() {
        for (inputs, proof) in good() {
            assert_eq!(verify(inputs, proof), Ok(()));
        }
    }

    #[test]
    fn a_proof_that_its_designated_verifier_simulated() {
        let (inputs, witness) = simulated(1);
        let proof = Prover::new().prove(&inputs, &witness).unwrap().into_bytes();
        assert_eq!(verify(&inputs, &proof), Ok(()));
        let undesignated = PublicInputs {
            designated_verifier: DesignatedVerifier::public(),
            ..inputs
        };
        assert_eq!(verify(&undesignated, &proof), Err(VerifyError::Refused));
    }

    #[test]
    fn proofs_of_the_published_length() {
        let length = PROOF_LENGTH_V1 as usize;
        assert_eq!(Verifier::new().proof_length(V1), Ok(length));
        assert!(good().iter().all(|(_, proof)| proof.len() == length));
    }

    #[test]
    fn the_encoding_of_public_inputs() {
        for (inputs, _) in good() {
            assert_eq!(decode_inputs(&inputs.encode()), Ok(*inputs));
        }
    }
}

mod refuses {
    use super::*;

    #[test]
    fn circuits_that_it_does_not_know() {
        let (inputs, proof) = one();
        for number in [0, 2, 3, 0x0100, u16::MAX] {
            let (unknown, verifier) = (CircuitId(number), Verifier::new());
            let reason = VerifyError::UnknownCircuit(unknown);
            assert_eq!(verifier.verify(unknown, inputs, proof), Err(reason));
            assert_eq!(verifier.proof_length(unknown), Err(reason));
            let batch = [(*inputs, &proof[..]), (*inputs, &proof[..])];
            let bad = vec![BadProof { index: 0, reason }, BadProof { index: 1, reason }];
            assert_eq!(verifier.verify_batch(unknown, &batch), Err(BatchError::Bad(bad)));
            assert_eq!(verifier.verify_batch(unknown, &[]), Err(BatchError::Empty));
        }
    }

    #[test]
    fn each_public_input_that_was_changed() {
        let (inputs, proof) = one();
        for (position, changed) in mutations(inputs).iter().enumerate() {
            let differing: Vec<usize> = (0..PublicInputs::COUNT)
                .filter(|at| changed.to_fields()[*at] != inputs.to_fields()[*at])
                .collect();
            assert_eq!(
                differing,
                [position],
                "the mutation changes the input it is for, and no other"
            );
            assert_eq!(
                verify(changed, proof),
                Err(VerifyError::Refused),
                "public input {position}"
            );
        }
    }

    #[test]
    fn a_flipped_bit_in_every_byte() {
        let (inputs, proof) = one();
        let check = |positions: &mut dyn Iterator<Item = usize>| {
            let mut damaged = proof.clone();
            for position in positions {
                let bit = 1 << (position % 8);
                damaged[position] ^= bit;
                match verify(inputs, &damaged) {
                    Err(VerifyError::Refused) => {}
                    found => {
                        let offset = position / PIECE * PIECE;
                        assert_eq!(
                            found,
                            Err(VerifyError::NonCanonical { offset }),
                            "byte {position}"
                        );
                    }
                }
                damaged[position] ^= bit;
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| check(&mut (0..proof.len()).step_by(2)));
            check(&mut (1..proof.len()).step_by(2));
        });
    }

    #[test]
    fn the_other_sign_of_every_point_and_a_top_bit_on_every_scalar() {
        let (inputs, proof) = one();
        for offset in (0..proof.len()).step_by(PIECE) {
            let mut damaged = proof.clone();
            damaged[offset + PIECE - 1] ^= 0x80;
            let found = verify(inputs, &damaged);
            assert!(
                matches!(found, Err(VerifyError::Refused))
                    || found == Err(VerifyError::NonCanonical { offset }),
                "{found:?}"
            );
        }
    }

    #[test]
    fn whatever_is_longer_or_shorter() {
        let (inputs, proof) = one();
        let expected = proof.len();
        for found in (0..expected).step_by(7).chain([expected - 1]) {
            assert_eq!(
                verify(inputs, &proof[..found]),
                Err(VerifyError::Length { expected, found })
            );
        }
        for padding in [1, 31, 32, 64, 100_000] {
            let mut padded = proof.clone();
            padded.resize(expected + padding, 0);
            let found = expected + padding;
            assert_eq!(
                verify(inputs, &padded),
                Err(VerifyError::Length { expected, found })
            );
        }
        let twice = proof.repeat(2);
        assert_eq!(
            verify(inputs, &twice),
            Err(VerifyError::Length {
                expected,
                found: 2 * expected
            })
        );
    }

    #[test]
    fn zeros_and_ones() {
        let (inputs, proof) = one();
        for byte in [0x00, 0xff] {
            let filled = vec![byte; proof.len()];
            assert_eq!(
                verify(inputs, &filled),
                Err(VerifyError::NonCanonical { offset: 0 })
            );
        }
    }

    #[test]
    fn infinity_in_the_place_of_any_point() {
        let (inputs, proof) = one();
        for offset in (0..proof.len()).step_by(PIECE) {
            let mut damaged = proof.clone();
            damaged[offset..offset + PIECE].fill(0);
            let found = verify(inputs, &damaged);
            // Zero is a scalar like any other, but not the one that belongs there.
            assert!(
                matches!(found, Err(VerifyError::Refused))
                    || found == Err(VerifyError::NonCanonical { offset }),
                "{found:?}"
            );
        }
    }

    #[test]
    fn the_proof_of_somebody_else() {
        for (position, (inputs, _)) in good().iter().enumerate() {
            let (_, other) = &good()[(position + 1) % good().len()];
            assert_eq!(verify(inputs, other), Err(VerifyError::Refused));
        }
    }

    #[test]
    fn proofs_spliced_from_two_of_the_same_statement() {
        let ((inputs, first), (_, second)) = (&prove(0), &prove(0));
        assert_eq!((verify(inputs, first), verify(inputs, second)), (Ok(()), Ok(())));
        for cut in (PIECE..first.len()).step_by(PIECE) {
            let spliced = [&first[..cut], &second[cut..]].concat();
            assert_eq!(
                verify(inputs, &spliced),
                Err(VerifyError::Refused),
                "cut at byte {cut}"
            );
        }
    }

    #[test]
    fn encoded_inputs_that_are_not_exactly_one_canonical_set() {
        let encoded = one().0.encode();
        for cut in 0..encoded.len() {
            assert_eq!(decode_inputs(&encoded[..cut]), Err(VerifyError::Inputs));
        }
        for extra in [&[0u8][..], &encoded[..]] {
            assert_eq!(
                decode_inputs(&[&encoded[..], extra].concat()),
                Err(VerifyError::Inputs)
            );
        }
        let mut beyond_the_modulus = encoded;
        beyond_the_modulus[..32].fill(0xff);
        assert_eq!(decode_inputs(&beyond_the_modulus), Err(VerifyError::Inputs));
    }
}

mod batches {
    use super::*;

    fn both(proofs: &[(PublicInputs, &[u8])]) -> Result<(), BatchError> {
        let verifier = Verifier::new();
        let answer = verifier.verify_batch(V1, proofs);
        let two = NonZeroUsize::new(2).unwrap();
        assert_eq!(verifier.verify_batch_parallel(V1, proofs, two), answer);
        answer
    }

    fn batch() -> Vec<(PublicInputs, &'static [u8])> {
        good()
            .iter()
            .map(|(inputs, proof)| (*inputs, &proof[..]))
            .collect()
    }

    #[test]
    fn of_good_proofs_are_accepted() {
        assert_eq!(both(&batch()), Ok(()));
        assert_eq!(both(&batch()[..1]), Ok(()));
    }

    #[test]
    fn without_proofs_are_an_error() {
        assert_eq!(both(&[]), Err(BatchError::Empty));
    }

    #[test]
    fn name_every_bad_proof_with_its_reason() {
        let mut flipped = good()[2].1.clone();
        let at = flipped.len() - PIECE;
        flipped[at] ^= 1;
        let mut batch = batch();
        batch[0].1 = &batch[0].1[1..];
        batch[2].1 = &flipped;
        batch[5].0 = mutations(&batch[5].0)[15];
        let expected = PROOF_LENGTH_V1 as usize;
        let bad = vec![
            BadProof {
                index: 0,
                reason: VerifyError::Length {
                    expected,
                    found: expected - 1,
                },
            },
            BadProof {
                index: 2,
                reason: VerifyError::Refused,
            },
            BadProof {
                index: 5,
                reason: VerifyError::Refused,
            },
        ];
        assert_eq!(both(&batch), Err(BatchError::Bad(bad)));
    }

    #[test]
    fn name_both_of_two_proofs_that_changed_places() {
        let mut batch = batch();
        (batch[1].1, batch[4].1) = (batch[4].1, batch[1].1);
        assert_eq!(both(&batch).unwrap_err().indices(), [1, 4]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_bytes_are_refused_whatever_their_length(bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
        prop_assert!(verify(&one().0, &bytes).is_err());
        prop_assert!(decode_inputs(&bytes).is_err());
    }

    #[test]
    fn hostile_bytes_of_the_right_length_are_refused(
        start in any::<prop::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..200),
    ) {
        let (inputs, proof) = one();
        let start = start.index(proof.len() - bytes.len());
        let mut damaged = proof.clone();
        damaged[start..start + bytes.len()].copy_from_slice(&bytes);
        prop_assert!(damaged == *proof || verify(inputs, &damaged).is_err());
    }

    #[test]
    fn hostile_inputs_decode_to_what_encodes_to_them_or_not_at_all(
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut encoded = one().0.encode();
        let position = position.index(encoded.len());
        encoded[position] = byte;
        if let Ok(inputs) = decode_inputs(&encoded) {
            prop_assert_eq!(inputs.encode(), encoded);
        }
    }
}
