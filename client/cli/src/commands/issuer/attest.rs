//! `ofage issuer attest`.

use std::{path::PathBuf, time::Instant};

use clap::{ArgGroup, Args};
use ofage_primitives::IssuerIndex;
use ofage_sdk::{
    chain::Chain,
    clock,
    issuer::{
        attest::{Attester, Done, IN_FLIGHT, MAX_BATCH},
        import::{Counts, Import},
        intake::{postgres_rows, BadRow, CsvError, CsvRows, JsonRows, Row, Rules},
        mirror::Mirror,
        register::{Register, Reissue},
    },
};
use serde_json::{json, Value};

use super::credentials::Credentials;
use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Bad rows that are told one by one, on the terminal and with --json; the report has them all.
const TOLD: usize = 20;
/// Bad rows in the JSON result; the report has them all.
const IN_RESULT: usize = 1_000;

/// Calls that a node's pool has room for, and some.
const MAX_IN_FLIGHT: usize = 256;

/// Attests a backlog of people.
#[derive(Args)]
#[command(
    group = ArgGroup::new("source").required(true).args(["csv", "jsonl", "postgres", "resume"]),
    after_help = "\
The columns are reference, identity, date_of_birth (or earliest_birth and latest_birth), checked_on, enrolled_on,
expires_on, assurance, flags, and perhaps ownership. Dates are YYYY-MM-DD; the middle three are firsts of a month.
A CSV file names them in its first line, a file of JSON lines in each object, and a query by the names of its columns.
Unless --skip-bad is given, one bad row stops everything before anything is attested.
The same command again goes on where it was interrupted: the register remembers each row. Memory does not grow with the
number of rows.

Example:
  ofage issuer attest --csv people.csv --credentials credentials --register issuer.register --dev-key Issuer1
  ofage issuer attest --jsonl people.jsonl --credentials out.jsonl --register issuer.register --key-file attester.key
  ofage issuer attest --postgres connection.txt --query-file people.sql --credentials out.jsonl \\
      --register issuer.register --key-file attester.key
  ofage issuer attest --resume --credentials out.jsonl --register issuer.register --key-file attester.key"
)]
pub(crate) struct Attest {
    /// The people, as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// The people, as JSON lines.
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    /// File with the description of a PostgreSQL connection on its first line, such as host=/var/run/postgresql user=ofage
    /// dbname=customers.
    #[arg(long, value_name = "FILE", requires = "sql")]
    postgres: Option<PathBuf>,
    /// No new people: only what an earlier run, or the service, left waiting.
    #[arg(long)]
    resume: bool,
    /// The query that gives the people; it cannot change anything.
    #[arg(long, value_name = "SQL", requires = "postgres", group = "sql")]
    query: Option<String>,
    /// File with the query.
    #[arg(long, value_name = "FILE", requires = "postgres", group = "sql")]
    query_file: Option<PathBuf>,
    /// Directory for one file a person, or a file ending in .jsonl that is appended to, or - for lines on stdout.
    #[arg(long, value_name = "PATH")]
    credentials: PathBuf,
    /// The issuer's record; it is made when absent, and private.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// Fail unless the key belongs to this issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<u32>,
    /// Attest the good rows even if others are bad.
    #[arg(long)]
    skip_bad: bool,
    /// Check the rows and stop.
    #[arg(long)]
    dry_run: bool,
    /// Rows without a proof that the commitment is the holder's are bad.
    #[arg(long)]
    require_ownership: bool,
    /// Rows of people with a live attestation replace it, if the holder proves to own the new commitment. The day of the
    /// check stays.
    #[arg(long)]
    reissue: bool,
    /// With --reissue: the rows are on new evidence, so their day of the check counts.
    #[arg(long, requires = "reissue")]
    new_evidence: bool,
    /// Write the credentials of rows that were attested before, too.
    #[arg(long)]
    again: bool,
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
        let chain = global.connect().await?;
        let attester = Attester::new(&chain, &signer)
            .await?
            .in_flight(self.in_flight)
            .mirrored(Mirror::beside(&self.register));
        let issuer = attester.issuer();
        if self.issuer.is_some_and(|wanted| IssuerIndex(wanted) != issuer) {
            return Err(Failure::usage(format!(
                "the key belongs to issuer {issuer}; leave --issuer out, or change it"
            )));
        }
        let register = Register::open(&self.register, chain.genesis(), issuer)?;
        let mut resumed = 0;
        if !self.dry_run && register.pending()?.is_some() {
            let _bar = output.talk.spinner("finishing what an earlier run left behind");
            let mut done = |batch: Done| resumed += batch.count;
            attester.resume(&register, &mut done).await?;
        }
        let mut faults = Faults::new(self.report.as_deref(), output)?;
        let started = Instant::now();
        let imported = self.import(&chain, &register, &mut faults, output).await?;
        let checked = started.elapsed().as_secs_f64();
        faults.end()?;
        let stopped = imported.bad > 0 && !self.skip_bad;
        let mut batches = Vec::new();
        let started = Instant::now();
        if !stopped && !self.dry_run {
            let mut credentials = Credentials::open(&self.credentials, output)?;
            let bar = output.talk.bar(register.waiting()?, "attesting");
            let mut written = Ok(());
            let mut done = |batch: Done| {
                bar.advance(batch.count as u64);
                batches.push(batch);
                if written.is_ok() {
                    written = credentials.write(&register);
                }
            };
            let outcome = attester.settle(&register, self.batch, &mut done).await;
            drop(bar);
            // Credentials of what is final, also when the rest failed.
            written?;
            credentials.write(&register)?;
            outcome?;
        }
        let summary = Summary {
            issuer,
            counts: imported,
            faults: &faults,
            resumed,
            batches: &batches,
            checked,
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

    /// Checks and stages all rows; accepts them if they are to be attested.
    async fn import(
        &self,
        chain: &Chain,
        register: &Register,
        faults: &mut Faults<'_>,
        output: &Output,
    ) -> Result<Counts, Failure> {
        let rules = Rules {
            today: clock::today()?,
            claims: Some((chain.genesis(), register.issuer())),
            needs_ownership: self.require_ownership,
        };
        let reissue = match (self.reissue, self.new_evidence) {
            (false, _) => Reissue::No,
            (true, false) => Reissue::SameEvidence,
            (true, true) => Reissue::NewEvidence,
        };
        let mut tell = |bad: BadRow| faults.take(bad);
        let mut import = Import::begin(register, reissue, self.again, &mut tell)?;
        let bar = output.talk.counter("checking rows");
        if let Some(path) = &self.csv {
            for row in CsvRows::new(files::open(path)?, rules)? {
                push(&mut import, row)?;
                bar.advance(1);
            }
        } else if let Some(path) = &self.jsonl {
            for row in JsonRows::new(files::open(path)?, rules) {
                push(&mut import, row)?;
                bar.advance(1);
            }
        } else if let Some(path) = &self.postgres {
            let connection = files::read_text(path)?;
            let query = match (&self.query, &self.query_file) {
                (Some(query), _) => query.clone(),
                (None, Some(path)) => files::read_text(path)?,
                (None, None) => return Err(Failure::usage("give a --query or a --query-file")),
            };
            let mut take = |row| {
                bar.advance(1);
                import.push(row)
            };
            let connection = connection.lines().next().unwrap_or_default();
            postgres_rows(connection, &query, &rules, &mut take).await?;
        }
        drop(bar);
        let counts = import.check()?;
        if self.dry_run || (counts.bad > 0 && !self.skip_bad) {
            import.drop()?;
        } else {
            import.accept()?;
        }
        Ok(counts)
    }
}

fn push(import: &mut Import<'_>, row: Result<Result<Row, BadRow>, CsvError>) -> Result<(), Failure> {
    Ok(import.push(row?)?)
}

/// Bad rows: the first ones are told, all of them are reported.
struct Faults<'a> {
    output: &'a Output,
    report: Option<(files::NewFile, Result<(), Failure>)>,
    count: usize,
    first: Vec<BadRow>,
}

impl<'a> Faults<'a> {
    fn new(report: Option<&std::path::Path>, output: &'a Output) -> Result<Self, Failure> {
        let report = report.map(files::NewFile::create).transpose()?;
        Ok(Self {
            output,
            report: report.map(|file| (file, Ok(()))),
            count: 0,
            first: Vec::new(),
        })
    }

    fn take(&mut self, bad: BadRow) {
        if let Some((file, written)) = &mut self.report {
            if written.is_ok() {
                *written = file.write(format!("{bad}\n").as_bytes());
            }
        }
        self.count += 1;
        if self.count <= TOLD {
            self.output.talk.say(&bad.to_string());
        }
        if self.first.len() < IN_RESULT {
            self.first.push(bad);
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.count > TOLD {
            self.output.talk.say(&format!(
                "and {} more bad rows; --report tells all",
                self.count - TOLD
            ));
        }
        match self.report.take() {
            Some((file, written)) => {
                written?;
                file.finish()
            }
            None => Ok(()),
        }
    }
}

struct Summary<'a> {
    issuer: IssuerIndex,
    counts: Counts,
    faults: &'a Faults<'a>,
    /// Of an earlier run, finished by this one; they are among those attested before.
    resumed: usize,
    batches: &'a [Done],
    /// Seconds that checking the rows took.
    checked: f64,
    /// Seconds that attesting took.
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
        let bad: Vec<Value> = self.faults.first.iter().map(bad_row).collect();
        json!({
            "issuer": self.issuer,
            "rows": self.counts.rows(),
            "attested": self.attested(),
            "replaced": self.counts.replacing,
            "already": self.counts.already,
            "resumed": self.resumed,
            "bad_rows": self.counts.bad,
            "bad": bad,
            "batches": self.batches,
            "seconds_checking": round(self.checked),
            "seconds": round(self.seconds),
            "per_second": round(self.per_second()),
        })
    }

    fn text(&self, stopped: bool, dry_run: bool) -> String {
        let Counts {
            new,
            replacing,
            already,
            bad,
        } = self.counts;
        let resumed = match self.resumed {
            0 => String::new(),
            n => format!("{n} of an earlier run are final now; "),
        };
        let replaced = match replacing {
            0 => String::new(),
            n => format!(", {n} of them in place of older ones"),
        };
        if stopped {
            return format!(
                "{resumed}nothing was attested: {bad} bad rows, {new} good ones; correct them, or repeat with --skip-bad"
            );
        }
        if dry_run {
            return format!("{new} rows to attest{replaced}, {already} attested before, {bad} bad");
        }
        format!(
            "{resumed}issuer {}: {} attested in {:.1} s ({:.0} a second){replaced}, {already} attested before, {bad} bad \
             rows left out",
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
