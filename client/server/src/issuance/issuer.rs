//! The register and the chain of a real issuer.

use std::path::Path;

use ofage_primitives::{GenesisHash, IdentityCommitment, IssuerIndex};
use ofage_sdk::{
    account::Signer,
    chain::Chain,
    issuance::messages::{Evidence, IssuerUrl},
    issuer::{
        attest::{AttestError, Attester},
        intake::Row,
        mirror::Mirror,
        register::{self, Forgotten, Register, RegisterError},
        revoke::{Positions, Revoker},
    },
    ownership::{self, Claim},
};
use tokio::sync::Mutex;

use super::registry::{Application, Registry, RegistryError, Standing, Taken};

/// The issuer cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// The key attests for nobody, or the chain cannot be asked.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// The register cannot be used.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// An issuer: its register, its attesting key, its node.
pub struct Issuer {
    chain: Chain,
    signer: Signer,
    mirror: Mirror,
    batch: usize,
    register: Register,
    /// Held while calls with the key are on their way.
    busy: Mutex<()>,
}

impl Issuer {
    /// Opens an issuer's register; no other process can use it then. If customers were forgotten, it is written anew first.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub async fn open(
        chain: Chain,
        signer: Signer,
        register: &Path,
        batch: usize,
    ) -> Result<Self, IssuerError> {
        let issuer = Attester::new(&chain, &signer).await?.issuer();
        let path = register;
        let mut register = Register::open(path, chain.genesis(), issuer)?;
        if register.has_remains()? {
            register = register.shred()?;
        }
        Ok(Self {
            mirror: Mirror::beside(path),
            register,
            chain,
            signer,
            batch,
            busy: Mutex::new(()),
        })
    }
}

fn failed(error: impl std::fmt::Display) -> RegistryError {
    RegistryError(error.to_string())
}

impl Registry for Issuer {
    fn genesis(&self) -> GenesisHash {
        self.chain.genesis()
    }

    fn issuer(&self) -> IssuerIndex {
        self.register.issuer()
    }

    fn owns(&self, service: &IssuerUrl, evidence: &Evidence) -> bool {
        let claim = Claim {
            genesis: self.chain.genesis(),
            issuer: self.register.issuer(),
            audience: service.audience(),
            nonce: evidence.nonce.0,
        };
        ownership::check(&claim, evidence.identity, &evidence.proof).is_ok()
    }

    fn take(&self, application: Application) -> Result<Taken, RegistryError> {
        let Application {
            reference,
            identity,
            attributes,
            reissue,
        } = application;
        let row = Row {
            line: 0,
            reference,
            identity,
            attributes,
            owned: true,
        };
        Ok(match self.register.take(&row, reissue).map_err(failed)? {
            register::Taken::Refused(..) => Taken::No,
            register::Taken::New | register::Taken::Replaces | register::Taken::Already => Taken::Yes,
        })
    }

    fn standing(
        &self,
        reference: &str,
        identity: Option<IdentityCommitment>,
    ) -> Result<Standing, RegistryError> {
        let Some(standing) = self.register.standing(reference).map_err(failed)? else {
            return Ok(Standing::Unknown);
        };
        let known = self.register.identity(reference).map_err(failed)?;
        if known.is_some_and(|known| identity.is_some_and(|wanted| wanted != known)) {
            return Ok(Standing::Unknown);
        }
        Ok(match standing {
            register::Standing::Waiting | register::Standing::Sent => Standing::Waiting,
            register::Standing::Forgotten => Standing::Forgotten,
            register::Standing::Revoked => Standing::Revoked,
            register::Standing::Final => match self.register.credential(reference).map_err(failed)? {
                Some(credential) => Standing::Final(Box::new(credential)),
                // Revoked or forgotten just now: the next question tells.
                None => Standing::Waiting,
            },
        })
    }

    fn delivered(&self, reference: &str) -> Result<(), RegistryError> {
        self.register.forget(reference).map(drop).map_err(failed)
    }

    fn forget(&self, reference: &str) -> Result<bool, RegistryError> {
        match self.register.forget(reference).map_err(failed)? {
            Forgotten::Yes | Forgotten::Entirely => Ok(true),
            Forgotten::Unknown => Ok(false),
            Forgotten::NotYet => Err(failed(
                "the attestation is on its way to the chain; ask again once it is final",
            )),
        }
    }

    fn waiting(&self) -> Result<u64, RegistryError> {
        let left = self
            .register
            .pending()
            .map_err(failed)?
            .map_or(0, |batch| batch.leaves.len());
        let waiting = self.register.waiting().map_err(failed)?;
        // Also what was replaced and is not revoked yet.
        let replaced = self.register.replaced(1).map_err(failed)?.len();
        Ok(waiting + left as u64 + replaced as u64)
    }

    async fn settle(&self) -> Result<u64, RegistryError> {
        let _busy = self.busy.lock().await;
        let attester = Attester::new(&self.chain, &self.signer).await.map_err(failed)?;
        let attester = attester.mirrored(self.mirror.clone());
        let mut count = 0;
        attester
            .settle(&self.register, self.batch, &mut |done| count += done.count)
            .await
            .map_err(failed)?;
        Ok(count as u64)
    }

    async fn revoke(&self, references: &[String]) -> Result<(), RegistryError> {
        let _busy = self.busy.lock().await;
        let mut places = Positions::new();
        for reference in references {
            if let Some((shard, leaf)) = self.register.place(reference).map_err(failed)? {
                places.entry(shard).or_default().insert(leaf.0);
            }
        }
        let revoker = Revoker::new(&self.chain, &self.signer, self.mirror.clone())
            .await
            .map_err(failed)?;
        revoker
            .revoke(&places, Some(&self.register), &mut |_| {})
            .await
            .map_err(failed)
    }
}
