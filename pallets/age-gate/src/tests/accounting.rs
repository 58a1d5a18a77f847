//! Every unit that moves.

use super::{dispatch, include};
use crate::{mock::*, HoldReason, Request, WeightInfo};
use codec::Encode;
use frame_support::{
    assert_ok,
    dispatch::DispatchClass,
    traits::{fungible::InspectHold, Get},
    weights::WeightToFee,
};

fn issuance() -> u64 {
    Balances::total_issuance()
}

#[test]
fn an_admission_takes_its_fee_and_holds_its_deposit() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        fund(id, 100_000);
        let (fee, before) = (AgeGate::admission_fee(1), issuance());
        assert!(fee > 0);
        assert_ok!(include(&Wish::of(1).request()));
        assert_eq!(
            sponsor(id),
            (100_000 - fee - ADMISSION_DEPOSIT, ADMISSION_DEPOSIT)
        );
        assert_eq!(world().fees, fee);
        assert_eq!(issuance(), before - fee, "this runtime burns fees");
    });
}

#[test]
fn the_fee_is_that_of_the_weight_and_length_that_a_block_spends() {
    run(|| {
        open_gate();
        let weights: frame_system::limits::BlockWeights = <Test as frame_system::Config>::BlockWeights::get();
        let base = weights.get(DispatchClass::Normal).base_extrinsic;
        let weight = <() as WeightInfo>::admit() + <() as WeightInfo>::authorize_admit(1);
        let length = Wish::of(1).request().encoded_size();
        assert_eq!(length, Request::<Test>::length(1) as usize);
        let expected =
            Microseconds::weight_to_fee(&base) + Microseconds::weight_to_fee(&weight) + 2 * length as u64;
        assert!(
            AgeGate::admission_fee(1).abs_diff(expected) <= 1,
            "but for rounding"
        );
    });
}

#[test]
fn a_gate_can_spend_down_to_the_existential_deposit_and_no_further() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let cost = AgeGate::admission_fee(1) + ADMISSION_DEPOSIT;
        fund(id, EXISTENTIAL_DEPOSIT + 3 * cost);
        for number in 0..3 {
            assert_ok!(include(&Wish::of(number).request()));
        }
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, 3 * ADMISSION_DEPOSIT));
        assert_eq!(AgeGate::sponsor_balance(id), 0);
        super::refused_unseen(&Wish::of(4).request(), crate::Refusal::SponsorDry);
        assert!(dispatch(&Wish::of(4).request()).is_err());
    });
}

#[test]
fn a_renewal_pays_the_fee_and_keeps_the_deposit() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let fee = AgeGate::admission_fee(1);
        fund(id, EXISTENTIAL_DEPOSIT + 2 * fee + ADMISSION_DEPOSIT);
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(20));
        assert_ok!(include(&Wish::of(1).request()));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, ADMISSION_DEPOSIT));
        assert_eq!(world().fees, 2 * fee);
    });
}

#[test]
fn an_expired_admission_that_gives_way_leaves_its_deposit() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let fee = AgeGate::admission_fee(1);
        fund(id, EXISTENTIAL_DEPOSIT + 2 * fee + 2 * ADMISSION_DEPOSIT);
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(31));
        assert_ok!(include(&Wish::of(1).for_account(2).request()));
        assert_eq!(
            sponsor(id),
            (EXISTENTIAL_DEPOSIT + ADMISSION_DEPOSIT, ADMISSION_DEPOSIT)
        );
    });
}

#[test]
fn gates_do_not_pay_for_each_other() {
    run(|| {
        let (first, second) = (open_gate(), open_gate());
        let before = sponsor(second);
        assert_ok!(include(&Wish::of(1).request()));
        assert_eq!(sponsor(second), before);
        assert_ne!(sponsor(first), before);
    });
}

#[test]
fn what_is_held_cannot_be_spent_by_anybody() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        let (free, held) = sponsor(id);
        let origin = RuntimeOrigin::signed(AgeGate::sponsor_account(id));
        assert!(Balances::transfer_allow_death(origin, account(1), free + 1).is_err());
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::Admission.into(), &AgeGate::sponsor_account(id)),
            held
        );
    });
}

#[test]
fn the_first_units_on_the_account_may_come_from_anywhere() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let origin = RuntimeOrigin::signed(account(OWNER));
        assert_ok!(Balances::transfer_keep_alive(
            origin,
            AgeGate::sponsor_account(id),
            1_000_000
        ));
        assert_ok!(include(&Wish::of(1).request()));
    });
}

/// Many holders come and go: whatever is on record is paid for, and all of it comes back.
#[test]
fn all_deposits_come_back_when_everybody_is_gone() {
    run(|| {
        let id = open_gate();
        let mut fees = 0;
        for round in 0u32..6 {
            next_block_on(day(round * 17));
            for number in 0..4u8 {
                let account_number = number.wrapping_add(round as u8 % 2 * 40);
                let request = Wish::of(number).for_account(account_number).request();
                if super::check(&request).is_ok() {
                    assert_ok!(include(&request));
                    fees += AgeGate::admission_fee(1);
                }
            }
            assert_eq!(sponsor(id).1, u64::from(gate(id).admissions) * ADMISSION_DEPOSIT);
            AgeGate::do_try_state().unwrap();
        }
        next_block_on(day(500));
        assert_ok!(AgeGate::prune(RuntimeOrigin::signed(account(1)), id, 512));
        assert_eq!(sponsor(id), (10_000_000 - fees, 0));
        assert_eq!(world().fees, fees);
    });
}
