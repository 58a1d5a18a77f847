//! Where a wallet retrieves from.

use std::future::Future;

use ofage_primitives::{
    chain::{AnchorError, ShardInfo, TrustListInfo},
    Anchor, Attestation, Element, GenesisHash, RegistryRoot, ShardIndex, TrustListId,
};

use crate::{
    chain::{BlockPoint, Chain, ChainError},
    leaves::{self, LeavesError},
};

/// All that a wallet ever asks a node for its proofs. A [`Chain`] answers; so can anything that serves the same data.
///
/// Nothing of what is answered needs to be believed but the number of the newest finalized block, its header, the root of
/// a trust list, and when shards changed.
pub trait Source: Sync {
    /// Names the chain.
    fn genesis(&self) -> GenesisHash;

    /// The newest finalized block.
    fn finalized(&self) -> impl Future<Output = Result<BlockPoint, ChainError>> + Send;

    /// A finalized block by its number.
    fn block(&self, number: u32) -> impl Future<Output = Result<BlockPoint, ChainError>> + Send;

    /// The registry root in a block's header.
    fn header_root(&self, at: BlockPoint) -> impl Future<Output = Result<RegistryRoot, ChainError>> + Send;

    /// A stretch of a row of the cap.
    fn cap_row(
        &self,
        at: BlockPoint,
        level: u8,
        from: u32,
        count: u32,
    ) -> impl Future<Output = Result<Vec<Element>, ChainError>> + Send;

    /// What the chain says of a shard.
    fn shard(
        &self,
        at: BlockPoint,
        shard: ShardIndex,
    ) -> impl Future<Output = Result<Option<ShardInfo>, ChainError>> + Send;

    /// What the chain says of `count` shards, 1,024 at most, from number `from` on.
    fn shards(
        &self,
        at: BlockPoint,
        from: u32,
        count: u32,
    ) -> impl Future<Output = Result<Vec<ShardInfo>, ChainError>> + Send;

    /// All leaves of some shards.
    fn leaves(
        &self,
        at: BlockPoint,
        shards: &[ShardIndex],
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> impl Future<Output = Result<Vec<Vec<Attestation>>, LeavesError>> + Send;

    /// How many trust lists there are.
    fn list_count(&self, at: BlockPoint) -> impl Future<Output = Result<u32, ChainError>> + Send;

    /// A trust list.
    fn trust_list(
        &self,
        at: BlockPoint,
        list: TrustListId,
    ) -> impl Future<Output = Result<Option<TrustListInfo>, ChainError>> + Send;

    /// Whether an anchor still counts at a block.
    fn anchor_status(
        &self,
        at: BlockPoint,
        list: TrustListId,
        anchor: Anchor,
    ) -> impl Future<Output = Result<Result<(), AnchorError>, ChainError>> + Send;
}

impl Source for Chain {
    fn genesis(&self) -> GenesisHash {
        Chain::genesis(self)
    }

    async fn finalized(&self) -> Result<BlockPoint, ChainError> {
        Chain::finalized(self).await
    }

    async fn block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        self.finalized_block(number).await
    }

    async fn header_root(&self, at: BlockPoint) -> Result<RegistryRoot, ChainError> {
        self.root_in_header(at).await
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
        leaves::read_unchecked(self, shards, at, progress).await
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
