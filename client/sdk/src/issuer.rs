//! What an issuer does: takes in people's data, attests it in batches, hands out credentials, and takes attestations
//! back.
//!
//! To attest somebody anew, be it with other data or for a new wallet, revoke the old attestation and attest the new
//! row: neither needs the holder's old secret.

pub mod attest;
pub mod audit;
pub mod import;
pub mod intake;
pub mod mirror;
pub mod profile;
pub mod register;
pub mod revoke;
pub mod targets;
