//! `ofage issuer forget`.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::IssuerIndex;
use ofage_sdk::issuer::{
    register::{Forgotten, Register},
    targets::{self, Target},
};
use serde_json::json;

use crate::{
    args::Global,
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Deletes what is not needed to revoke.
#[derive(Args)]
#[command(after_help = "\
What stays of a customer is the reference and the place of the attestation. Of one that is revoked, nothing stays. The
file is written anew, so that nothing of what was deleted is left in it. Copies and backups are yours to delete.

Example:
  ofage issuer forget --register issuer.register --issuer 0 --reference customer-000017
  ofage issuer forget --register issuer.register --issuer 0 --csv handed-out.csv")]
pub(crate) struct Forget {
    /// The issuer's record.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// Whose record it is.
    #[arg(long, value_name = "ISSUER")]
    issuer: u32,
    /// A customer; can be given several times.
    #[arg(long, value_name = "TEXT", required_unless_present = "csv")]
    reference: Vec<String>,
    /// CSV file with a column reference.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Forget {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let mut targets: Vec<Target> = match &self.csv {
            Some(path) => targets::read(files::open(path)?)?,
            None => Vec::new(),
        };
        targets.extend(
            self.reference
                .into_iter()
                .map(|text| Target::Reference(text, None)),
        );
        if !self.register.exists() {
            return Err(Failure::input(format!(
                "there is no register {}",
                self.register.display()
            )));
        }
        let chain = global.connect().await?;
        let register = Register::open(&self.register, chain.genesis(), IssuerIndex(self.issuer))?;
        let (mut forgotten, mut entirely, mut waiting, mut unknown) = (0, 0, 0, 0);
        for target in targets {
            let Target::Reference(reference, _) = target else {
                return Err(Failure::usage(
                    "the file needs a column reference: places are not deleted",
                ));
            };
            match register.forget(&reference)? {
                Forgotten::Yes => forgotten += 1,
                Forgotten::Entirely => entirely += 1,
                Forgotten::NotYet => waiting += 1,
                Forgotten::Unknown => unknown += 1,
            }
        }
        drop(register.shred()?);
        let result = json!({
            "forgotten": forgotten,
            "forgotten_entirely": entirely,
            "not_final_yet": waiting,
            "unknown": unknown,
        });
        output.result(&result, || {
            format!(
                "{forgotten} forgotten but for their places, {entirely} entirely; {waiting} are on their way and \
                 stay, {unknown} unknown"
            )
        })?;
        Ok(if waiting > 0 { Status::No } else { Status::Yes })
    }
}
