//! Proofs made here are read as proofs of the chain are: one way to see that the other tests' states are states.

#[path = "support/chain.rs"]
mod chain;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/trie.rs"]
mod trie;

use scene::Scene;

#[test]
fn a_good_bundle_leads_to_a_root_whatever_else_the_state_holds() {
    for (validators, handoffs, entries) in [(1, 0, 0), (4, 2, 1), (10, 0, 300), (100, 1, 2_000)] {
        let scene = Scene::new(validators, handoffs, entries);
        let root = scene.verifier().root(&scene.bundle).unwrap();
        assert_eq!(root.header().number(), scene::PROVED);
    }
}
