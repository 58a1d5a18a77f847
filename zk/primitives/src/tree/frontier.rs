//! Appending to a tree while keeping one node a level.

use super::{Tree, TreeFull, SHARD_DEPTH};
use crate::{Attestation, Element, LayerHasher, ShardRoot};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What must be kept of a shard to append to it: the roots of the full subtrees left of the next position.
///
/// `nodes[l]` is the root of the full subtree of height `l` that ends at `len` with its low `l` bits cleared, if bit `l`
/// of `len` is set, and zero otherwise; so the last one is the root of a full shard.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Frontier {
    len: u16,
    nodes: [Element; SHARD_DEPTH + 1],
}

impl Default for Frontier {
    fn default() -> Self {
        Self {
            len: 0,
            nodes: [Element::ZERO; SHARD_DEPTH + 1],
        }
    }
}

impl Frontier {
    /// Attestations so far.
    pub const fn len(&self) -> u16 {
        self.len
    }

    /// Whether nothing was appended yet.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether nothing more fits.
    pub fn is_full(&self) -> bool {
        u32::from(self.len) == Tree::Shard.capacity()
    }

    /// Appends attestations, a layer at a time, with about one hash an attestation and 12 more.
    ///
    /// # Errors
    /// [`TreeFull`] when they do not all fit; nothing is appended then.
    pub fn append<H: LayerHasher>(&mut self, leaves: &[Attestation]) -> Result<ShardRoot, TreeFull> {
        let total = leaves.len().checked_add(usize::from(self.len)).ok_or(TreeFull)?;
        if total > Tree::Shard.capacity() as usize {
            return Err(TreeFull);
        }
        if self.is_full() {
            return Ok(ShardRoot::from_element(self.nodes[SHARD_DEPTH]));
        }
        let new_len = total as u32;
        let mut start = u32::from(self.len);
        let mut row: Vec<Element> = leaves.iter().map(|leaf| leaf.element()).collect();
        for level in 0..SHARD_DEPTH {
            if start % 2 == 1 {
                row.insert(0, self.nodes[level]);
                start -= 1;
            }
            self.nodes[level] = self.full_node(level, new_len, start, &row);
            if row.len() % 2 == 1 {
                row.push(Tree::Shard.empty_node(level));
            }
            row = H::hash_layer(Tree::Shard.domain(), &pairs(&row));
            start /= 2;
        }
        self.len = new_len as u16;
        let root = row.first().copied().unwrap_or_else(|| Tree::Shard.empty_root());
        if self.is_full() {
            self.nodes[SHARD_DEPTH] = root;
        }
        Ok(ShardRoot::from_element(root))
    }

    /// Takes over a node of the shard that changed, if it is among those kept; `level` 0 are leaves.
    ///
    /// Whoever replaced a leaf tells every node above it, up to the root, and the leaf. One of them is kept when the leaf was
    /// appended, since the nodes kept cover exactly what was.
    pub fn mend(&mut self, level: u8, index: u32, node: Element) {
        let full = u32::from(self.len).checked_shr(u32::from(level)).unwrap_or(0);
        let is_kept = full % 2 == 1 && index == full - 1;
        if let Some(kept) = self.nodes.get_mut(usize::from(level)).filter(|_| is_kept) {
            *kept = node;
        }
    }

    /// The node to keep at `level`: the last full one if their number is odd.
    fn full_node(&self, level: usize, new_len: u32, start: u32, row: &[Element]) -> Element {
        let full = new_len >> level;
        if full.is_multiple_of(2) {
            return Element::ZERO;
        }
        (full - 1)
            .checked_sub(start)
            .and_then(|i| row.get(i as usize).copied())
            .unwrap_or(self.nodes[level])
    }

    /// The root, with 12 hashes at most.
    pub fn root<H: LayerHasher>(&self) -> ShardRoot {
        let mut same = self.clone();
        same.append::<H>(&[])
            .unwrap_or_else(|_| ShardRoot::from_element(Tree::Shard.empty_root()))
    }
}

fn pairs(row: &[Element]) -> Vec<[Element; 2]> {
    row.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}
