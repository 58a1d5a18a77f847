//! What the command line of the node takes.

use crate::check_state::CheckStateCommand;
use clap::Parser;

/// The flags of a running node, and the subcommands beside it.
#[derive(Debug, Parser)]
#[command(after_long_help = "\
Examples:
  ofage-node --dev                                      a throw-away chain of one validator
  ofage-node --chain dev --alice --base-path ./chain    the same chain, kept
  ofage-node --chain my-chain.json --base-path ./chain  a full node of another chain
  ofage-node --chain my-chain.json --base-path ./chain --validator

A validator needs a network key (ofage-node key generate-node-key) and session keys (ofage-node key insert).
The RPC of a node that strangers reach needs a proxy with a rate limit in front of it; see --rpc-rate-limit.")]
pub(crate) struct Cli {
    /// What to do instead of running a node.
    #[command(subcommand)]
    pub(crate) subcommand: Option<Subcommand>,

    /// The flags of a running node.
    #[command(flatten)]
    pub(crate) run: sc_cli::RunCmd,

    /// Do not measure the hardware when a validator of a live chain starts.
    #[arg(long)]
    pub(crate) no_hardware_benchmarks: bool,

    /// Whether to index the leaves of shards and serve them to wallets (RPC `ofage_shardLeaves`).
    ///
    /// The index takes 32 bytes of disk and a little for each attestation, and needs the bodies of all blocks. A
    /// validator that serves no wallets can do without.
    #[arg(long, value_name = "SWITCH", default_value = "on")]
    pub(crate) leaf_index: Switch,
}

/// Whether a part of the node runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// What the binary does beside running a node.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// Make, inspect and insert keys.
    #[command(
        subcommand,
        after_help = "Example: ofage-node key generate-node-key --chain my-chain.json --base-path ./chain"
    )]
    Key(sc_cli::KeySubcommand),

    /// Write the specification of a chain.
    #[command(
        after_help = "Example: ofage-node export-chain-spec --chain local --raw --output local-raw.json"
    )]
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Execute one stored block again, and report whether it is valid.
    #[command(after_help = "Example: ofage-node check-block --chain dev --base-path ./chain 42")]
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    #[command(
        after_help = "Example: ofage-node export-blocks --chain dev --base-path ./chain --binary blocks.bin"
    )]
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state after a block as a chain specification.
    #[command(after_help = "Example: ofage-node export-state --chain dev --base-path ./chain > state.json")]
    ExportState(sc_cli::ExportStateCmd),

    /// Read blocks from a file into the database.
    #[command(
        after_help = "Example: ofage-node import-blocks --chain dev --base-path ./other --binary blocks.bin"
    )]
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Delete the database of a chain.
    #[command(after_help = "Example: ofage-node purge-chain --chain dev --base-path ./chain")]
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take back the newest blocks that are not final.
    #[command(after_help = "Example: ofage-node revert --chain dev --base-path ./chain 10")]
    Revert(sc_cli::RevertCmd),

    /// Check that a final state of a stopped node keeps the invariants of the registry and of the gates.
    #[command(after_help = "\
Example: ofage-node check-state --chain dev --base-path ./chain --json

It reads the whole state into memory and hashes the registry again: minutes for a large one. The exit code is 0 when all
invariants hold, and 1 when one does not or the state cannot be read.")]
    CheckState(CheckStateCommand),

    /// Print what the database holds: genesis, best and final block.
    #[command(after_help = "Example: ofage-node chain-info --chain dev --base-path ./chain")]
    ChainInfo(sc_cli::ChainInfoCmd),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use sc_cli::{CliConfiguration, SubstrateCli};

    fn parsed(args: &[&str]) -> Cli {
        Cli::try_from_iter([&["ofage-node"], args].concat()).expect("these flags are taken")
    }

    fn help(args: &[&str]) -> String {
        let all = [&["ofage-node"], args, &["--help"]].concat();
        Cli::try_from_iter(all)
            .expect_err("help is not a command to run")
            .to_string()
    }

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::setup_command(Cli::command()).debug_assert();
    }

    #[test]
    fn every_subcommand_has_help_with_an_example() {
        for subcommand in Cli::command().get_subcommands() {
            let text = help(&[subcommand.get_name()]);
            assert!(
                text.contains("Example: ofage-node"),
                "{} has no example:\n{text}",
                subcommand.get_name()
            );
        }
        assert!(help(&[]).contains("Examples:"));
    }

    #[test]
    fn the_scripts_flags_are_taken() {
        let cli = parsed(&[
            "--chain",
            "local",
            "--bob",
            "--validator",
            "--base-path",
            "somewhere",
            "--rpc-port",
            "0",
            "--listen-addr",
            "/ip4/127.0.0.1/tcp/0",
            "--unsafe-force-node-key-generation",
            "--no-mdns",
            "--no-telemetry",
            "--no-hardware-benchmarks",
            "--no-prometheus",
        ]);
        assert!(cli.run.bob && cli.no_hardware_benchmarks && cli.subcommand.is_none());
    }

    #[test]
    fn leaves_are_indexed_unless_it_is_switched_off() {
        assert_eq!(parsed(&["--dev"]).leaf_index, Switch::On);
        assert_eq!(parsed(&["--dev", "--leaf-index", "off"]).leaf_index, Switch::Off);
    }

    #[test]
    fn a_dev_node_is_alice_and_writes_blocks_alone_to_a_temporary_place() {
        let run = parsed(&["--dev"]).run;
        assert!(run.is_dev().unwrap() && run.force_authoring().unwrap());
        assert!(run.role(true).unwrap().is_authority());
        assert_eq!(run.dev_key_seed(true).unwrap().as_deref(), Some("//Alice"));
        let path = run.base_path().unwrap().expect("a temporary directory");
        assert!(path.path().starts_with(std::env::temp_dir()));
    }

    #[test]
    fn the_database_is_paritydb_only() {
        assert!(Cli::try_from_iter(["ofage-node", "--dev", "--database", "paritydb"]).is_ok());
        assert!(Cli::try_from_iter(["ofage-node", "--dev", "--database", "rocksdb"]).is_err());
    }

    #[test]
    fn wrong_flags_are_refused() {
        for args in [
            &["--alice", "--bob"][..],
            &["--tmp", "--base-path", "x"],
            &["no-such-command"],
            &["--rpc-port", "x"],
            &["--leaf-index", "x"],
            &["check-state", "--chain", "dev", "--at", "x"],
        ] {
            assert!(
                Cli::try_from_iter([&["ofage-node"], args].concat()).is_err(),
                "{args:?} was taken"
            );
        }
    }
}
