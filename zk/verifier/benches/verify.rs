//! One proof, batches on one and two threads, and beside them the multiplication that no verifier gets around.

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use halo2_proofs::arithmetic::best_multiexp;
use ofage_circuit::{keys, ownership::OwnershipInputs, sample};
use ofage_primitives::{
    hash_to_field, hashes, policy::MAX_ISSUERS, CircuitId, Fp, GenesisHash, HolderSecret, IssuerIndex,
    JointInputs, PublicInputs, Signal,
};
use ofage_prover::{prove_ownership, Prover};
use ofage_verifier::{verify_ownership, Verifier};
use std::{num::NonZeroUsize, sync::OnceLock, thread, time::Duration};

/// Size of the largest batch.
const MOST: u64 = 256;
/// Size of a batch of joint proofs.
const JOINT: u64 = 64;

/// A proof of holder `n`.
fn prove(n: u64) -> (PublicInputs, Vec<u8>) {
    let (inputs, witness) = sample::sample(n);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    (inputs, proof.into_bytes())
}

/// Proofs that all differ, since equal points in a batch would be added up for free. Made on two threads.
fn proofs() -> &'static [(PublicInputs, Vec<u8>)] {
    static PROOFS: OnceLock<Vec<(PublicInputs, Vec<u8>)>> = OnceLock::new();
    PROOFS.get_or_init(|| {
        thread::scope(|scope| {
            let half = scope.spawn(|| (0..MOST / 2).map(prove).collect::<Vec<_>>());
            let mut all: Vec<_> = (MOST / 2..MOST).map(prove).collect();
            all.extend(half.join().unwrap());
            all
        })
    })
}

fn single(c: &mut Criterion) {
    let mut group = c.benchmark_group("single");
    let verifier = Verifier::new();
    let (inputs, proof) = &proofs()[0];
    group.bench_function("verify", |bench| {
        bench.iter(|| verifier.verify(CircuitId::V1, inputs, proof).unwrap())
    });
    let mut altered = proof.clone();
    altered.push(0);
    group.bench_function("refuse a padded proof", |bench| {
        bench.iter(|| verifier.verify(CircuitId::V1, inputs, &altered).unwrap_err());
    });
    let params = keys::params();
    let bases = params.get_g();
    // Full-size scalars: a public input, squared again and again.
    let scalars: Vec<Fp> = std::iter::successors(Some(inputs.to_fields()[0]), |last| Some(last.square()))
        .take(bases.len())
        .collect();
    group.bench_function(
        BenchmarkId::new("bare multiplication of 2^k", params.k()),
        |bench| {
            bench.iter(|| best_multiexp(&scalars, &bases));
        },
    );
    group.finish();
}

fn batches(c: &mut Criterion) {
    let mut group = c.benchmark_group("batch");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let verifier = Verifier::new();
    for size in [8, 64, MOST as usize] {
        let batch: Vec<(PublicInputs, &[u8])> = proofs()[..size]
            .iter()
            .map(|(inputs, proof)| (*inputs, &proof[..]))
            .collect();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("one thread", size), |bench| {
            bench.iter(|| verifier.verify_batch(CircuitId::V1, &batch).unwrap());
        });
        group.bench_function(BenchmarkId::new("two threads", size), |bench| {
            let two = NonZeroUsize::MIN.saturating_add(1);
            bench.iter(|| {
                verifier
                    .verify_batch_parallel(CircuitId::V1, &batch, two)
                    .unwrap()
            });
        });
        let mut spoilt = batch.clone();
        spoilt[size / 2].0 = spoilt[0].0;
        group.bench_function(
            BenchmarkId::new("one thread, one bad proof named", size),
            |bench| {
                bench.iter(|| verifier.verify_batch(CircuitId::V1, &spoilt).unwrap_err());
            },
        );
    }
    group.finish();
}

/// Proofs for each number of issuers, alone and in batches of the same number.
fn joint(c: &mut Criterion) {
    let verifier = Verifier::new();
    for issuers in 1..=MAX_ISSUERS {
        let mut group = c.benchmark_group(format!("joint, {issuers} issuers"));
        let prove = |n| {
            let (inputs, witnesses) = sample::joint(n, issuers.into());
            let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
            (inputs, proof.into_bytes())
        };
        let proofs: Vec<(JointInputs, Vec<u8>)> = (0..JOINT).map(prove).collect();
        let (inputs, proof) = &proofs[0];
        group.bench_function("verify", |bench| {
            bench.iter(|| verifier.verify_joint(CircuitId::V1, inputs, proof).unwrap());
        });
        let batch: Vec<(JointInputs, &[u8])> = proofs
            .iter()
            .map(|(inputs, proof)| (inputs.clone(), &proof[..]))
            .collect();
        group.sample_size(10).throughput(Throughput::Elements(JOINT));
        group.bench_function(BenchmarkId::new("batch, one thread", JOINT), |bench| {
            bench.iter(|| verifier.verify_joint_batch(CircuitId::V1, &batch).unwrap());
        });
        group.finish();
    }
}

/// A proof that a commitment is its holder's own.
fn ownership(c: &mut Criterion) {
    let secret = HolderSecret::from_uniform(&[1; 64]);
    let issuer_id = hashes::issuer_id(&GenesisHash([1; 32]), IssuerIndex(0));
    let inputs = OwnershipInputs {
        issuer_id,
        identity: hashes::identity_commitment(&secret, issuer_id),
        signal: Signal::from_element(hash_to_field(b"bench", &[])),
    };
    let proof = prove_ownership(&inputs, &secret).unwrap();
    let mut group = c.benchmark_group("ownership");
    group.bench_function("verify", |bench| {
        bench.iter(|| verify_ownership(&inputs, proof.as_bytes()).unwrap());
    });
    let padded = [proof.as_bytes(), &[0]].concat();
    group.bench_function("refuse a padded proof", |bench| {
        bench.iter(|| verify_ownership(&inputs, &padded).unwrap_err());
    });
    group.finish();
}

criterion_group!(benches, single, batches, joint, ownership);
criterion_main!(benches);
