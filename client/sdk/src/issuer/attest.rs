//! Attesting what waits in the register in batches, so that each is attested exactly once, whatever happens on the way.
//!
//! Several batches are on their way at a time, since a block takes many, and finality takes a while. Their calls have
//! numbers of the key's own, one after another, so they go in by this order: the first fills the open shard, and each of
//! the others opens one of its own and fills it. A batch is in the register, with the number of its call, before the call
//! is sent. After a crash, a batch whose number is used up is in or will never be, and the shards tell which; one whose
//! number is not goes again with the same number, and so cannot go in twice. The same is so of a batch of a key that was replaced
//! since, whatever its number is: that key attests nothing more.

mod places;

use std::collections::VecDeque;

use ofage_primitives::{
    chain::{IssuerInfo, IssuerStatus, ShardInfo},
    tree::{DenseTree, Tree, SHARD_CAPACITY},
    Attestation, IssuerIndex, ShardIndex,
};
use serde::Serialize;

use self::places::{Place, Places};
use super::{
    mirror::Mirror,
    register::{Batch, CallId, Register, RegisterError},
    revoke::{Positions, RevokeError, Revoker},
};
use crate::{
    account::Signer,
    chain::{BlockPoint, Call, Chain, ChainError, Landed, RegistryApi, Sent, ShardChoice},
    leaves::{self, LeavesError},
};

/// Attestations in a batch unless told otherwise: as many as a shard and a call hold.
pub const MAX_BATCH: usize = SHARD_CAPACITY as usize;
/// Batches on their way at a time unless told otherwise: those of about two full blocks, which become final while others
/// are made. A node's pool has room for thrice as many.
pub const IN_FLIGHT: usize = 48;
/// Replaced attestations that are revoked at a time.
const REVOKED_AT_ONCE: usize = 4_096;
/// Times that a batch of an earlier run is sent again when the pool loses it.
const RESENDS: u32 = 3;

/// Attesting stopped. What is final stays; a later run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttestError {
    /// The chain could not be asked, or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The register could not be written.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Attestations that were replaced could not be revoked.
    #[error(transparent)]
    Revoke(#[from] Box<RevokeError>),
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
    in_flight: usize,
    mirror: Option<Mirror>,
}

/// A batch, as the chain sees it.
struct Flight {
    shard: Option<ShardIndex>,
    start: u16,
    leaves: Vec<Attestation>,
}

impl Flight {
    fn new(batch: &Batch) -> Self {
        Self {
            shard: batch.shard,
            start: batch.start,
            leaves: batch.leaves.clone(),
        }
    }
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
                in_flight: IN_FLIGHT,
                mirror: None,
            }),
            IssuerStatus::Suspended => Err(AttestError::NotActive("suspended")),
            IssuerStatus::Retired => Err(AttestError::NotActive("retired")),
        }
    }

    /// Has at most so many batches on their way at a time.
    pub fn in_flight(self, batches: usize) -> Self {
        Self {
            in_flight: batches.max(1),
            ..self
        }
    }

    /// Keeps the leaves of what becomes final, for later revocations.
    pub fn mirrored(self, mirror: Mirror) -> Self {
        Self {
            mirror: Some(mirror),
            ..self
        }
    }

    /// The issuer.
    pub fn issuer(&self) -> IssuerIndex {
        self.issuer
    }

    /// Attests all that waits, as batches of at most so many rows, and revokes what was replaced; ends when all of it is final.
    /// First it finishes what an earlier run left behind. Each batch is told of when it is final.
    ///
    /// # Errors
    /// [`AttestError`]; what was told of stays, and the rest waits, or is looked for by the next run.
    pub async fn settle(
        &self,
        register: &Register,
        batch_size: usize,
        done: &mut (dyn FnMut(Done) + Send),
    ) -> Result<(), AttestError> {
        self.resume(register, done).await?;
        self.attest(register, batch_size, done).await?;
        self.revoke_replaced(register).await
    }

    /// Finishes the batches that the last run left behind, if any; tells of those that are final now.
    ///
    /// # Errors
    /// [`AttestError`]; the batches that are not finished stay in the register.
    pub async fn resume(
        &self,
        register: &Register,
        done: &mut (dyn FnMut(Done) + Send),
    ) -> Result<(), AttestError> {
        while let Some(batch) = register.pending()? {
            match self.finish(&Flight::new(&batch), batch.call, register).await? {
                Some(landed) => {
                    register.land(landed.shard)?;
                    done(landed);
                }
                None => register.discard()?,
            }
        }
        Ok(())
    }

    /// Attests what waits, and tells of each batch when it is final.
    ///
    /// # Errors
    /// [`RegisterError::Pending`] while batches of an earlier run are not finished, by [`resume`](Self::resume); other
    /// [`AttestError`]s, once the batches that are on their way have ended. Batches that were told of stay.
    pub async fn attest(
        &self,
        register: &Register,
        batch_size: usize,
        done: &mut (dyn FnMut(Done) + Send),
    ) -> Result<(), AttestError> {
        if register.pending()?.is_some() {
            return Err(RegisterError::Pending.into());
        }
        if register.waiting()? == 0 {
            return Ok(());
        }
        let mut flying: VecDeque<(Sent<'_>, Flight)> = VecDeque::new();
        let mut places = Places::new(self.place().await?, batch_size, self.in_flight);
        let mut nonce = self.chain.next_nonce(self.signer.account()).await?;
        let mut failure = None;
        loop {
            while let Some((place, room)) = places.next().filter(|_| failure.is_none()) {
                let (shard, start) = place;
                let call = CallId {
                    account: self.signer.account(),
                    nonce,
                };
                let flight = match register.plan(shard, start, call, room) {
                    Ok(Some(batch)) => Flight::new(&batch),
                    Ok(None) => break,
                    Err(error) => {
                        failure = Some(error.into());
                        break;
                    }
                };
                match self.send(&flight, nonce).await {
                    Ok(sent) => {
                        places.sent(place, flight.leaves.len());
                        flying.push_back((sent, flight));
                        nonce += 1;
                    }
                    Err(error) => failure = Some(error),
                }
            }
            let Some((sent, flight)) = flying.pop_front() else {
                break;
            };
            match self.landed(sent, &flight).await {
                Ok(landed) => {
                    register.land(landed.shard)?;
                    places.landed(landed.shard, flight.start, landed.count);
                    done(landed);
                }
                // It failed in a final block, so it never comes in.
                Err(error @ AttestError::Chain(ChainError::Refused { .. })) => {
                    register.discard()?;
                    failure.get_or_insert(error);
                }
                // It may still come in, and so may those behind it: the next run looks for them.
                Err(other) => return Err(other),
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Revokes attestations that newer ones took the place of.
    async fn revoke_replaced(&self, register: &Register) -> Result<(), AttestError> {
        loop {
            let places = register.replaced(REVOKED_AT_ONCE)?;
            if places.is_empty() {
                return Ok(());
            }
            let mut positions = Positions::new();
            for (shard, leaf) in places {
                positions.entry(shard).or_default().insert(leaf.0);
            }
            let mirror = self
                .mirror
                .clone()
                .unwrap_or_else(|| Mirror::beside(register.path()));
            let revoke = async {
                let revoker = Revoker::new(self.chain, self.signer, mirror).await?;
                revoker.revoke(&positions, Some(register), &mut |_| {}).await
            };
            revoke.await.map_err(Box::new)?;
        }
    }

    /// Finishes a batch of an earlier run, which was to go in that call; tells if it is in, and gives nothing if it never
    /// will be.
    async fn finish(
        &self,
        flight: &Flight,
        CallId { account, nonce }: CallId,
        register: &Register,
    ) -> Result<Option<Done>, AttestError> {
        if account != self.signer.account() {
            // It is not the attesting key any more: what is not in by now would be refused.
            let head = self.chain.finalized().await?;
            return self.find(flight, register, head).await;
        }
        let mut resends = 0;
        loop {
            let head = self.chain.finalized().await?;
            if self.chain.nonce_at(head, account).await? > nonce {
                // At that same block: an older one may lack a batch whose number is used up.
                return self.find(flight, register, head).await;
            }
            if self.chain.next_nonce(account).await? > nonce {
                // It is on its way, or another call with its number is.
                self.chain.wait_until_final(head.number + 1).await?;
                continue;
            }
            let outcome = match self.send(flight, nonce).await {
                Ok(sent) => self.landed(sent, flight).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(done) => return Ok(Some(done)),
                Err(AttestError::Chain(ChainError::Refused { .. })) => return Ok(None),
                // Another node may have had it in its pool all the time.
                Err(error) if resends == RESENDS => return Err(error),
                Err(_) => {
                    resends += 1;
                    self.chain.wait_until_final(head.number + 1).await?;
                }
            }
        }
    }

    /// Where the next attestation goes.
    async fn place(&self) -> Result<Place, AttestError> {
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

    async fn send(&self, flight: &Flight, nonce: u64) -> Result<Sent<'_>, AttestError> {
        let choice = flight.shard.map_or(ShardChoice::Next, ShardChoice::Open);
        let call = Call::attest(choice, flight.start, &flight.leaves);
        Ok(self.chain.send(self.signer, &call, nonce).await?)
    }

    async fn landed(&self, sent: Sent<'_>, flight: &Flight) -> Result<Done, AttestError> {
        let landed = sent.landed().await?;
        let shard = match flight.shard {
            Some(shard) => shard,
            None => opened_shard(&landed)?,
        };
        if let Some(mirror) = &self.mirror {
            mirror.append(shard, flight.start, &flight.leaves);
        }
        Ok(Done {
            shard,
            count: flight.leaves.len(),
            block: landed.block.number,
        })
    }

    /// Looks for a batch among the leaves of a finalized block.
    async fn find(
        &self,
        flight: &Flight,
        register: &Register,
        at: BlockPoint,
    ) -> Result<Option<Done>, AttestError> {
        let api = self.chain.at(at);
        let leaves = &flight.leaves;
        for shard in self.candidates(&api, flight, register).await? {
            let end = usize::from(flight.start) + leaves.len();
            if shard.issuer != self.issuer || usize::from(shard.len) < end {
                continue;
            }
            let found = if is_all_of(&shard, leaves) {
                true
            } else {
                let found = leaves::read(self.chain, &shard, at, &mut |_, _| {}).await?;
                found
                    .get(usize::from(flight.start)..end)
                    .is_some_and(|found| holds(found, leaves))
            };
            if found {
                return Ok(Some(Done {
                    shard: shard.index,
                    count: leaves.len(),
                    block: shard.changed_at,
                }));
            }
        }
        Ok(None)
    }

    /// The shards that a batch can be in: its own, or those that the issuer opened and the register does not know.
    async fn candidates(
        &self,
        api: &RegistryApi<'_>,
        flight: &Flight,
        register: &Register,
    ) -> Result<Vec<ShardInfo>, AttestError> {
        if let Some(shard) = flight.shard {
            return Ok(api.shard(shard).await?.into_iter().collect());
        }
        let info = api.issuer(self.issuer).await?.ok_or(AttestError::NotAnIssuer)?;
        let mut shards = Vec::new();
        let mut next = info.last_shard;
        while let Some(index) = next {
            if register.has_shard(index)? {
                break;
            }
            let shard = api
                .shard(index)
                .await?
                .ok_or(ChainError::Inconsistent("a shard is gone"))?;
            // Each names an older one, so this ends.
            next = shard.previous.filter(|previous| *previous < index);
            shards.push(shard);
        }
        Ok(shards)
    }
}

/// Whether a shard consists of these leaves, by its root alone.
fn is_all_of(shard: &ShardInfo, leaves: &[Attestation]) -> bool {
    let elements = leaves.iter().map(|leaf| leaf.element()).collect();
    usize::from(shard.len) == leaves.len()
        && DenseTree::new(Tree::Shard, elements).is_ok_and(|tree| tree.root() == shard.root.element())
}

/// Whether leaves on the chain are those of a batch, of which some may have been revoked since.
fn holds(found: &[Attestation], batch: &[Attestation]) -> bool {
    let is_revoked = |leaf: &Attestation| leaf.element() == Tree::empty_leaf();
    let same = found
        .iter()
        .zip(batch)
        .all(|(found, leaf)| found == leaf || is_revoked(found));
    found.len() == batch.len() && same && !found.iter().all(is_revoked)
}

fn opened_shard(landed: &Landed) -> Result<ShardIndex, ChainError> {
    let number = landed.number("Attested", "shard")?;
    u32::try_from(number)
        .map(ShardIndex)
        .map_err(|_| ChainError::Answer("the events of the call"))
}

#[cfg(test)]
mod tests;
