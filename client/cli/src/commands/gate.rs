//! `ofage gate`.

mod manage;

use clap::{Args, Subcommand};
use ofage_primitives::{
    chain::{AdmissionInfo, GateInfo},
    GateId,
};
use ofage_sdk::{
    account::Account,
    amount,
    chain::{BlockPoint, Call, RegistryApi, RuntimeCalls},
};
use serde_json::{json, Value};

use crate::{
    args::{account, amount as amount_argument, Global, KeyArgs},
    commands::printable,
    failure::{Failure, Status},
    output::Output,
    policy_args::PolicyArgs,
};

/// Commands of an app that keeps a gate.
#[derive(Subcommand)]
pub(crate) enum Gate {
    /// Create a gate with a policy.
    Create(Create),
    /// Pay into a gate's sponsor balance, from which admissions are paid.
    Fund(Fund),
    /// Show gates, and whether an account is admitted.
    Show(Show),
    /// Change a gate's policy, or the length of its admissions.
    Update(manage::Update),
    /// Close a gate for ever; admissions stay until they end.
    Close(manage::Close),
    /// Take money out of a gate's sponsor balance.
    Withdraw(manage::Withdraw),
    /// Take ended admissions off the record, which frees their deposits for the sponsor balance.
    Prune(manage::Prune),
    /// Remove a closed gate without admissions, and get its deposit back.
    Remove(manage::Remove),
}

/// Creates a gate.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage gate create --name 'Adults only' --list 0 --over 18 --slots 2 --fund 100 --dev-key App"
)]
pub(crate) struct Create {
    /// Its name.
    #[arg(long, value_name = "TEXT")]
    name: String,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Days that an admission lasts; its end is how late a revocation may take effect.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    admission_days: u16,
    /// Units to pay into the sponsor balance at once.
    #[arg(long, value_name = "UNITS", value_parser = amount_argument)]
    fund: Option<u128>,
    #[command(flatten)]
    key: KeyArgs,
}

/// Pays into a gate's sponsor balance.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage gate fund --gate 0 --amount 100 --dev-key Sponsor")]
pub(crate) struct Fund {
    /// The gate.
    #[arg(long, value_name = "GATE")]
    gate: u32,
    /// Units.
    #[arg(long, value_name = "UNITS", value_parser = amount_argument)]
    amount: u128,
    #[command(flatten)]
    key: KeyArgs,
}

/// Shows gates.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage gate show --gate 0 --account dev:Bob\n\nWith --account, the exit code is 1 unless the account is admitted."
)]
pub(crate) struct Show {
    /// Only this one.
    #[arg(long, value_name = "GATE")]
    gate: Option<u32>,
    /// Also whether this account is admitted.
    #[arg(long, value_name = "ACCOUNT", value_parser = account, requires = "gate")]
    account: Option<Account>,
}

impl Gate {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Create(command) => command.run(global, output).await,
            Self::Fund(command) => command.run(global, output).await,
            Self::Show(command) => command.run(global, output).await,
            Self::Update(command) => command.run(global, output).await,
            Self::Close(command) => command.run(global, output).await,
            Self::Withdraw(command) => command.run(global, output).await,
            Self::Prune(command) => command.run(global, output).await,
            Self::Remove(command) => command.run(global, output).await,
        }
    }
}

/// A gate, or a failure that says there is none.
pub(super) async fn find<C: RuntimeCalls>(
    chain: &C,
    at: BlockPoint,
    gate: GateId,
) -> Result<GateInfo, Failure> {
    RegistryApi::new(chain, at)
        .gate(gate)
        .await?
        .ok_or_else(|| Failure::input(format!("the chain has no gate {gate}")))
}

impl Create {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let policy = self.policy.policy()?;
        let chain = global.connect().await?;
        let bar = output.talk.spinner("waiting until the gate is final");
        let call = Call::create_gate(self.name.as_bytes(), &policy, self.admission_days);
        let landed = chain.submit(&signer, &call).await?;
        let number = u32::try_from(landed.number("GateCreated", "gate")?);
        let gate =
            GateId(number.map_err(|_| Failure::internal("the chain numbers its gates in another way"))?);
        let mut block = landed.block;
        if let Some(amount) = self.fund {
            block = chain.submit(&signer, &Call::fund(gate, amount)).await?.block;
        }
        drop(bar);
        let result = json!({
            "gate": gate,
            "owner": signer.account(),
            "name": self.name,
            "policy": policy,
            "admission_days": self.admission_days,
            "funded": amount::format(self.fund.unwrap_or(0)),
            "block": block.number,
        });
        output.result(&result, || {
            format!("created gate {gate} for accounts of people {}", policy.age)
        })?;
        Ok(Status::Yes)
    }
}

impl Fund {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let gate = GateId(self.gate);
        let chain = global.connect().await?;
        let landed = {
            let _bar = output.talk.spinner("waiting until the payment is final");
            chain.submit(&signer, &Call::fund(gate, self.amount)).await?
        };
        let balance = amount::format(find(&chain, landed.block, gate).await?.sponsor_balance);
        let result = json!({ "gate": gate, "sponsor_balance": balance, "block": landed.block.number });
        output.result(&result, || {
            format!("gate {gate} has {balance} units for admissions")
        })?;
        Ok(Status::Yes)
    }
}

impl Show {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let head = chain.finalized().await?;
        let api = chain.at(head);
        let ids = match self.gate {
            Some(gate) => gate..gate.saturating_add(1),
            None => 0..api.next_ids().await?.2,
        };
        let mut status = Status::Yes;
        let (mut documents, mut texts) = (Vec::new(), Vec::new());
        for id in ids.map(GateId) {
            let gate = find(&chain, head, id).await?;
            let mut shown = document(&gate);
            let mut text = describe(&gate);
            if let Some(account) = self.account {
                let admission = api.admission(id, account).await?;
                if admission.is_none() {
                    status = Status::No;
                }
                text.push_str(&match &admission {
                    Some(admission) => format!("\n  {account} is admitted until {}", admission.until),
                    None => format!("\n  {account} is not admitted"),
                });
                if let Some(object) = shown.as_object_mut() {
                    object.insert(
                        "admission".into(),
                        admission.as_ref().map_or(Value::Null, admission_document),
                    );
                }
            }
            documents.push(shown);
            texts.push(text);
        }
        output.result(&documents, || {
            if texts.is_empty() {
                "no gates yet".into()
            } else {
                texts.join("\n")
            }
        })?;
        Ok(status)
    }
}

fn document(gate: &GateInfo) -> Value {
    json!({
        "gate": gate.id,
        "owner": Account(gate.owner),
        "name": String::from_utf8_lossy(&gate.name),
        "policy": gate.policy,
        "age": gate.policy.age.to_string(),
        "admission_days": gate.admission_days,
        "admissions": gate.admissions,
        "sponsor_balance": amount::format(gate.sponsor_balance),
        "closed": gate.closed,
    })
}

fn admission_document(admission: &AdmissionInfo) -> Value {
    json!({
        "account": Account(admission.account),
        "nullifier": admission.nullifier,
        "until": admission.until,
    })
}

fn describe(gate: &GateInfo) -> String {
    format!(
        "gate {} ({}) of {}\n  admits people {}, by trust list {}, for {} days; {} slots a holder\n  {} admissions, {} units for more{}",
        gate.id,
        printable(&gate.name),
        Account(gate.owner),
        gate.policy.age,
        gate.policy.trust_list,
        gate.admission_days,
        gate.policy.slots,
        gate.admissions,
        amount::format(gate.sponsor_balance),
        if gate.closed { ", closed" } else { "" },
    )
}
