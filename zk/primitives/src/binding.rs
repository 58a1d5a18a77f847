//! What a proof is tied to: context, account, moment. Scopes and signals are derived here, never supplied.

use crate::{
    element::{element_type, hash_to_field},
    Anchor, CircuitId, GateId, GenesisHash, Policy,
};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, Error as CodecError, Input};
use scale_info::TypeInfo;

/// Longest account name, identity key or origin, in bytes.
pub const MAX_NAME: usize = 255;

element_type! {
    /// Context of a nullifier; derived from a gate or an authenticated origin.
    Scope
}
element_type! {
    /// Hash of everything a proof is tied to.
    Signal
}

impl Scope {
    /// The scope of a gate on a chain.
    pub fn gate(genesis: &GenesisHash, gate: GateId) -> Self {
        Self::from_element(hash_to_field(
            b"ofage/scope/gate/v1",
            &[&genesis.0, &gate.0.to_le_bytes()],
        ))
    }

    /// The scope of an app off chain, from its authenticated origin, such as `https://chat.example`.
    pub fn origin(genesis: &GenesisHash, origin: &str) -> Self {
        Self::from_element(hash_to_field(
            b"ofage/scope/origin/v1",
            &[&genesis.0, origin.as_bytes()],
        ))
    }
}

/// Bytes of at most [`MAX_NAME`], refused when longer, before they are allocated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, TypeInfo)]
pub struct ShortBytes(Vec<u8>);

impl ShortBytes {
    /// Takes bytes.
    ///
    /// # Errors
    /// Gives them back when there are more than [`MAX_NAME`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        if bytes.len() <= MAX_NAME {
            Ok(Self(bytes))
        } else {
            Err(bytes)
        }
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl Decode for ShortBytes {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        let length = codec::Compact::<u32>::decode(input)?.0 as usize;
        if length > MAX_NAME {
            return Err("name is longer than 255 bytes".into());
        }
        let mut bytes = alloc::vec![0; length];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl DecodeWithMemTracking for ShortBytes {}

/// UTF-8 text of at most [`MAX_NAME`] bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, TypeInfo)]
pub struct ShortText(String);

impl ShortText {
    /// Takes a text.
    ///
    /// # Errors
    /// Gives it back when it has more than [`MAX_NAME`] bytes.
    pub fn new(text: String) -> Result<Self, String> {
        if text.len() <= MAX_NAME {
            Ok(Self(text))
        } else {
            Err(text)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Decode for ShortText {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        let bytes = ShortBytes::decode(input)?.0;
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| "name is not UTF-8".into())
    }
}

impl DecodeWithMemTracking for ShortText {}

/// The account, and the key it speaks with, that a proof is for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case", deny_unknown_fields)
)]
pub enum Binding {
    /// An account of the chain.
    #[codec(index = 0)]
    ChainAccount(#[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::hex32"))] [u8; 32]),
    /// An account of an app, such as a Matrix user id, with the key that authenticates its messages (may be empty).
    #[codec(index = 1)]
    App {
        /// The account as the app writes it.
        account: ShortText,
        /// The account's identity key, in the app's own encoding.
        identity_key: ShortBytes,
    },
}

/// Where a proof counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Context {
    /// A gate on chain.
    #[codec(index = 0)]
    Gate(GateId),
    /// An app off chain, by its authenticated origin.
    #[codec(index = 1)]
    Origin(ShortText),
}

impl Context {
    /// The scope that follows from this context on a chain.
    pub fn scope(&self, genesis: &GenesisHash) -> Scope {
        match self {
            Self::Gate(gate) => Scope::gate(genesis, *gate),
            Self::Origin(origin) => Scope::origin(genesis, origin.as_str()),
        }
    }
}

/// Everything that [`Signal`] hashes, in its order.
#[derive(Clone, Copy, Debug, Encode)]
pub struct SignalInput<'a> {
    /// Circuit that proves.
    pub circuit: CircuitId,
    /// Chain that anchors.
    pub genesis: &'a GenesisHash,
    /// What is asked.
    pub policy: &'a Policy,
    /// What it is proved against.
    pub anchor: &'a Anchor,
    /// Whom it is for.
    pub binding: &'a Binding,
    /// The verifier's challenge; zeros on chain.
    pub nonce: &'a [u8; 32],
    /// Last moment of use: a block number on chain, Unix seconds off chain.
    pub expires_at: u64,
}

impl SignalInput<'_> {
    /// Hashes the canonical encoding to the field.
    pub fn signal(&self) -> Signal {
        Signal::from_element(hash_to_field(b"ofage/signal/v1", &[&self.encode()]))
    }
}

#[cfg(feature = "serde")]
mod json {
    use super::{ShortBytes, ShortText, MAX_NAME};
    use alloc::{format, string::String};
    use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

    impl Serialize for ShortBytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&format!("0x{}", hex::encode(&self.0)))
        }
    }

    impl<'de> Deserialize<'de> for ShortBytes {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            crate::element::parse_hex(&text, MAX_NAME)
                .map(Self)
                .map_err(D::Error::custom)
        }
    }

    impl Serialize for ShortText {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for ShortText {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::new(String::deserialize(deserializer)?)
                .map_err(|_| D::Error::custom(format!("at most {MAX_NAME} bytes are allowed here")))
        }
    }
}
