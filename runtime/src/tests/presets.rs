//! First states of development chains.

use super::chain::{blocks, check_invariants, configuration, dev, local};
use crate::{
    presets::{account, preset_names, ENDOWED, ENDOWMENT},
    AccountId, Babe, Balances, Grandpa, Runtime, Session,
};
use frame_support::traits::fungible::Inspect;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

fn accounts(names: &[&str]) -> Vec<AccountId> {
    names.iter().map(|name| account(name)).collect()
}

fn council() -> Vec<AccountId> {
    let mut members = pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get();
    members.sort();
    members
}

#[test]
fn the_development_chain_is_alices() {
    dev().execute_with(|| {
        assert_eq!(Session::validators(), accounts(&["Alice"]));
        assert_eq!(council(), accounts(&["Alice"]));
        assert_eq!(Babe::authorities().len(), 1);
        assert_eq!(Grandpa::grandpa_authorities().len(), 1);
    });
}

#[test]
fn the_local_chain_has_three_validators_and_councillors() {
    local().execute_with(|| {
        let three = accounts(&["Alice", "Bob", "Charlie"]);
        assert_eq!(Session::validators(), three);
        let mut members = three;
        members.sort();
        assert_eq!(council(), members);
        assert_eq!(Babe::authorities().len(), 3);
        let weights: Vec<u64> = Grandpa::grandpa_authorities()
            .into_iter()
            .map(|(_, weight)| weight)
            .collect();
        assert_eq!(weights, [1, 1, 1], "light clients know no others");
    });
}

#[test]
fn every_role_has_money() {
    for mut chain in [dev(), local()] {
        chain.execute_with(|| {
            for name in ENDOWED {
                assert_eq!(Balances::balance(&account(name)), ENDOWMENT, "{name}");
            }
            assert_eq!(Balances::total_issuance(), ENDOWED.len() as u128 * ENDOWMENT);
        });
    }
}

#[test]
fn all_presets_are_named_and_whole() {
    let names = [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET].map(PresetId::from);
    assert_eq!(preset_names(), names);
    for name in names {
        let whole = configuration(&name);
        serde_json::from_slice::<crate::RuntimeGenesisConfig>(&whole).unwrap();
    }
    assert_eq!(crate::presets::get_preset(&PresetId::from("main")), None);
}

#[test]
fn the_chains_run() {
    for mut chain in [dev(), local()] {
        chain.execute_with(|| {
            blocks(25);
            check_invariants();
        });
    }
}
