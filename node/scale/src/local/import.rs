//! How long a node takes to import blocks that are as full as they can be.
//!
//! Each block is imported by a process of its own, which has seen none of its proofs: as a node that only followed. Or
//! one that checked each transaction before, as a node does whose pool had them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use codec::{Decode, Encode};
use ofage_primitives::{chain::AdmitRequest, Day, ShardIndex};
use ofage_runtime::{
    constants::{currency::UNIT, time::SLOT_MILLIS},
    opaque::Block,
    RuntimeCall,
};
use serde_json::{json, Value};
use sp_api::ProvideRuntimeApi;
use sp_runtime::{traits::Block as _, transaction_validity::TransactionSource};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;

use super::{hash, Chain, Draft};
use crate::{
    attesting::{Issuer, FULL},
    limits,
    proofs::Proofs,
    report::{median, rounded, Table},
    scene::{self, Statements, BATCH, REQUESTS},
    transactions::Signer,
};

/// Block that the requests are proved against.
const ANCHOR: u32 = 8;
/// Issuers that attest people one at a time.
const SMALL: usize = 16;
/// How often each block is imported: the middle counts.
const REPEATS: usize = 3;
/// What the goals of the project say of admissions in a block.
const GOAL_SINGLE: usize = 250;
const GOAL_BATCHED: usize = 1_000;

/// Blocks up to the one that is measured, as they go to another process.
#[derive(Encode, Decode)]
struct Exported {
    before: Vec<Block>,
    block: Block,
}

/// A block that is measured.
struct Full {
    name: &'static str,
    block: Block,
    items: usize,
}

/// What the other process found.
struct Imported {
    import: Duration,
    weight: Duration,
    check: Option<Duration>,
}

/// Measures, with the runtime in the file `runtime`.
pub(crate) async fn measure(
    runtime: &Path,
    wasm: &[u8],
    first_slot: u64,
    proofs: &Proofs,
) -> Result<Vec<Table>> {
    let chain = Chain::start(wasm, first_slot)?;
    let mut before = Vec::new();
    for stage in scene::setup(chain.genesis()) {
        before.push(chain.append(stage).await?);
    }
    while chain.best().0 < ANCHOR {
        before.push(chain.append([]).await?);
    }
    let mut issuers = Issuers::register(&chain, &mut before).await?;

    let day = Day::from_unix_seconds(first_slot * SLOT_MILLIS / 1_000)?;
    let statements = Statements::new(chain.genesis(), ANCHOR, day);
    eprintln!("import: making proofs");
    let requests = proofs.requests(&statements, REQUESTS)?;
    eprintln!("import: making blocks");
    let blocks = full_blocks(&chain, &mut issuers, &requests)?;

    let folder = tempfile::TempDir::with_prefix("ofage-scale-blocks-")?;
    let mut table = Table::new(
        "Blocks that are as full as they can be, imported by a process of its own: executed in the wasm runtime, checked, \
         written (middle of 3). \"Cold\" has seen no proof before, \"warm\" has checked each transaction as the pool does",
        &[
            "block", "calls", "items", "bytes", "of the limit, %", "weight, ms", "of the limit, %", "cold, ms", "warm, ms",
            "check in the pool, ms a call",
        ],
    );
    for full in blocks {
        let file = folder.path().join("blocks");
        let (block, items) = (full.block, full.items);
        let (calls, bytes) = (block.extrinsics().len() - 1, body_length(&block));
        let exported = Exported {
            before: before.clone(),
            block,
        };
        fs::write(&file, exported.encode())?;
        eprintln!("import: {}", full.name);
        let [cold, warm] = [false, true].map(|warm| -> Result<Vec<Imported>> {
            (0..REPEATS).map(|_| elsewhere(runtime, &file, warm)).collect()
        });
        let (cold, warm) = (cold?, warm?);
        let imports =
            |all: &[Imported]| median(all.iter().map(|one| one.import.as_secs_f64() * 1e3).collect());
        let checks: Vec<f64> = warm
            .iter()
            .filter_map(|one| Some(one.check?.as_secs_f64() * 1e3))
            .collect();
        let weight = cold[0].weight;
        table.row(vec![
            json!(full.name),
            json!(calls),
            json!(items),
            json!(bytes),
            percent(bytes as f64, f64::from(limits::normal_length())),
            rounded(weight.as_secs_f64() * 1e3, 0),
            percent(weight.as_secs_f64(), limits::normal_time().as_secs_f64()),
            rounded(imports(&cold), 0),
            rounded(imports(&warm), 0),
            rounded(median(checks) / calls as f64, 2),
        ]);
    }
    Ok(vec![table])
}

fn percent(part: f64, whole: f64) -> Value {
    rounded(100.0 * part / whole, 0)
}

fn body_length(block: &Block) -> usize {
    block.extrinsics().iter().map(Encode::encoded_size).sum()
}

/// Who attests in the blocks.
struct Issuers {
    /// Attests whole shards.
    large: Issuer,
    /// Attest one person at a time, each to its open shard with as many leaves.
    small: Vec<(Issuer, ShardIndex, u16)>,
}

impl Issuers {
    async fn register(chain: &Chain, before: &mut Vec<Block>) -> Result<Self> {
        let genesis = chain.genesis();
        let mut payer = Signer::dev("Dave", genesis);
        let mut large = Issuer::new(Signer::dev("Issuer2", genesis));
        let mut small: Vec<_> = (0..SMALL)
            .map(|number| Issuer::new(Signer::dev(&format!("Small{number}"), genesis)))
            .collect();
        let mut calls: Vec<_> = small
            .iter()
            .map(|issuer| {
                payer.sign(RuntimeCall::Balances(
                    pallet_balances::Call::transfer_allow_death {
                        dest: issuer.account().into(),
                        value: 10_000 * UNIT,
                    },
                ))
            })
            .collect();
        calls.push(large.register());
        before.push(chain.append(calls).await?);
        before.push(chain.append(small.iter_mut().map(Issuer::register)).await?);
        before.push(
            chain
                .append(small.iter_mut().map(|issuer| issuer.attest_next(1)))
                .await?,
        );
        // The scene's issuer has shard 0.
        let shards = (1u32..).map(ShardIndex);
        let small = small
            .into_iter()
            .zip(shards)
            .map(|(issuer, shard)| (issuer, shard, 1));
        Ok(Self {
            large,
            small: small.collect(),
        })
    }
}

/// The blocks, each of which could be the next one.
fn full_blocks(chain: &Chain, issuers: &mut Issuers, requests: &[AdmitRequest]) -> Result<Vec<Full>> {
    let Issuers { large, small } = issuers;
    let single = |number: usize| requests.get(number).map(scene::admit);
    let batches: Vec<&[AdmitRequest]> = requests[..GOAL_BATCHED].chunks(BATCH).collect();
    let all = batches.len();
    let (whole, calls) = fill(chain, |_| Some(large.attest_next(FULL)))?;
    let whole = Full {
        name: "attestations, 4,096 a call",
        block: whole,
        items: calls * FULL,
    };
    let (one, items) = fill(chain, |number| {
        let (issuer, shard, length) = &mut small[number % SMALL];
        *length += 1;
        Some(issuer.attest_open(*shard, *length - 1, 1))
    })?;
    let one = Full {
        name: "attestations, one a call",
        block: one,
        items,
    };
    let (goal, items) = fill(chain, |number| single(number).filter(|_| number < GOAL_SINGLE))?;
    ensure!(
        items == GOAL_SINGLE,
        "a block takes {items} single admissions, fewer than the goal"
    );
    let goal = Full {
        name: "250 single admissions",
        block: goal,
        items,
    };
    let (most, items) = fill(chain, single)?;
    let most = Full {
        name: "single admissions, as many as fit",
        block: most,
        items,
    };
    let (batched, calls) = fill(chain, |number| {
        batches.get(number).map(|batch| scene::admit_batch(batch))
    })?;
    ensure!(
        calls == all,
        "a block takes {calls} batches of the {all} of the goal"
    );
    let batched = Full {
        name: "1,000 admissions, 64 a call",
        block: batched,
        items: GOAL_BATCHED,
    };
    Ok(vec![whole, one, goal, most, batched])
}

/// Makes a block of calls until there are no more, or no more fit. Gives how many it holds.
fn fill(chain: &Chain, mut call: impl FnMut(usize) -> Option<Vec<u8>>) -> Result<(Block, usize)> {
    let mut draft: Draft<'_> = chain.begin()?;
    let mut calls = 0;
    while let Some(call) = call(calls) {
        if !draft.push(&call)? {
            break;
        }
        calls += 1;
    }
    Ok((draft.finish()?.block, calls))
}

/// Has another process import a block.
fn elsewhere(runtime: &Path, blocks: &Path, warm: bool) -> Result<Imported> {
    let mut command = Command::new(env::current_exe()?);
    command
        .arg("import-blocks")
        .arg(blocks)
        .arg("--runtime")
        .arg(runtime);
    if warm {
        command.arg("--warm");
    }
    let output = command.output().context("cannot run this program again")?;
    ensure!(
        output.status.success(),
        "the process that imports failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let found: Value = serde_json::from_slice(&output.stdout)?;
    let nanos = |name: &str| found[name].as_u64().map(Duration::from_nanos);
    Ok(Imported {
        import: nanos("import").context("no time of the import")?,
        weight: nanos("weight").context("no weight")?,
        check: nanos("check"),
    })
}

/// Imports the blocks in a file, and prints what the last one took: this is the other process.
pub(crate) async fn import_blocks(wasm: &[u8], file: &PathBuf, warm: bool) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let exported = Exported::decode(&mut &bytes[..])?;
    let chain = Chain::start(wasm, 0)?;
    for block in &exported.before {
        chain.import(block).await?;
    }
    let block = exported.block;
    let check = warm.then(|| check(&chain, &block)).transpose()?;
    let import = chain.import(&block).await?;
    chain.expect_success(hash(&block))?;
    let nanos = |duration: Duration| json!(duration.as_nanos() as u64);
    let found = json!({
        "import": nanos(import),
        "weight": nanos(chain.weight(hash(&block))?),
        "check": check.map(nanos),
    });
    println!("{found}");
    Ok(())
}

/// Checks the transactions of a block that is to come, as the pool does.
fn check(chain: &Chain, block: &Block) -> Result<Duration> {
    let (_, parent) = chain.best();
    let api = chain.client().runtime_api();
    let started = Instant::now();
    // The first one is the time, which comes from the author and from no pool.
    for (position, transaction) in block.extrinsics().iter().enumerate().skip(1) {
        let validity =
            api.validate_transaction(parent, TransactionSource::External, transaction.clone(), parent)?;
        if let Err(error) = validity {
            anyhow::bail!("the pool would refuse call {position}: {error:?}");
        }
    }
    Ok(started.elapsed())
}
