//! The host functions as the pallets' traits; in wasm through the import, natively by a direct call.

use crate::{
    age_zk,
    wire::{
        bitmap_length, decode_elements, encode_batch, encode_pairs, is_set, Form, ELEMENT, MAX_BATCH,
        MAX_LAYER,
    },
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use ofage_primitives::{
    chain::ProofVerifier, CircuitId, Domain, Element, JointInputs, LayerHasher, NativeHasher, PublicInputs,
};

/// Verifies in the node.
///
/// Proofs for one issuer, and batches of such proofs only, go through the functions that were there first. A batch with
/// any proof for several goes through those for joint proofs as a whole: one call adds up the equations of all.
#[derive(Clone, Copy, Debug)]
pub struct HostVerifier;

impl ProofVerifier for HostVerifier {
    fn verify(circuit: CircuitId, inputs: &JointInputs, proof: &[u8]) -> bool {
        let is_carried = |form: Form| proof.len() <= form.max_proof();
        match inputs.single() {
            Some(single) => is_carried(Form::Single) && age_zk::verify(circuit.0, &single.encode(), proof),
            None => is_carried(Form::Joint) && age_zk::verify_joint(circuit.0, &inputs.encode(), proof),
        }
    }

    fn verify_batch(circuit: CircuitId, proofs: &[(JointInputs, &[u8])]) -> Result<(), Vec<u32>> {
        if proofs.is_empty() {
            return Err(Vec::new());
        }
        let singles: Option<Vec<(PublicInputs, &[u8])>> = proofs
            .iter()
            .map(|(inputs, proof)| Some((*inputs.single()?, *proof)))
            .collect();
        let bad = match singles {
            Some(singles) => bad_proofs(&singles, |part, good| {
                age_zk::verify_batch(circuit.0, &encode_batch(Form::Single, part), good)
            }),
            None => bad_proofs(proofs, |part, good| {
                age_zk::verify_joint_batch(circuit.0, &encode_batch(Form::Joint, part), good)
            }),
        };
        if bad.is_empty() {
            Ok(())
        } else {
            Err(bad)
        }
    }
}

/// Positions of the bad proofs, by as many calls as it takes; a call is given a bitmap with room for its proofs.
fn bad_proofs<P>(proofs: &[P], call: impl Fn(&[P], &mut [u8]) -> bool) -> Vec<u32> {
    let mut bad = Vec::new();
    let mut first = 0u32;
    for part in proofs.chunks(MAX_BATCH) {
        let mut good = vec![0; bitmap_length(part.len())];
        if !call(part, &mut good) {
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
    bad
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
