//! `ofage wallet new`.

use clap::Args;
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
}

impl New {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        self.wallet.create(output)?;
        let path = self.wallet.wallet.display().to_string();
        output.result(&json!({ "wallet": path }), || {
            format!("made {path}; keep a copy of it, nobody can restore its secret")
        })?;
        Ok(Status::Yes)
    }
}
