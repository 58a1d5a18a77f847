//! Decisions on bundles. A presentation made here has a proof that proves nothing, so "proof" says that all else was good.

#[path = "support/chain.rs"]
mod chain;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/trie.rs"]
mod trie;

use chain::{change, handoff, hash, header_of, just_enough, justify, our_digest, set};
use ofage_light::{
    Bundle, Checkpoint, CheckpointError, Expected, FinalityError, Freshness, Handoff, LightVerifier, Oldest,
    ProofError, Refusal, MAX_CHECKPOINT_AGE, MAX_HANDOFFS,
};
use ofage_primitives::{presentation::PROOF_LENGTH_V1, CircuitId, GenesisHash};
use ofage_verifier::VerifyError;
use scene::{seconds, Scene, ANCHOR, FIRST_SET, GENESIS, PROVED, START};

const SEEDS: &[u8] = &[1, 2, 3, 4];
/// How far clocks may differ, in seconds.
const TOLERANCE: u64 = 60;

impl Scene {
    fn verify_at(&self, verifier: &mut LightVerifier, bundle: &Bundle, now: u64) -> Refusal {
        verifier
            .verify(bundle, &self.expected, now)
            .expect_err("the proof proves nothing")
    }

    fn verify(&self, verifier: &mut LightVerifier, bundle: &Bundle) -> Refusal {
        self.verify_at(verifier, bundle, self.now)
    }

    /// What a verifier says that saw nothing before.
    fn refusal(&self, change: impl FnOnce(&mut Bundle)) -> Refusal {
        let mut bundle = self.bundle.clone();
        change(&mut bundle);
        let mut verifier = self.verifier();
        let refusal = self.verify(&mut verifier, &bundle);
        if refusal.code() != "proof" {
            assert_eq!(verifier.checkpoint(), &self.checkpoint, "a bad bundle moved it");
        }
        refusal
    }

    /// The bundle with another header of the same state.
    fn signed(&self, number: u32, set: u64, seeds: &[u8], more: &[Vec<u8>]) -> Bundle {
        let header = header_of(
            [1; 32],
            number,
            self.state.root(),
            &[&[our_digest(number)], more].concat(),
        );
        Bundle {
            justification: justify(&header, number, set, seeds),
            header,
            ..self.bundle.clone()
        }
    }
}

fn is_good(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Proof(_))
}

mod a_good_bundle {
    use super::*;

    #[test]
    fn is_decided_by_its_proof_and_leads_the_checkpoint_on() {
        for (validators, handoffs) in [(1, 0), (3, 1), (4, 2), (10, 5)] {
            let scene = Scene::new(validators, handoffs, 5);
            let mut verifier = scene.verifier();
            assert!(is_good(&scene.verify(&mut verifier, &scene.bundle)));
            let newest = verifier.checkpoint();
            assert_eq!(newest.number(), PROVED);
            assert_eq!(newest.hash(), hash(&scene.bundle.header));
            assert_eq!(newest.time(), Some(seconds(PROVED)));
            assert_eq!(newest.set().id(), FIRST_SET + u64::from(handoffs));
            // Again, and by one that starts where this one is.
            assert!(is_good(&scene.verify(&mut verifier, &scene.bundle)));
            let mut next = restarted(&scene, &verifier);
            assert!(is_good(&scene.verify(&mut next, &scene.bundle)));
        }
    }

    #[test]
    fn may_have_as_many_handoffs_as_are_looked_at() {
        let scene = Scene::new(1, MAX_HANDOFFS as u32, 0);
        let bundle = Bundle::from_bytes(&scene.bundle.to_bytes()).unwrap();
        assert!(is_good(&scene.verify(&mut scene.verifier(), &bundle)));
    }

    #[test]
    fn may_begin_before_the_verifiers_set_with_what_nobody_looks_at() {
        let scene = Scene::new(4, 2, 5);
        let refusal = scene.refusal(|bundle| {
            bundle.first_set -= 1;
            bundle.handoffs.insert(0, garbage());
        });
        assert!(is_good(&refusal));
    }

    #[test]
    fn serves_verifiers_at_each_of_its_sets() {
        let scene = Scene::new(4, 3, 5);
        for known in 0..=3 {
            let mut behind = scene.verifier();
            let start = behind
                .checkpoint()
                .advanced(&scene.bundle.handoffs[..known], None)
                .unwrap();
            behind = from(&scene, start);
            assert!(is_good(&scene.verify(&mut behind, &scene.bundle)), "{known}");
        }
    }
}

fn garbage() -> Handoff {
    Handoff {
        header: vec![1; 3],
        justification: vec![2; 3],
    }
}

fn from(scene: &Scene, checkpoint: Checkpoint) -> LightVerifier {
    LightVerifier::new(checkpoint, Freshness::default(), scene.now, MAX_CHECKPOINT_AGE).unwrap()
}

/// One that starts from what another kept, in its written form.
fn restarted(scene: &Scene, verifier: &LightVerifier) -> LightVerifier {
    let document = verifier.checkpoint().to_json();
    from(scene, Checkpoint::from_json(document.as_bytes()).unwrap())
}

mod refuses {
    use super::*;

    #[test]
    fn another_chain() {
        let scene = Scene::new(4, 1, 5);
        let other = GenesisHash([8; 32]);
        assert_eq!(
            scene.refusal(|bundle| bundle.genesis = other),
            Refusal::OtherChain
        );
        let asked = &scene.bundle.presentation;
        let of = |genesis| {
            Expected::answer(
                genesis,
                asked.context.clone(),
                asked.policy.clone(),
                asked.binding.clone(),
                asked.nonce,
                asked.expires_at,
            )
        };
        let decide = |expected| scene.verifier().verify(&scene.bundle, &expected, scene.now);
        assert_eq!(decide(of(other)), Err(Refusal::OtherChain));
        assert!(is_good(&decide(of(GENESIS)).unwrap_err()));
    }

    #[test]
    fn handoffs_left_out_repeated_or_out_of_order() {
        let scene = Scene::new(4, 3, 5);
        let refusal = |change: fn(&mut Vec<Handoff>)| scene.refusal(|bundle| change(&mut bundle.handoffs));
        let not_final = Refusal::NotFinal;
        assert_eq!(
            refusal(|them| drop(them.remove(0))),
            not_final(FinalityError::Signature)
        );
        assert_eq!(
            refusal(|them| drop(them.remove(1))),
            not_final(FinalityError::Signature)
        );
        assert_eq!(
            refusal(|them| drop(them.pop())),
            not_final(FinalityError::Signature)
        );
        assert_eq!(refusal(Vec::clear), not_final(FinalityError::Signature));
        assert_eq!(
            refusal(|them| them.insert(1, them[0].clone())),
            not_final(FinalityError::Backwards(START + 1))
        );
        assert_eq!(
            refusal(|them| them.push(them[2].clone())),
            not_final(FinalityError::Backwards(START + 3))
        );
        assert_eq!(
            refusal(|them| them.swap(0, 1)),
            not_final(FinalityError::Signature)
        );
        assert_eq!(
            refusal(|them| them.swap(1, 2)),
            not_final(FinalityError::Signature)
        );
    }

    #[test]
    fn handoffs_beyond_the_header_or_of_others() {
        let scene = Scene::new(4, 1, 5);
        let push = |more: Handoff| scene.refusal(|bundle| bundle.handoffs.push(more));
        // Before the header in time, and good: then another set should have signed the header.
        let before = handoff(PROVED - 1, FIRST_SET + 1, SEEDS, SEEDS);
        assert_eq!(push(before), Refusal::NotFinal(FinalityError::Signature));
        let after = handoff(PROVED, FIRST_SET + 1, SEEDS, SEEDS);
        assert_eq!(push(after), Refusal::NotFinal(FinalityError::Backwards(PROVED)));
        let strangers = handoff(PROVED - 1, FIRST_SET + 1, &[7, 8, 9], SEEDS);
        assert_eq!(push(strangers), Refusal::NotFinal(FinalityError::Signature));
        let few = handoff(PROVED - 1, FIRST_SET + 1, &[1, 2], SEEDS);
        assert_eq!(push(few), Refusal::NotFinal(FinalityError::TooFew));
        assert!(matches!(
            push(garbage()),
            Refusal::NotFinal(FinalityError::Header(_))
        ));
    }

    #[test]
    fn handoffs_that_do_not_pass_the_verifiers_set() {
        let scene = Scene::new(4, 2, 5);
        let have = FIRST_SET;
        for first in [have + 1, have + 2, u64::MAX, 0] {
            assert_eq!(
                scene.refusal(|bundle| bundle.first_set = first),
                Refusal::Handoffs { have, first }
            );
        }
        // Named so that some or all of the needed ones are skipped.
        for first in [have - 1, have - 2] {
            assert_eq!(
                scene.refusal(|bundle| bundle.first_set = first),
                Refusal::NotFinal(FinalityError::Signature)
            );
        }
        let told = scene.refusal(|bundle| bundle.first_set = have + 1).to_string();
        assert!(
            told.contains("begin at set 4") && told.contains("of set 3"),
            "{told}"
        );
    }

    #[test]
    fn headers_that_others_or_too_few_signed_or_that_lie_before_their_set() {
        let scene = Scene::new(4, 1, 5);
        let signed = |number, set, seeds: &[u8]| {
            let bundle = scene.signed(number, set, seeds, &[]);
            scene.verify(&mut scene.verifier(), &bundle)
        };
        let id = FIRST_SET + 1;
        assert!(is_good(&signed(PROVED, id, &[1, 2, 4])));
        for (number, set, seeds, error) in [
            (PROVED, id, &[1, 2][..], FinalityError::TooFew),
            (PROVED, id, &[1, 2, 2], FinalityError::Signature),
            (PROVED, id, &[1, 2, 9], FinalityError::Signature),
            (PROVED, id - 1, SEEDS, FinalityError::Signature),
            (PROVED, id + 1, SEEDS, FinalityError::Signature),
            (START + 1, id, SEEDS, FinalityError::Backwards(START + 1)),
        ] {
            assert_eq!(signed(number, set, seeds), Refusal::NotFinal(error));
        }
    }

    #[test]
    fn proofs_of_another_state_and_presentations_that_claim_something_else() {
        let mut scene = Scene::new(4, 1, 5);
        let other = Scene::new(4, 1, 6).bundle;
        assert_eq!(
            scene.refusal(|bundle| bundle.proof = other.proof),
            Refusal::State(ProofError::OtherState)
        );
        assert_eq!(
            scene.refusal(|bundle| bundle.presentation.anchor.block = ANCHOR + 1),
            Refusal::AnchorEnded
        );
        assert_eq!(
            scene.refusal(|bundle| bundle.presentation.anchor.block = PROVED + 1),
            Refusal::AnchorNotFinal
        );
        // The same nodes show that this circuit is not disabled: nobody knows it.
        assert_eq!(
            scene.refusal(|bundle| bundle.presentation.circuit = CircuitId(2)),
            Refusal::Proof(VerifyError::UnknownCircuit(CircuitId(2)))
        );
        let key = ofage_primitives::storage::disabled_circuit(CircuitId::V1);
        scene.state.0.insert(key, vec![]);
        scene.seal(PROVED, &[]);
        assert_eq!(scene.refusal(|_| {}), Refusal::CircuitDisabled);
    }
}

mod the_ratchet {
    use super::*;

    #[test]
    fn lets_no_set_sign_that_was_left() {
        let scene = Scene::new(4, 2, 5);
        let mut verifier = scene.verifier();
        scene.verify(&mut verifier, &scene.bundle);
        let kept = verifier.checkpoint().clone();
        let (have, first) = (FIRST_SET + 2, FIRST_SET);

        let mut old = scene.signed(PROVED + 2, FIRST_SET, SEEDS, &[]);
        old.handoffs.clear();
        let refusal = scene.verify(&mut verifier, &old);
        assert_eq!(refusal, Refusal::Handoffs { have, first });
        // A verifier that saw nothing yet believes it: hence the checkpoint is to be kept.
        assert!(is_good(&scene.verify(&mut scene.verifier(), &old)));

        old.first_set = have;
        let refusal = scene.verify(&mut verifier, &old);
        assert_eq!(refusal, Refusal::NotFinal(FinalityError::Signature));
        // Another way from the old set to the same number.
        old.first_set = first;
        let usurper = [21, 22, 23];
        old.handoffs = vec![
            handoff(PROVED + 1, FIRST_SET, SEEDS, &usurper),
            handoff(PROVED + 2, FIRST_SET + 1, &usurper, &usurper),
        ];
        let old = Bundle {
            handoffs: old.handoffs,
            ..scene.signed(PROVED + 3, have, &usurper, &[])
        };
        let refusal = scene.verify(&mut verifier, &old);
        assert_eq!(refusal, Refusal::NotFinal(FinalityError::Signature));
        assert!(is_good(&scene.verify(&mut scene.verifier(), &old)));

        assert_eq!(verifier.checkpoint(), &kept);
        assert!(is_good(&scene.verify(&mut verifier, &scene.bundle)));
    }

    #[test]
    fn holds_from_a_header_that_hands_over_itself() {
        let scene = Scene::new(4, 0, 5);
        let heirs: &[u8] = &[6, 7, 8];
        let last = scene.signed(PROVED, FIRST_SET, SEEDS, &[change(1, heirs, 1, 0)]);
        let mut verifier = scene.verifier();
        assert!(is_good(&scene.verify(&mut verifier, &last)));
        let kept = verifier.checkpoint().clone();
        assert_eq!(kept.set(), &set(FIRST_SET + 1, heirs));

        // Others may bring the same header, or one before it.
        assert!(is_good(&scene.verify(&mut verifier, &last)));
        let before = scene.signed(PROVED - 2, FIRST_SET, SEEDS, &[]);
        assert!(is_good(&scene.verify(&mut verifier, &before)));
        assert_eq!(verifier.checkpoint(), &kept);

        let foreign = Refusal::NotFinal(FinalityError::Signature);
        // The old set signs a block after its last one,
        let beyond = scene.signed(PROVED + 1, FIRST_SET, SEEDS, &[]);
        assert_eq!(scene.verify(&mut verifier, &beyond), foreign);
        // or hands over once more, before, at or after that block, to whom it likes.
        for number in [PROVED - 1, PROVED, PROVED + 1] {
            let usurped = Bundle {
                handoffs: vec![handoff(number, FIRST_SET, SEEDS, SEEDS)],
                ..scene.signed(PROVED + 2, FIRST_SET + 1, SEEDS, &[])
            };
            assert_eq!(scene.verify(&mut verifier, &usurped), foreign, "{number}");
            let fresh = scene.verify(&mut scene.verifier(), &usurped);
            assert!(is_good(&fresh), "{number}");
        }
        assert_eq!(verifier.checkpoint(), &kept);

        // The true heirs go on, for this verifier and for one that starts from what it kept.
        let onwards = Bundle {
            handoffs: vec![Handoff {
                header: last.header.clone(),
                justification: last.justification.clone(),
            }],
            ..scene.signed(PROVED + 2, FIRST_SET + 1, heirs, &[])
        };
        let mut next = restarted(&scene, &verifier);
        assert!(is_good(&scene.verify(&mut next, &onwards)));
        assert!(is_good(&scene.verify(&mut verifier, &onwards)));
        assert_eq!(verifier.checkpoint(), next.checkpoint());
        let refusal = scene.verify(&mut verifier, &last);
        assert_eq!(refusal.code(), "handoffs");
    }

    #[test]
    fn takes_what_was_made_for_the_checkpoint_that_it_gave_out() {
        let scene = Scene::new(4, 0, 5);
        let heirs: &[u8] = &[6, 7, 8];
        let last = scene.signed(PROVED, FIRST_SET, SEEDS, &[change(1, heirs, 1, 0)]);
        let mut verifier = scene.verifier();
        scene.verify(&mut verifier, &last);
        let first_set = verifier.checkpoint().set().id();
        let bare = Bundle {
            first_set,
            ..scene.signed(PROVED + 2, first_set, heirs, &[])
        };
        assert!(is_good(&scene.verify(&mut restarted(&scene, &verifier), &bare)));
        assert!(is_good(&scene.verify(&mut verifier, &bare)));
    }

    #[test]
    fn does_not_turn_on_what_is_refused_about_the_chain() {
        let scene = Scene::new(4, 2, 5);
        let mut verifier = scene.verifier();
        let mut bad = vec![scene.bundle.clone(); 4];
        bad[0].proof.push(0);
        bad[1].justification.push(0);
        bad[2].handoffs.truncate(1);
        bad[3].presentation.anchor.block = PROVED + 1;
        for bundle in bad {
            assert!(!is_good(&scene.verify(&mut verifier, &bundle)));
            assert_eq!(verifier.checkpoint(), &scene.checkpoint);
        }
        assert!(is_good(&scene.verify(&mut verifier, &scene.bundle)));
    }

    #[test]
    fn turns_on_what_is_true_of_the_chain_though_the_presentation_is_refused() {
        let scene = Scene::new(4, 2, 5);
        let mut verifier = scene.verifier();
        let mut replayed = scene.bundle.clone();
        replayed.presentation.nonce = [0; 32];
        assert_eq!(scene.verify(&mut verifier, &replayed), Refusal::Nonce);
        assert_eq!(verifier.checkpoint().number(), PROVED);
        assert!(is_good(&scene.verify(&mut verifier, &scene.bundle)));
    }

    #[test]
    fn goes_on_where_older_headers_of_the_same_set_come_later() {
        let scene = Scene::new(4, 1, 5);
        let id = FIRST_SET + 1;
        let mut verifier = scene.verifier();
        for (number, newest) in [(PROVED, PROVED), (PROVED - 3, PROVED), (PROVED + 1, PROVED + 1)] {
            let bundle = scene.signed(number, id, just_enough(SEEDS), &[]);
            assert!(is_good(&scene.verify(&mut verifier, &bundle)), "{number}");
            assert_eq!(verifier.checkpoint().number(), newest);
        }
        let mut next = restarted(&scene, &verifier);
        let bundle = scene.signed(PROVED - 3, id, SEEDS, &[]);
        assert!(is_good(&scene.verify(&mut next, &bundle)));
    }
}

mod age {
    use super::*;

    /// Seconds from the proved block to the scene's present, and blocks from the anchor to that block.
    const AGE: u64 = 20;
    const BLOCKS: u32 = PROVED - ANCHOR;

    fn with(freshness: Freshness) -> Refusal {
        let scene = Scene::new(4, 1, 5);
        let mut verifier = scene.verifier_with(freshness);
        let refusal = scene.verify(&mut verifier, &scene.bundle);
        if !is_good(&refusal) {
            assert_eq!(
                verifier.checkpoint(),
                &scene.checkpoint,
                "a stale bundle moved it"
            );
        }
        refusal
    }

    #[test]
    fn of_the_state_may_be_the_limit_and_not_a_second_more() {
        let at = |state| with(Freshness { state, anchor: None });
        assert!(is_good(&at(AGE)));
        let (age, limit) = (AGE, AGE - 1);
        assert_eq!(at(limit), Refusal::Stale { age, limit });
        let told = at(limit).to_string();
        assert!(
            told.contains("is 20 seconds old") && told.contains("at most 19"),
            "{told}"
        );
    }

    #[test]
    fn of_the_anchor_may_be_the_limit_in_blocks_or_seconds() {
        let at = |oldest| {
            with(Freshness {
                anchor: Some(oldest),
                ..Freshness::default()
            })
        };
        // As many blocks may have been made since as there were slots.
        let blocks = BLOCKS + 3;
        assert!(is_good(&at(Oldest::Blocks(blocks))));
        let (age, limit) = (Oldest::Blocks(blocks), Oldest::Blocks(blocks - 1));
        assert_eq!(at(limit), Refusal::AnchorStale { age, limit });
        assert!(
            at(limit)
                .to_string()
                .contains("is 13 blocks old, and at most 12 blocks"),
            "{}",
            at(limit)
        );

        let seconds = AGE + 6 * u64::from(BLOCKS);
        assert!(is_good(&at(Oldest::Seconds(seconds))));
        let (age, limit) = (Oldest::Seconds(seconds), Oldest::Seconds(seconds - 1));
        assert_eq!(at(limit), Refusal::AnchorStale { age, limit });
        assert!(at(limit)
            .to_string()
            .contains("is 80 seconds old, and at most 79"));
    }

    #[test]
    fn may_be_negative_as_far_as_clocks_differ_and_not_a_second_more() {
        let scene = Scene::new(4, 1, 5);
        let made = seconds(PROVED);
        let mut verifier = scene.verifier();
        let early = scene.verify_at(&mut verifier, &scene.bundle, made - TOLERANCE - 1);
        assert_eq!(early, Refusal::FromFuture);
        assert_eq!(verifier.checkpoint(), &scene.checkpoint);
        let in_time = scene.verify_at(&mut verifier, &scene.bundle, made - TOLERANCE);
        assert!(is_good(&in_time), "{in_time}");
        // What it keeps is not too young for it to start from.
        let kept = verifier.checkpoint().clone();
        let next = LightVerifier::new(kept, Freshness::default(), made - TOLERANCE, MAX_CHECKPOINT_AGE);
        assert!(next.is_ok());
    }

    #[test]
    fn of_a_block_at_the_end_of_time_is_refused_and_not_kept() {
        let scene = Scene::new(4, 0, 5);
        let number = u32::MAX;
        let mut bundle = scene.signed(number, FIRST_SET, SEEDS, &[]);
        bundle.presentation.anchor.block = ANCHOR;
        let mut verifier = scene.verifier();
        let refusal = scene.verify(&mut verifier, &bundle);
        assert!(
            matches!(refusal, Refusal::FromFuture | Refusal::AnchorEnded),
            "{refusal}"
        );
        assert_eq!(verifier.checkpoint(), &scene.checkpoint);
    }

    #[test]
    fn of_the_checkpoint_may_be_the_limit_and_not_a_second_more() {
        let scene = Scene::new(4, 1, 5);
        let start = |age| {
            LightVerifier::new(
                scene.checkpoint.clone(),
                Freshness::default(),
                seconds(START) + age,
                500,
            )
            .err()
        };
        assert_eq!(start(500), None);
        assert_eq!(start(501), Some(CheckpointError::TooOld { age: 501, limit: 500 }));
    }
}

#[test]
fn a_bundle_with_any_byte_changed_is_refused_or_says_the_same_of_the_chain() {
    let scene = Scene::new(4, 1, 1);
    let bytes = scene.bundle.to_bytes();
    let mut good = scene.verifier();
    scene.verify(&mut good, &scene.bundle);
    let header = scene.verifier().root(&scene.bundle).unwrap().header().clone();
    // The proof itself is what "proof" is said of.
    for at in 0..bytes.len() - PROOF_LENGTH_V1 as usize {
        let mut other = bytes.clone();
        other[at] ^= 1 << (at % 8);
        let Ok(bundle) = Bundle::from_bytes(&other) else {
            continue;
        };
        let mut verifier = scene.verifier();
        if let Ok(root) = verifier.root(&bundle) {
            assert_eq!(root.header(), &header, "byte {at}");
            assert_eq!(bundle.justification, scene.bundle.justification, "byte {at}");
        }
        scene.verify(&mut verifier, &bundle);
        let kept = verifier.checkpoint();
        assert!(
            kept == &scene.checkpoint || kept == good.checkpoint(),
            "byte {at}"
        );
    }
}
