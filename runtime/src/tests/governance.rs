//! Two thirds of the council act as root, and fewer do not.

use super::chain::{block_of, blocks, local, signed};
use crate::{
    configs::governance::{MotionDuration, FREE_MOTIONS},
    constants::time::EPOCH_SLOTS,
    presets::account,
    AccountId, Balances, Hash, Hashing, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Session, System,
};
use codec::Encode;
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{GetDispatchInfo, Pays},
    traits::{fungible::InspectHold, Get},
    weights::Weight,
};
use sp_runtime::{
    traits::{Dispatchable, Hash as _},
    DispatchError, DispatchResult,
};

type CouncilCall = pallet_collective::Call<Runtime, pallet_collective::Instance1>;

fn alice_and_bob() -> Vec<AccountId> {
    vec![account("Alice"), account("Bob")]
}

/// What a motion is to have done: Charlie does not validate any more.
fn without_charlie() -> RuntimeCall {
    RuntimeCall::ValidatorSet(pallet_validator_set::Call::set_validators {
        validators: alice_and_bob().try_into().unwrap(),
    })
}

fn is_done() -> bool {
    pallet_validator_set::Chosen::<Runtime>::get().into_inner() == alice_and_bob()
}

fn by(name: &str, call: impl Into<RuntimeCall>) -> DispatchResult {
    let call: RuntimeCall = call.into();
    call.dispatch(RuntimeOrigin::signed(account(name)))
        .map(|_| ())
        .map_err(|error| error.error)
}

fn propose(name: &str, threshold: u32, motion: &RuntimeCall) -> DispatchResult {
    by(
        name,
        CouncilCall::propose {
            threshold,
            proposal: Box::new(motion.clone()),
            length_bound: motion.encoded_size() as u32,
        },
    )
}

fn vote(name: &str, index: u32, motion: &RuntimeCall) -> DispatchResult {
    by(
        name,
        CouncilCall::vote {
            proposal: Hashing::hash_of(motion),
            index,
            approve: true,
        },
    )
}

fn close(name: &str, index: u32, motion: &RuntimeCall) -> DispatchResult {
    by(
        name,
        CouncilCall::close {
            proposal_hash: Hashing::hash_of(motion),
            index,
            proposal_weight_bound: motion.get_dispatch_info().call_weight,
            length_bound: motion.encoded_size() as u32,
        },
    )
}

/// Has the motion number `index` carried by two of the three members; gives what became of it.
fn carry(index: u32, motion: &RuntimeCall) -> DispatchResult {
    assert_ok!(propose("Alice", 2, motion));
    assert_ok!(vote("Alice", index, motion));
    assert_ok!(vote("Bob", index, motion));
    // Anybody may close a motion that is carried.
    assert_ok!(close("Dave", index, motion));
    last_result()
}

/// What the last executed motion led to.
fn last_result() -> DispatchResult {
    System::events()
        .into_iter()
        .rev()
        .find_map(|record| match record.event {
            RuntimeEvent::Council(pallet_collective::Event::Executed { result, .. }) => Some(result),
            _ => None,
        })
        .expect("a motion was executed")
}

fn whitelist(call: &RuntimeCall) -> RuntimeCall {
    RuntimeCall::Whitelist(pallet_whitelist::Call::whitelist_call {
        call_hash: Hashing::hash_of(call),
    })
}

fn dispatch(call: &RuntimeCall) -> RuntimeCall {
    RuntimeCall::Whitelist(pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
        call: Box::new(call.clone()),
    })
}

fn test(with: impl FnOnce()) {
    local().execute_with(|| {
        blocks(1);
        with();
    });
}

#[test]
fn two_of_three_act_as_root() {
    test(|| {
        let call = without_charlie();
        assert_ok!(carry(0, &whitelist(&call)));
        assert!(!is_done());
        assert_ok!(carry(1, &dispatch(&call)));
        assert!(is_done());
    });
}

#[test]
fn the_call_can_be_in_the_open_as_a_preimage() {
    test(|| {
        let call = without_charlie();
        let bytes = call.encode();
        let length = bytes.len() as u32;
        assert_ok!(by("Dave", pallet_preimage::Call::note_preimage { bytes }));
        assert_ok!(carry(0, &whitelist(&call)));
        let dispatch = RuntimeCall::Whitelist(pallet_whitelist::Call::dispatch_whitelisted_call {
            call_hash: Hashing::hash_of(&call),
            call_encoded_len: length,
            call_weight_witness: call.get_dispatch_info().call_weight,
        });
        assert_ok!(carry(1, &dispatch));
        assert!(is_done());
    });
}

#[test]
fn a_carried_change_reaches_the_validators() {
    test(|| {
        let call = without_charlie();
        assert_ok!(carry(0, &whitelist(&call)));
        assert_ok!(carry(1, &dispatch(&call)));
        blocks(3 * EPOCH_SLOTS);
        assert_eq!(Session::validators(), alice_and_bob());
    });
}

#[test]
fn the_motions_go_through_as_transactions() {
    test(|| {
        let call = without_charlie();
        let mut transactions = Vec::new();
        let mut nonces = [0u32; 2];
        for (index, motion) in [whitelist(&call), dispatch(&call)].iter().enumerate() {
            let hash = Hashing::hash_of(motion);
            let mut say = |who: usize, call: CouncilCall| {
                transactions.push(signed(["Alice", "Bob"][who], nonces[who], call));
                nonces[who] += 1;
            };
            let length_bound = motion.encoded_size() as u32;
            let index = index as u32;
            say(
                0,
                CouncilCall::propose {
                    threshold: 2,
                    proposal: Box::new(motion.clone()),
                    length_bound,
                },
            );
            for who in 0..2 {
                say(
                    who,
                    CouncilCall::vote {
                        proposal: hash,
                        index,
                        approve: true,
                    },
                );
            }
            say(
                1,
                CouncilCall::close {
                    proposal_hash: hash,
                    index,
                    proposal_weight_bound: motion.get_dispatch_info().call_weight,
                    length_bound,
                },
            );
        }
        let (_, results) = block_of(transactions);
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert!(is_done());
    });
}

mod refuses {
    use super::*;

    #[test]
    fn one_of_three() {
        test(|| {
            // A threshold of one is executed at once, as a motion of one member of three.
            assert_ok!(propose("Alice", 1, &whitelist(&without_charlie())));
            assert_eq!(last_result(), Err(DispatchError::BadOrigin));
        });
    }

    #[test]
    fn one_vote_when_the_time_is_up() {
        test(|| {
            let motion = whitelist(&without_charlie());
            assert_ok!(propose("Alice", 2, &motion));
            assert_ok!(vote("Alice", 0, &motion));
            assert_noop!(
                close("Alice", 0, &motion),
                pallet_collective::Error::<Runtime, pallet_collective::Instance1>::TooEarly
            );
            System::set_block_number(System::block_number() + MotionDuration::get() + 1);
            assert_ok!(close("Alice", 0, &motion));
            let whitelisted = pallet_whitelist::WhitelistedCall::<Runtime>::iter().count();
            assert_eq!(whitelisted, 0, "silence is not agreement");
        });
    }

    #[test]
    fn one_vote_of_a_prime_member() {
        test(|| {
            let members = vec![account("Alice"), account("Bob"), account("Charlie")];
            let set = CouncilCall::set_members {
                new_members: members,
                prime: Some(account("Alice")),
                old_count: 3,
            };
            assert_ok!(RuntimeCall::from(set).dispatch(RuntimeOrigin::root()));
            let motion = whitelist(&without_charlie());
            assert_ok!(propose("Alice", 2, &motion));
            assert_ok!(vote("Alice", 0, &motion));
            System::set_block_number(System::block_number() + MotionDuration::get() + 1);
            assert_ok!(close("Alice", 0, &motion));
            assert_eq!(pallet_whitelist::WhitelistedCall::<Runtime>::iter().count(), 0);
        });
    }

    #[test]
    fn root_without_the_whitelist() {
        test(|| {
            // Carried, but by the members' own origin, which is not root.
            let result = carry(0, &without_charlie());
            assert_eq!(result, Err(DispatchError::BadOrigin));
            assert!(!is_done());
        });
    }

    #[test]
    fn a_call_that_was_not_put_on_the_whitelist() {
        test(|| {
            let call = without_charlie();
            assert_ok!(carry(0, &dispatch(&call)));
            assert!(!is_done(), "it waits for the whitelist");
            assert!(by("Dave", dispatch(&call)).is_err(), "and nobody can hurry it");
            assert!(!is_done());
        });
    }

    #[test]
    fn another_call_than_that_of_the_vote() {
        test(|| {
            assert_ok!(carry(0, &whitelist(&without_charlie())));
            let other = RuntimeCall::System(frame_system::Call::set_code { code: vec![1] });
            assert_ok!(carry(1, &dispatch(&other)));
            assert!(!System::events().iter().any(|record| matches!(
                record.event,
                RuntimeEvent::Whitelist(pallet_whitelist::Event::WhitelistedCallDispatched { .. })
            )));
        });
    }

    #[test]
    fn strangers() {
        test(|| {
            let motion = whitelist(&without_charlie());
            assert_noop!(
                propose("Dave", 2, &motion),
                pallet_collective::Error::<Runtime, pallet_collective::Instance1>::NotMember
            );
            assert_noop!(
                by("Dave", whitelist(&without_charlie())),
                DispatchError::BadOrigin
            );
            assert!(by("Dave", dispatch(&without_charlie())).is_err());
        });
    }
}

#[test]
fn an_upgrade_is_authorized_by_motion_and_sent_by_anybody() {
    test(|| {
        let code = vec![1, 2, 3];
        let code_hash: Hash = Hashing::hash(&code);
        let call = RuntimeCall::System(frame_system::Call::authorize_upgrade_without_checks { code_hash });
        assert_ok!(carry(0, &whitelist(&call)));
        assert_ok!(carry(1, &dispatch(&call)));
        let apply = frame_system::Call::<Runtime>::apply_authorized_upgrade { code: code.clone() };
        let outcome = RuntimeCall::from(apply)
            .dispatch(RuntimeOrigin::signed(account("Eve")))
            .expect("the code is the one that was authorized");
        assert_eq!(outcome.pays_fee, Pays::No);
        assert_eq!(
            sp_io::storage::get(b":code").map(|code| code.to_vec()),
            Some(code)
        );
    });
}

#[test]
fn a_motion_can_carry_what_governance_needs() {
    let limit: Weight =
        <Runtime as pallet_collective::Config<pallet_collective::Instance1>>::MaxProposalWeight::get();
    let largest = RuntimeCall::ValidatorSet(pallet_validator_set::Call::set_validators {
        validators: vec![account("Alice"); 100].try_into().unwrap(),
    });
    assert!(dispatch(&largest).get_dispatch_info().call_weight.all_lte(limit));
    // For an issuer on as many lists as can be.
    let issuer = ofage_primitives::IssuerIndex(0);
    for call in [
        pallet_age_registry::Call::<Runtime>::suspend { issuer },
        pallet_age_registry::Call::reinstate { issuer },
    ] {
        assert!(dispatch(&call.into())
            .get_dispatch_info()
            .call_weight
            .all_lte(limit));
    }
}

#[test]
fn filling_the_places_for_motions_costs_more_than_anybody_has() {
    test(|| {
        let motion = |number: u32| {
            let remark = number.to_le_bytes().to_vec();
            RuntimeCall::System(frame_system::Call::remark { remark })
        };
        for number in 0..FREE_MOTIONS {
            let held = Balances::total_balance_on_hold(&account("Alice"));
            assert_ok!(propose("Alice", 2, &motion(number)));
            assert_eq!(Balances::total_balance_on_hold(&account("Alice")), held);
        }
        let mut opened = FREE_MOTIONS;
        while propose("Alice", 2, &motion(opened)).is_ok() {
            opened += 1;
        }
        let most: u32 =
            <Runtime as pallet_collective::Config<pallet_collective::Instance1>>::MaxProposals::get();
        assert!(opened < most, "a place is left for the others, after {opened}");
        assert_ok!(propose("Bob", 2, &motion(opened)));
    });
}
