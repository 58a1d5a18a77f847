//! Services for programs that do not link this project's code.
//!
//! [`light`] serves what a light client proves: final registry roots, anchors, gates and checkpoints. Whoever asks it
//! believes it, so it listens on its own machine unless it is told otherwise.
//!
//! [`issuance`] hands out an issuer's attestations: OpenID for Verifiable Credential Issuance 1.0.

pub mod issuance;
pub mod light;

mod listen;
