//! What a wallet keeps of the chain: its covers, and what it retrieved last.

use std::collections::{btree_map::Entry, BTreeMap, BTreeSet};

use ofage_primitives::{Anchor, Attestation, GenesisHash, RegistryRoot, ShardIndex, TrustListId};
use serde::{Deserialize, Serialize};

use super::{Wallet, WalletError};
use crate::{
    chain::{BlockPoint, ChainError},
    credential::Credential,
    document,
    retrieval::{
        self,
        cap::Cap,
        cover::{self, Lately, Seed},
        epoch::{anchor_block, epoch, is_young_enough},
        KnownList, RetrievalError, Source, Standing, Wanted,
    },
};

/// What is kept of one chain.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holdings {
    #[serde(with = "document::genesis")]
    pub(super) genesis: GenesisHash,
    /// By the shard of a credential: that shard and its decoys.
    pub(super) covers: BTreeMap<ShardIndex, BTreeSet<ShardIndex>>,
    /// Last block at which something was asked for the first time: a cover or one of its shards.
    pub(super) known_at: Option<u32>,
    /// Trust lists that were ever asked for.
    lists: BTreeSet<TrustListId>,
    /// What proofs of the epoch are made with.
    epochal: Option<Snapshot>,
    /// What is newer, for policies that do not take the epoch's anchor. It does not take the other's place: its anchor is
    /// the wallet's own, so by it two proofs for different apps could be known for one wallet's.
    newest: Option<Snapshot>,
    /// Block of the one of both that the next proof is made with.
    #[serde(skip)]
    ready: Option<u32>,
}

/// What was retrieved as of a block.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {
    /// The epoch in which it was.
    epoch: u32,
    /// The anchor's block.
    pub(super) block: u32,
    pub(super) root: RegistryRoot,
    standings: Vec<Held>,
    pub(super) lists: BTreeMap<TrustListId, KnownList>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    attestation: Attestation,
    standing: Standing,
}

/// When to ask the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When the epoch of what the wallet has is over: as often as all other wallets.
    EpochOver,
    /// Now, for the newest block. What the wallet has of the epoch stays.
    Now,
}

/// What a refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// Whether the node was asked.
    pub asked: bool,
    /// Block of the anchor.
    pub block: u32,
    /// Shards that were asked for, decoys included.
    pub shards: usize,
}

impl Refreshed {
    /// Nothing was asked, since what is there is good.
    fn kept(block: u32) -> Self {
        Self {
            asked: false,
            block,
            shards: 0,
        }
    }
}

/// A refresh that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// Nothing can be had.
    #[error(transparent)]
    Retrieval(#[from] RetrievalError),
    /// What was chosen or retrieved could not be written down.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The wallet has no credential of this chain.
    #[error("the wallet has no credential of this chain; there is nothing to fetch")]
    Nothing,
}

impl From<ChainError> for RefreshError {
    fn from(error: ChainError) -> Self {
        Self::Retrieval(error.into())
    }
}

impl Snapshot {
    pub(super) fn standing(&self, attestation: &Attestation) -> Option<&Standing> {
        let held = self
            .standings
            .iter()
            .find(|held| held.attestation == *attestation);
        held.map(|held| &held.standing)
    }

    /// What proofs for a list are made against.
    pub(super) fn anchor(&self, list: &KnownList) -> Anchor {
        Anchor {
            block: self.block,
            registry_root: self.root,
            trust_list_root: list.root,
        }
    }
}

impl Holdings {
    fn new(genesis: GenesisHash) -> Self {
        Self {
            genesis,
            covers: BTreeMap::new(),
            known_at: None,
            lists: BTreeSet::new(),
            epochal: None,
            newest: None,
            ready: None,
        }
    }

    /// All that is asked for, whichever of it is real.
    fn asked(&self) -> BTreeSet<ShardIndex> {
        self.covers.values().flatten().copied().collect()
    }

    /// Whether every credential has its cover, with all decoys.
    fn is_covered(&self, credentials: &[Wanted], decoys: u8) -> bool {
        let full = usize::from(decoys) + 1;
        let covered = |c: &Wanted| self.covers.get(&c.shard).is_some_and(|cover| cover.len() >= full);
        credentials.iter().all(covered)
    }

    fn snapshot(&self, when: When) -> Option<&Snapshot> {
        match when {
            When::EpochOver => self.epochal.as_ref(),
            When::Now => self.newest.as_ref(),
        }
    }

    /// A snapshot of the running epoch that knows of all credentials.
    fn good(&self, when: When, now: u32, credentials: &[Wanted]) -> Option<&Snapshot> {
        self.snapshot(when).filter(|snapshot| {
            snapshot.epoch == epoch(now)
                && credentials
                    .iter()
                    .all(|c| snapshot.standing(&c.attestation).is_some())
        })
    }

    fn put(&mut self, when: When, snapshot: Snapshot) {
        match when {
            When::EpochOver => (self.epochal, self.newest) = (Some(snapshot), None),
            When::Now => self.newest = Some(snapshot),
        }
    }

    /// What the next proof is made with, once that was prepared.
    pub(super) fn ready(&self) -> Option<&Snapshot> {
        let mut both = [&self.epochal, &self.newest].into_iter().flatten();
        both.find(|snapshot| Some(snapshot.block) == self.ready)
    }

    /// What was retrieved last.
    fn last(&self) -> Option<&Snapshot> {
        let both = [&self.epochal, &self.newest].into_iter().flatten();
        both.max_by_key(|snapshot| snapshot.block)
    }
}

impl Wallet {
    /// Fetches what proofs need: for all credentials of a chain at once, with decoys.
    ///
    /// # Errors
    /// [`RefreshError`]; what the wallet had stays then.
    pub async fn refresh<S: Source>(
        &mut self,
        source: &S,
        when: When,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Refreshed, RefreshError> {
        let head = source.finalized().await?;
        self.refresh_at(source, head, when, progress).await
    }

    /// As [`refresh`](Self::refresh), when `head` is the newest finalized block.
    pub(super) async fn refresh_at<S: Source>(
        &mut self,
        source: &S,
        head: BlockPoint,
        when: When,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Refreshed, RefreshError> {
        let genesis = source.genesis();
        let wanted = self.wanted(genesis);
        if wanted.is_empty() {
            return Err(RefreshError::Nothing);
        }
        let decoys = self.content.decoys;
        let holdings = self.holdings_mut(genesis);
        if let (When::EpochOver, Some(good)) = (when, holdings.good(when, head.number, &wanted)) {
            return Ok(Refreshed::kept(good.block));
        }
        if !holdings.is_covered(&wanted, decoys) {
            self.cover(source, head, &wanted).await?;
        }
        let holdings = self.holdings_mut(genesis);
        let number = match when {
            When::EpochOver => anchor_block(head.number, holdings.known_at),
            When::Now => head.number,
        };
        let at = if number == head.number {
            head
        } else {
            source.block(number).await?
        };
        let shards = holdings.asked();
        let lists = holdings.lists.clone();
        let retrieved = retrieval::retrieve(source, at, &shards, &lists, &wanted, progress).await?;
        let standings = wanted
            .iter()
            .zip(retrieved.standings)
            .map(|(wanted, standing)| Held {
                attestation: wanted.attestation,
                standing,
            })
            .collect();
        let holdings = self.holdings_mut(genesis);
        holdings.known_at = Some(holdings.known_at.map_or(at.number, |known| known.min(at.number)));
        let snapshot = Snapshot {
            epoch: epoch(head.number),
            block: at.number,
            root: retrieved.root,
            standings,
            lists: retrieved.lists,
        };
        holdings.put(when, snapshot);
        self.save()?;
        Ok(Refreshed {
            asked: true,
            block: at.number,
            shards: shards.len(),
        })
    }

    /// Chooses the decoys that are missing, and writes them down before anything is asked with them: a node that lets
    /// a refresh fail must not get to see another choice.
    async fn cover<S: Source>(
        &mut self,
        source: &S,
        head: BlockPoint,
        wanted: &[Wanted],
    ) -> Result<(), RefreshError> {
        let genesis = source.genesis();
        let total = Cap::count_shards(source, head).await?;
        let seed = match &self.content.seed {
            Some(seed) => seed.clone(),
            None => {
                let seed = Seed::random().map_err(WalletError::from)?;
                self.content.seed = Some(seed.clone());
                seed
            }
        };
        let decoys = self.content.decoys;
        let holdings = self.holdings_mut(genesis);
        let before = holdings.asked();
        // A credential whose shard is not there is asked for later; the others do not wait for it.
        let incomplete: BTreeSet<ShardIndex> = wanted
            .iter()
            .map(|wanted| wanted.shard)
            .filter(|shard| shard.0 < total && cover::missing(decoys, holdings.covers.get(shard)) > 0)
            .collect();
        // Each pool once, in order: how many credentials are of it does not show.
        let mut pools: BTreeMap<u32, Lately> = BTreeMap::new();
        for shard in incomplete {
            let pool = cover::pool(shard, total);
            let lately = match pools.entry(pool.start) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(Lately::fetch(source, head, pool).await?),
            };
            let known = holdings.covers.get(&shard);
            if let Some(cover) = cover::extend(&seed, &genesis, shard, decoys, total, lately, known) {
                holdings.covers.insert(shard, cover);
            }
        }
        if holdings.asked() != before {
            holdings.known_at = None;
            self.save()?;
        }
        Ok(())
    }

    /// Makes sure that the wallet has what a proof for `list` needs, with an anchor of at most `oldest` blocks that still
    /// counts. While what it has is good, it asks for the newest block and whether its anchors still count, and for nothing
    /// that depends on the holder.
    pub(super) async fn prepare<S: Source>(
        &mut self,
        source: &S,
        (list, oldest): (TrustListId, u32),
        when: When,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Refreshed, RefreshError> {
        let genesis = source.genesis();
        let head = source.finalized().await?;
        self.holdings_mut(genesis).ready = None;
        let mut done = self.refresh_at(source, head, when, progress).await?;
        let mut with = None;
        let mut shared = None;
        for kind in [When::EpochOver, When::Now] {
            // The newest was wanted, so nothing else will do.
            if when == When::Now && kind == When::EpochOver {
                continue;
            }
            let wanted = self.wanted(genesis);
            let good = self.holdings_mut(genesis).good(kind, head.number, &wanted);
            let Some(block) = good.map(|good| good.block) else {
                continue;
            };
            if !is_young_enough(block, head.number, oldest) && block != head.number {
                continue;
            }
            self.add_list(source, head, kind, list).await?;
            let ended = match block == head.number {
                true => BTreeSet::new(),
                false => self.ended(source, head, kind).await?,
            };
            if ended.is_empty() {
                with = Some(block);
                break;
            }
            // The wallet goes on to ask as if it were the one that ended, but its proof keeps to the older anchor.
            if !ended.contains(&list) {
                shared = shared.or(Some(block));
            }
        }
        let block = match with {
            Some(block) => block,
            None => {
                done = self.refresh_at(source, head, When::Now, progress).await?;
                self.add_list(source, head, When::Now, list).await?;
                head.number
            }
        };
        let block = shared.unwrap_or(block);
        let holdings = self.holdings_mut(genesis);
        holdings.lists.insert(list);
        holdings.ready = Some(block);
        Ok(Refreshed { block, ..done })
    }

    /// The lists for which the anchor of a snapshot does not count any more. All are asked about, and the wallet asks for
    /// the newest when there is any, so that the node does not learn which one a proof is for.
    async fn ended<S: Source>(
        &mut self,
        source: &S,
        head: BlockPoint,
        kind: When,
    ) -> Result<BTreeSet<TrustListId>, RefreshError> {
        let mut ended = BTreeSet::new();
        if let Some(snapshot) = self.holdings_mut(source.genesis()).snapshot(kind) {
            for (list, known) in &snapshot.lists {
                let anchor = snapshot.anchor(known);
                if source.anchor_status(head, *list, anchor).await?.is_err() {
                    ended.insert(*list);
                }
            }
        }
        Ok(ended)
    }

    /// Fetches a list that was not among those retrieved, as of the same block.
    async fn add_list<S: Source>(
        &mut self,
        source: &S,
        head: BlockPoint,
        kind: When,
        list: TrustListId,
    ) -> Result<(), RefreshError> {
        let holdings = self.holdings_mut(source.genesis());
        let snapshot = match kind {
            When::EpochOver => holdings.epochal.as_mut(),
            When::Now => holdings.newest.as_mut(),
        };
        let Some(snapshot) = snapshot.filter(|snapshot| !snapshot.lists.contains_key(&list)) else {
            return Ok(());
        };
        let at = if snapshot.block == head.number {
            head
        } else {
            source.block(snapshot.block).await?
        };
        let known = retrieval::fetch_list(source, at, list).await?;
        snapshot
            .lists
            .insert(list, known.ok_or(RetrievalError::NoList(list))?);
        Ok(())
    }

    /// How a credential stood when the wallet last asked, and at which block; `None` when it never did.
    pub fn standing(&self, credential: &Credential) -> Option<(&Standing, u32)> {
        let holdings = self.content.holdings.iter();
        let snapshot = holdings
            .filter(|holdings| holdings.genesis == credential.genesis)
            .find_map(|holdings| holdings.last())?;
        Some((snapshot.standing(&credential.attestation)?, snapshot.block))
    }

    /// Notes that there is an attestation to look for which the epoch's anchor may not hold yet. What was known of it, by
    /// an earlier try, is forgotten.
    pub(super) fn expect_news(&mut self, genesis: GenesisHash, attestation: &Attestation) {
        let holdings = self.holdings_mut(genesis);
        holdings.known_at = None;
        for snapshot in [&mut holdings.epochal, &mut holdings.newest]
            .into_iter()
            .flatten()
        {
            snapshot.standings.retain(|held| held.attestation != *attestation);
        }
    }

    pub(super) fn holdings_mut(&mut self, genesis: GenesisHash) -> &mut Holdings {
        let all = &mut self.content.holdings;
        let index = match all.iter().position(|holdings| holdings.genesis == genesis) {
            Some(index) => index,
            None => {
                all.push(Holdings::new(genesis));
                all.len() - 1
            }
        };
        &mut all[index]
    }

    /// What to look for: the place of every credential of a chain.
    fn wanted(&self, genesis: GenesisHash) -> Vec<Wanted> {
        let of_chain = self.content.credentials.iter().filter(|c| c.genesis == genesis);
        let place = |c: &Credential| Wanted {
            issuer: c.issuer,
            shard: c.shard,
            leaf: c.leaf,
            attestation: c.attestation,
        };
        of_chain.map(place).collect()
    }
}
