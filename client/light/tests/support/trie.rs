//! A state made here, and proofs of it.
#![allow(dead_code)] // each of those that include this file takes a part

use std::collections::BTreeMap;

use codec::Encode;
use smoldot::trie::{
    all_nibbles, bytes_to_nibbles,
    trie_node::{encode_to_vec, Decoded, StorageValue},
    Nibble,
};

use super::chain::hash;

/// Values from this length on stand beside their node, which has their hash.
const HASHED_FROM: usize = 33;
/// Nodes from this length on stand beside their parent, which has their hash.
const NODE_HASHED_FROM: usize = 32;

/// Keys and values.
#[derive(Clone, Debug, Default)]
pub(crate) struct State(pub(crate) BTreeMap<Vec<u8>, Vec<u8>>);

impl State {
    pub(crate) fn root(&self) -> [u8; 32] {
        self.prove(&[]).0
    }

    /// The nodes that lead to some keys, and the long values at their ends, as `state_getReadProof` gives them.
    pub(crate) fn proof(&self, keys: &[Vec<u8>]) -> Vec<u8> {
        self.prove(keys).1.encode()
    }

    fn prove(&self, keys: &[Vec<u8>]) -> ([u8; 32], Vec<Vec<u8>>) {
        let entries: Vec<_> = self
            .0
            .iter()
            .map(|(key, value)| (digits(key), &value[..]))
            .collect();
        let wanted: Vec<_> = keys.iter().map(|key| digits(key)).collect();
        let mut proof = Vec::new();
        let node = node(&entries, 0, &wanted.iter().collect::<Vec<_>>(), &mut proof);
        let root = hash(&node);
        // Longer ones are there already.
        if node.len() < NODE_HASHED_FROM {
            proof.push(node);
        }
        (root, proof)
    }
}

fn digits(key: &[u8]) -> Vec<Nibble> {
    bytes_to_nibbles(key.iter().copied()).collect()
}

/// The node of all entries, which share their first `depth` digits; keys of `wanted` do, too.
fn node(
    entries: &[(Vec<Nibble>, &[u8])],
    depth: usize,
    wanted: &[&Vec<Nibble>],
    proof: &mut Vec<Vec<u8>>,
) -> Vec<u8> {
    let (Some((first, _)), Some((last, _))) = (entries.first(), entries.last()) else {
        return vec![0];
    };
    // Sorted, so that what these two share all share.
    let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    let (value, below) = match entries.split_first() {
        Some(((key, value), below)) if key.len() == shared => (Some(*value), below),
        _ => (None, entries),
    };
    let branches: Vec<_> = all_nibbles().collect();
    let children: [Option<Vec<u8>>; 16] = std::array::from_fn(|at| {
        let of_child: Vec<_> = below
            .iter()
            .filter(|(key, _)| key[shared] == branches[at])
            .cloned()
            .collect();
        if of_child.is_empty() {
            return None;
        }
        let led_there: Vec<_> = wanted
            .iter()
            .copied()
            .filter(|key| key.starts_with(&first[..shared]) && key.get(shared) == Some(&branches[at]))
            .collect();
        let child = node(&of_child, shared + 1, &led_there, proof);
        Some(if child.len() < NODE_HASHED_FROM {
            child
        } else {
            hash(&child).to_vec()
        })
    });
    let value_hash = value.map(hash);
    let bytes = encode_to_vec(Decoded {
        partial_key: first[depth..shared].iter().copied(),
        children,
        storage_value: match (value, &value_hash) {
            (Some(value), Some(hash)) if value.len() >= HASHED_FROM => {
                if wanted.iter().any(|key| key[..] == first[..shared]) {
                    proof.push(value.to_vec());
                }
                StorageValue::Hashed(hash)
            }
            (Some(value), _) => StorageValue::Unhashed(value),
            _ => StorageValue::None,
        },
    })
    .unwrap();
    if !wanted.is_empty() && bytes.len() >= NODE_HASHED_FROM {
        proof.push(bytes.clone());
    }
    bytes
}
