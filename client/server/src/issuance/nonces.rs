//! Nonces that cost the service nothing until they are used: whoever asks for millions fills no table.
//!
//! A nonce is 12 random bytes, its end in Unix seconds (4 bytes, big-endian), and a keyed hash of both (16 bytes). Nobody
//! but the service can make one, and the used ones are remembered until their end, so each counts once.

use ofage_sdk::{
    issuance::messages::Nonce,
    random::{self, NoRandomness},
};

use super::store::{Hash, Secret};

/// How long a nonce counts, in seconds: a slow device makes a proof in less.
pub(super) const LIFE: u64 = 600;
const RANDOM: usize = 12;
const END: usize = 4;
const BODY: usize = RANDOM + END;
/// What the keyed hash is for.
const PURPOSE: &[u8; 16] = b"ofage c_nonce v1";

/// A fresh one.
pub(super) fn fresh(secret: &Secret, now: u64) -> Result<Nonce, NoRandomness> {
    let mut nonce = [0; 32];
    nonce[..RANDOM].copy_from_slice(&random::bytes::<RANDOM>()?[..]);
    let end = u32::try_from(now.saturating_add(LIFE)).unwrap_or(u32::MAX);
    nonce[RANDOM..BODY].copy_from_slice(&end.to_be_bytes());
    let mac = secret.mac(PURPOSE, &nonce[..BODY]);
    nonce[BODY..].copy_from_slice(&mac[..32 - BODY]);
    Ok(Nonce(nonce))
}

/// The name and the end of a nonce that counts now, unless it was used; nothing for any other.
pub(super) fn check(secret: &Secret, nonce: &Nonce, now: u64) -> Option<(Hash, u64)> {
    let mac = secret.mac(PURPOSE, &nonce.0[..BODY]);
    // All bytes are looked at, so that the time tells nothing.
    let differs = nonce.0[BODY..]
        .iter()
        .zip(&mac)
        .fold(0, |all, (a, b)| all | (a ^ b));
    let mut end = [0; END];
    end.copy_from_slice(&nonce.0[RANDOM..BODY]);
    let end = u64::from(u32::from_be_bytes(end));
    let counts = differs == 0 && now < end;
    // One name for what is remembered: no use can be made of it elsewhere.
    counts.then(|| (secret.mac(b"ofage used nonce", &nonce.0), end))
}
