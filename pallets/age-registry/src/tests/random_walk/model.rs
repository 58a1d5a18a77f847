//! The registry in plain collections: every root from all leaves, every span from all blocks.

use super::super::{id_of, root, shard_root, trust_root};
use crate::{mock::*, Error, Event, ShardChoice};
use ofage_primitives::{
    chain::AnchorError,
    hashes,
    tree::{Tree, SHARD_CAPACITY},
    Anchor, Attestation, IssuerIndex, RegistryRoot, ShardIndex, ShardRoot, TrustListId, TrustListRoot,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Outcome = Result<Vec<Event<Test>>, Error<Test>>;

pub(super) struct Issuer {
    pub(super) controller: u8,
    pub(super) attester: u8,
    serving: bool,
    pub(super) last_shard: Option<u32>,
    /// Lists that it consents to, and its positions.
    consents: BTreeMap<u32, Option<u16>>,
}

pub(super) struct Shard {
    pub(super) issuer: u32,
    pub(super) leaves: Vec<Attestation>,
    pub(super) root: ShardRoot,
    pub(super) open: bool,
    opener: u8,
}

pub(super) struct List {
    pub(super) curator: u8,
    pub(super) positions: Vec<Option<u32>>,
    vacant: Vec<u16>,
    valid_from: u32,
}

/// Roots at the end of a block.
pub(super) struct Ended {
    registry: RegistryRoot,
    lists: Vec<TrustListRoot>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) issuers: Vec<Issuer>,
    pub(super) shards: Vec<Shard>,
    pub(super) lists: Vec<List>,
    dirty_shards: BTreeSet<u32>,
    dirty_lists: BTreeSet<u32>,
    /// Of block 1 and on.
    blocks: Vec<Ended>,
}

impl Model {
    /// The issuer that an account controls or attests for.
    pub(super) fn issuer_of(&self, account: u8) -> Option<u32> {
        let found = self
            .issuers
            .iter()
            .position(|i| i.controller == account || (i.serving && i.attester == account));
        found.map(|at| at as u32)
    }

    fn controlled_by(&self, account: u8) -> Option<u32> {
        self.issuer_of(account)
            .filter(|at| self.issuers[*at as usize].controller == account)
    }

    pub(super) fn register(&mut self, controller: u8, attester: u8) -> Outcome {
        if self.issuer_of(controller).is_some() || self.issuer_of(attester).is_some() {
            return Err(Error::AccountTaken);
        }
        let issuer = IssuerIndex(self.issuers.len() as u32);
        self.issuers.push(Issuer {
            controller,
            attester,
            serving: controller == attester,
            last_shard: None,
            consents: BTreeMap::new(),
        });
        let (controller, attester) = (account(controller), account(attester));
        Ok(vec![Event::IssuerRegistered {
            issuer,
            controller,
            attester,
        }])
    }

    pub(super) fn become_attester(&mut self, caller: u8, issuer: u32) -> Outcome {
        let taken = self.issuer_of(caller).is_some();
        let named = self
            .issuers
            .get_mut(issuer as usize)
            .ok_or(Error::UnknownIssuer)?;
        if named.serving || named.attester != caller {
            return Err(Error::NotNamed);
        }
        if taken {
            return Err(Error::AccountTaken);
        }
        named.serving = true;
        Ok(vec![Event::AttesterAccepted {
            issuer: IssuerIndex(issuer),
            attester: account(caller),
        }])
    }

    pub(super) fn attest(
        &mut self,
        caller: u8,
        choice: ShardChoice,
        start: u16,
        batch: &[Attestation],
    ) -> Outcome {
        let at = self.issuer_of(caller).ok_or(Error::NotAttester)?;
        let next = self.shards.len() as u32;
        let issuer = &mut self.issuers[at as usize];
        if !issuer.serving || issuer.attester != caller {
            return Err(Error::NotAttester);
        }
        if batch.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let last = issuer.last_shard.map(|index| &self.shards[index as usize]);
        let (index, mut leaves) = match (choice, last) {
            (ShardChoice::Open(named), Some(shard)) if shard.open && issuer.last_shard == Some(named.0) => {
                (named.0, shard.leaves.clone())
            }
            (ShardChoice::Open(_), _) => return Err(Error::ShardNotOpen),
            (ShardChoice::Next, Some(shard)) if shard.open => return Err(Error::ShardStillOpen),
            (ShardChoice::Next, _) => (next, Vec::new()),
        };
        if usize::from(start) != leaves.len() {
            return Err(Error::WrongStart);
        }
        if self.dirty_shards.len() == MAX_DIRTY_SHARDS as usize && !self.dirty_shards.contains(&index) {
            return Err(Error::TooManyDirtyShards);
        }
        leaves.extend_from_slice(batch);
        if leaves.len() > SHARD_CAPACITY as usize {
            return Err(Error::ShardFull);
        }
        if index == next && last.is_some_and(|shard| shard.leaves == leaves) {
            return Err(Error::DuplicateShard);
        }
        let (issuer_index, shard_index) = (IssuerIndex(at), ShardIndex(index));
        let mut events = vec![Event::Attested {
            issuer: issuer_index,
            shard: shard_index,
            start,
            count: batch.len() as u16,
        }];
        let open = leaves.len() < SHARD_CAPACITY as usize;
        if !open {
            events.push(Event::ShardSealed {
                issuer: issuer_index,
                shard: shard_index,
            });
        }
        self.dirty_shards.insert(index);
        let root = shard_root(&leaves);
        if index == next {
            issuer.last_shard = Some(index);
            self.shards.push(Shard {
                issuer: at,
                leaves,
                root,
                open,
                opener: caller,
            });
        } else {
            let shard = &mut self.shards[index as usize];
            (shard.leaves, shard.root, shard.open) = (leaves, root, open);
        }
        Ok(events)
    }

    pub(super) fn seal(&mut self, caller: u8) -> Outcome {
        let at = self.issuer_of(caller).ok_or(Error::NotAnIssuer)?;
        let index = self.issuers[at as usize].last_shard.ok_or(Error::NoOpenShard)?;
        let shard = &mut self.shards[index as usize];
        if !core::mem::take(&mut shard.open) {
            return Err(Error::NoOpenShard);
        }
        Ok(vec![Event::ShardSealed {
            issuer: IssuerIndex(at),
            shard: ShardIndex(index),
        }])
    }

    fn touch_list(&mut self, list: u32) -> Result<(), Error<Test>> {
        if self.dirty_lists.len() == MAX_DIRTY_LISTS as usize && !self.dirty_lists.contains(&list) {
            return Err(Error::TooManyDirtyLists);
        }
        self.dirty_lists.insert(list);
        Ok(())
    }

    pub(super) fn create_list(&mut self, curator: u8) -> Outcome {
        let list = self.lists.len() as u32;
        self.touch_list(list)?;
        self.lists.push(List {
            curator,
            positions: Vec::new(),
            vacant: Vec::new(),
            valid_from: 0,
        });
        Ok(vec![Event::TrustListCreated {
            list: TrustListId(list),
            curator: account(curator),
        }])
    }

    pub(super) fn consent(&mut self, caller: u8, list: u32) -> Outcome {
        let at = self.controlled_by(caller).ok_or(Error::NotController)?;
        if list as usize >= self.lists.len() {
            return Err(Error::UnknownTrustList);
        }
        let consents = &mut self.issuers[at as usize].consents;
        if consents.contains_key(&list) {
            return Err(Error::AlreadyConsented);
        }
        if consents.len() == MAX_LISTS as usize {
            return Err(Error::TooManyLists);
        }
        consents.insert(list, None);
        Ok(vec![Event::ConsentGiven {
            list: TrustListId(list),
            issuer: IssuerIndex(at),
        }])
    }

    pub(super) fn withdraw(&mut self, caller: u8, list: u32) -> Outcome {
        let at = self.controlled_by(caller).ok_or(Error::NotController)?;
        let listing = self.issuers[at as usize].consents.get(&list).copied();
        let mut events = Vec::new();
        if let Some(position) = listing.ok_or(Error::NotConsented)? {
            self.touch_list(list)?;
            events.push(self.take_off(list, at, position));
        }
        self.issuers[at as usize].consents.remove(&list);
        events.push(Event::ConsentWithdrawn {
            list: TrustListId(list),
            issuer: IssuerIndex(at),
        });
        Ok(events)
    }

    fn take_off(&mut self, list: u32, issuer: u32, position: u16) -> Event<Test> {
        let found = &mut self.lists[list as usize];
        found.positions[usize::from(position)] = None;
        found.vacant.push(position);
        found.valid_from = now();
        self.issuers[issuer as usize].consents.insert(list, None);
        Event::MemberRemoved {
            list: TrustListId(list),
            issuer: IssuerIndex(issuer),
            position,
        }
    }

    fn kept_by(&self, caller: u8, list: u32) -> Result<(), Error<Test>> {
        match self.lists.get(list as usize) {
            None => Err(Error::UnknownTrustList),
            Some(found) if found.curator != caller => Err(Error::NotCurator),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn add(&mut self, caller: u8, list: u32, issuer: u32) -> Outcome {
        self.kept_by(caller, list)?;
        let record = self.issuers.get(issuer as usize).ok_or(Error::UnknownIssuer)?;
        match record.consents.get(&list) {
            None => return Err(Error::NotConsented),
            Some(Some(_)) => return Err(Error::AlreadyListed),
            Some(None) => self.touch_list(list)?,
        }
        let found = &mut self.lists[list as usize];
        let position = found.vacant.pop().unwrap_or_else(|| {
            found.positions.push(None);
            found.positions.len() as u16 - 1
        });
        found.positions[usize::from(position)] = Some(issuer);
        self.issuers[issuer as usize]
            .consents
            .insert(list, Some(position));
        Ok(vec![Event::MemberAdded {
            list: TrustListId(list),
            issuer: IssuerIndex(issuer),
            position,
        }])
    }

    pub(super) fn remove(&mut self, caller: u8, list: u32, issuer: u32) -> Outcome {
        self.kept_by(caller, list)?;
        let record = self.issuers.get(issuer as usize);
        let position = record.and_then(|record| record.consents.get(&list).copied().flatten());
        let position = position.ok_or(Error::NotListed)?;
        self.touch_list(list)?;
        Ok(vec![self.take_off(list, issuer, position)])
    }

    /// Ends a block; gives its registry root.
    pub(super) fn end_block(&mut self) -> RegistryRoot {
        self.dirty_shards.clear();
        self.dirty_lists.clear();
        let leaf = |shard: &Shard| hashes::cap_leaf(shard.root, id_of(shard.issuer)).element();
        let registry = RegistryRoot::from_element(root(Tree::Cap, self.shards.iter().map(leaf).collect()));
        let lists = self
            .lists
            .iter()
            .map(|list| trust_root(&list.positions))
            .collect();
        self.blocks.push(Ended { registry, lists });
        registry
    }

    /// The anchor of an ended block, if the list was there.
    pub(super) fn anchor(&self, block: u32, list: u32) -> Option<Anchor> {
        let ended = &self.blocks[block as usize - 1];
        Some(Anchor {
            block,
            registry_root: ended.registry,
            trust_list_root: *ended.lists.get(list as usize)?,
        })
    }

    /// What must be said about an anchor at this moment.
    pub(super) fn check(&self, list: u32, anchor: &Anchor) -> Result<(), AnchorError> {
        if anchor.block >= now() {
            return Err(AnchorError::Future);
        }
        let registry: Vec<_> = self.blocks.iter().map(|ended| Some(ended.registry)).collect();
        if !counts(&registry, anchor.registry_root, anchor.block) {
            return Err(AnchorError::RegistryRoot);
        }
        let roots = self.blocks.iter().map(|ended| ended.lists.get(list as usize));
        let roots: Vec<_> = roots.map(Option::<&TrustListRoot>::copied).collect();
        let valid_from = self.lists.get(list as usize).map(|list| list.valid_from);
        if counts(&roots, anchor.trust_list_root, anchor.block) && Some(anchor.block) >= valid_from {
            Ok(())
        } else {
            Err(AnchorError::TrustListRoot)
        }
    }

    /// What an account holds for issuers, shards and lists.
    pub(super) fn held(&self, account: u8) -> [u64; 3] {
        let issuers = self.issuers.iter().filter(|i| i.controller == account).count() as u64;
        let shards = self.shards.iter().filter(|s| s.opener == account).count() as u64;
        let lists = self.lists.iter().filter(|l| l.curator == account).count() as u64;
        [
            issuers * ISSUER_DEPOSIT,
            shards * SHARD_DEPOSIT,
            lists * LIST_DEPOSIT,
        ]
    }
}

/// Whether `wanted` was the root at the end of `block` and counts still, given the roots of all blocks.
fn counts<R: PartialEq + Copy>(roots: &[Option<R>], wanted: R, block: u32) -> bool {
    let is = |block: u32| block > 0 && roots.get(block as usize - 1) == Some(&Some(wanted));
    if !is(block) {
        return false;
    }
    let end = (block..now()).find(|b| !is(*b));
    let starts_later = (block + 1..now()).filter(|b| is(*b) && !is(b - 1)).count();
    starts_later < MAX_SPANS as usize && end.is_none_or(|end| now() <= end + WINDOW)
}
