//! The host functions as the pallets' traits; in wasm through the import, natively by a direct call.

use crate::{
    age_zk,
    wire::{
        bitmap_length, decode_elements, encode_batch, encode_pairs, is_set, ELEMENT, MAX_BATCH, MAX_LAYER,
    },
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use ofage_primitives::{
    chain::ProofVerifier, presentation::MAX_PROOF, CircuitId, Domain, Element, LayerHasher, NativeHasher,
    PublicInputs,
};

/// Verifies in the node.
#[derive(Clone, Copy, Debug)]
pub struct HostVerifier;

impl ProofVerifier for HostVerifier {
    fn verify(circuit: CircuitId, inputs: &PublicInputs, proof: &[u8]) -> bool {
        proof.len() <= MAX_PROOF && age_zk::verify(circuit.0, &inputs.encode(), proof)
    }

    fn verify_batch(circuit: CircuitId, proofs: &[(PublicInputs, &[u8])]) -> Result<(), Vec<u32>> {
        if proofs.is_empty() {
            return Err(Vec::new());
        }
        let mut bad = Vec::new();
        let mut first = 0u32;
        for part in proofs.chunks(MAX_BATCH) {
            let mut good = vec![0; bitmap_length(part.len())];
            if !age_zk::verify_batch(circuit.0, &encode_batch(part), &mut good) {
                // A node that says no and names nobody has vouched for nobody.
                let names_some = (0..part.len()).any(|bit| !is_set(&good, bit));
                bad.extend(
                    (first..)
                        .zip(0..part.len())
                        .filter(|(_, bit)| !names_some || !is_set(&good, *bit))
                        .map(|(index, _)| index),
                );
            }
            first = first.saturating_add(part.len() as u32);
        }
        if bad.is_empty() {
            Ok(())
        } else {
            Err(bad)
        }
    }
}

/// Hashes in the node.
#[derive(Clone, Copy, Debug)]
pub struct HostHasher;

impl LayerHasher for HostHasher {
    fn hash_layer(domain: Domain, pairs: &[[Element; 2]]) -> Vec<Element> {
        let mut layer = Vec::with_capacity(pairs.len());
        for part in pairs.chunks(MAX_LAYER) {
            let mut hashes = vec![0; part.len() * ELEMENT];
            let answered = age_zk::hash_layer(domain as u8, &encode_pairs(part), &mut hashes);
            match decode_elements(&hashes).filter(|_| answered) {
                Some(hashes) => layer.extend(hashes),
                // A node that does not know the tag yet. The same hashes, only slower.
                None => layer.extend(NativeHasher::hash_layer(domain, part)),
            }
        }
        layer
    }
}
