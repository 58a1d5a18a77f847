//! From the start of a process to its first verified proof: parameters read, key built, proof checked.
//!
//! `cargo run --release -p ofage-verifier --example cold_start`. Run it several times: the first run also reads the
//! program from disk.

use ofage_primitives::CircuitId;
use ofage_verifier::{decode_inputs, Verifier, VerifyError};
use std::time::Instant;

/// The stored proof of circuit version 1.
const PROOF: &[u8] = include_bytes!("../../circuit/fixtures/v1.proof");
/// Its public inputs, SCALE-encoded.
const INPUTS: &[u8] = include_bytes!("../../circuit/fixtures/v1.inputs");

fn main() -> Result<(), VerifyError> {
    let start = Instant::now();
    let verifier = Verifier::new();
    let keys = start.elapsed();
    verifier.verify(CircuitId::V1, &decode_inputs(INPUTS)?, PROOF)?;
    let first = start.elapsed();
    verifier.verify(CircuitId::V1, &decode_inputs(INPUTS)?, PROOF)?;
    let second = start.elapsed() - first;
    println!("keys ready after {keys:.1?}, first proof verified after {first:.1?}, the next one within {second:.1?}");
    Ok(())
}
