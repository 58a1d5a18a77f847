//! Several leaves of one tree, and what leads from them to its root.

use super::{Tree, SHARD_CAPACITY};
use crate::{Element, LayerHasher};
use alloc::vec::Vec;

/// Most siblings that a multiproof of a shard needs: one beside every second leaf.
///
/// Each sibling stands for at least one leaf and lies beside a subtree with a proved one. The siblings of the lowest level
/// are at most as many as the proved leaves; one higher up takes the place of two that could be below it.
pub const MAX_SIBLINGS: u32 = SHARD_CAPACITY / 2;

/// Why leaves and siblings are no [`MultiProof`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MultiProofError {
    /// There is no leaf, or the positions do not ascend, or one is not in the tree.
    #[error("the positions are none, do not ascend, or are not in the tree; sort them, and name each once")]
    Positions,
    /// The siblings are not as many as these positions need.
    #[error("the siblings are not as many as these positions need; compute the proof anew")]
    Siblings,
}

/// Leaves of a tree with just those siblings that lead to its root.
///
/// Positions ascend. The siblings are in the order in which they are used: level by level from the leaves up, and from left to
/// right in each, where a node that follows from the leaves is never among them. So there is one proof for each set of
/// positions, and that of a single position is its [path](super::MerklePath). For `n` leaves and `s` siblings a root takes
/// `n + s - 1` hashes. No `Debug`: it identifies people.
#[derive(Clone, PartialEq, Eq)]
pub struct MultiProof {
    tree: Tree,
    leaves: Vec<(u32, Element)>,
    siblings: Vec<Element>,
}

/// Roots before and after leaves were replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The root of the leaves in the proof: compare it with the known one before anything else.
    pub old: Element,
    /// The root of the leaves in their place.
    pub new: Element,
}

impl MultiProof {
    /// Takes leaves with their positions, and siblings.
    ///
    /// # Errors
    /// See [`MultiProofError`]. The siblings are counted here, so that no proof is hashed in vain.
    pub fn new(
        tree: Tree,
        leaves: Vec<(u32, Element)>,
        siblings: Vec<Element>,
    ) -> Result<Self, MultiProofError> {
        let ascend = leaves.is_sorted_by(|(one, _), (next, _)| one < next);
        let last = leaves.last().ok_or(MultiProofError::Positions)?;
        if !ascend || last.0 >= tree.capacity() {
            return Err(MultiProofError::Positions);
        }
        let positions = leaves.iter().map(|(position, _)| *position).collect();
        if siblings.len() != sibling_places(tree, positions).len() {
            return Err(MultiProofError::Siblings);
        }
        Ok(Self {
            tree,
            leaves,
            siblings,
        })
    }

    /// The leaves with their positions, which ascend.
    pub fn leaves(&self) -> &[(u32, Element)] {
        &self.leaves
    }

    /// The siblings, in the order in which they are used.
    pub fn siblings(&self) -> &[Element] {
        &self.siblings
    }

    /// The root that the leaves lead to.
    pub fn root<H: LayerHasher>(&self) -> Element {
        let [root] = self.climb::<H, 1>(|_, leaf| [leaf], |_, _, _| {});
        root
    }

    /// The roots before and after each leaf is replaced by the one that `with` gives for its position.
    ///
    /// `changed(level, index, node)` is told every node of the new tree on the way, leaves first and from left to right. It
    /// knows nothing about the old root yet: what it keeps counts only if that turns out right.
    pub fn replace<H: LayerHasher>(
        &self,
        with: impl Fn(u32) -> Element,
        mut changed: impl FnMut(u8, u32, Element),
    ) -> Replaced {
        let [old, new] = self.climb::<H, 2>(
            |position, leaf| [leaf, with(position)],
            |level, index, [_, new]| changed(level, index, new),
        );
        Replaced { old, new }
    }

    /// Hashes `N` trees with the same siblings at once, a layer at a time; `visit` sees all nodes on the way.
    fn climb<H: LayerHasher, const N: usize>(
        &self,
        leaves: impl Fn(u32, Element) -> [Element; N],
        mut visit: impl FnMut(u8, u32, [Element; N]),
    ) -> [Element; N] {
        let mut siblings = self.siblings.iter();
        let mut row: Vec<(u32, [Element; N])> = self
            .leaves
            .iter()
            .map(|(position, leaf)| (*position, leaves(*position, *leaf)))
            .collect();
        for level in 0..self.tree.depth() {
            let mut parents = Vec::with_capacity(row.len());
            let mut layer = Vec::with_capacity(row.len().saturating_mul(N));
            let mut nodes = row.into_iter().peekable();
            while let Some((index, node)) = nodes.next() {
                visit(level as u8, index, node);
                let beside = if index % 2 == 0 {
                    nodes.next_if(|(next, _)| *next == index + 1)
                } else {
                    None
                };
                let (left, right) = match beside {
                    Some((next, right)) => {
                        visit(level as u8, next, right);
                        (node, right)
                    }
                    None => {
                        let sibling = siblings.next().expect("`new` counted the siblings; qed");
                        let sibling = [*sibling; N];
                        if index % 2 == 0 {
                            (node, sibling)
                        } else {
                            (sibling, node)
                        }
                    }
                };
                parents.push(index / 2);
                layer.extend(left.into_iter().zip(right).map(|(left, right)| [left, right]));
            }
            let hashes = H::hash_layer(self.tree.domain(), &layer);
            row = parents
                .into_iter()
                .zip(hashes.chunks_exact(N))
                .map(|(index, nodes)| (index, core::array::from_fn(|side| nodes[side])))
                .collect();
        }
        let (_, root) = row.first().expect("`new` refuses proofs without leaves; qed");
        visit(self.tree.depth() as u8, 0, *root);
        *root
    }
}

/// Levels and indices of the siblings that lead from ascending positions to the root, in the order of a [`MultiProof`].
pub(super) fn sibling_places(tree: Tree, positions: Vec<u32>) -> Vec<(usize, u32)> {
    let mut places = Vec::new();
    let mut row = positions;
    for level in 0..tree.depth() {
        for (at, index) in row.iter().enumerate() {
            let sibling = index ^ 1;
            let beside = if index % 2 == 0 {
                row.get(at + 1)
            } else {
                at.checked_sub(1).and_then(|before| row.get(before))
            };
            if beside != Some(&sibling) {
                places.push((level, sibling));
            }
        }
        row.iter_mut().for_each(|index| *index /= 2);
        row.dedup();
    }
    places
}
