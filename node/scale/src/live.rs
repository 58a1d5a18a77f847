//! Real nodes: a validator, and a node that follows it and executes its blocks.

pub(crate) mod admit;
pub(crate) mod attest;
pub(crate) mod flood;
pub(crate) mod state;
mod watch;

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use codec::Decode;
use ofage_e2e::{Node, Setup};
use ofage_runtime::{AccountId, Hash, Runtime, VERSION};
use serde_json::{json, Value};
use subxt::rpcs::{client::RpcParams, RpcClient};

use crate::limits;
pub(crate) use watch::{Seen, Watch};

/// The longest wait for anything that a chain that runs does within a few blocks.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a state that nobody announces is looked at.
const POLL: Duration = Duration::from_millis(100);

/// A node, and a connection to it.
pub(crate) struct Live {
    node: Node,
    rpc: RpcClient,
    genesis: Hash,
}

impl Live {
    /// Starts a chain with one validator.
    pub(crate) async fn validator() -> Result<Self> {
        Self::start(Setup::dev()).await
    }

    /// Starts a node that follows, and waits until it has what the other has.
    pub(crate) async fn follow(&self) -> Result<Self> {
        let follower = Self::start(Setup::full("dev").peer(&self.node.address()?)).await?;
        let best = self.node.best()?;
        let started = Instant::now();
        while follower.node.best()? < best {
            ensure!(
                started.elapsed() < PATIENCE,
                "the second node does not follow the first"
            );
            tokio::time::sleep(POLL).await;
        }
        Ok(follower)
    }

    async fn start(setup: Setup) -> Result<Self> {
        let node = Node::start_as(setup)?;
        let rpc = connect(&node).await?;
        let genesis: Hash = ask(&rpc, "chain_getBlockHash", json!([0])).await?;
        let version: Value = ask(&rpc, "state_getRuntimeVersion", json!([])).await?;
        ensure!(
            version["specVersion"] == json!(VERSION.spec_version),
            "the node runs another runtime than the one that this program knows: build both from one source"
        );
        Ok(Self { node, rpc, genesis })
    }

    /// Hash of block 0.
    pub(crate) fn genesis(&self) -> Hash {
        self.genesis
    }

    /// The node itself.
    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// Ends the node as an operator does, so that it writes everything to its disk, and starts it again.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.node.restart()?;
        self.rpc = connect(&self.node).await?;
        Ok(())
    }

    /// Another connection.
    pub(crate) async fn connect(&self) -> Result<RpcClient> {
        connect(&self.node).await
    }

    /// Follows its blocks from now on.
    pub(crate) async fn watch(&self) -> Result<Watch> {
        Watch::start(&self.rpc).await
    }

    /// One call.
    pub(crate) async fn ask<T: serde::de::DeserializeOwned>(&self, method: &str, params: Value) -> Result<T> {
        ask(&self.rpc, method, params).await
    }

    /// Sends a transaction to the pool.
    pub(crate) async fn submit(&self, transaction: &[u8]) -> Result<()> {
        submit(&self.rpc, transaction).await
    }

    /// Waits until no transaction waits for a block any more.
    pub(crate) async fn wait_until_included(&self) -> Result<()> {
        let started = Instant::now();
        while !self
            .ask::<Vec<Value>>("author_pendingExtrinsics", json!([]))
            .await?
            .is_empty()
        {
            ensure!(started.elapsed() < PATIENCE, "transactions stay in the pool");
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// A value of the state after a block.
    pub(crate) async fn read<T: Decode>(&self, key: &[u8], block: Hash) -> Result<Option<T>> {
        read(&self.rpc, key, block).await
    }

    /// Nonce of an account after a block.
    pub(crate) async fn nonce(&self, account: &AccountId, block: Hash) -> Result<u32> {
        nonce(&self.rpc, account, block).await
    }

    /// Weight of the usual calls of a block.
    pub(crate) async fn weight(&self, block: Hash) -> Result<Duration> {
        let key = frame_system::BlockWeight::<Runtime>::hashed_key();
        let weight: Option<frame_system::ConsumedWeight> = self.read(&key, block).await?;
        let weight = weight.context("a block without a weight")?;
        Ok(limits::time(
            *weight.get(frame_support::dispatch::DispatchClass::Normal),
        ))
    }

    /// How long the node took to make each block that it made, and why it ended it, from its log.
    pub(crate) fn authoring(&self) -> BTreeMap<u32, Authored> {
        let mut blocks = BTreeMap::new();
        for line in self.node.log().lines() {
            let made = || {
                let rest = line.split_once("Prepared block for proposing at ")?.1;
                let (number, rest) = rest.split_once(" (")?;
                let (millis, rest) = rest.split_once(" ms)")?;
                let end = rest.split_once("end: ")?.1.split(';').next()?;
                let authored = Authored {
                    took: Duration::from_millis(millis.parse().ok()?),
                    end: end.to_owned(),
                };
                Some((number.parse().ok()?, authored))
            };
            blocks.extend(made());
        }
        blocks
    }

    /// Processor time that the node has used, all its threads together.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu(&self.node.pid().to_string())
    }
}

/// What an author says of a block that it made.
pub(crate) struct Authored {
    /// Time from its beginning to its end.
    pub(crate) took: Duration,
    /// What ended it.
    pub(crate) end: String,
}

/// Processor time that this program has used.
pub(crate) fn own_cpu() -> Result<Duration> {
    cpu("self")
}

fn cpu(process: &str) -> Result<Duration> {
    /// The unit in which Linux counts for programs, whatever it counts in itself.
    const TICK: Duration = Duration::from_millis(10);
    let text = fs::read_to_string(format!("/proc/{process}/stat")).context("the process has ended")?;
    // The name of the process, in brackets, may hold anything; user and system time are the 14th and 15th field.
    let (_, fields) = text.rsplit_once(')').context("no process is called like that")?;
    let ticks: Option<u32> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u32>().ok())
        .sum();
    Ok(TICK * ticks.context("no times of the process")?)
}

async fn connect(node: &Node) -> Result<RpcClient> {
    RpcClient::from_insecure_url(node.url())
        .await
        .context("the node takes no connection")
}

/// One call over a connection.
pub(crate) async fn ask<T: serde::de::DeserializeOwned>(
    rpc: &RpcClient,
    method: &str,
    params: Value,
) -> Result<T> {
    ask_raw(rpc, method, params)
        .await
        .with_context(|| method.to_owned())
}

/// One call over a connection, with the error as it came.
pub(crate) async fn ask_raw<T: serde::de::DeserializeOwned>(
    rpc: &RpcClient,
    method: &str,
    params: Value,
) -> Result<T, subxt::rpcs::Error> {
    let mut all = RpcParams::new();
    for param in params.as_array().into_iter().flatten() {
        all.push(param)?;
    }
    rpc.request(method, all).await
}

/// A value of the state after a block.
async fn read<T: Decode>(rpc: &RpcClient, key: &[u8], block: Hash) -> Result<Option<T>> {
    let key = format!("0x{}", hex::encode(key));
    let value: Option<String> = ask(rpc, "state_getStorage", json!([key, block])).await?;
    let decode = |value: String| {
        let bytes = hex::decode(value.trim_start_matches("0x"))?;
        T::decode(&mut &bytes[..]).context("the state holds something else than this program knows")
    };
    value.map(decode).transpose()
}

/// Nonce of an account after a block.
async fn nonce(rpc: &RpcClient, account: &AccountId, block: Hash) -> Result<u32> {
    type Info = frame_system::AccountInfo<u32, pallet_balances::AccountData<u128>>;
    let key = frame_system::Account::<Runtime>::hashed_key_for(account);
    Ok(read::<Info>(rpc, &key, block).await?.map_or(0, |info| info.nonce))
}

/// Sends a transaction over a connection.
pub(crate) async fn submit(rpc: &RpcClient, transaction: &[u8]) -> Result<()> {
    let _: Hash = ask(
        rpc,
        "author_submitExtrinsic",
        json!([format!("0x{}", hex::encode(transaction))]),
    )
    .await?;
    Ok(())
}
