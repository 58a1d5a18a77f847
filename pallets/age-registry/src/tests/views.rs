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
            last_shard: Some(ShardIndex(0)),
            lists: 1,
            deposit: ISSUER_DEPOSIT.into(),
            retired_at: None,
        };
        assert_eq!(info, expected);
        assert_ok!(AgeRegistry::seal_shard(signed(1)));
        let info = AgeRegistry::issuer_info(issuer).unwrap();
        assert_eq!((info.open_shard, info.last_shard), (None, Some(ShardIndex(0))));
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
            shard.as_mut().unwrap().status = ShardStatus::Revoked { since: 1 };
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

mod cap_rows {
    use super::*;
    use crate::{CapNodes, MAX_NODES_AT_ONCE};
    use ofage_primitives::{
        hashes,
        tree::{Tree, CAP_DEPTH},
        Element, LayerHasher, NativeHasher,
    };

    /// `count` shards of one attestation each.
    fn shards(count: u32) {
        new_issuer(1);
        for number in 0..count {
            open_shard(1, vec![leaf(number)]);
            assert_ok!(AgeRegistry::seal_shard(signed(1)));
            next_block();
        }
    }

    #[test]
    fn the_row_above_each_row_holds_the_hashes_of_its_pairs() {
        run(|| {
            shards(5);
            let mut row = AgeRegistry::cap_row(0, 0, u32::MAX);
            let cap_leaf =
                |shard: ofage_primitives::chain::ShardInfo| hashes::cap_leaf(shard.root, id_of(0)).element();
            let cap_leaves: Vec<Element> = AgeRegistry::shard_infos(0, 9).into_iter().map(cap_leaf).collect();
            assert_eq!(row, cap_leaves);
            for level in 1..=CAP_DEPTH {
                let empty = Tree::Cap.empty_node(level - 1);
                let pairs: Vec<_> = row
                    .chunks(2)
                    .map(|pair| [pair[0], pair.get(1).copied().unwrap_or(empty)])
                    .collect();
                let above = NativeHasher::hash_layer(Tree::Cap.domain(), &pairs);
                row = AgeRegistry::cap_row(level as u8, 0, u32::MAX);
                assert_eq!(row, above, "row {level}");
            }
            assert_eq!(row, [AgeRegistry::registry_root().element()]);
        });
    }

    #[test]
    fn a_row_by_the_page() {
        run(|| {
            shards(5);
            let all = AgeRegistry::cap_row(0, 0, 9);
            assert_eq!(all.len(), 5, "what is over no shard is left out");
            assert_eq!(AgeRegistry::cap_row(0, 1, 2), all[1..3]);
            assert_eq!(AgeRegistry::cap_row(0, 4, 2), all[4..]);
            assert_eq!(AgeRegistry::cap_row(0, 5, 2), []);
            assert_eq!(AgeRegistry::cap_row(0, 0, 0), []);
            assert_eq!(AgeRegistry::cap_row(0, u32::MAX, u32::MAX), []);
            let lengths = [5, 3, 2, 1, 1].map(|length| length as usize);
            let told: Vec<_> = (0..5)
                .map(|level| AgeRegistry::cap_row(level, 0, 9).len())
                .collect();
            assert_eq!(told, lengths);
        });
    }

    #[test]
    fn no_row_lies_above_the_root_and_an_empty_registry_has_none() {
        run(|| {
            for level in 0..=u8::MAX {
                assert_eq!(AgeRegistry::cap_row(level, 0, 9), []);
            }
            shards(1);
            assert_eq!(AgeRegistry::cap_row(20, 0, 9).len(), 1);
            for level in 21..=u8::MAX {
                assert_eq!(AgeRegistry::cap_row(level, 0, 9), []);
            }
        });
    }

    #[test]
    fn a_revoked_shard_is_an_empty_leaf() {
        run(|| {
            shards(3);
            let before = AgeRegistry::cap_row(0, 0, 9);
            assert_ok!(AgeRegistry::revoke_shards(
                signed(1),
                ShardIndex(1),
                ShardIndex(1),
                1
            ));
            let after = AgeRegistry::cap_row(0, 0, 9);
            assert_eq!(after, [before[0], Tree::empty_leaf(), before[2]]);
        });
    }

    #[test]
    fn pages_are_bounded_however_many_nodes_are_asked_for() {
        new_test_ext().execute_with(|| {
            let shards = 2 * MAX_NODES_AT_ONCE;
            crate::NextShard::<Test>::put(shards);
            for index in 0..shards {
                CapNodes::<Test>::insert((0, index), Element::from_u64(index.into()));
            }
            let page = AgeRegistry::cap_row(0, 3, u32::MAX);
            let expected: Vec<_> = (3..3 + u64::from(MAX_NODES_AT_ONCE))
                .map(Element::from_u64)
                .collect();
            assert_eq!(page, expected);
        });
    }
}
