//! The registry in plain collections: every root from all leaves, every span from all blocks.

mod issuers;
mod lists;
mod shards;

pub(super) use issuers::Issuer;
pub(super) use lists::List;
pub(super) use shards::{Claim, Shard};

use super::super::{id_of, root, trust_root};
use crate::{mock::*, Error, Event};
use ofage_primitives::{chain::AnchorError, tree::Tree, Anchor, RegistryRoot, TrustListRoot};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Outcome = Result<Vec<Event<Test>>, Error<Test>>;

/// Roots at the end of a block.
struct Ended {
    registry: RegistryRoot,
    lists: Vec<TrustListRoot>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) issuers: Vec<Issuer>,
    pub(super) shards: Vec<Shard>,
    pub(super) lists: Vec<List>,
    /// What was slashed, by whose it was.
    slashed: BTreeMap<u8, u64>,
    dirty_shards: BTreeSet<u32>,
    dirty_lists: BTreeSet<u32>,
    /// Of block 1 and on.
    blocks: Vec<Ended>,
}

impl Model {
    /// Ends a block; gives its registry root.
    pub(super) fn end_block(&mut self) -> RegistryRoot {
        self.dirty_shards.clear();
        self.dirty_lists.clear();
        let leaves = self.shards.iter().map(Shard::cap_leaf).collect();
        let registry = RegistryRoot::from_element(root(Tree::Cap, leaves));
        let lists = (0..self.lists.len())
            .map(|list| trust_root(&self.members(list)))
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
        let issuers = self.issuers.iter().filter(|i| i.controller == account);
        let shards = self.shards.iter().filter(|s| s.opener == account).count() as u64;
        let lists = self.lists.iter().filter(|l| l.curator == account).count() as u64;
        [
            issuers.map(|issuer| issuer.deposit).sum(),
            shards * SHARD_DEPOSIT,
            lists * LIST_DEPOSIT,
        ]
    }

    /// What an account lost for ever.
    pub(super) fn lost(&self, account: u8) -> u64 {
        self.slashed.get(&account).copied().unwrap_or_default()
    }
}

/// Whether `wanted` was the root at the end of `block` and counts still, given the roots of all blocks.
fn counts<R: PartialEq + Copy>(roots: &[Option<R>], wanted: R, block: u32) -> bool {
    let is = |block: u32| block > 0 && roots.get(block as usize - 1) == Some(&Some(wanted));
    if !is(block) {
        return false;
    }
    // Spans as they came and went: each has its first block, and the first behind it.
    let mut spans: Vec<(u32, Option<u32>)> = Vec::new();
    for b in 1..now() {
        spans.retain(|(_, end)| end.is_none_or(|end| b <= end + WINDOW));
        match (is(b - 1), is(b)) {
            (false, true) => {
                if spans.len() == MAX_SPANS as usize {
                    let length = |at: &usize| spans[*at].1.unwrap() - spans[*at].0;
                    let shortest = (0..spans.len()).min_by_key(length).unwrap();
                    spans.remove(shortest);
                }
                spans.push((b, None));
            }
            (true, false) => spans.last_mut().unwrap().1 = Some(b),
            _ => {}
        }
    }
    spans
        .into_iter()
        .any(|(from, end)| from <= block && end.is_none_or(|end| block < end && now() <= end + WINDOW))
}
