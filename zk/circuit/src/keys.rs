//! Parameters and keys of circuit version 1.
//!
//! The parameters are hashed from a public string by `Params::new`, which takes long. They ship as bytes instead: reading
//! them checks that they are points of the curve, and their pinned hash that they are the right ones. A test compares
//! them with `Params::new`. Keys have no byte form in halo2 and are built once, when first asked for.

use crate::CircuitV1;
use halo2_proofs::{
    plonk::{keygen_pk, keygen_vk, ProvingKey, VerifyingKey},
    poly::commitment::Params,
};
use pasta_curves::EqAffine;
use std::sync::LazyLock;

/// Logarithm of the number of rows; a test compares it with [`CircuitV1::k`].
pub const K: u32 = 8;

/// The parameters, as `Params::write` writes them.
const PARAMS: &[u8] = include_bytes!("../params/k8.bin");

/// What must not change by accident: hashes, costs and lengths, one a line. Tests compare and rewrite them.
const PINS: &str = include_str!("../pins/v1.txt");

static READ_PARAMS: LazyLock<Params<EqAffine>> = LazyLock::new(|| {
    assert_eq!(
        Some(hash_hex(PARAMS).as_str()),
        pin("params"),
        "a test compares the bytes with their pin; qed"
    );
    Params::read(&mut &PARAMS[..]).expect("bytes of the pinned hash are parameters; qed")
});

static VERIFYING_KEY: LazyLock<VerifyingKey<EqAffine>> =
    LazyLock::new(|| keygen_vk(params(), &CircuitV1::empty()).expect("the circuit fits into 2^K rows; qed"));

static PROVING_KEY: LazyLock<ProvingKey<EqAffine>> = LazyLock::new(|| {
    keygen_pk(params(), verifying_key().clone(), &CircuitV1::empty())
        .expect("the circuit fits into 2^K rows; qed")
});

/// The parameters.
pub fn params() -> &'static Params<EqAffine> {
    &READ_PARAMS
}

/// The verifying key. The first call builds it.
pub fn verifying_key() -> &'static VerifyingKey<EqAffine> {
    &VERIFYING_KEY
}

/// The proving key. The first call builds it, and the verifying key.
pub fn proving_key() -> &'static ProvingKey<EqAffine> {
    &PROVING_KEY
}

/// A line of the pins.
fn pin(name: &str) -> Option<&'static str> {
    PINS.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// BLAKE2b-256, personalised, in hexadecimal.
pub(crate) fn hash_hex(bytes: &[u8]) -> String {
    let hash = blake2b_simd::Params::new()
        .hash_length(32)
        .personal(b"Ofage-pinned-v1-")
        .hash(bytes);
    hash.to_hex().as_str().to_owned()
}

#[cfg(test)]
mod tests;
