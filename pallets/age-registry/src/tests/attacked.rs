//! What somebody tried who wanted to end other people's anchors, or to lose shards for good.

use super::{check, dispatch, end_of_block, shard_root, LIST};
use crate::{mock::*, Call, Issuers, RootHistory, Shards, TrustLists};
use frame_support::assert_ok;
use ofage_primitives::{
    chain::{AnchorError, IssuerStatus},
    tree::{DenseTree, Tree},
    Anchor, Attestation, IssuerIndex, ShardIndex,
};
use sp_runtime::DispatchResult;

const BAD: IssuerIndex = IssuerIndex(0);
/// Controller and attester of [`BAD`].
const ATTACKER: u8 = 1;

fn revoke(index: u32) -> DispatchResult {
    AgeRegistry::revoke_shards(signed(ATTACKER), ShardIndex(index), ShardIndex(index), 1)
}

fn restore(index: u32) -> DispatchResult {
    AgeRegistry::restore_shards(signed(ATTACKER), ShardIndex(index), ShardIndex(index), 1)
}

fn suspend() {
    assert_ok!(dispatch(RuntimeOrigin::root(), Call::suspend { issuer: BAD }));
}

/// Another issuer and [`BAD`], with three shards, on a list.
fn a_list() {
    new_list();
    for controller in [ATTACKER, 2] {
        let issuer = new_issuer(controller);
        list_issuer(LIST, issuer);
    }
    open_shard(2, leaves(0..2));
    for shard in 1..4 {
        open_shard(ATTACKER, leaves(100 * shard..100 * shard + 2));
        assert_ok!(AgeRegistry::seal_shard(signed(ATTACKER)));
        next_block();
    }
}

#[test]
fn a_suspended_issuer_ends_no_anchors_of_a_list_that_nobody_can_take_it_off() {
    run(|| {
        a_list();
        assert_ok!(AgeRegistry::freeze_list(signed(CURATOR), LIST));
        let before = end_of_block(LIST);
        suspend();
        let anchor = end_of_block(LIST);
        for shard in 1..4 {
            assert_ok!(revoke(shard));
            assert_eq!(check(LIST, anchor), Ok(()), "shard {shard}");
            next_block();
        }
        assert_eq!(check(LIST, before), Err(AnchorError::TrustListRoot));
    });
}

#[test]
fn what_a_suspended_issuer_revokes_is_gone_when_it_comes_back() {
    run(|| {
        a_list();
        let before = end_of_block(LIST);
        suspend();
        assert_ok!(revoke(2));
        assert_ok!(dispatch(RuntimeOrigin::root(), Call::reinstate { issuer: BAD }));
        assert_eq!(Issuers::<Test>::get(BAD).unwrap().status, IssuerStatus::Active);
        let after = end_of_block(LIST);
        assert_eq!(check(LIST, before), Err(AnchorError::TrustListRoot));
        assert_eq!(check(LIST, after), Ok(()));
        assert_ne!(after.registry_root, before.registry_root);
        assert_eq!(after.trust_list_root, before.trust_list_root);
        // The registry root of before with the block of after is no anchor either.
        let mixed = Anchor {
            registry_root: before.registry_root,
            ..after
        };
        assert_eq!(check(LIST, mixed), Err(AnchorError::RegistryRoot));
        // Back on the list, it ends anchors as every member does.
        assert_ok!(revoke(1));
        assert_eq!(check(LIST, after), Err(AnchorError::TrustListRoot));
        assert_eq!(TrustLists::<Test>::get(LIST).unwrap().valid_from, now());
    });
}

/// A shard that is opened and revoked brings the root back that was current before it; one that is restored and revoked once
/// more does so again. Here an issuer that is on no list does it to the holders of one.
#[test]
fn shards_that_come_and_go_end_no_anchors_of_a_root_that_was_there_for_long() {
    run(|| {
        new_list();
        let good = new_issuer(2);
        list_issuer(LIST, good);
        open_shard(2, leaves(0..2));
        new_issuer(ATTACKER);
        go_to(5);
        let quiet = end_of_block(LIST);
        let began = now();
        for round in 0..MAX_SPANS {
            let shard = open_shard(ATTACKER, leaves(1_000 + round..1_001 + round));
            next_block();
            assert_ok!(revoke(shard.0));
            next_block();
            assert_eq!(AgeRegistry::registry_root(), quiet.registry_root);
        }
        let spans = RootHistory::<Test>::get(quiet.registry_root);
        assert_eq!(spans.len() as u32, MAX_SPANS, "one more gave way");
        assert!(now() <= began + WINDOW);
        assert_eq!(check(LIST, quiet), Ok(()));
    });
}

#[test]
fn a_shard_that_was_revoked_again_right_after_its_restoration_can_be_restored() {
    run(|| {
        a_list();
        assert_ok!(revoke(1));
        assert_ok!(restore(1));
        assert_ok!(revoke(1));
        let mut restored = false;
        for _ in 0..=2 * RESTORE_WINDOW + 1 {
            restored |= restore(1).is_ok();
            next_block();
        }
        assert!(restored, "it is lost for ever");
    });
}

/// Appending goes on rightly after any two revocations in an open shard of any short length.
#[test]
fn a_mended_frontier_of_any_length_goes_on_as_the_leaves_do() {
    run(|| {
        let empty = Attestation::from_element(Tree::empty_leaf());
        for (number, len) in (1u32..=18).enumerate() {
            let controller = 10 + number as u8;
            new_issuer(controller);
            let mut all = leaves(10_000 * len..10_000 * len + len);
            let shard = open_shard(controller, all.clone());
            for positions in [vec![len - 1], vec![0, len / 2]] {
                let mut positions = positions;
                positions.dedup();
                positions.retain(|at| all[*at as usize] != empty);
                if positions.is_empty() {
                    continue;
                }
                let tree =
                    DenseTree::new(Tree::Shard, all.iter().map(|leaf| leaf.element()).collect()).unwrap();
                let proof = tree.multiproof(&positions).unwrap();
                let named: Vec<_> = positions
                    .iter()
                    .map(|at| (*at as u16, all[*at as usize]))
                    .collect();
                assert_ok!(AgeRegistry::revoke_batch(
                    signed(controller),
                    shard,
                    named.try_into().unwrap(),
                    proof.siblings().to_vec().try_into().unwrap()
                ));
                for at in positions {
                    all[at as usize] = empty;
                }
                let start = all.len() as u16;
                let more =
                    leaves(20_000 * len + u32::from(start)..20_000 * len + u32::from(start) + 1 + len % 3);
                all.extend(more.clone());
                assert_ok!(attest(controller, crate::ShardChoice::Open(shard), start, more));
                assert_eq!(Shards::<Test>::get(shard).unwrap().root, shard_root(&all));
            }
            next_block();
        }
    });
}
