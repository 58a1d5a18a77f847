//! What the index asks of the node.

use super::{
    block::{Block, BlockHash, Outcome},
    model::ReadError,
    resolve::{Bounds, State},
};
use ofage_primitives::GenesisHash;

/// The finalized chain.
pub(crate) trait Chain: Send + Sync + 'static {
    /// State of a block.
    type State<'a>: State;

    /// Hash of block 0.
    fn genesis(&self) -> GenesisHash;

    /// Newest finalized block.
    fn finalized(&self) -> (u32, BlockHash);

    /// Hash of a finalized block; `None` when the node does not have it.
    fn hash(&self, number: u32) -> Result<Option<BlockHash>, ReadError>;

    /// A finalized block; `None` when the node does not have its header and body.
    fn block(&self, number: u32) -> Result<Option<Block>, ReadError>;

    /// What became of a block's calls; `None` when its events are gone, or of another runtime.
    fn outcomes(&self, block: &Block) -> Option<Vec<Outcome>>;

    /// The state of a block.
    fn state(&self, hash: BlockHash) -> Self::State<'_>;

    /// Bounds of the chain's configuration.
    fn bounds(&self) -> Bounds;
}
