//! Whether a credential was revoked (draft-ietf-oauth-status-list, Token Status List).

use std::io::Read;

use ciborium::Value as Cbor;
use flate2::read::ZlibDecoder;
use serde_json::Value;

use crate::{
    jws::{self, seconds, string, Jws, Object},
    mdoc::cbor::Fields,
    sd_jwt::signed_by,
    trust::Source,
    Moment, Refusal, Trust,
};

/// Most bytes of a list, unpacked: 16 million credentials of one bit each are 2 MB.
const MAX_LIST: u64 = 16 * 1_024 * 1_024;
/// Longest address of a list.
const MAX_URI: usize = 2_000;
/// Seconds that a list counts if it does not say how long.
const LIST_AGE: u64 = 24 * 3_600;
/// The type of a list's token.
const TYPE: &str = "statuslist+jwt";

/// Where a credential's status stands.
pub(crate) struct Reference {
    uri: String,
    index: u64,
}

impl Reference {
    /// Whether the address is one that can be shown and fetched.
    fn sound(self) -> Option<Self> {
        let is_text = self.uri.len() <= MAX_URI && self.uri.bytes().all(|byte| byte.is_ascii_graphic());
        (is_text && self.uri.starts_with("https://")).then_some(self)
    }

    /// Reads the `status` of an SD-JWT; an error if there is one in another form, which nobody here could look up.
    pub(crate) fn from_json(status: Option<&Value>) -> Result<Option<Self>, Refusal> {
        let Some(status) = status else {
            return Ok(None);
        };
        let read = || {
            let list = status.get("status_list")?;
            let uri = list.get("uri")?.as_str()?.to_owned();
            let index = list.get("idx")?.as_u64()?;
            Self { uri, index }.sound()
        };
        read().map(Some).ok_or(Refusal::StatusUnusable)
    }

    /// Reads the `status` of a mobile security object.
    pub(crate) fn from_cbor(status: Option<&Cbor>) -> Result<Option<Self>, Refusal> {
        let Some(status) = status else {
            return Ok(None);
        };
        let read = || {
            let list = Fields::of(status)?.get("status_list")?;
            let list = Fields::of(list)?;
            let uri = list.get("uri")?.as_text()?.to_owned();
            let index = u64::try_from(list.get("idx")?.as_integer()?).ok()?;
            Self { uri, index }.sound()
        };
        read().map(Some).ok_or(Refusal::StatusUnusable)
    }
}

/// Status lists that the caller fetched: tokens, as they were served (`application/statuslist+jwt`).
#[derive(Clone, Debug, Default)]
pub struct StatusLists(Vec<String>);

impl StatusLists {
    /// Takes the tokens.
    pub fn new(tokens: Vec<String>) -> Self {
        Self(tokens)
    }

    /// Checks that a credential's status is "valid".
    pub(crate) fn check(
        &self,
        reference: Result<Option<Reference>, Refusal>,
        source: &Source,
        trust: &Trust,
        now: Moment,
    ) -> Result<(), Refusal> {
        if trust.ignores_status {
            return Ok(());
        }
        let Some(reference) = reference? else {
            return Ok(());
        };
        for token in &self.0 {
            let token = Jws::parse(token.trim()).map_err(|_| Refusal::StatusUnusable)?;
            if string(&token.payload, "sub") == Ok(Some(&reference.uri)) {
                return match status(&token, reference.index, source, trust, now) {
                    Some(0) => Ok(()),
                    Some(_) => Err(Refusal::Revoked),
                    None => Err(Refusal::StatusUnusable),
                };
            }
        }
        Err(Refusal::StatusNeeded { uri: reference.uri })
    }
}

/// The status at an index of a list, if the list can be used.
fn status(token: &Jws<'_>, index: u64, source: &Source, trust: &Trust, now: Moment) -> Option<u8> {
    if token.typ() != TYPE {
        return None;
    }
    // A list is the word of whoever signs the credentials, and need not name an issuer again.
    signed_by(token, source.iss.as_deref(), &[source], trust, now).ok()?;
    let made = seconds(&token.payload, "iat").ok()??;
    let lasts = |ttl: u64| made.saturating_add(ttl);
    let times_out = seconds(&token.payload, "ttl").ok()?.map(lasts);
    let expires = seconds(&token.payload, "exp").ok()?;
    let ends = times_out.into_iter().chain(expires).min();
    if !Moment(made).has_come(now) || now.0 >= ends.unwrap_or(lasts(LIST_AGE)) {
        return None;
    }
    let list = token.payload.get("status_list")?.as_object()?;
    let bits = bits(list)?;
    let packed = jws::bytes(list.get("lst")?.as_str()?)?;
    let mut unpacked = ZlibDecoder::new(&packed[..]).take(MAX_LIST);
    // Statuses fill a byte from its lowest bit on.
    let at = index.checked_mul(u64::from(bits))?;
    let mut skipped = (&mut unpacked).take(at / 8);
    let many = std::io::copy(&mut skipped, &mut std::io::sink()).ok()?;
    let mut byte = [0];
    if many != at / 8 || unpacked.read_exact(&mut byte).is_err() {
        return None;
    }
    let mask = u8::MAX >> (8 - bits);
    Some(byte[0] >> (at % 8) & mask)
}

fn bits(list: &Object) -> Option<u8> {
    let bits = u8::try_from(list.get("bits")?.as_u64()?).ok()?;
    [1, 2, 4, 8].contains(&bits).then_some(bits)
}
