//! That the measurements measure what they say: with proofs that the real verifier takes.

use super::chain::dev;
use crate::{
    benchmarks::{list, StoredProofs},
    presets::account,
    Balances, Runtime, RuntimeCall, RuntimeOrigin,
};
use frame_support::{
    assert_ok,
    pallet_prelude::{Authorize, TransactionSource},
    traits::fungible::Mutate,
};
use ofage_primitives::{policy::MAX_ISSUERS, GateId};
use pallet_age_gate::{benchmarking::BenchmarkHelper, Request};

fn request(issuers: u8, position: u32) -> Request<Runtime> {
    let request = StoredProofs::request(issuers, position);
    Request {
        gate: request.gate,
        account: request.account.into(),
        anchor: request.anchor,
        valid_on: request.valid_on,
        expires_at: request.expires_at,
        nullifier: request.nullifier,
        issuer_tags: request.issuer_tags.try_into().unwrap(),
        proof: request.proof.try_into().unwrap(),
    }
}

#[test]
fn the_stored_requests_hold_in_the_state_that_benchmarks_prepare() {
    for issuers in 1..=MAX_ISSUERS {
        let count = match issuers {
            1 => StoredProofs::REQUESTS,
            MAX_ISSUERS => StoredProofs::JOINT_REQUESTS,
            _ => 1,
        };
        dev().execute_with(|| {
            let (policy, admission_days) = StoredProofs::prepare(issuers);
            let name = b"g".to_vec().try_into().unwrap();
            let app = RuntimeOrigin::signed(account("App"));
            assert_ok!(crate::AgeGate::create_gate(app, name, policy, admission_days));
            Balances::set_balance(&crate::AgeGate::sponsor_account(GateId(0)), u128::MAX / 2);
            for position in 0..count {
                let call = RuntimeCall::AgeGate(pallet_age_gate::Call::admit {
                    request: Box::new(request(issuers, position)),
                });
                assert!(matches!(call.authorize(TransactionSource::InBlock), Some(Ok(_))));
            }
            let all: Vec<_> = (0..count).map(|position| request(issuers, position)).collect();
            let batch = RuntimeCall::AgeGate(pallet_age_gate::Call::admit_batch {
                requests: all.try_into().unwrap(),
            });
            assert!(matches!(batch.authorize(TransactionSource::InBlock), Some(Ok(_))));
        });
    }
}

#[test]
fn all_pallets_of_this_project_are_measured() {
    let (lists, _) = list(false);
    let names: Vec<String> = lists
        .into_iter()
        .map(|list| String::from_utf8(list.pallet).unwrap())
        .collect();
    assert_eq!(
        names,
        ["pallet_age_gate", "pallet_age_registry", "pallet_validator_set"]
    );
}
