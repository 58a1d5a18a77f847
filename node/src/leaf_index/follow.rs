//! Keeps the index up with the finalized chain.

use super::{
    block::{Block, Outcome},
    chain::Chain,
    model::{cap_leaf, Cap, Changes, Draft, Opening, ReadError},
    resolve::{resolve, ResolveError, State},
    store::{self, Store, StoreError, Tables},
    Phase, Shared, Status,
};
use ofage_primitives::{chain::ShardChoice, IssuerIndex, ShardIndex};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// Blocks in one transaction at most, while catching up.
const BLOCKS: u32 = 256;
/// Calls in one transaction at most, but for the last block's: they are in memory until it ends.
const CALLS: usize = 1 << 12;
/// Longest time between two looks at whether the node stops, but for a block that is hard to explain.
const STRETCH: Duration = Duration::from_millis(500);
/// Shards that are compared with the state at a time.
const COMPARED: u32 = 1 << 12;
/// An index that is as many blocks behind is being rebuilt, or catching up, and does not serve.
const BEHIND: u32 = 16;
/// Time between two lines in the log while catching up.
const NEWS: Duration = Duration::from_secs(10);

/// Whether there is more to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Yes.
    More,
    /// When another block is final.
    Wait,
    /// Never: the index stopped.
    Stop,
}

/// Why the index does not get further.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Chain(#[from] ReadError),
    #[error("the node does not have block {0}: it jumped to the newest state, or prunes bodies")]
    NoBlock(u32),
    #[error("block {0}: {1}")]
    Contradiction(u32, String),
}

/// Reads finalized blocks into the index.
pub(crate) struct Follower<C> {
    chain: Arc<C>,
    shared: Arc<Shared>,
    folder: PathBuf,
    /// Issuers whose batches failed lately; see [`resolve`].
    suspects: BTreeSet<IssuerIndex>,
    /// Shards to compare with the state: those from the first number on, and these.
    compare: (Option<u32>, BTreeSet<ShardIndex>),
    /// Whether what is in the index was read by this process, so that another reading would give the same.
    is_fresh: bool,
    news: Instant,
}

impl<C: Chain> Follower<C> {
    /// Follows a chain, with the index in a folder.
    pub(crate) fn new(chain: Arc<C>, shared: Arc<Shared>, folder: PathBuf) -> Self {
        Self {
            chain,
            shared,
            folder,
            suspects: BTreeSet::new(),
            compare: (Some(0), BTreeSet::new()),
            is_fresh: false,
            news: Instant::now(),
        }
    }

    /// Does a part of what there is to do.
    pub(crate) fn advance(&mut self) -> Next {
        match self.step() {
            Ok(next) => next,
            Err(trouble) => self.face(trouble),
        }
    }

    fn step(&mut self) -> Result<Next, Trouble> {
        let store = self.store()?;
        if self.shared.take_damage() {
            return Err(StoreError::Damaged("leaves of a shard do not give its root").into());
        }
        let head = store.head()?;
        let (finalized, _) = self.chain.finalized();
        if head.number > finalized || self.chain.hash(head.number)? != Some(head.hash) {
            log::warn!(
                "Leaf index: it ends with block {}, which this node does not have as a final one. Rebuilding it.",
                head.number
            );
            self.begin_anew(&store)?;
            return Ok(Next::More);
        }
        if head.number < finalized {
            if finalized - head.number > BEHIND {
                self.publish(&store, Phase::CatchingUp)?;
            }
            let result = self.index(&store, finalized);
            self.tell(&store, finalized)?;
            result?;
            return Ok(Next::More);
        }
        if self.compare_some(&store)? {
            return Ok(Next::More);
        }
        self.publish(&store, Phase::Following)?;
        Ok(Next::Wait)
    }

    /// The open index. One that is damaged is thrown away.
    fn store(&mut self) -> Result<Arc<Store>, Trouble> {
        if let Some(store) = self.shared.store() {
            return Ok(store);
        }
        let genesis = self.chain.genesis();
        let store = match Store::open(&self.folder, genesis) {
            Err(StoreError::Damaged(how)) => {
                log::warn!("Leaf index: {how}. Rebuilding it from the bodies of blocks.");
                store::discard(&self.folder)?;
                Store::open(&self.folder, genesis)?
            }
            other => other?,
        };
        let store = Arc::new(store);
        self.is_fresh = store.head()?.number == 0;
        self.shared.set_store(Some(store.clone()));
        Ok(store)
    }

    fn begin_anew(&mut self, store: &Store) -> Result<(), Trouble> {
        self.publish(store, Phase::CatchingUp)?;
        self.shared.forget_verified();
        self.suspects.clear();
        self.compare = (Some(0), BTreeSet::new());
        self.is_fresh = true;
        Ok(store.clear()?)
    }

    /// Adds some of the blocks up to `finalized`, in one transaction. Those before a trouble are kept.
    fn index(&mut self, store: &Store, finalized: u32) -> Result<(), Trouble> {
        let began = Instant::now();
        let mut trouble = None;
        let (mut blocks, mut calls) = (0, 0);
        store.write::<StoreError>(|tables| {
            while tables.head().number < finalized
                && blocks < BLOCKS
                && calls < CALLS
                && began.elapsed() < STRETCH
            {
                let number = tables.head().number + 1;
                match self.read(tables, number) {
                    Ok((block, changes, cap)) => {
                        tables.add(&block, &changes, cap.into_nodes())?;
                        self.compare.1.extend(changes.shards.keys());
                        blocks += 1;
                        calls += block.calls.len();
                    }
                    Err(found) => {
                        trouble = Some(found);
                        break;
                    }
                }
            }
            Ok(())
        })?;
        trouble.map_or(Ok(()), Err)
    }

    /// What a block changed, checked against the root in its header.
    fn read(&mut self, tables: &Tables<'_>, number: u32) -> Result<(Block, Changes, Cap), Trouble> {
        let block = self.chain.block(number)?.ok_or(Trouble::NoBlock(number))?;
        let genesis = self.chain.genesis();
        let contradiction = |what: &str| Trouble::Contradiction(number, what.to_owned());
        let (changes, cap) = match self.chain.outcomes(&block) {
            Some(outcomes) => {
                let changes = by_outcomes(tables, &block, &outcomes)?
                    .ok_or_else(|| contradiction("its events do not fit the calls before them"))?;
                let mut cap = Cap::default();
                let leaves = changes
                    .shards
                    .iter()
                    .map(|(index, shard)| (index.0, cap_leaf(&genesis, shard)))
                    .collect();
                if cap.update(tables, &leaves)? != block.root {
                    return Err(contradiction(
                        "its calls do not give the registry root in its header",
                    ));
                }
                (changes, cap)
            }
            None => {
                let (_, newest) = self.chain.finalized();
                let state = self.chain.state(newest);
                let bounds = self.chain.bounds();
                resolve(tables, &state, &genesis, &block, bounds, &mut self.suspects).map_err(|error| {
                    match error {
                        ResolveError::Read(error) => Trouble::Chain(error),
                        ResolveError::Unexplained => Trouble::Contradiction(number, error.to_string()),
                    }
                })?
            }
        };
        Ok((block, changes, cap))
    }

    /// Compares shards with the state of the head. Whether some are left.
    fn compare_some(&mut self, store: &Store) -> Result<bool, Trouble> {
        let head = store.head()?;
        let state = self.chain.state(head.hash);
        let (from, changed) = &mut self.compare;
        if let Some(first) = *from {
            let end = first.saturating_add(COMPARED).min(head.shards);
            for index in first..end {
                compare(store, &state, ShardIndex(index), head.number)?;
            }
            *from = (end < head.shards).then_some(end);
            if from.is_none() {
                // And no more than these.
                let beyond = state.shard(ShardIndex(head.shards))?;
                if beyond.is_some() {
                    return Err(Trouble::Contradiction(
                        head.number,
                        "the state has shards that the index has not".into(),
                    ));
                }
                changed.clear();
            }
            return Ok(from.is_some());
        }
        while let Some(index) = changed.first().copied() {
            compare(store, &state, index, head.number)?;
            changed.pop_first();
        }
        Ok(false)
    }

    /// Decides what becomes of the index after a trouble.
    fn face(&mut self, trouble: Trouble) -> Next {
        let problem = trouble.to_string();
        let (phase, next) = match trouble {
            Trouble::Store(StoreError::Damaged(_)) => {
                log::warn!("Leaf index: {problem}. Rebuilding it from the bodies of blocks.");
                // Closed first: nobody reads it any more once the last answer from it is out.
                self.shared.set_store(None);
                self.shared.forget_verified();
                self.compare = (Some(0), BTreeSet::new());
                match store::discard(&self.folder) {
                    Ok(()) if !self.is_fresh => (Phase::CatchingUp, Next::More),
                    Ok(()) => (Phase::Stopped(problem), Next::Stop),
                    Err(error) => (Phase::Stopped(error.to_string()), Next::Stop),
                }
            }
            Trouble::Contradiction(..) if !self.is_fresh => {
                log::warn!("Leaf index: {problem}. Rebuilding it from the bodies of blocks.");
                let anew = match self.shared.store() {
                    Some(store) => self.begin_anew(&store),
                    None => Ok(()),
                };
                match anew {
                    Ok(()) => (Phase::CatchingUp, Next::More),
                    Err(error) => (Phase::Stopped(error.to_string()), Next::Stop),
                }
            }
            Trouble::Contradiction(..) => (Phase::Stopped(problem), Next::Stop),
            Trouble::NoBlock(block) => (Phase::NoBlock(block), Next::Wait),
            // A full disk, or a state that was pruned meanwhile: the next block brings another try.
            Trouble::Store(_) => {
                self.shared.set_store(None);
                (Phase::Failing(problem), Next::Wait)
            }
            Trouble::Chain(_) => (Phase::Failing(problem), Next::Wait),
        };
        let mut status = self.shared.status();
        if status.phase != phase {
            match &phase {
                Phase::Stopped(problem) => log::error!(
                    "Leaf index: {problem}. It stops, and this node serves no leaves. Everything else goes on."
                ),
                Phase::Failing(problem) => log::warn!("Leaf index: {problem}. It tries again with the next block."),
                Phase::NoBlock(block) => log::warn!(
                    "Leaf index: this node does not have the body of block {block}, so it cannot serve leaves. It does \
                     when sync has fetched it; a node that keeps all bodies and has synced them always can."
                ),
                Phase::Starting | Phase::CatchingUp | Phase::Following => {}
            }
            status.phase = phase;
            self.shared.publish(status);
        }
        next
    }

    fn publish(&self, store: &Store, phase: Phase) -> Result<(), Trouble> {
        let head = store.head()?;
        let before = self.shared.status().phase;
        if before != phase && phase == Phase::Following {
            log::info!(
                "Leaf index: serves {} shards with {} leaves, up to block {}",
                head.shards,
                head.leaves,
                head.number
            );
        }
        self.shared.publish(Status {
            phase,
            indexed: head.number,
            shards: head.shards,
            leaves: head.leaves,
        });
        Ok(())
    }

    /// Publishes how far the index is, and logs it now and then.
    fn tell(&mut self, store: &Store, finalized: u32) -> Result<(), Trouble> {
        let phase = self.shared.status().phase;
        if phase == Phase::CatchingUp && self.news.elapsed() >= NEWS {
            self.news = Instant::now();
            log::info!(
                "Leaf index: block {} of {finalized}, {} leaves",
                store.head()?.number,
                store.head()?.leaves
            );
        }
        // What is new is not compared with the state yet, only with its header.
        let phase = if phase == Phase::Following {
            phase
        } else {
            Phase::CatchingUp
        };
        self.publish(store, phase)
    }
}

/// What calls changed whose outcomes are known; `None` when these cannot be.
fn by_outcomes(
    tables: &Tables<'_>,
    block: &Block,
    outcomes: &[Outcome],
) -> Result<Option<Changes>, ReadError> {
    use super::block::Action;
    let mut draft = Draft::new(tables, block.number);
    for (place, (call, outcome)) in block.calls.iter().zip(outcomes).enumerate() {
        let fits = match (&call.action, *outcome) {
            (_, Outcome::Failed) => true,
            (Action::Attest { shard, start, leaves }, Outcome::Attested(issuer, index)) => {
                let opening = (*shard == ShardChoice::Next).then_some(Opening {
                    issuer,
                    appender: call.signer,
                });
                draft.append(place, index, opening, *start, leaves)?
            }
            (
                Action::Revoke {
                    shard,
                    leaves,
                    siblings,
                },
                Outcome::Done,
            ) => draft.revoke(*shard, leaves, siblings)?,
            // The chain bounded it.
            (Action::RevokeShards(range), Outcome::Done) => draft.mark(*range, true, u32::MAX)?,
            (Action::RestoreShards(range), Outcome::Done) => draft.mark(*range, false, u32::MAX)?,
            _ => false,
        };
        if !fits {
            return Ok(None);
        }
    }
    Ok(Some(draft.finish()))
}

/// Compares a shard with the state of the head.
fn compare(store: &Store, state: &impl State, index: ShardIndex, block: u32) -> Result<(), Trouble> {
    let ours = store.shard(index)?;
    let is_same = match (&ours, state.shard(index)?) {
        (Some(ours), Some(theirs)) => {
            ours.issuer == theirs.issuer
                && ours.appender == theirs.depositor
                && ours.root == theirs.root
                && ours.len == theirs.len
                && ours.revoked == theirs.revoked
                && ours.opened_at == theirs.opened_at
        }
        _ => false,
    };
    if is_same {
        Ok(())
    } else {
        Err(Trouble::Contradiction(
            block,
            format!("shard {index} is not as in the state"),
        ))
    }
}
