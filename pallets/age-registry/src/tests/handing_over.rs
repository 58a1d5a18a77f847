//! Trust lists that go to another curator, or are frozen.

use super::{dispatch, failed, trust_root, unsigned};
use crate::{mock::*, Call, Error, Event, TrustLists};
use frame_support::{
    assert_noop, assert_ok, assert_storage_noop,
    traits::{
        fungible::{Mutate, MutateHold},
        tokens::Precision,
    },
};
use ofage_primitives::{IssuerIndex, TrustListId};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

const LIST: TrustListId = TrustListId(0);
const ONE: IssuerIndex = IssuerIndex(0);

fn offer(curator: u8, to: Option<u8>) -> DispatchResult {
    AgeRegistry::offer_list(signed(curator), LIST, to.map(account))
}

fn accept(account: u8) -> DispatchResult {
    AgeRegistry::accept_list(signed(account), LIST)
}

fn freeze(curator: u8) -> DispatchResult {
    AgeRegistry::freeze_list(signed(curator), LIST)
}

/// A list with issuer 0.
fn a_list() {
    new_list();
    let issuer = new_issuer(1);
    list_issuer(LIST, issuer);
}

#[test]
fn the_curator_offers_and_stays_the_curator_until_the_other_accepts() {
    run(|| {
        a_list();
        assert_ok!(offer(CURATOR, Some(5)));
        System::assert_last_event(
            Event::ListOffered {
                list: LIST,
                to: Some(account(5)),
            }
            .into(),
        );
        let info = AgeRegistry::trust_list_info(LIST).unwrap();
        assert_eq!((info.curator, info.offered_to), ([CURATOR; 32], Some([5; 32])));
        assert_noop!(
            AgeRegistry::remove_member(signed(5), LIST, ONE),
            Error::<Test>::NotCurator
        );
        assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, ONE));
        assert_ok!(accept(5));
        System::assert_last_event(
            Event::ListHandedOver {
                list: LIST,
                curator: account(5),
            }
            .into(),
        );
        let info = AgeRegistry::trust_list_info(LIST).unwrap();
        assert_eq!((info.curator, info.offered_to), ([5; 32], None));
        assert_noop!(
            AgeRegistry::add_member(signed(CURATOR), LIST, ONE),
            Error::<Test>::NotCurator
        );
        assert_ok!(AgeRegistry::add_member(signed(5), LIST, ONE));
    });
}

#[test]
fn the_deposit_moves_exactly() {
    run(|| {
        a_list();
        // Both keep another one.
        new_list();
        AgeRegistry::create_trust_list(signed(5), b"Own".to_vec().try_into().unwrap()).unwrap();
        // What a list costs has changed since.
        let deposit = LIST_DEPOSIT - 100;
        let reason = crate::HoldReason::TrustList.into();
        assert_ok!(Balances::release(
            &reason,
            &account(CURATOR),
            100,
            Precision::Exact
        ));
        TrustLists::<Test>::mutate(LIST, |list| list.as_mut().unwrap().deposit = deposit);
        assert_ok!(offer(CURATOR, Some(5)));
        let free = Balances::free_balance(account(CURATOR));
        assert_ok!(accept(5));
        assert_eq!(held(CURATOR), [0, 0, LIST_DEPOSIT]);
        assert_eq!(held(5), [0, 0, LIST_DEPOSIT + deposit]);
        assert_eq!(Balances::free_balance(account(CURATOR)), free + deposit);
        // And back.
        assert_ok!(offer(5, Some(CURATOR)));
        assert_ok!(accept(CURATOR));
        assert_eq!(held(CURATOR), [0, 0, LIST_DEPOSIT + deposit]);
        assert_eq!(held(5), [0, 0, LIST_DEPOSIT]);
    });
}

#[test]
fn an_offer_can_be_taken_back_or_made_to_another() {
    run(|| {
        a_list();
        assert_ok!(offer(CURATOR, Some(5)));
        assert_ok!(offer(CURATOR, None));
        System::assert_last_event(Event::ListOffered { list: LIST, to: None }.into());
        assert_noop!(accept(5), Error::<Test>::NotOffered);
        assert_ok!(offer(CURATOR, Some(5)));
        assert_ok!(offer(CURATOR, Some(6)));
        assert_noop!(accept(5), Error::<Test>::NotOffered);
        assert_ok!(accept(6));
        assert_noop!(accept(6), Error::<Test>::NotOffered);
        assert_noop!(accept(5), Error::<Test>::NotOffered);
    });
}

#[test]
fn an_old_offer_does_not_outlive_its_curator() {
    run(|| {
        a_list();
        assert_ok!(offer(CURATOR, Some(5)));
        assert_ok!(accept(5));
        assert_ok!(offer(5, Some(6)));
        assert_noop!(offer(CURATOR, Some(7)), Error::<Test>::NotCurator);
        assert_noop!(accept(CURATOR), Error::<Test>::NotOffered);
        assert_ok!(accept(6));
    });
}

#[test]
fn handing_over_changes_no_root_and_voids_no_anchor() {
    run(|| {
        a_list();
        next_block();
        let before = TrustLists::<Test>::get(LIST).unwrap();
        assert_ok!(offer(CURATOR, Some(5)));
        assert_ok!(accept(5));
        assert_ok!(freeze(5));
        let after = TrustLists::<Test>::get(LIST).unwrap();
        assert_eq!(after.root, before.root);
        assert_eq!(after.valid_from, before.valid_from);
        assert!(crate::DirtyLists::<Test>::get().is_empty());
    });
}

#[test]
fn a_frozen_list_takes_and_loses_nobody_by_its_curator() {
    run(|| {
        a_list();
        let second = new_issuer(2);
        assert_ok!(AgeRegistry::consent(signed(2), LIST));
        assert_ok!(freeze(CURATOR));
        System::assert_last_event(Event::ListFrozen { list: LIST }.into());
        assert!(AgeRegistry::trust_list_info(LIST).unwrap().frozen);
        assert_noop!(
            AgeRegistry::add_member(signed(CURATOR), LIST, second),
            Error::<Test>::ListFrozen
        );
        assert_noop!(
            AgeRegistry::remove_member(signed(CURATOR), LIST, ONE),
            Error::<Test>::ListFrozen
        );
        assert_eq!(list_root(LIST), trust_root(&[Some(0)]));
    });
}

#[test]
fn members_of_a_frozen_list_may_leave_and_do_not_come_back() {
    run(|| {
        a_list();
        assert_ok!(freeze(CURATOR));
        assert_ok!(AgeRegistry::withdraw_consent(signed(1), LIST));
        assert_eq!(list_root(LIST), trust_root(&[None]));
        assert_ok!(AgeRegistry::consent(signed(1), LIST));
        assert_noop!(
            AgeRegistry::add_member(signed(CURATOR), LIST, ONE),
            Error::<Test>::ListFrozen
        );
    });
}

#[test]
fn a_frozen_list_is_handed_over_and_stays_frozen() {
    run(|| {
        a_list();
        assert_ok!(offer(CURATOR, Some(5)));
        assert_ok!(freeze(CURATOR));
        assert_ok!(accept(5));
        assert_eq!(held(CURATOR), [0, 0, 0]);
        assert_eq!(held(5), [0, 0, LIST_DEPOSIT]);
        assert_noop!(
            AgeRegistry::remove_member(signed(5), LIST, ONE),
            Error::<Test>::ListFrozen
        );
        assert_ok!(offer(5, Some(6)));
    });
}

mod rejects {
    use super::*;

    #[test]
    fn an_offer_to_the_curator_itself() {
        run(|| {
            a_list();
            assert_noop!(offer(CURATOR, Some(CURATOR)), Error::<Test>::CuratorUnchanged);
            assert_ok!(offer(CURATOR, Some(5)));
            assert_ok!(accept(5));
            assert_noop!(offer(5, Some(5)), Error::<Test>::CuratorUnchanged);
        });
    }

    #[test]
    fn a_curator_that_cannot_pay() {
        run(|| {
            a_list();
            let (poor, broke) = (200, 201);
            let enough = LIST_DEPOSIT + EXISTENTIAL_DEPOSIT;
            Balances::set_balance(&account(poor), enough - 1);
            for nobody in [poor, broke] {
                assert_ok!(offer(CURATOR, Some(nobody)));
                let call = Call::accept_list { list: LIST };
                assert_storage_noop!(assert_eq!(
                    dispatch(signed(nobody), call),
                    Err(TokenError::FundsUnavailable.into())
                ));
            }
            assert_eq!(held(CURATOR), [0, 0, LIST_DEPOSIT]);
            assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, ONE));
        });
    }

    #[test]
    fn whoever_is_not_the_curator() {
        run(|| {
            a_list();
            assert_ok!(offer(CURATOR, Some(5)));
            for caller in [1, 5, 6] {
                assert_noop!(offer(caller, Some(caller)), Error::<Test>::NotCurator);
                assert_noop!(offer(caller, None), Error::<Test>::NotCurator);
                assert_noop!(freeze(caller), Error::<Test>::NotCurator);
            }
            for caller in [1, 6, CURATOR] {
                assert_noop!(accept(caller), Error::<Test>::NotOffered);
            }
        });
    }

    #[test]
    fn freezing_twice() {
        run(|| {
            a_list();
            assert_ok!(freeze(CURATOR));
            assert_eq!(freeze(CURATOR), failed(Error::ListFrozen));
        });
    }

    #[test]
    fn lists_that_do_not_exist() {
        run(|| {
            assert_noop!(offer(1, None), Error::<Test>::UnknownTrustList);
            assert_noop!(accept(1), Error::<Test>::UnknownTrustList);
            assert_noop!(freeze(1), Error::<Test>::UnknownTrustList);
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            a_list();
            let calls = [
                Call::offer_list {
                    list: LIST,
                    to: Some(account(5)),
                },
                Call::accept_list { list: LIST },
                Call::freeze_list { list: LIST },
            ];
            for call in calls {
                for origin in unsigned() {
                    assert_eq!(dispatch(origin, call.clone()), Err(DispatchError::BadOrigin));
                }
            }
        });
    }
}
