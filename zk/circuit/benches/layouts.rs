//! Layouts of the circuit, side by side, and the bare multi-scalar multiplication of 2^k beside each.
//!
//! The figures of the performance chapter come from these commands, on a machine that does nothing else:
//!
//! - layouts, proving and verifying on one thread: `cargo bench -p ofage-circuit --features test-dependencies`
//! - the same on two threads: `... --features test-dependencies,multicore`
//! - sizes and costs of the layouts: the lines that it prints first
//! - the layout that ships, with memory: the benches and the example of `ofage-prover`

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use ff::Field;
use getrandom::SysRng;
use halo2_proofs::{
    arithmetic::best_multiexp,
    dev::CircuitCost,
    plonk::{create_proof, keygen_pk, keygen_vk, verify_proof, SingleVerifier},
    poly::commitment::Params,
    transcript::{Blake2bRead, Blake2bWrite, Challenge255},
};
use ofage_circuit::{sample, AgeCircuit};
use ofage_primitives::Fp;
use pasta_curves::{vesta, EqAffine};
use rand_core::UnwrapErr;

fn layout<const LANES: usize, const EXTRA: usize>(c: &mut Criterion) {
    let k = AgeCircuit::<LANES, EXTRA>::k();
    let empty = AgeCircuit::<LANES, EXTRA>::empty();
    let params = Params::<EqAffine>::new(k);
    let vk = keygen_vk(&params, &empty).unwrap();
    let pk = keygen_pk(&params, vk.clone(), &empty).unwrap();
    let (inputs, witness) = sample::sample(1);
    let public = inputs.to_fields();
    let prove = || {
        let circuit = AgeCircuit::<LANES, EXTRA>::new(&inputs, &witness);
        let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::new());
        create_proof(
            &params,
            &pk,
            &[circuit],
            &[&[&public]],
            UnwrapErr(SysRng),
            &mut transcript,
        )
        .unwrap();
        transcript.finalize()
    };
    let proof = prove();
    let verify = || {
        let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(&proof[..]);
        verify_proof(
            &params,
            &vk,
            SingleVerifier::new(&params),
            &[&[&public]],
            &mut transcript,
        )
        .unwrap();
    };
    let name = format!("lanes {LANES}, width {}, k {k}", 3 + EXTRA);
    let cost = format!("{:?}", CircuitCost::<vesta::Point, _>::measure(k, &empty));
    println!(
        "{name}: proof of {} bytes, {}",
        proof.len(),
        cost.split(", _marker").next().unwrap()
    );

    let mut group = c.benchmark_group("layouts");
    group.sample_size(10);
    group.bench_function(BenchmarkId::new("prove", &name), |b| b.iter(prove));
    group.bench_function(BenchmarkId::new("verify", &name), |b| b.iter(verify));
    group.bench_function(BenchmarkId::new("keygen_vk", &name), |b| {
        b.iter(|| keygen_vk(&params, &empty).unwrap())
    });
    group.finish();
    multiplication(c, k, &params);
}

/// The yardstick: what a verifier cannot do without, and a prover does for every column.
fn multiplication(c: &mut Criterion, k: u32, params: &Params<EqAffine>) {
    let scalars: Vec<Fp> = (0..1 << k).map(|_| Fp::random(&mut UnwrapErr(SysRng))).collect();
    let bases = params.get_g();
    c.bench_function(&format!("bare multiplication of 2^{k}"), |b| {
        b.iter(|| best_multiexp(&scalars, &bases))
    });
}

fn layouts(c: &mut Criterion) {
    layout::<1, 9>(c);
    layout::<1, 13>(c);
    layout::<2, 9>(c);
    layout::<2, 13>(c);
    layout::<3, 9>(c);
    layout::<5, 9>(c);
}

criterion_group!(benches, layouts);
criterion_main!(benches);
