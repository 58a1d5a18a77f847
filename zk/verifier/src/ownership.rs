//! Checks proofs that a commitment is its holder's own.

use crate::{checker::Checker, VerifyError};
use ofage_circuit::ownership::{instance, keys, OwnershipInputs, CIRCUIT};
use std::sync::OnceLock;

/// What checks them, made once for the process.
static V1: OnceLock<Checker<'static, { instance::COUNT }>> = OnceLock::new();

/// Checks that `proof` proves the ownership of the commitment, for this issuer and this signal.
///
/// The caller has recomputed the inputs. Length and encoding are checked before anything else. The first call builds the
/// verifying key, in some milliseconds.
///
/// # Errors
/// The first check that failed.
pub fn verify_ownership(inputs: &OwnershipInputs, proof: &[u8]) -> Result<(), VerifyError> {
    let checker = V1.get_or_init(|| {
        Checker::new(CIRCUIT, keys::params(), keys::verifying_key(), 1)
            .expect("parameters, key and number of inputs come from one circuit; qed")
    });
    checker.verify(&[inputs.to_fields()], proof)
}
