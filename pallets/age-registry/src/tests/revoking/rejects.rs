//! What is revoked by nobody, and from where.

use super::*;
use crate::{mock, Frontiers};

#[test]
fn siblings_that_are_stale() {
    run(|| {
        let mut known = open_issuer(6);
        let before = known.clone();
        append(ISSUER, SHARD, &mut known, leaves(6..7));
        for stale in [&before[..], &before[..5]] {
            assert_noop!(revoke(ISSUER, SHARD, stale, 1), Error::<Test>::StaleWitness);
            assert_noop!(
                revoke_batch(ISSUER, SHARD, stale, &[1, 2]),
                Error::<Test>::StaleWitness
            );
        }
        assert_ok!(revoke(ISSUER, SHARD, &known, 1));
    });
}

#[test]
fn another_sibling_at_any_level() {
    run(|| {
        let all = open_issuer(6);
        let (leaf, siblings) = witness(&all, 2);
        for level in 0..SHARD_DEPTH {
            let mut forged = siblings;
            forged[level] = mock::leaf(77).element();
            assert_noop!(
                AgeRegistry::revoke(signed(ISSUER), SHARD, 2, leaf, Box::new(forged)),
                Error::<Test>::StaleWitness
            );
        }
        let mut reversed = siblings;
        reversed.reverse();
        assert_noop!(
            AgeRegistry::revoke(signed(ISSUER), SHARD, 2, leaf, Box::new(reversed)),
            Error::<Test>::StaleWitness
        );
    });
}

#[test]
fn a_leaf_that_is_not_at_the_position() {
    run(|| {
        let all = open_issuer(6);
        let (leaf, siblings) = witness(&all, 2);
        for position in [0, 1, 3, 4] {
            assert_noop!(
                AgeRegistry::revoke(signed(ISSUER), SHARD, position, leaf, Box::new(siblings)),
                Error::<Test>::StaleWitness
            );
        }
        for other in [all[3], mock::leaf(50)] {
            assert_noop!(
                AgeRegistry::revoke(signed(ISSUER), SHARD, 2, other, Box::new(siblings)),
                Error::<Test>::StaleWitness
            );
        }
    });
}

#[test]
fn inner_nodes_passed_off_as_leaves() {
    run(|| {
        let all = open_issuer(6);
        // The parent of leaves 2 and 3, with the siblings above it; the last one is made up.
        let tree = tree_of(&all);
        let path: ShardPath = tree.path(2).unwrap();
        let parent = ofage_primitives::poseidon::hash_elements(
            Tree::Shard.domain(),
            all[2].element(),
            all[3].element(),
        );
        let mut siblings = [Tree::empty_leaf(); SHARD_DEPTH];
        siblings[..SHARD_DEPTH - 1].copy_from_slice(&path.siblings()[1..]);
        for last in [Tree::empty_leaf(), Tree::Shard.empty_root()] {
            siblings[SHARD_DEPTH - 1] = last;
            let parent = Attestation::from_element(parent);
            assert_noop!(
                AgeRegistry::revoke(signed(ISSUER), SHARD, 1, parent, Box::new(siblings)),
                Error::<Test>::StaleWitness
            );
        }
    });
}

#[test]
fn positions_that_are_not_used_yet() {
    run(|| {
        let all = open_issuer(6);
        let (_, siblings) = witness(&all, 6);
        for leaf in [empty(), mock::leaf(6)] {
            for position in [6, 7, 4095, 4096, u16::MAX] {
                assert_noop!(
                    AgeRegistry::revoke(signed(ISSUER), SHARD, position, leaf, Box::new(siblings)),
                    Error::<Test>::UnknownPosition
                );
            }
        }
        for positions in [&[6][..], &[0, 6], &[6, 4095]] {
            assert_noop!(
                revoke_batch(ISSUER, SHARD, &all, positions),
                Error::<Test>::UnknownPosition
            );
        }
        let (mut leaves, siblings) = multiproof(&all, &[0, 5]);
        leaves[1].0 = 4096 + 5;
        assert_noop!(
            send_batch(ISSUER, SHARD, leaves, siblings),
            Error::<Test>::UnknownPosition
        );
    });
}

#[test]
fn what_is_revoked_already() {
    run(|| {
        let all = open_issuer(6);
        assert_ok!(revoke(ISSUER, SHARD, &all, 2));
        let left = without(&all, &[2]);
        let (_, siblings) = witness(&left, 2);
        assert_noop!(
            AgeRegistry::revoke(signed(ISSUER), SHARD, 2, all[2], Box::new(siblings)),
            Error::<Test>::StaleWitness
        );
        assert_noop!(revoke(ISSUER, SHARD, &left, 2), Error::<Test>::EmptyLeaf);
        assert_noop!(
            revoke_batch(ISSUER, SHARD, &left, &[1, 2]),
            Error::<Test>::EmptyLeaf
        );
        assert_noop!(
            revoke_batch(ISSUER, SHARD, &all, &[1, 2]),
            Error::<Test>::StaleWitness
        );
    });
}

#[test]
fn shards_that_are_anothers_or_not_there() {
    run(|| {
        let all = open_issuer(6);
        new_issuer(2);
        open_shard(2, leaves(10..12));
        assert_noop!(revoke(2, SHARD, &all, 0), Error::<Test>::NotOwnShard);
        assert_noop!(revoke_batch(2, SHARD, &all, &[0, 1]), Error::<Test>::NotOwnShard);
        for index in [2, u32::MAX] {
            assert_noop!(revoke(2, ShardIndex(index), &all, 0), Error::<Test>::UnknownShard);
        }
        // The witness of one shard is none of another, even with the same key.
        assert_ok!(AgeRegistry::seal_shard(signed(ISSUER)));
        open_shard(ISSUER, leaves(20..26));
        assert_noop!(
            revoke(ISSUER, ShardIndex(2), &all, 0),
            Error::<Test>::StaleWitness
        );
    });
}

#[test]
fn in_shards_that_are_revoked_as_wholes_what_they_reject_in_others() {
    run(|| {
        let all = open_issuer(6);
        new_issuer(2);
        assert_ok!(AgeRegistry::revoke_shards(signed(ISSUER), SHARD, SHARD, 1));
        assert_noop!(revoke(2, SHARD, &all, 0), Error::<Test>::NotOwnShard);
        assert_noop!(revoke(9, SHARD, &all, 0), Error::<Test>::NotAnIssuer);
        assert_noop!(revoke(ISSUER, SHARD, &all, 6), Error::<Test>::UnknownPosition);
        assert_ok!(revoke(ISSUER, SHARD, &all, 0));
        let left = without(&all, &[0]);
        assert_noop!(revoke(ISSUER, SHARD, &all, 1), Error::<Test>::StaleWitness);
        assert_noop!(revoke(ISSUER, SHARD, &left, 0), Error::<Test>::EmptyLeaf);
        assert_noop!(
            revoke_batch(ISSUER, SHARD, &all, &[0, 1]),
            Error::<Test>::StaleWitness
        );
    });
}

#[test]
fn multiproofs_with_too_few_or_too_many_siblings() {
    run(|| {
        let all = open_issuer(20);
        let (leaves, siblings) = multiproof(&all, &[2, 3, 9]);
        let malformed = |siblings: Vec<Element>| {
            assert_noop!(
                send_batch(ISSUER, SHARD, leaves.clone(), siblings),
                Error::<Test>::MalformedMultiproof
            );
        };
        malformed(vec![]);
        malformed(siblings[1..].to_vec());
        malformed(siblings[..siblings.len() - 1].to_vec());
        malformed([siblings.clone(), vec![Tree::empty_leaf()]].concat());
        malformed([siblings.clone(), siblings.clone()].concat());
        malformed(vec![Tree::empty_leaf(); MAX_SIBLINGS as usize]);
        let mut swapped = siblings.clone();
        swapped.swap(0, 1);
        assert_noop!(
            send_batch(ISSUER, SHARD, leaves.clone(), swapped),
            Error::<Test>::StaleWitness
        );
        assert_ok!(send_batch(ISSUER, SHARD, leaves.clone(), siblings.clone()));
    });
}

#[test]
fn multiproofs_whose_positions_repeat_or_descend() {
    run(|| {
        let all = open_issuer(20);
        let (leaves, siblings) = multiproof(&all, &[2, 3, 9]);
        let forged = [
            vec![leaves[0], leaves[0], leaves[1], leaves[2]],
            vec![leaves[0], leaves[1], leaves[2], leaves[2]],
            vec![leaves[1], leaves[0], leaves[2]],
            vec![leaves[2], leaves[1], leaves[0]],
            // The same position once more with another leaf, which would be revoked unproved.
            vec![leaves[0], (2, mock::leaf(50)), leaves[1], leaves[2]],
        ];
        for leaves in forged {
            assert_noop!(
                send_batch(ISSUER, SHARD, leaves, siblings.clone()),
                Error::<Test>::MalformedMultiproof
            );
        }
    });
}

#[test]
fn multiproofs_with_positions_missing_or_extra() {
    run(|| {
        let all = open_issuer(20);
        let (leaves, siblings) = multiproof(&all, &[2, 3, 9]);
        let forged = [
            vec![leaves[0], leaves[1]],
            vec![leaves[1], leaves[2]],
            vec![leaves[0], leaves[1], (8, all[8]), leaves[2]],
            vec![(0, all[0]), leaves[0], leaves[1], leaves[2]],
        ];
        for leaves in forged {
            let refused = [Error::MalformedMultiproof, Error::StaleWitness]
                .map(|error: Error<Test>| DispatchError::from(error));
            let outcome = send_batch(ISSUER, SHARD, leaves, siblings.clone());
            assert!(refused.contains(&outcome.unwrap_err()));
        }
        // As many siblings as are needed, of other positions.
        let (_, others) = multiproof(&all, &[6, 7, 13]);
        assert_eq!(others.len(), siblings.len());
        assert_noop!(
            send_batch(ISSUER, SHARD, leaves, others),
            Error::<Test>::StaleWitness
        );
    });
}

#[test]
fn batches_without_leaves_or_with_an_empty_one() {
    run(|| {
        let all = open_issuer(6);
        for siblings in [vec![], vec![shard_root(&all).element()]] {
            assert_noop!(
                send_batch(ISSUER, SHARD, vec![], siblings),
                Error::<Test>::EmptyBatch
            );
        }
        let (mut leaves, siblings) = multiproof(&all, &[2, 5]);
        leaves[1].1 = empty();
        assert_noop!(
            send_batch(ISSUER, SHARD, leaves, siblings),
            Error::<Test>::EmptyLeaf
        );
    });
}

#[test]
fn accounts_that_neither_control_nor_attest() {
    run(|| {
        let list = new_list();
        let metadata = b"Bank".to_vec().try_into().unwrap();
        AgeRegistry::register(signed(1), metadata, account(2)).unwrap();
        AgeRegistry::become_attester(signed(2), ONE).unwrap();
        list_issuer(list, ONE);
        let all = leaves(0..4);
        open_shard(2, all.clone());
        // A stranger, the curator of its list, another issuer.
        new_issuer(4);
        for (caller, error) in [
            (3, Error::<Test>::NotAnIssuer),
            (CURATOR, Error::NotAnIssuer),
            (4, Error::NotOwnShard),
        ] {
            assert_noop!(revoke(caller, SHARD, &all, 0), error);
            let error = if caller == 4 {
                Error::<Test>::NotOwnShard
            } else {
                Error::NotAnIssuer
            };
            assert_noop!(revoke_batch(caller, SHARD, &all, &[0]), error);
        }
        // The old attester after a rotation, and the new one before it agrees.
        assert_ok!(AgeRegistry::rotate_attester(signed(1), account(5)));
        for caller in [2, 5] {
            assert_noop!(revoke(caller, SHARD, &all, 0), Error::<Test>::NotAnIssuer);
            assert_noop!(
                revoke_batch(caller, SHARD, &all, &[0]),
                Error::<Test>::NotAnIssuer
            );
        }
        assert_ok!(AgeRegistry::become_attester(signed(5), ONE));
        assert_ok!(revoke(5, SHARD, &all, 0));
    });
}

#[test]
fn origins_that_are_not_signed() {
    run(|| {
        let all = open_issuer(4);
        let (leaf, siblings) = witness(&all, 0);
        let (leaves, nodes) = multiproof(&all, &[0, 2]);
        for origin in unsigned() {
            assert_noop!(
                AgeRegistry::revoke(origin, SHARD, 0, leaf, Box::new(siblings)),
                DispatchError::BadOrigin
            );
        }
        for origin in unsigned() {
            let (leaves, nodes) = (
                leaves.clone().try_into().unwrap(),
                nodes.clone().try_into().unwrap(),
            );
            assert_noop!(
                AgeRegistry::revoke_batch(origin, SHARD, leaves, nodes),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn changes_of_more_shards_than_a_block_takes() {
    run(|| {
        let all = open_issuer(4);
        next_block();
        let others: std::collections::BTreeSet<_> = (100..100 + MAX_DIRTY_SHARDS).map(ShardIndex).collect();
        DirtyShards::<Test>::put(BoundedBTreeSet::try_from(others).unwrap());
        assert_noop!(revoke(ISSUER, SHARD, &all, 0), Error::<Test>::TooManyDirtyShards);
        assert_noop!(
            revoke_batch(ISSUER, SHARD, &all, &[0]),
            Error::<Test>::TooManyDirtyShards
        );
        DirtyShards::<Test>::kill();
        assert_ok!(revoke(ISSUER, SHARD, &all, 0));
    });
}

#[test]
fn forged_witnesses_without_a_trace() {
    run(|| {
        let all = open_issuer(6);
        let frontier = Frontiers::<Test>::get(SHARD);
        let call = Call::revoke {
            shard: SHARD,
            position: 2,
            leaf: all[2],
            siblings: Box::new([Tree::empty_leaf(); SHARD_DEPTH]),
        };
        assert_eq!(
            dispatch(signed(ISSUER), call),
            Err(Error::<Test>::StaleWitness.into())
        );
        assert_eq!(Frontiers::<Test>::get(SHARD), frontier);
        is_as_if_attested(SHARD, &all);
    });
}
