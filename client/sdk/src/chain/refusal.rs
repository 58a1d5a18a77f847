//! Why the gate pallet refuses an admission, in words.
//!
//! The codes are those of [`Refusal`], which the pallet shares.

use ofage_primitives::refusal::{position_of, Refusal};
use std::fmt;

/// Why a gate does not admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdmitRefusal {
    /// The request, or the batch as a whole, is refused for this.
    Coded(Refusal),
    /// The request at this position of a batch is refused; alone, it gets its own reason.
    InBatch(u8),
    /// A code that this version does not know.
    Other(u8),
}

impl From<Refusal> for AdmitRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Coded(refusal)
    }
}

impl AdmitRefusal {
    /// The reason behind a code of the runtime.
    pub fn from_code(code: u8) -> Self {
        match (Refusal::from_code(code), position_of(code)) {
            (Some(refusal), _) => Self::Coded(refusal),
            (None, Some(position)) => Self::InBatch(position),
            (None, None) => Self::Other(code),
        }
    }

    /// A name that programs compare; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Coded(refusal) => name(*refusal),
            Self::InBatch(_) => "in-batch",
            Self::Other(_) => "other",
        }
    }
}

const fn name(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::ProofLength => "proof-length",
        Refusal::EmptyBatch => "empty-batch",
        Refusal::MixedGates => "mixed-gates",
        Refusal::RepeatedInBatch => "repeated-in-batch",
        Refusal::UnknownGate => "unknown-gate",
        Refusal::GateClosed => "gate-closed",
        Refusal::Expired => "expired",
        Refusal::ExpiryTooFar => "expiry-too-far",
        Refusal::DayAhead => "day-ahead",
        Refusal::DayPast => "day-past",
        Refusal::AnchorTooOld => "anchor-too-old",
        Refusal::NullifierTaken => "nullifier-taken",
        Refusal::AccountTaken => "account-taken",
        Refusal::RenewalTooEarly => "renewal-too-early",
        Refusal::SponsorDry => "sponsor-dry",
        Refusal::AnchorAhead => "anchor-ahead",
        Refusal::RegistryRoot => "registry-root",
        Refusal::TrustListRoot => "trust-list-root",
        Refusal::PolicyUnmeetable => "policy-unmeetable",
        Refusal::Proof => "proof",
        Refusal::CircuitDisabled => "circuit-disabled",
        Refusal::IssuerCount => "issuer-count",
        Refusal::RepeatedIssuer => "repeated-issuer",
        // The primitives' list may grow before this one does; a test compares them.
        _ => "other",
    }
}

const fn words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::ProofLength => {
            "the proof has not the length of this circuit's proofs for its number of issuers; send it whole and \
             unpadded"
        }
        Refusal::EmptyBatch => "there are no requests in the batch",
        Refusal::MixedGates => "the requests of the batch name different gates; send one batch for each gate",
        Refusal::RepeatedInBatch => {
            "two requests of the batch share an account or a holder's slot; send one of them later, or not at all"
        }
        Refusal::UnknownGate => "the chain has no such gate",
        Refusal::GateClosed => "the gate takes no more admissions",
        Refusal::Expired => "the proof's last block is past; prove again",
        Refusal::ExpiryTooFar => "the proof's last block is too far ahead; prove again with a smaller --valid-blocks",
        Refusal::DayAhead => {
            "the proof is for a day that the chain has not reached; set the clock right, it counts in UTC, and \
             prove again"
        }
        Refusal::DayPast => "the proof is for a day before yesterday; prove again",
        Refusal::AnchorTooOld => {
            "the proof's anchor is older than the gate's policy allows; prove again against a newer block"
        }
        Refusal::NullifierTaken => {
            "this holder's slot is taken by another account there; use another slot, or wait until that admission \
             ends"
        }
        Refusal::AccountTaken => "the account is in already, by another holder or slot, until that admission ends",
        Refusal::RenewalTooEarly => {
            "the account is in already, and it is too early to renew; renew in the second half of the admission"
        }
        Refusal::SponsorDry => {
            "the gate's sponsor balance does not cover an admission; ask the gate's owner to fund it \
             (ofage gate fund)"
        }
        Refusal::AnchorAhead => "the proof's anchor is a block that is not there yet; wait some seconds",
        Refusal::RegistryRoot => {
            "the registry root of the proof's anchor was not current at that block, or was superseded too long \
             ago; prove again against a newer block"
        }
        Refusal::TrustListRoot => {
            "the trust list's root of the proof's anchor was not current at that block, or was superseded too \
             long ago; prove again against a newer block"
        }
        Refusal::PolicyUnmeetable => {
            "the gate's policy reaches beyond the supported dates; ask the gate's owner to change it"
        }
        Refusal::Proof => "the proof does not prove what the gate asks, for this account, gate, day and chain",
        Refusal::CircuitDisabled => {
            "governance has disabled the circuit that gates take proofs of; wait until it is enabled again, or update \
             this software for a new one"
        }
        Refusal::IssuerCount => {
            "the gate asks for another number of issuers than the proof has; prove again, with as many"
        }
        Refusal::RepeatedIssuer => {
            "the proof names an issuer twice, or its issuers out of order; prove again, with distinct ones"
        }
        // As above.
        _ => "the chain gives a reason that this version has no words for; update this software",
    }
}

impl fmt::Display for AdmitRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coded(refusal) => f.write_str(words(*refusal)),
            Self::InBatch(position) => write!(
                f,
                "the request at position {position} of the batch is refused; send it alone to learn why"
            ),
            Self::Other(code) => write!(
                f,
                "the chain gives a reason that this version does not know (code {code}); update this software"
            ),
        }
    }
}

/// The number in `Custom error: N`, as nodes write it.
pub(super) fn custom_code(text: &str) -> Option<u8> {
    text.strip_prefix("Custom error: ")
        .and_then(|code| code.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn kebab(name: &str) -> String {
        let mut text = String::new();
        for c in name.chars() {
            if c.is_ascii_uppercase() && !text.is_empty() {
                text.push('-');
            }
            text.push(c.to_ascii_lowercase());
        }
        text
    }

    #[test]
    fn every_refusal_has_its_name_and_the_book_lists_it() {
        let book = include_str!("../../../../docs/book/src/cli.md");
        for refusal in Refusal::ALL {
            let told = AdmitRefusal::from_code(refusal.code());
            assert_eq!(told, AdmitRefusal::Coded(refusal));
            assert_eq!(told.code(), kebab(&format!("{refusal:?}")));
        }
        for code in 0..=u8::MAX {
            let name = AdmitRefusal::from_code(code).code();
            assert!(book.contains(&format!("`{name}`")), "{name} is not in the book");
        }
    }

    #[test]
    fn codes_of_a_batch_name_a_position_and_others_are_told() {
        assert_eq!(AdmitRefusal::from_code(128), AdmitRefusal::InBatch(0));
        assert_eq!(AdmitRefusal::from_code(255), AdmitRefusal::InBatch(127));
        assert_eq!(AdmitRefusal::from_code(0), AdmitRefusal::Other(0));
        assert_eq!(AdmitRefusal::from_code(127), AdmitRefusal::Other(127));
        let told: BTreeSet<String> = (0..=u8::MAX)
            .map(|code| AdmitRefusal::from_code(code).to_string())
            .collect();
        assert_eq!(told.len(), 256, "two codes are told alike");
    }

    #[test]
    fn a_code_is_found_in_the_words_of_a_node() {
        assert_eq!(custom_code("Custom error: 20"), Some(20));
        assert_eq!(custom_code("Custom error: 300"), None);
        assert_eq!(custom_code("Transaction is outdated"), None);
    }
}
