//! What an issuer sets: whom it trusts, and how it asks.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ofage_primitives::{Assurance, Flags};
use rustls_pki_types::{pem::PemObject, CertificateDer, CertificateRevocationListDer};
use serde::Deserialize;
use webpki::{CertRevocationList, OwnedCertRevocationList};

use crate::{
    jws,
    keys::PublicKey,
    mdoc,
    trust::{Anchor, Source},
    Channel, Format, Trust,
};

/// Largest file that is read: revocation lists of a country are some megabytes.
const MAX_FILE: u64 = 32 * 1_024 * 1_024;
/// Months that attestations last if nothing is set.
const VALID_MONTHS: u32 = 12;
/// Most months that they may last.
const MAX_VALID_MONTHS: u32 = 120;

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Not the settings' form.
    #[error("the settings are not of the right form: {0}")]
    Json(serde_json::Error),
    /// A value is no use.
    #[error("in the settings of {source_name}, {what}")]
    Source {
        /// The source's name.
        source_name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// No certificate in a file.
    #[error("{} holds no certificate of a root in PEM", .0.display())]
    Anchor(PathBuf),
    /// No revocation list in a file.
    #[error("{} holds no certificate revocation list in PEM", .0.display())]
    RevocationList(PathBuf),
    /// Not a digest.
    #[error("revoked_signers are SHA-256 digests of certificates, or thumbprints of keys, as 64 hexadecimal digits")]
    Revoked,
    /// Not a thumbprint.
    #[error("encryption_key_thumbprint is the RFC 7638 thumbprint of a key, in base64url")]
    Encryption,
    /// Nobody is trusted.
    #[error("the settings name no source; whose credentials are to count?")]
    NoSource,
    /// Too long or too short.
    #[error("valid_months is 1 to 120")]
    Months,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    channel: Channel,
    encryption_key_thumbprint: Option<String>,
    sources: Vec<SourceSettings>,
    #[serde(default)]
    revocation_lists: Vec<PathBuf>,
    #[serde(default)]
    require_revocation_lists: bool,
    #[serde(default)]
    revoked_signers: Vec<String>,
    #[serde(default)]
    ignore_status: bool,
    valid_months: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceSettings {
    name: String,
    format: Format,
    types: Vec<String>,
    iss: Option<String>,
    #[serde(default)]
    anchors: Vec<PathBuf>,
    #[serde(default)]
    keys: Vec<serde_json::Value>,
    assurance: Assurance,
    #[serde(default)]
    flags: Vec<String>,
}

/// How an issuer asks for credentials, and what it makes of them.
#[derive(Clone, Debug)]
pub struct Settings {
    channel: Channel,
    encryption: Option<[u8; 32]>,
    types: Vec<(Format, String)>,
    valid_months: u32,
}

impl Settings {
    /// Reads a file of settings and the certificates and revocation lists that it names, from its own folder on.
    ///
    /// # Errors
    /// [`SettingsError`], with the file or the source at fault.
    pub fn load(path: &Path) -> Result<(Self, Trust), SettingsError> {
        let file: SettingsFile = serde_json::from_slice(&read(path)?).map_err(SettingsError::Json)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        if file.sources.is_empty() {
            return Err(SettingsError::NoSource);
        }
        let valid_months = file.valid_months.unwrap_or(VALID_MONTHS);
        if !(1..=MAX_VALID_MONTHS).contains(&valid_months) {
            return Err(SettingsError::Months);
        }
        let encryption = match &file.encryption_key_thumbprint {
            None => None,
            Some(text) => {
                let bytes = jws::bytes(text).and_then(|bytes| bytes.try_into().ok());
                Some(bytes.ok_or(SettingsError::Encryption)?)
            }
        };
        let mut lists = Vec::new();
        for name in &file.revocation_lists {
            lists.extend(revocation_lists(&folder.join(name))?);
        }
        let digest = |text: &String| {
            let mut digest = [0; 32];
            hex::decode_to_slice(text, &mut digest).map(|()| digest)
        };
        let revoked: Result<BTreeSet<_>, _> = file.revoked_signers.iter().map(digest).collect();
        let types = |source: &SourceSettings| {
            let format = source.format;
            source.types.clone().into_iter().map(move |name| (format, name))
        };
        let settings = Self {
            channel: file.channel,
            encryption,
            types: file.sources.iter().flat_map(types).collect(),
            valid_months,
        };
        let sources = file.sources.into_iter().map(|source| source.load(folder));
        let trust = Trust {
            sources: sources.collect::<Result<_, _>>()?,
            lists,
            needs_lists: file.require_revocation_lists,
            revoked: revoked.map_err(|_| SettingsError::Revoked)?,
            ignores_status: file.ignore_status,
        };
        Ok((settings, trust))
    }

    /// How wallets are asked.
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// RFC 7638 name of the key that answers are encrypted to, if they are.
    pub const fn encryption(&self) -> Option<[u8; 32]> {
        self.encryption
    }

    /// Types of credentials that are taken.
    pub fn types(&self) -> &[(Format, String)] {
        &self.types
    }

    /// Months that attestations last.
    pub const fn valid_months(&self) -> u32 {
        self.valid_months
    }
}

impl SourceSettings {
    fn load(self, folder: &Path) -> Result<Source, SettingsError> {
        let wrong = |what| SettingsError::Source {
            source_name: self.name.clone(),
            what,
        };
        if self.types.is_empty() {
            return Err(wrong("types is empty; name the credentials that count"));
        }
        if self.anchors.is_empty() && self.keys.is_empty() {
            return Err(wrong("there are neither anchors nor keys, so nobody could sign"));
        }
        if self.format == Format::Mdoc {
            if !self.types.iter().all(|kind| mdoc::is_known(kind)) {
                return Err(wrong(
                    "a type is none of org.iso.18013.5.1.mDL, eu.europa.ec.av.1 and eu.europa.ec.eudi.pid.1",
                ));
            }
            if !self.keys.is_empty() || self.iss.is_some() {
                return Err(wrong(
                    "keys and iss are for sd-jwt; documents are signed under anchors",
                ));
            }
        }
        let flag = |name: &String| Flags::named(name);
        let flags = self
            .flags
            .iter()
            .map(flag)
            .try_fold(Flags::BRIDGED, |all, one| Some(all.union(one?)));
        let flags =
            flags.ok_or_else(|| wrong("a flag is unknown; names are such as document, bank, registry"))?;
        let keys: Option<Vec<_>> = self.keys.iter().map(PublicKey::from_jwk).collect();
        let keys = keys.ok_or_else(|| wrong("a key is no public JWK of the curve P-256 or P-384"))?;
        let mut anchors = Vec::new();
        for name in &self.anchors {
            anchors.extend(certificates(&folder.join(name))?);
        }
        Ok(Source {
            name: self.name,
            format: self.format,
            types: self.types,
            iss: self.iss,
            anchors,
            keys,
            assurance: self.assurance,
            flags,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, SettingsError> {
    let wrong = |error| SettingsError::Io {
        path: path.to_owned(),
        error,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(wrong)?;
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(wrong)?;
    Ok(bytes)
}

fn certificates(path: &Path) -> Result<Vec<Anchor>, SettingsError> {
    let bytes = read(path)?;
    let anchors = CertificateDer::pem_slice_iter(&bytes).map(|der| Anchor::from_der(&der.ok()?));
    let anchors: Option<Vec<_>> = anchors.collect();
    let some = anchors.filter(|anchors| !anchors.is_empty());
    some.ok_or_else(|| SettingsError::Anchor(path.to_owned()))
}

fn revocation_lists(path: &Path) -> Result<Vec<CertRevocationList<'static>>, SettingsError> {
    let bytes = read(path)?;
    let lists = CertificateRevocationListDer::pem_slice_iter(&bytes).map(|der| {
        let list = OwnedCertRevocationList::from_der(&der.ok()?).ok()?;
        Some(CertRevocationList::Owned(list))
    });
    let lists: Option<Vec<_>> = lists.collect();
    let some = lists.filter(|lists| !lists.is_empty());
    some.ok_or_else(|| SettingsError::RevocationList(path.to_owned()))
}

/// Settings of an issuer that is asked over a redirect.
#[cfg(test)]
pub(crate) fn for_tests() -> Settings {
    Settings {
        channel: Channel::Redirect {
            client_id: "x509_san_dns:issuer.example".to_owned(),
            response_uri: "https://issuer.example/answer".to_owned(),
        },
        encryption: None,
        types: Vec::new(),
        valid_months: VALID_MONTHS,
    }
}

#[cfg(test)]
mod tests;
