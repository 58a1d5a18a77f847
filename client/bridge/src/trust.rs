//! Whose signatures count, and until when.

use std::collections::BTreeSet;

use ofage_primitives::{Assurance, Flags};
use rustls_pki_types::{CertificateDer, TrustAnchor};
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeId,
    KeyPurposeIdIter, KeyUsage, RequiredEkuNotFoundContext, RevocationCheckDepth, RevocationOptionsBuilder,
    UnknownStatusPolicy, ALL_VERIFICATION_ALGS,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{
    keys::{sha256, PublicKey},
    Moment, Refusal,
};

/// Most certificates of a chain that are looked at.
const MAX_CHAIN: usize = 8;

/// A format of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// SD-JWT VC, `dc+sd-jwt`.
    SdJwt,
    /// ISO/IEC 18013-5, `mso_mdoc`.
    Mdoc,
}

/// Somebody whose credentials count.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) format: Format,
    /// Values of `vct`, or types of documents.
    pub(crate) types: Vec<String>,
    /// The `iss` that an SD-JWT must have, if one is set.
    pub(crate) iss: Option<String>,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) keys: Vec<PublicKey>,
    pub(crate) assurance: Assurance,
    pub(crate) flags: Flags,
}

/// A root that is trusted, while it is valid.
pub(crate) struct Anchor {
    anchor: TrustAnchor<'static>,
    not_before: Moment,
    not_after: Moment,
}

impl Anchor {
    /// Takes a root's certificate.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        let certificate = CertificateDer::from(der);
        let anchor = webpki::anchor_from_trusted_cert(&certificate).ok()?.to_owned();
        let (not_before, not_after) = validity(der)?;
        Some(Self {
            anchor,
            not_before,
            not_after,
        })
    }

    fn is_valid(&self, now: Moment) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }
}

/// Everybody whose credentials count.
pub struct Trust {
    pub(crate) sources: Vec<Source>,
    pub(crate) lists: Vec<CertRevocationList<'static>>,
    /// Whether a signer without a revocation list is refused.
    pub(crate) needs_lists: bool,
    /// SHA-256 of certificates, and thumbprints of keys.
    pub(crate) revoked: BTreeSet<[u8; 32]>,
    /// Whether credentials are taken without asking for their status.
    pub(crate) ignores_status: bool,
}

/// What the signer's certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Driving licences: the certificate has to say so.
    DrivingLicence,
    /// Other mdocs: if it says what it is for, then that.
    Document,
    /// JSON: anything but what servers and clients on the web, and readers of mdocs, have it for.
    Json,
}

/// 1.0.18013.5.1.2, signing mdocs (ISO/IEC 18013-5, table B.3).
const MDL_SIGNER: &[u8] = &[0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x02];
/// 1.0.18013.5.1.6, reading mdocs.
const MDL_READER: &[u8] = &[0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x06];
/// 1.3.6.1.5.5.7.3.1 and 2.
const TLS_SERVER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const TLS_CLIENT: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let purposes = purposes.collect::<Result<Vec<_>, _>>()?;
        let has = |oid| purposes.contains(&KeyPurposeId::new(oid));
        let fits = match self {
            Self::DrivingLicence => has(MDL_SIGNER),
            Self::Document => purposes.is_empty() || has(MDL_SIGNER),
            Self::Json => ![MDL_READER, TLS_SERVER, TLS_CLIENT].into_iter().any(has),
        };
        fits.then_some(())
            .ok_or(Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
                required: KeyUsage::required(MDL_SIGNER),
                present: Vec::new(),
            }))
    }
}

/// A signer's certificate that a root vouches for.
pub(crate) struct Signer<'a> {
    pub(crate) source: &'a Source,
    pub(crate) key: PublicKey,
    pub(crate) not_before: Moment,
    pub(crate) not_after: Moment,
}

impl Trust {
    /// Sources of credentials of that type.
    ///
    /// # Errors
    /// [`Refusal::Type`] if there are none.
    pub(crate) fn sources(&self, format: Format, kind: &str) -> Result<Vec<&Source>, Refusal> {
        let fits = |source: &&Source| source.format == format && source.types.iter().any(|one| one == kind);
        let sources: Vec<_> = self.sources.iter().filter(fits).collect();
        if sources.is_empty() {
            return Err(Refusal::Type);
        }
        Ok(sources)
    }

    /// Finds the source whose root vouches for the first certificate of a chain.
    ///
    /// # Errors
    /// [`Refusal::Foreign`] if none does, or why the one that does is no use.
    pub(crate) fn signer<'a>(
        &self,
        sources: &[&'a Source],
        chain: &[Vec<u8>],
        purpose: Purpose,
        now: Moment,
    ) -> Result<Signer<'a>, Refusal> {
        if chain.is_empty() || chain.len() > MAX_CHAIN {
            return Err(Refusal::Malformed);
        }
        if chain.iter().any(|der| self.revoked.contains(&sha256(der))) {
            return Err(Refusal::SignerRevoked);
        }
        let chain: Vec<_> = chain.iter().map(|der| CertificateDer::from(&der[..])).collect();
        let (leaf, between) = chain.split_first().ok_or(Refusal::Malformed)?;
        let certificate = EndEntityCert::try_from(leaf).map_err(|_| Refusal::Foreign)?;
        let mut refusal = Refusal::Foreign;
        for source in sources {
            match self.vouched(source, &certificate, between, purpose, now) {
                Ok(()) => {
                    let spki = certificate.subject_public_key_info();
                    let key = PublicKey::from_spki(&spki).ok_or(Refusal::Algorithm)?;
                    let (not_before, not_after) = validity(leaf).ok_or(Refusal::Malformed)?;
                    if !signs(leaf) {
                        return Err(Refusal::Foreign);
                    }
                    return Ok(Signer {
                        source,
                        key,
                        not_before,
                        not_after,
                    });
                }
                Err(Refusal::Foreign) => {}
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }

    fn vouched(
        &self,
        source: &Source,
        certificate: &EndEntityCert<'_>,
        between: &[CertificateDer<'_>],
        purpose: Purpose,
        now: Moment,
    ) -> Result<(), Refusal> {
        let valid = source.anchors.iter().filter(|anchor| anchor.is_valid(now));
        let anchors: Vec<_> = valid.map(|anchor| anchor.anchor.clone()).collect();
        if anchors.is_empty() && !source.anchors.is_empty() {
            return Err(Refusal::SignerExpired);
        }
        let lists: Vec<_> = self.lists.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(match self.needs_lists {
                    true => UnknownStatusPolicy::Deny,
                    false => UnknownStatusPolicy::Allow,
                })
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        if revocation.is_none() && self.needs_lists {
            return Err(Refusal::RevocationList);
        }
        certificate
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &anchors,
                between,
                now.unix(),
                purpose,
                revocation,
                None,
            )
            .map(|_| ())
            .map_err(|error| match error {
                Error::CertExpired { .. } | Error::CertNotValidYet { .. } => Refusal::SignerExpired,
                Error::CertRevoked => Refusal::SignerRevoked,
                Error::CrlExpired { .. } | Error::UnknownRevocationStatus => Refusal::RevocationList,
                _ => Refusal::Foreign,
            })
    }

    /// Whether the settings revoke a key.
    pub(crate) fn is_revoked(&self, key: &PublicKey) -> bool {
        self.revoked.contains(&key.thumbprint())
    }
}

/// When a certificate is valid.
fn validity(der: &[u8]) -> Option<(Moment, Moment)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let moment = |seconds: i64| Moment(u64::try_from(seconds).unwrap_or(0));
    let validity = certificate.validity();
    Some((
        moment(validity.not_before.timestamp()),
        moment(validity.not_after.timestamp()),
    ))
}

/// Whether a certificate's key may sign: what it says of its use, if anything, includes signatures.
fn signs(der: &[u8]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return false;
    };
    match certificate.key_usage() {
        Ok(Some(usage)) => usage.value.digital_signature(),
        Ok(None) => true,
        Err(_) => false,
    }
}
