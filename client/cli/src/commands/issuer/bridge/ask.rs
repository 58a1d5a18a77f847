//! `ofage issuer bridge challenge`.

use std::path::PathBuf;

use clap::Args;
use ofage_bridge::{Channel, Format, Settings, MAX_VALID_SECONDS, VALID_SECONDS};
use serde_json::{json, Value};

use super::{now, LedgerArgs};
use crate::{
    failure::{Failure, Status},
    output::Output,
};

/// Makes a request.
#[derive(Args)]
#[command(after_help = "\
The nonce, and the query in the language of OpenID4VP 1.0 (DCQL), go into the request that your OpenID4VP verifier sends to
the wallet; state names the request when the answer comes. It is answered once.

By default wallets are asked whether the person is over 18, and for nothing else. Ask for the birth date only if your
customers need attestations of other ages.

Example:
  ofage issuer bridge challenge --settings bridge.json --ledger bridge.ledger --json
  ofage issuer bridge challenge --settings bridge.json --ledger bridge.ledger --exact --valid-minutes 30")]
pub(crate) struct Challenge {
    /// Whom you trust, and how you ask.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Minutes that the request counts.
    #[arg(long, value_name = "MINUTES", default_value_t = VALID_SECONDS / 60, value_parser = clap::value_parser!(u64).range(1..=MAX_VALID_SECONDS / 60))]
    valid_minutes: u64,
    /// Ask for the day of birth, not only for an age.
    #[arg(long, conflicts_with = "age")]
    exact: bool,
    /// The age that is asked for.
    #[arg(long, value_name = "YEARS", default_value_t = 18, value_parser = clap::value_parser!(u8).range(1..=99))]
    age: u8,
}

impl Challenge {
    pub(super) fn run(self, output: &Output) -> Result<Status, Failure> {
        let (settings, _) = Settings::load(&self.settings)?;
        let ledger = self.ledger.open()?;
        let (state, challenge) = ledger.ask(&settings, self.valid_minutes * 60, now())?;
        let mut result = json!({
            "state": state,
            "nonce": challenge.nonce(),
            "expires_at": challenge.until().0,
            "dcql_query": self.query(&settings),
        });
        match settings.channel() {
            Channel::Redirect {
                client_id,
                response_uri,
            } => {
                result["client_id"] = json!(client_id);
                result["response_uri"] = json!(response_uri);
            }
            Channel::Browser { origin } => result["expected_origins"] = json!([origin]),
        }
        output.result(&result, || {
            format!(
                "state {state}\nnonce {}\nquery {}",
                challenge.nonce(),
                result["dcql_query"]
            )
        })?;
        Ok(Status::Yes)
    }

    /// What is asked: any one of the credentials that count.
    fn query(&self, settings: &Settings) -> Value {
        let types = settings.types().iter().enumerate();
        let credentials: Vec<Value> = types
            .map(|(number, (format, kind))| {
                let (format, meta) = match format {
                    Format::SdJwt => ("dc+sd-jwt", json!({ "vct_values": [kind] })),
                    Format::Mdoc => ("mso_mdoc", json!({ "doctype_value": kind })),
                };
                let claims = json!([{ "path": self.path(format, kind) }]);
                json!({ "id": format!("c{number}"), "format": format, "meta": meta, "claims": claims })
            })
            .collect();
        let any: Vec<Value> = (0..credentials.len())
            .map(|number| json!([format!("c{number}")]))
            .collect();
        json!({ "credentials": credentials, "credential_sets": [{ "options": any }] })
    }

    /// Where a credential has the age, or the birth date.
    fn path(&self, format: &str, kind: &str) -> Value {
        let age = self.age;
        // Documents are named after their namespace, but for the driving licence.
        let namespace = kind.trim_end_matches(".mDL");
        match (format, self.exact) {
            ("dc+sd-jwt", true) => json!(["birthdate"]),
            ("dc+sd-jwt", false) => json!(["age_equal_or_over", age.to_string()]),
            (_, true) => json!([namespace, "birth_date"]),
            (_, false) => json!([namespace, format!("age_over_{age:02}")]),
        }
    }
}
