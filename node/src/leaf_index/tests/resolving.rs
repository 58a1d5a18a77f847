//! Which calls succeeded, without events.

use super::toy::{Toy, BOUNDS, GENESIS};
use crate::leaf_index::{
    block::{Action, Range},
    chain::Chain,
    follow::Next,
    resolve::{resolve, ResolveError},
    store::{Store, StoreError},
    tests::following::Node,
    Phase,
};
use ofage_primitives::{chain::ShardChoice, IssuerIndex, ShardIndex};
use std::{collections::BTreeSet, sync::Arc};

/// Three issuers with a shard of three leaves each.
fn begun() -> Arc<Toy> {
    let toy = Arc::new(Toy::new());
    for issuer in 0..3 {
        toy.register();
        assert!(toy.attest(issuer, 3));
    }
    toy.end_block();
    toy.forget_events();
    toy
}

/// Indexes all without events, and compares with what happened.
fn assert_resolves(toy: &Arc<Toy>) {
    let folder = tempfile::tempdir().unwrap();
    let mut node = Node::start(toy, folder.path());
    assert_eq!(node.run(), Next::Wait, "{:?}", node.shared.status());
    assert_eq!(node.shared.status().phase, Phase::Following);
    node.assert_like(toy);
}

const fn open(shard: u32) -> ShardChoice {
    ShardChoice::Open(ShardIndex(shard))
}

#[test]
fn what_strangers_and_other_issuers_send_is_left_out() {
    let toy = begun();
    let stranger = toy.stranger();
    assert!(!toy.attest_at(stranger, open(0), 3, 2));
    assert!(!toy.attest_at(toy.attester(1), open(0), 3, 2));
    assert!(!toy.attest_at(stranger, ShardChoice::Next, 0, 2));
    assert!(!toy.attest_at(toy.attester(1), ShardChoice::Next, 0, 2));
    assert!(!toy.send(stranger, toy.revocation(0, &[1])));
    assert!(!toy.send(toy.controller(1), toy.revocation(0, &[1])));
    let all = Range {
        from: ShardIndex(0),
        to: ShardIndex(0),
        count: 1,
    };
    assert!(!toy.send(toy.attester(0), Action::RevokeShards(all)));
    assert!(!toy.send(toy.controller(1), Action::RevokeShards(all)));
    assert!(toy.attest(0, 2));
    toy.end_block();
    // Else the end of the shard would tell all.
    assert!(toy.attest(0, 9));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn batches_of_suspended_issuers_are_left_out() {
    let toy = begun();
    for _ in 0..3 {
        toy.set_suspended(0, true);
        assert!(!toy.attest(0, 2) && !toy.attest(0, 1) && toy.attest(1, 2));
        assert!(toy.revoke(0, &[0]) || toy.leaf(0, 0) == super::toy::empty());
        toy.end_block();
    }
    toy.set_suspended(0, false);
    assert!(toy.attest(0, 30) && toy.attest(1, 30));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn an_issuer_that_is_suspended_or_reinstated_between_its_batches_is_understood() {
    let toy = begun();
    assert!(toy.attest(0, 2) && toy.attest(0, 3));
    toy.set_suspended(0, true);
    assert!(!toy.attest(0, 2) && !toy.attest(0, 2) && !toy.attest(0, 2));
    toy.end_block();
    assert!(!toy.attest(0, 2) && !toy.attest(0, 2));
    toy.set_suspended(0, false);
    assert!(toy.attest(0, 2) && toy.attest(0, 2));
    toy.end_block();
    assert!(toy.attest(0, 50));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn floods_of_two_suspended_issuers_in_one_block_are_understood() {
    let toy = begun();
    toy.set_suspended(0, true);
    toy.set_suspended(1, true);
    for _ in 0..40 {
        assert!(!toy.attest(0, 1) && !toy.attest(1, 1) && toy.attest(2, 1));
    }
    toy.end_block();
    toy.set_suspended(0, false);
    toy.set_suspended(1, false);
    assert!(toy.attest(0, 100) && toy.attest(1, 100));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn a_shard_whose_deposit_came_late_holds_the_batch_that_was_paid_for() {
    let toy = begun();
    toy.seal(0);
    toy.set_poor(0, true);
    for _ in 0..5 {
        assert!(!toy.attest(0, 2));
    }
    toy.set_poor(0, false);
    assert!(toy.attest(0, 2) && toy.attest(0, 1));
    toy.end_block();
    assert!(toy.attest(0, 20));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn a_key_that_is_none_any_more_revoked_while_it_was() {
    let toy = begun();
    toy.rotate(0);
    let between = toy.attester(0);
    assert!(toy.send(between, toy.revocation(0, &[1])));
    toy.end_block();
    toy.rotate(0);
    assert!(!toy.send(between, toy.revocation(0, &[0])));
    toy.end_block();
    assert_resolves(&toy);
}

/// Issuer 0 with three sealed shards of five leaves.
fn with_three_shards() -> Arc<Toy> {
    let toy = Arc::new(Toy::new());
    toy.register();
    for _ in 0..3 {
        assert!(toy.attest(0, 5));
        toy.seal(0);
    }
    toy.end_block();
    toy.forget_events();
    toy
}

/// Revokes a leaf of each of the three shards by `key`.
fn send_three(toy: &Toy, key: [u8; 32], position: u16, succeed: bool) {
    for shard in 0..3 {
        assert_eq!(toy.send(key, toy.revocation(shard, &[position])), succeed);
    }
}

#[test]
fn a_key_that_is_none_any_more_revoked_many_times_in_one_block_while_it_was() {
    let toy = with_three_shards();
    let between = toy.rotate(0);
    for position in 0..3 {
        send_three(&toy, between, position, true);
    }
    toy.end_block();
    toy.rotate(0);
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn many_revocations_in_one_block_by_a_key_that_was_replaced_are_left_out() {
    let toy = with_three_shards();
    let old = toy.attester(0);
    toy.rotate(0);
    for position in 0..3 {
        send_three(&toy, old, position, false);
    }
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn many_revocations_by_two_keys_of_which_one_was_replaced_by_the_other_are_understood() {
    let toy = with_three_shards();
    let old = toy.attester(0);
    let between = toy.rotate(0);
    toy.end_block();
    send_three(&toy, old, 0, false);
    send_three(&toy, between, 1, true);
    send_three(&toy, old, 2, false);
    toy.end_block();
    toy.rotate(0);
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn a_key_that_was_replaced_between_its_revocations_is_understood() {
    let toy = with_three_shards();
    let old = toy.attester(0);
    send_three(&toy, old, 0, true);
    let between = toy.rotate(0);
    send_three(&toy, old, 1, false);
    toy.end_block();
    send_three(&toy, between, 2, true);
    toy.rotate(0);
    send_three(&toy, between, 3, false);
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn marking_shards_by_calls_that_fail_changes_nothing() {
    let toy = begun();
    toy.seal(0);
    assert!(toy.attest(0, 1));
    let range = |count| Range {
        from: ShardIndex(0),
        to: ShardIndex(3),
        count,
    };
    let controller = toy.controller(0);
    assert!(!toy.send(controller, Action::RevokeShards(range(1))));
    assert!(!toy.send(controller, Action::RevokeShards(range(BOUNDS.revoked + 1))));
    assert!(!toy.send(controller, Action::RestoreShards(range(2))));
    toy.end_block();
    assert!(toy.send(controller, Action::RevokeShards(range(2))));
    assert!(!toy.send(controller, Action::RevokeShards(range(2))));
    toy.end_block();
    assert!(toy.send(controller, Action::RestoreShards(range(2))));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn what_a_shard_held_when_it_was_revoked_is_found_though_its_cap_leaf_is_empty() {
    let toy = begun();
    let controller = toy.controller(0);
    let range = Range {
        from: ShardIndex(0),
        to: ShardIndex(0),
        count: 1,
    };
    // Two batches of one length, of which the second counted, and a revocation on each side of the shard's.
    toy.set_suspended(0, true);
    assert!(!toy.attest(0, 2));
    toy.set_suspended(0, false);
    assert!(toy.attest(0, 2) && toy.revoke(0, &[4]));
    let late = toy.revocation(0, &[0]);
    assert!(toy.send(controller, Action::RevokeShards(range)) && toy.send(controller, late));
    toy.end_block();
    assert!(toy.send(controller, Action::RestoreShards(range)));
    toy.end_block();
    assert_resolves(&toy);
}

/// Issuer 0 revokes its shard as a whole, or restores it.
fn whole(toy: &Toy, call: fn(Range) -> Action) {
    let range = Range {
        from: ShardIndex(0),
        to: ShardIndex(0),
        count: 1,
    };
    assert!(toy.send(toy.controller(0), call(range)));
}

#[test]
fn a_stolen_key_revokes_nothing_in_a_shard_that_its_issuer_clears_of_a_thiefs_leaves() {
    let toy = begun();
    let thief = toy.attester(0);
    assert!(toy.attest(0, 4));
    toy.end_block();
    toy.rotate(0);
    whole(&toy, Action::RevokeShards);
    assert!(!toy.send(thief, toy.revocation(0, &[0])));
    toy.end_block();
    // By either key of the issuer, in several blocks, each proof beside one of the thief's.
    for (position, signer) in [
        (3, toy.controller(0)),
        (4, toy.attester(0)),
        (5, toy.controller(0)),
    ] {
        assert!(!toy.send(thief, toy.revocation(0, &[1])));
        assert!(toy.send(signer, toy.revocation(0, &[position])));
        assert!(!toy.send(thief, toy.revocation(0, &[2, 6])));
        toy.end_block();
    }
    whole(&toy, Action::RestoreShards);
    toy.end_block();
    assert!(toy.revoke(0, &[6]));
    toy.end_block();
    assert_resolves(&toy);
}

#[test]
fn what_a_key_of_in_between_revoked_in_a_hidden_shard_is_told_by_the_state() {
    let toy = begun();
    whole(&toy, Action::RevokeShards);
    toy.rotate(0);
    let between = toy.attester(0);
    toy.end_block();
    assert!(toy.send(between, toy.revocation(0, &[1])));
    toy.end_block();
    toy.rotate(0);
    assert!(!toy.send(between, toy.revocation(0, &[0])));
    whole(&toy, Action::RestoreShards);
    toy.end_block();
    assert_resolves(&toy);
}

/// The second block, over an index of the first.
fn second(toy: &Toy, block: &crate::leaf_index::block::Block) -> Result<BTreeSet<IssuerIndex>, ResolveError> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), GENESIS).unwrap();
    let state = toy.state(toy.finalized().1);
    let mut suspects = BTreeSet::new();
    let mut result = Ok(());
    store
        .write::<StoreError>(|tables| {
            let first = toy.block(1).unwrap().unwrap();
            let (changes, cap) = resolve(tables, &state, &GENESIS, &first, BOUNDS, &mut suspects).unwrap();
            tables.add(&first, &changes, cap.into_nodes())?;
            result = resolve(tables, &state, &GENESIS, block, BOUNDS, &mut suspects).map(|_| ());
            Ok(())
        })
        .unwrap();
    result.map(|()| suspects)
}

#[test]
fn who_was_suspended_is_remembered() {
    let toy = begun();
    toy.set_suspended(1, true);
    assert!(!toy.attest(1, 2) && toy.attest(0, 2));
    toy.end_block();
    let (block, _) = toy.last_block();
    toy.set_suspended(1, false);
    assert!(toy.attest(1, 9));
    toy.end_block();
    assert_eq!(second(&toy, &block).unwrap(), BTreeSet::from([IssuerIndex(1)]));
}

mod refuses {
    use super::*;
    use crate::leaf_index::block::Block;

    fn refused(with: impl FnOnce(&mut Block)) {
        let toy = begun();
        assert!(toy.attest(0, 2) && toy.attest(1, 2) && toy.revoke(0, &[0]));
        toy.end_block();
        let (mut block, _) = toy.last_block();
        assert!(second(&toy, &block).is_ok());
        with(&mut block);
        assert!(matches!(second(&toy, &block), Err(ResolveError::Unexplained)));
    }

    #[test]
    fn a_block_without_one_of_its_calls() {
        refused(|block| {
            block.calls.remove(0);
        });
        refused(|block| block.calls.clear());
    }

    #[test]
    fn a_block_with_its_calls_in_another_order() {
        refused(|block| block.calls.swap(0, 2));
    }

    #[test]
    fn a_block_with_other_leaves() {
        refused(|block| {
            if let Action::Attest { leaves, .. } = &mut block.calls[1].action {
                leaves.swap(0, 1);
            }
        });
    }

    #[test]
    fn a_block_of_another_root() {
        refused(|block| {
            block.root = ofage_primitives::RegistryRoot::from_element(super::super::toy::empty().element())
        });
    }

    #[test]
    fn one_call_of_each_of_three_issuers_that_failed_unseen() {
        let toy = begun();
        for issuer in 0..3 {
            let old = toy.attester(issuer);
            toy.rotate(issuer);
            assert!(!toy.send(old, toy.revocation(issuer as u32, &[1])));
        }
        toy.end_block();
        // Else the state would tell that nothing changed since.
        for shard in 0..3 {
            assert!(toy.revoke(shard, &[2]));
        }
        toy.end_block();
        let folder = tempfile::tempdir().unwrap();
        let mut node = Node::start(&toy, folder.path());
        assert_eq!(node.run(), Next::Stop);
        assert_eq!(node.store().head().unwrap().number, 1);
    }

    #[test]
    fn a_flood_that_it_cannot_explain_within_its_bounds() {
        let toy = begun();
        // Four issuers at once, each with one of many calls that failed for no reason in sight.
        for issuer in 3..6 {
            toy.register();
            assert!(toy.attest(issuer, 1));
        }
        toy.end_block();
        for issuer in 0..6 {
            for n in 0..40 {
                toy.set_suspended(issuer, n == 7);
                toy.attest(issuer, 1);
                toy.set_suspended(issuer, false);
            }
        }
        toy.end_block();
        for issuer in 0..6 {
            assert!(toy.attest(issuer, 500));
        }
        toy.end_block();
        let folder = tempfile::tempdir().unwrap();
        let mut node = Node::start(&toy, folder.path());
        assert_eq!(node.run(), Next::Stop);
        assert_eq!(node.store().head().unwrap().number, 2);
    }
}
