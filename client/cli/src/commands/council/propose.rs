//! `ofage council propose`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ofage_primitives::{CircuitId, IssuerIndex};
use ofage_sdk::{
    account::Account,
    council::{Council, Opened, RootCall},
};
use serde_json::{json, Value};

use crate::{
    args::{account, amount, Global, KeyArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// What only root can do.
#[derive(Subcommand)]
pub(crate) enum Propose {
    /// Suspend an issuer: trust lists go on without it, and older anchors of theirs end.
    Suspend(Suspend),
    /// End the suspension of an issuer.
    Reinstate(Reinstate),
    /// Take some of an issuer's deposit.
    Slash(Slash),
    /// Add a validator to the set; it needs session keys.
    AddValidator(AddValidator),
    /// Take a validator off the set.
    RemoveValidator(RemoveValidator),
    /// Replace the members of the council.
    SetMembers(SetMembers),
    /// Name a runtime, which anybody can put in place then.
    AuthorizeUpgrade(AuthorizeUpgrade),
    /// Have gates refuse all proofs of a circuit, in an emergency.
    DisableCircuit(DisableCircuit),
    /// Have gates take proofs of a circuit again.
    EnableCircuit(EnableCircuit),
}

/// Suspends an issuer.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council propose suspend --issuer 0 --dev-key Alice")]
pub(crate) struct Suspend {
    #[command(flatten)]
    issuer: IssuerArgs,
}

/// Reinstates an issuer.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council propose reinstate --issuer 0 --dev-key Alice")]
pub(crate) struct Reinstate {
    #[command(flatten)]
    issuer: IssuerArgs,
}

/// Slashes an issuer.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council propose slash --issuer 0 --amount 50 --dev-key Alice")]
pub(crate) struct Slash {
    #[command(flatten)]
    issuer: IssuerArgs,
    /// Units; all that is left when it is less.
    #[arg(long, value_name = "UNITS", value_parser = amount)]
    amount: u128,
}

/// Adds a validator.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council propose add-validator --account dev:Dave --dev-key Alice")]
pub(crate) struct AddValidator {
    #[command(flatten)]
    validator: ValidatorArgs,
}

/// Takes a validator off.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage council propose remove-validator --account dev:Charlie --dev-key Alice"
)]
pub(crate) struct RemoveValidator {
    #[command(flatten)]
    validator: ValidatorArgs,
}

/// Replaces the council.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage council propose set-members --member dev:Alice --member dev:Bob --dev-key Alice"
)]
pub(crate) struct SetMembers {
    /// A member from then on; give each.
    #[arg(long = "member", value_name = "ACCOUNT", value_parser = account, required = true)]
    members: Vec<Account>,
    #[command(flatten)]
    key: KeyArgs,
}

/// Authorizes an upgrade.
#[derive(Args)]
#[command(after_help = "\
The chain keeps the hash of the file. Once that is carried, anybody puts the file in place: ofage council apply-upgrade.

Example:
  ofage council propose authorize-upgrade --wasm ofage_runtime.compact.compressed.wasm --dev-key Alice")]
pub(crate) struct AuthorizeUpgrade {
    /// The runtime.
    #[arg(long, value_name = "FILE")]
    wasm: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// Disables a circuit.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council propose disable-circuit --circuit 1 --dev-key Alice")]
pub(crate) struct DisableCircuit {
    #[command(flatten)]
    circuit: CircuitArgs,
}

/// Enables a circuit.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council propose enable-circuit --circuit 1 --dev-key Alice")]
pub(crate) struct EnableCircuit {
    #[command(flatten)]
    circuit: CircuitArgs,
}

#[derive(Args)]
struct IssuerArgs {
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Args)]
struct ValidatorArgs {
    /// The validator.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Account,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Args)]
struct CircuitArgs {
    /// Version of the circuit.
    #[arg(long, value_name = "N")]
    circuit: u16,
    #[command(flatten)]
    key: KeyArgs,
}

impl Propose {
    fn key(&self) -> &KeyArgs {
        match self {
            Self::Suspend(Suspend { issuer })
            | Self::Reinstate(Reinstate { issuer })
            | Self::Slash(Slash { issuer, .. }) => &issuer.key,
            Self::AddValidator(AddValidator { validator })
            | Self::RemoveValidator(RemoveValidator { validator }) => &validator.key,
            Self::SetMembers(command) => &command.key,
            Self::AuthorizeUpgrade(command) => &command.key,
            Self::DisableCircuit(DisableCircuit { circuit })
            | Self::EnableCircuit(EnableCircuit { circuit }) => &circuit.key,
        }
    }

    /// The call, which for validators follows from those that are chosen now.
    async fn call(&self, council: &Council<'_>) -> Result<RootCall, Failure> {
        Ok(match self {
            Self::Suspend(command) => RootCall::Suspend(IssuerIndex(command.issuer.issuer)),
            Self::Reinstate(command) => RootCall::Reinstate(IssuerIndex(command.issuer.issuer)),
            Self::Slash(command) => RootCall::Slash(IssuerIndex(command.issuer.issuer), command.amount),
            Self::AddValidator(command) => {
                let mut validators = council.validators().await?;
                let account = command.validator.account;
                if validators.contains(&account) {
                    return Err(Failure::usage(format!("{account} is a validator already")));
                }
                validators.push(account);
                RootCall::SetValidators(validators)
            }
            Self::RemoveValidator(command) => {
                let mut validators = council.validators().await?;
                let account = command.validator.account;
                if !validators.contains(&account) {
                    return Err(Failure::usage(format!("{account} is no validator")));
                }
                validators.retain(|validator| *validator != account);
                RootCall::SetValidators(validators)
            }
            Self::SetMembers(command) => RootCall::SetMembers(command.members.clone()),
            Self::AuthorizeUpgrade(command) => RootCall::authorize_upgrade(&files::read(&command.wasm)?),
            Self::DisableCircuit(command) => RootCall::DisableCircuit(CircuitId(command.circuit.circuit)),
            Self::EnableCircuit(command) => RootCall::EnableCircuit(CircuitId(command.circuit.circuit)),
        })
    }

    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key().signer()?;
        let chain = global.connect().await?;
        let council = Council::new(&chain);
        let call = self.call(&council).await?;
        let proposed = {
            let _bar = output.talk.spinner("waiting until the motions are final");
            council.propose(&signer, &call).await?
        };
        let motions: Vec<Opened> = [proposed.whitelist, proposed.dispatch]
            .into_iter()
            .flatten()
            .collect();
        let shown: Vec<Value> = motions
            .iter()
            .map(|motion| json!({ "motion": motion.index, "hash": motion.hash }))
            .collect();
        let result = json!({
            "call": proposed.call,
            "threshold": proposed.threshold,
            "motions": shown,
            "done": motions.is_empty(),
            "block": proposed.landed.map(|landed| landed.block.number),
        });
        output.result(&result, || match motions.as_slice() {
            [] => format!("done; the call was {}", proposed.call),
            motions => {
                let numbers: Vec<String> = motions
                    .iter()
                    .map(|motion| format!("--motion {}", motion.index))
                    .collect();
                let numbers = numbers.join(" ");
                format!(
                    "call {}\n  {} members have to vote for it: ofage council vote {numbers}\n  then anybody closes it: \
                     ofage council close {numbers}",
                    proposed.call, proposed.threshold
                )
            }
        })?;
        Ok(Status::Yes)
    }
}
