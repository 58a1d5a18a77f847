//! What an attestation says about a person, packed into one field element.

use crate::{
    calendar::{Day, DAY_BITS},
    Element,
};
use codec::{Decode, DecodeWithMemTracking, Encode, Error as CodecError, Input, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Width of the assurance level.
pub const ASSURANCE_BITS: u32 = 10;
/// Width of the flags.
pub const FLAG_BITS: u32 = 16;
/// Number of day fields.
const DAYS: usize = 5;
/// All used bits; the rest of the element is zero.
pub const ATTRIBUTE_BITS: u32 = DAYS as u32 * DAY_BITS + ASSURANCE_BITS + FLAG_BITS;

/// How well an age was established, from weak to strong, with room between the levels.
///
/// Terms of ISO/IEC 27566-1 (age assurance methods) and of NIST SP 800-63A (identity assurance levels).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[repr(u16)]
#[non_exhaustive]
pub enum Assurance {
    /// Self-asserted, nothing checked.
    SelfDeclared = 0,
    /// Age *estimation* (ISO/IEC 27566-1): a statistical method, such as from a face.
    Estimated = 100,
    /// Age *inference* (ISO/IEC 27566-1): deduced from a fact, such as holding a credit account; about IAL1.
    Inferred = 200,
    /// Age *verification* (ISO/IEC 27566-1) against an authoritative source or document, remote; IAL2.
    Verified = 300,
    /// Age verification with the person present, or supervised remotely; IAL3.
    VerifiedInPerson = 400,
}

impl Assurance {
    /// Every level, weakest first.
    pub const ALL: [Self; 5] = [
        Self::SelfDeclared,
        Self::Estimated,
        Self::Inferred,
        Self::Verified,
        Self::VerifiedInPerson,
    ];

    /// The number in attributes and public inputs; a larger one is stronger.
    pub const fn level(self) -> u16 {
        self as u16
    }

    /// The level of a number, if it is one.
    pub fn from_level(level: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.level() == level)
    }
}

impl Encode for Assurance {
    fn encode(&self) -> alloc::vec::Vec<u8> {
        self.level().encode()
    }
}

impl Decode for Assurance {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        Self::from_level(u16::decode(input)?).ok_or_else(|| "unknown assurance level".into())
    }
}

impl DecodeWithMemTracking for Assurance {}

impl MaxEncodedLen for Assurance {
    fn max_encoded_len() -> usize {
        u16::max_encoded_len()
    }
}

impl TypeInfo for Assurance {
    type Identity = u16;

    fn type_info() -> scale_info::Type {
        u16::type_info()
    }
}

/// Classes of methods and circumstances, one bit each.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct Flags(pub u16);

impl Flags {
    /// Bit 0: an official identity document was checked.
    pub const DOCUMENT: Self = Self(1 << 0);
    /// Bit 1: a bank or payment institution knows the customer.
    pub const BANK: Self = Self(1 << 1);
    /// Bit 2: a telecommunications operator knows the subscriber.
    pub const TELCO: Self = Self(1 << 2);
    /// Bit 3: a school or university knows the pupil or student.
    pub const SCHOOL: Self = Self(1 << 3);
    /// Bit 4: a civil registry holds the record.
    pub const REGISTRY: Self = Self(1 << 4);
    /// Bit 5: the age is an estimate.
    pub const ESTIMATE: Self = Self(1 << 5);
    /// Bit 6: a guardian consented.
    pub const GUARDIAN_CONSENT: Self = Self(1 << 6);
    /// Bit 7: bridged from a credential that the person already held.
    pub const BRIDGED: Self = Self(1 << 7);

    /// Names and bits that are assigned; the others are reserved and must be clear.
    pub const NAMED: [(&'static str, Self); 8] = [
        ("document", Self::DOCUMENT),
        ("bank", Self::BANK),
        ("telco", Self::TELCO),
        ("school", Self::SCHOOL),
        ("registry", Self::REGISTRY),
        ("estimate", Self::ESTIMATE),
        ("guardian-consent", Self::GUARDIAN_CONSENT),
        ("bridged", Self::BRIDGED),
    ];

    /// The bit with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED
            .into_iter()
            .find(|(n, _)| *n == name)
            .map(|(_, flag)| flag)
    }

    /// Bits that no meaning is assigned to. An issuer could mark a holder with them, so wallets refuse any.
    pub fn reserved(self) -> Self {
        Self(self.0 & !Self::NAMED.iter().fold(0, |all, (_, flag)| all | flag.0))
    }

    /// Bits in either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every bit of `other` is set here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set here.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Attributes that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributesError {
    /// The birth interval is empty.
    #[error("the earliest birth lies after the latest; swap or correct them")]
    EmptyInterval,
    /// Evidence older than the person.
    #[error("the day of the check lies before the latest birth; correct the check or the birth")]
    CheckedBeforeBirth,
    /// Enrolled after expiry.
    #[error("the attestation expires before its enrolment; give it a later expiry")]
    ExpiresBeforeEnrolment,
    /// Expires before the check.
    #[error("the attestation expires before its check; give it a later expiry")]
    ExpiresBeforeCheck,
    /// Bits above the layout, or a value that no encoder makes.
    #[error("the element is not a packing of attributes")]
    NotAttributes,
}

/// What an issuer attests. A birth *interval* serves an exact date (both ends equal), "over 18" and an estimate alike.
///
/// `Debug` hides the days: it holds birth dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct Attributes(Parts);

/// The fields of [`Attributes`], unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Parts {
    /// Earliest possible birth; "under N" uses it.
    pub earliest_birth: Day,
    /// Latest possible birth; "over N" uses it.
    pub latest_birth: Day,
    /// Day of the evidence; survives a re-issue.
    pub checked_on: Day,
    /// Day on which this secret was first attested.
    pub enrolled_on: Day,
    /// Last day on which proofs are valid.
    pub expires_on: Day,
    /// How well the age was established.
    pub assurance: Assurance,
    /// Methods and circumstances.
    pub flags: Flags,
}

impl Attributes {
    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// The first relation that does not hold, as the statement demands it.
    pub fn new(parts: Parts) -> Result<Self, AttributesError> {
        if parts.earliest_birth > parts.latest_birth {
            Err(AttributesError::EmptyInterval)
        } else if parts.latest_birth > parts.checked_on {
            Err(AttributesError::CheckedBeforeBirth)
        } else if parts.enrolled_on > parts.expires_on {
            Err(AttributesError::ExpiresBeforeEnrolment)
        } else if parts.checked_on > parts.expires_on {
            Err(AttributesError::ExpiresBeforeCheck)
        } else {
            Ok(Self(parts))
        }
    }

    /// Parts that do not fit together, for tests of what refuses them.
    #[cfg(any(test, feature = "test-dependencies"))]
    pub fn new_unsound(parts: Parts) -> Self {
        Self(parts)
    }

    /// The fields.
    pub const fn parts(&self) -> &Parts {
        &self.0
    }

    /// Packs into the low [`ATTRIBUTE_BITS`] bits: `earliest_birth | latest_birth | checked_on | enrolled_on | expires_on`
    /// (20 bits each, from bit 0), `assurance` (10 bits from 100), `flags` (16 bits from 110).
    pub fn pack(&self) -> Element {
        let days = [
            self.0.earliest_birth,
            self.0.latest_birth,
            self.0.checked_on,
            self.0.enrolled_on,
            self.0.expires_on,
        ];
        let mut packed: u128 = 0;
        for (i, day) in days.iter().enumerate() {
            packed |= u128::from(day.number()) << (i as u32 * DAY_BITS);
        }
        packed |= u128::from(self.0.assurance.level()) << (DAYS as u32 * DAY_BITS);
        packed |= u128::from(self.0.flags.0) << (DAYS as u32 * DAY_BITS + ASSURANCE_BITS);
        Element::from_u128(packed)
    }

    /// Reads a packing.
    ///
    /// # Errors
    /// [`AttributesError::NotAttributes`] for unused bits or unknown levels, else as [`new`](Self::new).
    pub fn unpack(element: Element) -> Result<Self, AttributesError> {
        let packed = element.to_u128().ok_or(AttributesError::NotAttributes)?;
        if packed >> ATTRIBUTE_BITS != 0 {
            return Err(AttributesError::NotAttributes);
        }
        let bits = |from: u32, width: u32| ((packed >> from) & ((1 << width) - 1)) as u32;
        let day = |i: u32| {
            Day::from_number(bits(i * DAY_BITS, DAY_BITS)).map_err(|_| AttributesError::NotAttributes)
        };
        Self::new(Parts {
            earliest_birth: day(0)?,
            latest_birth: day(1)?,
            checked_on: day(2)?,
            enrolled_on: day(3)?,
            expires_on: day(4)?,
            assurance: Assurance::from_level(bits(DAYS as u32 * DAY_BITS, ASSURANCE_BITS) as u16)
                .ok_or(AttributesError::NotAttributes)?,
            flags: Flags(bits(DAYS as u32 * DAY_BITS + ASSURANCE_BITS, FLAG_BITS) as u16),
        })
    }

    /// Whether the three dates that could single a person out are firsts of a month. Wallets refuse others.
    pub fn is_on_grid(&self) -> bool {
        [self.0.checked_on, self.0.enrolled_on, self.0.expires_on]
            .iter()
            .all(|day| day.is_on_grid())
    }
}

impl TryFrom<Parts> for Attributes {
    type Error = AttributesError;

    fn try_from(parts: Parts) -> Result<Self, AttributesError> {
        Self::new(parts)
    }
}

impl From<Attributes> for Parts {
    fn from(attributes: Attributes) -> Self {
        attributes.0
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (name, flag) in Self::NAMED {
            if self.contains(flag) {
                write!(f, "{}{name}", if first { "" } else { "+" })?;
                first = false;
            }
        }
        let Self(reserved) = self.reserved();
        if reserved != 0 {
            write!(f, "{}0x{reserved:04x}", if first { "" } else { "+" })?;
            first = false;
        }
        f.write_str(if first { "none" } else { "" })
    }
}

#[cfg(any(test, feature = "test-dependencies"))]
pub mod arb {
    //! Generators of attributes.

    use super::*;
    use proptest::prelude::*;

    /// Any day.
    pub fn arb_day() -> impl Strategy<Value = Day> {
        (Day::MIN.number()..=Day::MAX.number()).prop_map(|n| Day::from_number(n).expect("in range; qed"))
    }

    /// Any level.
    pub fn arb_assurance() -> impl Strategy<Value = Assurance> {
        proptest::sample::select(&Assurance::ALL[..])
    }

    /// Attributes that fit together, over the whole range of days.
    pub fn arb_attributes() -> impl Strategy<Value = Attributes> {
        (
            proptest::array::uniform4(arb_day()),
            arb_day(),
            arb_assurance(),
            any::<u16>(),
        )
            .prop_map(|(mut days, enrolled, assurance, flags)| {
                days.sort();
                let [earliest_birth, latest_birth, checked_on, expires_on] = days;
                Attributes::new(Parts {
                    earliest_birth,
                    latest_birth,
                    checked_on,
                    enrolled_on: enrolled.min(expires_on),
                    expires_on,
                    assurance,
                    flags: Flags(flags),
                })
                .expect("sorted days fit together; qed")
            })
    }
}

#[cfg(test)]
mod tests;
