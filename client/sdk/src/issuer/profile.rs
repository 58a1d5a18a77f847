//! What an issuer says about itself: a document at a known place of its own web site.
//!
//! The chain holds little text, and its metadata names the document: URL and hash. The document is signed by the
//! controlling key. So whoever trusts the web site's name (by TLS) learns which issuer of the chain is its owner's, and
//! whoever starts from the chain learns which web site the issuer claims; the two agree only if both are the issuer's.
//! Anybody can check that, and curators should before they list an issuer. Nothing here makes the content true.

use std::{fmt, str::FromStr};

use codec::{Compact, Encode};
use ofage_primitives::{chain::IssuerInfo, Assurance, Day, Flags, GenesisHash, IssuerIndex};
use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};
use subxt_signer::sr25519;

use crate::{
    account::{Account, Signer},
    chain::hash_256,
    document,
    issuance::messages::{IssuerUrl, Label},
    issuer::intake,
};

/// The document's path (RFC 8615) on the issuer's web site.
pub const WELL_KNOWN: &str = "/.well-known/ofage-issuer.json";
/// Version of the document; another one has another [`CONTEXT`].
const VERSION: u8 = 1;
/// Begins what is signed, so that the signature can be taken for nothing else.
const CONTEXT: &[u8] = b"ofage/issuer-profile/v1";
/// Most methods: one for each level of assurance, and some.
const MAX_METHODS: usize = 16;

/// Where an issuer is at home: a country, or a part of one, by ISO 3166 (`EE`, `US-CA`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jurisdiction(String);

/// Not a code of ISO 3166.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a jurisdiction: give the code of ISO 3166 in capitals, such as EE, or US-CA for a part of a country"
)]
pub struct JurisdictionError;

impl FromStr for Jurisdiction {
    type Err = JurisdictionError;

    fn from_str(text: &str) -> Result<Self, JurisdictionError> {
        let (country, part) = match text.split_once('-') {
            Some((country, part)) => (country, Some(part)),
            None => (text, None),
        };
        let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_part = part.is_none_or(|part| {
            (1..=3).contains(&part.len())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        });
        if is_country && is_part {
            Ok(Self(text.to_owned()))
        } else {
            Err(JurisdictionError)
        }
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Jurisdiction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Jurisdiction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// How an issuer comes to know an age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// How well.
    pub assurance: Assurance,
    /// The kinds of evidence that its attestations of this method carry.
    #[serde(with = "flag_names")]
    pub flags: Flags,
    /// The same in words.
    pub description: Label,
}

/// What an issuer says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    version: u8,
    /// The chain.
    #[serde(with = "document::genesis")]
    pub genesis: GenesisHash,
    /// Its number there.
    pub issuer: IssuerIndex,
    /// What it is called.
    pub name: Label,
    /// Where it is at home.
    pub jurisdiction: Jurisdiction,
    /// How it comes to know ages; never empty.
    methods: Vec<Method>,
    /// How people reach it: an address, a telephone number.
    pub contact: Label,
    /// Where this document is: [`WELL_KNOWN`] of its web site.
    url: IssuerUrl,
    /// Its issuance service, if it runs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<IssuerUrl>,
    /// When it said so.
    pub issued_on: Day,
}

/// A profile that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// No method, or too many.
    #[error("a profile has 1 to {MAX_METHODS} methods")]
    Methods,
    /// Another place.
    #[error(
        "a profile is at {WELL_KNOWN} of the issuer's web site, such as https://bank.example{WELL_KNOWN}"
    )]
    Place,
    /// A later version of this document.
    #[error("the profile is of another version; use a newer program")]
    Version,
}

impl Profile {
    /// A profile for an issuer; what is left out can be set afterwards.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn new(
        (genesis, issuer): (GenesisHash, IssuerIndex),
        (name, jurisdiction, contact): (Label, Jurisdiction, Label),
        methods: Vec<Method>,
        url: IssuerUrl,
        issued_on: Day,
    ) -> Result<Self, ProfileError> {
        let profile = Self {
            version: VERSION,
            genesis,
            issuer,
            name,
            jurisdiction,
            methods,
            contact,
            url,
            service: None,
            issued_on,
        };
        profile.validate()?;
        Ok(profile)
    }

    fn validate(&self) -> Result<(), ProfileError> {
        if self.version != VERSION {
            Err(ProfileError::Version)
        } else if self.methods.is_empty() || self.methods.len() > MAX_METHODS {
            Err(ProfileError::Methods)
        } else if self.url.path() != WELL_KNOWN {
            Err(ProfileError::Place)
        } else {
            Ok(())
        }
    }

    /// How it comes to know ages.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// Where the document is.
    pub fn url(&self) -> &IssuerUrl {
        &self.url
    }

    /// Signs it.
    pub fn sign(self, controller: &Signer) -> SignedProfile {
        let signature = controller.keypair().sign(&self.message()).0;
        SignedProfile {
            profile: self,
            signature: Signature(signature),
        }
    }

    /// What is signed and hashed: [`CONTEXT`], and the fields in SCALE in their order. White space and the order of the
    /// JSON document do not matter.
    fn message(&self) -> Vec<u8> {
        let mut message = CONTEXT.to_vec();
        (self.version, self.genesis, self.issuer).encode_to(&mut message);
        (self.name.as_str(), &self.jurisdiction.0).encode_to(&mut message);
        Compact(self.methods.len() as u32).encode_to(&mut message);
        for method in &self.methods {
            (method.assurance, method.flags.0, method.description.as_str()).encode_to(&mut message);
        }
        let service = self.service.as_ref().map(IssuerUrl::as_str);
        (self.contact.as_str(), self.url.as_str(), service).encode_to(&mut message);
        self.issued_on.encode_to(&mut message);
        message
    }

    /// BLAKE2b-256 of what is signed.
    pub fn hash(&self) -> ProfileHash {
        ProfileHash(hash_256(&self.message()))
    }

    /// What the chain's metadata is to say, so that the profile is found and known again.
    pub fn pointer(&self) -> Pointer {
        Pointer {
            name: self.name.clone(),
            profile: self.url.clone(),
            hash: self.hash(),
        }
    }
}

/// A profile with a signature, which may be anybody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedProfile {
    profile: Profile,
    signature: Signature,
}

/// What the issuer's metadata on the chain says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pointer {
    name: Label,
    /// Where the profile is.
    pub profile: IssuerUrl,
    hash: ProfileHash,
}

impl Pointer {
    /// Reads the metadata of an issuer; `None` when it names no profile.
    pub fn read(metadata: &[u8]) -> Option<Self> {
        serde_json::from_slice(metadata).ok()
    }

    /// As metadata: one line of JSON.
    pub fn metadata(&self) -> String {
        serde_json::to_string(self).expect("a few texts are JSON; qed")
    }
}

/// A hash, as `0x` and 64 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileHash([u8; 32]);

/// A signature of sr25519, as `0x` and 128 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Signature([u8; 64]);

macro_rules! digits {
    ($($name:ident, $bytes:literal, $what:literal);*) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&format!("0x{}", hex::encode(self.0)))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let mut bytes = [0; $bytes];
                let read = text.strip_prefix("0x").map(|text| hex::decode_to_slice(text, &mut bytes));
                match read {
                    Some(Ok(())) => Ok(Self(bytes)),
                    _ => Err(D::Error::custom($what)),
                }
            }
        })*
    };
}

digits! {
    ProfileHash, 32, "expected 0x and 64 hexadecimal digits";
    Signature, 64, "expected 0x and 128 hexadecimal digits"
}

/// Why a document is not the profile of an issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileRefused {
    /// The document breaks a rule.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The chain's metadata is other text.
    #[error("the chain's metadata of the issuer names no profile; its controller publishes one with `ofage issuer profile publish`")]
    NoPointer,
    /// Of another chain.
    #[error("the profile is for another chain")]
    Chain,
    /// Of another issuer.
    #[error("the profile is of issuer {0}, not of this one")]
    Issuer(IssuerIndex),
    /// At another place.
    #[error("the profile says that it is at {document}, and the chain says {chain}")]
    Place {
        /// By the document.
        document: Box<IssuerUrl>,
        /// By the chain.
        chain: Box<IssuerUrl>,
    },
    /// Another or an altered document.
    #[error("the profile is not the one of which the chain has the hash: one of the two was changed later")]
    Hash,
    /// Signed by nobody, or somebody else.
    #[error("the profile is not signed by the issuer's controller {0}")]
    Signature(Account),
}

/// A profile that the issuer's controller signed, and that the chain names. Only a check makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedProfile(Profile);

impl CheckedProfile {
    /// The profile.
    pub fn get(&self) -> &Profile {
        &self.0
    }
}

impl SignedProfile {
    /// Reads a document.
    ///
    /// # Errors
    /// [`document::DocumentError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, document::DocumentError> {
        document::read("signed issuer profile", bytes)
    }

    /// What it says, unchecked.
    pub fn claimed(&self) -> &Profile {
        &self.profile
    }

    /// Whether it is by the controller of that issuer, and for it; whatever the chain's metadata says.
    ///
    /// # Errors
    /// [`ProfileRefused`].
    pub fn check_signature(&self, genesis: GenesisHash, info: &IssuerInfo) -> Result<(), ProfileRefused> {
        let profile = &self.profile;
        profile.validate()?;
        if profile.genesis != genesis {
            return Err(ProfileRefused::Chain);
        }
        if profile.issuer != info.index {
            return Err(ProfileRefused::Issuer(profile.issuer));
        }
        let signature = sr25519::Signature(self.signature.0);
        let controller = sr25519::PublicKey(info.controller);
        if sr25519::verify(&signature, profile.message(), &controller) {
            Ok(())
        } else {
            Err(ProfileRefused::Signature(Account(info.controller)))
        }
    }

    /// Checks it against what the chain says about the issuer.
    ///
    /// # Errors
    /// [`ProfileRefused`].
    pub fn check(self, genesis: GenesisHash, info: &IssuerInfo) -> Result<CheckedProfile, ProfileRefused> {
        self.check_signature(genesis, info)?;
        let pointer = Pointer::read(&info.metadata).ok_or(ProfileRefused::NoPointer)?;
        if pointer.profile != self.profile.url {
            return Err(ProfileRefused::Place {
                document: Box::new(self.profile.url),
                chain: Box::new(pointer.profile),
            });
        }
        if pointer != self.profile.pointer() {
            return Err(ProfileRefused::Hash);
        }
        Ok(CheckedProfile(self.profile))
    }
}

/// JSON form of flags: their names, joined by `+`.
mod flag_names {
    use super::*;

    pub(super) fn serialize<S: Serializer>(flags: &Flags, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(flags)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Flags, D::Error> {
        let text = String::deserialize(deserializer)?;
        intake::flags(&text).ok_or_else(|| D::Error::custom("expected names of flags, joined by +"))
    }
}

#[cfg(test)]
mod tests;
