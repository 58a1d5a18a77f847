//! The three Merkle trees: shards (depth 12), the cap above them (depth 20), trust lists (depth 12).
//!
//! All are binary and of fixed depth. Each has its own node tag, so a node of one tree is no node of another.
//! Empty leaves, everywhere, are one hash-to-field constant of which nobody knows a preimage under any tag.

mod dense;
mod empty;
mod frontier;
mod multiproof;
mod path;
mod sparse;

pub use dense::DenseTree;
pub use frontier::Frontier;
pub use multiproof::{MultiProof, MultiProofError, Replaced, MAX_SIBLINGS};
pub use path::{CapPath, MerklePath, ShardPath, TrustPath};
pub use sparse::update_nodes;

use crate::{Domain, Element};

/// Depth of a shard: 4,096 attestations.
pub const SHARD_DEPTH: usize = 12;
/// Depth of the cap: 1,048,576 shards.
pub const CAP_DEPTH: usize = 20;
/// Depth of a trust list: 4,096 issuers.
pub const TRUST_DEPTH: usize = 12;
/// Attestations in a shard.
pub const SHARD_CAPACITY: u32 = 1 << SHARD_DEPTH;
/// Shards under the cap.
pub const CAP_CAPACITY: u32 = 1 << CAP_DEPTH;
/// Issuers in a trust list.
pub const TRUST_CAPACITY: u32 = 1 << TRUST_DEPTH;

/// There is no room for that many leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no room for that many leaves; start another one")]
pub struct TreeFull;

/// Which tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// One issuer's attestations.
    Shard,
    /// The shards.
    Cap,
    /// A trust list's issuers.
    Trust,
}

impl Tree {
    /// Levels of nodes above the leaves.
    pub const fn depth(self) -> usize {
        match self {
            Self::Shard => SHARD_DEPTH,
            Self::Cap => CAP_DEPTH,
            Self::Trust => TRUST_DEPTH,
        }
    }

    /// Leaves that fit.
    pub const fn capacity(self) -> u32 {
        1 << self.depth()
    }

    /// Tag of the nodes.
    pub const fn domain(self) -> Domain {
        match self {
            Self::Shard => Domain::ShardNode,
            Self::Cap => Domain::CapNode,
            Self::Trust => Domain::TrustNode,
        }
    }

    /// The empty leaf: `hash_to_field("ofage/empty-leaf/v1")`.
    pub const fn empty_leaf() -> Element {
        empty::SHARD[0]
    }

    /// Root of an empty subtree of height `level`; of the whole tree for any level above its depth.
    pub fn empty_node(self, level: usize) -> Element {
        let level = level.min(self.depth());
        match self {
            Self::Shard => empty::SHARD[level],
            Self::Cap => empty::CAP[level],
            Self::Trust => empty::TRUST[level],
        }
    }

    /// Root of the empty tree.
    pub fn empty_root(self) -> Element {
        self.empty_node(self.depth())
    }
}

#[cfg(test)]
mod tests;
