//! A prover who uses two values where the statement has one, and makes everything after that follow.
//!
//! No gate can notice: every hash, path and comparison is right by itself, and the public inputs are what follows. Only
//! the copies between the places stand in the way.

use super::*;
use crate::{
    layout::{Chain, Path},
    statement::{check_raw, Violation},
    values::Spot,
};
use ff::Field;
use ofage_primitives::tree::Tree;

/// What the circuit finds when the value at `spot` is another one.
fn found(spot: Spot) -> Vec<Failure> {
    let (mut public, mut raw) = raw_sample(8);
    let forge = |public: Public, raw: &Raw| {
        Values::new_with(&layout::plan(2, 9), public, raw.clone(), |at, value| {
            if at == spot {
                *value += Fp::from(7);
            }
        })
    };
    for path in Path::ALL {
        for level in 0..path.tree().depth() {
            let (node, children) = forge(public, &raw).step(path, level);
            if !children.contains(&node) {
                raw.paths[path as usize][level][0] = node;
            }
        }
    }
    let values = forge(public, &raw);
    for (row, operand) in [
        (instance::REGISTRY_ROOT, Operand::RegistryRoot),
        (instance::TRUST_LIST_ROOT, Operand::TrustListRoot),
        (instance::NULLIFIER, Operand::Nullifier),
        (instance::ISSUER_TAG, Operand::IssuerTag),
    ] {
        public[row] = values.operand(operand);
    }
    let mut circuit = CircuitV1::empty();
    circuit.values = Some(forge(public, &raw));
    failures(CircuitV1::k(), &circuit, &public)
}

#[test]
fn every_input_of_a_hash_is_the_one_value_that_it_stands_for() {
    for name in Chain::ALL {
        for side in [0, 1] {
            let failures = found(Spot::Input(name, side));
            let is_free = matches!(
                (name, side),
                (Chain::Attributes, 1) | (Chain::DesignatedVerifier, 0)
            );
            assert_eq!(failures.is_empty(), is_free, "input {side} of {name:?}");
            let all_copies = failures.iter().all(|f| matches!(f, Failure::Copy { .. }));
            assert!(all_copies, "input {side} of {name:?}: {failures:?}");
        }
    }
}

#[test]
fn paths_start_at_the_attestation_and_at_the_issuer_who_made_it() {
    for path in [Path::Shard, Path::Trust] {
        let failures = found(Spot::Leaf(path));
        assert!(!failures.is_empty(), "{path:?}");
        let all_copies = failures.iter().all(|f| matches!(f, Failure::Copy { .. }));
        assert!(all_copies, "{path:?}: {failures:?}");
    }
}

/// Every list with room left has it as a leaf, so the trust path alone would let it pass for an issuer.
#[test]
fn the_empty_leaf_is_an_issuer_of_every_list_and_has_no_shard() {
    let (mut public, mut raw) = raw_sample(9);
    let empty = |tree: Tree| -> Vec<[Fp; 2]> {
        (0..tree.depth())
            .map(|level| [tree.empty_node(level).into(); 2])
            .collect()
    };
    raw.issuer_id = Tree::empty_leaf().into();
    settle(&mut public, &mut raw);
    raw.paths[Path::Trust as usize] = empty(Tree::Trust);
    public[instance::TRUST_LIST_ROOT] = Tree::Trust.empty_root().into();
    assert_eq!(check_raw(&public, &raw), Ok(()), "under a cap that it made up");
    assert_eq!(failures_of(&public, &raw), []);
    // The same under a cap that has only empty leaves, which are no cap leaves.
    raw.paths[Path::Cap as usize] = empty(Tree::Cap);
    public[instance::REGISTRY_ROOT] = Tree::Cap.empty_root().into();
    assert_eq!(check_raw(&public, &raw), Err(Violation::CapPath));
    assert_ne!(failures_of(&public, &raw), []);
    // And with the empty leaf for an attestation, in the same way.
    let (mut public, mut raw) = raw_sample(9);
    raw.paths[Path::Shard as usize] = empty(Tree::Shard);
    let shard_root = Fp::from(Tree::Shard.empty_root());
    raw.paths[Path::Cap as usize][0] = [
        ofage_primitives::poseidon::hash(ofage_primitives::Domain::CapLeaf, shard_root, raw.issuer_id),
        Fp::ZERO,
    ];
    for level in 1..Tree::Cap.depth() {
        let (node, _) = values(&public, &raw).step(Path::Cap, level);
        raw.paths[Path::Cap as usize][level] = [node, Fp::ONE];
    }
    public[instance::REGISTRY_ROOT] = values(&public, &raw).operand(Operand::RegistryRoot);
    assert_eq!(check_raw(&public, &raw), Err(Violation::ShardPath));
    assert_ne!(failures_of(&public, &raw), []);
}
