//! The pallets' view of the host functions.

use ofage_circuit::sample::{self, sample};
use ofage_primitives::{
    chain::ProofVerifier, CircuitId, Domain, Element, JointInputs, LayerHasher, NativeHasher,
};
use ofage_prover::Prover;
use ofage_zk_host::{warm_up, HostHasher, HostVerifier, MAX_BATCH, MAX_LAYER};

const V1: CircuitId = CircuitId::V1;

/// A proof of holder `n`. Another one each time.
fn prove(n: u64) -> (JointInputs, Vec<u8>) {
    let (inputs, witness) = sample(n);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    (inputs.into(), proof.into_bytes())
}

/// A proof of holder `n` with some issuers. Another one each time.
fn prove_joint(n: u64, issuers: usize) -> (JointInputs, Vec<u8>) {
    let (inputs, witnesses) = sample::joint(n, issuers);
    let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
    (inputs, proof.into_bytes())
}

#[test]
fn one_proof_is_verified() {
    warm_up();
    let (inputs, proof) = prove(1);
    assert!(HostVerifier::verify(V1, &inputs, &proof));
    assert!(HostVerifier::verify(V1, &inputs, &proof));
    assert!(!HostVerifier::verify(CircuitId(2), &inputs, &proof));
    assert!(!HostVerifier::verify(V1, &inputs, &proof[1..]));
    assert!(!HostVerifier::verify(V1, &inputs, &vec![0; 1 << 24]));
    let (_, other) = prove(2);
    assert!(!HostVerifier::verify(V1, &inputs, &other));
}

#[test]
fn an_empty_batch_is_an_error_without_positions() {
    assert_eq!(HostVerifier::verify_batch(V1, &[]), Err(Vec::new()));
}

#[test]
fn the_bad_proofs_of_a_batch_are_named() {
    let [first, second, third] = [1, 2, 3].map(prove);
    let batch: Vec<(JointInputs, &[u8])> = [&first, &second, &third]
        .map(|(i, p)| (i.clone(), &p[..]))
        .to_vec();
    assert_eq!(HostVerifier::verify_batch(V1, &batch), Ok(()));
    assert_eq!(
        HostVerifier::verify_batch(CircuitId(9), &batch),
        Err(vec![0, 1, 2])
    );
    let mut swapped = batch.clone();
    (swapped[0].1, swapped[2].1) = (swapped[2].1, swapped[0].1);
    assert_eq!(HostVerifier::verify_batch(V1, &swapped), Err(vec![0, 2]));
}

#[test]
fn more_proofs_than_fit_into_a_call_are_numbered_through() {
    let (inputs, proof) = prove(1);
    let huge = vec![0; 1 << 20];
    let mut batch: Vec<(JointInputs, &[u8])> = vec![(inputs, &proof[..]); 2 * MAX_BATCH + 10];
    let bad = [0, 7, MAX_BATCH - 1, MAX_BATCH, MAX_BATCH + 8, 2 * MAX_BATCH + 9];
    for index in bad {
        batch[index].1 = &huge;
    }
    // All the others are one proof: what the memo is not told twice, equal points make cheap.
    assert_eq!(
        HostVerifier::verify_batch(V1, &batch),
        Err(bad.map(|index| index as u32).to_vec())
    );
}

#[test]
fn a_proof_for_several_issuers_is_verified() {
    for issuers in 2..=4 {
        let (inputs, proof) = prove_joint(1, issuers);
        assert!(HostVerifier::verify(V1, &inputs, &proof));
        assert!(HostVerifier::verify(V1, &inputs, &proof));
        assert!(!HostVerifier::verify(CircuitId(2), &inputs, &proof));
        assert!(!HostVerifier::verify(V1, &inputs, &proof[1..]));
        assert!(!HostVerifier::verify(V1, &inputs, &vec![0; 1 << 24]));
        assert!(!HostVerifier::verify(V1, &prove_joint(2, issuers).0, &proof));
        // Of fewer issuers, and of more.
        assert!(!HostVerifier::verify(V1, &prove_joint(1, issuers - 1).0, &proof));
        assert!(!HostVerifier::verify(V1, &(*inputs.first()).into(), &proof));
    }
}

#[test]
fn the_bad_proofs_of_a_mixed_batch_are_named() {
    let proofs = [2, 1, 4, 3].map(|issuers| prove_joint(1, issuers));
    let batch: Vec<(JointInputs, &[u8])> = proofs.iter().map(|(i, p)| (i.clone(), &p[..])).collect();
    assert_eq!(HostVerifier::verify_batch(V1, &batch), Ok(()));
    assert_eq!(
        HostVerifier::verify_batch(CircuitId(9), &batch),
        Err(vec![0, 1, 2, 3])
    );
    let huge = vec![0; 1 << 20];
    let mut bad = batch.clone();
    bad[1].1 = &huge;
    (bad[0].1, bad[3].1) = (bad[3].1, bad[0].1);
    assert_eq!(HostVerifier::verify_batch(V1, &bad), Err(vec![0, 1, 3]));
}

#[test]
fn more_joint_proofs_than_fit_into_a_call_are_numbered_through() {
    let (inputs, proof) = prove_joint(1, 2);
    let mut batch: Vec<(JointInputs, &[u8])> = vec![(inputs, &proof[..]); MAX_BATCH + 10];
    let bad = [3, MAX_BATCH - 1, MAX_BATCH, MAX_BATCH + 8];
    for index in bad {
        batch[index].1 = &proof[1..];
    }
    assert_eq!(
        HostVerifier::verify_batch(V1, &batch),
        Err(bad.map(|index| index as u32).to_vec())
    );
}

#[test]
fn layers_of_any_size_are_hashed_as_natively() {
    for count in [0, 1, 5, MAX_LAYER, MAX_LAYER + 3] {
        let pairs: Vec<[Element; 2]> = (0..count as u64)
            .map(|n| [Element::from_u64(n), Element::from_u64(u64::MAX - n)])
            .collect();
        assert_eq!(
            HostHasher::hash_layer(Domain::ShardNode, &pairs),
            NativeHasher::hash_layer(Domain::ShardNode, &pairs)
        );
    }
}
