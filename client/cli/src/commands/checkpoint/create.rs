//! `ofage checkpoint create`.

use std::path::PathBuf;

use clap::Args;
use ofage_sdk::light::advance_checkpoint;

use super::{fields, in_words, of_spec, read, to_file};
use crate::{
    args::Global,
    failure::{Failure, Status},
    files,
    output::Output,
};

/// Makes a checkpoint.
#[derive(Args)]
#[command(after_help = "\
A specification gives the checkpoint at the first block, without network. --from follows the chain from an older
checkpoint to the newest final block: the node brings handoffs that the authorities signed, and is believed nothing.

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
                let chain = global.connect().await?;
                let _bar = output.talk.spinner("following the chain");
                advance_checkpoint(&chain, &from).await?
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
}
