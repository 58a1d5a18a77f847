//! `ofage wallet`.

mod import;
mod issuance;
mod list;
mod new;
mod prove;
mod refresh;
mod request;

use std::sync::Arc;

use clap::Subcommand;
use ofage_sdk::{
    chain::Chain,
    light::{newest, MAX_LIVE_AGE},
    retrieval::LightSource,
};

use crate::{
    args::Global,
    failure::{Failure, Status},
    light_args::LightArgs,
    output::Output,
};

/// Commands of a holder.
#[derive(Subcommand)]
pub(crate) enum WalletCommand {
    /// Make a wallet: a secret in an encrypted file.
    New(new::New),
    /// Write a request for an issuer: a commitment to the secret that only this issuer sees.
    Request(request::Request),
    /// Take a credential of an issuer, after checking it.
    Import(import::Import),
    /// Fetch what proofs need, hidden among decoys, when the epoch is over.
    Refresh(refresh::Refresh),
    /// Answer a gate or a challenge with a proof.
    Prove(prove::Prove),
    /// Show the credentials, and what was disclosed where.
    List(list::ListCommand),
}

impl WalletCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::New(command) => command.run(output),
            Self::Request(command) => command.run(global, output).await,
            Self::Import(command) => command.run(global, output).await,
            Self::Refresh(command) => command.run(global, output).await,
            Self::Prove(command) => command.run(global, output).await,
            Self::List(command) => command.run(output),
        }
    }
}

/// A light client, if one is wanted, with `chain` for leaves only.
async fn light_source(
    light: &LightArgs,
    chain: &Chain,
    output: &Output,
) -> Result<Option<LightSource>, Failure> {
    let Some(live) = light.start(output).await? else {
        return Ok(None);
    };
    let _bar = output.talk.spinner("looking for the newest final block");
    newest(&live, MAX_LIVE_AGE).await?;
    Ok(Some(LightSource::new(Arc::new(live), chain.clone())?))
}
