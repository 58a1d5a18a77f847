//! What an SD-JWT discloses (RFC 9901, section 7.1).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::PLAIN;
use crate::{
    jws::{self, Object},
    keys::sha256,
    Refusal,
};

/// Most disclosures of a presentation.
const MAX_DISCLOSURES: usize = 256;
/// Deepest nesting, disclosures in disclosures included.
const MAX_DEPTH: usize = 16;
/// Where the digests of an object's hidden members stand.
const DIGESTS: &str = "_sd";
/// The one member of an object that stands for a hidden element of an array.
const ELEMENT: &str = "...";
/// Which digests they are.
const ALGORITHM: &str = "_sd_alg";

/// A hidden member, or a hidden element, which has no name.
struct Disclosure {
    name: Option<String>,
    value: Value,
}

/// The claims of a token with all that is disclosed in its place.
///
/// # Errors
/// [`Refusal::Tampered`] if something is disclosed that the token does not commit to, or twice.
pub(super) fn disclosed<'a>(
    payload: &Object,
    disclosures: impl Iterator<Item = &'a str>,
) -> Result<Object, Refusal> {
    match payload.get(ALGORITHM).map(Value::as_str) {
        None | Some(Some("sha-256")) => {}
        _ => return Err(Refusal::Algorithm),
    }
    let mut hidden = BTreeMap::new();
    for text in disclosures {
        let digest = jws::text(&sha256(text.as_bytes()));
        if hidden.len() == MAX_DISCLOSURES {
            return Err(Refusal::Malformed);
        }
        if hidden.insert(digest, read(text)?).is_some() {
            return Err(Refusal::Tampered);
        }
    }
    let mut open = Opening {
        hidden,
        seen: BTreeSet::new(),
    };
    let claims = open.object(payload, 0)?;
    // What is left has its place nowhere.
    if !open.hidden.is_empty() {
        return Err(Refusal::Tampered);
    }
    let moved = |name: &str| claims.get(name) != payload.get(name);
    if PLAIN.into_iter().any(moved) {
        return Err(Refusal::Tampered);
    }
    Ok(claims)
}

fn read(text: &str) -> Result<Disclosure, Refusal> {
    let bytes = jws::bytes(text).ok_or(Refusal::Malformed)?;
    let parts: Vec<Value> = serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)?;
    let (name, value) = match <[Value; 3]>::try_from(parts) {
        Ok([Value::String(_), Value::String(name), value]) => (Some(name), value),
        Ok(_) => return Err(Refusal::Malformed),
        Err(parts) => match <[Value; 2]>::try_from(parts) {
            Ok([Value::String(_), value]) => (None, value),
            _ => return Err(Refusal::Malformed),
        },
    };
    if name
        .as_deref()
        .is_some_and(|name| [DIGESTS, ELEMENT].contains(&name))
    {
        return Err(Refusal::Malformed);
    }
    Ok(Disclosure { name, value })
}

struct Opening {
    /// Disclosures that have not found their place.
    hidden: BTreeMap<String, Disclosure>,
    /// Digests that were met: none stands twice, whether it is disclosed or not.
    seen: BTreeSet<String>,
}

impl Opening {
    fn take(&mut self, digest: &Value) -> Result<Option<Disclosure>, Refusal> {
        let digest = digest.as_str().ok_or(Refusal::Malformed)?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(Refusal::Tampered);
        }
        Ok(self.hidden.remove(digest))
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<Value, Refusal> {
        if depth > MAX_DEPTH {
            return Err(Refusal::Malformed);
        }
        match value {
            Value::Object(object) => self.object(object, depth).map(Value::Object),
            Value::Array(array) => self.array(array, depth).map(Value::Array),
            other => Ok(other.clone()),
        }
    }

    fn object(&mut self, object: &Object, depth: usize) -> Result<Object, Refusal> {
        let mut open = Object::new();
        for (name, value) in object {
            match &**name {
                DIGESTS => {}
                ALGORITHM if depth == 0 => {}
                ELEMENT => return Err(Refusal::Malformed),
                _ => {
                    open.insert(name.clone(), self.value(value, depth + 1)?);
                }
            }
        }
        let Some(digests) = object.get(DIGESTS) else {
            return Ok(open);
        };
        for digest in digests.as_array().ok_or(Refusal::Malformed)? {
            let Some(disclosure) = self.take(digest)? else {
                continue;
            };
            let name = disclosure.name.ok_or(Refusal::Tampered)?;
            let value = self.value(&disclosure.value, depth + 1)?;
            // It may not take the place of a member that is there, hidden or not.
            if object.contains_key(&name) || open.insert(name, value).is_some() {
                return Err(Refusal::Tampered);
            }
        }
        Ok(open)
    }

    fn array(&mut self, array: &[Value], depth: usize) -> Result<Vec<Value>, Refusal> {
        let mut open = Vec::with_capacity(array.len());
        for element in array {
            let Some(digest) = element.get(ELEMENT) else {
                open.push(self.value(element, depth + 1)?);
                continue;
            };
            if element.as_object().is_some_and(|object| object.len() != 1) {
                return Err(Refusal::Malformed);
            }
            let Some(disclosure) = self.take(digest)? else {
                continue;
            };
            if disclosure.name.is_some() {
                return Err(Refusal::Tampered);
            }
            open.push(self.value(&disclosure.value, depth + 1)?);
        }
        Ok(open)
    }
}
