//! `ofage issuer consent`.

use clap::Args;
use ofage_primitives::TrustListId;
use ofage_sdk::chain::Call;
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
};

/// Agrees to be on a trust list.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage issuer consent --list 0 --dev-key Issuer1")]
pub(crate) struct Consent {
    /// The trust list.
    #[arg(long, value_name = "LIST")]
    list: u32,
    /// Take the consent back, and leave the list.
    #[arg(long)]
    withdraw: bool,
    #[command(flatten)]
    key: KeyArgs,
}

impl Consent {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let list = TrustListId(self.list);
        let chain = global.connect().await?;
        let call = if self.withdraw {
            Call::withdraw_consent(list)
        } else {
            Call::consent(list)
        };
        let landed = {
            let _bar = output.talk.spinner("waiting until the consent is final");
            chain.submit(&signer, &call).await?
        };
        let issuer = super::super::issuer_of(&chain, landed.block, signer.account()).await?;
        let result = json!({ "issuer": issuer, "list": list, "consent": !self.withdraw, "block": landed.block.number });
        output.result(&result, || {
            let verb = if self.withdraw {
                "does not agree any more"
            } else {
                "agrees"
            };
            format!("issuer {issuer} {verb} to be on trust list {list}")
        })?;
        Ok(Status::Yes)
    }
}
