//! One proof that somebody made, believed through a bundle and in no other way.

#[path = "support/chain.rs"]
mod chain;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/trie.rs"]
mod trie;

use ofage_circuit::{
    sample::{sample, settle},
    Witness,
};
use ofage_light::{Bundle, Freshness, Refusal};
use ofage_primitives::{
    attributes::Parts, presentation::PROOF_LENGTH_V1, Assurance, Attributes, Day, Element, Flags, IssuerTag,
    Nullifier, Presentation, PublicInputs,
};
use ofage_prover::Prover;
use ofage_verifier::{Verifier, VerifyError};
use scene::{Scene, GENESIS, PROVED, START};

const HANDOFFS: u32 = 2;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Somebody who is of age in the scene's time, which is that of the first blocks of Unix.
fn attributes() -> Attributes {
    Attributes::new(Parts {
        earliest_birth: day("1940-01-01"),
        latest_birth: day("1940-01-01"),
        checked_on: day("1969-01-01"),
        enrolled_on: day("1969-01-01"),
        expires_on: day("1975-01-01"),
        assurance: Assurance::Verified,
        flags: Flags::DOCUMENT,
    })
    .unwrap()
}

/// What the scene asks for, answered by the holder of the circuit's sample.
fn presentation() -> Presentation {
    let (inputs, witness) = sample(1);
    let witness = Witness {
        attributes: attributes(),
        slot: 0,
        ..witness
    };
    let mut presentation = scene::presentation();
    let scope = presentation.context.scope(&GENESIS);
    let settled = settle(PublicInputs { scope, ..inputs }, &witness);
    presentation.anchor.registry_root = settled.registry_root;
    presentation.anchor.trust_list_root = settled.trust_list_root;
    presentation.nullifier = settled.nullifier;
    presentation.issuer_tags = vec![settled.issuer_tag];
    let inputs = presentation.public_inputs(&GENESIS).unwrap();
    let proof = Prover::new().prove_joint(&inputs, &[witness]).unwrap();
    presentation.proof = proof.into_bytes();
    presentation
}

/// A chain that has the presentation's anchor.
fn scene() -> Scene {
    Scene::of(presentation(), 4, HANDOFFS, 10)
}

#[test]
fn a_good_bundle_is_believed_and_says_under_what() {
    let scene = scene();
    let mut verifier = scene.verifier();
    let bundle = Bundle::from_bytes(&scene.bundle.to_bytes()).unwrap();
    let proven = verifier.verify(&bundle, &scene.expected, scene.now).unwrap();
    assert_eq!(proven.presentation(), &bundle.presentation);
    assert_eq!(proven.root().header().number(), PROVED);
    assert_eq!(proven.root().claim().anchor, bundle.presentation.anchor);
    assert_eq!(verifier.root(&bundle).as_ref(), Ok(proven.root()));
    // Again: whether the holder came before, others remember.
    let again = verifier.verify(&bundle, &scene.expected, scene.now);
    assert_eq!(again, Ok(proven));
}

#[test]
fn it_is_believed_under_a_root_of_its_own_anchor_only() {
    let (scene, other) = (scene(), Scene::new(4, HANDOFFS, 10));
    let decide = |scene_of_root: &Scene| {
        let root = scene_of_root.verifier().root(&scene_of_root.bundle).unwrap();
        let presentation = &scene.bundle.presentation;
        root.verify(
            &Verifier::new(),
            presentation,
            &scene.expected,
            &Freshness::default(),
            scene.now,
        )
    };
    assert!(decide(&scene).is_ok());
    assert_eq!(decide(&other), Err(Refusal::AnchorMismatch));
}

#[test]
fn nothing_that_the_proof_is_about_can_be_another() {
    let good = scene();
    let next = |element: Element| Element::from_u64(u64::from(element.to_bytes()[0]) + 1);
    let changes: [&dyn Fn(&mut Presentation); 4] = [
        &|it| it.nullifier = Nullifier::from_element(next(it.nullifier.element())),
        &|it| it.issuer_tags = vec![IssuerTag::from_element(next(it.issuer_tags[0].element()))],
        &|it| it.anchor.block -= 1,
        &|it| it.proof.swap(100, 200),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut presentation = good.bundle.presentation.clone();
        change(&mut presentation);
        assert_ne!(presentation, good.bundle.presentation, "{at}");
        let mut changed = Scene::of(presentation, 4, HANDOFFS, 10);
        changed.state.0.extend(good.state.0.clone());
        // The span of the scene's anchor begins one block before it.
        changed.seal(PROVED, &[]);
        let refused = changed
            .verifier()
            .verify(&changed.bundle, &changed.expected, changed.now);
        assert_eq!(refused, Err(Refusal::Proof(VerifyError::Refused)), "{at}");
    }
}

#[test]
fn a_bundle_with_any_byte_changed_is_not_believed() {
    let scene = scene();
    let bytes = scene.bundle.to_bytes();
    let proof = bytes.len() - PROOF_LENGTH_V1 as usize;
    assert!(bytes.ends_with(&scene.bundle.presentation.proof));
    // Of the proof itself some: the verifier's tests have all.
    for at in (0..proof).chain((proof..bytes.len()).step_by(150)) {
        let mut altered = bytes.clone();
        altered[at] ^= 1 << (at % 8);
        let Ok(bundle) = Bundle::from_bytes(&altered) else {
            continue;
        };
        let mut verifier = scene.verifier();
        let decided = verifier.verify(&bundle, &scene.expected, scene.now);
        assert!(decided.is_err(), "byte {at}");
        let kept = verifier.checkpoint().number();
        assert!(kept == START || kept == PROVED, "byte {at}");
    }
}
