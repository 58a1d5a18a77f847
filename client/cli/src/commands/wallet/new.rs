//! `ofage wallet new`.

use clap::Args;
use ofage_sdk::retrieval::{DECOYS, MAX_DECOYS};
use serde_json::json;

use crate::{
    args::WalletArgs,
    failure::{Failure, Status},
    output::Output,
};

/// Makes a wallet.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage wallet new --wallet ann.age")]
pub(crate) struct New {
    #[command(flatten)]
    wallet: WalletArgs,
    /// Decoy shards beside each of its own, for the wallet's life: more hide it better, and cost as much each.
    #[arg(long, value_name = "N", default_value_t = DECOYS, value_parser = clap::value_parser!(u8).range(0..=i64::from(MAX_DECOYS)))]
    decoys: u8,
}

impl New {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        self.wallet.create(self.decoys, output)?;
        let path = self.wallet.wallet.display().to_string();
        output.result(&json!({ "wallet": path }), || {
            format!("made {path}; keep a copy of it, nobody can restore its secret")
        })?;
        Ok(Status::Yes)
    }
}
