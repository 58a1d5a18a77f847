//! `ofage list`: trust lists.

use clap::{Args, Subcommand};
use ofage_primitives::{chain::TrustListInfo, IssuerIndex, TrustListId};
use ofage_sdk::{
    account::Account,
    chain::{Call, Landed},
};
use serde_json::{json, Value};

use crate::{
    args::{account, Global, KeyArgs},
    commands::printable,
    failure::{Failure, Status},
    output::Output,
};

/// Commands of a curator.
#[derive(Subcommand)]
pub(crate) enum List {
    /// Create a trust list that the signer keeps.
    Create(Create),
    /// Put an issuer on a trust list; it must have agreed before.
    Add(Member),
    /// Take an issuer off a trust list.
    Remove(Member),
    /// Offer a trust list to another curator.
    HandOver(HandOver),
    /// Take over a trust list that was offered to the signer.
    Accept(Accept),
    /// Freeze a trust list for ever: its curator adds and removes nobody any more.
    Freeze(Freeze),
    /// Show trust lists and their issuers.
    Show(Show),
}

/// Creates a trust list.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage list create --name 'Banks of the EU' --dev-key Curator")]
pub(crate) struct Create {
    /// Its name.
    #[arg(long, value_name = "TEXT")]
    name: String,
    #[command(flatten)]
    key: KeyArgs,
}

/// An issuer and a trust list.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage list add --list 0 --issuer 1 --dev-key Curator")]
pub(crate) struct Member {
    /// The trust list.
    #[arg(long, value_name = "LIST")]
    list: u32,
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    #[command(flatten)]
    key: KeyArgs,
}

/// Offers a trust list.
#[derive(Args)]
#[command(after_help = "\
The signer stays the curator until the other one accepts: ofage list accept. A later offer replaces the one before.

Example:
  ofage list hand-over --list 0 --to dev:Alice --dev-key Curator")]
pub(crate) struct HandOver {
    /// The trust list.
    #[arg(long, value_name = "LIST")]
    list: u32,
    /// Account of the next curator.
    #[arg(long, value_name = "ACCOUNT", value_parser = account, required_unless_present = "nobody")]
    to: Option<Account>,
    /// Take the offer back.
    #[arg(long, conflicts_with = "to")]
    nobody: bool,
    #[command(flatten)]
    key: KeyArgs,
}

/// Takes a trust list over.
#[derive(Args)]
#[command(after_help = "\
The list's deposit is held on the signer's account from then on.

Example:
  ofage list accept --list 0 --dev-key Alice")]
pub(crate) struct Accept {
    #[command(flatten)]
    one: One,
}

/// Freezes a trust list.
#[derive(Args)]
#[command(after_help = "\
This is for ever. Members may still leave, and governance may still suspend them.

Example:
  ofage list freeze --list 0 --dev-key Curator")]
pub(crate) struct Freeze {
    #[command(flatten)]
    one: One,
}

#[derive(Args)]
struct One {
    /// The trust list.
    #[arg(long, value_name = "LIST")]
    list: u32,
    #[command(flatten)]
    key: KeyArgs,
}

/// Shows trust lists.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage list show --list 0")]
pub(crate) struct Show {
    /// Only this one.
    #[arg(long, value_name = "LIST")]
    list: Option<u32>,
}

impl List {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Create(command) => command.run(global, output).await,
            Self::Add(command) => command.run(true, global, output).await,
            Self::Remove(command) => command.run(false, global, output).await,
            Self::HandOver(command) => command.run(global, output).await,
            Self::Accept(command) => command.one.accept(global, output).await,
            Self::Freeze(command) => command.one.freeze(global, output).await,
            Self::Show(command) => command.run(global, output).await,
        }
    }
}

impl Create {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let chain = global.connect().await?;
        let landed = {
            let _bar = output.talk.spinner("waiting until the trust list is final");
            chain
                .submit(&signer, &Call::create_trust_list(self.name.as_bytes()))
                .await?
        };
        let list = landed.number("TrustListCreated", "list")?;
        let result = json!({
            "list": list as u64,
            "curator": signer.account(),
            "name": self.name,
            "block": landed.block.number,
        });
        output.result(&result, || format!("created trust list {list}"))?;
        Ok(Status::Yes)
    }
}

impl Member {
    async fn run(self, add: bool, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let (list, issuer) = (TrustListId(self.list), IssuerIndex(self.issuer));
        let chain = global.connect().await?;
        let call = if add {
            Call::add_member(list, issuer)
        } else {
            Call::remove_member(list, issuer)
        };
        let landed = {
            let _bar = output.talk.spinner("waiting until the change is final");
            chain.submit(&signer, &call).await?
        };
        let result = json!({ "list": list, "issuer": issuer, "member": add, "block": landed.block.number });
        output.result(&result, || {
            format!(
                "issuer {issuer} is {} trust list {list}",
                if add { "on" } else { "off" }
            )
        })?;
        Ok(Status::Yes)
    }
}

impl HandOver {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let list = TrustListId(self.list);
        let landed = send(&self.key, Call::offer_list(list, self.to), global, output).await?;
        let result = json!({ "list": list, "offered_to": self.to, "block": landed.block.number });
        output.result(&result, || match self.to {
            Some(to) => format!("trust list {list} is offered to {to}"),
            None => format!("trust list {list} is offered to nobody"),
        })?;
        Ok(Status::Yes)
    }
}

impl One {
    async fn accept(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let list = TrustListId(self.list);
        let curator = self.key.signer()?.account();
        let landed = send(&self.key, Call::accept_list(list), global, output).await?;
        let result = json!({ "list": list, "curator": curator, "block": landed.block.number });
        output.result(&result, || format!("{curator} keeps trust list {list}"))?;
        Ok(Status::Yes)
    }

    async fn freeze(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let list = TrustListId(self.list);
        let landed = send(&self.key, Call::freeze_list(list), global, output).await?;
        let result = json!({ "list": list, "frozen": true, "block": landed.block.number });
        output.result(&result, || format!("trust list {list} is frozen"))?;
        Ok(Status::Yes)
    }
}

async fn send(key: &KeyArgs, call: Call, global: &Global, output: &Output) -> Result<Landed, Failure> {
    let signer = key.signer()?;
    let chain = global.connect().await?;
    let _bar = output.talk.spinner("waiting until the change is final");
    Ok(chain.submit(&signer, &call).await?)
}

impl Show {
    async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let api = chain.at(chain.finalized().await?);
        let ids = match self.list {
            Some(list) => list..list.saturating_add(1),
            None => 0..api.next_ids().await?.1,
        };
        let mut lists = Vec::new();
        for id in ids.map(TrustListId) {
            let info = api.trust_list(id).await?;
            lists.push(info.ok_or_else(|| Failure::input(format!("the chain has no trust list {id}")))?);
        }
        let documents: Vec<Value> = lists.iter().map(document).collect();
        output.result(&documents, || match lists.as_slice() {
            [] => "no trust lists yet".into(),
            lists => lists.iter().map(describe).collect::<Vec<_>>().join("\n"),
        })?;
        Ok(Status::Yes)
    }
}

fn members(list: &TrustListInfo) -> Vec<IssuerIndex> {
    list.members.iter().flatten().copied().collect()
}

fn document(list: &TrustListInfo) -> Value {
    json!({
        "list": list.id,
        "curator": Account(list.curator),
        "name": String::from_utf8_lossy(&list.name),
        "root": list.root,
        "members": members(list),
        "frozen": list.frozen,
        "valid_from": list.valid_from,
        "offered_to": list.offered_to.map(Account),
    })
}

fn describe(list: &TrustListInfo) -> String {
    let issuers: Vec<String> = members(list).iter().map(IssuerIndex::to_string).collect();
    let issuers = if issuers.is_empty() {
        "none".to_owned()
    } else {
        issuers.join(", ")
    };
    format!(
        "trust list {} ({}), kept by {}{}\n  issuers: {issuers}",
        list.id,
        printable(&list.name),
        Account(list.curator),
        if list.frozen { ", frozen" } else { "" },
    )
}
