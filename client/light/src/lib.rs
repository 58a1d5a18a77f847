//! Deciding, without network or clock, what the chain made final.
//!
//! It is handed bytes, by whomever, and believes none of them: a header counts when more than two thirds of a known
//! [`AuthoritySet`] signed that very header. A [`Follower`] starts from a set that its owner trusts, and goes from one
//! set to the next by [`Handoff`]s only. [`FinalizedHeader`] exists only after such a check.
//!
//! Above it, a [`FinalizedRoot`] says that an anchor counts in the state of such a header, a [`Bundle`] carries all of it
//! with a presentation, and a [`LightVerifier`] decides, from a [`Checkpoint`] that its owner trusts. With the feature
//! `live`, the same types come from a client that follows the chain itself.
//!
//! Justifications are decoded and checked by the core of smoldot, version 5, the first that also ties the signatures to
//! the block that a justification names. What smoldot leaves to its caller is done here: that this block is the header
//! at hand, that the set has one vote for each of its keys, and that sizes are bounded before anything is decoded.

mod authorities;
mod bundle;
mod checkpoint;
mod claims;
mod follower;
mod freshness;
mod header;
#[cfg(feature = "live")]
pub mod live;
mod proof;
mod refusal;
mod root;
mod verifier;

pub use authorities::{AuthoritySet, SetError, MAX_AUTHORITIES};
pub use bundle::{Bundle, BundleError, MAX_BUNDLE, MAX_HANDOFFS};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_CHECKPOINT_AGE, MAX_DOCUMENT};
pub use claims::{check_claims, gate_until, Expected, GateTerms, Moment};
pub use follower::{FinalityError, Follower, Handoff, MAX_JUSTIFICATION};
pub use freshness::{Freshness, Oldest, ParseOldestError, MAX_STATE_AGE};
pub use header::{claimed_time, FinalizedHeader, HeaderError, MAX_HEADER};
pub use proof::{ProofError, MAX_PROOF};
pub use refusal::Refusal;
pub use root::{AnchorClaim, FinalizedGate, FinalizedRoot, RootError};
pub use verifier::{LightVerifier, Proven};

/// Bytes of a block's number in the encodings of GRANDPA.
const NUMBER_BYTES: usize = 4;
