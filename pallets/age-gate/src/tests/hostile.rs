//! What an attacker who reads everything and sends anything does not get.

use super::{
    batch, check, check_batch_from, check_from, code, dispatch, include, include_batch, refused_unseen,
};
use crate::{
    mock::*,
    refusal::{Refusal, BATCH_CODE},
    AdmittedInBlock, Call, Error, Request,
};
use codec::{Decode, Encode};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::RawOrigin,
    pallet_prelude::{InvalidTransaction, TransactionSource},
    traits::fungible::Mutate,
};
use ofage_primitives::GateId;

/// Modulus of the field, from its lowest byte on: 2^254 and a little.
const MODULUS: [u8; 32] = [
    0x01, 0x00, 0x00, 0x00, 0xed, 0x30, 0x2d, 0x99, 0x1b, 0xf9, 0x4c, 0x09, 0xfc, 0x98, 0x46, 0x22, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40,
];

#[test]
fn requests_that_the_pool_took_for_the_same_money_are_refused_unseen_once_it_is_spent() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        fund(
            id,
            EXISTENTIAL_DEPOSIT + AgeGate::admission_fee(1) + ADMISSION_DEPOSIT,
        );
        let (first, second) = (Wish::of(1).request(), Wish::of(2).request());
        assert_ok!(check(&first));
        assert_ok!(check(&second));
        assert_ok!(include(&first));
        let seen = world().proofs_seen;
        assert_eq!(
            check_from(TransactionSource::InBlock, &second),
            Err(code(Refusal::SponsorDry))
        );
        assert_eq!(world().proofs_seen, seen);
    });
}

#[test]
fn a_request_that_somebody_sent_alone_as_well_spoils_the_batch_before_its_proofs() {
    run(|| {
        let id = open_gate();
        let requests = [0, 1, 2].map(|number| Wish::of(number).request());
        assert_ok!(include(&requests[1]));
        let seen = world().proofs_seen;
        assert_eq!(
            check_batch_from(TransactionSource::InBlock, &requests),
            Err(InvalidTransaction::Custom(BATCH_CODE + 1).into())
        );
        assert_eq!(world().proofs_seen, seen);
        assert_eq!(gate(id).admissions, 1);
        // The position tells what to leave out.
        let rest = [requests[0].clone(), requests[2].clone()];
        assert_ok!(include_batch(&rest));
    });
}

#[test]
fn a_batch_that_was_sent_twice_is_entered_once() {
    run(|| {
        let id = open_gate();
        let requests = [0, 1].map(|number| Wish::of(number).request());
        assert_ok!(include_batch(&requests));
        let before = (sponsor(id), gate(id), AdmittedInBlock::<Test>::get());
        assert_eq!(
            check_batch_from(TransactionSource::InBlock, &requests),
            Err(InvalidTransaction::Custom(BATCH_CODE).into())
        );
        // Nor would the call enter it, were it ever reached.
        assert_noop!(
            AgeGate::admit_batch(RawOrigin::Authorized.into(), batch(&requests)),
            Error::<Test>::RenewalTooEarly
        );
        assert_eq!((sponsor(id), gate(id), AdmittedInBlock::<Test>::get()), before);
    });
}

#[test]
fn a_pruned_admission_does_not_come_back_by_its_old_proof() {
    run(|| {
        let id = dry_gate(adults(), 1);
        fund(id, 10_000_000);
        let mut wish = Wish::of(1);
        wish.expires_at = System::block_number() as u32 + MAX_LONGEVITY;
        let request = wish.request();
        assert_ok!(include(&request));
        // The chain stood still for days, so that blocks tell nothing of time.
        next_block_on(day(2));
        assert_ok!(AgeGate::prune(RuntimeOrigin::signed(account(9)), id, 10));
        assert_eq!(gate(id).admissions, 0);
        assert!(request.expires_at > System::block_number() as u32);
        refused_unseen(&request, Refusal::DayPast);
    });
}

#[test]
fn two_names_for_one_account_may_wait_together_and_one_enters() {
    run(|| {
        open_gate();
        let (first, second) = (Wish::of(1).request(), Wish::of(2).for_account(1).request());
        assert_ok!(check(&first));
        assert_ok!(check(&second));
        assert_ok!(include(&first));
        refused_unseen(&second, Refusal::AccountTaken);
    });
}

#[test]
fn a_batch_that_fails_anywhere_takes_nothing_from_the_sponsor() {
    run(|| {
        let id = open_gate();
        let mut requests = [0, 1].map(|number| Wish::of(number).request());
        requests[1].gate = GateId(7);
        let before = (sponsor(id), gate(id));
        assert_noop!(
            AgeGate::admit_batch(RawOrigin::Authorized.into(), batch(&requests)),
            Error::<Test>::RequestOutdated
        );
        assert_eq!((sponsor(id), gate(id)), before);
    });
}

#[test]
fn a_nullifier_has_one_encoding() {
    run(|| {
        open_gate();
        let call = Call::<Test>::admit {
            request: Box::new(Wish::of(1).request()),
        };
        let bytes = call.encode();
        assert_ok!(Call::<Test>::decode(&mut &bytes[..]));
        let own = nullifier(1).encode();
        let at = bytes.windows(32).position(|part| part == own).unwrap();
        // Another number of the same 32 bytes that is the same element: else one proof had two tags in the pool.
        let mut carry = 0u16;
        let mut second = bytes.clone();
        for (byte, part) in second[at..at + 32].iter_mut().zip(MODULUS) {
            let sum = u16::from(*byte) + u16::from(part) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert_eq!(carry, 0, "the sum has 32 bytes too");
        assert!(Call::<Test>::decode(&mut &second[..]).is_err());
    });
}

/// Free balance of the sponsor account of gate 0 becomes `amount`.
fn leave_the_sponsor(amount: u64) {
    let account = AgeGate::sponsor_account(GateId(0));
    <Balances as Mutate<_>>::set_balance(&account, amount);
}

/// What the check lets through enters, however little money there is: a call that fails would take room in a block
/// that nobody pays for.
#[test]
fn no_request_that_holds_fails_for_money() {
    type Scenario = fn() -> Vec<Request<Test>>;
    let new: Scenario = || vec![Wish::of(4).request()];
    let renewal: Scenario = || vec![Wish::of(3).request()];
    let displacing: Scenario = || vec![Wish::of(1).for_account(2).request()];
    let mixed: Scenario = || {
        let wishes = [Wish::of(4), Wish::of(3), Wish::of(1).for_account(2)];
        wishes.iter().map(Wish::request).collect()
    };
    let (mut entered, mut refused) = (0, 0);
    for scenario in [new, renewal, displacing, mixed] {
        for deposits in 0..=3 {
            for off in [-1, 0, 1] {
                run(|| {
                    open_gate();
                    assert_ok!(include(&Wish::of(1).request()));
                    assert_ok!(include(&Wish::of(2).request()));
                    next_block_on(day(20));
                    assert_ok!(include(&Wish::of(3).request()));
                    next_block_on(day(35));
                    let requests = scenario();
                    let one = requests.len() == 1;
                    let fee = if one {
                        AgeGate::admission_fee(1)
                    } else {
                        AgeGate::batch_fee(requests.len() as u32, 1)
                    };
                    let money = EXISTENTIAL_DEPOSIT + fee + deposits * ADMISSION_DEPOSIT;
                    leave_the_sponsor(money.saturating_add_signed(off));
                    let answer = if one {
                        check_from(TransactionSource::InBlock, &requests[0])
                    } else {
                        check_batch_from(TransactionSource::InBlock, &requests)
                    };
                    let entering = match answer {
                        Ok(_) if one => dispatch(&requests[0]),
                        Ok(_) => AgeGate::admit_batch(RawOrigin::Authorized.into(), batch(&requests)),
                        Err(ref error) => {
                            assert_eq!(*error, code(Refusal::SponsorDry));
                            Ok(())
                        }
                    };
                    assert_ok!(entering);
                    *(if answer.is_ok() {
                        &mut entered
                    } else {
                        &mut refused
                    }) += 1;
                });
            }
        }
    }
    // By deposits needed: 1, 0, 1 and 2 of up to 3, each one unit too little, enough, and one more.
    assert_eq!((entered, refused), (32, 16));
}
