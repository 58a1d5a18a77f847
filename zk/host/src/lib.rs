//! The `age_zk` host functions: what the runtime has its node do natively.
//!
//! Verifying needs the standard library and cached keys, and a Poseidon hash is an order of magnitude faster
//! outside of wasm, so both are done by the node. The runtime calls through [`HostVerifier`] and [`HostHasher`]; a
//! node's executor, and whatever else runs the runtime, is given `HostFunctions`.
//!
//! **Shipped versions are for ever.** A node that executes a block again, whatever its release, must answer each
//! call as it was answered then. So no function changes what it answers, and none is removed. Circuits and hash tags
//! get new numbers, and nodes have new functions (`#[version(n, register_only)]`) before a runtime uses any of them.
//!
//! Proofs for several issuers came after those for one, and so have functions of their own. Proofs of the two kinds share
//! key, verifier and memo.
//!
//! Nothing here panics on any input, works beyond [`MAX_BATCH`] and [`MAX_LAYER`], or starts threads: a panic in
//! another thread than the caller's would end the node.

#![cfg_attr(substrate_runtime, no_std)]

extern crate alloc;

mod adapters;
mod interface;
mod wire;

#[cfg(not(substrate_runtime))]
mod native;

pub use adapters::{HostHasher, HostVerifier};
pub use interface::age_zk;
pub use wire::{MAX_BATCH, MAX_LAYER};

#[cfg(not(substrate_runtime))]
pub use interface::age_zk::HostFunctions;
#[cfg(not(substrate_runtime))]
pub use native::{memo::CAPACITY as MEMO_CAPACITY, warm_up};
