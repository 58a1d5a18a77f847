//! Examples of standards, with their keys.

use super::*;

const RESPONSE: &str = include_str!("../../../fixtures/iso_18013_5_annex_d_response.hex");
const TRANSCRIPT: &str = include_str!("../../../fixtures/iso_18013_5_annex_d_transcript.hex");
const ROOT: &str = include_str!("../../../fixtures/iso_18013_5_annex_d_iaca.pem");
/// The device's key, private part first (ISO/IEC 18013-5, D.5.3).
const DEVICE: [&str; 3] = [
    "6ed542ad4783f0b18c833fadf2171273a35d969c581691ef704359cc7cf1e8c0",
    "96313d6c63e24e3372742bfdb1a33ba2c897dcd68ab8c753e4fbd48dca6b7f9a",
    "1fb3269edd418857de1b39a4e4a44b92fa484caa722c228288f01d0c03a2c3d6",
];
/// 2021-01-01, while the example was valid.
const THEN: Moment = Moment(1_609_459_200);

fn bytes(hex_lines: &str) -> Vec<u8> {
    hex::decode(hex_lines.split_whitespace().collect::<String>()).unwrap()
}

fn anchored(kind: &str, pem: &str) -> Trust {
    use rustls_pki_types::{pem::PemObject, CertificateDer};
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut source = source(Format::Mdoc, kind);
    source.anchors.push(crate::trust::Anchor::from_der(&der).unwrap());
    trust(source)
}

fn verdict(response: &[u8], trust: &Trust, now: Moment) -> Option<Refusal> {
    check(response, &bytes(TRANSCRIPT), trust, &StatusLists::default(), now).err()
}

/// The example of ISO/IEC 18013-5 with the device's signature in place of its code.
fn signed(transcript: &[u8]) -> Vec<u8> {
    let key = Key::published(&bytes(DEVICE[0]), &bytes(DEVICE[1]), &bytes(DEVICE[2]));
    let mut response = cbor::decode(&bytes(RESPONSE)).unwrap();
    let device = ["documents", "0", "deviceSigned"];
    let namespaces = at(&mut response, &[&device[..], &["nameSpaces"]].concat()).clone();
    let signature = device_signature(&key, transcript, LICENCE, &namespaces);
    *at(&mut response, &[&device[..], &["deviceAuth"]].concat()) = map(vec![("deviceSignature", signature)]);
    cbor::encode(&response)
}

#[test]
fn the_licence_of_iso_passes_until_its_device_and_its_age() {
    let trust = anchored(LICENCE, ROOT);
    // It is authenticated by a code that only the session's ends know.
    assert_eq!(verdict(&bytes(RESPONSE), &trust, THEN), Some(Refusal::DeviceMac));
    // With the published key's signature all holds, and the example discloses no age.
    assert_eq!(
        verdict(&signed(&bytes(TRANSCRIPT)), &trust, THEN),
        Some(Refusal::NoAge)
    );
}

#[test]
fn the_licence_of_iso_is_refused_if_anything_differs() {
    let trust = anchored(LICENCE, ROOT);
    let response = signed(&bytes(TRANSCRIPT));
    let other = signed(&challenge().session_transcript());
    assert_eq!(verdict(&other, &trust, THEN), Some(Refusal::HolderSignature));
    // Its signer's certificate ends when it does.
    let late = Moment::from_tdate("2021-10-01T13:30:02Z").unwrap();
    assert_eq!(verdict(&response, &trust, late), Some(Refusal::SignerExpired));
    let early = Moment::from_tdate("2020-10-01T13:00:00Z").unwrap();
    assert_eq!(verdict(&response, &trust, early), Some(Refusal::NotYetValid));
    let foreign = anchored(LICENCE, &Authority::lasting("utopia iaca", (2020, 2030)).pem());
    assert_eq!(verdict(&response, &foreign, THEN), Some(Refusal::Foreign));
    // The holder's name: Doe becomes Foe.
    let mut tampered = response.clone();
    let name = tampered.windows(3).position(|bytes| bytes == b"Doe").unwrap();
    tampered[name] = b'F';
    assert_eq!(verdict(&tampered, &trust, THEN), Some(Refusal::Tampered));
    let mut revoked = anchored(LICENCE, ROOT);
    let mut whole = cbor::decode(&response).unwrap();
    let auth = at(&mut whole, &["documents", "0", "issuerSigned", "issuerAuth"]);
    let chain = certificates(&sign1(auth).unwrap().unprotected).unwrap();
    revoked.revoked.insert(sha256(&chain[0]));
    assert_eq!(verdict(&response, &revoked, THEN), Some(Refusal::SignerRevoked));
}

/// An attestation of the European Union's age verification, and the session that its device signed.
const AGE_RESPONSE: &str = include_str!("../../../fixtures/eu_age_verification_response.hex");
const AGE_TRANSCRIPT: &str = "83f6f682764f70656e4944345650444341504948616e646f766572582058\
                              2296dfa9b334c2b675e481226c31e80e992861d182d0166f7ac743fc25b476";
const AGE_ISSUER: [&str; 2] = [
    "a8956b0eeb2865e27da5a14ba504e3cfcef922f00187137a0a615082327709c2",
    "bfae3d99e6ad8b14eef5975f2985a4b52e770e79cfc1bd394de065e2b1663553",
];
/// The day that the example names: 2025-11-06.
const AGE_THEN: Moment = Moment(1_762_473_599);

#[test]
fn every_part_of_the_unions_example_holds() {
    let response = cbor::decode(&bytes(AGE_RESPONSE)).unwrap();
    let document = document(&response).unwrap();
    let issuer = Fields::of(document.get("issuerSigned").unwrap()).unwrap();
    let signed = sign1(issuer.get("issuerAuth").unwrap()).unwrap();
    // Read from the data: the example's certificate has extensions that no strict reader takes.
    let [x, y] = AGE_ISSUER.map(|coordinate| jws::text(&bytes(coordinate)));
    let jwk = serde_json::json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let key = PublicKey::from_jwk(&jwk).unwrap();
    assert_eq!(is_signed_by(&signed, &signed.tbs_data(&[]), &key), Ok(true));
    let payload = cbor::decode(signed.payload.as_ref().unwrap()).unwrap();
    let object = cbor::decode(cbor::embedded(&payload).unwrap()).unwrap();
    let object = Fields::of(&object).unwrap();
    let profile = PROFILES.iter().find(|profile| profile.document == AGE).unwrap();
    let facts = facts(&issuer, &object, profile).ok().unwrap();
    let from = validity(&object, AGE_THEN).unwrap();
    let birth = facts.birth(Some(from), AGE_THEN).ok().unwrap();
    assert_eq!(birth.latest().to_string(), "2007-11-06");
    let device = Fields::of(document.get("deviceSigned").unwrap()).unwrap();
    let key = device_key(&object).unwrap();
    let session = bytes(AGE_TRANSCRIPT);
    assert_eq!(check_device(&device, AGE, &session, &key), Ok(()));
    let other = challenge().session_transcript();
    assert_eq!(
        check_device(&device, AGE, &other, &key),
        Err(Refusal::HolderSignature)
    );
}

#[test]
fn the_unions_example_is_refused_under_another_root() {
    let trust = anchored(
        AGE,
        &Authority::new("[Test] mDL Reference Implementation IACA").pem(),
    );
    let refusal = check(
        &bytes(AGE_RESPONSE),
        &bytes(AGE_TRANSCRIPT),
        &trust,
        &StatusLists::default(),
        AGE_THEN,
    );
    assert_eq!(refusal.err(), Some(Refusal::Foreign));
}
