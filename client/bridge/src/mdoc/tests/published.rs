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
