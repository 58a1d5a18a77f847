//! Multiproofs and mended frontiers against naive trees.

use super::*;
use crate::{Domain, LayerHasher};
use std::{cell::Cell, thread_local};

/// A shard of `len` leaves.
fn shard(len: u32) -> DenseTree {
    DenseTree::new(Tree::Shard, (0..len).map(leaf).collect()).unwrap()
}

/// Positions below `len`, ascending.
fn positions(len: u32, most: usize) -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::btree_set(0..len, 1..=most.min(len as usize))
        .prop_map(|positions| positions.into_iter().collect())
}

fn proof(tree: &DenseTree, positions: &[u32]) -> MultiProof {
    tree.multiproof(positions).unwrap()
}

/// The parts of a proof, to be spoiled.
fn parts(tree: &DenseTree, positions: &[u32]) -> (Vec<(u32, Element)>, Vec<Element>) {
    let proof = proof(tree, positions);
    (proof.leaves().to_vec(), proof.siblings().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn proofs_of_any_positions_lead_to_the_root((len, positions) in (1u32..90).prop_flat_map(|len| (Just(len), positions(len, 90)))) {
        let tree = shard(len);
        prop_assert_eq!(proof(&tree, &positions).root::<NativeHasher>(), tree.root());
    }

    #[test]
    fn leaves_may_be_anywhere_in_the_tree(positions in positions(SHARD_CAPACITY, 40), len in 0u32..50) {
        let tree = shard(len);
        prop_assert_eq!(proof(&tree, &positions).root::<NativeHasher>(), tree.root());
    }

    #[test]
    fn replaced_leaves_give_the_naive_root_and_every_node_on_the_way(
        (len, positions) in (1u32..90).prop_flat_map(|len| (Just(len), positions(len, 90)))
    ) {
        let tree = shard(len);
        let mut told = BTreeMap::new();
        let roots = proof(&tree, &positions).replace::<NativeHasher>(
            |position| leaf(position + 7_000),
            |level, index, node| assert_eq!(told.insert((level, index), node), None, "told once"),
        );
        prop_assert_eq!(roots.old, tree.root());

        let mut after = tree.clone();
        for position in &positions {
            after.set(*position, leaf(position + 7_000)).unwrap();
        }
        prop_assert_eq!(roots.new, after.root());
        let on_the_way: BTreeMap<_, _> = (0..=SHARD_DEPTH as u8)
            .flat_map(|level| positions.iter().map(move |position| (level, position >> level)))
            .map(|(level, index)| ((level, index), after.node(level.into(), index)))
            .collect();
        prop_assert!(told == on_the_way);
    }

    #[test]
    fn a_mended_frontier_is_that_of_the_changed_leaves(
        (len, positions) in (1u32..200).prop_flat_map(|len| (Just(len), positions(len, 12))),
        more in 0u32..70,
    ) {
        let (mut leaves, mut frontier) = appended(len);
        let tree = DenseTree::new(Tree::Shard, leaves.clone()).unwrap();
        proof(&tree, &positions)
            .replace::<NativeHasher>(|_| Tree::empty_leaf(), |level, index, node| frontier.mend(level, index, node));
        for position in &positions {
            leaves[*position as usize] = Tree::empty_leaf();
        }
        prop_assert!(frontier == frontier_of(&leaves));
        // And so is the one of what is appended later.
        let batch: Vec<Element> = (0..more).map(|n| leaf(n + 9_000)).collect();
        frontier.append::<NativeHasher>(&attestations(&batch)).unwrap();
        leaves.extend(batch);
        prop_assert!(frontier == frontier_of(&leaves));
    }

    #[test]
    fn no_spoiled_part_leads_to_the_root(
        (len, positions) in (2u32..90).prop_flat_map(|len| (Just(len), positions(len, 20))),
        at in any::<prop::sample::Index>(),
    ) {
        let tree = shard(len);
        let (leaves, siblings) = parts(&tree, &positions);
        let mut spoiled = leaves.clone();
        spoiled[at.index(leaves.len())].1 = leaf(8_000);
        let other = MultiProof::new(Tree::Shard, spoiled, siblings.clone()).unwrap();
        prop_assert_ne!(other.root::<NativeHasher>(), tree.root());
        if !siblings.is_empty() {
            let mut spoiled = siblings.clone();
            spoiled[at.index(siblings.len())] = leaf(8_000);
            let other = MultiProof::new(Tree::Shard, leaves, spoiled).unwrap();
            prop_assert_ne!(other.root::<NativeHasher>(), tree.root());
        }
    }
}

fn attestations(leaves: &[Element]) -> Vec<Attestation> {
    leaves
        .iter()
        .map(|leaf| Attestation::from_element(*leaf))
        .collect()
}

fn frontier_of(leaves: &[Element]) -> Frontier {
    let mut frontier = Frontier::default();
    frontier.append::<NativeHasher>(&attestations(leaves)).unwrap();
    frontier
}

fn appended(len: u32) -> (Vec<Element>, Frontier) {
    let leaves: Vec<Element> = (0..len).map(leaf).collect();
    let frontier = frontier_of(&leaves);
    (leaves, frontier)
}

#[test]
fn a_frontier_is_mended_at_every_position_of_every_length() {
    for len in 1..=40 {
        for position in 0..len {
            let (mut leaves, mut frontier) = appended(len);
            let tree = DenseTree::new(Tree::Shard, leaves.clone()).unwrap();
            proof(&tree, &[position]).replace::<NativeHasher>(
                |_| Tree::empty_leaf(),
                |level, index, node| frontier.mend(level, index, node),
            );
            leaves[position as usize] = Tree::empty_leaf();
            assert!(frontier == frontier_of(&leaves), "position {position} of {len}");
        }
    }
}

#[test]
fn a_full_shards_frontier_is_mended_too() {
    let (mut leaves, mut frontier) = appended(SHARD_CAPACITY);
    let tree = DenseTree::new(Tree::Shard, leaves.clone()).unwrap();
    proof(&tree, &[0, 4095]).replace::<NativeHasher>(
        |_| Tree::empty_leaf(),
        |level, index, node| frontier.mend(level, index, node),
    );
    (leaves[0], leaves[4095]) = (Tree::empty_leaf(), Tree::empty_leaf());
    assert!(frontier == frontier_of(&leaves));
}

#[test]
fn a_frontier_takes_over_no_other_nodes() {
    let (_, frontier) = appended(6);
    let mut same = frontier.clone();
    // Of six leaves it keeps the root of the first four, and that of the next two.
    for (level, index) in [
        (0, 0),
        (0, 5),
        (1, 0),
        (1, 1),
        (2, 1),
        (3, 0),
        (12, 0),
        (13, 0),
        (200, 0),
    ] {
        same.mend(level, index, leaf(1));
    }
    assert!(same == frontier);
    let mut other = frontier.clone();
    other.mend(1, 2, leaf(1));
    assert!(other != frontier);
    let mut empty = Frontier::default();
    (0..=12).for_each(|level| empty.mend(level, 0, leaf(1)));
    assert!(empty == Frontier::default());
}

#[test]
fn the_proof_of_one_position_is_its_path() {
    let tree = shard(70);
    for position in [0, 1, 37, 69, 70, 4095] {
        let path: ShardPath = tree.path(position).unwrap();
        let proof = proof(&tree, &[position]);
        assert!(proof.siblings() == path.siblings());
        assert!(proof.leaves() == [(position, tree.leaf(position))]);
    }
}

#[test]
fn siblings_are_in_the_documented_order() {
    // Of positions 1, 2 and 5: node 0, node 3, node 4 of the leaves; then node 3 of the pairs; then the right half of 16, ...
    let tree = shard(100);
    let proof = proof(&tree, &[1, 2, 5]);
    let mut expected = vec![(0, 0), (0, 3), (0, 4), (1, 3)];
    expected.extend((3..SHARD_DEPTH).map(|level| (level, 1)));
    let expected: Vec<Element> = expected
        .into_iter()
        .map(|(level, index)| tree.node(level, index))
        .collect();
    assert!(proof.siblings() == expected);
}

#[test]
fn a_proof_of_everything_has_no_siblings() {
    let tree = shard(SHARD_CAPACITY);
    let all: Vec<u32> = (0..SHARD_CAPACITY).collect();
    let proof = proof(&tree, &all);
    assert!(proof.siblings().is_empty());
    assert_eq!(proof.root::<NativeHasher>(), tree.root());
    let roots = proof.replace::<NativeHasher>(|_| Tree::empty_leaf(), |_, _, _| {});
    assert_eq!((roots.old, roots.new), (tree.root(), Tree::Shard.empty_root()));
}

/// The most siblings for any number of leaves: of two halves each has as many as it can, or one is a sibling itself.
fn most_siblings(depth: usize) -> u32 {
    match depth {
        0 => 0,
        _ => (2 * most_siblings(depth - 1)).max(most_siblings(depth - 1) + 1),
    }
}

#[test]
fn the_bound_on_siblings_is_reached_and_no_higher() {
    assert_eq!(most_siblings(SHARD_DEPTH), MAX_SIBLINGS);
    let tree = shard(10);
    let every_second: Vec<u32> = (0..SHARD_CAPACITY).step_by(2).collect();
    let (leaves, mut siblings) = parts(&tree, &every_second);
    assert_eq!(siblings.len() as u32, MAX_SIBLINGS);
    let whole = MultiProof::new(Tree::Shard, leaves.clone(), siblings.clone()).unwrap();
    assert_eq!(whole.root::<NativeHasher>(), tree.root());
    siblings.push(leaf(0));
    assert!(MultiProof::new(Tree::Shard, leaves, siblings) == Err(MultiProofError::Siblings));
}

thread_local! {
    static HASHES: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Counts layers and hashes.
struct Counting;

impl LayerHasher for Counting {
    fn hash_layer(domain: Domain, pairs: &[[Element; 2]]) -> Vec<Element> {
        HASHES.with(|counts| {
            let (layers, hashes) = counts.get();
            counts.set((layers + 1, hashes + pairs.len()));
        });
        NativeHasher::hash_layer(domain, pairs)
    }
}

fn counted(run: impl FnOnce()) -> (usize, usize) {
    HASHES.set((0, 0));
    run();
    HASHES.get()
}

#[test]
fn as_many_hashes_are_made_as_are_needed_in_as_many_layers_as_there_are() {
    let tree = shard(100);
    for positions in [&[5][..], &[4, 5], &[0, 99], &[1, 2, 5, 64, 65, 66]] {
        let proof = proof(&tree, positions);
        let needed = positions.len() + proof.siblings().len() - 1;
        let root = counted(|| assert_eq!(proof.root::<Counting>(), tree.root()));
        assert_eq!(root, (SHARD_DEPTH, needed));
        let replace = counted(|| {
            let roots = proof.replace::<Counting>(|_| Tree::empty_leaf(), |_, _, _| {});
            assert_ne!(roots.new, tree.root());
        });
        assert_eq!(replace, (SHARD_DEPTH, 2 * needed));
    }
}

mod rejects {
    use super::*;

    fn with(change: impl FnOnce(&mut Vec<(u32, Element)>, &mut Vec<Element>)) -> Option<MultiProofError> {
        let (mut leaves, mut siblings) = parts(&shard(100), &[3, 8, 9, 77]);
        change(&mut leaves, &mut siblings);
        MultiProof::new(Tree::Shard, leaves, siblings).err()
    }

    #[test]
    fn other_numbers_of_siblings() {
        assert_eq!(with(|_, _| {}), None);
        assert_eq!(
            with(|_, siblings| siblings.clear()),
            Some(MultiProofError::Siblings)
        );
        assert_eq!(
            with(|_, siblings| siblings.truncate(1)),
            Some(MultiProofError::Siblings)
        );
        assert_eq!(
            with(|_, siblings| siblings.push(leaf(1))),
            Some(MultiProofError::Siblings)
        );
        let with_another_leaf = with(|leaves, _| leaves.push((4000, leaf(4000))));
        assert_eq!(with_another_leaf, Some(MultiProofError::Siblings));
    }

    #[test]
    fn positions_that_do_not_ascend() {
        assert_eq!(
            with(|leaves, _| leaves.swap(0, 1)),
            Some(MultiProofError::Positions)
        );
        assert_eq!(
            with(|leaves, _| leaves.reverse()),
            Some(MultiProofError::Positions)
        );
    }

    #[test]
    fn positions_that_are_repeated() {
        assert_eq!(
            with(|leaves, _| leaves.insert(1, leaves[1])),
            Some(MultiProofError::Positions)
        );
        assert_eq!(
            with(|leaves, _| leaves[1].0 = leaves[0].0),
            Some(MultiProofError::Positions)
        );
    }

    #[test]
    fn positions_outside_the_tree() {
        for position in [SHARD_CAPACITY, u32::MAX] {
            assert_eq!(
                with(|leaves, _| leaves[3].0 = position),
                Some(MultiProofError::Positions)
            );
        }
    }

    #[test]
    fn proofs_of_nothing() {
        assert_eq!(with(|leaves, _| leaves.clear()), Some(MultiProofError::Positions));
        assert!(MultiProof::new(Tree::Shard, vec![], vec![Tree::Shard.empty_root()]).is_err());
    }

    #[test]
    fn questions_that_no_proof_answers() {
        let tree = shard(5);
        for positions in [&[][..], &[1, 1], &[2, 1], &[0, SHARD_CAPACITY], &[u32::MAX]] {
            assert!(tree.multiproof(positions).is_none());
        }
    }
}
