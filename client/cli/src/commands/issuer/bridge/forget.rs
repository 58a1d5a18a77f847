//! `ofage issuer bridge forget`.

use clap::Args;
use serde_json::json;

use super::{now, LedgerArgs};
use crate::{
    failure::{Failure, Status},
    output::Output,
};

/// Deletes what is kept of credentials.
#[derive(Args)]
#[command(after_help = "\
What is kept is a hash of each credential's key and whose it was, so that one credential does not serve two customers. The
file is written anew, so that nothing of what was deleted is left in it.

Example:
  ofage issuer bridge forget --ledger bridge.ledger --reference customer-000017
  ofage issuer bridge forget --ledger bridge.ledger --older-than-days 365")]
pub(crate) struct Forget {
    #[command(flatten)]
    ledger: LedgerArgs,
    /// A customer; can be given several times.
    #[arg(long, value_name = "TEXT", required_unless_present = "older_than_days")]
    reference: Vec<String>,
    /// Credentials that were brought so many days ago, or earlier.
    #[arg(long, value_name = "DAYS")]
    older_than_days: Option<u32>,
}

impl Forget {
    pub(super) fn run(self, output: &Output) -> Result<Status, Failure> {
        if !self.ledger.ledger.exists() {
            let path = self.ledger.ledger.display();
            return Err(Failure::input(format!("there is no ledger {path}")));
        }
        let mut ledger = self.ledger.open()?;
        let mut forgotten = 0;
        for reference in &self.reference {
            forgotten += ledger.forget(reference)?;
        }
        if let Some(days) = self.older_than_days {
            // Days before 1900 forget nothing.
            if let Some(day) = now().day().checked_sub(days).and_then(|day| day.checked_add(1)) {
                forgotten += ledger.forget_before(day)?;
            }
        }
        output.result(&json!({ "forgotten": forgotten }), || {
            format!("{forgotten} credentials forgotten")
        })?;
        Ok(Status::Yes)
    }
}
