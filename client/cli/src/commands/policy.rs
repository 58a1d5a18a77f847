//! `ofage policy`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    failure::{Failure, Status},
    files,
    output::Output,
    policy_args::PolicyArgs,
};

/// Writes a policy.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage policy --list 0 --over 18 --out adults.json")]
pub(crate) struct PolicyCommand {
    #[command(flatten)]
    policy: PolicyArgs,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

impl PolicyCommand {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let mut text = serde_json::to_vec_pretty(&self.policy.policy()?)?;
        text.push(b'\n');
        files::deliver(&self.out, &text, "policy", output)?;
        Ok(Status::Yes)
    }
}
