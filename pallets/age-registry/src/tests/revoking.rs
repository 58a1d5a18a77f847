//! Attestations that are revoked one by one, or several at once.

use super::{dispatch, registry_root, shard_root, unsigned};
use crate::{
    mock::*, Call, CurrentRoot, DirtyShards, Error, Event, Frontiers, Shard, ShardChoice, ShardStatus, Shards,
};
use frame_support::{assert_noop, assert_ok, BoundedBTreeSet};
use ofage_primitives::{
    chain::{AnchorError, Anchors, RootSpan},
    tree::{DenseTree, Frontier, ShardPath, Tree, MAX_SIBLINGS, SHARD_CAPACITY, SHARD_DEPTH},
    Anchor, Attestation, Element, IssuerIndex, NativeHasher, ShardIndex, TrustListId,
};
use sp_runtime::{DispatchError, DispatchResult};

mod batches;
mod rejects;

const ONE: IssuerIndex = IssuerIndex(0);
const SHARD: ShardIndex = ShardIndex(0);
const LIST: TrustListId = TrustListId(0);
/// Controller and attester of issuer 0, unless a test says otherwise.
const ISSUER: u8 = 1;

fn shard(index: ShardIndex) -> Shard<Test> {
    Shards::<Test>::get(index).unwrap()
}

fn empty() -> Attestation {
    Attestation::from_element(Tree::empty_leaf())
}

/// Leaves as they are after some were revoked.
fn without(leaves: &[Attestation], positions: &[u32]) -> Vec<Attestation> {
    let mut left = leaves.to_vec();
    for position in positions {
        left[*position as usize] = empty();
    }
    left
}

fn tree_of(leaves: &[Attestation]) -> DenseTree {
    DenseTree::new(Tree::Shard, leaves.iter().map(|leaf| leaf.element()).collect()).unwrap()
}

/// A leaf and its siblings in a shard with these leaves.
fn witness(leaves: &[Attestation], position: u16) -> (Attestation, [Element; SHARD_DEPTH]) {
    let tree = tree_of(leaves);
    let path: ShardPath = tree.path(position.into()).unwrap();
    (
        Attestation::from_element(tree.leaf(position.into())),
        *path.siblings(),
    )
}

/// Revokes a position of a shard that the caller believes to hold these leaves.
fn revoke(caller: u8, shard: ShardIndex, leaves: &[Attestation], position: u16) -> DispatchResult {
    let (leaf, siblings) = witness(leaves, position);
    AgeRegistry::revoke(signed(caller), shard, position, leaf, Box::new(siblings))
}

/// Revokes several.
fn revoke_batch(caller: u8, shard: ShardIndex, leaves: &[Attestation], positions: &[u32]) -> DispatchResult {
    let (leaves, siblings) = multiproof(leaves, positions);
    send_batch(caller, shard, leaves, siblings)
}

type Leaves = Vec<(u16, Attestation)>;

fn multiproof(leaves: &[Attestation], positions: &[u32]) -> (Leaves, Vec<Element>) {
    let proof = tree_of(leaves).multiproof(positions).unwrap();
    let leaves = proof
        .leaves()
        .iter()
        .map(|(position, leaf)| (*position as u16, Attestation::from_element(*leaf)))
        .collect();
    (leaves, proof.siblings().to_vec())
}

fn send_batch(caller: u8, shard: ShardIndex, leaves: Leaves, siblings: Vec<Element>) -> DispatchResult {
    AgeRegistry::revoke_batch(
        signed(caller),
        shard,
        leaves.try_into().unwrap(),
        siblings.try_into().unwrap(),
    )
}

/// That a shard's state is that of a naive tree with these leaves.
fn is_as_if_attested(index: ShardIndex, leaves: &[Attestation]) {
    let found = shard(index);
    assert_eq!(
        (found.root, usize::from(found.len)),
        (shard_root(leaves), leaves.len())
    );
    let expected = found.status.is_open().then(|| {
        let mut frontier = Frontier::default();
        frontier.append::<NativeHasher>(leaves).unwrap();
        frontier
    });
    assert_eq!(Frontiers::<Test>::get(index), expected);
}

fn append(caller: u8, index: ShardIndex, known: &mut Vec<Attestation>, batch: Vec<Attestation>) {
    let start = known.len() as u16;
    assert_ok!(attest(caller, ShardChoice::Open(index), start, batch.clone()));
    known.extend(batch);
}

/// Issuer 0 with an open shard; gives its leaves.
fn open_issuer(len: u32) -> Vec<Attestation> {
    new_issuer(ISSUER);
    let all = leaves(0..len);
    open_shard(ISSUER, all.clone());
    all
}

#[test]
fn a_revoked_attestation_of_an_open_shard_becomes_the_empty_leaf() {
    run(|| {
        let all = open_issuer(11);
        go_to(4);
        assert_ok!(revoke(ISSUER, SHARD, &all, 6));
        System::assert_last_event(
            Event::Revoked {
                issuer: ONE,
                shard: SHARD,
                position: 6,
            }
            .into(),
        );
        let left = without(&all, &[6]);
        is_as_if_attested(SHARD, &left);
        let found = shard(SHARD);
        assert_eq!((found.opened_at, found.changed_at), (1, 4));
        assert_eq!(found.status, ShardStatus::Open);
        assert_eq!(held(ISSUER), [ISSUER_DEPOSIT, SHARD_DEPOSIT, 0]);
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&[(0, left)])));
    });
}

#[test]
fn a_revoked_attestation_of_a_sealed_shard_too() {
    run(|| {
        let all = open_issuer(11);
        assert_ok!(AgeRegistry::seal_shard(signed(ISSUER)));
        next_block();
        assert_ok!(revoke(ISSUER, SHARD, &all, 10));
        let left = without(&all, &[10]);
        is_as_if_attested(SHARD, &left);
        assert_eq!(shard(SHARD).status, ShardStatus::Sealed);
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&[(0, left)])));
    });
}

#[test]
fn every_position_of_shards_of_any_length_can_be_revoked() {
    run(|| {
        new_issuer(ISSUER);
        for len in 1..=17 {
            for position in 0..len {
                let first = 1_000 * len + 20 * position;
                let all = leaves(first..first + len);
                let index = open_shard(ISSUER, all.clone());
                assert_ok!(revoke(ISSUER, index, &all, position as u16));
                is_as_if_attested(index, &without(&all, &[position]));
                assert_ok!(AgeRegistry::seal_shard(signed(ISSUER)));
                next_block();
            }
        }
    });
}

#[test]
fn a_full_shard_that_sealed_itself_can_be_revoked_from_in_the_same_block() {
    run(|| {
        let all = open_issuer(SHARD_CAPACITY);
        for position in [0u16, 4095] {
            let known = without(&all, if position == 0 { &[] } else { &[0] });
            assert_ok!(revoke(ISSUER, SHARD, &known, position));
        }
        is_as_if_attested(SHARD, &without(&all, &[0, 4095]));
    });
}

#[test]
fn several_calls_in_a_block_each_start_where_the_one_before_ended() {
    run(|| {
        let all = open_issuer(9);
        next_block();
        assert_ok!(revoke(ISSUER, SHARD, &all, 2));
        assert_noop!(revoke(ISSUER, SHARD, &all, 3), Error::<Test>::StaleWitness);
        assert_ok!(revoke(ISSUER, SHARD, &without(&all, &[2]), 3));
        assert_ok!(revoke(ISSUER, SHARD, &without(&all, &[2, 3]), 8));
        let left = without(&all, &[2, 3, 8]);
        is_as_if_attested(SHARD, &left);
        assert_eq!(DirtyShards::<Test>::get().len(), 1);
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&[(0, left)])));
    });
}

#[test]
fn what_is_appended_later_lands_where_it_would_have() {
    run(|| {
        let mut known = open_issuer(5);
        // In the same block, both ways round.
        assert_ok!(revoke(ISSUER, SHARD, &known, 4));
        known = without(&known, &[4]);
        append(ISSUER, SHARD, &mut known, leaves(5..8));
        assert_ok!(revoke(ISSUER, SHARD, &known, 0));
        known = without(&known, &[0]);
        is_as_if_attested(SHARD, &known);
        // In later ones.
        next_block();
        append(ISSUER, SHARD, &mut known, leaves(8..13));
        assert_ok!(revoke(ISSUER, SHARD, &known, 7));
        known = without(&known, &[7]);
        next_block();
        append(ISSUER, SHARD, &mut known, leaves(13..14));
        is_as_if_attested(SHARD, &known);
        // Up to the end of the shard.
        append(ISSUER, SHARD, &mut known, leaves(14..SHARD_CAPACITY));
        is_as_if_attested(SHARD, &known);
        assert_eq!(shard(SHARD).status, ShardStatus::Sealed);
    });
}

#[test]
fn a_long_random_life_of_a_shard_is_that_of_a_naive_tree() {
    run(|| {
        let mut known = open_issuer(1);
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % bound
        };
        let mut next = 1;
        for _ in 0..150 {
            let standing: Vec<u32> = (0..known.len() as u32)
                .filter(|position| known[*position as usize] != empty())
                .collect();
            match below(5) {
                0 | 1 => {
                    let count = 1 + below(7) as u32;
                    append(ISSUER, SHARD, &mut known, leaves(next..next + count));
                    next += count;
                }
                2 if !standing.is_empty() => {
                    let position = standing[below(standing.len())];
                    assert_ok!(revoke(ISSUER, SHARD, &known, position as u16));
                    known = without(&known, &[position]);
                }
                3 if !standing.is_empty() => {
                    let keep = 1 + below(6);
                    let mut positions: Vec<u32> =
                        standing.iter().copied().filter(|_| below(keep) == 0).collect();
                    positions.truncate(20);
                    if positions.is_empty() {
                        positions.push(standing[0]);
                    }
                    assert_ok!(revoke_batch(ISSUER, SHARD, &known, &positions));
                    known = without(&known, &positions);
                }
                _ => {
                    next_block();
                }
            }
            is_as_if_attested(SHARD, &known);
        }
        assert!(known.len() > 100);
        next_block();
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&[(0, known)])));
    });
}

#[test]
fn a_shard_can_be_sealed_after_a_revocation_in_the_block_that_opened_it() {
    run(|| {
        let all = open_issuer(4);
        assert_ok!(revoke(ISSUER, SHARD, &all, 1));
        assert_ok!(AgeRegistry::seal_shard(signed(ISSUER)));
        let left = without(&all, &[1]);
        is_as_if_attested(SHARD, &left);
        assert_ok!(revoke(ISSUER, SHARD, &left, 2));
        next_block();
        let left = without(&left, &[2]);
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&[(0, left)])));
    });
}

#[test]
fn a_shard_may_be_revoked_leaf_by_leaf_until_nothing_is_left() {
    run(|| {
        let mut known = open_issuer(3);
        for position in 0..3 {
            assert_ok!(revoke(ISSUER, SHARD, &known, position));
            known[usize::from(position)] = empty();
        }
        assert_eq!(shard(SHARD).root.element(), Tree::Shard.empty_root());
        assert_eq!(shard(SHARD).len, 3, "their positions are used up");
        append(ISSUER, SHARD, &mut known, leaves(50..51));
        is_as_if_attested(SHARD, &known);
    });
}

#[test]
fn issuers_revoke_from_their_own_shards_in_one_block() {
    run(|| {
        let first = open_issuer(3);
        new_issuer(2);
        let second = leaves(10..13);
        open_shard(2, second.clone());
        assert_ok!(revoke(2, ShardIndex(1), &second, 0));
        assert_ok!(revoke(ISSUER, SHARD, &first, 2));
        next_block();
        let shards = [(0, without(&first, &[2])), (1, without(&second, &[0]))];
        assert_eq!(CurrentRoot::<Test>::get(), Some(registry_root(&shards)));
    });
}

#[test]
fn controller_and_attester_both_revoke() {
    run(|| {
        let metadata = b"Bank".to_vec().try_into().unwrap();
        AgeRegistry::register(signed(1), metadata, account(2)).unwrap();
        AgeRegistry::become_attester(signed(2), ONE).unwrap();
        let all = leaves(0..4);
        open_shard(2, all.clone());
        assert_ok!(revoke(1, SHARD, &all, 0));
        assert_ok!(revoke(2, SHARD, &without(&all, &[0]), 1));
        assert_ok!(revoke_batch(1, SHARD, &without(&all, &[0, 1]), &[2]));
        assert_ok!(revoke_batch(2, SHARD, &without(&all, &[0, 1, 2]), &[3]));
    });
}

#[test]
fn issuers_that_are_suspended_or_retired_still_revoke() {
    run(|| {
        let all = open_issuer(6);
        assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), ONE));
        assert_ok!(revoke(ISSUER, SHARD, &all, 0));
        assert_ok!(revoke_batch(ISSUER, SHARD, &without(&all, &[0]), &[1]));
        assert_ok!(AgeRegistry::reinstate(RuntimeOrigin::root(), ONE));
        assert_ok!(AgeRegistry::retire(signed(ISSUER)));
        assert_ok!(revoke(ISSUER, SHARD, &without(&all, &[0, 1]), 2));
        // Even when the deposit is gone.
        go_to(now() + RETIRE_DELAY);
        assert_ok!(AgeRegistry::withdraw_deposit(signed(ISSUER)));
        assert_ok!(revoke_batch(ISSUER, SHARD, &without(&all, &[0, 1, 2]), &[3, 5]));
        is_as_if_attested(SHARD, &without(&all, &[0, 1, 2, 3, 5]));
    });
}

#[test]
fn a_batch_that_is_sent_again_after_a_revocation_revives_nothing() {
    run(|| {
        let all = open_issuer(SHARD_CAPACITY);
        assert_ok!(revoke(ISSUER, SHARD, &all, 7));
        assert_noop!(
            attest(ISSUER, ShardChoice::Next, 0, all),
            Error::<Test>::DuplicateShard
        );
        let small = leaves(9_000..9_003);
        let next = open_shard(ISSUER, small.clone());
        assert_ok!(revoke(ISSUER, next, &small, 1));
        assert_ok!(AgeRegistry::seal_shard(signed(ISSUER)));
        assert_noop!(
            attest(ISSUER, ShardChoice::Next, 0, small),
            Error::<Test>::DuplicateShard
        );
        assert_ok!(attest(ISSUER, ShardChoice::Next, 0, leaves(9_003..9_004)));
    });
}

#[test]
fn the_batch_that_opened_a_shard_is_known_after_others_were_appended() {
    run(|| {
        let mut known = open_issuer(3);
        append(ISSUER, SHARD, &mut known, leaves(3..5));
        assert_ok!(AgeRegistry::seal_shard(signed(ISSUER)));
        for again in [leaves(0..3), leaves(0..5)] {
            assert_noop!(
                attest(ISSUER, ShardChoice::Next, 0, again),
                Error::<Test>::DuplicateShard
            );
        }
    });
}

#[test]
fn what_was_proved_before_counts_for_the_window_and_no_longer() {
    run(|| {
        new_list();
        let all = open_issuer(3);
        list_issuer(LIST, ONE);
        next_block();
        let before = Anchor {
            block: now() - 1,
            ..AgeRegistry::anchor(LIST).unwrap()
        };
        assert_ok!(revoke(ISSUER, SHARD, &all, 0));
        let revoked_at = now();
        let check = |anchor| AgeRegistry::check(LIST, &anchor, now());
        go_to(revoked_at + WINDOW);
        assert_eq!(check(before), Ok(()));
        next_block();
        assert_eq!(check(before), Err(AnchorError::RegistryRoot));
        let after = Anchor {
            block: revoked_at,
            ..AgeRegistry::anchor(LIST).unwrap()
        };
        assert_eq!(check(after), Ok(()));
        let root = CurrentRoot::<Test>::get().unwrap();
        let span = RootSpan {
            from: revoked_at,
            superseded_at: None,
        };
        assert_eq!(crate::RootHistory::<Test>::get(root).into_inner(), [span]);
    });
}
