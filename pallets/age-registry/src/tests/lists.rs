//! Trust lists and who is on them.

use super::{dispatch, failed, trust_root, unsigned};
use crate::{
    mock::*, Call, Error, Event, Issuers, ListStatus, Listing, Listings, NextTrustList, Slots, TrustLists,
};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use ofage_primitives::{
    tree::{Tree, TRUST_CAPACITY},
    IssuerIndex, TrustListId, TrustListRoot,
};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

const LIST: TrustListId = TrustListId(0);

fn consent(controller: u8, list: TrustListId) -> DispatchResult {
    AgeRegistry::consent(signed(controller), list)
}

fn withdraw(controller: u8, list: TrustListId) -> DispatchResult {
    AgeRegistry::withdraw_consent(signed(controller), list)
}

fn add(issuer: u32) -> DispatchResult {
    AgeRegistry::add_member(signed(CURATOR), LIST, IssuerIndex(issuer))
}

fn remove(issuer: u32) -> DispatchResult {
    AgeRegistry::remove_member(signed(CURATOR), LIST, IssuerIndex(issuer))
}

fn members() -> Vec<Option<u32>> {
    let info = AgeRegistry::trust_list_info(LIST).unwrap();
    info.members
        .into_iter()
        .map(|member| member.map(|issuer| issuer.0))
        .collect()
}

/// A list with issuers 0, 1 and 2 of controllers 1, 2 and 3.
fn list_of_three() {
    new_list();
    for controller in 1..=3 {
        let issuer = new_issuer(controller);
        list_issuer(LIST, issuer);
    }
}

#[test]
fn a_list_is_created_empty_for_a_deposit() {
    run(|| {
        let name = b"Banks".to_vec().try_into().unwrap();
        assert_ok!(AgeRegistry::create_trust_list(signed(9), name));
        System::assert_last_event(
            Event::TrustListCreated {
                list: LIST,
                curator: account(9),
            }
            .into(),
        );
        let list = TrustLists::<Test>::get(LIST).unwrap();
        assert_eq!(list.curator, account(9));
        assert_eq!(list.root.element(), Tree::Trust.empty_root());
        assert_eq!(held(9), [0, 0, LIST_DEPOSIT]);
        assert_eq!(new_list(), TrustListId(1));
        assert_eq!(
            new_list(),
            TrustListId(2),
            "one curator may keep several, each for a deposit"
        );
        assert_eq!(held(CURATOR), [0, 0, 2 * LIST_DEPOSIT]);
    });
}

#[test]
fn a_curator_adds_issuers_that_consented() {
    run(|| {
        new_list();
        new_issuer(1);
        assert_ok!(consent(1, LIST));
        System::assert_last_event(
            Event::ConsentGiven {
                list: LIST,
                issuer: IssuerIndex(0),
            }
            .into(),
        );
        assert_eq!(members(), []);
        assert_ok!(add(0));
        System::assert_last_event(
            Event::MemberAdded {
                list: LIST,
                issuer: IssuerIndex(0),
                position: 0,
            }
            .into(),
        );
        assert_eq!(members(), [Some(0)]);
        assert_eq!(list_root(LIST), trust_root(&[Some(0)]));
    });
}

#[test]
fn a_position_that_an_issuer_left_is_an_empty_leaf_until_the_next_takes_it() {
    run(|| {
        list_of_three();
        assert_eq!(list_root(LIST), trust_root(&[Some(0), Some(1), Some(2)]));
        assert_ok!(remove(1));
        System::assert_last_event(
            Event::MemberRemoved {
                list: LIST,
                issuer: IssuerIndex(1),
                position: 1,
            }
            .into(),
        );
        assert_eq!(members(), [Some(0), None, Some(2)]);
        assert_eq!(list_root(LIST), trust_root(&[Some(0), None, Some(2)]));
        assert_ok!(remove(0));
        let fourth = new_issuer(4);
        list_issuer(LIST, fourth);
        assert_eq!(
            members(),
            [Some(3), None, Some(2)],
            "the last one left comes first"
        );
        assert_ok!(add(0));
        assert_ok!(add(1));
        assert_eq!(members(), [Some(3), Some(0), Some(2), Some(1)]);
        assert_eq!(list_root(LIST), trust_root(&[Some(3), Some(0), Some(2), Some(1)]));
    });
}

#[test]
fn a_list_that_everybody_left_has_the_root_of_an_empty_one() {
    run(|| {
        list_of_three();
        for issuer in 0..3 {
            assert_ok!(remove(issuer));
        }
        assert_eq!(members(), [None; 3]);
        assert_eq!(
            list_root(LIST),
            TrustListRoot::from_element(Tree::Trust.empty_root())
        );
    });
}

#[test]
fn an_issuer_that_a_curator_removed_still_consents() {
    run(|| {
        list_of_three();
        assert_ok!(remove(1));
        assert_eq!(
            Listings::<Test>::get(IssuerIndex(1), LIST),
            Some(Listing::Consented)
        );
        assert_ok!(add(1));
        assert_eq!(members(), [Some(0), Some(1), Some(2)]);
    });
}

#[test]
fn an_issuer_leaves_by_withdrawing_its_consent_and_cannot_be_put_back() {
    run(|| {
        list_of_three();
        assert_ok!(withdraw(2, LIST));
        System::assert_has_event(
            Event::MemberRemoved {
                list: LIST,
                issuer: IssuerIndex(1),
                position: 1,
            }
            .into(),
        );
        System::assert_last_event(
            Event::ConsentWithdrawn {
                list: LIST,
                issuer: IssuerIndex(1),
            }
            .into(),
        );
        assert_eq!(members(), [Some(0), None, Some(2)]);
        assert_noop!(add(1), Error::<Test>::NotConsented);
        assert_ok!(consent(2, LIST));
        assert_ok!(add(1));
    });
}

#[test]
fn a_consent_that_no_curator_used_can_be_withdrawn() {
    run(|| {
        new_list();
        new_issuer(1);
        assert_ok!(consent(1, LIST));
        let root = list_root(LIST);
        assert_ok!(withdraw(1, LIST));
        assert_eq!(list_root(LIST), root);
        assert_eq!(TrustLists::<Test>::get(LIST).unwrap().valid_from, 0);
    });
}

#[test]
fn a_consent_that_was_withdrawn_makes_room_for_another() {
    run(|| {
        new_issuer(1);
        for _ in 0..MAX_LISTS {
            new_list();
        }
        next_block();
        new_list();
        for list in 0..MAX_LISTS {
            assert_ok!(consent(1, TrustListId(list)));
        }
        assert_noop!(consent(1, TrustListId(MAX_LISTS)), Error::<Test>::TooManyLists);
        assert_ok!(withdraw(1, LIST));
        assert_ok!(consent(1, TrustListId(MAX_LISTS)));
        assert_eq!(Issuers::<Test>::get(IssuerIndex(0)).unwrap().consents, MAX_LISTS);
    });
}

#[test]
fn members_may_leave_a_frozen_list() {
    run(|| {
        list_of_three();
        TrustLists::<Test>::mutate(LIST, |list| list.as_mut().unwrap().status = ListStatus::Frozen);
        assert_noop!(add(0), Error::<Test>::ListFrozen);
        assert_noop!(remove(0), Error::<Test>::ListFrozen);
        assert_ok!(withdraw(1, LIST));
        assert_eq!(members(), [None, Some(1), Some(2)]);
    });
}

mod rejects {
    use super::*;

    #[test]
    fn names_that_do_not_print() {
        run(|| {
            for name in [&b""[..], b"\xff", b"a\tb"] {
                let name = name.to_vec().try_into().unwrap();
                assert_noop!(
                    AgeRegistry::create_trust_list(signed(1), name),
                    Error::<Test>::InvalidName
                );
            }
        });
    }

    #[test]
    fn a_list_whose_deposit_is_not_there() {
        run(|| {
            let call = Call::create_trust_list {
                name: b"Banks".to_vec().try_into().unwrap(),
            };
            assert_storage_noop!(assert_eq!(
                dispatch(signed(200), call),
                Err(TokenError::FundsUnavailable.into())
            ));
        });
    }

    #[test]
    fn a_list_beyond_the_last_number() {
        new_test_ext().execute_with(|| {
            NextTrustList::<Test>::put(u32::MAX);
            let name = b"Banks".to_vec().try_into().unwrap();
            assert_noop!(
                AgeRegistry::create_trust_list(signed(1), name),
                Error::<Test>::TooManyTrustLists
            );
        });
    }

    #[test]
    fn issuers_that_did_not_consent_to_this_list() {
        run(|| {
            new_list();
            let other = new_list();
            new_issuer(1);
            assert_noop!(add(0), Error::<Test>::NotConsented);
            assert_ok!(consent(1, other));
            assert_noop!(add(0), Error::<Test>::NotConsented);
            assert_noop!(add(7), Error::<Test>::UnknownIssuer);
        });
    }

    #[test]
    fn issuers_that_are_on_the_list_already_or_not_at_all() {
        run(|| {
            list_of_three();
            assert_noop!(add(0), Error::<Test>::AlreadyListed);
            assert_ok!(remove(0));
            assert_noop!(remove(0), Error::<Test>::NotListed);
            assert_noop!(remove(7), Error::<Test>::NotListed);
        });
    }

    #[test]
    fn whoever_is_not_the_curator() {
        run(|| {
            list_of_three();
            let (one, list) = (IssuerIndex(0), LIST);
            for stranger in [1, 91] {
                assert_noop!(
                    AgeRegistry::add_member(signed(stranger), list, one),
                    Error::<Test>::NotCurator
                );
                assert_noop!(
                    AgeRegistry::remove_member(signed(stranger), list, one),
                    Error::<Test>::NotCurator
                );
            }
            let unknown = TrustListId(5);
            assert_noop!(
                AgeRegistry::add_member(signed(CURATOR), unknown, one),
                Error::<Test>::UnknownTrustList
            );
            assert_noop!(
                AgeRegistry::remove_member(signed(CURATOR), unknown, one),
                Error::<Test>::UnknownTrustList
            );
        });
    }

    #[test]
    fn consents_that_are_not_the_controllers() {
        run(|| {
            new_list();
            let metadata = b"Bank".to_vec().try_into().unwrap();
            AgeRegistry::register(signed(1), metadata, account(2)).unwrap();
            AgeRegistry::become_attester(signed(2), IssuerIndex(0)).unwrap();
            for account in [2, 3] {
                assert_noop!(consent(account, LIST), Error::<Test>::NotController);
                assert_noop!(withdraw(account, LIST), Error::<Test>::NotController);
            }
        });
    }

    #[test]
    fn consents_to_nothing_twice_or_that_were_never_given() {
        run(|| {
            new_issuer(1);
            assert_noop!(consent(1, LIST), Error::<Test>::UnknownTrustList);
            assert_noop!(withdraw(1, LIST), Error::<Test>::NotConsented);
            new_list();
            assert_noop!(withdraw(1, LIST), Error::<Test>::NotConsented);
            assert_ok!(consent(1, LIST));
            assert_noop!(consent(1, LIST), Error::<Test>::AlreadyConsented);
        });
    }

    #[test]
    fn issuers_that_are_suspended_or_retired() {
        run(|| {
            new_list();
            let other = new_list();
            let suspended = new_issuer(1);
            let retired = new_issuer(2);
            for controller in [1, 2] {
                assert_ok!(consent(controller, LIST));
            }
            assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), suspended));
            assert_ok!(AgeRegistry::retire(signed(2)));
            for (controller, issuer) in [(1, suspended), (2, retired)] {
                assert_noop!(consent(controller, other), Error::<Test>::IssuerNotActive);
                assert_noop!(add(issuer.0), Error::<Test>::IssuerNotActive);
                assert_ok!(withdraw(controller, LIST));
            }
        });
    }

    #[test]
    fn a_member_beyond_the_last_position_while_vacant_ones_are_used() {
        new_test_ext().execute_with(|| {
            list_of_three();
            new_issuer(4);
            assert_ok!(consent(4, LIST));
            TrustLists::<Test>::mutate(LIST, |list| {
                list.as_mut().unwrap().positions = TRUST_CAPACITY as u16;
            });
            assert_eq!(add(3), failed(Error::ListFull));
            assert_ok!(remove(1));
            assert_ok!(add(3));
            assert_eq!(
                Slots::<Test>::get(LIST, 1),
                Some(crate::Slot::Member(IssuerIndex(3)))
            );
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            list_of_three();
            let calls: [fn(RuntimeOrigin) -> DispatchResult; 5] = [
                |o| AgeRegistry::create_trust_list(o, b"Banks".to_vec().try_into().unwrap()),
                |o| AgeRegistry::consent(o, LIST),
                |o| AgeRegistry::withdraw_consent(o, LIST),
                |o| AgeRegistry::add_member(o, LIST, IssuerIndex(0)),
                |o| AgeRegistry::remove_member(o, LIST, IssuerIndex(0)),
            ];
            for call in calls {
                for origin in unsigned() {
                    assert_noop!(call(origin), DispatchError::BadOrigin);
                }
            }
        });
    }
}
