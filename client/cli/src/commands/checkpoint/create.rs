//! `ofage checkpoint create`.

use std::path::PathBuf;

use clap::Args;
use ofage_sdk::{
    clock,
    light::{advance_checkpoint, Checkpoint, MAX_STATE_AGE},
};

use super::{fields, in_words, of_spec, read, to_file};
use crate::{
    args::{seconds, Global},
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Makes a checkpoint.
#[derive(Args)]
#[command(after_help = "\
A specification gives the checkpoint at the first block, without network. --from follows the chain from an older
checkpoint to the newest final block: the node brings handoffs that the authorities signed, and is believed nothing. Only
a checkpoint that is not too old is gone on from: who left long ago may have sold the keys that would speak for it.

Example:
  ofage checkpoint create --spec chain.json --out checkpoint.json
  ofage checkpoint create --from checkpoint.json --node wss://node.example --out checkpoint.json")]
pub(crate) struct Create {
    /// The chain's raw specification.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "from",
        required_unless_present = "from"
    )]
    spec: Option<PathBuf>,
    /// An older checkpoint.
    #[arg(long, value_name = "CHECKPOINT")]
    from: Option<PathBuf>,
    /// The oldest checkpoint that is gone on from: 36h, 30d.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = seconds, requires = "from")]
    max_age: u64,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

impl Create {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let checkpoint = match (&self.spec, &self.from) {
            (Some(spec), _) => of_spec(spec, output)?,
            (None, Some(from)) => {
                let from = read(from)?;
                from.check_age(clock::now(), self.max_age)?;
                let chain = global.connect().await?;
                let bar = output.talk.spinner("following the chain");
                let newest = advance_checkpoint(&chain, &from).await?;
                drop(bar);
                self.warn(&from, &newest, output);
                newest
            }
            (None, None) => {
                return Err(Failure::usage(
                    "name a specification, or a checkpoint to go on from",
                ))
            }
        };
        files::write(&self.out, &to_file(&checkpoint), output)?;
        let told = in_words(&checkpoint);
        if files::is_dash(&self.out) {
            output.talk.say(&told);
            return Ok(Status::Yes);
        }
        let mut result = fields(&checkpoint);
        result["checkpoint"] = self.out.display().to_string().into();
        output.result(&result, || format!("wrote {}: {told}", self.out.display()))?;
        Ok(Status::Yes)
    }

    /// Says what may not be what was wanted.
    fn warn(&self, from: &Checkpoint, newest: &Checkpoint, output: &Output) {
        if from.time().is_none() {
            output.talk.say(
                "note: it follows from the chain's first authorities, who are believed whatever became of their keys",
            );
        }
        if newest == from {
            output
                .talk
                .say("note: the node has nothing newer than the old checkpoint");
        } else if newest.check_age(clock::now(), MAX_STATE_AGE).is_err() {
            output
                .talk
                .say("note: the node's newest final block is old; ask another node, too");
        }
    }
}
