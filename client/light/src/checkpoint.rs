//! What a verifier starts from.

use ofage_primitives::{presentation::json::hex32, GenesisHash};
use serde::{Deserialize, Serialize};

use crate::{AuthoritySet, FinalityError, FinalizedHeader, Follower, Handoff, SetError, MAX_AUTHORITIES};

/// Oldest checkpoint that is taken unless told otherwise, in seconds: 30 days.
///
/// Who was an authority then may have sold the key since. Two thirds of the old keys make any chain for whoever starts
/// from them.
pub const MAX_CHECKPOINT_AGE: u64 = 30 * 24 * 60 * 60;
/// How far in the future a moment may lie before clocks are taken to be wrong, in seconds.
pub(crate) const CLOCK_TOLERANCE: u64 = 60;
/// Longest document that is looked at, in bytes: a line for each authority, and more.
pub const MAX_DOCUMENT: usize = 128 * MAX_AUTHORITIES;

/// No checkpoint to start from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Longer than [`MAX_DOCUMENT`].
    #[error("a checkpoint has at most {MAX_DOCUMENT} bytes; is it the right file?")]
    TooLong,
    /// Not a checkpoint.
    #[error("not a checkpoint (line {line}, column {column}); it may be another file, cut off or altered")]
    Malformed {
        /// Line of the first fault.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
    /// No set of authorities.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A first block that is not the chain's name or has another set than the first, a later one without a time, or a set
    /// that begins later.
    #[error(
        "the checkpoint contradicts itself: the first block has the chain's hash, set 0 and no time, others have a time, and \
         no set begins after the block"
    )]
    Contradiction,
    /// Too old to be trusted.
    #[error("the checkpoint is {age} seconds old, and at most {limit} are taken; get a newer one from a source that you trust")]
    TooOld {
        /// Its age, in seconds.
        age: u64,
        /// The oldest that is taken, in seconds.
        limit: u64,
    },
    /// From the future.
    #[error("the checkpoint's block lies in the future; set this machine's clock")]
    Future,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ofage-checkpoint/1")]
    V1,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Hash(#[serde(with = "hex32")] [u8; 32]);

/// The document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: Format,
    genesis: Hash,
    number: u32,
    hash: Hash,
    time: Option<u64>,
    set: u64,
    since: u32,
    authorities: Vec<Hash>,
}

/// A block that its owner knows to be final, and the authorities that make the blocks after it final.
///
/// All that a verifier believes follows from it, so it has to come from a source that its owner trusts, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    genesis: GenesisHash,
    number: u32,
    hash: [u8; 32],
    time: Option<u64>,
    set: AuthoritySet,
    /// The set makes blocks after this one final; at most the block's own number.
    since: u32,
}

impl Checkpoint {
    /// A checkpoint at a block. `time` is the Unix second of its slot; the first block of a chain has none.
    ///
    /// # Errors
    /// [`CheckpointError::Contradiction`].
    pub fn new(
        genesis: GenesisHash,
        number: u32,
        hash: [u8; 32],
        set: AuthoritySet,
        time: Option<u64>,
    ) -> Result<Self, CheckpointError> {
        let is_first = number == 0;
        let is_first_set = set.id() == 0;
        if time.is_none() != is_first || (hash == genesis.0) != is_first || (is_first && !is_first_set) {
            return Err(CheckpointError::Contradiction);
        }
        Ok(Self {
            genesis,
            number,
            hash,
            time,
            set,
            since: number,
        })
    }

    /// Reads the JSON document `ofage-checkpoint/1`.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if bytes.len() > MAX_DOCUMENT {
            return Err(CheckpointError::TooLong);
        }
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| CheckpointError::Malformed {
                line: error.line(),
                column: error.column(),
            })?;
        let keys = document.authorities.into_iter().map(|key| key.0).collect();
        let set = AuthoritySet::new(document.set, keys)?;
        let genesis = GenesisHash(document.genesis.0);
        let read = Self::new(genesis, document.number, document.hash.0, set, document.time)?;
        if document.since > read.number {
            return Err(CheckpointError::Contradiction);
        }
        Ok(Self {
            since: document.since,
            ..read
        })
    }

    /// The JSON document.
    pub fn to_json(&self) -> String {
        let document = Document {
            format: Format::V1,
            genesis: Hash(self.genesis.0),
            number: self.number,
            hash: Hash(self.hash),
            time: self.time,
            set: self.set.id(),
            since: self.since,
            authorities: self.set.keys().iter().copied().map(Hash).collect(),
        };
        serde_json::to_string_pretty(&document).expect("strings and numbers have a JSON form; qed")
    }

    /// Names the chain.
    pub fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    /// Height of the block.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Hash of the block.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Unix seconds of the block's slot; `None` for the first block.
    pub fn time(&self) -> Option<u64> {
        self.time
    }

    /// Who makes the blocks after it final.
    pub fn set(&self) -> &AuthoritySet {
        &self.set
    }

    /// Starts to follow from here.
    pub fn follower(&self) -> Follower {
        Follower::new(self.set.clone(), self.since)
    }

    /// Checks that it is not too old. One of the first block has no age: it suits chains for development, and others
    /// whose first authorities are trusted for ever.
    ///
    /// # Errors
    /// [`CheckpointError::TooOld`] with the age, and [`CheckpointError::Future`].
    pub fn check_age(&self, now: u64, limit: u64) -> Result<(), CheckpointError> {
        let Some(time) = self.time else {
            return Ok(());
        };
        if time > now.saturating_add(CLOCK_TOLERANCE) {
            return Err(CheckpointError::Future);
        }
        let age = now.saturating_sub(time);
        if age > limit {
            return Err(CheckpointError::TooOld { age, limit });
        }
        Ok(())
    }

    /// A newer checkpoint that follows from this one, whoever gave the bytes: over handoffs, to the last of them or to a
    /// header, with its justification, that the last set made final.
    ///
    /// # Errors
    /// [`FinalityError`].
    pub fn advanced(
        &self,
        handoffs: &[Handoff],
        head: Option<(&[u8], &[u8])>,
    ) -> Result<Self, FinalityError> {
        let mut follower = self.follower();
        let mut newest = None;
        for handoff in handoffs {
            newest = Some(self.advance(&mut follower, handoff)?);
        }
        if let Some((header, justification)) = head {
            let (header, after) = follower.settled(header, justification)?;
            (newest, follower) = (Some(header), after);
        }
        Ok(newest.map_or_else(|| self.clone(), |header| self.at(&follower, &header)))
    }

    /// Leads a follower that started here over a handoff. A set that made this block final did not hand over before it: a
    /// checkpoint that names an older set than its block's would give those keys a say for ever.
    pub(crate) fn advance(
        &self,
        follower: &mut Follower,
        handoff: &Handoff,
    ) -> Result<FinalizedHeader, FinalityError> {
        let header = follower.advance(handoff)?;
        if header.number() <= self.number {
            return Err(FinalityError::Backwards(self.number));
        }
        Ok(header)
    }

    /// The same chain's checkpoint at a header that a follower from here saw, and after which it stands as it does.
    pub(crate) fn at(&self, follower: &Follower, header: &FinalizedHeader) -> Self {
        if header.number() <= self.number {
            return self.clone();
        }
        Self {
            genesis: self.genesis,
            number: header.number(),
            hash: header.hash(),
            time: Some(header.unix_seconds()),
            set: follower.set().clone(),
            since: follower.since(),
        }
    }
}
