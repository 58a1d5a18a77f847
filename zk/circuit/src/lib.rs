//! The age circuit: its chips, its keys, and the statement that it proves.
//!
//! [`ownership`] is a second, small circuit of the same chip, by which a holder shows that a commitment is theirs.
//!
//! The specification is `docs/book/src/spec-circuit.md`. Layers, from below: the native permutation, chips (gates and
//! rows), gadgets (the table of arithmetic, the hashes in their lanes), [`circuit`]. [`statement::check`] is the native
//! mirror of the whole, and [`layout`] says what runs where.

mod chip;
pub mod circuit;
mod gadget;
pub mod instance;
pub mod keys;
pub mod layout;
pub mod ownership;
mod rounds;
#[cfg(any(test, feature = "test-dependencies"))]
pub mod sample;
pub mod statement;
mod values;
mod witness;

#[cfg(test)]
mod tests;

pub use circuit::{AgeCircuit, CircuitV1};
pub use statement::Violation;
pub use witness::Witness;
