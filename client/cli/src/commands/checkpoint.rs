//! `ofage checkpoint`.

mod create;
mod show;
mod verify;

use std::path::Path;

use clap::Subcommand;
use ofage_sdk::{
    clock,
    light::{genesis_checkpoint, Checkpoint},
};
use serde_json::{json, Value};

use crate::{
    args::Global,
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Commands about what a verifier starts from.
#[derive(Subcommand)]
pub(crate) enum CheckpointCommand {
    /// Make a checkpoint: of the chain's specification, or a newer one of an older one.
    Create(create::Create),
    /// Show what a checkpoint holds, and how old it is.
    Show(show::Show),
    /// Check that a checkpoint is fresh, and the chain's own.
    Verify(verify::VerifyCheckpoint),
}

impl CheckpointCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Create(command) => command.run(global, output).await,
            Self::Show(command) => command.run(output),
            Self::Verify(command) => command.run(global, output).await,
        }
    }
}

/// Reads a checkpoint's file.
pub(super) fn read(path: &Path) -> Result<Checkpoint, Failure> {
    Ok(Checkpoint::from_json(&files::read(path)?)?)
}

/// The form in which a checkpoint is kept.
pub(super) fn to_file(checkpoint: &Checkpoint) -> Vec<u8> {
    let mut text = checkpoint.to_json().into_bytes();
    text.push(b'\n');
    text
}

/// The checkpoint at the first block of a specification.
fn of_spec(path: &Path, output: &Output) -> Result<Checkpoint, Failure> {
    let spec = files::read_spec(path)?;
    let _bar = output.talk.spinner("reading the specification");
    Ok(genesis_checkpoint(&spec)?)
}

/// Seconds since the checkpoint's block was made; the first block of a chain has no time.
fn age(checkpoint: &Checkpoint) -> Option<u64> {
    checkpoint.time().map(|time| clock::now().saturating_sub(time))
}

/// What is told of a checkpoint as JSON.
fn fields(checkpoint: &Checkpoint) -> Value {
    json!({
        "genesis": checkpoint.genesis().to_string(),
        "number": checkpoint.number(),
        "hash": hash(checkpoint.hash()),
        "set": checkpoint.set().id(),
        "authorities": checkpoint.set().keys().len(),
        "time": checkpoint.time(),
        "age_seconds": age(checkpoint),
    })
}

/// The same in words.
fn in_words(checkpoint: &Checkpoint) -> String {
    let age = match age(checkpoint) {
        Some(age) => format!("{age} seconds old"),
        None => "of no age: the first block".to_owned(),
    };
    format!(
        "block {} of chain {}, {age}; set {} of {} authorities",
        checkpoint.number(),
        checkpoint.genesis(),
        checkpoint.set().id(),
        checkpoint.set().keys().len(),
    )
}

/// A hash as the chain's tools write it.
pub(super) fn hash(bytes: [u8; 32]) -> String {
    format!("0x{}", hex::encode(bytes))
}
