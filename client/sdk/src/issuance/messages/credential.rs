//! Asking for the credential, at once and later (OpenID4VCI 1.0, sections 8 to 11).

use ofage_primitives::IdentityCommitment;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::{read, ErrorCode, MessageError, Nonce, NotificationId, TransactionId, MAX_MESSAGE};
use crate::{
    credential::Credential,
    issuance::{CONFIGURATION, PROOF_TYPE},
    ownership::{OwnershipProof, PROOF_DIGITS},
};

/// Longest time that a service may have a wallet wait before it asks again, in seconds: a day.
pub const MAX_INTERVAL: u32 = 24 * 60 * 60;

/// A proof of type [`PROOF_TYPE`]: whose it is, and that the sender knows the secret behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The holder, towards this issuer.
    pub identity: IdentityCommitment,
    /// The service's nonce that the proof is for: the proof itself hides it.
    pub nonce: Nonce,
    /// For the service's URL and that nonce.
    pub proof: OwnershipProof,
}

/// A wallet asks for its credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRequest {
    /// One proof.
    pub evidence: Evidence,
    /// Name of the configuration, in the service's metadata.
    configuration: String,
}

impl CredentialRequest {
    /// A request for a configuration of the service's metadata.
    pub fn new(configuration: &str, evidence: Evidence) -> Self {
        Self {
            evidence,
            configuration: configuration.to_owned(),
        }
    }

    /// The body.
    pub fn to_json(&self) -> String {
        let mut proofs = serde_json::Map::new();
        proofs.insert(PROOF_TYPE.to_owned(), json!([self.evidence]));
        json!({ "credential_configuration_id": self.configuration, "proofs": proofs }).to_string()
    }

    /// Reads a request for a service of this project.
    ///
    /// # Errors
    /// What the service answers.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ErrorCode> {
        #[derive(Deserialize)]
        struct Wire {
            #[serde(default)]
            credential_configuration_id: Option<String>,
            #[serde(default)]
            credential_identifier: Option<String>,
            #[serde(default)]
            proofs: Option<serde_json::Map<String, Value>>,
            #[serde(default)]
            credential_response_encryption: Option<Value>,
        }
        let wire: Wire =
            read("credential request", bytes).map_err(|_| ErrorCode::InvalidCredentialRequest)?;
        if wire.credential_identifier.is_some() {
            return Err(ErrorCode::UnknownCredentialIdentifier);
        }
        if wire.credential_response_encryption.is_some() {
            return Err(ErrorCode::InvalidEncryptionParameters);
        }
        let configuration = wire
            .credential_configuration_id
            .ok_or(ErrorCode::InvalidCredentialRequest)?;
        if configuration != CONFIGURATION {
            return Err(ErrorCode::UnknownCredentialConfiguration);
        }
        let mut proofs = wire.proofs.ok_or(ErrorCode::InvalidProof)?;
        let ours = proofs.remove(PROOF_TYPE).filter(|_| proofs.is_empty());
        let evidence: [Evidence; 1] = ours
            .and_then(|value| serde_json::from_value(value).ok())
            .ok_or(ErrorCode::InvalidProof)?;
        let [evidence] = evidence;
        Ok(Self {
            evidence,
            configuration,
        })
    }
}

/// A wallet asks again for a credential that was not ready.
#[derive(Serialize, Deserialize)]
pub struct DeferredRequest {
    /// Which one.
    pub transaction_id: TransactionId,
}

impl DeferredRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// What the service answers.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ErrorCode> {
        #[derive(Deserialize)]
        struct Wire {
            transaction_id: TransactionId,
            #[serde(default)]
            credential_response_encryption: Option<Value>,
        }
        let wire: Wire =
            read("deferred credential request", bytes).map_err(|_| ErrorCode::InvalidCredentialRequest)?;
        if wire.credential_response_encryption.is_some() {
            return Err(ErrorCode::InvalidEncryptionParameters);
        }
        Ok(Self {
            transaction_id: wire.transaction_id,
        })
    }
}

/// What a wallet gets for either request. No `Debug`: it may be the credential.
pub enum CredentialResponse {
    /// The credential.
    Issued {
        /// To be checked by the wallet.
        credential: Box<Credential>,
        /// For [`Notification`], if the service wants one.
        notification: Option<NotificationId>,
    },
    /// Not ready.
    Deferred {
        /// What to ask with.
        transaction: TransactionId,
        /// In how many seconds.
        interval: u32,
    },
}

impl CredentialResponse {
    /// The body; it belongs with status 200 or 202.
    pub fn to_json(&self) -> String {
        let body = match self {
            Self::Issued {
                credential,
                notification,
            } => {
                let mut body = json!({ "credentials": [{ "credential": credential }] });
                if let Some(id) = notification {
                    body["notification_id"] = json!(id);
                }
                body
            }
            Self::Deferred {
                transaction,
                interval,
            } => json!({ "transaction_id": transaction, "interval": interval }),
        };
        body.to_string()
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, MessageError> {
        const WHAT: &str = "credential response";
        #[derive(Deserialize)]
        struct One {
            credential: Credential,
        }
        #[derive(Deserialize)]
        struct Wire {
            #[serde(default)]
            credentials: Option<[One; 1]>,
            #[serde(default)]
            notification_id: Option<NotificationId>,
            #[serde(default)]
            transaction_id: Option<TransactionId>,
            #[serde(default)]
            interval: Option<u32>,
        }
        let wire: Wire = read(WHAT, bytes)?;
        match (wire.credentials, wire.transaction_id, wire.interval) {
            (Some([one]), None, None) => Ok(Self::Issued {
                credential: Box::new(one.credential),
                notification: wire.notification_id,
            }),
            (None, Some(transaction), Some(interval)) if (1..=MAX_INTERVAL).contains(&interval) => {
                Ok(Self::Deferred {
                    transaction,
                    interval,
                })
            }
            _ => Err(MessageError::Malformed(WHAT)),
        }
    }
}

/// What became of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationEvent {
    /// The wallet has it.
    CredentialAccepted,
    /// The wallet could not take it.
    CredentialFailure,
    /// The holder did not want it.
    CredentialDeleted,
}

/// A wallet tells what became of a credential.
#[derive(Serialize, Deserialize)]
pub struct Notification {
    /// Which one.
    pub notification_id: NotificationId,
    /// What.
    pub event: NotificationEvent,
}

impl Notification {
    /// Reads one.
    ///
    /// # Errors
    /// What the service answers.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ErrorCode> {
        read("notification", bytes).map_err(|_| ErrorCode::InvalidNotificationRequest)
    }
}

// A proof's digits, with the rest of a request, are within the bound of a message.
const _: () = assert!(PROOF_DIGITS + 1_024 < MAX_MESSAGE);
