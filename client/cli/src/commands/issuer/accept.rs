//! `ofage issuer accept`.

use clap::Args;
use ofage_primitives::IssuerIndex;
use ofage_sdk::chain::Call;
use serde_json::json;

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
};

/// Agrees to attest.
#[derive(Args)]
#[command(
    after_help = "Needed once, when the issuer was registered with an --attester other than its controller.\n\nExample:\n  ofage issuer accept --issuer 0 --key-file attester.key"
)]
pub(crate) struct Accept {
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    #[command(flatten)]
    key: KeyArgs,
}

impl Accept {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let issuer = IssuerIndex(self.issuer);
        let chain = global.connect().await?;
        let landed = {
            let _bar = output.talk.spinner("waiting until it is final");
            chain.submit(&signer, &Call::become_attester(issuer)).await?
        };
        let attester = signer.account();
        let result = json!({ "issuer": issuer, "attester": attester, "block": landed.block.number });
        output.result(&result, || format!("{attester} attests for issuer {issuer}"))?;
        Ok(Status::Yes)
    }
}
