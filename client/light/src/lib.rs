//! Deciding, without network or clock, what the chain made final.
//!
//! It is handed bytes, by whomever, and believes none of them: a header counts when more than two thirds of a known
//! [`AuthoritySet`] signed that very header. A [`Follower`] starts from a set that its owner trusts, and goes from one
//! set to the next by [`Handoff`]s only. [`FinalizedHeader`] exists only after such a check.
//!
//! Justifications are decoded and checked by the core of smoldot, version 5, the first that also ties the signatures to
//! the block that a justification names. What smoldot leaves to its caller is done here: that this block is the header
//! at hand, that the set has one vote for each of its keys, and that sizes are bounded before anything is decoded.

mod authorities;
mod follower;
mod header;

pub use authorities::{AuthoritySet, SetError, MAX_AUTHORITIES};
pub use follower::{FinalityError, Follower, Handoff, MAX_JUSTIFICATION};
pub use header::{FinalizedHeader, HeaderError, MAX_HEADER};

/// Bytes of a block's number in the encodings of GRANDPA.
const NUMBER_BYTES: usize = 4;
