//! Proofs of several instances, taken apart and put together again.

use super::*;
use toy::Joint;

/// Two factors, and so an instance, for each position.
const FACTORS: [(u64, u64); toy::MOST] = [(6, 7), (8, 9), (10, 11), (12, 13)];

/// Good proofs of one instance, of two, and so on, made once.
fn joint(count: usize) -> &'static Joint {
    static JOINT: OnceLock<Vec<Joint>> = OnceLock::new();
    let all = JOINT.get_or_init(|| {
        (1..=toy::MOST)
            .map(|count| toy::prove_joint(&FACTORS[..count]))
            .collect()
    });
    &all[count - 1]
}

/// All orders of up to four things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let insert = |order: Vec<usize>| {
        (0..count).map(move |at| {
            let mut order = order.clone();
            order.insert(at, count - 1);
            order
        })
    };
    orders(count - 1).into_iter().flat_map(insert).collect()
}

#[test]
fn good_proofs_of_every_number_are_accepted_in_their_order_only() {
    let checker = toy::checker();
    for count in 1..=toy::MOST {
        let (instances, proof) = joint(count);
        for order in orders(count) {
            let reordered: Vec<_> = order.iter().map(|at| instances[*at]).collect();
            let expected = if order.is_sorted() {
                Ok(())
            } else {
                Err(VerifyError::Refused)
            };
            assert_eq!(checker.verify(&reordered, proof), expected, "{order:?}");
        }
    }
}

#[test]
fn each_number_has_a_length_of_its_own_that_is_that_of_real_proofs() {
    let checker = toy::checker();
    for count in 1..=toy::MOST {
        assert_eq!(checker.proof_length(count), Ok(joint(count).1.len()));
        assert!(count == 1 || joint(count).1.len() > joint(count - 1).1.len());
    }
    for count in [0, toy::MOST + 1, usize::MAX] {
        assert_eq!(checker.proof_length(count), Err(VerifyError::Inputs));
    }
}

/// Why callers must refuse an instance that is there twice: the proof system has nothing against it.
#[test]
fn an_instance_twice_holds_and_is_for_the_caller_to_refuse() {
    let (instances, proof) = toy::prove_joint(&[FACTORS[0], FACTORS[0]]);
    assert_eq!(toy::checker().verify(&instances, &proof), Ok(()));
}

mod refuses {
    use super::*;

    #[test]
    fn a_proof_of_one_as_one_of_two_and_the_other_way_round() {
        let checker = toy::checker();
        for made_for in 1..=toy::MOST {
            let proof = &joint(made_for).1;
            for shown_for in (1..=toy::MOST).filter(|count| *count != made_for) {
                let expected = checker.proof_length(shown_for).unwrap();
                let instances = &joint(shown_for).0;
                assert_eq!(
                    checker.verify(instances, proof),
                    Err(VerifyError::Length {
                        expected,
                        found: proof.len()
                    })
                );
                // Cut off, filled up with zeros, or with itself from its start or its end.
                let mut zeros = proof.clone();
                zeros.resize(expected, 0);
                let start: Vec<u8> = proof.iter().cycle().take(expected).copied().collect();
                let mut end: Vec<u8> = proof.iter().rev().cycle().take(expected).copied().collect();
                end.reverse();
                for resized in [zeros, start, end] {
                    assert_eq!(resized.len(), expected);
                    assert!(matches!(
                        checker.verify(instances, &resized),
                        Err(VerifyError::Refused | VerifyError::NonCanonical { .. })
                    ));
                }
            }
        }
    }

    #[test]
    fn an_instance_in_the_place_of_another() {
        let checker = toy::checker();
        for count in 2..=toy::MOST {
            let (instances, proof) = joint(count);
            for to in 0..count {
                for from in (0..count).filter(|from| *from != to) {
                    let mut repeated = instances.clone();
                    repeated[to] = instances[from];
                    assert_eq!(checker.verify(&repeated, proof), Err(VerifyError::Refused));
                }
            }
        }
    }

    #[test]
    fn every_input_of_every_instance_when_changed() {
        let checker = toy::checker();
        for count in 1..=toy::MOST {
            let (instances, proof) = joint(count);
            for at in 0..count {
                for input in 0..toy::INPUTS {
                    let mut changed = instances.clone();
                    changed[at][input] += Fp::ONE;
                    assert_eq!(checker.verify(&changed, proof), Err(VerifyError::Refused));
                }
            }
        }
    }

    #[test]
    fn no_instance_and_more_than_there_are_proofs_for() {
        let checker = toy::checker();
        let (instances, proof) = joint(1);
        assert_eq!(checker.verify(&[], proof), Err(VerifyError::Inputs));
        assert_eq!(checker.verify(&[], &[]), Err(VerifyError::Inputs));
        let too_many = toy::prove_joint(&[FACTORS[0]; toy::MOST + 1]);
        assert_eq!(checker.verify(&too_many.0, &too_many.1), Err(VerifyError::Inputs));
        assert_eq!(
            checker.verify(&vec![instances[0]; 1000], proof),
            Err(VerifyError::Inputs)
        );
    }

    /// A prover checks nothing, so a false instance gives a proof of the right form.
    #[test]
    fn one_false_instance_among_good_ones() {
        let checker = toy::checker();
        let (mut instances, proof) = toy::prove_joint(&FACTORS[..3]);
        assert_eq!(checker.verify(&instances, &proof), Ok(()));
        // The instances of another proof, of which one is not what was proved.
        instances[1] = toy::prove(1000, 1).0;
        assert_eq!(checker.verify(&instances, &proof), Err(VerifyError::Refused));
    }

    #[test]
    fn pieces_of_the_instances_in_another_order() {
        let checker = toy::checker();
        let (instances, proof) = joint(2);
        for first in 0..proof.len() / PIECE {
            for second in 0..first {
                let mut swapped = proof.clone();
                let (low, high) = swapped.split_at_mut(first * PIECE);
                low[second * PIECE..][..PIECE].swap_with_slice(&mut high[..PIECE]);
                assert!(swapped == *proof || checker.verify(instances, &swapped).is_err());
            }
        }
    }

    #[test]
    fn a_flipped_bit_in_every_byte() {
        let checker = toy::checker();
        let (instances, proof) = joint(2);
        let mut proof = proof.clone();
        for position in 0..proof.len() {
            let bit = 1 << (position % 8);
            proof[position] ^= bit;
            assert!(matches!(
                checker.verify(instances, &proof),
                Err(VerifyError::Refused | VerifyError::NonCanonical { .. })
            ));
            proof[position] ^= bit;
        }
    }

    #[test]
    fn infinity_and_numbers_beyond_the_moduli_in_the_place_of_any_piece() {
        let checker = toy::checker();
        for count in 2..=toy::MOST {
            let (instances, proof) = joint(count);
            for offset in (0..proof.len()).step_by(PIECE) {
                let mut damaged = proof.clone();
                damaged[offset..offset + PIECE].fill(0xff);
                assert_eq!(
                    checker.verify(instances, &damaged),
                    Err(VerifyError::NonCanonical { offset })
                );
                damaged[offset..offset + PIECE].fill(0);
                let found = checker.verify(instances, &damaged);
                // Zero is a scalar like any other, but not the one that belongs there.
                assert!(
                    found == Err(VerifyError::Refused) || found == Err(VerifyError::NonCanonical { offset })
                );
            }
        }
    }

    #[test]
    fn two_good_proofs_spliced_at_any_piece() {
        let checker = toy::checker();
        let (instances, first) = joint(3);
        let (_, second) = toy::prove_joint(&FACTORS[..3]);
        assert_eq!(checker.verify(instances, &second), Ok(()));
        for cut in (PIECE..first.len()).step_by(PIECE) {
            let spliced = [&first[..cut], &second[cut..]].concat();
            assert_eq!(checker.verify(instances, &spliced), Err(VerifyError::Refused));
        }
    }
}
