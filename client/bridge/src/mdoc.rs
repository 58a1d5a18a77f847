//! ISO/IEC 18013-5 mdoc: mobile driving licences, the EUDI PID, and the EU age verification attestation.
//!
//! Rules of ISO/IEC 18013-5:2021, section 9.1 and 9.3: certificate of the document's signer, its signature of the mobile
//! security object, the digest of each element, the times, the type, and the device's signature over the session.

pub(crate) mod cbor;
#[cfg(test)]
mod tests;

use ciborium::Value;
use coset::{iana::EnumI64, AsCborValue, CoseKey, CoseSign1, Header, Label, RegisteredLabelWithPrivate};
use ofage_primitives::Day;
use ring::digest::{digest, Algorithm, SHA256, SHA384, SHA512};

use crate::{
    birth::Facts,
    keys::{Curve, PublicKey},
    status::Reference,
    trust::{Purpose, Source},
    CredentialId, Evidence, Format, Moment, Refusal, StatusLists, Trust,
};
use cbor::Fields;

/// The header's label of the signer's certificates (RFC 9360).
const X5CHAIN: Label = Label::Int(33);
/// Tag of a date (RFC 8943), and of a moment.
const FULL_DATE: u64 = 1004;
const TDATE: u64 = 0;

/// A type of document whose age elements are known.
#[derive(Clone, Copy)]
struct Profile {
    document: &'static str,
    namespace: &'static str,
    purpose: Purpose,
}

const PROFILES: [Profile; 3] = [
    Profile {
        document: "org.iso.18013.5.1.mDL",
        namespace: "org.iso.18013.5.1",
        purpose: Purpose::DrivingLicence,
    },
    Profile {
        document: "eu.europa.ec.av.1",
        namespace: "eu.europa.ec.av.1",
        purpose: Purpose::Document,
    },
    Profile {
        document: "eu.europa.ec.eudi.pid.1",
        namespace: "eu.europa.ec.eudi.pid.1",
        purpose: Purpose::Document,
    },
];

/// Whether documents of a type are known.
pub(crate) fn is_known(document: &str) -> bool {
    PROFILES.iter().any(|profile| profile.document == document)
}

/// Checks a `DeviceResponse` of one document, and takes what it says of the birth.
///
/// `session_transcript` is the CBOR of the `SessionTranscript`, in which the request's nonce is.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check(
    response: &[u8],
    session_transcript: &[u8],
    trust: &Trust,
    status: &StatusLists,
    now: Moment,
) -> Result<Evidence, Refusal> {
    let response = cbor::decode(response).ok_or(Refusal::Malformed)?;
    let document = document(&response).ok_or(Refusal::Malformed)?;
    let kind = document.get("docType").and_then(Value::as_text);
    let kind = kind.ok_or(Refusal::Malformed)?;
    let known = PROFILES.iter().find(|profile| profile.document == kind);
    let profile = known.ok_or(Refusal::Type)?;
    let part = |name| document.get(name).and_then(Fields::of).ok_or(Refusal::Malformed);

    let issuer = part("issuerSigned")?;
    let (object, source) = issuer_auth(&issuer, profile, trust, now)?;
    let object = Fields::of(&object).ok_or(Refusal::Malformed)?;
    if object.get("docType").and_then(Value::as_text) != Some(kind) {
        return Err(Refusal::Tampered);
    }
    let facts = facts(&issuer, &object, profile)?;
    let from = validity(&object, now)?;

    let key = device_key(&object).ok_or(Refusal::NoHolderBinding)?;
    check_device(&part("deviceSigned")?, kind, session_transcript, &key)?;
    status.check(Reference::from_cbor(object.get("status")), source, trust, now)?;
    Ok(Evidence {
        birth: facts.birth(Some(from), now)?,
        credential: CredentialId(key.digest()),
        format: Format::Mdoc,
        source: source.name.clone(),
        assurance: source.assurance,
        flags: source.flags,
    })
}

/// The one document of a response.
fn document(response: &Value) -> Option<Fields<'_>> {
    let response = Fields::of(response)?;
    let version = response.get("version")?.as_text()?;
    let is_fine = response.get("status")?.as_integer()? == 0.into();
    match &response.get("documents")?.as_array()?[..] {
        [document] if is_fine && version.starts_with("1.") => Fields::of(document),
        _ => None,
    }
}

/// Checks the issuer's signature, and gives the mobile security object and who signed it.
fn issuer_auth<'a>(
    issuer: &Fields<'_>,
    profile: &Profile,
    trust: &'a Trust,
    now: Moment,
) -> Result<(Value, &'a Source), Refusal> {
    let signed = issuer
        .get("issuerAuth")
        .and_then(sign1)
        .ok_or(Refusal::Malformed)?;
    let payload = signed.payload.as_deref().ok_or(Refusal::Malformed)?;
    let outer = cbor::decode(payload).ok_or(Refusal::Malformed)?;
    let object = cbor::embedded(&outer).and_then(cbor::decode);
    let object = object.ok_or(Refusal::Malformed)?;

    let sources = trust.sources(Format::Mdoc, profile.document)?;
    let chain = certificates(&signed.unprotected).ok_or(Refusal::Malformed)?;
    let signer = trust.signer(&sources, &chain, profile.purpose, now)?;
    if !is_signed_by(&signed, &signed.tbs_data(&[]), &signer.key)? {
        return Err(Refusal::IssuerSignature);
    }
    // Signed while the certificate was valid (9.3.1).
    let made = Fields::of(&object)
        .and_then(|object| Fields::of(object.get("validityInfo")?))
        .and_then(|info| tdate(info.get("signed")?))
        .ok_or(Refusal::Malformed)?;
    if made < signer.not_before || made > signer.not_after {
        return Err(Refusal::SignerExpired);
    }
    Ok((object, signer.source))
}

fn sign1(value: &Value) -> Option<CoseSign1> {
    CoseSign1::from_cbor_value(value.clone()).ok()
}

fn certificates(header: &Header) -> Option<Vec<Vec<u8>>> {
    let (_, chain) = header.rest.iter().find(|(label, _)| *label == X5CHAIN)?;
    match chain {
        Value::Bytes(one) => Some(vec![one.clone()]),
        Value::Array(chain) => chain.iter().map(|one| one.as_bytes().cloned()).collect(),
        _ => None,
    }
}

fn is_signed_by(signed: &CoseSign1, message: &[u8], key: &PublicKey) -> Result<bool, Refusal> {
    let header = &signed.protected.header;
    if !header.crit.is_empty() {
        return Err(Refusal::Algorithm);
    }
    let curve = match &header.alg {
        Some(RegisteredLabelWithPrivate::Assigned(alg)) => Curve::of_cose(alg.to_i64()),
        _ => None,
    };
    let curve = curve.ok_or(Refusal::Algorithm)?;
    Ok(key.verifies(curve, message, &signed.signature))
}

/// Checks the digest of every element, and takes those that tell of the birth.
fn facts(issuer: &Fields<'_>, object: &Fields<'_>, profile: &Profile) -> Result<Facts, Refusal> {
    let algorithm = match object.get("digestAlgorithm").and_then(Value::as_text) {
        Some("SHA-256") => &SHA256,
        Some("SHA-384") => &SHA384,
        Some("SHA-512") => &SHA512,
        _ => return Err(Refusal::Algorithm),
    };
    let digests = object.get("valueDigests").and_then(Fields::of);
    let digests = digests.ok_or(Refusal::Malformed)?;
    let mut facts = Facts::default();
    let Some(namespaces) = issuer.get("nameSpaces") else {
        return Ok(facts);
    };
    // As a map, so that no name stands twice.
    Fields::of(namespaces).ok_or(Refusal::Malformed)?;
    for (namespace, items) in namespaces.as_map().ok_or(Refusal::Malformed)? {
        let digests = digests
            .find(namespace)
            .and_then(Fields::of)
            .ok_or(Refusal::Tampered)?;
        let tells = namespace.as_text() == Some(profile.namespace);
        let mut names = Vec::new();
        for item in items.as_array().ok_or(Refusal::Malformed)? {
            let (name, value) = element(item, &digests, algorithm)?;
            if names.contains(&name) {
                return Err(Refusal::Tampered);
            }
            if tells {
                tell(&mut facts, &name, &value)?;
            }
            names.push(name);
        }
    }
    Ok(facts)
}

/// An element that the issuer signed the digest of: its name and value.
fn element(
    item: &Value,
    digests: &Fields<'_>,
    algorithm: &'static Algorithm,
) -> Result<(String, Value), Refusal> {
    let bytes = cbor::embedded(item).ok_or(Refusal::Malformed)?;
    let inner = cbor::decode(bytes).ok_or(Refusal::Malformed)?;
    let fields = Fields::of(&inner).ok_or(Refusal::Malformed)?;
    let number = fields.get("digestID").ok_or(Refusal::Malformed)?;
    let signed = digests.find(number).and_then(Value::as_bytes);
    // Over the element as embedded, tag and length included (9.1.2.5).
    if signed.map(|signed| &signed[..]) != Some(digest(algorithm, &cbor::encode(item)).as_ref()) {
        return Err(Refusal::Tampered);
    }
    let name = fields.get("elementIdentifier").and_then(Value::as_text);
    let value = fields.get("elementValue");
    match (name, value) {
        (Some(name), Some(value)) => Ok((name.to_owned(), value.clone())),
        _ => Err(Refusal::Malformed),
    }
}

/// Takes what an element says of the birth, if it does.
fn tell(facts: &mut Facts, name: &str, value: &Value) -> Result<(), Refusal> {
    match name {
        "birth_date" => {
            let date = match value {
                Value::Tag(FULL_DATE, text) => text.as_text(),
                other => other.as_text(),
            };
            let day = date.and_then(|date| date.parse::<Day>().ok());
            facts.birth_date = Some(day.ok_or(Refusal::Malformed)?);
        }
        "age_birth_year" => {
            let year = value.as_integer().and_then(|year| u32::try_from(year).ok());
            facts.birth_year = Some(year.ok_or(Refusal::Malformed)?);
        }
        _ => {
            facts.age_over(name, value.as_bool())?;
        }
    }
    Ok(())
}

/// Checks the times, and gives the earliest moment that the issuer can have counted ages at.
fn validity(object: &Fields<'_>, now: Moment) -> Result<Moment, Refusal> {
    let info = object.get("validityInfo").and_then(Fields::of);
    let moment = |name| info.as_ref().and_then(|info| tdate(info.get(name)?));
    let (Some(signed), Some(from), Some(until)) =
        (moment("signed"), moment("validFrom"), moment("validUntil"))
    else {
        return Err(Refusal::Malformed);
    };
    if !signed.has_come(now) || !from.has_come(now) {
        return Err(Refusal::NotYetValid);
    }
    if now >= until {
        return Err(Refusal::Expired);
    }
    Ok(signed.min(from))
}

fn tdate(value: &Value) -> Option<Moment> {
    match value {
        Value::Tag(TDATE, text) => Moment::from_tdate(text.as_text()?),
        _ => None,
    }
}

fn device_key(object: &Fields<'_>) -> Option<PublicKey> {
    let key = Fields::of(object.get("deviceKeyInfo")?)?.get("deviceKey")?;
    PublicKey::from_cose(&CoseKey::from_cbor_value(key.clone()).ok()?)
}

/// Checks that the device signed this session. What it says itself is nobody's word, and is not read.
fn check_device(
    device: &Fields<'_>,
    kind: &str,
    session_transcript: &[u8],
    key: &PublicKey,
) -> Result<(), Refusal> {
    let namespaces = device.get("nameSpaces").ok_or(Refusal::Malformed)?;
    cbor::embedded(namespaces).ok_or(Refusal::Malformed)?;
    let auth = device
        .get("deviceAuth")
        .and_then(Fields::of)
        .ok_or(Refusal::Malformed)?;
    let Some(signed) = auth.get("deviceSignature") else {
        return Err(match auth.get("deviceMac") {
            Some(_) => Refusal::DeviceMac,
            None => Refusal::NoHolderBinding,
        });
    };
    let signed = sign1(signed).ok_or(Refusal::Malformed)?;
    let transcript = cbor::decode(session_transcript).ok_or(Refusal::Malformed)?;
    let authentication = Value::Array(vec![
        Value::Text("DeviceAuthentication".to_owned()),
        transcript,
        Value::Text(kind.to_owned()),
        namespaces.clone(),
    ]);
    // The payload is detached: it is what is rebuilt here, not what was sent.
    if signed.payload.is_some() {
        return Err(Refusal::Malformed);
    }
    let payload = cbor::encode(&cbor::embed(cbor::encode(&authentication)));
    match is_signed_by(&signed, &signed.tbs_detached_data(&payload, &[]), key)? {
        true => Ok(()),
        false => Err(Refusal::HolderSignature),
    }
}
