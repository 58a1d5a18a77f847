//! What other pallets and clients ask.

use super::include;
use crate::{mock::*, EnsureAdmitted, EnsureAdmittedTo, IsAdmitted};
use frame_support::{
    assert_ok,
    traits::{EnsureOrigin, EnsureOriginWithArg, Get},
};
use ofage_primitives::GateId;

struct Lounge;

impl Get<GateId> for Lounge {
    fn get() -> GateId {
        GateId(0)
    }
}

#[test]
fn an_account_is_admitted_from_its_admission_through_the_last_day() {
    run(|| {
        let id = open_gate();
        assert!(!AgeGate::is_admitted(id, &account(1)));
        assert_ok!(include(&Wish::of(1).request()));
        for days in [0, 15, 30] {
            next_block_on(day(days));
            assert!(AgeGate::is_admitted(id, &account(1)));
        }
        next_block_on(day(31));
        assert!(!AgeGate::is_admitted(id, &account(1)));
    });
}

#[test]
fn other_accounts_and_gates_are_not_admitted_along() {
    run(|| {
        let (id, other) = (open_gate(), open_gate());
        assert_ok!(include(&Wish::of(1).request()));
        assert!(!AgeGate::is_admitted(id, &account(2)));
        assert!(!AgeGate::is_admitted(other, &account(1)));
        assert!(!AgeGate::is_admitted(GateId(99), &account(1)));
    });
}

#[test]
fn the_origin_is_a_signed_account_that_is_admitted() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        let signed = |number: u8| RuntimeOrigin::signed(account(number));
        assert_eq!(
            EnsureAdmitted::<Test>::ensure_origin(signed(1), &id).ok(),
            Some(account(1))
        );
        assert_eq!(
            EnsureAdmittedTo::<Test, Lounge>::ensure_origin(signed(1)).ok(),
            Some(account(1))
        );
        for origin in [signed(2), RuntimeOrigin::root(), RuntimeOrigin::none()] {
            assert!(EnsureAdmitted::<Test>::ensure_origin(origin.clone(), &id).is_err());
            assert!(EnsureAdmittedTo::<Test, Lounge>::ensure_origin(origin).is_err());
        }
        assert!(EnsureAdmitted::<Test>::ensure_origin(signed(1), &GateId(1)).is_err());
        next_block_on(day(31));
        assert!(EnsureAdmitted::<Test>::ensure_origin(signed(1), &id).is_err());
    });
}

#[test]
fn wallets_ask_by_nullifier_whether_a_slot_is_free() {
    run(|| {
        let id = open_gate();
        assert_eq!(AgeGate::nullifier_info(id, nullifier(1)), None);
        assert_ok!(include(&Wish::of(1).request()));
        let info = AgeGate::nullifier_info(id, nullifier(1)).unwrap();
        assert_eq!(
            (info.account, info.nullifier, info.until),
            ([1; 32], nullifier(1), day(30))
        );
        assert_eq!(AgeGate::admission_info(id, &account(1)), Some(info));
        next_block_on(day(31));
        assert_eq!(AgeGate::nullifier_info(id, nullifier(1)), None);
    });
}

#[cfg(feature = "runtime-benchmarks")]
#[test]
fn benchmarks_of_other_pallets_get_an_admitted_origin() {
    run(|| {
        let origin = EnsureAdmittedTo::<Test, Lounge>::try_successful_origin().unwrap();
        assert_ok!(EnsureAdmittedTo::<Test, Lounge>::ensure_origin(origin));
        let origin = EnsureAdmitted::<Test>::try_successful_origin(&GateId(4)).unwrap();
        assert_ok!(EnsureAdmitted::<Test>::ensure_origin(origin, &GateId(4)));
    });
}
