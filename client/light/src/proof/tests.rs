//! Proofs of states made here, against the states themselves.

use super::*;
use codec::Encode;
use proptest::prelude::*;
use smoldot::trie::{
    calculate_root::{root_merkle_value, RootMerkleValueCalculation},
    HashFunction, TrieEntryVersion,
};
use std::ops::Bound;

/// Where the trie takes its hash from.
mod chain {
    pub(super) use crate::proof::hash;
}
#[path = "../../tests/support/trie.rs"]
mod trie;
use trie::State;

fn nodes(proof: &[u8]) -> Vec<Vec<u8>> {
    Vec::decode(&mut &proof[..]).unwrap()
}

/// Keys that share beginnings, and are each other's, as far as they go.
fn arb_key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0x00), Just(0x01), Just(0x10), Just(0xff)], 0..5)
}

/// Short values that stand in their nodes, and long ones that stand beside them, around the border between the two.
fn arb_state() -> impl Strategy<Value = State> {
    let value = prop_oneof![0usize..5, 30usize..36, 60usize..80]
        .prop_flat_map(|length| proptest::collection::vec(any::<u8>(), length));
    proptest::collection::btree_map(arb_key(), value, 0..40).prop_map(State)
}

fn arb_keys() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(arb_key(), 1..6)
}

/// Not by its `trie_root`, which passes over keys that are equal to where it looks from.
fn root_by_smoldot(State(entries): &State) -> [u8; 32] {
    let mut calculation = root_merkle_value(HashFunction::Blake2);
    loop {
        calculation = match calculation {
            RootMerkleValueCalculation::Finished { hash } => return hash,
            RootMerkleValueCalculation::StorageValue(asked) => {
                let value = entries.get(&asked.key().collect::<Vec<_>>());
                asked.inject(value.map(|value| (value, TrieEntryVersion::V1)))
            }
            RootMerkleValueCalculation::NextKey(asked) => {
                let from: Vec<_> = asked.key_before().collect();
                let from = if asked.or_equal() {
                    Bound::Included(from)
                } else {
                    Bound::Excluded(from)
                };
                let prefix: Vec<_> = asked.prefix().collect();
                let next = entries.range((from, Bound::Unbounded)).next();
                let key = next.map(|(key, _)| key).filter(|key| key.starts_with(&prefix));
                asked.inject_key(key.map(|key| key.iter().copied()))
            }
        }
    }
}

proptest! {
    #[test]
    fn states_made_here_have_the_roots_that_smoldot_gives_them(state in arb_state()) {
        prop_assert_eq!(state.root(), root_by_smoldot(&state));
    }

    #[test]
    fn a_proof_tells_of_every_key_what_the_state_has(state in arb_state(), keys in arb_keys()) {
        let values = keys.iter().map(|key| state.0.get(key).cloned()).collect();
        prop_assert_eq!(read(&state.root(), &state.proof(&keys), &keys), Ok(values));
    }

    #[test]
    fn each_node_is_needed_and_no_other_is_taken(state in arb_state(), keys in arb_keys(), stray in any::<[u8; 40]>()) {
        let root = state.root();
        let good = nodes(&state.proof(&keys));
        for at in 0..good.len() {
            let mut less = good.clone();
            let left_out = less.remove(at);
            let expected = if hash(&left_out) == root { ProofError::OtherState } else { ProofError::Missing };
            prop_assert_eq!(read(&root, &less.encode(), &keys), Err(expected));
            let mut twice = good.clone();
            twice.push(left_out);
            prop_assert_eq!(read(&root, &twice.encode(), &keys), Err(ProofError::Extra));
        }
        let every_key: Vec<_> = state.0.keys().cloned().collect();
        let strays = nodes(&state.proof(&every_key)).into_iter().chain([stray.to_vec(), Vec::new()]);
        for other in strays.filter(|node| !good.contains(node)) {
            let more = [&good[..], &[other]].concat();
            prop_assert_eq!(read(&root, &more.encode(), &keys), Err(ProofError::Extra));
        }
    }

    #[test]
    fn the_order_of_the_nodes_says_nothing(state in arb_state(), keys in arb_keys(), by in any::<usize>()) {
        let mut turned = nodes(&state.proof(&keys));
        let by = by % turned.len();
        turned.rotate_left(by);
        turned.reverse();
        let (root, good) = (state.root(), state.proof(&keys));
        prop_assert_eq!(read(&root, &turned.encode(), &keys), read(&root, &good, &keys));
    }

    #[test]
    fn no_bytes_panic_under_a_root_that_fits_them(nodes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..5), keys in arb_keys()) {
        let _ = read(&hash(&nodes[0]), &nodes.encode(), &keys);
    }
}

#[test]
fn the_node_of_an_empty_state_proves_that_nothing_is_there() {
    let (state, keys) = (State::default(), [vec![1], vec![]]);
    assert_eq!(
        read(&state.root(), &state.proof(&keys), &keys),
        Ok(vec![None, None])
    );
    assert_eq!(
        read(&state.root(), &Vec::<Vec<u8>>::new().encode(), &keys),
        Err(ProofError::OtherState)
    );
}

mod rejects {
    use super::*;

    const KEYS: [&[u8]; 2] = [&[1, 2], &[1, 3]];

    fn keys() -> Vec<Vec<u8>> {
        KEYS.map(<[u8]>::to_vec).to_vec()
    }

    fn state() -> State {
        let entries = [
            (vec![1, 2], vec![1; 33]),
            (vec![1, 3], vec![2; 32]),
            (vec![9], vec![3; 64]),
        ];
        State(entries.into_iter().collect())
    }

    fn refusal(proof: &[u8]) -> ProofError {
        read(&state().root(), proof, &keys()).unwrap_err()
    }

    #[test]
    fn the_proof_of_another_state() {
        let mut other = state();
        other.0.insert(vec![9], vec![4; 64]);
        assert_eq!(refusal(&other.proof(&keys())), ProofError::OtherState);
    }

    #[test]
    fn the_trie_of_another_state_beside_the_right_one() {
        let mut other = state();
        other.0.insert(vec![1, 2], vec![7; 33]);
        let both = [nodes(&state().proof(&keys())), nodes(&other.proof(&keys()))].concat();
        let mut distinct = both.clone();
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() > nodes(&state().proof(&keys())).len());
        assert_eq!(refusal(&distinct.encode()), ProofError::Extra);
        assert_eq!(refusal(&both.encode()), ProofError::Extra);
    }

    #[test]
    fn a_long_value_of_a_key_that_nobody_asked_for() {
        let more = [nodes(&state().proof(&keys())), vec![vec![3; 64]]].concat();
        assert_eq!(refusal(&more.encode()), ProofError::Extra);
    }

    #[test]
    fn a_long_value_in_the_place_of_another() {
        let mut swapped = nodes(&state().proof(&keys()));
        let value = swapped.iter_mut().find(|node| **node == [1; 33]).unwrap();
        *value = vec![8; 33];
        assert_eq!(refusal(&swapped.encode()), ProofError::Missing);
    }

    #[test]
    fn cut_off_longer_and_altered_bytes() {
        let good = state().proof(&keys());
        for end in 0..good.len() {
            assert_eq!(refusal(&good[..end]), ProofError::Malformed, "{end} bytes");
        }
        assert_eq!(refusal(&[&good[..], &[0]].concat()), ProofError::Malformed);
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                refusal(&bad);
            }
        }
    }

    #[test]
    fn sizes_that_no_memory_holds() {
        assert_eq!(refusal(&vec![0; MAX_PROOF + 1]), ProofError::TooLong);
        assert_eq!(refusal(&Compact(u32::MAX).encode()), ProofError::TooLong);
        let many: Vec<_> = (0..=MAX_ENTRIES as u32).map(|n| n.encode()).collect();
        assert_eq!(refusal(&many.encode()), ProofError::TooLong);
        assert_eq!(refusal(&many[1..].encode()), ProofError::OtherState);
        let long = [Compact(1u32).encode(), Compact(u32::MAX).encode()].concat();
        assert_eq!(refusal(&long), ProofError::Malformed);
    }

    #[test]
    fn a_count_or_a_length_written_longer_than_need_be() {
        let good = state().proof(&keys());
        let count = [(good[0] & !3) | 1, 0];
        assert_eq!(refusal(&[&count[..], &good[1..]].concat()), ProofError::Malformed);
        // The mode of big integers, with four bytes.
        let count = [3, good[0] >> 2, 0, 0, 0];
        assert_eq!(refusal(&[&count[..], &good[1..]].concat()), ProofError::Malformed);
    }

    #[test]
    fn a_root_that_is_no_node() {
        for bytes in [&[][..], &[0xff; 3], &[0x01, 0xff, 0xff], &[0x80], &[0x7f; 64]] {
            let proof = vec![bytes.to_vec()].encode();
            assert_eq!(
                read(&hash(bytes), &proof, &keys()),
                Err(ProofError::Malformed),
                "{bytes:?}"
            );
        }
    }
}
