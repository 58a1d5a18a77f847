//! `ofage issuer`.

mod accept;
mod attest;
mod audit;
mod bridge;
mod consent;
mod credentials;
mod forget;
mod manage;
mod offer;
mod profile;
mod register;
mod revoke;
mod seal;
mod serve;
mod shards;
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
    /// Attest people from a file or a database, and write their credentials.
    Attest(attest::Attest),
    /// Hand out attestations to wallets, over HTTP.
    Serve(serve::Serve),
    /// Offer attestations to customers, whose wallets fetch them from the service.
    Offer(offer::Offer),
    /// Check credentials that customers already hold, such as a PID or a driving licence.
    #[command(subcommand)]
    Bridge(bridge::Bridge),
    /// Show issuers and their shards.
    Status(status::StatusCommand),
    /// Agree to be held by a trust list, or take that back.
    Consent(consent::Consent),
    /// Close the open shard.
    Seal(seal::Seal),
    /// Delete what is kept of customers, but for what a revocation needs.
    Forget(forget::Forget),
    /// Revoke attestations.
    Revoke(revoke::Revoke),
    /// Revoke shards as wholes, after an attesting key was stolen.
    RevokeShards(shards::RevokeShards),
    /// Compare the chain with the register: which attestations did somebody else make with the key?
    Audit(audit::Audit),
    /// Restore shards that were revoked as wholes.
    RestoreShards(shards::RestoreShards),
    /// Name another attesting key; the old one can do nothing more.
    Rotate(manage::Rotate),
    /// Publish other metadata.
    Update(manage::Update),
    /// Say who the issuer is, in a signed document of its web site, and check what others say.
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// Retire for ever; attestations stay.
    Retire(manage::Retire),
    /// Take the deposit back, some time after retiring.
    WithdrawDeposit(manage::WithdrawDeposit),
}

impl Issuer {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Register(command) => command.run(global, output).await,
            Self::Accept(command) => command.run(global, output).await,
            Self::Attest(command) => command.run(global, output).await,
            Self::Serve(command) => command.run(global, output).await,
            Self::Offer(command) => command.run(output).await,
            Self::Bridge(command) => command.run(output),
            Self::Status(command) => command.run(global, output).await,
            Self::Consent(command) => command.run(global, output).await,
            Self::Seal(command) => command.run(global, output).await,
            Self::Forget(command) => command.run(global, output).await,
            Self::Revoke(command) => command.run(global, output).await,
            Self::RevokeShards(command) => command.run(global, output).await,
            Self::Audit(command) => command.run(global, output).await,
            Self::RestoreShards(command) => command.run(global, output).await,
            Self::Rotate(command) => command.run(global, output).await,
            Self::Update(command) => command.run(global, output).await,
            Self::Profile(command) => command.run(global, output).await,
            Self::Retire(command) => command.run(global, output).await,
            Self::WithdrawDeposit(command) => command.run(global, output).await,
        }
    }
}
