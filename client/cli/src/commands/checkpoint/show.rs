//! `ofage checkpoint show`.

use std::path::PathBuf;

use clap::Args;

use super::{fields, hash, in_words, read};
use crate::{
    failure::{Failure, Status},
    output::Output,
};

/// Shows a checkpoint.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage checkpoint show checkpoint.json")]
pub(crate) struct Show {
    /// The checkpoint.
    #[arg(value_name = "CHECKPOINT")]
    checkpoint: PathBuf,
}

impl Show {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let checkpoint = read(&self.checkpoint)?;
        output.result(&fields(&checkpoint), || {
            format!("{}\n  hash {}", in_words(&checkpoint), hash(checkpoint.hash()))
        })?;
        Ok(Status::Yes)
    }
}
