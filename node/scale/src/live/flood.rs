//! What a node does while others flood it with admissions that it refuses.
//!
//! Bounded, and on loopback: the flood goes into the validator's own RPC, which no operator leaves open to strangers.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use ofage_primitives::{chain::AdmitRequest, hash_to_field, GateId};
use serde_json::{json, Value};
use subxt::rpcs::{Error as RpcError, RpcClient};
use tokio::task::JoinHandle;

use super::{admit::Stage, ask_raw, own_cpu, Seen, Watch};
use crate::{
    proofs::Proofs,
    report::{median, rounded, Table},
    scene::{self, BATCH},
};

/// How long each flood lasts.
const LASTS: Duration = Duration::from_secs(60);
/// Connections that each send the next request as soon as the last one was refused.
const CONNECTIONS: usize = 8;
/// How often an honest holder asks to be admitted meanwhile.
const HONEST: Duration = Duration::from_secs(12);
/// JSON-RPC code of "invalid transaction".
const INVALID_TRANSACTION: i32 = 1010;

/// What is sent.
#[derive(Clone, Copy, Debug)]
enum Flood {
    /// Nothing.
    Nothing,
    /// Requests for a gate that is not there.
    Cheap,
    /// Requests of which only the proof is wrong: it is real, but of another account.
    WrongProof,
    /// Full batches of such.
    WrongBatch,
}

impl Flood {
    const ALL: [Self; 4] = [Self::Nothing, Self::Cheap, Self::WrongProof, Self::WrongBatch];

    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Cheap => "for a gate that is not there",
            Self::WrongProof => "with a wrong proof",
            Self::WrongBatch => "64 with wrong proofs in a batch",
        }
    }

    /// The transaction with a number, unlike all others: what was refused once is refused unseen.
    fn transaction(self, requests: &[AdmitRequest], number: u64) -> Vec<u8> {
        let other = |request: &AdmitRequest| AdmitRequest {
            account: hash_to_field(b"an account that is not admitted", &[&number.to_le_bytes()]).to_bytes(),
            ..request.clone()
        };
        match self {
            Self::Nothing => Vec::new(),
            Self::Cheap => scene::admit(&AdmitRequest {
                gate: GateId(u32::MAX),
                ..other(&requests[0])
            }),
            Self::WrongProof => scene::admit(&other(&requests[0])),
            Self::WrongBatch => {
                // No account is there twice, for that is refused before any proof is looked at.
                let batch: Vec<_> = (0..BATCH as u64)
                    .zip(requests)
                    .map(|(position, request)| AdmitRequest {
                        account: hash_to_field(
                            b"an account that is not admitted",
                            &[&number.to_le_bytes(), &position.to_le_bytes()],
                        )
                        .to_bytes(),
                        ..request.clone()
                    })
                    .collect();
                scene::admit_batch(&batch)
            }
        }
    }
}

/// Measures.
pub(crate) async fn measure(proofs: &Proofs) -> Result<Vec<Table>> {
    let stage = Stage::set().await?;
    // A batch to take proofs from, and behind it those of honest holders.
    let honest = Flood::ALL.len() * (LASTS.as_secs() / HONEST.as_secs()) as usize;
    let requests = stage.requests(proofs, BATCH + honest)?;
    let (models, honest) = requests.split_at(BATCH);
    let models: Arc<[AdmitRequest]> = models.into();
    let mut honest = honest.iter();
    let mut table = Table::new(
        format!(
            "A validator whose RPC is flooded with admissions that it refuses: {CONNECTIONS} connections, {} s each, the \
             sender on the same machine",
            LASTS.as_secs()
        ),
        &[
            "flood", "refused a second", "blocks", "slots", "seconds between blocks", "longest", "seconds to finality",
            "longest", "processors: node", "processors: sender", "honest admissions", "blocks until they were in",
        ],
    );
    for flood in Flood::ALL {
        eprintln!("flood: {}", flood.name());
        table.row(phase(&stage, flood, &models, &mut honest).await?);
    }
    Ok(vec![table])
}

async fn phase<'a>(
    stage: &Stage,
    flood: Flood,
    models: &Arc<[AdmitRequest]>,
    honest: &mut impl Iterator<Item = &'a AdmitRequest>,
) -> Result<Vec<Value>> {
    let mut news = stage.validator.watch().await?;
    let first = news.next().await?;
    let cpu = (stage.validator.cpu()?, own_cpu()?);
    let started = Instant::now();
    let senders = Senders::start(stage, flood, models).await?;
    let mut waited = Vec::new();
    let mut next = started;
    let (mut sent, mut admitted) = (0u32, 0u32);
    let mut pending = None::<u32>;
    let before = stage.admissions(block(&news, first)?.hash).await?;
    let mut last = first;
    while started.elapsed() < LASTS || pending.is_some() {
        if pending.is_none() && started.elapsed() < LASTS && Instant::now() >= next {
            let request = honest.next().context("there are honest requests enough")?;
            stage.validator.submit(&scene::admit(request)).await?;
            (sent, pending, next) = (sent + 1, Some(last), Instant::now() + HONEST);
        }
        last = news.next().await?;
        let now = stage.admissions(block(&news, last)?.hash).await? - before;
        if let Some(since) = pending.filter(|_| now > admitted) {
            waited.push(f64::from(last - since));
            pending = None;
        }
        admitted = now;
    }
    let refused = senders.stop().await?;
    let whole = started.elapsed().as_secs_f64();
    let cpu = (stage.validator.cpu()? - cpu.0, own_cpu()? - cpu.1);
    news.wait_until_final(last).await?;
    ensure!(
        admitted == sent,
        "of {sent} honest requests {admitted} were admitted"
    );
    let times = Times::of(&news, first, last)?;
    let mut row = vec![json!(flood.name()), rounded(refused as f64 / whole, 0)];
    row.extend(times.cells());
    row.extend([
        rounded(cpu.0.as_secs_f64() / whole, 2),
        rounded(cpu.1.as_secs_f64() / whole, 2),
        json!(admitted),
        rounded(median(waited), 0),
    ]);
    Ok(row)
}

fn block(news: &Watch, number: u32) -> Result<Seen> {
    news.block(number).context("a block is gone")
}

/// Blocks and finality in a phase.
struct Times {
    blocks: u32,
    slots: u64,
    between: Vec<f64>,
    finality: Vec<f64>,
}

impl Times {
    fn of(news: &Watch, first: u32, last: u32) -> Result<Self> {
        let seen: Vec<Seen> = (first..=last)
            .map(|number| block(news, number))
            .collect::<Result<_>>()?;
        let between = seen
            .windows(2)
            .map(|two| (two[1].at - two[0].at).as_secs_f64())
            .collect();
        let finality = seen
            .iter()
            .skip(1)
            .map(|one| Some((one.finalized? - one.at).as_secs_f64()))
            .collect::<Option<_>>()
            .context("a block is not final")?;
        Ok(Self {
            blocks: last - first,
            slots: block(news, last)?.slot - block(news, first)?.slot,
            between,
            finality,
        })
    }

    fn cells(&self) -> [Value; 6] {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        [
            json!(self.blocks),
            json!(self.slots),
            rounded(mean(&self.between), 2),
            rounded(most(&self.between), 2),
            rounded(mean(&self.finality), 2),
            rounded(most(&self.finality), 2),
        ]
    }
}

/// Who floods.
struct Senders {
    stop: Arc<AtomicBool>,
    refused: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Senders {
    async fn start(stage: &Stage, flood: Flood, models: &Arc<[AdmitRequest]>) -> Result<Self> {
        let (stop, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = Vec::new();
        let connections = if matches!(flood, Flood::Nothing) {
            0
        } else {
            CONNECTIONS
        };
        for _ in 0..connections {
            let rpc = stage.validator.connect().await?;
            let (stop, refused, next, models) = (stop.clone(), refused.clone(), next.clone(), models.clone());
            tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    expect_refusal(&rpc, &flood.transaction(&models, number)).await?;
                    refused.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            }));
        }
        Ok(Self { stop, refused, tasks })
    }

    /// Ends the flood, and gives how many requests were refused.
    async fn stop(self) -> Result<u64> {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.context("a sender panicked")??;
        }
        Ok(self.refused.load(Ordering::Relaxed))
    }
}

async fn expect_refusal(rpc: &RpcClient, transaction: &[u8]) -> Result<()> {
    match ask_raw::<Value>(
        rpc,
        "author_submitExtrinsic",
        json!([format!("0x{}", hex::encode(transaction))]),
    )
    .await
    {
        Err(RpcError::User(error)) if error.code == INVALID_TRANSACTION => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => bail!("the node took a request that it should refuse"),
    }
}
