//! Gates that ask for several issuers, who agree in one proof.

use super::{
    check, check_batch, check_batch_from, code, dispatch, include, include_batch, refused_for_proof,
    refused_unseen,
};
use crate::{
    mock::*,
    refusal::{Refusal, BATCH_CODE},
    weights::authorize_batch,
    Call, IsAdmitted, Request, WeightInfo,
};
use codec::{Compact, Decode, Encode, MaxEncodedLen};
use frame_support::{
    assert_ok,
    dispatch::DispatchClass,
    pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
    traits::{Authorize, Get},
    weights::WeightToFee,
};
use ofage_primitives::{chain::AdmitRequest, policy::MAX_ISSUERS, GateId};

fn bad_at(position: u8) -> TransactionValidityError {
    InvalidTransaction::Custom(BATCH_CODE + position).into()
}

#[test]
fn a_proof_of_as_many_issuers_as_the_gate_asks_for_is_admitted() {
    for issuers in 1..=MAX_ISSUERS {
        run(|| {
            let id = open_gate_of(issuers);
            let request = Wish::of(1).request();
            assert_eq!(request.issuers(), u32::from(issuers));
            assert_ok!(include(&request));
            assert!(AgeGate::is_admitted(id, &account(1)));
            assert_eq!(world().proofs_seen, 1, "all issuers in one proof");
        });
    }
}

#[test]
fn any_other_number_of_issuers_is_refused_unseen() {
    run(|| {
        for asked in 1..=MAX_ISSUERS {
            let gate = open_gate_of(asked);
            for found in (1..=MAX_ISSUERS).filter(|found| *found != asked) {
                let mut wish = Wish::of(1);
                wish.gate = gate;
                refused_unseen(&wish.request_of(found), Refusal::IssuerCount);
            }
        }
    });
}

#[test]
fn no_issuer_at_all_is_refused_unseen() {
    run(|| {
        open_gate_of(1);
        let mut request = Wish::of(1).request();
        request.issuer_tags.clear();
        refused_unseen(&request, Refusal::IssuerCount);
        request.proof.truncate(proof_length(0) as usize);
        refused_unseen(&request, Refusal::IssuerCount);
        assert_eq!(check_batch(&[request]), Err(bad_at(0)));
    });
}

#[test]
fn one_issuer_twice_is_refused_unseen() {
    run(|| {
        for issuers in 2..=MAX_ISSUERS {
            let gate = open_gate_of(issuers);
            let mut wish = Wish::of(1);
            wish.gate = gate;
            for at in 1..usize::from(issuers) {
                let mut request = wish.request();
                request.issuer_tags[at] = request.issuer_tags[at - 1];
                refused_unseen(&request, Refusal::RepeatedIssuer);
                let mut ends = wish.request();
                ends.issuer_tags[at] = ends.issuer_tags[0];
                refused_unseen(&ends, Refusal::RepeatedIssuer);
            }
        }
    });
}

#[test]
fn issuers_out_of_order_are_refused_unseen_so_that_a_request_has_one_form() {
    run(|| {
        open_gate_of(3);
        let good = Wish::of(1).request();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let mut request = good.clone();
            request.issuer_tags.as_mut().swap(a, b);
            refused_unseen(&request, Refusal::RepeatedIssuer);
        }
        assert_ok!(check(&good));
    });
}

#[test]
fn more_issuers_than_any_gate_asks_for_do_not_decode() {
    run(|| {
        open_gate_of(MAX_ISSUERS);
        let wish = Wish::of(1).request_for(&attested_by(MAX_ISSUERS), DAYS);
        assert!(Request::<Test>::decode(&mut &wish.encode()[..]).is_ok());
        let mut more = wish.clone();
        more.issuer_tags.extend(toy_tags(nullifier(9), 1));
        assert!(Request::<Test>::decode(&mut &more.encode()[..]).is_err());
        // Nor is anything allocated for a count that lies.
        let mut bytes = wish.encode();
        let at = bytes.len() - wish.proof.encoded_size() - wish.issuer_tags.encoded_size();
        assert_eq!(bytes[at], MAX_ISSUERS << 2);
        bytes.splice(at..=at, Compact(u32::MAX).encode());
        assert!(Request::<Test>::decode(&mut &bytes[..]).is_err());
    });
}

#[test]
fn a_proof_has_exactly_the_length_of_its_number_of_issuers() {
    run(|| {
        for issuers in 1..=MAX_ISSUERS {
            let gate = open_gate_of(issuers);
            let mut wish = Wish::of(1);
            wish.gate = gate;
            let right = proof_length(issuers);
            let lengths = (0..=proof_length(MAX_ISSUERS)).filter(|length| *length != right);
            for length in lengths {
                let mut request = wish.request();
                request.proof.bounded_resize(length as usize, 7);
                refused_unseen(&request, Refusal::ProofLength);
            }
            assert_ok!(check(&wish.request()));
        }
    });
}

#[test]
fn no_tag_can_be_exchanged() {
    run(|| {
        open_gate_of(3);
        let good = Wish::of(1).request();
        for at in 0..3 {
            let mut request = good.clone();
            request.issuer_tags[at] = toy_tags(nullifier(2), 1)[0];
            let mut sorted = request.issuer_tags.to_vec();
            sorted.sort_unstable();
            request.issuer_tags = sorted.try_into().unwrap();
            refused_for_proof(&request);
        }
        assert_ok!(include(&good));
    });
}

#[test]
fn a_joint_proof_is_no_proof_of_one_of_its_issuers() {
    run(|| {
        open_gate_of(1);
        let joint = Wish::of(1).request_for(&attested_by(2), DAYS);
        // Its first part, cut to the length of a proof of one.
        for keep in 0..2 {
            let mut request = joint.clone();
            request.issuer_tags = vec![joint.issuer_tags[keep]];
            request.proof.truncate(PROOF_LENGTH as usize);
            refused_for_proof(&bounded(request));
        }
    });
}

#[test]
fn renewals_are_by_as_many_issuers_who_need_not_be_the_same() {
    run(|| {
        let id = open_gate_of(2);
        assert_ok!(include(&Wish::of(1).request()));
        next_block_on(day(20));
        // Other tags, of the same holder.
        let first = toy_tags(nullifier(1), 2);
        let others: Vec<_> = toy_tags(nullifier(1), 4)
            .into_iter()
            .filter(|tag| !first.contains(tag))
            .collect();
        let renewal = Wish::of(1).request_by(&attested_by(2), DAYS, others);
        assert_ok!(include(&bounded(renewal)));
        assert_eq!(AgeGate::admission_info(id, &account(1)).unwrap().until, day(50));
    });
}

mod a_batch {
    use super::*;

    #[test]
    fn of_requests_by_two_issuers_each_is_admitted() {
        run(|| {
            let id = open_gate_of(2);
            let requests: Vec<_> = (0..MAX_BATCH as u8).map(|n| Wish::of(n).request()).collect();
            assert_ok!(include_batch(&requests));
            assert_eq!(gate(id).admissions, MAX_BATCH);
            assert_eq!(world().fees, AgeGate::batch_fee(MAX_BATCH, 2));
        });
    }

    #[test]
    fn names_its_first_request_of_another_number_of_issuers() {
        run(|| {
            open_gate_of(2);
            for (position, found) in [(0, 1), (2, 3), (3, MAX_ISSUERS)] {
                let mut requests: Vec<_> = (0..4).map(|n| Wish::of(n).request()).collect();
                requests[position] = Wish::of(position as u8).request_of(found);
                let seen = world().proofs_seen;
                assert_eq!(check_batch(&requests), Err(bad_at(position as u8)));
                assert_eq!(world().proofs_seen, seen);
            }
        });
    }

    #[test]
    fn names_its_first_request_with_a_repeated_issuer_or_a_bad_proof() {
        run(|| {
            open_gate_of(2);
            let good: Vec<_> = (0..4).map(|n| Wish::of(n).request()).collect();
            let mut repeated = good.clone();
            repeated[1].issuer_tags[1] = repeated[1].issuer_tags[0];
            assert_eq!(check_batch(&repeated), Err(bad_at(1)));
            assert_eq!(world().proofs_seen, 0);
            let mut bad = good.clone();
            bad[3].proof[0] ^= 1;
            assert_eq!(check_batch(&bad), Err(bad_at(3)));
            let mut short = good.clone();
            short[2].proof.truncate(PROOF_LENGTH as usize);
            assert_eq!(check_batch(&short), Err(bad_at(2)));
            assert_ok!(check_batch_from(TransactionSource::InBlock, &good));
        });
    }
}

mod pays {
    use super::*;

    #[test]
    fn for_the_length_that_a_request_has() {
        run(|| {
            for issuers in 1..=MAX_ISSUERS {
                let mut wish = Wish::of(1);
                wish.gate = open_gate_of(issuers);
                let request = wish.request();
                assert_eq!(request.encoded_size(), Request::<Test>::length(issuers) as usize);
            }
            let longest = Request::<Test>::length(MAX_ISSUERS) as usize;
            assert_eq!(longest, Request::<Test>::max_encoded_len());
        });
    }

    #[test]
    fn for_the_weight_of_as_many_issuers() {
        run(|| {
            let weights: frame_system::limits::BlockWeights =
                <Test as frame_system::Config>::BlockWeights::get();
            let base = weights.get(DispatchClass::Normal).base_extrinsic;
            for issuers in 1..=MAX_ISSUERS {
                let mut wish = Wish::of(1);
                wish.gate = open_gate_of(issuers);
                let request = wish.request();
                let call = Call::<Test>::admit {
                    request: Box::new(request.clone()),
                };
                let check = call.weight_of_authorize();
                assert_eq!(check, <() as WeightInfo>::authorize_admit(issuers.into()));
                let weight = base + <() as WeightInfo>::admit() + check;
                let expected = Microseconds::weight_to_fee(&weight) + 2 * request.encoded_size() as u64;
                assert!(
                    AgeGate::admission_fee(issuers).abs_diff(expected) <= 1,
                    "but for rounding"
                );
                let before = world().fees;
                assert_ok!(include(&request));
                assert_eq!(world().fees - before, AgeGate::admission_fee(issuers));
            }
        });
    }

    #[test]
    fn in_a_block_for_the_most_issuers_that_any_request_of_a_batch_names() {
        run(|| {
            open_gate_of(2);
            let mut requests: Vec<_> = (0..3).map(|n| Wish::of(n).request()).collect();
            let weight = |requests: &[Request<Test>]| {
                let call = Call::<Test>::admit_batch {
                    requests: super::super::batch(requests),
                };
                call.weight_of_authorize()
            };
            assert_eq!(weight(&requests), authorize_batch::<()>(3, 2));
            requests[1] = Wish::of(1).request_of(3);
            assert_eq!(weight(&requests), authorize_batch::<()>(3, 3));
        });
    }

    #[test]
    fn more_for_each_further_issuer_and_never_less_than_was_measured() {
        for requests in 1..=MAX_BATCH {
            let weights: Vec<_> = (1..=MAX_ISSUERS.into())
                .map(|issuers| authorize_batch::<()>(requests, issuers))
                .collect();
            assert!(weights.is_sorted_by(|a, b| a.ref_time() < b.ref_time()));
            assert_eq!(weights[0], <() as WeightInfo>::authorize_admit_batch(requests));
            let most = *weights.last().unwrap();
            assert_eq!(most, <() as WeightInfo>::authorize_admit_joint_batch(requests));
            // Numbers that no request has are charged as the nearest.
            assert_eq!(authorize_batch::<()>(requests, 0), weights[0]);
            assert_eq!(authorize_batch::<()>(requests, 99), most);
        }
        run(|| {
            for issuers in 1..=MAX_ISSUERS {
                let alone = AgeGate::admission_fee(issuers) * u64::from(MAX_BATCH);
                assert!(AgeGate::batch_fee(MAX_BATCH, issuers) < alone);
            }
        });
    }

    #[test]
    fn and_runs_dry_by_that_price() {
        run(|| {
            let id = dry_gate(attested_by(3), DAYS);
            let cost = AgeGate::admission_fee(3) + ADMISSION_DEPOSIT;
            fund(id, EXISTENTIAL_DEPOSIT + cost - 1);
            let request = Wish::of(1).request();
            refused_unseen(&request, Refusal::SponsorDry);
            assert!(dispatch(&request).is_err());
            fund(id, 1);
            assert_ok!(include(&request));
        });
    }
}

#[test]
fn clients_and_pallet_write_requests_alike() {
    run(|| {
        for issuers in 1..=MAX_ISSUERS {
            open_gate_of(issuers);
            let request: AdmitRequest = Wish::of(1).request_for(&attested_by(issuers), DAYS);
            assert_eq!(request.encode(), bounded(request.clone()).encode());
        }
    });
}

#[test]
fn a_joint_request_has_one_tag_in_the_pool_as_any_other() {
    run(|| {
        open_gate_of(2);
        let validity = check(&Wish::of(1).request()).unwrap();
        assert_eq!(validity.provides.len(), 1);
        assert_eq!(
            validity.provides[0],
            ("AgeGate", (GateId(0), nullifier(1))).encode()
        );
        assert_eq!(code(Refusal::IssuerCount), InvalidTransaction::Custom(22).into());
    });
}
