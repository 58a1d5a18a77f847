//! Issuers that retire, and their deposits.

use super::{dispatch, failed, unsigned};
use crate::{mock::*, Call, Error, Event, Issuers, ShardChoice, ShardStatus, Shards};
use frame_support::{assert_noop, assert_ok};
use ofage_primitives::{chain::IssuerStatus, IssuerIndex};
use sp_runtime::{DispatchError, DispatchResult};

const ONE: IssuerIndex = IssuerIndex(0);

fn retire(controller: u8) -> DispatchResult {
    AgeRegistry::retire(signed(controller))
}

fn withdraw(controller: u8) -> DispatchResult {
    AgeRegistry::withdraw_deposit(signed(controller))
}

fn suspend() {
    assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), ONE));
}

fn reinstate() {
    assert_ok!(AgeRegistry::reinstate(RuntimeOrigin::root(), ONE));
}

fn slash(amount: u64) -> DispatchResult {
    AgeRegistry::slash(RuntimeOrigin::root(), ONE, amount)
}

fn status() -> IssuerStatus {
    Issuers::<Test>::get(ONE).unwrap().status
}

#[test]
fn a_retired_issuer_attests_no_more_and_joins_no_lists() {
    run(|| {
        let list = new_list();
        let other = new_list();
        new_issuer(1);
        assert_ok!(AgeRegistry::consent(signed(1), other));
        let shard = open_shard(1, leaves(0..2));
        assert_ok!(retire(1));
        System::assert_has_event(Event::ShardSealed { issuer: ONE, shard }.into());
        System::assert_last_event(Event::IssuerRetired { issuer: ONE }.into());
        assert_eq!(Shards::<Test>::get(shard).unwrap().status, ShardStatus::Sealed);
        for choice in [ShardChoice::Next, ShardChoice::Open(shard)] {
            assert_eq!(attest(1, choice, 2, leaves(2..3)), failed(Error::IssuerNotActive));
        }
        assert_noop!(
            AgeRegistry::consent(signed(1), list),
            Error::<Test>::IssuerNotActive
        );
        assert_noop!(
            AgeRegistry::add_member(signed(CURATOR), other, ONE),
            Error::<Test>::IssuerNotActive
        );
        let info = AgeRegistry::issuer_info(ONE).unwrap();
        assert_eq!((info.status, info.retired_at), (IssuerStatus::Retired, Some(1)));
    });
}

#[test]
fn what_it_attested_stays_and_so_does_its_place_on_lists() {
    run(|| {
        let list = new_list();
        new_issuer(1);
        list_issuer(list, ONE);
        open_shard(1, leaves(0..2));
        next_block();
        let (before, registry) = (list_root(list), AgeRegistry::registry_root());
        assert_ok!(retire(1));
        next_block();
        assert_eq!(list_root(list), before);
        assert_eq!(AgeRegistry::registry_root(), registry);
        // It may leave, and be taken off.
        assert_ok!(AgeRegistry::withdraw_consent(signed(1), list));
    });
}

#[test]
fn the_deposit_comes_back_after_a_delay() {
    run(|| {
        new_issuer(1);
        let free = Balances::free_balance(account(1));
        go_to(3);
        assert_ok!(retire(1));
        for _ in 0..RETIRE_DELAY {
            assert_noop!(withdraw(1), Error::<Test>::TooEarly);
            next_block();
        }
        assert_eq!(now(), 3 + RETIRE_DELAY);
        assert_ok!(withdraw(1));
        System::assert_last_event(
            Event::DepositWithdrawn {
                issuer: ONE,
                amount: ISSUER_DEPOSIT,
            }
            .into(),
        );
        assert_eq!(held(1), [0, 0, 0]);
        assert_eq!(Balances::free_balance(account(1)), free + ISSUER_DEPOSIT);
        assert_eq!(AgeRegistry::issuer_info(ONE).unwrap().deposit, 0);
        // Once.
        assert_noop!(withdraw(1), Error::<Test>::NoDeposit);
    });
}

#[test]
fn its_accounts_stay_its_own_for_the_sake_of_revocations() {
    run(|| {
        new_issuer(1);
        assert_ok!(retire(1));
        go_to(1 + RETIRE_DELAY);
        assert_ok!(withdraw(1));
        assert_eq!(AgeRegistry::issuer_of(&account(1)), Some(ONE));
        let metadata = b"Another".to_vec().try_into().unwrap();
        assert_noop!(
            AgeRegistry::register(signed(1), metadata, account(1)),
            Error::<Test>::AccountTaken
        );
    });
}

#[test]
fn it_revokes_shards_when_its_deposit_is_gone_and_while_it_is_suspended() {
    run(|| {
        new_issuer(1);
        let shard = open_shard(1, leaves(0..2));
        assert_ok!(retire(1));
        go_to(1 + RETIRE_DELAY);
        assert_ok!(withdraw(1));
        suspend();
        assert_ok!(AgeRegistry::revoke_shards(signed(1), shard, shard, 1));
        assert_ok!(AgeRegistry::restore_shards(signed(1), shard, shard, 1));
    });
}

#[test]
fn what_is_slashed_before_the_withdrawal_does_not_come_back() {
    run(|| {
        new_issuer(1);
        let free = Balances::free_balance(account(1));
        assert_ok!(retire(1));
        assert_ok!(slash(1_234));
        go_to(1 + RETIRE_DELAY);
        assert_ok!(slash(66));
        assert_ok!(withdraw(1));
        let amount = ISSUER_DEPOSIT - 1_300;
        System::assert_last_event(Event::DepositWithdrawn { issuer: ONE, amount }.into());
        assert_eq!(Balances::free_balance(account(1)), free + amount);
        assert_eq!(slashed(), 1_300);
        assert_eq!(slash(1), failed(Error::NoDeposit), "it is gone");
    });
}

#[test]
fn an_issuer_whose_deposit_was_slashed_whole_gets_nothing_back() {
    run(|| {
        new_issuer(1);
        assert_ok!(retire(1));
        assert_ok!(slash(ISSUER_DEPOSIT));
        go_to(1 + RETIRE_DELAY);
        assert_noop!(withdraw(1), Error::<Test>::NoDeposit);
    });
}

#[test]
fn a_suspension_after_retirement_holds_the_deposit_and_ends_as_retirement() {
    run(|| {
        new_issuer(1);
        assert_ok!(retire(1));
        suspend();
        assert_eq!(status(), IssuerStatus::Suspended);
        go_to(1 + RETIRE_DELAY);
        assert_noop!(withdraw(1), Error::<Test>::IssuerSuspended);
        assert_noop!(retire(1), Error::<Test>::IssuerNotActive);
        reinstate();
        assert_eq!(status(), IssuerStatus::Retired);
        assert_eq!(
            attest(1, ShardChoice::Next, 0, leaves(0..1)),
            failed(Error::IssuerNotActive),
            "reinstating does not undo retirement"
        );
        assert_ok!(withdraw(1));
    });
}

mod rejects {
    use super::*;

    #[test]
    fn a_deposit_asked_for_by_an_issuer_that_did_not_retire() {
        run(|| {
            new_issuer(1);
            go_to(2 + RETIRE_DELAY);
            assert_noop!(withdraw(1), Error::<Test>::NotRetired);
            suspend();
            assert_noop!(withdraw(1), Error::<Test>::IssuerSuspended);
        });
    }

    #[test]
    fn an_issuer_that_retires_twice_or_while_suspended() {
        run(|| {
            new_issuer(1);
            suspend();
            assert_noop!(retire(1), Error::<Test>::IssuerNotActive);
            reinstate();
            assert_ok!(retire(1));
            next_block();
            assert_noop!(retire(1), Error::<Test>::IssuerNotActive);
            assert_eq!(
                Issuers::<Test>::get(ONE).unwrap().retired_at,
                Some(1),
                "nor does the delay begin anew"
            );
        });
    }

    #[test]
    fn whoever_is_not_the_controller() {
        run(|| {
            let metadata = b"Bank".to_vec().try_into().unwrap();
            assert_ok!(AgeRegistry::register(signed(1), metadata, account(2)));
            assert_ok!(AgeRegistry::become_attester(signed(2), ONE));
            for caller in [2, 3, CURATOR] {
                assert_noop!(retire(caller), Error::<Test>::NotController);
            }
            assert_ok!(retire(1));
            go_to(1 + RETIRE_DELAY);
            for caller in [2, 3, CURATOR] {
                assert_noop!(withdraw(caller), Error::<Test>::NotController);
            }
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            new_issuer(1);
            for call in [Call::retire {}, Call::withdraw_deposit {}] {
                for origin in unsigned() {
                    assert_eq!(dispatch(origin, call.clone()), Err(DispatchError::BadOrigin));
                }
            }
        });
    }
}
