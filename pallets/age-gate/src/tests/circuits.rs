//! Disabling a circuit in an emergency.

use super::{check, check_batch_from, check_from, code, govern, include, include_batch, owner};
use crate::{mock::*, refusal::Refusal, DisabledCircuits, Error, Event, IsAdmitted};
use frame_support::{
    assert_noop, assert_ok,
    pallet_prelude::TransactionSource::{External, InBlock, Local},
};
use ofage_primitives::CircuitId;
use sp_runtime::DispatchError;

fn disable(circuit: CircuitId) {
    govern(|origin| AgeGate::disable_circuit(origin, circuit));
}

fn enable(circuit: CircuitId) {
    govern(|origin| AgeGate::enable_circuit(origin, circuit));
}

#[test]
fn a_disabled_circuit_admits_nobody_in_pool_or_block_and_no_proof_is_touched() {
    run(|| {
        open_gate();
        let request = Wish::of(1).request();
        assert_ok!(check(&request));
        disable(CircuitId::V1);
        let seen = world().proofs_seen;
        let disabled = Err(code(Refusal::CircuitDisabled));
        for source in [External, Local, InBlock] {
            assert_eq!(check_from(source, &request), disabled);
            assert_eq!(
                check_batch_from(source, core::slice::from_ref(&request)),
                disabled
            );
        }
        assert_eq!(world().proofs_seen, seen);
        System::assert_last_event(
            Event::CircuitDisabled {
                circuit: CircuitId::V1,
            }
            .into(),
        );
    });
}

#[test]
fn enabled_again_it_takes_what_it_refused() {
    run(|| {
        open_gate();
        let request = Wish::of(1).request();
        disable(CircuitId::V1);
        assert!(check(&request).is_err());
        next_block_on(day(0));
        enable(CircuitId::V1);
        System::assert_last_event(
            Event::CircuitEnabled {
                circuit: CircuitId::V1,
            }
            .into(),
        );
        assert_ok!(include(&request));
        assert_ok!(include_batch(&[Wish::of(2).request()]));
    });
}

#[test]
fn renewals_are_refused_too_and_who_is_in_stays_until_the_last_day() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(20));
        disable(CircuitId::V1);
        assert_eq!(check(&Wish::of(1).request()), Err(code(Refusal::CircuitDisabled)));
        next_block_on(day(30));
        assert!(AgeGate::is_admitted(id, &account(1)));
        next_block_on(day(31));
        assert!(!AgeGate::is_admitted(id, &account(1)));
        assert_ok!(AgeGate::prune(owner(), id, 512));
        assert_eq!(gate(id).admissions, 0);
    });
}

#[test]
fn another_circuit_is_disabled_without_a_trace_on_gates() {
    run(|| {
        open_gate();
        let next = CircuitId(CircuitId::V1.0 + 1);
        disable(next);
        assert!(!AgeGate::circuit_enabled(next));
        assert!(AgeGate::circuit_enabled(CircuitId::V1));
        assert_ok!(include(&Wish::of(1).request()));
    });
}

#[test]
fn clients_read_which_circuits_are_enabled_and_nothing_stays_behind() {
    run(|| {
        assert!(AgeGate::circuit_enabled(CircuitId::V1));
        disable(CircuitId::V1);
        assert!(!AgeGate::circuit_enabled(CircuitId::V1));
        enable(CircuitId::V1);
        assert!(AgeGate::circuit_enabled(CircuitId::V1));
        assert_eq!(DisabledCircuits::<Test>::iter().count(), 0);
    });
}

mod rejects {
    use super::*;

    #[test]
    fn everybody_but_governance() {
        run(|| {
            let outsiders = || {
                [
                    RuntimeOrigin::signed(account(1)),
                    owner(),
                    RuntimeOrigin::none(),
                    RuntimeOrigin::root(),
                    frame_system::RawOrigin::Authorized.into(),
                ]
            };
            open_gate();
            for origin in outsiders() {
                assert_noop!(
                    AgeGate::disable_circuit(origin, CircuitId::V1),
                    DispatchError::BadOrigin
                );
            }
            disable(CircuitId::V1);
            for origin in outsiders() {
                assert_noop!(
                    AgeGate::enable_circuit(origin, CircuitId::V1),
                    DispatchError::BadOrigin
                );
            }
        });
    }

    #[test]
    fn what_is_so_already() {
        run(|| {
            let governor = || RuntimeOrigin::signed(account(GOVERNOR));
            assert_noop!(
                AgeGate::enable_circuit(governor(), CircuitId::V1),
                Error::<Test>::NotDisabled
            );
            disable(CircuitId::V1);
            assert_noop!(
                AgeGate::disable_circuit(governor(), CircuitId::V1),
                Error::<Test>::AlreadyDisabled
            );
        });
    }
}
