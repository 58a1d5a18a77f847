//! What nobody can do too much of.

use super::failed;
use crate::{
    mock::*, CapNodes, Error, Expiries, ExpiryQueue, ListRootHistory, RootHistory, ShardChoice, Slots,
    TrustNodes, WeightInfo,
};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::GetDispatchInfo,
    traits::OnInitialize,
    weights::{RuntimeDbWeight, Weight},
};
use ofage_primitives::{IssuerIndex, ShardIndex, TrustListId};

#[test]
fn a_block_changes_a_bounded_number_of_shards_and_the_next_one_goes_on() {
    run(|| {
        for controller in 1..=5 {
            new_issuer(controller);
        }
        for attester in 1..=4 {
            open_shard(attester, vec![leaf(attester.into())]);
        }
        assert_noop!(
            attest(5, ShardChoice::Next, 0, leaves(50..51)),
            Error::<Test>::TooManyDirtyShards
        );
        // Those that are changed already can be changed more.
        assert_ok!(attest(1, ShardChoice::Open(ShardIndex(0)), 1, leaves(60..61)));
        next_block();
        assert_ok!(attest(5, ShardChoice::Next, 0, leaves(50..51)));
    });
}

#[test]
fn a_block_changes_a_bounded_number_of_lists_and_the_next_one_goes_on() {
    run(|| {
        let issuer = new_issuer(1);
        let lists = [new_list(), new_list(), new_list()];
        let name = || b"Banks".to_vec().try_into().unwrap();
        assert_noop!(
            AgeRegistry::create_trust_list(signed(5), name()),
            Error::<Test>::TooManyDirtyLists
        );
        for list in lists {
            list_issuer(list, issuer);
        }
        next_block();
        assert_ok!(AgeRegistry::create_trust_list(signed(CURATOR), name()));
        for list in &lists[..2] {
            assert_ok!(AgeRegistry::remove_member(signed(CURATOR), *list, issuer));
        }
        let third = lists[2];
        assert_eq!(
            AgeRegistry::remove_member(signed(CURATOR), third, issuer),
            failed(Error::TooManyDirtyLists)
        );
        assert_noop!(
            AgeRegistry::withdraw_consent(signed(1), third),
            Error::<Test>::TooManyDirtyLists
        );
        next_block();
        assert_ok!(AgeRegistry::withdraw_consent(signed(1), third));
    });
}

#[test]
fn changing_one_list_again_and_again_takes_one_place_of_the_block() {
    run(|| {
        let issuer = new_issuer(1);
        let list = new_list();
        list_issuer(list, issuer);
        for _ in 0..3 * MAX_DIRTY_LISTS {
            assert_ok!(AgeRegistry::remove_member(signed(CURATOR), list, issuer));
            assert_ok!(AgeRegistry::add_member(signed(CURATOR), list, issuer));
        }
        assert_eq!(crate::DirtyLists::<Test>::get().len(), 1);
        next_block();
        assert_eq!(ExpiryQueue::<Test>::get(), (0, 0), "it had no root before");
        assert_eq!(ListRootHistory::<Test>::iter().count(), 1);
    });
}

#[test]
fn changes_block_after_block_leave_a_bounded_history() {
    run(|| {
        let issuer = new_issuer(1);
        let lists = [new_list(), new_list(), new_list()];
        for list in lists {
            list_issuer(list, issuer);
        }
        open_shard(1, leaves(0..1));
        for round in 1..60u16 {
            next_block();
            let shard = ShardChoice::Open(ShardIndex(0));
            assert_ok!(attest(1, shard, round, vec![leaf(round.into())]));
            for list in lists {
                let toggle = if round % 2 == 1 {
                    AgeRegistry::remove_member
                } else {
                    AgeRegistry::add_member
                };
                assert_ok!(toggle(signed(CURATOR), list, issuer));
            }
        }
        next_block();
        let blocks = WINDOW as usize + 2;
        assert!(RootHistory::<Test>::iter().count() <= blocks);
        assert_eq!(ListRootHistory::<Test>::iter().count(), 2 * lists.len());
        let (first, end) = ExpiryQueue::<Test>::get();
        assert_eq!(Expiries::<Test>::iter().count() as u64, end - first);
        assert!(end - first <= (blocks * (1 + lists.len())) as u64);
        // Nor do positions and nodes of a list grow by coming and going.
        assert_eq!(Slots::<Test>::iter_prefix(lists[0]).count(), 1);
        assert_eq!(TrustNodes::<Test>::iter_prefix(lists[0]).count(), 13);
        assert_eq!(CapNodes::<Test>::iter().count(), 21);
    });
}

#[test]
fn pruning_is_bounded_for_each_block_and_catches_up() {
    run(|| {
        let issuer = new_issuer(1);
        let lists = [new_list(), new_list(), new_list()];
        for list in lists {
            list_issuer(list, issuer);
        }
        for round in 0..4 {
            next_block();
            for list in lists {
                let toggle = if round % 2 == 0 {
                    AgeRegistry::remove_member
                } else {
                    AgeRegistry::add_member
                };
                assert_ok!(toggle(signed(CURATOR), list, issuer));
            }
        }
        next_block();
        // As if nothing had been pruned for a long time.
        let waiting = |(first, end): (u64, u64)| end - first;
        assert_eq!(waiting(ExpiryQueue::<Test>::get()), 12);
        assert_eq!(AgeRegistry::prune_history(now() + WINDOW + 9), MAX_PRUNED);
        assert_eq!(AgeRegistry::prune_history(now() + WINDOW + 9), 12 - MAX_PRUNED);
        assert_eq!(AgeRegistry::prune_history(now() + WINDOW + 9), 0);
        assert_eq!(
            ListRootHistory::<Test>::iter().count(),
            3,
            "the current ones stay"
        );
    });
}

#[test]
fn nothing_is_pruned_early() {
    run(|| {
        new_issuer(1);
        next_block();
        open_shard(1, leaves(0..1));
        next_block();
        assert_eq!(AgeRegistry::prune_history(2 + WINDOW), 0);
        assert_eq!(AgeRegistry::prune_history(2 + WINDOW + 1), 1);
    });
}

#[test]
fn each_call_pays_for_its_share_of_the_work_at_the_blocks_end_and_for_pruning_after_it() {
    run(|| {
        let weight = |call: crate::Call<Test>| call.get_dispatch_info().call_weight;
        let shard_share = <()>::finalize_registry(1).saturating_add(<()>::prune(1));
        let batch = |n: u32| leaves(0..n).try_into().unwrap();
        let attests = [
            (ShardChoice::Next, <()>::attest_next(1)),
            (ShardChoice::Open(ShardIndex(0)), <()>::attest_open(1)),
        ];
        for (shard, alone) in attests {
            let call = crate::Call::attest {
                shard,
                start: 0,
                leaves: batch(1),
            };
            assert_eq!(weight(call), alone.saturating_add(shard_share));
        }
        let (list, issuer) = (TrustListId(0), IssuerIndex(0));
        let list_share = <()>::finalize_lists(1);
        let created = crate::Call::create_trust_list {
            name: b"Banks".to_vec().try_into().unwrap(),
        };
        let alone = <()>::create_trust_list();
        assert_eq!(
            weight(created),
            alone.saturating_add(list_share),
            "it supersedes no root"
        );
        let changes = [
            (crate::Call::withdraw_consent { list }, <()>::withdraw_consent()),
            (crate::Call::add_member { list, issuer }, <()>::add_member()),
            (crate::Call::remove_member { list, issuer }, <()>::remove_member()),
        ];
        for (call, alone) in changes {
            let share = list_share.saturating_add(<()>::prune(1));
            assert_eq!(weight(call), alone.saturating_add(share));
        }
    });
}

#[test]
fn the_beginning_of_a_block_tells_what_its_end_costs_anyway_and_what_it_pruned() {
    run(|| {
        let fixed = <()>::finalize_registry(0).saturating_add(<()>::finalize_lists(0));
        let quiet = |weight: Weight| weight == fixed.saturating_add(<()>::prune(0));
        next_block();
        assert!(quiet(AgeRegistry::on_initialize(2)));
        new_issuer(1);
        open_shard(1, leaves(0..1));
        go_to(2 + WINDOW);
        assert!(quiet(AgeRegistry::on_initialize(now().into())));
        System::set_block_number((now() + 1).into());
        let busy = AgeRegistry::on_initialize(now().into());
        assert_eq!(busy, fixed.saturating_add(<()>::prune(1)));
        let first = AgeRegistry::on_initialize(1);
        let db: RuntimeDbWeight = <Test as frame_system::Config>::DbWeight::get();
        let extra = db.reads_writes(1, 1);
        assert_eq!(first, fixed.saturating_add(<()>::prune(0)).saturating_add(extra));
    });
}
