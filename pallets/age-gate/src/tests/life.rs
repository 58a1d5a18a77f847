//! The life of admissions and of the money behind them, told as users would.

use super::{include, include_batch, owner, refused_unseen};
use crate::{mock::*, pallet::MAX_PRUNE, refusal::Refusal, Event, IsAdmitted};
use frame_support::assert_ok;

fn prune() {
    assert_ok!(AgeGate::prune(
        RuntimeOrigin::signed(account(99)),
        ofage_primitives::GateId(0),
        MAX_PRUNE
    ));
}

fn last_day(number: u8) -> Option<ofage_primitives::Day> {
    AgeGate::admission_info(ofage_primitives::GateId(0), &account(number)).map(|info| info.until)
}

#[test]
fn a_holder_renews_by_the_same_nullifier_again_and_again_for_one_deposit() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        for round in 1..=8 {
            next_block_on(day(15 * round));
            assert_ok!(include(&Wish::of(1).request()));
            System::assert_last_event(
                Event::Admitted {
                    gate: id,
                    account: account(1),
                    nullifier: nullifier(1),
                    until: day(15 * round + 30),
                    renewed: true,
                }
                .into(),
            );
            assert_eq!(last_day(1), Some(day(15 * round + 30)));
            assert_eq!(gate(id).admissions, 1);
            assert_eq!(sponsor(id).1, ADMISSION_DEPOSIT);
        }
        assert_eq!(world().fees, 9 * AgeGate::admission_fee(1));
    });
}

#[test]
fn who_does_not_renew_is_out_the_day_after_whether_pruned_or_not() {
    run(|| {
        let id = open_gate();
        assert_ok!(include_batch(&[Wish::of(1).request(), Wish::of(2).request()]));
        next_block_on(day(20));
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(31));
        assert!(AgeGate::is_admitted(id, &account(1)));
        assert!(!AgeGate::is_admitted(id, &account(2)));
        prune();
        assert!(AgeGate::is_admitted(id, &account(1)));
        assert_eq!(gate(id).admissions, 1);
        // And may come back, as new.
        assert_ok!(include(&Wish::of(2).request()));
        assert_eq!(last_day(2), Some(day(61)));
    });
}

#[test]
fn what_pruning_frees_pays_for_the_next_admission() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let fee = AgeGate::admission_fee(1);
        fund(id, EXISTENTIAL_DEPOSIT + 2 * fee + ADMISSION_DEPOSIT);
        assert_ok!(include(&Wish::of(1).request()));
        // There is a fee left, but no deposit.
        refused_unseen(&Wish::of(2).request(), Refusal::SponsorDry);
        next_block_on(day(31));
        refused_unseen(&Wish::of(2).request(), Refusal::SponsorDry);
        prune();
        assert_ok!(include(&Wish::of(2).request()));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, ADMISSION_DEPOSIT));
    });
}

#[test]
fn a_gate_that_runs_dry_keeps_who_is_in_and_takes_others_when_topped_up() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let cost = AgeGate::admission_fee(1) + ADMISSION_DEPOSIT;
        fund(id, EXISTENTIAL_DEPOSIT + 2 * cost);
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(include(&Wish::of(2).request()));
        refused_unseen(&Wish::of(3).request(), Refusal::SponsorDry);
        assert!(AgeGate::is_admitted(id, &account(1)));
        next_block_on(day(20));
        // Not even a renewal, which needs the fee alone.
        refused_unseen(&Wish::of(1).request(), Refusal::SponsorDry);
        fund(id, AgeGate::admission_fee(1));
        refused_unseen(&Wish::of(3).request(), Refusal::SponsorDry);
        assert_ok!(include(&Wish::of(1).request()));
        fund(id, cost);
        assert_ok!(include(&Wish::of(3).request()));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, 3 * ADMISSION_DEPOSIT));
    });
}

#[test]
fn pruning_needs_no_money_of_the_gate() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(AgeGate::withdraw(owner(), id, AgeGate::sponsor_balance(id)));
        next_block_on(day(31));
        prune();
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT + ADMISSION_DEPOSIT, 0));
    });
}

/// A gate from the first to the last day, with every unit at its place in the end.
#[test]
fn an_app_opens_a_gate_changes_it_closes_it_and_gets_its_money_back() {
    run(|| {
        let start = Balances::total_issuance();
        let id = open_gate();
        for number in 1..=4 {
            assert_ok!(include(&Wish::of(number).request()));
        }
        assert_ok!(AgeGate::update_gate(owner(), id, attested_by(2), 10));
        assert_ok!(include(&Wish::of(5).request()));
        assert_ok!(AgeGate::withdraw(owner(), id, 500_000));
        next_block_on(day(25));
        assert_ok!(include(&Wish::of(1).request()));
        assert_eq!(last_day(1), Some(day(35)));
        assert_ok!(AgeGate::close_gate(owner(), id));
        next_block_on(day(31));
        prune();
        assert_eq!(gate(id).admissions, 1);
        next_block_on(day(36));
        prune();
        assert_ok!(AgeGate::remove_gate(owner(), id));
        let fees = 4 * AgeGate::admission_fee(1) + 2 * AgeGate::admission_fee(2);
        assert_eq!(world().fees, fees);
        use frame_support::traits::fungible::Inspect;
        assert_eq!(Balances::balance(&account(OWNER)), start - fees);
        assert_eq!(Balances::total_issuance(), start - fees);
    });
}
