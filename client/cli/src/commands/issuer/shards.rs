//! `ofage issuer revoke-shards` and `restore-shards`.

use std::path::Path;

use clap::Args;
use ofage_primitives::ShardIndex;
use ofage_sdk::issuer::{
    mirror::Mirror,
    revoke::{Range, Revoker},
};
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
};

/// Revokes shards as wholes.
#[derive(Args)]
#[command(after_help = "\
For a stolen attesting key: take that from the issuer first (ofage issuer rotate), then revoke the shards from the one
on which it may have written. Nothing in them counts from then on, and older anchors end at once. Within some days, the
shards can be restored.

Example:
  ofage issuer revoke-shards --from 17 --key-file issuer.key")]
pub(crate) struct RevokeShards {
    #[command(flatten)]
    range: RangeArgs,
}

/// Restores shards that were revoked as wholes.
#[derive(Args)]
#[command(after_help = "\
Attestations that were revoked one by one stay revoked.

Example:
  ofage issuer restore-shards --from 17 --to 20 --key-file issuer.key")]
pub(crate) struct RestoreShards {
    #[command(flatten)]
    range: RangeArgs,
}

#[derive(Args)]
struct RangeArgs {
    /// The first shard.
    #[arg(long, value_name = "SHARD")]
    from: u32,
    /// The last shard, one of the issuer's own; its newest when absent.
    #[arg(long, value_name = "SHARD")]
    to: Option<u32>,
    #[command(flatten)]
    key: KeyArgs,
}

impl RevokeShards {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        self.range.run(false, global, output).await
    }
}

impl RestoreShards {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        self.range.run(true, global, output).await
    }
}

impl RangeArgs {
    async fn run(self, restore: bool, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let (from, to) = (ShardIndex(self.from), self.to.map(ShardIndex));
        if to.is_some_and(|to| to < from) {
            return Err(Failure::usage("--to is below --from; exchange them"));
        }
        let chain = global.connect().await?;
        // No leaf is needed for whole shards, so nothing is mirrored.
        let revoker = Revoker::new(&chain, &signer, Mirror::new(Path::new(""))).await?;
        let issuer = revoker.issuer();
        let mut ranges = Vec::new();
        {
            let _bar = output.talk.spinner("waiting until it is final");
            let mut done = |range: Range| ranges.push(range);
            if restore {
                revoker.restore_shards(from, to, &mut done).await?;
            } else {
                revoker.revoke_shards(from, to, &mut done).await?;
            }
        }
        let count: u32 = ranges.iter().map(|range| range.count).sum();
        let result = json!({ "issuer": issuer, "shards": count, "ranges": ranges });
        output.result(&result, || {
            let verb = if restore { "restored" } else { "revoked" };
            format!("issuer {issuer}: {count} shards {verb}")
        })?;
        Ok(Status::Yes)
    }
}
