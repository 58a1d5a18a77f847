//! `ofage issuer audit`.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::IssuerIndex;
use ofage_sdk::issuer::{
    audit::{audit, ShardReport},
    mirror::Mirror,
    register::Register,
};
use serde_json::json;

use crate::{
    args::Global,
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Compares the chain with the register.
#[derive(Args)]
#[command(after_help = "\
For after a theft of the attesting key: every attestation of the issuer's shards is looked for in the register. Those that
are not there were made by somebody else. Exit code 0: there are none; exit code 1: there are some. Their places can be
written to a file, which ofage issuer revoke --csv takes. No key is needed.

Example:
  ofage issuer audit --issuer 0 --register issuer.register --foreign foreign.csv")]
pub(crate) struct Audit {
    /// The issuer.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    /// The issuer's record.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// Directory for the leaves of the issuer's shards; REGISTER.mirror when absent. It can be deleted at any time.
    #[arg(long, value_name = "DIR")]
    mirror: Option<PathBuf>,
    /// File for the places of foreign attestations.
    #[arg(long, value_name = "FILE")]
    foreign: Option<PathBuf>,
}

impl Audit {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        if !self.register.exists() {
            return Err(Failure::input(format!(
                "there is no register at {}; name the right one",
                self.register.display()
            )));
        }
        let register = Register::open(&self.register, chain.genesis(), IssuerIndex(self.issuer))?;
        let mirror = match &self.mirror {
            Some(directory) => Mirror::new(directory),
            None => Mirror::beside(&self.register),
        };
        let reports = {
            let _bar = output.talk.spinner("comparing");
            audit(&chain, &register, &mirror).await?
        };
        let foreign: usize = reports.iter().map(|report| report.foreign.len()).sum();
        if let Some(path) = &self.foreign {
            let mut csv = String::from("shard,position\n");
            for report in &reports {
                for position in &report.foreign {
                    csv.push_str(&format!("{},{}\n", report.shard, position.0));
                }
            }
            files::write(path, csv.as_bytes(), output)?;
        }
        output.result(
            &json!({ "issuer": self.issuer, "foreign": foreign, "shards": reports }),
            || describe(&reports),
        )?;
        Ok(if foreign == 0 { Status::Yes } else { Status::No })
    }
}

fn describe(reports: &[ShardReport]) -> String {
    if reports.is_empty() {
        return "the issuer has no shards".into();
    }
    let lines: Vec<String> = reports.iter().map(line).collect();
    lines.join("\n")
}

fn line(report: &ShardReport) -> String {
    format!(
        "shard {}{}: {} known, {} forgotten, {} revoked, {} to be revoked, {} foreign",
        report.shard,
        if report.revoked { " (revoked)" } else { "" },
        report.known,
        report.forgotten,
        report.empty,
        report.unrevoked.len(),
        report.foreign.len(),
    )
}
