//! The index of leaves: from the bodies of finalized blocks to whole shards.
//!
//! The chain's state has the roots of shards; the leaves are arguments of calls. Wallets need whole shards, to make
//! witnesses without saying whose. So the node keeps a log for each shard: what was appended, what was revoked, and in
//! which block.
//!
//! | module | what |
//! |---|---|
//! | [`mod@block`] | what a block says about leaves |
//! | [`model`] | what calls do to shards, by the chain's rules |
//! | [`resolve`] | which calls of a block succeeded, when its events are gone |
//! | [`store`] | the log on disk |
//! | [`chain`] | what is asked of the node |
//! | [`client`], [`calls`] | what the SDK answers: blocks, events, state |
//! | [`follow`] | the task that reads one block after the other |
//! | [`rpc`] | the methods `ofage_shardLeaves` and `ofage_indexStatus` |
//!
//! **What is believed.** A block's body and the registry root in its header, which the node checked when it imported it.
//! Which calls succeeded is in the block's events, as long as the node has its state; after that the rules and the root
//! decide. Either way a block counts only if the registry root that comes out is the one in its header, and before anything
//! is served every shard is compared with the state of the newest block. A contradiction has the index rebuilt
//! once; a second one stops it. It never serves what it could not check, and never takes the node down.
//!
//! **Forks and crashes.** Only finalized blocks are read. A block is written whole, with its number and hash, in one
//! transaction; whatever ends the process, the next start goes on behind the last whole block. An index of another chain,
//! of another layout, or damaged, is made anew from block bodies.
//!
//! **What it costs.** As much hashing as the chain itself did, 32 bytes of disk for a leaf and some more for each call
//! and shard. Leaves are in no log and no error: which of them somebody asked for, nobody learns from this node's output.

pub(crate) mod block;
pub(crate) mod calls;
pub(crate) mod chain;
pub(crate) mod client;
pub(crate) mod follow;
pub(crate) mod model;
pub(crate) mod resolve;
pub(crate) mod rpc;
pub(crate) mod store;

#[cfg(test)]
mod tests;

use chain::Chain;
use follow::{Follower, Next};
use futures::{FutureExt, Stream, StreamExt};
use ofage_primitives::ShardIndex;
use sp_panic_handler::AbortGuard;
use std::{
    collections::BTreeSet,
    panic::{catch_unwind, AssertUnwindSafe},
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, PoisonError, RwLock,
    },
};
use store::Store;
use tokio::sync::watch;

/// Folder of the index, in that of the chain.
pub(crate) const FOLDER: &str = "leaf-index";

/// What the index is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is being opened.
    Starting,
    /// It reads blocks that became final before, or is compared with the state.
    CatchingUp,
    /// It is up to date, and serves.
    Following,
    /// The node does not have this block, which is the next one to read.
    NoBlock(u32),
    /// Something failed that may work with the next block.
    Failing(String),
    /// It ended.
    Stopped(String),
}

/// How far the index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// What it is doing.
    pub(crate) phase: Phase,
    /// Newest block in it.
    pub(crate) indexed: u32,
    /// Shards in it.
    pub(crate) shards: u32,
    /// Leaves in it, revoked ones included.
    pub(crate) leaves: u64,
}

/// What the task that writes and the methods that read have in common.
pub(crate) struct Shared {
    status: watch::Sender<Status>,
    store: RwLock<Option<Arc<Store>>>,
    /// Shards whose leaves this process hashed once.
    verified: Mutex<BTreeSet<ShardIndex>>,
    is_damaged: AtomicBool,
}

impl Shared {
    /// Nothing is open yet.
    pub(crate) fn new() -> Self {
        let (status, _) = watch::channel(Status {
            phase: Phase::Starting,
            indexed: 0,
            shards: 0,
            leaves: 0,
        });
        Self {
            status,
            store: RwLock::new(None),
            verified: Mutex::new(BTreeSet::new()),
            is_damaged: AtomicBool::new(false),
        }
    }

    fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    fn publish(&self, status: Status) {
        self.status.send_replace(status);
    }

    fn store(&self) -> Option<Arc<Store>> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_store(&self, store: Option<Arc<Store>>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
    }

    /// Whether a shard's leaves are still to be hashed before they are served.
    fn is_unverified(&self, shard: ShardIndex) -> bool {
        let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        !verified.contains(&shard)
    }

    fn set_verified(&self, shard: ShardIndex) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        verified.insert(shard);
    }

    fn forget_verified(&self) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        verified.clear();
    }

    /// Has the task throw the index away; from now on it does not serve.
    fn report_damage(&self) {
        self.is_damaged.store(true, Ordering::SeqCst);
        self.status.send_modify(|status| {
            if status.phase == Phase::Following {
                status.phase = Phase::CatchingUp;
            }
        });
    }

    fn take_damage(&self) -> bool {
        self.is_damaged.swap(false, Ordering::SeqCst)
    }
}

/// Runs the index until it stops, or finality does.
///
/// `finality` wakes it; what is final it asks the chain for.
pub(crate) async fn run<C: Chain>(
    chain: Arc<C>,
    shared: Arc<Shared>,
    folder: PathBuf,
    finality: impl Stream + Send,
) {
    let mut finality = std::pin::pin!(finality);
    let mut follower = Follower::new(chain, shared.clone(), folder);
    loop {
        match guarded(&shared, || follower.advance()) {
            // Lets the node stop, and takes waiting notifications: each keeps a block's state.
            Next::More => tokio::task::yield_now().await,
            Next::Wait => {
                if finality.next().await.is_none() {
                    return;
                }
            }
            Next::Stop => return,
        }
        while let Some(Some(_)) = finality.next().now_or_never() {}
    }
}

/// Keeps a panic, of a bug or of a library's, from taking the node down, as it does elsewhere in it.
fn guarded(shared: &Shared, work: impl FnOnce() -> Next) -> Next {
    let _guard = AbortGuard::force_unwind();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        log::error!(
            "Leaf index: it panicked. It stops, and this node serves no leaves. Everything else goes on."
        );
        let mut status = shared.status();
        status.phase = Phase::Stopped("the index panicked; see the node's log".into());
        shared.publish(status);
        Next::Stop
    })
}
