//! The prover of the circuit that ships.
//!
//! The figures of the performance chapter come from these commands, on a machine that does nothing else:
//!
//! - one thread: `cargo bench -p ofage-prover`
//! - two threads: `RAYON_NUM_THREADS=2 cargo bench -p ofage-prover --features multicore`
//! - with hand-written field arithmetic: the same with `asm` among the features
//! - memory and cold starts: `cargo run --release -p ofage-prover --example measure`

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ofage_circuit::{ownership::OwnershipInputs, sample, statement, CircuitV1};
use ofage_primitives::{
    hash_to_field, hashes, policy::MAX_ISSUERS, GenesisHash, HolderSecret, IssuerIndex, Signal,
};
use ofage_prover::{prove_ownership, Prover};

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

/// A proof that a commitment is the holder's own.
fn prove_own(c: &mut Criterion) {
    let (inputs, secret) = ownership();
    let mut group = c.benchmark_group("ownership prover");
    group.sample_size(20);
    group.bench_function("prove", |b| {
        b.iter(|| prove_ownership(&inputs, &secret).unwrap());
    });
    group.finish();
}

fn ownership() -> (OwnershipInputs, HolderSecret) {
    let secret = HolderSecret::from_uniform(&[1; 64]);
    let issuer_id = hashes::issuer_id(&GenesisHash([1; 32]), IssuerIndex(0));
    let inputs = OwnershipInputs {
        issuer_id,
        identity: hashes::identity_commitment(&secret, issuer_id),
        signal: Signal::from_element(hash_to_field(b"bench", &[])),
    };
    (inputs, secret)
}

criterion_group!(benches, prove, prove_joint, prove_own);
criterion_main!(benches);
