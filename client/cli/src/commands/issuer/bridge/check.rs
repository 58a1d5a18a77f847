//! `ofage issuer bridge check`.

use std::path::PathBuf;

use clap::Args;
use ofage_bridge::{Settings, StatusLists, Taken, MAX_PRESENTATION};
use ofage_sdk::{
    issuer::intake::{self, Column},
    request::AttestationRequest,
};
use serde_json::json;

use super::{now, LedgerArgs};
use crate::{
    failure::{Failure, Kind, Status},
    files,
    output::Output,
};

/// Longest status list that is read.
const MAX_LIST: u64 = 16 << 20;

/// Checks a credential.
#[derive(Args)]
#[command(after_help = "\
The presentation is what the wallet put into vp_token: an SD-JWT with key binding, or a device response in base64url.
Exit code 0: it is evidence, and the row is written. Exit code 1: it is not, and why; with --json, error.code is a name
that stays.

The row goes to ofage issuer attest --jsonl, with --request, or to ofage issuer offer --jsonl, without. It holds a birth, so
it is written to a private file. A request is used up by its answer, unless something was missing on your side: when a status
list is asked for, fetch it and check again.

Example:
  ofage issuer bridge check --settings bridge.json --ledger bridge.ledger --state STATE --presentation vp.txt \\
    --reference customer-000017 --out row.jsonl")]
pub(crate) struct Check {
    /// Whom you trust, and how you ask.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// The request that is answered: what ofage issuer bridge challenge told.
    #[arg(long, value_name = "STATE")]
    state: String,
    /// What the wallet presented; - for stdin.
    #[arg(long, value_name = "FILE")]
    presentation: PathBuf,
    /// Your name for the customer.
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The customer's request (ofage wallet request), for rows that are attested without the service.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// A status list, as its address serves it (application/statuslist+jwt); can be given several times.
    #[arg(long, value_name = "FILE")]
    status_list: Vec<PathBuf>,
    /// File for the row, private; - for stdout.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Check {
    pub(super) fn run(self, output: &Output) -> Result<Status, Failure> {
        // All that can be wrong on this side comes first, so that it does not use up the request.
        let (settings, trust) = Settings::load(&self.settings)?;
        let presentation = files::read_up_to(&self.presentation, MAX_PRESENTATION as u64)?;
        let request = self.customer()?;
        let lists = self.status_list.iter().map(|path| {
            let list = files::read_up_to(path, MAX_LIST)?;
            String::from_utf8(list)
                .map_err(|_| Failure::input("a status list is text; fetch application/statuslist+jwt"))
        });
        let status = StatusLists::new(lists.collect::<Result<_, _>>()?);
        let ledger = self.ledger.open()?;

        let challenge = ledger.take(&self.state, &settings)?;
        let now = now();
        let evidence = match ofage_bridge::check(&presentation, &challenge, &trust, &status, now) {
            Ok(evidence) => evidence,
            Err(refusal) => {
                if refusal.is_ours() {
                    ledger.put_back(&self.state, &challenge)?;
                }
                return Err(Failure::no(refusal.code(), refusal.to_string()));
            }
        };
        if ledger.note(evidence.credential(), &self.reference, now.day())? == Taken::Theirs {
            let message = "another customer brought this credential before";
            return Err(Failure::no("credential-used", message));
        }
        let mut row = evidence.row(&self.reference, settings.valid_months(), now);
        if let Some(request) = request {
            let proof = request.ownership.map(|proof| proof.to_string());
            row = row.with_identity(request.identity.to_string(), proof);
        }
        let mut line = serde_json::to_vec(&row)?;
        line.push(b'\n');
        files::write(&self.out, &line, output)?;
        if files::is_dash(&self.out) {
            return Ok(Status::Yes);
        }
        let path = self.out.display().to_string();
        let source = evidence.source();
        let result = json!({ "evidence": true, "source": source, "format": evidence.format(), "out": path });
        output.result(&result, || {
            format!("YES: a credential of {source}; wrote the row to {path}")
        })?;
        Ok(Status::Yes)
    }

    /// The customer's request; the reference is checked as rows have it.
    fn customer(&self) -> Result<Option<AttestationRequest>, Failure> {
        let reference = intake::reference(&self.reference)
            .map_err(|reason| Failure::usage(format!("{} {reason}", Column::Reference)))?;
        let Some(path) = &self.request else {
            return Ok(None);
        };
        let request = AttestationRequest::from_json(&files::read(path)?)?;
        if request.ownership.is_some() && request.check_ownership(reference).is_err() {
            return Err(Failure::new(
                Kind::Input,
                "the request does not prove that the commitment is the customer's, for that reference",
            ));
        }
        Ok(Some(request))
    }
}
