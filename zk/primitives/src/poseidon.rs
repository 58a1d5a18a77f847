//! Tagged Poseidon: `P128Pow5T3` over the Pallas base field, two elements to one, with the [`Domain`] in the
//! capacity element.
//!
//! Parameters (8 full and 56 partial rounds, x^5, width 3) and constants are those of `halo2_poseidon`. The 56
//! partial rounds use the sparse-matrix form of the Poseidon paper (Grassi et al., USENIX Security 2021,
//! appendix B), which needs 5 instead of 9 multiplications for the linear layer of such a round:
//!
//! - A constant added to words 1 and 2 does not meet the S-box of a partial round, so it moves through the
//!   matrix to the next round; only word 0 keeps a constant.
//! - The matrix splits into `M = D * S` with `D = diag(1, M^)` and `S` sparse. `D` leaves word 0 alone, commutes with
//!   the S-box, and is multiplied into the next round's matrix. The last `D` is applied once, as `MIX`.
//!
//! The tables are derived again from `halo2_poseidon`'s constants by a test, and the result is tested equal to it.

mod tables;

use crate::{Domain, Element, Fp};
use alloc::vec::Vec;
use tables::{FIRST, LAST, MDS, MIX, PARTIAL};

/// Hashes pairs of elements, one layer of a tree at a time.
///
/// Pallets take it by their configuration, so that the runtime can hash natively through a host function.
pub trait LayerHasher {
    /// The hashes of `pairs`, in order and as many.
    fn hash_layer(domain: Domain, pairs: &[[Element; 2]]) -> Vec<Element>;
}

/// Hashes in the calling process.
#[derive(Clone, Copy, Debug)]
pub struct NativeHasher;

impl LayerHasher for NativeHasher {
    fn hash_layer(domain: Domain, pairs: &[[Element; 2]]) -> Vec<Element> {
        hash_layer(domain, pairs)
    }
}

/// `H_domain(a, b)`.
pub fn hash(domain: Domain, a: Fp, b: Fp) -> Fp {
    hash_with_capacity(domain.capacity(), a, b)
}

/// `H_domain(a, b)` of elements.
pub fn hash_elements(domain: Domain, a: Element, b: Element) -> Element {
    hash(domain, a.into(), b.into()).into()
}

/// `H_domain` of each pair.
pub fn hash_layer(domain: Domain, pairs: &[[Element; 2]]) -> Vec<Element> {
    let capacity = domain.capacity();
    pairs
        .iter()
        .map(|[a, b]| hash_with_capacity(capacity, (*a).into(), (*b).into()).into())
        .collect()
}

/// The permutation of `[a, b, capacity]`, first word.
pub(crate) fn hash_with_capacity(capacity: Fp, a: Fp, b: Fp) -> Fp {
    let mut state = [a, b, capacity];
    permute(&mut state);
    state[0]
}

fn permute(state: &mut [Fp; 3]) {
    for constants in &FIRST {
        full_round(state, constants);
    }
    let [mut x, mut y, mut z] = *state;
    for [constant, m, v0, v1, w0, w1] in &PARTIAL {
        let s = pow5(x + constant);
        x = s * m + y * v0 + z * v1;
        y += s * w0;
        z += s * w1;
    }
    *state = [x, MIX[0][0] * y + MIX[0][1] * z, MIX[1][0] * y + MIX[1][1] * z];
    for constants in &LAST {
        full_round(state, constants);
    }
}

fn full_round(state: &mut [Fp; 3], constants: &[Fp; 3]) {
    let [x, y, z] = [0, 1, 2].map(|i| pow5(state[i] + constants[i]));
    *state = [0, 1, 2].map(|i| MDS[i][0] * x + MDS[i][1] * y + MDS[i][2] * z);
}

fn pow5(x: Fp) -> Fp {
    x.square().square() * x
}

#[cfg(test)]
mod tests;
