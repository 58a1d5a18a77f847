//! Several attestations in one call.

use super::*;

#[test]
fn a_batch_revokes_what_single_calls_would() {
    run(|| {
        let all = open_issuer(23);
        new_issuer(2);
        open_shard(2, all.clone());
        let positions = [0, 1, 4, 11, 22];
        assert_ok!(revoke_batch(ISSUER, SHARD, &all, &positions));
        System::assert_last_event(
            Event::BatchRevoked {
                issuer: ONE,
                shard: SHARD,
                count: 5,
            }
            .into(),
        );
        let mut known = all.clone();
        for position in positions {
            assert_ok!(revoke(2, ShardIndex(1), &known, position as u16));
            known[position as usize] = empty();
        }
        is_as_if_attested(SHARD, &known);
        is_as_if_attested(ShardIndex(1), &known);
    });
}

#[test]
fn a_batch_of_one_is_a_single_revocation() {
    run(|| {
        let all = open_issuer(5);
        let (leaf, siblings) = witness(&all, 3);
        assert_ok!(send_batch(ISSUER, SHARD, vec![(3, leaf)], siblings.to_vec()));
        is_as_if_attested(SHARD, &without(&all, &[3]));
    });
}

#[test]
fn a_whole_shard_fits_into_a_call_without_siblings() {
    run(|| {
        let all = open_issuer(SHARD_CAPACITY);
        let everything: Vec<u32> = (0..SHARD_CAPACITY).collect();
        let (leaves, siblings) = multiproof(&all, &everything);
        assert!(siblings.is_empty());
        assert_ok!(send_batch(ISSUER, SHARD, leaves, siblings));
        assert_eq!(shard(SHARD).root.element(), Tree::Shard.empty_root());
        next_block();
        assert_eq!(
            CurrentRoot::<Test>::get(),
            Some(registry_root(&[(0, vec![empty(); SHARD_CAPACITY as usize])]))
        );
    });
}

#[test]
fn every_second_leaf_takes_as_many_siblings_as_there_can_be() {
    run(|| {
        let all = open_issuer(SHARD_CAPACITY);
        let odd: Vec<u32> = (1..SHARD_CAPACITY).step_by(2).collect();
        let (leaves, siblings) = multiproof(&all, &odd);
        assert_eq!(siblings.len() as u32, MAX_SIBLINGS);
        assert_ok!(send_batch(ISSUER, SHARD, leaves, siblings));
        is_as_if_attested(SHARD, &without(&all, &odd));
    });
}

#[test]
fn batches_follow_each_other_in_a_block() {
    run(|| {
        let all = open_issuer(12);
        assert_ok!(revoke_batch(ISSUER, SHARD, &all, &[3, 4]));
        assert_noop!(
            revoke_batch(ISSUER, SHARD, &all, &[5, 6]),
            Error::<Test>::StaleWitness
        );
        let mut known = without(&all, &[3, 4]);
        append(ISSUER, SHARD, &mut known, leaves(12..14));
        assert_ok!(revoke_batch(ISSUER, SHARD, &known, &[5, 13]));
        is_as_if_attested(SHARD, &without(&known, &[5, 13]));
    });
}
