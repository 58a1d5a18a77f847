//! The final blocks seen since the start.

use std::{
    collections::VecDeque,
    sync::{PoisonError, RwLock},
};

use ofage_primitives::chain::ROOT_WINDOW;

use super::FinalRoot;

/// Blocks that are remembered: those whose roots may still count.
pub(super) const CAPACITY: usize = ROOT_WINDOW as usize;

/// Final blocks in ascending order, the oldest of which makes place for the newest. Some may be missing in between.
#[derive(Default)]
pub(super) struct Ring(RwLock<VecDeque<FinalRoot>>);

impl Ring {
    /// Takes a block that is later than all others; any other is known, or is left out.
    pub(super) fn push(&self, root: FinalRoot) {
        // No code that holds the lock can panic halfway, so what is inside is whole.
        let mut roots = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if roots.back().is_some_and(|newest| newest.number >= root.number) {
            return;
        }
        if roots.len() == CAPACITY {
            roots.pop_front();
        }
        roots.push_back(root);
    }

    pub(super) fn newest(&self) -> Option<FinalRoot> {
        self.read(|roots| roots.back().cloned())
    }

    pub(super) fn oldest(&self) -> Option<u32> {
        self.read(|roots| roots.front().map(|root| root.number))
    }

    pub(super) fn get(&self, number: u32) -> Option<FinalRoot> {
        self.read(|roots| {
            let place = roots.binary_search_by_key(&number, |root| root.number).ok()?;
            roots.get(place).cloned()
        })
    }

    /// Blocks from a number on, or else the newest ones: `limit` of them at most.
    pub(super) fn page(&self, from: Option<u32>, limit: usize) -> Vec<FinalRoot> {
        self.read(|roots| {
            let start = match from {
                Some(number) => roots.partition_point(|root| root.number < number),
                None => roots.len().saturating_sub(limit),
            };
            roots.iter().skip(start).take(limit).cloned().collect()
        })
    }

    fn read<T>(&self, look: impl FnOnce(&VecDeque<FinalRoot>) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
