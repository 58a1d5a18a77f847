//! What an issuer hands to a holder: where the attestation is, and what opens it.

use ofage_primitives::{
    hashes,
    secrets::{HolderSalt, HolderSecret},
    Attestation, Attributes, AttributesError, Ext, GenesisHash, IdentityCommitment, IssuerId, IssuerIndex,
    LeafIndex, ShardIndex,
};
use serde::{Deserialize, Serialize};

use crate::document::{self, DocumentError};

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ofage-credential/1")]
    V1,
}

/// A credential a wallet does not take.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Not a credential.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// For another secret.
    #[error("the credential belongs to another wallet: its identity commitment is not made with this wallet's secret")]
    NotMine,
    /// The salt and attributes do not give the attestation.
    #[error("the credential contradicts itself; ask the issuer for it again")]
    Contradiction,
    /// Dates that could single a person out.
    #[error("the credential's dates are not firsts of a month, which could single you out; ask the issuer for a coarser one")]
    OffGrid,
    /// Flags without a meaning, which could mark a holder.
    #[error("the credential has flags without a meaning, which could single you out; ask the issuer for one without them")]
    ReservedFlags,
    /// The attributes do not fit together.
    #[error("the credential's attributes do not fit together: {0}")]
    Attributes(#[from] AttributesError),
    /// It is in the wallet.
    #[error("this credential is in the wallet already")]
    Known,
    /// The chain does not hold it there.
    #[error("the chain does not hold this attestation at the place that the credential names; ask the issuer whether it was final")]
    NotOnChain,
    /// Its issuer took it back.
    #[error("the issuer has revoked this attestation; ask it for a new one")]
    Revoked,
}

/// An attestation with its place and opening. Private between issuer and holder, so it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    format: Format,
    /// The chain.
    #[serde(with = "document::genesis")]
    pub genesis: GenesisHash,
    /// Who attests.
    pub issuer: IssuerIndex,
    /// Shard of the attestation.
    pub shard: ShardIndex,
    /// Its place there.
    pub leaf: LeafIndex,
    /// The holder, towards this issuer.
    pub identity: IdentityCommitment,
    /// What is attested.
    pub attributes: Attributes,
    #[serde(with = "document::secret")]
    salt: HolderSalt,
    /// The leaf: implied by the rest, so that damage shows.
    pub attestation: Attestation,
}

impl Credential {
    pub(crate) fn new(
        genesis: GenesisHash,
        issuer: IssuerIndex,
        place: (ShardIndex, LeafIndex),
        identity: IdentityCommitment,
        attributes: Attributes,
        salt: HolderSalt,
    ) -> Self {
        let attestation = hashes::attestation(identity, &attributes, &Ext::commit(&salt));
        let (shard, leaf) = place;
        Self {
            format: Format::V1,
            genesis,
            issuer,
            shard,
            leaf,
            identity,
            attributes,
            salt,
            attestation,
        }
    }

    /// Reads a credential.
    ///
    /// # Errors
    /// [`DocumentError`]; it does not repeat the content.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocumentError> {
        document::read("credential", bytes)
    }

    /// The second input of the attestation.
    pub fn ext(&self) -> Ext {
        Ext::commit(&self.salt)
    }

    /// The issuer's field element.
    pub fn issuer_id(&self) -> IssuerId {
        hashes::issuer_id(&self.genesis, self.issuer)
    }

    /// Checks all that can be checked without the chain: it is the holder's, coarse, and consistent.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn check(&self, secret: &HolderSecret) -> Result<(), CredentialError> {
        if hashes::identity_commitment(secret, self.issuer_id()) != self.identity {
            return Err(CredentialError::NotMine);
        }
        if !self.attributes.is_on_grid() {
            return Err(CredentialError::OffGrid);
        }
        if self.attributes.parts().flags.reserved().0 != 0 {
            return Err(CredentialError::ReservedFlags);
        }
        if hashes::attestation(self.identity, &self.attributes, &self.ext()) != self.attestation {
            return Err(CredentialError::Contradiction);
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ofage_primitives::{attributes::Parts, Assurance, Day, Flags};

    pub(crate) fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    pub(crate) fn attributes(birth: &str) -> Attributes {
        Attributes::new(Parts {
            earliest_birth: day(birth),
            latest_birth: day(birth),
            checked_on: day("2026-01-01"),
            enrolled_on: day("2026-01-01"),
            expires_on: day("2030-01-01"),
            assurance: Assurance::Verified,
            flags: Flags::BANK,
        })
        .unwrap()
    }

    /// A credential of issuer 0 on chain `[7; 32]`.
    pub(crate) fn credential(secret: &HolderSecret, attributes: Attributes) -> Credential {
        credential_at(secret, attributes, 0, (0, 3))
    }

    /// A credential of an issuer at a place, on chain `[7; 32]`.
    pub(crate) fn credential_at(
        secret: &HolderSecret,
        attributes: Attributes,
        issuer: u32,
        (shard, leaf): (u32, u16),
    ) -> Credential {
        let genesis = GenesisHash([7; 32]);
        let issuer = IssuerIndex(issuer);
        let identity = hashes::identity_commitment(secret, hashes::issuer_id(&genesis, issuer));
        let salt = crate::random::salt().unwrap();
        Credential::new(
            genesis,
            issuer,
            (ShardIndex(shard), LeafIndex(leaf)),
            identity,
            attributes,
            salt,
        )
    }

    #[test]
    fn a_credential_survives_json() {
        let secret = crate::random::secret().unwrap();
        let made = credential(&secret, attributes("1990-05-06"));
        let read = Credential::from_json(&serde_json::to_vec(&made).unwrap()).unwrap();
        read.check(&secret).unwrap();
        assert!(read.attestation == made.attestation && read.leaf == made.leaf);
    }

    #[test]
    fn every_change_of_a_credential_is_noticed() {
        let secret = crate::random::secret().unwrap();
        let made = serde_json::to_value(credential(&secret, attributes("1990-05-06"))).unwrap();
        let edits: [(&str, serde_json::Value); 5] = [
            ("/genesis", format!("0x{}", "08".repeat(32)).into()),
            ("/issuer", 1.into()),
            ("/attributes/latest_birth", "1990-05-07".into()),
            ("/salt", "01".repeat(32).into()),
            ("/attestation", format!("0x{}", "01".repeat(32)).into()),
        ];
        for (pointer, value) in edits {
            let mut edited = made.clone();
            *edited.pointer_mut(pointer).unwrap() = value;
            let read = Credential::from_json(&serde_json::to_vec(&edited).unwrap()).unwrap();
            assert!(read.check(&secret).is_err(), "{pointer}");
        }
    }

    #[test]
    fn another_secret_does_not_own_it() {
        let secret = crate::random::secret().unwrap();
        let made = credential(&secret, attributes("1990-05-06"));
        let other = crate::random::secret().unwrap();
        assert!(matches!(made.check(&other), Err(CredentialError::NotMine)));
    }

    #[test]
    fn dates_off_the_grid_are_refused() {
        let secret = crate::random::secret().unwrap();
        let mut parts = *attributes("1990-05-06").parts();
        parts.expires_on = day("2030-01-02");
        let made = credential(&secret, Attributes::new(parts).unwrap());
        assert!(matches!(made.check(&secret), Err(CredentialError::OffGrid)));
    }

    #[test]
    fn flags_without_a_meaning_are_refused() {
        let secret = crate::random::secret().unwrap();
        let mut parts = *attributes("1990-05-06").parts();
        parts.flags = Flags::BANK.union(Flags(1 << 12));
        let made = credential(&secret, Attributes::new(parts).unwrap());
        assert!(matches!(made.check(&secret), Err(CredentialError::ReservedFlags)));
    }

    #[test]
    fn an_error_does_not_repeat_what_it_read() {
        let secret = crate::random::secret().unwrap();
        let made = serde_json::to_string(&credential(&secret, attributes("1990-05-06"))).unwrap();
        for spoilt in [
            made.replace("1990-05-06", "1990-99-06"),
            made.replace("\"verified\"", "\"19900506\""),
        ] {
            let error = Credential::from_json(spoilt.as_bytes()).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("1990"));
        }
    }
}
