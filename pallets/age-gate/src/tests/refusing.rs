//! Each refusal, and that the cheaper one comes first.

use super::{check, check_from, code, dispatch, govern, include, refused_for_proof, refused_unseen};
use crate::{
    mock::*,
    refusal::Refusal,
    types::{GateStatus, Request},
    Gates,
};
use codec::{Decode, Encode};
use frame_support::{
    assert_ok,
    pallet_prelude::{InvalidTransaction, TransactionSource},
    traits::Hooks,
};
use ofage_primitives::{policy::MAX_ISSUERS, CircuitId, Day, GateId, GenesisHash};

/// A request that holds, changed in one way.
fn but(with: impl FnOnce(&mut Request<Test>)) -> Request<Test> {
    let mut request = Wish::of(1).request();
    with(&mut request);
    request
}

/// A request that holds, made by a wallet with another wish.
fn wishing(with: impl FnOnce(&mut Wish)) -> Request<Test> {
    let mut wish = Wish::of(1);
    with(&mut wish);
    wish.request()
}

#[test]
fn a_proof_of_another_length() {
    run(|| {
        open_gate();
        for length in [0, 1, PROOF_LENGTH - 1] {
            let cut = but(|r| r.proof.truncate(length as usize));
            refused_unseen(&cut, Refusal::ProofLength);
        }
        for length in [PROOF_LENGTH + 1, proof_length(2), proof_length(MAX_ISSUERS)] {
            let padded = but(|r| r.proof.bounded_resize(length as usize, 0));
            refused_unseen(&padded, Refusal::ProofLength);
        }
    });
}

#[test]
fn a_proof_that_is_longer_than_any_does_not_decode() {
    run(|| {
        open_gate();
        let mut bytes = Wish::of(1).request().encode();
        assert!(Request::<Test>::decode(&mut &bytes[..]).is_ok());
        // One compact length in place of another, both in two bytes.
        let longest = proof_length(MAX_ISSUERS);
        let length_at = bytes.len() - PROOF_LENGTH as usize - 2;
        bytes[length_at..length_at + 2].copy_from_slice(&codec::Compact(longest + 1).encode());
        bytes.resize(length_at + 2 + longest as usize + 1, 0);
        assert!(Request::<Test>::decode(&mut &bytes[..]).is_err());
    });
}

#[test]
fn a_gate_that_does_not_exist() {
    run(|| {
        open_gate();
        refused_unseen(&but(|r| r.gate = GateId(1)), Refusal::UnknownGate);
    });
}

#[test]
fn a_gate_that_is_closed() {
    run(|| {
        let id = open_gate();
        Gates::<Test>::mutate(id, |gate| gate.as_mut().unwrap().status = GateStatus::Closed);
        let request = Wish::of(1).request();
        refused_unseen(&request, Refusal::GateClosed);
        assert_eq!(dispatch(&request), super::failed(crate::Error::GateClosed));
    });
}

#[test]
fn a_last_block_that_is_past() {
    run(|| {
        open_gate();
        let now = System::block_number() as u32;
        refused_unseen(&wishing(|w| w.expires_at = now - 1), Refusal::Expired);
        assert_ok!(check(&wishing(|w| w.expires_at = now)));
    });
}

#[test]
fn a_last_block_that_is_too_far_ahead() {
    run(|| {
        open_gate();
        let now = System::block_number() as u32;
        for ahead in [MAX_LONGEVITY + 1, u32::MAX - now] {
            refused_unseen(&wishing(|w| w.expires_at = now + ahead), Refusal::ExpiryTooFar);
        }
        assert_ok!(check(&wishing(|w| w.expires_at = now + MAX_LONGEVITY)));
    });
}

#[test]
fn a_day_that_is_neither_today_nor_yesterday() {
    run(|| {
        open_gate();
        for (days, refusal) in [(1, Refusal::DayAhead), (4_000, Refusal::DayAhead)] {
            refused_unseen(&wishing(|w| w.valid_on = day(days)), refusal);
        }
        for back in [2, 365] {
            refused_unseen(
                &wishing(|w| w.valid_on = day(0).checked_sub(back).unwrap()),
                Refusal::DayPast,
            );
        }
        refused_unseen(&but(|r| r.valid_on = Day::MAX), Refusal::DayAhead);
        refused_unseen(&but(|r| r.valid_on = Day::MIN), Refusal::DayPast);
    });
}

#[test]
fn an_anchor_older_than_the_policy_allows() {
    run(|| {
        let mut policy = adults();
        policy.oldest_anchor = 3;
        let id = dry_gate(policy, DAYS);
        fund(id, 1_000_000);
        let now = System::block_number() as u32;
        refused_unseen(&wishing(|w| w.anchor = anchor_at(now - 4)), Refusal::AnchorTooOld);
        assert_eq!(world().anchors_seen, 0, "nor are the roots looked up");
        assert_ok!(check(&wishing(|w| w.anchor = anchor_at(now - 3))));
    });
}

#[test]
fn an_anchor_that_is_not_there_yet() {
    run(|| {
        open_gate();
        let now = System::block_number() as u32;
        for block in [now, now + 1, u32::MAX] {
            refused_unseen(&wishing(|w| w.anchor = anchor_at(block)), Refusal::AnchorAhead);
        }
    });
}

#[test]
fn a_registry_root_of_another_block_or_a_stale_one() {
    run(|| {
        open_gate();
        let now = System::block_number() as u32;
        let mixed = wishing(|w| w.anchor.registry_root = anchor_at(now - 2).registry_root);
        refused_unseen(&mixed, Refusal::RegistryRoot);
        System::set_block_number(u64::from(WINDOW) + 12);
        refused_unseen(&wishing(|w| w.anchor = anchor_at(11)), Refusal::RegistryRoot);
        assert_ok!(check(&wishing(|w| w.anchor = anchor_at(12))));
    });
}

#[test]
fn a_trust_list_root_of_another_block_or_a_stale_one() {
    run(|| {
        open_gate();
        let now = System::block_number() as u32;
        let mixed = wishing(|w| w.anchor.trust_list_root = anchor_at(now - 2).trust_list_root);
        refused_unseen(&mixed, Refusal::TrustListRoot);
        change(|w| w.list_changed_at = now - 1);
        refused_unseen(&Wish::of(1).request(), Refusal::TrustListRoot);
    });
}

#[test]
fn a_gate_that_cannot_pay() {
    run(|| {
        let id = dry_gate(adults(), DAYS);
        let request = Wish::of(1).request();
        refused_unseen(&request, Refusal::SponsorDry);
        fund(
            id,
            EXISTENTIAL_DEPOSIT + AgeGate::admission_fee(1) + ADMISSION_DEPOSIT - 1,
        );
        refused_unseen(&request, Refusal::SponsorDry);
        assert_eq!(world().anchors_seen, 0, "nor are the roots looked up");
        assert!(dispatch(&request).is_err());
        fund(id, 1);
        assert_ok!(include(&request));
    });
}

#[test]
fn a_policy_that_can_no_longer_be_met() {
    run(|| {
        let id = open_gate();
        let request = Wish::of(1).request();
        // No call makes such a gate; a later migration must not either.
        Gates::<Test>::mutate(id, |gate| gate.as_mut().unwrap().policy.slots = 0);
        refused_unseen(&request, Refusal::PolicyUnmeetable);
        Gates::<Test>::mutate(id, |gate| gate.as_mut().unwrap().policy = adults());
    });
}

#[test]
fn a_chain_beyond_its_calendar() {
    run(|| {
        open_gate();
        let request = but(|r| r.valid_on = Day::MAX);
        change(|w| w.seconds = u64::MAX);
        refused_unseen(&request, Refusal::PolicyUnmeetable);
    });
}

mod a_proof {
    use super::*;

    #[test]
    fn with_one_flipped_bit() {
        run(|| {
            open_gate();
            for at in [0, PROOF_LENGTH as usize / 2, PROOF_LENGTH as usize - 1] {
                refused_for_proof(&but(|r| r.proof[at] ^= 1));
            }
        });
    }

    #[test]
    fn for_another_account() {
        run(|| {
            open_gate();
            refused_for_proof(&but(|r| r.account = account(9)));
        });
    }

    #[test]
    fn for_another_gate_of_the_same_policy() {
        run(|| {
            open_gate();
            let other = open_gate();
            refused_for_proof(&but(|r| r.gate = other));
        });
    }

    #[test]
    fn for_another_chain() {
        run(|| {
            open_gate();
            let request = Wish::of(1).request();
            change(|w| w.genesis = GenesisHash([8; 32]));
            refused_for_proof(&request);
        });
    }

    #[test]
    fn for_another_day_block_or_anchor() {
        run(|| {
            open_gate();
            let now = System::block_number() as u32;
            refused_for_proof(&but(|r| r.valid_on = day(0).checked_sub(1).unwrap()));
            refused_for_proof(&but(|r| r.expires_at += 1));
            refused_for_proof(&but(|r| r.anchor = anchor_at(now - 2)));
        });
    }

    #[test]
    fn for_another_nullifier_or_issuer_tag() {
        run(|| {
            open_gate();
            let other = Wish::of(2).request();
            refused_for_proof(&but(|r| r.nullifier = other.nullifier));
            refused_for_proof(&but(|r| r.issuer_tags = other.issuer_tags));
        });
    }

    #[test]
    fn made_under_a_policy_that_the_gate_has_no_more() {
        run(|| {
            let id = open_gate();
            let request = Wish::of(1).request();
            Gates::<Test>::mutate(id, |gate| gate.as_mut().unwrap().policy.slots = 2);
            refused_for_proof(&request);
        });
    }

    #[test]
    fn for_a_longer_or_shorter_admission_below_an_age() {
        run(|| {
            let id = dry_gate(
                ofage_primitives::Policy::new(ofage_primitives::AgeBand::under(18), LIST),
                DAYS,
            );
            fund(id, 1_000_000);
            let policy = gate(id).policy;
            for days in [DAYS - 1, DAYS + 1] {
                refused_for_proof(&bounded(Wish::of(1).request_for(&policy, days)));
            }
        });
    }
}

/// Spoils requests one check after the other, dearest first: each time the cheaper refusal wins.
#[test]
fn the_cheaper_refusal_always_comes_first() {
    run(|| {
        let mut policy = adults();
        policy.oldest_anchor = 5;
        let id = dry_gate(policy, DAYS);
        fund(id, 1_000_000);
        let now = System::block_number() as u32;
        assert_ok!(include(&Wish::of(2).request()));

        let mut request = Wish::of(1).request();
        request.proof[0] ^= 1;
        refused_for_proof(&request);
        request.anchor.trust_list_root = anchor_at(now - 2).trust_list_root;
        refused_unseen(&request, Refusal::TrustListRoot);
        request.anchor.registry_root = anchor_at(now - 3).registry_root;
        refused_unseen(&request, Refusal::RegistryRoot);
        request.anchor.block = now;
        refused_unseen(&request, Refusal::AnchorAhead);
        let spare = AgeGate::sponsor_balance(id);
        let drain = |amount: u64| {
            let origin = RuntimeOrigin::signed(AgeGate::sponsor_account(id));
            Balances::transfer_keep_alive(origin, account(OWNER), amount).unwrap();
        };
        drain(spare);
        refused_unseen(&request, Refusal::SponsorDry);
        request.account = account(2);
        refused_unseen(&request, Refusal::AccountTaken);
        request.account = account(3);
        request.nullifier = nullifier(2);
        refused_unseen(&request, Refusal::NullifierTaken);
        request.anchor.block = now - 6;
        refused_unseen(&request, Refusal::AnchorTooOld);
        request.valid_on = day(0).checked_sub(2).unwrap();
        refused_unseen(&request, Refusal::DayPast);
        request.valid_on = day(1);
        refused_unseen(&request, Refusal::DayAhead);
        request.expires_at = now + MAX_LONGEVITY + 1;
        refused_unseen(&request, Refusal::ExpiryTooFar);
        request.expires_at = now - 1;
        refused_unseen(&request, Refusal::Expired);
        Gates::<Test>::mutate(id, |gate| gate.as_mut().unwrap().policy.issuers = 2);
        refused_unseen(&request, Refusal::IssuerCount);
        Gates::<Test>::mutate(id, |gate| gate.as_mut().unwrap().status = GateStatus::Closed);
        refused_unseen(&request, Refusal::GateClosed);
        request.gate = GateId(7);
        refused_unseen(&request, Refusal::UnknownGate);
        govern(|origin| AgeGate::disable_circuit(origin, CircuitId::V1));
        refused_unseen(&request, Refusal::CircuitDisabled);
        request.proof.truncate(3);
        refused_unseen(&request, Refusal::ProofLength);
        let tag = request.issuer_tags[0];
        request.issuer_tags.try_push(tag).unwrap();
        refused_unseen(&request, Refusal::RepeatedIssuer);
        request.issuer_tags.clear();
        refused_unseen(&request, Refusal::IssuerCount);
    });
}

mod a_block {
    use super::*;

    #[test]
    fn takes_its_share_of_admissions_and_leaves_the_rest_to_the_next() {
        run(|| {
            open_gate();
            for number in 0..MAX_PER_BLOCK as u8 {
                assert_ok!(include(&Wish::of(number).request()));
            }
            let request = Wish::of(100).request();
            let seen = world().proofs_seen;
            let exhausted = Err(InvalidTransaction::ExhaustsResources.into());
            assert_eq!(check_from(TransactionSource::InBlock, &request), exhausted);
            assert_eq!(world().proofs_seen, seen);
            next_block_on(day(0));
            assert_ok!(include(&request));
        });
    }

    #[test]
    fn counts_while_the_pool_does_not() {
        run(|| {
            open_gate();
            for number in 0..MAX_PER_BLOCK as u8 {
                assert_ok!(include(&Wish::of(number).request()));
            }
            for source in [TransactionSource::External, TransactionSource::Local] {
                assert_ok!(check_from(source, &Wish::of(100).request()));
            }
        });
    }

    #[test]
    fn starts_from_none_even_where_nothing_is_initialized() {
        run(|| {
            open_gate();
            assert_ok!(include(&Wish::of(1).request()));
            assert_eq!(crate::AdmittedInBlock::<Test>::get(), 1);
            AgeGate::on_finalize(System::block_number());
            assert!(!crate::AdmittedInBlock::<Test>::exists());
        });
    }
}

#[test]
fn wrong_proofs_change_nothing() {
    run(|| {
        let id = open_gate();
        let before = (sponsor(id), gate(id));
        for number in 0..20 {
            let mut request = Wish::of(number).request();
            request.proof[0] ^= 1;
            assert_eq!(check(&request), Err(code(Refusal::Proof)));
        }
        assert_eq!((sponsor(id), gate(id)), before);
    });
}
