//! Asking a service that nobody vouches for.
//!
//! An address may come from a QR code that anybody printed. So: HTTPS only, but on this machine; no redirects; no way into the
//! network that this machine stands in; an answer is read up to a bound, and waited for up to a time.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use reqwest::{header, redirect, Client, Method, Url};
use zeroize::Zeroizing;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// A service that gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Neither encrypted nor on this machine.
    #[error("the address is neither https nor on this machine; do not go on with it")]
    Unencrypted,
    /// It leads into the network that this machine stands in.
    #[error("{0} is a machine of a private network, where an address from outside must not lead; if it is yours, ask it from there")]
    Private(String),
    /// No such name.
    #[error("there is no machine with the name {0}; check the address and the network")]
    NoSuchName(String),
    /// No answer.
    #[error("{host} does not answer ({reason}); try again later")]
    NoAnswer {
        /// Whom.
        host: String,
        /// Why.
        reason: &'static str,
    },
    /// An answer that goes on and on.
    #[error("{host} sends more than {limit} bytes; do not go on with it")]
    TooLong {
        /// Who.
        host: String,
        /// The bound.
        limit: usize,
    },
    /// It wants to be asked elsewhere.
    #[error("{0} leads to another address, which is not followed; ask for the right one")]
    Redirect(String),
}

/// What to send. No `Debug`: it may hold a token.
pub enum Message<'a> {
    /// Nothing: the document at the address is wanted.
    Get,
    /// A form.
    Form(&'a str),
    /// JSON.
    Json(&'a str),
}

/// An answer. No `Debug`: it may hold a credential.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// In how many seconds to ask again, if it says so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

/// Asks an address, and reads at most `limit` bytes of the answer.
///
/// # Errors
/// [`HttpError`]; an answer that says no is an answer.
pub async fn ask(
    url: &Url,
    message: Message<'_>,
    bearer: Option<&str>,
    limit: usize,
) -> Result<Answer, HttpError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let no_answer = |error: reqwest::Error| HttpError::NoAnswer {
        host: host.clone(),
        reason: reason(&error),
    };
    let addresses = addresses(url, &host).await?;
    // Rustls asks for the process's provider when it is not told; another one that is there is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .timeout(PATIENCE)
        .connect_timeout(CONNECT)
        // The addresses that were looked at, and no others.
        .resolve_to_addrs(&host, &addresses)
        .build()
        .map_err(no_answer)?;
    let (method, body) = match message {
        Message::Get => (Method::GET, None),
        Message::Form(body) => (Method::POST, Some(("application/x-www-form-urlencoded", body))),
        Message::Json(body) => (Method::POST, Some(("application/json", body))),
    };
    let mut request = client
        .request(method, url.clone())
        .header(header::ACCEPT, "application/json");
    if let Some((kind, body)) = body {
        request = request.header(header::CONTENT_TYPE, kind).body(body.to_owned());
    }
    if let Some(token) = bearer {
        request = request.bearer_auth(token);
    }
    let mut response = request.send().await.map_err(no_answer)?;
    if response.status().is_redirection() {
        return Err(HttpError::Redirect(host));
    }
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
    let status = response.status().as_u16();
    let mut read = Zeroizing::new(Vec::new());
    while let Some(piece) = response.chunk().await.map_err(no_answer)? {
        if read.len() + piece.len() > limit {
            return Err(HttpError::TooLong { host, limit });
        }
        read.extend_from_slice(&piece);
    }
    Ok(Answer {
        status,
        retry_after,
        body: read,
    })
}

/// Why there is no answer, without the address: it may hold a code.
fn reason(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "not in time",
        error if error.is_connect() => "no connection, or no valid certificate",
        _ => "the connection broke",
    }
}

/// Where a name leads: for one of this machine, here; for others, to public addresses only.
async fn addresses(url: &Url, host: &str) -> Result<Vec<SocketAddr>, HttpError> {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback =
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
        return Err(HttpError::Unencrypted);
    }
    let port = url.port_or_known_default().ok_or(HttpError::Unencrypted)?;
    let found = tokio::net::lookup_host((name, port)).await;
    let found: Vec<SocketAddr> = found
        .map_err(|_| HttpError::NoSuchName(host.to_owned()))?
        .collect();
    let fits = |address: &SocketAddr| match is_loopback {
        true => address.ip().is_loopback(),
        false => is_public(address.ip()),
    };
    match found.first() {
        None => Err(HttpError::NoSuchName(host.to_owned())),
        Some(_) if found.iter().all(fits) => Ok(found),
        Some(_) => Err(HttpError::Private(host.to_owned())),
    }
}

/// Whether an address is one of the internet, and not of this machine or a network around it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            // Shared by providers (RFC 6598), benchmarks (RFC 2544), reserved (RFC 1112).
            let is_special =
                (a == 100 && (64..128).contains(&b)) || (a == 198 && (18..20).contains(&b)) || a >= 240;
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || is_special)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(v4.into()),
            // Global unicast (RFC 4291), without 6to4 and Teredo, in which an IPv4 address hides, and documentation.
            None => {
                let [a, b, ..] = v6.segments();
                (a & 0xe000) == 0x2000 && a != 0x2002 && !(a == 0x2001 && (b == 0 || b == 0xdb8))
            }
        },
    }
}

#[cfg(test)]
mod tests;
