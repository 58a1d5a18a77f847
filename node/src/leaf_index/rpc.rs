//! The methods by which wallets get leaves.
//!
//! A wallet asks for whole shards, with decoys among them; nothing here looks at which, or says so anywhere. What it gets
//! it hashes, and compares with roots that it got otherwise.
//!
//! Answers are large, and whoever asks need not read them. So a request has one of a few places from when it comes until
//! its connection took the answer; without one it is refused. What a WebSocket took and nobody reads waits in its
//! buffer, which the server bounds (`--rpc-message-buffer-capacity-per-connection`). Answers of HTTP, and of a
//! batch of requests, give their places back as soon as they are made: those the server alone bounds.

use super::{chain::Chain, store::StoreError, Phase, Shared, Status};
use jsonrpsee::{
    core::{async_trait, RpcResult},
    proc_macros::rpc,
    types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned},
    Methods, ResponsePayload,
};
use ofage_primitives::ShardIndex;
use serde::{Deserialize, Serialize};
use sp_panic_handler::AbortGuard;
use std::{collections::BTreeSet, panic::catch_unwind, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Most shards in a request: with full ones an answer is 4 MiB and a little, well under the 15 MiB that the server
/// allows unless it is told otherwise.
pub(crate) const MAX_SHARDS: usize = 16;
/// Requests that are answered at a time; the others wait. Bounds the threads that read.
const AT_A_TIME: usize = 4;
/// Requests that wait, are answered, or whose answers their connections have not taken; more are refused. Bounds memory.
pub(crate) const PLACES: usize = 16;
/// How long a request waits for a block that is final and not yet in the index.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is wrong with a request, or with the index.
mod code {
    /// The shard was not there at that block.
    pub(super) const UNKNOWN_SHARD: i32 = 9001;
    /// The index is being built, or behind: ask again later.
    pub(super) const NOT_INDEXED: i32 = 9002;
    /// The block is not final yet: ask again later.
    pub(super) const AHEAD: i32 = 9003;
    /// The node does not have the blocks: ask another one.
    pub(super) const NO_BLOCKS: i32 = 9004;
    /// The index stopped, or fails, or too many others ask: ask another node.
    pub(super) const UNAVAILABLE: i32 = 9005;
}

/// Leaves of some shards at the end of a block.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Leaves {
    block: u32,
    hash: String,
    shards: Vec<ShardLeaves>,
}

/// Leaves of a shard: 32 bytes each, one after the other.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShardLeaves {
    shard: u32,
    leaves: String,
}

/// How far the index is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexStatus {
    indexed: u32,
    finalized: u32,
    shards: u32,
    leaves: u64,
    rebuilding: bool,
    /// Why it does not serve.
    problem: Option<String>,
}

/// The methods.
#[rpc(server)]
pub(crate) trait LeafApi {
    /// The leaves of 1 to 16 shards at the end of block `at`, or of the newest one in the index.
    #[method(name = "ofage_shardLeaves")]
    async fn shard_leaves(&self, shards: Vec<u32>, at: Option<u32>) -> ResponsePayload<'static, Leaves>;

    /// How far the index is.
    #[method(name = "ofage_indexStatus")]
    fn index_status(&self) -> RpcResult<IndexStatus>;
}

/// Answers from the index.
pub(crate) struct LeafRpc<C> {
    chain: Arc<C>,
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
    places: Arc<Semaphore>,
    patience: Duration,
}

impl<C: Chain> LeafRpc<C> {
    /// Over an index of a chain.
    pub(crate) fn new(chain: Arc<C>, shared: Arc<Shared>) -> Self {
        Self {
            chain,
            shared,
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
            places: Arc::new(Semaphore::new(PLACES)),
            patience: PATIENCE,
        }
    }

    /// Does not wait for blocks.
    #[cfg(test)]
    pub(crate) fn impatient(mut self) -> Self {
        self.patience = Duration::ZERO;
        self
    }

    /// As methods of a server.
    pub(crate) fn into_module(self) -> Methods {
        self.into_rpc().into()
    }

    fn refusal(&self, code: i32, message: impl Into<String>) -> ErrorObjectOwned {
        ErrorObjectOwned::owned(code, message, Some(self.status()))
    }

    fn status(&self) -> IndexStatus {
        let status = self.shared.status();
        let problem = match &status.phase {
            Phase::Starting | Phase::CatchingUp | Phase::Following => None,
            Phase::NoBlock(block) => Some(format!("the node does not have block {block}")),
            Phase::Failing(problem) | Phase::Stopped(problem) => Some(problem.clone()),
        };
        IndexStatus {
            indexed: status.indexed,
            finalized: self.chain.finalized().0,
            shards: status.shards,
            leaves: status.leaves,
            rebuilding: matches!(status.phase, Phase::Starting | Phase::CatchingUp),
            problem,
        }
    }

    /// Whether the index serves; if not, why.
    fn serving(&self, status: &Status) -> Result<(), ErrorObjectOwned> {
        match &status.phase {
            Phase::Following => Ok(()),
            Phase::Starting | Phase::CatchingUp => {
                let finalized = self.chain.finalized().0;
                let indexed = status.indexed;
                Err(self.refusal(
                    code::NOT_INDEXED,
                    format!("the index of leaves is at block {indexed} of {finalized}; ask again later, or another node"),
                ))
            }
            Phase::NoBlock(block) => Err(self.refusal(
                code::NO_BLOCKS,
                format!(
                    "this node does not have the body of block {block}, so it has no leaves; ask a node that keeps all \
                     bodies"
                ),
            )),
            Phase::Failing(problem) | Phase::Stopped(problem) => Err(self.refusal(
                code::UNAVAILABLE,
                format!("the index of leaves stopped ({problem}); ask another node"),
            )),
        }
    }

    /// The block to answer for, once it is in the index.
    async fn block(&self, at: Option<u32>) -> Result<u32, ErrorObjectOwned> {
        let status = self.shared.status();
        self.serving(&status)?;
        let Some(at) = at else {
            return Ok(status.indexed);
        };
        if at <= status.indexed {
            return Ok(at);
        }
        let finalized = self.chain.finalized().0;
        if at > finalized {
            return Err(self.refusal(
                code::AHEAD,
                format!("block {at} is not final; the newest final one is {finalized}"),
            ));
        }
        let mut news = self.shared.subscribe();
        let there = news.wait_for(|status| status.phase != Phase::Following || status.indexed >= at);
        let status = match tokio::time::timeout(self.patience, there).await {
            Ok(Ok(status)) => status.clone(),
            _ => {
                return Err(self.refusal(
                    code::NOT_INDEXED,
                    format!("block {at} is not in the index of leaves yet; ask again later"),
                ))
            }
        };
        self.serving(&status).map(|()| at)
    }
}

/// Reads the leaves of shards, and hashes those of which this process did not do so yet.
fn read(shared: &Shared, shards: &[u32], at: u32) -> Result<Result<Vec<ShardLeaves>, u32>, StoreError> {
    let Some(store) = shared.store() else {
        return Err(StoreError::Closed);
    };
    let mut found = Vec::with_capacity(shards.len());
    for number in shards {
        let index = ShardIndex(*number);
        if shared.is_unverified(index) && store.verify(index)? {
            shared.set_verified(index);
        }
        let Some(leaves) = store.leaves(index, at)? else {
            return Ok(Err(*number));
        };
        let mut digits = String::with_capacity(2 + leaves.len() * 64);
        digits.push_str("0x");
        digits.push_str(&hex::encode(leaves.as_flattened()));
        found.push(ShardLeaves {
            shard: *number,
            leaves: digits,
        });
    }
    Ok(Ok(found))
}

impl<C: Chain> LeafRpc<C> {
    /// The answer to a request that has a place.
    async fn answer(&self, shards: Vec<u32>, at: Option<u32>) -> Result<Leaves, ErrorObjectOwned> {
        // Their number first: a list may be long.
        let is_bounded = (1..=MAX_SHARDS).contains(&shards.len());
        if !is_bounded || shards.iter().collect::<BTreeSet<_>>().len() != shards.len() {
            return Err(self.refusal(
                INVALID_PARAMS_CODE,
                format!("ask for 1 to {MAX_SHARDS} different shards"),
            ));
        }
        let at = self.block(at).await?;
        let hash = match self.chain.hash(at) {
            Ok(Some(hash)) => hash,
            _ => return Err(self.refusal(code::NO_BLOCKS, format!("this node does not have block {at}"))),
        };
        let closed = || self.refusal(code::UNAVAILABLE, "the node stops");
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| closed())?;
        let shared = self.shared.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Kept here: whoever asked may be gone before this ends.
            let _permit = permit;
            let _guard = AbortGuard::force_unwind();
            catch_unwind(AssertUnwindSafe(|| read(&shared, &shards, at)))
                .unwrap_or(Err(StoreError::Damaged("it cannot be read")))
        });
        match answer.await.map_err(|_| closed())? {
            Ok(Ok(shards)) => Ok(Leaves {
                block: at,
                hash: format!("0x{}", hex::encode(hash)),
                shards,
            }),
            Ok(Err(shard)) => Err(self.refusal(
                code::UNKNOWN_SHARD,
                format!("shard {shard} was not there at block {at}"),
            )),
            Err(error) => {
                if matches!(error, StoreError::Damaged(_)) {
                    self.shared.report_damage();
                }
                Err(self.refusal(code::UNAVAILABLE, format!("{error}; ask another node")))
            }
        }
    }
}

#[async_trait]
impl<C: Chain> LeafApiServer for LeafRpc<C> {
    async fn shard_leaves(&self, shards: Vec<u32>, at: Option<u32>) -> ResponsePayload<'static, Leaves> {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return ResponsePayload::error(self.refusal(
                code::UNAVAILABLE,
                "the node answers many others; ask again later, or another node",
            ));
        };
        match self.answer(shards, at).await {
            Ok(leaves) => {
                let (answer, sent) = ResponsePayload::success(leaves).notify_on_completion();
                tokio::spawn(async move {
                    // Fails when nobody says so, as for a connection that is gone.
                    let _ = sent.await;
                    drop(place);
                });
                answer
            }
            Err(refusal) => ResponsePayload::error(refusal),
        }
    }

    fn index_status(&self) -> RpcResult<IndexStatus> {
        Ok(self.status())
    }
}
