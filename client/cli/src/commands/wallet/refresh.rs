//! `ofage wallet refresh`.

use clap::Args;
use ofage_sdk::{
    retrieval::{Source, Standing},
    wallet::{Wallet, When},
};
use serde_json::json;

use super::light_source;
use crate::{
    args::{Global, WalletArgs},
    failure::{Failure, Status},
    light_args::LightArgs,
    output::Output,
};

/// Fetches what proofs need.
#[derive(Args)]
#[command(after_help = "\
Asks a node for the shards of the credentials and for decoys, once in an epoch of 100 blocks. Run regularly, it keeps
the time of a proof from showing in the time of the request; otherwise `prove` does it when it must.

With --light, what the chain has is proved, and the node gives leaves only, which are hashed.

Example:
  ofage wallet refresh --wallet ann.age
  ofage wallet refresh --wallet ann.age --light --spec chain.json")]
pub(crate) struct Refresh {
    #[command(flatten)]
    wallet: WalletArgs,
    /// Fetch now, as of the newest block, though the epoch is not over. Proofs keep to the epoch's anchor if they can.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    light: LightArgs,
}

impl Refresh {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        match light_source(&self.light, &chain, output).await? {
            Some(source) => self.run_with(&source, output).await,
            None => self.run_with(&chain, output).await,
        }
    }

    async fn run_with<S: Source>(&self, source: &S, output: &Output) -> Result<Status, Failure> {
        let mut wallet = self.wallet.open(output)?;
        let when = if self.now { When::Now } else { When::EpochOver };
        let bar = output.talk.bar(0, "fetching shards");
        let refreshed = wallet
            .refresh(source, when, &mut |done, total| bar.set(done, total))
            .await?;
        drop(bar);
        let standings = standings(&wallet);
        let credentials: Vec<_> = standings
            .iter()
            .map(|(issuer, standing)| json!({ "issuer": issuer, "standing": standing }))
            .collect();
        let result = json!({
            "asked": refreshed.asked,
            "anchor": refreshed.block,
            "shards": refreshed.shards,
            "credentials": credentials,
        });
        output.result(&result, || {
            let mut lines = vec![match refreshed.asked {
                true => format!(
                    "fetched {} shards, decoys included, as of block {}",
                    refreshed.shards, refreshed.block
                ),
                false => format!("nothing to fetch; block {} is this epoch's", refreshed.block),
            }];
            lines.extend(
                standings
                    .iter()
                    .map(|(issuer, standing)| format!("credential of issuer {issuer}: {standing}")),
            );
            lines.join("\n")
        })?;
        Ok(Status::Yes)
    }
}

/// How each credential stands that the wallet has asked about.
fn standings(wallet: &Wallet) -> Vec<(u32, &'static str)> {
    let credentials = wallet.credentials().iter();
    credentials
        .filter_map(|credential| Some((credential.issuer.0, in_words(wallet.standing(credential)?.0))))
        .collect()
}

/// A standing in a word, for its holder.
pub(super) fn in_words(standing: &Standing) -> &'static str {
    match standing {
        Standing::Good(_) => "good",
        Standing::Revoked => "revoked",
        Standing::ShardRevoked => "shard-revoked",
        Standing::Missing => "missing",
    }
}
