//! What goes from one party to another before a proof: a holder's request for an attestation, and a verifier's
//! challenge.

use ofage_light::Expected;
use ofage_primitives::{
    binding::ShortText, Binding, Context, GenesisHash, IdentityCommitment, IssuerId, IssuerIndex, Policy,
};
use serde::{Deserialize, Serialize};

use crate::{
    document::{self, DocumentError},
    ownership::{self, Claim, OwnershipProof, OwnershipRefused},
    random::{self, NoRandomness},
};

/// Longest life of a challenge, in minutes: a day.
pub const MAX_CHALLENGE_MINUTES: u32 = 24 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum RequestFormat {
    #[serde(rename = "ofage-attestation-request/1")]
    V1,
}

/// What a holder gives to an issuer: a commitment that no other issuer can recognise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttestationRequest {
    format: RequestFormat,
    /// The chain.
    #[serde(with = "document::genesis")]
    pub genesis: GenesisHash,
    /// The issuer.
    pub issuer: IssuerIndex,
    /// Its field element.
    pub issuer_id: IssuerId,
    /// The holder, towards this issuer.
    pub identity: IdentityCommitment,
    /// The issuer's name for the customer, if the request is tied to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// That the commitment is the holder's own, for that reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<OwnershipProof>,
}

impl AttestationRequest {
    pub(crate) fn new(genesis: GenesisHash, issuer: IssuerIndex, identity: IdentityCommitment) -> Self {
        let issuer_id = ofage_primitives::hashes::issuer_id(&genesis, issuer);
        Self {
            format: RequestFormat::V1,
            genesis,
            issuer,
            issuer_id,
            identity,
            reference: None,
            ownership: None,
        }
    }

    pub(crate) fn owned(self, reference: String, proof: OwnershipProof) -> Self {
        Self {
            reference: Some(reference),
            ownership: Some(proof),
            ..self
        }
    }

    /// Checks that the commitment is the sender's, and made for that customer. A request without a proof shows neither.
    ///
    /// # Errors
    /// [`OwnershipRefused`].
    pub fn check_ownership(&self, reference: &str) -> Result<(), OwnershipRefused> {
        let claim = Claim::for_file(self.genesis, self.issuer, reference).map_err(|_| OwnershipRefused)?;
        match &self.ownership {
            Some(proof) if self.reference.as_deref() == Some(reference) => {
                ownership::check(&claim, self.identity, proof)
            }
            _ => Err(OwnershipRefused),
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocumentError> {
        document::read("request for an attestation", bytes)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ChallengeFormat {
    #[serde(rename = "ofage-challenge/1")]
    V1,
}

/// What an app asks of one account, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    format: ChallengeFormat,
    /// The chain whose anchors count.
    #[serde(with = "document::genesis")]
    pub genesis: GenesisHash,
    /// The app, by its origin.
    pub origin: ShortText,
    /// What it asks.
    pub policy: Policy,
    /// The account, and the key it speaks with.
    pub binding: Binding,
    /// Random, so that an old proof is no answer.
    #[serde(with = "ofage_primitives::presentation::json::hex32")]
    pub nonce: [u8; 32],
    /// Unix seconds after which no answer is taken.
    pub expires_at: u64,
}

impl Challenge {
    /// What its answer is compared with.
    pub fn expected(&self) -> Expected {
        Expected::answer(
            self.genesis,
            self.context(),
            self.policy.clone(),
            self.binding.clone(),
            self.nonce,
            self.expires_at,
        )
    }

    /// Makes a challenge with a fresh nonce.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new(
        genesis: GenesisHash,
        origin: ShortText,
        policy: Policy,
        binding: Binding,
        expires_at: u64,
    ) -> Result<Self, NoRandomness> {
        let nonce = *random::bytes::<32>()?;
        Ok(Self {
            format: ChallengeFormat::V1,
            genesis,
            origin,
            policy,
            binding,
            nonce,
            expires_at,
        })
    }

    /// Reads a challenge.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocumentError> {
        document::read("challenge", bytes)
    }

    /// Where an answer counts.
    pub fn context(&self) -> Context {
        Context::Origin(self.origin.clone())
    }
}

/// Checks an app's origin: a scheme, a host, perhaps a port, and nothing after it. The usual port of a scheme is left
/// out, so that an origin, and with it a scope, has one form.
pub fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address are within brackets.
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host_ok = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(address) => {
            address.is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok_and(|n| n.to_string() == a))
        }
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b))
        }
    };
    let port_ok = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|n| n > 0 && n.to_string() == port));
    let usual_port = matches!(
        (scheme, port),
        ("https" | "wss", Some("443")) | ("http" | "ws", Some("80"))
    );
    scheme_ok && host_ok && port_ok && !usual_port
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::{policy::AgeBand, TrustListId};

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for good in [
            "https://chat.example",
            "https://chat.example:8448",
            "matrix://hs.example",
            "http://127.0.0.1:8080",
            "http://[::1]",
            "http://[::1]:8080",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "chat.example",
            "https://",
            "https://chat.example/",
            "https://Chat.example",
            "https://a b",
            "https://a:0",
            "https://a:99999",
            "https://a?x",
            "://a",
            "https://user@a",
            "https://chat.example:443",
            "http://chat.example:80",
            "https://[::1",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn a_request_that_is_tied_to_a_customer_says_so_and_proves_it() {
        let (genesis, issuer) = (GenesisHash([7; 32]), IssuerIndex(0));
        let secret = ofage_primitives::HolderSecret::from_uniform(&[1; 64]);
        let claim = Claim::for_file(genesis, issuer, "customer-1").unwrap();
        let (identity, proof) = ownership::prove(&secret, &claim).unwrap();
        let plain = AttestationRequest::new(genesis, issuer, identity);
        assert!(plain.check_ownership("customer-1").is_err(), "nothing is proved");
        let request = plain.owned("customer-1".into(), proof);
        let read = AttestationRequest::from_json(&serde_json::to_vec(&request).unwrap()).unwrap();
        assert_eq!(read, request);
        assert_eq!(read.check_ownership("customer-1"), Ok(()));
        assert!(read.check_ownership("customer-2").is_err());
        let mut renamed = read;
        renamed.reference = Some("customer-2".into());
        assert!(renamed.check_ownership("customer-2").is_err());
    }

    #[test]
    fn a_challenge_survives_json_and_nothing_is_added() {
        let challenge = Challenge::new(
            GenesisHash([7; 32]),
            ShortText::new("https://chat.example".into()).unwrap(),
            Policy::new(AgeBand::over(18), TrustListId(0)),
            Binding::ChainAccount([1; 32]),
            5,
        )
        .unwrap();
        let mut json = serde_json::to_value(&challenge).unwrap();
        let bytes = serde_json::to_vec(&json).unwrap();
        assert_eq!(Challenge::from_json(&bytes).unwrap(), challenge);
        json["more"] = 1.into();
        assert!(Challenge::from_json(&serde_json::to_vec(&json).unwrap()).is_err());
        assert!(Challenge::from_json(&bytes[..bytes.len() - 1]).is_err());
        assert!(Challenge::from_json(&[bytes.clone(), b"{}".to_vec()].concat()).is_err());
    }
}
