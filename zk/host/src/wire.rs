//! How batches and layers cross the border between runtime and node, and how large they may be.

use alloc::vec::Vec;
use codec::Encode;
use ofage_primitives::{policy::MAX_ISSUERS, presentation::MAX_PROOF, Element};

/// Most proofs in one call: a block of full size has room for fewer.
pub const MAX_BATCH: usize = 1024;
/// Most pairs in one call: the lowest layer of a full shard.
pub const MAX_LAYER: usize = 2048;
/// Bytes of an element.
pub(crate) const ELEMENT: usize = 32;

/// What the proofs of a call are of. Each has its own functions, as those for one issuer were there first.
///
/// The bounds belong to functions that ship, and never change, whatever becomes of those that the primitives name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Of one issuer each: public inputs.
    Single,
    /// Of any number of issuers each: joint inputs.
    Joint,
}

/// Most issuer tags beside the first in joint inputs.
#[cfg(not(substrate_runtime))]
const MAX_FURTHER: usize = 3;

const _: () = assert!(
    MAX_ISSUERS == 4,
    "functions that ship take up to four issuers; more are for new ones"
);
const _: () = assert!(MAX_PROOF <= Form::Joint.max_proof(), "every proof can cross over");

impl Form {
    /// Longest proof that is carried over, in bytes.
    pub(crate) const fn max_proof(self) -> usize {
        match self {
            Self::Single => 8 * 1024,
            Self::Joint => 12 * 1024,
        }
    }
}

/// Writes up to [`MAX_BATCH`] proofs down, with the inputs of the form.
pub(crate) fn encode_batch<I: Encode>(form: Form, proofs: &[(I, &[u8])]) -> Vec<u8> {
    let size = proofs
        .iter()
        .map(|(inputs, proof)| inputs.size_hint() + carried(form, proof).size_hint())
        .sum();
    let mut batch = Vec::with_capacity(size);
    for (inputs, proof) in proofs {
        inputs.encode_to(&mut batch);
        carried(form, proof).encode_to(&mut batch);
    }
    batch
}

/// What is carried over of a proof: one that is longer than any proof is refused for its length anyway.
fn carried(form: Form, proof: &[u8]) -> &[u8] {
    if proof.len() > form.max_proof() {
        &[]
    } else {
        proof
    }
}

/// Bytes of a bitmap with a bit for each of `count` proofs.
pub(crate) const fn bitmap_length(count: usize) -> usize {
    count.div_ceil(8)
}

/// Whether bit `index` of a bitmap is set.
pub(crate) fn is_set(bitmap: &[u8], index: usize) -> bool {
    bitmap
        .get(index / 8)
        .is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}

/// Writes pairs down.
pub(crate) fn encode_pairs(pairs: &[[Element; 2]]) -> Vec<u8> {
    pairs
        .iter()
        .flatten()
        .flat_map(|element| element.to_bytes())
        .collect()
}

/// Reads elements, each 32 canonical bytes.
pub(crate) fn decode_elements(bytes: &[u8]) -> Option<Vec<Element>> {
    let chunks = bytes.chunks_exact(ELEMENT);
    if !chunks.remainder().is_empty() {
        return None;
    }
    chunks
        .map(|chunk| Element::from_bytes(chunk.try_into().ok()?).ok())
        .collect()
}

#[cfg(not(substrate_runtime))]
pub(crate) use reading::decode_batch;

#[cfg(not(substrate_runtime))]
mod reading {
    use super::{Form, ELEMENT, MAX_BATCH, MAX_FURTHER};
    use alloc::vec::Vec;
    use codec::{Compact, Decode, MaxEncodedLen};
    use ofage_primitives::PublicInputs;

    /// Reads a batch as encoded inputs and proofs; `None` if it is too long or cannot be taken apart.
    ///
    /// Where inputs end follows from the number of tags in them at most, so that some that do not decode spoil no
    /// others.
    pub(crate) fn decode_batch(form: Form, mut bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
        let mut items = Vec::new();
        while !bytes.is_empty() {
            if items.len() == MAX_BATCH {
                return None;
            }
            let mut rest = bytes;
            take(&mut rest, PublicInputs::max_encoded_len())?;
            if form == Form::Joint {
                let further = length(&mut rest, MAX_FURTHER)?;
                take(&mut rest, further * ELEMENT)?;
            }
            let end = bytes.len() - rest.len();
            let inputs = take(&mut bytes, end)?;
            let proof = length(&mut bytes, form.max_proof())?;
            items.push((inputs, take(&mut bytes, proof)?));
        }
        Some(items)
    }

    /// A length that is not above a bound.
    fn length(bytes: &mut &[u8], most: usize) -> Option<usize> {
        let length = usize::try_from(Compact::<u32>::decode(bytes).ok()?.0).ok()?;
        (length <= most).then_some(length)
    }

    fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
        let (head, tail) = bytes.split_at_checked(length)?;
        *bytes = tail;
        Some(head)
    }
}

#[cfg(test)]
mod tests;
