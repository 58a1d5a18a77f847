//! Answers and refusals of the public routes.

use axum::{
    http::{header, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use ofage_sdk::{
    issuance::messages::{CredentialResponse, ErrorBody, ErrorCode},
    random::NoRandomness,
};
use serde::Serialize;

use super::{registry::RegistryError, store::StoreError};

/// Headers of every answer with a body: what is in it is for one wallet, and once.
const PRIVATE: [(HeaderName, &str); 2] = [
    (header::CONTENT_TYPE, "application/json"),
    (header::CACHE_CONTROL, "no-store"),
];

/// A document that may be kept from caches only.
pub(super) struct Private<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Private<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(text) => (PRIVATE, text).into_response(),
            Err(_) => Fault::server("an answer could not be written").into_response(),
        }
    }
}

/// A credential, or its transaction.
pub(super) struct Answer(pub(super) CredentialResponse);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = match self.0 {
            CredentialResponse::Issued { .. } => StatusCode::OK,
            CredentialResponse::Deferred { .. } => StatusCode::ACCEPTED,
        };
        (status, PRIVATE, self.0.to_json()).into_response()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) code: ErrorCode,
    description: &'static str,
    /// Seconds to wait.
    retry_after: Option<u64>,
}

impl Fault {
    pub(super) const fn new(status: StatusCode, code: ErrorCode, description: &'static str) -> Self {
        Self {
            status,
            code,
            description,
            retry_after: None,
        }
    }

    /// The request is at fault.
    pub(super) const fn bad(code: ErrorCode, description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, description)
    }

    /// No token, or one that does not count.
    pub(super) const fn token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::InvalidToken,
            "the access token is missing, wrong or too old; ask the issuer for a new offer",
        )
    }

    pub(super) const fn slow_down(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                ErrorCode::SlowDown,
                "too many requests; wait as long as Retry-After says",
            )
        }
    }

    pub(super) const fn unavailable(description: &'static str) -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::TemporarilyUnavailable,
                description,
            )
        }
    }

    pub(super) const fn server(description: &'static str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::ServerError,
            description,
        )
    }
}

/// What went wrong is for the operator, whom the log tells; a stranger learns that it did.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        log::error!("issuance: {error}");
        Self::unavailable("the service cannot remember anything now; ask again")
    }
}

impl From<RegistryError> for Fault {
    fn from(error: RegistryError) -> Self {
        log::error!("issuance: {error}");
        Self::unavailable("the service cannot reach its register now; ask again")
    }
}

impl From<NoRandomness> for Fault {
    fn from(error: NoRandomness) -> Self {
        log::error!("issuance: {error}");
        Self::unavailable("the service has no randomness now; ask again")
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let body = Private(ErrorBody::new(self.code, self.description));
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
