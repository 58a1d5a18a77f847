//! What the service asks of the issuer's register and of the chain.

use std::future::Future;

use ofage_primitives::{Attributes, GenesisHash, IdentityCommitment, IssuerIndex};
use ofage_sdk::{
    credential::Credential,
    issuance::messages::{Evidence, IssuerUrl},
    issuer::register::Reissue,
};

/// A customer's attestation to be made. No `Debug`: it holds a birth date.
pub struct Application {
    /// The issuer's name for the customer.
    pub reference: String,
    /// The holder; that the customer owns it has been checked.
    pub identity: IdentityCommitment,
    /// What is to be attested.
    pub attributes: Attributes,
    /// Whether, and how, it may take the place of the customer's attestation.
    pub reissue: Reissue,
}

/// What the register says to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It will be attested, or is.
    Yes,
    /// It never will.
    No,
}

/// Where a customer's attestation stands. No `Debug`: it may be the credential.
pub enum Standing {
    /// On its way to the chain.
    Waiting,
    /// Final.
    Final(Box<Credential>),
    /// Final, but what opens it is kept no more.
    Forgotten,
    /// Taken back.
    Revoked,
    /// Not known, or known for another holder.
    Unknown,
}

/// The register or the chain cannot be used now. Its text names no customer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct RegistryError(pub String);

/// The register and the chain behind the service; in unit tests, something else.
pub trait Registry: Send + Sync + 'static {
    /// Names the chain.
    fn genesis(&self) -> GenesisHash;

    /// The issuer.
    fn issuer(&self) -> IssuerIndex;

    /// Whether the sender of a proof knows the secret behind the commitment. Costs some milliseconds.
    fn owns(&self, service: &IssuerUrl, evidence: &Evidence) -> bool;

    /// Takes an application; it is on disk when this returns. The same one twice is one.
    ///
    /// # Errors
    /// [`RegistryError`], and the application is asked again later.
    fn take(&self, application: Application) -> Result<Taken, RegistryError>;

    /// Where a customer's attestation stands, for the holder of a commitment.
    ///
    /// # Errors
    /// [`RegistryError`].
    fn standing(
        &self,
        reference: &str,
        identity: Option<IdentityCommitment>,
    ) -> Result<Standing, RegistryError>;

    /// The holder has the credential: what opens it may go.
    ///
    /// # Errors
    /// [`RegistryError`].
    fn delivered(&self, reference: &str) -> Result<(), RegistryError>;

    /// Deletes all but what a revocation needs; tells whether the customer was known.
    ///
    /// # Errors
    /// [`RegistryError`].
    fn forget(&self, reference: &str) -> Result<bool, RegistryError>;

    /// Attestations that wait for the chain.
    ///
    /// # Errors
    /// [`RegistryError`].
    fn waiting(&self) -> Result<u64, RegistryError>;

    /// Attests all that waits, until it is final; tells how many became so. What is interrupted goes on the next time.
    ///
    /// # Errors
    /// [`RegistryError`].
    fn settle(&self) -> impl Future<Output = Result<u64, RegistryError>> + Send;

    /// Takes attestations back, until that is final. Customers without one are passed over.
    ///
    /// # Errors
    /// [`RegistryError`].
    fn revoke(&self, references: &[String]) -> impl Future<Output = Result<(), RegistryError>> + Send;
}
