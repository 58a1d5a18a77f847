//! `ofage issuer status`.

use clap::Args;
use ofage_primitives::{
    chain::{IssuerInfo, ShardInfo},
    IssuerIndex,
};
use ofage_sdk::{account::Account, amount};
use serde_json::{json, Value};

use crate::{
    args::{account, Global},
    failure::{Failure, Status},
    output::Output,
};

/// Shows issuers.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage issuer status --issuer 0 --json")]
pub(crate) struct StatusCommand {
    /// Only this issuer.
    #[arg(long, value_name = "ISSUER", conflicts_with = "account")]
    issuer: Option<u32>,
    /// Only the issuer that this account controls or attests for.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<Account>,
}

impl StatusCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let head = chain.finalized().await?;
        let api = chain.at(head);
        let issuers: Vec<IssuerIndex> = match (self.issuer, self.account) {
            (Some(issuer), _) => vec![IssuerIndex(issuer)],
            (None, Some(account)) => vec![super::super::issuer_of(&chain, head, account).await?],
            (None, None) => (0..api.next_ids().await?.0).map(IssuerIndex).collect(),
        };
        let shards = api.shards().await?;
        let mut shown = Vec::new();
        let mut text = Vec::new();
        for issuer in issuers {
            let info = api.issuer(issuer).await?;
            let info = info.ok_or_else(|| Failure::input(format!("the chain has no issuer {issuer}")))?;
            let own: Vec<&ShardInfo> = shards.iter().filter(|shard| shard.issuer == issuer).collect();
            text.push(describe(&info, &own));
            shown.push(document(&info, &own));
        }
        output.result(&shown, || {
            if text.is_empty() {
                "no issuers yet".into()
            } else {
                text.join("\n")
            }
        })?;
        Ok(Status::Yes)
    }
}

fn attestations(shards: &[&ShardInfo]) -> u64 {
    shards.iter().map(|shard| u64::from(shard.len)).sum()
}

fn document(info: &IssuerInfo, shards: &[&ShardInfo]) -> Value {
    let listed: Vec<Value> = shards
        .iter()
        .map(|shard| {
            json!({
                "shard": shard.index,
                "attestations": shard.len,
                "sealed": shard.sealed,
                "revoked": shard.revoked,
                "revoked_at": shard.revoked_at,
                "opened_at": shard.opened_at,
                "changed_at": shard.changed_at,
            })
        })
        .collect();
    json!({
        "issuer": info.index,
        "issuer_id": info.issuer_id,
        "controller": Account(info.controller),
        "attester": Account(info.attester),
        "status": info.status,
        "metadata": String::from_utf8_lossy(&info.metadata),
        "open_shard": info.open_shard,
        "lists": info.lists,
        "deposit": amount::format(info.deposit),
        "retired_at": info.retired_at,
        "shards": listed,
        "attestations": attestations(shards),
    })
}

fn describe(info: &IssuerInfo, shards: &[&ShardInfo]) -> String {
    // Metadata is anybody's text: control characters could repaint the terminal.
    let metadata = super::super::printable(&info.metadata);
    format!(
        "issuer {} ({metadata}), {:?}\n  attests with {}\n  {} attestations in {} shards, on {} trust lists",
        info.index,
        info.status,
        Account(info.attester),
        attestations(shards),
        shards.len(),
        info.lists,
    )
}
