//! The Ofage runtime: the rules of the chain, as WebAssembly and natively.
//!
//! Blocks come from BABE and are made final by GRANDPA, for the validators that governance chose. A council of known
//! members acts as root with two thirds of its votes; there is no other way to root. What it is all for is in two
//! pallets: the registry of attestations, and the gates that admit accounts by proofs of age.
//!
//! | module | what |
//! |---|---|
//! | [`configs`] | how each pallet is configured, by area |
//! | [`extensions`] | what every transaction is checked for, in order |
//! | [`apis`] | what nodes and clients ask |
//! | [`migrations`] | what an upgrade does to the state |
//! | [`presets`] | first states of development chains |
//! | [`weights`] | measured costs |
//! | [`constants`] | amounts, times, sizes |
//! | `invariants` | what must hold in every state, for tools that look at one |

#![cfg_attr(not(feature = "std"), no_std)]
// `frame_support::runtime` and `impl_runtime_apis` recurse for each pallet and function.
#![recursion_limit = "256"]
// What these two generate has no documentation. It is here and in `apis`; all other modules deny it again.
#![allow(missing_docs)]

extern crate alloc;

// The constants `WASM_BINARY` and `WASM_BINARY_BLOATY`: the WebAssembly form, if it was built.
#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
#[deny(missing_docs)]
pub mod benchmarks;
#[deny(missing_docs)]
pub mod configs;
#[deny(missing_docs)]
pub mod constants;
#[deny(missing_docs)]
pub mod extensions;
#[cfg(feature = "std")]
#[deny(missing_docs)]
pub mod invariants;
#[deny(missing_docs)]
pub mod migrations;
#[deny(missing_docs)]
pub mod presets;
#[cfg(any(test, feature = "runtime-benchmarks"))]
#[deny(missing_docs)]
pub mod stored_proofs;
#[deny(missing_docs)]
pub mod weights;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::{RuntimeApi, RUNTIME_API_VERSIONS};
pub use extensions::TxExtension;

/// Height of a block.
pub type BlockNumber = u32;
/// An amount of the chain's currency.
pub type Balance = u128;
/// Number of transactions that an account has signed.
pub type Nonce = u32;
/// How the chain hashes blocks, transactions and state; proofs have hashes of their own.
pub type Hashing = BlakeTwo256;
/// What [`Hashing`] gives.
pub type Hash = sp_core::H256;
/// A signature by any of the schemes that Substrate accounts use.
pub type Signature = MultiSignature;
/// An account: its public key, or the hash of it.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, Hashing>;
/// A transaction as it travels, unchecked: signed, general or bare.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What the signer of a transaction signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// Names a block.
pub type BlockId = generic::BlockId<Block>;
/// Runs blocks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// Types for what does not look into transactions, and so outlives changes of them.
pub mod opaque {
    use super::{generic, BlakeTwo256, BlockNumber};
    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

    /// A block's header.
    pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
    /// A block of opaque transactions.
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;
    /// Names a block.
    pub type BlockId = generic::BlockId<Block>;

    pub use super::SessionKeys;
}

impl_opaque_keys! {
    /// What a validator signs with.
    pub struct SessionKeys {
        /// Makes blocks.
        pub babe: Babe,
        /// Makes blocks final.
        pub grandpa: Grandpa,
    }
}

/// Version of the runtime. `spec_version` rises with every change of its logic.
#[cfg(not(feature = "rehearsal"))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("ofage"),
    impl_name: alloc::borrow::Cow::Borrowed("ofage"),
    authoring_version: 1,
    spec_version: 2,
    impl_version: 0,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 2,
    system_version: 1,
};

/// The version that comes next, as far as a rehearsal of its upgrade goes. The macro wants literals, hence twice.
#[cfg(feature = "rehearsal")]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("ofage"),
    impl_name: alloc::borrow::Cow::Borrowed("ofage"),
    authoring_version: 1,
    spec_version: 3,
    impl_version: 0,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 2,
    system_version: 1,
};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    // Numbers are part of every encoded call and stay as they are. Order is the order of the hooks and of genesis:
    // BABE knows the author before others ask, and the set of validators is there before the first session.

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(3)]
    pub type Authorship = pallet_authorship;

    #[runtime::pallet_index(10)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(11)]
    pub type TransactionPayment = pallet_transaction_payment;

    #[runtime::pallet_index(20)]
    pub type ValidatorSet = pallet_validator_set;
    #[runtime::pallet_index(21)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(22)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(23)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(24)]
    pub type Grandpa = pallet_grandpa;

    #[runtime::pallet_index(30)]
    pub type Council = pallet_collective<Instance1>;
    #[runtime::pallet_index(31)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(32)]
    pub type Whitelist = pallet_whitelist;

    #[runtime::pallet_index(40)]
    pub type AgeRegistry = pallet_age_registry;
    #[runtime::pallet_index(41)]
    pub type AgeGate = pallet_age_gate;
}
