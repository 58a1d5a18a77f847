//! Raw requests to a node: JSON-RPC over HTTP with nothing between the test and the wire.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{bail, Context, Result};
use serde_json::{json, Value};

const LIMIT: Duration = Duration::from_secs(60);
/// Wait for the answer to a request that the node did not read to its end.
const AFTER_CUT: Duration = Duration::from_secs(2);

/// The error object of a JSON-RPC answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the node refused ({code}): {message} {data}")]
pub struct Refusal {
    /// The number of the error.
    pub code: i64,
    /// What it is called.
    pub message: String,
    /// What is said beside it, or `null`.
    pub data: Value,
}

/// Calls `method`; an error object is the `Err` inside.
pub fn call(port: u16, method: &str, params: Value) -> Result<Result<Value, Refusal>> {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let (status, body) = post(port, request.to_string().as_bytes())?;
    if status != 200 {
        bail!("{method} was answered with HTTP status {status}");
    }
    let mut answer: Value = serde_json::from_slice(&body).context("the answer is not JSON")?;
    match answer.get_mut("error").map(Value::take) {
        Some(error) => Ok(Err(Refusal {
            code: error["code"].as_i64().unwrap_or_default(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            data: error["data"].clone(),
        })),
        None => Ok(Ok(answer["result"].take())),
    }
}

/// Posts any bytes, and gives the HTTP status and the body.
pub fn post(port: u16, body: &[u8]) -> Result<(u16, Vec<u8>)> {
    http(port, "POST", "/", body)
}

/// Sends an HTTP request with any bytes, and gives the status and the body of the answer.
pub fn http(port: u16, method: &str, path: &str, body: &[u8]) -> Result<(u16, Vec<u8>)> {
    http_with(port, method, path, &[("Content-Type", "application/json")], body)
}

/// The same with other headers.
pub fn http_with(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<(u16, Vec<u8>)> {
    let mut stream =
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("nothing takes the connection")?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    // A server may answer and close before it has read a body that it does not want.
    let sent = stream.write_all(body);
    if sent.is_err() {
        // Then there is an answer at once, or none.
        stream.set_read_timeout(Some(AFTER_CUT))?;
    }
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        sent.context("the request was cut off")?;
        read.context("the answer was cut off")?;
        bail!("the connection was closed without an answer");
    };
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("no HTTP status")?;
    let start = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map_or(answer.len(), |at| at + 4);
    Ok((status, answer.split_off(start)))
}
