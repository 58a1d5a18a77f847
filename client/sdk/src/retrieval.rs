//! Fetching what proofs need, without telling the node whose attestation it is for.
//!
//! A wallet asks for whole things only: whole rows of the cap (`cap`), whole shards, whole trust lists. Beside each
//! shard of its own it asks for decoys, which stay the same (`cover`). It asks once in an epoch of [`EPOCH_BLOCKS`]
//! blocks, whether or not something changed, and all proofs of the epoch are made against the same anchor ([`epoch`]).
//! What is asked depends on the set of shards alone: every leaf of every shard of the set gives the same requests.
//!
//! Everything that comes back is hashed and compared with the registry root in the block's header, decoys like the
//! rest: a node that spoils one shard of a set and watches what happens learns nothing from it. Whoever does not want to
//! believe a node's word for what is final, and for that header, asks a light client ([`LightSource`]).

pub(crate) mod cap;
pub mod cost;
pub(crate) mod cover;
pub mod epoch;
mod light;
mod source;

pub use light::{LightClient, LightSource};
pub use source::Source;

use std::collections::{BTreeMap, BTreeSet};

use ofage_primitives::{
    hashes,
    tree::{CapPath, DenseTree, ShardPath, Tree, TrustPath, TRUST_CAPACITY},
    Attestation, Element, GenesisHash, IssuerIndex, LeafIndex, RegistryRoot, ShardIndex, TrustListId,
    TrustListRoot,
};
use serde::{Deserialize, Serialize};

use crate::{
    chain::{BlockPoint, ChainError, SHARDS_AT_ONCE},
    document::scale_hex,
    leaves::LeavesError,
};
use cap::{Cap, WINDOW};

pub use cover::{DECOYS, MAX_DECOYS};
pub use epoch::EPOCH_BLOCKS;

/// Trust lists up to which all are fetched, so that the node does not learn which one matters.
pub const ALL_LISTS: u32 = 32;

/// What is needed for a proof cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetrievalError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The leaves could not be read.
    #[error(transparent)]
    Leaves(#[from] LeavesError),
    /// No such trust list at that block.
    #[error("the chain has no trust list {0} at that block")]
    NoList(TrustListId),
    /// A shard that is not there.
    #[error("the chain does not hold the shard of a credential yet; wait until its attestation is final")]
    NoShard,
}

/// An attestation that a wallet looks for. No `Debug`: it identifies a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) issuer: IssuerIndex,
    pub(crate) shard: ShardIndex,
    pub(crate) leaf: LeafIndex,
    pub(crate) attestation: Attestation,
}

/// The paths of an attestation to a registry root. No `Debug`: they identify a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// In the shard.
    #[serde(with = "scale_hex")]
    pub shard: ShardPath,
    /// From the shard to the registry root.
    #[serde(with = "scale_hex")]
    pub cap: CapPath,
}

/// How an attestation stands at a block. No `Debug`, as for its paths.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is there: with its paths, a proof can be made.
    Good(Box<Paths>),
    /// The issuer revoked it.
    Revoked,
    /// The issuer revoked its whole shard, which it can restore for some time.
    ShardRevoked,
    /// The place holds another attestation, or none.
    Missing,
}

/// A trust list at a block.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnownList {
    pub(crate) root: TrustListRoot,
    /// Its issuers by position.
    pub(crate) members: Vec<Option<IssuerIndex>>,
}

/// What was retrieved at a block, checked.
pub(crate) struct Retrieved {
    pub(crate) root: RegistryRoot,
    /// In the order of what was wanted.
    pub(crate) standings: Vec<Standing>,
    pub(crate) lists: BTreeMap<TrustListId, KnownList>,
}

/// Fetches shards and trust lists as of a block, and finds what is wanted in them.
///
/// The requests follow from `shards`, `lists` and the chain; `wanted` is looked up afterwards.
///
/// # Errors
/// [`RetrievalError`]; nothing is believed of a node one of whose answers is wrong.
pub(crate) async fn retrieve<S: Source>(
    source: &S,
    at: BlockPoint,
    shards: &BTreeSet<ShardIndex>,
    lists: &BTreeSet<TrustListId>,
    wanted: &[Wanted],
    progress: &mut (dyn FnMut(u32, u32) + Send),
) -> Result<Retrieved, RetrievalError> {
    let genesis = source.genesis();
    let root = source.header_root(at).await?;
    let windows: BTreeSet<u32> = shards.iter().map(|shard| shard.0 / WINDOW).collect();
    let cap = Cap::fetch(source, at, root, &windows).await?;
    let mut standings = vec![Standing::Missing; wanted.len()];
    let ordered: Vec<ShardIndex> = shards.iter().copied().collect();
    let total = ordered.len() as u32;
    let mut done = 0;
    for some in ordered.chunks(SHARDS_AT_ONCE) {
        let mut issuers = Vec::with_capacity(some.len());
        for shard in some {
            let info = source
                .shard(at, *shard)
                .await?
                .filter(|info| info.index == *shard);
            issuers.push(info.ok_or(RetrievalError::NoShard)?.issuer);
        }
        let leaves = source.leaves(at, some, progress).await?;
        if leaves.len() != some.len() {
            return Err(ChainError::Inconsistent("leaves of other shards").into());
        }
        for ((shard, issuer), leaves) in some.iter().zip(issuers).zip(leaves) {
            let tree = check_shard(&genesis, &cap, *shard, issuer, leaves)?;
            for (wanted, standing) in wanted.iter().zip(&mut standings) {
                if wanted.shard == *shard {
                    *standing = stand(wanted, issuer, tree.as_ref(), &cap);
                }
            }
            done += 1;
            progress(done, total);
        }
    }
    let lists = fetch_lists(source, at, lists).await?;
    Ok(Retrieved {
        root,
        standings,
        lists,
    })
}

/// The tree over a shard's leaves, which must give its leaf of the cap; `None` for a shard that was revoked.
fn check_shard(
    genesis: &GenesisHash,
    cap: &Cap,
    shard: ShardIndex,
    issuer: IssuerIndex,
    leaves: Vec<Attestation>,
) -> Result<Option<DenseTree>, ChainError> {
    let in_cap = cap.leaf(shard);
    if in_cap == Tree::empty_leaf() {
        return Ok(None);
    }
    let leaves = leaves.into_iter().map(|leaf| leaf.element()).collect();
    let tree =
        DenseTree::new(Tree::Shard, leaves).map_err(|_| ChainError::Inconsistent("a shard is too long"))?;
    let root = ofage_primitives::ShardRoot::from_element(tree.root());
    if hashes::cap_leaf(root, hashes::issuer_id(genesis, issuer)).element() != in_cap {
        return Err(ChainError::Inconsistent(
            "the leaves of a shard do not belong to the registry root",
        ));
    }
    Ok(Some(tree))
}

fn stand(wanted: &Wanted, issuer: IssuerIndex, tree: Option<&DenseTree>, cap: &Cap) -> Standing {
    let Some(tree) = tree else {
        return Standing::ShardRevoked;
    };
    let position = u32::from(wanted.leaf.0);
    let found = tree.leaf(position);
    if issuer != wanted.issuer || position as usize >= tree.len() {
        return Standing::Missing;
    }
    if found == Tree::empty_leaf() {
        return Standing::Revoked;
    }
    match (tree.path(position), cap.path(wanted.shard)) {
        (Some(shard), Some(cap)) if found == wanted.attestation.element() => {
            Standing::Good(Box::new(Paths { shard, cap }))
        }
        _ => Standing::Missing,
    }
}

/// All trust lists while they are few; else those that the wallet was ever asked for.
async fn fetch_lists<S: Source>(
    source: &S,
    at: BlockPoint,
    used: &BTreeSet<TrustListId>,
) -> Result<BTreeMap<TrustListId, KnownList>, RetrievalError> {
    let count = source.list_count(at).await?;
    let mut all = used.clone();
    if count <= ALL_LISTS {
        all.extend((0..count).map(TrustListId));
    }
    let mut lists = BTreeMap::new();
    for list in all {
        // A list that was used and is gone is no reason to stop: a proof for it is.
        if let Some(known) = fetch_list(source, at, list).await? {
            lists.insert(list, known);
        }
    }
    Ok(lists)
}

/// A trust list whose members must give the root that the chain has; `None` when there is no such list.
pub(crate) async fn fetch_list<S: Source>(
    source: &S,
    at: BlockPoint,
    list: TrustListId,
) -> Result<Option<KnownList>, RetrievalError> {
    let Some(info) = source.trust_list(at, list).await? else {
        return Ok(None);
    };
    let tree = trust_tree(&source.genesis(), &info.members)
        .ok_or(ChainError::Inconsistent("more members than fit"))?;
    if tree.root() != info.root.element() {
        return Err(ChainError::Inconsistent("the members do not give the trust list's root").into());
    }
    Ok(Some(KnownList {
        root: info.root,
        members: info.members,
    }))
}

/// A trust list's tree; `None` when there are too many members.
fn trust_tree(genesis: &GenesisHash, members: &[Option<IssuerIndex>]) -> Option<DenseTree> {
    if members.len() > TRUST_CAPACITY as usize {
        return None;
    }
    let leaf = |member: &Option<IssuerIndex>| -> Element {
        member.map_or(Tree::empty_leaf(), |issuer| {
            hashes::issuer_id(genesis, issuer).element()
        })
    };
    DenseTree::new(Tree::Trust, members.iter().map(leaf).collect()).ok()
}

impl KnownList {
    /// How many issuers it holds.
    pub(crate) fn count(&self) -> usize {
        self.members.iter().flatten().count()
    }

    pub(crate) fn holds(&self, issuer: IssuerIndex) -> bool {
        self.members.contains(&Some(issuer))
    }

    /// The paths of some issuers, in their order; `None` when one of them is not on the list.
    pub(crate) fn paths(&self, genesis: &GenesisHash, issuers: &[IssuerIndex]) -> Option<Vec<TrustPath>> {
        let tree = trust_tree(genesis, &self.members)?;
        let path = |issuer: &IssuerIndex| {
            let position = self.members.iter().position(|member| *member == Some(*issuer))?;
            tree.path(u32::try_from(position).ok()?)
        };
        issuers.iter().map(path).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
