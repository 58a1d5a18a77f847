//! Our sparse form beside `halo2_poseidon`.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion};
use halo2_poseidon::{ConstantLength, Hash, P128Pow5T3};
use ofage_primitives::{poseidon, Domain, Fp};

fn two_to_one(c: &mut Criterion) {
    let mut group = c.benchmark_group("poseidon 2-to-1");
    let (a, b) = (Fp::from(7), Fp::from(11));
    group.bench_function("ofage", |bench| {
        bench.iter(|| poseidon::hash(Domain::ShardNode, black_box(a), black_box(b)));
    });
    group.bench_function("halo2_poseidon", |bench| {
        bench.iter(|| {
            Hash::<_, P128Pow5T3, ConstantLength<2>, 3, 2>::init().hash([black_box(a), black_box(b)])
        });
    });
    group.finish();
}

criterion_group!(benches, two_to_one);
criterion_main!(benches);
