//! `ofage issuer bridge`.

mod ask;
mod check;
mod forget;

use std::{path::PathBuf, thread, time::Duration};

use clap::{Args, Subcommand};
use ofage_bridge::{Ledger, LedgerError, Moment};
use ofage_sdk::clock;

use crate::{
    failure::{Failure, Status},
    output::Output,
};

/// Commands may run side by side, each for another customer: one waits for the other, up to ten seconds.
const TRIES: u32 = 200;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Commands about credentials that customers already hold.
#[derive(Subcommand)]
pub(crate) enum Bridge {
    /// Make a request for a credential that tells an age: its nonce, and what a wallet is asked.
    Challenge(ask::Challenge),
    /// Check the credential that a wallet presented, and write the row to attest.
    Check(Box<check::Check>),
    /// Delete what is kept of credentials that customers brought.
    Forget(forget::Forget),
}

impl Bridge {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Challenge(command) => command.run(output),
            Self::Check(command) => command.run(output),
            Self::Forget(command) => command.run(output),
        }
    }
}

/// Where requests and credentials are remembered.
#[derive(Args)]
struct LedgerArgs {
    /// The record of requests and credentials; begun if there is none.
    #[arg(long, value_name = "FILE")]
    ledger: PathBuf,
}

impl LedgerArgs {
    /// Opens the record; another command may have it for a moment.
    fn open(&self) -> Result<Ledger, Failure> {
        for _ in 0..TRIES {
            match Ledger::open(&self.ledger) {
                Err(LedgerError::Busy(_)) => thread::sleep(BETWEEN_TRIES),
                opened => return Ok(opened?),
            }
        }
        Ok(Ledger::open(&self.ledger)?)
    }
}

fn now() -> Moment {
    Moment(clock::now())
}
