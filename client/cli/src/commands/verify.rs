//! `ofage verify`.

use std::{
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::{ArgGroup, Args};
use ofage_primitives::{GateId, Presentation};
use ofage_sdk::{
    account::Account,
    chain::Chain,
    clock,
    light::{newest, Bundle, Freshness, LightVerifier, Live, Oldest, MAX_LIVE_AGE, MAX_STATE_AGE},
    private_file::Lock,
    request::Challenge,
    verify::{
        store::{FileStore, MemoryStore},
        Expected, NullifierStore, Refusal, Verified, Verifier, VerifyError,
    },
};
use serde_json::json;

use crate::{
    args::{account, seconds, Global},
    commands::{checkpoint, gate},
    failure::{Failure, Status},
    files,
    light_args::LightArgs,
    output::Output,
};

/// Checks a presentation.
#[derive(Args)]
#[command(
    group = ArgGroup::new("trustless").args(["checkpoint", "light"]),
    after_help = "\
Prints YES or NO and why; the exit code is 0 or 1. Without --seen, it is not checked whether the holder verified
another account before.

The node of --node is believed about the chain. With --checkpoint, nobody is asked: the wallet brings a bundle, and all of it
follows from the checkpoint. With --light, the command follows the chain itself, from its specification.

Example:
  ofage verify proof.json --challenge challenge.json --seen seen.jsonl
  ofage verify proof.json --gate 0 --account dev:Bob
  ofage verify proof.ofab --checkpoint checkpoint.json --update-checkpoint --challenge challenge.json --oldest-anchor 300b
  ofage verify proof.json --light --spec chain.json --challenge challenge.json"
)]
pub(crate) struct Verify {
    /// The presentation, or a bundle with one.
    #[arg(value_name = "PRESENTATION")]
    presentation: PathBuf,
    /// The challenge that it must answer.
    #[arg(long, value_name = "FILE", required_unless_present = "gate", conflicts_with_all = ["gate", "account"])]
    challenge: Option<PathBuf>,
    /// The gate for which it must be.
    #[arg(long, value_name = "GATE", requires = "account")]
    gate: Option<u32>,
    /// The account for which it must be.
    #[arg(long, value_name = "ACCOUNT", value_parser = account, requires = "gate")]
    account: Option<Account>,
    /// File of the pseudonyms seen so far; it is made when absent.
    #[arg(long, value_name = "FILE")]
    seen: Option<PathBuf>,
    /// Start from this checkpoint, without network.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The oldest checkpoint that is taken: 36h, 30d.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = seconds, requires = "checkpoint")]
    max_checkpoint_age: u64,
    /// Keep the newer checkpoint that the bundle leads to, in the same file.
    #[arg(long, requires = "checkpoint")]
    update_checkpoint: bool,
    /// The oldest final state that may speak for the proof: how long a revocation may go unseen. An hour for a bundle, and
    /// 5 minutes for --light, unless given.
    #[arg(long, value_name = "TIME", value_parser = seconds, requires = "trustless")]
    max_state_age: Option<u64>,
    /// The oldest anchor that is taken, beside what the policy says: 300b for blocks, or 90s, 30m, 2h, 1d.
    #[arg(long, value_name = "AGE", requires = "trustless")]
    oldest_anchor: Option<Oldest>,
    #[command(flatten)]
    light: LightArgs,
}

/// Who speaks for the chain.
#[derive(Clone, Copy)]
enum Trust {
    /// A node, which is believed.
    Node,
    /// The authorities' signatures in a bundle.
    Bundle,
    /// The same, as this command follows them.
    Light,
}

impl Trust {
    const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Bundle => "bundle",
            Self::Light => "light",
        }
    }
}

impl Verify {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        if let Some(path) = &self.checkpoint {
            return self.by_bundle(path, output);
        }
        let live = self.light.start(output).await?;
        let trust = if live.is_some() { Trust::Light } else { Trust::Node };
        let presentation = match read(&self.presentation)? {
            Ok(presentation) => presentation,
            Err(refusal) => return say_no(&refusal, trust, output),
        };
        let verifier = Verifier::new();
        let (decided, started) = match live {
            Some(live) => {
                let bar = output.talk.spinner("following the chain");
                let freshness = self.freshness(MAX_LIVE_AGE);
                // First of all: what a gate asks is read from this block's state, or a newer one's.
                newest(&live, freshness.state).await?;
                let expected = self.expected_live(&live).await?;
                let mut store = self.store()?;
                let started = Instant::now();
                let decided = verifier
                    .verify_live(&live, &freshness, &presentation, &expected, &mut *store)
                    .await;
                drop(bar);
                (decided, started)
            }
            None => {
                let chain = global.connect().await?;
                let expected = self.expected(&chain).await?;
                let mut store = self.store()?;
                let started = Instant::now();
                let decided = verifier
                    .verify(&chain, &presentation, &expected, &mut *store)
                    .await;
                (decided, started)
            }
        };
        say(decided, started, trust, output)
    }

    /// Decides without network.
    fn by_bundle(&self, path: &Path, output: &Output) -> Result<Status, Failure> {
        let Some(challenge) = &self.challenge else {
            return Err(Failure::usage(
                "what a gate asks is on the chain, which --checkpoint does not read; use --light --spec",
            ));
        };
        if self.update_checkpoint && files::is_dash(path) {
            return Err(Failure::usage("--update-checkpoint needs a file to write to"));
        }
        let expected = Challenge::from_json(&files::read(challenge)?)?.expected();
        // Two that go on from one file at once could lead it back.
        let _lock = self.update_checkpoint.then(|| lock(path)).transpose()?;
        let checkpoint = checkpoint::read(path)?;
        if expected.genesis() != checkpoint.genesis() {
            return Err(Failure::input(
                "challenge and checkpoint are for two chains; use a checkpoint of the challenge's",
            ));
        }
        let now = clock::now();
        let mut light = LightVerifier::new(
            checkpoint.clone(),
            self.freshness(MAX_STATE_AGE),
            now,
            self.max_checkpoint_age,
        )?;
        let bytes = files::read(&self.presentation)?;
        let bundle = match Bundle::from_bytes(&bytes) {
            Ok(bundle) => bundle,
            Err(_) if Refusal::read(&bytes).is_ok() => {
                return Err(Failure::input(
                    "a presentation alone does not show what the chain made final; have the wallet bring a bundle \
                     (ofage wallet prove --bundle FILE --bundle-from CHECKPOINT), or use --light --spec",
                ))
            }
            Err(error) => return say_no(&error.into(), Trust::Bundle, output),
        };
        let mut store = self.store()?;
        let started = Instant::now();
        let decided = Verifier::new().verify_bundle(&mut light, &bundle, &expected, &mut *store);
        if self.update_checkpoint && *light.checkpoint() != checkpoint {
            files::write(path, &checkpoint::to_file(light.checkpoint()), output)?;
            output.talk.say("the checkpoint is renewed");
        }
        say(decided, started, Trust::Bundle, output)
    }

    fn freshness(&self, usual: u64) -> Freshness {
        Freshness {
            state: self.max_state_age.unwrap_or(usual),
            anchor: self.oldest_anchor,
        }
    }

    fn store(&self) -> Result<Box<dyn NullifierStore + Send>, Failure> {
        Ok(match &self.seen {
            Some(path) => Box::new(FileStore::open(path)?),
            None => Box::new(MemoryStore::default()),
        })
    }

    async fn expected(&self, chain: &Chain) -> Result<Expected, Failure> {
        match self.asked()? {
            Asked::Challenge(expected) => Ok(*expected),
            Asked::Gate(number, account) => {
                let gate = gate::find(chain, chain.finalized().await?, number).await?;
                Ok(Expected::gate(chain.genesis(), &gate, account.0))
            }
        }
    }

    async fn expected_live(&self, live: &Live) -> Result<Expected, Failure> {
        match self.asked()? {
            Asked::Challenge(expected) if expected.genesis() != live.genesis() => Err(Failure::input(
                "challenge and specification are for two chains; use the specification of the challenge's",
            )),
            Asked::Challenge(expected) => Ok(*expected),
            Asked::Gate(number, account) => {
                let gate = live
                    .gate(number)
                    .await?
                    .ok_or_else(|| Failure::input(format!("the chain has no gate {number}")))?;
                Ok(Expected::gate(live.genesis(), &gate, account.0))
            }
        }
    }

    fn asked(&self) -> Result<Asked, Failure> {
        if let Some(path) = &self.challenge {
            let challenge = Challenge::from_json(&files::read(path)?)?;
            return Ok(Asked::Challenge(Box::new(challenge.expected())));
        }
        let (Some(number), Some(account)) = (self.gate, self.account) else {
            return Err(Failure::usage("name a challenge, or a gate and an account"));
        };
        Ok(Asked::Gate(GateId(number), account))
    }
}

/// Keeps other processes from the checkpoint's file.
fn lock(path: &Path) -> Result<Lock, Failure> {
    Lock::take(path).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => Failure::input(format!(
            "another process works with {}; try again when it has finished",
            path.display()
        )),
        _ => Failure::input(format!("cannot lock {}: {error}", path.display())),
    })
}

/// What the presentation has to answer.
enum Asked {
    Challenge(Box<Expected>),
    Gate(GateId, Account),
}

/// Reads a presentation, alone or in a bundle; what is none is a "no", since anybody may have sent it.
pub(super) fn read(path: &Path) -> Result<Result<Presentation, Refusal>, Failure> {
    let bytes = files::read(path)?;
    if !Bundle::is_one(&bytes) {
        return Ok(Refusal::read(&bytes));
    }
    Ok(Bundle::from_bytes(&bytes)
        .map(|bundle| bundle.presentation)
        .map_err(Refusal::from))
}

fn say(
    decided: Result<Verified, VerifyError>,
    started: Instant,
    trust: Trust,
    output: &Output,
) -> Result<Status, Failure> {
    let verify_ms = started.elapsed().as_millis() as u64;
    match decided {
        Ok(verified) => say_yes(&verified, verify_ms, trust, output),
        Err(VerifyError::No(refusal)) => say_no(&refusal, trust, output),
        Err(other) => Err(other.into()),
    }
}

fn say_yes(verified: &Verified, verify_ms: u64, trust: Trust, output: &Output) -> Result<Status, Failure> {
    let policy = verified.policy();
    let (age, list) = (policy.age, policy.trust_list);
    let state_age = verified
        .state_time()
        .map(|time| clock::now().saturating_sub(time));
    let result = json!({
        "verified": true,
        "age": age.to_string(),
        "context": verified.context(),
        "binding": verified.binding(),
        "nullifier": verified.nullifier(),
        "issuers": policy.issuers,
        "issuer_tags": verified.issuer_tags(),
        "anchor": verified.anchor().block,
        "finalized": verified.finalized(),
        "verify_ms": verify_ms,
        "trust": trust.name(),
        "state_age_seconds": state_age,
        "final": {
            "number": verified.finalized(),
            "hash": checkpoint::hash(verified.finalized_hash()),
        },
    });
    output.result(&result, || {
        let by = match policy.issuers {
            1 => "an issuer".to_owned(),
            several => format!("{several} different issuers"),
        };
        let state = state_age.map_or_else(String::new, |age| {
            format!(", by the chain's state of {age} seconds ago")
        });
        format!("YES: {age}, attested by {by} of trust list {list}{state}")
    })?;
    Ok(Status::Yes)
}

fn say_no(refusal: &Refusal, trust: Trust, output: &Output) -> Result<Status, Failure> {
    let result = json!({
        "verified": false,
        "reason": refusal.code(),
        "message": refusal.to_string(),
        "trust": trust.name(),
    });
    output.result(&result, || format!("NO: {refusal}"))?;
    Ok(Status::No)
}
