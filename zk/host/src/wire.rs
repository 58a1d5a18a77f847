//! How batches and layers cross the border between runtime and node, and how large they may be.

use alloc::vec::Vec;
use codec::Encode;
use ofage_primitives::{presentation::MAX_PROOF, Element, PublicInputs};

/// Most proofs in one call: a block of full size has room for fewer.
pub const MAX_BATCH: usize = 1024;
/// Most pairs in one call: the lowest layer of a full shard.
pub const MAX_LAYER: usize = 2048;
/// Bytes of an element.
pub(crate) const ELEMENT: usize = 32;

/// Writes up to [`MAX_BATCH`] proofs down.
pub(crate) fn encode_batch(proofs: &[(PublicInputs, &[u8])]) -> Vec<u8> {
    let mut batch = Vec::new();
    for (inputs, proof) in proofs {
        inputs.encode_to(&mut batch);
        // One that is longer than any proof is refused for its length anyway, and need not be carried over.
        let proof = if proof.len() > MAX_PROOF { &[] } else { *proof };
        proof.encode_to(&mut batch);
    }
    batch
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
    use super::{MAX_BATCH, MAX_PROOF};
    use alloc::vec::Vec;
    use codec::{Compact, Decode, MaxEncodedLen};
    use ofage_primitives::PublicInputs;

    /// Reads a batch as encoded inputs and proofs; `None` if it is too long or cannot be taken apart.
    ///
    /// Inputs have one length, so that some that do not decode spoil no others.
    pub(crate) fn decode_batch(mut bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
        let mut items = Vec::new();
        while !bytes.is_empty() {
            if items.len() == MAX_BATCH {
                return None;
            }
            let inputs = take(&mut bytes, PublicInputs::max_encoded_len())?;
            let length = usize::try_from(Compact::<u32>::decode(&mut bytes).ok()?.0).ok()?;
            if length > MAX_PROOF {
                return None;
            }
            items.push((inputs, take(&mut bytes, length)?));
        }
        Some(items)
    }

    fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
        let (head, tail) = bytes.split_at_checked(length)?;
        *bytes = tail;
        Some(head)
    }
}

#[cfg(test)]
mod tests;
