//! Attacks with the data of a real chain: three validators, of whom Charlie left and came back between the first bundle and the
//! second, and a checkpoint at its first block.
//!
//! `OFAGE_REGENERATE=1` makes the end-to-end test `light` write new files.

use codec::{Decode, Encode};
use ofage_light::{
    AuthoritySet, Bundle, Checkpoint, FinalityError, Follower, Freshness, Handoff, LightVerifier, Oldest,
    ProofError, Refusal, MAX_BUNDLE, MAX_CHECKPOINT_AGE,
};
use ofage_primitives::Presentation;
use real::*;

#[path = "support/real.rs"]
mod real;

#[test]
fn bundles_from_before_and_after_the_rotation_verify_from_one_checkpoint() {
    let mut verifier = verifier();
    assert_eq!((before().first_set, before().handoffs.len()), (0, 0));
    assert_eq!((after().first_set, after().handoffs.len()), (0, 2));
    for bundle in [before(), after()] {
        let proven = decide(&mut verifier, &bundle).unwrap();
        assert_eq!(proven.presentation(), &bundle.presentation);
    }
    assert!(verifier.checkpoint().set().id() >= 2);
    assert_eq!(verifier.checkpoint().number(), block(&after().header).0);
}

#[test]
fn a_saved_checkpoint_decides_without_the_handoffs() {
    let mut verifier = verifier();
    decide(&mut verifier, &after()).unwrap();
    let saved = Checkpoint::from_json(verifier.checkpoint().to_json().as_bytes()).unwrap();
    let mut later = LightVerifier::new(saved, Freshness::default(), now(), MAX_CHECKPOINT_AGE).unwrap();
    let mut bare = after();
    bare.handoffs.clear();
    bare.first_set = 2;
    assert!(decide(&mut later, &bare).is_ok());
    assert!(decide(&mut later, &after()).is_ok(), "those it knows are skipped");
    assert!(matches!(
        decide(&mut later, &before()),
        Err(Refusal::Handoffs { have: 2, first: 0 })
    ));
}

#[test]
fn the_keys_of_these_tests_are_the_validators() {
    for name in ["Alice", "Bob", "Charlie"] {
        assert!(checkpoint().set().keys().contains(&public(name)), "{name}");
    }
    // And what they sign here is what the chain takes: the attacks below fail for their own reasons.
    let mut honest = after();
    honest.justification = Votes::cast(&honest.header, 2, &["Alice", "Bob", "Charlie"]).bytes();
    assert!(decide(&mut verifier(), &honest).is_ok());
}

mod a_justification {
    use super::*;

    #[test]
    fn under_another_header_is_refused() {
        let other = Refusal::NotFinal(FinalityError::OtherBlock);
        assert_eq!(refusal(|bundle| bundle.header = fork(&bundle.header)), other);
        // That of the last handoff is the block that the set before made final.
        let (handed_over, _) = block(&after().handoffs[1].header);
        assert_eq!(
            refusal(|bundle| bundle.header = bundle.handoffs[1].header.clone()),
            Refusal::NotFinal(FinalityError::Backwards(handed_over))
        );
        assert_eq!(
            refusal(|bundle| bundle.justification = before().justification),
            other
        );
    }

    #[test]
    fn relabelled_onto_another_header_is_refused() {
        let refused = refusal(|bundle| {
            bundle.header = fork(&bundle.header);
            let mut votes = Votes::of(&bundle.justification);
            (votes.number, votes.hash) = block(&bundle.header);
            bundle.justification = votes.bytes();
        });
        assert_eq!(refused, Refusal::NotFinal(FinalityError::Votes));
        // With the votes relabelled too, their signatures are of another block.
        let refused = refusal(|bundle| {
            bundle.header = fork(&bundle.header);
            let mut votes = Votes::of(&bundle.justification);
            (votes.number, votes.hash) = block(&bundle.header);
            for vote in &mut votes.votes {
                (vote.number, vote.hash) = (votes.number, votes.hash);
            }
            bundle.justification = votes.bytes();
        });
        assert_eq!(refused, Refusal::NotFinal(FinalityError::Signature));
    }

    #[test]
    fn of_votes_for_a_fork_is_refused() {
        let refused = refusal(|bundle| {
            let forked = Votes::cast(&fork(&bundle.header), 2, &["Alice", "Bob", "Charlie"]);
            let mut votes = Votes::cast(&bundle.header, 2, &[]);
            votes.votes = forked.votes;
            votes.round = forked.round;
            bundle.justification = votes.bytes();
        });
        assert_eq!(refused, Refusal::NotFinal(FinalityError::Votes));
    }

    #[test]
    fn of_two_thirds_or_less_is_refused() {
        let refused = refusal(|bundle| {
            bundle.justification = Votes::cast(&bundle.header, 2, &["Alice", "Bob"]).bytes();
        });
        assert_eq!(refused, Refusal::NotFinal(FinalityError::TooFew));
        assert_eq!(
            refusal(|bundle| {
                bundle.justification = Votes::cast(&bundle.header, 2, &[]).bytes();
            }),
            Refusal::NotFinal(FinalityError::TooFew)
        );
    }

    #[test]
    fn with_a_vote_twice_or_of_a_stranger_is_refused() {
        for names in [["Alice", "Bob", "Bob"], ["Alice", "Bob", "Dave"]] {
            let refused = refusal(|bundle| {
                bundle.justification = Votes::cast(&bundle.header, 2, &names).bytes();
            });
            assert_eq!(refused, Refusal::NotFinal(FinalityError::Signature), "{names:?}");
        }
    }

    #[test]
    fn of_another_set_is_refused() {
        for set in [0, 1, 3, u64::MAX] {
            let refused = refusal(|bundle| {
                bundle.justification = Votes::cast(&bundle.header, set, &["Alice", "Bob", "Charlie"]).bytes();
            });
            assert_eq!(refused, Refusal::NotFinal(FinalityError::Signature), "set {set}");
        }
        // A verifier that counts otherwise takes nothing either.
        let keys = checkpoint().set().keys().to_vec();
        let follower = Follower::new(AuthoritySet::new(1, keys).unwrap(), 0);
        let bundle = before();
        assert_eq!(
            follower.finalized(&bundle.header, &bundle.justification),
            Err(FinalityError::Signature)
        );
    }
}

mod handoffs {
    use super::*;

    #[test]
    fn left_out_repeated_or_turned_around_are_refused() {
        type Change = fn(&mut Vec<Handoff>);
        let changes: [Change; 5] = [
            |all| drop(all.remove(0)),
            |all| drop(all.remove(1)),
            |all| all.insert(0, all[0].clone()),
            |all| all.push(all[1].clone()),
            |all| all.swap(0, 1),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let refused = refusal(|bundle| change(&mut bundle.handoffs));
            assert!(matches!(refused, Refusal::NotFinal(_)), "{index}: {refused}");
        }
    }

    #[test]
    fn from_where_the_verifier_is_not_are_refused() {
        let refused = refusal(|bundle| bundle.first_set = 1);
        assert_eq!(refused, Refusal::Handoffs { have: 0, first: 1 });
        let refused = refusal(|bundle| bundle.handoffs.clear());
        assert!(matches!(refused, Refusal::NotFinal(_)), "{refused}");
    }

    #[test]
    fn of_a_header_that_hands_over_to_nobody_are_refused() {
        let refused = refusal(|bundle| {
            bundle.handoffs[1] = Handoff {
                header: bundle.header.clone(),
                justification: bundle.justification.clone(),
            }
        });
        assert!(matches!(refused, Refusal::NotFinal(_)), "{refused}");
    }

    /// The set of the first block signs a fork after it handed over. Only who never saw the handoff can be had by it, which
    /// is why checkpoints age and verifiers go forward.
    #[test]
    fn end_what_the_old_set_can_sign() {
        let mut verifier = verifier();
        decide(&mut verifier, &after()).unwrap();
        let mut forked = before();
        forked.header = fork(&after().header);
        forked.justification = Votes::cast(&forked.header, 0, &["Alice", "Bob", "Charlie"]).bytes();
        let refused = decide(&mut verifier, &forked).unwrap_err();
        assert_eq!(refused, Refusal::Handoffs { have: 2, first: 0 });
        // Nor with the handoffs before it, since the present set did not sign.
        forked.handoffs = after().handoffs;
        let refused = decide(&mut verifier, &forked).unwrap_err();
        assert_eq!(refused, Refusal::NotFinal(FinalityError::Signature));
    }
}

/// The nodes of a proof.
fn nodes(proof: &[u8]) -> Vec<Vec<u8>> {
    Decode::decode(&mut &proof[..]).unwrap()
}

mod a_proof_of_the_state {
    use super::*;
    use ofage_primitives::{RegistryRoot, TrustListId, TrustListRoot};

    #[test]
    fn of_another_block_is_refused() {
        let refused = refusal(|bundle| bundle.proof = before().proof);
        assert_eq!(refused, Refusal::State(ProofError::OtherState));
    }

    #[test]
    fn of_other_keys_is_refused() {
        // The presentation claims another root, another list's root, or another list than was proved.
        type Change = fn(&mut Presentation);
        let changes: [Change; 3] = [
            |p| p.anchor.registry_root = RegistryRoot::from_element(ofage_primitives::Element::from_u64(1)),
            |p| {
                p.anchor.trust_list_root = TrustListRoot::from_element(ofage_primitives::Element::from_u64(1))
            },
            |p| p.policy.trust_list = TrustListId(1),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let refused = refusal(|bundle| change(&mut bundle.presentation));
            assert!(
                matches!(refused, Refusal::State(_) | Refusal::AnchorEnded),
                "{index}: {refused}"
            );
        }
    }

    #[test]
    fn with_a_node_more_less_or_twice_is_refused() {
        let count = nodes(&after().proof).len();
        for at in 0..count {
            let without = refusal(|bundle| {
                let mut all = nodes(&bundle.proof);
                all.remove(at);
                bundle.proof = all.encode();
            });
            assert!(
                matches!(
                    without,
                    Refusal::State(ProofError::Missing | ProofError::OtherState)
                ),
                "{at}: {without}"
            );
            let twice = refusal(|bundle| {
                let mut all = nodes(&bundle.proof);
                all.push(all[at].clone());
                bundle.proof = all.encode();
            });
            assert_eq!(twice, Refusal::State(ProofError::Extra), "{at}");
        }
        for node in nodes(&before().proof) {
            let more = refusal(|bundle| {
                let mut all = nodes(&bundle.proof);
                if !all.contains(&node) {
                    all.push(node.clone());
                } else {
                    all.push(vec![0]);
                }
                bundle.proof = all.encode();
            });
            assert_eq!(more, Refusal::State(ProofError::Extra));
        }
    }

    #[test]
    fn in_another_order_says_the_same() {
        let mut bundle = after();
        let mut all = nodes(&bundle.proof);
        all.reverse();
        bundle.proof = all.encode();
        assert!(decide(&mut verifier(), &bundle).is_ok());
    }
}

mod age {
    use super::*;

    fn at(now: u64, freshness: Freshness) -> Result<(), Refusal> {
        let bundle = after();
        let mut verifier = LightVerifier::new(checkpoint(), freshness, now, MAX_CHECKPOINT_AGE).unwrap();
        // Beyond the challenge's own end, which would be refused too, the state is looked at first.
        verifier
            .verify(&bundle, &expected(&bundle.presentation), now)
            .map(drop)
    }

    fn made() -> u64 {
        verifier().root(&after()).unwrap().header().unix_seconds()
    }

    #[test]
    fn of_a_stale_bundle_is_told() {
        let freshness = Freshness {
            state: 600,
            anchor: None,
        };
        assert_eq!(
            at(made() + 601, freshness),
            Err(Refusal::Stale { age: 601, limit: 600 })
        );
        assert!(at(made() + 601, freshness)
            .unwrap_err()
            .to_string()
            .contains("601 seconds old"));
        assert_ne!(
            at(made() + 600, freshness),
            Err(Refusal::Stale { age: 600, limit: 600 })
        );
    }

    #[test]
    fn of_a_stale_anchor_is_told() {
        let blocks = block(&after().header).0 - after().presentation.anchor.block;
        let freshness = Freshness {
            state: 600,
            anchor: Some(Oldest::Blocks(blocks)),
        };
        assert!(!matches!(
            at(made() + 5, freshness),
            Err(Refusal::AnchorStale { .. })
        ));
        let (age, limit) = (Oldest::Blocks(blocks + 1), Oldest::Blocks(blocks));
        assert_eq!(
            at(made() + 6, freshness),
            Err(Refusal::AnchorStale { age, limit })
        );
    }

    #[test]
    fn of_the_future_is_refused() {
        assert_eq!(at(made() - 61, Freshness::default()), Err(Refusal::FromFuture));
    }
}

mod bytes {
    use super::*;

    #[test]
    fn cut_off_or_with_more_behind_are_no_bundle() {
        let whole = file("after.ofab");
        for length in 0..whole.len() {
            assert!(Bundle::from_bytes(&whole[..length]).is_err(), "{length}");
        }
        assert!(Bundle::from_bytes(&[&whole[..], &[0]].concat()).is_err());
        assert!(Bundle::from_bytes(&vec![0; MAX_BUNDLE + 1]).is_err());
    }

    /// All bytes of what says something about the chain; some of the presentation, which costs a check of the proof each.
    fn places(whole: &[u8]) -> impl Iterator<Item = usize> {
        const STRIDE: usize = 61;
        let presentation = whole.len() - after().presentation.to_bytes().len();
        (0..presentation).chain((presentation..whole.len()).step_by(STRIDE))
    }

    #[test]
    fn altered_anywhere_are_refused() {
        let whole = file("after.ofab");
        for at in places(&whole) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            if let Ok(bundle) = Bundle::from_bytes(&bytes) {
                // What was asked is what the unaltered one answers.
                let asked = expected(&after().presentation);
                assert!(verifier().verify(&bundle, &asked, now()).is_err(), "byte {at}");
            }
        }
    }
}
