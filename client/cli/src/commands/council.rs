//! `ofage council`.

mod motions;
mod propose;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ofage_sdk::council::{threshold, Council};
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Commands of the council, which acts as root with two thirds of its members.
#[derive(Subcommand)]
pub(crate) enum CouncilCommand {
    /// Open the motions for something that only root can do.
    #[command(subcommand)]
    Propose(propose::Propose),
    /// Vote on motions; says what they do before.
    Vote(motions::Vote),
    /// Close motions that are decided; those that are carried take effect.
    Close(motions::Close),
    /// Show the open motions, and what they do.
    Status(motions::StatusCommand),
    /// Show the members.
    Members(Members),
    /// Put the runtime in place that the council authorized; anybody may.
    ApplyUpgrade(ApplyUpgrade),
}

/// Shows the members of the council.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council members")]
pub(crate) struct Members {}

/// Puts a runtime in place.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage council apply-upgrade --wasm ofage_runtime.compact.compressed.wasm --dev-key Alice"
)]
pub(crate) struct ApplyUpgrade {
    /// The runtime, the very file that was authorized.
    #[arg(long, value_name = "FILE")]
    wasm: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

impl CouncilCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Propose(command) => command.run(global, output).await,
            Self::Vote(command) => command.run(global, output).await,
            Self::Close(command) => command.run(global, output).await,
            Self::Status(command) => command.run(global, output).await,
            Self::Members(_) => members(global, output).await,
            Self::ApplyUpgrade(command) => command.run(global, output).await,
        }
    }
}

async fn members(global: &Global, output: &Output) -> Result<Status, Failure> {
    let chain = global.connect().await?;
    let members = Council::new(&chain).members().await?;
    let needed = threshold(u32::try_from(members.len()).unwrap_or(u32::MAX));
    let result = json!({ "members": members, "threshold": needed });
    output.result(&result, || {
        let list: Vec<String> = members.iter().map(|member| format!("\n  {member}")).collect();
        format!(
            "{} members, of whom {needed} carry a motion{}",
            members.len(),
            list.concat()
        )
    })?;
    Ok(Status::Yes)
}

impl ApplyUpgrade {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let code = files::read(&self.wasm)?;
        let chain = global.connect().await?;
        let landed = {
            let _bar = output.talk.spinner("waiting until the upgrade is final");
            Council::new(&chain).apply_upgrade(&signer, &code).await?
        };
        let block = landed.block.number;
        output.result(&json!({ "applied": true, "block": block }), || {
            format!("the runtime was put in place in block {block}; the next one runs on it")
        })?;
        Ok(Status::Yes)
    }
}
