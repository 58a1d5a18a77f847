//! `ofage account`.

use clap::{Args, Subcommand};
use ofage_sdk::{
    account::Account,
    amount,
    chain::{Balance, Call},
};
use serde_json::json;

use crate::{
    args::{account, amount as units, Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
};

/// Commands about accounts.
#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Show what an account owns.
    Show(Show),
    /// Pay from the signer's account to another one.
    Transfer(Box<Transfer>),
}

/// Shows an account.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage account show --account dev:Alice")]
pub(crate) struct Show {
    /// The account.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Account,
}

/// Pays.
#[derive(Args)]
#[command(after_help = "\
With --up-to, only what the other account lacks is paid, so that the same command again pays nothing twice.

Example:
  ofage account transfer --to dev:Issuer2 --amount 25 --key-file controller.key
  ofage account transfer --to dev:Issuer2 --up-to 25 --dev-key Alice")]
pub(crate) struct Transfer {
    /// Who gets it.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    to: Account,
    /// How much, in units.
    #[arg(long, value_name = "UNITS", value_parser = units, required_unless_present = "up_to")]
    amount: Option<u128>,
    /// What the account is to have in the end, in units.
    #[arg(long, value_name = "UNITS", value_parser = units, conflicts_with = "amount")]
    up_to: Option<u128>,
    #[command(flatten)]
    key: KeyArgs,
}

impl AccountCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Show(command) => command.run(global, output).await,
            Self::Transfer(command) => command.run(global, output).await,
        }
    }
}

impl Show {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let head = chain.finalized().await?;
        let Balance { free, held } = chain.balance(head, self.account).await?;
        let (free, held) = (amount::format(free), amount::format(held));
        let account = self.account;
        let result = json!({ "account": account, "free": free, "held": held, "block": head.number });
        output.result(&result, || {
            format!("{account}\n  {free} units free, {held} held as deposits")
        })?;
        Ok(Status::Yes)
    }
}

impl Transfer {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let to = self.to;
        let missing = match (self.amount, self.up_to) {
            (Some(amount), _) => amount,
            (None, up_to) => {
                let head = chain.finalized().await?;
                let free = chain.balance(head, to).await?.free;
                up_to.unwrap_or_default().saturating_sub(free)
            }
        };
        if missing == 0 {
            output.result(&json!({ "to": to, "amount": "0", "block": null }), || {
                format!("{to} has enough")
            })?;
            return Ok(Status::Yes);
        }
        let signer = self.key.signer()?;
        let landed = {
            let _bar = output.talk.spinner("waiting until the payment is final");
            chain.submit(&signer, &Call::transfer(to, missing)).await?
        };
        let paid = amount::format(missing);
        let result = json!({ "to": to, "amount": paid, "block": landed.block.number });
        output.result(&result, || format!("paid {paid} units to {to}"))?;
        Ok(Status::Yes)
    }
}
