//! What a mass revocation does not do, and for whom.

use super::*;

#[test]
fn counts_that_are_too_small() {
    run(|| {
        six_shards();
        for count in [0, 1, 2] {
            assert_noop!(revoke(ISSUER, 2, 5, count), Error::<Test>::TooManyShards);
            assert_noop!(restore(ISSUER, 2, 5, count), Error::<Test>::TooManyShards);
        }
    });
}

#[test]
fn more_shards_than_one_call_may_change() {
    run(|| {
        six_shards();
        for count in [MAX_REVOKED_SHARDS + 1, u32::MAX] {
            assert_noop!(revoke(ISSUER, 5, 5, count), Error::<Test>::TooManyShards);
            assert_noop!(restore(ISSUER, 5, 5, count), Error::<Test>::TooManyShards);
        }
        assert_noop!(
            revoke(ISSUER, 0, 5, MAX_REVOKED_SHARDS),
            Error::<Test>::TooManyShards
        );
    });
}

#[test]
fn ranges_that_end_at_anothers_shard_or_at_none() {
    run(|| {
        six_shards();
        assert_noop!(revoke(ISSUER, 0, 4, 3), Error::<Test>::NotOwnShard);
        assert_noop!(restore(ISSUER, 0, 4, 3), Error::<Test>::NotOwnShard);
        for to in [6, u32::MAX] {
            assert_noop!(revoke(ISSUER, 0, to, 3), Error::<Test>::UnknownShard);
            assert_noop!(restore(ISSUER, 0, to, 3), Error::<Test>::UnknownShard);
        }
    });
}

#[test]
fn ranges_without_anything_to_change() {
    run(|| {
        six_shards();
        assert_noop!(revoke(ISSUER, 5, 3, 3), Error::<Test>::NothingToChange);
        assert_noop!(restore(ISSUER, 5, 3, 3), Error::<Test>::NothingToChange);
        assert_noop!(restore(ISSUER, 2, 5, 3), Error::<Test>::NothingToChange);
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        assert_noop!(revoke(ISSUER, 2, 5, 3), Error::<Test>::NothingToChange);
        assert_noop!(revoke(ISSUER, 3, 3, 1), Error::<Test>::NothingToChange);
    });
}

#[test]
fn everybody_but_the_controller() {
    run(|| {
        let list = new_list();
        let metadata = b"Bank".to_vec().try_into().unwrap();
        AgeRegistry::register(signed(ISSUER), metadata, account(5)).unwrap();
        AgeRegistry::become_attester(signed(5), ONE).unwrap();
        list_issuer(list, ONE);
        open_shard(5, leaves(0..3));
        new_issuer(OTHER);
        let shard = ShardIndex(0);
        // The attester, a stranger, the curator of its list.
        for caller in [5, 6, CURATOR] {
            assert_noop!(revoke(caller, 0, 0, 1), Error::<Test>::NotController);
            assert_noop!(restore(caller, 0, 0, 1), Error::<Test>::NotController);
        }
        assert_noop!(revoke(OTHER, 0, 0, 1), Error::<Test>::NotOwnShard);
        for origin in unsigned() {
            assert_noop!(
                AgeRegistry::revoke_shards(origin, shard, shard, 1),
                DispatchError::BadOrigin
            );
        }
        assert_ok!(revoke(ISSUER, 0, 0, 1));
        assert_noop!(restore(5, 0, 0, 1), Error::<Test>::NotController);
        assert_noop!(restore(OTHER, 0, 0, 1), Error::<Test>::NotOwnShard);
        for origin in unsigned() {
            assert_noop!(
                AgeRegistry::restore_shards(origin, shard, shard, 1),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn restorations_of_ranges_with_a_shard_that_is_too_late_for_it() {
    run(|| {
        six_shards();
        assert_ok!(revoke(ISSUER, 2, 2, 1));
        go_to(now() + RESTORE_WINDOW);
        assert_ok!(revoke(ISSUER, 3, 5, 2));
        next_block();
        assert_noop!(restore(ISSUER, 2, 5, 3), Error::<Test>::RestoreWindowOver);
        assert_ok!(restore(ISSUER, 3, 5, 2));
    });
}

#[test]
fn more_shards_than_the_block_has_room_for() {
    run(|| {
        six_shards();
        next_block();
        let others: std::collections::BTreeSet<_> = (100..99 + MAX_DIRTY_SHARDS).map(ShardIndex).collect();
        DirtyShards::<Test>::put(BoundedBTreeSet::try_from(others.clone()).unwrap());
        assert_noop!(revoke(ISSUER, 2, 3, 2), Error::<Test>::TooManyDirtyShards);
        assert_ok!(revoke(ISSUER, 3, 3, 1));
        next_block();
        assert_ok!(revoke(ISSUER, 2, 2, 1));
        next_block();
        DirtyShards::<Test>::put(BoundedBTreeSet::try_from(others).unwrap());
        assert_noop!(restore(ISSUER, 2, 3, 2), Error::<Test>::TooManyDirtyShards);
        assert_ok!(restore(ISSUER, 3, 3, 1));
    });
}

#[test]
fn refused_calls_without_a_trace() {
    run(|| {
        six_shards();
        let call = Call::revoke_shards {
            from: ShardIndex(0),
            to: ShardIndex(5),
            count: 3,
        };
        frame_support::assert_storage_noop!(assert_eq!(
            dispatch(signed(ISSUER), call),
            Err(Error::<Test>::TooManyShards.into())
        ));
    });
}
