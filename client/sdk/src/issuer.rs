//! What an issuer does: takes in people's data, attests it in batches, and hands out credentials.

pub mod attest;
pub mod intake;
pub mod journal;
