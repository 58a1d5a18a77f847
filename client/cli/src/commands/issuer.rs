//! `ofage issuer`.

mod accept;
mod attest;
mod consent;
mod register;
mod seal;
mod status;

use clap::Subcommand;

use crate::{
    args::Global,
    failure::{Failure, Status},
    output::Output,
};

/// Commands of an issuer.
#[derive(Subcommand)]
pub(crate) enum Issuer {
    /// Register as an issuer; the signer becomes its controller and pays the deposit.
    Register(register::Register),
    /// Agree to attest for an issuer that named the signer as its attester.
    Accept(accept::Accept),
    /// Attest the people of a CSV file and write their credentials.
    Attest(attest::Attest),
    /// Show issuers and their shards.
    Status(status::StatusCommand),
    /// Agree to be held by a trust list, or take that back.
    Consent(consent::Consent),
    /// Close the open shard.
    Seal(seal::Seal),
}

impl Issuer {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Register(command) => command.run(global, output).await,
            Self::Accept(command) => command.run(global, output).await,
            Self::Attest(command) => command.run(global, output).await,
            Self::Status(command) => command.run(global, output).await,
            Self::Consent(command) => command.run(global, output).await,
            Self::Seal(command) => command.run(global, output).await,
        }
    }
}
