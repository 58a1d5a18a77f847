//! A proof on its way to a verifier, with everything needed to check it.

use crate::{
    policy::PolicyError,
    public_inputs::{check_further, TagsError},
    Anchor, Binding, CircuitId, Context, Day, DesignatedVerifier, GenesisHash, IssuerTag, JointInputs,
    Nullifier, Policy, PublicInputs, Signal, SignalInput,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeLimit, Encode};

/// Version of the encoding.
///
/// 1 had one issuer tag; 2 has as many as the policy asks for.
pub const VERSION: u8 = 2;
/// Longest encoding that is looked at, in bytes.
pub const MAX_ENCODED: usize = 16 * 1024;
/// Longest proof that is looked at, in bytes; circuit version and number of issuers fix an exact length below it.
pub const MAX_PROOF: usize = 12 * 1024;
/// Exact length of every proof of circuit version 1 for one issuer, in bytes.
pub const PROOF_LENGTH_V1: u32 = proof_length_v1(1);

/// Exact length of every proof of circuit version 1 for a number of issuers, in bytes.
///
/// The verifier's tests pin it to the circuit. Numbers of issuers that no policy asks for, above
/// [`MAX_ISSUERS`](crate::policy::MAX_ISSUERS) or 0, have no proofs.
pub const fn proof_length_v1(issuers: u8) -> u32 {
    /// What all statements of a proof share: quotient, fixed columns, and the opening argument.
    const SHARED: u32 = 1_664;
    /// Columns, products and evaluations of one statement.
    const STATEMENT: u32 = 1_856;
    SHARED + STATEMENT * issuers as u32
}

const _: () = assert!(proof_length_v1(crate::policy::MAX_ISSUERS) as usize <= MAX_PROOF);

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
    /// Not as many issuer tags as the policy asks for issuers.
    #[error("the policy asks for {asked} distinct issuers, the presentation names {found}; ask the wallet for as many")]
    IssuerCount {
        /// Issuers that the policy asks for.
        asked: u8,
        /// Issuer tags that came.
        found: usize,
    },
    /// The issuer tags are not those of distinct issuers, in order.
    #[error(transparent)]
    Tags(#[from] TagsError),
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
    /// Tags of the issuers, strictly ascending: exactly as many as the policy asks for.
    pub issuer_tags: Vec<IssuerTag>,
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

    /// Checks what the types alone do not: version, bound of the proof, policy, number and order of the issuer tags.
    ///
    /// Call it on a presentation read from JSON.
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
            self.first_and_further()?;
            Ok(self)
        }
    }

    /// The first issuer tag and the others, of which there are as many as the policy asks for, in order.
    fn first_and_further(&self) -> Result<(IssuerTag, &[IssuerTag]), PresentationError> {
        let counted = self.issuer_tags.len() == usize::from(self.policy.issuers);
        match self.issuer_tags.split_first() {
            Some((first, further)) if counted => {
                check_further(*first, further)?;
                Ok((*first, further))
            }
            _ => Err(PresentationError::IssuerCount {
                asked: self.policy.issuers,
                found: self.issuer_tags.len(),
            }),
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

    /// The public inputs: all recomputed, but nullifier and issuer tags.
    ///
    /// # Errors
    /// [`PresentationError::Policy`] when the policy cannot be met on that day, [`PresentationError::IssuerCount`] and
    /// [`PresentationError::Tags`] when the issuer tags are not those of as many distinct issuers as it asks for.
    pub fn public_inputs(&self, genesis: &GenesisHash) -> Result<JointInputs, PresentationError> {
        let bounds = self.policy.bounds(self.valid_on, self.until)?;
        let (issuer_tag, further) = self.first_and_further()?;
        let inputs = PublicInputs {
            registry_root: self.anchor.registry_root,
            trust_list_root: self.anchor.trust_list_root,
            bounds,
            scope: self.context.scope(genesis),
            nullifier: self.nullifier,
            issuer_tag,
            designated_verifier: self.designated_verifier,
            signal: self.signal(genesis),
        };
        Ok(JointInputs::new(inputs, further)?)
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

    /// 32 bytes as hexadecimal, or none.
    pub mod optional_hex32 {
        use super::*;

        #[derive(serde::Serialize, Deserialize)]
        struct Bytes(#[serde(with = "super::hex32")] [u8; 32]);

        /// Writes `0x` and 64 digits, or null.
        pub fn serialize<S: Serializer>(bytes: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
            serde::Serialize::serialize(&bytes.map(Bytes), serializer)
        }

        /// Reads 64 digits, or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
            Ok(Option::<Bytes>::deserialize(deserializer)?.map(|Bytes(bytes)| bytes))
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
