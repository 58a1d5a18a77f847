//! What each fuzzer target does with its bytes, and what it starts from.
//!
//! Each has a module with `seeds`, real encodings, and `check`, which panics when a promise is broken: no bytes make a
//! decoder panic, what was decoded encodes to the same bytes, and nothing counts that too few signed. Mutations do not
//! find signatures or hashes, so targets behind those checks make them themselves, as an authority gone bad would.
//!
//! libFuzzer runs them, without a sanitizer: nothing here is unsafe, so panics, overflows and memory are what to look for.
//! `scripts/fuzz` compiles with the instrumentation that it needs, which the stable compiler has.

pub mod bundle;
#[path = "../../tests/support/chain.rs"]
mod chain;
pub mod checkpoint;
pub mod handoff;
pub mod header;
pub mod justification;
pub mod presentation;
#[path = "../../tests/support/scene.rs"]
mod scene;
pub mod state_proof;
#[path = "../../tests/support/trie.rs"]
mod trie;

#[doc(hidden)]
pub use libfuzzer_sys;

use std::{env, fs, path::Path};

/// Names a directory to which a target writes its seeds before it starts.
const SEEDS: &str = "OFAGE_FUZZ_SEEDS";

/// The authorities that targets sign with.
const AUTHORITIES: [u8; 4] = [1, 2, 3, 4];
/// Their set's number, and the block that handed over to them.
const SET: u64 = 3;
const SINCE: u32 = 100;

/// Makes a fuzzer target of a module.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::write_seeds($crate::$name::seeds()),
            |bytes: &[u8]| $crate::$name::check(bytes)
        );
    };
}

/// Writes seeds where the environment says, if it does.
///
/// # Panics
/// If it cannot.
pub fn write_seeds(seeds: Vec<Vec<u8>>) {
    let Some(directory) = env::var_os(SEEDS) else {
        return;
    };
    for (at, seed) in seeds.iter().enumerate() {
        fs::write(Path::new(&directory).join(format!("seed-{at}")), seed)
            .expect("the seeds' directory is writable");
    }
}

/// A follower of [`AUTHORITIES`].
fn follower() -> ofage_light::Follower {
    ofage_light::Follower::new(chain::set(SET, &AUTHORITIES), SINCE)
}

/// Number of the block of a header, as far as one can be seen.
fn number_of(header: &[u8]) -> Option<u32> {
    use codec::{Compact, Decode};
    const PARENT: usize = 32;
    Some(Compact::<u32>::decode(&mut header.get(PARENT..)?).ok()?.0)
}
