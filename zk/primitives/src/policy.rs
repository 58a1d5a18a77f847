//! What a verifier asks.

use crate::{
    calendar::{earliest_birth_below_age, latest_birth_of_age, Day},
    Assurance, Bounds, Flags, TrustListId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Oldest age that a policy may name.
pub const MAX_AGE: u8 = 120;
/// Most distinct issuers that a policy may ask for: each adds to the length of a proof, and to the time for making it.
pub const MAX_ISSUERS: u8 = 4;

/// A policy that nobody could meet, or that no verifier could mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Neither bound given.
    #[error("a policy needs a lowest age, an age to be below, or both")]
    NoAge,
    /// A bound of 0 or above [`MAX_AGE`].
    #[error("ages from 1 to {MAX_AGE} are supported")]
    AgeOutOfRange,
    /// `at_least` is not under `below`.
    #[error("the lowest age must be under the age to be below")]
    EmptyBand,
    /// No slots.
    #[error("a policy needs at least one slot for each secret")]
    NoSlots,
    /// No distinct issuer, or more than [`MAX_ISSUERS`].
    #[error("a policy asks for 1 to {MAX_ISSUERS} distinct issuers")]
    Issuers,
    /// A flag both required and forbidden.
    #[error("a flag cannot be both required and forbidden")]
    Flags,
    /// A day of the policy falls outside the supported range.
    #[error("the policy reaches before 1900 or beyond the supported dates")]
    DayOutOfRange,
    /// An admission that ends before the day of the proof.
    #[error("the admission ends before the day of the proof; compute its end from that day")]
    EndsBeforeProof,
}

/// Whole-year ages: at least one bound.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct AgeBand {
    /// Lowest age, inclusive.
    pub at_least: Option<u8>,
    /// The age is below this one.
    pub below: Option<u8>,
}

impl AgeBand {
    /// "At least `age`".
    pub const fn over(age: u8) -> Self {
        Self {
            at_least: Some(age),
            below: None,
        }
    }

    /// "Below `age`".
    pub const fn under(age: u8) -> Self {
        Self {
            at_least: None,
            below: Some(age),
        }
    }

    /// "At least `low`, below `high`".
    pub const fn between(low: u8, high: u8) -> Self {
        Self {
            at_least: Some(low),
            below: Some(high),
        }
    }

    fn validate(&self) -> Result<(), PolicyError> {
        if self.at_least.is_none() && self.below.is_none() {
            return Err(PolicyError::NoAge);
        }
        if [self.at_least, self.below]
            .into_iter()
            .flatten()
            .any(|age| age == 0 || age > MAX_AGE)
        {
            return Err(PolicyError::AgeOutOfRange);
        }
        match (self.at_least, self.below) {
            (Some(low), Some(high)) if low >= high => Err(PolicyError::EmptyBand),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for AgeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.below) {
            (Some(low), Some(high)) => write!(f, "{low} or older and under {high}"),
            (Some(low), None) => write!(f, "{low} or older"),
            (None, Some(high)) => write!(f, "under {high}"),
            (None, None) => f.write_str("any age"),
        }
    }
}

/// What a verifier asks of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Policy {
    /// Ages that pass.
    pub age: AgeBand,
    /// Whose attestations count.
    pub trust_list: TrustListId,
    /// Weakest assurance that passes.
    pub min_assurance: Assurance,
    /// Flags that must be set.
    pub flags_required: Flags,
    /// Flags that must be clear.
    pub flags_forbidden: Flags,
    /// Oldest evidence, in days before the day of the proof.
    pub checked_within: Option<u16>,
    /// Shortest time since enrolment, in days; damps ban evasion by fresh secrets.
    pub enrolled_for: Option<u16>,
    /// Accounts that one secret may verify in a scope.
    pub slots: u8,
    /// Distinct issuers that must agree, each by an attestation of its own to the same secret.
    pub issuers: u8,
    /// Oldest anchor, in blocks.
    pub oldest_anchor: u32,
}

impl Policy {
    /// A policy that asks for an age, in one slot, and nothing else.
    pub const fn new(age: AgeBand, trust_list: TrustListId) -> Self {
        Self {
            age,
            trust_list,
            min_assurance: Assurance::SelfDeclared,
            flags_required: Flags(0),
            flags_forbidden: Flags(0),
            checked_within: None,
            enrolled_for: None,
            slots: 1,
            issuers: 1,
            oldest_anchor: u32::MAX,
        }
    }

    /// Checks that the policy can be met at all.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn validate(&self) -> Result<(), PolicyError> {
        self.age.validate()?;
        if self.slots == 0 {
            Err(PolicyError::NoSlots)
        } else if self.issuers == 0 || self.issuers > MAX_ISSUERS {
            Err(PolicyError::Issuers)
        } else if self.flags_required.intersects(self.flags_forbidden) {
            Err(PolicyError::Flags)
        } else {
            Ok(())
        }
    }

    /// The bounds that the statement checks on day `valid_on`, for an admission that lasts through `until`.
    ///
    /// "Below N" is computed for `until`, so that nobody outgrows a children's room while admitted. An `until` before
    /// `valid_on` would let adults in: nobody was too old then.
    ///
    /// # Errors
    /// As [`validate`](Self::validate), [`PolicyError::EndsBeforeProof`] and [`PolicyError::DayOutOfRange`].
    pub fn bounds(&self, valid_on: Day, until: Day) -> Result<Bounds, PolicyError> {
        self.validate()?;
        if until < valid_on {
            return Err(PolicyError::EndsBeforeProof);
        }
        let back = |days: Option<u16>| {
            days.map(|d| {
                valid_on
                    .checked_sub(u32::from(d))
                    .ok_or(PolicyError::DayOutOfRange)
            })
        };
        Ok(Bounds {
            born_on_or_before: match self.age.at_least {
                Some(age) => latest_birth_of_age(age, valid_on).ok_or(PolicyError::DayOutOfRange)?,
                None => Day::MAX,
            },
            born_on_or_after: self
                .age
                .below
                .map_or(Day::MIN, |age| earliest_birth_below_age(age, until)),
            checked_on_or_after: back(self.checked_within).transpose()?.unwrap_or(Day::MIN),
            enrolled_on_or_before: back(self.enrolled_for).transpose()?.unwrap_or(Day::MAX),
            valid_on,
            min_assurance: self.min_assurance,
            flags_required: self.flags_required,
            flags_forbidden: self.flags_forbidden,
            slots: self.slots,
        })
    }
}
