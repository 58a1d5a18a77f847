//! What a service says about itself (OpenID4VCI 1.0, section 12; RFC 8414).

use std::collections::BTreeMap;

use ofage_primitives::{GenesisHash, IssuerIndex};
use serde::{de::Error, Deserialize, Deserializer, Serialize};
use serde_json::{json, Value};
use url::Url;

use super::{read, IssuerUrl, Label, MessageError, PRE_AUTHORIZED_CODE};
use crate::{
    document,
    issuance::{BINDING_METHOD, CONFIGURATION, FORMAT, PROOF_ALGORITHM, PROOF_TYPE},
};

/// Kind of the issuer's metadata, for [`IssuerUrl::well_known`].
pub const ISSUER_METADATA: &str = "openid-credential-issuer";
/// Kind of the authorization server's metadata, for [`IssuerUrl::well_known`].
pub const AUTHORIZATION_METADATA: &str = "oauth-authorization-server";

/// Paths below the service's URL.
mod path {
    pub(super) const CREDENTIAL: &str = "/credential";
    pub(super) const NONCE: &str = "/nonce";
    pub(super) const DEFERRED: &str = "/deferred_credential";
    pub(super) const NOTIFICATION: &str = "/notification";
    pub(super) const TOKEN: &str = "/token";
}

/// A service, its endpoints, and the issuer that it says it is: the wallet compares that with the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerMetadata {
    /// The service.
    pub issuer: IssuerUrl,
    /// Where credentials are asked for.
    pub credential: Url,
    /// Where nonces are fetched.
    pub nonce: Url,
    /// Where credentials are asked for again.
    pub deferred: Url,
    /// Where it wants to hear what became of a credential.
    pub notification: Option<Url>,
    /// What it calls itself. Anybody may call himself so.
    pub name: Option<Label>,
    /// Name of the configuration that is an attestation.
    pub configuration: String,
    /// The chain.
    pub genesis: GenesisHash,
    /// The issuer, by its own account.
    pub index: IssuerIndex,
}

#[derive(Deserialize)]
struct Wire {
    credential_issuer: IssuerUrl,
    #[serde(default)]
    authorization_servers: Option<Vec<String>>,
    credential_endpoint: At,
    nonce_endpoint: At,
    deferred_credential_endpoint: At,
    #[serde(default)]
    notification_endpoint: Option<At>,
    #[serde(default)]
    credential_request_encryption: Option<Encryption>,
    #[serde(default)]
    credential_response_encryption: Option<Encryption>,
    #[serde(default)]
    display: Vec<Display>,
    credential_configurations_supported: BTreeMap<String, Value>,
}

/// An address.
struct At(Url);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Url::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
struct Encryption {
    encryption_required: bool,
}

#[derive(Deserialize)]
struct Display {
    #[serde(default)]
    name: Option<Label>,
}

#[derive(Serialize, Deserialize)]
struct Configuration {
    format: String,
    scope: String,
    cryptographic_binding_methods_supported: Vec<String>,
    proof_types_supported: BTreeMap<String, ProofType>,
    /// This format's own parameter: the chain.
    #[serde(with = "document::genesis")]
    genesis: GenesisHash,
    /// This format's own parameter: the issuer on the chain.
    issuer: IssuerIndex,
}

#[derive(Serialize, Deserialize)]
struct ProofType {
    proof_signing_alg_values_supported: Vec<String>,
}

impl IssuerMetadata {
    /// The metadata of a service of this project.
    pub fn new(issuer: IssuerUrl, name: Option<Label>, genesis: GenesisHash, index: IssuerIndex) -> Self {
        Self {
            credential: issuer.endpoint(path::CREDENTIAL),
            nonce: issuer.endpoint(path::NONCE),
            deferred: issuer.endpoint(path::DEFERRED),
            notification: Some(issuer.endpoint(path::NOTIFICATION)),
            configuration: CONFIGURATION.to_owned(),
            issuer,
            name,
            genesis,
            index,
        }
    }

    /// The document.
    pub fn to_json(&self) -> Value {
        let configuration = Configuration {
            format: FORMAT.to_owned(),
            scope: CONFIGURATION.to_owned(),
            cryptographic_binding_methods_supported: vec![BINDING_METHOD.to_owned()],
            proof_types_supported: BTreeMap::from([(
                PROOF_TYPE.to_owned(),
                ProofType {
                    proof_signing_alg_values_supported: vec![PROOF_ALGORITHM.to_owned()],
                },
            )]),
            genesis: self.genesis,
            issuer: self.index,
        };
        let mut document = json!({
            "credential_issuer": self.issuer,
            "credential_endpoint": self.credential.as_str(),
            "nonce_endpoint": self.nonce.as_str(),
            "deferred_credential_endpoint": self.deferred.as_str(),
            "credential_configurations_supported": { &self.configuration: configuration },
        });
        if let Some(notification) = &self.notification {
            document["notification_endpoint"] = notification.as_str().into();
        }
        if let Some(name) = &self.name {
            document["display"] = json!([{ "name": name }]);
        }
        document
    }

    /// Reads what the service at a URL says about itself. All endpoints have to be at that same place, so that no
    /// document can send a wallet's token elsewhere.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn from_json(bytes: &[u8], at: &IssuerUrl) -> Result<Self, MessageError> {
        let wire: Wire = read("description of a service", bytes)?;
        if wire.credential_issuer != *at {
            return Err(MessageError::OtherIssuer);
        }
        // A service of this project redeems its codes itself.
        if wire.authorization_servers.is_some_and(|all| all != [at.as_str()]) {
            return Err(MessageError::NoConfiguration);
        }
        let encrypted = [
            wire.credential_request_encryption,
            wire.credential_response_encryption,
        ];
        if encrypted
            .into_iter()
            .flatten()
            .any(|option| option.encryption_required)
        {
            return Err(MessageError::NoConfiguration);
        }
        for (name, endpoint) in [
            ("credential", Some(&wire.credential_endpoint)),
            ("nonce", Some(&wire.nonce_endpoint)),
            ("deferred credential", Some(&wire.deferred_credential_endpoint)),
            ("notification", wire.notification_endpoint.as_ref()),
        ] {
            if endpoint.is_some_and(|url| !at.has_origin_of(&url.0)) {
                return Err(MessageError::ForeignEndpoint(name));
            }
        }
        let ours = wire
            .credential_configurations_supported
            .into_iter()
            .find_map(|(id, value)| Some((id, understood(value)?)));
        let (id, configuration) = ours.ok_or(MessageError::NoConfiguration)?;
        Ok(Self {
            issuer: wire.credential_issuer,
            credential: wire.credential_endpoint.0,
            nonce: wire.nonce_endpoint.0,
            deferred: wire.deferred_credential_endpoint.0,
            notification: wire.notification_endpoint.map(|url| url.0),
            name: wire.display.into_iter().find_map(|display| display.name),
            configuration: id,
            genesis: configuration.genesis,
            index: configuration.issuer,
        })
    }
}

/// A configuration of an attestation; other formats have other parameters.
fn understood(value: Value) -> Option<Configuration> {
    let configuration: Configuration = serde_json::from_value(value).ok()?;
    let proof = configuration.proof_types_supported.get(PROOF_TYPE)?;
    let known = configuration.format == FORMAT
        && proof
            .proof_signing_alg_values_supported
            .iter()
            .any(|name| name == PROOF_ALGORITHM);
    known.then_some(configuration)
}

/// Where a service redeems codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationMetadata {
    /// The service.
    pub issuer: IssuerUrl,
    /// Where codes are redeemed.
    pub token: Url,
}

impl AuthorizationMetadata {
    /// The metadata of a service of this project.
    pub fn new(issuer: IssuerUrl) -> Self {
        Self {
            token: issuer.endpoint(path::TOKEN),
            issuer,
        }
    }

    /// The document.
    pub fn to_json(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "token_endpoint": self.token.as_str(),
            "token_endpoint_auth_methods_supported": ["none"],
            "grant_types_supported": [PRE_AUTHORIZED_CODE],
            "pre-authorized_grant_anonymous_access_supported": true,
        })
    }

    /// Reads what the service at a URL says; codes are to be redeemed at that same place, without a name.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn from_json(bytes: &[u8], at: &IssuerUrl) -> Result<Self, MessageError> {
        #[derive(Deserialize)]
        struct Wire {
            issuer: IssuerUrl,
            token_endpoint: At,
            #[serde(default)]
            grant_types_supported: Vec<String>,
            #[serde(rename = "pre-authorized_grant_anonymous_access_supported", default)]
            anonymous: bool,
        }
        let wire: Wire = read("description of a service", bytes)?;
        if wire.issuer != *at {
            return Err(MessageError::OtherIssuer);
        }
        if !at.has_origin_of(&wire.token_endpoint.0) {
            return Err(MessageError::ForeignEndpoint("token"));
        }
        let known = wire
            .grant_types_supported
            .iter()
            .any(|grant| grant == PRE_AUTHORIZED_CODE);
        if !known || !wire.anonymous {
            return Err(MessageError::NoConfiguration);
        }
        Ok(Self {
            issuer: wire.issuer,
            token: wire.token_endpoint.0,
        })
    }
}
