//! The messages of OpenID4VCI 1.0 that wallet and service exchange, read strictly and with bounds.
//!
//! Parameters that are not known are ignored, as the standard demands, and those that are known are checked in full:
//! length, alphabet, URL. Nothing here reaches the network. Codes and tokens have no `Debug`, and errors repeat nothing of
//! what was read.

mod credential;
mod error;
mod issuer_url;
mod metadata;
mod offer;
mod text;
mod token;

use serde::de::DeserializeOwned;

pub use credential::{
    CredentialRequest, CredentialResponse, DeferredRequest, Evidence, Notification, NotificationEvent,
    MAX_INTERVAL,
};
pub use error::{ErrorBody, ErrorCode};
pub use issuer_url::{IssuerUrl, UrlError};
pub use metadata::{AuthorizationMetadata, IssuerMetadata, AUTHORIZATION_METADATA, ISSUER_METADATA};
pub use offer::{CredentialOffer, InputMode, OfferLink, TxCodeHint, MAX_OFFER_URI, OFFER_SCHEME};
pub use text::{AccessToken, Code, Label, Nonce, NotificationId, TransactionId, TxCode, MAX_LABEL};
pub use token::{NonceResponse, TokenRequest, TokenResponse, PRE_AUTHORIZED_CODE};

/// Longest message that is read, in bytes. A credential request is the longest: its proof has some thousands.
pub const MAX_MESSAGE: usize = 32 * 1_024;

/// A message that is not what it should be. Nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Longer than the bound.
    #[error("the {what} is longer than {limit} bytes")]
    TooLong {
        /// What was expected.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// Not what was expected.
    #[error("not a {0} as OpenID4VCI 1.0 has it")]
    Malformed(&'static str),
    /// No link to an offer.
    #[error("not a link to a credential offer; one begins with openid-credential-offer:// and has the offer or its address")]
    NoOffer,
    /// An offer of other things.
    #[error("the offer cannot be taken: it offers no Ofage attestation by a code")]
    OtherOffer,
    /// Metadata of another service.
    #[error("the service's metadata is that of another one; do not go on with it")]
    OtherIssuer,
    /// An endpoint elsewhere.
    #[error("the {0} endpoint of the service is at another place than the service; do not go on with it")]
    ForeignEndpoint(&'static str),
    /// The service does not issue attestations.
    #[error("the service issues no Ofage attestations that this wallet understands")]
    NoConfiguration,
}

fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, MessageError> {
    if bytes.len() > MAX_MESSAGE {
        return Err(MessageError::TooLong {
            what,
            limit: MAX_MESSAGE,
        });
    }
    serde_json::from_slice(bytes).map_err(|_| MessageError::Malformed(what))
}

#[cfg(test)]
mod tests;
