//! A wallet's source that believes no node.

use std::{future::Future, sync::Arc};

use ofage_light::live::Live;
use ofage_primitives::{
    chain::{AnchorError, ShardInfo, TrustListInfo},
    Anchor, Attestation, Element, GenesisHash, RegistryRoot, ShardIndex, TrustListId,
};
use subxt::config::substrate::H256;

use super::Source;
use crate::{
    chain::{BlockPoint, Chain, ChainError, RegistryApi, RuntimeCalls},
    leaves::LeavesError,
};

/// What a light client knows by proof: which blocks are final, their registry roots, and what the runtime computes.
pub trait LightClient: RuntimeCalls {
    /// Names the chain.
    fn genesis(&self) -> GenesisHash;

    /// The newest final block.
    fn newest(&self) -> impl Future<Output = Result<BlockPoint, ChainError>> + Send;

    /// A final block by its number.
    fn final_block(&self, number: u32) -> impl Future<Output = Result<BlockPoint, ChainError>> + Send;

    /// A final block, and the registry root in its header.
    fn final_root(
        &self,
        number: u32,
    ) -> impl Future<Output = Result<(BlockPoint, RegistryRoot), ChainError>> + Send;
}

fn point(number: u32, hash: [u8; 32]) -> BlockPoint {
    BlockPoint {
        number,
        hash: H256(hash),
    }
}

impl LightClient for Live {
    fn genesis(&self) -> GenesisHash {
        Live::genesis(self)
    }

    async fn newest(&self) -> Result<BlockPoint, ChainError> {
        let header = self.finalized().await?;
        Ok(point(header.number(), header.hash()))
    }

    async fn final_block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        Ok(point(number, self.block_hash(number).await?))
    }

    async fn final_root(&self, number: u32) -> Result<(BlockPoint, RegistryRoot), ChainError> {
        let header = self.header(number).await?;
        Ok((point(header.number(), header.hash()), header.registry_root()))
    }
}

/// A light client for all that can be proved, and a node for leaves, which are hashed anyway.
///
/// The requests are those that a node alone would get: the same blocks, rows, shards, lists and decoys. The light client
/// puts them to full nodes of the network, each of which sees some of them, and the node for leaves sees the shards.
///
/// Full nodes keep the state of 256 blocks, and an epoch's anchor is younger. What nobody proves is an error, and so are
/// leaves that do not give the proved registry root.
pub struct LightSource<L = Live, N = Chain> {
    light: Arc<L>,
    leaves: N,
}

impl<L: LightClient, N: Source> LightSource<L, N> {
    /// A source of `light`'s chain, whose leaves come from a node that need not be trusted.
    ///
    /// # Errors
    /// [`ChainError::LeavesNode`] when the node follows another chain.
    pub fn new(light: Arc<L>, leaves: N) -> Result<Self, ChainError> {
        let (expected, found) = (light.genesis(), leaves.genesis());
        if found != expected {
            return Err(ChainError::LeavesNode(Box::new(ChainError::OtherChain {
                expected,
                found,
            })));
        }
        Ok(Self { light, leaves })
    }

    fn at(&self, at: BlockPoint) -> RegistryApi<'_, L> {
        RegistryApi::new(&*self.light, at)
    }
}

impl<L: LightClient + Send, N: Source> RuntimeCalls for LightSource<L, N> {
    async fn runtime_call(
        &self,
        at: BlockPoint,
        method: &str,
        arguments: &[u8],
    ) -> Result<Vec<u8>, ChainError> {
        self.light.runtime_call(at, method, arguments).await
    }
}

impl<L: LightClient + Send, N: Source> Source for LightSource<L, N> {
    fn genesis(&self) -> GenesisHash {
        self.light.genesis()
    }

    async fn finalized(&self) -> Result<BlockPoint, ChainError> {
        self.light.newest().await
    }

    async fn block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        self.light.final_block(number).await
    }

    async fn header_root(&self, at: BlockPoint) -> Result<RegistryRoot, ChainError> {
        let (block, root) = self.light.final_root(at.number).await?;
        // Unreachable while this source gave the block; another's need not be final.
        if block != at {
            return Err(ChainError::Inconsistent("a block that is not final"));
        }
        Ok(root)
    }

    async fn cap_row(
        &self,
        at: BlockPoint,
        level: u8,
        from: u32,
        count: u32,
    ) -> Result<Vec<Element>, ChainError> {
        self.at(at).cap_row(level, from, count).await
    }

    async fn shard(&self, at: BlockPoint, shard: ShardIndex) -> Result<Option<ShardInfo>, ChainError> {
        self.at(at).shard(shard).await
    }

    async fn shards(&self, at: BlockPoint, from: u32, count: u32) -> Result<Vec<ShardInfo>, ChainError> {
        self.at(at).shards_from(from, count).await
    }

    async fn leaves(
        &self,
        at: BlockPoint,
        shards: &[ShardIndex],
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Vec<Vec<Attestation>>, LeavesError> {
        let leaves = self.leaves.leaves(at, shards, progress).await;
        leaves.map_err(|error| match error {
            LeavesError::Chain(error) => ChainError::LeavesNode(Box::new(error)).into(),
            other => other,
        })
    }

    async fn list_count(&self, at: BlockPoint) -> Result<u32, ChainError> {
        Ok(self.at(at).next_ids().await?.1)
    }

    async fn trust_list(
        &self,
        at: BlockPoint,
        list: TrustListId,
    ) -> Result<Option<TrustListInfo>, ChainError> {
        self.at(at).trust_list(list).await
    }

    async fn anchor_status(
        &self,
        at: BlockPoint,
        list: TrustListId,
        anchor: Anchor,
    ) -> Result<Result<(), AnchorError>, ChainError> {
        self.at(at).anchor_status(list, anchor).await
    }
}

#[cfg(test)]
mod tests;
