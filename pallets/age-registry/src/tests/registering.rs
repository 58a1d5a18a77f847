//! Issuers and their two keys.

use super::{dispatch, failed, id_of, unsigned};
use crate::{mock::*, Accounts, Attester, Call, Error, Event, Issuers, NextIssuer, ShardChoice};
use frame_support::{assert_noop, assert_ok, assert_storage_noop, BoundedVec};
use ofage_primitives::{chain::IssuerStatus, IssuerIndex};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

fn register(controller: u8, metadata: &[u8], attester: u8) -> DispatchResult {
    let metadata = metadata.to_vec().try_into().expect("tests stay in the bound");
    AgeRegistry::register(signed(controller), metadata, account(attester))
}

#[test]
fn an_issuer_is_recorded_with_its_id_and_a_deposit() {
    run(|| {
        assert_ok!(register(1, b"First Bank", 2));
        let issuer = Issuers::<Test>::get(IssuerIndex(0)).unwrap();
        assert_eq!(issuer.id, id_of(0));
        assert_eq!(issuer.controller, account(1));
        assert_eq!(issuer.attester, Attester::Named(account(2)));
        assert_eq!(issuer.status, IssuerStatus::Active);
        assert_eq!(issuer.metadata.as_slice(), b"First Bank");
        assert_eq!(issuer.last_shard, None);
        assert_eq!(held(1), [ISSUER_DEPOSIT, 0, 0]);
        assert_eq!(held(2), [0, 0, 0]);
        System::assert_last_event(
            Event::IssuerRegistered {
                issuer: IssuerIndex(0),
                controller: account(1),
                attester: account(2),
            }
            .into(),
        );
    });
}

#[test]
fn issuers_are_numbered_in_order_and_their_ids_differ() {
    run(|| {
        assert_eq!([1, 2, 3].map(new_issuer), [0, 1, 2].map(IssuerIndex));
        let ids: std::collections::BTreeSet<_> = (0..3).map(id_of).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(Issuers::<Test>::get(IssuerIndex(2)).unwrap().id, id_of(2));
    });
}

#[test]
fn an_issuer_in_the_very_first_block_has_the_id_of_this_chain() {
    run(|| {
        assert_eq!(now(), 1);
        new_issuer(1);
        assert_eq!(Issuers::<Test>::get(IssuerIndex(0)).unwrap().id, id_of(0));
    });
}

#[test]
fn a_controller_that_names_itself_attests_right_away() {
    run(|| {
        new_issuer(1);
        assert_ok!(attest(1, ShardChoice::Next, 0, leaves(0..1)));
    });
}

#[test]
fn a_named_attester_attests_once_it_agreed_and_the_controller_does_not() {
    run(|| {
        assert_ok!(register(1, b"Bank", 2));
        assert_eq!(
            attest(2, ShardChoice::Next, 0, leaves(0..1)),
            failed(Error::NotAttester)
        );
        assert_ok!(AgeRegistry::become_attester(signed(2), IssuerIndex(0)));
        System::assert_last_event(
            Event::AttesterAccepted {
                issuer: IssuerIndex(0),
                attester: account(2),
            }
            .into(),
        );
        assert_ok!(attest(2, ShardChoice::Next, 0, leaves(0..1)));
        assert_eq!(
            attest(1, ShardChoice::Next, 0, leaves(0..1)),
            failed(Error::NotAttester)
        );
        // What the hot key does takes nothing from the cold one.
        assert_eq!(held(1), [ISSUER_DEPOSIT, 0, 0]);
        assert_eq!(held(2), [0, SHARD_DEPOSIT, 0]);
    });
}

#[test]
fn clients_find_an_issuer_by_either_of_its_accounts() {
    run(|| {
        assert_ok!(register(1, b"Bank", 2));
        assert_eq!(AgeRegistry::issuer_of(&account(1)), Some(IssuerIndex(0)));
        assert_eq!(AgeRegistry::issuer_of(&account(2)), None);
        assert_ok!(AgeRegistry::become_attester(signed(2), IssuerIndex(0)));
        assert_eq!(AgeRegistry::issuer_of(&account(2)), Some(IssuerIndex(0)));
        assert_eq!(AgeRegistry::issuer_of(&account(3)), None);
    });
}

#[test]
fn being_named_by_a_stranger_binds_an_account_to_nothing() {
    run(|| {
        assert_ok!(register(66, b"Mallory", 2));
        // It registers an issuer of its own, and attests for that one.
        assert_ok!(register(2, b"Bank", 2));
        assert_ok!(attest(2, ShardChoice::Next, 0, leaves(0..1)));
        assert_eq!(AgeRegistry::issuer_of(&account(2)), Some(IssuerIndex(1)));
        assert_eq!(
            AgeRegistry::shard_infos(0, 9)[0].issuer,
            IssuerIndex(1),
            "nothing was written for the stranger"
        );
        assert_noop!(
            AgeRegistry::become_attester(signed(2), IssuerIndex(0)),
            Error::<Test>::AccountTaken
        );
    });
}

#[test]
fn an_account_that_two_issuers_named_serves_the_one_that_it_agrees_to() {
    run(|| {
        assert_ok!(register(66, b"Mallory", 2));
        assert_ok!(register(1, b"Bank", 2));
        assert_ok!(AgeRegistry::become_attester(signed(2), IssuerIndex(1)));
        assert_ok!(attest(2, ShardChoice::Next, 0, leaves(0..1)));
        assert_eq!(AgeRegistry::shard_infos(0, 9)[0].issuer, IssuerIndex(1));
        assert_eq!(
            AgeRegistry::become_attester(signed(2), IssuerIndex(0)),
            failed(Error::AccountTaken)
        );
    });
}

mod rejects {
    use super::*;

    #[test]
    fn metadata_that_does_not_print() {
        run(|| {
            for metadata in [&b""[..], b"\xff\xfe", b"Bank\x1b[2J", b"Bank\n"] {
                assert_noop!(register(1, metadata, 1), Error::<Test>::InvalidMetadata);
            }
            assert!(
                BoundedVec::<u8, <Test as crate::Config>::MaxMetadata>::try_from(vec![b'a'; 33]).is_err()
            );
            assert_ok!(register(1, "Länsförsäkringar, SE".as_bytes(), 1));
        });
    }

    #[test]
    fn a_second_issuer_of_an_account_in_whatever_role() {
        run(|| {
            assert_ok!(register(1, b"Bank", 2));
            assert_ok!(AgeRegistry::become_attester(signed(2), IssuerIndex(0)));
            for (controller, attester) in [(1, 1), (1, 3), (2, 2), (2, 3), (3, 1), (3, 2)] {
                assert_noop!(
                    register(controller, b"Other", attester),
                    Error::<Test>::AccountTaken
                );
            }
        });
    }

    #[test]
    fn a_deposit_that_is_not_there() {
        run(|| {
            let metadata: BoundedVec<_, _> = b"Bank".to_vec().try_into().unwrap();
            let call = Call::register {
                metadata,
                attester: account(200),
            };
            assert_storage_noop!(assert_eq!(
                dispatch(signed(200), call),
                Err(TokenError::FundsUnavailable.into())
            ));
            assert!(!Accounts::<Test>::contains_key(account(200)));
        });
    }

    #[test]
    fn an_issuer_beyond_the_last_number() {
        new_test_ext().execute_with(|| {
            NextIssuer::<Test>::put(u32::MAX);
            assert_noop!(register(1, b"Bank", 1), Error::<Test>::TooManyIssuers);
        });
    }

    #[test]
    fn an_attester_that_was_not_named_or_agreed_already() {
        run(|| {
            assert_ok!(register(1, b"Bank", 2));
            assert_noop!(
                AgeRegistry::become_attester(signed(3), IssuerIndex(0)),
                Error::<Test>::NotNamed
            );
            assert_noop!(
                AgeRegistry::become_attester(signed(1), IssuerIndex(0)),
                Error::<Test>::NotNamed
            );
            assert_noop!(
                AgeRegistry::become_attester(signed(2), IssuerIndex(1)),
                Error::<Test>::UnknownIssuer
            );
            assert_ok!(AgeRegistry::become_attester(signed(2), IssuerIndex(0)));
            assert_noop!(
                AgeRegistry::become_attester(signed(2), IssuerIndex(0)),
                Error::<Test>::NotNamed
            );
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            for origin in unsigned() {
                let metadata = b"Bank".to_vec().try_into().unwrap();
                assert_noop!(
                    AgeRegistry::register(origin, metadata, account(1)),
                    DispatchError::BadOrigin
                );
            }
            for origin in unsigned() {
                assert_noop!(
                    AgeRegistry::become_attester(origin, IssuerIndex(0)),
                    DispatchError::BadOrigin
                );
            }
        });
    }
}
