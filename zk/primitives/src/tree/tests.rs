//! The trees against a naive one.

mod multiproof;

use super::*;
use crate::{element::hash_to_field, poseidon, Attestation, NativeHasher};
use codec::{Decode, Encode};
use proptest::prelude::*;
use std::{cell::RefCell, collections::BTreeMap, format, fs, string::String, vec, vec::Vec};

/// Every node, computed from all leaves, empty ones included.
fn naive_root(tree: Tree, leaves: &BTreeMap<u32, Element>, depth: usize) -> Element {
    fn node(tree: Tree, leaves: &BTreeMap<u32, Element>, level: usize, index: u32) -> Element {
        let span = u64::from(index) << level..(u64::from(index) + 1) << level;
        if level == 0 {
            return leaves.get(&index).copied().unwrap_or(Tree::empty_leaf());
        }
        if !leaves.keys().any(|k| span.contains(&u64::from(*k))) {
            return tree.empty_node(level);
        }
        let (left, right) = (
            node(tree, leaves, level - 1, index * 2),
            node(tree, leaves, level - 1, index * 2 + 1),
        );
        poseidon::hash_elements(tree.domain(), left, right)
    }
    node(tree, leaves, depth, 0)
}

fn leaf(n: u32) -> Element {
    Element::from_u64(u64::from(n) + 1)
}

#[test]
fn the_tables_of_empty_nodes_are_right() {
    let empty = hash_to_field(b"ofage/empty-leaf/v1", &[]);
    let mut out = String::from("//! Roots of empty subtrees, by height. Checked by a test, which also writes them; do not edit.\n\nuse crate::Element;\n\n");
    for (tree, name, what) in [
        (Tree::Shard, "SHARD", "a shard"),
        (Tree::Cap, "CAP", "the cap"),
        (Tree::Trust, "TRUST", "a trust list"),
    ] {
        let mut row = vec![empty];
        for level in 0..tree.depth() {
            row.push(poseidon::hash_elements(tree.domain(), row[level], row[level]));
        }
        out += &format!(
            "/// Empty nodes of {what}.\n#[rustfmt::skip]\npub(super) const {name}: [Element; {}] = [\n",
            row.len()
        );
        for node in row {
            let bytes: Vec<String> = node.to_bytes().iter().map(|b| format!("0x{b:02x}")).collect();
            out += &format!("    e([{}]),\n", bytes.join(", "));
        }
        out += "];\n\n";
    }
    out += "const fn e(bytes: [u8; 32]) -> Element {\n    Element::from_pinned(bytes)\n}\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tree/empty.rs");
    if std::env::var_os("OFAGE_REGENERATE").is_some() {
        fs::write(path, &out).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == out,
        "run this test with OFAGE_REGENERATE=1"
    );
}

#[test]
fn empty_leaves_are_no_number_that_a_holder_could_choose() {
    // The constant is the hash of a text; it is neither zero nor any tagged hash of small values.
    let empty = Tree::empty_leaf();
    assert!(empty != Element::ZERO);
    for domain in crate::Domain::ALL {
        assert!(poseidon::hash_elements(domain, Element::ZERO, Element::ZERO) != empty);
    }
}

#[test]
fn nodes_of_different_trees_differ() {
    let all =
        [Tree::Shard, Tree::Cap, Tree::Trust].map(|t| poseidon::hash_elements(t.domain(), leaf(1), leaf(2)));
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_appended_give_the_naive_root(sizes in proptest::collection::vec(0usize..40, 1..6)) {
        let (mut frontier, mut leaves) = (Frontier::default(), BTreeMap::new());
        for size in sizes {
            let start = leaves.len() as u32;
            let batch: Vec<Attestation> = (start..start + size as u32).map(|i| Attestation::from_element(leaf(i))).collect();
            leaves.extend((start..).zip(batch.iter().map(|a| a.element())));
            let root = frontier.append::<NativeHasher>(&batch).unwrap();
            prop_assert_eq!(root.element(), naive_root(Tree::Shard, &leaves, SHARD_DEPTH));
            prop_assert_eq!(frontier.root::<NativeHasher>(), root);
            prop_assert_eq!(usize::from(frontier.len()), leaves.len());
        }
        // The same leaves one by one end in the same state.
        let mut slow = Frontier::default();
        for element in leaves.values() {
            slow.append::<NativeHasher>(&[Attestation::from_element(*element)]).unwrap();
        }
        prop_assert_eq!(slow, frontier);
    }

    #[test]
    fn stored_trees_follow_updates(rounds in proptest::collection::vec(
        proptest::collection::btree_map(0u32..70, any::<u32>(), 0..6), 1..6)) {
        let stored = RefCell::new(BTreeMap::<(u8, u32), Element>::new());
        let (mut leaves, mut dense) = (BTreeMap::new(), DenseTree::new(Tree::Cap, Vec::new()).unwrap());
        for round in rounds {
            let changed: BTreeMap<u32, Element> = round.into_iter().map(|(i, v)| (i, leaf(v))).collect();
            leaves.extend(changed.clone());
            let root = update_nodes::<NativeHasher>(
                Tree::Cap,
                &changed,
                |level, index| stored.borrow().get(&(level, index)).copied(),
                |level, index, node| { stored.borrow_mut().insert((level, index), node); },
            );
            prop_assert_eq!(root, naive_root(Tree::Cap, &leaves, CAP_DEPTH));
            for (index, value) in &changed {
                dense.set(*index, *value).unwrap();
            }
            prop_assert_eq!(dense.root(), root);
        }
    }

    #[test]
    fn every_path_leads_to_the_root(count in 1u32..50, probe in 0u32..4096) {
        let tree = DenseTree::new(Tree::Shard, (0..count).map(leaf).collect()).unwrap();
        let path: ShardPath = tree.path(probe).unwrap();
        prop_assert_eq!(path.root(Tree::Shard, tree.leaf(probe)), tree.root());
        prop_assert_ne!(path.root(Tree::Shard, leaf(5000)), tree.root());
        prop_assert_ne!(path.root(Tree::Trust, tree.leaf(probe)), tree.root());
    }
}

#[test]
fn a_full_shard_takes_no_more_and_stays_as_it_is() {
    let all: Vec<Attestation> = (0..SHARD_CAPACITY)
        .map(|i| Attestation::from_element(leaf(i)))
        .collect();
    let mut frontier = Frontier::default();
    frontier.append::<NativeHasher>(&all[..4000]).unwrap();
    let before = frontier.clone();
    assert_eq!(frontier.append::<NativeHasher>(&all[..97]), Err(TreeFull));
    assert_eq!(frontier, before);
    let root = frontier.append::<NativeHasher>(&all[4000..]).unwrap();
    assert!(frontier.is_full());
    let dense = DenseTree::new(Tree::Shard, all.iter().map(|a| a.element()).collect()).unwrap();
    assert_eq!(root.element(), dense.root());
    assert_eq!(frontier.append::<NativeHasher>(&all[..1]), Err(TreeFull));
    assert_eq!(frontier.root::<NativeHasher>(), root);
}

#[test]
fn positions_outside_a_tree_are_refused() {
    let mut tree = DenseTree::new(Tree::Trust, Vec::new()).unwrap();
    assert_eq!(tree.set(TRUST_CAPACITY, leaf(0)), Err(TreeFull));
    assert!(tree.path::<TRUST_DEPTH>(TRUST_CAPACITY).is_none());
    assert!(tree.path::<CAP_DEPTH>(0).is_none());
    assert!(ShardPath::new(SHARD_CAPACITY, [Element::ZERO; SHARD_DEPTH]).is_none());
    assert!(DenseTree::new(Tree::Shard, vec![leaf(0); 4097]).is_err());
    assert_eq!(tree.root(), Tree::Trust.empty_root());
}

#[test]
fn a_path_decodes_to_positions_of_its_tree_only() {
    let path = |index: u32| (index, [Element::ZERO; SHARD_DEPTH]).encode();
    assert!(ShardPath::decode(&mut &path(SHARD_CAPACITY - 1)[..]).is_ok());
    assert!(ShardPath::decode(&mut &path(SHARD_CAPACITY)[..]).is_err());
}
