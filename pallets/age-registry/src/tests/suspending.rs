//! What governance does about issuers.

use super::{check, dispatch, end_of_block, failed, trust_root, unsigned, LIST};
use crate::{
    mock::*, Call, DirtyLists, Error, Event, Issuers, Listing, Listings, ShardChoice, Slot, Slots,
    TrustLists, WeightInfo,
};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{GetDispatchInfo, Pays},
    weights::Weight,
};
use ofage_primitives::{
    chain::{AnchorError, IssuerStatus},
    Anchor, IssuerIndex, TrustListId,
};
use sp_runtime::{DispatchError, DispatchResult};

const ONE: IssuerIndex = IssuerIndex(0);
const TWO: IssuerIndex = IssuerIndex(1);

fn suspend(issuer: IssuerIndex) -> DispatchResult {
    let done = AgeRegistry::suspend(RuntimeOrigin::root(), issuer);
    done.map(|_| ()).map_err(|failed| failed.error)
}

fn reinstate(issuer: IssuerIndex) -> DispatchResult {
    let done = AgeRegistry::reinstate(RuntimeOrigin::root(), issuer);
    done.map(|_| ()).map_err(|failed| failed.error)
}

fn slash(issuer: IssuerIndex, amount: u64) -> DispatchResult {
    AgeRegistry::slash(RuntimeOrigin::root(), issuer, amount)
}

/// Issuers 0 and 1 of controllers 1 and 2 on a list.
fn list_of_two() {
    new_list();
    for controller in [1, 2] {
        let issuer = new_issuer(controller);
        list_issuer(LIST, issuer);
    }
}

#[test]
fn a_suspended_issuer_leaves_the_trees_of_all_its_lists_within_the_block() {
    run(|| {
        list_of_two();
        let second = new_list();
        list_issuer(second, ONE);
        let third = new_list();
        assert_ok!(AgeRegistry::consent(signed(1), third));
        next_block();
        assert_ok!(suspend(ONE));
        System::assert_last_event(Event::IssuerSuspended { issuer: ONE }.into());
        assert_eq!(list_root(LIST), trust_root(&[None, Some(1)]));
        assert_eq!(list_root(second), trust_root(&[None]));
        next_block();
        let anchor = AgeRegistry::anchor(LIST).unwrap();
        assert_eq!(anchor.trust_list_root, trust_root(&[None, Some(1)]));
    });
}

#[test]
fn it_keeps_its_positions_though_clients_are_not_told_them() {
    run(|| {
        list_of_two();
        assert_ok!(suspend(ONE));
        assert_eq!(Slots::<Test>::get(LIST, 0), Some(Slot::Member(ONE)));
        assert_eq!(Listings::<Test>::get(ONE, LIST), Some(Listing::Listed(0)));
        let members = || AgeRegistry::trust_list_info(LIST).unwrap().members;
        assert_eq!(members(), [None, Some(TWO)]);
        // Nobody takes its place.
        let third = new_issuer(3);
        list_issuer(LIST, third);
        assert_eq!(members(), [None, Some(TWO), Some(third)]);
        assert_ok!(reinstate(ONE));
        assert_eq!(members(), [Some(ONE), Some(TWO), Some(third)]);
        assert_eq!(list_root(LIST), trust_root(&[Some(0), Some(1), Some(2)]));
    });
}

#[test]
fn it_attests_nothing_until_it_is_reinstated_and_goes_on_where_it_was() {
    run(|| {
        list_of_two();
        let shard = open_shard(1, leaves(0..2));
        assert_ok!(suspend(ONE));
        assert_eq!(
            attest(1, ShardChoice::Open(shard), 2, leaves(2..3)),
            failed(Error::IssuerNotActive)
        );
        next_block();
        assert_ok!(reinstate(ONE));
        System::assert_last_event(Event::IssuerReinstated { issuer: ONE }.into());
        assert_ok!(attest(1, ShardChoice::Open(shard), 2, leaves(2..3)));
    });
}

#[test]
fn older_anchors_of_its_lists_die_at_once_and_newer_ones_count() {
    run(|| {
        list_of_two();
        let (second, strange) = (new_list(), new_list());
        list_issuer(second, ONE);
        let listed = end_of_block(LIST);
        let on_second = Anchor {
            block: now() - 1,
            ..AgeRegistry::anchor(second).unwrap()
        };
        let elsewhere = Anchor {
            block: now() - 1,
            ..AgeRegistry::anchor(strange).unwrap()
        };
        next_block();
        assert_ok!(suspend(ONE));
        // In the very block.
        let refused = Err(AnchorError::TrustListRoot);
        assert_eq!(check(LIST, listed), refused);
        assert_eq!(check(second, on_second), refused);
        assert_eq!(check(strange, elsewhere), Ok(()), "it is not on that list");
        let without = end_of_block(LIST);
        assert_eq!(check(LIST, without), Ok(()));
        assert_eq!(check(LIST, listed), refused);
        assert_ok!(reinstate(ONE));
        assert_eq!(check(LIST, without), Ok(()), "coming back voids nothing");
        assert_eq!(check(LIST, listed), refused, "nor revives anything");
        let again = end_of_block(LIST);
        assert_eq!(again.trust_list_root, listed.trust_list_root);
        assert_eq!(check(LIST, again), Ok(()));
        assert_eq!(check(LIST, listed), refused);
    });
}

#[test]
fn suspended_and_reinstated_in_one_block_it_is_where_it_was_and_old_proofs_are_not() {
    run(|| {
        list_of_two();
        let listed = end_of_block(LIST);
        next_block();
        assert_ok!(suspend(ONE));
        assert_ok!(reinstate(ONE));
        let after = end_of_block(LIST);
        assert_eq!(after.trust_list_root, listed.trust_list_root);
        assert_eq!(check(LIST, after), Ok(()));
        assert_eq!(check(LIST, listed), Err(AnchorError::TrustListRoot));
    });
}

#[test]
fn a_curator_removes_a_suspended_issuer_for_good() {
    run(|| {
        list_of_two();
        assert_ok!(suspend(ONE));
        assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, ONE));
        assert_eq!(Slots::<Test>::get(LIST, 0), Some(Slot::Vacant(None)));
        next_block();
        assert_ok!(reinstate(ONE));
        assert_eq!(
            list_root(LIST),
            trust_root(&[None, Some(1)]),
            "not its place any more"
        );
        assert_ok!(AgeRegistry::add_member(signed(CURATOR), LIST, ONE));
        assert_eq!(list_root(LIST), trust_root(&[Some(0), Some(1)]));
    });
}

#[test]
fn the_place_of_a_suspended_issuer_that_was_removed_can_be_anothers_when_it_returns() {
    run(|| {
        list_of_two();
        assert_ok!(suspend(ONE));
        assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, ONE));
        let third = new_issuer(3);
        list_issuer(LIST, third);
        assert_ok!(reinstate(ONE));
        assert_eq!(list_root(LIST), trust_root(&[Some(2), Some(1)]));
    });
}

#[test]
fn a_suspended_issuer_may_leave_a_list_and_does_not_return_to_it() {
    run(|| {
        list_of_two();
        assert_ok!(suspend(ONE));
        assert_ok!(AgeRegistry::withdraw_consent(signed(1), LIST));
        next_block();
        assert_ok!(reinstate(ONE));
        assert_eq!(list_root(LIST), trust_root(&[None, Some(1)]));
        assert_eq!(Listings::<Test>::get(ONE, LIST), None);
    });
}

#[test]
fn a_frozen_list_loses_suspended_issuers_too() {
    run(|| {
        list_of_two();
        assert_ok!(AgeRegistry::freeze_list(signed(CURATOR), LIST));
        next_block();
        assert_ok!(suspend(TWO));
        assert_eq!(list_root(LIST), trust_root(&[Some(0), None]));
        next_block();
        assert_ok!(reinstate(TWO));
        assert_eq!(list_root(LIST), trust_root(&[Some(0), Some(1)]));
    });
}

/// Issuer 0 on as many lists as can be, in a block that changes as many others as it can.
fn a_full_block() {
    let issuer = new_issuer(1);
    for _ in 0..MAX_LISTS {
        let list = new_list();
        list_issuer(list, issuer);
    }
    next_block();
    fill_the_block();
}

fn fill_the_block() {
    for _ in 0..MAX_DIRTY_LISTS {
        new_list();
    }
    assert_noop!(
        AgeRegistry::remove_member(signed(CURATOR), LIST, ONE),
        Error::<Test>::TooManyDirtyLists
    );
}

#[test]
fn a_block_full_of_other_peoples_changes_does_not_keep_governance_out() {
    run(|| {
        a_full_block();
        assert_ok!(suspend(ONE));
        let changed = MAX_DIRTY_LISTS + MAX_LISTS;
        assert_eq!(DirtyLists::<Test>::get().len() as u32, changed);
        for list in (0..MAX_LISTS).map(TrustListId) {
            assert_eq!(list_root(list), trust_root(&[None]));
        }
        next_block();
        assert_eq!(
            AgeRegistry::anchor(LIST).unwrap().trust_list_root,
            trust_root(&[None])
        );
        fill_the_block();
        assert_ok!(reinstate(ONE));
        for list in (0..MAX_LISTS).map(TrustListId) {
            assert_eq!(list_root(list), trust_root(&[Some(0)]));
        }
    });
}

#[test]
fn the_reserve_is_nobody_elses_but_what_is_changed_already_can_be_changed_more() {
    run(|| {
        a_full_block();
        assert_ok!(suspend(ONE));
        let name = b"Banks".to_vec().try_into().unwrap();
        assert_noop!(
            AgeRegistry::create_trust_list(signed(5), name),
            Error::<Test>::TooManyDirtyLists
        );
        assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, ONE));
    });
}

#[test]
fn what_governance_changed_before_counts_for_everybody_elses_bound() {
    run(|| {
        let issuer = new_issuer(1);
        for _ in 0..MAX_DIRTY_LISTS {
            let list = new_list();
            list_issuer(list, issuer);
        }
        next_block();
        // Governance first, and as many as all others together may.
        assert_ok!(suspend(ONE));
        let name = b"Banks".to_vec().try_into().unwrap();
        assert_noop!(
            AgeRegistry::create_trust_list(signed(5), name),
            Error::<Test>::TooManyDirtyLists
        );
    });
}

#[test]
fn governance_itself_has_a_bounded_reserve() {
    run(|| {
        // Four issuers on three lists each, and all of the lists are different.
        let mut issuers = Vec::new();
        for controller in 1..=4 {
            let issuer = new_issuer(controller);
            for _ in 0..MAX_LISTS {
                let list = new_list();
                list_issuer(list, issuer);
            }
            next_block();
            issuers.push(issuer);
        }
        for _ in 0..MAX_DIRTY_LISTS {
            new_list();
        }
        assert_ok!(suspend(issuers[0]));
        assert_ok!(suspend(issuers[1]));
        assert_noop!(suspend(issuers[2]), Error::<Test>::TooManyDirtyLists);
        // What is in the reserve already takes no more of it.
        assert_ok!(reinstate(issuers[0]));
        next_block();
        assert_ok!(suspend(issuers[2]));
    });
}

#[test]
fn a_suspension_is_paid_for_as_many_lists_as_can_be_and_tells_how_many_there_were() {
    run(|| {
        list_of_two();
        let other = new_list();
        assert_ok!(AgeRegistry::consent(signed(1), other));
        type Cost = fn(u32) -> Weight;
        let cost = |call: Cost, lists: u32| {
            call(lists)
                .saturating_add(<()>::finalize_lists(lists))
                .saturating_add(<()>::prune(lists))
        };
        let calls: [(Call<Test>, Cost); 2] = [
            (Call::suspend { issuer: ONE }, <()>::suspend),
            (Call::reinstate { issuer: ONE }, <()>::reinstate),
        ];
        for (call, alone) in calls {
            let info = call.get_dispatch_info();
            assert_eq!(info.call_weight, cost(alone, MAX_LISTS));
            let done = frame_support::traits::UnfilteredDispatchable::dispatch_bypass_filter(
                RuntimeCall::AgeRegistry(call),
                RuntimeOrigin::root(),
            );
            let after = done.unwrap();
            assert_eq!(after.actual_weight, Some(cost(alone, 2)));
            assert_eq!(after.pays_fee, Pays::Yes);
        }
    });
}

#[test]
fn a_slash_takes_some_of_the_deposit_and_nothing_else() {
    run(|| {
        new_issuer(1);
        let free = Balances::free_balance(account(1));
        assert_ok!(slash(ONE, 2_000));
        System::assert_last_event(
            Event::IssuerSlashed {
                issuer: ONE,
                amount: 2_000,
            }
            .into(),
        );
        assert_eq!(held(1), [ISSUER_DEPOSIT - 2_000, 0, 0]);
        assert_eq!(Balances::free_balance(account(1)), free);
        assert_eq!(slashed(), 2_000);
        let issuer = Issuers::<Test>::get(ONE).unwrap();
        assert_eq!(issuer.deposit, ISSUER_DEPOSIT - 2_000);
        assert_eq!(issuer.status, IssuerStatus::Active);
    });
}

#[test]
fn a_slash_of_more_than_is_left_takes_what_is_left() {
    run(|| {
        new_issuer(1);
        // It holds for other things, too.
        open_shard(1, leaves(0..1));
        AgeRegistry::create_trust_list(signed(1), b"Mine".to_vec().try_into().unwrap()).unwrap();
        assert_ok!(slash(ONE, 1));
        assert_ok!(slash(ONE, u64::MAX));
        System::assert_last_event(
            Event::IssuerSlashed {
                issuer: ONE,
                amount: ISSUER_DEPOSIT - 1,
            }
            .into(),
        );
        assert_eq!(held(1), [0, SHARD_DEPOSIT, LIST_DEPOSIT]);
        assert_eq!(slashed(), ISSUER_DEPOSIT);
        assert_noop!(slash(ONE, 1), Error::<Test>::NoDeposit);
    });
}

#[test]
fn a_slash_does_not_care_about_the_issuers_status() {
    run(|| {
        new_issuer(1);
        assert_ok!(suspend(ONE));
        assert_ok!(slash(ONE, 10));
        assert_ok!(reinstate(ONE));
        assert_ok!(AgeRegistry::retire(signed(1)));
        assert_ok!(slash(ONE, 10));
        assert_eq!(held(1), [ISSUER_DEPOSIT - 20, 0, 0]);
    });
}

mod rejects {
    use super::*;

    #[test]
    fn what_governance_did_already() {
        run(|| {
            list_of_two();
            assert_noop!(reinstate(ONE), Error::<Test>::NotSuspended);
            assert_ok!(suspend(ONE));
            assert_noop!(suspend(ONE), Error::<Test>::IssuerSuspended);
            assert_ok!(reinstate(ONE));
            assert_noop!(reinstate(ONE), Error::<Test>::NotSuspended);
            assert_ok!(AgeRegistry::retire(signed(1)));
            assert_noop!(reinstate(ONE), Error::<Test>::NotSuspended);
        });
    }

    #[test]
    fn issuers_that_do_not_exist() {
        run(|| {
            assert_noop!(suspend(ONE), Error::<Test>::UnknownIssuer);
            assert_noop!(reinstate(ONE), Error::<Test>::UnknownIssuer);
            assert_noop!(slash(ONE, 1), Error::<Test>::UnknownIssuer);
        });
    }

    #[test]
    fn a_suspended_issuer_that_wants_to_be_on_more_lists() {
        run(|| {
            list_of_two();
            let (other, third) = (new_list(), TrustListId(2));
            assert_ok!(AgeRegistry::consent(signed(1), other));
            next_block();
            assert_eq!(new_list(), third);
            assert_ok!(suspend(ONE));
            assert_noop!(
                AgeRegistry::add_member(signed(CURATOR), other, ONE),
                Error::<Test>::IssuerNotActive
            );
            assert_noop!(
                AgeRegistry::consent(signed(1), third),
                Error::<Test>::IssuerNotActive
            );
            assert_ok!(reinstate(ONE));
            assert_ok!(AgeRegistry::add_member(signed(CURATOR), other, ONE));
        });
    }

    #[test]
    fn everybody_but_governance() {
        run(|| {
            list_of_two();
            let calls = [
                Call::suspend { issuer: ONE },
                Call::reinstate { issuer: ONE },
                Call::slash {
                    issuer: ONE,
                    amount: 1,
                },
            ];
            for call in calls {
                for caller in [1, 2, 3, CURATOR] {
                    assert_eq!(
                        dispatch(signed(caller), call.clone()),
                        Err(DispatchError::BadOrigin)
                    );
                }
                for origin in unsigned().into_iter().skip(1) {
                    assert_eq!(dispatch(origin, call.clone()), Err(DispatchError::BadOrigin));
                }
            }
            assert_eq!(TrustLists::<Test>::get(LIST).unwrap().valid_from, 0);
        });
    }
}
