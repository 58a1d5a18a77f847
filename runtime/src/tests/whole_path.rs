//! From attestation to admission, with real trees, real proofs and the real verifier.
//!
//! The proofs are stored, since the chain of the tests is the same each time. `OFAGE_REGENERATE=1` makes new ones.

mod joint;
mod revocation;
mod scene;

use super::chain::{apply, begin, block_of, general, signed, validate, GENESIS, START};
use crate::{
    configs::registry::MAX_ADMISSIONS_PER_BLOCK, constants::currency::UNIT, extensions, presets::account,
    stored_proofs::REQUESTS, AgeGate, AgeRegistry, Executive, Runtime, RuntimeCall, RuntimeEvent, System,
    UncheckedExtrinsic,
};
use codec::Encode;
use ofage_primitives::{chain::ROOT_WINDOW, policy::MAX_ISSUERS, GateId};
use pallet_age_gate::Refusal;
use pallet_age_registry::ShardChoice;
use scene::*;
use sp_runtime::{generic::Era, transaction_validity::InvalidTransaction};

#[test]
fn the_stored_requests_are_those_of_this_chain() {
    scene(|| {
        let stored = stored();
        assert_eq!(stored.genesis, genesis());
        assert_eq!(stored.policy, policy(1));
        assert_eq!(stored.admission_days, ADMISSION_DAYS);
        assert_eq!(stored.moment, START);
        assert_eq!(stored.valid_on(), today());
        assert_eq!(
            Some(stored.anchor()),
            AgeRegistry::anchor(LIST),
            "run with OFAGE_REGENERATE=1"
        );
        for (issuers, requests) in (1..=MAX_ISSUERS).zip(stored.requests) {
            assert_eq!(requests.len(), how_many(issuers));
            for (holder, stored) in holders().iter().zip(requests) {
                let (mut request, ..) = claim(holder, GATE, &policy(issuers));
                request.proof = stored.proof.clone();
                assert_eq!(stored, request, "run with OFAGE_REGENERATE=1");
            }
        }
    });
}

#[test]
fn a_holder_is_admitted_without_account_signature_or_fee() {
    scene(|| {
        let request = request(0);
        let account = request.account.clone();
        assert_eq!(
            System::account(&account),
            Default::default(),
            "the account is not even there"
        );
        let sponsor = AgeGate::sponsor_balance(GATE);
        let valid = validate(general(admit(request.clone()))).expect("run with OFAGE_REGENERATE=1");
        assert_eq!(valid.provides, [("AgeGate", (GATE, request.nullifier)).encode()]);
        assert_eq!(valid.longevity, u64::from(EXPIRES_AT - ANCHOR));
        assert!(valid.propagate);

        let (_, results) = block_of(vec![general(admit(request.clone()))]);
        assert_eq!(results, [Ok(())]);
        let admission = AgeGate::current_admission(GATE, &account).unwrap();
        assert_eq!(admission.nullifier, request.nullifier);
        assert_eq!(
            sponsor - AgeGate::sponsor_balance(GATE),
            AgeGate::admission_fee(1) + admission.deposit
        );
        assert_eq!(System::account(&account), Default::default());
        // And once is enough.
        assert_eq!(
            validate(general(admit(request))),
            Err(refused(Refusal::RenewalTooEarly))
        );
    });
}

#[test]
fn holders_are_admitted_in_batches() {
    scene(|| {
        let whole = 0..REQUESTS as usize;
        assert!(validate(general(admit_batch(whole.clone()))).is_ok());
        let (_, results) = block_of(vec![general(admit_batch(whole))]);
        assert_eq!(results, [Ok(())]);
        for holder in holders() {
            assert!(AgeGate::current_admission(GATE, &holder.account()).is_some());
        }
    });
}

#[test]
fn many_single_admissions_share_a_block_with_a_batch() {
    scene(|| {
        let mut transactions: Vec<_> = (0..8).map(|position| general(admit(request(position)))).collect();
        transactions.push(general(admit_batch(8..24)));
        let (_, results) = block_of(transactions);
        assert_eq!(results, vec![Ok(()); 9]);
        let admitted = System::events()
            .into_iter()
            .filter(|record| {
                matches!(
                    record.event,
                    RuntimeEvent::AgeGate(pallet_age_gate::Event::Admitted { .. })
                )
            })
            .count();
        assert_eq!(admitted, 24);
    });
}

#[test]
fn a_tip_that_nobody_pays_buys_no_place_in_the_pool() {
    scene(|| {
        // Nobody signs the extensions of a general transaction: whoever passes a request on can change them.
        let mut wrapped = extensions::plain(Era::Immortal, 7);
        wrapped.8 = pallet_transaction_payment::ChargeTransactionPayment::from(1_000 * UNIT);
        let other = UncheckedExtrinsic::new_transaction(admit(request(0)), wrapped);
        let usual = general(admit(request(0)));
        assert_ne!(other.encode(), usual.encode());
        // Tags, priority and longevity are the same: the pool keeps the one that came first.
        assert_eq!(validate(other).unwrap(), validate(usual).unwrap());
    });
}

#[test]
fn a_block_that_has_its_share_of_admissions_leaves_others_in_the_pool() {
    scene(|| {
        begin(ANCHOR + 1, GENESIS);
        pallet_age_gate::AdmittedInBlock::<Runtime>::put(MAX_ADMISSIONS_PER_BLOCK);
        let exhausted = InvalidTransaction::ExhaustsResources;
        assert_eq!(apply(general(admit(request(0)))), Err(exhausted.into()));
        pallet_age_gate::AdmittedInBlock::<Runtime>::put(MAX_ADMISSIONS_PER_BLOCK - 1);
        assert_eq!(apply(general(admit(request(0)))), Ok(Ok(())));
        assert_eq!(apply(general(admit(request(1)))), Err(exhausted.into()));
        Executive::finalize_block();
        assert!(validate(general(admit(request(1)))).is_ok());
    });
}

#[test]
fn the_weight_of_the_proof_is_paid_for() {
    scene(|| {
        let before = frame_system::BlockWeight::<Runtime>::get().total();
        begin(ANCHOR + 1, GENESIS);
        let started = frame_system::BlockWeight::<Runtime>::get().total();
        apply(general(admit(request(0)))).unwrap().unwrap();
        let used = frame_system::BlockWeight::<Runtime>::get().total() - started;
        use pallet_age_gate::WeightInfo;
        type Weights = <Runtime as pallet_age_gate::Config>::WeightInfo;
        assert!(
            Weights::admit()
                .saturating_add(Weights::authorize_admit(1))
                .all_lte(used),
            "{used:?}, {before:?}"
        );
        Executive::finalize_block();
    });
}

mod refuses {
    use super::*;

    fn proof_refused(change: impl FnOnce(&mut pallet_age_gate::Request<Runtime>)) {
        scene(|| {
            let mut request = request(0);
            change(&mut request);
            assert_eq!(validate(general(admit(request))), Err(refused(Refusal::Proof)));
        });
    }

    #[test]
    fn a_proof_for_another_account() {
        proof_refused(|request| request.account = account("Eve"));
    }

    #[test]
    fn a_proof_for_another_last_block() {
        proof_refused(|request| request.expires_at += 1);
    }

    #[test]
    fn a_proof_under_another_pseudonym() {
        proof_refused(|request| request.nullifier = super::request(1).nullifier);
    }

    #[test]
    fn a_proof_with_another_issuer_tag() {
        proof_refused(|request| request.issuer_tags = super::request(1).issuer_tags);
    }

    #[test]
    fn a_proof_with_a_flipped_bit() {
        proof_refused(|request| {
            let mut proof = request.proof.to_vec();
            proof[1_000] ^= 1;
            request.proof = proof.try_into().unwrap();
        });
    }

    #[test]
    fn a_proof_for_another_gate() {
        scene(|| {
            let create = pallet_age_gate::Call::create_gate {
                name: b"others".to_vec().try_into().unwrap(),
                policy: policy(1),
                admission_days: ADMISSION_DAYS,
            };
            let fund = pallet_age_gate::Call::fund {
                gate: GateId(1),
                amount: UNIT,
            };
            block_of(vec![signed("App", 1, create), signed("App", 2, fund)]);
            let mut request = request(0);
            request.gate = GateId(1);
            assert_eq!(validate(general(admit(request))), Err(refused(Refusal::Proof)));
        });
    }

    #[test]
    fn a_batch_with_a_bad_proof_and_names_it() {
        scene(|| {
            let mut requests: Vec<_> = (0..4).map(super::request).collect();
            requests[2].account = account("Eve");
            let batch = RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
                requests: requests.try_into().unwrap(),
            });
            let code = pallet_age_gate::refusal::BATCH_CODE + 2;
            assert_eq!(
                validate(general(batch)),
                Err(InvalidTransaction::Custom(code).into())
            );
        });
    }

    #[test]
    fn a_root_that_expired() {
        scene(|| {
            // Another attestation supersedes the root; the window after that is skipped.
            let more = pallet_age_registry::Call::attest {
                shard: ShardChoice::Open(ofage_primitives::ShardIndex(0)),
                start: REQUESTS as u16,
                leaves: vec![Holder { number: REQUESTS }.attestation(0)]
                    .try_into()
                    .unwrap(),
            };
            let (_, results) = block_of(vec![signed("Issuer1", 3, more)]);
            assert_eq!(results, [Ok(())]);
            assert!(validate(general(admit(request(0)))).is_ok(), "inside the window");
            System::set_block_number(ANCHOR + ROOT_WINDOW + 1);
            let mut request = request(0);
            request.expires_at = System::block_number() + 50;
            let answer = validate(general(admit(request)));
            assert_eq!(answer, Err(refused(Refusal::RegistryRoot)));
        });
    }
}
