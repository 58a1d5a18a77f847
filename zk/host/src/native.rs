//! What the node does when the runtime calls.

pub(crate) mod memo;

use crate::wire::{bitmap_length, decode_batch, decode_elements, Form, ELEMENT, MAX_LAYER};
use codec::MaxEncodedLen;
use memo::{Key, Memo};
use ofage_primitives::{poseidon, CircuitId, Domain, JointInputs, PublicInputs};
use ofage_verifier::{decode_inputs, decode_joint_inputs, Verifier, VerifyError};
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

/// Builds the keys, which takes some dozens of milliseconds, and learns what proofs of each number of issuers look like:
/// at the node's start instead of at its first proof.
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

    /// As the host functions.
    pub(crate) fn verify(&self, form: Form, circuit: u16, inputs: &[u8], proof: &[u8]) -> bool {
        match self.check(form, CircuitId(circuit), inputs, proof) {
            Ok(()) => true,
            Err(reason) => {
                log::debug!(target: TARGET, "refused: {reason}");
                false
            }
        }
    }

    fn check(&self, form: Form, circuit: CircuitId, encoded: &[u8], proof: &[u8]) -> Result<(), VerifyError> {
        let (inputs, key) = self.precheck(form, circuit, encoded, proof)?;
        if self.remembers(&key) {
            return Ok(());
        }
        self.verifier.verify_joint(circuit, &inputs, proof)?;
        self.remember(key);
        Ok(())
    }

    /// As the host functions.
    pub(crate) fn verify_batch(&self, form: Form, circuit: u16, batch: &[u8], good: &mut [u8]) -> bool {
        good.fill(0);
        let circuit = CircuitId(circuit);
        let Some(items) = decode_batch(form, batch) else {
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
            match self.precheck(form, circuit, encoded, proof) {
                Ok((inputs, key)) => {
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
            let bad = self.verifier.verify_joint_batch(circuit, &proofs).err();
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

    /// Whatever is refused before the memo hashes anything: circuit, length of the proof, inputs. Else the inputs, and
    /// the key under which the memo has the check.
    fn precheck(
        &self,
        form: Form,
        circuit: CircuitId,
        encoded: &[u8],
        proof: &[u8],
    ) -> Result<(JointInputs, Key), VerifyError> {
        let inputs = match form {
            Form::Single => {
                self.precheck_length(circuit, 1, proof)?;
                decode_inputs(encoded)?.into()
            }
            Form::Joint => {
                // Whether there is such a circuit comes first; the length depends on the inputs.
                self.verifier.proof_length(circuit)?;
                let inputs = decode_joint_inputs(encoded)?;
                self.precheck_length(circuit, inputs.count(), proof)?;
                inputs
            }
        };
        // A check for one issuer is the same check in both forms. Joint inputs begin with those for one.
        let keyed = match inputs.single() {
            Some(_) => &encoded[..PublicInputs::max_encoded_len()],
            None => encoded,
        };
        Ok((inputs, Key::of(circuit, keyed, proof)))
    }

    fn precheck_length(&self, circuit: CircuitId, issuers: usize, proof: &[u8]) -> Result<(), VerifyError> {
        let expected = self.verifier.joint_proof_length(circuit, issuers)?;
        if proof.len() == expected {
            Ok(())
        } else {
            Err(VerifyError::Length {
                expected,
                found: proof.len(),
            })
        }
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
