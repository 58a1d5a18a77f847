//! Paths from a leaf to a root.

use super::{Tree, CAP_DEPTH, SHARD_DEPTH, TRUST_DEPTH};
use crate::{poseidon, Element};
use codec::{Decode, Encode, Error as CodecError, Input};

/// A leaf's position and siblings, from the leaf upwards. No `Debug`: it identifies a person.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct MerklePath<const DEPTH: usize> {
    index: u32,
    siblings: [Element; DEPTH],
}

/// Path in a shard.
pub type ShardPath = MerklePath<SHARD_DEPTH>;
/// Path in the cap.
pub type CapPath = MerklePath<CAP_DEPTH>;
/// Path in a trust list.
pub type TrustPath = MerklePath<TRUST_DEPTH>;

impl<const DEPTH: usize> MerklePath<DEPTH> {
    /// Takes a position and the siblings, lowest first; `None` when the position is not below 2^DEPTH.
    pub fn new(index: u32, siblings: [Element; DEPTH]) -> Option<Self> {
        (u64::from(index) < 1 << DEPTH).then_some(Self { index, siblings })
    }

    /// Position of the leaf.
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// Siblings, lowest first.
    pub const fn siblings(&self) -> &[Element; DEPTH] {
        &self.siblings
    }

    /// The root that this path leads to from `leaf`, with the node tag of `tree`.
    pub fn root(&self, tree: Tree, leaf: Element) -> Element {
        let mut node = leaf;
        for (level, sibling) in self.siblings.iter().enumerate() {
            let is_right = (self.index >> level) & 1 == 1;
            let (left, right) = if is_right {
                (*sibling, node)
            } else {
                (node, *sibling)
            };
            node = poseidon::hash_elements(tree.domain(), left, right);
        }
        node
    }
}

impl<const DEPTH: usize> Decode for MerklePath<DEPTH> {
    fn decode<I: Input>(input: &mut I) -> Result<Self, CodecError> {
        let index = u32::decode(input)?;
        Self::new(index, Decode::decode(input)?).ok_or_else(|| "position is not in the tree".into())
    }
}
