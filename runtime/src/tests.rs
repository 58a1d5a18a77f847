//! Tests of the runtime as a whole, natively; of its WebAssembly form where it was built.

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
mod blocks;
mod calls;
mod chain;
mod governance;
mod presets;
mod sessions;
mod storage;
mod transactions;
mod wasm;
mod weights;
mod whole_path;
