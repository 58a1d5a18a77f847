//! `ofage admit`.

use std::{path::PathBuf, time::Instant};

use clap::Args;
use ofage_primitives::{chain::AdmitRequest, Binding, Context, Presentation};
use ofage_sdk::{
    account::Account,
    chain::{AdmitError, AdmitRefusal},
};
use serde_json::json;

use crate::{
    args::Global,
    commands::verify,
    failure::{Failure, Status},
    output::Output,
};

/// Asks for admission.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage admit proof.json")]
pub(crate) struct Admit {
    /// The presentation, made for a gate.
    #[arg(value_name = "PRESENTATION")]
    presentation: PathBuf,
}

impl Admit {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let presentation =
            verify::read(&self.presentation)?.map_err(|refusal| Failure::input(refusal.to_string()))?;
        let request = request(presentation)?;
        let (gate, account) = (request.gate, Account(request.account));
        let chain = global.connect().await?;
        let started = Instant::now();
        let outcome = {
            let _bar = output
                .talk
                .spinner("asking the gate; waiting until the admission is final");
            chain.admit(&request).await
        };
        let landed = match outcome {
            Ok(landed) => landed,
            Err(AdmitError::Refused(refusal)) => return say_no(refusal, output),
            Err(other) => return Err(other.into()),
        };
        let admission = chain.at(landed.block).admission(gate, account).await?;
        let until = admission
            .ok_or_else(|| Failure::internal("the admission is not on the chain"))?
            .until;
        let result = json!({
            "admitted": true,
            "gate": gate,
            "account": account,
            "nullifier": request.nullifier,
            "until": until,
            "block": landed.block.number,
            "seconds": (started.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        });
        output.result(&result, || {
            format!("ADMITTED: {account} to gate {gate} until {until}")
        })?;
        Ok(Status::Yes)
    }
}

fn request(presentation: Presentation) -> Result<AdmitRequest, Failure> {
    let Context::Gate(gate) = presentation.context else {
        return Err(Failure::input(
            "the presentation is for an app, not for a gate; prove with --gate and --account",
        ));
    };
    let Binding::ChainAccount(account) = presentation.binding else {
        return Err(Failure::input(
            "the presentation is not for an account of the chain; prove with --account",
        ));
    };
    let expires_at = u32::try_from(presentation.expires_at)
        .map_err(|_| Failure::input("the presentation's expiry is no block number"))?;
    Ok(AdmitRequest {
        gate,
        account,
        anchor: presentation.anchor,
        valid_on: presentation.valid_on,
        expires_at,
        nullifier: presentation.nullifier,
        issuer_tags: presentation.issuer_tags,
        proof: presentation.proof,
    })
}

fn say_no(refusal: AdmitRefusal, output: &Output) -> Result<Status, Failure> {
    let result = json!({ "admitted": false, "reason": refusal.code(), "message": refusal.to_string() });
    output.result(&result, || format!("NOT ADMITTED: {refusal}"))?;
    Ok(Status::No)
}
