//! The service's URL, which is its name.

use std::{fmt, str::FromStr};

use ofage_primitives::binding::{ShortText, MAX_NAME};
use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

/// A URL that names no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// No URL, or one in another form than the usual one.
    #[error("not a URL in its usual form, such as https://ages.bank.example or https://bank.example/ages, without a slash at the end")]
    Form,
    /// Neither encrypted nor on this machine.
    #[error("the URL must begin with https://; http:// is for addresses of this machine, such as http://127.0.0.1:8090")]
    NotHttps,
    /// More than a service's name.
    #[error("the URL of a service has no user, query or fragment")]
    Parts,
    /// Longer than what a proof can be made for.
    #[error("the URL has more than {MAX_NAME} bytes")]
    TooLong,
}

/// A credential issuer identifier: the URL of a service, and what proofs of ownership name as their audience.
///
/// It has one form, so that two texts are equal when they name the same service: the standard compares them byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    text: String,
    url: Url,
}

impl IssuerUrl {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, as what a proof is made for.
    pub fn audience(&self) -> ShortText {
        ShortText::new(self.text.clone()).expect("it has at most MAX_NAME bytes; qed")
    }

    /// Whether it is on this machine, where nothing is encrypted.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The name or number of the machine, for people.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The path before which a proxy may have put the service; empty without one.
    pub fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// An address below it.
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.path()));
        url
    }

    /// The address of its metadata of a kind: the kind stands between host and path.
    pub fn well_known(&self, kind: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("/.well-known/{kind}{}", self.path()));
        url
    }

    /// Whether an address is on the same machine, port and scheme.
    pub fn has_origin_of(&self, url: &Url) -> bool {
        self.url.origin() == url.origin() && url.username().is_empty() && url.password().is_none()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl FromStr for IssuerUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_NAME {
            return Err(UrlError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| UrlError::Form)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(UrlError::NotHttps),
        }
        let parts = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if parts {
            return Err(UrlError::Parts);
        }
        // The parser adds a slash where there is no path.
        let usual = url.as_str().strip_suffix('/').unwrap_or(url.as_str());
        if usual != text || text.ends_with('/') {
            return Err(UrlError::Form);
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for IssuerUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for IssuerUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}
