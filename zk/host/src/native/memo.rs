//! Proofs that held before.
//!
//! A transaction is validated in the pool, when a block is built, and when it is imported, and its proof is the dear
//! part of that. Whether a proof holds depends on circuit, inputs and proof alone, so one look is enough.
//!
//! Only successes are kept. An entry costs whoever wants it there a proof of his own, so that the memo cannot be filled
//! for nothing; failures cost nothing, and would fill it. Entries leave in the order in which they came: what is asked
//! for again is asked for within some blocks.

use ofage_primitives::CircuitId;
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most entries: twice what a transaction pool holds by default, in less than 3 MB of memory (32 bytes twice for
/// each, and the table's free places).
pub const CAPACITY: usize = 16_384;

/// A hash of everything that a check depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// Of a circuit, encoded public inputs, whose length says of how many issuers they are, and a proof.
    pub(crate) fn of(circuit: CircuitId, inputs: &[u8], proof: &[u8]) -> Self {
        let mut state = blake2b_simd::Params::new()
            .hash_length(32)
            .personal(b"Ofage-memo-v1---")
            .to_state();
        state.update(&circuit.0.to_le_bytes());
        // Lengths first, so that no byte can change sides.
        for part in [inputs, proof] {
            state.update(&(part.len() as u64).to_le_bytes());
            state.update(part);
        }
        let mut key = [0; 32];
        key.copy_from_slice(state.finalize().as_bytes());
        Self(key)
    }
}

/// A bounded set of keys, for any number of threads.
#[derive(Debug)]
pub(crate) struct Memo {
    capacity: usize,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    known: HashSet<Key>,
    order: VecDeque<Key>,
}

impl Memo {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: Mutex::default(),
        }
    }

    /// Whether a check with this key succeeded and is still remembered.
    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.lock().known.contains(key)
    }

    /// Remembers a check that succeeded, and forgets the oldest one when full.
    pub(crate) fn insert(&self, key: Key) {
        let mut entries = self.lock();
        if self.capacity == 0 || !entries.known.insert(key) {
            return;
        }
        entries.order.push_back(key);
        if entries.order.len() > self.capacity {
            if let Some(oldest) = entries.order.pop_front() {
                entries.known.remove(&oldest);
            }
        }
    }

    /// The entries. A thread that panicked while it held them may have left them half changed: then all are forgotten.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            let mut entries = poisoned.into_inner();
            *entries = Entries::default();
            self.entries.clear_poison();
            entries
        })
    }
}

#[cfg(test)]
mod tests;
