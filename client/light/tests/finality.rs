//! A chain of signed headers made here, and what whoever lies about it would try.

#[path = "support/chain.rs"]
mod chain;

use chain::{
    change, consensus, handoff, hash, header, header_with, justify, justify_votes, our_digest, root, set,
    ROUND,
};
use codec::{Compact, Encode};
use ofage_light::{
    AuthoritySet, FinalityError, Follower, Handoff, HeaderError, SetError, MAX_HEADER, MAX_JUSTIFICATION,
};
use ofage_primitives::chain::ENGINE_ID;

fn follower() -> Follower {
    Follower::new(set(3, &[1, 2, 3, 4]), 100)
}

#[test]
fn a_header_that_three_of_four_signed_is_final_and_says_what_it_holds() {
    let block = header(120, &[]);
    let found = follower()
        .finalized(&block, &justify(&block, 120, 3, &[1, 2, 4]))
        .unwrap();
    assert_eq!(found.number(), 120);
    assert_eq!(found.hash(), hash(&block));
    assert_eq!(found.state_root(), [2; 32]);
    assert_eq!(found.slot(), 1_120);
    assert_eq!(found.registry_root(), root(120));
}

#[test]
fn votes_for_a_descendant_count_with_the_headers_between() {
    let block = header(120, &[]);
    let child = header_with(hash(&block), 121, &[our_digest(121)]);
    let votes = [(1, &block[..], 120), (2, &block[..], 120), (3, &child[..], 121)];
    let proof = justify_votes((&block, 120), 3, &votes, std::slice::from_ref(&child));
    assert!(follower().finalized(&block, &proof).is_ok());
    let without = justify_votes((&block, 120), 3, &votes, &[]);
    assert_eq!(follower().finalized(&block, &without), Err(FinalityError::Votes));
}

#[test]
fn handoffs_lead_from_set_to_set() {
    let mut follower = follower();
    follower
        .advance(&handoff(110, 3, &[1, 2, 3], &[2, 3, 4, 5]))
        .unwrap();
    follower.advance(&handoff(130, 4, &[3, 4, 5], &[6])).unwrap();
    assert_eq!(follower.set(), &set(5, &[6]));
    assert_eq!(follower.since(), 130);
    let block = header(131, &[]);
    assert!(follower.finalized(&block, &justify(&block, 131, 5, &[6])).is_ok());
}

mod rejects {
    use super::*;

    fn refusal(block: &[u8], justification: &[u8]) -> FinalityError {
        follower().finalized(block, justification).unwrap_err()
    }

    #[test]
    fn a_justification_put_onto_another_header() {
        let (block, fork) = (header(120, &[]), header_with([9; 32], 120, &[our_digest(120)]));
        let proof = justify(&block, 120, 3, &[1, 2, 3]);
        assert_eq!(refusal(&fork, &proof), FinalityError::OtherBlock);
        // Relabelled, so that it names the fork: the votes are for the block still.
        let votes: Vec<_> = [1, 2, 3].iter().map(|seed| (*seed, &block[..], 120)).collect();
        let relabelled = justify_votes((&fork, 120), 3, &votes, &[]);
        assert_eq!(refusal(&fork, &relabelled), FinalityError::Votes);
    }

    #[test]
    fn votes_for_a_fork_below_the_block() {
        let block = header(120, &[]);
        let fork = header_with([9; 32], 121, &[our_digest(121)]);
        let votes = [(1, &block[..], 120), (2, &fork[..], 121), (3, &fork[..], 121)];
        let proof = justify_votes((&block, 120), 3, &votes, std::slice::from_ref(&fork));
        assert_eq!(refusal(&block, &proof), FinalityError::Votes);
    }

    // Found by fuzzing: one vote for the block and enough for its child make the child final, and say so of it alone.
    #[test]
    fn votes_that_make_a_descendant_final_and_not_the_block_they_name() {
        let block = header(120, &[]);
        let child = header_with(hash(&block), 121, &[our_digest(121)]);
        let above = [1, 3, 4].map(|seed| (seed, &child[..], 121));
        let votes = [&above[..], &[(2, &block[..], 120)]].concat();
        let proof = |target| justify_votes(target, 3, &votes, std::slice::from_ref(&child));
        assert_eq!(refusal(&block, &proof((&block[..], 120))), FinalityError::Votes);
        assert!(follower().finalized(&child, &proof((&child[..], 121))).is_ok());
    }

    #[test]
    fn too_few_doubled_or_foreign_votes() {
        let block = header(120, &[]);
        for seeds in [&[][..], &[1], &[1, 2]] {
            assert_eq!(
                refusal(&block, &justify(&block, 120, 3, seeds)),
                FinalityError::TooFew
            );
        }
        for seeds in [&[1, 2, 2][..], &[1, 2, 9], &[1, 2, 3, 9]] {
            assert_eq!(
                refusal(&block, &justify(&block, 120, 3, seeds)),
                FinalityError::Signature
            );
        }
    }

    #[test]
    fn votes_of_another_set_number() {
        let block = header(120, &[]);
        for id in [0, 2, 4, u64::MAX] {
            let proof = justify(&block, 120, id, &[1, 2, 3]);
            assert_eq!(refusal(&block, &proof), FinalityError::Signature);
        }
    }

    #[test]
    fn a_bit_of_a_justification_that_is_not_as_it_was_signed() {
        let block = header(120, &[]);
        let proof = justify(&block, 120, 3, &[1, 2, 3]);
        for at in 0..proof.len() {
            let mut bad = proof.clone();
            bad[at] ^= 1;
            assert!(follower().finalized(&block, &bad).is_err(), "byte {at}");
        }
    }

    #[test]
    fn cut_off_longer_and_oversized_bytes() {
        let block = header(120, &[]);
        let proof = justify(&block, 120, 3, &[1, 2, 3]);
        for end in 0..proof.len() {
            assert_eq!(refusal(&block, &proof[..end]), FinalityError::Malformed);
        }
        for end in 0..block.len() {
            assert!(matches!(
                refusal(&block[..end], &proof),
                FinalityError::Header(HeaderError::Malformed)
            ));
        }
        let longer = |bytes: &[u8], length: usize| {
            let mut bytes = bytes.to_vec();
            bytes.resize(length, 0);
            bytes
        };
        assert_eq!(
            refusal(&block, &longer(&proof, proof.len() + 1)),
            FinalityError::Malformed
        );
        assert_eq!(
            refusal(&block, &longer(&proof, MAX_JUSTIFICATION + 1)),
            FinalityError::TooLong
        );
        let trailing = longer(&block, block.len() + 1);
        assert_eq!(
            refusal(&trailing, &proof),
            FinalityError::Header(HeaderError::Malformed)
        );
        let huge = longer(&block, MAX_HEADER + 1);
        assert_eq!(
            refusal(&huge, &proof),
            FinalityError::Header(HeaderError::TooLong)
        );
    }

    #[test]
    fn a_count_of_votes_that_no_memory_holds() {
        let block = header(120, &[]);
        let mut proof = (ROUND, hash(&block), 120u32).encode();
        proof.extend(Compact(u32::MAX).encode());
        assert_eq!(refusal(&block, &proof), FinalityError::Malformed);
    }

    #[test]
    fn a_final_header_without_exactly_one_registry_root() {
        for items in [
            vec![],
            vec![our_digest(1), our_digest(1)],
            vec![consensus(ENGINE_ID, vec![9])],
        ] {
            let block = header_with([1; 32], 120, &items);
            let proof = justify(&block, 120, 3, &[1, 2, 3]);
            assert_eq!(
                refusal(&block, &proof),
                FinalityError::Header(HeaderError::RootDigest)
            );
        }
    }

    #[test]
    fn a_handoff_left_out_repeated_or_out_of_order() {
        let first = handoff(110, 3, &[1, 2, 3], &[2, 3, 4, 5]);
        let second = handoff(130, 4, &[3, 4, 5], &[6]);
        let mut follower = follower();
        assert_eq!(follower.advance(&second), Err(FinalityError::Signature));
        assert_eq!(follower, super::follower());
        follower.advance(&first).unwrap();
        assert_eq!(follower.advance(&first), Err(FinalityError::Backwards(110)));
        follower.advance(&second).unwrap();
        assert_eq!(follower.advance(&first), Err(FinalityError::Backwards(130)));
        assert_eq!(follower.set().id(), 5);
    }

    #[test]
    fn an_old_set_that_signs_a_fork_after_it_was_replaced() {
        let mut follower = follower();
        follower
            .advance(&handoff(110, 3, &[1, 2, 3], &[5, 6, 7, 8]))
            .unwrap();
        let fork = header(140, &[]);
        let proof = justify(&fork, 140, 3, &[1, 2, 3, 4]);
        assert_eq!(follower.finalized(&fork, &proof), Err(FinalityError::Signature));
        let usurped = handoff(140, 3, &[1, 2, 3, 4], &[1]);
        assert_eq!(follower.advance(&usurped), Err(FinalityError::Signature));
    }

    #[test]
    fn a_block_at_or_before_the_start() {
        let block = header(100, &[]);
        let proof = justify(&block, 100, 3, &[1, 2, 3]);
        assert_eq!(refusal(&block, &proof), FinalityError::Backwards(100));
    }

    #[test]
    fn a_header_that_does_not_hand_over_as_this_chain_does() {
        let signed = |items: &[Vec<u8>]| {
            let header = header(110, items);
            let justification = justify(&header, 110, 3, &[1, 2, 3]);
            follower()
                .advance(&Handoff {
                    header,
                    justification,
                })
                .unwrap_err()
        };
        let one = change(1, &[5], 1, 0);
        for items in [
            vec![],
            vec![one.clone(), one],
            vec![change(1, &[5], 1, 1)],
            vec![change(2, &[5], 1, 0)],
        ] {
            assert!(
                matches!(
                    signed(&items),
                    FinalityError::Header(HeaderError::NoHandoff | HeaderError::Malformed)
                ),
                "{items:?}"
            );
        }
        assert_eq!(
            signed(&[change(1, &[5], 2, 0)]),
            FinalityError::Header(SetError::Weight.into())
        );
        assert_eq!(
            signed(&[change(1, &[5, 5], 1, 0)]),
            FinalityError::Header(SetError::Duplicate.into())
        );
        assert!(matches!(
            signed(&[change(1, &[], 1, 0)]),
            FinalityError::Header(_)
        ));
    }

    #[test]
    fn sets_that_are_none() {
        assert_eq!(AuthoritySet::new(0, vec![]), Err(SetError::Empty));
        assert_eq!(
            AuthoritySet::new(0, vec![[1; 32], [1; 32]]),
            Err(SetError::Duplicate)
        );
        let many = (0..=ofage_light::MAX_AUTHORITIES).map(|n| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&n.to_le_bytes());
            key
        });
        assert_eq!(AuthoritySet::new(0, many.collect()), Err(SetError::TooMany));
    }
}
