//! Changing what a gate asks, and closing it.

use super::{
    check, check_batch, check_from, code, dispatch, include, include_batch, owner, refused_for_proof,
    refused_unseen,
};
use crate::{mock::*, refusal::Refusal, types::GateStatus, Error, Event, IsAdmitted};
use frame_support::{assert_noop, assert_ok, pallet_prelude::TransactionSource::InBlock};
use ofage_primitives::{policy::MAX_ISSUERS, AgeBand, GateId, Policy, TrustListId};
use sp_runtime::{DispatchError, DispatchResult};

fn update(id: GateId, policy: Policy, days: u16) -> DispatchResult {
    AgeGate::update_gate(owner(), id, policy, days)
}

/// "21 or older" in place of "18 or older".
fn stricter() -> Policy {
    Policy::new(AgeBand::over(21), LIST)
}

#[test]
fn a_gate_asks_what_its_owner_changed_it_to_and_is_the_same_otherwise() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        let before = gate(id);
        assert_ok!(update(id, stricter(), 7));
        let mut expected = before;
        (expected.policy, expected.admission_days) = (stricter(), 7);
        assert_eq!(gate(id), expected);
        System::assert_last_event(Event::GateUpdated { gate: id }.into());
    });
}

#[test]
fn a_proof_for_the_old_policy_is_refused_even_if_it_waits_in_the_pool() {
    run(|| {
        let id = open_gate();
        let (old, batch) = (Wish::of(1).request(), [Wish::of(2).request()]);
        assert_ok!(check(&old));
        assert_ok!(check_batch(&batch));
        assert_ok!(update(id, stricter(), DAYS));
        refused_for_proof(&old);
        assert_eq!(check_from(InBlock, &old), Err(code(Refusal::Proof)));
        assert!(check_batch(&batch).is_err());
        assert_ok!(include(&Wish::of(1).request()));
    });
}

#[test]
fn every_change_of_the_policy_voids_older_proofs() {
    run(|| {
        let id = open_gate();
        type Change = fn(&mut Policy);
        let changes: [Change; 6] = [
            |p| p.slots = 3,
            |p| p.oldest_anchor = 99,
            |p| p.checked_within = Some(365),
            |p| p.enrolled_for = Some(30),
            |p| p.age = AgeBand::between(18, 65),
            |p| p.flags_required = ofage_primitives::Flags::BANK,
        ];
        for change in changes {
            let old = Wish::of(1).request();
            let mut policy = gate(id).policy;
            change(&mut policy);
            assert_ok!(update(id, policy, DAYS));
            refused_for_proof(&old);
            assert_ok!(check(&Wish::of(1).request()));
        }
    });
}

#[test]
fn a_proof_is_good_again_when_the_policy_is_what_it_was() {
    run(|| {
        let id = open_gate();
        let request = Wish::of(1).request();
        assert_ok!(update(id, stricter(), DAYS));
        refused_for_proof(&request);
        assert_ok!(update(id, adults(), DAYS));
        assert_ok!(include(&request));
    });
}

#[test]
fn a_longer_admission_needs_a_proof_for_its_last_day_only_below_an_age() {
    run(|| {
        let minors = Policy::new(AgeBand::under(18), LIST);
        let id = dry_gate(minors.clone(), DAYS);
        fund(id, 1_000_000);
        let request = Wish::of(1).request();
        assert_ok!(update(id, minors, DAYS + 1));
        refused_for_proof(&request);
        // Who is over an age stays so: the proof holds, and gives the admission that the gate gives now.
        let other = open_gate();
        let mut wish = Wish::of(1);
        wish.gate = other;
        let request = wish.request();
        assert_ok!(update(other, adults(), DAYS + 1));
        assert_ok!(include(&request));
        assert_eq!(
            AgeGate::admission_info(other, &account(1)).unwrap().until,
            day(31)
        );
    });
}

#[test]
fn admissions_on_record_keep_their_end() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(update(id, stricter(), 1));
        assert_eq!(AgeGate::admission_info(id, &account(1)).unwrap().until, day(30));
        next_block_on(day(30));
        assert!(AgeGate::is_admitted(id, &account(1)));
        next_block_on(day(31));
        assert!(!AgeGate::is_admitted(id, &account(1)));
    });
}

#[test]
fn a_renewal_is_by_a_proof_for_the_new_policy_and_by_the_same_nullifier() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(update(id, stricter(), DAYS));
        next_block_on(day(20));
        let old = bounded(Wish::of(1).request_for(&adults(), DAYS));
        refused_for_proof(&old);
        // A new policy gives nobody a second place.
        refused_unseen(&Wish::of(1).for_account(2).request(), Refusal::NullifierTaken);
        assert_ok!(include(&Wish::of(1).request()));
        assert_eq!(AgeGate::admission_info(id, &account(1)).unwrap().until, day(50));
        assert_eq!(gate(id).admissions, 1);
    });
}

#[test]
fn after_shortening_admissions_a_renewal_waits_until_it_wins_half_the_new_length() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(update(id, adults(), 10));
        // Through day 30 on record; 10 days from day 25 on win 5.
        for days in [0, 10, 20, 24] {
            next_block_on(day(days));
            refused_unseen(&Wish::of(1).request(), Refusal::RenewalTooEarly);
        }
        next_block_on(day(25));
        assert_ok!(include(&Wish::of(1).request()));
        assert_eq!(AgeGate::admission_info(id, &account(1)).unwrap().until, day(35));
    });
}

#[test]
fn after_lengthening_admissions_a_renewal_waits_until_it_wins_half_the_new_length() {
    run(|| {
        let id = dry_gate(adults(), 2);
        fund(id, 1_000_000);
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(update(id, adults(), 60));
        // It wins 58 days at once: what one secret draws from the sponsor is bounded by the new length.
        assert_ok!(include(&Wish::of(1).request()));
        refused_unseen(&Wish::of(1).request(), Refusal::RenewalTooEarly);
        next_block_on(day(29));
        refused_unseen(&Wish::of(1).request(), Refusal::RenewalTooEarly);
        next_block_on(day(30));
        assert_ok!(include(&Wish::of(1).request()));
    });
}

#[test]
fn admissions_of_both_lengths_are_pruned_each_on_its_day() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        assert_ok!(update(id, adults(), 1));
        next_block_on(day(3));
        // Pruning has gone on past days on which the shorter ones could not end any more.
        assert_ok!(AgeGate::prune(owner(), id, 512));
        let mut wish = Wish::of(2);
        wish.valid_on = day(2);
        assert_ok!(include(&wish.request()));
        next_block_on(day(4));
        assert_ok!(AgeGate::prune(owner(), id, 512));
        assert_eq!(gate(id).admissions, 1);
        next_block_on(day(31));
        assert_ok!(AgeGate::prune(owner(), id, 512));
        assert_eq!(gate(id).admissions, 0);
    });
}

#[test]
fn the_number_of_issuers_changes_as_the_rest_does() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        let one = Wish::of(2).request();
        assert_ok!(update(id, attested_by(2), DAYS));
        refused_unseen(&one, Refusal::IssuerCount);
        let two = Wish::of(2).request();
        assert_ok!(include(&two));
        assert_ok!(update(id, adults(), DAYS));
        refused_unseen(&Wish::of(3).request_of(2), Refusal::IssuerCount);
        assert_ok!(update(id, attested_by(MAX_ISSUERS), DAYS));
        assert_ok!(include(&Wish::of(3).request()));
    });
}

#[test]
fn a_closed_gate_admits_and_renews_nobody_and_keeps_who_is_in() {
    run(|| {
        let id = open_gate();
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(20));
        assert_ok!(AgeGate::close_gate(owner(), id));
        System::assert_last_event(Event::GateClosed { gate: id }.into());
        assert_eq!(gate(id).status, GateStatus::Closed);
        assert!(AgeGate::gate_info(id).unwrap().closed);
        refused_unseen(&Wish::of(2).request(), Refusal::GateClosed);
        refused_unseen(&Wish::of(1).request(), Refusal::GateClosed);
        assert_eq!(
            check_batch(&[Wish::of(2).request()]),
            Err(code(Refusal::GateClosed))
        );
        assert_eq!(dispatch(&Wish::of(2).request()), super::failed(Error::GateClosed));
        next_block_on(day(30));
        assert!(AgeGate::is_admitted(id, &account(1)));
    });
}

#[test]
fn a_closed_gate_is_pruned_as_ever_and_its_deposits_come_free() {
    run(|| {
        let id = open_gate();
        assert_ok!(include_batch(&[Wish::of(1).request(), Wish::of(2).request()]));
        let (free, held) = sponsor(id);
        assert_ok!(AgeGate::close_gate(owner(), id));
        next_block_on(day(31));
        assert_ok!(AgeGate::prune(RuntimeOrigin::signed(account(9)), id, 512));
        assert_eq!(gate(id).admissions, 0);
        assert_eq!(sponsor(id), (free + held, 0));
    });
}

mod rejects {
    use super::*;

    #[test]
    fn strangers() {
        run(|| {
            let id = open_gate();
            let other = open_gate();
            let before = (gate(id), sponsor(id));
            for stranger in [account(1), account(GOVERNOR), AgeGate::sponsor_account(id)] {
                let origin = || RuntimeOrigin::signed(stranger.clone());
                assert_noop!(
                    AgeGate::update_gate(origin(), id, stricter(), DAYS),
                    Error::<Test>::NotOwner
                );
                assert_noop!(AgeGate::close_gate(origin(), id), Error::<Test>::NotOwner);
            }
            assert_eq!((gate(id), sponsor(id)), before);
            // Nor does one owner reach another's.
            crate::Gates::<Test>::mutate(other, |gate| gate.as_mut().unwrap().owner = account(1));
            assert_noop!(update(other, stricter(), DAYS), Error::<Test>::NotOwner);
            crate::Gates::<Test>::mutate(other, |gate| gate.as_mut().unwrap().owner = account(OWNER));
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
                assert_noop!(
                    AgeGate::update_gate(origin, id, stricter(), DAYS),
                    DispatchError::BadOrigin
                );
            }
            for origin in unsigned() {
                assert_noop!(AgeGate::close_gate(origin, id), DispatchError::BadOrigin);
            }
        });
    }

    #[test]
    fn a_policy_that_could_not_have_been_created() {
        run(|| {
            let id = open_gate();
            let mut no_anchor = adults();
            no_anchor.oldest_anchor = 0;
            let mut no_slots = adults();
            no_slots.slots = 0;
            let issuers = [0, MAX_ISSUERS + 1].map(attested_by);
            for policy in issuers.into_iter().chain([no_anchor, no_slots]) {
                assert_noop!(update(id, policy, DAYS), Error::<Test>::InvalidPolicy);
            }
            let elsewhere = Policy::new(AgeBand::over(18), TrustListId(4));
            assert_noop!(update(id, elsewhere, DAYS), Error::<Test>::UnknownTrustList);
            for days in [0, MAX_DAYS + 1, u16::MAX] {
                assert_noop!(update(id, adults(), days), Error::<Test>::InvalidAdmissionDays);
            }
        });
    }

    #[test]
    fn a_gate_that_is_unknown_or_closed_already() {
        run(|| {
            let id = open_gate();
            assert_noop!(update(GateId(9), adults(), DAYS), Error::<Test>::UnknownGate);
            assert_noop!(
                AgeGate::close_gate(owner(), GateId(9)),
                Error::<Test>::UnknownGate
            );
            assert_ok!(AgeGate::close_gate(owner(), id));
            assert_noop!(update(id, adults(), DAYS), Error::<Test>::GateClosed);
            assert_noop!(AgeGate::close_gate(owner(), id), Error::<Test>::GateClosed);
        });
    }
}
