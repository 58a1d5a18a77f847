//! Proofs about the state: the nodes of its trie on the way to some keys.

use std::collections::BTreeMap;

use codec::{Compact, Decode};
use smoldot::trie::{
    bytes_to_nibbles,
    trie_node::{self, StorageValue},
};

/// Longest proof that is looked at, in bytes. One for the keys of an anchor has some two thousand.
pub const MAX_PROOF: usize = 64 * 1024;
/// Most nodes and values of a proof.
const MAX_ENTRIES: usize = 512;
/// Bytes of the hash by which a node names another one, or a value.
const HASH: usize = 32;

/// Bytes that do not prove what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Longer than [`MAX_PROOF`], or of too many nodes.
    #[error("a proof of the state has at most {MAX_PROOF} bytes and {MAX_ENTRIES} nodes")]
    TooLong,
    /// Not decodable, or bytes follow it.
    #[error("not a proof of the state; it may be cut off or altered")]
    Malformed,
    /// No node is the root of the state that the header names.
    #[error("the proof is of another block's state")]
    OtherState,
    /// A node on the way to a key is not there.
    #[error("the proof does not reach all that was asked for")]
    Missing,
    /// A node that lies on the way to no key, or is there twice.
    #[error("the proof holds more than what was asked for")]
    Extra,
}

/// The values under some keys in the state with this root, in their order; `None` where there is none.
///
/// `proof` is what `state_getReadProof` gives, as a SCALE vector of byte vectors. It has to have just the nodes that lead
/// from the root to the keys, and the long values at their ends, each once: what else a server could say there would pass
/// unread.
///
/// # Errors
/// [`ProofError`].
pub(crate) fn read(
    state_root: &[u8; HASH],
    proof: &[u8],
    keys: &[Vec<u8>],
) -> Result<Vec<Option<Vec<u8>>>, ProofError> {
    let mut entries = Entries::decode(proof)?;
    if !entries.0.contains_key(state_root) {
        return Err(ProofError::OtherState);
    }
    let values = keys
        .iter()
        .map(|key| entries.value(state_root, key))
        .collect::<Result<_, _>>()?;
    if entries.0.values().any(|entry| !entry.used) {
        return Err(ProofError::Extra);
    }
    Ok(values)
}

/// A node or value, and whether a key led to it.
struct Entry<'a> {
    bytes: &'a [u8],
    used: bool,
}

/// By hash.
struct Entries<'a>(BTreeMap<[u8; HASH], Entry<'a>>);

impl<'a> Entries<'a> {
    fn decode(proof: &'a [u8]) -> Result<Self, ProofError> {
        if proof.len() > MAX_PROOF {
            return Err(ProofError::TooLong);
        }
        let mut rest = proof;
        let count = length(&mut rest)?;
        if count > MAX_ENTRIES {
            return Err(ProofError::TooLong);
        }
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let length = length(&mut rest)?;
            let (bytes, behind) = rest.split_at_checked(length).ok_or(ProofError::Malformed)?;
            rest = behind;
            if entries
                .insert(hash(bytes), Entry { bytes, used: false })
                .is_some()
            {
                return Err(ProofError::Extra);
            }
        }
        if rest.is_empty() {
            Ok(Self(entries))
        } else {
            Err(ProofError::Malformed)
        }
    }

    fn take(&mut self, hash: &[u8]) -> Result<&'a [u8], ProofError> {
        let entry = self.0.get_mut(hash).ok_or(ProofError::Missing)?;
        entry.used = true;
        Ok(entry.bytes)
    }

    /// Goes from the root to the key's end, or to where the trie shows that there is no such key.
    fn value(&mut self, root: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, ProofError> {
        let nibbles: Vec<u8> = bytes_to_nibbles(key.iter().copied()).map(u8::from).collect();
        let mut ahead = &nibbles[..];
        let mut node = self.take(root)?;
        // Each round but the last has one digit less ahead of it.
        loop {
            let decoded = trie_node::decode(node).map_err(|_| ProofError::Malformed)?;
            let partial: Vec<u8> = decoded.partial_key.map(u8::from).collect();
            let Some(behind) = ahead.strip_prefix(&partial[..]) else {
                return Ok(None);
            };
            let Some((branch, below)) = behind.split_first() else {
                return Ok(match decoded.storage_value {
                    StorageValue::None => None,
                    StorageValue::Unhashed(value) => Some(value.to_vec()),
                    StorageValue::Hashed(hash) => Some(self.take(hash)?.to_vec()),
                });
            };
            let Some(child) = decoded.children[usize::from(*branch)] else {
                return Ok(None);
            };
            // A short node stands in its parent; others are named by their hash.
            node = if child.len() < HASH {
                child
            } else {
                self.take(child)?
            };
            ahead = below;
        }
    }
}

fn length(rest: &mut &[u8]) -> Result<usize, ProofError> {
    let length = Compact::<u32>::decode(rest).map_err(|_| ProofError::Malformed)?;
    usize::try_from(length.0).map_err(|_| ProofError::Malformed)
}

/// How the trie hashes: BLAKE2b-256.
pub(crate) fn hash(bytes: &[u8]) -> [u8; HASH] {
    let mut out = [0; HASH];
    out.copy_from_slice(
        blake2b_simd::Params::new()
            .hash_length(HASH)
            .hash(bytes)
            .as_bytes(),
    );
    out
}

#[cfg(test)]
mod tests;
