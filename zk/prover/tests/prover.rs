//! Proofs verify, and only statements that hold are proved.

use halo2_proofs::{
    plonk::{verify_proof, SingleVerifier},
    transcript::{Blake2bRead, Challenge255},
};
use ofage_circuit::{keys, sample};
use ofage_primitives::{DesignatedVerifier, Element, Fp, Nullifier, PublicInputs, VerifierSecret};
use ofage_prover::{ProveError, Prover, Violation, Witness, PROOF_LENGTH};
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

/// halo2's own verifier: whether `proof` proves all the statements.
fn all_hold(inputs: &[PublicInputs], proof: &[u8]) -> bool {
    let public: Vec<[Fp; PublicInputs::COUNT]> = inputs.iter().map(PublicInputs::to_fields).collect();
    let columns: Vec<[&[Fp]; 1]> = public.iter().map(|fields| [&fields[..]]).collect();
    let instances: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(proof);
    let strategy = SingleVerifier::new(keys::params());
    verify_proof(
        keys::params(),
        keys::verifying_key(),
        strategy,
        &instances,
        &mut transcript,
    )
    .is_ok()
}

mod of_several_issuers {
    use super::*;
    use ofage_primitives::{
        policy::MAX_ISSUERS, presentation::proof_length_v1, IssuerTag, JointInputs, TagsError,
    };

    #[test]
    fn a_proof_verifies_and_has_its_exact_length() {
        for issuers in 1..=MAX_ISSUERS {
            let (inputs, witnesses) = sample::joint(1, issuers.into());
            let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
            assert_eq!(proof.as_bytes().len(), proof_length_v1(issuers) as usize);
            let instances: Vec<PublicInputs> = inputs.instances().collect();
            assert_eq!(instances.len(), usize::from(issuers));
            assert!(all_hold(&instances, proof.as_bytes()));
        }
    }

    #[test]
    fn a_proof_of_one_is_a_proof_as_it_ever_was() {
        let (inputs, witness) = sample::sample(1);
        let proof = Prover::new().prove_joint(&inputs.into(), &[witness]).unwrap();
        assert_eq!(proof.as_bytes().len(), PROOF_LENGTH);
        assert!(holds(&inputs, proof.as_bytes()));
    }

    #[test]
    fn two_proofs_and_the_halves_of_one_have_nothing_in_common() {
        let (inputs, witnesses) = sample::joint(1, 2);
        let [a, b] = [0, 1].map(|_| {
            let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
            proof.into_bytes()
        });
        let mut pieces: Vec<&[u8]> = a.chunks(32).chain(b.chunks(32)).collect();
        let count = pieces.len();
        pieces.sort_unstable();
        pieces.dedup();
        assert_eq!(pieces.len(), count);
    }

    #[test]
    fn a_designated_verifier_proves_without_any_attestation() {
        let (inputs, witness) = sample::simulated(1);
        let mut tags = [1, 2].map(|n| IssuerTag::from_element(Element::from_u64(n)));
        tags.sort_unstable();
        let joint = JointInputs::new(
            PublicInputs {
                issuer_tag: tags[0],
                ..inputs
            },
            &tags[1..],
        )
        .unwrap();
        let proof = Prover::new()
            .prove_joint(&joint, &[witness.clone(), witness])
            .unwrap();
        let instances: Vec<PublicInputs> = joint.instances().collect();
        assert!(all_hold(&instances, proof.as_bytes()));
    }

    /// The prover's answer.
    fn refused(inputs: &JointInputs, witnesses: &[Witness]) -> ProveError {
        Prover::new().prove_joint(inputs, witnesses).unwrap_err()
    }

    #[test]
    fn other_than_a_witness_for_each_tag_is_refused() {
        let (inputs, witnesses) = sample::joint(1, 3);
        for count in [0, 1, 2] {
            let witnesses = &witnesses[..count];
            let expected = ProveError::WitnessCount {
                issuers: 3,
                witnesses: count,
            };
            assert_eq!(refused(&inputs, witnesses), expected);
        }
        let more = [&witnesses[..], &witnesses[..1]].concat();
        let expected = ProveError::WitnessCount {
            issuers: 3,
            witnesses: 4,
        };
        assert_eq!(refused(&inputs, &more), expected);
    }

    #[test]
    fn witnesses_in_another_order_than_the_tags_are_refused() {
        let (inputs, mut witnesses) = sample::joint(1, 2);
        witnesses.swap(0, 1);
        assert_eq!(
            refused(&inputs, &witnesses),
            ProveError::Statement(Violation::IssuerTag)
        );
    }

    #[test]
    fn one_witness_in_two_places_is_refused() {
        let (inputs, witnesses) = sample::joint(1, 2);
        for witness in witnesses {
            let twice = [witness.clone(), witness];
            assert_eq!(
                refused(&inputs, &twice),
                ProveError::Statement(Violation::IssuerTag)
            );
        }
    }

    #[test]
    fn two_attestations_of_one_issuer_have_one_tag_and_are_refused() {
        let (inputs, witnesses) = sample::joint(1, 2);
        let mut again = witnesses[0].clone();
        again.ext = witnesses[1].ext.clone();
        let first = sample::settle(*inputs.first(), &witnesses[0]);
        let second = sample::settle(*inputs.first(), &again);
        assert!(first.registry_root != second.registry_root, "another attestation");
        assert_eq!(
            JointInputs::new(first, &[second.issuer_tag]).unwrap_err(),
            TagsError::Repeated
        );
    }

    #[test]
    fn a_secret_that_is_not_the_nullifier_s_is_refused_in_each_place() {
        let (inputs, witnesses) = sample::joint(1, 3);
        let (_, of_another) = sample::joint(2, 3);
        for place in 0..3 {
            let mut mixed = witnesses.clone();
            mixed[place] = of_another[place].clone();
            // The paths are those of another registry, which is noticed first.
            assert_eq!(
                refused(&inputs, &mixed),
                ProveError::Statement(Violation::RegistryRoot)
            );
        }
    }

    #[test]
    fn two_secrets_under_the_same_roots_are_refused_for_the_nullifier() {
        let [(first, one), (second, other)] = sample::strangers(1);
        assert!(first.registry_root == second.registry_root);
        assert!(first.trust_list_root == second.trust_list_root);
        assert!(first.nullifier != second.nullifier);
        let witnesses = [one, other];
        for nullifier in [first.nullifier, second.nullifier] {
            let shared = PublicInputs { nullifier, ..first };
            let joint = JointInputs::new(shared, &[second.issuer_tag]).unwrap();
            assert_eq!(
                refused(&joint, &witnesses),
                ProveError::Statement(Violation::Nullifier)
            );
        }
    }

    #[test]
    fn two_slots_of_one_secret_are_refused_for_the_nullifier() {
        let (inputs, mut witnesses) = sample::joint(1, 2);
        witnesses[1].slot ^= 1;
        let further = sample::settle(*inputs.first(), &witnesses[1]).issuer_tag;
        let mut tags = [inputs.first().issuer_tag, further];
        if tags[0] > tags[1] {
            tags.swap(0, 1);
            witnesses.swap(0, 1);
        }
        let first = PublicInputs {
            issuer_tag: tags[0],
            ..*inputs.first()
        };
        let joint = JointInputs::new(first, &tags[1..]).unwrap();
        assert_eq!(
            refused(&joint, &witnesses),
            ProveError::Statement(Violation::Nullifier)
        );
    }

    #[test]
    fn an_attestation_that_does_not_show_the_age_spoils_the_others() {
        let (inputs, witnesses) = sample::joint(1, 2);
        let late = PublicInputs {
            bounds: ofage_primitives::Bounds {
                born_on_or_before: "1980-01-01".parse().unwrap(),
                ..inputs.first().bounds
            },
            ..*inputs.first()
        };
        let further: Vec<IssuerTag> = inputs.issuer_tags().skip(1).collect();
        let late = JointInputs::new(late, &further).unwrap();
        assert_eq!(
            refused(&late, &witnesses),
            ProveError::Statement(Violation::BornOnOrBefore)
        );
    }
}
