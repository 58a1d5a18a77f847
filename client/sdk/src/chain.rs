//! A node, and what it says about the chain at finalized blocks.

mod advice;
mod api;
mod balance;
mod calls;
mod error;
mod general;
mod index;
mod refusal;
mod submit;

pub use advice::advice;
pub use api::{RegistryApi, RuntimeCalls};
pub use balance::Balance;
pub use calls::{Call, ShardChoice};
pub use error::ChainError;
#[cfg(test)]
pub(crate) use index::Leaves;
pub(crate) use index::METHOD_NOT_FOUND;
pub use index::{IndexError, SHARDS_AT_ONCE};
pub use refusal::AdmitRefusal;
pub use submit::{AdmitError, Landed, Sent};

use std::{sync::Arc, time::Duration};

use ofage_primitives::{
    chain::{RootDigest, ENGINE_ID},
    GenesisHash, RegistryRoot,
};
use subxt::{
    backend::LegacyBackend,
    config::{
        substrate::{DigestItem, SubstrateHeader, H256},
        RpcConfigFor, SubstrateConfig,
    },
    rpcs::{methods::legacy::LegacyRpcMethods, RpcClient},
    OnlineClient, OnlineClientAtBlock,
};

/// Where a node listens when nothing else is said.
pub const DEFAULT_NODE: &str = "ws://127.0.0.1:9944";
/// Longest wait for one event of a chain that makes a block every few seconds: a stalled chain ends in an error.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) type Header = SubstrateHeader<H256>;
type Methods = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

/// A block, by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPoint {
    /// Its height.
    pub number: u32,
    /// Its hash.
    pub hash: H256,
}

/// A connection to a node.
///
/// It trusts the node for what is final: a light client is another crate. What can be recomputed from the node's
/// answers (roots, paths, leaves) is recomputed.
#[derive(Clone)]
pub struct Chain {
    client: OnlineClient<SubstrateConfig>,
    methods: Methods,
    rpc: RpcClient,
    genesis: GenesisHash,
    /// Of the last block in which a call of this client became final.
    results: Arc<tokio::sync::Mutex<Option<Arc<submit::Results>>>>,
}

impl Chain {
    /// Connects to a node. Plain `ws://` is taken for this machine only, `wss://` for others.
    ///
    /// # Errors
    /// [`ChainError::Connect`] or [`ChainError::InsecureUrl`].
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let connect = |source: subxt::rpcs::Error| match source {
            subxt::rpcs::Error::InsecureUrl(_) => ChainError::InsecureUrl(url.to_owned()),
            source => ChainError::Connect {
                url: url.to_owned(),
                source: Box::new(source),
            },
        };
        let rpc = RpcClient::from_url(url).await.map_err(connect)?;
        let methods = Methods::new(rpc.clone());
        let genesis = methods.genesis_hash().await.map_err(connect)?;
        // The older RPC methods answer for every block that the node has; the newer ones only for recent ones.
        let backend = LegacyBackend::<SubstrateConfig>::builder().build(rpc.clone());
        let client = OnlineClient::from_backend_with_config(SubstrateConfig::new(), Arc::new(backend))
            .await
            .map_err(|error| ChainError::Subxt(Box::new(error.into())))?;
        Ok(Self {
            client,
            methods,
            rpc,
            genesis: GenesisHash(genesis.0),
            results: Arc::default(),
        })
    }

    /// Names the chain.
    pub fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    /// Fails unless this is the chain that a file was made for.
    ///
    /// # Errors
    /// [`ChainError::OtherChain`].
    pub fn expect_genesis(&self, genesis: GenesisHash) -> Result<(), ChainError> {
        if genesis == self.genesis {
            Ok(())
        } else {
            Err(ChainError::OtherChain {
                expected: genesis,
                found: self.genesis,
            })
        }
    }

    /// The newest finalized block.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn finalized(&self) -> Result<BlockPoint, ChainError> {
        let hash = self.methods.chain_get_finalized_head().await?;
        let header = self.header(hash).await?;
        Ok(BlockPoint {
            number: number(&header)?,
            hash,
        })
    }

    /// The newest block, which may still be replaced.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn best(&self) -> Result<BlockPoint, ChainError> {
        let hash = self
            .methods
            .chain_get_block_hash(None)
            .await?
            .ok_or(ChainError::Answer("the best block"))?;
        let header = self.header(hash).await?;
        Ok(BlockPoint {
            number: number(&header)?,
            hash,
        })
    }

    /// A finalized block by its number.
    ///
    /// # Errors
    /// [`ChainError::NotFinal`] for a later one, and those of the node.
    pub async fn finalized_block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        let head = self.finalized().await?;
        if number > head.number {
            return Err(ChainError::NotFinal {
                block: number,
                finalized: head.number,
            });
        }
        Ok(BlockPoint {
            number,
            hash: self.hash_of(number).await?,
        })
    }

    /// Waits until block `number` is final.
    ///
    /// # Errors
    /// [`ChainError::Stalled`] when nothing becomes final for long, and those of the node.
    pub async fn wait_until_final(&self, number: u32) -> Result<BlockPoint, ChainError> {
        let mut heads = self.methods.chain_subscribe_finalized_heads().await?;
        loop {
            let now = self.finalized().await?;
            if now.number >= number {
                return Ok(now);
            }
            match tokio::time::timeout(PATIENCE, heads.next()).await {
                Ok(Some(head)) => drop(head?),
                Ok(None) => return Err(ChainError::Disconnected),
                Err(_) => return Err(ChainError::Stalled(PATIENCE.as_secs())),
            }
        }
    }

    /// What the runtime says about the registry at a block.
    pub fn at(&self, block: BlockPoint) -> RegistryApi<'_> {
        RegistryApi::new(self, block)
    }

    /// The registry root in a block's header. It is there for every block, also those whose state is gone.
    ///
    /// # Errors
    /// [`ChainError::RootDigest`] unless there is exactly one, and those of the node.
    pub async fn root_in_header(&self, block: BlockPoint) -> Result<RegistryRoot, ChainError> {
        root_digest(&self.header(block.hash).await?).ok_or(ChainError::RootDigest(block.number))
    }

    pub(crate) async fn header(&self, hash: H256) -> Result<Header, ChainError> {
        self.methods
            .chain_get_header(Some(hash))
            .await?
            .ok_or(ChainError::Answer("a block's header"))
    }

    pub(crate) async fn hash_of(&self, number: u32) -> Result<H256, ChainError> {
        let found = self
            .methods
            .chain_get_block_hash(Some(u64::from(number).into()))
            .await?;
        found.ok_or(ChainError::NoBlock(number))
    }

    /// The calls in a block, undecoded.
    pub(crate) async fn body(&self, number: u32) -> Result<(H256, Vec<Vec<u8>>), ChainError> {
        let hash = self.hash_of(number).await?;
        let block = self
            .methods
            .chain_get_block(Some(hash))
            .await?
            .ok_or(ChainError::NoBody(number))?;
        Ok((
            hash,
            block.block.extrinsics.into_iter().map(|bytes| bytes.0).collect(),
        ))
    }

    pub(crate) async fn client_at(
        &self,
        block: BlockPoint,
    ) -> Result<OnlineClientAtBlock<SubstrateConfig>, ChainError> {
        let at = self
            .client
            .at_block_hash_and_number(block.hash, u64::from(block.number))
            .await;
        at.map_err(|error| ChainError::Subxt(Box::new(error.into())))
    }

    pub(crate) fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    pub(crate) fn methods(&self) -> &Methods {
        &self.methods
    }
}

/// How the chain hashes calls and transactions: BLAKE2b-256.
pub(crate) fn hash_256(bytes: &[u8]) -> [u8; 32] {
    let hash = blake2b_simd::Params::new().hash_length(32).hash(bytes);
    let mut out = [0; 32];
    out.copy_from_slice(hash.as_bytes());
    out
}

/// The height in a header; the chain counts in 32 bits.
pub(crate) fn number(header: &Header) -> Result<u32, ChainError> {
    u32::try_from(header.number).map_err(|_| ChainError::Answer("a block's number"))
}

/// The registry root in a header.
fn root_digest(header: &Header) -> Option<RegistryRoot> {
    RootDigest::of_items(header.digest.logs.iter().filter_map(|item| match item {
        DigestItem::Consensus(engine, data) if *engine == ENGINE_ID => Some(&data[..]),
        _ => None,
    }))
}

#[cfg(test)]
mod tests;
