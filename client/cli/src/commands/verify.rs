//! `ofage verify`.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use ofage_primitives::{GateId, Presentation};
use ofage_sdk::{
    account::Account,
    chain::Chain,
    request::Challenge,
    verify::{
        store::{FileStore, MemoryStore},
        Expected, NullifierStore, Refusal, Verified, Verifier, VerifyError,
    },
};
use serde_json::json;

use crate::{
    args::{account, Global},
    commands::gate,
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Checks a presentation.
#[derive(Args)]
#[command(after_help = "\
Prints YES or NO and why; the exit code is 0 or 1. Without --seen, it is not checked whether the holder verified
another account before.

Example:
  ofage verify proof.json --challenge challenge.json --seen seen.jsonl
  ofage verify proof.json --gate 0 --account dev:Bob")]
pub(crate) struct Verify {
    /// The presentation.
    #[arg(value_name = "PRESENTATION")]
    presentation: PathBuf,
    /// The challenge that it must answer.
    #[arg(long, value_name = "FILE", required_unless_present = "gate", conflicts_with_all = ["gate", "account"])]
    challenge: Option<PathBuf>,
    /// The gate for which it must be.
    #[arg(long, value_name = "GATE", requires = "account")]
    gate: Option<u32>,
    /// The account for which it must be.
    #[arg(long, value_name = "ACCOUNT", value_parser = account, requires = "gate")]
    account: Option<Account>,
    /// File of the pseudonyms seen so far; it is made when absent.
    #[arg(long, value_name = "FILE")]
    seen: Option<PathBuf>,
}

impl Verify {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let presentation = match read(&self.presentation)? {
            Ok(presentation) => presentation,
            Err(refusal) => return say_no(&refusal, output),
        };
        let chain = global.connect().await?;
        let expected = self.expected(&chain).await?;
        let mut store: Box<dyn NullifierStore + Send> = match &self.seen {
            Some(path) => Box::new(FileStore::open(path).map_err(|error| Failure::input(error.to_string()))?),
            None => Box::new(MemoryStore::default()),
        };
        let verifier = Verifier::new();
        let started = Instant::now();
        match verifier
            .verify(&chain, &presentation, &expected, &mut *store)
            .await
        {
            Ok(verified) => say_yes(&verified, started.elapsed().as_millis() as u64, output),
            Err(VerifyError::No(refusal)) => say_no(&refusal, output),
            Err(other) => Err(other.into()),
        }
    }

    async fn expected(&self, chain: &Chain) -> Result<Expected, Failure> {
        if let Some(path) = &self.challenge {
            return Ok(Expected::challenge(&Challenge::from_json(&files::read(path)?)?));
        }
        let (Some(number), Some(account)) = (self.gate, self.account) else {
            return Err(Failure::usage("name a challenge, or a gate and an account"));
        };
        let gate = gate::find(chain, chain.finalized().await?, GateId(number)).await?;
        Ok(Expected::gate(chain.genesis(), &gate, account))
    }
}

/// Reads a presentation; what is none is a "no", since anybody may have sent it.
pub(super) fn read(path: &Path) -> Result<Result<Presentation, Refusal>, Failure> {
    let bytes = files::read(path)?;
    Ok(Refusal::read(&bytes))
}

fn say_yes(verified: &Verified, verify_ms: u64, output: &Output) -> Result<Status, Failure> {
    let policy = verified.policy();
    let (age, list) = (policy.age, policy.trust_list);
    let result = json!({
        "verified": true,
        "age": age.to_string(),
        "context": verified.context(),
        "binding": verified.binding(),
        "nullifier": verified.nullifier(),
        "issuers": policy.issuers,
        "issuer_tags": verified.issuer_tags(),
        "anchor": verified.anchor().block,
        "finalized": verified.finalized(),
        "verify_ms": verify_ms,
    });
    output.result(&result, || match policy.issuers {
        1 => format!("YES: {age}, attested by an issuer of trust list {list}"),
        several => format!("YES: {age}, attested by {several} different issuers of trust list {list}"),
    })?;
    Ok(Status::Yes)
}

fn say_no(refusal: &Refusal, output: &Output) -> Result<Status, Failure> {
    let result = json!({ "verified": false, "reason": refusal.code(), "message": refusal.to_string() });
    output.result(&result, || format!("NO: {refusal}"))?;
    Ok(Status::No)
}
