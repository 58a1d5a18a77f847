//! Comparisons, ranges, bindings to public inputs, and flags; all in lane 0.
//!
//! A row of arithmetic holds two operands `a`, `b` and ten words `w0 .. w9` of two bits; `p` is the public input of
//! the row, `f0 .. f9` are the coefficients in the shared fixed columns:
//!
//! | row | 0 | 1 | 2 .. 11 | instance |
//! |---|---|---|---|---|
//! | i | a | b | w0 .. w9 | p |
//! | i + 1 | | b' | | |
//!
//! | gate | constrains |
//! |---|---|
//! | word | each `w (w - 1)(w - 2)(w - 3) = 0` |
//! | value | `f0 a + f1 b + f2 = w0 + 4 w1 + .. + 4^9 w9` |
//! | carry | `f3 b' = f4 b + f5 a` |
//! | boolean | `f6 b (1 - b) = 0` |
//! | public a | `(f7 + f8 b)(a - p) = 0`, in rows of public inputs |
//! | public b | `f9 (b - p) = 0`, in rows of public inputs |
//!
//! So a value is in `0 .. 2^20`: its words cannot wrap. A comparison of two such numbers, or of one with a public
//! input, is the value of their difference; it holds of them as integers, whatever the public input is. Where a row has
//! no value its coefficients are zero, and the words are forced to zero with it.
//!
//! **Flags** take two rows. Bit `j` of the attributes' flags F, of the required ones R and of the forbidden ones D
//! may be combined in four ways, which one word `t_j` numbers:
//!
//! | t | F | R | D | |
//! |---|---|---|---|---|
//! | 0 | 0 | 0 | 0 | not set, not asked |
//! | 1 | 1 | 0 | 0 | set, not asked |
//! | 2 | 1 | 1 | 0 | set and required |
//! | 3 | 0 | 0 | 1 | clear and forbidden |
//!
//! Then `t = F + R + 3 D`, `t^2 = F + 3 R + 9 D`, `t^3 = F + 7 R + 27 D` bit by bit; the three sums over `2^j t_j^k`
//! determine F, R and D, since the matrix of these factors is invertible, and no sum wraps. In columns:
//!
//! | row | 0 | 1 | 2 | 3 .. 10 | 11 | instance |
//! |---|---|---|---|---|---|---|
//! | low | F | - | - | t0 .. t7 | - | R |
//! | high | s1 | s2 | s3 | t8 .. t15 | - | D |
//!
//! | gate | constrains, for k = 1, 2, 3 and (r, d) of the powers above |
//! |---|---|
//! | flags low | `s_k = F + r_k R - sum of 2^j t_j^k, j < 8` |
//! | flags high | `s_k + d_k D = sum of 2^j t_j^k, 8 <= j < 16` |
//! | word | as above, in columns 3 .. 10 |

use super::{poseidon::fix, sum, Columns, Lane};
use crate::layout::{INPUT_ROWS, WORDS};
use ff::Field;
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    plonk::{ConstraintSystem, Error, Expression, Selector, VirtualCells},
    poly::Rotation,
};
use ofage_primitives::Fp;

/// Column of operand `a`.
const A: usize = 0;
/// Column of operand `b`.
const B: usize = 1;
/// First column of words in a row of arithmetic.
const WORD: usize = 2;
/// First column of words in a row of flags.
const FLAG: usize = 3;
/// Words of flags in a row.
const FLAGS_PER_ROW: usize = 8;
/// Factors of R and D in the sums of powers 1, 2, 3 of the words.
const POWERS: [(u64, u64); 3] = [(1, 3), (3, 9), (7, 27)];

/// Selectors of the arithmetic gates.
#[derive(Clone, Debug)]
pub(crate) struct ArithmeticConfig {
    columns: Columns,
    row: Selector,
    public: Selector,
    words: Selector,
    flags_low: Selector,
    flags_high: Selector,
}

/// Coefficients `f0 .. f9` of a row; the default constrains nothing but that the words are zero.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row {
    /// `f0, f1, f2`: what the words sum up to.
    pub(crate) value: [i64; 3],
    /// `f3, f4, f5`.
    pub(crate) carry: [Fp; 3],
    /// `f6`.
    pub(crate) boolean: bool,
    /// `f7, f8`.
    pub(crate) public_a: [i64; 2],
    /// `f9`.
    pub(crate) public_b: bool,
}

/// The cells of a row that others are tied to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowCells {
    /// `a`.
    pub(crate) a: Cell,
    /// `b`.
    pub(crate) b: Cell,
    /// `w0`: zero in a row without a value.
    pub(crate) w0: Cell,
}

impl ArithmeticConfig {
    pub(crate) fn configure(meta: &mut ConstraintSystem<Fp>, columns: &Columns) -> Self {
        let config = Self {
            columns: columns.clone(),
            row: meta.selector(),
            public: meta.selector(),
            words: meta.selector(),
            flags_low: meta.selector(),
            flags_high: meta.selector(),
        };
        config.word_gates(meta);
        config.row_gate(meta);
        config.flag_gates(meta);
        config
    }

    fn lane(&self) -> Lane<'_> {
        Lane {
            columns: &self.columns.lanes[0],
        }
    }

    fn word_gates(&self, meta: &mut ConstraintSystem<Fp>) {
        let lane = self.lane();
        // Columns that are words in both kinds of rows, and those that are so in rows of arithmetic only.
        for (selector, name, columns) in [
            (
                self.words,
                "word",
                (FLAG..FLAG + FLAGS_PER_ROW).collect::<Vec<_>>(),
            ),
            (self.row, "outer word", vec![WORD, WORD + WORDS - 1]),
        ] {
            meta.create_gate(name, |meta| {
                let selector = meta.query_selector(selector);
                let words: Vec<_> = columns.iter().map(|column| lane.cur(meta, *column)).collect();
                words
                    .into_iter()
                    .map(move |w| ("two bits", selector.clone() * two_bits(w)))
            });
        }
    }

    fn row_gate(&self, meta: &mut ConstraintSystem<Fp>) {
        let lane = self.lane();
        meta.create_gate("arithmetic", |meta| {
            let selector = meta.query_selector(self.row);
            let [a, b] = [A, B].map(|column| lane.cur(meta, column));
            let b_next = lane.next(meta, B);
            let f: [_; 7] = std::array::from_fn(|i| meta.query_fixed(self.columns.shared[i]));
            let words = weighted(meta, &lane, WORD, WORDS, 4, 1);
            let [f0, f1, f2, f3, f4, f5, f6] = f;
            let value = f0 * a.clone() + f1 * b.clone() + f2 - words;
            let carry = f3 * b_next - (f4 * b.clone() + f5 * a);
            let boolean = f6 * b.clone() * (Expression::Constant(Fp::ONE) - b);
            [("value", value), ("carry", carry), ("boolean", boolean)]
                .map(|(name, constraint)| (name, selector.clone() * constraint))
        });
        meta.create_gate("public input", |meta| {
            let selector = meta.query_selector(self.public);
            let [a, b] = [A, B].map(|column| lane.cur(meta, column));
            let p = meta.query_instance(self.columns.instance, Rotation::cur());
            let [f7, f8, f9] = [7, 8, 9].map(|i| meta.query_fixed(self.columns.shared[i]));
            let public_a = (f7 + f8 * b.clone()) * (a - p.clone());
            let public_b = f9 * (b - p);
            [("public a", public_a), ("public b", public_b)]
                .map(|(name, constraint)| (name, selector.clone() * constraint))
        });
    }

    fn flag_gates(&self, meta: &mut ConstraintSystem<Fp>) {
        let lane = self.lane();
        let names = ["first powers", "second powers", "third powers"];
        meta.create_gate("flags low", |meta| {
            let selector = meta.query_selector(self.flags_low);
            let flags = lane.cur(meta, A);
            let required = meta.query_instance(self.columns.instance, Rotation::cur());
            let mut power = 0;
            POWERS.map(|(r, _)| {
                let name = names[power];
                let rest = lane.next(meta, power);
                power += 1;
                let words = weighted(meta, &lane, FLAG, FLAGS_PER_ROW, 2, power);
                let total = flags.clone() + required.clone() * Fp::from(r);
                (name, selector.clone() * (total - (words + rest)))
            })
        });
        meta.create_gate("flags high", |meta| {
            let selector = meta.query_selector(self.flags_high);
            let forbidden = meta.query_instance(self.columns.instance, Rotation::cur());
            let mut power = 0;
            POWERS.map(|(_, d)| {
                let name = names[power];
                let rest = lane.cur(meta, power);
                power += 1;
                let words =
                    weighted(meta, &lane, FLAG, FLAGS_PER_ROW, 2, power) * Fp::from(1 << FLAGS_PER_ROW);
                let total = rest + forbidden.clone() * Fp::from(d);
                (name, selector.clone() * (total - words))
            })
        });
    }

    /// Writes a row of arithmetic.
    pub(crate) fn assign_row(
        &self,
        region: &mut Region<'_, Fp>,
        row: usize,
        coefficients: &Row,
        [a, b]: [Value<Fp>; 2],
    ) -> Result<RowCells, Error> {
        self.row.enable(region, row)?;
        self.words.enable(region, row)?;
        if row < INPUT_ROWS {
            self.public.enable(region, row)?;
        }
        for (column, coefficient) in self.columns.shared.iter().zip(coefficients.fixed()) {
            fix(region, *column, row, coefficient)?;
        }
        let [f0, f1, f2] = coefficients.value.map(signed);
        let value = a.zip(b).map(|(a, b)| f0 * a + f1 * b + f2);
        let cells: Vec<Cell> = [a, b]
            .into_iter()
            .chain((0..WORDS).map(|i| value.map(|v| bits(v, 2 * i, 2))))
            .zip(&self.columns.lanes[0])
            .map(|(value, column)| {
                region
                    .assign_advice(|| "arithmetic", *column, row, || value)
                    .map(|c| c.cell())
            })
            .collect::<Result<_, _>>()?;
        Ok(RowCells {
            a: cells[A],
            b: cells[B],
            w0: cells[WORD],
        })
    }

    /// Writes the two rows of flags, and gives the cell of F.
    ///
    /// Column 1 of the first row is written too, since the gate of the row above it looks there; it gives that cell.
    pub(crate) fn assign_flags(
        &self,
        region: &mut Region<'_, Fp>,
        row: usize,
        [flags, required, forbidden]: [Value<Fp>; 3],
    ) -> Result<[Cell; 2], Error> {
        let lane = &self.columns.lanes[0];
        self.flags_low.enable(region, row)?;
        self.flags_high.enable(region, row + 1)?;
        let all = flags.zip(required).zip(forbidden);
        let words: Vec<Value<u64>> = (0..2 * FLAGS_PER_ROW)
            .map(|j| all.map(|((f, r), d)| flag_word([f, r, d].map(|n| bits(n, j, 1) == Fp::ONE))))
            .collect();
        for (i, half) in words.chunks(FLAGS_PER_ROW).enumerate() {
            self.words.enable(region, row + i)?;
            for (column, word) in lane[FLAG..].iter().zip(half) {
                region.assign_advice(|| "flags", *column, row + i, || word.map(Fp::from))?;
            }
        }
        for (k, (r, _)) in POWERS.into_iter().enumerate() {
            let low = words[..FLAGS_PER_ROW]
                .iter()
                .enumerate()
                .fold(Value::known(Fp::ZERO), |total, (j, word)| {
                    total + word.map(|w| Fp::from(w.pow(k as u32 + 1) << j))
                });
            let rest = flags + required.map(|n| n * Fp::from(r)) - low;
            region.assign_advice(|| "flags, rest", lane[k], row + 1, || rest)?;
        }
        let flags = region.assign_advice(|| "flags", lane[A], row, || flags)?.cell();
        let unused = region
            .assign_advice(|| "unused", lane[B], row, || Value::known(Fp::ZERO))?
            .cell();
        Ok([flags, unused])
    }
}

impl Row {
    fn fixed(&self) -> [Fp; WORDS] {
        let [f0, f1, f2] = self.value.map(signed);
        let [f3, f4, f5] = self.carry;
        let [f7, f8] = self.public_a.map(signed);
        let [f6, f9] = [self.boolean, self.public_b].map(|on| Fp::from(u64::from(on)));
        [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9]
    }
}

/// The number of a combination of bits of F, R and D; for one that is not allowed, a number that fits the flags only.
fn flag_word([flag, required, forbidden]: [bool; 3]) -> u64 {
    match (flag, required, forbidden) {
        (true, true, _) => 2,
        (true, false, _) => 1,
        (false, _, true) => 3,
        (false, _, false) => 0,
    }
}

/// The sum of `base^j w_j^power` over `count` cells from a column on.
fn weighted(
    meta: &mut VirtualCells<'_, Fp>,
    lane: &Lane<'_>,
    from: usize,
    count: usize,
    base: u64,
    power: usize,
) -> Expression<Fp> {
    sum((0..count).map(|j| {
        let word = lane.cur(meta, from + j);
        let raised = (1..power).fold(word.clone(), |product, _| product * word.clone());
        raised * Fp::from(base.pow(j as u32))
    }))
}

fn two_bits(word: Expression<Fp>) -> Expression<Fp> {
    (1..4).fold(word.clone(), |product, n| {
        product * (word.clone() - Expression::Constant(Fp::from(n)))
    })
}

fn signed(n: i64) -> Fp {
    let absolute = Fp::from(n.unsigned_abs());
    if n < 0 {
        -absolute
    } else {
        absolute
    }
}

/// `count` bits of a number from bit `from` on; those of its lowest 64 bits, for a number that is larger.
fn bits(number: Fp, from: usize, count: u32) -> Fp {
    use ff::PrimeField;
    let repr = number.to_repr();
    let low = repr[..8]
        .iter()
        .rev()
        .fold(0u64, |n, byte| (n << 8) | u64::from(*byte));
    Fp::from((low >> from) & ((1 << count) - 1))
}
