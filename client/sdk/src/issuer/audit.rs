//! Comparing the chain with the register: what did the issuer's key attest that the issuer did not?
//!
//! After a theft of the attesting key, each attestation of the issuer's shards is looked for in the register. One that
//! is not there is *foreign*: somebody else made it with the key. Shards that were revoked as wholes are looked at like
//! the others, so that their foreign attestations are taken out before the rest is restored.

use ofage_primitives::{IssuerIndex, LeafIndex, ShardIndex};
use serde::Serialize;

use super::{
    mirror::{Mirror, MirrorError},
    register::{Held, Register, RegisterError},
};
use crate::chain::{Chain, ChainError};

/// The comparison stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The leaves cannot be had.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The register cannot be read.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// No such issuer.
    #[error("the chain has no issuer {0}; is it the right chain?")]
    NoIssuer(IssuerIndex),
    /// The chain contradicts itself.
    #[error("the chain has no shard {0}, although another one names it; ask another node")]
    NoShard(ShardIndex),
}

/// What is in a shard. No `Debug`: places stand for persons.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ShardReport {
    /// The shard.
    pub shard: ShardIndex,
    /// Whether it is revoked as a whole.
    pub revoked: bool,
    /// Attestations that are in the register, leaf by leaf.
    pub known: u32,
    /// Attestations at places that the register has a customer for, but of which it keeps no more.
    pub forgotten: u32,
    /// Places that were revoked on the chain.
    pub empty: u32,
    /// Places that the register has as revoked, and the chain does not.
    pub unrevoked: Vec<LeafIndex>,
    /// Places with attestations that the register knows nothing of, or knows otherwise.
    pub foreign: Vec<LeafIndex>,
}

impl ShardReport {
    fn count(&mut self, position: LeafIndex, held: Option<Held>, is_same: impl FnOnce(Held) -> bool) {
        match held {
            Some(Held::Known) => self.forgotten += 1,
            Some(Held::Revoked) => self.unrevoked.push(position),
            Some(held) if is_same(held) => self.known += 1,
            _ => self.foreign.push(position),
        }
    }
}

/// Compares all shards of the register's issuer with it, at the newest final block, oldest first.
///
/// # Errors
/// [`AuditError`]; [`RegisterError::Pending`] while batches are on their way, which would look foreign.
pub async fn audit(
    chain: &Chain,
    register: &Register,
    mirror: &Mirror,
) -> Result<Vec<ShardReport>, AuditError> {
    if register.pending()?.is_some() {
        return Err(RegisterError::Pending.into());
    }
    let head = chain.finalized().await?;
    let api = chain.at(head);
    let issuer = register.issuer();
    let info = api.issuer(issuer).await?.ok_or(AuditError::NoIssuer(issuer))?;
    let mut reports = Vec::new();
    let mut next = info.last_shard;
    while let Some(index) = next {
        let info = api.shard(index).await?.ok_or(AuditError::NoShard(index))?;
        // Each names an older one, so this ends.
        next = info.previous.filter(|previous| *previous < index);
        let shard = mirror.shard(chain, &info, head).await?;
        let mut report = ShardReport {
            shard: index,
            revoked: info.revoked,
            known: 0,
            forgotten: 0,
            empty: 0,
            unrevoked: Vec::new(),
            foreign: Vec::new(),
        };
        for position in 0..shard.len() {
            if shard.is_empty_at(position) {
                report.empty += 1;
                continue;
            }
            let place = (index, LeafIndex(position));
            let leaf = shard.leaf(position);
            report.count(place.1, register.held(place)?, |held| held == Held::Leaf(leaf));
        }
        reports.push(report);
    }
    reports.reverse();
    Ok(reports)
}
