//! Attesting rows in batches, so that each is attested exactly once, whatever happens on the way.

use ofage_primitives::{
    chain::{IssuerInfo, IssuerStatus, ShardInfo},
    tree::SHARD_CAPACITY,
    IssuerIndex, ShardIndex,
};
use serde::Serialize;

use super::{
    intake::{BadRow, Column, Intake, Reason, Row},
    journal::{Batch, Journal, JournalError, Known},
};
use crate::{
    account::Signer,
    chain::{Call, Chain, ChainError, Landed, ShardChoice},
    leaves::{self, LeavesError},
};

/// Attestations in a batch unless told otherwise: as many as a shard and a call hold.
pub const MAX_BATCH: usize = SHARD_CAPACITY as usize;

/// Attesting stopped. What is final stays; a later run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttestError {
    /// The chain could not be asked, or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The leaves could not be compared.
    #[error(transparent)]
    Leaves(#[from] LeavesError),
    /// The key belongs to no issuer.
    #[error(
        "the key is not the attesting key of an issuer; register first, or use the issuer's attesting key, which has \
         to agree to it once (ofage issuer accept)"
    )]
    NotAnIssuer,
    /// The issuer may not attest.
    #[error("the issuer is {0}, and cannot attest")]
    NotActive(&'static str),
}

/// Rows sorted by what is left to do for them.
pub struct Plan {
    /// To be attested.
    pub rows: Vec<Row>,
    /// Attested before, with the same data.
    pub already: Vec<String>,
    /// Not to be attested.
    pub bad: Vec<BadRow>,
}

/// Sorts the rows of a file by what the journal knows of them.
pub fn plan(intake: Intake, journal: &Journal) -> Plan {
    let mut plan = Plan {
        rows: Vec::new(),
        already: Vec::new(),
        bad: intake.bad,
    };
    for row in intake.rows {
        let fault = |column, reason| BadRow {
            line: row.line,
            column: Some(column),
            reason,
        };
        match journal.known(&row) {
            Known::Same => plan.already.push(row.reference),
            Known::Changed(_) => plan.bad.push(fault(Column::Reference, Reason::Changed)),
            Known::New if journal.has_identity(row.identity) => {
                plan.bad.push(fault(Column::Identity, Reason::KnownIdentity));
            }
            Known::New => plan.rows.push(row),
        }
    }
    plan.bad.sort_by_key(|bad| bad.line);
    plan
}

/// A batch that is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Its shard.
    pub shard: ShardIndex,
    /// Attestations in it.
    pub count: usize,
    /// The finalized block.
    pub block: u32,
}

/// An issuer at work.
pub struct Attester<'a> {
    chain: &'a Chain,
    signer: &'a Signer,
    issuer: IssuerIndex,
}

impl<'a> Attester<'a> {
    /// Finds the issuer that a key attests for.
    ///
    /// # Errors
    /// [`AttestError::NotAnIssuer`], [`AttestError::NotActive`], and those of the node.
    pub async fn new(chain: &'a Chain, signer: &'a Signer) -> Result<Self, AttestError> {
        let api = chain.at(chain.finalized().await?);
        let account = signer.account();
        let issuer = api.issuer_of(account).await?.ok_or(AttestError::NotAnIssuer)?;
        let info = api.issuer(issuer).await?.ok_or(AttestError::NotAnIssuer)?;
        if info.attester != account.0 {
            return Err(AttestError::NotAnIssuer);
        }
        match info.status {
            IssuerStatus::Active => Ok(Self {
                chain,
                signer,
                issuer,
            }),
            IssuerStatus::Suspended => Err(AttestError::NotActive("suspended")),
            IssuerStatus::Retired => Err(AttestError::NotActive("retired")),
        }
    }

    /// The issuer.
    pub fn issuer(&self) -> IssuerIndex {
        self.issuer
    }

    /// Finishes the batch that the last run left behind, if any.
    ///
    /// # Errors
    /// [`AttestError`].
    pub async fn resume(&self, journal: &mut Journal) -> Result<Option<Done>, AttestError> {
        let Some(batch) = journal.pending().cloned() else {
            return Ok(None);
        };
        if let Some(done) = self.find(&batch, journal).await? {
            journal.land(done.shard, done.block)?;
            return Ok(Some(done));
        }
        match self.send(&batch).await {
            Ok(done) => {
                journal.land(done.shard, done.block)?;
                Ok(Some(done))
            }
            // It failed in a final block. Calls of one key are in the order of their numbers, so the first run's is in
            // before it or gone: either the batch came in meanwhile, or its place is taken and it never will.
            Err(AttestError::Chain(ChainError::Refused { .. })) => match self.find(&batch, journal).await? {
                Some(done) => {
                    journal.land(done.shard, done.block)?;
                    Ok(Some(done))
                }
                None => {
                    journal.discard()?;
                    Ok(None)
                }
            },
            // It is in no block, but the first run's may still come into one: the batch stays as it is.
            Err(other) => Err(other),
        }
    }

    /// Attests rows, and tells of each batch when it is final. A batch that an earlier run left behind must be
    /// finished before, by [`resume`](Self::resume).
    ///
    /// # Errors
    /// [`AttestError`]; batches that were told of stay.
    pub async fn attest(
        &self,
        journal: &mut Journal,
        rows: Vec<Row>,
        batch_size: usize,
        done: &mut (dyn FnMut(Done) + Send),
    ) -> Result<(), AttestError> {
        let batch_size = batch_size.clamp(1, MAX_BATCH);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let (shard, start) = self.place().await?;
            let room = (SHARD_CAPACITY as usize)
                .saturating_sub(usize::from(start))
                .min(batch_size);
            let some: Vec<Row> = rows.by_ref().take(room).collect();
            let batch = journal.plan(shard, start, some)?.clone();
            match self.send(&batch).await {
                Ok(landed) => {
                    journal.land(landed.shard, landed.block)?;
                    done(landed);
                }
                // It failed in a final block, so it never comes in.
                Err(error @ AttestError::Chain(ChainError::Refused { .. })) => {
                    journal.discard()?;
                    return Err(error);
                }
                // It may still come in: the next run looks for it.
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Where the next attestation goes.
    async fn place(&self) -> Result<(Option<ShardIndex>, u16), AttestError> {
        let api = self.chain.at(self.chain.finalized().await?);
        let info: IssuerInfo = api.issuer(self.issuer).await?.ok_or(AttestError::NotAnIssuer)?;
        let Some(open) = info.open_shard else {
            return Ok((None, 0));
        };
        let shard = api
            .shard(open)
            .await?
            .ok_or(ChainError::Inconsistent("an open shard is missing"))?;
        if shard.sealed || u32::from(shard.len) >= SHARD_CAPACITY {
            Ok((None, 0))
        } else {
            Ok((Some(open), shard.len))
        }
    }

    async fn send(&self, batch: &Batch) -> Result<Done, AttestError> {
        let choice = batch.shard.map_or(ShardChoice::Next, ShardChoice::Open);
        let landed = self
            .chain
            .submit(self.signer, &Call::attest(choice, batch.start, &batch.leaves()))
            .await?;
        let shard = match batch.shard {
            Some(shard) => shard,
            None => opened_shard(&landed)?,
        };
        Ok(Done {
            shard,
            count: batch.entries.len(),
            block: landed.block.number,
        })
    }

    /// Looks for a batch among the finalized leaves.
    async fn find(&self, batch: &Batch, journal: &Journal) -> Result<Option<Done>, AttestError> {
        let at = self.chain.finalized().await?;
        let api = self.chain.at(at);
        let leaves = batch.leaves();
        let start = usize::from(batch.start);
        let shards: Vec<ShardInfo> = match batch.shard {
            Some(shard) => api.shard(shard).await?.into_iter().collect(),
            None => api
                .shards()
                .await?
                .into_iter()
                .filter(|shard| !journal.has_shard(shard.index))
                .collect(),
        };
        for shard in shards.iter().filter(|shard| shard.issuer == self.issuer) {
            if usize::from(shard.len) < start + leaves.len() {
                continue;
            }
            let found = leaves::read(self.chain, shard, at, &mut |_, _| {}).await?;
            if found.get(start..start + leaves.len()) == Some(&leaves[..]) {
                return Ok(Some(Done {
                    shard: shard.index,
                    count: leaves.len(),
                    block: shard.changed_at,
                }));
            }
        }
        Ok(None)
    }
}

fn opened_shard(landed: &Landed) -> Result<ShardIndex, ChainError> {
    let number = landed.number("Attested", "shard")?;
    u32::try_from(number)
        .map(ShardIndex)
        .map_err(|_| ChainError::Answer("the events of the call"))
}
