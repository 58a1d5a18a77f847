//! Why the service says no (RFC 6749 section 5.2, RFC 6750 section 3.1, OpenID4VCI 1.0 sections 6.3, 8.3.1, 9.3, 11.3).

use serde::{Deserialize, Serialize};

use super::{read, MessageError};

/// Longest description that is kept, in bytes.
const MAX_DESCRIPTION: usize = 300;

/// A registered reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// A parameter is missing, stands twice, or is none.
    InvalidRequest,
    /// The code is wrong, used up or too old, or the transaction code is wrong.
    InvalidGrant,
    /// The client is not known.
    InvalidClient,
    /// Another way to a token.
    UnsupportedGrantType,
    /// The access token is wrong or too old.
    InvalidToken,
    /// A credential request that is none.
    InvalidCredentialRequest,
    /// Another credential than those on offer.
    UnknownCredentialConfiguration,
    /// A credential that cannot be named so.
    UnknownCredentialIdentifier,
    /// The proof is wrong.
    InvalidProof,
    /// The nonce is wrong, used up or too old; fetch another.
    InvalidNonce,
    /// Encryption is asked for, or missing.
    InvalidEncryptionParameters,
    /// No, and asking again does not help.
    CredentialRequestDenied,
    /// The transaction is not known, or its credential was handed out.
    InvalidTransactionId,
    /// The notification is about no credential.
    InvalidNotificationId,
    /// A notification that is none.
    InvalidNotificationRequest,
    /// Too many requests; wait.
    SlowDown,
    /// The service cannot do it now.
    TemporarilyUnavailable,
    /// The service is at fault.
    ServerError,
    /// A reason that is not known here.
    #[serde(other)]
    Other,
}

impl ErrorCode {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidClient => "invalid_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidToken => "invalid_token",
            Self::InvalidCredentialRequest => "invalid_credential_request",
            Self::UnknownCredentialConfiguration => "unknown_credential_configuration",
            Self::UnknownCredentialIdentifier => "unknown_credential_identifier",
            Self::InvalidProof => "invalid_proof",
            Self::InvalidNonce => "invalid_nonce",
            Self::InvalidEncryptionParameters => "invalid_encryption_parameters",
            Self::CredentialRequestDenied => "credential_request_denied",
            Self::InvalidTransactionId => "invalid_transaction_id",
            Self::InvalidNotificationId => "invalid_notification_id",
            Self::InvalidNotificationRequest => "invalid_notification_request",
            Self::SlowDown => "slow_down",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
            Self::Other => "other",
        }
    }
}

impl ErrorCode {
    /// Whether asking again for the same credential cannot help.
    pub const fn is_final(self) -> bool {
        !matches!(
            self,
            Self::InvalidNonce
                | Self::SlowDown
                | Self::TemporarilyUnavailable
                | Self::ServerError
                | Self::Other
        )
    }
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Why.
    pub error: ErrorCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
}

impl ErrorBody {
    /// An answer. The description is for developers, and goes without what the standard does not let it have.
    pub fn new(error: ErrorCode, description: &str) -> Self {
        Self {
            error,
            error_description: Some(plain(description)),
        }
    }

    /// Reads an answer. Its description is safe to print.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut body: Self = read("error", bytes)?;
        body.error_description = body.error_description.as_deref().map(plain);
        Ok(body)
    }

    /// What the service says about it.
    pub fn description(&self) -> &str {
        self.error_description.as_deref().unwrap_or_default()
    }
}

/// Only characters that the standard lets a description have: `%x20-21 / %x23-5B / %x5D-7E`.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| (' '..='~').contains(c) && *c != '"' && *c != '\\')
        .take(MAX_DESCRIPTION)
        .collect()
}
