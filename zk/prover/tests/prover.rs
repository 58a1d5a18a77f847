//! Proofs verify, and only statements that hold are proved.

use halo2_proofs::{
    plonk::{verify_proof, SingleVerifier},
    transcript::{Blake2bRead, Challenge255},
};
use ofage_circuit::{keys, sample};
use ofage_primitives::{DesignatedVerifier, Element, Fp, Nullifier, PublicInputs, VerifierSecret};
use ofage_prover::{ProveError, Prover, Violation, PROOF_LENGTH};
use pasta_curves::EqAffine;

/// halo2's own verifier: whether `proof` proves the statement.
fn holds(inputs: &PublicInputs, proof: &[u8]) -> bool {
    let public: &[Fp] = &inputs.to_fields();
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(proof);
    let strategy = SingleVerifier::new(keys::params());
    verify_proof(
        keys::params(),
        keys::verifying_key(),
        strategy,
        &[&[public]],
        &mut transcript,
    )
    .is_ok()
}

#[test]
fn a_proof_verifies_and_has_its_exact_length() {
    let (inputs, witness) = sample::sample(1);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    assert_eq!(proof.as_bytes().len(), PROOF_LENGTH);
    assert!(holds(&inputs, proof.as_bytes()));
}

#[test]
fn two_proofs_of_one_statement_have_nothing_in_common() {
    let (inputs, witness) = sample::sample(1);
    let [a, b] = [0, 1].map(|_| Prover::new().prove(&inputs, &witness).unwrap().into_bytes());
    assert!(a.chunks(32).zip(b.chunks(32)).all(|(a, b)| a != b));
}

#[test]
fn a_designated_verifier_proves_without_any_attestation() {
    let (inputs, witness) = sample::simulated(1);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    assert!(holds(&inputs, proof.as_bytes()));
    // The same proof does not convince under the public constant.
    let public = PublicInputs {
        designated_verifier: DesignatedVerifier::public(),
        ..inputs
    };
    assert!(!holds(&public, proof.as_bytes()));
}

mod refuses {
    use super::*;

    #[test]
    fn to_simulate_under_the_public_constant() {
        let (mut inputs, witness) = sample::simulated(1);
        inputs.designated_verifier = DesignatedVerifier::public();
        let refusal = Prover::new().prove(&inputs, &witness).unwrap_err();
        assert_eq!(refusal, ProveError::Statement(Violation::DesignatedVerifier));
    }

    #[test]
    fn to_simulate_with_the_key_of_somebody_else() {
        let (inputs, mut witness) = sample::simulated(1);
        witness.designated = Some(VerifierSecret::from_uniform(&[9; 64]));
        let refusal = Prover::new().prove(&inputs, &witness).unwrap_err();
        assert_eq!(refusal, ProveError::Statement(Violation::DesignatedVerifier));
    }

    #[test]
    fn a_statement_that_does_not_hold() {
        let (mut inputs, witness) = sample::sample(1);
        inputs.nullifier = Nullifier::from_element(Element::ZERO);
        assert_eq!(
            Prover::new().prove(&inputs, &witness).unwrap_err(),
            ProveError::Statement(Violation::Nullifier)
        );
    }

    #[test]
    fn a_slot_that_the_policy_does_not_have() {
        let (inputs, mut witness) = sample::sample(1);
        witness.slot = inputs.bounds.slots;
        let inputs = sample::settle(inputs, &witness);
        assert_eq!(
            Prover::new().prove(&inputs, &witness).unwrap_err(),
            ProveError::Statement(Violation::Slots)
        );
    }
}

#[test]
fn errors_say_what_to_do_and_nothing_of_the_witness() {
    let (mut inputs, witness) = sample::sample(1);
    inputs.bounds.born_on_or_before = "1980-01-01".parse().unwrap();
    let text = Prover::new().prove(&inputs, &witness).unwrap_err().to_string();
    assert_eq!(
        text,
        "the statement does not hold: the attestation does not show the age that is asked at least"
    );
}

#[test]
fn a_proof_with_any_byte_changed_is_refused() {
    let (inputs, witness) = sample::sample(2);
    let proof = Prover::new().prove(&inputs, &witness).unwrap().into_bytes();
    // One byte of each of the proof's pieces; halo2 stops at the first that is wrong, so this is quick.
    for at in (0..proof.len()).step_by(32 * 7) {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        assert!(!holds(&inputs, &changed), "byte {at}");
    }
}
