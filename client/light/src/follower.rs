//! From one set of authorities to the next.

use smoldot::finality::{
    decode::decode_grandpa_justification,
    verify::{verify_justification, JustificationVerifyConfig, JustificationVerifyError},
};

use crate::{
    header::{Claimed, FinalizedHeader, HeaderError},
    AuthoritySet, MAX_AUTHORITIES, NUMBER_BYTES,
};

/// Longest justification that is looked at, in bytes: a vote of each of [`MAX_AUTHORITIES`], and the headers between
/// their votes.
pub const MAX_JUSTIFICATION: usize = 256 * MAX_AUTHORITIES;

/// What keeps the batch's coefficients apart from other hashes.
const BATCH_TAG: &[u8] = b"ofage-light/batch/1";

/// Not final, as far as these bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FinalityError {
    /// The header is none.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The justification is longer than [`MAX_JUSTIFICATION`].
    #[error("a justification has at most {MAX_JUSTIFICATION} bytes")]
    TooLong,
    /// The justification is not decodable, or bytes follow it.
    #[error("not a justification; it may be cut off or altered")]
    Malformed,
    /// The justification is for another block.
    #[error("the justification is for another block than the header")]
    OtherBlock,
    /// The block is not after the last one that is known to be final.
    #[error("the block is at or before number {0}, up to which everything is known to be final")]
    Backwards(u32),
    /// Another block of this height is known to be final.
    #[error("another block with number {0} is known to be final: two thirds of the authorities cheat, or did; tell the chain's community")]
    Contradiction(u32),
    /// Fewer than two thirds of the set, and one, signed.
    #[error("too few of the authorities signed")]
    TooFew,
    /// A signature is bad, foreign, of another set, or there twice.
    #[error("a signature is not one of the set's authorities for this block, or is there twice")]
    Signature,
    /// The votes are not for the block or its descendants, or headers are there that no vote needs.
    #[error("the votes do not make this block final")]
    Votes,
    /// All numbers of sets are used up.
    #[error("the number of the set cannot grow any more")]
    Exhausted,
}

/// A header that hands over to the next set, with its justification by the set before: SCALE encodings, as in a warp
/// sync proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff {
    /// The header.
    pub header: Vec<u8>,
    /// Its GRANDPA justification.
    pub justification: Vec<u8>,
}

/// Knows the present set, and up to where everything is final. It only goes forward.
///
/// A set that was left can sign no more, for this follower: keep it, or what it was made from, as new as can be. Who
/// starts from an old set believes two thirds of it for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    set: AuthoritySet,
    /// The block that handed over to the set.
    since: u32,
}

impl Follower {
    /// Starts from a set that finalizes the blocks after number `since`; its owner must know both from a trusted source.
    pub fn new(set: AuthoritySet, since: u32) -> Self {
        Self { set, since }
    }

    /// The present set.
    pub fn set(&self) -> &AuthoritySet {
        &self.set
    }

    /// The block that handed over to it.
    pub fn since(&self) -> u32 {
        self.since
    }

    /// Goes on to the set that a final header hands over to, and gives the header. On an error nothing changes.
    ///
    /// # Errors
    /// [`FinalityError`]; one that is left out, repeated or out of order is signed by another set, or lies behind.
    pub fn advance(&mut self, handoff: &Handoff) -> Result<FinalizedHeader, FinalityError> {
        let header = self.check(&handoff.header, &handoff.justification)?;
        let finalized = header.finalized()?;
        let id = self.set.id().checked_add(1).ok_or(FinalityError::Exhausted)?;
        self.set = header.next_set(id)?;
        self.since = header.number;
        Ok(finalized)
    }

    /// Checks that the present set made a header final.
    ///
    /// # Errors
    /// [`FinalityError`].
    pub fn finalized(&self, header: &[u8], justification: &[u8]) -> Result<FinalizedHeader, FinalityError> {
        Ok(self.check(header, justification)?.finalized()?)
    }

    /// As [`finalized`](Self::finalized), with the follower as it is after the header: at the next set if the header hands
    /// over to one.
    pub(crate) fn settled(
        &self,
        header: &[u8],
        justification: &[u8],
    ) -> Result<(FinalizedHeader, Self), FinalityError> {
        let header = self.check(header, justification)?;
        let finalized = header.finalized()?;
        let id = self.set.id().checked_add(1).ok_or(FinalityError::Exhausted)?;
        let after = match header.next_set(id) {
            Ok(set) => Self {
                set,
                since: header.number,
            },
            Err(HeaderError::NoHandoff) => self.clone(),
            Err(error) => return Err(error.into()),
        };
        Ok((finalized, after))
    }

    fn check<'a>(&self, header: &'a [u8], justification: &[u8]) -> Result<Claimed<'a>, FinalityError> {
        if justification.len() > MAX_JUSTIFICATION {
            return Err(FinalityError::TooLong);
        }
        let header = Claimed::read(header)?;
        if header.number <= self.since {
            return Err(FinalityError::Backwards(self.since));
        }
        let target = decode_grandpa_justification(justification, NUMBER_BYTES)
            .map_err(|_| FinalityError::Malformed)?;
        if *target.target_hash != header.hash || target.target_number != u64::from(header.number) {
            return Err(FinalityError::OtherBlock);
        }
        verify_justification(JustificationVerifyConfig {
            justification,
            block_number_bytes: NUMBER_BYTES,
            authorities_set_id: self.set.id(),
            authorities_list: self.set.keys().iter().map(<[u8; 32]>::as_slice),
            randomness_seed: self.seed(justification),
        })
        .map_err(|error| match error {
            JustificationVerifyError::InvalidFormat => FinalityError::Malformed,
            JustificationVerifyError::NotEnoughSignatures => FinalityError::TooFew,
            JustificationVerifyError::BadPublicKey
            | JustificationVerifyError::BadSignature
            | JustificationVerifyError::DuplicateSignature { .. }
            | JustificationVerifyError::NotAuthority { .. } => FinalityError::Signature,
            _ => FinalityError::Votes,
        })?;
        Ok(header)
    }

    /// Seeds the coefficients of the signatures' batch. They must not be known before the signatures are; a hash of all
    /// that is checked makes them so without a source of randomness.
    fn seed(&self, justification: &[u8]) -> [u8; 32] {
        let mut state = blake2b_simd::Params::new().hash_length(32).to_state();
        state.update(BATCH_TAG);
        state.update(&self.set.id().to_le_bytes());
        for key in self.set.keys() {
            state.update(key);
        }
        state.update(justification);
        let mut seed = [0; 32];
        seed.copy_from_slice(state.finalize().as_bytes());
        seed
    }
}
