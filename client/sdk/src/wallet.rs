//! A holder's wallet: the secret, the credentials, and what each context has learnt.
//!
//! Everything is in one file, encrypted with a passphrase (age, scrypt). The wallet also stands up for its owner
//! against whoever asks: [`menu`] and [`history`] say which questions it does not answer.

mod file;
pub mod history;
pub mod menu;
mod prove;

pub use file::{Passphrase, WalletError};
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
    chain::Chain,
    credential::{Credential, CredentialError},
    document,
    leaves::{self, LeavesError},
    private_file::Lock,
    random,
    request::AttestationRequest,
};
use history::History;

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
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] crate::chain::ChainError),
    /// The leaves could not be read.
    #[error(transparent)]
    Leaves(#[from] LeavesError),
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
        let lock = file::lock_new(path)?;
        let content = Content {
            format: Format::V1,
            secret: random::secret()?,
            credentials: Vec::new(),
            histories: BTreeMap::new(),
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

    /// The credentials.
    pub fn credentials(&self) -> &[Credential] {
        &self.content.credentials
    }

    /// What each context has learnt.
    pub fn histories(&self) -> impl Iterator<Item = &History> {
        self.content.histories.values()
    }

    /// Takes a credential that was checked by itself only, and saves the wallet.
    ///
    /// # Errors
    /// [`ImportError::Credential`] or [`ImportError::Wallet`].
    pub fn import(&mut self, credential: Credential) -> Result<(), ImportError> {
        credential.check(&self.content.secret)?;
        if self
            .content
            .credentials
            .iter()
            .any(|known| known.attestation == credential.attestation)
        {
            return Err(CredentialError::Known.into());
        }
        self.content.credentials.push(credential);
        if let Err(error) = self.save() {
            self.content.credentials.pop();
            return Err(error.into());
        }
        Ok(())
    }

    /// Takes a credential after looking it up among all leaves of its shard, and saves the wallet.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn import_checked(
        &mut self,
        credential: Credential,
        chain: &Chain,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<(), ImportError> {
        credential.check(&self.content.secret)?;
        chain.expect_genesis(credential.genesis)?;
        let at = chain.finalized().await?;
        let shard = chain
            .at(at)
            .shard(credential.shard)
            .await?
            .filter(|shard| shard.issuer == credential.issuer);
        let shard = shard.ok_or(CredentialError::NotOnChain)?;
        let leaves = leaves::read(chain, &shard, at, progress).await?;
        if leaves.get(usize::from(credential.leaf.0)) != Some(&credential.attestation) {
            return Err(CredentialError::NotOnChain.into());
        }
        self.import(credential)
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
