//! Shards that are revoked as wholes, and restored.

use super::{dispatch, registry_root, shard_root, unsigned};
use crate::{
    mock::*, Call, CapNodes, CurrentRoot, DirtyLists, DirtyShards, Error, Event, Frontiers, RootHistory,
    Shard, ShardChoice, ShardStatus, Shards, TrustLists,
};
use frame_support::{assert_noop, assert_ok, BoundedBTreeSet};
use ofage_primitives::{
    chain::{AnchorError, Anchors},
    hashes,
    tree::{DenseTree, ShardPath, Tree},
    Anchor, Attestation, IssuerIndex, RegistryRoot, ShardIndex, TrustListId,
};
use sp_runtime::{DispatchError, DispatchResult};

mod anchors;
mod leaf_by_leaf;
mod rejects;

const ONE: IssuerIndex = IssuerIndex(0);
/// Controller and attester of issuer 0.
const ISSUER: u8 = 1;
/// Those of issuer 1.
const OTHER: u8 = 2;

fn shard(index: u32) -> Shard<Test> {
    Shards::<Test>::get(ShardIndex(index)).unwrap()
}

fn statuses<const N: usize>(indices: [u32; N]) -> [ShardStatus; N] {
    indices.map(|index| shard(index).status)
}

fn revoke(caller: u8, from: u32, to: u32, count: u32) -> DispatchResult {
    AgeRegistry::revoke_shards(signed(caller), ShardIndex(from), ShardIndex(to), count)
}

fn restore(caller: u8, from: u32, to: u32, count: u32) -> DispatchResult {
    AgeRegistry::restore_shards(signed(caller), ShardIndex(from), ShardIndex(to), count)
}

/// Attestations of the shard that a test opens with number `index`.
fn of_shard(index: u32) -> Vec<Attestation> {
    leaves(100 * index..100 * index + 3)
}

/// Shards 0, 2, 3 and 5 of issuer 0, of which the last is open, and 1 and 4 of issuer 1. A block has ended since.
fn six_shards() {
    new_issuer(ISSUER);
    new_issuer(OTHER);
    let mut blocks = 0;
    for (at, opener) in [ISSUER, OTHER, ISSUER, ISSUER, OTHER, ISSUER]
        .into_iter()
        .enumerate()
    {
        if AgeRegistry::issuer_info(IssuerIndex(u32::from(opener) - 1))
            .unwrap()
            .open_shard
            .is_some()
        {
            AgeRegistry::seal_shard(signed(opener)).unwrap();
        }
        assert_eq!(open_shard(opener, of_shard(at as u32)), ShardIndex(at as u32));
        blocks += 1;
        if blocks % 3 == 0 {
            next_block();
        }
    }
}

/// The registry root with some of those six shards revoked.
fn root_without(revoked: &[u32]) -> RegistryRoot {
    let leaf = |index: u32| {
        if revoked.contains(&index) {
            return Tree::empty_leaf();
        }
        let id = super::id_of(u32::from(matches!(index, 1 | 4)));
        hashes::cap_leaf(shard_root(&of_shard(index)), id).element()
    };
    let tree = DenseTree::new(Tree::Cap, (0..6).map(leaf).collect()).unwrap();
    RegistryRoot::from_element(tree.root())
}

const SEALED: ShardStatus = ShardStatus::Sealed;

fn revoked(since: u32) -> ShardStatus {
    ShardStatus::Revoked { since }
}

#[test]
fn shards_name_the_one_that_their_issuer_opened_before() {
    run(|| {
        six_shards();
        let links = [0, 1, 2, 3, 4, 5].map(|index| shard(index).previous.map(|previous| previous.0));
        assert_eq!(links, [None, None, Some(0), Some(2), Some(1), Some(3)]);
        let info = AgeRegistry::shard_info(ShardIndex(4)).unwrap();
        assert_eq!((info.previous, info.revoked_at), (Some(ShardIndex(1)), None));
    });
}

#[test]
fn all_of_an_issuers_shards_in_the_range_are_revoked_and_no_others() {
    run(|| {
        six_shards();
        let block = now();
        assert_ok!(revoke(ISSUER, 1, 5, 3));
        assert_eq!(
            statuses([0, 1, 2, 3, 4, 5]),
            [
                SEALED,
                SEALED,
                revoked(block),
                revoked(block),
                ShardStatus::Open,
                revoked(block)
            ]
        );
        System::assert_last_event(
            Event::ShardsRevoked {
                issuer: ONE,
                from: ShardIndex(1),
                to: ShardIndex(5),
                count: 3,
            }
            .into(),
        );
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_without(&[2, 3, 5])));
        for index in [2, 3, 5] {
            let leaf = CapNodes::<Test>::get((0, index)).unwrap();
            assert!(leaf == Tree::empty_leaf());
        }
    });
}

#[test]
fn roots_lengths_and_deposits_are_kept() {
    run(|| {
        six_shards();
        let before = [2, 3, 5].map(shard);
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        for (before, index) in before.into_iter().zip([2, 3, 5]) {
            let status = revoked(now());
            assert_eq!(shard(index), Shard { status, ..before });
        }
        assert_eq!(held(ISSUER), [ISSUER_DEPOSIT, 4 * SHARD_DEPOSIT, 0]);
        let info = AgeRegistry::shard_info(ShardIndex(3)).unwrap();
        assert_eq!(
            (info.sealed, info.revoked, info.revoked_at),
            (true, true, Some(now()))
        );
        assert_eq!(info.root, shard_root(&of_shard(3)));
    });
}

#[test]
fn an_open_shard_is_sealed_with_it() {
    run(|| {
        six_shards();
        assert!(Frontiers::<Test>::contains_key(ShardIndex(5)));
        assert_ok!(revoke(ISSUER, 5, 5, 1));
        assert!(!Frontiers::<Test>::contains_key(ShardIndex(5)));
        System::assert_has_event(
            Event::ShardSealed {
                issuer: ONE,
                shard: ShardIndex(5),
            }
            .into(),
        );
        assert_noop!(
            attest(ISSUER, ShardChoice::Open(ShardIndex(5)), 3, leaves(900..901)),
            Error::<Test>::ShardNotOpen
        );
        assert_noop!(
            AgeRegistry::seal_shard(signed(ISSUER)),
            Error::<Test>::NoOpenShard
        );
        // The next batch opens the next shard, behind it.
        let next = open_shard(ISSUER, leaves(900..901));
        assert_eq!(shard(next.0).previous, Some(ShardIndex(5)));
    });
}

#[test]
fn a_shard_can_be_revoked_in_the_block_that_opened_it() {
    run(|| {
        new_issuer(ISSUER);
        open_shard(ISSUER, leaves(0..3));
        assert_ok!(revoke(ISSUER, 0, 0, 1));
        next_block();
        assert_eq!(
            CurrentRoot::<Test>::get().unwrap().element(),
            Tree::Cap.empty_root()
        );
    });
}

#[test]
fn those_that_are_revoked_already_are_passed_over() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        let first = now();
        next_block();
        assert_noop!(revoke(ISSUER, 2, 5, 2), Error::<Test>::TooManyShards);
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        System::assert_last_event(
            Event::ShardsRevoked {
                issuer: ONE,
                from: ShardIndex(2),
                to: ShardIndex(5),
                count: 2,
            }
            .into(),
        );
        let second = now();
        assert_eq!(
            statuses([2, 3, 5]),
            [revoked(second), revoked(first), revoked(second)]
        );
    });
}

#[test]
fn a_range_may_begin_anywhere_and_a_count_may_be_generous() {
    run(|| {
        six_shards();
        // Shard 4 is another's; from there on, only shard 5 is the issuer's.
        assert_ok!(revoke(ISSUER, 4, 5, MAX_REVOKED_SHARDS));
        assert_ok!(revoke(OTHER, 0, 4, 2));
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_without(&[1, 4, 5])));
    });
}

#[test]
fn suspended_and_retired_issuers_revoke_and_restore() {
    run(|| {
        six_shards();
        assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), ONE));
        assert_ok!(revoke(ISSUER, 0, 0, 1));
        assert_ok!(restore(ISSUER, 0, 0, 1));
        assert_ok!(AgeRegistry::reinstate(RuntimeOrigin::root(), ONE));
        assert_ok!(AgeRegistry::retire(signed(ISSUER)));
        assert_ok!(revoke(ISSUER, 2, 3, 2));
        assert_ok!(restore(ISSUER, 2, 2, 1));
        go_to(now() + RETIRE_DELAY);
        assert_ok!(AgeRegistry::withdraw_deposit(signed(ISSUER)));
        assert_ok!(restore(ISSUER, 3, 3, 1));
        assert_ok!(revoke(ISSUER, 5, 5, 1));
    });
}

#[test]
fn restored_shards_count_again_and_stay_sealed() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        next_block();
        assert_ok!(restore(ISSUER, 3, 5, 2));
        System::assert_last_event(
            Event::ShardsRestored {
                issuer: ONE,
                from: ShardIndex(3),
                to: ShardIndex(5),
                count: 2,
            }
            .into(),
        );
        let revoked_at = now() - 1;
        assert_eq!(statuses([2, 3, 5]), [revoked(revoked_at), SEALED, SEALED]);
        assert!(!Frontiers::<Test>::contains_key(ShardIndex(5)));
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_without(&[2])));
    });
}

#[test]
fn what_is_not_revoked_is_passed_over_by_a_restoration() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        assert_ok!(restore(ISSUER, 2, 5, 3));
        System::assert_last_event(
            Event::ShardsRestored {
                issuer: ONE,
                from: ShardIndex(2),
                to: ShardIndex(5),
                count: 1,
            }
            .into(),
        );
        assert_eq!(statuses([2, 3, 5]), [SEALED, SEALED, ShardStatus::Open]);
        assert_eq!(
            [2, 3, 5].map(|index| shard(index).restored_at),
            [None, Some(now()), None]
        );
    });
}

#[test]
fn a_revocation_that_is_undone_in_its_block_leaves_the_registry_root_as_it_was() {
    run(|| {
        six_shards();
        next_block();
        let before = CurrentRoot::<Test>::get();
        assert_ok!(revoke(ISSUER, 0, 3, 3));
        assert_ok!(restore(ISSUER, 0, 3, 3));
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), before);
        assert_eq!(RootHistory::<Test>::get(before.unwrap()).len(), 1);
    });
}

#[test]
fn what_was_revoked_one_by_one_stays_revoked() {
    run(|| {
        six_shards();
        let tree = |leaves: &[Attestation]| {
            DenseTree::new(Tree::Shard, leaves.iter().map(|leaf| leaf.element()).collect()).unwrap()
        };
        let mut left = of_shard(3);
        let path: ShardPath = tree(&left).path(1).unwrap();
        assert_ok!(AgeRegistry::revoke(
            signed(ISSUER),
            ShardIndex(3),
            1,
            left[1],
            Box::new(*path.siblings())
        ));
        left[1] = Attestation::from_element(Tree::empty_leaf());
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        next_block();
        assert_ok!(restore(ISSUER, 3, 3, 1));
        assert_eq!(shard(3).root, shard_root(&left));
        next_block();
        let shards = [
            (0, of_shard(0)),
            (1, of_shard(1)),
            (0, of_shard(2)),
            (0, left),
            (1, of_shard(4)),
            (0, of_shard(5)),
        ];
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&shards)));
    });
}

#[test]
fn a_shard_can_be_restored_until_the_last_block_of_the_window() {
    run(|| {
        six_shards();
        let block = now();
        assert_ok!(revoke(ISSUER, 2, 3, 2));
        go_to(block + RESTORE_WINDOW);
        assert_ok!(restore(ISSUER, 2, 2, 1));
        next_block();
        assert_noop!(restore(ISSUER, 3, 3, 1), Error::<Test>::RestoreWindowOver);
        // For ever.
        assert_noop!(revoke(ISSUER, 3, 3, 1), Error::<Test>::NothingToChange);
        go_to(now() + 3 * RESTORE_WINDOW);
        assert_noop!(restore(ISSUER, 3, 3, 1), Error::<Test>::RestoreWindowOver);
    });
}

#[test]
fn a_shard_is_restored_once_in_a_window() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        assert_ok!(restore(ISSUER, 3, 3, 1));
        let restored_at = now();
        // It can be revoked again at any time, if the key was stolen after all.
        next_block();
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        go_to(restored_at + RESTORE_WINDOW);
        assert_noop!(restore(ISSUER, 3, 3, 1), Error::<Test>::RestoredLately);
        next_block();
        assert_ok!(restore(ISSUER, 3, 3, 1));
    });
}

#[test]
fn a_shard_that_is_revoked_and_restored_again_and_again_does_not_void_the_anchors_of_others() {
    run(|| {
        let list = new_list();
        six_shards();
        list_issuer(list, IssuerIndex(1));
        next_block();
        let anchor = Anchor {
            block: now() - 1,
            ..AgeRegistry::anchor(list).unwrap()
        };
        let mut toggles = 0;
        for _ in 0..WINDOW {
            for toggle in [revoke, restore] {
                toggles += u32::from(toggle(ISSUER, 3, 3, 1).is_ok());
                next_block();
                if now() <= anchor.block + WINDOW {
                    assert_eq!(AgeRegistry::check(list, &anchor, now()), Ok(()));
                }
            }
        }
        assert!(toggles >= 3, "{toggles}");
    });
}

#[test]
fn a_block_may_hold_several_ranges() {
    run(|| {
        six_shards();
        next_block();
        assert_ok!(revoke(ISSUER, 0, 2, 2));
        assert_ok!(revoke(OTHER, 1, 4, 2));
        assert_eq!(DirtyShards::<Test>::get().len(), 4);
        assert_noop!(revoke(ISSUER, 3, 3, 1), Error::<Test>::TooManyDirtyShards);
        assert_ok!(restore(ISSUER, 0, 0, 1));
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(root_without(&[1, 2, 4])));
    });
}
