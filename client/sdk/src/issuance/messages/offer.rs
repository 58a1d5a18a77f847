//! Offers, and the links that carry them (OpenID4VCI 1.0, section 4).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::{form_urlencoded, Url};
use zeroize::Zeroizing;

use super::{read, Code, IssuerUrl, Label, MessageError};
use crate::issuance::CONFIGURATION;

/// Longest link that is read, in bytes.
pub const MAX_OFFER_URI: usize = 4 * 1_024;
/// What a link begins with.
pub const OFFER_SCHEME: &str = "openid-credential-offer";
/// Most credential configurations in an offer.
const MAX_CONFIGURATIONS: usize = 32;
/// Longest name of a credential configuration, in bytes.
const MAX_CONFIGURATION: usize = 128;
/// Longest transaction code that a hint may announce.
const MAX_HINTED: u8 = 64;

/// Characters of a transaction code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Digits.
    #[default]
    Numeric,
    /// Any.
    Text,
}

/// What the customer is asked to type, if an offer has a transaction code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxCodeHint {
    /// Its characters.
    #[serde(default)]
    pub input_mode: InputMode,
    /// How many they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u8>,
    /// Where the customer finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Label>,
}

/// An offer of an attestation. No `Debug`: whoever has the code gets the attestation.
#[derive(Clone)]
pub struct CredentialOffer {
    /// The service.
    pub issuer: IssuerUrl,
    /// The code that is redeemed there.
    pub code: Code,
    /// What the customer types besides; none if nothing.
    pub tx_code: Option<TxCodeHint>,
    /// Names in the service's metadata, of which one is to be an attestation.
    configurations: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    credential_issuer: IssuerUrl,
    credential_configuration_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grants: Option<Grants>,
}

#[derive(Serialize, Deserialize)]
struct Grants {
    #[serde(
        rename = "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pre_authorized: Option<PreAuthorized>,
}

#[derive(Serialize, Deserialize)]
struct PreAuthorized {
    #[serde(rename = "pre-authorized_code")]
    code: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tx_code: Option<TxCodeHint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorization_server: Option<IssuerUrl>,
}

impl CredentialOffer {
    /// An offer of this project's configuration.
    pub fn new(issuer: IssuerUrl, code: Code, tx_code: Option<TxCodeHint>) -> Self {
        Self {
            issuer,
            code,
            tx_code,
            configurations: vec![CONFIGURATION.to_owned()],
        }
    }

    /// Reads an offer, as its address gives it.
    ///
    /// # Errors
    /// [`MessageError::OtherOffer`] for one without a code of the service itself, and others of [`MessageError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, MessageError> {
        const WHAT: &str = "credential offer";
        let wire: Wire = read(WHAT, bytes)?;
        let configurations = wire.credential_configuration_ids;
        let bounded = (1..=MAX_CONFIGURATIONS).contains(&configurations.len())
            && configurations
                .iter()
                .all(|id| (1..=MAX_CONFIGURATION).contains(&id.len()));
        let grant = wire
            .grants
            .and_then(|grants| grants.pre_authorized)
            .ok_or(MessageError::OtherOffer)?;
        // A service of this project redeems its codes itself.
        if grant
            .authorization_server
            .is_some_and(|server| server != wire.credential_issuer)
        {
            return Err(MessageError::OtherOffer);
        }
        let length = grant.tx_code.as_ref().and_then(|hint| hint.length);
        if !bounded || length.is_some_and(|length| !(1..=MAX_HINTED).contains(&length)) {
            return Err(MessageError::Malformed(WHAT));
        }
        Ok(Self {
            issuer: wire.credential_issuer,
            code: grant.code,
            tx_code: grant.tx_code,
            configurations,
        })
    }

    /// Whether it offers a configuration of the service's metadata.
    pub fn offers(&self, configuration: &str) -> bool {
        self.configurations.iter().any(|offered| offered == configuration)
    }

    /// The offer as JSON.
    pub fn to_json(&self) -> Zeroizing<String> {
        let wire = Wire {
            credential_issuer: self.issuer.clone(),
            credential_configuration_ids: self.configurations.clone(),
            grants: Some(Grants {
                pre_authorized: Some(PreAuthorized {
                    code: self.code.clone(),
                    tx_code: self.tx_code.clone(),
                    authorization_server: None,
                }),
            }),
        };
        Zeroizing::new(serde_json::to_string(&wire).expect("texts and numbers are written as JSON; qed"))
    }

    /// The link that carries the offer itself, for a QR code or a page.
    pub fn to_uri(&self) -> Zeroizing<String> {
        let encoded: String = form_urlencoded::byte_serialize(self.to_json().as_bytes()).collect();
        // A blank as %20 is read in every way of decoding.
        let encoded = Zeroizing::new(encoded.replace('+', "%20"));
        Zeroizing::new(format!("{OFFER_SCHEME}://?credential_offer={}", *encoded))
    }
}

/// What a link carries.
pub enum OfferLink {
    /// The offer.
    Offer(Box<CredentialOffer>),
    /// Its address. Anybody may have written it, so whoever fetches it takes care.
    Address(Url),
}

impl FromStr for OfferLink {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        if text.len() > MAX_OFFER_URI {
            return Err(MessageError::TooLong {
                what: "link",
                limit: MAX_OFFER_URI,
            });
        }
        let url = Url::parse(text.trim()).map_err(|_| MessageError::NoOffer)?;
        if url.scheme() != OFFER_SCHEME {
            return Err(MessageError::NoOffer);
        }
        let (mut offer, mut address) = (None, None);
        for (name, value) in url.query_pairs() {
            let place = match &*name {
                "credential_offer" => &mut offer,
                "credential_offer_uri" => &mut address,
                _ => continue,
            };
            if place.replace(Zeroizing::new(value.into_owned())).is_some() {
                return Err(MessageError::NoOffer);
            }
        }
        match (offer, address) {
            (Some(offer), None) => Ok(Self::Offer(Box::new(CredentialOffer::from_json(
                offer.as_bytes(),
            )?))),
            (None, Some(address)) => {
                let address = Url::parse(&address).map_err(|_| MessageError::NoOffer)?;
                let web = matches!(address.scheme(), "https" | "http") && address.has_host();
                web.then_some(Self::Address(address)).ok_or(MessageError::NoOffer)
            }
            _ => Err(MessageError::NoOffer),
        }
    }
}

impl fmt::Debug for OfferLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offer(_) => "Offer",
            Self::Address(_) => "Address",
        })
    }
}
