//! The prover of the circuit that ships.
//!
//! The figures of the performance chapter come from these commands, on a machine that does nothing else:
//!
//! - one thread: `cargo bench -p ofage-prover`
//! - two threads: `RAYON_NUM_THREADS=2 cargo bench -p ofage-prover --features multicore`
//! - with hand-written field arithmetic: the same with `asm` among the features
//! - memory and cold starts: `cargo run --release -p ofage-prover --example measure`

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ofage_circuit::{sample, statement, CircuitV1};
use ofage_primitives::policy::MAX_ISSUERS;
use ofage_prover::Prover;

fn prove(c: &mut Criterion) {
    let (inputs, witness) = sample::sample(1);
    let prover = Prover::new();
    let mut group = c.benchmark_group("prover");
    group.sample_size(20);
    group.bench_function("prove", |b| b.iter(|| prover.prove(&inputs, &witness).unwrap()));
    group.bench_function("check the statement natively", |b| {
        b.iter(|| statement::check(&inputs, &witness).unwrap());
    });
    group.bench_function("compute the witness", |b| {
        b.iter(|| CircuitV1::new(&inputs, &witness))
    });
    group.finish();
}

/// One proof for each number of issuers.
fn prove_joint(c: &mut Criterion) {
    let prover = Prover::new();
    let mut group = c.benchmark_group("joint prover");
    group.sample_size(20);
    for issuers in 1..=MAX_ISSUERS {
        let (inputs, witnesses) = sample::joint(1, issuers.into());
        group.bench_function(BenchmarkId::new("prove", issuers), |b| {
            b.iter(|| prover.prove_joint(&inputs, &witnesses).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, prove, prove_joint);
criterion_main!(benches);
