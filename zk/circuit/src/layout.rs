//! How wide the circuit is and what runs in which row.
//!
//! A layout is two numbers: `LANES`, how many permutations run in lock-step, and `EXTRA`, the advice columns that a
//! lane has beyond the three of the Poseidon state. Everything else follows. Rows from the top:
//!
//! ```text
//! rows 0..16    public inputs, one a row, each compared or bound in its row
//! rows 16..30   ranges, orderings and the packing of the attributes
//! rows 30..     permutations, `rows_per_hash` rows each, all lanes side by side;
//!               a row is left free where some lane starts another path
//! ```

use crate::rounds::{FULL_HALF, PARTIAL, WIDTH};
use ofage_primitives::{tree::Tree, Domain};

/// Rows that hold one public input each, from row 0; a test compares it with `PublicInputs::COUNT`.
pub const INPUT_ROWS: usize = 16;
/// Rows of arithmetic, those of the public inputs among them.
pub const ARITHMETIC_ROWS: usize = 30;
/// Words of two bits in a row of arithmetic: a 20-bit number.
pub const WORDS: usize = 10;
/// Fewest extra columns: four full rounds, or a 20-bit range check, fit in one row.
pub const MIN_EXTRA: usize = WIDTH * (FULL_HALF - 1);
/// Most extra columns; wider lanes would save no row.
pub const MAX_EXTRA: usize = 23;

/// What a lane does in a slot, that is while one permutation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A hash that is not a step of a path; only in lane 0.
    Chain(Chain),
    /// A step of a path, from the leaf upwards.
    Step {
        /// Which path.
        path: Path,
        /// Which of its levels, from 0.
        level: usize,
        /// The lane did not compute this step's node in its slot before.
        start: bool,
    },
    /// Nothing that matters; some hash must still be there, since the lanes share their gates.
    Idle,
}

/// The hashes that are not steps of a path, in the order in which lane 0 does them; `CapLeaf` is last, since the cap
/// path follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// `H(secret, issuer_id)`.
    Identity,
    /// `H(attributes, ext)`.
    Attributes,
    /// `H(identity, H(attributes, ext))`.
    Attestation,
    /// `H(secret, scope)`.
    App,
    /// `H(app, slot)`.
    Slot,
    /// `H(key, 0)`.
    Nullifier,
    /// `H(key, issuer_id)`.
    IssuerTag,
    /// `H(w, 0)`.
    DesignatedVerifier,
    /// `H(shard_root, issuer_id)`.
    CapLeaf,
}

impl Chain {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Attributes,
        Self::Attestation,
        Self::App,
        Self::Slot,
        Self::Nullifier,
        Self::IssuerTag,
        Self::DesignatedVerifier,
        Self::CapLeaf,
    ];

    /// The tag of the hash.
    pub const fn domain(self) -> Domain {
        match self {
            Self::Identity => Domain::Identity,
            Self::Attributes => Domain::Attributes,
            Self::Attestation => Domain::Attestation,
            Self::App => Domain::App,
            Self::Slot => Domain::Slot,
            Self::Nullifier => Domain::Nullifier,
            Self::IssuerTag => Domain::IssuerTag,
            Self::DesignatedVerifier => Domain::DesignatedVerifier,
            Self::CapLeaf => Domain::CapLeaf,
        }
    }
}

/// Which path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Attestation to shard root.
    Shard,
    /// Cap leaf to registry root.
    Cap,
    /// Issuer id to trust-list root.
    Trust,
}

impl Path {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shard, Self::Cap, Self::Trust];

    /// The tree it belongs to.
    pub const fn tree(self) -> Tree {
        match self {
            Self::Shard => Tree::Shard,
            Self::Cap => Tree::Cap,
            Self::Trust => Tree::Trust,
        }
    }
}

/// One slot: its first row, and what each lane does.
#[derive(Clone, Debug)]
pub struct Slot {
    /// First row.
    pub row: usize,
    /// What each lane does.
    pub ops: Vec<Op>,
}

/// The plan of a layout.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The slots, in order.
    pub slots: Vec<Slot>,
    /// Rows in use, from row 0.
    pub rows: usize,
}

/// Rounds of the partial kind in one row.
pub const fn rounds_per_row(extra: usize) -> usize {
    extra + 1
}

/// Rows of one permutation: four full rounds, the partial rounds, four full rounds.
pub const fn rows_per_hash(extra: usize) -> usize {
    1 + PARTIAL.div_ceil(rounds_per_row(extra)) + 1
}

/// Partial rounds in the last row of them, when it is not full.
pub const fn tail_rounds(extra: usize) -> Option<usize> {
    match PARTIAL % rounds_per_row(extra) {
        0 => None,
        rounds => Some(rounds),
    }
}

/// Fixed columns that all lanes share: round constants, or the coefficients of a row of arithmetic.
pub const fn shared_columns(extra: usize) -> usize {
    if rounds_per_row(extra) > WORDS {
        rounds_per_row(extra)
    } else {
        WORDS
    }
}

/// Plans who hashes what where.
///
/// Lane 0 does the hashes that are not steps, then as many steps of the cap path as fit; the other lanes divide the
/// remaining steps. A slot in which some lane starts a path, or the rest of one, is preceded by a free row: there the
/// output of the lane's hash before goes.
pub fn plan(lanes: usize, extra: usize) -> Plan {
    let steps = |path: Path| (0..path.tree().depth()).map(move |level| (path, level));
    let all_steps: Vec<_> = [Path::Cap, Path::Shard, Path::Trust]
        .into_iter()
        .flat_map(steps)
        .collect();
    let count = (Chain::ALL.len() + all_steps.len()).div_ceil(lanes);
    let mut queue = all_steps.into_iter().peekable();
    let mut columns: Vec<Vec<Op>> = Vec::new();
    for lane in 0..lanes {
        let mut ops: Vec<Op> = Vec::new();
        if lane == 0 {
            ops.extend(Chain::ALL.map(Op::Chain));
        }
        while ops.len() < count {
            // Lane 0 takes steps of other paths only when there is no other lane.
            let op = match queue.next_if(|(path, _)| lane > 0 || lanes == 1 || *path == Path::Cap) {
                None => Op::Idle,
                Some((path, level)) => {
                    let follows = match ops.last() {
                        Some(Op::Step {
                            path: before,
                            level: below,
                            ..
                        }) => *before == path && below + 1 == level,
                        Some(Op::Chain(Chain::CapLeaf)) => path == Path::Cap && level == 0,
                        _ => false,
                    };
                    Op::Step {
                        path,
                        level,
                        start: !follows,
                    }
                }
            };
            ops.push(op);
        }
        columns.push(ops);
    }
    debug_assert!(queue.next().is_none(), "the slots hold every step; qed");
    let mut row = ARITHMETIC_ROWS;
    let mut slots = Vec::new();
    for number in 0..count {
        let ops: Vec<Op> = columns.iter().map(|ops| ops[number]).collect();
        if number > 0 && ops.iter().any(|op| matches!(op, Op::Step { start: true, .. })) {
            row += 1;
        }
        slots.push(Slot { row, ops });
        row += rows_per_hash(extra);
    }
    Plan { slots, rows: row + 1 }
}

/// Logarithm of the rows that a plan needs, the `unusable` last ones included.
pub fn log_rows(plan: &Plan, unusable: usize) -> u32 {
    (plan.rows + unusable).next_power_of_two().ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_does_every_hash_once() {
        for (lanes, extra) in [(1, 9), (2, 9), (3, 9), (5, 9), (1, 13), (2, 13), (4, 13)] {
            let plan = plan(lanes, extra);
            let ops: Vec<Op> = plan.slots.iter().flat_map(|slot| slot.ops.clone()).collect();
            for chain in Chain::ALL {
                assert_eq!(ops.iter().filter(|op| **op == Op::Chain(chain)).count(), 1);
            }
            for path in Path::ALL {
                for level in 0..path.tree().depth() {
                    let is_it = |op: &&Op| matches!(op, Op::Step { path: p, level: l, .. } if (*p, *l) == (path, level));
                    assert_eq!(
                        ops.iter().filter(is_it).count(),
                        1,
                        "{lanes} {extra} {path:?} {level}"
                    );
                }
            }
        }
    }

    #[test]
    fn only_lane_0_does_more_than_steps() {
        let plan = plan(2, 9);
        assert!(plan.slots.iter().all(|slot| !matches!(slot.ops[1], Op::Chain(_))));
    }

    #[test]
    fn slots_do_not_overlap() {
        for (lanes, extra) in [(1, 9), (2, 9), (5, 9), (2, 13)] {
            let plan = plan(lanes, extra);
            for pair in plan.slots.windows(2) {
                let free = pair[1].row - pair[0].row - rows_per_hash(extra);
                let starts = pair[1]
                    .ops
                    .iter()
                    .any(|op| matches!(op, Op::Step { start: true, .. }));
                assert_eq!(free, usize::from(starts));
            }
        }
    }
}
