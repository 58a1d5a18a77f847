//! The part of the cap that paths of some shards need, in whole rows.
//!
//! The cap has 20 levels, and a node gives up to 1,024 of a row at a time. So it is cut in the middle: the row at level
//! 10 has at most 1,024 nodes and is always fetched whole, for everybody alike; below it, the block of 1,024 cap leaves
//! that a shard is in (its *window*) is fetched whole. Both are hashed, and must give the registry root.

use std::collections::{BTreeMap, BTreeSet};

use ofage_primitives::{
    poseidon,
    tree::{CapPath, Tree, CAP_DEPTH},
    Element, RegistryRoot, ShardIndex,
};

use super::Source;
use crate::chain::{BlockPoint, ChainError};

/// The level at which the cap is cut.
pub(crate) const CUT: usize = CAP_DEPTH / 2;
/// Cap leaves in a window, and most nodes at the cut.
pub(crate) const WINDOW: u32 = 1 << CUT;

/// The nodes above the cut, and those of some windows below it.
pub(crate) struct Cap {
    upper: Part,
    windows: BTreeMap<u32, Part>,
}

impl Cap {
    /// Fetches the row at the cut and the windows, and checks them against the root.
    ///
    /// # Errors
    /// [`ChainError::Inconsistent`] when they do not give it, and those of the node.
    pub(crate) async fn fetch<S: Source>(
        source: &S,
        at: BlockPoint,
        root: RegistryRoot,
        windows: &BTreeSet<u32>,
    ) -> Result<Self, ChainError> {
        let row = source.cap_row(at, CUT as u8, 0, WINDOW).await?;
        let upper = Part::new(CUT, row)?;
        if upper.top() != root.element() {
            return Err(ChainError::Inconsistent(
                "a row of the cap does not give the registry root",
            ));
        }
        let mut cap = Self {
            upper,
            windows: BTreeMap::new(),
        };
        for window in windows {
            cap.add(source, at, *window).await?;
        }
        Ok(cap)
    }

    /// Fetches one more window.
    async fn add<S: Source>(&mut self, source: &S, at: BlockPoint, window: u32) -> Result<(), ChainError> {
        let leaves = source.cap_row(at, 0, window * WINDOW, WINDOW).await?;
        let part = Part::new(0, leaves)?;
        if part.top() != self.upper.node(CUT, window) {
            return Err(ChainError::Inconsistent(
                "a block of the cap does not give the registry root",
            ));
        }
        self.windows.insert(window, part);
        Ok(())
    }

    /// How many shards there are, by the root; the node is not believed a number.
    ///
    /// Shards at the end that are revoked are not counted.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub(crate) async fn count_shards<S: Source>(source: &S, at: BlockPoint) -> Result<u32, ChainError> {
        let root = source.header_root(at).await?;
        let mut cap = Self::fetch(source, at, root, &BTreeSet::new()).await?;
        let Some(last) = (cap.upper.len() as u32).checked_sub(1) else {
            return Ok(0);
        };
        cap.add(source, at, last).await?;
        Ok(last * WINDOW + cap.windows.get(&last).map_or(0, |part| part.len() as u32))
    }

    /// A leaf of the cap; the empty leaf when its window was not fetched.
    pub(crate) fn leaf(&self, shard: ShardIndex) -> Element {
        self.node(0, shard.0)
    }

    /// The path of a shard, if its window was fetched.
    pub(crate) fn path(&self, shard: ShardIndex) -> Option<CapPath> {
        self.windows.get(&(shard.0 / WINDOW))?;
        let siblings = std::array::from_fn(|level| self.node(level, (shard.0 >> level) ^ 1));
        CapPath::new(shard.0, siblings)
    }

    fn node(&self, level: usize, index: u32) -> Element {
        if level >= CUT {
            return self.upper.node(level, index);
        }
        let in_window = WINDOW >> level;
        match self.windows.get(&(index / in_window)) {
            Some(part) => part.node(level, index % in_window),
            None => Tree::Cap.empty_node(level),
        }
    }
}

/// A subtree of the cap, ten levels high.
struct Part {
    /// Level of the lowest row.
    base: usize,
    /// Without the empty nodes at the end of each.
    rows: Vec<Vec<Element>>,
}

impl Part {
    /// Hashes a row up.
    fn new(base: usize, mut row: Vec<Element>) -> Result<Self, ChainError> {
        if row.len() > WINDOW as usize {
            return Err(ChainError::Inconsistent("a row of the cap is too long"));
        }
        let empty = Tree::Cap.empty_node(base);
        while row.last() == Some(&empty) {
            row.pop();
        }
        let mut rows = vec![row];
        for level in 0..CUT {
            let empty = Tree::Cap.empty_node(base + level);
            let pairs: Vec<[Element; 2]> = rows[level]
                .chunks(2)
                .map(|pair| [pair[0], pair.get(1).copied().unwrap_or(empty)])
                .collect();
            rows.push(poseidon::hash_layer(Tree::Cap.domain(), &pairs));
        }
        Ok(Self { base, rows })
    }

    /// Nodes of the lowest row before the empty rest.
    fn len(&self) -> usize {
        self.rows[0].len()
    }

    /// The node above all others.
    fn top(&self) -> Element {
        self.node(self.base + CUT, 0)
    }

    /// A node by its level in the cap and its number in the part.
    fn node(&self, level: usize, index: u32) -> Element {
        let row = level.checked_sub(self.base).and_then(|row| self.rows.get(row));
        let node = row.and_then(|row| row.get(index as usize));
        node.copied().unwrap_or_else(|| Tree::Cap.empty_node(level))
    }
}
