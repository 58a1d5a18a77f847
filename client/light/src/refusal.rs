//! Why a presentation is refused.

use ofage_primitives::{presentation::MAX_ENCODED, Presentation};

use crate::{BundleError, CheckpointError, FinalityError, Oldest, ProofError};

/// Longest JSON form that is looked at: hexadecimal digits and names around the binary form.
const MAX_JSON: usize = 4 * MAX_ENCODED;

/// A "no", with its reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a presentation, or one that no policy of this version allows.
    #[error("this is not a whole presentation; ask the wallet for it again")]
    Malformed,
    /// Made for another app or gate.
    #[error("the proof was made for another app or gate")]
    Context,
    /// Answers another question.
    #[error("the proof answers another policy than the one asked for")]
    Policy,
    /// For another account or key.
    #[error("the proof was made for another account or identity key")]
    Binding,
    /// Answers an older or another challenge.
    #[error("the proof answers another challenge")]
    Nonce,
    /// Its expiry is not the one asked for.
    #[error("the proof has another expiry than the challenge")]
    ExpiryMismatch,
    /// Too late.
    #[error("the proof has expired; ask for a new one")]
    Expired,
    /// Not for today.
    #[error("the proof was made for another day")]
    Day,
    /// Convinces someone else only.
    #[error("the proof is designated to another verifier, so it proves nothing here")]
    Designated,
    /// Against a block that is not final.
    #[error("the proof's anchor is not final yet; try again in some seconds")]
    AnchorNotFinal,
    /// Against a block that is older than the policy allows.
    #[error("the proof's anchor is older than the policy allows; prove again against a newer block")]
    AnchorTooOld,
    /// Against roots that the chain did not have then.
    #[error(
        "the proof's anchor is not what the chain had at that block: its roots are stale, foreign or made up"
    )]
    AnchorMismatch,
    /// Against roots that the chain has had, and ended.
    #[error("the roots of the proof's anchor do not count any more; prove again against a newer block")]
    AnchorEnded,
    /// Against roots that do not count, and the node cannot tell any more whether they ever did.
    #[error(
        "the roots of the proof's anchor do not count, and the node no longer knows what was current at that block; \
         prove again against a newer block"
    )]
    AnchorUnknown,
    /// Made by a circuit that governance switched off.
    #[error(
        "the chain's governance has disabled the circuit of this proof; update the wallet, and prove again"
    )]
    CircuitDisabled,
    /// The proof is bad.
    #[error("the proof is not valid: {0}")]
    Proof(ofage_verifier::VerifyError),
    /// The same holder, with another account.
    #[error("this holder verified another account in this slot already")]
    NullifierUsed,
    /// Not a bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// For another chain.
    #[error("the bundle is for another chain than the checkpoint")]
    OtherChain,
    /// Its handoffs begin or end at other authorities than the verifier's.
    #[error(
        "the bundle's handoffs begin at set {first} and do not pass the authorities that this verifier knows, of set \
         {have}; ask the wallet for a bundle made with this verifier's checkpoint"
    )]
    Handoffs {
        /// The verifier's set.
        have: u64,
        /// The set of the first handoff.
        first: u64,
    },
    /// The authorities did not make it final.
    #[error("the bundle's block is not final, as far as it shows: {0}")]
    NotFinal(FinalityError),
    /// The state is not proved.
    #[error("the state is not proved: {0}")]
    State(ProofError),
    /// The state has a form that is not known.
    #[error("the chain's runtime is newer than this software, which cannot read its state; update it")]
    Layout,
    /// The state is older than the verifier takes.
    #[error("the state that speaks for the proof is {age} seconds old, and at most {limit} are taken; prove again")]
    Stale {
        /// Its age, in seconds.
        age: u64,
        /// The oldest that is taken, in seconds.
        limit: u64,
    },
    /// The anchor is older than the verifier takes.
    #[error(
        "the proof's anchor is {age} old, and at most {limit} are taken; prove again against a newer block"
    )]
    AnchorStale {
        /// Its age.
        age: Oldest,
        /// The oldest that is taken, in the same unit.
        limit: Oldest,
    },
    /// The verifier's own checkpoint is too old, or from the future.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The block was made in the future.
    #[error("the bundle's block lies in the future; set this machine's clock")]
    FromFuture,
}

impl Refusal {
    /// Reads a presentation in its JSON or binary form; what is none is refused.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn read(bytes: &[u8]) -> Result<Presentation, Self> {
        let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        if !is_json {
            return Presentation::from_bytes(bytes).map_err(|_| Self::Malformed);
        }
        if bytes.len() > MAX_JSON {
            return Err(Self::Malformed);
        }
        let presentation: Presentation = serde_json::from_slice(bytes).map_err(|_| Self::Malformed)?;
        presentation.validated().map_err(|_| Self::Malformed)
    }

    /// A name that programs compare; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Context => "context",
            Self::Policy => "policy",
            Self::Binding => "binding",
            Self::Nonce => "nonce",
            Self::ExpiryMismatch => "expiry-mismatch",
            Self::Expired => "expired",
            Self::Day => "day",
            Self::Designated => "designated",
            Self::AnchorNotFinal => "anchor-not-final",
            Self::AnchorTooOld => "anchor-too-old",
            Self::AnchorMismatch => "anchor-mismatch",
            Self::AnchorEnded => "anchor-ended",
            Self::AnchorUnknown => "anchor-unknown",
            Self::CircuitDisabled => "circuit-disabled",
            Self::Proof(_) => "proof",
            Self::NullifierUsed => "nullifier-used",
            Self::Bundle(_) => "bundle",
            Self::OtherChain => "other-chain",
            Self::Handoffs { .. } => "handoffs",
            Self::NotFinal(_) => "not-final",
            Self::State(_) => "state-proof",
            Self::Layout => "state-layout",
            Self::Stale { .. } => "stale",
            Self::AnchorStale { .. } => "anchor-stale",
            Self::Checkpoint(_) => "checkpoint",
            Self::FromFuture => "future",
        }
    }
}
