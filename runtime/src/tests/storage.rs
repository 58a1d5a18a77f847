//! What light clients read, natively: that the pallets keep it where and as `ofage_primitives::storage` says.

use super::{apis::scene, chain::dev};
use crate::{
    configs::system::BlockHashCount, constants::time::SLOT_MILLIS, AccountId, AgeGate, AgeRegistry, Runtime,
    System,
};
use codec::{Decode, DecodeAll, Encode};
use frame_support::{
    storage::unhashed,
    traits::{Get, GetStorageVersion},
};
use ofage_primitives::{
    chain::{BLOCK_HASHES, ROOT_WINDOW},
    storage::{self, GateEntry, GateState, ListState, RootSpans, TrustListEntry},
    Anchor, CircuitId, GateId, TrustListId,
};
use pallet_age_gate::{DisabledCircuits, Gates};
use pallet_age_registry::{ListRootHistory, RootHistory, TrustLists};

const LIST: TrustListId = TrustListId(0);
const GATE: GateId = GateId(0);

/// The value under a key, of which nothing may be left over.
fn value<T: Decode>(key: &[u8]) -> T {
    let bytes = unhashed::get_raw(key).expect("there is a value");
    T::decode_all(&mut &bytes[..]).expect("it has the known form")
}

fn anchor() -> Anchor {
    AgeRegistry::anchor(LIST).expect("the list is there")
}

#[test]
fn the_keys_are_those_of_the_pallets() {
    let anchor = dev().execute_with(|| {
        scene();
        anchor()
    });
    let (registry, list) = (anchor.registry_root, anchor.trust_list_root);
    assert_eq!(
        storage::root_history(registry),
        RootHistory::<Runtime>::hashed_key_for(registry)
    );
    assert_eq!(
        storage::list_root_history(LIST, list),
        ListRootHistory::<Runtime>::hashed_key_for(LIST, list)
    );
    assert_eq!(
        storage::trust_list(LIST),
        TrustLists::<Runtime>::hashed_key_for(LIST)
    );
    assert_eq!(
        storage::disabled_circuit(CircuitId::V1),
        DisabledCircuits::<Runtime>::hashed_key_for(CircuitId::V1)
    );
    assert_eq!(storage::gate(GATE), Gates::<Runtime>::hashed_key_for(GATE));
    assert_eq!(
        storage::block_hash(7),
        frame_system::BlockHash::<Runtime>::hashed_key_for(7)
    );
}

#[test]
fn the_versions_are_those_of_the_pallets_and_in_the_state_from_genesis() {
    dev().execute_with(|| {
        assert_eq!(
            value::<u16>(&storage::registry_version()),
            storage::REGISTRY_VERSION
        );
        assert_eq!(value::<u16>(&storage::gate_version()), storage::GATE_VERSION);
        assert_eq!(AgeRegistry::in_code_storage_version(), storage::REGISTRY_VERSION);
        assert_eq!(AgeGate::in_code_storage_version(), storage::GATE_VERSION);
    });
}

#[test]
fn the_values_have_the_known_forms() {
    dev().execute_with(|| {
        scene();
        let now = System::block_number();
        let anchor = anchor();
        for key in [
            storage::root_history(anchor.registry_root),
            storage::list_root_history(LIST, anchor.trust_list_root),
        ] {
            let spans: RootSpans = value(&key);
            assert!(spans
                .iter()
                .any(|span| span.covers(now) && span.superseded_at.is_none()));
        }

        let list: TrustListEntry = value(&storage::trust_list(LIST));
        let kept = TrustLists::<Runtime>::get(LIST).unwrap();
        assert_eq!(AccountId::from(list.curator), kept.curator);
        assert_eq!((list.root, list.valid_from), (kept.root, kept.valid_from));
        assert_eq!((list.status, list.deposit), (ListState::Open, kept.deposit));
        assert_eq!(list.encode(), kept.encode());

        let gate: GateEntry = value(&storage::gate(GATE));
        let kept = Gates::<Runtime>::get(GATE).unwrap();
        assert_eq!(
            (&gate.policy, gate.admission_days),
            (&kept.policy, kept.admission_days)
        );
        assert_eq!((gate.status, gate.deposit), (GateState::Open, kept.deposit));
        assert_eq!(gate.encode(), kept.encode());

        assert!(!unhashed::exists(&storage::disabled_circuit(CircuitId::V1)));
        DisabledCircuits::<Runtime>::insert(CircuitId::V1, ());
        value::<()>(&storage::disabled_circuit(CircuitId::V1));
    });
}

#[test]
fn the_lengths_of_time_are_those_of_the_runtime() {
    let window: u32 = <Runtime as pallet_age_registry::Config>::RootWindow::get();
    let slot: u64 = <Runtime as pallet_babe::Config>::ExpectedBlockTime::get();
    assert_eq!((window, slot), (ROOT_WINDOW, SLOT_MILLIS));
    assert_eq!(BlockHashCount::get(), BLOCK_HASHES);
}
