//! What is measured, and the state that the measurements need.
//!
//! Only this project's pallets: the SDK's have the SDK's measurements.

use crate::{
    stored_proofs::{StoredProofs as Stored, JOINT_REQUESTS, REQUESTS},
    AccountId, AgeGate, AgeRegistry, AllPalletsWithSystem, Balance, Runtime, Session, System, ValidatorSet,
};
use alloc::{string::String, vec, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::{
    traits::{Get, StorageInfo, StorageInfoTrait, ValidatorRegistration, WhitelistedStorageKeys},
    BoundedVec,
};
use ofage_primitives::{
    chain::{AdmitRequest, RootSpan},
    Policy, TrustListId,
};
use pallet_age_registry::{ListStatus, Spans, TrustList};

// The macros that it defines have no documentation of their own.
#[macro_use]
#[allow(missing_docs)]
mod listed {
    frame_benchmarking::define_benchmarks!(
        [pallet_age_gate, AgeGate]
        [pallet_age_registry, AgeRegistry]
        [pallet_validator_set, ValidatorSet]
    );
}

/// The benchmarks, and what is stored.
pub fn list(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs a benchmark.
///
/// # Errors
/// Says why it could not be run.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}

/// Takes every account for one with session keys, after the look-up that it costs to know.
pub struct AnyRegistration;

impl ValidatorRegistration<AccountId> for AnyRegistration {
    fn is_registered(account: &AccountId) -> bool {
        // Benchmarks make up accounts.
        let _ = Session::is_registered(account);
        true
    }
}

/// Requests that the real verifier accepts.
pub struct StoredProofs;

impl pallet_age_gate::benchmarking::BenchmarkHelper for StoredProofs {
    const REQUESTS: u32 = REQUESTS;
    const JOINT_REQUESTS: u32 = JOINT_REQUESTS;

    fn prepare(issuers: u8) -> (Policy, u16) {
        let stored = Stored::read();
        let anchor = stored.anchor();
        let deposit: Balance = <<Runtime as pallet_age_registry::Config>::ListDeposit as Get<Balance>>::get();
        System::set_block_number(anchor.block.saturating_add(1));
        pallet_timestamp::Now::<Runtime>::put(stored.moment);
        pallet_age_registry::Genesis::<Runtime>::put(stored.genesis);
        pallet_age_registry::CurrentRoot::<Runtime>::put(anchor.registry_root);
        pallet_age_registry::RootHistory::<Runtime>::insert(anchor.registry_root, worst_spans(anchor.block));
        let id = stored.policy.trust_list;
        let list = TrustList {
            curator: frame_benchmarking::account("curator", 0, 0),
            name: longest_name(),
            status: ListStatus::Open,
            root: anchor.trust_list_root,
            recorded_root: Some(anchor.trust_list_root),
            valid_from: 0,
            positions: 1,
            vacant: None,
            deposit,
            offered_to: None,
        };
        pallet_age_registry::TrustLists::<Runtime>::insert(id, list);
        pallet_age_registry::NextTrustList::<Runtime>::put(TrustListId(id.0.saturating_add(1)).0);
        pallet_age_registry::ListRootHistory::<Runtime>::insert(
            id,
            anchor.trust_list_root,
            worst_spans(anchor.block),
        );
        let policy = Policy {
            issuers,
            ..stored.policy
        };
        (policy, stored.admission_days)
    }

    fn request(issuers: u8, position: u32) -> AdmitRequest {
        let mut requests = Stored::read()
            .requests
            .swap_remove(usize::from(issuers).saturating_sub(1));
        requests.swap_remove(position as usize)
    }
}

/// As many spans as a root can have, of which only the last counts.
fn worst_spans(block: u32) -> Spans<Runtime> {
    let most: u32 = <<Runtime as pallet_age_registry::Config>::MaxSpans as Get<u32>>::get();
    let mut spans: Vec<_> = (1..most)
        .map(|from| RootSpan {
            from: 0,
            superseded_at: Some(from.min(block)),
        })
        .collect();
    spans.push(RootSpan {
        from: block,
        superseded_at: None,
    });
    BoundedVec::truncate_from(spans)
}

fn longest_name() -> BoundedVec<u8, <Runtime as pallet_age_registry::Config>::MaxNameLength> {
    let length: u32 = <<Runtime as pallet_age_registry::Config>::MaxNameLength as Get<u32>>::get();
    BoundedVec::truncate_from(vec![b'n'; length as usize])
}
