//! Issuers that change their hot key, and what they say about themselves.

use super::{dispatch, failed, unsigned};
use crate::{mock::*, Accounts, Attester, Call, Error, Event, Issuers, ShardChoice, ShardStatus, Shards};
use frame_support::{assert_noop, assert_ok};
use ofage_primitives::{
    tree::{DenseTree, ShardPath, Tree, SHARD_DEPTH},
    Attestation, Element, IssuerIndex, ShardIndex,
};
use sp_runtime::{DispatchError, DispatchResult};

const ONE: IssuerIndex = IssuerIndex(0);
// Its keys.
const COLD: u8 = 1;
const HOT: u8 = 2;

fn rotate(caller: u8, attester: u8) -> DispatchResult {
    AgeRegistry::rotate_attester(signed(caller), account(attester))
}

fn accept(attester: u8) -> DispatchResult {
    AgeRegistry::become_attester(signed(attester), ONE)
}

/// Issuer 0, for which [`HOT`] attests.
fn an_issuer() {
    let metadata = b"Bank".to_vec().try_into().unwrap();
    assert_ok!(AgeRegistry::register(signed(COLD), metadata, account(HOT)));
    assert_ok!(accept(HOT));
}

fn attester() -> Attester<sp_runtime::AccountId32> {
    Issuers::<Test>::get(ONE).unwrap().attester
}

#[test]
fn the_old_key_dies_at_once_and_the_new_one_serves_when_it_agrees() {
    run(|| {
        an_issuer();
        let shard = open_shard(HOT, leaves(0..2));
        assert_ok!(rotate(COLD, 3));
        System::assert_last_event(
            Event::AttesterRotated {
                issuer: ONE,
                attester: account(3),
            }
            .into(),
        );
        assert_eq!(attester(), Attester::Named(account(3)));
        let next = ShardChoice::Open(shard);
        assert_eq!(attest(HOT, next, 2, leaves(2..3)), failed(Error::NotAttester));
        assert_eq!(attest(3, next, 2, leaves(2..3)), failed(Error::NotAttester));
        assert_eq!(
            AgeRegistry::seal_shard(signed(HOT)),
            failed(Error::NotAnIssuer),
            "the old key does nothing more"
        );
        assert_ok!(accept(3));
        open_shard(3, leaves(2..3));
        assert_eq!(
            attest(HOT, ShardChoice::Next, 0, leaves(3..4)),
            failed(Error::NotAttester)
        );
    });
}

#[test]
fn the_open_shard_is_sealed_so_that_no_shard_has_leaves_of_two_keys() {
    run(|| {
        an_issuer();
        let shard = open_shard(HOT, leaves(0..2));
        assert_ok!(rotate(COLD, 3));
        assert_eq!(Shards::<Test>::get(shard).unwrap().status, ShardStatus::Sealed);
        System::assert_has_event(Event::ShardSealed { issuer: ONE, shard }.into());
        assert_ok!(accept(3));
        assert_eq!(
            attest(3, ShardChoice::Open(shard), 2, leaves(2..3)),
            failed(Error::ShardNotOpen)
        );
        let next = open_shard(3, leaves(2..3));
        assert_eq!(
            Shards::<Test>::get(next).unwrap().previous,
            Some(shard),
            "each shard knows the one before, whoever attested there"
        );
        // Each key's account pays for what it opened.
        assert_eq!(held(HOT), [0, SHARD_DEPOSIT, 0]);
        assert_eq!(held(3), [0, SHARD_DEPOSIT, 0]);
    });
}

#[test]
fn a_rotation_without_an_open_shard_seals_nothing() {
    run(|| {
        an_issuer();
        let before = System::events().len();
        assert_ok!(rotate(COLD, 3));
        assert_ok!(accept(3));
        open_shard(3, leaves(0..1));
        assert_ok!(AgeRegistry::seal_shard(signed(COLD)));
        assert_ok!(rotate(COLD, 4));
        let seals = System::events()
            .into_iter()
            .skip(before)
            .filter(|record| matches!(record.event, RuntimeEvent::AgeRegistry(Event::ShardSealed { .. })));
        assert_eq!(seals.count(), 1, "that of the call that asked for it");
    });
}

#[test]
fn the_controller_takes_over_right_away() {
    run(|| {
        an_issuer();
        assert_ok!(rotate(COLD, COLD));
        assert_eq!(attester(), Attester::Serving(account(COLD)));
        open_shard(COLD, leaves(0..1));
        assert_eq!(
            attest(HOT, ShardChoice::Open(ShardIndex(0)), 1, leaves(1..2)),
            failed(Error::NotAttester)
        );
        // And hands over again, without losing its own say.
        assert_ok!(rotate(COLD, 3));
        assert_eq!(AgeRegistry::issuer_of(&account(COLD)), Some(ONE));
        assert_eq!(
            attest(COLD, ShardChoice::Next, 0, leaves(1..2)),
            failed(Error::NotAttester)
        );
        assert_ok!(rotate(COLD, 4));
    });
}

#[test]
fn who_was_only_named_loses_that_when_another_is_named() {
    run(|| {
        an_issuer();
        assert_ok!(rotate(COLD, 3));
        // 3 never agrees; the controller thinks of another.
        assert_ok!(rotate(COLD, 4));
        assert_noop!(accept(3), Error::<Test>::NotNamed);
        assert_ok!(accept(4));
        assert_eq!(attester(), Attester::Serving(account(4)));
        assert_eq!(AgeRegistry::issuer_of(&account(3)), None);
    });
}

#[test]
fn an_old_key_is_free_for_another_issuer_and_can_come_back() {
    run(|| {
        an_issuer();
        assert_ok!(rotate(COLD, 3));
        assert!(!Accounts::<Test>::contains_key(account(HOT)));
        assert_noop!(accept(HOT), Error::<Test>::NotNamed);
        assert_ok!(rotate(COLD, HOT));
        assert_ok!(accept(HOT));
        assert_ok!(rotate(COLD, 3));
        new_issuer(HOT);
        open_shard(HOT, leaves(0..1));
        assert_eq!(Shards::<Test>::get(ShardIndex(0)).unwrap().issuer, IssuerIndex(1));
        assert_noop!(rotate(COLD, HOT), Error::<Test>::AccountTaken);
    });
}

#[test]
fn a_named_account_that_went_to_another_issuer_meanwhile_serves_that_one() {
    run(|| {
        an_issuer();
        assert_ok!(rotate(COLD, 3));
        new_issuer(3);
        assert_noop!(accept(3), Error::<Test>::AccountTaken);
        // The issuer goes on with another one, and 3 keeps what is its own.
        assert_ok!(rotate(COLD, 4));
        assert_ok!(accept(4));
        assert_eq!(AgeRegistry::issuer_of(&account(3)), Some(IssuerIndex(1)));
    });
}

#[test]
fn keys_change_whatever_the_issuers_status() {
    run(|| {
        an_issuer();
        assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), ONE));
        assert_ok!(rotate(COLD, 3));
        assert_ok!(accept(3));
        assert_ok!(AgeRegistry::reinstate(RuntimeOrigin::root(), ONE));
        assert_ok!(AgeRegistry::retire(signed(COLD)));
        assert_ok!(rotate(COLD, 4));
        assert_ok!(accept(4));
        assert_eq!(
            attest(4, ShardChoice::Next, 0, leaves(0..1)),
            failed(Error::IssuerNotActive)
        );
    });
}

#[test]
fn an_issuer_describes_itself_anew() {
    run(|| {
        an_issuer();
        let metadata = b"Bank, Ltd.".to_vec().try_into().unwrap();
        assert_ok!(AgeRegistry::update_metadata(signed(COLD), metadata));
        System::assert_last_event(Event::MetadataUpdated { issuer: ONE }.into());
        assert_eq!(AgeRegistry::issuer_info(ONE).unwrap().metadata, b"Bank, Ltd.");
    });
}

/// The siblings of the leaf at position 0 of a shard with these leaves.
fn siblings(leaves: &[Attestation]) -> Box<[Element; SHARD_DEPTH]> {
    let leaves = leaves.iter().map(|leaf| leaf.element()).collect();
    let path: ShardPath = DenseTree::new(Tree::Shard, leaves).unwrap().path(0).unwrap();
    Box::new(*path.siblings())
}

#[test]
fn the_old_key_revokes_nothing_more_and_the_new_one_what_the_old_one_attested() {
    run(|| {
        an_issuer();
        let batch = leaves(0..3);
        let shard = open_shard(HOT, batch.clone());
        assert_ok!(rotate(COLD, 3));
        let revoke = |caller: u8| AgeRegistry::revoke(signed(caller), shard, 0, batch[0], siblings(&batch));
        assert_noop!(revoke(HOT), Error::<Test>::NotAnIssuer);
        assert_noop!(revoke(3), Error::<Test>::NotAnIssuer);
        assert_ok!(accept(3));
        assert_ok!(revoke(3));
    });
}

#[test]
fn the_controller_revokes_while_the_new_key_has_not_agreed() {
    run(|| {
        an_issuer();
        let batch = leaves(0..3);
        let shard = open_shard(HOT, batch.clone());
        assert_ok!(rotate(COLD, 3));
        assert_ok!(AgeRegistry::revoke(
            signed(COLD),
            shard,
            0,
            batch[0],
            siblings(&batch)
        ));
        assert_ok!(AgeRegistry::revoke_shards(signed(COLD), shard, shard, 1));
    });
}

mod rejects {
    use super::*;

    #[test]
    fn whoever_is_not_the_controller() {
        run(|| {
            an_issuer();
            for caller in [HOT, 3, CURATOR] {
                assert_noop!(rotate(caller, 4), Error::<Test>::NotController);
                assert_noop!(rotate(caller, caller), Error::<Test>::NotController);
            }
        });
    }

    #[test]
    fn a_key_that_lost_its_say() {
        run(|| {
            an_issuer();
            assert_ok!(rotate(COLD, 3));
            assert_noop!(rotate(HOT, HOT), Error::<Test>::NotController);
            assert_noop!(rotate(3, 3), Error::<Test>::NotController);
        });
    }

    #[test]
    fn the_key_that_attests_or_is_named_already() {
        run(|| {
            an_issuer();
            assert_noop!(rotate(COLD, HOT), Error::<Test>::AttesterUnchanged);
            assert_ok!(rotate(COLD, 3));
            assert_noop!(rotate(COLD, 3), Error::<Test>::AttesterUnchanged);
            assert_ok!(rotate(COLD, COLD));
            assert_noop!(rotate(COLD, COLD), Error::<Test>::AttesterUnchanged);
        });
    }

    #[test]
    fn an_account_that_serves_another_issuer_in_whatever_role() {
        run(|| {
            an_issuer();
            let metadata = b"Other".to_vec().try_into().unwrap();
            assert_ok!(AgeRegistry::register(signed(5), metadata, account(6)));
            assert_ok!(AgeRegistry::become_attester(signed(6), IssuerIndex(1)));
            for taken in [5, 6] {
                assert_noop!(rotate(COLD, taken), Error::<Test>::AccountTaken);
            }
            assert_noop!(rotate(5, COLD), Error::<Test>::AccountTaken);
            assert_noop!(rotate(5, HOT), Error::<Test>::AccountTaken);
        });
    }

    #[test]
    fn metadata_that_does_not_print_or_that_is_anothers() {
        run(|| {
            an_issuer();
            for metadata in [&b""[..], b"\xff\xfe", b"Bank\x1b[2J", b"Bank\n"] {
                assert_noop!(
                    AgeRegistry::update_metadata(signed(COLD), metadata.to_vec().try_into().unwrap()),
                    Error::<Test>::InvalidMetadata
                );
            }
            for caller in [HOT, 3] {
                assert_noop!(
                    AgeRegistry::update_metadata(signed(caller), b"Mine".to_vec().try_into().unwrap()),
                    Error::<Test>::NotController
                );
            }
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            an_issuer();
            for origin in unsigned() {
                let attester = account(3);
                let call = Call::rotate_attester { attester };
                assert_eq!(dispatch(origin, call), Err(DispatchError::BadOrigin));
            }
            for origin in unsigned() {
                let metadata = b"Bank".to_vec().try_into().unwrap();
                let call = Call::update_metadata { metadata };
                assert_eq!(dispatch(origin, call), Err(DispatchError::BadOrigin));
            }
        });
    }
}
