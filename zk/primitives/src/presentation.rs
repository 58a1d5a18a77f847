//! A proof on its way to a verifier, with everything needed to check it.

use crate::{
    policy::PolicyError, Anchor, Binding, CircuitId, Context, Day, DesignatedVerifier, GenesisHash,
    IssuerTag, Nullifier, Policy, PublicInputs, Signal, SignalInput,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeLimit, Encode};

/// Version of the encoding.
pub const VERSION: u8 = 1;
/// Longest encoding that is looked at, in bytes.
pub const MAX_ENCODED: usize = 16 * 1024;
/// Longest proof that is looked at, in bytes; each circuit version fixes an exact length below it.
pub const MAX_PROOF: usize = 8 * 1024;
/// Exact length of every proof of circuit version 1, in bytes. The verifier's tests pin it to the circuit.
pub const PROOF_LENGTH_V1: u32 = 3_520;

/// Bytes that are not a presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// Longer than [`MAX_ENCODED`].
    #[error("a presentation has at most {MAX_ENCODED} bytes; ask the wallet for a new one")]
    TooLong,
    /// Not decodable, or bytes follow it.
    #[error("not a presentation; it may be cut off or altered: ask the wallet for a new one")]
    Malformed,
    /// Another version.
    #[error("presentation version {0} is not supported; update this software or the wallet")]
    Version(u8),
    /// The policy cannot be met.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// Proof, context and binding, as a wallet sends them.
///
/// It says what the wallet proved; a verifier compares policy, context, binding, nonce and expiry with what it
/// asked for before it looks at the proof.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Presentation {
    /// [`VERSION`].
    pub version: u8,
    /// Circuit of the proof.
    pub circuit: CircuitId,
    /// Where it counts.
    pub context: Context,
    /// What was asked.
    pub policy: Policy,
    /// What it was proved against.
    pub anchor: Anchor,
    /// Whom it is for.
    pub binding: Binding,
    /// The verifier's challenge.
    #[cfg_attr(feature = "serde", serde(with = "json::hex32"))]
    pub nonce: [u8; 32],
    /// Last moment of use: a block number on chain, Unix seconds off chain.
    pub expires_at: u64,
    /// Day for which it was made.
    pub valid_on: Day,
    /// Last day for which "below N" was computed; [`valid_on`](Self::valid_on) off chain.
    ///
    /// Only "below N" binds it to the proof. Verifiers compute it themselves and compare.
    pub until: Day,
    /// Whom it convinces.
    pub designated_verifier: DesignatedVerifier,
    /// The holder's pseudonym.
    pub nullifier: Nullifier,
    /// Tag of the issuer.
    pub issuer_tag: IssuerTag,
    /// The proof.
    #[cfg_attr(feature = "serde", serde(with = "json::proof"))]
    pub proof: Vec<u8>,
}

impl Presentation {
    /// Decodes all of `bytes`.
    ///
    /// # Errors
    /// [`PresentationError`] for anything but one whole presentation of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PresentationError> {
        if bytes.len() > MAX_ENCODED {
            return Err(PresentationError::TooLong);
        }
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&other) => return Err(PresentationError::Version(other)),
            None => return Err(PresentationError::Malformed),
        }
        const DEPTH: u32 = 16;
        let presentation = Self::decode_all_with_depth_limit(DEPTH, &mut &bytes[..])
            .map_err(|_| PresentationError::Malformed)?;
        presentation.validated()
    }

    /// Checks what the types alone do not: version, proof length and policy. Call it on a presentation read from JSON.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn validated(self) -> Result<Self, PresentationError> {
        if self.version != VERSION {
            Err(PresentationError::Version(self.version))
        } else if self.proof.len() > MAX_PROOF {
            Err(PresentationError::TooLong)
        } else {
            self.policy.validate()?;
            Ok(self)
        }
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode()
    }

    /// The signal that the proof must carry on this chain.
    pub fn signal(&self, genesis: &GenesisHash) -> Signal {
        SignalInput {
            circuit: self.circuit,
            genesis,
            policy: &self.policy,
            anchor: &self.anchor,
            binding: &self.binding,
            nonce: &self.nonce,
            expires_at: self.expires_at,
        }
        .signal()
    }

    /// The public inputs: all recomputed, but nullifier and issuer tag.
    ///
    /// # Errors
    /// [`PresentationError::Policy`] when the policy cannot be met on that day.
    pub fn public_inputs(&self, genesis: &GenesisHash) -> Result<PublicInputs, PresentationError> {
        Ok(PublicInputs {
            registry_root: self.anchor.registry_root,
            trust_list_root: self.anchor.trust_list_root,
            bounds: self.policy.bounds(self.valid_on, self.until)?,
            scope: self.context.scope(genesis),
            nullifier: self.nullifier,
            issuer_tag: self.issuer_tag,
            designated_verifier: self.designated_verifier,
            signal: self.signal(genesis),
        })
    }
}

/// Serde helpers of this crate's JSON forms.
#[cfg(feature = "serde")]
pub mod json {
    use super::{Vec, MAX_PROOF};
    use crate::element::parse_hex;
    use alloc::{format, string::String};
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    /// 32 bytes as hexadecimal.
    pub mod hex32 {
        use super::*;

        /// Writes `0x` and 64 digits.
        pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
        }

        /// Reads 64 digits.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
            let bytes = parse_hex(&String::deserialize(deserializer)?, 32).map_err(D::Error::custom)?;
            bytes
                .try_into()
                .map_err(|_| D::Error::custom("expected 64 hexadecimal digits"))
        }
    }

    /// Proof bytes as hexadecimal.
    pub mod proof {
        use super::*;

        /// Writes `0x` and the digits.
        pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
        }

        /// Reads digits, at most those of [`MAX_PROOF`] bytes.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
            parse_hex(&String::deserialize(deserializer)?, MAX_PROOF).map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests;
