//! What holders, issuers and verifiers do with Ofage, and how they see the chain.
//!
//! Holders keep a [`wallet`], issuers attest through [`issuer`], verifiers decide in [`verify`]. All of them read
//! the chain through [`chain`], at finalized blocks only; a holder's paths come from [`retrieval`], which fetches
//! whole shards, and others beside them, so that the node does not learn which leaf is asked for.
//!
//! Secrets, birth dates and leaf positions reach no error and no `Debug` of this crate.

pub mod account;
pub mod amount;
pub mod chain;
pub mod clock;
pub mod council;
pub mod credential;
pub mod document;
pub mod http;
pub mod issuance;
pub mod issuer;
pub mod key_file;
pub mod leaves;
pub mod light;
pub mod ownership;
pub mod private_file;
pub mod random;
pub mod request;
pub mod retrieval;
pub mod sample;
pub mod sealed;
pub mod verify;
pub mod wallet;

#[cfg(test)]
mod test_shard;

#[cfg(test)]
mod tests {
    use static_assertions::assert_not_impl_any;
    use std::fmt::{Debug, Display};

    // What is secret, or tells who someone is, cannot be printed by mistake.
    assert_not_impl_any!(crate::wallet::Wallet: Debug, Display);
    assert_not_impl_any!(crate::sealed::Passphrase: Debug, Display);
    assert_not_impl_any!(crate::key_file::Key: Debug, Display);
    assert_not_impl_any!(crate::key_file::KeyFile: Debug, Display);
    assert_not_impl_any!(crate::wallet::history::History: Debug, Display);
    assert_not_impl_any!(crate::credential::Credential: Debug, Display);
    assert_not_impl_any!(crate::account::Signer: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::Code: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::TxCode: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::AccessToken: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::TransactionId: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::CredentialOffer: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::TokenRequest: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::TokenResponse: Debug, Display);
    assert_not_impl_any!(crate::issuance::messages::CredentialResponse: Debug, Display);
    assert_not_impl_any!(crate::issuer::intake::Row: Debug, Display);
    assert_not_impl_any!(crate::issuer::intake::Intake: Debug, Display);
    assert_not_impl_any!(crate::issuer::register::Register: Debug, Display);
    assert_not_impl_any!(crate::issuer::targets::Target: Debug, Display);
    assert_not_impl_any!(crate::retrieval::Standing: Debug, Display);
    assert_not_impl_any!(crate::retrieval::Paths: Debug, Display);
    assert_not_impl_any!(crate::retrieval::Wanted: Debug, Display);
    assert_not_impl_any!(crate::retrieval::cover::Seed: Debug, Display);
    assert_not_impl_any!(crate::issuer::audit::ShardReport: Debug, Display);
    assert_not_impl_any!(crate::sample::Person: Debug, Display);
}
