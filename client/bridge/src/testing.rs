//! Wallets and issuers of credentials, for tests here and in other crates.

use ring::{
    rand::SystemRandom,
    signature::{EcdsaKeyPair, KeyPair as _, ECDSA_P256_SHA256_FIXED_SIGNING},
};
use serde_json::{json, Value};

#[cfg(test)]
use crate::keys::PublicKey;
use crate::{jws, keys::sha256};

/// A key that signs.
pub struct Key(EcdsaKeyPair);

impl Key {
    /// A fresh one.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &SystemRandom::new()).unwrap();
        Self::from_pkcs8(pkcs8.as_ref())
    }

    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Self {
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        Self(EcdsaKeyPair::from_pkcs8(signing, pkcs8, &SystemRandom::new()).unwrap())
    }

    /// A published key: the private number and both coordinates.
    #[cfg(test)]
    pub(crate) fn published(d: &[u8], x: &[u8], y: &[u8]) -> Self {
        let point = [&[4], x, y].concat();
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::from_private_key_and_public_key(signing, d, &point, &SystemRandom::new());
        Self(key.unwrap())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0
            .sign(&SystemRandom::new(), message)
            .unwrap()
            .as_ref()
            .to_vec()
    }

    pub(crate) fn coordinates(&self) -> (&[u8], &[u8]) {
        self.0.public_key().as_ref()[1..].split_at(32)
    }

    /// Its public part.
    pub fn jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        json!({"kty": "EC", "crv": "P-256", "x": jws::text(x), "y": jws::text(y)})
    }

    #[cfg(test)]
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::from_jwk(&self.jwk()).unwrap()
    }

    /// A token.
    pub fn jws(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| jws::text(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = jws::text(&self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// A wallet with a PID in it, and who issued it.
pub struct PidWallet {
    /// Its issuer.
    pub issuer: Key,
    holder: Key,
}

impl PidWallet {
    /// A wallet whose PID is fresh.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self {
            issuer: Key::new(),
            holder: Key::new(),
        }
    }

    /// Presents it: some of its claims, hidden and disclosed each, for a request. `now` is in seconds of Unix time.
    pub fn present(&self, vct: &str, claims: &Value, nonce: &str, audience: &str, now: u64) -> String {
        let mut text = String::new();
        let mut digests = Vec::new();
        for (number, (name, value)) in claims.as_object().unwrap().iter().enumerate() {
            let parts = json!([format!("salt {number}"), name, value]);
            let disclosure = jws::text(parts.to_string().as_bytes());
            digests.push(jws::text(&sha256(disclosure.as_bytes())));
            text += &(disclosure + "~");
        }
        let payload = json!({
            "vct": vct, "iat": now - 3_600, "exp": now + 3_600, "cnf": {"jwk": self.holder.jwk()}, "_sd": digests,
        });
        let token = self
            .issuer
            .jws(&json!({"alg": "ES256", "typ": "dc+sd-jwt"}), &payload);
        let selection = format!("{token}~{text}");
        let binding = json!({
            "nonce": nonce, "aud": audience, "iat": now, "sd_hash": jws::text(&sha256(selection.as_bytes())),
        });
        selection
            + &self
                .holder
                .jws(&json!({"alg": "ES256", "typ": "kb+jwt"}), &binding)
    }
}

#[cfg(test)]
mod signers;
#[cfg(test)]
pub(crate) use signers::*;
