//! Finding the calls that made a shard.

use std::collections::BTreeMap;

use codec::{Decode, DecodeAll};
use ofage_primitives::{
    chain::ShardInfo,
    tree::{Frontier, SHARD_CAPACITY},
    Attestation, NativeHasher,
};

use crate::chain::ShardChoice;

/// Sequences that are hashed for one signer. A call that fails in a block is rare; a flood of them, made to hide
/// leaves, costs its sender fees and is only one signer's.
const ATTEMPTS: u32 = 64;
/// Choices that are followed for one signer, whole sequences or not.
const STEPS: u32 = 1 << 16;

/// A call that may have appended to the shard.
pub(super) struct Candidate {
    pub(super) signer: Vec<u8>,
    pub(super) shard: ShardChoice,
    pub(super) start: u16,
    pub(super) leaves: Vec<Attestation>,
}

impl Candidate {
    /// Reads the arguments of an `attest` call; `None` when they are none.
    pub(super) fn new(signer: Vec<u8>, arguments: &[&[u8]]) -> Option<Self> {
        let [shard, start, leaves] = arguments else {
            return None;
        };
        Some(Self {
            signer,
            shard: ShardChoice::decode_all(&mut &shard[..]).ok()?,
            start: u16::decode_all(&mut &start[..]).ok()?,
            leaves: Vec::decode(&mut &leaves[..]).ok()?,
        })
    }
}

/// The leaves that a sequence of the calls, in their order, gives, if its root is the shard's.
///
/// A change of an issuer's key seals its shard, so one shard has one signer.
pub(super) fn replay(calls: &[Candidate], shard: &ShardInfo) -> Option<Vec<Attestation>> {
    let mut by_signer: BTreeMap<&[u8], Vec<&Candidate>> = BTreeMap::new();
    for call in calls {
        by_signer.entry(&call.signer).or_default().push(call);
    }
    by_signer.values().find_map(|calls| search(calls, shard))
}

/// Tries the sequences that fit together without gap or overlap: earliest calls first, since nearly all succeed.
fn search(calls: &[&Candidate], shard: &ShardInfo) -> Option<Vec<Attestation>> {
    let total = u32::from(shard.len).min(SHARD_CAPACITY);
    let mut chosen: Vec<usize> = Vec::new();
    let mut len: u32 = 0;
    let mut next = 0;
    let mut attempts = 0;
    for _ in 0..STEPS {
        if len == total {
            let leaves: Vec<Attestation> = chosen
                .iter()
                .filter_map(|index| calls.get(*index))
                .flat_map(|call| &call.leaves)
                .copied()
                .collect();
            let root = Frontier::default().append::<NativeHasher>(&leaves).ok()?;
            if root == shard.root {
                return Some(leaves);
            }
            attempts += 1;
            if attempts == ATTEMPTS {
                return None;
            }
        }
        let fits = |call: &Candidate| {
            let first = chosen.is_empty() == (call.shard == ShardChoice::Next || call.start == 0);
            first
                && u32::from(call.start) == len
                && !call.leaves.is_empty()
                && call.leaves.len() as u32 <= total - len
        };
        let found = calls
            .iter()
            .enumerate()
            .skip(next)
            .find(|(_, call)| fits(call))
            .map(|(index, call)| (index, *call));
        match found {
            Some((index, call)) => {
                chosen.push(index);
                len += call.leaves.len() as u32;
                next = index + 1;
            }
            // Take the last choice back, and go on behind it.
            None => {
                let index = chosen.pop()?;
                len -= calls.get(index).map_or(0, |call| call.leaves.len() as u32);
                next = index + 1;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::{Element, IssuerIndex, ShardIndex};
    use proptest::prelude::*;

    fn leaves(range: std::ops::Range<u64>) -> Vec<Attestation> {
        range
            .map(|n| Attestation::from_element(Element::from_u64(n)))
            .collect()
    }

    fn call(signer: u8, shard: ShardChoice, start: u16, leaves: Vec<Attestation>) -> Candidate {
        Candidate {
            signer: vec![signer],
            shard,
            start,
            leaves,
        }
    }

    fn shard_of(leaves: &[Attestation]) -> ShardInfo {
        ShardInfo {
            index: ShardIndex(5),
            issuer: IssuerIndex(0),
            root: Frontier::default().append::<NativeHasher>(leaves).unwrap(),
            len: leaves.len() as u16,
            sealed: false,
            revoked: false,
            opened_at: 1,
            changed_at: 9,
        }
    }

    const OPEN: ShardChoice = ShardChoice::Open(ShardIndex(5));

    #[test]
    fn the_calls_of_a_shard_give_its_leaves() {
        let calls = [
            call(1, ShardChoice::Next, 0, leaves(0..3)),
            call(1, OPEN, 3, leaves(3..7)),
        ];
        assert!(replay(&calls, &shard_of(&leaves(0..7))) == Some(leaves(0..7)));
    }

    #[test]
    fn calls_that_failed_are_left_out() {
        let calls = [
            // Another issuer's shard, opened in the same block, and a call that names this one without the right.
            call(2, ShardChoice::Next, 0, leaves(50..53)),
            call(2, OPEN, 3, leaves(60..64)),
            call(1, ShardChoice::Next, 0, leaves(70..73)),
            call(1, ShardChoice::Next, 0, leaves(0..3)),
            call(1, OPEN, 2, leaves(80..84)),
            call(1, OPEN, 3, leaves(90..94)),
            call(1, OPEN, 3, leaves(3..7)),
            call(1, OPEN, 3, leaves(3..7)),
        ];
        assert!(replay(&calls, &shard_of(&leaves(0..7))) == Some(leaves(0..7)));
    }

    #[test]
    fn leaves_that_do_not_give_the_root_are_refused() {
        let calls = [
            call(1, ShardChoice::Next, 0, leaves(0..3)),
            call(1, OPEN, 3, leaves(4..8)),
        ];
        assert!(replay(&calls, &shard_of(&leaves(0..7))).is_none());
        assert!(replay(&calls[..1], &shard_of(&leaves(0..7))).is_none());
        assert!(replay(&[], &shard_of(&leaves(0..7))).is_none());
    }

    #[test]
    fn a_flood_of_failed_calls_ends() {
        let mut calls: Vec<_> = (0..40)
            .map(|n| call(1, ShardChoice::Next, 0, leaves(n..n + 2)))
            .collect();
        calls.extend((0..40).map(|n| call(1, OPEN, 2, leaves(n..n + 2))));
        assert!(replay(&calls, &shard_of(&leaves(100..104))).is_none());
        // Nor does one whose calls never add up to a whole sequence.
        calls.extend((1..20).flat_map(|at| (0..40).map(move |n| call(1, OPEN, at * 2, leaves(n..n + 2)))));
        assert!(replay(&calls, &shard_of(&leaves(100..141))).is_none());
    }

    #[test]
    fn arguments_of_another_shape_are_no_call() {
        use codec::Encode;
        let (shard, start, batch) = (OPEN.encode(), 0u16.encode(), leaves(0..2).encode());
        assert!(Candidate::new(vec![], &[&shard, &start, &batch]).is_some());
        assert!(Candidate::new(vec![], &[&shard, &start]).is_none());
        assert!(Candidate::new(vec![], &[&shard, &batch, &start]).is_none());
        assert!(Candidate::new(vec![], &[&shard, &start, &batch[..5]]).is_none());
    }

    proptest! {
        #[test]
        fn any_split_into_calls_gives_the_same_leaves(cuts in proptest::collection::vec(1usize..9, 1..8)) {
            let total: usize = cuts.iter().sum();
            let all = leaves(0..total as u64);
            let mut at = 0;
            let mut calls = Vec::new();
            for cut in cuts {
                let shard = if at == 0 { ShardChoice::Next } else { OPEN };
                calls.push(call(1, shard, at as u16, all[at..at + cut].to_vec()));
                at += cut;
            }
            prop_assert!(replay(&calls, &shard_of(&all)) == Some(all));
        }
    }
}
