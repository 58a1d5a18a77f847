//! Joint proofs, of several issuers: what the verifier takes, and every way to make fewer issuers look like more.

use codec::Encode;
use getrandom::SysRng;
use halo2_proofs::{
    plonk::{create_proof, verify_proof, SingleVerifier},
    transcript::{Blake2bRead, Blake2bWrite, Challenge255},
};
use ofage_circuit::{
    keys,
    sample::{joint, sample, settle, simulated, strangers},
    CircuitV1, Witness,
};
use ofage_primitives::{
    policy::MAX_ISSUERS,
    presentation::{proof_length_v1, MAX_PROOF},
    CircuitId, DesignatedVerifier, Element, Flags, Fp, IssuerTag, JointInputs, Nullifier, PublicInputs,
    RegistryRoot, Scope, Signal, TagsError, TrustListRoot,
};
use ofage_prover::Prover;
use ofage_verifier::{decode_joint_inputs, BatchError, Verifier, VerifyError};
use pasta_curves::EqAffine;
use proptest::prelude::*;
use rand_core::UnwrapErr;
use std::{num::NonZeroUsize, sync::OnceLock};

const V1: CircuitId = CircuitId::V1;
const PIECE: usize = 32;
const MOST: usize = MAX_ISSUERS as usize;

type Joint = (JointInputs, Vec<u8>);

/// A proof of holder `n` with some issuers. Another one each time.
fn prove(n: u64, issuers: usize) -> Joint {
    let (inputs, witnesses) = joint(n, issuers);
    let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
    (inputs, proof.into_bytes())
}

/// A proof of one holder, by number of issuers, made once.
fn good(issuers: usize) -> &'static Joint {
    static GOOD: OnceLock<Vec<Joint>> = OnceLock::new();
    &GOOD.get_or_init(|| (1..=MOST).map(|issuers| prove(1, issuers)).collect())[issuers - 1]
}

fn verify(inputs: &JointInputs, proof: &[u8]) -> Result<(), VerifyError> {
    Verifier::new().verify_joint(V1, inputs, proof)
}

/// What halo2 proves of any instances with any witnesses, as an attacker's software does: nothing is checked.
fn forge(statements: &[(PublicInputs, Witness)]) -> Vec<u8> {
    let circuits: Vec<CircuitV1> = statements
        .iter()
        .map(|(inputs, witness)| CircuitV1::new(inputs, witness))
        .collect();
    let public: Vec<[Fp; PublicInputs::COUNT]> =
        statements.iter().map(|(inputs, _)| inputs.to_fields()).collect();
    let columns: Vec<[&[Fp]; 1]> = public.iter().map(|fields| [&fields[..]]).collect();
    let instances: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::new());
    create_proof(
        keys::params(),
        keys::proving_key(),
        &circuits,
        &instances,
        UnwrapErr(SysRng),
        &mut transcript,
    )
    .unwrap();
    transcript.finalize()
}

/// Whether halo2 alone takes a proof for some instances, whatever these are.
fn halo2_alone(inputs: &[PublicInputs], proof: &[u8]) -> bool {
    let public: Vec<[Fp; PublicInputs::COUNT]> = inputs.iter().map(PublicInputs::to_fields).collect();
    let columns: Vec<[&[Fp]; 1]> = public.iter().map(|fields| [&fields[..]]).collect();
    let instances: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(proof);
    verify_proof(
        keys::params(),
        keys::verifying_key(),
        SingleVerifier::new(keys::params()),
        &instances,
        &mut transcript,
    )
    .is_ok()
}

fn tags(inputs: &JointInputs) -> Vec<IssuerTag> {
    inputs.issuer_tags().collect()
}

/// The same inputs with other tags.
fn with_tags(inputs: &JointInputs, tags: &[IssuerTag]) -> Result<JointInputs, TagsError> {
    let first = PublicInputs {
        issuer_tag: tags[0],
        ..*inputs.first()
    };
    JointInputs::new(first, &tags[1..])
}

/// The same tags with other inputs.
fn with_inputs(inputs: &JointInputs, change: impl Fn(&mut PublicInputs)) -> JointInputs {
    let mut first = *inputs.first();
    change(&mut first);
    JointInputs::new(first, &tags(inputs)[1..]).unwrap()
}

mod accepts {
    use super::*;

    #[test]
    fn the_stored_joint_proofs_of_version_1() {
        let stored: [(&[u8], &[u8]); 3] = [
            (
                include_bytes!("../../circuit/fixtures/v1-joint-2.inputs"),
                include_bytes!("../../circuit/fixtures/v1-joint-2.proof"),
            ),
            (
                include_bytes!("../../circuit/fixtures/v1-joint-3.inputs"),
                include_bytes!("../../circuit/fixtures/v1-joint-3.proof"),
            ),
            (
                include_bytes!("../../circuit/fixtures/v1-joint-4.inputs"),
                include_bytes!("../../circuit/fixtures/v1-joint-4.proof"),
            ),
        ];
        for ((inputs, proof), issuers) in stored.into_iter().zip(2..) {
            let inputs = decode_joint_inputs(inputs).unwrap();
            assert_eq!(inputs.count(), issuers);
            assert_eq!(verify(&inputs, proof), Ok(()));
        }
    }

    #[test]
    fn a_proof_of_any_number_of_issuers() {
        for issuers in 1..=MOST {
            let (inputs, proof) = good(issuers);
            assert_eq!(inputs.count(), issuers);
            assert_eq!(verify(inputs, proof), Ok(()));
        }
    }

    /// Lengths are part of what chains and wallets agreed on.
    #[test]
    fn proofs_of_the_published_lengths() {
        let published = [3_520, 5_376, 7_232, 9_088];
        assert_eq!(published.len(), MOST);
        for (issuers, length) in (1..).zip(published) {
            assert_eq!(proof_length_v1(issuers) as usize, length);
            let issuers = usize::from(issuers);
            assert_eq!(good(issuers).1.len(), length);
            assert_eq!(Verifier::new().joint_proof_length(V1, issuers), Ok(length));
            assert!(length <= MAX_PROOF);
        }
        assert_eq!(Verifier::new().proof_length(V1), Ok(published[0]));
        for issuers in [0, MOST + 1, usize::MAX] {
            let length = Verifier::new().joint_proof_length(V1, issuers);
            assert_eq!(length, Err(VerifyError::Inputs));
        }
    }

    #[test]
    fn a_proof_of_one_issuer_in_both_ways() {
        let inputs =
            ofage_verifier::decode_inputs(include_bytes!("../../circuit/fixtures/v1.inputs")).unwrap();
        let proof = include_bytes!("../../circuit/fixtures/v1.proof");
        assert_eq!(verify(&inputs.into(), proof), Ok(()));
        let (inputs, proof) = good(1);
        assert_eq!(
            Verifier::new().verify(V1, inputs.single().unwrap(), proof),
            Ok(())
        );
    }

    #[test]
    fn a_proof_that_its_designated_verifier_simulated() {
        let (first, witness) = simulated(1);
        let tag = |n| IssuerTag::from_element(Element::from_u64(n));
        let first = PublicInputs {
            issuer_tag: tag(1),
            ..first
        };
        let inputs = JointInputs::new(first, &[tag(2)]).unwrap();
        let proof = Prover::new()
            .prove_joint(&inputs, &[witness.clone(), witness])
            .unwrap()
            .into_bytes();
        assert_eq!(verify(&inputs, &proof), Ok(()));
        let public = with_inputs(&inputs, |i| i.designated_verifier = DesignatedVerifier::public());
        assert_eq!(verify(&public, &proof), Err(VerifyError::Refused));
    }

    #[test]
    fn the_encoding_of_joint_inputs() {
        for issuers in 1..=MOST {
            let (inputs, _) = good(issuers);
            assert_eq!(decode_joint_inputs(&inputs.encode()).as_ref(), Ok(inputs));
        }
    }
}

mod refuses {
    use super::*;

    #[test]
    fn circuits_that_it_does_not_know() {
        let (inputs, proof) = good(2);
        for number in [0, 2, u16::MAX] {
            let unknown = CircuitId(number);
            let reason = VerifyError::UnknownCircuit(unknown);
            assert_eq!(Verifier::new().verify_joint(unknown, inputs, proof), Err(reason));
            assert_eq!(Verifier::new().joint_proof_length(unknown, 2), Err(reason));
            let batch = [(inputs.clone(), &proof[..])];
            let answer = Verifier::new().verify_joint_batch(unknown, &batch).unwrap_err();
            assert_eq!(answer.bad()[0].reason, reason);
        }
    }

    #[test]
    fn fewer_or_more_issuers_than_were_proved() {
        for made_for in 1..=MOST {
            let proof = &good(made_for).1;
            for shown_for in (1..=MOST).filter(|issuers| *issuers != made_for) {
                let (inputs, own) = good(shown_for);
                let (expected, found) = (own.len(), proof.len());
                assert_eq!(
                    verify(inputs, proof),
                    Err(VerifyError::Length { expected, found })
                );
                // Cut off or filled up to the length that is wanted.
                let mut zeros = proof.clone();
                zeros.resize(expected, 0);
                let cycled: Vec<u8> = proof.iter().cycle().take(expected).copied().collect();
                for resized in [zeros, cycled] {
                    assert!(matches!(
                        verify(inputs, &resized),
                        Err(VerifyError::Refused | VerifyError::NonCanonical { .. })
                    ));
                }
            }
        }
    }

    #[test]
    fn some_of_the_tags_that_were_proved() {
        for issuers in 2..=MOST {
            let (inputs, proof) = good(issuers);
            for left_out in 0..issuers {
                let mut fewer = tags(inputs);
                fewer.remove(left_out);
                let fewer = with_tags(inputs, &fewer).unwrap();
                let expected = proof_length_v1(fewer.count() as u8) as usize;
                let found = proof.len();
                assert_eq!(
                    verify(&fewer, proof),
                    Err(VerifyError::Length { expected, found })
                );
            }
        }
    }

    #[test]
    fn proofs_of_one_issuer_put_together() {
        let (inputs, witnesses) = joint(1, 2);
        let singles: Vec<Vec<u8>> = inputs
            .instances()
            .zip(&witnesses)
            .map(|(instance, witness)| Prover::new().prove(&instance, witness).unwrap().into_bytes())
            .collect();
        let expected = proof_length_v1(2) as usize;
        let both = singles.concat();
        let found = both.len();
        assert_eq!(
            verify(&inputs, &both),
            Err(VerifyError::Length { expected, found })
        );
        // Whatever fits of both, joined at any piece.
        let (first, second) = (&singles[0], &singles[1]);
        for cut in (expected - second.len()..=first.len()).step_by(PIECE) {
            let joined = [&first[..cut], &second[second.len() - (expected - cut)..]].concat();
            assert_eq!(joined.len(), expected);
            assert!(verify(&inputs, &joined).is_err());
        }
    }

    #[test]
    fn tags_in_another_order_by_their_type_and_by_the_proof() {
        for issuers in 2..=MOST {
            let (inputs, proof) = good(issuers);
            let instances: Vec<PublicInputs> = inputs.instances().collect();
            assert!(halo2_alone(&instances, proof));
            for at in 1..issuers {
                let mut swapped = tags(inputs);
                swapped.swap(at - 1, at);
                assert_eq!(with_tags(inputs, &swapped).unwrap_err(), TagsError::Unordered);
                let mut swapped = instances.clone();
                swapped.swap(at - 1, at);
                assert!(!halo2_alone(&swapped, proof));
            }
        }
    }

    /// Here the type is all that stands between one attestation and two: the proof holds.
    #[test]
    fn one_attestation_twice_by_the_type_alone() {
        let (inputs, witness) = sample(1);
        let proof = forge(&[(inputs, witness.clone()), (inputs, witness)]);
        assert_eq!(proof.len(), proof_length_v1(2) as usize);
        assert!(halo2_alone(&[inputs, inputs], &proof));
        assert_eq!(
            JointInputs::new(inputs, &[inputs.issuer_tag]).unwrap_err(),
            TagsError::Repeated
        );
        let encoded = (inputs, vec![inputs.issuer_tag]).encode();
        assert_eq!(decode_joint_inputs(&encoded), Err(VerifyError::Inputs));
        // And no tag beside the right one makes it a proof of two.
        for tag in [
            Element::ZERO,
            Element::from_u64(1),
            sample(2).0.issuer_tag.element(),
        ] {
            let mut tags = [inputs.issuer_tag, IssuerTag::from_element(tag)];
            tags.sort_unstable();
            let two = with_tags(&inputs.into(), &tags).unwrap();
            assert_eq!(verify(&two, &proof), Err(VerifyError::Refused));
        }
    }

    /// An issuer that attests twice gives one tag; a made-up tag for the second attestation is not proved.
    #[test]
    fn two_attestations_of_one_issuer() {
        let (inputs, witness) = sample(1);
        let mut again = witness.clone();
        again.ext = sample(2).1.ext;
        let second = settle(inputs, &again);
        assert!(second.registry_root != inputs.registry_root);
        assert!(second.issuer_tag == inputs.issuer_tag);
        let forged_tag = IssuerTag::from_element(sample(2).0.issuer_tag.element());
        let mut tags = [inputs.issuer_tag, forged_tag];
        tags.sort_unstable();
        let two = with_tags(&inputs.into(), &tags).unwrap();
        let statements: Vec<(PublicInputs, Witness)> = two
            .instances()
            .map(|instance| (instance, witness.clone()))
            .collect();
        assert_eq!(verify(&two, &forge(&statements)), Err(VerifyError::Refused));
    }

    /// Two holders who pool what they have: each statement holds by itself, but not with one nullifier.
    #[test]
    fn the_attestations_of_two_secrets() {
        let [first, second] = strangers(1);
        let each = [first.0, second.0];
        let honest = forge(&[first.clone(), second.clone()]);
        assert!(
            halo2_alone(&each, &honest),
            "halo2 does not know that inputs are shared"
        );
        for nullifier in each.map(|inputs| inputs.nullifier) {
            let shared =
                JointInputs::new(PublicInputs { nullifier, ..first.0 }, &[second.0.issuer_tag]).unwrap();
            assert_eq!(verify(&shared, &honest), Err(VerifyError::Refused));
            let statements: Vec<(PublicInputs, Witness)> = shared
                .instances()
                .zip([first.1.clone(), second.1.clone()])
                .collect();
            assert!(Prover::new()
                .prove_joint(&shared, &[first.1.clone(), second.1.clone()])
                .is_err());
            assert_eq!(verify(&shared, &forge(&statements)), Err(VerifyError::Refused));
        }
    }

    /// One secret in two slots has two nullifiers, as if it were two.
    #[test]
    fn the_attestations_of_two_slots() {
        let (inputs, mut witnesses) = joint(1, 2);
        witnesses[1].slot = 0;
        let mut statements: Vec<(PublicInputs, Witness)> = inputs
            .instances()
            .zip(witnesses)
            .map(|(inputs, witness)| (settle(inputs, &witness), witness))
            .collect();
        assert!(statements[0].0.nullifier != statements[1].0.nullifier);
        statements.sort_by_key(|(inputs, _)| inputs.issuer_tag);
        let proof = forge(&statements);
        for nullifier in [0, 1].map(|at: usize| statements[at].0.nullifier) {
            let first = PublicInputs {
                nullifier,
                ..statements[0].0
            };
            let shared = JointInputs::new(first, &[statements[1].0.issuer_tag]).unwrap();
            assert_eq!(verify(&shared, &proof), Err(VerifyError::Refused));
        }
    }

    #[test]
    fn one_false_statement_among_true_ones_wherever_it_is() {
        let (inputs, witnesses) = joint(1, 3);
        for place in 0..3 {
            let mut statements: Vec<(PublicInputs, Witness)> =
                inputs.instances().zip(witnesses.clone()).collect();
            statements[place].1.attributes =
                ofage_primitives::Attributes::new(ofage_primitives::attributes::Parts {
                    assurance: ofage_primitives::Assurance::SelfDeclared,
                    ..*witnesses[place].attributes.parts()
                })
                .unwrap();
            assert_eq!(verify(&inputs, &forge(&statements)), Err(VerifyError::Refused));
        }
    }

    #[test]
    fn each_input_that_was_changed() {
        let next = |element: Element| Element::from(Fp::from(element) + Fp::from(1));
        let later = |day: &mut ofage_primitives::Day| *day = day.checked_add(1).unwrap();
        let change: [&dyn Fn(&mut PublicInputs); PublicInputs::COUNT - 1] = [
            &|i| i.registry_root = RegistryRoot::from_element(next(i.registry_root.element())),
            &|i| i.trust_list_root = TrustListRoot::from_element(next(i.trust_list_root.element())),
            &|i| later(&mut i.bounds.born_on_or_before),
            &|i| later(&mut i.bounds.born_on_or_after),
            &|i| later(&mut i.bounds.checked_on_or_after),
            &|i| later(&mut i.bounds.enrolled_on_or_before),
            &|i| later(&mut i.bounds.valid_on),
            &|i| i.bounds.min_assurance = ofage_primitives::Assurance::Verified,
            &|i| i.bounds.flags_required = Flags(i.bounds.flags_required.0 ^ 1),
            &|i| i.bounds.flags_forbidden = Flags(i.bounds.flags_forbidden.0 ^ 2),
            &|i| i.scope = Scope::from_element(next(i.scope.element())),
            &|i| i.bounds.slots += 1,
            &|i| i.nullifier = Nullifier::from_element(next(i.nullifier.element())),
            &|i| {
                i.designated_verifier =
                    DesignatedVerifier::from_element(next(i.designated_verifier.element()))
            },
            &|i| i.signal = Signal::from_element(next(i.signal.element())),
        ];
        let (inputs, proof) = good(2);
        for change in change {
            let changed = with_inputs(inputs, change);
            assert!(changed != *inputs);
            assert_eq!(verify(&changed, proof), Err(VerifyError::Refused));
        }
    }

    #[test]
    fn each_tag_that_was_changed() {
        for issuers in 1..=MOST {
            let (inputs, proof) = good(issuers);
            for place in 0..issuers {
                // Little-endian: adding to the number adds to the first byte, and hardly moves the order.
                let mut changed = tags(inputs);
                let number = Fp::from(changed[place].element()) + Fp::from(1);
                changed[place] = IssuerTag::from_element(number.into());
                let changed = with_tags(inputs, &changed).unwrap();
                assert_eq!(verify(&changed, proof), Err(VerifyError::Refused));
            }
        }
    }

    #[test]
    fn a_flipped_bit_in_every_piece_and_every_byte_of_the_last() {
        let (inputs, proof) = good(2);
        let last = proof.len() - PIECE;
        for position in (0..last).step_by(PIECE + 1).chain(last..proof.len()) {
            let mut damaged = proof.clone();
            damaged[position] ^= 1 << (position % 8);
            assert!(matches!(
                verify(inputs, &damaged),
                Err(VerifyError::Refused | VerifyError::NonCanonical { .. })
            ));
        }
    }

    #[test]
    fn whatever_is_longer_or_shorter() {
        for issuers in 1..=MOST {
            let (inputs, proof) = good(issuers);
            let expected = proof.len();
            for found in [0, 1, PIECE, expected - PIECE, expected - 1] {
                let shown = verify(inputs, &proof[..found]);
                assert_eq!(shown, Err(VerifyError::Length { expected, found }));
            }
            for padding in [1, PIECE, expected, 100_000] {
                let mut padded = proof.clone();
                padded.resize(expected + padding, 0);
                let found = padded.len();
                assert_eq!(
                    verify(inputs, &padded),
                    Err(VerifyError::Length { expected, found })
                );
            }
        }
    }

    #[test]
    fn the_proof_of_somebody_else() {
        let (inputs, _) = good(2);
        let (_, other) = prove(2, 2);
        assert_eq!(verify(inputs, &other), Err(VerifyError::Refused));
    }

    #[test]
    fn proofs_spliced_from_two_of_the_same_statements() {
        let (inputs, first) = good(2);
        let (_, second) = prove(1, 2);
        assert_eq!(verify(inputs, &second), Ok(()));
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
        let encoded = good(3).0.encode();
        for cut in 0..encoded.len() {
            assert_eq!(decode_joint_inputs(&encoded[..cut]), Err(VerifyError::Inputs));
        }
        for extra in [&[0u8][..], &encoded[..], &[0; 32]] {
            let longer = [&encoded[..], extra].concat();
            assert_eq!(decode_joint_inputs(&longer), Err(VerifyError::Inputs));
        }
    }
}

mod batches {
    use super::*;

    type Proofs = Vec<(JointInputs, &'static [u8])>;

    fn both(proofs: &Proofs) -> Result<(), BatchError> {
        let verifier = Verifier::new();
        let answer = verifier.verify_joint_batch(V1, proofs);
        let two = NonZeroUsize::new(2).unwrap();
        assert_eq!(verifier.verify_joint_batch_parallel(V1, proofs, two), answer);
        answer
    }

    /// Proofs of all numbers of issuers, mixed.
    fn mixed() -> Proofs {
        [2, 1, 4, 1, 3, 2]
            .map(|issuers| (good(issuers).0.clone(), &good(issuers).1[..]))
            .to_vec()
    }

    #[test]
    fn of_good_proofs_are_accepted_whatever_their_numbers_of_issuers() {
        assert_eq!(both(&mixed()), Ok(()));
        for one in mixed() {
            assert_eq!(both(&vec![one]), Ok(()));
        }
    }

    #[test]
    fn without_proofs_are_an_error() {
        assert_eq!(both(&Vec::new()), Err(BatchError::Empty));
    }

    #[test]
    fn of_proofs_for_one_issuer_are_judged_as_by_the_function_for_those() {
        let inputs: PublicInputs = *good(1).0.single().unwrap();
        let proof = &good(1).1[..];
        let wrong = PublicInputs {
            signal: Signal::from_element(Element::ZERO),
            ..inputs
        };
        let singles = [(inputs, proof), (wrong, proof), (inputs, &proof[1..])];
        let joint = singles
            .map(|(inputs, proof)| (JointInputs::from(inputs), proof))
            .to_vec();
        let answer = Verifier::new().verify_batch(V1, &singles);
        assert_eq!(answer.as_ref().unwrap_err().indices(), [1, 2]);
        assert_eq!(both(&joint), answer);
    }

    #[test]
    fn name_every_bad_proof_with_its_reason() {
        let mut batch = mixed();
        // One issuer left out, another number of issuers' proof, and other inputs.
        batch[0].0 = with_tags(&batch[0].0, &tags(&batch[0].0)[..1]).unwrap();
        batch[2].1 = batch[4].1;
        batch[4].0 = with_inputs(&batch[4].0, |i| i.bounds.slots += 1);
        let length = |made_for: u8, shown_for: u8| VerifyError::Length {
            expected: proof_length_v1(shown_for) as usize,
            found: proof_length_v1(made_for) as usize,
        };
        let answer = both(&batch).unwrap_err();
        assert_eq!(answer.indices(), [0, 2, 4]);
        let reasons: Vec<VerifyError> = answer.bad().iter().map(|bad| bad.reason).collect();
        assert_eq!(reasons, [length(2, 1), length(3, 4), VerifyError::Refused]);
    }

    #[test]
    fn name_both_of_two_proofs_that_changed_places() {
        let mut batch = mixed();
        // Of as many issuers, of another holder.
        let other: &'static Joint = Box::leak(Box::new(prove(2, 2)));
        batch[5] = (other.0.clone(), &other.1);
        assert_eq!(both(&batch), Ok(()));
        (batch[0].1, batch[5].1) = (batch[5].1, batch[0].1);
        assert_eq!(both(&batch).unwrap_err().indices(), [0, 5]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn hostile_bytes_are_refused_whatever_their_length(
        issuers in 1..=MOST,
        bytes in proptest::collection::vec(any::<u8>(), 0..12_000),
    ) {
        prop_assert!(verify(&good(issuers).0, &bytes).is_err());
        prop_assert!(decode_joint_inputs(&bytes).is_err());
    }

    #[test]
    fn hostile_bytes_of_the_right_length_are_refused(
        issuers in 1..=MOST,
        start in any::<prop::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..200),
    ) {
        let (inputs, proof) = good(issuers);
        let start = start.index(proof.len() - bytes.len());
        let mut damaged = proof.clone();
        damaged[start..start + bytes.len()].copy_from_slice(&bytes);
        prop_assert!(damaged == *proof || verify(inputs, &damaged).is_err());
    }
}
