//! Checks credentials that people already hold, and what they say of an age.
//!
//! An issuer that takes such a credential in place of a document attests what it says: `birthdate` gives the day of
//! birth, `age_over_NN` only bounds it. Two formats are read, as wallets present them over OpenID4VP 1.0:
//!
//! * SD-JWT VC ([RFC 9901], draft-ietf-oauth-sd-jwt-vc) in the shape of the EUDI PID, with key binding;
//! * ISO/IEC 18013-5 mdoc: mobile driving licences, the EUDI PID, the EU age verification attestation.
//!
//! Nothing here goes on the network: the caller brings the presentation, the [`Challenge`] that it answers, the
//! [`Trust`] in signers, and status lists if credentials name one. A yes is an [`Evidence`], which only these checks
//! make; a no is a [`Refusal`], with a code that stays. Signatures, digests and certificate paths are checked by `ring`
//! and `rustls-webpki`, COSE and CBOR are read by `coset` and `ciborium`.
//!
//! [RFC 9901]: https://www.rfc-editor.org/rfc/rfc9901

mod birth;
mod challenge;
mod clock;
mod evidence;
mod jws;
mod keys;
mod ledger;
mod mdoc;
mod refusal;
mod sd_jwt;
mod settings;
mod status;
#[cfg(any(test, feature = "test-dependencies"))]
pub mod testing;
mod trust;

pub use birth::Birth;
pub use challenge::{Challenge, Channel, MAX_VALID_SECONDS, VALID_SECONDS};
pub use clock::Moment;
pub use evidence::{CredentialId, Evidence, Row};
pub use ledger::{Ledger, LedgerError, Taken};
pub use refusal::Refusal;
pub use settings::{Settings, SettingsError};
pub use status::StatusLists;
pub use trust::{Format, Trust};

/// Largest presentation that is looked at, in bytes: portraits are not asked for, but some wallets send them.
pub const MAX_PRESENTATION: usize = 512 * 1_024;

/// Checks a presentation of either format: an SD-JWT is text with tildes, a mdoc its `DeviceResponse` in base64url.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(
    presentation: &[u8],
    challenge: &Challenge,
    trust: &Trust,
    status: &StatusLists,
    now: Moment,
) -> Result<Evidence, Refusal> {
    if presentation.len() > MAX_PRESENTATION {
        return Err(Refusal::TooLarge);
    }
    challenge.check_time(now)?;
    let text = std::str::from_utf8(presentation).map(str::trim);
    match text {
        Ok(text) if text.contains('~') => sd_jwt::check(text, challenge, trust, status, now),
        Ok(text) => {
            let response = jws::bytes(text).ok_or(Refusal::Malformed)?;
            mdoc::check(&response, &challenge.session_transcript(), trust, status, now)
        }
        Err(_) => mdoc::check(presentation, &challenge.session_transcript(), trust, status, now),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{challenge, source, trust, NOW};

    proptest! {
        /// What is sent may be anything.
        #[test]
        fn nothing_that_is_sent_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[A-Za-z0-9_.~=-]{0,300}") {
            let trust = trust(source(Format::Mdoc, "eu.europa.ec.av.1"));
            let judge = |sent: &[u8]| check(sent, &challenge(), &trust, &StatusLists::default(), NOW).is_err();
            prop_assert!(judge(&bytes));
            prop_assert!(judge(text.as_bytes()));
            // As CBOR that begins like a response.
            let sent = [&[0xa3, 0x67][..], b"version", &[0x63], b"1.0", &bytes].concat();
            prop_assert!(judge(&sent));
        }
    }
}
