//! Prints what benches cannot: cold starts, the length of a proof, and the most memory that proving takes.
//!
//! `cargo run --release -p ofage-prover --example measure [PROOFS]`

use ofage_circuit::{keys, sample};
use ofage_prover::Prover;
use std::{fs, time::Instant};

/// The kernel's count of a kind of memory, in kilobytes; only Linux has it.
fn memory(kind: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(kind))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    let proofs: u32 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(10);
    let before = memory("VmRSS");
    let report =
        |name: &str, since: Instant| println!("{name}: {:.1} ms", since.elapsed().as_secs_f64() * 1e3);

    let start = Instant::now();
    keys::params();
    report("read the parameters", start);
    keys::verifying_key();
    report("with the verifying key: a verifier's cold start", start);
    let prover = Prover::new();
    report("with the proving key: a prover's cold start", start);

    let (inputs, witness) = sample::sample(1);
    let start = Instant::now();
    let lengths: Vec<usize> = (0..proofs)
        .map(|_| {
            prover
                .prove(&inputs, &witness)
                .map_or(0, |proof| proof.as_bytes().len())
        })
        .collect();
    println!(
        "prove: {:.1} ms, mean of {proofs}",
        start.elapsed().as_secs_f64() * 1e3 / f64::from(proofs)
    );
    println!("length: {} bytes", lengths.first().copied().unwrap_or_default());
    match (before, memory("VmHWM")) {
        (Some(before), Some(most)) => {
            println!("memory: {most} kB at most, of which {before} kB before the keys")
        }
        _ => println!("memory: this system does not tell"),
    }
}
