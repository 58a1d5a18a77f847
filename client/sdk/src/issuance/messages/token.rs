//! Redeeming a code, and fetching a nonce (OpenID4VCI 1.0, sections 6 and 7).

use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::{read, AccessToken, Code, ErrorCode, MessageError, Nonce, TxCode, MAX_MESSAGE};

/// The grant type of such a code.
pub const PRE_AUTHORIZED_CODE: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// A wallet redeems its code. No `Debug`: the code is a secret.
pub struct TokenRequest {
    /// The code of the offer.
    pub code: Code,
    /// What the customer typed.
    pub tx_code: Option<TxCode>,
}

impl TokenRequest {
    /// The body, as a form.
    pub fn to_form(&self) -> Zeroizing<String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", PRE_AUTHORIZED_CODE)
            .append_pair("pre-authorized_code", self.code.expose());
        if let Some(tx_code) = &self.tx_code {
            form.append_pair("tx_code", tx_code.expose());
        }
        Zeroizing::new(form.finish())
    }

    /// Reads the body.
    ///
    /// # Errors
    /// What the service answers.
    pub fn from_form(bytes: &[u8]) -> Result<Self, ErrorCode> {
        if bytes.len() > MAX_MESSAGE {
            return Err(ErrorCode::InvalidRequest);
        }
        let (mut grant, mut code, mut tx_code) = (None, None, None);
        for (name, value) in form_urlencoded::parse(bytes) {
            let place = match &*name {
                "grant_type" => &mut grant,
                "pre-authorized_code" => &mut code,
                "tx_code" => &mut tx_code,
                _ => continue,
            };
            if place.replace(Zeroizing::new(value.into_owned())).is_some() {
                return Err(ErrorCode::InvalidRequest);
            }
        }
        match grant {
            Some(grant) if *grant == PRE_AUTHORIZED_CODE => {}
            Some(_) => return Err(ErrorCode::UnsupportedGrantType),
            None => return Err(ErrorCode::InvalidRequest),
        }
        let code = code.ok_or(ErrorCode::InvalidRequest)?;
        Ok(Self {
            code: code.parse().map_err(|_| ErrorCode::InvalidGrant)?,
            tx_code: match tx_code {
                Some(text) => Some(text.parse().map_err(|_| ErrorCode::InvalidGrant)?),
                None => None,
            },
        })
    }
}

/// What a wallet gets for its code. No `Debug`.
#[derive(Serialize, Deserialize)]
pub struct TokenResponse {
    /// To be shown with later requests.
    pub access_token: AccessToken,
    token_type: String,
    /// For how many seconds.
    pub expires_in: u64,
}

impl TokenResponse {
    /// An answer.
    pub fn new(access_token: AccessToken, expires_in: u64) -> Self {
        Self {
            access_token,
            token_type: "Bearer".to_owned(),
            expires_in,
        }
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, MessageError> {
        let response: Self = read("token response", bytes)?;
        // RFC 6749: the type's case does not matter.
        if !response.token_type.eq_ignore_ascii_case("bearer") {
            return Err(MessageError::Malformed("token response"));
        }
        Ok(response)
    }
}

/// A nonce for one proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceResponse {
    /// It counts once, and not for long.
    pub c_nonce: Nonce,
}

impl NonceResponse {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, MessageError> {
        read("nonce response", bytes)
    }
}
