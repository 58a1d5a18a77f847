//! What a presentation has to answer.

use ciborium::Value;
use serde::{Deserialize, Serialize};

use crate::{clock::SKEW, jws, keys::sha256, mdoc, Moment, Refusal};

/// Seconds that a request counts.
pub const VALID_SECONDS: u64 = 600;
/// Most seconds that one may count.
pub const MAX_VALID_SECONDS: u64 = 24 * 3_600;
/// Random bytes of a nonce.
const NONCE: usize = 32;

/// How wallets are asked (OpenID4VP 1.0): what their answers are bound to, beside the nonce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Channel {
    /// By a link or a QR code, answered to an address.
    Redirect {
        /// The verifier's name, with its prefix.
        client_id: String,
        /// Where answers go.
        response_uri: String,
    },
    /// By the browser's Digital Credentials API.
    Browser {
        /// The page's origin, such as `https://example.com`.
        origin: String,
    },
}

/// A request to a wallet. A nonce counts once: the [`Ledger`](crate::Ledger) sees to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) channel: Channel,
    /// RFC 7638 name of the key that answers are encrypted to, if they are.
    pub(crate) encryption: Option<[u8; 32]>,
    pub(crate) nonce: String,
    pub(crate) made: Moment,
    pub(crate) until: Moment,
}

impl Challenge {
    /// A request with that nonce, which counts from one moment to another.
    pub fn new(
        channel: Channel,
        encryption: Option<[u8; 32]>,
        nonce: String,
        made: Moment,
        until: Moment,
    ) -> Self {
        Self {
            channel,
            encryption,
            nonce,
            made,
            until,
        }
    }

    /// The nonce.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The last moment that it counts.
    pub const fn until(&self) -> Moment {
        self.until
    }

    /// Whom a key binding has to name as its audience (OpenID4VP 1.0, B.3.6).
    pub fn audience(&self) -> String {
        match &self.channel {
            Channel::Redirect { client_id, .. } => client_id.clone(),
            Channel::Browser { origin } => format!("origin:{origin}"),
        }
    }

    /// What a device's signature has to be over: the CBOR of the `SessionTranscript` (OpenID4VP 1.0, B.2.6).
    pub fn session_transcript(&self) -> Vec<u8> {
        let text = |text: &str| Value::Text(text.to_owned());
        let key = self
            .encryption
            .map_or(Value::Null, |name| Value::Bytes(name.to_vec()));
        let (name, info) = match &self.channel {
            Channel::Redirect {
                client_id,
                response_uri,
            } => (
                "OpenID4VPHandover",
                vec![text(client_id), text(&self.nonce), key, text(response_uri)],
            ),
            Channel::Browser { origin } => (
                "OpenID4VPDCAPIHandover",
                vec![text(origin), text(&self.nonce), key],
            ),
        };
        let hash = sha256(&mdoc::cbor::encode(&Value::Array(info)));
        let handover = Value::Array(vec![text(name), Value::Bytes(hash.to_vec())]);
        mdoc::cbor::encode(&Value::Array(vec![Value::Null, Value::Null, handover]))
    }

    /// Whether it still counts.
    ///
    /// # Errors
    /// [`Refusal::ChallengeExpired`].
    pub(crate) fn check_time(&self, now: Moment) -> Result<(), Refusal> {
        if now > self.until {
            return Err(Refusal::ChallengeExpired);
        }
        Ok(())
    }

    /// Whether the holder signed while it counted, clocks being as they are.
    pub(crate) fn is_answered_at(&self, signed: Moment, now: Moment) -> bool {
        signed.0.saturating_add(SKEW) >= self.made.0 && signed.has_come(now)
    }
}

/// A nonce that nobody guesses.
pub(crate) fn nonce() -> Result<String, ring::error::Unspecified> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0; NONCE];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(jws::text(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of OpenID4VP 1.0, B.2.6.1 and B.2.6.2.
    fn example(channel: Channel) -> Challenge {
        let nonce = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA".to_owned();
        let key = "4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047";
        let mut name = [0; 32];
        hex::decode_to_slice(key, &mut name).unwrap();
        Challenge::new(channel, Some(name), nonce, Moment(0), Moment(600))
    }

    #[test]
    fn transcripts_are_those_of_the_standard() {
        let redirect = example(Channel::Redirect {
            client_id: "x509_san_dns:example.com".to_owned(),
            response_uri: "https://example.com/response".to_owned(),
        });
        let wanted = "83f6f682714f70656e494434565048616e646f7665725820\
                      048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac";
        assert_eq!(hex::encode(redirect.session_transcript()), wanted);
        let browser = example(Channel::Browser {
            origin: "https://example.com".to_owned(),
        });
        let wanted = "83f6f682764f70656e4944345650444341504948616e646f7665725820\
                      fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a";
        assert_eq!(hex::encode(browser.session_transcript()), wanted);
        assert_eq!(browser.audience(), "origin:https://example.com");
    }

    #[test]
    fn nonces_differ() {
        let nonces = [nonce().unwrap(), nonce().unwrap()];
        assert_ne!(nonces[0], nonces[1]);
        assert!(nonces.iter().all(|nonce| nonce.len() == 43));
    }
}
