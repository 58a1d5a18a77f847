//! `ofage issuer register`.

use clap::Args;
use ofage_primitives::hashes;
use ofage_sdk::{account::Account, chain::Call};
use serde_json::json;

use crate::{
    args::{account, Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
};

/// Registers an issuer.
#[derive(Args)]
#[command(
    after_help = "Example:\n  ofage issuer register --metadata 'Example Bank, EE' --attester dev:Issuer2 --dev-key Issuer1"
)]
pub(crate) struct Register {
    /// What the issuer publishes about itself: name, jurisdiction, methods, contact.
    #[arg(long, value_name = "TEXT")]
    metadata: String,
    /// Account of the attesting key, which has to agree (ofage issuer accept); the signer's own when absent.
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    attester: Option<Account>,
    #[command(flatten)]
    key: KeyArgs,
}

impl Register {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let controller = signer.account();
        let attester = self.attester.unwrap_or(controller);
        let chain = global.connect().await?;
        let landed = {
            let _bar = output.talk.spinner("registering; waiting until it is final");
            chain
                .submit(&signer, &Call::register(self.metadata.as_bytes(), attester))
                .await?
        };
        let issuer = super::super::issuer_of(&chain, landed.block, controller).await?;
        let id = hashes::issuer_id(&chain.genesis(), issuer);
        let result = json!({
            "issuer": issuer,
            "issuer_id": id,
            "controller": controller,
            "attester": attester,
            "block": landed.block.number,
        });
        output.result(&result, || format!("registered as issuer {issuer} ({id})"))?;
        if attester != controller {
            output.talk.say(&format!(
                "{attester} has to agree before it can attest: ofage issuer accept --issuer {issuer}"
            ));
        }
        Ok(Status::Yes)
    }
}
