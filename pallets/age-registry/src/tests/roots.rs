//! Roots at the ends of blocks: in the header, and in the history.

use super::{registry_root, trust_root};
use crate::{
    mock::*, CurrentRoot, DirtyShards, ExpiryQueue, ListRootHistory, RootHistory, ShardChoice, TrustLists,
};
use frame_support::assert_ok;
use ofage_primitives::{
    chain::RootSpan,
    tree::{Tree, SHARD_CAPACITY},
    IssuerIndex, RegistryRoot, ShardIndex, TrustListId, TrustListRoot,
};

fn empty_cap() -> RegistryRoot {
    RegistryRoot::from_element(Tree::Cap.empty_root())
}

fn empty_list() -> TrustListRoot {
    TrustListRoot::from_element(Tree::Trust.empty_root())
}

/// Spans as pairs.
fn spans(list: impl IntoIterator<Item = RootSpan>) -> Vec<(u32, Option<u32>)> {
    list.into_iter()
        .map(|span| (span.from, span.superseded_at))
        .collect()
}

fn history(root: RegistryRoot) -> Vec<(u32, Option<u32>)> {
    spans(RootHistory::<Test>::get(root))
}

fn list_history(list: TrustListId, root: TrustListRoot) -> Vec<(u32, Option<u32>)> {
    spans(ListRootHistory::<Test>::get(list, root))
}

#[test]
fn every_header_carries_the_root_exactly_once() {
    run(|| {
        assert_eq!(roots_in(&next_block()), [empty_cap()]);
        new_issuer(1);
        assert_eq!(roots_in(&next_block()), [empty_cap()]);
        open_shard(1, leaves(0..3));
        assert_eq!(roots_in(&next_block()), [registry_root(&[(0, leaves(0..3))])]);
        assert_eq!(roots_in(&next_block()), [registry_root(&[(0, leaves(0..3))])]);
    });
}

#[test]
fn the_root_is_that_of_all_shards_of_all_issuers() {
    run(|| {
        new_issuer(1);
        new_issuer(2);
        open_shard(1, leaves(0..3));
        open_shard(2, leaves(10..17));
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        next_block();
        open_shard(1, leaves(20..21));
        let append = ShardChoice::Open(ShardIndex(1));
        assert_ok!(attest(2, append, 7, leaves(17..18)));
        let expected = [(0, leaves(0..3)), (1, leaves(10..18)), (0, leaves(20..21))];
        assert_eq!(roots_in(&next_block()), [registry_root(&expected)]);
        assert_eq!(AgeRegistry::registry_root(), registry_root(&expected));
    });
}

#[test]
fn the_root_does_not_move_within_a_block() {
    run(|| {
        new_issuer(1);
        next_block();
        open_shard(1, leaves(0..3));
        assert_eq!(AgeRegistry::registry_root(), empty_cap());
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        open_shard(1, leaves(0..SHARD_CAPACITY));
        assert_eq!(AgeRegistry::registry_root(), empty_cap());
        assert_eq!(DirtyShards::<Test>::get().len(), 2);
        next_block();
        assert!(DirtyShards::<Test>::get().is_empty());
        assert_eq!(
            AgeRegistry::registry_root(),
            registry_root(&[(0, leaves(0..3)), (0, leaves(0..SHARD_CAPACITY))])
        );
    });
}

#[test]
fn before_the_first_block_ends_the_root_is_the_constant_and_the_history_empty() {
    run(|| {
        assert_eq!(AgeRegistry::registry_root(), empty_cap());
        assert_eq!(CurrentRoot::<Test>::get(), None);
        assert_eq!(RootHistory::<Test>::iter().count(), 0);
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(empty_cap()));
        assert_eq!(history(empty_cap()), [(1, None)]);
    });
}

#[test]
fn attestations_in_the_first_block_leave_no_trace_of_the_empty_root() {
    run(|| {
        new_issuer(1);
        open_shard(1, leaves(0..1));
        next_block();
        assert_eq!(history(empty_cap()), []);
        assert_eq!(history(registry_root(&[(0, leaves(0..1))])), [(1, None)]);
    });
}

#[test]
fn a_root_is_superseded_by_the_block_that_changes_it_without_gap_or_overlap() {
    run(|| {
        new_issuer(1);
        go_to(4);
        open_shard(1, leaves(0..1));
        go_to(6);
        let append = ShardChoice::Open(ShardIndex(0));
        assert_ok!(attest(1, append, 1, leaves(1..2)));
        assert_ok!(attest(1, append, 2, leaves(2..3)));
        next_block();
        assert_eq!(history(empty_cap()), [(1, Some(4))]);
        assert_eq!(history(registry_root(&[(0, leaves(0..1))])), [(4, Some(6))]);
        assert_eq!(
            history(registry_root(&[(0, leaves(0..2))])),
            [],
            "it was the root at the end of no block"
        );
        assert_eq!(history(registry_root(&[(0, leaves(0..3))])), [(6, None)]);
    });
}

#[test]
fn an_expired_root_is_forgotten_and_the_current_one_never() {
    run(|| {
        new_issuer(1);
        go_to(4);
        open_shard(1, leaves(0..1));
        go_to(4 + WINDOW);
        assert_eq!(history(empty_cap()), [(1, Some(4))]);
        next_block();
        assert_eq!(history(empty_cap()), []);
        assert_eq!(RootHistory::<Test>::iter().count(), 1);
        go_to(100);
        assert_eq!(history(registry_root(&[(0, leaves(0..1))])), [(4, None)]);
        let (first, end) = ExpiryQueue::<Test>::get();
        assert_eq!((first, end), (1, 1));
    });
}

#[test]
fn a_lists_root_is_recorded_at_the_end_of_a_block_only() {
    run(|| {
        go_to(2);
        let list = new_list();
        let issuer = new_issuer(1);
        list_issuer(list, issuer);
        assert_eq!(ListRootHistory::<Test>::iter().count(), 0);
        next_block();
        // The empty root lasted for no block.
        assert_eq!(list_history(list, empty_list()), []);
        assert_eq!(list_history(list, trust_root(&[Some(0)])), [(2, None)]);
        let found = TrustLists::<Test>::get(list).unwrap();
        assert_eq!(found.recorded_root, Some(found.root));
    });
}

#[test]
fn changes_of_a_list_that_undo_each_other_in_a_block_change_no_history() {
    run(|| {
        let list = new_list();
        let issuer = new_issuer(1);
        list_issuer(list, issuer);
        next_block();
        let remove = || AgeRegistry::remove_member(signed(CURATOR), list, issuer);
        let add = || AgeRegistry::add_member(signed(CURATOR), list, issuer);
        for _ in 0..5 {
            assert_ok!(remove());
            assert_ok!(add());
        }
        next_block();
        assert_eq!(list_history(list, trust_root(&[Some(0)])), [(1, None)]);
        assert_eq!(ExpiryQueue::<Test>::get(), (0, 0));
    });
}

#[test]
fn a_root_that_becomes_current_again_gets_another_span() {
    run(|| {
        let list = new_list();
        let issuer = new_issuer(1);
        list_issuer(list, issuer);
        next_block();
        assert_ok!(AgeRegistry::remove_member(signed(CURATOR), list, issuer));
        go_to(4);
        assert_ok!(AgeRegistry::add_member(signed(CURATOR), list, issuer));
        next_block();
        let full = trust_root(&[Some(0)]);
        assert_eq!(list_history(list, full), [(1, Some(2)), (4, None)]);
        assert_eq!(list_history(list, empty_list()), [(2, Some(4))]);
        // The first span expires by itself; the second one is current for ever.
        go_to(2 + WINDOW + 1);
        assert_eq!(list_history(list, full), [(4, None)]);
        go_to(60);
        assert_eq!(list_history(list, full), [(4, None)]);
        assert_eq!(list_history(list, empty_list()), []);
    });
}

#[test]
fn toggling_a_member_keeps_a_bounded_number_of_spans_the_oldest_giving_way() {
    run(|| {
        let list = new_list();
        let issuer = new_issuer(1);
        list_issuer(list, issuer);
        for _ in 0..20 {
            next_block();
            assert_ok!(AgeRegistry::remove_member(signed(CURATOR), list, issuer));
            next_block();
            assert_ok!(AgeRegistry::add_member(signed(CURATOR), list, issuer));
        }
        next_block();
        let last = now() - 1;
        assert_eq!(
            list_history(list, trust_root(&[Some(0)])),
            [
                (last - 4, Some(last - 3)),
                (last - 2, Some(last - 1)),
                (last, None)
            ]
        );
        assert_eq!(ListRootHistory::<Test>::iter().count(), 2);
        let (first, end) = ExpiryQueue::<Test>::get();
        assert!(end - first <= u64::from(WINDOW) + 1);
    });
}

#[test]
fn toggling_one_list_ends_no_span_of_others() {
    run(|| {
        let (own, other) = (new_list(), new_list());
        let issuer = new_issuer(1);
        list_issuer(own, issuer);
        list_issuer(other, issuer);
        open_shard(1, leaves(0..1));
        let registry = registry_root(&[(0, leaves(0..1))]);
        for _ in 0..2 * MAX_SPANS {
            next_block();
            assert_ok!(AgeRegistry::remove_member(signed(CURATOR), own, issuer));
            next_block();
            assert_ok!(AgeRegistry::add_member(signed(CURATOR), own, issuer));
        }
        next_block();
        assert_eq!(list_history(other, trust_root(&[Some(0)])), [(1, None)]);
        assert_eq!(history(registry), [(1, None)]);
    });
}

#[test]
fn histories_of_lists_with_the_same_root_stay_apart() {
    run(|| {
        let (one, other) = (new_list(), new_list());
        next_block();
        let issuer = new_issuer(1);
        list_issuer(one, issuer);
        next_block();
        assert_eq!(list_history(one, empty_list()), [(1, Some(2))]);
        assert_eq!(list_history(other, empty_list()), [(1, None)]);
    });
}

#[test]
fn the_chain_keeps_its_name_when_the_system_forgot_the_first_hash() {
    run(|| {
        assert_eq!(AgeRegistry::genesis_hash().0, GENESIS);
        frame_system::BlockHash::<Test>::remove(0);
        assert_eq!(AgeRegistry::genesis_hash().0, GENESIS);
        assert_eq!(new_issuer(1), IssuerIndex(0));
    });
}
