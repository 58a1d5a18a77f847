//! On the network: smoldot's light client, and what it finds final, as this crate's own types.
//!
//! [`Live`] starts at the first block of a chain specification, or at a database that it saved earlier, and follows from
//! there the headers that GRANDPA's authorities made final. Nodes that it asks cannot lie to it: headers are checked
//! against the authorities' signatures, state against the headers' state roots, and calls of the runtime are computed
//! here from proved state. They can be silent, or out of date: look at a header's time.
//!
//! Who starts at the first block believes the authorities of that time, even after they have left. Keys that leak years
//! later could then make another history, so save the database, and start from it. It is believed without a check, as
//! the chain specification is: keep both where nobody else writes.
//!
//! What is believed of smoldot, version 3 of its light client, was read in its source: that a header was made final
//! (`sync_service/substrate_compat.rs`), that one that is asked for by hash has that hash (`json_rpc_service/background.rs`,
//! `block_info_retrieve_future`), that values of the state are taken from a proof against the header's state root
//! (`sync_service.rs`, `decode_and_verify_proof`), and that a call runs on the code and the values of such proofs
//! (`runtime_service.rs`, `runtime_call_single_attempt`). That a header has the hash which is said to be final, and that no
//! other one of the newest height is shown as final, is checked once more here. Bundles need none of that belief.

mod desk;
mod error;
#[cfg(test)]
mod fixtures;
mod net;
mod platform;
mod rpc;
mod spec;
mod task;

use std::{future::Future, time::Duration};

use codec::DecodeAll;
use ofage_primitives::{storage, GateId, GenesisHash};
use serde_json::{json, Value};
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    task::spawn_blocking,
    time::{sleep, timeout},
};

pub use error::{LiveError, Reached};
pub use platform::Traffic;
pub use spec::{genesis_checkpoint, MAX_SPEC};

use crate::{
    header::Claimed, AnchorClaim, AuthoritySet, Checkpoint, FinalizedGate, FinalizedHeader, FinalizedRoot,
    SetError,
};
use desk::{Desk, Known, Question};
use net::{Progress, Smoldot};
use platform::Meter;
use task::Line;

/// Longest saved database, in bytes. It holds the runtime's code besides the newest final block.
pub const MAX_DATABASE: usize = 8 << 20;
/// How long [`LiveOptions::default`] waits for one answer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Questions of callers that wait for the task.
const QUEUE: usize = 64;
/// Final blocks that a slow listener may lag behind before it misses some: those of half an hour.
const NEWS: usize = 300;
/// How far after the newest final block an anchor's may be when it is waited for, in blocks: two minutes. A node that
/// made a presentation may have seen more than this one has.
const AHEAD: u32 = 20;
/// Longest wait for a young block, when an old one is known: those who answered first may have shown an old head.
const SETTLE: Duration = Duration::from_secs(30);
/// Pause before the same is asked for again.
const PAUSE: Duration = Duration::from_secs(1);

/// How a [`Live`] is started.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// What [`Live::database`] gave earlier, for a fast start. It is believed: keep it where nobody else writes.
    pub database: Option<String>,
    /// Longest wait for one answer.
    pub patience: Duration,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            database: None,
            patience: PATIENCE,
        }
    }
}

#[derive(Clone, Copy)]
struct Waits {
    /// Longest wait for one answer.
    patience: Duration,
    /// Shortest wait before the same is asked for again.
    pause: Duration,
}

/// A light client on the network. It ends when it is dropped.
///
/// All questions may be asked at once from many tasks. Each waits for as long as the patience, and an error then says how
/// far the client got.
pub struct Live {
    genesis: GenesisHash,
    waits: Waits,
    questions: mpsc::Sender<Question>,
    known: watch::Receiver<Known>,
    /// Never read: others are made of it.
    news: broadcast::Receiver<FinalizedHeader>,
    progress: watch::Receiver<Progress>,
    meter: Meter,
}

impl Live {
    /// Starts a light client of the chain that a raw specification describes.
    ///
    /// `boot_nodes` are addresses (`/ip4/…/tcp/…/p2p/…`) besides those of the specification. Returns as soon as the
    /// client runs, connected or not.
    ///
    /// # Errors
    /// [`LiveError::Spec`], [`LiveError::BootNode`], [`LiveError::NoBootNode`], [`LiveError::Database`], and what any
    /// question may answer.
    pub async fn start(
        spec_json: &str,
        boot_nodes: &[String],
        options: LiveOptions,
    ) -> Result<Self, LiveError> {
        let LiveOptions { database, patience } = options;
        let database = database.unwrap_or_default();
        if database.len() > MAX_DATABASE {
            return Err(LiveError::Database);
        }
        let meter = Meter::default();
        let line = {
            let (spec, boot_nodes, meter) = (spec_json.to_owned(), boot_nodes.to_vec(), meter.clone());
            spawn_blocking(move || {
                Smoldot::start(&spec::with_boot_nodes(&spec, &boot_nodes)?, &database, meter)
            })
            .await
            .map_err(|_| LiveError::Ended)??
        };
        let (sender, progress) = watch::channel(Progress::default());
        tokio::spawn(net::watch_progress(line.lifecycle(), sender));
        let waits = Waits {
            patience,
            pause: PAUSE,
        };
        Self::over(line, waits, progress, meter).await
    }

    /// Starts to talk over a line.
    async fn over(
        line: impl Line + 'static,
        waits: Waits,
        progress: watch::Receiver<Progress>,
        meter: Meter,
    ) -> Result<Self, LiveError> {
        let (know, known) = watch::channel(Known::default());
        let (tell, news) = broadcast::channel(NEWS);
        let (questions, asked) = mpsc::channel(QUEUE);
        tokio::spawn(task::run(
            line,
            Desk::new(know.clone(), tell),
            asked,
            know,
            waits.pause,
        ));
        let mut live = Self {
            genesis: GenesisHash([0; 32]),
            waits,
            questions,
            known,
            news,
            progress,
            meter,
        };
        let genesis = live
            .within(0, live.ask("chainSpec_v1_genesisHash", json!([])))
            .await?;
        live.genesis = GenesisHash(rpc::hash(&genesis).ok_or(LiveError::Strange)?);
        Ok(live)
    }

    /// Names the chain.
    pub fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    /// The newest final block that is known, once one is. It may be old when the network is gone: look at its time.
    ///
    /// # Errors
    /// [`LiveError::Patience`], and what ended the client.
    pub async fn finalized(&self) -> Result<FinalizedHeader, LiveError> {
        self.within(0, self.at_least(0)).await
    }

    /// The newest final block, once `is_young` says so of it: a client that has just started may have been shown an old
    /// one first. When none is young for half a minute, the newest one all the same. Later answers are of its state or a
    /// newer one's.
    ///
    /// # Errors
    /// As [`finalized`](Self::finalized).
    pub async fn newest(
        &self,
        is_young: impl Fn(&FinalizedHeader) -> bool,
    ) -> Result<FinalizedHeader, LiveError> {
        let first = self.finalized().await?;
        let mut known = self.known.clone();
        let enough = |known: &Known| known.end.is_some() || known.head.as_ref().is_some_and(&is_young);
        let settle = self.waits.patience.min(SETTLE);
        // What ended the client, later questions tell.
        let _ = timeout(settle, known.wait_for(enough)).await;
        let newest = known.borrow().head.clone();
        Ok(newest.unwrap_or(first))
    }

    /// Tells of every final block from now on, in order. Some are left out while many are caught up with, and those
    /// that a slow listener does not take in time.
    pub fn subscribe(&self) -> broadcast::Receiver<FinalizedHeader> {
        self.news.resubscribe()
    }

    /// Has the newest final block's state vouch for what a presentation was made against.
    ///
    /// # Errors
    /// [`LiveError::Root`] if it does not, and [`LiveError::NotFinal`] if the anchor's block does not become final in
    /// time.
    pub async fn anchor(&self, claim: AnchorClaim) -> Result<FinalizedRoot, LiveError> {
        let number = claim.anchor.block;
        let keys = claim.keys();
        let (head, values) = self.within(number, self.values(number, &keys)).await?;
        Ok(head.judge(claim, &values)?)
    }

    /// A gate, as the newest final block's state has it.
    ///
    /// # Errors
    /// [`LiveError::Root`] if the state is none that is known here.
    pub async fn gate(&self, gate: GateId) -> Result<Option<FinalizedGate>, LiveError> {
        let keys = FinalizedGate::keys(gate);
        let (head, values) = self.within(0, self.values(0, &keys)).await?;
        Ok(head.judge_gate(gate, &values)?)
    }

    /// Hash of a final block, as the newest one's state has it: one of the last
    /// [`BLOCK_HASHES`](ofage_primitives::chain::BLOCK_HASHES).
    ///
    /// # Errors
    /// [`LiveError::Forgotten`] and [`LiveError::NotFinal`].
    pub async fn block_hash(&self, number: u32) -> Result<[u8; 32], LiveError> {
        let head = self.within(number, self.at_least(number)).await?;
        if number == 0 {
            return Ok(self.genesis.0);
        } else if number == head.number() {
            return Ok(head.hash());
        }
        let keys = [storage::block_hash(number)];
        let (_, values) = self.within(0, self.values(0, &keys)).await?;
        let Some(value) = values.into_iter().next().flatten() else {
            return Err(LiveError::Forgotten(number));
        };
        value.try_into().map_err(|_| LiveError::Strange)
    }

    /// Header of a final block, of those that [`block_hash`](Self::block_hash) knows. The first block has none of this
    /// form: it has no slot and no root.
    ///
    /// # Errors
    /// As there.
    pub async fn header(&self, number: u32) -> Result<FinalizedHeader, LiveError> {
        let hash = self.block_hash(number).await?;
        let question = self.ask("chain_getHeader", json!([rpc::hex(&hash)]));
        let header = rpc::header(&self.within(0, question).await?).ok_or(LiveError::Strange)?;
        let header = Claimed::read(&header)?;
        if header.hash != hash {
            return Err(LiveError::Strange);
        }
        // What a final block's state names as its ancestor is final.
        Ok(header.finalized()?)
    }

    /// Calls a runtime API in the state after a block, and computes the answer here, from proved state.
    ///
    /// The first call at a block downloads the runtime's code there, so ask several questions at one block. Ask nothing that
    /// nodes cannot answer, as of a block whose state they have pruned: the client takes their failure for a fault, and
    /// leaves them alone for a while.
    ///
    /// # Errors
    /// [`LiveError::Refused`] if there is no such block or method, or the runtime fails.
    pub async fn call(&self, at: [u8; 32], method: &str, args: &[u8]) -> Result<Vec<u8>, LiveError> {
        let question = self.ask("state_call", json!([method, rpc::hex(args), rpc::hex(&at)]));
        rpc::bytes(&self.within(0, question).await?).ok_or(LiveError::Strange)
    }

    /// A checkpoint at the newest final block, to start from offline.
    ///
    /// # Errors
    /// As [`call`](Self::call), and [`LiveError::Set`] and [`LiveError::Checkpoint`].
    pub async fn checkpoint(&self) -> Result<Checkpoint, LiveError> {
        let head = self.finalized().await?;
        // After a block that changes the set, the state holds the next one: the one that makes later blocks final.
        let authorities = self
            .call(head.hash(), "GrandpaApi_grandpa_authorities", &[])
            .await?;
        let id = self.call(head.hash(), "GrandpaApi_current_set_id", &[]).await?;
        let authorities =
            Vec::<([u8; 32], u64)>::decode_all(&mut &authorities[..]).map_err(|_| LiveError::Strange)?;
        let id = u64::decode_all(&mut &id[..]).map_err(|_| LiveError::Strange)?;
        if authorities.iter().any(|(_, weight)| *weight != 1) {
            return Err(SetError::Weight.into());
        }
        let set = AuthoritySet::new(id, authorities.into_iter().map(|(key, _)| key).collect())?;
        Ok(Checkpoint::new(
            self.genesis,
            head.number(),
            head.hash(),
            set,
            Some(head.unix_seconds()),
        )?)
    }

    /// What a later [`start`](Self::start) goes on from. Whoever can change it decides what that client believes.
    ///
    /// # Errors
    /// [`LiveError::Patience`], and what ended the client.
    pub async fn database(&self) -> Result<String, LiveError> {
        let question = self.ask("chainHead_unstable_finalizedDatabase", json!([MAX_DATABASE]));
        match self.within(0, question).await? {
            Value::String(database) => Ok(database),
            _ => Err(LiveError::Strange),
        }
    }

    /// Bytes that went over the network so far.
    pub fn traffic(&self) -> Traffic {
        self.meter.read()
    }

    /// Connected nodes, at the last count.
    pub fn peers(&self) -> u32 {
        self.progress.borrow().peers
    }

    /// The newest final block, once it is `number` or a later one.
    async fn at_least(&self, number: u32) -> Result<FinalizedHeader, LiveError> {
        let mut known = self.known.clone();
        if let Some(head) = &known.borrow().head {
            if number > head.number().saturating_add(AHEAD) {
                return Err(LiveError::NotFinal {
                    number,
                    finalized: head.number(),
                });
            }
        }
        let enough = |known: &Known| {
            let head = known.head.as_ref();
            known.end.is_some() || head.is_some_and(|head| head.number() >= number)
        };
        let (head, end) = {
            let known = known.wait_for(enough).await.map_err(|_| LiveError::Ended)?;
            (known.head.clone(), known.end.clone())
        };
        // A task that panicked has told no end.
        let gone = known.has_changed().err().map(|_| LiveError::Ended);
        match end.or(gone) {
            Some(end) => Err(end),
            None => head.ok_or(LiveError::Ended),
        }
    }

    /// The values of `keys` in the state after the newest final block, which is `number` or a later one.
    ///
    /// smoldot reads them from a proof. It would also hand that on, but breaks on keys that are not there.
    async fn values(
        &self,
        number: u32,
        keys: &[Vec<u8>],
    ) -> Result<(FinalizedHeader, Vec<Option<Vec<u8>>>), LiveError> {
        let names: Vec<String> = keys.iter().map(|key| rpc::hex(key)).collect();
        loop {
            let head = self.at_least(number).await?;
            let question = self.ask("state_queryStorageAt", json!([names, rpc::hex(&head.hash())]));
            match question.await {
                Ok(answer) => {
                    let values = rpc::values(&answer, &names).ok_or(LiveError::Strange)?;
                    return Ok((head, values));
                }
                // No node had them: maybe another one has, or has the next block's.
                Err(LiveError::Refused(_)) => sleep(self.waits.pause).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Puts a question and waits for its answer, for however long.
    async fn ask(&self, method: &'static str, params: Value) -> Result<Value, LiveError> {
        let (answer, answered) = oneshot::channel();
        let question = Question {
            method,
            params,
            answer,
        };
        if self.questions.send(question).await.is_err() {
            return Err(self.end());
        }
        answered.await.unwrap_or_else(|_| Err(self.end()))
    }

    fn end(&self) -> LiveError {
        self.known.borrow().end.clone().unwrap_or(LiveError::Ended)
    }

    /// Bounds a wait, which may be for block `number`.
    async fn within<T>(
        &self,
        number: u32,
        wait: impl Future<Output = Result<T, LiveError>>,
    ) -> Result<T, LiveError> {
        timeout(self.waits.patience, wait)
            .await
            .unwrap_or_else(|_| Err(self.impatience(number)))
    }

    /// Why the patience ended.
    fn impatience(&self, number: u32) -> LiveError {
        let Progress { peers, syncing } = *self.progress.borrow();
        let finalized = self.known.borrow().head.as_ref().map(FinalizedHeader::number);
        let reached = match (finalized, syncing) {
            (Some(finalized), _) if finalized < number => return LiveError::NotFinal { number, finalized },
            _ if peers == 0 => Reached::NoPeer,
            (Some(finalized), _) => Reached::NoAnswer { finalized },
            (None, Some((at, target))) => Reached::Syncing { at, target },
            (None, None) => Reached::NoFinalBlock,
        };
        LiveError::Patience {
            after: self.waits.patience,
            reached,
        }
    }
}

#[cfg(test)]
mod tests;
