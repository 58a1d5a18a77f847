//! Taking expired admissions off the record.

use super::include;
use crate::{
    mock::*, pallet::MAX_PRUNE, Admissions, AdmittedInBlock, Endings, Error, Event, Nullifiers, WeightInfo,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, dispatch::Pays};
use ofage_primitives::GateId;

fn prune(limit: u32) -> DispatchResultWithPostInfo {
    AgeGate::prune(RuntimeOrigin::signed(account(99)), GateId(0), limit)
}

/// Admits holders `numbers` on a day.
fn admit_on(days: u32, numbers: std::ops::Range<u8>) {
    next_block_on(day(days));
    for number in numbers {
        AdmittedInBlock::<Test>::kill();
        assert_ok!(include(&Wish::of(number).request()));
    }
}

#[test]
fn everything_of_an_expired_admission_goes_and_its_deposit_is_freed() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        let (free, held) = sponsor(id);
        next_block_on(day(31));
        assert_ok!(prune(MAX_PRUNE));
        assert_eq!(Admissions::<Test>::iter().count(), 0);
        assert_eq!(Nullifiers::<Test>::iter().count(), 0);
        assert_eq!(Endings::<Test>::iter().count(), 0);
        assert_eq!(gate(id).admissions, 0);
        assert_eq!(sponsor(id), (free + held, 0));
        System::assert_last_event(
            Event::Pruned {
                gate: id,
                admissions: 1,
            }
            .into(),
        );
    });
}

#[test]
fn an_admission_stays_through_its_last_day() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(30));
        assert_ok!(prune(MAX_PRUNE));
        assert_eq!(gate(id).admissions, 1);
        assert!(AgeGate::admission_info(id, &account(1)).is_some());
        next_block_on(day(31));
        assert!(AgeGate::admission_info(id, &account(1)).is_none());
        assert_ok!(prune(MAX_PRUNE));
        assert_eq!(gate(id).admissions, 0);
    });
}

#[test]
fn the_limit_is_kept_and_the_next_call_goes_on() {
    run(|| {
        let id = open_gate();
        admit_on(0, 0..5);
        admit_on(1, 5..9);
        next_block_on(day(40));
        let mut left = 9;
        let mut calls = 0;
        while left > 0 {
            assert_ok!(prune(3));
            calls += 1;
            let now_left = gate(id).admissions;
            assert!(left - now_left <= 3);
            AgeGate::do_try_state().unwrap();
            left = now_left;
        }
        // Thirty empty days, nine admissions, and one day between: 40 steps.
        assert!(calls <= 14, "{calls} calls");
    });
}

#[test]
fn some_expire_while_others_stay() {
    run(|| {
        let id = open_gate();
        admit_on(0, 0..3);
        admit_on(10, 3..5);
        next_block_on(day(35));
        assert_ok!(prune(MAX_PRUNE));
        assert_eq!(gate(id).admissions, 2);
        assert_eq!(gate(id).pruned_before, day(35));
        for number in 0..3 {
            assert!(!Admissions::<Test>::contains_key(id, account(number)));
        }
        for number in 3..5 {
            assert!(Admissions::<Test>::contains_key(id, account(number)));
        }
    });
}

#[test]
fn a_renewed_admission_is_not_pruned_on_its_former_last_day() {
    run(|| {
        let id = open_gate();
        admit_on(0, 1..2);
        admit_on(20, 1..2);
        next_block_on(day(31));
        assert_ok!(prune(MAX_PRUNE));
        assert!(AgeGate::admission_info(id, &account(1)).is_some());
    });
}

#[test]
fn a_gate_without_admissions_is_caught_up_in_one_step() {
    run(|| {
        let id = open_gate();
        next_block_on(day(40_000));
        let info = prune(5).unwrap();
        assert_eq!(info.actual_weight, Some(<() as WeightInfo>::prune(1)));
        assert_eq!(gate(id).pruned_before, day(40_000));
    });
}

#[test]
fn only_steps_that_were_taken_are_paid_for() {
    run(|| {
        open_gate();
        admit_on(0, 0..2);
        next_block_on(day(31));
        let info = prune(MAX_PRUNE).unwrap();
        // Thirty days without endings, two admissions, and then a gate without any.
        assert_eq!(info.actual_weight, Some(<() as WeightInfo>::prune(33)));
        assert_eq!(info.pays_fee, Pays::Yes);
    });
}

#[test]
fn a_limit_beyond_the_longest_is_cut_down() {
    run(|| {
        let id = open_gate();
        admit_on(0, 0..1);
        next_block_on(day(5_000));
        let info = prune(u32::MAX).unwrap();
        assert_eq!(gate(id).admissions, 0);
        assert_eq!(info.actual_weight, Some(<() as WeightInfo>::prune(32)));
        use frame_support::dispatch::GetDispatchInfo;
        let call = crate::Call::<Test>::prune {
            gate: id,
            limit: u32::MAX,
        };
        assert_eq!(
            call.get_dispatch_info().call_weight,
            <() as WeightInfo>::prune(MAX_PRUNE)
        );
    });
}

mod rejects {
    use super::*;

    #[test]
    fn a_gate_that_does_not_exist() {
        run(|| {
            assert_noop!(prune(1), Error::<Test>::UnknownGate);
        });
    }

    #[test]
    fn a_call_that_finds_nothing_to_do() {
        run(|| {
            open_gate();
            admit_on(0, 0..2);
            assert_noop!(prune(10), Error::<Test>::NothingExpired);
            next_block_on(day(31));
            assert_noop!(prune(0), Error::<Test>::NothingExpired);
            assert_ok!(prune(MAX_PRUNE));
            assert_noop!(prune(MAX_PRUNE), Error::<Test>::NothingExpired);
        });
    }
}
