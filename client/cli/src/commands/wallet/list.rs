//! `ofage wallet list`.

use clap::Args;
use ofage_primitives::Context;
use ofage_sdk::{
    credential::Credential,
    issuer::intake::assurance_name,
    wallet::{history::History, Wallet},
};
use serde_json::{json, Value};

use crate::{
    args::WalletArgs,
    commands::wallet::refresh::in_words,
    failure::{Failure, Status},
    output::Output,
    policy_args::vouched,
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
        let credentials: Vec<Value> = wallet
            .credentials()
            .iter()
            .map(|held| credential(&wallet, held))
            .collect();
        let contexts: Vec<Value> = wallet.histories().map(history).collect();
        let result = json!({ "credentials": credentials, "contexts": contexts });
        output.result(&result, || {
            let credentials = wallet.credentials().iter();
            let mut lines: Vec<String> = credentials
                .map(|credential| credential_line(&wallet, credential))
                .collect();
            if lines.is_empty() {
                lines.push("no credentials".into());
            }
            lines.extend(wallet.histories().map(history_line));
            lines.join("\n")
        })?;
        Ok(Status::Yes)
    }
}

/// How it stood when the wallet last asked; `unknown` before that.
fn standing(wallet: &Wallet, credential: &Credential) -> &'static str {
    wallet
        .standing(credential)
        .map_or("unknown", |(standing, _)| in_words(standing))
}

fn credential(wallet: &Wallet, credential: &Credential) -> Value {
    let parts = credential.attributes.parts();
    json!({
        "issuer": credential.issuer,
        "genesis": credential.genesis.to_string(),
        "expires_on": parts.expires_on,
        "assurance": assurance_name(parts.assurance),
        "flags": parts.flags.to_string(),
        "standing": standing(wallet, credential),
    })
}

fn credential_line(wallet: &Wallet, credential: &Credential) -> String {
    let parts = credential.attributes.parts();
    format!(
        "credential of issuer {}: {}, flags {}, until {}, {}",
        credential.issuer,
        assurance_name(parts.assurance),
        parts.flags,
        parts.expires_on,
        standing(wallet, credential),
    )
}

fn disclosed(history: &History) -> Vec<String> {
    history
        .disclosed
        .iter()
        .map(|disclosure| vouched(disclosure.age, disclosure.issuers))
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
        disclosed(history).join("; "),
        history.slots.len()
    )
}
