//! `ofage issuer seal`.

use clap::Args;
use ofage_sdk::chain::Call;
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
};

/// Closes the open shard.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage issuer seal --dev-key Issuer1")]
pub(crate) struct Seal {
    #[command(flatten)]
    key: KeyArgs,
}

impl Seal {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let chain = global.connect().await?;
        let head = chain.finalized().await?;
        let issuer = super::super::issuer_of(&chain, head, signer.account()).await?;
        let shard = chain
            .at(head)
            .issuer(issuer)
            .await?
            .and_then(|info| info.open_shard);
        let landed = {
            let _bar = output.talk.spinner("waiting until the shard is sealed");
            chain.submit(&signer, &Call::seal_shard()).await?
        };
        let result = json!({ "issuer": issuer, "shard": shard, "block": landed.block.number });
        output.result(&result, || format!("issuer {issuer} has no open shard any more"))?;
        Ok(Status::Yes)
    }
}
