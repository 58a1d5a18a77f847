//! Updating several leaves of a stored tree at once.

use super::Tree;
use crate::{Element, LayerHasher};
use alloc::{collections::BTreeMap, vec::Vec};

/// Writes `changed` leaves into a stored tree and gives the new root.
///
/// Goes layer by layer, so that paths which meet are hashed once: at most `depth` hashes, reads and writes a leaf.
/// `read(level, index)` gives a stored node (level 0 are leaves) or `None` for an empty one; `write` stores one.
/// Indices at or above the capacity are ignored. Without changes the stored root is returned.
pub fn update_nodes<H: LayerHasher>(
    tree: Tree,
    changed: &BTreeMap<u32, Element>,
    read: impl Fn(u8, u32) -> Option<Element>,
    mut write: impl FnMut(u8, u32, Element),
) -> Element {
    let mut row: BTreeMap<u32, Element> = changed
        .iter()
        .filter(|(i, _)| **i < tree.capacity())
        .map(|(i, e)| (*i, *e))
        .collect();
    for level in 0..tree.depth() as u8 {
        row.iter().for_each(|(index, node)| write(level, *index, *node));
        let node = |index: u32| {
            row.get(&index)
                .copied()
                .or_else(|| read(level, index))
                .unwrap_or_else(|| tree.empty_node(usize::from(level)))
        };
        let mut parents: Vec<u32> = row.keys().map(|index| index / 2).collect();
        parents.dedup();
        let layer: Vec<[Element; 2]> = parents.iter().map(|p| [node(p * 2), node(p * 2 + 1)]).collect();
        row = parents
            .into_iter()
            .zip(H::hash_layer(tree.domain(), &layer))
            .collect();
    }
    let top = tree.depth() as u8;
    match row.get(&0) {
        Some(root) => {
            write(top, 0, *root);
            *root
        }
        None => read(top, 0).unwrap_or_else(|| tree.empty_root()),
    }
}
