//! Bundles: all that a verifier without network is given.

use std::{cell::OnceCell, thread::LocalKey};

use crate::scene::Scene;
use ofage_light::Bundle;

/// Handoffs and validators of the chain that bundles are of.
const HANDOFFS: u32 = 2;
const VALIDATORS: u8 = 4;

std::thread_local! {
    static SCENE: OnceCell<Scene> = const { OnceCell::new() };
}

fn scene<T>(with: impl FnOnce(&Scene) -> T) -> T {
    let scene: &LocalKey<OnceCell<Scene>> = &SCENE;
    scene.with(|scene| with(scene.get_or_init(|| Scene::new(VALIDATORS, HANDOFFS, 8))))
}

/// A bundle that is good but for its proof, and one without handoffs, which does not reach the verifier.
pub fn seeds() -> Vec<Vec<u8>> {
    scene(|scene| {
        assert!(scene.verifier().root(&scene.bundle).is_ok(), "the seed is good");
        let mut short = scene.bundle.clone();
        short.handoffs.clear();
        vec![scene.bundle.to_bytes(), short.to_bytes()]
    })
}

/// Decodes, encodes and decides.
///
/// # Panics
/// When a bundle has two encodings, the verifier goes back, or believes a proof that nobody made.
pub fn check(bytes: &[u8]) {
    let Ok(bundle) = Bundle::from_bytes(bytes) else {
        return;
    };
    assert_eq!(bundle.to_bytes(), bytes);
    assert!(bundle.len_without_handoffs() <= bytes.len());
    scene(|scene| {
        let mut verifier = scene.verifier();
        let root = verifier.root(&bundle);
        let proven = verifier.verify(&bundle, &scene.expected, scene.now);
        assert!(proven.is_err(), "nobody made a proof");
        assert!(verifier.checkpoint().number() >= scene.checkpoint.number());
        if root.is_err() {
            assert_eq!(verifier.checkpoint(), &scene.checkpoint);
        }
    });
}
