//! Answers and faults as JSON.

use axum::{
    http::{header, StatusCode},
    response::{IntoResponse, Response},
};
use ofage_light::live::LiveError;
use serde::Serialize;
use serde_json::json;

/// A document.
pub(super) struct Document<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Document<T> {
    fn into_response(self) -> Response {
        let Ok(text) = serde_json::to_string(&self.0) else {
            return Fault::INTERNAL.into_response();
        };
        // What is true of the newest final block is not true for long.
        let headers = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, text).into_response()
    }
}

/// Why there is no answer. Its code never changes.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Age of the newest final block, if it is the reason.
    pub(super) age: Option<u64>,
}

impl Fault {
    const INTERNAL: Self = Self {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "internal",
        message: String::new(),
        age: None,
    };

    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            age: None,
        }
    }

    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }
}

impl From<LiveError> for Fault {
    fn from(error: LiveError) -> Self {
        let message = error.to_string();
        match error {
            LiveError::Forgotten(_) => Self::new(StatusCode::NOT_FOUND, "unknown-block", message),
            LiveError::NotFinal { .. } => Self::new(StatusCode::NOT_FOUND, "not-final", message),
            LiveError::Busy => Self::unavailable("busy", message),
            _ => Self::unavailable("network", message),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut document = json!({ "error": { "code": self.code, "message": self.message } });
        if let Some(age) = self.age {
            document["age_seconds"] = age.into();
        }
        (self.status, Document(document)).into_response()
    }
}
