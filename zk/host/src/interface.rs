//! The functions, as runtimes import them.

#[cfg(not(substrate_runtime))]
use crate::{native, wire::Form};
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
        native::engine().verify(Form::Single, circuit, inputs, proof)
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
        native::engine().verify_batch(Form::Single, circuit, batch, good)
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

    /// Whether `proof` proves the statement of `circuit` for each issuer of the SCALE-encoded joint inputs.
    ///
    /// Those are public inputs and further issuer tags (`(PublicInputs, Vec<IssuerTag>)`), at most three, all tags
    /// strictly ascending. `false` for whatever is unknown, too long, too short, badly encoded or out of order. For one
    /// issuer it answers as `verify`.
    fn verify_joint(
        circuit: u16,
        inputs: PassFatPointerAndRead<&[u8]>,
        proof: PassFatPointerAndRead<&[u8]>,
    ) -> bool {
        native::engine().verify(Form::Joint, circuit, inputs, proof)
    }

    /// As `verify_batch`, for proofs of any number of issuers each, in any mixture.
    ///
    /// `batch` is the SCALE encodings of pairs of joint inputs and proof (`((PublicInputs, Vec<IssuerTag>), Vec<u8>)`),
    /// one after the other. It cannot be read either when a proof of it has more than three further tags or more than
    /// 12 KiB; tags that are out of order make a bad proof of theirs alone.
    fn verify_joint_batch(
        circuit: u16,
        batch: PassFatPointerAndRead<&[u8]>,
        good: PassFatPointerAndWrite<&mut [u8]>,
    ) -> bool {
        native::engine().verify_batch(Form::Joint, circuit, batch, good)
    }
}
