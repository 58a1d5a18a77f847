//! `ofage checkpoint verify`.

use std::path::{Path, PathBuf};

use clap::Args;
use ofage_sdk::{
    clock,
    light::{check_checkpoint, Checkpoint, LightError},
};

use super::{fields, in_words, of_spec, read};
use crate::{
    args::{seconds, Global},
    failure::{Failure, Status},
    output::Output,
};

/// Checks a checkpoint.
#[derive(Args)]
#[command(after_help = "\
Prints YES or NO and why; the exit code is 0 or 1. The node's chain must have the checkpoint's block, made when the
checkpoint says, and lead from its authorities to the present ones: ask a node that you believe. With a specification,
nobody is asked, but it can speak for a checkpoint of the first block only.

Example:
  ofage checkpoint verify checkpoint.json --max-age 7d
  ofage checkpoint verify first.json --spec chain.json")]
pub(crate) struct VerifyCheckpoint {
    /// The checkpoint.
    #[arg(value_name = "CHECKPOINT")]
    checkpoint: PathBuf,
    /// The oldest that is good enough: 36h, 30d.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = seconds)]
    max_age: u64,
    /// Compare with this raw specification, instead of asking the node.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
}

impl VerifyCheckpoint {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let checkpoint = read(&self.checkpoint)?;
        let no = match checkpoint.check_age(clock::now(), self.max_age) {
            Err(error) => Some(("age", error.to_string())),
            Ok(()) => match &self.spec {
                Some(spec) => by_spec(&checkpoint, spec, output)?,
                None => by_node(&checkpoint, global, output).await?,
            },
        };
        let mut result = fields(&checkpoint);
        result["verified"] = no.is_none().into();
        let Some((reason, message)) = no else {
            output.result(&result, || format!("YES: {}", in_words(&checkpoint)))?;
            return Ok(Status::Yes);
        };
        result["reason"] = reason.into();
        result["message"] = message.clone().into();
        output.result(&result, || format!("NO: {message}"))?;
        Ok(Status::No)
    }
}

/// Why not, as a name and in words.
type No = Option<(&'static str, String)>;

fn by_spec(checkpoint: &Checkpoint, spec: &Path, output: &Output) -> Result<No, Failure> {
    let first = of_spec(spec, output)?;
    Ok(if first.genesis() != checkpoint.genesis() {
        Some((
            "other-chain",
            "the checkpoint is for another chain than the specification".to_owned(),
        ))
    } else if checkpoint.number() > 0 {
        return Err(Failure::usage(
            "a specification says nothing about later blocks than the first; leave --spec out and ask a node that you \
             believe, or make a newer checkpoint of your own: ofage checkpoint create --spec, then --from",
        ));
    } else if *checkpoint != first {
        Some((
            "authorities",
            "the checkpoint names other first authorities than the specification".to_owned(),
        ))
    } else {
        None
    })
}

async fn by_node(checkpoint: &Checkpoint, global: &Global, output: &Output) -> Result<No, Failure> {
    let chain = global.connect().await?;
    if chain.genesis() != checkpoint.genesis() {
        return Ok(Some((
            "other-chain",
            "the checkpoint is for another chain than the node's".to_owned(),
        )));
    }
    let _bar = output.talk.spinner("following the chain");
    match check_checkpoint(&chain, checkpoint).await {
        Ok(_) => Ok(None),
        Err(error @ LightError::OtherBlock(_)) => Ok(Some(("other-block", error.to_string()))),
        Err(error @ LightError::OtherTime(_)) => Ok(Some(("time", error.to_string()))),
        Err(error @ (LightError::Handoff(_) | LightError::Refused(_))) => {
            Ok(Some(("authorities", error.to_string())))
        }
        Err(other) => Err(other.into()),
    }
}
