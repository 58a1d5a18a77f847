//! Headers and messages for tests.

use codec::{Compact, Encode};
use ofage_primitives::chain::ENGINE_ID;
use serde_json::{json, Value};
use smoldot::header::hash_from_scale_encoded_header;

use super::rpc;

/// A header of this chain's form; `salt` tells those of one height apart.
pub(super) fn header(number: u32, salt: u8) -> Vec<u8> {
    let slot = (6u8, *b"BABE", (2u8, 0u32, u64::from(number)).encode()).encode();
    let root = (4u8, ENGINE_ID, (1u8, [0u8; 32]).encode()).encode();
    header_with(number, salt, &[slot, root])
}

pub(super) fn header_with(number: u32, salt: u8, logs: &[Vec<u8>]) -> Vec<u8> {
    let mut header = (
        [salt; 32],
        Compact(number),
        [2u8; 32],
        [3u8; 32],
        Compact(logs.len() as u32),
    )
        .encode();
    header.extend(logs.concat());
    header
}

pub(super) fn hash(header: &[u8]) -> [u8; 32] {
    hash_from_scale_encoded_header(header)
}

pub(super) fn answer(id: u64, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

pub(super) fn refusal(id: u64, message: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32_000, "message": message } }).to_string()
}

pub(super) fn event(subscription: &str, result: &Value) -> String {
    json!({
        "jsonrpc": "2.0",
        "method": "chainHead_v1_followEvent",
        "params": { "subscription": subscription, "result": result },
    })
    .to_string()
}

pub(super) fn initialized(subscription: &str, headers: &[Vec<u8>]) -> String {
    let event_of = json!({ "event": "initialized", "finalizedBlockHashes": hashes(headers) });
    event(subscription, &event_of)
}

pub(super) fn finalized(subscription: &str, headers: &[Vec<u8>], pruned: &[Vec<u8>]) -> String {
    let event_of = json!({
        "event": "finalized",
        "finalizedBlockHashes": hashes(headers),
        "prunedBlockHashes": hashes(pruned),
    });
    event(subscription, &event_of)
}

fn hashes(headers: &[Vec<u8>]) -> Vec<String> {
    headers.iter().map(|header| rpc::hex(&hash(header))).collect()
}
