//! `ofage gate update`, `close`, `withdraw`, `prune` and `remove`.

use clap::Args;
use ofage_primitives::GateId;
use ofage_sdk::{
    amount,
    chain::{Call, Chain, Landed},
};
use serde_json::json;

use super::find;
use crate::{
    args::{amount as amount_argument, Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
    policy_args::{in_words, PolicyArgs},
};

/// Steps of one call that prunes: as many as the chain takes.
const MAX_PRUNE: u32 = 512;

/// Changes what a gate asks.
#[derive(Args)]
#[command(after_help = "\
The policy is given as a whole, as for a new gate. It holds at once: proofs for the old one are refused. Admissions on
record stay until they end.

Example:
  ofage gate update --gate 0 --list 0 --over 21 --slots 2 --admission-days 14 --dev-key App")]
pub(crate) struct Update {
    /// The gate.
    #[arg(long, value_name = "GATE")]
    gate: u32,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Days that an admission lasts; as before when absent.
    #[arg(long, value_name = "DAYS")]
    admission_days: Option<u16>,
    #[command(flatten)]
    key: KeyArgs,
}

/// Closes a gate.
#[derive(Args)]
#[command(after_help = "\
This is for ever. Admissions on record stay until they end; then the gate can be removed.

Example:
  ofage gate close --gate 0 --dev-key App")]
pub(crate) struct Close {
    #[command(flatten)]
    one: One,
}

/// Takes money out of a gate's sponsor balance.
#[derive(Args)]
#[command(after_help = "\
What is held for admissions on record stays until they are pruned.

Example:
  ofage gate withdraw --gate 0 --amount 25 --dev-key App")]
pub(crate) struct Withdraw {
    #[command(flatten)]
    one: One,
    /// Units.
    #[arg(long, value_name = "UNITS", value_parser = amount_argument)]
    amount: u128,
}

/// Prunes ended admissions.
#[derive(Args)]
#[command(after_help = "\
Anybody may. Ended admissions count for nothing, pruned or not.

Example:
  ofage gate prune --gate 0 --dev-key App")]
pub(crate) struct Prune {
    #[command(flatten)]
    one: One,
    /// Most steps of the call.
    #[arg(long, value_name = "N", default_value_t = MAX_PRUNE)]
    limit: u32,
}

/// Removes a gate.
#[derive(Args)]
#[command(after_help = "\
The gate has to be closed, and its admissions pruned. Deposit and sponsor balance go to its owner.

Example:
  ofage gate remove --gate 0 --dev-key App")]
pub(crate) struct Remove {
    #[command(flatten)]
    one: One,
}

#[derive(Args)]
struct One {
    /// The gate.
    #[arg(long, value_name = "GATE")]
    gate: u32,
    #[command(flatten)]
    key: KeyArgs,
}

impl One {
    fn gate(&self) -> GateId {
        GateId(self.gate)
    }

    async fn send(&self, call: Call, global: &Global, output: &Output) -> Result<(Chain, Landed), Failure> {
        let signer = self.key.signer()?;
        let chain = global.connect().await?;
        let landed = {
            let _bar = output.talk.spinner("waiting until it is final");
            chain.submit(&signer, &call).await?
        };
        Ok((chain, landed))
    }
}

impl Update {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let gate = GateId(self.gate);
        let policy = self.policy.policy()?;
        let chain = global.connect().await?;
        let admission_days = match self.admission_days {
            Some(days) => days,
            None => find(&chain, chain.finalized().await?, gate).await?.admission_days,
        };
        let landed = {
            let _bar = output.talk.spinner("waiting until the change is final");
            let call = Call::update_gate(gate, &policy, admission_days);
            chain.submit(&signer, &call).await?
        };
        let result = json!({
            "gate": gate,
            "policy": policy,
            "admission_days": admission_days,
            "block": landed.block.number,
        });
        output.result(&result, || {
            format!(
                "gate {gate} admits people {} for {admission_days} days",
                in_words(&policy)
            )
        })?;
        Ok(Status::Yes)
    }
}

impl Close {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let gate = self.one.gate();
        let (_, landed) = self.one.send(Call::close_gate(gate), global, output).await?;
        let result = json!({ "gate": gate, "closed": true, "block": landed.block.number });
        output.result(&result, || format!("gate {gate} is closed"))?;
        Ok(Status::Yes)
    }
}

impl Withdraw {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let gate = self.one.gate();
        let call = Call::withdraw(gate, self.amount);
        let (chain, landed) = self.one.send(call, global, output).await?;
        let balance = amount::format(find(&chain, landed.block, gate).await?.sponsor_balance);
        let result = json!({
            "gate": gate,
            "withdrawn": amount::format(self.amount),
            "sponsor_balance": balance,
            "block": landed.block.number,
        });
        output.result(&result, || {
            format!("gate {gate} has {balance} units for admissions")
        })?;
        Ok(Status::Yes)
    }
}

impl Prune {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let gate = self.one.gate();
        let call = Call::prune(gate, self.limit);
        let (_, landed) = self.one.send(call, global, output).await?;
        let pruned = landed.number("Pruned", "admissions")? as u64;
        let result = json!({ "gate": gate, "pruned": pruned, "block": landed.block.number });
        output.result(&result, || {
            format!("gate {gate}: {pruned} ended admissions pruned")
        })?;
        Ok(Status::Yes)
    }
}

impl Remove {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let gate = self.one.gate();
        let (_, landed) = self.one.send(Call::remove_gate(gate), global, output).await?;
        let result = json!({ "gate": gate, "removed": true, "block": landed.block.number });
        output.result(&result, || format!("gate {gate} is removed"))?;
        Ok(Status::Yes)
    }
}
