//! Carries out what the command line asks for.

use crate::{
    chain_spec, check_state,
    cli::{Cli, Subcommand, Switch},
    service::{self, Block, Options},
};
use sc_cli::{Result, SubstrateCli};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use std::sync::Arc;

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Ofage Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        concat!(env!("CARGO_PKG_REPOSITORY"), "/issues").into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn sc_service::ChainSpec>, String> {
        chain_spec::load(id)
    }
}

/// A log filter for commands that run no node.
///
/// They take a node apart while some of its tasks still hold the other ends, which these would report as failures. What
/// a command cannot do, it says itself.
const NO_TASKS: &str = "sc_service::task_manager=off";

/// Reads the command line, and does what it says.
///
/// # Errors
/// When the command cannot be carried out; the message says what to do about it.
pub(crate) fn run() -> Result<()> {
    let mut cli = Cli::from_args();
    match cli.subcommand.take() {
        None => run_node(&cli),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::CheckBlock(mut command)) => {
            command.shared_params.log.push(NO_TASKS.into());
            cli.create_runner(&command)?.async_run(|config| {
                let (parts, import_queue) = service::partial(&config)?;
                Ok((command.run(parts.client, import_queue), parts.task_manager))
            })
        }
        Some(Subcommand::ExportBlocks(mut command)) => {
            command.shared_params.log.push(NO_TASKS.into());
            cli.create_runner(&command)?.async_run(|config| {
                let (parts, _) = service::partial(&config)?;
                Ok((command.run(parts.client, config.database), parts.task_manager))
            })
        }
        Some(Subcommand::ExportState(mut command)) => {
            command.shared_params.log.push(NO_TASKS.into());
            cli.create_runner(&command)?.async_run(|config| {
                let (parts, _) = service::partial(&config)?;
                Ok((command.run(parts.client, config.chain_spec), parts.task_manager))
            })
        }
        Some(Subcommand::ImportBlocks(mut command)) => {
            command.shared_params.log.push(NO_TASKS.into());
            cli.create_runner(&command)?.async_run(|config| {
                let (parts, import_queue) = service::partial(&config)?;
                Ok((command.run(parts.client, import_queue), parts.task_manager))
            })
        }
        Some(Subcommand::PurgeChain(command)) => cli
            .create_runner(&command)?
            .sync_run(|config| command.run(config.database)),
        Some(Subcommand::Revert(mut command)) => {
            command.shared_params.log.push(NO_TASKS.into());
            cli.create_runner(&command)?.async_run(|config| {
                let (parts, _) = service::partial(&config)?;
                // Consensus keeps notes of its own beside the blocks.
                let consensus = Box::new(|client: Arc<service::Client>, backend, blocks| {
                    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
                    sc_consensus_grandpa::revert(client, blocks)?;
                    Ok(())
                });
                Ok((
                    command.run(parts.client, parts.backend, Some(consensus)),
                    parts.task_manager,
                ))
            })
        }
        Some(Subcommand::CheckState(mut command)) => {
            command.shared_params.log.push(NO_TASKS.into());
            cli.create_runner(&command)?.async_run(|config| {
                let (parts, _) = service::partial(&config)?;
                Ok((check_state::run(command, parts.client), parts.task_manager))
            })
        }
        Some(Subcommand::ChainInfo(command)) => cli
            .create_runner(&command)?
            .sync_run(|config| command.run::<Block>(&config)),
    }
}

fn run_node(cli: &Cli) -> Result<()> {
    let options = Options {
        measure_hardware: !cli.no_hardware_benchmarks,
        index_leaves: cli.leaf_index == Switch::On,
    };
    cli.create_runner(&cli.run)?
        .run_node_until_exit(|config| async move {
            match config.network.network_backend {
                NetworkBackendType::Libp2p => service::start::<NetworkWorker<_, _>>(config, options),
                NetworkBackendType::Litep2p => service::start::<Litep2pNetworkBackend>(config, options),
            }
            .map_err(sc_cli::Error::Service)
        })
}
