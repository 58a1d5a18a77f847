//! Roots, requests and status lists.

use rcgen::{
    date_time_ymd, BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber, PKCS_ECDSA_P256_SHA256,
};
use serde_json::{json, Value};
use webpki::{CertRevocationList, OwnedCertRevocationList};

use ofage_primitives::{Assurance, Flags};

use super::Key;
use crate::{
    jws,
    keys::sha256,
    trust::{Anchor, Source},
    Challenge, Channel, Format, Moment, Trust,
};

/// 2026-11-27, noon.
pub(crate) const NOW: Moment = Moment(1_795_780_800);

/// A root.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a certificate below a root is like.
pub(crate) struct Leaf {
    pub(crate) years: (i32, i32),
    pub(crate) purposes: Vec<Vec<u64>>,
    pub(crate) usages: Vec<KeyUsagePurpose>,
    pub(crate) serial: u8,
    pub(crate) is_authority: bool,
}

pub(crate) const MDL_SIGNER: [u64; 6] = [1, 0, 18013, 5, 1, 2];
pub(crate) const MDL_READER: [u64; 6] = [1, 0, 18013, 5, 1, 6];
pub(crate) const TLS_SERVER: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 1];

impl Default for Leaf {
    fn default() -> Self {
        Self {
            years: (2025, 2028),
            purposes: vec![MDL_SIGNER.to_vec()],
            usages: vec![KeyUsagePurpose::DigitalSignature],
            serial: 7,
            is_authority: false,
        }
    }
}

/// A certificate, its chain and its key.
pub(crate) struct Signer {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: Key,
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self::lasting(name, (2024, 2034))
    }

    pub(crate) fn lasting(name: &str, years: (i32, i32)) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::from_der(self.0.der()).unwrap()
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn sign(&self, leaf: &Leaf) -> Signer {
        let mut params = named("signer");
        params.not_before = date_time_ymd(leaf.years.0, 1, 1);
        params.not_after = date_time_ymd(leaf.years.1, 1, 1);
        params.key_usages = leaf.usages.clone();
        let purposes = leaf.purposes.iter().cloned();
        params.extended_key_usages = purposes.map(ExtendedKeyUsagePurpose::Other).collect();
        params.serial_number = Some(SerialNumber::from_slice(&[leaf.serial]));
        if leaf.is_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Signer {
            chain: vec![certificate.der().to_vec()],
            key: Key::from_pkcs8(key.serialized_der()),
        }
    }

    /// A list that revokes serial numbers, until a year.
    pub(crate) fn revoke(&self, serials: &[u8], until: i32) -> (CertRevocationList<'static>, String) {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&[*serial]),
            revocation_time: date_time_ymd(2025, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2025, 1, 1),
            next_update: date_time_ymd(until, 1, 1),
            crl_number: SerialNumber::from_slice(&[1]),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.0).unwrap();
        let owned = OwnedCertRevocationList::from_der(list.der()).unwrap();
        (CertRevocationList::Owned(owned), list.pem().unwrap())
    }
}

/// A source of one type.
pub(crate) fn source(format: Format, kind: &str) -> Source {
    Source {
        name: "test".to_owned(),
        format,
        types: vec![kind.to_owned()],
        iss: None,
        anchors: Vec::new(),
        keys: Vec::new(),
        assurance: Assurance::Verified,
        flags: Flags::BRIDGED,
    }
}

/// Trust in one source.
pub(crate) fn trust(source: Source) -> Trust {
    Trust {
        sources: vec![source],
        lists: Vec::new(),
        needs_lists: false,
        revoked: Default::default(),
        ignores_status: false,
    }
}

pub(crate) const CLIENT: &str = "x509_san_dns:issuer.example";

/// A request that was made a minute ago.
pub(crate) fn challenge() -> Challenge {
    let channel = Channel::Redirect {
        client_id: CLIENT.to_owned(),
        response_uri: "https://issuer.example/answer".to_owned(),
    };
    let nonce = "n-0S6_WzA2Mj".to_owned();
    Challenge::new(channel, None, nonce, Moment(NOW.0 - 60), Moment(NOW.0 + 540))
}

/// A member or element to hide, and its digest.
pub(crate) fn disclosure(parts: &Value) -> (String, String) {
    let text = jws::text(parts.to_string().as_bytes());
    let digest = jws::text(&sha256(text.as_bytes()));
    (text, digest)
}

/// A token of a status list, packed.
pub(crate) fn status_list(key: &Key, header: &Value, payload: &Value, bits: u8, bytes: &[u8]) -> String {
    use std::io::Write;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    let packed = packer.finish().unwrap();
    let mut payload = payload.clone();
    payload["status_list"] = json!({"bits": bits, "lst": jws::text(&packed)});
    key.jws(header, &payload)
}
