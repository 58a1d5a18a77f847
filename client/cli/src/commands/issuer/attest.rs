//! `ofage issuer attest`.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use ofage_primitives::IssuerIndex;
use ofage_sdk::{
    clock,
    credential::Credential,
    issuer::{
        attest::{self, Attester, Done, Plan, IN_FLIGHT, MAX_BATCH},
        intake::{self, BadRow},
        journal::Journal,
        mirror::Mirror,
    },
    private_file,
};
use serde_json::{json, Value};

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Bad rows that are told on the terminal one by one; the report has them all.
const TOLD: usize = 20;

/// Calls that a node's pool has room for, and some.
const MAX_IN_FLIGHT: usize = 256;

/// Attests the people of a CSV file.
#[derive(Args)]
#[command(after_help = "\
The first line names the columns: reference, identity, date_of_birth (or earliest_birth and latest_birth),
checked_on, enrolled_on, expires_on, assurance, flags. Dates are YYYY-MM-DD; the last three are firsts of a month.
Unless --skip-bad is given, one bad row stops everything before anything is attested.
The same command again goes on where it was interrupted: the journal remembers each row.

Example:
  ofage issuer attest --csv people.csv --credentials credentials --journal issuer.journal --dev-key Issuer1")]
pub(crate) struct Attest {
    /// The people.
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Directory for one file a person, or a file ending in .jsonl, or - for lines on stdout.
    #[arg(long, value_name = "PATH")]
    credentials: PathBuf,
    /// The issuer's record; it is made when absent, and private.
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// Fail unless the key belongs to this issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<u32>,
    /// Attest the good rows even if others are bad.
    #[arg(long)]
    skip_bad: bool,
    /// Check the rows and stop.
    #[arg(long)]
    dry_run: bool,
    /// Most attestations in a call.
    #[arg(long, value_name = "N", default_value_t = MAX_BATCH, value_parser = batch)]
    batch: usize,
    /// Most calls that are on their way at a time.
    #[arg(long, value_name = "N", default_value_t = IN_FLIGHT, value_parser = in_flight)]
    in_flight: usize,
    /// Also write the bad rows to this file, a line each.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
}

fn batch(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=MAX_BATCH).contains(&n) => Ok(n),
        _ => Err(format!("give a number from 1 to {MAX_BATCH}")),
    }
}

fn in_flight(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=MAX_IN_FLIGHT).contains(&n) => Ok(n),
        _ => Err(format!("give a number from 1 to {MAX_IN_FLIGHT}")),
    }
}

impl Attest {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let intake = intake::read(files::open(&self.csv)?, clock::today()?)?;
        let chain = global.connect().await?;
        let attester = Attester::new(&chain, &signer)
            .await?
            .in_flight(self.in_flight)
            .mirrored(Mirror::beside(&self.journal));
        let issuer = attester.issuer();
        if self.issuer.is_some_and(|wanted| IssuerIndex(wanted) != issuer) {
            return Err(Failure::usage(format!(
                "the key belongs to issuer {issuer}; leave --issuer out, or change it"
            )));
        }
        let mut journal = Journal::open(&self.journal, chain.genesis(), issuer)?;
        let mut resumed = Vec::new();
        if !self.dry_run && journal.pending().is_some() {
            let _bar = output.talk.spinner("finishing what an earlier run left behind");
            resumed = attester.resume(&mut journal).await?;
        }
        let started = Instant::now();
        let mut batches = Vec::new();
        let total = intake.rows.len() + intake.bad.len();
        let references: Vec<String> = intake.rows.iter().map(|row| row.reference.clone()).collect();
        let mut plan = attest::plan(intake, &journal);
        self.tell_bad(&plan, output)?;
        let stopped = !plan.bad.is_empty() && !self.skip_bad;
        if !stopped && !self.dry_run {
            let rows = std::mem::take(&mut plan.rows);
            let bar = output.talk.bar(rows.len() as u64, "attesting");
            let mut done = |batch: Done| {
                bar.advance(batch.count as u64);
                batches.push(batch);
            };
            let outcome = attester.attest(&mut journal, rows, self.batch, &mut done).await;
            drop(bar);
            // Credentials of what is final, also when the rest failed.
            self.write_credentials(&journal, &references, output)?;
            outcome?;
        }
        let summary = Summary {
            issuer,
            total,
            plan: &plan,
            resumed: resumed.iter().map(|done| done.count).sum(),
            batches: &batches,
            seconds: started.elapsed().as_secs_f64(),
        };
        let text = || summary.text(stopped, self.dry_run);
        if files::is_dash(&self.credentials) {
            output.talk.say(&text());
        } else {
            output.result(&summary.document(), text)?;
        }
        Ok(if stopped { Status::BadInput } else { Status::Yes })
    }

    fn tell_bad(&self, plan: &Plan, output: &Output) -> Result<(), Failure> {
        for bad in plan.bad.iter().take(TOLD) {
            output.talk.say(&bad.to_string());
        }
        if plan.bad.len() > TOLD {
            output.talk.say(&format!(
                "and {} more bad rows; --report or --json tells all",
                plan.bad.len() - TOLD
            ));
        }
        if let Some(report) = &self.report {
            let text: String = plan.bad.iter().map(|bad| format!("{bad}\n")).collect();
            files::write(report, text.as_bytes(), output)?;
        }
        Ok(())
    }

    fn write_credentials(
        &self,
        journal: &Journal,
        references: &[String],
        output: &Output,
    ) -> Result<(), Failure> {
        let credentials = references
            .iter()
            .filter_map(|reference| Some((reference, journal.credential(reference)?)));
        let lines =
            files::is_dash(&self.credentials) || self.credentials.extension().is_some_and(|e| e == "jsonl");
        if lines {
            let mut text = Vec::new();
            for (reference, credential) in credentials {
                serde_json::to_writer(
                    &mut text,
                    &json!({ "reference": reference, "credential": credential }),
                )?;
                text.push(b'\n');
            }
            return files::write(&self.credentials, &text, output);
        }
        let failed =
            |error| Failure::input(format!("cannot write to {}: {error}", self.credentials.display()));
        private_file::create_dir(&self.credentials).map_err(failed)?;
        for (reference, credential) in credentials {
            write_one(&self.credentials, reference, &credential)?;
        }
        Ok(())
    }
}

fn write_one(directory: &Path, reference: &str, credential: &Credential) -> Result<(), Failure> {
    let path = directory.join(file_name(reference));
    let mut text = serde_json::to_vec_pretty(credential)?;
    text.push(b'\n');
    private_file::replace(&path, &text)
        .map_err(|error| Failure::input(format!("cannot write {}: {error}", path.display())))
}

/// A file name for any reference: everything but letters, digits, `-`, `_`, `@` and inner dots is percent-encoded, so
/// that no reference leads out of the directory and no two meet.
fn file_name(reference: &str) -> String {
    let mut name = String::new();
    for (place, byte) in reference.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-_@".contains(&byte) || (byte == b'.' && place > 0);
        if plain {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    // File systems take 255 bytes; a longer name is cut, and told apart by its hash.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        let hash = ofage_primitives::hash_to_field(b"ofage/file-name", &[reference.as_bytes()]).to_string();
        name.truncate(LONGEST - 34);
        name = format!("{name}~{}", hash.get(2..34).unwrap_or_default());
    }
    name.push_str(".json");
    name
}

struct Summary<'a> {
    issuer: IssuerIndex,
    total: usize,
    plan: &'a Plan,
    /// Of an earlier run, finished by this one; they are among those attested before.
    resumed: usize,
    batches: &'a [Done],
    seconds: f64,
}

impl Summary<'_> {
    fn attested(&self) -> usize {
        self.batches.iter().map(|batch| batch.count).sum()
    }

    fn per_second(&self) -> f64 {
        if self.seconds > 0.0 {
            self.attested() as f64 / self.seconds
        } else {
            0.0
        }
    }

    fn document(&self) -> Value {
        let bad: Vec<Value> = self.plan.bad.iter().map(bad_row).collect();
        json!({
            "issuer": self.issuer,
            "rows": self.total,
            "attested": self.attested(),
            "already": self.plan.already.len(),
            "resumed": self.resumed,
            "bad": bad,
            "batches": self.batches,
            "seconds": round(self.seconds),
            "per_second": round(self.per_second()),
        })
    }

    fn text(&self, stopped: bool, dry_run: bool) -> String {
        let (bad, already) = (self.plan.bad.len(), self.plan.already.len());
        let resumed = match self.resumed {
            0 => String::new(),
            n => format!("{n} of an earlier run are final now; "),
        };
        if stopped {
            return format!(
                "{resumed}nothing was attested: {bad} bad rows, {} good ones; correct them, or repeat with --skip-bad",
                self.plan.rows.len()
            );
        }
        if dry_run {
            return format!(
                "{} rows to attest, {already} attested before, {bad} bad",
                self.plan.rows.len()
            );
        }
        format!(
            "{resumed}issuer {}: {} attested in {:.1} s ({:.0} a second), {already} attested before, {bad} bad rows \
             left out",
            self.issuer,
            self.attested(),
            self.seconds,
            self.per_second(),
        )
    }
}

fn bad_row(bad: &BadRow) -> Value {
    json!({ "line": bad.line, "column": bad.column.map(|column| column.name()), "reason": bad.reason.to_string() })
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_reference_never_leads_out_of_the_directory() {
        assert_eq!(file_name("customer-1"), "customer-1.json");
        assert_eq!(file_name("a.b@c"), "a.b@c.json");
        assert_eq!(file_name("../etc/passwd"), "%2E.%2Fetc%2Fpasswd.json");
        assert_eq!(file_name("."), "%2E.json");
        assert_eq!(file_name("é"), "%C3%A9.json");
        let long = "é".repeat(64);
        assert!(file_name(&long).len() <= 255);
        assert_ne!(file_name(&long), file_name(&("é".repeat(63) + "è")));
    }
}
