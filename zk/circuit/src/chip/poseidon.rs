//! Permutations in lock-step lanes, and the steps of paths.
//!
//! One permutation takes `rows_per_hash` rows. Columns of a lane, for `EXTRA = 9`, where `t1`, `t2`, `t3` are the
//! states after the first three full rounds of a half, `(u, y, z)` is the state in the form of [`crate::rounds`], and
//! `u2 ..` are words 0 of the partial rounds after the first of the row:
//!
//! | row | kind | 0 | 1 | 2 | 3 4 5 | 6 7 8 | 9 10 11 | shared fixed columns |
//! |---|---|---|---|---|---|---|---|---|
//! | 0 | first | n | l | r | t1 | t2 | t3 | constants of rounds 1, 2, 3 (9) |
//! | 1..6 | partial | u | y | z | u2 u3 u4 | u5 u6 u7 | u8 u9 u10 | constants of the next ten rounds |
//! | 6 | tail | u | y | z | u2 u3 u4 | u5 u6 - | - | constants of the next six rounds |
//! | 7 | last | u | y | z | t1 | t2 | t3 | constants of the last three rounds (9) |
//! | 8 | any | output | | | | | | |
//!
//! `n` is the output of the hash before, if its last row is the row above, and otherwise free. `l` and `r` are the
//! inputs. The capacity element has no cell: what the first S-box makes of it is a constant of the row, in the lane's
//! tag column. In row 8 the next hash may start.
//!
//! **A step of a path** constrains `(l - n)(r - n) = 0`: the node is one of the two children, whichever. The other one
//! is the sibling, and the side is not a value of the circuit at all, since nothing asks for the position of a leaf. In
//! every lane but the first, each hash is such a step; in lane 0 a selector says so.
//!
//! | gate | on | constrains |
//! |---|---|---|
//! | first | first | t1 from l, r and the tag (3) |
//! | middle | first, last | t2 from t1 (3), t3 from t2 (3) |
//! | into partial | first | u, y, z of the next row from t3 (3) |
//! | partial | partial, tail | each u from the one before; u, y, z of the next row |
//! | last | last | t1 from u, y, z (3) |
//! | output | last | column 0 of the next row from t3 (1) |
//! | step | first | n is l or r (1) |
//!
//! Constraints are written through the inverse matrix, `M^-1 (t' - c') = sbox(t)`, so that each has one S-box.

use super::{sum, Columns, Lane};
use crate::layout::{rounds_per_row, rows_per_hash, tail_rounds, MAX_EXTRA};
use crate::rounds::{Half, Trace, Words, FULL_HALF, PARTIAL, ROUND, WIDTH};
use ff::Field;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    plonk::{Column, ConstraintSystem, Error, Expression, Fixed, Selector, VirtualCells},
};
use ofage_primitives::Fp;

/// Column of the left input in the first row.
pub(crate) const LEFT: usize = 1;
/// Column of the right input in the first row.
pub(crate) const RIGHT: usize = 2;
/// Where the three states of a half start.
const STATES: [usize; FULL_HALF - 1] = [3, 6, 9];

/// Names of the constraints on the S-boxes of a row of partial rounds.
const ROUND_NAMES: [&str; rounds_per_row(MAX_EXTRA)] = [
    "round 1", "round 2", "round 3", "round 4", "round 5", "round 6", "round 7", "round 8", "round 9",
    "round 10", "round 11", "round 12", "round 13", "round 14", "round 15", "round 16", "round 17",
    "round 18", "round 19", "round 20", "round 21", "round 22", "round 23", "round 24",
];

/// The columns that say what kind of row it is, and the tags.
///
/// Kinds are fixed columns and not selectors, because the middle gate adds two of them.
#[derive(Clone, Debug)]
pub(crate) struct PoseidonConfig {
    columns: Columns,
    extra: usize,
    first: Column<Fixed>,
    partial: Column<Fixed>,
    tail: Option<Column<Fixed>>,
    last: Column<Fixed>,
    step: Selector,
    tags: Vec<Column<Fixed>>,
}

/// The cells of a hash that others are tied to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashCells {
    /// `n`, when it was assigned here.
    pub(crate) node: Option<Cell>,
    /// `l`.
    pub(crate) left: Cell,
    /// `r`.
    pub(crate) right: Cell,
    /// The hash.
    pub(crate) output: Cell,
}

impl PoseidonConfig {
    pub(crate) fn configure(meta: &mut ConstraintSystem<Fp>, columns: &Columns, extra: usize) -> Self {
        let config = Self {
            columns: columns.clone(),
            extra,
            first: meta.fixed_column(),
            partial: meta.fixed_column(),
            tail: tail_rounds(extra).map(|_| meta.fixed_column()),
            last: meta.fixed_column(),
            step: meta.selector(),
            tags: columns.lanes.iter().map(|_| meta.fixed_column()).collect(),
        };
        for lane in 0..columns.lanes.len() {
            config.full_gates(meta, lane);
            config.partial_gate(meta, lane);
            config.step_gate(meta, lane);
        }
        config
    }

    fn lane(&self, lane: usize) -> Lane<'_> {
        Lane {
            columns: &self.columns.lanes[lane],
        }
    }

    /// `M^-1 * state - constant - sbox`, word by word.
    fn round(
        state: &[Expression<Fp>; WIDTH],
        constants: [Expression<Fp>; WIDTH],
        after_sbox: [Expression<Fp>; WIDTH],
    ) -> [Expression<Fp>; WIDTH] {
        let mut row = ROUND.inverse.iter();
        let mut parts = constants.into_iter().zip(after_sbox);
        std::array::from_fn(|_| {
            let (factors, (constant, sbox)) =
                row.next().zip(parts.next()).expect("there are three words; qed");
            sum(state
                .iter()
                .zip(factors)
                .map(|(word, factor)| word.clone() * *factor))
                - (constant + sbox)
        })
    }

    fn full_gates(&self, meta: &mut ConstraintSystem<Fp>, number: usize) {
        let lane = self.lane(number);
        let state =
            |meta: &mut VirtualCells<'_, Fp>, from: usize| [0, 1, 2].map(|i| lane.cur(meta, from + i));
        let constants = |meta: &mut VirtualCells<'_, Fp>, round: usize| {
            [0, 1, 2].map(|i| meta.query_fixed(self.columns.shared[WIDTH * round + i]))
        };
        meta.create_gate("poseidon first", |meta| {
            let kind = meta.query_fixed(self.first);
            let tag = meta.query_fixed(self.tags[number]);
            let [left, right] = [LEFT, RIGHT].map(|column| lane.cur(meta, column));
            let [for_left, for_right] = ROUND.input().map(Expression::Constant);
            let words = Self::round(
                &state(meta, STATES[0]),
                constants(meta, 0),
                [pow5(left + for_left), pow5(right + for_right), tag],
            );
            named(["word 0", "word 1", "word 2"], kind, words)
        });
        meta.create_gate("poseidon middle", |meta| {
            let kind = meta.query_fixed(self.first) + meta.query_fixed(self.last);
            let mut all = Vec::new();
            let names = [
                ["t2 word 0", "t2 word 1", "t2 word 2"],
                ["t3 word 0", "t3 word 1", "t3 word 2"],
            ];
            for (i, names) in names.into_iter().enumerate() {
                let before = state(meta, STATES[i]).map(pow5);
                let words = Self::round(&state(meta, STATES[i + 1]), constants(meta, i + 1), before);
                all.extend(named(names, kind.clone(), words));
            }
            all
        });
        meta.create_gate("poseidon into partial", |meta| {
            let kind = meta.query_fixed(self.first);
            let before = state(meta, STATES[2]).map(pow5);
            let next = [0, 1, 2].map(|i| lane.next(meta, i));
            let words = Self::round(&next, ROUND.first_partial().map(Expression::Constant), before);
            named(["next word 0", "next word 1", "next word 2"], kind, words)
        });
        meta.create_gate("poseidon last", |meta| {
            let kind = meta.query_fixed(self.last);
            let [u, y, z] = state(meta, 0);
            let [dy, dz] = ROUND.last_offset().map(Expression::Constant);
            let words = Self::round(
                &state(meta, STATES[0]),
                constants(meta, 0),
                [pow5(u), pow5(y + dy), pow5(z + dz)],
            );
            named(["word 0", "word 1", "word 2"], kind, words)
        });
        meta.create_gate("poseidon output", |meta| {
            let kind = meta.query_fixed(self.last);
            let before = state(meta, STATES[2]).map(pow5);
            let output = lane.next(meta, 0);
            let hash = sum(before
                .into_iter()
                .zip(ROUND.mds[0])
                .map(|(word, factor)| word * factor));
            [("output", kind * (hash - output))]
        });
    }

    fn partial_gate(&self, meta: &mut ConstraintSystem<Fp>, number: usize) {
        let lane = self.lane(number);
        let rounds = rounds_per_row(self.extra);
        let tail_rounds = tail_rounds(self.extra);
        meta.create_gate("poseidon partial", |meta| {
            let partial = meta.query_fixed(self.partial);
            let tail = self.tail.map(|column| meta.query_fixed(column));
            let next = [0, 1, 2].map(|i| lane.next(meta, i));
            let [mut u, y, z] = [0, 1, 2].map(|i| lane.cur(meta, i));
            let mut rest = Rest::new(y, z);
            let mut all = Vec::new();
            for round in 1..=rounds {
                let constant = meta.query_fixed(self.columns.shared[round - 1]);
                let made = pow5(u) * ROUND.mds[0][0] + rest.share_of_word_0() + constant;
                let mut end = |kind: &Expression<Fp>, names: [&'static str; WIDTH]| {
                    let words = rest.after(next[0].clone()).words();
                    let differences = [made.clone(), words[0].clone(), words[1].clone()]
                        .into_iter()
                        .zip(&next);
                    for (name, (word, cell)) in names.into_iter().zip(differences) {
                        all.push((name, kind.clone() * (word - cell.clone())));
                    }
                };
                if let (Some(tail), true) = (&tail, Some(round) == tail_rounds) {
                    end(tail, ["tail word 0", "tail word 1", "tail word 2"]);
                }
                if round == rounds {
                    end(&partial, ["next word 0", "next word 1", "next word 2"]);
                    break;
                }
                u = lane.cur(meta, WIDTH + round - 1);
                let kind = match &tail {
                    Some(tail) if Some(round) < tail_rounds => partial.clone() + tail.clone(),
                    _ => partial.clone(),
                };
                all.push((ROUND_NAMES[round - 1], kind * (made - u.clone())));
                rest = rest.after(u.clone());
            }
            all
        });
    }

    fn step_gate(&self, meta: &mut ConstraintSystem<Fp>, number: usize) {
        let lane = self.lane(number);
        meta.create_gate("path step", |meta| {
            let kind = if number == 0 {
                meta.query_selector(self.step)
            } else {
                meta.query_fixed(self.first)
            };
            let [node, left, right] = [0, LEFT, RIGHT].map(|column| lane.cur(meta, column));
            [(
                "the node is one of the children",
                kind * (left - node.clone()) * (right - node),
            )]
        });
    }

    /// Writes what the lanes share in the rows of one slot: kinds and round constants.
    pub(crate) fn assign_shared(&self, region: &mut Region<'_, Fp>, row: usize) -> Result<(), Error> {
        let rounds = rounds_per_row(self.extra);
        let last = row + rows_per_hash(self.extra) - 1;
        for (half, row, kind) in [(Half::First, row, self.first), (Half::Second, last, self.last)] {
            fix(region, kind, row, Fp::ONE)?;
            for (column, constant) in self.columns.shared.iter().zip(ROUND.half(half).concat()) {
                fix(region, *column, row, constant)?;
            }
        }
        for (number, constants) in ROUND.partial.chunks(rounds).enumerate() {
            let row = row + 1 + number;
            let kind = if constants.len() == rounds {
                Some(self.partial)
            } else {
                self.tail
            };
            fix(
                region,
                kind.expect("a row that is not full is the tail; qed"),
                row,
                Fp::ONE,
            )?;
            for (column, constant) in self.columns.shared.iter().zip(constants) {
                fix(region, *column, row, *constant)?;
            }
        }
        Ok(())
    }

    /// Writes one permutation of a lane, and its output into the row after it.
    ///
    /// `node` is `n`; only a hash that follows no other, or that ties `n` to another cell, gives it.
    pub(crate) fn assign_hash(
        &self,
        region: &mut Region<'_, Fp>,
        at: (usize, usize),
        capacity: Fp,
        [left, right]: [Value<Fp>; 2],
        trace: Value<&Trace>,
    ) -> Result<HashCells, Error> {
        let (row, lane) = at;
        let columns = &self.columns.lanes[lane];
        let rounds = rounds_per_row(self.extra);
        let last = row + rows_per_hash(self.extra) - 1;
        fix(region, self.tags[lane], row, ROUND.tag(capacity))?;
        let mut put = |column: usize, row: usize, value: Value<Fp>| {
            region
                .assign_advice(|| "poseidon", columns[column], row, || value)
                .map(|cell| cell.cell())
        };
        let left = put(LEFT, row, left)?;
        let right = put(RIGHT, row, right)?;
        for (half, row) in [(Half::First, row), (Half::Second, last)] {
            for (i, from) in STATES.into_iter().enumerate() {
                let state = trace.map(|t| {
                    if half == Half::First {
                        t.first[i]
                    } else {
                        t.second[i]
                    }
                });
                for word in 0..WIDTH {
                    put(from + word, row, state.map(|s| s[word]))?;
                }
            }
        }
        for number in 0..=PARTIAL {
            let state = trace.map(|t| t.partial[number]);
            let (row, in_row) = (row + 1 + number / rounds, number % rounds);
            // The last state stands in the row of the last half, wherever the partial rounds end.
            let (row, in_row) = if number == PARTIAL {
                (last, 0)
            } else {
                (row, in_row)
            };
            match in_row {
                0 => {
                    (0..WIDTH).try_for_each(|word| put(word, row, state.map(|s: Words| s[word])).map(drop))?
                }
                _ => drop(put(WIDTH + in_row - 1, row, state.map(|s| s[0]))?),
            }
        }
        let output = put(0, last + 1, trace.map(|t| t.output))?;
        Ok(HashCells {
            node: None,
            left,
            right,
            output,
        })
    }

    /// Writes `n` of a hash.
    pub(crate) fn assign_node(
        &self,
        region: &mut Region<'_, Fp>,
        (row, lane): (usize, usize),
        node: Value<Fp>,
    ) -> Result<Cell, Error> {
        region
            .assign_advice(|| "node", self.columns.lanes[lane][0], row, || node)
            .map(|cell| cell.cell())
    }

    /// Makes a hash of lane 0 a step of a path. In other lanes every hash is one.
    pub(crate) fn enable_step(
        &self,
        region: &mut Region<'_, Fp>,
        (row, lane): (usize, usize),
    ) -> Result<(), Error> {
        if lane == 0 {
            self.step.enable(region, row)?;
        }
        Ok(())
    }
}

/// Writes a fixed cell.
pub(crate) fn fix(
    region: &mut Region<'_, Fp>,
    column: Column<Fixed>,
    row: usize,
    value: Fp,
) -> Result<(), Error> {
    region
        .assign_fixed(|| "fixed", column, row, || Value::known(value))
        .map(drop)
}

fn named(
    names: [&'static str; WIDTH],
    kind: Expression<Fp>,
    words: [Expression<Fp>; WIDTH],
) -> Vec<(&'static str, Expression<Fp>)> {
    names
        .into_iter()
        .zip(words)
        .map(|(name, word)| (name, kind.clone() * word))
        .collect()
}

fn pow5(x: Expression<Fp>) -> Expression<Fp> {
    x.clone().square().square() * x
}

/// Words 1 and 2 between the partial rounds of a row, as linear forms of the row's cells.
struct Rest {
    cells: Vec<Expression<Fp>>,
    forms: [Vec<Fp>; 2],
}

impl Rest {
    fn new(y: Expression<Fp>, z: Expression<Fp>) -> Self {
        Self {
            cells: vec![y, z],
            forms: [vec![Fp::ONE, Fp::ZERO], vec![Fp::ZERO, Fp::ONE]],
        }
    }

    /// Factors of `M01 y^ + M02 z^`.
    fn linear(&self) -> Vec<Fp> {
        let [y, z] = &self.forms;
        y.iter()
            .zip(z)
            .map(|(y, z)| ROUND.mds[0][1] * y + ROUND.mds[0][2] * z)
            .collect()
    }

    /// `M01 y^ + M02 z^`.
    fn share_of_word_0(&self) -> Expression<Fp> {
        self.weigh(&self.linear())
    }

    /// The two words.
    fn words(&self) -> [Expression<Fp>; 2] {
        [self.weigh(&self.forms[0]), self.weigh(&self.forms[1])]
    }

    /// The same after a round whose new word 0 is `u`.
    fn after(&self, u: Expression<Fp>) -> Self {
        let linear = self.linear();
        let [y, z] = &self.forms;
        let forms = [1, 2].map(|i| {
            let pivot = ROUND.mds[i][0] * ROUND.pivot_inverse;
            let old = y.iter().zip(z).zip(&linear);
            old.map(|((y, z), l)| ROUND.mds[i][1] * y + ROUND.mds[i][2] * z - pivot * l)
                .chain([pivot])
                .collect()
        });
        Self {
            cells: self.cells.iter().cloned().chain([u]).collect(),
            forms,
        }
    }

    fn weigh(&self, factors: &[Fp]) -> Expression<Fp> {
        sum(self
            .cells
            .iter()
            .zip(factors)
            .map(|(cell, factor)| cell.clone() * *factor))
    }
}
