//! Batches of the toy circuit: the answer is that of checking one by one.

use super::*;
use crate::toy;
use ff::Field;
use proptest::prelude::*;
use std::{num::NonZeroUsize, sync::OnceLock};

type Proofs = Vec<toy::Joint>;

/// A few good proofs, made once.
fn good() -> &'static Proofs {
    static GOOD: OnceLock<Proofs> = OnceLock::new();
    GOOD.get_or_init(|| toy::prove_many(20))
}

/// As many good proofs as wanted; some appear more than once.
fn many(count: usize) -> Proofs {
    good().iter().cycle().take(count).cloned().collect()
}

fn verify(proofs: &Proofs) -> Result<(), BatchError> {
    Batch::new(&toy::checker(), &toy::items(proofs))?.verify()
}

fn verify_on(threads: usize, proofs: &Proofs) -> Result<(), BatchError> {
    Batch::new(&toy::checker(), &toy::items(proofs))?.verify_parallel(NonZeroUsize::new(threads).unwrap())
}

fn one_by_one(proofs: &Proofs) -> Vec<BadProof> {
    let checker = toy::checker();
    proofs
        .iter()
        .enumerate()
        .filter_map(|(index, (instances, proof))| {
            checker
                .verify(instances, proof)
                .err()
                .map(|reason| BadProof { index, reason })
        })
        .collect()
}

fn named(answer: Result<(), BatchError>) -> Vec<BadProof> {
    answer.err().map_or_else(Vec::new, |error| error.bad().to_vec())
}

#[test]
fn an_empty_batch_is_an_error() {
    assert_eq!(verify(&Vec::new()), Err(BatchError::Empty));
    assert_eq!(verify_on(2, &Vec::new()), Err(BatchError::Empty));
}

#[test]
fn good_proofs_are_accepted_in_batches_of_every_size() {
    for count in [1, 2, 3, 7, 8, 9, 17, GROUP - 1, GROUP, GROUP + 1, 2 * GROUP + 3] {
        assert_eq!(verify(&many(count)), Ok(()), "{count} proofs");
        for threads in [1, 2, 3, 7] {
            assert_eq!(
                verify_on(threads, &many(count)),
                Ok(()),
                "{count} proofs on {threads} threads"
            );
        }
    }
}

#[test]
fn the_same_proof_many_times_is_accepted() {
    for joint in &good()[..toy::MOST] {
        assert_eq!(verify(&vec![joint.clone(); 40]), Ok(()));
    }
}

#[test]
fn each_single_bad_proof_is_named_wherever_it_is() {
    for position in 0..good().len() {
        let mut proofs = good().clone();
        proofs[position].0.last_mut().unwrap()[0] += Fp::ONE;
        let bad = vec![BadProof {
            index: position,
            reason: VerifyError::Refused,
        }];
        assert_eq!(verify(&proofs), Err(BatchError::Bad(bad)));
    }
}

#[test]
fn a_batch_of_bad_proofs_only_names_all_of_them() {
    let mut proofs = many(GROUP + 9);
    proofs
        .iter_mut()
        .for_each(|(instances, _)| instances[0][1] += Fp::ONE);
    assert_eq!(
        verify(&proofs).unwrap_err().indices(),
        (0..proofs.len()).collect::<Vec<_>>()
    );
    assert_eq!(verify_on(3, &proofs), verify(&proofs));
}

#[test]
fn every_number_of_bad_proofs_is_named_wherever_they_are() {
    for count in [1, 2, 7, 8, 9, 10, 16, 19] {
        for step in [1, 3, 7] {
            let mut proofs = good().clone();
            let mut bad: Vec<usize> = (0..count).map(|n| (n * step) % proofs.len()).collect();
            bad.iter().for_each(|index| proofs[*index].0[0][0] += Fp::ONE);
            bad.sort_unstable();
            assert_eq!(verify(&proofs).unwrap_err().indices(), bad);
        }
    }
}

#[test]
fn bad_encodings_are_named_with_their_reason_and_spoil_nothing() {
    let mut proofs = good().clone();
    let expected = |index: usize| good()[index].1.len();
    proofs[2].1.push(0);
    proofs[5].1[31] = 0xff;
    proofs[5].1[..31].fill(0xff);
    proofs[9].1.clear();
    proofs[11].0[0][0] += Fp::ONE;
    let bad = vec![
        BadProof {
            index: 2,
            reason: VerifyError::Length {
                expected: expected(2),
                found: expected(2) + 1,
            },
        },
        BadProof {
            index: 5,
            reason: VerifyError::NonCanonical { offset: 0 },
        },
        BadProof {
            index: 9,
            reason: VerifyError::Length {
                expected: expected(9),
                found: 0,
            },
        },
        BadProof {
            index: 11,
            reason: VerifyError::Refused,
        },
    ];
    assert_eq!(verify(&proofs), Err(BatchError::Bad(bad)));
}

#[test]
fn inputs_swapped_between_two_good_proofs_are_named() {
    let mut proofs = good().clone();
    // Of as many instances, and of another number.
    for (a, b) in [(3, 7), (3, 4)] {
        let first = std::mem::take(&mut proofs[a].0);
        proofs[a].0 = std::mem::replace(&mut proofs[b].0, first);
        assert_eq!(verify(&proofs).unwrap_err().indices(), [a, b]);
        proofs = good().clone();
    }
}

/// Two wrong proofs whose errors cancel when their equations are added up without scalars.
///
/// The last number of a proof is the blinding factor's share in the equation, and no challenge depends on it.
#[test]
fn errors_that_cancel_each_other_are_named() {
    use ff::PrimeField;
    let mut proofs = good()[..2].to_vec();
    for (sign, (_, proof)) in [Fp::ONE, -Fp::ONE].into_iter().zip(&mut proofs) {
        let at = proof.len() - 32;
        let mut repr = [0; 32];
        repr.copy_from_slice(&proof[at..]);
        let factor = Fp::from_repr(repr).unwrap();
        proof[at..].copy_from_slice(&(factor + sign).to_repr());
    }
    let checker = toy::checker();
    let mut sum = checker.empty_msm();
    for (instances, proof) in &proofs {
        sum.add_msm(&checker.reduce(instances, proof).unwrap());
    }
    assert!(sum.eval(), "without scalars the two would pass");
    assert_eq!(verify(&proofs).unwrap_err().indices(), [0, 1]);
}

/// Proofs of one point over and over, its negative, or both in turn: halo2 adds up what has the same x.
#[test]
fn proofs_of_one_good_point_in_every_place_are_named_and_do_not_panic() {
    const SIGN: usize = 31;
    let checker = toy::checker();
    let (instances, proof) = &good()[0];
    // As a scalar it must be canonical, too.
    let mut point = proof[..32].to_vec();
    point[SIGN] &= 0x7f;
    let plain = point.repeat(proof.len() / 32);
    let mut proofs = vec![
        good()[0].clone(),
        (instances.clone(), plain.clone()),
        good()[1].clone(),
    ];
    for every in [1, 2] {
        let mut signed = plain.clone();
        for at in (0..signed.len()).step_by(32 * every) {
            signed[at + SIGN] |= 0x80;
            // A scalar has no sign.
            if checker.reduce(instances, &signed).is_err() {
                signed[at + SIGN] &= 0x7f;
            }
        }
        proofs.push((instances.clone(), signed));
    }
    for (instances, proof) in &proofs {
        assert!(
            checker.reduce(instances, proof).is_ok(),
            "it is found by the equation alone"
        );
    }
    assert_eq!(verify(&proofs).unwrap_err().indices(), [1, 3, 4]);
    assert_eq!(named(verify(&proofs)), one_by_one(&proofs));
}

#[test]
fn the_scalars_depend_on_every_proof_every_input_and_the_position() {
    let scalars = |proofs: &Proofs| {
        let scalars = Scalars::of(CircuitId(0), &toy::items(proofs));
        [scalars.at(0), scalars.at(1), scalars.at(2)]
    };
    let proofs = good()[..3].to_vec();
    let mut seen = vec![scalars(&proofs)];
    for position in 0..3 {
        let mut changed = proofs.clone();
        changed[position].0[0][1] += Fp::ONE;
        seen.push(scalars(&changed));
        let mut changed = proofs.clone();
        *changed[position].1.last_mut().unwrap() ^= 1;
        seen.push(scalars(&changed));
        let mut changed = proofs.clone();
        changed[position].1.push(0);
        seen.push(scalars(&changed));
        let mut changed = proofs.clone();
        changed[position].0.push([Fp::ZERO; toy::INPUTS]);
        seen.push(scalars(&changed));
    }
    let mut swapped = proofs.clone();
    swapped.swap(0, 1);
    seen.push(scalars(&swapped));
    seen.push(scalars(&good()[..2].to_vec()));
    let other = Scalars::of(CircuitId(1), &toy::items(&proofs));
    seen.push([other.at(0), other.at(1), other.at(2)]);
    let all: std::collections::BTreeSet<Fp> = seen.iter().flatten().copied().collect();
    assert_eq!(all.len(), 3 * seen.len());
    assert_eq!(scalars(&proofs), seen[0]);
}

#[test]
fn a_byte_moved_between_neighbours_changes_the_scalars() {
    let mut proofs = good()[..2].to_vec();
    let before = Scalars::of(CircuitId(0), &toy::items(&proofs)).at(0);
    let byte = proofs[0].1.pop().unwrap();
    proofs[1].1.insert(0, byte);
    assert_ne!(Scalars::of(CircuitId(0), &toy::items(&proofs)).at(0), before);
}

/// Bytes that could be an instance, or the length and the start of a proof.
#[test]
fn an_instance_that_looks_like_the_start_of_a_proof_changes_the_scalars() {
    use ff::PrimeField;
    let proof = [7; 32];
    let rest = 2 * 32 - 8 + 8 + proof.len();
    let ambiguous = [Fp::from(rest as u64), Fp::from(5)];
    let bytes = ambiguous.map(|element| element.to_repr()).concat();
    let with_length = [&bytes[..], &(proof.len() as u64).to_le_bytes(), &proof].concat();
    let first = good()[0].0[0];
    let one = (vec![first], with_length[8..].to_vec());
    let two = (vec![first, ambiguous], proof.to_vec());
    assert_eq!(one.1.len(), rest);
    assert_eq!(with_length[..8], (rest as u64).to_le_bytes());
    let scalar = |joint: toy::Joint| Scalars::of(CircuitId(0), &toy::items(&[joint])).at(0);
    assert_ne!(scalar(one), scalar(two));
}

/// A way to damage one proof.
#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Truncate(prop::sample::Index),
    Extend(u8),
    Input(prop::sample::Index, usize),
    Repeat,
    Drop,
    Nothing,
}

fn arb_damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        2 => (any::<prop::sample::Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => any::<prop::sample::Index>().prop_map(Damage::Truncate),
        1 => (1..70u8).prop_map(Damage::Extend),
        2 => (any::<prop::sample::Index>(), 0..toy::INPUTS).prop_map(|(at, input)| Damage::Input(at, input)),
        1 => Just(Damage::Repeat),
        1 => Just(Damage::Drop),
        8 => Just(Damage::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_answer_is_that_of_one_by_one_on_any_number_of_threads(
        damage in proptest::collection::vec(arb_damage(), 1..40),
        threads in 1..5usize,
    ) {
        let mut proofs = many(damage.len());
        for ((instances, proof), damage) in proofs.iter_mut().zip(damage) {
            match damage {
                Damage::Flip(at, bit) => {
                    let at = at.index(proof.len());
                    proof[at] ^= 1 << bit;
                }
                Damage::Truncate(at) => proof.truncate(at.index(proof.len())),
                Damage::Extend(count) => proof.resize(proof.len() + usize::from(count), count),
                Damage::Input(at, input) => {
                    let at = at.index(instances.len());
                    instances[at][input] += Fp::ONE;
                }
                Damage::Repeat => instances.push(instances[0]),
                Damage::Drop => drop(instances.pop()),
                Damage::Nothing => {}
            }
        }
        let expected = one_by_one(&proofs);
        prop_assert_eq!(named(verify(&proofs)), expected.clone());
        prop_assert_eq!(named(verify_on(threads, &proofs)), expected);
    }
}
