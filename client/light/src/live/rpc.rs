//! The few messages of JSON-RPC that are exchanged with the light client inside. Whatever comes back is bounded and
//! checked in form; an answer that is not understood is none.

use codec::{Compact, Encode};
use serde_json::{json, Value};

/// Longest message that is looked at, in bytes.
pub(super) const MAX_MESSAGE: usize = 16 << 20;
/// Most blocks that one event may name; more are taken for an attack on memory.
pub(super) const MAX_BLOCKS: usize = 4_096;
/// Longest name of a subscription, in bytes.
const MAX_SUBSCRIPTION: usize = 128;
/// Characters of a refusal that are passed on.
const MAX_REFUSAL: usize = 200;

/// One message.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// The answer to a request: its result, or why there is none.
    Answer(u64, Result<Value, String>),
    /// News of the chain, for a subscription.
    Event(String, Event),
}

/// News of the chain.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The newest final blocks, oldest first.
    Initialized(Vec<[u8; 32]>),
    /// More final blocks, oldest first, and those that can be none any more.
    Finalized {
        /// Now final.
        finalized: Vec<[u8; 32]>,
        /// Not on the final chain.
        pruned: Vec<[u8; 32]>,
    },
    /// There will be no more.
    Stop,
    /// Of no concern here.
    Other,
    /// Not as the specification has it.
    Strange,
}

/// A request.
pub(super) fn request(id: u64, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

/// Reads a message; `None` if it is none that is understood.
pub(super) fn hear(text: &str) -> Option<Heard> {
    if text.len() > MAX_MESSAGE {
        return None;
    }
    let mut message: Value = serde_json::from_str(text).ok()?;
    if let Some(id) = message.get("id") {
        let id = id.as_u64()?;
        let result = match message.get("error") {
            Some(error) => Err(refusal(error)),
            None => Ok(message.get_mut("result")?.take()),
        };
        return Some(Heard::Answer(id, result));
    }
    let params = message.get("params")?;
    let subscription = params.get("subscription")?.as_str()?;
    if subscription.len() > MAX_SUBSCRIPTION {
        return None;
    }
    Some(Heard::Event(
        subscription.to_owned(),
        event(params.get("result")?),
    ))
}

fn event(result: &Value) -> Event {
    let read = || match result.get("event")?.as_str()? {
        "initialized" => {
            let blocks = hashes(result.get("finalizedBlockHashes")?)?;
            (!blocks.is_empty()).then_some(Event::Initialized(blocks))
        }
        "finalized" => Some(Event::Finalized {
            finalized: hashes(result.get("finalizedBlockHashes")?)?,
            pruned: hashes(result.get("prunedBlockHashes")?)?,
        }),
        "stop" => Some(Event::Stop),
        _ => Some(Event::Other),
    };
    read().unwrap_or(Event::Strange)
}

fn hashes(list: &Value) -> Option<Vec<[u8; 32]>> {
    let list = list.as_array().filter(|list| list.len() <= MAX_BLOCKS)?;
    list.iter().map(hash).collect()
}

/// Why a request was refused: the first printable characters of it.
fn refusal(error: &Value) -> String {
    let message = error
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or("no reason given");
    printable(message)
}

/// The first characters of a text, for an error.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_REFUSAL)
        .collect()
}

/// The name of a subscription.
pub(super) fn subscription(result: &Value) -> Option<String> {
    result
        .as_str()
        .filter(|name| name.len() <= MAX_SUBSCRIPTION)
        .map(ToOwned::to_owned)
}

/// A hash, in hex.
pub(super) fn hash(value: &Value) -> Option<[u8; 32]> {
    bytes(value)?.try_into().ok()
}

/// Bytes, in hex.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    hex::decode(value.as_str()?.strip_prefix("0x")?).ok()
}

/// The values of just these keys, in their order.
pub(super) fn values(answer: &Value, keys: &[String]) -> Option<Vec<Option<Vec<u8>>>> {
    let [set] = answer.as_array()?.as_slice() else {
        return None;
    };
    let changes = set.get("changes")?.as_array()?;
    if changes.len() != keys.len() {
        return None;
    }
    let value = |key: &String| {
        let change = changes
            .iter()
            .find(|change| change.get(0) == Some(&Value::from(key.as_str())))?;
        match change.get(1)? {
            Value::Null => Some(None),
            value => Some(Some(bytes(value)?)),
        }
    };
    keys.iter().map(value).collect()
}

/// The SCALE encoding of a header that is spelled out. The caller has to compare its hash.
pub(super) fn header(answer: &Value) -> Option<Vec<u8>> {
    let number = answer.get("number")?.as_str()?.strip_prefix("0x")?;
    let number = u32::from_str_radix(number, 16).ok()?;
    let logs = answer.get("digest")?.get("logs")?.as_array()?;
    let mut header = hash(answer.get("parentHash")?)?.to_vec();
    Compact(number).encode_to(&mut header);
    header.extend(hash(answer.get("stateRoot")?)?);
    header.extend(hash(answer.get("extrinsicsRoot")?)?);
    Compact(u32::try_from(logs.len()).ok()?).encode_to(&mut header);
    for log in logs {
        header.extend(bytes(log)?);
    }
    Some(header)
}

/// Bytes as hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

    fn follow_event(result: &Value) -> Option<Heard> {
        hear(
            &json!({ "jsonrpc": "2.0", "method": "chainHead_v1_followEvent",
                     "params": { "subscription": "s", "result": result } })
            .to_string(),
        )
    }

    fn of(event: Event) -> Option<Heard> {
        Some(Heard::Event("s".to_owned(), event))
    }

    #[test]
    fn answers_are_read_with_their_number() {
        assert_eq!(
            hear(r#"{"jsonrpc":"2.0","id":7,"result":null}"#),
            Some(Heard::Answer(7, Ok(Value::Null)))
        );
        assert_eq!(
            hear(r#"{"jsonrpc":"2.0","id":7,"error":{"code":-1,"message":"no\n\u0007 such block"}}"#),
            Some(Heard::Answer(7, Err("no such block".to_owned())))
        );
    }

    #[test]
    fn events_are_read_with_their_blocks() {
        assert_eq!(
            follow_event(&json!({ "event": "initialized", "finalizedBlockHashes": [HASH] })),
            of(Event::Initialized(vec![[1; 32]]))
        );
        let finalized =
            json!({ "event": "finalized", "finalizedBlockHashes": [HASH, HASH], "prunedBlockHashes": [] });
        assert_eq!(
            follow_event(&finalized),
            of(Event::Finalized {
                finalized: vec![[1; 32]; 2],
                pruned: vec![]
            })
        );
        assert_eq!(follow_event(&json!({ "event": "stop" })), of(Event::Stop));
        assert_eq!(
            follow_event(&json!({ "event": "newBlock", "blockHash": HASH })),
            of(Event::Other)
        );
    }

    #[test]
    fn events_of_another_form_are_strange() {
        for strange in [
            json!({}),
            json!([]),
            json!({ "event": 1 }),
            json!({ "event": "initialized" }),
            json!({ "event": "initialized", "finalizedBlockHashes": [] }),
            json!({ "event": "initialized", "finalizedBlockHashes": HASH }),
            json!({ "event": "initialized", "finalizedBlockHashes": ["0x01"] }),
            json!({ "event": "initialized", "finalizedBlockHashes": [&HASH[2..]] }),
            json!({ "event": "initialized", "finalizedBlockHashes": vec![HASH; MAX_BLOCKS + 1] }),
            json!({ "event": "finalized", "finalizedBlockHashes": [HASH] }),
            json!({ "event": "finalized", "finalizedBlockHashes": [null], "prunedBlockHashes": [] }),
        ] {
            assert_eq!(follow_event(&strange), of(Event::Strange), "{strange}");
        }
    }

    #[test]
    fn hostile_messages_are_none() {
        for hostile in [
            "",
            "{",
            "null",
            "[]",
            "\"id\"",
            "{\"id\":1}",
            r#"{"id":-1,"result":1}"#,
            r#"{"id":"1","result":1}"#,
            r#"{"id":null,"result":1}"#,
            r#"{"id":18446744073709551616,"result":1}"#,
            r#"{"params":{"subscription":1,"result":{"event":"stop"}}}"#,
            r#"{"params":{"result":{"event":"stop"}}}"#,
            r#"{"params":{"subscription":"s"}}"#,
        ] {
            assert_eq!(hear(hostile), None, "{hostile}");
        }
        assert_eq!(hear(&"[".repeat(1 << 20)), None);
        let long_name =
            json!({ "params": { "subscription": "s".repeat(MAX_SUBSCRIPTION + 1), "result": {} } });
        assert_eq!(hear(&long_name.to_string()), None);
        let too_long = format!(r#"{{"id":1,"result":"{}"}}"#, "0".repeat(MAX_MESSAGE));
        assert_eq!(hear(&too_long), None);
    }

    #[test]
    fn a_refusal_is_short() {
        let Some(Heard::Answer(1, Err(text))) =
            hear(&json!({ "id": 1, "error": { "message": "é".repeat(10_000) } }).to_string())
        else {
            panic!("an answer");
        };
        assert_eq!(text.chars().count(), MAX_REFUSAL);
    }
}
