//! `ofage wallet prove`.

use std::path::PathBuf;

use clap::Args;
use ofage_primitives::GateId;
use ofage_prover::Prover;
use ofage_sdk::{
    account::Account,
    chain::{BlockPoint, Chain, ChainError, RuntimeCalls},
    clock,
    light::{fetch_bundle, Bundle, Checkpoint},
    request::Challenge,
    retrieval::Source,
    wallet::{menu::MIN_ISSUERS, Ask, Consent, Planned, Proved, Refreshed, SlotChoice, When},
};
use serde_json::json;

use super::light_source;
use crate::{
    args::{account, Global, WalletArgs},
    commands::{checkpoint, gate},
    failure::{Failure, Status},
    files,
    light_args::LightArgs,
    output::Output,
    policy_args::in_words,
};

/// Blocks for which a gate takes the proof, unless told otherwise: some ten minutes.
const VALID_BLOCKS: u32 = 100;

/// Proves.
#[derive(Args)]
#[command(after_help = "\
--bundle also writes the presentation with all that a verifier without network needs: the final block whose state speaks
for it, and what leads there from the verifier's checkpoint, or any older one. It is checked before it is written.

Example:
  ofage wallet prove --wallet ann.age --gate 0 --account dev:Bob --out proof.json
  ofage wallet prove --wallet ann.age --challenge challenge.json --out proof.json
  ofage wallet prove --wallet ann.age --gate 0 --account dev:Bob --light --spec chain.json --out proof.json
  ofage wallet prove --wallet ann.age --challenge challenge.json --out proof.json --bundle proof.ofab --bundle-from checkpoint.json")]
pub(crate) struct Prove {
    #[command(flatten)]
    wallet: WalletArgs,
    /// The gate to enter.
    #[arg(
        long,
        value_name = "GATE",
        requires = "account",
        required_unless_present = "challenge"
    )]
    gate: Option<u32>,
    /// The account to be admitted.
    #[arg(long, value_name = "ACCOUNT", value_parser = account, requires = "gate")]
    account: Option<Account>,
    /// The app's challenge.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gate", "account"])]
    challenge: Option<PathBuf>,
    /// Use this slot, instead of the account's own or the first free one.
    #[arg(long, value_name = "N")]
    slot: Option<u8>,
    /// Fetch now, and prove against the newest block instead of the epoch's, which other wallets share.
    #[arg(long)]
    newest: bool,
    /// Blocks for which the gate takes the proof.
    #[arg(long, value_name = "N", default_value_t = VALID_BLOCKS, conflicts_with = "challenge")]
    valid_blocks: u32,
    /// Issuers that the trust list must hold, so that the proof does not tell yours; for a policy of several issuers, as
    /// many more.
    #[arg(long, value_name = "N", default_value_t = MIN_ISSUERS)]
    min_issuers: usize,
    /// Agree that the app or gate learns more than it knows of your age, or of how many issuers know you.
    #[arg(long)]
    consent_narrowing: bool,
    /// Where to.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Where to write the bundle, which is binary.
    #[arg(long, value_name = "FILE", requires = "bundle_from")]
    bundle: Option<PathBuf>,
    /// The verifier's checkpoint, or an older one of its chain.
    #[arg(long, value_name = "CHECKPOINT", requires = "bundle")]
    bundle_from: Option<PathBuf>,
    #[command(flatten)]
    light: LightArgs,
}

/// A proof, and how it came about.
struct Made {
    proved: Proved,
    planned: Planned,
    refreshed: Refreshed,
}

impl Prove {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        if files::is_dash(&self.out) && self.bundle.as_deref().is_some_and(files::is_dash) {
            return Err(Failure::usage("presentation and bundle cannot both go to stdout"));
        }
        let from = self.bundle_from.as_deref().map(checkpoint::read).transpose()?;
        let chain = global.connect().await?;
        if let Some(from) = &from {
            chain.expect_genesis(from.genesis())?;
        }
        let Made {
            proved,
            planned,
            refreshed,
        } = match light_source(&self.light, &chain, output).await? {
            Some(source) => self.prove(&source, output).await?,
            None => self.prove(&chain, output).await?,
        };
        self.write(&proved, output)?;
        let bundle = self.attach(&chain, &proved, from.as_ref(), output).await?;
        self.tell(&proved, planned, refreshed, bundle.as_ref(), output)?;
        Ok(Status::Yes)
    }

    async fn prove<S: Source + RuntimeCalls>(&self, source: &S, output: &Output) -> Result<Made, Failure> {
        let head = source.finalized().await?;
        let ask = self.ask(source, head).await?;
        let consent = Consent {
            narrowing: self.consent_narrowing,
            min_issuers: self.min_issuers,
        };
        let slot = self.slot.map_or(SlotChoice::Auto, SlotChoice::Forced);
        let mut wallet = self.wallet.open(output)?;
        let planned: Planned = wallet.plan(&ask, slot, consent)?;
        let when = if self.newest { When::Now } else { When::EpochOver };
        let prover = {
            let _bar = output.talk.spinner("getting ready to prove");
            Prover::new()
        };
        let bar = output.talk.bar(0, "fetching shards");
        let refreshed = wallet
            .prepare_for(&ask, source, when, &mut |done, total| bar.set(done, total))
            .await?;
        drop(bar);
        let proved = wallet.prove(&ask, planned, consent, &prover)?;
        Ok(Made {
            proved,
            planned,
            refreshed,
        })
    }

    /// Writes the bundle, if one is wanted.
    async fn attach(
        &self,
        chain: &Chain,
        proved: &Proved,
        from: Option<&Checkpoint>,
        output: &Output,
    ) -> Result<Option<Bundle>, Failure> {
        let (Some(path), Some(from)) = (&self.bundle, from) else {
            return Ok(None);
        };
        let bundle = {
            let _bar = output
                .talk
                .spinner("gathering what a verifier without network needs");
            fetch_bundle(chain, &proved.presentation, from).await?
        };
        files::write(path, &bundle.to_bytes(), output)?;
        Ok(Some(bundle))
    }

    async fn ask<S: Source + RuntimeCalls>(&self, source: &S, head: BlockPoint) -> Result<Ask, Failure> {
        let today = clock::today()?;
        if let Some(path) = &self.challenge {
            let challenge = Challenge::from_json(&files::read(path)?)?;
            let (expected, found) = (challenge.genesis, source.genesis());
            if expected != found {
                return Err(ChainError::OtherChain { expected, found }.into());
            }
            return Ok(Ask::challenge(&challenge, clock::now(), today)?);
        }
        let (Some(number), Some(account)) = (self.gate, self.account) else {
            return Err(Failure::usage("name a gate and an account, or a challenge"));
        };
        let gate = gate::find(source, head, GateId(number)).await?;
        let expires_at = head.number.saturating_add(self.valid_blocks);
        Ask::gate(source.genesis(), &gate, account, expires_at, today)
            .ok_or_else(|| Failure::input("the gate's admissions last beyond the supported dates"))
    }

    fn write(&self, proved: &Proved, output: &Output) -> Result<(), Failure> {
        let mut text = serde_json::to_vec_pretty(&proved.presentation)?;
        text.push(b'\n');
        files::write(&self.out, &text, output)
    }

    fn tell(
        &self,
        proved: &Proved,
        planned: Planned,
        refreshed: Refreshed,
        bundle: Option<&Bundle>,
        output: &Output,
    ) -> Result<(), Failure> {
        let presentation = &proved.presentation;
        let prove_ms = proved.proving.as_millis() as u64;
        let told = format!(
            "proved {} in slot {}, {prove_ms} ms",
            in_words(&presentation.policy),
            planned.slot()
        );
        if files::is_dash(&self.out) {
            output.talk.say(&told);
            return Ok(());
        }
        let mut result = json!({
            "presentation": self.out.display().to_string(),
            "context": presentation.context,
            "slot": planned.slot(),
            "issuers": presentation.policy.issuers,
            "fetched": refreshed.asked,
            "anchor": presentation.anchor.block,
            "proof_bytes": presentation.proof.len(),
            "prove_ms": prove_ms,
        });
        if let (Some(path), Some(bundle)) = (&self.bundle, bundle) {
            result["bundle"] = path.display().to_string().into();
            result["bundle_bytes"] = bundle.to_bytes().len().into();
            result["handoffs"] = bundle.handoffs.len().into();
        }
        output.result(&result, || told)
    }
}
