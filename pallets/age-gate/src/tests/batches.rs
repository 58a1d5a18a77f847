//! Batches: all or none.

use super::{batch, check, check_batch, check_batch_from, code, include, include_batch};
use crate::{
    mock::*,
    refusal::{Refusal, BATCH_CODE},
    types::Request,
    AdmittedInBlock, Error, Event,
};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::RawOrigin,
    pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
};
use ofage_primitives::GateId;

fn requests(numbers: std::ops::Range<u8>) -> Vec<Request<Test>> {
    numbers.map(|number| Wish::of(number).request()).collect()
}

/// The answer when the request at `position` is the first bad one.
fn bad_at(position: u8) -> TransactionValidityError {
    InvalidTransaction::Custom(BATCH_CODE + position).into()
}

fn refused_unseen(batch: &[Request<Test>], error: TransactionValidityError) {
    let before = world().proofs_seen;
    assert_eq!(check_batch(batch), Err(error));
    assert_eq!(world().proofs_seen, before, "no proof is touched");
}

#[test]
fn a_batch_admits_everybody_in_it() {
    run(|| {
        let id = open_gate();
        assert_ok!(include_batch(&requests(0..MAX_BATCH as u8)));
        assert_eq!(gate(id).admissions, MAX_BATCH);
        assert_eq!(AdmittedInBlock::<Test>::get(), MAX_BATCH);
        let admitted = System::events()
            .iter()
            .filter(|record| matches!(record.event, RuntimeEvent::AgeGate(Event::Admitted { .. })))
            .count();
        assert_eq!(admitted, MAX_BATCH as usize);
    });
}

#[test]
fn each_proof_is_checked_once() {
    run(|| {
        open_gate();
        assert_ok!(include_batch(&requests(0..5)));
        assert_eq!(world().proofs_seen, 5);
    });
}

#[test]
fn one_bad_proof_refuses_the_batch_and_is_named() {
    run(|| {
        let id = open_gate();
        for position in 0..5 {
            let mut batch = requests(0..5);
            batch[position].proof[7] ^= 1;
            assert_eq!(check_batch(&batch), Err(bad_at(position as u8)));
        }
        assert_eq!(gate(id).admissions, 0);
    });
}

#[test]
fn of_several_bad_ones_the_first_is_named() {
    run(|| {
        open_gate();
        let mut batch = requests(0..5);
        batch[4].proof[0] ^= 1;
        batch[2].proof[0] ^= 1;
        assert_eq!(check_batch(&batch), Err(bad_at(2)));
    });
}

#[test]
fn a_request_that_fails_a_cheap_check_is_named_before_any_proof_is_touched() {
    run(|| {
        open_gate();
        assert_ok!(include(&Wish::of(20).request()));
        let now = System::block_number() as u32;
        type Spoil = fn(&mut Request<Test>, u32);
        let spoils: [Spoil; 7] = [
            |r, _| r.proof.truncate(5),
            |r, now| r.expires_at = now - 1,
            |r, _| r.valid_on = day(1),
            |r, _| r.nullifier = nullifier(20),
            |r, _| r.account = account(20),
            |r, now| r.anchor.block = now + 1,
            |r, now| r.anchor.registry_root = anchor_at(now - 2).registry_root,
        ];
        for spoil in spoils {
            let mut batch = requests(0..4);
            spoil(&mut batch[3], now);
            refused_unseen(&batch, bad_at(3));
            assert!(check(&batch[3]).is_err(), "alone, it gets its own code");
        }
    });
}

#[test]
fn a_batch_that_is_wrong_as_a_whole_gets_the_reason() {
    run(|| {
        open_gate();
        let other = open_gate();
        refused_unseen(&[], code(Refusal::EmptyBatch));

        let mut mixed = requests(0..3);
        mixed[1].gate = other;
        refused_unseen(&mixed, code(Refusal::MixedGates));

        let mut nowhere = requests(0..3);
        nowhere.iter_mut().for_each(|request| request.gate = GateId(9));
        refused_unseen(&nowhere, code(Refusal::UnknownGate));

        let twice = [Wish::of(1).request(), Wish::of(1).request()];
        refused_unseen(&twice, code(Refusal::RepeatedInBatch));
        let one_nullifier = [Wish::of(1).request(), Wish::of(1).for_account(2).request()];
        refused_unseen(&one_nullifier, code(Refusal::RepeatedInBatch));
        let one_account = [Wish::of(1).request(), Wish::of(2).for_account(1).request()];
        refused_unseen(&one_account, code(Refusal::RepeatedInBatch));
    });
}

#[test]
fn a_batch_of_one_is_as_good_as_a_request() {
    run(|| {
        open_gate();
        assert_ok!(include_batch(&requests(1..2)));
    });
}

#[test]
fn the_sponsor_pays_the_batch_fee_once_and_a_deposit_for_each_new_admission() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let cost = AgeGate::batch_fee(3, 1) + 3 * ADMISSION_DEPOSIT;
        fund(id, EXISTENTIAL_DEPOSIT + cost - 1);
        refused_unseen(&requests(0..3), code(Refusal::SponsorDry));
        fund(id, 1);
        assert_ok!(include_batch(&requests(0..3)));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, 3 * ADMISSION_DEPOSIT));
        assert_eq!(world().fees, AgeGate::batch_fee(3, 1));
    });
}

#[test]
fn a_batch_costs_less_than_its_requests_alone() {
    run(|| {
        assert!(AgeGate::batch_fee(MAX_BATCH, 1) < AgeGate::admission_fee(1) * u64::from(MAX_BATCH));
    });
}

#[test]
fn renewals_in_a_batch_hold_no_second_deposit() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        fund(
            id,
            EXISTENTIAL_DEPOSIT + AgeGate::batch_fee(2, 1) + 2 * ADMISSION_DEPOSIT,
        );
        assert_ok!(include_batch(&requests(0..2)));
        next_block_on(day(20));
        fund(id, AgeGate::batch_fee(3, 1) + ADMISSION_DEPOSIT);
        assert_ok!(include_batch(&requests(0..3)));
        assert_eq!(sponsor(id), (EXISTENTIAL_DEPOSIT, 3 * ADMISSION_DEPOSIT));
    });
}

#[test]
fn expired_admissions_that_two_requests_displace_are_freed_once() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(31));
        // The first takes the nullifier of account 1, the second admits account 1 under another.
        let batch = [
            Wish::of(1).for_account(2).request(),
            Wish::of(3).for_account(1).request(),
        ];
        assert_ok!(include_batch(&batch));
        assert_eq!(gate(id).admissions, 2);
        assert_eq!(sponsor(id).1, 2 * ADMISSION_DEPOSIT);
    });
}

#[test]
fn in_either_order() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(31));
        let batch = [
            Wish::of(3).for_account(1).request(),
            Wish::of(1).for_account(2).request(),
        ];
        assert_ok!(include_batch(&batch));
        assert_eq!(gate(id).admissions, 2);
        assert_eq!(sponsor(id).1, 2 * ADMISSION_DEPOSIT);
    });
}

#[test]
fn a_batch_beyond_the_block_s_share_waits_for_the_next() {
    run(|| {
        open_gate();
        assert_ok!(include_batch(&requests(0..MAX_BATCH as u8)));
        let rest = requests(50..53);
        let exhausted = Err(InvalidTransaction::ExhaustsResources.into());
        assert_eq!(check_batch_from(TransactionSource::InBlock, &rest), exhausted);
        assert_ok!(check_batch(&rest));
        next_block_on(day(0));
        assert_ok!(include_batch(&rest));
    });
}

#[test]
fn a_batch_beyond_the_bound_cannot_even_be_written_down() {
    run(|| {
        open_gate();
        let many: Result<frame_support::BoundedVec<_, <Test as crate::Config>::MaxBatch>, _> =
            requests(0..MAX_BATCH as u8 + 1).try_into();
        assert!(many.is_err());
    });
}

#[test]
fn the_call_itself_refuses_a_batch_that_is_empty_or_names_two_gates() {
    run(|| {
        open_gate();
        let other = open_gate();
        let call =
            |requests: &[Request<Test>]| AgeGate::admit_batch(RawOrigin::Authorized.into(), batch(requests));
        let mut mixed = requests(0..3);
        mixed[2].gate = other;
        assert_noop!(call(&mixed), Error::<Test>::RequestOutdated);
        assert_noop!(call(&[]), Error::<Test>::RequestOutdated);
    });
}
