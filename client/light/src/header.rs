//! Headers of blocks.

use ofage_primitives::{
    chain::{RootDigest, ENGINE_ID},
    RegistryRoot,
};
use smoldot::header::{
    decode, hash_from_scale_encoded_header, DigestItemRef, GrandpaConsensusLogRef, HeaderRef,
};

use crate::{AuthoritySet, SetError, MAX_AUTHORITIES, NUMBER_BYTES};

/// Longest header that is looked at, in bytes: one that names [`MAX_AUTHORITIES`] for both consensus engines, and more.
pub const MAX_HEADER: usize = 128 * MAX_AUTHORITIES;

/// Bytes that are no header of this chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Longer than [`MAX_HEADER`].
    #[error("a header has at most {MAX_HEADER} bytes")]
    TooLong,
    /// Not decodable, or bytes follow it.
    #[error("not a header; it may be cut off or altered")]
    Malformed,
    /// Not exactly one registry root of a known version, as each block but the first has.
    #[error("the header does not hold exactly one registry root")]
    RootDigest,
    /// Nobody claims the slot.
    #[error("the header names no slot")]
    NoSlot,
    /// It does not announce exactly one change of authorities, at once.
    #[error("the header does not hand over to exactly one set of authorities")]
    NoHandoff,
    /// It hands over to what is no set.
    #[error(transparent)]
    Set(#[from] SetError),
}

/// A header that the authorities made final. Only this crate's checks make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalizedHeader {
    number: u32,
    hash: [u8; 32],
    state_root: [u8; 32],
    slot: u64,
    registry_root: RegistryRoot,
}

impl FinalizedHeader {
    /// Height of the block.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// BLAKE2b-256 of the header.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Root of the state trie after the block.
    pub fn state_root(&self) -> [u8; 32] {
        self.state_root
    }

    /// BABE slot in which it was made: Unix time divided by the length of a slot.
    pub fn slot(&self) -> u64 {
        self.slot
    }

    /// Registry root at the end of the block.
    pub fn registry_root(&self) -> RegistryRoot {
        self.registry_root
    }
}

/// Hash of a header, and the Unix second of its slot as it says, though nobody vouches for it.
///
/// # Errors
/// [`HeaderError`].
pub fn claimed_time(header: &[u8]) -> Result<([u8; 32], u64), HeaderError> {
    let header = Claimed::read(header)?.finalized()?;
    Ok((header.hash(), header.unix_seconds()))
}

/// A header that nobody vouches for yet.
pub(crate) struct Claimed<'a> {
    header: HeaderRef<'a>,
    pub(crate) number: u32,
    pub(crate) hash: [u8; 32],
}

impl<'a> Claimed<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, HeaderError> {
        if bytes.len() > MAX_HEADER {
            return Err(HeaderError::TooLong);
        }
        let header = decode(bytes, NUMBER_BYTES).map_err(|_| HeaderError::Malformed)?;
        Ok(Self {
            number: u32::try_from(header.number).map_err(|_| HeaderError::Malformed)?,
            hash: hash_from_scale_encoded_header(bytes),
            header,
        })
    }

    /// What it says, for when its signatures are checked.
    pub(crate) fn finalized(&self) -> Result<FinalizedHeader, HeaderError> {
        Ok(FinalizedHeader {
            number: self.number,
            hash: self.hash,
            state_root: *self.header.state_root,
            slot: self
                .header
                .digest
                .babe_pre_runtime()
                .ok_or(HeaderError::NoSlot)?
                .slot_number(),
            registry_root: self.registry_root()?,
        })
    }

    fn registry_root(&self) -> Result<RegistryRoot, HeaderError> {
        let ours = self.header.digest.logs().filter_map(|item| match item {
            DigestItemRef::UnknownConsensus { engine, opaque } if engine == ENGINE_ID => Some(opaque),
            _ => None,
        });
        RootDigest::of_items(ours).ok_or(HeaderError::RootDigest)
    }

    /// The set that finalizes the blocks after this one, which must announce it.
    ///
    /// Forced changes are none: nobody can prove them to a light client. The chain schedules changes without delay.
    pub(crate) fn next_set(&self, id: u64) -> Result<AuthoritySet, HeaderError> {
        let mut changes = self.header.digest.logs().filter_map(|item| match item {
            DigestItemRef::GrandpaConsensus(log) => match log {
                GrandpaConsensusLogRef::ScheduledChange(change) => Some(Some(change)),
                GrandpaConsensusLogRef::ForcedChange { .. } => Some(None),
                _ => None,
            },
            _ => None,
        });
        let (Some(Some(change)), None) = (changes.next(), changes.next()) else {
            return Err(HeaderError::NoHandoff);
        };
        if change.delay != 0 {
            return Err(HeaderError::NoHandoff);
        }
        let mut keys = Vec::new();
        for authority in change.next_authorities {
            if keys.len() == MAX_AUTHORITIES {
                return Err(SetError::TooMany.into());
            }
            if authority.weight.get() != 1 {
                return Err(SetError::Weight.into());
            }
            keys.push(*authority.public_key);
        }
        Ok(AuthoritySet::new(id, keys)?)
    }
}
