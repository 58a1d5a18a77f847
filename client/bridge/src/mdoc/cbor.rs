//! CBOR, as strictly as ISO 18013-5 wants it.

use ciborium::{de::from_reader_with_recursion_limit, ser::into_writer, Value};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 32;
/// Tag of a byte string that holds CBOR (RFC 8949, 3.4.5.1).
const EMBEDDED: u64 = 24;

/// Writes a value.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    into_writer(value, &mut bytes).expect("memory takes every value; qed");
    bytes
}

/// Reads the one value that the bytes are.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<Value> {
    let value = from_reader_with_recursion_limit(&mut bytes, MAX_DEPTH).ok()?;
    bytes.is_empty().then_some(value)
}

/// The bytes of a value that is embedded as CBOR.
pub(crate) fn embedded(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Tag(EMBEDDED, bytes) => bytes.as_bytes().map(|bytes| &bytes[..]),
        _ => None,
    }
}

/// Embeds bytes of CBOR.
pub(crate) fn embed(bytes: Vec<u8>) -> Value {
    Value::Tag(EMBEDDED, Box::new(Value::Bytes(bytes)))
}

/// A map, none of whose keys stands twice.
pub(crate) struct Fields<'a>(&'a [(Value, Value)]);

impl<'a> Fields<'a> {
    /// Takes a map.
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        let entries = value.as_map()?;
        let twice = |at: usize| entries[..at].iter().any(|(key, _)| *key == entries[at].0);
        // Maps of a credential are small; a large one would make this slow.
        if entries.len() > 256 || (0..entries.len()).any(twice) {
            return None;
        }
        Some(Self(entries))
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.find(&Value::Text(name.to_owned()))
    }

    /// The value of a key.
    pub(crate) fn find(&self, key: &Value) -> Option<&'a Value> {
        self.0.iter().find(|(one, _)| one == key).map(|(_, value)| value)
    }
}
