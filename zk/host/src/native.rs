//! What the node does when the runtime calls.

pub(crate) mod memo;

use crate::wire::{bitmap_length, decode_batch, decode_elements, ELEMENT, MAX_LAYER};
use memo::{Key, Memo};
use ofage_primitives::{poseidon, CircuitId, Domain, PublicInputs};
use ofage_verifier::{decode_inputs, Verifier, VerifyError};
use std::sync::OnceLock;

/// Log target.
const TARGET: &str = "age-zk";

/// Whether checks are remembered. Benchmarks measure the cold path: weights assume it.
const MEMO: bool = !cfg!(feature = "runtime-benchmarks");

/// Verifier and memo of the process.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(MEMO.then(|| Memo::new(memo::CAPACITY))))
}

/// Builds the keys, which takes some dozens of milliseconds: at the node's start instead of at its first proof.
pub fn warm_up() {
    engine();
    log::debug!(target: TARGET, "keys of circuit {} are ready", CircuitId::V1);
}

/// Verifies, and remembers what held.
pub(crate) struct Engine {
    verifier: Verifier,
    memo: Option<Memo>,
}

impl Engine {
    pub(crate) fn new(memo: Option<Memo>) -> Self {
        Self {
            verifier: Verifier::new(),
            memo,
        }
    }

    /// As the host function.
    pub(crate) fn verify(&self, circuit: u16, inputs: &[u8], proof: &[u8]) -> bool {
        let circuit = CircuitId(circuit);
        match self.check(circuit, inputs, proof) {
            Ok(()) => true,
            Err(reason) => {
                log::debug!(target: TARGET, "refused: {reason}");
                false
            }
        }
    }

    fn check(&self, circuit: CircuitId, encoded: &[u8], proof: &[u8]) -> Result<(), VerifyError> {
        let inputs = self.precheck(circuit, encoded, proof)?;
        let key = Key::of(circuit, encoded, proof);
        if self.remembers(&key) {
            return Ok(());
        }
        self.verifier.verify(circuit, &inputs, proof)?;
        self.remember(key);
        Ok(())
    }

    /// As the host function.
    pub(crate) fn verify_batch(&self, circuit: u16, batch: &[u8], good: &mut [u8]) -> bool {
        good.fill(0);
        let circuit = CircuitId(circuit);
        let Some(items) = decode_batch(batch) else {
            log::debug!(target: TARGET, "refused a batch that cannot be read");
            return false;
        };
        if items.is_empty() || good.len() != bitmap_length(items.len()) {
            let (proofs, room) = (items.len(), good.len());
            log::debug!(target: TARGET, "refused a batch of {proofs} proofs with {room} bytes for the answer");
            return false;
        }
        let mut holds = vec![false; items.len()];
        // Positions and keys beside the proofs that are left to be checked.
        let mut asked = Vec::new();
        let mut proofs = Vec::new();
        for (index, (encoded, proof)) in items.iter().enumerate() {
            match self.precheck(circuit, encoded, proof) {
                Ok(inputs) => {
                    let key = Key::of(circuit, encoded, proof);
                    if self.remembers(&key) {
                        holds[index] = true;
                    } else {
                        asked.push((index, key));
                        proofs.push((inputs, *proof));
                    }
                }
                Err(reason) => log::debug!(target: TARGET, "refused proof {index} of a batch: {reason}"),
            }
        }
        if !proofs.is_empty() {
            let bad = self.verifier.verify_batch(circuit, &proofs).err();
            let mut bad = bad.iter().flat_map(|error| error.bad()).peekable();
            for (position, (index, key)) in asked.into_iter().enumerate() {
                if let Some(refused) = bad.next_if(|bad| bad.index == position) {
                    log::debug!(target: TARGET, "refused proof {index} of a batch: {}", refused.reason);
                } else {
                    holds[index] = true;
                    self.remember(key);
                }
            }
        }
        for (index, _) in holds.iter().enumerate().filter(|(_, holds)| **holds) {
            good[index / 8] |= 1 << (index % 8);
        }
        holds.iter().all(|holds| *holds)
    }

    /// Whatever is refused before the memo hashes anything: circuit, length of the proof, inputs.
    fn precheck(
        &self,
        circuit: CircuitId,
        encoded: &[u8],
        proof: &[u8],
    ) -> Result<PublicInputs, VerifyError> {
        let expected = self.verifier.proof_length(circuit)?;
        if proof.len() != expected {
            return Err(VerifyError::Length {
                expected,
                found: proof.len(),
            });
        }
        decode_inputs(encoded)
    }

    fn remembers(&self, key: &Key) -> bool {
        self.memo.as_ref().is_some_and(|memo| memo.contains(key))
    }

    fn remember(&self, key: Key) {
        if let Some(memo) = &self.memo {
            memo.insert(key);
        }
    }
}

/// As the host function.
pub(crate) fn hash_layer(domain: u8, pairs: &[u8], hashes: &mut [u8]) -> bool {
    hashes.fill(0);
    let Ok(domain) = Domain::try_from(domain) else {
        log::debug!(target: TARGET, "no hash tag has the number {domain}");
        return false;
    };
    let count = pairs.len() / (2 * ELEMENT);
    if !pairs.len().is_multiple_of(2 * ELEMENT) || count > MAX_LAYER || hashes.len() != count * ELEMENT {
        log::debug!(target: TARGET, "cannot hash {} bytes into {}", pairs.len(), hashes.len());
        return false;
    }
    let Some(elements) = decode_elements(pairs) else {
        log::debug!(target: TARGET, "cannot hash elements that are not canonical");
        return false;
    };
    for (pair, hash) in elements.chunks_exact(2).zip(hashes.chunks_exact_mut(ELEMENT)) {
        hash.copy_from_slice(poseidon::hash_elements(domain, pair[0], pair[1]).as_bytes());
    }
    true
}

#[cfg(test)]
mod tests;
