//! Admissions, their end and their renewal.

use super::{check, dispatch, failed, include, refused_unseen};
use crate::{mock::*, refusal::Refusal, Admissions, Endings, Error, Event, Nullifiers};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use ofage_primitives::{chain::AdmitRequest, policy::MAX_ISSUERS, AgeBand, Day, GateId, Policy};
use sp_runtime::DispatchError;

#[test]
fn a_holder_who_proves_an_age_is_admitted_through_the_last_day() {
    run(|| {
        let id = open_gate();
        let request = Wish::of(1).request();
        assert_ok!(include(&request));
        let admission = Admissions::<Test>::get(id, account(1)).unwrap();
        assert_eq!(admission.nullifier, nullifier(1));
        assert_eq!(admission.until, day(30));
        assert_eq!(gate(id).admissions, 1);
        let event = Event::Admitted {
            gate: id,
            account: account(1),
            nullifier: nullifier(1),
            until: day(30),
            renewed: false,
        };
        System::assert_last_event(event.into());
    });
}

#[test]
fn the_account_needs_neither_existence_nor_funds() {
    run(|| {
        open_gate();
        assert!(!frame_system::Account::<Test>::contains_key(account(1)));
        assert_ok!(include(&Wish::of(1).request()));
        assert!(!frame_system::Account::<Test>::contains_key(account(1)));
    });
}

#[test]
fn the_proof_is_checked_before_the_call_and_never_in_it() {
    run(|| {
        open_gate();
        let request = Wish::of(1).request();
        assert_ok!(check(&request));
        assert_eq!(world().proofs_seen, 1);
        assert_ok!(dispatch(&request));
        assert_eq!(world().proofs_seen, 1);
    });
}

#[test]
fn clients_send_the_encoding_that_the_primitives_define() {
    run(|| {
        open_gate();
        let wish = Wish::of(1);
        let sent: AdmitRequest = wish.request_for(&adults(), DAYS);
        assert_eq!(sent.encode(), wish.request().encode());
        let longer = AdmitRequest {
            proof: vec![0; proof_length(MAX_ISSUERS) as usize + 1],
            ..sent
        };
        assert!(
            crate::Request::<Test>::decode(&mut &longer.encode()[..]).is_err(),
            "it is bounded, though"
        );
    });
}

#[test]
fn a_proof_counts_on_its_day_and_the_next() {
    run(|| {
        let id = open_gate();
        let mut yesterdays = Wish::of(1);
        yesterdays.valid_on = day(0).checked_sub(1).unwrap();
        assert_ok!(include(&yesterdays.request()));
        assert_eq!(Admissions::<Test>::get(id, account(1)).unwrap().until, day(29));
    });
}

#[test]
fn the_day_turns_at_midnight_utc() {
    run(|| {
        open_gate();
        let mut tomorrows = Wish::of(1);
        tomorrows.valid_on = day(1);
        set_clock(day(0), 86_399);
        refused_unseen(&tomorrows.request(), Refusal::DayAhead);
        set_clock(day(1), 0);
        assert_ok!(check(&tomorrows.request()));
        set_clock(day(2), 86_399);
        assert_ok!(check(&tomorrows.request()));
        set_clock(day(3), 0);
        refused_unseen(&tomorrows.request(), Refusal::DayPast);
    });
}

#[test]
fn below_an_age_is_proved_for_the_last_day_of_the_admission() {
    run(|| {
        let id = dry_gate(Policy::new(AgeBand::under(18), LIST), DAYS);
        fund(id, 1_000_000);
        let wish = Wish::of(1);
        let policy = gate(id).policy;
        let for_one_day_only = bounded(wish.request_for(&policy, 1));
        super::refused_for_proof(&for_one_day_only);
        assert_ok!(include(&wish.request()));
    });
}

mod renewal {
    use super::*;

    fn renewed_on(days: u32) -> crate::Request<Test> {
        next_block_on(day(days));
        Wish::of(1).request()
    }

    #[test]
    fn extends_the_admission_of_the_same_account() {
        run(|| {
            let id = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            let request = renewed_on(20);
            assert_ok!(include(&request));
            assert_eq!(gate(id).admissions, 1);
            assert_eq!(Admissions::<Test>::get(id, account(1)).unwrap().until, day(50));
            assert!(
                !Endings::<Test>::contains_key((id, day(30), account(1))),
                "the old ending is gone"
            );
            let event = Event::Admitted {
                gate: id,
                account: account(1),
                nullifier: nullifier(1),
                until: day(50),
                renewed: true,
            };
            System::assert_last_event(event.into());
        });
    }

    #[test]
    fn waits_until_it_wins_half_a_length() {
        run(|| {
            open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            let early = renewed_on(14);
            refused_unseen(&early, Refusal::RenewalTooEarly);
            assert_noop!(dispatch(&early), Error::<Test>::RenewalTooEarly);
            assert_ok!(include(&renewed_on(15)));
        });
    }

    #[test]
    fn by_the_very_same_proof_is_refused() {
        run(|| {
            open_gate();
            let request = Wish::of(1).request();
            assert_ok!(include(&request));
            refused_unseen(&request, Refusal::RenewalTooEarly);
            set_clock(day(1), 0);
            refused_unseen(&request, Refusal::RenewalTooEarly);
        });
    }

    #[test]
    fn after_the_end_needs_no_pruning_first() {
        run(|| {
            let id = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            let request = renewed_on(31);
            assert_eq!(AgeGate::admission_info(id, &account(1)), None);
            assert_ok!(include(&request));
            assert_eq!(gate(id).admissions, 1);
            assert_eq!(AgeGate::admission_info(id, &account(1)).unwrap().until, day(61));
        });
    }

    #[test]
    fn of_one_day_admissions_works_every_day() {
        run(|| {
            let id = dry_gate(adults(), 1);
            fund(id, 1_000_000);
            for days in 0..4 {
                next_block_on(day(days));
                assert_ok!(include(&Wish::of(1).request()));
                refused_unseen(&Wish::of(1).request(), Refusal::RenewalTooEarly);
            }
        });
    }
}

mod slots {
    use super::*;

    #[test]
    fn admit_one_account_each() {
        run(|| {
            let id = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            let second_account = Wish::of(1).for_account(2).request();
            refused_unseen(&second_account, Refusal::NullifierTaken);
            assert_noop!(dispatch(&second_account), Error::<Test>::NullifierTaken);
            assert_eq!(Nullifiers::<Test>::get(id, nullifier(1)), Some(account(1)));
        });
    }

    #[test]
    fn of_other_holders_cannot_take_an_account_over() {
        run(|| {
            open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            let other_nullifier = Wish::of(2).for_account(1).request();
            refused_unseen(&other_nullifier, Refusal::AccountTaken);
            assert_noop!(dispatch(&other_nullifier), Error::<Test>::AccountTaken);
        });
    }

    #[test]
    fn are_free_again_on_the_day_after_the_last() {
        run(|| {
            let id = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            next_block_on(day(30));
            refused_unseen(&Wish::of(1).for_account(2).request(), Refusal::NullifierTaken);
            next_block_on(day(31));
            assert_ok!(include(&Wish::of(1).for_account(2).request()));
            assert_eq!(Admissions::<Test>::get(id, account(1)), None);
            assert_eq!(Nullifiers::<Test>::get(id, nullifier(1)), Some(account(2)));
            assert_eq!(gate(id).admissions, 1);
        });
    }

    #[test]
    fn and_accounts_that_expired_both_give_way_to_one_admission() {
        run(|| {
            let id = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            assert_ok!(include(&Wish::of(2).request()));
            next_block_on(day(31));
            assert_ok!(include(&Wish::of(1).for_account(2).request()));
            assert_eq!(gate(id).admissions, 1);
            assert_eq!(Nullifiers::<Test>::get(id, nullifier(2)), None);
            assert_eq!(sponsor(id).1, ADMISSION_DEPOSIT);
        });
    }

    #[test]
    fn of_one_gate_do_not_count_in_another() {
        run(|| {
            open_gate();
            let other = open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            let mut elsewhere = Wish::of(1).for_account(2);
            elsewhere.gate = other;
            assert_ok!(include(&elsewhere.request()));
        });
    }

    #[test]
    fn raced_for_by_two_requests_that_both_held_go_to_the_first() {
        run(|| {
            open_gate();
            let (first, second) = (Wish::of(1).request(), Wish::of(1).for_account(2).request());
            assert_ok!(check(&first));
            assert_ok!(check(&second));
            assert_ok!(dispatch(&first));
            assert_noop!(dispatch(&second), Error::<Test>::NullifierTaken);
        });
    }
}

mod rejects {
    use super::*;

    #[test]
    fn every_origin_but_the_authorized_one() {
        run(|| {
            open_gate();
            let request = Wish::of(1).request();
            let others = || {
                [
                    RuntimeOrigin::signed(account(1)),
                    RuntimeOrigin::signed(account(OWNER)),
                    RuntimeOrigin::root(),
                    RuntimeOrigin::none(),
                ]
            };
            for origin in others() {
                assert_noop!(
                    AgeGate::admit(origin, Box::new(request.clone())),
                    DispatchError::BadOrigin
                );
            }
            for origin in others() {
                assert_noop!(
                    AgeGate::admit_batch(origin, super::super::batch(core::slice::from_ref(&request))),
                    DispatchError::BadOrigin
                );
            }
        });
    }

    #[test]
    fn a_gate_that_went_away_between_check_and_call() {
        run(|| {
            open_gate();
            let mut request = Wish::of(1).request();
            request.gate = GateId(9);
            assert_noop!(dispatch(&request), Error::<Test>::UnknownGate);
            let mut request = Wish::of(1).request();
            request.valid_on = Day::MAX;
            assert_eq!(dispatch(&request), failed(Error::RequestOutdated));
        });
    }
}
