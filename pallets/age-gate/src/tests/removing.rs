//! Taking money out of a gate, and removing it.

use super::{check, dispatch, failed, include, owner, refused_unseen};
use crate::{
    mock::*, pallet::MAX_PRUNE, refusal::Refusal, Admissions, Endings, Error, Event, Gates, HoldReason,
    IsAdmitted, NextGate, Nullifiers,
};
use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, InspectHold},
};
use ofage_primitives::GateId;
use sp_runtime::{DispatchError, DispatchResult};

fn withdraw(id: GateId, amount: u64) -> DispatchResult {
    AgeGate::withdraw(owner(), id, amount)
}

fn remove(id: GateId) -> DispatchResult {
    AgeGate::remove_gate(owner(), id)
}

fn owner_balance() -> u64 {
    Balances::balance(&account(OWNER))
}

#[test]
fn what_the_owner_withdraws_is_the_owner_s() {
    run(|| {
        let id = open_gate();
        let (before, (free, _)) = (owner_balance(), sponsor(id));
        assert!(withdraw(id, free).is_err(), "the existential deposit stays");
        assert_ok!(withdraw(id, 1_000));
        assert_eq!(owner_balance(), before + 1_000);
        assert_eq!(sponsor(id), (free - 1_000, 0));
        System::assert_last_event(
            Event::GateWithdrawn {
                gate: id,
                amount: 1_000,
            }
            .into(),
        );
    });
}

#[test]
fn deposits_of_admissions_stay_held_and_the_existential_deposit_stays_beside() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(include(&Wish::of(2).request()));
        let free = AgeGate::sponsor_balance(id);
        for too_much in [
            free + 1,
            free + EXISTENTIAL_DEPOSIT,
            free + ADMISSION_DEPOSIT,
            u64::MAX,
        ] {
            assert!(withdraw(id, too_much).is_err());
        }
        assert_ok!(withdraw(id, free));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, 2 * ADMISSION_DEPOSIT));
        assert!(withdraw(id, 1).is_err());
        assert!(AgeGate::is_admitted(id, &account(1)));
        // What is on record is paid for to the end.
        next_block_on(day(31));
        assert_ok!(AgeGate::prune(owner(), id, MAX_PRUNE));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT + 2 * ADMISSION_DEPOSIT, 0));
        assert_ok!(withdraw(id, 2 * ADMISSION_DEPOSIT));
    });
}

#[test]
fn a_gate_whose_owner_withdrew_everything_refuses_before_any_proof_is_touched() {
    run(|| {
        let id = open_gate();
        let waiting = Wish::of(1).request();
        assert_ok!(check(&waiting));
        assert_ok!(withdraw(id, AgeGate::sponsor_balance(id)));
        refused_unseen(&waiting, Refusal::SponsorDry);
        assert!(dispatch(&waiting).is_err());
        // Topped up, it takes the same request.
        fund(id, AgeGate::admission_fee(1) + ADMISSION_DEPOSIT);
        assert_ok!(include(&waiting));
    });
}

#[test]
fn money_comes_out_of_a_closed_gate_too() {
    run(|| {
        let id = open_gate();
        assert_ok!(AgeGate::close_gate(owner(), id));
        assert_ok!(withdraw(id, 1_000));
    });
}

#[test]
fn a_removed_gate_gives_back_deposit_and_rest_to_the_last_unit() {
    run(|| {
        let before = owner_balance();
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(AgeGate::close_gate(owner(), id));
        next_block_on(day(31));
        assert_ok!(AgeGate::prune(owner(), id, MAX_PRUNE));
        assert_ok!(remove(id));
        System::assert_last_event(Event::GateRemoved { gate: id }.into());
        assert_eq!(owner_balance(), before - world().fees);
        assert_eq!(sponsor(id), (0, 0));
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::Gate.into(), &account(OWNER)),
            0
        );
        assert_eq!(Gates::<Test>::iter().count(), 0);
        assert_eq!(AgeGate::gate_info(id), None);
    });
}

#[test]
fn a_gate_that_was_never_funded_is_removed() {
    run(|| {
        let before = owner_balance();
        let id = dry_gate(adults(), DAYS);
        assert_ok!(AgeGate::close_gate(owner(), id));
        assert_ok!(remove(id));
        assert_eq!(owner_balance(), before);
    });
}

#[test]
fn the_deposit_of_other_gates_of_the_owner_stays() {
    run(|| {
        let (first, second) = (open_gate(), open_gate());
        let kept = sponsor(second);
        assert_ok!(AgeGate::close_gate(owner(), first));
        assert_ok!(remove(first));
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::Gate.into(), &account(OWNER)),
            GATE_DEPOSIT
        );
        assert_eq!(sponsor(second), kept);
    });
}

#[test]
fn an_owner_who_has_nothing_but_the_deposit_gets_all_of_it_back() {
    run(|| {
        let poor = RuntimeOrigin::signed(account(1));
        let start = GATE_DEPOSIT + EXISTENTIAL_DEPOSIT;
        assert_ok!(Balances::transfer_keep_alive(owner(), account(1), start));
        let name = b"Den".to_vec().try_into().unwrap();
        assert_ok!(AgeGate::create_gate(poor.clone(), name, adults(), DAYS));
        let id = GateId(0);
        fund(id, EXISTENTIAL_DEPOSIT);
        assert_ok!(AgeGate::close_gate(poor.clone(), id));
        assert_ok!(AgeGate::remove_gate(poor, id));
        assert_eq!(Balances::balance(&account(1)), start + EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn the_number_of_a_removed_gate_is_never_given_again() {
    run(|| {
        let id = open_gate();
        assert_ok!(AgeGate::close_gate(owner(), id));
        assert_ok!(remove(id));
        let next = open_gate();
        assert_eq!((id, next), (GateId(0), GateId(1)));
        assert_eq!(NextGate::<Test>::get(), 2);
    });
}

#[test]
fn nullifiers_of_a_removed_gate_mean_nothing() {
    run(|| {
        let id = open_gate();
        let mut again = Wish::of(1).request();
        assert_ok!(include(&again));
        assert_ok!(AgeGate::close_gate(owner(), id));
        next_block_on(day(31));
        assert_ok!(AgeGate::prune(owner(), id, MAX_PRUNE));
        assert_ok!(remove(id));
        assert_eq!(Nullifiers::<Test>::iter().count(), 0);
        assert_eq!(Admissions::<Test>::iter().count(), 0);
        assert_eq!(Endings::<Test>::iter().count(), 0);
        assert_eq!(AgeGate::nullifier_info(id, nullifier(1)), None);
        assert!(!AgeGate::is_admitted(id, &account(1)));
        again.valid_on = day(31);
        again.expires_at = System::block_number() as u32 + 5;
        refused_unseen(&again, Refusal::UnknownGate);
        assert_eq!(dispatch(&again), failed(Error::UnknownGate));
        // In a later gate the same name is free.
        let next = open_gate();
        let mut wish = Wish::of(1).for_account(2);
        wish.gate = next;
        assert_ok!(include(&wish.request()));
    });
}

mod rejects {
    use super::*;

    #[test]
    fn strangers() {
        run(|| {
            let id = open_gate();
            let before = (gate(id), sponsor(id));
            for stranger in [account(1), account(GOVERNOR), AgeGate::sponsor_account(id)] {
                let origin = || RuntimeOrigin::signed(stranger.clone());
                assert_noop!(AgeGate::withdraw(origin(), id, 1), Error::<Test>::NotOwner);
                assert_noop!(AgeGate::remove_gate(origin(), id), Error::<Test>::NotOwner);
            }
            assert_eq!((gate(id), sponsor(id)), before);
            assert_ok!(AgeGate::close_gate(owner(), id));
            let origin = RuntimeOrigin::signed(account(1));
            assert_noop!(AgeGate::remove_gate(origin, id), Error::<Test>::NotOwner);
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            let id = open_gate();
            let unsigned = || {
                [
                    RuntimeOrigin::root(),
                    RuntimeOrigin::none(),
                    frame_system::RawOrigin::Authorized.into(),
                ]
            };
            for origin in unsigned() {
                assert_noop!(AgeGate::withdraw(origin, id, 1), DispatchError::BadOrigin);
            }
            for origin in unsigned() {
                assert_noop!(AgeGate::remove_gate(origin, id), DispatchError::BadOrigin);
            }
        });
    }

    #[test]
    fn the_removal_of_a_gate_that_is_open() {
        run(|| {
            let id = open_gate();
            assert_noop!(remove(id), Error::<Test>::GateOpen);
        });
    }

    #[test]
    fn the_removal_of_a_gate_with_admissions_even_if_they_have_ended() {
        run(|| {
            let id = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            assert_ok!(AgeGate::close_gate(owner(), id));
            assert_noop!(remove(id), Error::<Test>::AdmissionsOnRecord);
            next_block_on(day(31));
            assert_noop!(remove(id), Error::<Test>::AdmissionsOnRecord);
            assert_ok!(AgeGate::prune(owner(), id, MAX_PRUNE));
            assert_ok!(remove(id));
        });
    }

    #[test]
    fn everything_about_a_gate_that_is_not_there() {
        run(|| {
            let id = open_gate();
            assert_ok!(AgeGate::close_gate(owner(), id));
            assert_ok!(remove(id));
            for gate in [id, GateId(7), GateId(u32::MAX)] {
                assert_noop!(remove(gate), Error::<Test>::UnknownGate);
                assert_noop!(withdraw(gate, 1), Error::<Test>::UnknownGate);
                assert_noop!(AgeGate::fund(owner(), gate, 100), Error::<Test>::UnknownGate);
                assert_noop!(AgeGate::prune(owner(), gate, 1), Error::<Test>::UnknownGate);
            }
        });
    }
}
