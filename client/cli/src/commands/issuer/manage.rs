//! `ofage issuer rotate`, `update`, `retire` and `withdraw-deposit`: what the controller does.

use clap::Args;
use ofage_sdk::{
    account::Account,
    amount,
    chain::{Call, Chain, Landed},
};
use serde_json::json;

use crate::{
    args::{account, Global, KeyArgs},
    commands::issuer_of,
    failure::{Failure, Status},
    output::Output,
};

/// Gives the issuer another attesting key.
#[derive(Args)]
#[command(after_help = "\
The old key can do nothing more from that block on, and the open shard is sealed. The new one has to agree, unless it is
the controlling key itself: ofage issuer accept.

Example:
  ofage issuer rotate --attester dev:Issuer2 --key-file issuer.key")]
pub(crate) struct Rotate {
    /// Account of the new attesting key.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    attester: Account,
    #[command(flatten)]
    key: KeyArgs,
}

/// Publishes other metadata.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage issuer update --metadata 'Example Bank AG, CH' --key-file issuer.key"
)]
pub(crate) struct Update {
    /// What the issuer publishes about itself: name, jurisdiction, methods, contact.
    #[arg(long, value_name = "TEXT")]
    metadata: String,
    #[command(flatten)]
    key: KeyArgs,
}

/// Retires the issuer.
#[derive(Args)]
#[command(after_help = "\
This is for ever. Attestations stay and can still be revoked; nothing more is attested. The deposit comes back after a
month: ofage issuer withdraw-deposit.

Example:
  ofage issuer retire --key-file issuer.key")]
pub(crate) struct Retire {
    #[command(flatten)]
    key: KeyArgs,
}

/// Takes the deposit of a retired issuer back.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage issuer withdraw-deposit --key-file issuer.key")]
pub(crate) struct WithdrawDeposit {
    #[command(flatten)]
    key: KeyArgs,
}

async fn send(
    key: &KeyArgs,
    call: Call,
    global: &Global,
    output: &Output,
) -> Result<(Chain, Landed), Failure> {
    let signer = key.signer()?;
    let chain = global.connect().await?;
    let landed = {
        let _bar = output.talk.spinner("waiting until it is final");
        chain.submit(&signer, &call).await?
    };
    Ok((chain, landed))
}

impl Rotate {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let controller = self.key.signer()?.account();
        let (chain, landed) = send(&self.key, Call::rotate_attester(self.attester), global, output).await?;
        let issuer = issuer_of(&chain, landed.block, controller).await?;
        let attester = self.attester;
        let result = json!({ "issuer": issuer, "attester": attester, "block": landed.block.number });
        output.result(&result, || {
            format!("issuer {issuer} is to attest with {attester}")
        })?;
        if attester != controller {
            output.talk.say(&format!(
                "{attester} has to agree before it can attest: ofage issuer accept --issuer {issuer}"
            ));
        }
        Ok(Status::Yes)
    }
}

impl Update {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let controller = self.key.signer()?.account();
        let call = Call::update_metadata(self.metadata.as_bytes());
        let (chain, landed) = send(&self.key, call, global, output).await?;
        let issuer = issuer_of(&chain, landed.block, controller).await?;
        let result = json!({ "issuer": issuer, "metadata": self.metadata, "block": landed.block.number });
        output.result(&result, || format!("issuer {issuer} has other metadata"))?;
        Ok(Status::Yes)
    }
}

impl Retire {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let controller = self.key.signer()?.account();
        let (chain, landed) = send(&self.key, Call::retire(), global, output).await?;
        let issuer = issuer_of(&chain, landed.block, controller).await?;
        let result = json!({ "issuer": issuer, "block": landed.block.number });
        output.result(&result, || format!("issuer {issuer} is retired"))?;
        Ok(Status::Yes)
    }
}

impl WithdrawDeposit {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let controller = self.key.signer()?.account();
        let (chain, landed) = send(&self.key, Call::withdraw_deposit(), global, output).await?;
        let issuer = issuer_of(&chain, landed.block, controller).await?;
        let amount = amount::format(landed.number("DepositWithdrawn", "amount")?);
        let result = json!({ "issuer": issuer, "amount": amount, "block": landed.block.number });
        output.result(&result, || {
            format!("issuer {issuer} has its deposit of {amount} units back")
        })?;
        Ok(Status::Yes)
    }
}
