//! `ofage council vote`, `close` and `status`.

use clap::Args;
use ofage_sdk::council::{CallHash, Council, CouncilError, Motion, Outcome};
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
Says what each motion does before it votes, and does not ask. The safe way is to look at the motions first, with ofage
council status and a node of your own, and to name the hashes that it showed: then the vote is for what you looked at. A
motion whose call cannot be read can only be voted against.

Example:
  ofage council vote --motion 3 --hash 0xcc62ef00986a3baed4bd9b2f2ef2fa49bb2d82a18e1d6d3d9f44dd5a54f0c1ba --key-file member.key")]
pub(crate) struct Vote {
    /// Number of a motion; can be given several times.
    #[arg(long = "motion", value_name = "N", required = true)]
    motions: Vec<u32>,
    /// Hash of a motion, as status showed it; then there is one for each motion, in any order, or no vote at all.
    #[arg(long = "hash", value_name = "HASH")]
    hashes: Vec<CallHash>,
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
        compare(&motions, &self.hashes)?;
        // Before any vote, rather than between two.
        if let Some(motion) = motions
            .iter()
            .find(|motion| !self.against && motion.decoded.is_none())
        {
            return Err(CouncilError::Unreadable(motion.index).into());
        }
        let mut votes = Vec::new();
        for motion in &motions {
            output.talk.say(&plain(&describe(motion)));
            let landed = {
                let _bar = output.talk.spinner("waiting until the vote is final");
                council.vote(&signer, motion, !self.against).await?
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

/// Whether the motions have the hashes that were given, if some were.
fn compare(motions: &[Motion], hashes: &[CallHash]) -> Result<(), Failure> {
    if hashes.is_empty() {
        return Ok(());
    }
    for motion in motions {
        if !hashes.contains(&motion.hash) {
            return Err(Failure::usage(format!(
                "motion {} has the hash {}, which is none of those given; look at it again (ofage council status)",
                motion.index, motion.hash
            )));
        }
    }
    for hash in hashes {
        if motions.iter().all(|motion| motion.hash != *hash) {
            return Err(Failure::usage(format!(
                "none of the motions named has the hash {hash}; name its motion too"
            )));
        }
    }
    Ok(())
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
    let call = match &motion.decoded {
        Some(call) => call.to_string(),
        None => format!("a call that cannot be read, of {} bytes", motion.call.len()),
    };
    format!(
        "motion {}: {call}{about}\n  {} of {} votes, {} against; open until block {}; hash {}",
        motion.index,
        motion.ayes.len(),
        motion.threshold,
        motion.nays.len(),
        motion.end,
        motion.hash,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn motion(index: u32, call: u8) -> Motion {
        Motion {
            index,
            hash: CallHash([call; 32]),
            threshold: 2,
            ayes: Vec::new(),
            nays: Vec::new(),
            end: 900,
            call: vec![call; 40],
            decoded: None,
            about: None,
        }
    }

    #[test]
    fn a_vote_is_for_the_hashes_given() {
        let motions = [motion(3, 0xaa), motion(4, 0xbb)];
        let [a, b, c] = [0xaa, 0xbb, 0xcc].map(|byte| CallHash([byte; 32]));
        for good in [&[][..], &[a, b], &[b, a], &[a, b, a]] {
            assert!(compare(&motions, good).is_ok(), "{good:?}");
        }
        for wrong in [&[a][..], &[b], &[c], &[a, c], &[a, b, c]] {
            assert!(compare(&motions, wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_motion_that_cannot_be_read_is_shown_as_such() {
        let motion = motion(3, 0xaa);
        let shown = describe(&motion);
        assert!(
            shown.starts_with("motion 3: a call that cannot be read, of 40 bytes"),
            "{shown}"
        );
        assert!(shown.contains(&motion.hash.to_string()), "{shown}");
        let document = document(&motion);
        assert_eq!(document["call"], Value::Null);
        assert_eq!(document["hash"], motion.hash.to_string());
    }
}
