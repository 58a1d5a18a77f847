//! Builds proofs of age statements, and of who owns a commitment.
//!
//! ```
//! use ofage_prover::Prover;
//!
//! let (inputs, witness) = ofage_circuit::sample::sample(1);
//! let proof = Prover::new().prove(&inputs, &witness)?;
//! assert_eq!(proof.as_bytes().len(), ofage_prover::PROOF_LENGTH);
//! # Ok::<(), ofage_prover::ProveError>(())
//! ```

mod create;
mod ownership;

use create::create;
use halo2_proofs::{plonk::ProvingKey, poly::commitment::Params};
use ofage_circuit::{keys, ownership::NotTheOwner, statement, CircuitV1};
use ofage_primitives::{
    presentation::{proof_length_v1, PROOF_LENGTH_V1},
    CircuitId, Fp, JointInputs, PublicInputs,
};
use pasta_curves::EqAffine;

pub use ofage_circuit::{Violation, Witness};
pub use ownership::prove_ownership;

/// Bytes of every proof for one issuer.
pub const PROOF_LENGTH: usize = PROOF_LENGTH_V1 as usize;

/// Why no proof was made. Says nothing of the witness beyond which rule it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// The statement does not hold for this witness.
    ///
    /// Show it to the holder alone: towards who asked, "cannot" and "declined" look the same.
    #[error("the statement does not hold: {0}")]
    Statement(#[from] Violation),
    /// The commitment is not the holder's.
    #[error(transparent)]
    Ownership(#[from] NotTheOwner),
    /// Not one witness for each issuer tag.
    #[error("the proof is of {issuers} issuers and so takes as many witnesses, not {witnesses}; give one for each tag, in the order of the tags")]
    WitnessCount {
        /// Issuer tags of the inputs.
        issuers: usize,
        /// Witnesses that came.
        witnesses: usize,
    },
    /// The system gives no randomness, without which a proof would reveal the witness.
    #[error("the system's random number generator fails; restart the system, or free its resources")]
    Randomness,
    /// halo2 refuses to prove a statement that holds.
    #[error("the proof system failed on a statement that holds; please report this as a bug")]
    ProofSystem,
}

/// One proof: of exactly [`PROOF_LENGTH`] bytes if it is of an age and for one issuer, of [`proof_length_v1`] for several
/// issuers, and of [`ofage_circuit::ownership::keys::PROOF_LENGTH`] if it is of ownership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof(Vec<u8>);

impl Proof {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Makes proofs of circuit version 1. Cheap to copy: the keys are built once for the process.
#[derive(Clone, Copy)]
pub struct Prover {
    params: &'static Params<EqAffine>,
    key: &'static ProvingKey<EqAffine>,
}

impl Prover {
    /// The circuit that it proves.
    pub const CIRCUIT: CircuitId = CircuitId::V1;

    /// Takes the keys. The first call builds them, in about a tenth of a second.
    pub fn new() -> Self {
        Self {
            params: keys::params(),
            key: keys::proving_key(),
        }
    }

    /// Proves the statement, with the system's randomness.
    ///
    /// halo2's own copies of the witness cannot be wiped, and stay in freed memory until it is used again.
    ///
    /// # Errors
    /// [`ProveError::Statement`] when the statement does not hold; a proof that is returned verifies.
    pub fn prove(&self, inputs: &PublicInputs, witness: &Witness) -> Result<Proof, ProveError> {
        self.prove_instances(&[(*inputs, witness)])
    }

    /// Proves the statement once for each issuer, in one proof. Witnesses come in the order of the tags.
    ///
    /// The nullifier that the statements share ties all attestations to one secret. For one issuer the proof is one as
    /// [`prove`](Self::prove) makes it.
    ///
    /// # Errors
    /// [`ProveError::Statement`] when one of the statements does not hold, [`ProveError::WitnessCount`] when there is not
    /// a witness for each tag; a proof that is returned verifies.
    pub fn prove_joint(&self, inputs: &JointInputs, witnesses: &[Witness]) -> Result<Proof, ProveError> {
        if inputs.count() != witnesses.len() {
            return Err(ProveError::WitnessCount {
                issuers: inputs.count(),
                witnesses: witnesses.len(),
            });
        }
        let statements: Vec<(PublicInputs, &Witness)> = inputs.instances().zip(witnesses).collect();
        self.prove_instances(&statements)
    }

    /// One proof of some statements, at least one.
    fn prove_instances(&self, statements: &[(PublicInputs, &Witness)]) -> Result<Proof, ProveError> {
        // halo2 checks nothing: it would return a proof that does not verify.
        for (inputs, witness) in statements {
            statement::check(inputs, witness)?;
        }
        let length = u8::try_from(statements.len())
            .map(|issuers| proof_length_v1(issuers) as usize)
            .map_err(|_| ProveError::ProofSystem)?;
        let circuits: Vec<CircuitV1> = statements
            .iter()
            .map(|(inputs, witness)| CircuitV1::new(inputs, witness))
            .collect();
        let public: Vec<[Fp; PublicInputs::COUNT]> =
            statements.iter().map(|(inputs, _)| inputs.to_fields()).collect();
        create(self.params, self.key, &circuits, &public, length)
    }
}

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}
