//! JSON files that people pass on: read strictly, with a bound on their size.

use serde::de::DeserializeOwned;

/// Longest file that is read.
pub const MAX_DOCUMENT: usize = 1 << 20;

/// A file that is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Longer than [`MAX_DOCUMENT`].
    #[error("the {0} is longer than {MAX_DOCUMENT} bytes; is it the right file?")]
    TooLong(&'static str),
    /// Not the expected document. The text is not repeated: it may be private.
    #[error("not a {what} (line {line}, column {column}); it may be another file, cut off or altered")]
    Malformed {
        /// What was expected.
        what: &'static str,
        /// Line of the first fault.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
}

/// Reads a document that may hold private data: an error says where, but not what.
///
/// # Errors
/// [`DocumentError`].
pub fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, DocumentError> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(DocumentError::TooLong(what));
    }
    serde_json::from_slice(bytes).map_err(|error| DocumentError::Malformed {
        what,
        line: error.line(),
        column: error.column(),
    })
}

/// JSON form of a chain's genesis hash.
pub mod genesis {
    use ofage_primitives::{presentation::json::hex32, GenesisHash};
    use serde::{Deserializer, Serializer};

    /// Writes `0x` and 64 digits.
    pub fn serialize<S: Serializer>(genesis: &GenesisHash, serializer: S) -> Result<S::Ok, S::Error> {
        hex32::serialize(&genesis.0, serializer)
    }

    /// Reads 64 digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GenesisHash, D::Error> {
        hex32::deserialize(deserializer).map(GenesisHash)
    }
}

/// JSON form of values that have a binary one: its hexadecimal digits.
pub(crate) mod scale_hex {
    use codec::{DecodeAll, Encode};
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<T: Encode, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(value.encode()))
    }

    pub(crate) fn deserialize<'de, T: DecodeAll, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let bytes = hex::decode(String::deserialize(deserializer)?)
            .map_err(|_| D::Error::custom("expected hexadecimal digits"))?;
        T::decode_all(&mut &bytes[..]).map_err(|_| D::Error::custom("not the expected value"))
    }
}

/// JSON form of values that are wiped from memory.
pub(crate) mod secret {
    use std::fmt;

    use ofage_primitives::secrets::{HolderSalt, HolderSecret};
    use serde::{de::Error, de::Visitor, Deserializer, Serializer};
    use zeroize::Zeroizing;

    /// A secret with 32 canonical bytes.
    pub(crate) trait Secret: Sized {
        fn from_canonical(bytes: &[u8; 32]) -> Option<Self>;
        fn canonical(&self) -> Zeroizing<[u8; 32]>;
    }

    impl Secret for HolderSecret {
        fn from_canonical(bytes: &[u8; 32]) -> Option<Self> {
            Self::from_bytes(bytes).ok()
        }
        fn canonical(&self) -> Zeroizing<[u8; 32]> {
            self.expose_bytes()
        }
    }

    impl Secret for HolderSalt {
        fn from_canonical(bytes: &[u8; 32]) -> Option<Self> {
            Self::from_bytes(bytes).ok()
        }
        fn canonical(&self) -> Zeroizing<[u8; 32]> {
            self.expose_bytes()
        }
    }

    pub(crate) fn serialize<T: Secret, S: Serializer>(secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(hex::encode(secret.canonical()));
        serializer.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, T: Secret, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = Zeroizing<[u8; 32]>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 hexadecimal digits")
            }

            // From the caller's buffer, so that no copy of the text is made.
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                let mut bytes = Zeroizing::new([0; 32]);
                hex::decode_to_slice(text, &mut bytes[..])
                    .map_err(|_| E::custom("expected 64 hexadecimal digits"))?;
                Ok(bytes)
            }
        }

        let bytes = deserializer.deserialize_str(Digits)?;
        T::from_canonical(&bytes).ok_or_else(|| D::Error::custom("not a canonical field element"))
    }

    /// The same of a value that may be absent; then the field is, too.
    pub(crate) mod optional {
        use super::Secret;
        use serde::{Deserializer, Serializer};

        pub(crate) fn serialize<T: Secret, S: Serializer>(
            secret: &Option<T>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match secret {
                Some(secret) => super::serialize(secret, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, T: Secret, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<T>, D::Error> {
            super::deserialize(deserializer).map(Some)
        }
    }
}
