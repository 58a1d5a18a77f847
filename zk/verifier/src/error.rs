//! Why a proof, or a batch of them, is refused.

use ofage_primitives::CircuitId;

/// Why one proof is refused.
///
/// Everything but [`Refused`](Self::Refused) is found without any curve arithmetic, in a few microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// No circuit of this number is known here.
    #[error("circuit {0} is unknown; update this software, or ask the prover for a circuit it knows")]
    UnknownCircuit(CircuitId),
    /// Longer or shorter than every proof of the circuit for as many issuers.
    #[error("a proof of this circuit for as many issuers has exactly {expected} bytes, not {found}; it may be cut off, padded, or of other issuers: ask for it again")]
    Length {
        /// Bytes of every proof of the circuit for as many issuers.
        expected: usize,
        /// Bytes that came.
        found: usize,
    },
    /// A number in the proof is not below its modulus, or stands for the point at infinity.
    #[error("the proof is not canonically encoded at byte {offset}; it was altered: ask for it again")]
    NonCanonical {
        /// Where the 32 bytes start.
        offset: usize,
    },
    /// The encoded public inputs do not decode, or something follows them.
    #[error(
        "the public inputs do not decode to exactly one set; recompute them from policy, anchor and binding"
    )]
    Inputs,
    /// The proof does not prove the statement for these inputs.
    #[error(
        "the proof does not hold for these inputs; check anchor, policy, binding and day, or ask for a new proof"
    )]
    Refused,
}

/// One bad proof of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("proof {index} of the batch: {reason}")]
pub struct BadProof {
    /// Its position in the batch, from 0.
    pub index: usize,
    /// Why it is refused.
    #[source]
    pub reason: VerifyError,
}

/// Why a batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There is nothing in it, so there is nothing to conclude from it.
    #[error("the batch is empty; put at least one proof into it")]
    Empty,
    /// Some proofs are bad; all others are good.
    #[error("{} of the batch's proofs are bad, the first of them at {}; drop the bad ones and keep the rest", .0.len(), first(.0))]
    Bad(Vec<BadProof>),
}

impl BatchError {
    /// Positions of the bad proofs, in order; none for an empty batch.
    pub fn indices(&self) -> Vec<usize> {
        self.bad().iter().map(|bad| bad.index).collect()
    }

    /// The bad proofs, in order of their positions; none for an empty batch.
    pub fn bad(&self) -> &[BadProof] {
        match self {
            Self::Empty => &[],
            Self::Bad(bad) => bad,
        }
    }
}

/// Position of the first one, for a message.
fn first(bad: &[BadProof]) -> usize {
    bad.first().map_or(0, |bad| bad.index)
}
