//! `ofage wallet request`.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::IssuerIndex;

use crate::{
    args::{Global, WalletArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Writes a request for an attestation.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage wallet request --wallet ann.age --issuer 0 --out ann.json")]
pub(crate) struct Request {
    #[command(flatten)]
    wallet: WalletArgs,
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

impl Request {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let issuer = IssuerIndex(self.issuer);
        let known = chain.at(chain.finalized().await?).issuer(issuer).await?;
        known.ok_or_else(|| Failure::input(format!("the chain has no issuer {issuer}")))?;
        let wallet = self.wallet.open(output)?;
        let mut text = serde_json::to_vec_pretty(&wallet.request(chain.genesis(), issuer))?;
        text.push(b'\n');
        files::deliver(&self.out, &text, "request", output)?;
        Ok(Status::Yes)
    }
}
