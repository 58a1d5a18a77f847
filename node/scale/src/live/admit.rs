//! How many admissions a block of the real node takes.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{ensure, Context, Result};
use codec::{Decode, Encode};
use ofage_primitives::{chain::AdmitRequest, Anchor, Day, GateId};
use ofage_runtime::{Hash, Runtime};
use serde_json::{json, Value};

use super::{submit, Live, Seen};
use crate::{
    limits,
    proofs::Proofs,
    report::{millis, rounded, Table},
    scene::{self, Statements, BATCH},
};

/// Block that the requests are proved against: always the same one, so that proofs can be kept.
const ANCHOR: u32 = 8;
/// Requests that are sent one by one, and in batches.
const SINGLE: usize = 250;
const BATCHED: usize = 1_000;
/// Connections that send at the same time.
const CONNECTIONS: usize = 4;
/// The longest wait until all are admitted, in blocks.
const BLOCKS: u32 = 30;

/// A chain with a gate, and requests that it would take.
pub(crate) struct Stage {
    /// The validator.
    pub(crate) validator: Live,
    statements: Statements,
}

impl Stage {
    /// Sets a chain up.
    pub(crate) async fn set() -> Result<Self> {
        let validator = Live::validator().await?;
        for stage in scene::setup(validator.genesis()) {
            for transaction in stage {
                validator.submit(&transaction).await?;
            }
            validator.wait_until_included().await?;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let statements = Statements::new(
            validator.genesis(),
            ANCHOR,
            Day::from_unix_seconds(now.as_secs())?,
        );
        let mut news = validator.watch().await?;
        while news.next().await? <= ANCHOR {}
        let at: Hash = validator.ask("chain_getBlockHash", json!([ANCHOR])).await?;
        let list = format!("0x{}", hex::encode(statements.list().encode()));
        let answer: String = validator
            .ask("state_call", json!(["AgeRegistryApi_anchor", list, at]))
            .await?;
        let answer = hex::decode(answer.trim_start_matches("0x"))?;
        ensure!(
            Option::<Anchor>::decode(&mut &answer[..])? == Some(statements.anchor()),
            "the chain was not set up by block {ANCHOR}: the machine is too busy for measurements"
        );
        Ok(Self {
            validator,
            statements,
        })
    }

    /// Requests with proofs.
    pub(crate) fn requests(&self, proofs: &Proofs, count: usize) -> Result<Vec<AdmitRequest>> {
        proofs.requests(&self.statements, count as u32)
    }

    /// Admissions on record after a block.
    pub(crate) async fn admissions(&self, block: Hash) -> Result<u32> {
        let key = pallet_age_gate::Gates::<Runtime>::hashed_key_for(GateId(0));
        let gate: Option<pallet_age_gate::Gate<Runtime>> = self.validator.read(&key, block).await?;
        Ok(gate.context("the gate is gone")?.admissions)
    }
}

/// What came of a number of requests.
struct Outcome {
    /// From the first submission until the last one is in a block.
    whole: Duration,
    /// Blocks that hold some.
    blocks: u32,
    /// The one with most of them, and how many.
    most: (u32, u32, Seen),
}

/// Measures.
pub(crate) async fn measure(proofs: &Proofs) -> Result<Vec<Table>> {
    let stage = Stage::set().await?;
    let follower = stage.validator.follow().await?;
    let followed = follower.watch().await?;
    eprintln!("admit: making proofs");
    let requests = stage.requests(proofs, SINGLE + BATCHED)?;
    let (single, batched) = requests.split_at(SINGLE);
    let single = single.iter().map(scene::admit).collect();
    let batched = batched.chunks(BATCH).map(scene::admit_batch).collect();
    let mut table = Table::new(
        "Admissions through the real node, sent at once, with real proofs that no node has seen before",
        &[
            "sent",
            "most in one block",
            "blocks",
            "seconds until all were in",
            "weight of that block, ms",
            "of the limit, %",
            "made in, ms",
            "ended by",
            "at the second node after, ms",
        ],
    );
    for (name, transactions, count) in [
        ("250 single ones", single, SINGLE),
        ("1,000 in batches of 64", batched, BATCHED),
    ] {
        eprintln!("admit: {name}");
        let outcome = send(&stage, transactions, count as u32).await?;
        let (number, most, seen) = outcome.most;
        let weight = stage.validator.weight(seen.hash).await?;
        let authored = stage.validator.authoring();
        let made = authored.get(&number);
        // The second node may still be at work on it.
        followed.wait_until_final(number).await?;
        let after = followed
            .block(number)
            .map(|block| millis(block.at.saturating_duration_since(seen.at)));
        table.row(vec![
            json!(name),
            json!(most),
            json!(outcome.blocks),
            rounded(outcome.whole.as_secs_f64(), 1),
            millis(weight),
            rounded(
                100.0 * weight.as_secs_f64() / limits::normal_time().as_secs_f64(),
                0,
            ),
            made.map_or(Value::Null, |made| millis(made.took)),
            made.map_or(Value::Null, |made| json!(made.end)),
            after.unwrap_or(Value::Null),
        ]);
    }
    Ok(vec![table])
}

/// Sends transactions right after a block, and waits until all `count` admissions are in.
async fn send(stage: &Stage, transactions: Vec<Vec<u8>>, count: u32) -> Result<Outcome> {
    let mut news = stage.validator.watch().await?;
    let first = news.next().await?;
    let start = news.block(first).context("a block is gone")?;
    let before = stage.admissions(start.hash).await?;
    let started = Instant::now();
    let transactions = Arc::new(transactions);
    let mut senders = Vec::new();
    for connection in 0..CONNECTIONS {
        let (rpc, transactions) = (stage.validator.connect().await?, transactions.clone());
        senders.push(tokio::spawn(async move {
            for transaction in transactions.iter().skip(connection).step_by(CONNECTIONS) {
                submit(&rpc, transaction).await?;
            }
            anyhow::Ok(())
        }));
    }
    let (mut admitted, mut blocks, mut most, mut last) = (0, 0, None::<(u32, u32, Seen)>, first);
    while admitted < count {
        let newest = news.next().await?;
        ensure!(
            newest - first < BLOCKS,
            "after {BLOCKS} blocks {admitted} of {count} are admitted"
        );
        for number in last + 1..=newest {
            let seen = news.block(number).context("a block is gone")?;
            let some = stage.admissions(seen.hash).await? - before - admitted;
            admitted += some;
            blocks += u32::from(some > 0);
            if most.is_none_or(|(_, most, _)| some > most) {
                most = Some((number, some, seen));
            }
        }
        last = newest;
    }
    let end = news.block(last).context("a block is gone")?;
    for sender in senders {
        sender.await.context("a sender panicked")??;
    }
    Ok(Outcome {
        whole: end.at - started,
        blocks,
        most: most.context("no block came")?,
    })
}
