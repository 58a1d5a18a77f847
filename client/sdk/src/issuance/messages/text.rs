//! Short texts of the messages: secrets that only pass through, and names that people see.

use std::{fmt, str::FromStr};

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use serde::{
    de::{Error, Visitor},
    Deserialize, Deserializer, Serialize, Serializer,
};
use zeroize::Zeroizing;

use super::MessageError;
use crate::random::{self, NoRandomness};

/// Longest code, token or identifier that is read, in bytes. Those that are made here have 43.
const MAX_OPAQUE: usize = 512;
/// Longest transaction code, in bytes.
const MAX_TX_CODE: usize = 128;
/// Longest name that people see, in characters.
pub const MAX_LABEL: usize = 300;
/// Random bytes of a code or token: nobody guesses one of 2^256.
const RANDOM: usize = 32;

/// Reads a text from the reader's own buffer, so that no copy of a secret is left behind.
struct Checked<T>(&'static str, fn(&str) -> Option<T>);

impl<T> Visitor<'_> for Checked<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // The text is not repeated.
        (self.1)(text).ok_or_else(|| E::custom("not as expected"))
    }
}

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $what:literal, $alphabet:expr, $longest:expr) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            fn checked(text: &str) -> Option<Self> {
                let alphabet: fn(char) -> bool = $alphabet;
                let fits = !text.is_empty() && text.len() <= $longest && text.chars().all(alphabet);
                fits.then(|| Self(Zeroizing::new(text.to_owned())))
            }

            /// The text itself: for a message, never for a log.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = MessageError;

            fn from_str(text: &str) -> Result<Self, MessageError> {
                Self::checked(text).ok_or(MessageError::Malformed($what))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Checked($what, Self::checked))
            }
        }
    };
}

macro_rules! random_opaque {
    ($($name:ident),*) => {
        $(impl $name {
            /// A new one, of 256 random bits.
            ///
            /// # Errors
            /// [`NoRandomness`].
            pub fn random() -> Result<Self, NoRandomness> {
                let bytes = random::bytes::<RANDOM>()?;
                Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(&bytes[..]))))
            }
        })*
    };
}

/// Characters of RFC 6749's `VSCHAR`, but for the blank.
fn visible(c: char) -> bool {
    c.is_ascii_graphic()
}

/// Characters of RFC 6750's `b64token`, so that it fits a header.
fn bearer(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
}

opaque! {
    /// A pre-authorized code: whoever has it gets the offered credential, so it counts once.
    Code, "code", visible, MAX_OPAQUE
}
opaque! {
    /// What the customer types besides, told by another channel.
    TxCode, "transaction code", |c| !c.is_control(), MAX_TX_CODE
}
opaque! {
    /// What a wallet shows with its requests once it has redeemed a code.
    AccessToken, "access token", bearer, MAX_OPAQUE
}
opaque! {
    /// A credential that is not ready yet.
    TransactionId, "transaction id", visible, MAX_OPAQUE
}
opaque! {
    /// A credential that was handed out.
    NotificationId, "notification id", visible, MAX_OPAQUE
}
random_opaque!(Code, AccessToken, TransactionId, NotificationId);

/// What a proof of ownership is made for: 32 bytes that count once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; 32]);

impl Nonce {
    fn checked(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        // Padding and trailing bits that are not zero are refused, so a nonce has one form.
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) => Some(Self(bytes)),
            _ => None,
        }
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for Nonce {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        Self::checked(text).ok_or(MessageError::Malformed("nonce"))
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Checked("nonce", Self::checked))
    }
}

/// A short text that people see, such as a service's name: one line, without characters that steer a terminal or turn
/// the direction of what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    fn checked(text: &str) -> Option<Self> {
        let misleading = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let fits = !text.trim().is_empty() && text.chars().take(MAX_LABEL + 1).count() <= MAX_LABEL;
        (fits && !text.contains(misleading)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        Self::checked(text).ok_or(MessageError::Malformed("name"))
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Checked("name", Self::checked))
    }
}
