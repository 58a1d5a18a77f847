//! `ofage wallet list`.

use clap::Args;
use ofage_primitives::Context;
use ofage_sdk::{credential::Credential, issuer::intake::assurance_name, wallet::history::History};
use serde_json::{json, Value};

use crate::{
    args::WalletArgs,
    failure::{Failure, Status},
    output::Output,
};

/// Shows a wallet, without its secret and without birth dates.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage wallet list --wallet ann.age")]
pub(crate) struct ListCommand {
    #[command(flatten)]
    wallet: WalletArgs,
}

impl ListCommand {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let wallet = self.wallet.open(output)?;
        let credentials: Vec<Value> = wallet.credentials().iter().map(credential).collect();
        let contexts: Vec<Value> = wallet.histories().map(history).collect();
        let result = json!({ "credentials": credentials, "contexts": contexts });
        output.result(&result, || {
            let mut lines: Vec<String> = wallet.credentials().iter().map(credential_line).collect();
            if lines.is_empty() {
                lines.push("no credentials".into());
            }
            lines.extend(wallet.histories().map(history_line));
            lines.join("\n")
        })?;
        Ok(Status::Yes)
    }
}

fn credential(credential: &Credential) -> Value {
    let parts = credential.attributes.parts();
    json!({
        "issuer": credential.issuer,
        "genesis": credential.genesis.to_string(),
        "expires_on": parts.expires_on,
        "assurance": assurance_name(parts.assurance),
        "flags": parts.flags.to_string(),
    })
}

fn credential_line(credential: &Credential) -> String {
    let parts = credential.attributes.parts();
    format!(
        "credential of issuer {}: {}, flags {}, good until {}",
        credential.issuer,
        assurance_name(parts.assurance),
        parts.flags,
        parts.expires_on,
    )
}

fn disclosed(history: &History) -> Vec<String> {
    history
        .disclosed
        .iter()
        .map(|disclosure| disclosure.age.to_string())
        .collect()
}

fn history(history: &History) -> Value {
    json!({
        "context": history.context,
        "genesis": history.genesis.to_string(),
        "slots": history.slots.keys().collect::<Vec<_>>(),
        "disclosed": disclosed(history),
    })
}

fn history_line(history: &History) -> String {
    let place = match &history.context {
        Context::Gate(gate) => format!("gate {gate}"),
        Context::Origin(origin) => origin.as_str().to_owned(),
    };
    format!(
        "{place} knows: {}; {} slots used",
        disclosed(history).join(", "),
        history.slots.len()
    )
}
