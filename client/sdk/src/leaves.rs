//! The attestations of a shard: from a node's index, or else from the bodies of the blocks that changed it.
//!
//! The chain's state keeps only the root of a shard; its leaves are in the calls. A node's index is asked first. It
//! needs no trust: what it gives is hashed, and only leaves that give the root in the chain's state count.
//!
//! Nodes without an index give block bodies, from which the calls are replayed. Whether a call succeeded is in the state
//! of its block, which most nodes discard, so it is not asked: again only a sequence that gives the root counts. Nobody
//! can make this accept other leaves. Blocks are decoded with the metadata of the newest block: a shard older than a
//! change of a call's encoding needs a node with an index.

mod replay;

use std::collections::BTreeSet;

use futures::{stream, StreamExt, TryStreamExt};
use ofage_primitives::{
    chain::ShardInfo,
    tree::{DenseTree, Tree},
    Attestation, ShardIndex,
};

use crate::chain::{BlockPoint, Chain, ChainError, IndexError, SHARDS_AT_ONCE};
use replay::{replay, Call, Step};

/// Blocks that are fetched at the same time.
const FETCHES: usize = 16;
/// First byte of an address that is an account.
const ADDRESS_ID: u8 = 0;

/// The leaves of a shard cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeavesError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// No sequence of calls gives the root.
    #[error("the blocks of shard {0} do not give its root; the node serves wrong bodies, or is of another version: try another node")]
    NotReproduced(ShardIndex),
    /// The index gives leaves of another root.
    #[error("the node's index gives leaves of shard {0} that do not give its root; try another node")]
    WrongIndex(ShardIndex),
}

/// Reads all leaves of a shard as it is at block `at`, and checks them against its root. Revoked ones are the empty
/// leaf.
///
/// `progress` hears how many of how many blocks are read, if blocks are.
///
/// # Errors
/// [`LeavesError`]; never a part of the leaves, or wrong ones.
pub async fn read(
    chain: &Chain,
    shard: &ShardInfo,
    at: BlockPoint,
    progress: &mut (dyn FnMut(u32, u32) + Send),
) -> Result<Vec<Attestation>, LeavesError> {
    if shard.len == 0 {
        return Ok(Vec::new());
    }
    match chain.shard_leaves(at, &[shard.index]).await {
        Ok(mut leaves) => {
            let leaves = leaves.pop().unwrap_or_default();
            if gives_root(&leaves, shard) {
                Ok(leaves)
            } else {
                Err(LeavesError::WrongIndex(shard.index))
            }
        }
        Err(IndexError::Chain(error)) => Err(error.into()),
        Err(_) => scan(chain, shard, at, progress).await,
    }
}

/// Reads the leaves of several shards, without a check of those that come from an index: the caller hashes them.
///
/// An index that does not answer for one of them is asked for none: blocks are read for all.
///
/// # Errors
/// [`LeavesError`].
pub(crate) async fn read_unchecked(
    chain: &Chain,
    shards: &[ShardIndex],
    at: BlockPoint,
    progress: &mut (dyn FnMut(u32, u32) + Send),
) -> Result<Vec<Vec<Attestation>>, LeavesError> {
    let mut all = Vec::with_capacity(shards.len());
    for some in shards.chunks(SHARDS_AT_ONCE) {
        match chain.shard_leaves(at, some).await {
            Ok(leaves) => all.extend(leaves),
            Err(IndexError::Chain(error)) => return Err(error.into()),
            Err(_) => {
                all.clear();
                break;
            }
        }
    }
    if all.len() == shards.len() {
        return Ok(all);
    }
    for index in shards {
        let shard = chain
            .at(at)
            .shard(*index)
            .await?
            .ok_or(ChainError::Inconsistent("a shard is gone"))?;
        all.push(scan(chain, &shard, at, progress).await?);
    }
    Ok(all)
}

/// Whether leaves give a shard's root, and are as many as it has.
fn gives_root(leaves: &[Attestation], shard: &ShardInfo) -> bool {
    let elements = leaves.iter().map(|leaf| leaf.element()).collect();
    leaves.len() == usize::from(shard.len)
        && DenseTree::new(Tree::Shard, elements).is_ok_and(|tree| tree.root() == shard.root.element())
}

/// Reads the leaves from block bodies.
async fn scan(
    chain: &Chain,
    shard: &ShardInfo,
    at: BlockPoint,
    progress: &mut (dyn FnMut(u32, u32) + Send),
) -> Result<Vec<Attestation>, LeavesError> {
    if shard.len == 0 {
        return Ok(Vec::new());
    }
    if shard.opened_at > shard.changed_at || shard.changed_at > at.number {
        return Err(ChainError::Inconsistent("a shard's blocks are out of order").into());
    }
    let issuer = chain
        .at(at)
        .issuer(shard.issuer)
        .await?
        .ok_or(ChainError::Inconsistent("a shard's issuer is gone"))?;
    let revokers = BTreeSet::from([issuer.controller.to_vec(), issuer.attester.to_vec()]);
    let client = chain.client_at(at).await?;
    let total = shard.changed_at - shard.opened_at + 1;
    let bodies = stream::iter(shard.opened_at..=shard.changed_at)
        .map(|number| async move { chain.body(number).await.map(|(_, body)| (number, body)) })
        .buffered(FETCHES);
    let mut calls = Vec::new();
    let mut done = 0;
    let mut bodies = std::pin::pin!(bodies);
    while let Some((number, body)) = bodies.try_next().await? {
        let extrinsics = client.extrinsics().from_bytes(body).await;
        for extrinsic in extrinsics.iter().filter_map(Result::ok) {
            if extrinsic.pallet_name() != "AgeRegistry" {
                continue;
            }
            let signer = match extrinsic.address_bytes() {
                Some([ADDRESS_ID, account @ ..]) => account.to_vec(),
                _ => continue,
            };
            let arguments: Vec<&[u8]> = extrinsic
                .iter_call_data_fields()
                .map(|field| field.bytes())
                .collect();
            let step = Step::read(extrinsic.call_name(), &arguments);
            calls.extend(
                step.filter(|step| step.may_concern(shard.index, number == shard.opened_at))
                    .map(|step| Call { signer, step }),
            );
        }
        done += 1;
        progress(done, total);
    }
    replay(&calls, shard, &revokers).ok_or(LeavesError::NotReproduced(shard.index))
}
