//! `ofage wallet import`.

use std::path::PathBuf;

use clap::Args;
use ofage_sdk::{credential::Credential, retrieval::Source};
use serde_json::json;

use super::light_source;
use crate::{
    args::{Global, WalletArgs},
    failure::{Failure, Status},
    files,
    light_args::LightArgs,
    output::Output,
};

/// Takes a credential.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage wallet import --wallet ann.age credentials/ann.json")]
pub(crate) struct Import {
    #[command(flatten)]
    wallet: WalletArgs,
    /// The credential.
    #[arg(value_name = "CREDENTIAL")]
    credential: PathBuf,
    /// Do not look for it on the chain now; a proof will show.
    #[arg(long, conflicts_with = "light")]
    offline: bool,
    #[command(flatten)]
    light: LightArgs,
}

impl Import {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let credential = Credential::from_json(&files::read(&self.credential)?)?;
        let issuer = credential.issuer;
        let expires_on = credential.attributes.parts().expires_on;
        let checked = if self.offline {
            self.wallet.open(output)?.import(credential)?;
            "deferred"
        } else {
            let chain = global.connect().await?;
            match light_source(&self.light, &chain, output).await? {
                Some(source) => self.import_checked(credential, &source, output).await?,
                None => self.import_checked(credential, &chain, output).await?,
            }
            "chain"
        };
        let result = json!({ "issuer": issuer, "checked": checked, "expires_on": expires_on });
        output.result(&result, || {
            format!("took a credential of issuer {issuer}, good until {expires_on}")
        })?;
        Ok(Status::Yes)
    }
    async fn import_checked<S: Source>(
        &self,
        credential: Credential,
        source: &S,
        output: &Output,
    ) -> Result<(), Failure> {
        let mut wallet = self.wallet.open(output)?;
        let bar = output.talk.bar(0, "fetching shards");
        wallet
            .import_checked(credential, source, &mut |done, total| bar.set(done, total))
            .await?;
        Ok(())
    }
}
