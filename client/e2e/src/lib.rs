//! End-to-end tests of Ofage: the real node and the real command, spawned, waited for by event, killed on drop.
//!
//! The tests are in `tests/`; here is what they share. [`Node`] is a chain of one validator in a directory of
//! its own on free loopback ports, or another one that [`Setup`] describes; [`Network`] is three validators; [`Scene`] sets one up with issuers, a gate and wallets; [`Ofage`] runs the `ofage`
//! command; [`rpc`] sends raw requests, well-formed ones and others. Nothing sleeps: every wait is for a line of the node's log or for a notification of its
//! RPC, and has an end.

pub mod binaries;
mod cli;
pub mod light;
mod log;
mod network;
mod node;
mod process;
pub mod rpc;
pub mod scene;
pub mod service;

pub use cli::{Answer, Ofage};
pub use network::Network;
pub use node::{Node, Setup};
pub use scene::Scene;
