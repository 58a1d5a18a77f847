//! `ofage council vote`, `close` and `status`.

use clap::Args;
use ofage_sdk::council::{Council, Motion, Outcome};
use serde_json::{json, Value};

use crate::{
    args::{Global, KeyArgs},
    failure::{Failure, Status},
    output::Output,
    talk::plain,
};

/// Votes on motions.
#[derive(Args)]
#[command(after_help = "\
Says what each motion does before it votes. Look at them in good time: ofage council status.

Example:
  ofage council vote --motion 3 --motion 4 --key-file member.key")]
pub(crate) struct Vote {
    /// Number of a motion; can be given several times.
    #[arg(long = "motion", value_name = "N", required = true)]
    motions: Vec<u32>,
    /// Vote against them.
    #[arg(long)]
    against: bool,
    #[command(flatten)]
    key: KeyArgs,
}

/// Closes motions.
#[derive(Args)]
#[command(after_help = "\
Anybody may, once enough members voted, or the time for it is over. The exit code is 1 if one of them was not carried.

Example:
  ofage council close --motion 3 --motion 4 --dev-key Alice")]
pub(crate) struct Close {
    /// Number of a motion; can be given several times.
    #[arg(long = "motion", value_name = "N", required = true)]
    motions: Vec<u32>,
    #[command(flatten)]
    key: KeyArgs,
}

/// Shows the open motions.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage council status --json")]
pub(crate) struct StatusCommand {}

impl Vote {
    pub(crate) async fn run(mut self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let chain = global.connect().await?;
        let council = Council::new(&chain);
        self.motions.sort_unstable();
        self.motions.dedup();
        let mut motions = Vec::new();
        for index in &self.motions {
            motions.push(council.motion(*index).await?);
        }
        let mut votes = Vec::new();
        for motion in &motions {
            output.talk.say(&plain(&describe(motion)));
            let landed = {
                let _bar = output.talk.spinner("waiting until the vote is final");
                council.vote(&signer, motion.opened(), !self.against).await?
            };
            votes.push(json!({
                "motion": motion.index,
                "hash": motion.hash,
                "call": motion.decoded,
                "about": motion.about,
                "approve": !self.against,
                "block": landed.block.number,
            }));
        }
        output.result(&votes, || {
            let numbers: Vec<String> = self.motions.iter().map(u32::to_string).collect();
            let side = if self.against { "against" } else { "for" };
            format!("voted {side} motion {}", numbers.join(" and "))
        })?;
        Ok(Status::Yes)
    }
}

impl Close {
    pub(crate) async fn run(mut self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let signer = self.key.signer()?;
        let chain = global.connect().await?;
        let council = Council::new(&chain);
        // The one that puts the call on the whitelist was opened first.
        self.motions.sort_unstable();
        self.motions.dedup();
        let mut status = Status::Yes;
        let (mut documents, mut texts) = (Vec::new(), Vec::new());
        for index in self.motions {
            let motion = council.motion(index).await?;
            let (landed, outcome) = {
                let _bar = output.talk.spinner("waiting until it is final");
                council.close(&signer, &motion).await?
            };
            let (code, text) = match outcome {
                Outcome::Whitelisted => ("whitelisted", "carried; its call is on the whitelist"),
                Outcome::Dispatched => ("dispatched", "carried, and done"),
                Outcome::Executed => ("executed", "carried, and executed"),
                _ => {
                    status = Status::No;
                    ("not-carried", "not carried")
                }
            };
            documents.push(json!({ "motion": index, "outcome": code, "block": landed.block.number }));
            texts.push(format!("motion {index} was {text}"));
        }
        output.result(&documents, || texts.join("\n"))?;
        Ok(status)
    }
}

impl StatusCommand {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let chain = global.connect().await?;
        let motions = Council::new(&chain).motions().await?;
        let documents: Vec<Value> = motions.iter().map(document).collect();
        output.result(&documents, || match motions.as_slice() {
            [] => "no open motions".into(),
            motions => motions
                .iter()
                .map(|motion| plain(&describe(motion)))
                .collect::<Vec<_>>()
                .join("\n"),
        })?;
        Ok(Status::Yes)
    }
}

fn document(motion: &Motion) -> Value {
    json!({
        "motion": motion.index,
        "hash": motion.hash,
        "call": motion.decoded,
        "about": motion.about,
        "threshold": motion.threshold,
        "ayes": motion.ayes,
        "nays": motion.nays,
        "end": motion.end,
    })
}

fn describe(motion: &Motion) -> String {
    let about = match &motion.about {
        Some(call) => format!("\n  which is {call}"),
        None => String::new(),
    };
    format!(
        "motion {}: {}{about}\n  {} of {} votes, {} against; open until block {}; hash {}",
        motion.index,
        motion.decoded,
        motion.ayes.len(),
        motion.threshold,
        motion.nays.len(),
        motion.end,
        motion.hash,
    )
}
