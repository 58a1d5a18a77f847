//! Revoking: attestations by their positions, and shards as wholes.
//!
//! Each call proves its leaves against the shard as the issuer's last call left it, from the [`Mirror`]. One that was
//! overtaken, by attestations with the same key or by another revocation, is made anew once. What is revoked already is
//! passed over, so that a run that was interrupted can be repeated.

use std::collections::{BTreeMap, BTreeSet};

use ofage_primitives::{chain::ShardInfo, IssuerIndex, ShardIndex};
use serde::Serialize;

use super::{
    mirror::{Mirror, MirrorError, MirroredShard},
    register::{Register, RegisterError},
};
use crate::{
    account::Signer,
    chain::{BlockPoint, Call, Chain, ChainError, Landed, RegistryApi, Sent},
};

/// Calls on their way at a time, each for a shard.
const IN_FLIGHT: usize = 16;
/// What the chain says to a proof that does not fit.
const STALE: &str = "AgeRegistry::StaleWitness";

/// Makes the call for the shards from one to another, with their number.
type RangeCall = fn(ShardIndex, ShardIndex, u32) -> Call;

/// Positions by shard.
pub type Positions = BTreeMap<ShardIndex, BTreeSet<u16>>;

/// Revoking stopped. What was told of is revoked; a later run passes it over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// The chain could not be asked, or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The shards cannot be mirrored.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The register could not be written.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The key belongs to no issuer.
    #[error("the key belongs to no issuer; use the issuer's controlling or attesting key")]
    NotAnIssuer,
    /// No such shard.
    #[error("the chain has no shard {0}; look at the issuer's shards (ofage issuer status)")]
    UnknownShard(ShardIndex),
    /// The shard is another issuer's.
    #[error("shard {0} belongs to another issuer; look at the issuer's shards (ofage issuer status)")]
    NotOwnShard(ShardIndex),
    /// The issuer has no shards.
    #[error("the issuer has no shards, so there is nothing to revoke")]
    NoShards,
    /// The shard has fewer attestations.
    #[error("shard {0} has fewer attestations than that; a position counts from 0")]
    UnknownPosition(ShardIndex),
    /// Somebody else changes the shard all the time.
    #[error(
        "shard {0} was changed twice while its attestations were being revoked, so another process works with the \
         issuer's key; wait until it has finished, and run the command again"
    )]
    Overtaken(ShardIndex),
}

/// What became of a shard's positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The shard.
    pub shard: ShardIndex,
    /// Attestations that were revoked now.
    pub revoked: usize,
    /// Those that had been before.
    pub already: usize,
    /// The finalized block, if anything was to do.
    pub block: Option<u32>,
}

/// A range of an issuer's shards that was revoked or restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The first.
    pub from: ShardIndex,
    /// The last.
    pub to: ShardIndex,
    /// How many of them changed.
    pub count: u32,
    /// The finalized block.
    pub block: u32,
}

/// An issuer that takes attestations back.
pub struct Revoker<'a> {
    chain: &'a Chain,
    signer: &'a Signer,
    issuer: IssuerIndex,
    mirror: Mirror,
}

/// A call on its way.
struct Attempt<'a> {
    shard: MirroredShard,
    info: ShardInfo,
    /// Positions that it revokes.
    positions: Vec<u16>,
    already: Vec<u16>,
    sent: Sent<'a>,
}

/// What a shard's positions need.
enum Start<'a> {
    /// Nothing: all are revoked.
    Nothing(Vec<u16>),
    /// A call, which was sent.
    Sent(Box<Attempt<'a>>),
}

impl<'a> Revoker<'a> {
    /// Finds the issuer that a key controls or attests for.
    ///
    /// # Errors
    /// [`RevokeError::NotAnIssuer`], and those of the node.
    pub async fn new(chain: &'a Chain, signer: &'a Signer, mirror: Mirror) -> Result<Self, RevokeError> {
        let api = chain.at(chain.finalized().await?);
        let issuer = api.issuer_of(signer.account()).await?;
        Ok(Self {
            chain,
            signer,
            issuer: issuer.ok_or(RevokeError::NotAnIssuer)?,
            mirror,
        })
    }

    /// The issuer.
    pub fn issuer(&self) -> IssuerIndex {
        self.issuer
    }

    /// Revokes attestations, with one call for each shard, and tells of each shard when it is final. All positions are
    /// looked at before anything is sent.
    ///
    /// # Errors
    /// [`RevokeError`]; what was told of stays revoked.
    pub async fn revoke(
        &self,
        wanted: &Positions,
        register: Option<&Register>,
        done: &mut (dyn FnMut(Done) + Send),
    ) -> Result<(), RevokeError> {
        let shards: Vec<(ShardInfo, Vec<u16>)> = self.check(wanted).await?;
        for some in shards.chunks(IN_FLIGHT) {
            let at = self.chain.finalized().await?;
            let mut nonce = self.chain.next_nonce(self.signer.account()).await?;
            let mut flying = Vec::new();
            let mut failure = None;
            for (info, positions) in some {
                match self.start(info.index, positions, at, nonce).await {
                    Ok(Start::Nothing(already)) => match note(register, info.index, &already) {
                        Ok(()) => done(Done {
                            shard: info.index,
                            revoked: 0,
                            already: already.len(),
                            block: None,
                        }),
                        Err(error) => {
                            failure = Some(error.into());
                            break;
                        }
                    },
                    Ok(Start::Sent(attempt)) => {
                        nonce += 1;
                        flying.push(attempt);
                    }
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            // All of them are on their way, whatever becomes of one.
            for attempt in flying {
                match self.end(*attempt, register).await {
                    Ok(outcome) => done(outcome),
                    Err(error) => drop(failure.get_or_insert(error)),
                }
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Revokes the issuer's shards from one to another as wholes; to its last one when `to` is not given. Only the
    /// controlling key may.
    ///
    /// # Errors
    /// [`RevokeError`]; ranges that were told of stay revoked.
    pub async fn revoke_shards(
        &self,
        from: ShardIndex,
        to: Option<ShardIndex>,
        done: &mut (dyn FnMut(Range) + Send),
    ) -> Result<(), RevokeError> {
        self.change_shards(from, to, (false, Call::revoke_shards, "ShardsRevoked"), done)
            .await
    }

    /// Restores those of the issuer's shards in a range that were revoked as wholes, while that is not too long ago.
    ///
    /// # Errors
    /// [`RevokeError`]; ranges that were told of stay restored.
    pub async fn restore_shards(
        &self,
        from: ShardIndex,
        to: Option<ShardIndex>,
        done: &mut (dyn FnMut(Range) + Send),
    ) -> Result<(), RevokeError> {
        self.change_shards(from, to, (true, Call::restore_shards, "ShardsRestored"), done)
            .await
    }

    /// Sends the call for a range in as many parts as the chain asks for, those of the newest shards first.
    async fn change_shards(
        &self,
        from: ShardIndex,
        to: Option<ShardIndex>,
        (revoked, call, event): (bool, RangeCall, &str),
        done: &mut (dyn FnMut(Range) + Send),
    ) -> Result<(), RevokeError> {
        let at = self.chain.finalized().await?;
        let most = self.chain.constant(at, "AgeRegistry", "MaxRevokedShards").await?;
        let shards = self.shards(&self.chain.at(at), from, to).await?;
        for (from, to, count) in parts(&shards, revoked, most) {
            let landed = self.chain.submit(self.signer, &call(from, to, count)).await?;
            done(Range {
                from,
                to,
                count: changed(&landed, event)?,
                block: landed.block.number,
            });
        }
        Ok(())
    }

    /// The issuer's shards in a range, newest first.
    async fn shards(
        &self,
        api: &RegistryApi<'_>,
        from: ShardIndex,
        to: Option<ShardIndex>,
    ) -> Result<Vec<ShardInfo>, RevokeError> {
        let info = api.issuer(self.issuer).await?.ok_or(RevokeError::NotAnIssuer)?;
        let mut next = Some(to.or(info.last_shard).ok_or(RevokeError::NoShards)?);
        let mut shards = Vec::new();
        while let Some(index) = next.filter(|index| *index >= from) {
            let shard = self.shard(api, index).await?;
            // Each names an older one, so this ends.
            next = shard.previous.filter(|previous| *previous < index);
            shards.push(shard);
        }
        Ok(shards)
    }

    async fn shard(&self, api: &RegistryApi<'_>, index: ShardIndex) -> Result<ShardInfo, RevokeError> {
        let shard = api.shard(index).await?.ok_or(RevokeError::UnknownShard(index))?;
        if shard.issuer == self.issuer {
            Ok(shard)
        } else {
            Err(RevokeError::NotOwnShard(index))
        }
    }

    /// Looks at all positions, before anything is sent.
    async fn check(&self, wanted: &Positions) -> Result<Vec<(ShardInfo, Vec<u16>)>, RevokeError> {
        let api = self.chain.at(self.chain.finalized().await?);
        let mut shards = Vec::new();
        for (index, positions) in wanted {
            let info = self.shard(&api, *index).await?;
            if positions.last().is_some_and(|last| *last >= info.len) {
                return Err(RevokeError::UnknownPosition(*index));
            }
            shards.push((info, positions.iter().copied().collect()));
        }
        Ok(shards)
    }

    /// Sends the call for a shard as it is at a block.
    async fn start(
        &self,
        index: ShardIndex,
        wanted: &[u16],
        at: BlockPoint,
        nonce: u64,
    ) -> Result<Start<'a>, RevokeError> {
        let info = self.shard(&self.chain.at(at), index).await?;
        let shard = self.mirror.shard(self.chain, &info, at).await?;
        let (already, positions): (Vec<u16>, Vec<u16>) =
            wanted.iter().partition(|position| shard.is_empty_at(**position));
        let Some(call) = revocation(&shard, index, &positions) else {
            return Ok(Start::Nothing(already));
        };
        let sent = self.chain.send(self.signer, &call, nonce).await?;
        Ok(Start::Sent(Box::new(Attempt {
            shard,
            info,
            positions,
            already,
            sent,
        })))
    }

    /// Waits for a call, and sends it anew if it was overtaken.
    async fn end(&self, attempt: Attempt<'a>, register: Option<&Register>) -> Result<Done, RevokeError> {
        let index = attempt.info.index;
        let wanted = [&attempt.positions[..], &attempt.already].concat();
        match self.settle(attempt, register).await {
            Err(RevokeError::Chain(ChainError::Refused { error, .. })) if error == STALE => {}
            outcome => return outcome,
        }
        let at = self.chain.finalized().await?;
        let nonce = self.chain.next_nonce(self.signer.account()).await?;
        let mut wanted = wanted;
        wanted.sort_unstable();
        let again = match self.start(index, &wanted, at, nonce).await? {
            Start::Nothing(already) => {
                note(register, index, &already)?;
                return Ok(Done {
                    shard: index,
                    revoked: 0,
                    already: already.len(),
                    block: None,
                });
            }
            Start::Sent(attempt) => self.settle(*attempt, register).await,
        };
        match again {
            Err(RevokeError::Chain(ChainError::Refused { error, .. })) if error == STALE => {
                Err(RevokeError::Overtaken(index))
            }
            outcome => outcome,
        }
    }

    /// Waits for a call, and notes what it did.
    async fn settle(
        &self,
        mut attempt: Attempt<'a>,
        register: Option<&Register>,
    ) -> Result<Done, RevokeError> {
        let landed = attempt.sent.landed().await?;
        let index = attempt.info.index;
        let block = landed.block.number;
        let all = [&attempt.positions[..], &attempt.already].concat();
        note(register, index, &all)?;
        attempt.shard.revoke(&attempt.positions);
        // If something else changed the shard since, this does not give its root, and it is read again when needed.
        self.mirror.keep(&attempt.shard)?;
        Ok(Done {
            shard: index,
            revoked: attempt.positions.len(),
            already: attempt.already.len(),
            block: Some(block),
        })
    }
}

/// The call that revokes ascending positions of a shard; `None` for no positions.
fn revocation(shard: &MirroredShard, index: ShardIndex, positions: &[u16]) -> Option<Call> {
    match positions {
        [position] => {
            let path = shard.path(*position)?;
            Some(Call::revoke(index, shard.leaf(*position), &path))
        }
        several => Some(Call::revoke_batch(index, &shard.multiproof(several)?)),
    }
}

/// Writes down what is revoked.
fn note(register: Option<&Register>, shard: ShardIndex, positions: &[u16]) -> Result<(), RegisterError> {
    register.map_or(Ok(()), |register| register.revoke(shard, positions))
}

/// Splits shards, newest first, into ranges of at most `most` of which each has one to change: one that is `revoked`
/// when shards are restored, and one that is not when they are revoked.
fn parts(shards: &[ShardInfo], revoked: bool, most: u32) -> Vec<(ShardIndex, ShardIndex, u32)> {
    shards
        .chunks(most.max(1) as usize)
        .filter(|part| part.iter().any(|shard| shard.revoked == revoked))
        .filter_map(|part| {
            let count = u32::try_from(part.len()).ok()?;
            Some((part.last()?.index, part.first()?.index, count))
        })
        .collect()
}

fn changed(landed: &Landed, event: &str) -> Result<u32, ChainError> {
    u32::try_from(landed.number(event, "count")?).map_err(|_| ChainError::Answer("the events of the call"))
}

#[cfg(test)]
mod tests;
