//! Why a credential is no evidence.

/// Why a presentation is refused. None repeats what the credential says of its holder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Beyond [`MAX_PRESENTATION`](crate::MAX_PRESENTATION).
    #[error("the presentation is too large; ask for the age alone, without portraits")]
    TooLarge,
    /// Not one of the two formats.
    #[error("the presentation is neither an SD-JWT with key binding nor a device response of an mdoc, or is damaged")]
    Malformed,
    /// Signed with something else than ES256 or ES384, or with critical headers.
    #[error("the credential is signed in a way that is not supported; ES256 and ES384 are")]
    Algorithm,
    /// A type of credential that the settings do not list.
    #[error("this type of credential is not one that the settings accept")]
    Type,
    /// No signer that is trusted.
    #[error("none of the trusted issuers signed the credential")]
    Foreign,
    /// A certificate of the signer's chain has expired, or is not valid yet.
    #[error("a certificate of the signer has expired or is not valid yet")]
    SignerExpired,
    /// Revoked by a revocation list, or by the settings.
    #[error("the signer is revoked")]
    SignerRevoked,
    /// A revocation list is older than it may be, or one is missing where the settings demand it.
    #[error(
        "the signer's revocation list is missing or out of date; fetch it again and name it in the settings"
    )]
    RevocationList,
    /// The issuer's signature is wrong.
    #[error("the issuer's signature does not fit the credential")]
    IssuerSignature,
    /// Something disclosed is not what the issuer signed.
    #[error("the credential discloses what its issuer did not sign")]
    Tampered,
    /// Not valid yet.
    #[error("the credential is not valid yet")]
    NotYetValid,
    /// Expired.
    #[error("the credential has expired; ask for a fresh one")]
    Expired,
    /// Revoked or suspended by its issuer.
    #[error("the credential's issuer has revoked or suspended it")]
    Revoked,
    /// A status list is needed.
    #[error("the credential's status is told by the list at {uri}; fetch it, and check again with it")]
    StatusNeeded {
        /// Where the list is.
        uri: String,
    },
    /// The status list that was given cannot be used.
    #[error(
        "the status list is damaged, out of date, for another address or of another signer; fetch it again"
    )]
    StatusUnusable,
    /// No key that the holder could prove, or no proof of it.
    #[error("the presentation does not prove that its holder owns the credential's key")]
    NoHolderBinding,
    /// A key of a message authentication code: only the session's two ends could check it.
    #[error("the holder's wallet authenticated by a shared key; ask for a device signature")]
    DeviceMac,
    /// The holder's signature is wrong; of a mdoc, also when it answers another request.
    #[error("the holder's signature does not fit: it answers another request or another verifier, or something was altered")]
    HolderSignature,
    /// Answers another request.
    #[error("the presentation answers another request: its nonce differs")]
    WrongNonce,
    /// Meant for somebody else.
    #[error("the presentation is meant for another verifier")]
    WrongAudience,
    /// Signed before the request, or too far in the future.
    #[error("the holder signed outside the time of the request; check the clocks")]
    OldBinding,
    /// The key binding belongs to other disclosures.
    #[error("the holder signed another selection of the credential")]
    WrongSelection,
    /// The request is too old.
    #[error("the request has expired; make a new one")]
    ChallengeExpired,
    /// Says nothing that bounds a birth.
    #[error("the credential discloses neither a birth date nor an age")]
    NoAge,
    /// What it says of the birth cannot all be true.
    #[error("what the credential says of the birth contradicts itself")]
    Contradiction,
}

impl Refusal {
    /// A name that stays, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Foreign => "foreign",
            Self::SignerExpired => "signer-expired",
            Self::SignerRevoked => "signer-revoked",
            Self::RevocationList => "revocation-list",
            Self::IssuerSignature => "issuer-signature",
            Self::Tampered => "tampered",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::StatusNeeded { .. } => "status-needed",
            Self::StatusUnusable => "status-unusable",
            Self::NoHolderBinding => "no-holder-binding",
            Self::DeviceMac => "device-mac",
            Self::HolderSignature => "holder-signature",
            Self::WrongNonce => "wrong-nonce",
            Self::WrongAudience => "wrong-audience",
            Self::OldBinding => "old-binding",
            Self::WrongSelection => "wrong-selection",
            Self::ChallengeExpired => "challenge-expired",
            Self::NoAge => "no-age",
            Self::Contradiction => "contradiction",
        }
    }

    /// Whether the same presentation may be checked again with more from the issuer's side: a list that was missing or old.
    pub const fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::StatusNeeded { .. } | Self::StatusUnusable | Self::RevocationList
        )
    }
}
