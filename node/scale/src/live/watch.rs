//! When each block came, and when it became final.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use anyhow::{ensure, Result};
use ofage_runtime::{Hash, Header};
use sp_consensus_babe::digests::CompatibleDigestItem;
use sp_runtime::traits::Header as _;
use subxt::rpcs::{client::RpcParams, RpcClient};
use tokio::{sync::watch, task::JoinHandle};

/// The longest wait for a block: many slots, so that only a dead chain runs into it.
const BLOCK: Duration = Duration::from_secs(120);

/// A block, as it was seen.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// Its hash.
    pub(crate) hash: Hash,
    /// The slot that it was made for.
    pub(crate) slot: u64,
    /// When it became the best one.
    pub(crate) at: Instant,
    /// When it became final.
    pub(crate) finalized: Option<Instant>,
}

type Blocks = BTreeMap<u32, Seen>;

/// What came so far, and notice of what comes.
pub(crate) struct Watch {
    blocks: Arc<Mutex<Blocks>>,
    news: watch::Receiver<u32>,
    finals: watch::Receiver<Hash>,
    tasks: Vec<JoinHandle<()>>,
}

impl Watch {
    /// Follows best and final blocks over a connection.
    pub(crate) async fn start(rpc: &RpcClient) -> Result<Self> {
        let blocks = Arc::new(Mutex::new(Blocks::new()));
        let (best, news) = watch::channel(0);
        let (newest_final, finals) = watch::channel(Hash::zero());
        let mut heads = rpc
            .subscribe::<Header>(
                "chain_subscribeNewHeads",
                RpcParams::new(),
                "chain_unsubscribeNewHeads",
            )
            .await?;
        let mut final_heads = rpc
            .subscribe::<Header>(
                "chain_subscribeFinalizedHeads",
                RpcParams::new(),
                "chain_unsubscribeFinalizedHeads",
            )
            .await?;
        let seen = blocks.clone();
        let follow_heads = tokio::spawn(async move {
            while let Some(Ok(head)) = heads.next().await {
                let number = *head.number();
                let slot = head.digest().logs.iter().find_map(|log| log.as_babe_pre_digest());
                let block = Seen {
                    hash: head.hash(),
                    slot: slot.map_or(0, |digest| digest.slot().into()),
                    at: Instant::now(),
                    finalized: None,
                };
                lock(&seen).insert(number, block);
                // Nobody may be waiting.
                let _ = best.send(number);
            }
        });
        let seen = blocks.clone();
        let follow_finals = tokio::spawn(async move {
            while let Some(Ok(head)) = final_heads.next().await {
                let now = Instant::now();
                // What is below it has become final with it.
                for (_, block) in lock(&seen).range_mut(..=*head.number()) {
                    block.finalized.get_or_insert(now);
                }
                let _ = newest_final.send(head.hash());
            }
        });
        Ok(Self {
            blocks,
            news,
            finals,
            tasks: vec![follow_heads, follow_finals],
        })
    }

    /// Waits for the next best block, and gives its number.
    pub(crate) async fn next(&mut self) -> Result<u32> {
        tokio::time::timeout(BLOCK, self.news.changed()).await??;
        Ok(*self.news.borrow_and_update())
    }

    /// Notice of the newest block that is final.
    pub(crate) fn finals(&self) -> watch::Receiver<Hash> {
        self.finals.clone()
    }

    /// A block, if it came.
    pub(crate) fn block(&self, number: u32) -> Option<Seen> {
        lock(&self.blocks).get(&number).copied()
    }

    /// Waits until a block that came is final.
    pub(crate) async fn wait_until_final(&self, number: u32) -> Result<Instant> {
        let started = Instant::now();
        loop {
            if let Some(at) = self.block(number).and_then(|block| block.finalized) {
                return Ok(at);
            }
            ensure!(started.elapsed() < BLOCK, "block {number} does not become final");
            tokio::time::sleep(super::POLL).await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn lock(blocks: &Mutex<Blocks>) -> MutexGuard<'_, Blocks> {
    blocks.lock().expect("no thread panics with the blocks; qed")
}
