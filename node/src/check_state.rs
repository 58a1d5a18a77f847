//! Checking the state of a stopped node.

use crate::service::{Backend, Block, Client};
use clap::{Parser, ValueEnum};
use ofage_runtime::{
    invariants::{self, Broken},
    Hash, VERSION,
};
use sc_cli::{CliConfiguration, DatabaseParams, Error, PruningParams, Result, SharedParams};
use sc_client_api::{HeaderBackend, StorageProvider};
use serde_json::json;
use sp_core::{storage::well_known_keys::CODE, traits::CallContext};
use sp_state_machine::BasicExternalities;
use std::{io::Write, sync::Arc};

/// Loads a state and checks it natively.
#[derive(Clone, Debug, Parser)]
pub(crate) struct CheckStateCommand {
    /// Which state.
    #[arg(long, value_name = "BLOCK", default_value = "latest-finalized")]
    at: At,

    /// Print the result as JSON.
    #[arg(long)]
    json: bool,

    /// Chain, folder and log.
    #[command(flatten)]
    pub(crate) shared_params: SharedParams,

    /// How much the database keeps.
    #[command(flatten)]
    pruning_params: PruningParams,

    /// Which database.
    #[command(flatten)]
    database_params: DatabaseParams,
}

/// Which state is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum At {
    /// That of the newest finalized block.
    LatestFinalized,
}

impl CliConfiguration for CheckStateCommand {
    fn shared_params(&self) -> &SharedParams {
        &self.shared_params
    }

    fn pruning_params(&self) -> Option<&PruningParams> {
        Some(&self.pruning_params)
    }

    fn database_params(&self) -> Option<&DatabaseParams> {
        Some(&self.database_params)
    }
}

/// Reads the state, checks it, and prints what it found.
///
/// # Errors
/// When an invariant does not hold, or the state cannot be read.
pub(crate) async fn run(command: CheckStateCommand, client: Arc<Client>) -> Result<()> {
    let At::LatestFinalized = command.at;
    let info = client.info();
    let (number, hash) = (info.finalized_number, info.finalized_hash);
    let mut state = load(&*client, hash)?;
    let runtime = client.runtime_version_at(hash, CallContext::Offchain)?;
    if runtime.spec_version != VERSION.spec_version {
        eprintln!(
            "note: the chain runs version {} of the runtime, and this node checks by the rules of version {}",
            runtime.spec_version, VERSION.spec_version
        );
    }
    let broken = check(&mut state);
    let mut out = std::io::stdout().lock();
    if command.json {
        let broken: Vec<_> = broken
            .iter()
            .map(|broken| json!({ "pallet": broken.pallet, "what": broken.what }))
            .collect();
        let report = json!({
            "block": number,
            "hash": format!("{hash:#x}"),
            "holds": broken.is_empty(),
            "broken": broken,
        });
        writeln!(out, "{report}")?;
    } else if broken.is_empty() {
        writeln!(out, "block {number} ({hash:#x}): all invariants hold")?;
    } else {
        for broken in &broken {
            writeln!(
                out,
                "block {number} ({hash:#x}): {}: {}",
                broken.pallet, broken.what
            )?;
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Error::Input(format!(
            "{} of the state's invariants do not hold",
            broken.len()
        )))
    }
}

/// What does not hold in a state.
fn check(state: &mut BasicExternalities) -> Vec<Broken> {
    state.execute_with(invariants::check).err().unwrap_or_default()
}

/// All of the state, but its code, which nothing here runs.
fn load(client: &impl StorageProvider<Block, Backend>, hash: Hash) -> Result<BasicExternalities> {
    let mut state = BasicExternalities::new_empty();
    for (key, value) in client.storage_pairs(hash, None, None)? {
        if key.0 != CODE {
            state.insert(key.0, value.0);
        }
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_runtime::Runtime;

    #[test]
    fn what_the_chains_rules_cannot_have_led_to_is_found() {
        let mut state = BasicExternalities::new_empty();
        assert_eq!(check(&mut state), []);
        state.execute_with(|| pallet_age_registry::NextShard::<Runtime>::put(1));
        let broken = check(&mut state);
        assert!(
            matches!(
                &broken[..],
                [Broken {
                    pallet: "AgeRegistry",
                    ..
                }]
            ),
            "{broken:?}"
        );
    }
}
