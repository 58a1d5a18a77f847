//! The chains that this node knows by name, and those that come in a file.

use crate::service::{Block, HostFunctions};
use sc_chain_spec::{ChainSpecExtension, ChainType, GenericChainSpec};
use serde::{Deserialize, Serialize};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use std::path::PathBuf;

/// Prefix of the names of network protocols, so that nodes of other chains are told apart early.
const PROTOCOL_ID: &str = "ofage";

/// The chain's currency, as wallets and explorers show it.
const TOKEN: &str = "OFG";

/// A unit of it is 10 to this power of the smallest amounts.
const DECIMALS: u8 = 12;

/// Form of its addresses: that of Substrate chains without a number of their own, as in the runtime.
const ADDRESS_FORMAT: u16 = 42;

/// What a specification carries beside name and genesis.
///
/// A light client refuses fields that it does not know, so nothing of our own belongs here.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
    /// Block numbers with their known hashes.
    pub(crate) fork_blocks: sc_client_api::ForkBlocks<Block>,
    /// Blocks known to be bad.
    pub(crate) bad_blocks: sc_client_api::BadBlocks<Block>,
    /// A checkpoint for light clients; the RPC `sync_state_genSyncSpec` fills it in.
    pub(crate) light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// A chain specification of this node.
///
/// It names the host functions, because the genesis state is built by the wasm runtime, which imports them.
pub(crate) type ChainSpec = GenericChainSpec<Extensions, HostFunctions>;

/// Finds the specification that `--chain` names: `dev`, `local`, or a file.
///
/// # Errors
/// When no chain was named, the file is not a specification, or the binary has no runtime inside.
pub(crate) fn load(id: &str) -> Result<Box<dyn sc_chain_spec::ChainSpec>, String> {
    Ok(Box::new(match id {
        "" => {
            return Err("no chain was named: take --dev, --chain dev, --chain local, or --chain FILE".into())
        }
        "dev" => preset(
            "Ofage Development",
            "ofage_dev",
            ChainType::Development,
            DEV_RUNTIME_PRESET,
        )?,
        "local" => preset(
            "Ofage Local Testnet",
            "ofage_local",
            ChainType::Local,
            LOCAL_TESTNET_RUNTIME_PRESET,
        )?,
        file => ChainSpec::from_json_file(PathBuf::from(file)).map_err(|error| {
            format!("'{file}' is neither a preset (dev, local) nor a chain specification: {error}")
        })?,
    }))
}

fn preset(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let wasm = ofage_runtime::WASM_BINARY
        .ok_or("this binary has no runtime inside: build it without SKIP_WASM_BUILD, or take --chain FILE")?;
    Ok(ChainSpec::builder(wasm, Extensions::default())
        .with_name(name)
        .with_id(id)
        .with_chain_type(kind)
        .with_protocol_id(PROTOCOL_ID)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .build())
}

/// What wallets and explorers show.
fn properties() -> sc_chain_spec::Properties {
    let mut properties = sc_chain_spec::Properties::new();
    properties.insert("tokenSymbol".into(), TOKEN.into());
    properties.insert("tokenDecimals".into(), DECIMALS.into());
    properties.insert("ss58Format".into(), ADDRESS_FORMAT.into());
    properties
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn json(id: &str, raw: bool) -> Value {
        let text = load(id)
            .expect("the preset is known")
            .as_json(raw)
            .expect("the genesis state builds");
        serde_json::from_str(&text).expect("a specification is JSON")
    }

    #[test]
    fn both_presets_build_and_have_a_raw_form_with_the_runtime() {
        // The well-known key of the runtime's code, ":code" in hexadecimal.
        const CODE: &str = "0x3a636f6465";
        for id in ["dev", "local"] {
            assert!(json(id, false)["genesis"]["runtimeGenesis"].is_object());
            let raw = json(id, true);
            assert!(raw["genesis"]["raw"]["top"][CODE].is_string());
            assert_eq!(
                raw["genesis"]["raw"]["childrenDefault"],
                Value::Object(Default::default())
            );
        }
    }

    #[test]
    fn the_chains_differ_in_id_and_genesis() {
        let (dev, local) = (json("dev", true), json("local", true));
        assert_ne!(dev["id"], local["id"]);
        assert_ne!(dev["genesis"], local["genesis"]);
    }

    #[test]
    fn a_light_client_finds_the_field_for_its_checkpoint_and_none_that_it_does_not_know() {
        const KNOWN: [&str; 14] = [
            "name",
            "id",
            "chainType",
            "bootNodes",
            "telemetryEndpoints",
            "protocolId",
            "forkId",
            "properties",
            "codeSubstitutes",
            "consensusEngine",
            "genesis",
            "forkBlocks",
            "badBlocks",
            "lightSyncState",
        ];
        let spec = json("local", true);
        let fields = spec.as_object().expect("a specification is an object");
        assert!(fields.contains_key("lightSyncState"));
        for name in fields.keys() {
            assert!(
                KNOWN.contains(&name.as_str()),
                "light clients do not know the field {name}"
            );
        }
    }

    #[test]
    fn nobody_is_contacted_and_nothing_is_reported_by_default() {
        let spec = load("local").unwrap();
        assert!(spec.boot_nodes().is_empty());
        assert!(spec.telemetry_endpoints().is_none());
    }

    #[test]
    fn a_written_specification_is_read_back_and_gives_the_same_genesis() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.json");
        std::fs::write(&file, json("dev", true).to_string()).unwrap();
        assert_eq!(json(file.to_str().unwrap(), true), json("dev", true));
    }

    mod rejects {
        use super::*;

        fn refusal(id: &str) -> String {
            load(id).expect_err("this is no chain")
        }

        #[test]
        fn a_start_without_a_chain_and_says_how_to_name_one() {
            assert!(refusal("").contains("--dev"));
        }

        #[test]
        fn a_file_that_is_not_there() {
            assert!(refusal("no-such-chain").contains("'no-such-chain' is neither a preset"));
        }

        #[test]
        fn a_file_that_is_no_specification() {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in [("a", ""), ("b", "{}"), ("c", "[1]"), ("d", "{\"name\": 3}")] {
                let file = folder.path().join(name);
                std::fs::write(&file, text).unwrap();
                assert!(refusal(file.to_str().unwrap()).contains("nor a chain specification"));
            }
        }
    }
}
