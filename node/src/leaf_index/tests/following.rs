//! The index over the life of a node.

use super::toy::{empty, Toy};
use crate::leaf_index::{
    block::Action,
    follow::{Follower, Next},
    store::{Store, StoreError},
    Phase, Shared,
};
use ofage_primitives::{GenesisHash, ShardIndex};
use std::{fs, path::Path, sync::Arc};

/// A node with an index in a folder.
pub(super) struct Node {
    pub(super) follower: Follower<Toy>,
    pub(super) shared: Arc<Shared>,
}

impl Node {
    pub(super) fn start(toy: &Arc<Toy>, folder: &Path) -> Self {
        let shared = Arc::new(Shared::new());
        let follower = Follower::new(toy.clone(), shared.clone(), folder.to_owned());
        Self { follower, shared }
    }

    /// Goes on until there is nothing to do, and gives what it says then.
    pub(super) fn run(&mut self) -> Next {
        for _ in 0..10_000 {
            match self.follower.advance() {
                Next::More => {}
                other => return other,
            }
        }
        panic!("it goes on for ever: {:?}", self.shared.status());
    }

    pub(super) fn store(&self) -> Arc<Store> {
        self.shared.store().unwrap()
    }

    /// Compares every shard at every block up to the newest in the index.
    pub(super) fn assert_like(&self, toy: &Toy) {
        let store = self.store();
        let head = store.head().unwrap();
        for block in 0..=head.number {
            for shard in 0..=head.shards {
                let ours = store.leaves(ShardIndex(shard), block).unwrap();
                assert!(
                    ours == toy.leaves_at(shard, block),
                    "shard {shard} differs at block {block}"
                );
            }
        }
        assert_eq!(head.shards, toy.shards());
        let leaves = (0..head.shards)
            .map(|shard| u64::from(toy.len(shard)))
            .sum::<u64>();
        assert_eq!(head.leaves, leaves);
    }
}

/// Blocks with all kinds of calls, some of which fail.
pub(super) fn story(toy: &Toy) {
    let (one, _, _) = toy.register();
    let (two, controller, _) = toy.register();
    let stranger = toy.stranger();
    assert!(toy.attest(one, 5) && toy.attest(two, 3) && toy.attest(one, 2));
    toy.end_block();
    toy.end_block();
    let witnessed = toy.revocation(0, &[2]);
    assert!(!toy.send(stranger, witnessed));
    assert!(toy.revoke(0, &[2]) && toy.attest(one, 4) && toy.revoke(0, &[0, 1, 7]) && !toy.revoke(0, &[2]));
    toy.end_block();
    let attester = toy.attester(one);
    toy.rotate(one);
    assert!(!toy.attest_at(attester, ofage_primitives::chain::ShardChoice::Next, 0, 2));
    assert!(toy.attest(one, 1) && toy.revoke(0, &[3]));
    toy.end_block();
    let range = crate::leaf_index::block::Range {
        from: ShardIndex(0),
        to: ShardIndex(1),
        count: 1,
    };
    assert!(toy.send(controller, Action::RevokeShards(range)));
    assert!(!toy.attest_at(
        toy.attester(two),
        ofage_primitives::chain::ShardChoice::Open(ShardIndex(1)),
        3,
        1
    ));
    toy.end_block();
    assert!(toy.send(controller, Action::RestoreShards(range)) && toy.attest(two, 4096));
    toy.end_block();
    assert!(toy.attest(two, 1));
    toy.end_block();
}

pub(super) fn toy() -> Arc<Toy> {
    let toy = Arc::new(Toy::new());
    story(&toy);
    toy
}

#[test]
fn every_block_is_indexed_while_its_events_are_there() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.shared.status().phase, Phase::Following);
    node.assert_like(&toy);
    assert!(toy.attest(0, 2) && toy.revoke(2, &[0]));
    toy.end_block();
    assert_eq!(node.run(), Next::Wait);
    node.assert_like(&toy);
}

#[test]
fn a_lost_index_is_rebuilt_from_bodies_alone() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    toy.forget_events();
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.shared.status().phase, Phase::Following);
    node.assert_like(&toy);
}

#[test]
fn only_final_blocks_are_in_it() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    toy.set_finalized(3);
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.store().head().unwrap().number, 3);
}

#[test]
fn a_process_that_is_killed_after_any_step_goes_on_from_there() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut copies = Vec::new();
    let mut node = Node::start(&toy, folder.path());
    for block in 1..=7 {
        toy.set_finalized(block);
        // The file as it is while the database is open: what a killed process leaves.
        assert_eq!(node.follower.advance(), Next::More);
        let copy = tempfile::tempdir().unwrap();
        fs::copy(folder.path().join("leaves.redb"), copy.path().join("leaves.redb")).unwrap();
        copies.push((block, copy));
    }
    for (block, copy) in copies {
        let store = Store::open(copy.path(), super::toy::GENESIS).unwrap();
        assert_eq!(store.head().unwrap().number, block);
        drop(store);
        let mut node = Node::start(&toy, copy.path());
        assert_eq!(node.run(), Next::Wait);
        node.assert_like(&toy);
    }
}

#[test]
fn a_file_that_something_changed_is_never_believed() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut node = Node::start(&toy, folder.path());
    node.run();
    drop(node);
    let file = folder.path().join("leaves.redb");
    let whole = fs::read(&file).unwrap();
    let mut damaged = vec![
        Vec::from([0xff; 100]),
        whole[..whole.len() / 2].to_vec(),
        whole[..7].to_vec(),
    ];
    for place in [9, 64, 200] {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        damaged.push(bytes);
    }
    for page in (1..whole.len() / 4096).step_by(7) {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 40] ^= 1;
        damaged.push(bytes);
    }
    for bytes in damaged {
        fs::write(&file, bytes).unwrap();
        let mut node = Node::start(&toy, folder.path());
        assert_eq!(node.run(), Next::Wait);
        assert_eq!(node.shared.status().phase, Phase::Following);
        node.assert_like(&toy);
    }
}

#[test]
fn an_index_of_another_chain_is_rebuilt() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    drop(Store::open(folder.path(), GenesisHash([9; 32])).unwrap());
    assert!(matches!(
        Store::open(folder.path(), super::toy::GENESIS),
        Err(StoreError::Damaged(_))
    ));
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Wait);
    node.assert_like(&toy);
}

#[test]
fn an_index_whose_newest_block_is_not_the_chains_is_rebuilt() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut node = Node::start(&toy, folder.path());
    node.run();
    drop(node);
    // A chain of the same genesis that was synced anew, and is not as far yet.
    let shorter = self::toy();
    shorter.set_finalized(2);
    let mut node = Node::start(&shorter, folder.path());
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.store().head().unwrap().number, 2);
    shorter.set_finalized(7);
    assert_eq!(node.run(), Next::Wait);
    node.assert_like(&shorter);
}

#[test]
fn without_a_body_it_says_so_and_goes_on_once_it_is_there() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    toy.set_missing(Some(3));
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.shared.status().phase, Phase::NoBlock(3));
    assert_eq!(node.store().head().unwrap().number, 2);
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.shared.status().phase, Phase::NoBlock(3));
    toy.set_missing(None);
    assert_eq!(node.run(), Next::Wait);
    node.assert_like(&toy);
}

#[test]
fn a_body_that_does_not_give_the_root_stops_it_for_good() {
    for events_are_gone in [false, true] {
        let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
        if events_are_gone {
            toy.forget_events();
        }
        toy.forge(4, |block| {
            for call in &mut block.calls {
                if let Action::Attest { leaves, .. } = &mut call.action {
                    leaves[0] = super::toy::leaves(999_999..1_000_000)[0];
                }
            }
        });
        let mut node = Node::start(&toy, folder.path());
        assert_eq!(node.run(), Next::Stop);
        assert!(matches!(node.shared.status().phase, Phase::Stopped(why) if why.contains("block 4")));
        assert_eq!(node.store().head().unwrap().number, 3);
    }
}

#[test]
fn a_state_with_other_shards_stops_it_after_one_more_try() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut node = Node::start(&toy, folder.path());
    node.run();
    drop(node);
    toy.forge_state(7, 2);
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Stop);
    assert!(matches!(node.shared.status().phase, Phase::Stopped(why) if why.contains("shard 2")));
}

#[test]
fn a_wrong_index_is_rebuilt_and_served_again() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut node = Node::start(&toy, folder.path());
    node.run();
    node.shared.report_damage();
    assert_eq!(node.shared.status().phase, Phase::CatchingUp);
    drop(node);
    let mut node = Node::start(&toy, folder.path());
    node.follower.advance();
    node.shared.report_damage();
    assert_eq!(node.run(), Next::Wait);
    assert_eq!(node.shared.status().phase, Phase::Following);
    node.assert_like(&toy);
}

#[test]
fn a_folder_that_cannot_be_used_is_tried_again_with_the_next_block() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let index = folder.path().join("index");
    // A file where the folder should be.
    fs::write(&index, []).unwrap();
    let mut node = Node::start(&toy, &index);
    assert_eq!(node.run(), Next::Wait);
    assert!(matches!(node.shared.status().phase, Phase::Failing(_)));
    fs::remove_file(&index).unwrap();
    assert_eq!(node.run(), Next::Wait);
    node.assert_like(&toy);
}

#[test]
fn an_index_that_another_process_has_open_is_left_alone() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let other = Store::open(folder.path(), super::toy::GENESIS).unwrap();
    let mut node = Node::start(&toy, folder.path());
    assert_eq!(node.run(), Next::Wait);
    assert!(matches!(node.shared.status().phase, Phase::Failing(_)));
    assert_eq!(other.head().unwrap().number, 0);
}

#[test]
fn revoked_leaves_are_empty_from_their_block_on() {
    let (toy, folder) = (toy(), tempfile::tempdir().unwrap());
    let mut node = Node::start(&toy, folder.path());
    node.run();
    let at = |block| node.store().leaves(ShardIndex(0), block).unwrap().unwrap();
    assert!(at(2)[2] != empty().to_bytes() && at(3)[2] == empty().to_bytes());
    assert!(
        node.store().leaves(ShardIndex(2), 3).unwrap().is_none(),
        "opened in block 4"
    );
    assert!(node.store().leaves(ShardIndex(99), 7).unwrap().is_none());
}
