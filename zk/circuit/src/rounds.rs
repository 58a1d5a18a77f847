//! The Poseidon permutation, round by round, in the form in which the chip lays it out.
//!
//! `P128Pow5T3` with the constants of `halo2_poseidon`: 4 full, 56 partial and 4 full rounds, S-box x^5, matrix M.
//! Let `t` be the state after the constants of a round were added, so that the S-box acts on `t` directly. A round is
//! `t' = M * sbox(t) + c'`, with the next round's constants `c'`.
//!
//! In a partial round only word 0 meets the S-box. Let `t = (u, y, z)`. Words 1 and 2 are kept as `y^ = y - dy` and
//! `z^ = z - dz`, with offsets `dy`, `dz` that depend on the round alone and are chosen so that
//!
//! ```text
//! u'  = M00 u^5 + M01 y^ + M02 z^ + e'                     (e' = c'_0 + M01 dy + M02 dz)
//! y^' = (M10 / M00)(u' - M01 y^ - M02 z^) + M11 y^ + M12 z^
//! z^' = (M20 / M00)(u' - M01 y^ - M02 z^) + M21 y^ + M22 z^
//! ```
//!
//! The last two are linear and the same in every round; so a row of several partial rounds needs one constraint with
//! one S-box, one constant and one cell for each round.

use ff::Field;
use halo2_poseidon::{P128Pow5T3, Spec};
use ofage_primitives::Fp;
use std::sync::LazyLock;

/// Words of the state.
pub(crate) const WIDTH: usize = 3;
/// Full rounds before, and as many after, the partial ones.
pub(crate) const FULL_HALF: usize = 4;
/// Partial rounds.
pub(crate) const PARTIAL: usize = 56;
/// All rounds.
const ROUNDS: usize = 2 * FULL_HALF + PARTIAL;
/// The first round after the partial ones.
const SECOND_HALF: usize = FULL_HALF + PARTIAL;

/// Three field elements.
pub(crate) type Words = [Fp; WIDTH];

/// Constants of the permutation, as the module's documentation names them.
pub(crate) struct Rounds {
    /// `c`, by round.
    constants: Vec<Words>,
    /// `M`.
    pub(crate) mds: [Words; WIDTH],
    /// The inverse of `M`.
    pub(crate) inverse: [Words; WIDTH],
    /// `1 / M00`.
    pub(crate) pivot_inverse: Fp,
    /// `e'` of each partial round.
    pub(crate) partial: Vec<Fp>,
    /// `dy` and `dz` at the S-box of each partial round, and at that of the first round after them.
    offsets: Vec<[Fp; 2]>,
}

/// The constants, derived once.
pub(crate) static ROUND: LazyLock<Rounds> = LazyLock::new(Rounds::derive);

impl Rounds {
    fn derive() -> Self {
        let (constants, mds, inverse) = <P128Pow5T3 as Spec<Fp, 3, 2>>::constants();
        let pivot_inverse = Option::from(mds[0][0].invert()).expect("an MDS matrix has no zero entry; qed");
        let mut offsets = vec![[Fp::ZERO; 2]];
        let mut partial = Vec::new();
        for next in &constants[FULL_HALF + 1..=SECOND_HALF] {
            let [dy, dz] = offsets[partial.len()];
            let e = next[0] + mds[0][1] * dy + mds[0][2] * dz;
            let offset = |i: usize| mds[i][1] * dy + mds[i][2] * dz + next[i] - mds[i][0] * pivot_inverse * e;
            partial.push(e);
            offsets.push([offset(1), offset(2)]);
        }
        Self {
            constants,
            mds,
            inverse,
            pivot_inverse,
            partial,
            offsets,
        }
    }

    /// Constants that are added to the two inputs of a hash before the first S-box.
    pub(crate) fn input(&self) -> [Fp; 2] {
        [self.constants[0][0], self.constants[0][1]]
    }

    /// What the S-box makes of the capacity in the first round: all that is left of a domain's tag.
    pub(crate) fn tag(&self, capacity: Fp) -> Fp {
        pow5(capacity + self.constants[0][2])
    }

    /// `M^-1 * c` of a round.
    pub(crate) fn inverse_constants(&self, round: usize) -> Words {
        apply(&self.inverse, self.constants[round])
    }

    /// `M^-1 * c` of the three rounds after the first of a half, in order.
    pub(crate) fn half(&self, half: Half) -> [Words; FULL_HALF - 1] {
        let first = half.first_round();
        std::array::from_fn(|i| self.inverse_constants(first + i + 1))
    }

    /// `M^-1 * c` of the first partial round.
    pub(crate) fn first_partial(&self) -> Words {
        self.inverse_constants(FULL_HALF)
    }

    /// What words 1 and 2 lack at the S-box of the first round after the partial ones.
    pub(crate) fn last_offset(&self) -> [Fp; 2] {
        self.offsets[PARTIAL]
    }
}

/// Which four full rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// Before the partial rounds.
    First,
    /// After them.
    Second,
}

impl Half {
    const fn first_round(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second => SECOND_HALF,
        }
    }
}

/// The states of one permutation that have cells. No `Debug`; wiped when dropped.
pub(crate) struct Trace {
    /// `t` of rounds 1, 2, 3.
    pub(crate) first: [Words; FULL_HALF - 1],
    /// `(u, y^, z^)` of each partial round, and of the first round after them.
    pub(crate) partial: Vec<Words>,
    /// `t` of the last three rounds.
    pub(crate) second: [Words; FULL_HALF - 1],
    /// The hash.
    pub(crate) output: Fp,
}

impl Trace {
    pub(crate) fn wipe(&mut self) {
        use zeroize::Zeroize;
        self.first
            .iter_mut()
            .chain(&mut self.partial)
            .chain(&mut self.second)
            .flatten()
            .chain([&mut self.output])
            .for_each(Zeroize::zeroize);
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// When a fault is put into a permutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the S-box of a round.
    Before,
    /// Between the S-box and the matrix.
    After,
}

/// Hashes `left` and `right` under a capacity value, and remembers the states on the way.
pub(crate) fn trace(capacity: Fp, left: Fp, right: Fp) -> Trace {
    trace_with(capacity, left, right, |_, _, _| {})
}

/// The same with a state that `fault` may change twice in each round; tests make cheating provers of it.
pub(crate) fn trace_with(
    capacity: Fp,
    left: Fp,
    right: Fp,
    mut fault: impl FnMut(Moment, usize, &mut Words),
) -> Trace {
    let r = &*ROUND;
    let add = |a: Words, b: &Words| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
    let mut t = add([left, right, capacity], &r.constants[0]);
    let mut first = [[Fp::ZERO; WIDTH]; FULL_HALF - 1];
    let mut second = first;
    let mut partial = Vec::with_capacity(PARTIAL + 1);
    for round in 0..ROUNDS {
        fault(Moment::Before, round, &mut t);
        match round.checked_sub(FULL_HALF) {
            None if round > 0 => first[round - 1] = t,
            Some(number) if number <= PARTIAL => {
                let [dy, dz] = r.offsets[number];
                partial.push([t[0], t[1] - dy, t[2] - dz]);
            }
            Some(_) => second[round - SECOND_HALF - 1] = t,
            None => {}
        }
        let is_full = !(FULL_HALF..SECOND_HALF).contains(&round);
        t = if is_full {
            t.map(pow5)
        } else {
            [pow5(t[0]), t[1], t[2]]
        };
        fault(Moment::After, round, &mut t);
        t = apply(&r.mds, t);
        if let Some(next) = r.constants.get(round + 1) {
            t = add(t, next);
        }
    }
    Trace {
        first,
        partial,
        second,
        output: t[0],
    }
}

fn apply(matrix: &[Words; WIDTH], v: Words) -> Words {
    [0, 1, 2].map(|i| matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2])
}

fn pow5(x: Fp) -> Fp {
    x.square().square() * x
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::{poseidon, Domain};

    #[test]
    fn the_trace_ends_in_the_native_hash() {
        for domain in Domain::ALL {
            let (a, b) = (Fp::from(domain as u64), -Fp::from(7));
            assert_eq!(
                trace(domain.capacity(), a, b).output,
                poseidon::hash(domain, a, b)
            );
        }
    }

    #[test]
    fn partial_rounds_follow_the_stated_recurrence() {
        let r = &*ROUND;
        let states = &trace(Domain::CapNode.capacity(), Fp::from(1), Fp::from(2)).partial;
        for (round, pair) in states.windows(2).enumerate() {
            let ([u, y, z], next) = (pair[0], pair[1]);
            let linear = r.mds[0][1] * y + r.mds[0][2] * z;
            assert_eq!(next[0], r.mds[0][0] * pow5(u) + linear + r.partial[round]);
            for i in [1, 2] {
                let back = r.mds[i][0] * r.pivot_inverse * (next[0] - linear);
                assert_eq!(next[i], back + r.mds[i][1] * y + r.mds[i][2] * z);
            }
        }
    }
}
