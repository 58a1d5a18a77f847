//! Compact JSON web signatures (RFC 7515), as far as SD-JWT and status lists need them.

use base64::{
    engine::{general_purpose::URL_SAFE_NO_PAD, Engine},
    DecodeError,
};
use serde_json::{Map, Value};

use crate::{
    keys::{Curve, PublicKey},
    Refusal,
};

/// Strict base64url without padding.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let decoded: Result<_, DecodeError> = URL_SAFE_NO_PAD.decode(text);
    decoded.ok()
}

/// Base64url without padding.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An object of JSON.
pub(crate) type Object = Map<String, Value>;

/// A signed object, its signature not yet checked.
pub(crate) struct Jws<'a> {
    pub(crate) header: Object,
    pub(crate) payload: Object,
    curve: Curve,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes it apart.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]; [`Refusal::Algorithm`] for other signatures, `none` among them, and for headers that must be
    /// understood.
    pub(crate) fn parse(compact: &'a str) -> Result<Self, Refusal> {
        let (signed, signature) = compact.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let header = object(header)?;
        if header.contains_key("crit") {
            return Err(Refusal::Algorithm);
        }
        let alg = header.get("alg").and_then(Value::as_str);
        let curve = alg.and_then(Curve::of_jose).ok_or(Refusal::Algorithm)?;
        Ok(Self {
            payload: object(payload)?,
            signature: bytes(signature).ok_or(Refusal::Malformed)?,
            header,
            curve,
            signed,
        })
    }

    /// Whether the key signed it.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verifies(self.curve, self.signed.as_bytes(), &self.signature)
    }

    /// The header's `typ`; empty if there is none.
    pub(crate) fn typ(&self) -> &str {
        self.header.get("typ").and_then(Value::as_str).unwrap_or_default()
    }

    /// The certificates of the header, the signer's first: DER in base64 (RFC 7515, 4.1.6).
    pub(crate) fn certificates(&self) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
        use base64::engine::general_purpose::STANDARD;
        let Some(chain) = self.header.get("x5c") else {
            return Ok(None);
        };
        let chain = chain.as_array().ok_or(Refusal::Malformed)?;
        let der = |one: &Value| {
            let text = one.as_str()?;
            STANDARD.decode(text).ok()
        };
        let chain = chain.iter().map(|one| der(one).ok_or(Refusal::Malformed));
        chain.collect::<Result<_, _>>().map(Some)
    }
}

fn object(part: &str) -> Result<Object, Refusal> {
    let bytes = bytes(part).ok_or(Refusal::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)
}

/// A number of seconds, if there is one.
///
/// # Errors
/// [`Refusal::Malformed`] if there is something else: a claim that cannot be read is not one that is absent.
pub(crate) fn seconds(object: &Object, name: &str) -> Result<Option<u64>, Refusal> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    // RFC 7519 allows fractions.
    let whole = value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        // From here on every number is whole, and no date.
        (0.0..9_007_199_254_740_992.0)
            .contains(&number)
            .then_some(number as u64)
    });
    whole.map(Some).ok_or(Refusal::Malformed)
}

/// A text, if there is one.
///
/// # Errors
/// [`Refusal::Malformed`] if there is something else.
pub(crate) fn string<'a>(object: &'a Object, name: &str) -> Result<Option<&'a str>, Refusal> {
    match object.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(Refusal::Malformed),
    }
}
