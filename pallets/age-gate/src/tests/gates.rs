//! Creating and funding gates.

use super::failed;
use crate::{mock::*, pallet::NextGate, types::GateStatus, Error, Event, HoldReason};
use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, InspectHold},
    BoundedVec,
};
use ofage_primitives::{policy::MAX_ISSUERS, AgeBand, Flags, GateId, Policy, TrustListId};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

fn create_named(name: &[u8]) -> DispatchResult {
    let name = name.to_vec().try_into().expect("tests stay in the bound");
    AgeGate::create_gate(RuntimeOrigin::signed(account(OWNER)), name, adults(), DAYS)
}

fn create_with(policy: Policy, days: u16) -> DispatchResult {
    AgeGate::create_gate(
        RuntimeOrigin::signed(account(OWNER)),
        b"Lounge".to_vec().try_into().unwrap(),
        policy,
        days,
    )
}

#[test]
fn a_gate_is_recorded_with_its_policy_and_a_deposit() {
    run(|| {
        assert_ok!(create_with(adults(), DAYS));
        let gate = gate(GateId(0));
        assert_eq!(gate.owner, account(OWNER));
        assert_eq!(gate.name.as_slice(), b"Lounge");
        assert_eq!(gate.policy, adults());
        assert_eq!(gate.admission_days, DAYS);
        assert_eq!(gate.status, GateStatus::Open);
        assert_eq!(gate.admissions, 0);
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::Gate.into(), &account(OWNER)),
            GATE_DEPOSIT
        );
        System::assert_last_event(
            Event::GateCreated {
                gate: GateId(0),
                owner: account(OWNER),
            }
            .into(),
        );
    });
}

#[test]
fn gates_are_numbered_in_order_and_each_holds_a_deposit() {
    run(|| {
        assert_ok!(create_with(adults(), DAYS));
        assert_ok!(create_with(adults(), DAYS));
        assert_eq!(NextGate::<Test>::get(), 2);
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::Gate.into(), &account(OWNER)),
            2 * GATE_DEPOSIT
        );
        assert_ne!(
            AgeGate::sponsor_account(GateId(0)),
            AgeGate::sponsor_account(GateId(1))
        );
    });
}

#[test]
fn clients_read_a_gate_with_what_is_left_to_spend() {
    run(|| {
        let id = open_gate();
        let info = AgeGate::gate_info(id).unwrap();
        assert_eq!(info.owner, [OWNER; 32]);
        assert_eq!(info.sponsor_balance, 10_000_000 - u128::from(EXISTENTIAL_DEPOSIT));
        assert_eq!(
            (info.admissions, info.admission_days, info.closed),
            (0, DAYS, false)
        );
        assert_eq!(AgeGate::gate_info(GateId(1)), None);
    });
}

#[test]
fn anybody_funds_a_gate() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        assert_ok!(Balances::transfer_allow_death(
            RuntimeOrigin::signed(account(OWNER)),
            account(1),
            500
        ));
        assert_ok!(AgeGate::fund(RuntimeOrigin::signed(account(1)), id, 300));
        System::assert_last_event(
            Event::GateFunded {
                gate: id,
                funder: account(1),
                amount: 300,
            }
            .into(),
        );
        assert_eq!(sponsor(id), (300, 0));
        assert_eq!(Balances::balance(&account(1)), 200);
    });
}

mod rejects {
    use super::*;

    #[test]
    fn a_name_that_is_empty_or_unprintable() {
        run(|| {
            for name in [
                &b""[..],
                b"bell\x07",
                b"\x1b[31mred",
                b"two\nlines",
                &[0xff, 0xfe],
            ] {
                assert_noop!(create_named(name), Error::<Test>::InvalidName);
            }
            assert_ok!(create_named("Salón 18+".as_bytes()));
        });
    }

    #[test]
    fn a_name_beyond_the_bound_cannot_even_be_written_down() {
        let name: Result<BoundedVec<u8, <Test as crate::Config>::MaxNameLength>, _> =
            vec![b'n'; 33].try_into();
        assert!(name.is_err());
    }

    #[test]
    fn a_policy_that_nobody_can_meet() {
        run(|| {
            let nobody = AgeBand {
                at_least: None,
                below: None,
            };
            let mut no_slots = adults();
            no_slots.slots = 0;
            let mut clash = adults();
            (clash.flags_required, clash.flags_forbidden) = (Flags::BANK, Flags::BANK);
            let mut too_many_issuers = adults();
            too_many_issuers.issuers = MAX_ISSUERS + 1;
            let mut no_issuer = adults();
            no_issuer.issuers = 0;
            let mut no_anchor = adults();
            no_anchor.oldest_anchor = 0;
            let mut before_1900 = adults();
            before_1900.checked_within = Some(u16::MAX);
            let policies = [
                Policy::new(nobody, LIST),
                Policy::new(AgeBand::between(18, 18), LIST),
                no_slots,
                clash,
                too_many_issuers,
                no_issuer,
            ];
            for policy in policies.into_iter().chain([no_anchor, before_1900]) {
                assert_noop!(create_with(policy, DAYS), Error::<Test>::InvalidPolicy);
            }
        });
    }

    #[test]
    fn a_trust_list_that_does_not_exist() {
        run(|| {
            let policy = Policy::new(AgeBand::over(18), TrustListId(4));
            assert_noop!(create_with(policy, DAYS), Error::<Test>::UnknownTrustList);
        });
    }

    #[test]
    fn admissions_of_no_length_or_beyond_the_longest() {
        run(|| {
            for days in [0, MAX_DAYS + 1, u16::MAX] {
                assert_noop!(create_with(adults(), days), Error::<Test>::InvalidAdmissionDays);
            }
            assert_ok!(create_with(adults(), 1));
            assert_ok!(create_with(adults(), MAX_DAYS));
        });
    }

    #[test]
    fn an_owner_who_cannot_pay_the_deposit() {
        run(|| {
            let name: BoundedVec<_, _> = b"Lounge".to_vec().try_into().unwrap();
            let poor = RuntimeOrigin::signed(account(1));
            assert_noop!(
                AgeGate::create_gate(poor, name, adults(), DAYS),
                DispatchError::Token(TokenError::FundsUnavailable)
            );
        });
    }

    #[test]
    fn a_gate_beyond_the_last_number() {
        run(|| {
            NextGate::<Test>::put(u32::MAX);
            assert_noop!(create_with(adults(), DAYS), Error::<Test>::TooManyGates);
        });
    }

    #[test]
    fn origins_that_are_not_signed() {
        run(|| {
            let id = dry_gate(adults(), DAYS);
            let name: BoundedVec<_, _> = b"Lounge".to_vec().try_into().unwrap();
            let unsigned = || {
                [
                    RuntimeOrigin::root(),
                    RuntimeOrigin::none(),
                    frame_system::RawOrigin::Authorized.into(),
                ]
            };
            for origin in unsigned() {
                assert_noop!(
                    AgeGate::create_gate(origin, name.clone(), adults(), DAYS),
                    DispatchError::BadOrigin
                );
            }
            for origin in unsigned() {
                assert_noop!(AgeGate::fund(origin, id, 100), DispatchError::BadOrigin);
            }
            for origin in unsigned() {
                assert_noop!(AgeGate::prune(origin, id, 1), DispatchError::BadOrigin);
            }
        });
    }

    #[test]
    fn funds_for_a_gate_that_is_unknown_or_closed() {
        run(|| {
            let id = open_gate();
            let funder = || RuntimeOrigin::signed(account(OWNER));
            assert_noop!(
                AgeGate::fund(funder(), GateId(1), 100),
                Error::<Test>::UnknownGate
            );
            assert_ok!(AgeGate::close_gate(funder(), id));
            assert_eq!(AgeGate::fund(funder(), id, 100), failed(Error::GateClosed));
            assert!(AgeGate::gate_info(id).unwrap().closed);
        });
    }

    #[test]
    fn first_funds_below_the_existential_deposit_and_funds_that_are_not_there() {
        run(|| {
            let id = dry_gate(adults(), DAYS);
            let funder = || RuntimeOrigin::signed(account(OWNER));
            assert_noop!(
                AgeGate::fund(funder(), id, EXISTENTIAL_DEPOSIT - 1),
                DispatchError::Token(TokenError::BelowMinimum)
            );
            assert!(AgeGate::fund(funder(), id, u64::MAX).is_err());
            assert_eq!(sponsor(id), (0, 0));
        });
    }
}
