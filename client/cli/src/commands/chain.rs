//! `ofage chain`.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::{
    args::Global,
    failure::{Failure, Status},
    output::Output,
};

/// Commands about the chain as a whole.
#[derive(Subcommand)]
pub(crate) enum ChainCommand {
    /// Show the newest blocks and what the registry holds.
    Status(StatusCommand),
    /// Wait until more blocks are final.
    Wait(Wait),
}

/// Shows the chain.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage chain status")]
pub(crate) struct StatusCommand {}

/// Waits for finality.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage chain wait --blocks 3")]
pub(crate) struct Wait {
    /// How many blocks.
    #[arg(long, value_name = "N", default_value_t = 1)]
    blocks: u32,
}

impl ChainCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Status(_) => status(global, output).await,
            Self::Wait(command) => command.run(global, output).await,
        }
    }
}

async fn status(global: &Global, output: &Output) -> Result<Status, Failure> {
    let chain = global.connect().await?;
    let finalized = chain.finalized().await?;
    let best = chain.best().await?;
    let api = chain.at(finalized);
    let root = api.registry_root().await?;
    let (issuers, lists, gates) = api.next_ids().await?;
    let shards = api.next_shard().await?;
    let genesis = chain.genesis();
    let result = json!({
        "genesis": genesis.to_string(),
        "finalized": finalized.number,
        "best": best.number,
        "registry_root": root,
        "issuers": issuers,
        "lists": lists,
        "gates": gates,
        "shards": shards,
    });
    output.result(&result, || {
        format!(
            "chain {genesis}\n  block {} is final, {} is the newest\n  registry root {root}\n  {issuers} issuers, {shards} shards, {lists} trust lists, {gates} gates",
            finalized.number, best.number,
        )
    })?;
    Ok(Status::Yes)
}

impl Wait {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let target = chain.finalized().await?.number.saturating_add(self.blocks);
        let reached = {
            let _bar = output.talk.spinner("waiting for blocks");
            chain.wait_until_final(target).await?
        };
        output.result(&json!({ "finalized": reached.number }), || {
            format!("block {} is final", reached.number)
        })?;
        Ok(Status::Yes)
    }
}
