//! A presentation with all that a verifier without network needs.

use codec::{Compact, CompactLen, Decode, Encode};
use ofage_primitives::{presentation::MAX_ENCODED, GenesisHash, Presentation, PresentationError};

use crate::{Handoff, MAX_HEADER, MAX_JUSTIFICATION, MAX_PROOF};

/// What the file of a bundle begins with: a name and a version.
const MAGIC: [u8; 5] = *b"ofab\x01";
/// Longest bundle that is looked at, in bytes.
pub const MAX_BUNDLE: usize = 1 << 20;
/// Most handoffs of a bundle. Whoever is further behind takes a newer checkpoint.
pub const MAX_HANDOFFS: usize = 256;

/// Bytes that are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Longer than [`MAX_BUNDLE`], or a part of it is longer than it may be.
    #[error("a bundle has at most {MAX_BUNDLE} bytes and {MAX_HANDOFFS} handoffs; take a newer checkpoint")]
    TooLong,
    /// Not a bundle of this version.
    #[error("not a bundle of a version that this software knows; is it the right file?")]
    Unknown,
    /// Not decodable, or bytes follow it.
    #[error("not a whole bundle; it may be cut off or altered: ask the wallet for it again")]
    Malformed,
    /// The presentation in it is none.
    #[error(transparent)]
    Presentation(#[from] PresentationError),
}

/// A presentation; a header with its justification; a proof that the presentation's anchor counts in the state of that
/// header; and the handoffs to the authorities that signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Names the chain.
    pub genesis: GenesisHash,
    /// Number of the set that signed the first handoff, or the header when there is none.
    pub first_set: u64,
    /// From each set to the next.
    pub handoffs: Vec<Handoff>,
    /// SCALE encoding of the header.
    pub header: Vec<u8>,
    /// Its GRANDPA justification.
    pub justification: Vec<u8>,
    /// Proof of its state for the keys of the anchor: a SCALE vector of trie nodes.
    pub proof: Vec<u8>,
    /// The presentation.
    pub presentation: Presentation,
}

impl Bundle {
    /// Whether bytes begin as a bundle does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// Decodes all of `bytes`. The encoding is canonical: what is decoded encodes to the same bytes.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE {
            return Err(BundleError::TooLong);
        }
        let mut rest = bytes.strip_prefix(&MAGIC).ok_or(BundleError::Unknown)?;
        let malformed = |_| BundleError::Malformed;
        let genesis = GenesisHash::decode(&mut rest).map_err(malformed)?;
        let first_set = u64::decode(&mut rest).map_err(malformed)?;
        let count = Compact::<u32>::decode(&mut rest).map_err(malformed)?.0 as usize;
        if count > MAX_HANDOFFS {
            return Err(BundleError::TooLong);
        }
        let handoffs = (0..count)
            .map(|_| {
                Ok(Handoff {
                    header: part(&mut rest, MAX_HEADER)?,
                    justification: part(&mut rest, MAX_JUSTIFICATION)?,
                })
            })
            .collect::<Result<_, BundleError>>()?;
        let header = part(&mut rest, MAX_HEADER)?;
        let justification = part(&mut rest, MAX_JUSTIFICATION)?;
        let proof = part(&mut rest, MAX_PROOF)?;
        let presentation = Presentation::from_bytes(&part(&mut rest, MAX_ENCODED)?)?;
        if !rest.is_empty() {
            return Err(BundleError::Malformed);
        }
        Ok(Self {
            genesis,
            first_set,
            handoffs,
            header,
            justification,
            proof,
            presentation,
        })
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        self.genesis.encode_to(&mut bytes);
        self.first_set.encode_to(&mut bytes);
        Compact(self.handoffs.len() as u32).encode_to(&mut bytes);
        for handoff in &self.handoffs {
            handoff.header.encode_to(&mut bytes);
            handoff.justification.encode_to(&mut bytes);
        }
        self.header.encode_to(&mut bytes);
        self.justification.encode_to(&mut bytes);
        self.proof.encode_to(&mut bytes);
        self.presentation.to_bytes().encode_to(&mut bytes);
        bytes
    }

    /// Bytes of the binary form but for the handoffs, which a verifier with a newer checkpoint does without.
    pub fn len_without_handoffs(&self) -> usize {
        let parts = |handoff: &Handoff| handoff.header.encoded_size() + handoff.justification.encoded_size();
        let count = Compact::<u32>::compact_len(&(self.handoffs.len() as u32));
        let handoffs: usize = self.handoffs.iter().map(parts).sum();
        self.to_bytes().len() - handoffs - count + 1
    }
}

/// Bytes behind their length, of which there are at most `limit`.
fn part(rest: &mut &[u8], limit: usize) -> Result<Vec<u8>, BundleError> {
    let length = Compact::<u32>::decode(rest)
        .map_err(|_| BundleError::Malformed)?
        .0 as usize;
    if length > limit {
        return Err(BundleError::TooLong);
    }
    let (part, behind) = rest.split_at_checked(length).ok_or(BundleError::Malformed)?;
    *rest = behind;
    Ok(part.to_vec())
}
