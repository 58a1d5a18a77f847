//! The issuer's own program, as it speaks to the service on its machine.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{to_bytes, Body},
    http::{header, Method, Request, StatusCode},
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use tokio::{net::TcpStream, time::timeout};
use zeroize::Zeroizing;

use super::{MadePage, WantedPage};

/// Longest wait for an answer: longer than the service takes for any.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longest answer that is read.
const MAX_ANSWER: usize = 4 << 20;

/// The service could not be asked, or said no.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// Nobody listens there, or not in time.
    #[error("the issuance service does not answer on {0}; is it running, and is this its --admin address?")]
    NoAnswer(SocketAddr),
    /// An address of another machine, to which a token must not go unencrypted.
    #[error("{0} is not on this machine; the service's --admin address is")]
    Remote(SocketAddr),
    /// The token cannot stand in a request.
    #[error("the token file holds no token")]
    Token,
    /// It says no.
    #[error("the issuance service says no: {0}")]
    Refused(String),
    /// It says something else.
    #[error("the answer is not one of an issuance service; is this its --admin address?")]
    Malformed,
}

/// A way to the service.
pub struct AdminClient {
    address: SocketAddr,
    token: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

impl AdminClient {
    /// Knows the service by its admin address and token.
    ///
    /// # Errors
    /// [`AdminError::Remote`].
    pub fn new(address: SocketAddr, token: Zeroizing<String>) -> Result<Self, AdminError> {
        match address.ip().is_loopback() {
            true => Ok(Self { address, token }),
            false => Err(AdminError::Remote(address)),
        }
    }

    /// Asks for offers.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn offers(&self, page: &WantedPage) -> Result<MadePage, AdminError> {
        self.ask(Method::POST, "/v1/offers", Some(page)).await
    }

    /// Asks for something.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn ask<B: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, AdminError> {
        let asked = timeout(PATIENCE, self.send(method, path, body)).await;
        asked.map_err(|_| AdminError::NoAnswer(self.address))?
    }

    async fn send<B: Serialize, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<A, AdminError> {
        let no_answer = || AdminError::NoAnswer(self.address);
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(|_| AdminError::Malformed)?,
            None => Vec::new(),
        };
        let bearer = Zeroizing::new(format!("Bearer {}", *self.token));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, bearer.as_str())
            .body(Body::from(body))
            .map_err(|_| AdminError::Token)?;
        let stream = TcpStream::connect(self.address).await.map_err(|_| no_answer())?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| no_answer())?;
        let running = tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(|_| no_answer())?;
        let (head, body) = response.into_parts();
        let bytes = to_bytes(Body::new(body), MAX_ANSWER)
            .await
            .map_err(|_| AdminError::Malformed)?;
        running.abort();
        if !head.status.is_success() {
            return Err(match serde_json::from_slice::<Refusal>(&bytes) {
                Ok(refusal) => AdminError::Refused(refusal.error.message),
                Err(_) => AdminError::Malformed,
            });
        }
        let nothing = head.status == StatusCode::NO_CONTENT;
        let bytes = if nothing { &b"null"[..] } else { &bytes[..] };
        serde_json::from_slice(bytes).map_err(|_| AdminError::Malformed)
    }
}
