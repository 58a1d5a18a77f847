//! A holder's wallet: the secret, the credentials, and what each context has learnt.
//!
//! Everything is in one file, encrypted with a passphrase (age, scrypt). The wallet also stands up for its owner
//! against whoever asks: [`menu`] and [`history`] say which questions it does not answer. And it asks nodes in a way
//! that does not tell which attestation is its own: see [`retrieval`](crate::retrieval).

mod file;
pub mod history;
mod holdings;
pub mod issuance;
pub mod menu;
mod prove;

pub use crate::sealed::Passphrase;
pub use file::WalletError;
pub use holdings::{RefreshError, Refreshed, When};
pub use prove::{Ask, Consent, Planned, ProveError, Proved, SlotChoice};

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use ofage_primitives::{
    hashes, secrets::HolderSecret, Context, Day, GenesisHash, IdentityCommitment, IssuerIndex, Scope,
};
use serde::{Deserialize, Serialize};

use crate::{
    chain::ChainError,
    credential::{Credential, CredentialError},
    document,
    ownership::{self, Claim, OwnershipError, OwnershipProof},
    private_file::Lock,
    random,
    request::AttestationRequest,
    retrieval::{cover::Seed, Source, Standing, DECOYS, MAX_DECOYS},
};
use history::History;
use holdings::Holdings;

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ofage-wallet/1")]
    V1,
}

/// What is encrypted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: Format,
    #[serde(with = "document::secret")]
    secret: HolderSecret,
    credentials: Vec<Credential>,
    /// By scope, since contexts of two chains are two scopes.
    histories: BTreeMap<Scope, History>,
    /// Decoys beside each shard. Wallets of before there were decoys have none written down.
    #[serde(default = "default_decoys")]
    decoys: u8,
    /// What decoys are derived from; made when the first ones are needed.
    #[serde(
        default,
        with = "document::secret::optional",
        skip_serializing_if = "Option::is_none"
    )]
    seed: Option<Seed>,
    /// By chain.
    #[serde(default)]
    holdings: Vec<Holdings>,
    /// Credentials that services were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    owed: Vec<issuance::Owed>,
}

fn default_decoys() -> u8 {
    DECOYS
}

/// An open wallet. No `Debug`.
pub struct Wallet {
    path: PathBuf,
    passphrase: Passphrase,
    content: Content,
    _lock: Lock,
}

/// A credential cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is not good.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// It could not be looked up.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The file could not be written.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl Wallet {
    /// Makes a wallet with a fresh secret, in a file that must not exist.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn create(path: &Path, passphrase: Passphrase) -> Result<Self, WalletError> {
        Self::create_with_decoys(path, passphrase, DECOYS)
    }

    /// As [`create`](Self::create), with another number of decoys, up to [`MAX_DECOYS`]. It is for the wallet's life: with a
    /// number that changes, the real shards would be those that are always there.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn create_with_decoys(path: &Path, passphrase: Passphrase, decoys: u8) -> Result<Self, WalletError> {
        let lock = file::lock_new(path)?;
        let content = Content {
            format: Format::V1,
            secret: random::secret()?,
            credentials: Vec::new(),
            histories: BTreeMap::new(),
            decoys: decoys.min(MAX_DECOYS),
            seed: None,
            holdings: Vec::new(),
            owed: Vec::new(),
        };
        file::create(path, &passphrase, &content)?;
        Ok(Self {
            path: path.to_owned(),
            passphrase,
            content,
            _lock: lock,
        })
    }

    /// Opens a wallet.
    ///
    /// # Errors
    /// [`WalletError`]: no such file, wrong passphrase, damaged.
    pub fn open(path: &Path, passphrase: Passphrase) -> Result<Self, WalletError> {
        let lock = file::lock(path)?;
        let content = file::read(path, &passphrase)?;
        Ok(Self {
            path: path.to_owned(),
            passphrase,
            content,
            _lock: lock,
        })
    }

    /// Writes what changed.
    ///
    /// # Errors
    /// [`WalletError`]; the file is as before then.
    pub fn save(&self) -> Result<(), WalletError> {
        file::replace(&self.path, &self.passphrase, &self.content)
    }

    /// The holder's commitment towards an issuer.
    pub fn identity(&self, genesis: &GenesisHash, issuer: IssuerIndex) -> IdentityCommitment {
        hashes::identity_commitment(&self.content.secret, hashes::issuer_id(genesis, issuer))
    }

    /// What to give to an issuer for an attestation.
    pub fn request(&self, genesis: GenesisHash, issuer: IssuerIndex) -> AttestationRequest {
        AttestationRequest::new(genesis, issuer, self.identity(&genesis, issuer))
    }

    /// As [`request`](Self::request), with a proof that the commitment is this wallet's and the request for that customer of
    /// the issuer.
    ///
    /// # Errors
    /// [`OwnershipError`].
    pub fn request_for(
        &self,
        genesis: GenesisHash,
        issuer: IssuerIndex,
        reference: &str,
    ) -> Result<AttestationRequest, OwnershipError> {
        let (_, proof) = self.prove_ownership(&Claim::for_file(genesis, issuer, reference)?)?;
        Ok(self.request(genesis, issuer).owned(reference.to_owned(), proof))
    }

    /// The holder's commitment towards the claim's issuer, and the proof that it is the holder's.
    ///
    /// # Errors
    /// [`OwnershipError`].
    pub fn prove_ownership(
        &self,
        claim: &Claim,
    ) -> Result<(IdentityCommitment, OwnershipProof), OwnershipError> {
        ownership::prove(&self.content.secret, claim)
    }

    /// The credentials.
    pub fn credentials(&self) -> &[Credential] {
        &self.content.credentials
    }

    /// What each context has learnt.
    pub fn histories(&self) -> impl Iterator<Item = &History> {
        self.content.histories.values()
    }

    /// Takes a credential that was checked by itself only, and saves the wallet. Whether the chain holds it shows when it is
    /// needed.
    ///
    /// # Errors
    /// [`ImportError::Credential`] or [`ImportError::Wallet`].
    pub fn import(&mut self, credential: Credential) -> Result<(), ImportError> {
        self.take(credential)?;
        if let Err(error) = self.save() {
            self.content.credentials.pop();
            return Err(error.into());
        }
        Ok(())
    }

    /// Takes a credential, and does not save the wallet.
    fn take(&mut self, credential: Credential) -> Result<(), CredentialError> {
        credential.check(&self.content.secret)?;
        let is_known = |known: &Credential| known.attestation == credential.attestation;
        if self.content.credentials.iter().any(is_known) {
            return Err(CredentialError::Known);
        }
        self.expect_news(credential.genesis, &credential.attestation);
        self.content.credentials.push(credential);
        Ok(())
    }

    /// Takes a credential after looking it up, which fetches the chain's part of all credentials anew, and saves the
    /// wallet.
    ///
    /// # Errors
    /// [`ImportError`]; the credential is not taken then. Decoys that were chosen for it are kept: if it is tried again,
    /// the node must not see others.
    pub async fn import_checked<S: Source>(
        &mut self,
        credential: Credential,
        source: &S,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<(), ImportError> {
        let genesis = source.genesis();
        if credential.genesis != genesis {
            let other = ChainError::OtherChain {
                expected: credential.genesis,
                found: genesis,
            };
            return Err(ImportError::Refresh(other.into()));
        }
        let attestation = credential.attestation;
        self.take(credential)?;
        let refreshed = self.refresh(source, When::EpochOver, progress).await;
        let fault = match (refreshed, self.content.credentials.last()) {
            (Err(error), _) => error.into(),
            (Ok(_), Some(taken)) => match self.standing(taken) {
                Some((Standing::Good(_), _)) => return Ok(()),
                Some((Standing::Revoked | Standing::ShardRevoked, _)) => CredentialError::Revoked.into(),
                _ => CredentialError::NotOnChain.into(),
            },
            (Ok(_), None) => CredentialError::NotOnChain.into(),
        };
        self.content
            .credentials
            .retain(|known| known.attestation != attestation);
        self.save()?;
        Err(fault)
    }

    fn history(&self, scope: &Scope) -> Option<&History> {
        self.content.histories.get(scope)
    }

    fn history_mut(&mut self, scope: Scope, context: &Context, genesis: GenesisHash) -> &mut History {
        self.content
            .histories
            .entry(scope)
            .or_insert_with(|| History::new(context.clone(), genesis))
    }

    /// Credentials of a chain that have not expired on a day.
    fn usable(&self, genesis: GenesisHash, on: Day) -> impl Iterator<Item = &Credential> {
        let good = move |c: &&Credential| c.genesis == genesis && c.attributes.parts().expires_on >= on;
        self.content.credentials.iter().filter(good)
    }
}

#[cfg(test)]
mod tests;
