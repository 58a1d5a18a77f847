//! Field elements as canonical bytes, and the typed ones that the protocol names.

use crate::Fp;
use codec::{Decode, DecodeWithMemTracking, Encode, Error as CodecError, Input, MaxEncodedLen};
use core::{fmt, str::FromStr};
use ff::{FromUniformBytes, PrimeField};
use scale_info::TypeInfo;

/// Little-endian bytes of the Pallas base field's modulus.
const MODULUS: [u8; 32] = [
    0x01, 0x00, 0x00, 0x00, 0xed, 0x30, 0x2d, 0x99, 0x1b, 0xf9, 0x4c, 0x09, 0xfc, 0x98, 0x46, 0x22, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40,
];

/// The bytes are not the canonical encoding of a field element: they stand for a number at or above the modulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a canonical field element: 32 little-endian bytes below the Pallas base field's modulus are needed"
)]
pub struct NonCanonical;

/// A text is not the hexadecimal form of a field element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseElementError {
    /// Wrong length or a character that is no hexadecimal digit.
    #[error("expected 64 hexadecimal digits, optionally after 0x")]
    NotHex,
    /// The number is not below the modulus.
    #[error(transparent)]
    NonCanonical(#[from] NonCanonical),
}

/// An element of the Pallas base field, as its 32 canonical little-endian bytes.
///
/// Bytes and not [`Fp`], since most elements on chain are stored, compared and moved, and hashed natively elsewhere.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Element([u8; 32]);

impl Element {
    /// The additive identity.
    pub const ZERO: Self = Self([0; 32]);

    /// Takes 32 little-endian bytes.
    ///
    /// # Errors
    /// [`NonCanonical`] when the number is not below the modulus.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, NonCanonical> {
        // Lexicographic order of the reversed bytes is the numeric order.
        if bytes.iter().rev().lt(MODULUS.iter().rev()) {
            Ok(Self(bytes))
        } else {
            Err(NonCanonical)
        }
    }

    /// Only for constants that a test compares with [`hash_to_field`].
    pub(crate) const fn from_pinned(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The element of a small number.
    pub fn from_u64(value: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&value.to_le_bytes());
        Self(bytes)
    }

    /// The element of a number of up to 128 bits.
    pub fn from_u128(value: u128) -> Self {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&value.to_le_bytes());
        Self(bytes)
    }

    /// The number, if it fits 128 bits.
    pub fn to_u128(self) -> Option<u128> {
        let (low, high) = self.0.split_at(16);
        let low = <[u8; 16]>::try_from(low).ok()?;
        high.iter().all(|b| *b == 0).then(|| u128::from_le_bytes(low))
    }

    /// The 32 little-endian bytes.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The 32 little-endian bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<Fp> for Element {
    fn from(value: Fp) -> Self {
        Self(value.to_repr())
    }
}

impl From<Element> for Fp {
    fn from(value: Element) -> Self {
        Option::from(Fp::from_repr(value.0)).expect("an Element is below the modulus; qed")
    }
}

impl Decode for Element {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        Self::from_bytes(<[u8; 32]>::decode(input)?).map_err(|_| "field element is not canonical".into())
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Element {
    type Err = ParseElementError;

    fn from_str(text: &str) -> Result<Self, ParseElementError> {
        let mut bytes = [0; 32];
        let digits = text.strip_prefix("0x").unwrap_or(text);
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| ParseElementError::NotHex)?;
        Ok(Self::from_bytes(bytes)?)
    }
}

/// Hashes bytes to a field element, indistinguishably from a random one.
///
/// BLAKE2b-512, personalised, over the length-prefixed `tag` and `parts`, reduced from 512 bits. Different tags
/// never collide: every piece is preceded by its length as a 64-bit little-endian number.
pub fn hash_to_field(tag: &[u8], parts: &[&[u8]]) -> Element {
    let mut state = blake2b_simd::Params::new()
        .hash_length(64)
        .personal(b"Ofage-hash2field")
        .to_state();
    for piece in core::iter::once(&tag).chain(parts) {
        state.update(&(piece.len() as u64).to_le_bytes());
        state.update(piece);
    }
    Fp::from_uniform_bytes(state.finalize().as_array()).into()
}

/// Defines a protocol value that is one field element.
macro_rules! element_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, codec::Encode, codec::Decode,
            codec::DecodeWithMemTracking, codec::MaxEncodedLen, scale_info::TypeInfo,
        )]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name($crate::element::Element);

        impl $name {
            /// Gives an element this meaning.
            pub const fn from_element(element: $crate::element::Element) -> Self {
                Self(element)
            }

            /// The plain element.
            pub const fn element(self) -> $crate::element::Element {
                self.0
            }

            /// Takes 32 canonical little-endian bytes.
            ///
            /// # Errors
            /// [`NonCanonical`](crate::NonCanonical) when the number is not below the modulus.
            pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, $crate::element::NonCanonical> {
                $crate::element::Element::from_bytes(bytes).map(Self)
            }

            /// The 32 little-endian bytes.
            pub const fn to_bytes(self) -> [u8; 32] {
                self.0.to_bytes()
            }
        }

        impl From<$name> for $crate::Fp {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::element::ParseElementError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}
pub(crate) use element_type;

element_type! {
    /// A leaf of a shard: `H(identity, H(attributes, ext))`.
    Attestation
}
element_type! {
    /// A holder towards one issuer: `H(secret, issuer_id)`. Two issuers cannot link one holder.
    IdentityCommitment
}
element_type! {
    /// An issuer: `H(genesis hash, issuer index)`. Key rotation leaves it unchanged.
    IssuerId
}
element_type! {
    /// Root of one shard of 2^12 attestations.
    ShardRoot
}
element_type! {
    /// A leaf of the cap: `H(shard_root, issuer_id)`, so that an attestation counts for its writer only.
    CapLeaf
}
element_type! {
    /// Root of the cap: of all attestations.
    RegistryRoot
}
element_type! {
    /// Root of a trust list.
    TrustListRoot
}
element_type! {
    /// The holder's pseudonym in a scope and slot.
    Nullifier
}
element_type! {
    /// Hides the issuer; differs between issuers of one holder in one scope and slot.
    IssuerTag
}
element_type! {
    /// Public key of the one verifier whom a proof convinces, or [`DesignatedVerifier::public`].
    DesignatedVerifier
}

impl DesignatedVerifier {
    /// The constant that stands for "everybody": a hash to the field of a published string.
    ///
    /// Nobody knows a secret behind it: a preimage under H_dv would have to be found. Chain and public verifiers
    /// demand this value.
    pub fn public() -> Self {
        Self(hash_to_field(b"ofage/designated-verifier/public/v1", &[]))
    }
}

#[cfg(feature = "serde")]
mod json {
    use super::Element;
    use alloc::string::{String, ToString};
    use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

    impl Serialize for Element {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.to_string())
        }
    }

    impl<'de> Deserialize<'de> for Element {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?
                .parse()
                .map_err(D::Error::custom)
        }
    }
}

#[cfg(feature = "serde")]
/// Reads `0x`-prefixed or plain hexadecimal of any even length up to `limit` bytes.
pub(crate) fn parse_hex(text: &str, limit: usize) -> Result<alloc::vec::Vec<u8>, alloc::string::String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() > limit.saturating_mul(2) {
        return Err(alloc::format!("at most {limit} bytes are allowed here"));
    }
    hex::decode(digits)
        .map_err(|_| "expected an even number of hexadecimal digits, optionally after 0x".into())
}
