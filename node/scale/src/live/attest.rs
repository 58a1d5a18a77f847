//! How many attestations a second go through the node: pool, author, import, finality.

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use ofage_runtime::{constants::time::SLOT_MILLIS, AccountId, Hash, Runtime};
use serde_json::{json, Value};
use subxt::rpcs::RpcClient;
use tokio::{sync::watch, task::JoinSet};

use super::{own_cpu, submit, Live, Seen, Watch};
use crate::{
    attesting::{Issuer, FULL},
    limits,
    report::{millis, rounded, Table},
    transactions::Signer,
};

/// Who attests, all at the same time.
const ISSUERS: [&str; 3] = ["Issuer1", "Issuer2", "Issuer3"];
/// Full batches of each: together a little more than a million attestations.
const BATCHES: usize = 82;
/// Batches that an issuer sends ahead of what is final. Those of all have room in a pool as nodes have it by default,
/// which counts a transaction until its block is final, and silently drops others for want of room.
const AHEAD: u32 = 46;

/// Blocks without attestations after which none are to be expected.
const IDLE: u32 = 5;

/// A chain with a million attestations.
pub(crate) struct Filled {
    /// The validator.
    pub(crate) validator: Live,
    /// Attestations on it.
    pub(crate) attestations: u64,
    blocks: Vec<Block>,
    /// From the first submission until all was final.
    whole: Duration,
    /// Processor time in it: validator, follower, this program.
    cpu: [Duration; 3],
}

/// A block with attestations.
struct Block {
    number: u32,
    seen: Seen,
    batches: u32,
    weight: Duration,
    /// When the follower had it.
    followed: Option<Instant>,
}

/// Fills a chain.
pub(crate) async fn fill() -> Result<Filled> {
    let validator = Live::validator().await?;
    let follower = validator.follow().await?;
    let mut issuers = ISSUERS.map(|name| Issuer::new(Signer::dev(name, validator.genesis())));
    for issuer in &mut issuers {
        validator.submit(&issuer.register()).await?;
    }
    eprintln!("attest: signing {} batches of {FULL}", BATCHES * ISSUERS.len());
    let first_nonces = issuers.each_ref().map(Issuer::nonce);
    let batches = issuers
        .each_mut()
        .map(|issuer| (0..BATCHES).map(|_| issuer.attest_next(FULL)).collect::<Vec<_>>());
    validator.wait_until_included().await?;

    let mut news = validator.watch().await?;
    let followed = follower.watch().await?;
    news.next().await?;
    eprintln!("attest: sending them");
    let before = [validator.cpu()?, follower.cpu()?, own_cpu()?];
    let started = Instant::now();
    let accounts = issuers.each_ref().map(Issuer::account);
    let mut included = first_nonces;
    let mut senders = JoinSet::new();
    for ((batches, first), account) in batches.into_iter().zip(first_nonces).zip(&accounts) {
        let rpc = validator.connect().await?;
        senders.spawn(send(rpc, account.clone(), batches, first, news.finals()));
    }
    let mut blocks = Vec::new();
    let (mut last, mut idle) = (0, 0);
    let total = (BATCHES * ISSUERS.len()) as u32;
    while blocks.iter().map(|block: &Block| block.batches).sum::<u32>() < total {
        let newest = news.next().await?;
        // One that failed is not waited for.
        while let Some(ended) = senders.try_join_next() {
            ended.context("a sender panicked")??;
        }
        // The first one seen here was there before anything was sent.
        for number in last.max(newest.saturating_sub(1)) + 1..=newest {
            let Some(seen) = news.block(number) else { continue };
            let mut batches = 0;
            for (account, included) in accounts.iter().zip(&mut included) {
                let nonce = validator.nonce(account, seen.hash).await?;
                batches += nonce - *included;
                *included = nonce;
            }
            eprintln!("    block {number}: {} attestations", batches as usize * FULL);
            idle = if batches > 0 { 0 } else { idle + 1 };
            ensure!(
                idle < IDLE,
                "{IDLE} blocks without attestations: the pool has lost some"
            );
            if batches > 0 || !blocks.is_empty() {
                blocks.push(Block {
                    number,
                    seen,
                    batches,
                    weight: validator.weight(seen.hash).await?,
                    followed: None,
                });
            }
        }
        last = newest;
    }
    while let Some(ended) = senders.join_next().await {
        ended.context("a sender panicked")??;
    }
    let end = blocks.last().context("no block has any attestation")?.number;
    let finished = news.wait_until_final(end).await?;
    followed.wait_until_final(end).await?;
    let whole = finished - started;
    let after = [validator.cpu()?, follower.cpu()?, own_cpu()?];
    check(&validator, total, &news, end).await?;
    for block in &mut blocks {
        block.seen = news.block(block.number).context("a block is gone")?;
        block.followed = followed.block(block.number).map(|seen| seen.at);
    }
    Ok(Filled {
        validator,
        attestations: u64::from(total) * FULL as u64,
        blocks,
        whole,
        cpu: [0, 1, 2].map(|who| after[who] - before[who]),
    })
}

/// Sends batches in order, at most [`AHEAD`] of them ahead of what is final.
async fn send(
    rpc: RpcClient,
    account: AccountId,
    batches: Vec<Vec<u8>>,
    first: u32,
    mut finals: watch::Receiver<Hash>,
) -> Result<()> {
    let mut final_nonce = first;
    for (nonce, batch) in (first..).zip(batches) {
        while nonce >= final_nonce + AHEAD {
            finals.changed().await?;
            let newest = *finals.borrow_and_update();
            final_nonce = super::nonce(&rpc, &account, newest).await?;
        }
        submit(&rpc, &batch).await?;
    }
    Ok(())
}

/// Fails unless each batch made a shard: one that failed would have raised a nonce, too.
async fn check(validator: &Live, batches: u32, news: &Watch, block: u32) -> Result<()> {
    let block = news.block(block).context("a block is gone")?;
    let key = pallet_age_registry::NextShard::<Runtime>::hashed_key();
    let shards: u32 = validator.read(&key, block.hash).await?.unwrap_or_default();
    ensure!(shards == batches, "{batches} batches made {shards} shards");
    Ok(())
}

/// What it took.
pub(crate) fn tables(filled: &Filled) -> Result<Vec<Table>> {
    Ok(vec![summary(filled)?, blocks(filled)])
}

fn summary(filled: &Filled) -> Result<Table> {
    let (first, last) = filled
        .blocks
        .first()
        .zip(filled.blocks.last())
        .context("no block has any attestation")?;
    // From the slot before the first block on, in which its attestations waited.
    let slots = last.seen.slot - first.seen.slot + 1;
    let sustained = filled.attestations as f64 * 1e3 / (slots * SLOT_MILLIS) as f64;
    let most = filled
        .blocks
        .iter()
        .map(|block| block.batches)
        .max()
        .unwrap_or_default() as usize
        * FULL;
    let cores = |cpu: Duration| rounded(cpu.as_secs_f64() / filled.whole.as_secs_f64(), 2);
    let mut table = Table::new(
        "Attestations through the real node: three issuers send batches of 4,096 ahead, a validator includes them, a \
         second node on the same machine follows and executes",
        &["what", "measured"],
    );
    let mut row = |what: &str, measured: Value| table.row(vec![json!(what), measured]);
    row("attestations", json!(filled.attestations));
    row("slots that it took", json!(slots));
    row("attestations a second, sustained", rounded(sustained, 0));
    row("most in one block", json!(most));
    row(
        "seconds from the first submission until all was final",
        rounded(filled.whole.as_secs_f64(), 1),
    );
    row("processors in use: validator", cores(filled.cpu[0]));
    row("processors in use: second node", cores(filled.cpu[1]));
    row("processors in use: the senders", cores(filled.cpu[2]));
    Ok(table)
}

fn blocks(filled: &Filled) -> Table {
    let authored = filled.validator.authoring();
    let mut table = Table::new(
        "Block by block",
        &[
            "block",
            "attestations",
            "length of the limit, %",
            "weight, ms",
            "of the limit, %",
            "made in, ms",
            "ended by",
            "at the second node after, ms",
            "final after, ms",
        ],
    );
    for block in &filled.blocks {
        let leaves = block.batches as usize * FULL;
        let length = (leaves * 32) as f64 / f64::from(limits::normal_length());
        let made = authored.get(&block.number);
        let after =
            |at: Option<Instant>| at.map_or(Value::Null, |at| millis(at.duration_since(block.seen.at)));
        table.row(vec![
            json!(block.number),
            json!(leaves),
            rounded(100.0 * length, 0),
            millis(block.weight),
            rounded(
                100.0 * block.weight.as_secs_f64() / limits::normal_time().as_secs_f64(),
                0,
            ),
            made.map_or(Value::Null, |made| millis(made.took)),
            made.map_or(Value::Null, |made| json!(made.end)),
            after(block.followed),
            after(block.seen.finalized),
        ]);
    }
    table
}
