//! The parts that every other crate of Ofage speaks in: field elements, tagged Poseidon hashes, trees,
//! attributes, the calendar, policies, public inputs, presentations, and the chain's data types.
//!
//! `no_std`, and builds for the runtime's wasm target. The specification is `docs/book/src/spec-primitives.md`;
//! names and symbols here are those of that page.

#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

pub mod attributes;
pub mod binding;
pub mod calendar;
pub mod chain;
pub mod domain;
pub mod element;
pub mod hashes;
pub mod ids;
pub mod policy;
pub mod poseidon;
pub mod presentation;
pub mod public_inputs;
pub mod refusal;
pub mod secrets;
pub mod storage;
pub mod tree;

pub use attributes::{Assurance, Attributes, AttributesError, Flags};
pub use binding::{Binding, Context, Scope, Signal, SignalInput};
pub use calendar::{Day, DayError};
pub use domain::Domain;
pub use element::{
    hash_to_field, Attestation, CapLeaf, DesignatedVerifier, Element, IdentityCommitment, IssuerId,
    IssuerTag, NonCanonical, Nullifier, ParseElementError, RegistryRoot, ShardRoot, TrustListRoot,
};
pub use ids::{CircuitId, GateId, GenesisHash, IssuerIndex, LeafIndex, ShardIndex, TrustListId};
pub use policy::{AgeBand, Policy, PolicyError};
pub use poseidon::{LayerHasher, NativeHasher};
pub use presentation::{Presentation, PresentationError};
pub use public_inputs::{Anchor, Bounds, JointInputs, PublicInputs, TagsError};
pub use refusal::Refusal;
pub use secrets::{Ext, HolderSecret, VerifierSecret};

/// Base field of the Pallas curve, in which the circuit and every hash of Ofage work.
pub type Fp = pasta_curves::pallas::Base;
