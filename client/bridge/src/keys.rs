//! Public keys of signers and holders, on the two curves that wallets use.

use coset::{iana, iana::EnumI64, CoseKey, Label};
use ring::{
    digest::{digest, SHA256},
    signature::{UnparsedPublicKey, VerificationAlgorithm, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED},
};
use serde_json::Value;

use crate::jws;

/// What DER puts before a point of P-256 in a `SubjectPublicKeyInfo`.
const SPKI_P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The same for P-384.
const SPKI_P384: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
    0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
];
/// The first byte of a point that is not compressed.
const UNCOMPRESSED: u8 = 4;

/// A curve, and with it the one signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    /// ES256.
    P256,
    /// ES384.
    P384,
}

impl Curve {
    /// The algorithm of a JOSE header.
    pub(crate) fn of_jose(alg: &str) -> Option<Self> {
        match alg {
            "ES256" => Some(Self::P256),
            "ES384" => Some(Self::P384),
            _ => None,
        }
    }

    /// The algorithm of a COSE header; the newer numbers say the curve too.
    pub(crate) fn of_cose(alg: i64) -> Option<Self> {
        match iana::Algorithm::from_i64(alg)? {
            iana::Algorithm::ES256 | iana::Algorithm::ESP256 => Some(Self::P256),
            iana::Algorithm::ES384 | iana::Algorithm::ESP384 => Some(Self::P384),
            _ => None,
        }
    }

    /// Bytes of a coordinate.
    const fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }

    fn verifier(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
        }
    }
}

/// A key that signatures are checked with. Whether its point is on the curve is checked with them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    curve: Curve,
    point: Vec<u8>,
}

impl PublicKey {
    fn from_coordinates(curve: Curve, x: &[u8], y: &[u8]) -> Option<Self> {
        if x.len() != curve.size() || y.len() != curve.size() {
            return None;
        }
        let point = [&[UNCOMPRESSED], x, y].concat();
        Some(Self { curve, point })
    }

    /// Reads a key as JSON has it (RFC 7518, 6.2); one with a private part is none.
    pub(crate) fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        if text("kty") != Some("EC") || jwk.get("d").is_some() {
            return None;
        }
        let curve = match text("crv")? {
            "P-256" => Curve::P256,
            "P-384" => Curve::P384,
            _ => return None,
        };
        Self::from_coordinates(curve, &jws::bytes(text("x")?)?, &jws::bytes(text("y")?)?)
    }

    /// Reads a key as COSE has it (RFC 9053, 7.1.1).
    pub(crate) fn from_cose(key: &CoseKey) -> Option<Self> {
        if key.kty != coset::KeyType::Assigned(iana::KeyType::EC2) {
            return None;
        }
        let field = |label: iana::Ec2KeyParameter| {
            let label = Label::Int(label.to_i64());
            key.params
                .iter()
                .find(|(name, _)| *name == label)
                .map(|(_, value)| value)
        };
        let curve = field(iana::Ec2KeyParameter::Crv)?.as_integer()?;
        let curve = match iana::EllipticCurve::from_i64(i64::try_from(curve).ok()?)? {
            iana::EllipticCurve::P_256 => Curve::P256,
            iana::EllipticCurve::P_384 => Curve::P384,
            _ => return None,
        };
        let x = field(iana::Ec2KeyParameter::X)?.as_bytes()?;
        let y = field(iana::Ec2KeyParameter::Y)?.as_bytes()?;
        Self::from_coordinates(curve, x, y)
    }

    /// Reads the key of a certificate (RFC 5480).
    pub(crate) fn from_spki(spki: &[u8]) -> Option<Self> {
        let (curve, point) = match (spki.strip_prefix(SPKI_P256), spki.strip_prefix(SPKI_P384)) {
            (Some(point), _) => (Curve::P256, point),
            (_, Some(point)) => (Curve::P384, point),
            _ => return None,
        };
        let (first, rest) = point.split_first()?;
        if *first != UNCOMPRESSED || rest.len() != 2 * curve.size() {
            return None;
        }
        let (x, y) = rest.split_at(curve.size());
        Self::from_coordinates(curve, x, y)
    }

    /// Checks a signature of two numbers of fixed length, as JOSE and COSE have it.
    pub(crate) fn verifies(&self, curve: Curve, message: &[u8], signature: &[u8]) -> bool {
        curve == self.curve
            && UnparsedPublicKey::new(curve.verifier(), &self.point)
                .verify(message, signature)
                .is_ok()
    }

    /// SHA-256 of the point.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(&self.point)
    }

    /// RFC 7638's name of the key.
    pub(crate) fn thumbprint(&self) -> [u8; 32] {
        let (x, y) = self.point[1..].split_at(self.curve.size());
        let members = format!(
            r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#,
            self.curve.name(),
            jws::text(x),
            jws::text(y)
        );
        sha256(members.as_bytes())
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes)
        .as_ref()
        .try_into()
        .expect("SHA-256 has 32 bytes; qed")
}
