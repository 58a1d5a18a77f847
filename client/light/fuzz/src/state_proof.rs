//! Proofs of the state, in a final header that has whatever state the proof claims.

use crate::{
    chain::{header_of, justify, our_digest, set},
    scene::{Scene, FIRST_SET, PROVED},
};
use codec::{Decode, Encode};
use ofage_light::{AnchorClaim, FinalizedGate, Follower};
use ofage_primitives::GateId;

/// Who signs the header: one is enough, and quick.
const AUTHORITY: [u8; 1] = [1];
/// How many other entries the seeds' states have.
const SMALL: u32 = 1;
const LARGE: u32 = 100;

/// Proofs in a small and in a larger state, of an anchor and of the absence of a gate.
pub fn seeds() -> Vec<Vec<u8>> {
    [SMALL, LARGE]
        .into_iter()
        .flat_map(|entries| {
            let scene = Scene::new(1, 0, entries);
            assert!(scene.verifier().root(&scene.bundle).is_ok(), "the seed is good");
            let gate = scene.state.proof(&FinalizedGate::keys(GateId(0)));
            [scene.bundle.proof, gate].map(|proof| root_first(&scene.state.root(), &proof))
        })
        .collect()
}

/// Takes the hash of the first node as the root of the state, and reads an anchor and a gate from the proof.
///
/// # Panics
/// When what was proved is not what was claimed, or a longer proof proves the same.
pub fn check(bytes: &[u8]) {
    let root = Vec::<Vec<u8>>::decode(&mut &bytes[..])
        .ok()
        .and_then(|nodes| Some(crate::chain::hash(nodes.first()?)))
        .unwrap_or_default();
    let header = header_of([1; 32], PROVED, root, &[our_digest(PROVED)]);
    let justification = justify(&header, PROVED, FIRST_SET, &AUTHORITY);
    let header = Follower::new(set(FIRST_SET, &AUTHORITY), 0)
        .finalized(&header, &justification)
        .expect("a good header, signed by its authority; qed");

    let claim = AnchorClaim::of(&crate::scene::presentation());
    if let Ok(root) = header.prove(claim, bytes) {
        assert_eq!((root.claim(), root.header()), (&claim, &header));
        assert!(
            header.prove(claim, &longer(bytes)).is_err(),
            "more than was asked for"
        );
    }
    if let Ok(Some(gate)) = header.gate(GateId(0), bytes) {
        assert_eq!(gate.id(), GateId(0));
    }
}

/// The proof with one node more.
fn longer(proof: &[u8]) -> Vec<u8> {
    let mut nodes = Vec::<Vec<u8>>::decode(&mut &proof[..]).expect("it was decoded; qed");
    nodes.push(b"no node".to_vec());
    nodes.encode()
}

/// The proof, with the root's node first.
fn root_first(root: &[u8; 32], proof: &[u8]) -> Vec<u8> {
    let mut nodes = Vec::<Vec<u8>>::decode(&mut &proof[..]).expect("made by us; qed");
    nodes.sort_by_key(|node| crate::chain::hash(node) != *root);
    nodes.encode()
}
