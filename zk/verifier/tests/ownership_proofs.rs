//! Proofs of ownership, made by the prover and checked by the verifier.

use ofage_circuit::ownership::{instance, keys::PROOF_LENGTH, OwnershipInputs};
use ofage_primitives::{
    hash_to_field, hashes, CircuitId, Element, HolderSecret, IdentityCommitment, IssuerId, Signal,
};
use ofage_prover::{prove_ownership, ProveError, Prover};
use ofage_verifier::{verify_ownership, Verifier, VerifyError};

fn element(name: &[u8]) -> Element {
    hash_to_field(b"ownership test", &[name])
}

fn secret(n: u8) -> HolderSecret {
    HolderSecret::from_uniform(&[n; 64])
}

fn inputs(n: u8) -> OwnershipInputs {
    let issuer_id = IssuerId::from_element(element(b"issuer"));
    OwnershipInputs {
        issuer_id,
        identity: hashes::identity_commitment(&secret(n), issuer_id),
        signal: Signal::from_element(element(b"signal")),
    }
}

#[test]
fn an_owner_is_believed() {
    let proof = prove_ownership(&inputs(1), &secret(1)).unwrap();
    assert_eq!(proof.as_bytes().len(), PROOF_LENGTH);
    verify_ownership(&inputs(1), proof.as_bytes()).unwrap();
}

#[test]
fn nobody_proves_to_own_anothers_commitment() {
    let refused = prove_ownership(&inputs(1), &secret(2)).err().unwrap();
    assert!(matches!(refused, ProveError::Ownership(_)));
}

mod rejects {
    use super::*;

    #[test]
    fn a_proof_for_other_inputs() {
        let proof = prove_ownership(&inputs(1), &secret(1)).unwrap();
        let other = element(b"other");
        let changed = [
            OwnershipInputs {
                issuer_id: IssuerId::from_element(other),
                ..inputs(1)
            },
            OwnershipInputs {
                identity: IdentityCommitment::from_element(other),
                ..inputs(1)
            },
            OwnershipInputs {
                signal: Signal::from_element(other),
                ..inputs(1)
            },
        ];
        assert_eq!(changed.len(), instance::COUNT);
        for inputs in changed {
            assert_eq!(
                verify_ownership(&inputs, proof.as_bytes()),
                Err(VerifyError::Refused)
            );
        }
    }

    #[test]
    fn a_proof_that_is_cut_off_or_padded() {
        let proof = prove_ownership(&inputs(1), &secret(1)).unwrap().into_bytes();
        for length in [0, 1, 32, proof.len() - 32, proof.len() - 1] {
            assert!(matches!(
                verify_ownership(&inputs(1), &proof[..length]),
                Err(VerifyError::Length { .. })
            ));
        }
        let padded = [&proof[..], &[0]].concat();
        assert!(matches!(
            verify_ownership(&inputs(1), &padded),
            Err(VerifyError::Length { .. })
        ));
    }

    #[test]
    fn every_altered_byte_and_every_uncanonical_number() {
        let proof = prove_ownership(&inputs(1), &secret(1)).unwrap().into_bytes();
        for at in 0..proof.len() {
            let mut changed = proof.clone();
            changed[at] ^= 0x40;
            assert!(verify_ownership(&inputs(1), &changed).is_err(), "byte {at}");
        }
        for piece in 0..proof.len() / 32 {
            let mut changed = proof.clone();
            changed[piece * 32..][..32].fill(0xff);
            assert_eq!(
                verify_ownership(&inputs(1), &changed),
                Err(VerifyError::NonCanonical { offset: piece * 32 })
            );
        }
    }

    #[test]
    fn proofs_of_ages_and_of_ownership_for_each_other() {
        let (age_inputs, witness) = ofage_circuit::sample::sample(1);
        let age = Prover::new().prove(&age_inputs, &witness).unwrap();
        assert!(matches!(
            verify_ownership(&inputs(1), age.as_bytes()),
            Err(VerifyError::Length { .. })
        ));
        let ownership = prove_ownership(&inputs(1), &secret(1)).unwrap();
        let padded = [
            ownership.as_bytes(),
            &age.as_bytes()[ownership.as_bytes().len()..],
        ]
        .concat();
        for proof in [ownership.as_bytes(), &padded] {
            assert!(Verifier::new().verify(CircuitId::V1, &age_inputs, proof).is_err());
        }
        let unknown = Verifier::new().verify(
            ofage_circuit::ownership::CIRCUIT,
            &age_inputs,
            ownership.as_bytes(),
        );
        assert!(matches!(unknown, Err(VerifyError::UnknownCircuit(_))));
    }
}
