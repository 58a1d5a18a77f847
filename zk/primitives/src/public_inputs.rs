//! What prover and verifier agree on.

use crate::{
    policy::MAX_ISSUERS, Assurance, Day, DesignatedVerifier, Flags, Fp, IssuerTag, Nullifier, RegistryRoot,
    Scope, Signal, TrustListRoot,
};
use alloc::vec::Vec;
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, Error as CodecError, Input, MaxEncodedLen};
use scale_info::TypeInfo;

/// A block with the roots current at it. The two roots are never mixed from different blocks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Anchor {
    /// Number of the finalized block.
    pub block: u32,
    /// Registry root at the end of that block.
    pub registry_root: RegistryRoot,
    /// Root of the policy's trust list at the end of that block.
    pub trust_list_root: TrustListRoot,
}

/// A policy on a day: plain numbers to compare with.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Bounds {
    /// `latest_birth <=` this; [`Day::MAX`] asks nothing.
    pub born_on_or_before: Day,
    /// `earliest_birth >=` this; [`Day::MIN`] asks nothing.
    pub born_on_or_after: Day,
    /// `checked_on >=` this.
    pub checked_on_or_after: Day,
    /// `enrolled_on <=` this.
    pub enrolled_on_or_before: Day,
    /// `checked_on <=` this `<= expires_on`.
    pub valid_on: Day,
    /// `assurance >=` this level.
    pub min_assurance: Assurance,
    /// All set.
    pub flags_required: Flags,
    /// All clear.
    pub flags_forbidden: Flags,
    /// `slot <` this.
    pub slots: u8,
}

/// The public inputs of the statement.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PublicInputs {
    /// Root that the attestation is under.
    pub registry_root: RegistryRoot,
    /// Root that the issuer is under.
    pub trust_list_root: TrustListRoot,
    /// What is asked of the attributes.
    pub bounds: Bounds,
    /// Context of the nullifier.
    pub scope: Scope,
    /// The holder's pseudonym there.
    pub nullifier: Nullifier,
    /// Tag of the issuer there.
    pub issuer_tag: IssuerTag,
    /// Whom the proof convinces.
    pub designated_verifier: DesignatedVerifier,
    /// What the proof is tied to.
    pub signal: Signal,
}

impl PublicInputs {
    /// Number of field elements.
    pub const COUNT: usize = 16;

    /// The field elements, in the order of the statement.
    pub fn to_fields(&self) -> [Fp; Self::COUNT] {
        let day = |d: Day| Fp::from(u64::from(d.number()));
        let small = |n: u16| Fp::from(u64::from(n));
        let b = &self.bounds;
        [
            self.registry_root.into(),
            self.trust_list_root.into(),
            day(b.born_on_or_before),
            day(b.born_on_or_after),
            day(b.checked_on_or_after),
            day(b.enrolled_on_or_before),
            day(b.valid_on),
            small(b.min_assurance.level()),
            small(b.flags_required.0),
            small(b.flags_forbidden.0),
            self.scope.into(),
            small(u16::from(b.slots)),
            self.nullifier.into(),
            self.issuer_tag.into(),
            self.designated_verifier.into(),
            self.signal.into(),
        ]
    }
}

/// Issuer tags that no proof has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TagsError {
    /// More than [`MAX_ISSUERS`].
    #[error("a proof is of at most {MAX_ISSUERS} issuers; leave some of them out")]
    TooMany,
    /// One that is there twice: an issuer counts once, however often it attests.
    #[error("an issuer tag is there twice; each attestation needs an issuer of its own")]
    Repeated,
    /// One that is lower than the one before it.
    #[error(
        "the issuer tags are not in ascending order; sort them, and the witnesses with them, and prove again"
    )]
    Unordered,
}

/// Public inputs of a *joint proof*: one statement for each of several issuers, in one proof.
///
/// The statements share everything but the issuer tag. The shared nullifier ties all of them to one secret in one slot,
/// and tags that differ are tags of different issuers then.
///
/// The tags ascend, compared as their 32 bytes from the first byte on. So each set of issuers has but one form, an issuer
/// counts once, and the order says nothing of issuers or wallet, tags being pseudorandom.
#[derive(Clone, Debug, PartialEq, Eq, Encode, TypeInfo)]
pub struct JointInputs {
    inputs: PublicInputs,
    further: Vec<IssuerTag>,
}

impl JointInputs {
    /// Most issuer tags beside the first.
    const MOST_FURTHER: usize = MAX_ISSUERS as usize - 1;

    /// The inputs with the first tag, and the further tags.
    ///
    /// # Errors
    /// [`TagsError`] when there are too many, or when they do not strictly ascend.
    pub fn new(inputs: PublicInputs, further: &[IssuerTag]) -> Result<Self, TagsError> {
        check_further(inputs.issuer_tag, further)?;
        Ok(Self {
            inputs,
            further: further.to_vec(),
        })
    }

    /// How many issuers: from 1 to [`MAX_ISSUERS`].
    pub fn count(&self) -> usize {
        1 + self.further.len()
    }

    /// What the statements share, with the first tag.
    pub fn first(&self) -> &PublicInputs {
        &self.inputs
    }

    /// The inputs, if they are of one issuer.
    pub fn single(&self) -> Option<&PublicInputs> {
        self.further.is_empty().then_some(&self.inputs)
    }

    /// The tags, ascending.
    pub fn issuer_tags(&self) -> impl ExactSizeIterator<Item = IssuerTag> + '_ {
        (0..self.count()).map(|index| match index.checked_sub(1) {
            None => self.inputs.issuer_tag,
            Some(further) => self.further[further],
        })
    }

    /// The public inputs of each statement, in the order of the tags.
    pub fn instances(&self) -> impl ExactSizeIterator<Item = PublicInputs> + '_ {
        self.issuer_tags().map(|issuer_tag| PublicInputs {
            issuer_tag,
            ..self.inputs
        })
    }
}

impl From<PublicInputs> for JointInputs {
    fn from(inputs: PublicInputs) -> Self {
        Self {
            inputs,
            further: Vec::new(),
        }
    }
}

/// Checks the tags of a proof, the first of which is `first`.
pub(crate) fn check_further(first: IssuerTag, further: &[IssuerTag]) -> Result<(), TagsError> {
    if further.len() > JointInputs::MOST_FURTHER {
        return Err(TagsError::TooMany);
    }
    if (0..further.len()).any(|at| further[at] == first || further[..at].contains(&further[at])) {
        return Err(TagsError::Repeated);
    }
    if further.first().is_some_and(|second| *second < first) || !further.is_sorted() {
        return Err(TagsError::Unordered);
    }
    Ok(())
}

impl Decode for JointInputs {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        let inputs = PublicInputs::decode(input)?;
        let further = Compact::<u32>::decode(input)?.0 as usize;
        if further > Self::MOST_FURTHER {
            return Err("more issuer tags than a proof has".into());
        }
        let further = (0..further)
            .map(|_| IssuerTag::decode(input))
            .collect::<Result<Vec<_>, _>>()?;
        Self::new(inputs, &further).map_err(|_| "issuer tags do not strictly ascend".into())
    }
}

impl DecodeWithMemTracking for JointInputs {}

impl MaxEncodedLen for JointInputs {
    fn max_encoded_len() -> usize {
        PublicInputs::max_encoded_len()
            + Compact(Self::MOST_FURTHER as u32).encoded_size()
            + Self::MOST_FURTHER * IssuerTag::max_encoded_len()
    }
}

#[cfg(test)]
mod tests;
