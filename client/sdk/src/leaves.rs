//! The attestations of a shard, read from the bodies of the blocks that appended to it.
//!
//! The chain's state keeps only the root of a shard; its leaves are in the calls. Whether a call succeeded is in
//! the state of its block, which most nodes discard, so it is not asked: the calls are replayed, and only a sequence
//! that gives the root in the chain's state counts. Nobody can make this accept other leaves.
//!
//! Blocks are decoded with the metadata of the newest block: a shard older than a change of the call's encoding
//! needs a node that serves its leaves.

mod replay;

use futures::{stream, StreamExt, TryStreamExt};
use ofage_primitives::{chain::ShardInfo, Attestation, ShardIndex};

use crate::chain::{BlockPoint, Chain, ChainError, ShardChoice};
use replay::{replay, Candidate};

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
}

/// Reads all leaves of a shard as it is at block `at`, and checks them against its root.
///
/// `progress` hears how many of how many blocks are read.
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
    if shard.opened_at > shard.changed_at || shard.changed_at > at.number {
        return Err(ChainError::Inconsistent("a shard's blocks are out of order").into());
    }
    let client = chain.client_at(at).await?;
    let total = shard.changed_at - shard.opened_at + 1;
    let bodies = stream::iter(shard.opened_at..=shard.changed_at)
        .map(|number| async move { chain.body(number).await.map(|(_, body)| (number, body)) })
        .buffered(FETCHES);
    let mut candidates = Vec::new();
    let mut done = 0;
    let mut bodies = std::pin::pin!(bodies);
    while let Some((number, body)) = bodies.try_next().await? {
        let extrinsics = client.extrinsics().from_bytes(body).await;
        for extrinsic in extrinsics.iter().filter_map(Result::ok) {
            if extrinsic.pallet_name() != "AgeRegistry" || extrinsic.call_name() != "attest" {
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
            candidates.extend(
                Candidate::new(signer, &arguments).filter(|call| match call.shard {
                    ShardChoice::Open(index) => index == shard.index,
                    ShardChoice::Next => number == shard.opened_at,
                }),
            );
        }
        done += 1;
        progress(done, total);
    }
    replay(&candidates, shard).ok_or(LeavesError::NotReproduced(shard.index))
}
