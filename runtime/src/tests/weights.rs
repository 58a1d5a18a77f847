//! Every pallet's calls cost what was measured, and not what test weights say.

use crate::{configs::system::RuntimeBlockWeights, constants::currency::UNIT, Runtime, RuntimeCall};
use core::any::TypeId;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::Get,
};
use ofage_primitives::{Attestation, Element, IssuerIndex, ShardIndex, TrustListId};
use pallet_age_gate::WeightInfo as _;
use pallet_age_registry::WeightInfo as _;

fn is<Wired: 'static, Measured: 'static>() -> bool {
    TypeId::of::<Wired>() == TypeId::of::<Measured>()
}

#[test]
fn this_projects_pallets_use_their_own() {
    assert!(is::<
        <Runtime as pallet_age_registry::Config>::WeightInfo,
        crate::weights::pallet_age_registry::WeightInfo<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_age_gate::Config>::WeightInfo,
        crate::weights::pallet_age_gate::WeightInfo<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_validator_set::Config>::WeightInfo,
        crate::weights::pallet_validator_set::WeightInfo<Runtime>,
    >());
}

#[test]
fn the_sdks_pallets_use_the_sdks() {
    assert!(is::<
        <Runtime as frame_system::Config>::SystemWeightInfo,
        frame_system::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as frame_system::Config>::ExtensionsWeightInfo,
        frame_system::SubstrateExtensionsWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_timestamp::Config>::WeightInfo,
        pallet_timestamp::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_balances::Config>::WeightInfo,
        pallet_balances::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_transaction_payment::Config>::WeightInfo,
        pallet_transaction_payment::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_session::Config>::WeightInfo,
        pallet_session::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_collective::Config<pallet_collective::Instance1>>::WeightInfo,
        pallet_collective::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_preimage::Config>::WeightInfo,
        pallet_preimage::weights::SubstrateWeight<Runtime>,
    >());
    assert!(is::<
        <Runtime as pallet_whitelist::Config>::WeightInfo,
        pallet_whitelist::weights::SubstrateWeight<Runtime>,
    >());
}

type Registry = crate::weights::pallet_age_registry::WeightInfo<Runtime>;
type Gate = crate::weights::pallet_age_gate::WeightInfo<Runtime>;

#[test]
fn the_dear_parts_are_in_the_weights() {
    // A verification takes milliseconds, and each leaf of a batch microseconds: weights without them are mistaken.
    const MILLISECOND: u64 = 1_000_000_000;
    assert!(Gate::authorize_admit(1).ref_time() > MILLISECOND);
    assert!(Gate::authorize_admit_batch(64).ref_time() > 5 * MILLISECOND);
    assert!(Gate::admit_batch(64).ref_time() > 32 * Gate::admit_batch(1).ref_time() / 2);
    assert!(Registry::attest_open(4_096).ref_time() > 4_096 * MILLISECOND / 1_000);
    assert!(Registry::finalize_registry(2).ref_time() > Registry::finalize_registry(1).ref_time());
}

#[test]
fn the_ends_of_blocks_fit_into_blocks() {
    let limits = RuntimeBlockWeights::get();
    let normal = limits.get(DispatchClass::Normal).max_total.unwrap();
    let shards = <<Runtime as pallet_age_registry::Config>::MaxDirtyShards as Get<u32>>::get();
    assert!(
        Registry::finalize_registry(shards).all_lte(normal),
        "a block that changes as many shards as it can has room left"
    );
    let ends = <<Runtime as pallet_age_registry::Config>::MaxPrunedPerBlock as Get<u32>>::get();
    let beside = limits.max_block.saturating_sub(normal);
    assert!(
        Registry::prune(ends).all_lte(beside),
        "pruning as much as a block can takes nothing from the calls"
    );
}

#[test]
fn keeping_others_from_the_registry_costs_what_full_blocks_cost() {
    // Who changes as many shards or lists as a block can keeps all others from attesting, or from taking an issuer
    // off a list. Blocks that are half full for long raise the fees.
    let shards: u32 = <Runtime as pallet_age_registry::Config>::MaxDirtyShards::get();
    let lists: u32 = <Runtime as pallet_age_registry::Config>::MaxDirtyLists::get();
    let limits = RuntimeBlockWeights::get();
    let normal = limits.get(DispatchClass::Normal);
    let half = normal.max_total.unwrap().ref_time() / 2;
    let (list, issuer) = (TrustListId(0), IssuerIndex(0));
    let attest = pallet_age_registry::Call::<Runtime>::attest {
        shard: pallet_age_registry::ShardChoice::Open(ShardIndex(0)),
        start: 1,
        leaves: vec![Attestation::from_element(Element::from_u64(1))]
            .try_into()
            .unwrap(),
    };
    let cheapest = [
        (attest, shards),
        (pallet_age_registry::Call::add_member { list, issuer }, lists),
        (pallet_age_registry::Call::remove_member { list, issuer }, lists),
        (pallet_age_registry::Call::withdraw_consent { list }, lists),
    ];
    for (call, most) in cheapest {
        let one = RuntimeCall::from(call.clone()).get_dispatch_info().call_weight;
        let all = normal.base_extrinsic.saturating_add(one).ref_time() * u64::from(most);
        assert!(all >= half, "{most} times {call:?} take {all} of {half}");
    }
    // New lists are cheaper to write, but not to have.
    let deposit: crate::Balance = <Runtime as pallet_age_registry::Config>::ListDeposit::get();
    assert!(deposit * crate::Balance::from(lists) >= 10_000 * UNIT);
}

#[test]
fn a_block_takes_the_admissions_that_were_promised() {
    let limits = RuntimeBlockWeights::get();
    let normal = limits.get(DispatchClass::Normal);
    let room = normal.max_total.unwrap().ref_time();
    let one = normal
        .base_extrinsic
        .saturating_add(Gate::admit())
        .saturating_add(Gate::authorize_admit(1));
    assert!(
        room / one.ref_time() >= 250,
        "{} single admissions",
        room / one.ref_time()
    );
    let batch = normal
        .base_extrinsic
        .saturating_add(Gate::admit_batch(64))
        .saturating_add(Gate::authorize_admit_batch(64));
    assert!(
        64 * (room / batch.ref_time()) >= 1_000,
        "{} in batches",
        64 * (room / batch.ref_time())
    );
}
