//! What is revoked leaf by leaf in shards that are revoked as wholes.

use super::*;
use ofage_primitives::Element;

fn tree(leaves: &[Attestation]) -> DenseTree {
    DenseTree::new(Tree::Shard, leaves.iter().map(|leaf| leaf.element()).collect()).unwrap()
}

/// Revokes a position of a shard that holds these leaves, and takes it from them.
fn revoke_leaf(index: u32, leaves: &mut [Attestation], position: u16) {
    let path: ShardPath = tree(leaves).path(position.into()).unwrap();
    let leaf = &mut leaves[usize::from(position)];
    assert_ok!(AgeRegistry::revoke(
        signed(ISSUER),
        ShardIndex(index),
        position,
        *leaf,
        Box::new(*path.siblings())
    ));
    *leaf = Attestation::from_element(Tree::empty_leaf());
}

/// Revokes several.
fn revoke_leaves(index: u32, leaves: &mut [Attestation], positions: &[u32]) {
    let proof = tree(leaves).multiproof(positions).unwrap();
    let claimed: Vec<_> = positions
        .iter()
        .map(|position| (*position as u16, leaves[*position as usize]))
        .collect();
    assert_ok!(AgeRegistry::revoke_batch(
        signed(ISSUER),
        ShardIndex(index),
        claimed.try_into().unwrap(),
        proof.siblings().to_vec().try_into().unwrap()
    ));
    for position in positions {
        leaves[*position as usize] = Attestation::from_element(Tree::empty_leaf());
    }
}

/// The registry root when those six shards hold these leaves; those with none are revoked.
fn root_of(shards: &[Vec<Attestation>]) -> RegistryRoot {
    let leaf = |(index, leaves): (u32, &Vec<Attestation>)| {
        if leaves.is_empty() {
            return Tree::empty_leaf();
        }
        let id = super::super::id_of(u32::from(matches!(index, 1 | 4)));
        hashes::cap_leaf(shard_root(leaves), id).element()
    };
    let tree = DenseTree::new(Tree::Cap, (0..).zip(shards).map(leaf).collect()).unwrap();
    RegistryRoot::from_element(tree.root())
}

fn cap_leaf(index: u32) -> Element {
    CapNodes::<Test>::get((0, index)).unwrap()
}

#[test]
fn the_shards_root_changes_and_the_registry_root_does_not() {
    run(|| {
        six_shards();
        let block = now();
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        next_block();
        let root = CurrentRoot::<Test>::get();
        let spans = RootHistory::<Test>::get(root.unwrap());
        let mut left = of_shard(3);
        revoke_leaf(3, &mut left, 1);
        System::assert_last_event(
            Event::Revoked {
                issuer: ONE,
                shard: ShardIndex(3),
                position: 1,
            }
            .into(),
        );
        let found = shard(3);
        assert_eq!((found.root, found.len), (shard_root(&left), 3));
        assert_eq!((found.status, found.changed_at), (revoked(block), now()));
        assert!(cap_leaf(3) == Tree::empty_leaf());
        assert!(!Frontiers::<Test>::contains_key(ShardIndex(3)));
        let mut others = of_shard(5);
        revoke_leaves(5, &mut others, &[0, 2]);
        System::assert_last_event(
            Event::BatchRevoked {
                issuer: ONE,
                shard: ShardIndex(5),
                count: 2,
            }
            .into(),
        );
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), root);
        assert_eq!(RootHistory::<Test>::get(root.unwrap()), spans);
        assert_eq!(shard(5).root, shard_root(&others));
    });
}

#[test]
fn a_thiefs_leaves_can_be_taken_out_before_the_others_count_again() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        next_block();
        let mut shards = [0, 1, 2, 3, 4, 5].map(of_shard);
        revoke_leaf(2, &mut shards[2], 0);
        revoke_leaf(2, &mut shards[2], 2);
        next_block();
        revoke_leaves(5, &mut shards[5], &[0, 1]);
        next_block();
        assert_ok!(restore(ISSUER, 2, 5, 3));
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_of(&shards)));
        for index in [2, 3, 5] {
            let leaves = &shards[index as usize];
            let info = AgeRegistry::shard_info(ShardIndex(index)).unwrap();
            let id = super::super::id_of(0);
            assert!(cap_leaf(index) == hashes::cap_leaf(info.root, id).element());
            for (position, leaf) in (0..).zip(leaves) {
                let path: ShardPath = tree(leaves).path(position).unwrap();
                let is_there = path.root(Tree::Shard, leaf.element()) == info.root.element();
                assert!(is_there, "{position} of {index} has its path");
                let before = of_shard(index)[position as usize];
                let is_revoked = leaf.element() == Tree::empty_leaf();
                let was_there = path.root(Tree::Shard, before.element()) == info.root.element();
                assert_eq!(was_there, !is_revoked, "{position} of {index}");
            }
        }
        // As from any other sealed shard.
        revoke_leaf(5, &mut shards[5], 2);
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_of(&shards)));
    });
}

#[test]
fn all_may_happen_in_one_block() {
    run(|| {
        six_shards();
        let mut shards = [0, 1, 2, 3, 4, 5].map(of_shard);
        revoke_leaf(5, &mut shards[5], 0);
        assert_ok!(revoke(ISSUER, 3, 5, 2));
        revoke_leaf(5, &mut shards[5], 1);
        revoke_leaves(3, &mut shards[3], &[1, 2]);
        assert_eq!(DirtyShards::<Test>::get().len(), 2);
        assert_ok!(restore(ISSUER, 5, 5, 1));
        revoke_leaf(5, &mut shards[5], 2);
        next_block();
        let restored = core::mem::take(&mut shards[3]);
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_of(&shards)));
        assert_eq!(shard(3).root, shard_root(&restored));
    });
}

#[test]
fn a_shard_that_is_never_restored_can_be_emptied() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        go_to(now() + RESTORE_WINDOW + 1);
        revoke_leaves(3, &mut of_shard(3), &[0, 1, 2]);
        assert_eq!(shard(3).root.element(), Tree::Shard.empty_root());
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_without(&[3])));
    });
}

#[test]
fn older_anchors_stay_as_dead_as_the_mass_revocation_left_them_and_newer_ones_live() {
    run(|| {
        let list = new_list();
        six_shards();
        list_issuer(list, ONE);
        next_block();
        let anchor = || Anchor {
            block: now() - 1,
            ..AgeRegistry::anchor(list).unwrap()
        };
        let old = anchor();
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        next_block();
        let new = anchor();
        revoke_leaf(3, &mut of_shard(3), 1);
        next_block();
        let check = |anchor: &Anchor| AgeRegistry::check(list, anchor, now());
        assert!(check(&old).is_err());
        assert_eq!(check(&new), Ok(()));
        assert_eq!(check(&anchor()), Ok(()));
    });
}
