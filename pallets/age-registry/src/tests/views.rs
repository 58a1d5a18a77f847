//! What clients read.

use super::id_of;
use crate::{mock::*, Issuers, ShardStatus, Shards, MAX_SHARDS_AT_ONCE};
use frame_support::assert_ok;
use ofage_primitives::{
    chain::{IssuerInfo, IssuerStatus},
    Anchor, IssuerIndex, ShardIndex, TrustListId,
};

#[test]
fn an_issuer_with_what_it_published_its_open_shard_and_its_lists() {
    run(|| {
        let (list, other) = (new_list(), new_list());
        let issuer = new_issuer(1);
        list_issuer(list, issuer);
        assert_ok!(AgeRegistry::consent(signed(1), other));
        open_shard(1, leaves(0..2));
        let info = AgeRegistry::issuer_info(issuer).unwrap();
        let expected = IssuerInfo {
            index: issuer,
            issuer_id: id_of(0),
            controller: [1; 32],
            attester: [1; 32],
            status: IssuerStatus::Active,
            metadata: b"First Bank".to_vec(),
            open_shard: Some(ShardIndex(0)),
            lists: 1,
        };
        assert_eq!(info, expected);
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        assert_eq!(AgeRegistry::issuer_info(issuer).unwrap().open_shard, None);
        assert_eq!(AgeRegistry::issuer_info(IssuerIndex(1)), None);
    });
}

#[test]
fn a_shard_with_its_life() {
    run(|| {
        new_issuer(1);
        go_to(4);
        open_shard(1, leaves(0..2));
        let info = AgeRegistry::shard_info(ShardIndex(0)).unwrap();
        assert_eq!((info.index, info.issuer), (ShardIndex(0), IssuerIndex(0)));
        assert_eq!((info.len, info.opened_at, info.changed_at), (2, 4, 4));
        assert_eq!((info.sealed, info.revoked), (false, false));
        next_block();
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        let info = AgeRegistry::shard_info(ShardIndex(0)).unwrap();
        assert_eq!((info.sealed, info.revoked), (true, false));
        assert_eq!(info.changed_at, 4, "sealing changes no leaf");
        assert_eq!(AgeRegistry::shard_info(ShardIndex(1)), None);
    });
}

#[test]
fn shards_by_the_page() {
    run(|| {
        new_issuer(1);
        for number in 0..5 {
            open_shard(1, vec![leaf(number)]);
            assert_ok!(AgeRegistry::seal_shard(signed(1)));
            next_block();
        }
        let numbers = |from, count| {
            let page = AgeRegistry::shard_infos(from, count);
            page.into_iter().map(|shard| shard.index.0).collect::<Vec<_>>()
        };
        assert_eq!(numbers(0, 2), [0, 1]);
        assert_eq!(numbers(2, 2), [2, 3]);
        assert_eq!(numbers(4, 2), [4]);
        assert_eq!(numbers(5, 2), [0u32; 0]);
        assert_eq!(numbers(0, 0), [0u32; 0]);
        assert_eq!(numbers(0, u32::MAX), [0, 1, 2, 3, 4]);
        assert_eq!(numbers(u32::MAX, u32::MAX), [0u32; 0]);
        assert_eq!(AgeRegistry::next_shard(), 5);
    });
}

#[test]
fn pages_are_bounded_however_many_shards_are_asked_for() {
    new_test_ext().execute_with(|| {
        new_issuer(1);
        open_shard(1, leaves(0..1));
        let shard = Shards::<Test>::get(ShardIndex(0)).unwrap();
        for index in 1..MAX_SHARDS_AT_ONCE + 10 {
            Shards::<Test>::insert(ShardIndex(index), shard.clone());
        }
        crate::NextShard::<Test>::put(MAX_SHARDS_AT_ONCE + 10);
        assert_eq!(
            AgeRegistry::shard_infos(3, u32::MAX).len(),
            MAX_SHARDS_AT_ONCE as usize
        );
    });
}

#[test]
fn a_revoked_shard_is_told_as_such() {
    new_test_ext().execute_with(|| {
        new_issuer(1);
        open_shard(1, leaves(0..1));
        Shards::<Test>::mutate(ShardIndex(0), |shard| {
            shard.as_mut().unwrap().status = ShardStatus::Revoked;
        });
        let info = AgeRegistry::shard_info(ShardIndex(0)).unwrap();
        assert_eq!((info.sealed, info.revoked), (true, true));
        let status = Issuers::<Test>::get(IssuerIndex(0)).unwrap().status;
        assert_eq!(status, IssuerStatus::Active);
    });
}

#[test]
fn a_list_with_its_members_by_position() {
    run(|| {
        let list = new_list();
        for controller in 1..=2 {
            let issuer = new_issuer(controller);
            list_issuer(list, issuer);
        }
        assert_ok!(AgeRegistry::remove_member(signed(CURATOR), list, IssuerIndex(0)));
        let info = AgeRegistry::trust_list_info(list).unwrap();
        assert_eq!((info.id, info.curator), (list, [CURATOR; 32]));
        assert_eq!(info.name, b"Banks");
        assert_eq!(info.root, list_root(list));
        assert_eq!(info.members, [None, Some(IssuerIndex(1))]);
        assert_eq!(AgeRegistry::trust_list_info(TrustListId(1)), None);
    });
}

#[test]
fn an_anchor_for_lists_that_are_there_and_blocks_that_ended() {
    run(|| {
        let list = new_list();
        assert_eq!(AgeRegistry::anchor(list), None, "no block has ended");
        next_block();
        let expected = Anchor {
            block: 2,
            registry_root: AgeRegistry::registry_root(),
            trust_list_root: list_root(list),
        };
        assert_eq!(AgeRegistry::anchor(list), Some(expected));
        assert_eq!(AgeRegistry::anchor(TrustListId(1)), None);
    });
}

#[test]
fn numbers_of_what_comes_next() {
    run(|| {
        assert_eq!(AgeRegistry::next_ids(), (0, 0));
        new_issuer(1);
        new_issuer(2);
        new_list();
        assert_eq!(AgeRegistry::next_ids(), (2, 1));
    });
}
