//! Parameters and keys of the ownership circuit, version 1. Both are small enough to be built when first asked for.

use super::OwnershipCircuit;
use halo2_proofs::{
    plonk::{keygen_pk, keygen_vk, ProvingKey, VerifyingKey},
    poly::commitment::Params,
};
use pasta_curves::EqAffine;
use std::sync::LazyLock;

/// Logarithm of the number of rows.
pub const K: u32 = 4;

/// Bytes of every proof; a test compares it with the pins.
pub const PROOF_LENGTH: usize = 2304;

static PARAMS: LazyLock<Params<EqAffine>> = LazyLock::new(|| Params::new(K));

static VERIFYING_KEY: LazyLock<VerifyingKey<EqAffine>> = LazyLock::new(|| {
    keygen_vk(params(), &OwnershipCircuit::empty()).expect("the circuit fits into 2^K rows; qed")
});

static PROVING_KEY: LazyLock<ProvingKey<EqAffine>> = LazyLock::new(|| {
    keygen_pk(params(), verifying_key().clone(), &OwnershipCircuit::empty())
        .expect("the circuit fits into 2^K rows; qed")
});

/// The parameters, hashed from halo2's public string.
pub fn params() -> &'static Params<EqAffine> {
    &PARAMS
}

/// The verifying key. The first call builds it.
pub fn verifying_key() -> &'static VerifyingKey<EqAffine> {
    &VERIFYING_KEY
}

/// The proving key. The first call builds it, and the verifying key.
pub fn proving_key() -> &'static ProvingKey<EqAffine> {
    &PROVING_KEY
}
