//! The register and the chain of a real issuer.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ofage_primitives::{GenesisHash, IdentityCommitment, IssuerIndex};
use ofage_sdk::{
    account::Signer,
    chain::Chain,
    issuance::messages::{Evidence, IssuerUrl},
    issuer::{
        attest::{AttestError, Attester},
        intake::Row,
        journal::{Journal, JournalError, Known},
        mirror::Mirror,
        revoke::Revoker,
        targets::{self, Target},
    },
    ownership::{self, Claim},
};
use tokio::sync::Mutex as Slow;

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
    Register(#[from] JournalError),
}

/// An issuer: its register, its attesting key, its node.
pub struct Issuer {
    chain: Chain,
    signer: Signer,
    issuer: IssuerIndex,
    mirror: Mirror,
    batch: usize,
    /// Held while batches are on their way.
    journal: Slow<Journal>,
    /// Taken, and in no batch yet.
    waiting: Mutex<Vec<Row>>,
}

impl Issuer {
    /// Opens an issuer's register; no other process can use it then.
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
        let journal = Journal::open(register, chain.genesis(), issuer)?;
        Ok(Self {
            mirror: Mirror::beside(register),
            chain,
            signer,
            issuer,
            batch,
            journal: Slow::new(journal),
            waiting: Mutex::default(),
        })
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        // No code that holds the lock can panic halfway, so what is inside is whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy() -> RegistryError {
    RegistryError("attestations are on their way to the chain; ask again in a moment".into())
}

fn failed(error: impl std::fmt::Display) -> RegistryError {
    RegistryError(error.to_string())
}

impl Registry for Issuer {
    fn genesis(&self) -> GenesisHash {
        self.chain.genesis()
    }

    fn issuer(&self) -> IssuerIndex {
        self.issuer
    }

    fn owns(&self, service: &IssuerUrl, evidence: &Evidence) -> bool {
        let claim = Claim {
            genesis: self.chain.genesis(),
            issuer: self.issuer,
            audience: service.audience(),
            nonce: evidence.nonce.0,
        };
        ownership::check(&claim, evidence.identity, &evidence.proof).is_ok()
    }

    fn take(&self, application: Application) -> Result<Taken, RegistryError> {
        let journal = self.journal.try_lock().map_err(|_| busy())?;
        let Application {
            reference,
            identity,
            attributes,
            ..
        } = application;
        let row = Row {
            line: 0,
            reference,
            identity,
            attributes,
        };
        let mut rows = self.rows();
        if rows.contains(&row) {
            return Ok(Taken::Yes);
        }
        let doubled = journal.has_identity(identity)
            || rows
                .iter()
                .any(|known| known.identity == identity || known.reference == row.reference);
        Ok(match journal.known(&row) {
            Known::Same => Taken::Yes,
            Known::New if !doubled => {
                rows.push(row);
                Taken::Yes
            }
            _ => Taken::No,
        })
    }

    fn standing(
        &self,
        reference: &str,
        identity: Option<IdentityCommitment>,
    ) -> Result<Standing, RegistryError> {
        let Ok(journal) = self.journal.try_lock() else {
            return match identity {
                Some(_) => Ok(Standing::Waiting),
                None => Err(busy()),
            };
        };
        let fits = |known: IdentityCommitment| identity.is_none_or(|wanted| wanted == known);
        if self
            .rows()
            .iter()
            .any(|row| row.reference == reference && fits(row.identity))
        {
            return Ok(Standing::Waiting);
        }
        if let Some(credential) = journal.credential(reference) {
            return Ok(match fits(credential.identity) {
                true => Standing::Final(Box::new(credential)),
                false => Standing::Unknown,
            });
        }
        if journal.place(reference).is_some() {
            return Ok(Standing::Revoked);
        }
        Ok(match journal.pending() {
            Some(_) if identity.is_some() => Standing::Waiting,
            _ => Standing::Unknown,
        })
    }

    fn delivered(&self, _: &str) -> Result<(), RegistryError> {
        Ok(())
    }

    fn forget(&self, reference: &str) -> Result<bool, RegistryError> {
        let journal = self.journal.try_lock().map_err(|_| busy())?;
        match journal.place(reference) {
            Some(_) => Err(failed("this register cannot forget attestations")),
            None => Ok(false),
        }
    }

    fn waiting(&self) -> Result<u64, RegistryError> {
        let rows = self.rows().len() as u64;
        let left = self
            .journal
            .try_lock()
            .is_ok_and(|journal| journal.pending().is_some());
        Ok(rows + u64::from(left))
    }

    async fn settle(&self) -> Result<u64, RegistryError> {
        let mut journal = self.journal.lock().await;
        let attester = Attester::new(&self.chain, &self.signer).await.map_err(failed)?;
        let attester = attester.mirrored(self.mirror.clone());
        let resumed = attester.resume(&mut journal).await.map_err(failed)?;
        let mut count: usize = resumed.iter().map(|done| done.count).sum();
        let rows: Vec<Row> = {
            let mut waiting = self.rows();
            // Those of the batches that were left behind.
            waiting.retain(|row| !matches!(journal.known(row), Known::Same));
            waiting.clone()
        };
        let outcome = attester
            .attest(&mut journal, rows, self.batch, &mut |done| count += done.count)
            .await;
        self.rows()
            .retain(|row| !matches!(journal.known(row), Known::Same));
        outcome.map_err(failed)?;
        Ok(count as u64)
    }

    async fn revoke(&self, references: &[String]) -> Result<(), RegistryError> {
        let mut journal = self.journal.lock().await;
        let known = references
            .iter()
            .filter(|reference| journal.place(reference).is_some());
        let targets = known
            .map(|reference| Target::Reference(reference.clone(), None))
            .collect();
        let places = targets::places(targets, Some(&journal)).map_err(failed)?;
        let revoker = Revoker::new(&self.chain, &self.signer, self.mirror.clone())
            .await
            .map_err(failed)?;
        revoker
            .revoke(&places, Some(&mut journal), &mut |_| {})
            .await
            .map_err(failed)
    }
}
