//! Shards, what is appended to them, and what is revoked.

use super::{
    super::{super::shard_root, count as note, FROM_A_REVOKED_SHARD, RESTORED_WITHOUT},
    id_of, Model, Outcome,
};
use crate::{mock::*, Error, Event, ShardChoice};
use ofage_primitives::{
    hashes,
    tree::{Tree, SHARD_CAPACITY},
    Attestation, Element, IssuerIndex, ShardIndex, ShardRoot,
};

pub(in super::super) struct Shard {
    pub(in super::super) issuer: u32,
    /// Its leaves, with empty ones where something was revoked.
    pub(in super::super) leaves: Vec<Attestation>,
    /// What it held before the last call that changed it.
    pub(in super::super) before: Vec<Attestation>,
    /// The batch that opened it.
    first: Vec<Attestation>,
    pub(in super::super) root: ShardRoot,
    pub(in super::super) open: bool,
    pub(in super::super) opener: u8,
    /// Block of its mass revocation, if it was not restored since.
    pub(in super::super) revoked_at: Option<u32>,
    restored_at: Option<u32>,
    /// Whether something was revoked in it since its mass revocation.
    changed_since: bool,
}

impl Shard {
    pub(in super::super) fn cap_leaf(&self) -> Element {
        match self.revoked_at {
            Some(_) => Tree::empty_leaf(),
            None => hashes::cap_leaf(self.root, id_of(self.issuer)).element(),
        }
    }

    fn change(&mut self, leaves: Vec<Attestation>) {
        self.root = shard_root(&leaves);
        self.before = core::mem::replace(&mut self.leaves, leaves);
    }
}

/// Leaves to be revoked, with what their siblings were made from.
pub(in super::super) struct Claim {
    /// What the caller believes the shard to hold.
    pub(in super::super) believed: Vec<Attestation>,
    pub(in super::super) leaves: Vec<(u16, Attestation)>,
    /// Whether positions ascend, and siblings are as many as it takes.
    pub(in super::super) well_formed: bool,
}

pub(in super::super) fn empty() -> Attestation {
    Attestation::from_element(Tree::empty_leaf())
}

/// Without what is as good as nothing at the end of a shard.
fn trimmed(mut leaves: Vec<Attestation>) -> Vec<Attestation> {
    while leaves.last() == Some(&empty()) {
        leaves.pop();
    }
    leaves
}

impl Model {
    /// The shards of an issuer, in order.
    pub(in super::super) fn shards_of(&self, issuer: u32) -> Vec<u32> {
        let all = (0..).zip(&self.shards);
        all.filter(|(_, shard)| shard.issuer == issuer)
            .map(|(index, _)| index)
            .collect()
    }

    fn touch_shards(&mut self, more: &[u32]) -> Result<(), Error<Test>> {
        let mut dirty = self.dirty_shards.clone();
        dirty.extend(more);
        if dirty.len() > MAX_DIRTY_SHARDS as usize {
            return Err(Error::TooManyDirtyShards);
        }
        self.dirty_shards = dirty;
        Ok(())
    }

    pub(in super::super) fn attest(
        &mut self,
        caller: u8,
        choice: ShardChoice,
        start: u16,
        batch: &[Attestation],
    ) -> Outcome {
        let at = self.issuer_of(caller).ok_or(Error::NotAttester)?;
        let issuer = &self.issuers[at as usize];
        if !issuer.serving || issuer.attester != caller {
            return Err(Error::NotAttester);
        }
        if !issuer.is_active() {
            return Err(Error::IssuerNotActive);
        }
        if batch.is_empty() {
            return Err(Error::EmptyBatch);
        }
        if batch.contains(&empty()) {
            return Err(Error::EmptyLeaf);
        }
        let next = self.shards.len() as u32;
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
        leaves.extend_from_slice(batch);
        let again = last.is_some_and(|last| {
            index == next && (trimmed(last.leaves.clone()) == leaves || last.first == leaves)
        });
        let dirty = self.dirty_shards.clone();
        self.touch_shards(&[index])?;
        // Nothing is kept of a call that fails.
        let refused = match (leaves.len() > SHARD_CAPACITY as usize, again) {
            (true, _) => Some(Error::ShardFull),
            (false, true) => Some(Error::DuplicateShard),
            (false, false) => None,
        };
        if let Some(refused) = refused {
            self.dirty_shards = dirty;
            return Err(refused);
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
        if index == next {
            self.issuers[at as usize].last_shard = Some(index);
            self.shards.push(Shard {
                issuer: at,
                root: shard_root(&leaves),
                before: Vec::new(),
                first: leaves.clone(),
                leaves,
                open,
                opener: caller,
                revoked_at: None,
                restored_at: None,
                changed_since: false,
            });
        } else {
            let shard = &mut self.shards[index as usize];
            shard.change(leaves);
            shard.open = open;
        }
        Ok(events)
    }

    pub(in super::super) fn revoke(
        &mut self,
        caller: u8,
        index: u32,
        position: u16,
        claim: &Claim,
    ) -> Outcome {
        let issuer = self.revoke_leaves(caller, index, claim)?;
        Ok(vec![Event::Revoked {
            issuer: IssuerIndex(issuer),
            shard: ShardIndex(index),
            position,
        }])
    }

    pub(in super::super) fn revoke_batch(&mut self, caller: u8, index: u32, claim: &Claim) -> Outcome {
        if claim.leaves.is_empty() {
            return Err(Error::EmptyBatch);
        }
        let issuer = self.revoke_leaves(caller, index, claim)?;
        Ok(vec![Event::BatchRevoked {
            issuer: IssuerIndex(issuer),
            shard: ShardIndex(index),
            count: claim.leaves.len() as u16,
        }])
    }

    fn revoke_leaves(&mut self, caller: u8, index: u32, claim: &Claim) -> Result<u32, Error<Test>> {
        let at = self.issuer_of(caller).ok_or(Error::NotAnIssuer)?;
        let shard = self.shards.get(index as usize).ok_or(Error::UnknownShard)?;
        if shard.issuer != at {
            return Err(Error::NotOwnShard);
        }
        let mut positions = claim.leaves.iter().map(|(position, _)| usize::from(*position));
        if positions.any(|position| position >= shard.leaves.len()) {
            return Err(Error::UnknownPosition);
        }
        if claim.leaves.iter().any(|(_, leaf)| *leaf == empty()) {
            return Err(Error::EmptyLeaf);
        }
        // What the chain would have to hold for the siblings and leaves to be right, and what it would hold then.
        let (mut shown, mut left) = (claim.believed.clone(), shard.leaves.clone());
        let longest = shown.len().max(left.len());
        shown.resize(longest, empty());
        for (position, leaf) in &claim.leaves {
            shown[usize::from(*position)] = *leaf;
            left[usize::from(*position)] = empty();
        }
        let is_true = trimmed(shown) == trimmed(shard.leaves.clone());
        let dirty = self.dirty_shards.clone();
        self.touch_shards(&[index])?;
        let refused = match (claim.well_formed, is_true) {
            (false, _) => Some(Error::MalformedMultiproof),
            (true, false) => Some(Error::StaleWitness),
            (true, true) => None,
        };
        if let Some(refused) = refused {
            self.dirty_shards = dirty;
            return Err(refused);
        }
        let shard = &mut self.shards[index as usize];
        shard.change(left);
        if shard.revoked_at.is_some() {
            shard.changed_since = true;
            note(FROM_A_REVOKED_SHARD.to_owned());
        }
        Ok(at)
    }

    /// The shards of an issuer in a range, last one first.
    fn range(&self, issuer: u32, from: u32, to: u32, count: u32) -> Result<Vec<u32>, Error<Test>> {
        if count > MAX_REVOKED_SHARDS {
            return Err(Error::TooManyShards);
        }
        if from > to {
            return Ok(Vec::new());
        }
        if count == 0 {
            return Err(Error::TooManyShards);
        }
        let last = self.shards.get(to as usize).ok_or(Error::UnknownShard)?;
        if last.issuer != issuer {
            return Err(Error::NotOwnShard);
        }
        let own = self.shards_of(issuer).into_iter().rev();
        let range: Vec<_> = own.filter(|index| (from..=to).contains(index)).collect();
        if range.len() > count as usize {
            return Err(Error::TooManyShards);
        }
        Ok(range)
    }

    pub(in super::super) fn revoke_shards(&mut self, caller: u8, from: u32, to: u32, count: u32) -> Outcome {
        let at = self.controlled_by(caller)?;
        let mut changed = self.range(at, from, to, count)?;
        changed.retain(|index| self.shards[*index as usize].revoked_at.is_none());
        if changed.is_empty() {
            return Err(Error::NothingToChange);
        }
        self.touch_shards(&changed)?;
        let issuer = IssuerIndex(at);
        let mut events = Vec::new();
        for index in &changed {
            let shard = &mut self.shards[*index as usize];
            shard.revoked_at = Some(now());
            if core::mem::take(&mut shard.open) {
                events.push(Event::ShardSealed {
                    issuer,
                    shard: ShardIndex(*index),
                });
            }
        }
        if !self.issuers[at as usize].suspended {
            for list in self.issuers[at as usize].listed() {
                self.lists[list as usize].valid_from = now();
            }
        }
        events.push(Event::ShardsRevoked {
            issuer,
            from: ShardIndex(from),
            to: ShardIndex(to),
            count: changed.len() as u32,
        });
        Ok(events)
    }

    pub(in super::super) fn restore_shards(&mut self, caller: u8, from: u32, to: u32, count: u32) -> Outcome {
        let at = self.controlled_by(caller)?;
        let mut changed = self.range(at, from, to, count)?;
        changed.retain(|index| self.shards[*index as usize].revoked_at.is_some());
        for index in &changed {
            let shard = &self.shards[*index as usize];
            let end_of_wait = shard.restored_at.map_or(0, |block| block + RESTORE_WINDOW);
            if shard
                .revoked_at
                .is_some_and(|block| now() > block.max(end_of_wait) + RESTORE_WINDOW)
            {
                return Err(Error::RestoreWindowOver);
            }
            if shard
                .restored_at
                .is_some_and(|block| now() <= block + RESTORE_WINDOW)
            {
                return Err(Error::RestoredLately);
            }
        }
        if changed.is_empty() {
            return Err(Error::NothingToChange);
        }
        self.touch_shards(&changed)?;
        for index in &changed {
            let shard = &mut self.shards[*index as usize];
            (shard.revoked_at, shard.restored_at) = (None, Some(now()));
            if core::mem::take(&mut shard.changed_since) {
                note(RESTORED_WITHOUT.to_owned());
            }
        }
        Ok(vec![Event::ShardsRestored {
            issuer: IssuerIndex(at),
            from: ShardIndex(from),
            to: ShardIndex(to),
            count: changed.len() as u32,
        }])
    }
}
