//! Where the time of a full batch of attestations goes.

use std::time::Instant;

use anyhow::{ensure, Result};
use codec::Encode;
use ofage_primitives::{hash_to_field, poseidon, Domain};
use serde_json::json;
use sp_api::ProvideRuntimeApi;
use sp_core::{sr25519, Pair};
use sp_io::hashing::blake2_256;
use sp_runtime::{transaction_validity::TransactionSource, OpaqueExtrinsic};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;

use super::{hash, Chain};
use crate::{
    attesting::{Issuer, FULL},
    report::{median, rounded, Table},
    transactions::Signer,
};

/// How often each step is measured: the middle counts.
const REPEATS: usize = 9;

/// Measures, with `wasm` as the runtime.
pub(crate) async fn measure(wasm: &[u8], first_slot: u64) -> Result<Vec<Table>> {
    let chain = Chain::start(wasm, first_slot)?;
    let mut issuer = Issuer::new(Signer::dev("Issuer1", chain.genesis()));
    chain.append([issuer.register()]).await?;
    let [mut checks, mut applies, mut ends, mut idle] = [(); 4].map(|()| Vec::new());
    let mut bytes = 0;
    for _ in 0..REPEATS {
        let (_, parent) = chain.best();
        let call = issuer.attest_next(FULL);
        bytes = call.len();
        let opaque = OpaqueExtrinsic::try_from_encoded_extrinsic(&call)?;
        let api = chain.client().runtime_api();
        let (validity, check) =
            timed(|| api.validate_transaction(parent, TransactionSource::External, opaque, parent));
        ensure!(validity?.is_ok(), "the pool would refuse a batch");
        checks.push(check);
        let mut draft = chain.begin()?;
        let (taken, apply) = timed(|| draft.push(&call));
        ensure!(taken?, "a block has room for a batch");
        applies.push(apply);
        let made = draft.finish()?;
        ends.push(made.ending.as_secs_f64() * 1e3);
        chain.expect_success(hash(&chain.keep(made).await?))?;
        let empty = chain.begin()?.finish()?;
        idle.push(empty.ending.as_secs_f64() * 1e3);
        chain.keep(empty).await?;
    }
    let [check, apply, end, idle] = [checks, applies, ends, idle].map(median);
    let (signature, poseidon) = (signature(bytes), poseidon());

    let mut table = Table::new(
        format!("One batch of {FULL} attestations ({bytes} bytes), milliseconds (middle of {REPEATS})"),
        &["step", "ms", "µs an attestation"],
    );
    let mut row = |step: &str, ms: f64| {
        table.row(vec![
            json!(step),
            rounded(ms, 2),
            rounded(ms * 1e3 / FULL as f64, 2),
        ]);
    };
    row("check in the pool, whole", check);
    row("— of it hash and signature, native", signature);
    row(
        "— of it decoding in wasm, calling, reading (the rest)",
        check - signature,
    );
    row("execution in a block, whole", apply);
    row("— of it the check again", check);
    row("— of it Poseidon, native (4,095 hashes)", poseidon);
    row(
        "— of it passing leaves to the host, storage, events (the rest)",
        apply - check - poseidon,
    );
    row(
        "end of the block: a cap path, both roots (beyond that of an empty block)",
        end - idle,
    );
    Ok(vec![table])
}

/// What a step gives, and the milliseconds that it took.
fn timed<T>(step: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = step();
    (result, started.elapsed().as_secs_f64() * 1e3)
}

/// Milliseconds for hashing so many bytes and checking the signature of the hash.
fn signature(bytes: usize) -> f64 {
    let payload = vec![7u8; bytes];
    let (pair, _) = sr25519::Pair::generate();
    let signature = pair.sign(&blake2_256(&payload));
    let check = || timed(|| sr25519::Pair::verify(&signature, blake2_256(&payload), &pair.public()));
    median(
        (0..REPEATS)
            .map(|_| {
                let (good, ms) = check();
                assert!(good, "a signature that was just made holds");
                ms
            })
            .collect(),
    )
}

/// Milliseconds for the tree above a full shard.
fn poseidon() -> f64 {
    let leaves: Vec<_> = (0..FULL as u32)
        .map(|number| hash_to_field(b"a leaf", &[&number.encode()]))
        .collect();
    let tree = || {
        let mut layer = leaves.clone();
        while layer.len() > 1 {
            let pairs: Vec<_> = layer.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
            layer = poseidon::hash_layer(Domain::ShardNode, &pairs);
        }
        layer
    };
    median((0..REPEATS).map(|_| timed(tree).1).collect())
}
