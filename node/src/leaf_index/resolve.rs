//! Which calls of a block succeeded, when its events are gone.
//!
//! Most of it follows from the chain's rules and from what the state of today says about each shard: who opened it, in
//! which block, and how long it is. What does not follow is whether an issuer was suspended, or could not pay a deposit.
//! The registry root in the block's header decides then: a block is accepted only with calls that give it.
//!
//! Calls of one issuer change only its own shards, so each issuer's part has its alternatives, independent of the
//! others. First come those that the rules make likely, then those in which one issuer's part differs, then two. How
//! much is tried is bounded; a block that stays unexplained is refused, and a rebuild ends there. Whoever pays for it can
//! bring that about: three issuers, each with a call in one block that fails in a way that nobody can see, are enough, and
//! so is one whose such calls follow no pattern that is tried here; or one that revokes in a shard that is revoked as a
//! whole, in several blocks, by an attester that it names and replaces in between, and restores the shard then: until
//! that, no root tells what was revoked there. Nodes that read the block while its events were there do not come here.

use super::{
    block::{Account, Action, Block, Call},
    model::{cap_leaf, Cap, Changes, Draft, Opening, ReadError, Records, Shard},
};
use ofage_primitives::{
    chain::ShardChoice, tree::Tree, Element, GenesisHash, IssuerIndex, RegistryRoot, ShardIndex, ShardRoot,
};
use std::collections::{BTreeMap, BTreeSet};

/// Hashes that are spent on a block beside those of the first attempt: some ten seconds.
pub(crate) const WORK: u64 = 1 << 21;
/// Alternatives that are kept for one issuer's part.
const ALTERNATIVES: usize = 128;
/// An issuer with more calls in a block gets no alternatives in which two of them differ.
const PAIRS_UP_TO: usize = 32;
/// Hashes for a shard's path in the cap, and for its cap leaf.
const PATH: u64 = 24;

/// A shard, as a later state has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct StateShard {
    /// Whose it is.
    pub(crate) issuer: IssuerIndex,
    /// Who opened it.
    pub(crate) depositor: Account,
    /// Its root.
    pub(crate) root: ShardRoot,
    /// Leaves in it.
    pub(crate) len: u16,
    /// Whether it is revoked as a whole.
    pub(crate) revoked: bool,
    /// Block that opened it.
    pub(crate) opened_at: u32,
    /// Last block that changed its root.
    pub(crate) changed_at: u32,
}

/// An issuer's keys, as a later state has them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct StateIssuer {
    /// The cold one; it never changes.
    pub(crate) controller: Account,
    /// The hot one of that time.
    pub(crate) attester: Account,
}

/// A state of the block or a later one.
pub(crate) trait State {
    /// A shard.
    fn shard(&self, index: ShardIndex) -> Result<Option<StateShard>, ReadError>;
    /// An issuer.
    fn issuer(&self, index: IssuerIndex) -> Result<Option<StateIssuer>, ReadError>;
}

/// Bounds of the chain's configuration, and of the search.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Shards that a block changes.
    pub(crate) dirty: u32,
    /// Shards that a call revokes.
    pub(crate) revoked: u32,
    /// Hashes that are spent on a block beside those of the first attempt; see [`WORK`].
    pub(crate) work: u64,
}

/// Why a block has no explanation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    /// The index or the state cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No choice of calls that was tried gives the root.
    #[error("no choice of its calls gives the registry root in its header")]
    Unexplained,
}

/// An issuer's part of a block.
struct Part<'a> {
    issuer: IssuerIndex,
    /// The shards that it opened in this block, in their order.
    openings: Vec<ShardIndex>,
    calls: Vec<Candidate<'a>>,
}

/// A call that may have succeeded.
struct Candidate<'a> {
    /// Its place among the block's.
    place: usize,
    call: &'a Call,
    is_likely: bool,
}

impl Candidate<'_> {
    fn attests(&self) -> bool {
        matches!(self.call.action, Action::Attest { .. })
    }
}

/// A way in which an issuer's part can have gone.
struct Way {
    changes: Changes,
    leaves: BTreeMap<u32, Element>,
    /// Whether anything was attested.
    attested: bool,
}

impl Way {
    fn is_like(&self, other: &Self) -> bool {
        self.leaves == other.leaves
            && self.changes.shards.len() == other.changes.shards.len()
            && self
                .changes
                .shards
                .iter()
                .zip(&other.changes.shards)
                .all(|(one, two)| one.0 == two.0 && one.1.root == two.1.root)
    }
}

/// Finds what a block changed.
///
/// `suspects` are issuers whose batches failed when they last sent some: suspended ones, most likely. They are kept here.
pub(crate) fn resolve(
    records: &impl Records,
    state: &impl State,
    genesis: &GenesisHash,
    block: &Block,
    bounds: Bounds,
    suspects: &mut BTreeSet<IssuerIndex>,
) -> Result<(Changes, Cap), ResolveError> {
    let mut search = Search {
        records,
        state,
        genesis,
        block,
        bounds,
        work: bounds.work,
    };
    let parts = search.parts()?;
    let mut ways = Vec::with_capacity(parts.len());
    for part in &parts {
        let is_suspect = suspects.contains(&part.issuer);
        ways.push(search.ways(part, is_suspect, 1)?);
    }
    let chosen = search.choose(&parts, &mut ways, suspects)?;
    let mut changes = Changes::default();
    let mut leaves = BTreeMap::new();
    for ((part, ways), way) in parts.iter().zip(ways).zip(chosen) {
        let Some(way) = ways.into_iter().nth(way) else {
            continue;
        };
        if part.calls.iter().any(Candidate::attests) {
            if way.attested {
                suspects.remove(&part.issuer);
            } else {
                suspects.insert(part.issuer);
            }
        }
        changes.shards.extend(way.changes.shards);
        changes.last.extend(way.changes.last);
        changes.entries.extend(way.changes.entries);
        leaves.extend(way.leaves);
    }
    // Anew, without the nodes of what was tried.
    let mut cap = Cap::default();
    let root = cap.update(records, &leaves)?;
    if root == block.root {
        Ok((changes, cap))
    } else {
        Err(ResolveError::Unexplained)
    }
}

struct Search<'a, R, S> {
    records: &'a R,
    state: &'a S,
    genesis: &'a GenesisHash,
    block: &'a Block,
    bounds: Bounds,
    work: u64,
}

impl<'a, R: Records, S: State> Search<'a, R, S> {
    /// The block's calls by issuer, without those that the rules exclude.
    fn parts(&self) -> Result<Vec<Part<'a>>, ReadError> {
        let mut opened: BTreeMap<ShardIndex, StateShard> = BTreeMap::new();
        for index in self.records.shards()?.. {
            match self.state.shard(ShardIndex(index))? {
                Some(shard) if shard.opened_at == self.block.number => {
                    opened.insert(ShardIndex(index), shard);
                }
                _ => break,
            }
        }
        let mut parts: BTreeMap<IssuerIndex, Part<'a>> = BTreeMap::new();
        for (index, shard) in &opened {
            part(&mut parts, shard.issuer).openings.push(*index);
        }
        let mut dirty: BTreeSet<ShardIndex> = BTreeSet::new();
        for (place, call) in self.block.calls.iter().enumerate() {
            let Some((issuer, target, by_rule)) = self.place(call, &opened)? else {
                continue;
            };
            let is_new = !target.is_some_and(|shard| dirty.contains(&shard));
            let has_room = !is_new || (dirty.len() as u32) < self.bounds.dirty;
            if let (Some(shard), true) = (target, has_room) {
                dirty.insert(shard);
            }
            part(&mut parts, issuer).calls.push(Candidate {
                place,
                call,
                is_likely: by_rule && has_room,
            });
        }
        Ok(parts.into_values().collect())
    }

    /// Whose call it is, which shard it names, and whether its signer may do so as far as the state of today tells.
    /// `None` when it cannot have succeeded.
    fn place(
        &self,
        call: &Call,
        opened: &BTreeMap<ShardIndex, StateShard>,
    ) -> Result<Option<(IssuerIndex, Option<ShardIndex>, bool)>, ReadError> {
        let known = |index: ShardIndex| -> Result<Option<(IssuerIndex, Account)>, ReadError> {
            match opened.get(&index) {
                Some(shard) => Ok(Some((shard.issuer, shard.depositor))),
                None => Ok(self
                    .records
                    .shard(index)?
                    .map(|shard| (shard.issuer, shard.appender))),
            }
        };
        Ok(match &call.action {
            Action::Attest { shard, .. } => match shard {
                ShardChoice::Next => opened
                    .iter()
                    .find(|(_, shard)| shard.depositor == call.signer)
                    .map(|(_, shard)| (shard.issuer, None, true)),
                ShardChoice::Open(index) => known(*index)?
                    .filter(|(_, appender)| *appender == call.signer)
                    .map(|(issuer, _)| (issuer, Some(*index), true)),
            },
            Action::Revoke { shard, .. } => match known(*shard)? {
                None => None,
                Some((issuer, appender)) => {
                    // Another key may have been the attester in between; that is not likely.
                    let may = appender == call.signer || self.is_key(issuer, &call.signer)?;
                    Some((issuer, Some(*shard), may))
                }
            },
            Action::RevokeShards(range) | Action::RestoreShards(range) => match known(range.to)? {
                None => None,
                Some((issuer, _)) => self
                    .state
                    .issuer(issuer)?
                    .filter(|keys| keys.controller == call.signer)
                    .map(|_| (issuer, Some(range.to), true)),
            },
        })
    }

    /// Whether an account is the controller of an issuer, or its attester of today.
    fn is_key(&self, issuer: IssuerIndex, account: &Account) -> Result<bool, ReadError> {
        let keys = self.state.issuer(issuer)?;
        Ok(keys.is_some_and(|keys| keys.controller == *account || keys.attester == *account))
    }

    /// Whether a call is likely to have succeeded, after what the calls before it did.
    ///
    /// Shards are revoked as wholes when the key that attested in them was stolen, and no root tells what is revoked there:
    /// so a key that is the issuer's no more is not believed there.
    fn is_likely(
        &self,
        part: &Part<'a>,
        candidate: &Candidate<'a>,
        draft: &mut Draft<'_, R>,
    ) -> Result<bool, ReadError> {
        let Action::Revoke { shard, .. } = &candidate.call.action else {
            return Ok(candidate.is_likely);
        };
        let is_hidden = draft.shard(*shard)?.is_some_and(|shard| shard.revoked);
        Ok(candidate.is_likely && (!is_hidden || self.is_key(part.issuer, &candidate.call.signer)?))
    }

    /// The first `most` different ways in which a part can have gone, likely ones first.
    fn ways(&mut self, part: &Part<'a>, is_suspect: bool, most: usize) -> Result<Vec<Way>, ReadError> {
        let mut found: Vec<Way> = Vec::new();
        for flips in flips(part, is_suspect) {
            if found.len() >= most || (self.work == 0 && !found.is_empty()) {
                break;
            }
            if let Some(way) = self.way(part, &flips)? {
                if !found.iter().any(|other| other.is_like(&way)) {
                    found.push(way);
                }
            }
        }
        Ok(found)
    }

    /// A part with these of its calls as they are not likely, others as they are. `None` when that contradicts the state.
    fn way(&mut self, part: &Part<'a>, flips: &BTreeSet<usize>) -> Result<Option<Way>, ReadError> {
        let mut draft = Draft::new(self.records, self.block.number);
        let mut openings = part.openings.iter().copied().peekable();
        let mut attested = false;
        for (number, candidate) in part.calls.iter().enumerate() {
            if self.is_likely(part, candidate, &mut draft)? == flips.contains(&number) {
                continue;
            }
            let call = candidate.call;
            match &call.action {
                Action::Attest { shard, start, leaves } => {
                    self.work = self.work.saturating_sub(leaves.len() as u64 + PATH);
                    let (index, opening) = match shard {
                        ShardChoice::Open(index) => (*index, None),
                        ShardChoice::Next => match openings.peek() {
                            Some(index) => {
                                let opening = Opening {
                                    issuer: part.issuer,
                                    appender: call.signer,
                                };
                                (*index, Some(opening))
                            }
                            None => continue,
                        },
                    };
                    let Some(later) = self.state.shard(index)? else {
                        continue;
                    };
                    let end = leaves.len().saturating_add(usize::from(*start));
                    if later.depositor != call.signer || end > usize::from(later.len) {
                        continue;
                    }
                    if draft.append(candidate.place, index, opening, *start, leaves)? {
                        attested = true;
                        if opening.is_some() {
                            openings.next();
                        }
                    }
                }
                Action::Revoke {
                    shard,
                    leaves,
                    siblings,
                } => {
                    self.work = self.work.saturating_sub(2 * leaves.len() as u64 + PATH);
                    draft.revoke(*shard, leaves, siblings)?;
                }
                Action::RevokeShards(range) => {
                    draft.mark(*range, true, self.bounds.revoked)?;
                }
                Action::RestoreShards(range) => {
                    draft.mark(*range, false, self.bounds.revoked)?;
                }
            }
        }
        if openings.peek().is_some() {
            return Ok(None);
        }
        // Those that nothing was revoked in after all count too, else leaving a call out would agree with anything.
        for candidate in &part.calls {
            if let Action::Revoke { shard: index, .. } = &candidate.call.action {
                let agrees = match draft.shard(*index)? {
                    Some(shard) => agrees(shard, self.state.shard(*index)?, self.block.number),
                    None => true,
                };
                if !agrees {
                    return Ok(None);
                }
            }
        }
        let changes = draft.finish();
        let mut leaves = BTreeMap::new();
        for (index, shard) in &changes.shards {
            if !agrees(shard, self.state.shard(*index)?, self.block.number) {
                return Ok(None);
            }
            leaves.insert(index.0, cap_leaf(self.genesis, shard));
        }
        Ok(Some(Way {
            changes,
            leaves,
            attested,
        }))
    }

    /// Chooses a way for each part, so that the root comes out. Ways are added as they are needed.
    fn choose(
        &mut self,
        parts: &[Part<'a>],
        ways: &mut [Vec<Way>],
        suspects: &BTreeSet<IssuerIndex>,
    ) -> Result<Vec<usize>, ResolveError> {
        let mut chosen = vec![0; parts.len()];
        let mut cap = Cap::default();
        let mut leaves = BTreeMap::new();
        for ways in ways.iter() {
            // A part without any way would have to open shards for which it has no calls.
            let likely = ways.first().ok_or(ResolveError::Unexplained)?;
            leaves.extend(likely.leaves.iter().map(|(index, leaf)| (*index, *leaf)));
        }
        if cap.update(self.records, &leaves)? == self.block.root {
            return Ok(chosen);
        }
        for (place, part) in parts.iter().enumerate() {
            ways[place] = self.ways(part, suspects.contains(&part.issuer), ALTERNATIVES)?;
            for way in 1..ways[place].len() {
                if self.differs(&mut cap, &ways[place], 0, way)? == self.block.root {
                    chosen[place] = way;
                    return Ok(chosen);
                }
                self.differs(&mut cap, &ways[place], way, 0)?;
            }
        }
        for first in 0..parts.len() {
            for way in 1..ways[first].len() {
                self.differs(&mut cap, &ways[first], 0, way)?;
                for second in first + 1..parts.len() {
                    for other in 1..ways[second].len() {
                        if self.work == 0 {
                            return Err(ResolveError::Unexplained);
                        }
                        if self.differs(&mut cap, &ways[second], 0, other)? == self.block.root {
                            chosen[first] = way;
                            chosen[second] = other;
                            return Ok(chosen);
                        }
                        self.differs(&mut cap, &ways[second], other, 0)?;
                    }
                }
                self.differs(&mut cap, &ways[first], way, 0)?;
            }
        }
        Err(ResolveError::Unexplained)
    }

    /// Has the cap hold one way of a part instead of another, and gives the root.
    fn differs(
        &mut self,
        cap: &mut Cap,
        ways: &[Way],
        from: usize,
        to: usize,
    ) -> Result<RegistryRoot, ReadError> {
        let mut changed = BTreeMap::new();
        for index in ways[from].leaves.keys() {
            let before = match self.records.shard(ShardIndex(*index))? {
                Some(shard) => cap_leaf(self.genesis, &shard),
                None => Tree::empty_leaf(),
            };
            changed.insert(*index, before);
        }
        changed.extend(ways[to].leaves.iter().map(|(index, leaf)| (*index, *leaf)));
        self.work = self.work.saturating_sub(PATH * changed.len() as u64);
        cap.update(self.records, &changed)
    }
}

/// Whether a shard can be so at the end of a block, as far as a later state tells.
///
/// That matters most for shards that are revoked as wholes, of which no root tells what they hold: nothing is appended to
/// them any more, and the last block that revoked in them left the root that is in the state.
fn agrees(shard: &Shard, later: Option<StateShard>, block: u32) -> bool {
    later.is_some_and(|later| {
        (!shard.revoked || later.len == shard.len) && (later.changed_at > block || later.root == shard.root)
    })
}

fn part<'p, 'a>(parts: &'p mut BTreeMap<IssuerIndex, Part<'a>>, issuer: IssuerIndex) -> &'p mut Part<'a> {
    parts.entry(issuer).or_insert_with(|| Part {
        issuer,
        openings: Vec::new(),
        calls: Vec::new(),
    })
}

/// Sets of a part's calls to take otherwise than is likely, in the order in which they are tried.
///
/// None; or all batches, of an issuer that was suspended; or all other calls of a key, or of all keys, that were the
/// issuer's in between, or were it no more; or a single call; or batches from some on, or up to some, of an issuer that was
/// suspended or reinstated in this block; or a key's calls so, if it was replaced in this block; or two calls. For a
/// suspect, all batches come first.
fn flips<'p>(part: &'p Part<'_>, is_suspect: bool) -> impl Iterator<Item = BTreeSet<usize>> + 'p {
    let attests: Vec<usize> = (0..part.calls.len())
        .filter(|number| part.calls[*number].attests())
        .collect();
    let all: BTreeSet<usize> = attests.iter().copied().collect();
    let first = if is_suspect {
        [all, BTreeSet::new()]
    } else {
        [BTreeSet::new(), all]
    };
    let mut by_key: BTreeMap<Account, Vec<usize>> = BTreeMap::new();
    for (number, candidate) in part.calls.iter().enumerate() {
        if !candidate.attests() {
            by_key.entry(candidate.call.signer).or_default().push(number);
        }
    }
    let keys: Vec<Vec<usize>> = by_key.into_values().collect();
    let whole: Vec<BTreeSet<usize>> = keys.iter().map(|calls| calls.iter().copied().collect()).collect();
    let all_keys = whole.iter().flatten().copied().collect();
    let whole = whole.into_iter().chain([all_keys]);
    let key_cuts = keys.into_iter().flat_map(|calls| {
        (1..calls.len())
            .flat_map(|cut| {
                let (before, after) = calls.split_at(cut);
                [after.iter().copied().collect(), before.iter().copied().collect()]
            })
            .collect::<Vec<BTreeSet<usize>>>()
    });
    let count = part.calls.len();
    let singles = (0..count).map(|one| BTreeSet::from([one]));
    let cuts = (1..attests.len()).flat_map(move |cut| {
        let (before, after) = attests.split_at(cut);
        [
            after.iter().copied().collect(),
            before.iter().copied().collect::<BTreeSet<usize>>(),
        ]
    });
    let pairs_of = if count <= PAIRS_UP_TO { count } else { 0 };
    let pairs =
        (0..pairs_of).flat_map(move |one| (one + 1..pairs_of).map(move |other| BTreeSet::from([one, other])));
    first
        .into_iter()
        .chain(whole)
        .chain(singles)
        .chain(cuts)
        .chain(key_cuts)
        .chain(pairs)
}
