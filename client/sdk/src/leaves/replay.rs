//! Finding the calls that made a shard.

use std::collections::{BTreeMap, BTreeSet};

use codec::DecodeAll;
use ofage_primitives::{
    chain::ShardInfo,
    tree::{DenseTree, Tree, SHARD_CAPACITY, SHARD_DEPTH},
    Attestation, Element, ShardIndex,
};

use crate::chain::ShardChoice;

/// Sequences that are hashed for one signer. A call that fails in a block is rare; a flood of them, made to hide
/// leaves, costs its sender fees and is only one signer's.
const ATTEMPTS: u32 = 64;
/// Choices that are followed for one signer, whole sequences or not.
const STEPS: u32 = 1 << 16;

/// A call that may have changed the shard, and who signed it.
pub(super) struct Call {
    pub(super) signer: Vec<u8>,
    pub(super) step: Step,
}

/// What a call does to a shard, if it succeeds.
pub(super) enum Step {
    /// Appends leaves.
    Append(Append),
    /// Empties leaves.
    Revoke(Revoke),
}

/// An `attest` call.
pub(super) struct Append {
    shard: ShardChoice,
    start: u16,
    leaves: Vec<Attestation>,
}

/// A `revoke` or `revoke_batch` call: it succeeds only against the shard as the calls before it left it.
pub(super) struct Revoke {
    shard: ShardIndex,
    leaves: Vec<(u16, Attestation)>,
    siblings: Vec<Element>,
    /// Whether the siblings are those of several leaves, in the order of a multiproof.
    batch: bool,
}

impl Step {
    /// Reads a call's arguments; `None` when it is none of these calls.
    pub(super) fn read(name: &str, arguments: &[&[u8]]) -> Option<Self> {
        fn all<T: DecodeAll>(mut bytes: &[u8]) -> Option<T> {
            T::decode_all(&mut bytes).ok()
        }
        match (name, arguments) {
            ("attest", [shard, start, leaves]) => Some(Self::Append(Append {
                shard: all(shard)?,
                start: all(start)?,
                leaves: all(leaves)?,
            })),
            ("revoke", [shard, position, leaf, siblings]) => Some(Self::Revoke(Revoke {
                shard: all(shard)?,
                leaves: vec![(all(position)?, all(leaf)?)],
                siblings: all::<[Element; SHARD_DEPTH]>(siblings)?.to_vec(),
                batch: false,
            })),
            ("revoke_batch", [shard, leaves, siblings]) => Some(Self::Revoke(Revoke {
                shard: all(shard)?,
                leaves: all(leaves)?,
                siblings: all(siblings)?,
                batch: true,
            })),
            _ => None,
        }
    }

    /// Whether it can concern a shard; `opens` says that its block is the one that opened the shard.
    pub(super) fn may_concern(&self, index: ShardIndex, opens: bool) -> bool {
        match self {
            Self::Append(call) => match call.shard {
                ShardChoice::Open(open) => open == index,
                ShardChoice::Next => opens,
            },
            Self::Revoke(call) => call.shard == index,
        }
    }
}

/// The leaves that a sequence of the calls, in their order, gives, if its root is the shard's. Revoked ones are empty.
///
/// A change of an issuer's key seals its shard, so one shard has one signer of what was appended. Revocations are
/// believed of that signer and of `revokers`, its issuer's keys of today; those of others, which may have been its keys
/// in between, are tried next. A revocation whose witness fits the shard as it was then counts as one that succeeded.
pub(super) fn replay(
    calls: &[Call],
    shard: &ShardInfo,
    revokers: &BTreeSet<Vec<u8>>,
) -> Option<Vec<Attestation>> {
    let mut by_signer: BTreeMap<&[u8], Vec<(usize, &Append)>> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate() {
        if let Step::Append(append) = &call.step {
            by_signer.entry(&call.signer).or_default().push((at, append));
        }
    }
    by_signer.iter().find_map(|(signer, appends)| {
        let known = |by: &[u8]| by == *signer || revokers.contains(by);
        let is_foreign = |call: &Call| matches!(call.step, Step::Revoke(_)) && !known(&call.signer);
        let any_foreign = calls.iter().any(is_foreign);
        search(appends, shard, &mut |chosen| {
            let with_known = simulate(calls, chosen, &known).filter(|tree| has_root(tree, shard));
            let tree = match with_known {
                None if any_foreign => {
                    simulate(calls, chosen, &|_| true).filter(|tree| has_root(tree, shard))
                }
                found => found,
            }?;
            let leaf = |position| Attestation::from_element(tree.leaf(position));
            Some((0..u32::from(shard.len)).map(leaf).collect())
        })
    })
}

fn has_root(tree: &DenseTree, shard: &ShardInfo) -> bool {
    tree.root() == shard.root.element()
}

/// Tries the sequences that fit together without gap or overlap: earliest calls first, since nearly all succeed.
/// `attempt` gets the places of the calls of a whole sequence.
fn search<T>(
    calls: &[(usize, &Append)],
    shard: &ShardInfo,
    attempt: &mut dyn FnMut(&[usize]) -> Option<T>,
) -> Option<T> {
    let total = u32::from(shard.len).min(SHARD_CAPACITY);
    let mut chosen: Vec<usize> = Vec::new();
    let mut len: u32 = 0;
    let mut next = 0;
    let mut attempts = 0;
    for _ in 0..STEPS {
        if len == total {
            let places: Vec<usize> = chosen
                .iter()
                .filter_map(|index| calls.get(*index))
                .map(|(place, _)| *place)
                .collect();
            if let Some(found) = attempt(&places) {
                return Some(found);
            }
            attempts += 1;
            if attempts == ATTEMPTS {
                return None;
            }
        }
        let fits = |call: &Append| {
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
            .find(|(_, (_, call))| fits(call))
            .map(|(index, (_, call))| (index, call.leaves.len() as u32));
        match found {
            Some((index, more)) => {
                chosen.push(index);
                len += more;
                next = index + 1;
            }
            // Take the last choice back, and go on behind it.
            None => {
                let index = chosen.pop()?;
                len -= calls.get(index).map_or(0, |(_, call)| call.leaves.len() as u32);
                next = index + 1;
            }
        }
    }
    None
}

/// The shard after the chosen appends and every revocation between them whose signer counts and whose witness fits.
fn simulate(calls: &[Call], chosen: &[usize], counts: &dyn Fn(&[u8]) -> bool) -> Option<DenseTree> {
    // Most shards see no revocation: a tree is made for the first one, and then kept.
    let mut leaves: Vec<Element> = Vec::new();
    let mut tree: Option<DenseTree> = None;
    for (at, call) in calls.iter().enumerate() {
        match &call.step {
            Step::Append(append) if chosen.binary_search(&at).is_ok() => {
                for leaf in &append.leaves {
                    match &mut tree {
                        Some(tree) => tree.push(leaf.element()).ok()?,
                        None => leaves.push(leaf.element()),
                    }
                }
            }
            Step::Revoke(revoke) if counts(&call.signer) => {
                let mut before = match tree.take() {
                    Some(tree) => tree,
                    None => DenseTree::new(Tree::Shard, std::mem::take(&mut leaves)).ok()?,
                };
                if revoke.fits(&before) {
                    for (position, _) in &revoke.leaves {
                        before.set(u32::from(*position), Tree::empty_leaf()).ok()?;
                    }
                }
                tree = Some(before);
            }
            _ => {}
        }
    }
    match tree {
        Some(tree) => Some(tree),
        None => DenseTree::new(Tree::Shard, leaves).ok(),
    }
}

impl Revoke {
    /// Whether leaves and siblings are those of the shard.
    fn fits(&self, shard: &DenseTree) -> bool {
        let holds = |(position, leaf): &(u16, Attestation)| {
            leaf.element() != Tree::empty_leaf() && shard.leaf(u32::from(*position)) == leaf.element()
        };
        if !self.leaves.iter().all(holds) {
            return false;
        }
        match (self.batch, self.leaves.as_slice()) {
            (false, [(position, _)]) => shard
                .path::<SHARD_DEPTH>(u32::from(*position))
                .is_some_and(|path| path.siblings()[..] == self.siblings[..]),
            (false, _) => false,
            (true, leaves) => {
                let positions: Vec<u32> = leaves.iter().map(|(position, _)| u32::from(*position)).collect();
                shard
                    .multiproof(&positions)
                    .is_some_and(|proof| proof.siblings() == self.siblings)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_shard::{leaves, shard_of};
    use proptest::prelude::*;

    fn call(signer: u8, shard: ShardChoice, start: u16, leaves: Vec<Attestation>) -> Call {
        Call {
            signer: vec![signer],
            step: Step::Append(Append { shard, start, leaves }),
        }
    }

    /// By the key that appends, and no other key of the issuer.
    fn replayed(calls: &[Call], shard: &ShardInfo) -> Option<Vec<Attestation>> {
        replay(calls, shard, &BTreeSet::new())
    }

    const OPEN: ShardChoice = ShardChoice::Open(ShardIndex(5));

    #[test]
    fn the_calls_of_a_shard_give_its_leaves() {
        let calls = [
            call(1, ShardChoice::Next, 0, leaves(0..3)),
            call(1, OPEN, 3, leaves(3..7)),
        ];
        assert!(replayed(&calls, &shard_of(&leaves(0..7))) == Some(leaves(0..7)));
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
        assert!(replayed(&calls, &shard_of(&leaves(0..7))) == Some(leaves(0..7)));
    }

    #[test]
    fn leaves_that_do_not_give_the_root_are_refused() {
        let calls = [
            call(1, ShardChoice::Next, 0, leaves(0..3)),
            call(1, OPEN, 3, leaves(4..8)),
        ];
        assert!(replayed(&calls, &shard_of(&leaves(0..7))).is_none());
        assert!(replayed(&calls[..1], &shard_of(&leaves(0..7))).is_none());
        assert!(replayed(&[], &shard_of(&leaves(0..7))).is_none());
    }

    #[test]
    fn a_flood_of_failed_calls_ends() {
        let mut calls: Vec<_> = (0..40)
            .map(|n| call(1, ShardChoice::Next, 0, leaves(n..n + 2)))
            .collect();
        calls.extend((0..40).map(|n| call(1, OPEN, 2, leaves(n..n + 2))));
        assert!(replayed(&calls, &shard_of(&leaves(100..104))).is_none());
        // Nor does one whose calls never add up to a whole sequence.
        calls.extend((1..20).flat_map(|at| (0..40).map(move |n| call(1, OPEN, at * 2, leaves(n..n + 2)))));
        assert!(replayed(&calls, &shard_of(&leaves(100..141))).is_none());
    }

    mod revocations {
        use super::*;

        const EMPTY: Attestation = Attestation::from_element(Tree::empty_leaf());
        const CONTROLLER: u8 = 7;

        fn revoke(signer: u8, before: &[Attestation], position: u16) -> Call {
            let tree = tree(before);
            let path = tree.path::<SHARD_DEPTH>(u32::from(position)).unwrap();
            Call {
                signer: vec![signer],
                step: Step::Revoke(Revoke {
                    shard: ShardIndex(5),
                    leaves: vec![(position, before[usize::from(position)])],
                    siblings: path.siblings().to_vec(),
                    batch: false,
                }),
            }
        }

        fn revoke_batch(signer: u8, before: &[Attestation], positions: &[u16]) -> Call {
            let wide: Vec<u32> = positions.iter().map(|position| u32::from(*position)).collect();
            let proof = tree(before).multiproof(&wide).unwrap();
            let leaf = |position: &u16| (*position, before[usize::from(*position)]);
            Call {
                signer: vec![signer],
                step: Step::Revoke(Revoke {
                    shard: ShardIndex(5),
                    leaves: positions.iter().map(leaf).collect(),
                    siblings: proof.siblings().to_vec(),
                    batch: true,
                }),
            }
        }

        fn tree(leaves: &[Attestation]) -> DenseTree {
            let elements = leaves.iter().map(|leaf| leaf.element()).collect();
            DenseTree::new(Tree::Shard, elements).unwrap()
        }

        fn without(mut leaves: Vec<Attestation>, positions: &[u16]) -> Vec<Attestation> {
            for position in positions {
                leaves[usize::from(*position)] = EMPTY;
            }
            leaves
        }

        fn found(calls: &[Call], expected: &[Attestation]) -> bool {
            let keys = BTreeSet::from([vec![CONTROLLER]]);
            replay(calls, &shard_of(expected), &keys).as_deref() == Some(expected)
        }

        #[test]
        fn empty_leaves_while_the_shard_grows() {
            let one = without(leaves(0..3), &[1]);
            let grown = [one.clone(), leaves(3..7)].concat();
            let two = without(grown.clone(), &[5]);
            let three = without(two.clone(), &[0, 3, 6]);
            let calls = [
                call(1, ShardChoice::Next, 0, leaves(0..3)),
                revoke(1, &leaves(0..3), 1),
                call(1, OPEN, 3, leaves(3..7)),
                revoke(CONTROLLER, &grown, 5),
                revoke_batch(CONTROLLER, &two, &[0, 3, 6]),
            ];
            for (count, expected) in [(2, &one), (3, &grown), (4, &two), (5, &three)] {
                assert!(found(&calls[..count], expected), "after {count} calls");
            }
        }

        #[test]
        fn that_were_stale_or_named_other_leaves_are_left_out() {
            let all = leaves(0..7);
            let revoked = without(all.clone(), &[2]);
            let calls = [
                call(1, ShardChoice::Next, 0, all.clone()),
                revoke(1, &all, 2),
                // Against the shard as it was before, twice the same, and a leaf that is not there.
                revoke(1, &all, 4),
                revoke(1, &all, 2),
                revoke(1, &without(leaves(10..17), &[]), 3),
                revoke_batch(1, &all, &[0, 1]),
            ];
            assert!(found(&calls, &revoked));
        }

        #[test]
        fn of_a_stranger_hide_nothing() {
            let all = leaves(0..7);
            let calls = [
                call(1, ShardChoice::Next, 0, all.clone()),
                revoke(9, &all, 2),
                revoke(9, &without(all.clone(), &[2]), 3),
            ];
            assert!(found(&calls, &all));
            // Nor do they keep those of the issuer from being found.
            let revoked = without(all.clone(), &[4]);
            let more = [
                call(1, ShardChoice::Next, 0, all.clone()),
                revoke(9, &all, 2),
                revoke(1, &all, 4),
            ];
            assert!(found(&more, &revoked));
        }

        #[test]
        fn of_a_key_that_the_issuer_had_in_between_are_found() {
            let all = leaves(0..7);
            let revoked = without(all.clone(), &[4]);
            let calls = [call(1, ShardChoice::Next, 0, all.clone()), revoke(8, &all, 4)];
            assert!(found(&calls, &revoked));
        }

        proptest! {
            #[test]
            fn any_order_gives_the_same_leaves(steps in proptest::collection::vec((any::<bool>(), 0u16..40), 1..20)) {
                let (mut shard, mut calls) = (Vec::new(), Vec::new());
                for (appends, n) in steps {
                    if appends || shard.is_empty() {
                        let first = shard.len() as u64;
                        let more = leaves(first..first + 1 + u64::from(n % 5));
                        let choice = if shard.is_empty() { ShardChoice::Next } else { OPEN };
                        calls.push(call(1, choice, shard.len() as u16, more.clone()));
                        shard.extend(more);
                    } else {
                        let position = n % shard.len() as u16;
                        if shard[usize::from(position)] != EMPTY {
                            calls.push(revoke(1, &shard, position));
                            shard[usize::from(position)] = EMPTY;
                        }
                    }
                }
                prop_assert!(found(&calls, &shard));
            }
        }
    }

    #[test]
    fn arguments_of_another_shape_are_no_call() {
        use codec::Encode;
        let (shard, start, batch) = (OPEN.encode(), 0u16.encode(), leaves(0..2).encode());
        let read = |name: &str, arguments: &[&[u8]]| Step::read(name, arguments).is_some();
        assert!(read("attest", &[&shard, &start, &batch]));
        assert!(!read("attest", &[&shard, &start]));
        assert!(!read("attest", &[&shard, &batch, &start]));
        assert!(!read("attest", &[&shard, &start, &batch[..5]]));
        assert!(!read("seal_shard", &[&shard, &start, &batch]));

        let (index, leaf) = (ShardIndex(5).encode(), leaves(0..1)[0].encode());
        let (twelve, some) = ([leaves(0..1)[0].element(); SHARD_DEPTH].encode(), batch.clone());
        let several = vec![(3u16, leaves(0..1)[0])].encode();
        assert!(read("revoke", &[&index, &start, &leaf, &twelve]));
        assert!(!read("revoke", &[&index, &start, &leaf, &twelve[1..]]));
        assert!(read("revoke_batch", &[&index, &several, &some]));
        assert!(!read("revoke_batch", &[&index, &batch, &some]));
    }

    #[test]
    fn calls_for_another_shard_do_not_concern_it() {
        let next = call(1, ShardChoice::Next, 0, leaves(0..1)).step;
        assert!(next.may_concern(ShardIndex(5), true) && !next.may_concern(ShardIndex(5), false));
        let open = call(1, OPEN, 0, leaves(0..1)).step;
        assert!(open.may_concern(ShardIndex(5), false) && !open.may_concern(ShardIndex(6), false));
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
            prop_assert!(replayed(&calls, &shard_of(&all)) == Some(all));
        }
    }
}
