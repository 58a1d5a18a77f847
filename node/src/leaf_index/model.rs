//! The registry as far as leaves go: what calls do to shards, by the chain's rules.
//!
//! A [`Draft`] holds what the calls of one block change, over what is on [`Records`]. It hashes what the chain hashes:
//! about one hash for a leaf that is appended, 24 for one that is revoked.

use super::block::{Account, Range};
use codec::{Decode, Encode};
use ofage_primitives::{
    hashes,
    tree::{self, Frontier, MultiProof, Tree},
    Attestation, Element, GenesisHash, IssuerIndex, NativeHasher, RegistryRoot, ShardIndex, ShardRoot,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

/// A shard, without its leaves.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Shard {
    /// Whose it is.
    pub(crate) issuer: IssuerIndex,
    /// Who opened it; nobody else appends to it, since another key opens another shard.
    pub(crate) appender: Account,
    /// Its root.
    pub(crate) root: ShardRoot,
    /// Leaves in it, revoked ones included.
    pub(crate) len: u16,
    /// Revoked ones.
    pub(crate) emptied: u16,
    /// What is needed to append to it; none when it is full. It is kept when the shard is sealed, which no root tells.
    pub(crate) frontier: Option<Frontier>,
    /// Whether it is revoked as a whole.
    pub(crate) revoked: bool,
    /// Block that opened it.
    pub(crate) opened_at: u32,
    /// The issuer's shard before it.
    pub(crate) previous: Option<ShardIndex>,
}

/// What was on record before the block cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the index cannot be read: {0}")]
pub(crate) struct ReadError(pub(crate) String);

/// What is on record.
pub(crate) trait Records {
    /// A shard.
    fn shard(&self, index: ShardIndex) -> Result<Option<Shard>, ReadError>;
    /// The shard that an issuer opened last.
    fn last_shard(&self, issuer: IssuerIndex) -> Result<Option<ShardIndex>, ReadError>;
    /// How many shards there are.
    fn shards(&self) -> Result<u32, ReadError>;
    /// A node of the cap.
    fn node(&self, level: u8, index: u32) -> Result<Option<Element>, ReadError>;
}

/// Who opens a shard.
#[derive(Clone, Copy)]
pub(crate) struct Opening {
    /// For which issuer.
    pub(crate) issuer: IssuerIndex,
    /// By which key.
    pub(crate) appender: Account,
}

/// A change of a shard's log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Leaves of a call were appended.
    Appended {
        /// To which shard.
        shard: ShardIndex,
        /// Where.
        start: u16,
        /// Place of the call among the block's.
        call: usize,
    },
    /// Leaves were emptied.
    Emptied {
        /// In which shard.
        shard: ShardIndex,
        /// Which.
        positions: Vec<u16>,
    },
}

/// What calls of a block changed so far.
pub(crate) struct Draft<'a, R> {
    records: &'a R,
    block: u32,
    shards: BTreeMap<ShardIndex, Shard>,
    last: BTreeMap<IssuerIndex, ShardIndex>,
    dirty: BTreeSet<ShardIndex>,
    entries: Vec<Entry>,
}

/// What a block changed, ready to be written.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    /// Shards as they are now.
    pub(crate) shards: BTreeMap<ShardIndex, Shard>,
    /// The last shards of issuers that opened one.
    pub(crate) last: BTreeMap<IssuerIndex, ShardIndex>,
    /// Additions to the shards' logs.
    pub(crate) entries: Vec<Entry>,
}

impl<'a, R: Records> Draft<'a, R> {
    /// For a block of this height, nothing changed yet.
    pub(crate) fn new(records: &'a R, block: u32) -> Self {
        Self {
            records,
            block,
            shards: BTreeMap::new(),
            last: BTreeMap::new(),
            dirty: BTreeSet::new(),
            entries: Vec::new(),
        }
    }

    /// What was changed.
    pub(crate) fn finish(mut self) -> Changes {
        let dirty = self.dirty;
        self.shards.retain(|index, _| dirty.contains(index));
        Changes {
            shards: self.shards,
            last: self.last,
            entries: self.entries,
        }
    }

    /// A shard as the calls so far left it.
    pub(crate) fn shard(&mut self, index: ShardIndex) -> Result<Option<&mut Shard>, ReadError> {
        use std::collections::btree_map::Entry;
        match self.shards.entry(index) {
            Entry::Occupied(known) => Ok(Some(known.into_mut())),
            Entry::Vacant(place) => Ok(self.records.shard(index)?.map(|shard| place.insert(shard))),
        }
    }

    /// Appends the leaves of the call at place `call`; `opening` when it opens the shard.
    ///
    /// `false` when they do not fit there: nothing changed then.
    pub(crate) fn append(
        &mut self,
        call: usize,
        index: ShardIndex,
        opening: Option<Opening>,
        start: u16,
        leaves: &[Attestation],
    ) -> Result<bool, ReadError> {
        if leaves.is_empty() || leaves.iter().any(|leaf| leaf.element() == Tree::empty_leaf()) {
            return Ok(false);
        }
        let known = self.shard(index)?.cloned();
        let (mut shard, last) = match (known, opening) {
            (Some(shard), None) => (shard, None),
            (None, Some(opening)) => {
                let previous = match self.last.get(&opening.issuer) {
                    Some(last) => Some(*last),
                    None => self.records.last_shard(opening.issuer)?,
                };
                let shard = Shard {
                    issuer: opening.issuer,
                    appender: opening.appender,
                    root: ShardRoot::from_element(Tree::Shard.empty_root()),
                    len: 0,
                    emptied: 0,
                    frontier: Some(Frontier::default()),
                    revoked: false,
                    opened_at: self.block,
                    previous,
                };
                (shard, Some(opening.issuer))
            }
            _ => return Ok(false),
        };
        let Some(mut frontier) = shard.frontier.take() else {
            return Ok(false);
        };
        if shard.revoked || start != shard.len {
            return Ok(false);
        }
        let Ok(root) = frontier.append::<NativeHasher>(leaves) else {
            return Ok(false);
        };
        shard.root = root;
        shard.len = frontier.len();
        shard.frontier = (!frontier.is_full()).then_some(frontier);
        self.shards.insert(index, shard);
        if let Some(issuer) = last {
            self.last.insert(issuer, index);
        }
        self.dirty.insert(index);
        self.entries.push(Entry::Appended {
            shard: index,
            start,
            call,
        });
        Ok(true)
    }

    /// Empties leaves of a shard, if they and their siblings are as the calls so far left it, be it revoked as a whole or not.
    ///
    /// `false` when they are not: nothing changed then.
    pub(crate) fn revoke(
        &mut self,
        index: ShardIndex,
        leaves: &[(u16, Attestation)],
        siblings: &[Element],
    ) -> Result<bool, ReadError> {
        let Some(shard) = self.shard(index)? else {
            return Ok(false);
        };
        let is_a_leaf = |(position, leaf): &(u16, Attestation)| {
            *position < shard.len && leaf.element() != Tree::empty_leaf()
        };
        if !leaves.iter().all(is_a_leaf) {
            return Ok(false);
        }
        let elements = leaves
            .iter()
            .map(|(position, leaf)| (u32::from(*position), leaf.element()))
            .collect();
        let Ok(proof) = MultiProof::new(Tree::Shard, elements, siblings.to_vec()) else {
            return Ok(false);
        };
        let mut frontier = shard.frontier.clone();
        let roots = proof.replace::<NativeHasher>(
            |_| Tree::empty_leaf(),
            |level, at, node| {
                if let Some(frontier) = &mut frontier {
                    frontier.mend(level, at, node);
                }
            },
        );
        if roots.old != shard.root.element() {
            return Ok(false);
        }
        shard.root = ShardRoot::from_element(roots.new);
        shard.frontier = frontier;
        shard.emptied = shard.emptied.saturating_add(leaves.len() as u16);
        self.dirty.insert(index);
        self.entries.push(Entry::Emptied {
            shard: index,
            positions: leaves.iter().map(|(position, _)| *position).collect(),
        });
        Ok(true)
    }

    /// Revokes shards of the issuer of the last of them as wholes, or restores those that are.
    ///
    /// `false` when there are more than the caller pays for, or `most`, or none is to be changed.
    pub(crate) fn mark(&mut self, range: Range, revoked: bool, most: u32) -> Result<bool, ReadError> {
        let mut found = Vec::new();
        let mut next = Some(range.to);
        let mut walked = 0;
        while let Some(index) = next.filter(|index| *index >= range.from) {
            walked += 1;
            if walked > range.count.min(most) {
                return Ok(false);
            }
            let Some(shard) = self.shard(index)? else {
                return Ok(false);
            };
            if shard.revoked != revoked {
                found.push(index);
            }
            // Links lead backwards; a record that says otherwise must not keep us here.
            next = shard.previous.filter(|previous| *previous < index);
        }
        for index in &found {
            if let Some(shard) = self.shard(*index)? {
                shard.revoked = revoked;
                // Sealed by it, and still when it is restored.
                shard.frontier = None;
            }
        }
        self.dirty.extend(&found);
        Ok(!found.is_empty())
    }
}

/// Nodes of the cap, over those on record.
#[derive(Clone, Default)]
pub(crate) struct Cap {
    nodes: BTreeMap<(u8, u32), Element>,
}

impl Cap {
    /// The nodes that changed, by level and index.
    pub(crate) fn into_nodes(self) -> BTreeMap<(u8, u32), Element> {
        self.nodes
    }

    /// Writes cap leaves, and gives the root.
    pub(crate) fn update(
        &mut self,
        records: &impl Records,
        changed: &BTreeMap<u32, Element>,
    ) -> Result<RegistryRoot, ReadError> {
        // The tree's reader cannot fail; what it would have said is kept for after.
        let failed = RefCell::new(None);
        let mut written = Vec::new();
        let root = tree::update_nodes::<NativeHasher>(
            Tree::Cap,
            changed,
            |level, index| match self.nodes.get(&(level, index)) {
                Some(node) => Some(*node),
                None => records.node(level, index).unwrap_or_else(|error| {
                    failed.borrow_mut().get_or_insert(error);
                    None
                }),
            },
            |level, index, node| written.push(((level, index), node)),
        );
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        self.nodes.extend(written);
        Ok(RegistryRoot::from_element(root))
    }
}

/// The cap's leaf of a shard.
pub(crate) fn cap_leaf(genesis: &GenesisHash, shard: &Shard) -> Element {
    if shard.revoked {
        Tree::empty_leaf()
    } else {
        hashes::cap_leaf(shard.root, hashes::issuer_id(genesis, shard.issuer)).element()
    }
}
