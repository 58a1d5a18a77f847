//! What the answers ask of the node.

use ofage_primitives::GenesisHash;

/// Hash of a block.
pub(crate) type BlockHash = [u8; 32];

/// A header and what makes it final: SCALE encodings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Final {
    /// The header.
    pub(crate) header: Vec<u8>,
    /// GRANDPA's justification of it.
    pub(crate) justification: Vec<u8>,
}

/// A block that can be proved final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Justified {
    /// Its height.
    pub(crate) number: u32,
    /// Its hash.
    pub(crate) hash: BlockHash,
    /// What proves it.
    pub(crate) bytes: Final,
}

/// Sets of authorities by their numbers, which count up from 0 at genesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sets {
    /// The one that makes blocks final now.
    pub(crate) current: u64,
    /// Those before it, oldest first, each with its last block. A node that did not start from genesis lacks some.
    pub(crate) past: Vec<(u64, u32)>,
}

impl Sets {
    /// The set that signs a block; `None` if it may be one of those that are missing.
    pub(crate) fn signing(&self, block: u32) -> Option<u64> {
        let index = self.past.partition_point(|(_, last)| *last < block);
        let (before, after) = self.past.split_at(index);
        let Some((set, _)) = after.first() else {
            return Some(self.current);
        };
        let first = before.last().map_or(0, |(set, _)| set.saturating_add(1));
        (*set == first).then_some(*set)
    }

    /// The last blocks of the sets from `first` on, up to one that is missing.
    pub(crate) fn ends(&self, first: u64) -> impl Iterator<Item = u32> + '_ {
        let known = self.past.iter().skip_while(move |(set, _)| *set < first);
        (first..self.current)
            .zip(known)
            .take_while(|(wanted, (set, _))| wanted == set)
            .map(|(_, (_, last))| *last)
    }
}

/// What cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    /// The node pruned it.
    #[error("the state of the block is gone")]
    NoState,
    /// It fails, or is not what it should be.
    #[error("{0}")]
    Failed(String),
}

/// The finalized chain.
pub(crate) trait Chain: Send + Sync + 'static {
    /// Hash of block 0.
    fn genesis(&self) -> GenesisHash;

    /// Height of the newest finalized block.
    fn finalized(&self) -> u32;

    /// The newest block that can be proved final; none in the first blocks of a chain, and after a start from nothing.
    fn newest(&self) -> Result<Option<Justified>, ReadError>;

    /// The sets that the node knows.
    fn sets(&self) -> Result<Sets, ReadError>;

    /// The last block of a set; `None` when the node cannot prove that it hands over.
    fn handoff(&self, number: u32) -> Result<Option<Final>, ReadError>;

    /// The nodes of a block's state trie that lead to `keys`, none else and none twice.
    fn prove(&self, block: BlockHash, keys: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, ReadError>;

    /// The keys of the set that signed a block, which has the number `set`.
    fn signers(&self, block: &Justified, set: u64) -> Result<Vec<[u8; 32]>, ReadError>;
}
