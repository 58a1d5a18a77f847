//! Proofs that a commitment is the prover's own.

use crate::{create, Proof, ProveError};
use ofage_circuit::ownership::{self, keys, OwnershipCircuit, OwnershipInputs};
use ofage_primitives::HolderSecret;

/// Proves that the identity commitment is that of the secret, with the system's randomness.
///
/// The first call builds the keys, in some milliseconds. halo2's own copies of the secret cannot be wiped, and stay in freed
/// memory until it is used again.
///
/// # Errors
/// [`ProveError::Ownership`] when the commitment is not that of the secret; a proof that is returned verifies.
pub fn prove_ownership(inputs: &OwnershipInputs, secret: &HolderSecret) -> Result<Proof, ProveError> {
    ownership::check(inputs, secret)?;
    create(
        keys::params(),
        keys::proving_key(),
        &[OwnershipCircuit::new(inputs, secret)],
        &[inputs.to_fields()],
        keys::PROOF_LENGTH,
    )
}
