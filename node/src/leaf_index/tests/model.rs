//! What calls do to shards.

use super::toy::{account, empty, leaves};
use crate::leaf_index::{
    block::Range,
    model::{Draft, Opening, ReadError, Records, Shard},
};
use ofage_primitives::{
    tree::{DenseTree, Tree, SHARD_CAPACITY},
    Attestation, Element, IssuerIndex, ShardIndex,
};
use std::collections::BTreeMap;

/// Nothing but these shards.
#[derive(Default)]
struct Known(BTreeMap<ShardIndex, Shard>);

impl Records for Known {
    fn shard(&self, index: ShardIndex) -> Result<Option<Shard>, ReadError> {
        Ok(self.0.get(&index).cloned())
    }
    fn last_shard(&self, issuer: IssuerIndex) -> Result<Option<ShardIndex>, ReadError> {
        let mut shards = self.0.iter().rev();
        Ok(shards
            .find(|(_, shard)| shard.issuer == issuer)
            .map(|(index, _)| *index))
    }
    fn shards(&self) -> Result<u32, ReadError> {
        Ok(self.0.len() as u32)
    }
    fn node(&self, _: u8, _: u32) -> Result<Option<Element>, ReadError> {
        Ok(None)
    }
}

const S: ShardIndex = ShardIndex(0);

fn opening() -> Option<Opening> {
    Some(Opening {
        issuer: IssuerIndex(3),
        appender: account(1),
    })
}

fn tree(leaves: &[Attestation]) -> DenseTree {
    DenseTree::new(Tree::Shard, leaves.iter().map(|leaf| leaf.element()).collect()).unwrap()
}

fn siblings(leaves: &[Attestation], positions: &[u32]) -> Vec<Element> {
    tree(leaves).multiproof(positions).unwrap().siblings().to_vec()
}

/// Positions with their leaves.
fn at(leaves: &[Attestation], positions: &[u32]) -> Vec<(u16, Attestation)> {
    positions
        .iter()
        .map(|position| (*position as u16, leaves[*position as usize]))
        .collect()
}

#[test]
fn leaves_that_are_revoked_and_appended_in_turn_give_the_root_of_the_whole() {
    let known = Known::default();
    let mut draft = Draft::new(&known, 5);
    let mut all = leaves(0..5);
    assert!(draft.append(0, S, opening(), 0, &all).unwrap());
    for (round, positions) in [vec![4], vec![0, 1], vec![6], vec![2, 3, 8, 9]]
        .into_iter()
        .enumerate()
    {
        let proof = siblings(&all, &positions);
        assert!(draft.revoke(S, &at(&all, &positions), &proof).unwrap());
        positions
            .iter()
            .for_each(|position| all[*position as usize] = empty());
        let more = leaves(100 * round as u64 + 100..100 * round as u64 + 103);
        assert!(draft.append(0, S, None, all.len() as u16, &more).unwrap());
        all.extend(more);
        let shard = draft.shard(S).unwrap().unwrap();
        assert!(shard.root.element() == tree(&all).root() && usize::from(shard.len) == all.len());
    }
    let changes = draft.finish();
    assert_eq!(changes.shards[&S].emptied, 8);
    assert_eq!(changes.shards[&S].opened_at, 5);
    assert_eq!(changes.last[&IssuerIndex(3)], S);
    assert_eq!(changes.entries.len(), 9);
}

#[test]
fn a_full_shard_is_still_revoked_from() {
    let known = Known::default();
    let mut draft = Draft::new(&known, 1);
    let mut all = leaves(0..u64::from(SHARD_CAPACITY));
    assert!(draft.append(0, S, opening(), 0, &all).unwrap());
    assert!(!draft
        .append(1, S, None, SHARD_CAPACITY as u16, &leaves(9000..9001))
        .unwrap());
    let last = SHARD_CAPACITY - 1;
    assert!(draft
        .revoke(S, &at(&all, &[last]), &siblings(&all, &[last]))
        .unwrap());
    all[last as usize] = empty();
    assert!(draft.shard(S).unwrap().unwrap().root.element() == tree(&all).root());
}

#[test]
fn shards_are_marked_along_their_links_and_no_others() {
    let known = Known::default();
    let mut draft = Draft::new(&known, 1);
    let other = Some(Opening {
        issuer: IssuerIndex(4),
        appender: account(2),
    });
    for index in 0..6 {
        let opening = if index % 2 == 0 { opening() } else { other };
        let leaves = leaves(u64::from(index)..u64::from(index) + 1);
        assert!(draft.append(0, ShardIndex(index), opening, 0, &leaves).unwrap());
    }
    let range = |from, to, count| Range {
        from: ShardIndex(from),
        to: ShardIndex(to),
        count,
    };
    assert!(!draft.mark(range(0, 4, 2), true, 99).unwrap(), "there are three");
    assert!(
        !draft.mark(range(0, 4, 3), true, 2).unwrap(),
        "more than the chain allows"
    );
    assert!(!draft.mark(range(0, 4, 3), false, 99).unwrap(), "none is revoked");
    assert!(!draft.mark(range(9, 9, 3), true, 99).unwrap(), "there is none");
    assert!(draft.mark(range(1, 4, 2), true, 99).unwrap());
    let mut revoked = |index| draft.shard(ShardIndex(index)).unwrap().unwrap().revoked;
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(&mut revoked),
        [false, false, true, false, true, false]
    );
    assert!(!draft.append(0, ShardIndex(4), None, 1, &leaves(9..10)).unwrap());
    assert!(draft.mark(range(2, 2, 1), false, 99).unwrap());
    assert!(!draft.shard(ShardIndex(2)).unwrap().unwrap().revoked);
    assert!(
        !draft.append(0, ShardIndex(2), None, 1, &leaves(9..10)).unwrap(),
        "sealed since"
    );
}

#[test]
fn a_shard_that_is_revoked_as_a_whole_is_still_revoked_from() {
    let known = Known::default();
    let mut draft = Draft::new(&known, 1);
    let mut all = leaves(0..4);
    let range = Range {
        from: S,
        to: S,
        count: 1,
    };
    assert!(draft.append(0, S, opening(), 0, &all).unwrap());
    assert!(draft.mark(range, true, 1).unwrap());
    assert!(draft.revoke(S, &at(&all, &[2]), &siblings(&all, &[2])).unwrap());
    assert!(!draft.revoke(S, &at(&all, &[1]), &siblings(&all, &[1])).unwrap());
    all[2] = empty();
    assert!(draft.mark(range, false, 1).unwrap());
    let shard = draft.shard(S).unwrap().unwrap();
    assert!(shard.root.element() == tree(&all).root());
    assert!(!shard.revoked && shard.frontier.is_none() && shard.emptied == 1);
}

mod rejects {
    use super::*;

    /// What is refused changes nothing.
    fn refused(with: impl FnOnce(&mut Draft<'_, Known>, &[Attestation]) -> bool) {
        let known = Known::default();
        let mut draft = Draft::new(&known, 1);
        let all = leaves(0..4);
        assert!(draft.append(0, S, opening(), 0, &all).unwrap());
        let before = draft.shard(S).unwrap().cloned();
        assert!(!with(&mut draft, &all));
        assert!(draft.shard(S).unwrap().cloned() == before);
        assert_eq!(draft.finish().entries.len(), 1);
    }

    #[test]
    fn a_batch_that_starts_elsewhere() {
        refused(|draft, _| draft.append(1, S, None, 3, &leaves(9..10)).unwrap());
        refused(|draft, _| draft.append(1, S, None, 5, &leaves(9..10)).unwrap());
    }

    #[test]
    fn a_batch_without_leaves_or_with_an_empty_one() {
        refused(|draft, _| draft.append(1, S, None, 4, &[]).unwrap());
        refused(|draft, _| draft.append(1, S, None, 4, &[leaves(9..10)[0], empty()]).unwrap());
    }

    #[test]
    fn a_batch_beyond_the_end() {
        refused(|draft, _| {
            let many = leaves(10..10 + u64::from(SHARD_CAPACITY) - 3);
            draft.append(1, S, None, 4, &many).unwrap()
        });
    }

    #[test]
    fn a_shard_that_is_opened_twice_or_not_at_all() {
        refused(|draft, _| draft.append(1, S, opening(), 0, &leaves(9..10)).unwrap());
        refused(|draft, _| draft.append(1, ShardIndex(1), None, 0, &leaves(9..10)).unwrap());
    }

    #[test]
    fn a_stale_witness() {
        refused(|draft, all| {
            let stale = siblings(&all[..3], &[1]);
            draft.revoke(S, &at(all, &[1]), &stale).unwrap()
        });
    }

    #[test]
    fn another_leaf_or_position() {
        refused(|draft, all| {
            let wrong = [(1, all[2])];
            draft.revoke(S, &wrong, &siblings(all, &[1])).unwrap()
        });
        refused(|draft, all| draft.revoke(S, &[(4, empty())], &siblings(all, &[4])).unwrap());
        refused(|draft, all| draft.revoke(S, &[(9, all[0])], &siblings(all, &[0])).unwrap());
        refused(|draft, all| {
            draft
                .revoke(ShardIndex(7), &at(all, &[1]), &siblings(all, &[1]))
                .unwrap()
        });
    }

    #[test]
    fn a_malformed_multiproof() {
        refused(|draft, all| draft.revoke(S, &[], &siblings(all, &[1])).unwrap());
        refused(|draft, all| {
            draft
                .revoke(S, &at(all, &[2, 1]), &siblings(all, &[1, 2]))
                .unwrap()
        });
        refused(|draft, all| draft.revoke(S, &at(all, &[1, 1]), &siblings(all, &[1])).unwrap());
        refused(|draft, all| {
            draft
                .revoke(S, &at(all, &[1]), &siblings(all, &[1])[..11])
                .unwrap()
        });
    }

    #[test]
    fn a_leaf_that_is_revoked_already() {
        let known = Known::default();
        let mut draft = Draft::new(&known, 1);
        let mut all = leaves(0..4);
        assert!(draft.append(0, S, opening(), 0, &all).unwrap());
        assert!(draft.revoke(S, &at(&all, &[1]), &siblings(&all, &[1])).unwrap());
        all[1] = empty();
        assert!(!draft.revoke(S, &at(&all, &[1]), &siblings(&all, &[1])).unwrap());
    }
}
