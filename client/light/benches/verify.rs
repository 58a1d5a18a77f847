//! A bundle's way to a final root, without the presentation's proof: signatures, state, age.
//!
//! Beside it, in the same run, the batch of as many bare signatures, which no verifier can do without.

#[path = "../tests/support/chain.rs"]
mod chain;
#[path = "../tests/support/scene.rs"]
mod scene;
#[path = "../tests/support/trie.rs"]
mod trie;

use chain::{just_enough, key, public, vote};
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ed25519_zebra::{batch, Signature, VerificationKeyBytes};
use ofage_light::{AnchorClaim, Bundle, Freshness};
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use scene::{Scene, FIRST_SET, PROVED};
use std::{hint::black_box, time::Duration};

/// Sizes of the chain, in validators.
const VALIDATORS: [u8; 3] = [3, 10, 100];
/// Other entries of the state, which make the way to a key as long as in a chain that is used.
const ENTRIES: u32 = 20_000;

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("light");
    group
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    for validators in VALIDATORS {
        let scene = Scene::new(validators, 0, ENTRIES);
        print_sizes(validators, &scene.bundle);
        let (bundle, follower) = (&scene.bundle, scene.checkpoint.follower());
        let (claim, freshness) = (AnchorClaim::of(&bundle.presentation), Freshness::default());
        let header = follower.finalized(&bundle.header, &bundle.justification).unwrap();
        let root = header.prove(claim, &bundle.proof).unwrap();
        let bytes = bundle.to_bytes();

        // All together, from bytes.
        group.bench_function(BenchmarkId::new("bundle to root", validators), |bencher| {
            let verifier = scene.verifier();
            bencher.iter(|| {
                let bundle = Bundle::from_bytes(black_box(&bytes)).unwrap();
                let root = verifier.root(&bundle).unwrap();
                freshness.check(&root, scene.now).unwrap();
                root
            });
        });
        group.bench_function(BenchmarkId::new("justification", validators), |bencher| {
            bencher.iter(|| {
                follower
                    .finalized(black_box(&bundle.header), &bundle.justification)
                    .unwrap()
            });
        });
        group.bench_function(BenchmarkId::new("state proof", validators), |bencher| {
            bencher.iter(|| header.prove(claim, black_box(&bundle.proof)).unwrap());
        });
        group.bench_function(BenchmarkId::new("freshness", validators), |bencher| {
            bencher.iter(|| freshness.check(black_box(&root), scene.now).unwrap());
        });
        group.bench_function(BenchmarkId::new("bare signatures", validators), |bencher| {
            let signed = signed(validators, &bundle.header);
            bencher.iter(|| {
                let mut batch = batch::Verifier::new();
                for (key, signature, message) in &signed {
                    batch.queue((*key, *signature, &message[..]));
                }
                batch.verify(ChaCha20Rng::from_seed([1; 32])).unwrap();
            });
        });
    }
    group.finish();
}

/// The votes of the bundle's justification.
fn signed(validators: u8, header: &[u8]) -> Vec<(VerificationKeyBytes, Signature, Vec<u8>)> {
    let seeds: Vec<u8> = (1..=validators).collect();
    let message = vote(header, PROVED, FIRST_SET);
    just_enough(&seeds)
        .iter()
        .map(|seed| {
            (
                VerificationKeyBytes::from(public(*seed)),
                key(*seed).sign(&message),
                message.clone(),
            )
        })
        .collect()
}

fn print_sizes(validators: u8, bundle: &Bundle) {
    let one_more = Scene::new(validators, 1, 0).bundle;
    println!(
        "{validators} validators: bundle {} bytes (header {}, justification {}, state proof {}, presentation {}), \
         each handoff {} more",
        bundle.to_bytes().len(),
        bundle.header.len(),
        bundle.justification.len(),
        bundle.proof.len(),
        bundle.presentation.to_bytes().len(),
        one_more.to_bytes().len() - one_more.len_without_handoffs(),
    );
}

criterion_group!(benches, verify);
criterion_main!(benches);
