//! Who makes blocks final.

use std::collections::BTreeSet;

/// Most authorities of a set; more are taken for an attack on memory.
pub const MAX_AUTHORITIES: usize = 1_024;

/// No set of authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// Nobody could sign.
    #[error("a set of authorities cannot be empty")]
    Empty,
    /// More than [`MAX_AUTHORITIES`].
    #[error("a set has at most {MAX_AUTHORITIES} authorities")]
    TooMany,
    /// One key twice: it would be unclear how many votes two thirds are.
    #[error("an authority is named twice")]
    Duplicate,
    /// The chain gives every authority one vote.
    #[error("an authority has several votes, which this chain does not know")]
    Weight,
}

/// The authorities of GRANDPA between two changes: their Ed25519 keys, one vote each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoritySet {
    id: u64,
    keys: Vec<[u8; 32]>,
}

impl AuthoritySet {
    /// The set with number `id`, counted from 0 at genesis.
    ///
    /// # Errors
    /// [`SetError`].
    pub fn new(id: u64, keys: Vec<[u8; 32]>) -> Result<Self, SetError> {
        if keys.is_empty() {
            Err(SetError::Empty)
        } else if keys.len() > MAX_AUTHORITIES {
            Err(SetError::TooMany)
        } else if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
            Err(SetError::Duplicate)
        } else {
            Ok(Self { id, keys })
        }
    }

    /// Its number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its Ed25519 keys.
    pub fn keys(&self) -> &[[u8; 32]] {
        &self.keys
    }
}
