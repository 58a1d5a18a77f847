//! Validators, their keys, and what becomes known of those who cheat.

use super::chain::{begin, blocks, dev, local, validate, validate_from, START};
use crate::{
    configs::consensus::{NoStake, Sessions, REPORTABLE_SESSIONS},
    constants::time::{EPOCH_SLOTS, SLOT_MILLIS},
    presets::{account, session_keys},
    AccountId, Babe, Grandpa, Hash, Header, Historical, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    Session, SessionKeys, System, UncheckedExtrinsic, ValidatorSet,
};
use codec::{DecodeAll, Encode};
use frame_support::{assert_ok, traits::KeyOwnerProofSystem};
use pallet_session::{historical, SessionManager};
use sp_consensus_babe::{
    digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
    EquivocationProof, Slot,
};
use sp_core::{ed25519, sr25519, Pair};
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
    generic::{Digest, DigestItem},
    traits::{Dispatchable, Header as _},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity},
};

#[test]
fn a_session_is_an_epoch() {
    local().execute_with(|| {
        blocks(1);
        assert_eq!(Session::current_index(), 0);
        blocks(EPOCH_SLOTS);
        assert_eq!(Session::current_index(), 1);
        assert_eq!(Babe::current_epoch().epoch_index, 1);
        assert_eq!(Babe::current_epoch().duration, u64::from(EPOCH_SLOTS));
        assert_eq!(Grandpa::grandpa_authorities().len(), 3);
    });
}

#[test]
fn session_keys_are_those_of_babe_and_grandpa() {
    let keys = session_keys("Alice");
    let raw = SessionKeys::decode_into_raw_public_keys(&keys.encode()).unwrap();
    let kinds: Vec<[u8; 4]> = raw.iter().map(|(_, kind)| kind.0).collect();
    assert_eq!(kinds, [*b"babe", *b"gran"]);
    assert_eq!(SessionKeys::decode_all(&mut &keys.encode()[..]).unwrap(), keys);
    let sr = sr25519::Pair::from_string("//Alice", None).unwrap();
    let ed = ed25519::Pair::from_string("//Alice", None).unwrap();
    assert_eq!(raw[0].0, sr.public().0.to_vec());
    assert_eq!(raw[1].0, ed.public().0.to_vec());
}

#[test]
fn a_newcomer_validates_after_it_registered_keys_and_was_chosen() {
    let mut chain = dev();
    chain.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    chain.execute_with(|| {
        blocks(1);
        let set = |names: [&str; 2]| {
            let validators = names.map(account).to_vec().try_into().unwrap();
            RuntimeCall::ValidatorSet(pallet_validator_set::Call::set_validators { validators })
                .dispatch(RuntimeOrigin::root())
        };
        assert!(set(["Alice", "Dave"]).is_err(), "no keys yet");
        // With keys that are not Dave's own, nor proved to be anybody's.
        let stolen = RuntimeCall::Session(pallet_session::Call::set_keys {
            keys: session_keys("Bob"),
            proof: Vec::new(),
        });
        assert!(stolen.dispatch(RuntimeOrigin::signed(account("Dave"))).is_err());

        let generated = SessionKeys::generate(&account("Dave").encode(), None);
        assert_ok!(Session::set_keys(
            RuntimeOrigin::signed(account("Dave")),
            generated.keys,
            generated.proof.encode()
        ));
        assert_ok!(set(["Alice", "Dave"]));
        blocks(3 * EPOCH_SLOTS);
        assert_eq!(Session::validators(), ["Alice", "Dave"].map(account));
        assert_eq!(Babe::authorities().len(), 2);
        assert_eq!(Grandpa::grandpa_authorities().len(), 2);
    });
}

/// The number of GRANDPA's set counts what a light client has to follow.
mod the_set_of_authorities {
    use super::*;

    #[test]
    fn stays_while_validators_and_keys_do() {
        local().execute_with(|| {
            blocks(5 * EPOCH_SLOTS);
            assert!(Session::current_index() >= 4);
            assert_eq!(Grandpa::current_set_id(), 0);
        });
    }

    #[test]
    fn changes_once_with_the_validators() {
        local().execute_with(|| {
            blocks(1);
            let left = vec![account("Alice"), account("Bob")].try_into().unwrap();
            assert_ok!(ValidatorSet::set_validators(RuntimeOrigin::root(), left));
            blocks(5 * EPOCH_SLOTS);
            assert_eq!(Grandpa::current_set_id(), 1);
            assert_eq!(Grandpa::grandpa_authorities().len(), 2);
        });
    }

    #[test]
    fn changes_once_with_a_validators_keys_which_can_then_be_held_against_it() {
        let mut chain = dev();
        chain.register_extension(KeystoreExt::new(MemoryKeystore::new()));
        chain.execute_with(|| {
            blocks(1);
            let generated = SessionKeys::generate(&account("Alice").encode(), None);
            let keys = generated.keys.clone();
            assert_ok!(Session::set_keys(
                RuntimeOrigin::signed(account("Alice")),
                keys.clone(),
                generated.proof.encode()
            ));
            blocks(5 * EPOCH_SLOTS);
            assert_eq!(Grandpa::current_set_id(), 1);
            let babe = (sp_consensus_babe::KEY_TYPE, keys.babe);
            let owner = Historical::prove(babe.clone()).expect("the new keys are in the session's root");
            assert!(Historical::check_proof(babe, owner).is_some());
        });
    }
}

#[test]
fn old_sessions_are_forgotten() {
    dev().execute_with(|| {
        blocks(1);
        for index in 2..REPORTABLE_SESSIONS + 100 {
            historical::NoteHistoricalRoot::<Runtime, Sessions>::new_session(index);
            historical::NoteHistoricalRoot::<Runtime, Sessions>::end_session(index - 2);
        }
        let kept = historical::pallet::HistoricalSessions::<Runtime>::iter().count() as u32;
        assert!(kept <= REPORTABLE_SESSIONS + 3, "{kept}");
    });
}

#[test]
fn validators_come_from_the_validator_set() {
    local().execute_with(|| {
        let left = vec![account("Bob"), account("Alice")];
        assert_ok!(ValidatorSet::set_validators(
            RuntimeOrigin::root(),
            left.clone().try_into().unwrap()
        ));
        assert_eq!(Sessions::new_session(5), Some(left));
        let identified = <Sessions as historical::SessionManager<AccountId, ()>>::new_session(5);
        assert_eq!(
            identified,
            Some(vec![(account("Bob"), ()), (account("Alice"), ())])
        );
        let stake = <NoStake as sp_runtime::traits::Convert<_, _>>::convert(account("Alice"));
        assert_eq!(stake, Some(()));
    });
}

mod equivocations {
    use super::*;

    /// A block of Alice's in slot `slot`, sealed by her, that differs from others by `root`.
    fn sealed(slot: u64, root: u8) -> Header {
        let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index: 0,
            slot: Slot::from(slot),
        });
        let digest = Digest {
            logs: vec![DigestItem::babe_pre_digest(pre_digest)],
        };
        let mut header = Header::new(2, Hash::zero(), Hash::repeat_byte(root), Hash::zero(), digest);
        let alice = sr25519::Pair::from_string("//Alice", None).unwrap();
        let seal = alice.sign(header.hash().as_ref());
        header.digest.push(DigestItem::babe_seal(seal.into()));
        header
    }

    fn report(second_root: u8) -> RuntimeCall {
        report_of(|slot| (sealed(slot, 1), sealed(slot, second_root)))
    }

    fn report_of(headers: impl FnOnce(u64) -> (Header, Header)) -> RuntimeCall {
        let slot = START / SLOT_MILLIS + 2;
        let offender = session_keys("Alice").babe;
        let key_owner_proof = Historical::prove((sp_consensus_babe::KEY_TYPE, offender.clone())).unwrap();
        let (first_header, second_header) = headers(slot);
        RuntimeCall::Babe(pallet_babe::Call::report_equivocation_unsigned {
            equivocation_proof: Box::new(EquivocationProof {
                slot: Slot::from(slot),
                offender,
                first_header,
                second_header,
            }),
            key_owner_proof,
        })
    }

    fn from_this_node(call: RuntimeCall) -> TransactionValidity {
        validate_from(TransactionSource::Local, UncheckedExtrinsic::new_bare(call))
    }

    #[test]
    fn are_reported_once_and_slash_nobody() {
        local().execute_with(|| {
            blocks(2);
            begin(3, Hash::zero());
            let offences = || {
                let is_offence = |event: &RuntimeEvent| {
                    matches!(
                        event,
                        RuntimeEvent::Offences(pallet_offences::Event::Offence { .. })
                    )
                };
                System::events()
                    .into_iter()
                    .filter(|record| is_offence(&record.event))
                    .count()
            };
            assert_ok!(from_this_node(report(2)));
            assert_ok!(report(2).dispatch(RuntimeOrigin::none()));
            assert_eq!(offences(), 1);
            assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 1);
            assert_eq!(Session::disabled_validators(), Vec::<u32>::new());

            // Known by now, whoever reports it, with whatever headers.
            assert_eq!(from_this_node(report(3)), Err(InvalidTransaction::Stale.into()));
            assert!(report(3).dispatch(RuntimeOrigin::none()).is_err());
            assert_eq!(offences(), 1);
        });
    }

    #[test]
    fn are_not_made_of_one_block() {
        local().execute_with(|| {
            blocks(2);
            begin(3, Hash::zero());
            let twice = report_of(|slot| {
                let header = sealed(slot, 1);
                (header.clone(), header)
            });
            assert!(twice.dispatch(RuntimeOrigin::none()).is_err());
        });
    }

    #[test]
    fn are_not_taken_from_the_network() {
        local().execute_with(|| {
            blocks(2);
            let answer = validate(UncheckedExtrinsic::new_bare(report(2)));
            assert_eq!(answer, Err(InvalidTransaction::Call.into()));
        });
    }
}
