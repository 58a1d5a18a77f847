//! Handing out attestations over HTTP: OpenID for Verifiable Credential Issuance 1.0 (OpenID4VCI), pre-authorized code
//! flow with deferred issuance.
//!
//! The issuer gives its customer an offer with a one-time code. The wallet redeems the code for an access token, fetches
//! a nonce, and asks for the credential with a proof that it owns its identity commitment, bound to that nonce and to
//! the service's URL. The credential is ready when the attestation is final on the chain, so the first answer names a
//! transaction, which the wallet asks for again.
//!
//! What the standard leaves to its users is fixed here: the credential format [`FORMAT`], whose credential is the SDK's
//! [`Credential`](crate::credential::Credential), and the proof type [`PROOF_TYPE`], whose proof is an object of
//! `identity`, `nonce` and `proof`.

pub mod messages;

/// Name of the credential format.
pub const FORMAT: &str = "ofage_attestation_v1";
/// Name of the proof type.
pub const PROOF_TYPE: &str = "ofage_ownership_v1";
/// The proof system of [`PROOF_TYPE`], where metadata names algorithms.
pub const PROOF_ALGORITHM: &str = "halo2-ipa-pallas";
/// What a credential is bound to, in metadata.
pub const BINDING_METHOD: &str = "ofage_identity_commitment";
/// The one configuration that a service of this project offers, and its scope.
pub const CONFIGURATION: &str = "ofage_attestation";
