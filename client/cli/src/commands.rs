//! The command tree; each module holds the command of its name.

mod account;
mod admit;
mod chain;
mod challenge;
mod checkpoint;
mod council;
mod dev;
mod gate;
mod issuer;
mod key;
mod light;
mod list;
mod policy;
mod verify;
mod wallet;

use clap::Subcommand;
use ofage_primitives::IssuerIndex;
use ofage_sdk::{
    account::Account,
    chain::{BlockPoint, Chain},
};

use crate::{
    args::Cli,
    failure::{Failure, Kind, Status},
    output::Output,
    talk::plain,
};

/// What `ofage` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Attest what an issuer knows of people's ages.
    #[command(subcommand)]
    Issuer(issuer::Issuer),
    /// Keep trust lists: which issuers are good enough for a purpose.
    #[command(subcommand)]
    List(list::List),
    /// Hold a secret and credentials, and prove with them.
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
    /// Keep gates on the chain, which admit accounts of a proven age.
    #[command(subcommand)]
    Gate(gate::Gate),
    /// Write a policy file: what to ask of a proof.
    Policy(policy::PolicyCommand),
    /// Ask an account for a proof: write a challenge for its wallet.
    Challenge(challenge::ChallengeCommand),
    /// Check a presentation off chain: yes or no, and why.
    Verify(verify::Verify),
    /// Keep a checkpoint: what a verifier without network starts from.
    #[command(subcommand)]
    Checkpoint(checkpoint::CheckpointCommand),
    /// Serve what a light client proves.
    #[command(subcommand)]
    Light(light::LightCommand),
    /// Ask a gate to admit the account of a presentation; nobody signs, nobody pays but the gate's sponsor.
    Admit(admit::Admit),
    /// Keep signing keys in sealed files, and on paper.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// See what accounts own, and pay from one to another.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Govern the chain with the other members of the council.
    #[command(subcommand)]
    Council(council::CouncilCommand),
    /// Look at the chain.
    #[command(subcommand)]
    Chain(chain::ChainCommand),
    /// Make up data for demonstrations.
    #[command(subcommand)]
    Dev(dev::Dev),
}

/// Runs a command.
pub(crate) async fn run(cli: Cli, output: &Output) -> Result<Status, Failure> {
    let global = &cli.global;
    match cli.command {
        Command::Issuer(command) => command.run(global, output).await,
        Command::List(command) => command.run(global, output).await,
        Command::Wallet(command) => command.run(global, output).await,
        Command::Gate(command) => command.run(global, output).await,
        Command::Policy(command) => command.run(output),
        Command::Challenge(command) => command.run(global, output).await,
        Command::Verify(command) => command.run(global, output).await,
        Command::Checkpoint(command) => command.run(global, output).await,
        Command::Light(command) => command.run(output).await,
        Command::Admit(command) => command.run(global, output).await,
        Command::Key(command) => command.run(output),
        Command::Account(command) => command.run(global, output).await,
        Command::Council(command) => command.run(global, output).await,
        Command::Chain(command) => command.run(global, output).await,
        Command::Dev(command) => command.run(global, output).await,
    }
}

/// The issuer of an account, or a failure that says what to do.
async fn issuer_of(chain: &Chain, at: BlockPoint, account: Account) -> Result<IssuerIndex, Failure> {
    let issuer = chain.at(at).issuer_of(account).await?;
    issuer.ok_or_else(|| {
        Failure::new(
            Kind::Wallet,
            format!("{account} belongs to no issuer; register one first"),
        )
    })
}

/// Bytes of the chain as text for the terminal: anybody may have put them there.
fn printable(bytes: &[u8]) -> String {
    plain(&String::from_utf8_lossy(bytes)).replace('\n', " ")
}
