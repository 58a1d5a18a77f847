//! First states of development chains. Their keys are known to everybody; a chain of value needs keys of its own.

use crate::{
    configs::consensus::BABE_EPOCH_CONFIGURATION, constants::currency::UNIT, AccountId, BabeConfig, Balance,
    BalancesConfig, CouncilConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, ValidatorSetConfig,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_core::{crypto::get_public_from_string_or_panic, ed25519, sr25519};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

/// The accounts that have money, by the names that their keys are derived from.
pub const ENDOWED: [&str; 12] = [
    "Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "Issuer1", "Issuer2", "Issuer3", "Curator",
    "Sponsor", "App",
];

/// What each of them has.
pub const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// The account whose key is derived from the development phrase and `name`.
pub fn account(name: &str) -> AccountId {
    get_public_from_string_or_panic::<sr25519::Public>(name).into()
}

/// The session keys of the validator `name`.
pub fn session_keys(name: &str) -> SessionKeys {
    SessionKeys {
        babe: get_public_from_string_or_panic::<sr25519::Public>(name).into(),
        grandpa: get_public_from_string_or_panic::<ed25519::Public>(name).into(),
    }
}

/// A chain whose validators are also its council.
fn genesis(validators: &[&str]) -> Value {
    let accounts: Vec<AccountId> = validators.iter().map(|name| account(name)).collect();
    build_struct_json_patch!(RuntimeGenesisConfig {
        babe: BabeConfig {
            epoch_config: BABE_EPOCH_CONFIGURATION
        },
        balances: BalancesConfig {
            balances: ENDOWED
                .iter()
                .map(|name| (account(name), ENDOWMENT))
                .collect::<Vec<_>>()
        },
        validator_set: ValidatorSetConfig {
            validators: accounts.clone()
        },
        session: SessionConfig {
            keys: validators
                .iter()
                .map(|name| (account(name), account(name), session_keys(name)))
                .collect::<Vec<_>>()
        },
        council: CouncilConfig { members: accounts },
    })
}

/// The preset of that name, as a JSON patch of the default configuration.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        DEV_RUNTIME_PRESET => genesis(&["Alice"]),
        LOCAL_TESTNET_RUNTIME_PRESET => genesis(&["Alice", "Bob", "Charlie"]),
        _ => return None,
    };
    serde_json::to_vec(&patch).ok()
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(DEV_RUNTIME_PRESET),
        PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
    ]
}
