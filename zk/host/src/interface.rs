//! The functions, as runtimes import them.

#[cfg(not(substrate_runtime))]
use crate::native;
#[cfg(not(substrate_runtime))]
use alloc::vec::Vec;
use sp_runtime_interface::{
    pass_by::{PassFatPointerAndRead, PassFatPointerAndWrite},
    runtime_interface,
};

/// Zero-knowledge work of the age registry.
#[runtime_interface]
pub trait AgeZk {
    /// Whether `proof` proves the statement of `circuit` for the SCALE-encoded public inputs.
    ///
    /// `false` for whatever is unknown, too long, too short or badly encoded.
    fn verify(
        circuit: u16,
        inputs: PassFatPointerAndRead<&[u8]>,
        proof: PassFatPointerAndRead<&[u8]>,
    ) -> bool {
        native::engine().verify(circuit, inputs, proof)
    }

    /// Whether all proofs of a batch hold, and which ones.
    ///
    /// `batch` is the SCALE encodings of pairs of public inputs and proof (`(PublicInputs, Vec<u8>)`), one after
    /// the other. `good` has a bit for each, from the least significant bit of the first byte on, in just as many
    /// bytes as needed; those of proofs that hold are set. An empty batch, one that is longer than `MAX_BATCH` or
    /// cannot be read, and a `good` of the wrong length give `false` and no bit.
    fn verify_batch(
        circuit: u16,
        batch: PassFatPointerAndRead<&[u8]>,
        good: PassFatPointerAndWrite<&mut [u8]>,
    ) -> bool {
        native::engine().verify_batch(circuit, batch, good)
    }

    /// Hashes pairs of elements under the tag with number `domain`.
    ///
    /// `pairs` is 64 bytes for each pair, `hashes` 32 for each. `false`, and zeros, for an unknown tag, an element
    /// that is not canonical, lengths that do not belong together, and more than `MAX_LAYER` pairs.
    fn hash_layer(
        domain: u8,
        pairs: PassFatPointerAndRead<&[u8]>,
        hashes: PassFatPointerAndWrite<&mut [u8]>,
    ) -> bool {
        native::hash_layer(domain, pairs, hashes)
    }
}
