//! A whole tree in memory, for whoever makes witnesses.

use super::{multiproof::sibling_places, MerklePath, MultiProof, Tree, TreeFull};
use crate::{poseidon, Element};
use alloc::{vec, vec::Vec};

/// All nodes of a tree whose leaves from some position on are empty; memory grows with the leaves before it.
///
/// No `Debug`: it holds whole layers.
#[derive(Clone)]
pub struct DenseTree {
    tree: Tree,
    /// `rows[l]` holds the nodes of level `l`, without the empty ones at the end.
    rows: Vec<Vec<Element>>,
}

impl DenseTree {
    /// Builds a tree over its first leaves.
    ///
    /// # Errors
    /// [`TreeFull`] when there are more than fit.
    pub fn new(tree: Tree, leaves: Vec<Element>) -> Result<Self, TreeFull> {
        if leaves.len() > tree.capacity() as usize {
            return Err(TreeFull);
        }
        let mut rows = vec![leaves];
        for level in 0..tree.depth() {
            let row = &rows[level];
            let layer: Vec<[Element; 2]> = row
                .chunks(2)
                .map(|pair| {
                    [
                        pair[0],
                        pair.get(1).copied().unwrap_or_else(|| tree.empty_node(level)),
                    ]
                })
                .collect();
            rows.push(poseidon::hash_layer(tree.domain(), &layer));
        }
        Ok(Self { tree, rows })
    }

    /// Leaves before the empty rest.
    pub fn len(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// Whether every leaf is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The leaf at a position; the empty leaf beyond the last.
    pub fn leaf(&self, index: u32) -> Element {
        self.node(0, index)
    }

    /// The root.
    pub fn root(&self) -> Element {
        self.node(self.tree.depth(), 0)
    }

    /// Sets a leaf, filling up with empty ones before it.
    ///
    /// # Errors
    /// [`TreeFull`] when the position is not in the tree.
    pub fn set(&mut self, index: u32, leaf: Element) -> Result<(), TreeFull> {
        if index >= self.tree.capacity() {
            return Err(TreeFull);
        }
        let first = (self.len() as u32).min(index);
        self.put(0, index, leaf);
        for level in 0..self.tree.depth() {
            // Filling up adds nodes left of this path; they are made on the way.
            for parent in (first >> (level + 1))..=(index >> (level + 1)) {
                let node = poseidon::hash_elements(
                    self.tree.domain(),
                    self.node(level, parent * 2),
                    self.node(level, parent * 2 + 1),
                );
                self.put(level + 1, parent, node);
            }
        }
        Ok(())
    }

    /// Appends a leaf.
    ///
    /// # Errors
    /// [`TreeFull`] when there is no room.
    pub fn push(&mut self, leaf: Element) -> Result<(), TreeFull> {
        self.set(self.len() as u32, leaf)
    }

    /// The path of a position; `None` when it is not in the tree, or DEPTH is not this tree's.
    pub fn path<const DEPTH: usize>(&self, index: u32) -> Option<MerklePath<DEPTH>> {
        if DEPTH != self.tree.depth() {
            return None;
        }
        let siblings = core::array::from_fn(|level| self.node(level, (index >> level) ^ 1));
        MerklePath::new(index, siblings)
    }

    /// The proof of several positions, which have to ascend; `None` when they do not, or one is not in the tree.
    pub fn multiproof(&self, positions: &[u32]) -> Option<MultiProof> {
        // Ascending positions of the tree, so that there is a bound on what is computed.
        let ascend = positions.is_sorted_by(|one, next| one < next);
        if !ascend || positions.last().is_none_or(|last| *last >= self.tree.capacity()) {
            return None;
        }
        let siblings = sibling_places(self.tree, positions.to_vec())
            .into_iter()
            .map(|(level, index)| self.node(level, index))
            .collect();
        let leaves = positions
            .iter()
            .map(|position| (*position, self.leaf(*position)))
            .collect();
        MultiProof::new(self.tree, leaves, siblings).ok()
    }

    pub(super) fn node(&self, level: usize, index: u32) -> Element {
        let stored = self.rows.get(level).and_then(|row| row.get(index as usize));
        stored.copied().unwrap_or_else(|| self.tree.empty_node(level))
    }

    fn put(&mut self, level: usize, index: u32, node: Element) {
        let (empty, index) = (self.tree.empty_node(level), index as usize);
        let row = &mut self.rows[level];
        if row.len() <= index {
            row.resize(index + 1, empty);
        }
        row[index] = node;
    }
}
