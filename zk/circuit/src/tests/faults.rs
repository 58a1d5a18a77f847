//! A prover who computes one step of a permutation wrongly and goes on from there.
//!
//! Changing single cells does not show that a state follows from the one before, since the states after it
//! notice, too. Here everything after the fault is consistent with it, so that exactly the constraint of the faulty step is
//! left to notice. One hash of each lane stands for all: they share their gates.

use super::*;
use crate::{
    layout::{rows_per_hash, Chain, Op},
    rounds::{trace_with, Moment, Trace},
    values::capacity,
};
use ff::Field;
use ofage_primitives::Domain;

/// Rounds of the permutation: full, partial, full.
const FIRST_PARTIAL: usize = 4;
const FIRST_LAST: usize = 60;
const ROUNDS: usize = 64;
/// Partial rounds in a row of this layout.
const IN_ROW: usize = 10;

/// Slot, lane and first row of a hash in lane 0, and of a step in lane 1.
fn hashes() -> [(usize, usize, usize); 2] {
    let plan = layout::plan(2, 9);
    let app = plan
        .slots
        .iter()
        .position(|slot| slot.ops[0] == Op::Chain(Chain::App))
        .unwrap();
    assert!(matches!(plan.slots[app].ops[1], Op::Step { .. }));
    [(app, 0, plan.slots[app].row), (app, 1, plan.slots[app].row)]
}

/// What the gates find in the rows of a hash whose trace was exchanged.
fn found(at: (usize, usize, usize), exchange: impl Fn(Fp, [Fp; 2]) -> Trace) -> Vec<(usize, String)> {
    let (slot, lane, first_row) = at;
    let (public, raw) = raw_sample(7);
    let op = layout::plan(2, 9).slots[slot].ops[lane];
    let mut circuit = CircuitV1::from_raw(public, raw);
    let hash = &mut circuit.values.as_mut().unwrap().hashes[slot][lane];
    hash.trace = exchange(capacity(op), hash.inputs);
    failures(CircuitV1::k(), &circuit, &public)
        .into_iter()
        .filter_map(|failure| match failure {
            Failure::Gate { row, gate, .. } if (first_row..first_row + rows_per_hash(9)).contains(&row) => {
                Some((row - first_row, gate))
            }
            _ => None,
        })
        .collect()
}

/// Adds one to a word at a moment of a round.
fn faulty(moment: Moment, round: usize, word: usize) -> impl Fn(Fp, [Fp; 2]) -> Trace {
    move |capacity, [left, right]| {
        trace_with(capacity, left, right, |now, at, state| {
            if (now, at) == (moment, round) {
                state[word] += Fp::ONE;
            }
        })
    }
}

#[test]
fn every_sbox_is_noticed_by_its_one_constraint() {
    for at in hashes() {
        for round in 0..ROUNDS {
            let (row, gate, words) = match round {
                0 => (0, "poseidon first", 3),
                1 | 2 => (0, "poseidon middle", 3),
                3 => (0, "poseidon into partial", 3),
                FIRST_LAST => (7, "poseidon last", 3),
                61 | 62 => (7, "poseidon middle", 3),
                63 => (7, "poseidon output", 3),
                _ => (1 + (round - FIRST_PARTIAL) / IN_ROW, "poseidon partial", 1),
            };
            for word in 0..words {
                let found = found(at, faulty(Moment::After, round, word));
                assert_eq!(
                    found,
                    [(row, gate.to_owned())],
                    "lane {}, round {round}, word {word}",
                    at.1
                );
            }
        }
    }
}

#[test]
fn words_without_sbox_are_noticed_where_they_enter_a_row() {
    for at in hashes() {
        for round in (FIRST_PARTIAL + IN_ROW..FIRST_LAST)
            .step_by(IN_ROW)
            .chain([FIRST_LAST])
        {
            for word in [1, 2] {
                let found = found(at, faulty(Moment::Before, round, word));
                let row = 1 + (round - 1 - FIRST_PARTIAL) / IN_ROW;
                assert_eq!(
                    found,
                    [(row, "poseidon partial".to_owned())],
                    "lane {}, round {round}, word {word}",
                    at.1
                );
            }
        }
    }
}

#[test]
fn inputs_and_tags_are_noticed_in_the_first_row() {
    for at in hashes() {
        for word in 0..3 {
            let found = found(at, faulty(Moment::Before, 0, word));
            assert_eq!(
                found,
                [(0, "poseidon first".to_owned())],
                "lane {}, word {word}",
                at.1
            );
        }
    }
}

#[test]
fn no_hash_passes_for_one_of_another_domain() {
    for at in hashes() {
        let op = layout::plan(2, 9).slots[at.0].ops[at.1];
        for domain in Domain::ALL
            .into_iter()
            .filter(|domain| domain.capacity() != capacity(op))
        {
            let found = found(at, |_, [left, right]| {
                crate::rounds::trace(domain.capacity(), left, right)
            });
            assert_eq!(found, [(0, "poseidon first".to_owned())], "{domain:?}");
        }
    }
}

#[test]
fn an_output_that_is_not_the_hash_is_noticed() {
    for at in hashes() {
        let found = found(at, |capacity, [left, right]| {
            let mut trace = crate::rounds::trace(capacity, left, right);
            trace.output += Fp::ONE;
            trace
        });
        assert_eq!(found, [(7, "poseidon output".to_owned())]);
    }
}
