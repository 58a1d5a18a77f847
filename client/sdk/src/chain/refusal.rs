//! Why the gate pallet refuses an admission, by the codes of its transaction validity.
//!
//! The numbers are those of `pallets/age-gate/src/refusal.rs`, which never reuses one; a test compares them.

use std::fmt;

/// Lowest code that names a position in a batch.
const BATCH_CODE: u8 = 128;

/// Why a gate does not admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdmitRefusal {
    /// The proof has another length than the circuit's proofs.
    ProofLength,
    /// A batch without requests.
    EmptyBatch,
    /// A batch for several gates.
    MixedGates,
    /// A batch with a nullifier or an account twice.
    RepeatedInBatch,
    /// No such gate.
    UnknownGate,
    /// The gate takes no more admissions.
    GateClosed,
    /// The last block is past.
    Expired,
    /// The last block is too far ahead.
    ExpiryTooFar,
    /// For a day that the chain has not reached.
    DayAhead,
    /// For a day before yesterday.
    DayPast,
    /// The anchor is older than the policy allows.
    AnchorTooOld,
    /// The nullifier is another account's.
    NullifierTaken,
    /// The account is in under another nullifier.
    AccountTaken,
    /// The account is in, and it is too early to renew.
    RenewalTooEarly,
    /// The sponsor balance is too low.
    SponsorDry,
    /// The anchor lies ahead.
    AnchorAhead,
    /// The registry root does not count.
    RegistryRoot,
    /// The trust list's root does not count.
    TrustListRoot,
    /// The policy reaches beyond the supported dates.
    PolicyUnmeetable,
    /// The proof is bad.
    Proof,
    /// The request at this position of a batch is refused; alone, it gets its own reason.
    InBatch(u8),
    /// A code that this version does not know.
    Other(u8),
}

impl AdmitRefusal {
    /// Every reason with a code of its own, from code 1 on.
    const CODED: [Self; 20] = [
        Self::ProofLength,
        Self::EmptyBatch,
        Self::MixedGates,
        Self::RepeatedInBatch,
        Self::UnknownGate,
        Self::GateClosed,
        Self::Expired,
        Self::ExpiryTooFar,
        Self::DayAhead,
        Self::DayPast,
        Self::AnchorTooOld,
        Self::NullifierTaken,
        Self::AccountTaken,
        Self::RenewalTooEarly,
        Self::SponsorDry,
        Self::AnchorAhead,
        Self::RegistryRoot,
        Self::TrustListRoot,
        Self::PolicyUnmeetable,
        Self::Proof,
    ];

    /// The reason behind a code of the runtime.
    pub fn from_code(code: u8) -> Self {
        if let Some(position) = code.checked_sub(BATCH_CODE) {
            return Self::InBatch(position);
        }
        let coded = usize::from(code)
            .checked_sub(1)
            .and_then(|place| Self::CODED.get(place));
        coded.copied().unwrap_or(Self::Other(code))
    }

    /// A name that programs compare; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ProofLength => "proof-length",
            Self::EmptyBatch => "empty-batch",
            Self::MixedGates => "mixed-gates",
            Self::RepeatedInBatch => "repeated-in-batch",
            Self::UnknownGate => "unknown-gate",
            Self::GateClosed => "gate-closed",
            Self::Expired => "expired",
            Self::ExpiryTooFar => "expiry-too-far",
            Self::DayAhead => "day-ahead",
            Self::DayPast => "day-past",
            Self::AnchorTooOld => "anchor-too-old",
            Self::NullifierTaken => "nullifier-taken",
            Self::AccountTaken => "account-taken",
            Self::RenewalTooEarly => "renewal-too-early",
            Self::SponsorDry => "sponsor-dry",
            Self::AnchorAhead => "anchor-ahead",
            Self::RegistryRoot => "registry-root",
            Self::TrustListRoot => "trust-list-root",
            Self::PolicyUnmeetable => "policy-unmeetable",
            Self::Proof => "proof",
            Self::InBatch(_) => "in-batch",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for AdmitRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProofLength => "the proof has not the length of this circuit's proofs; send it whole and unpadded",
            Self::EmptyBatch => "there are no requests in the batch",
            Self::MixedGates => "the requests of the batch name different gates; send one batch for each gate",
            Self::RepeatedInBatch => {
                "two requests of the batch share an account or a holder's slot; send one of them later, or not at all"
            }
            Self::UnknownGate => "the chain has no such gate",
            Self::GateClosed => "the gate takes no more admissions",
            Self::Expired => "the proof's last block is past; prove again",
            Self::ExpiryTooFar => "the proof's last block is too far ahead; prove again with a smaller --valid-blocks",
            Self::DayAhead => {
                "the proof is for a day that the chain has not reached; set the clock right, it counts in UTC, and \
                 prove again"
            }
            Self::DayPast => "the proof is for a day before yesterday; prove again",
            Self::AnchorTooOld => {
                "the proof's anchor is older than the gate's policy allows; prove again against a newer block"
            }
            Self::NullifierTaken => {
                "this holder's slot is taken by another account there; use another slot, or wait until that admission \
                 ends"
            }
            Self::AccountTaken => "the account is in already, by another holder or slot, until that admission ends",
            Self::RenewalTooEarly => {
                "the account is in already, and it is too early to renew; renew in the second half of the admission"
            }
            Self::SponsorDry => {
                "the gate's sponsor balance does not cover an admission; ask the gate's owner to fund it \
                 (ofage gate fund)"
            }
            Self::AnchorAhead => "the proof's anchor is a block that is not there yet; wait some seconds",
            Self::RegistryRoot => {
                "the registry root of the proof's anchor was not current at that block, or was superseded too long \
                 ago; prove again against a newer block"
            }
            Self::TrustListRoot => {
                "the trust list's root of the proof's anchor was not current at that block, or was superseded too \
                 long ago; prove again against a newer block"
            }
            Self::PolicyUnmeetable => {
                "the gate's policy reaches beyond the supported dates; ask the gate's owner to change it"
            }
            Self::Proof => "the proof does not prove what the gate asks, for this account, gate, day and chain",
            Self::InBatch(position) => {
                return write!(
                    f,
                    "the request at position {position} of the batch is refused; send it alone to learn why"
                );
            }
            Self::Other(code) => {
                return write!(
                    f,
                    "the chain gives a reason that this version does not know (code {code}); update this software"
                );
            }
        })
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

    /// The pallet's own list, from its source: a client must not depend on a pallet.
    const PALLET: &str = include_str!("../../../../pallets/age-gate/src/refusal.rs");

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
    fn the_codes_are_those_of_the_pallet() {
        let body = PALLET.split_once("pub enum Refusal {").unwrap().1;
        let body = body.split_once("\n}").unwrap().0;
        let listed: Vec<(String, u8)> = body
            .lines()
            .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = "))
            .map(|(name, code)| (kebab(name), code.parse().unwrap()))
            .collect();
        assert_eq!(listed.len(), AdmitRefusal::CODED.len());
        for (name, code) in listed {
            assert_eq!(AdmitRefusal::from_code(code).code(), name, "code {code}");
        }
        let book = include_str!("../../../../docs/book/src/cli.md");
        for code in 0..=BATCH_CODE {
            let name = AdmitRefusal::from_code(code).code();
            assert!(book.contains(&format!("`{name}`")), "{name} is not in the book");
        }
        let batch = format!("pub const BATCH_CODE: u8 = {BATCH_CODE};");
        assert!(PALLET.contains(&batch));
    }

    #[test]
    fn codes_of_a_batch_name_a_position_and_others_are_told() {
        assert_eq!(AdmitRefusal::from_code(128), AdmitRefusal::InBatch(0));
        assert_eq!(AdmitRefusal::from_code(255), AdmitRefusal::InBatch(127));
        assert_eq!(AdmitRefusal::from_code(0), AdmitRefusal::Other(0));
        assert_eq!(AdmitRefusal::from_code(127), AdmitRefusal::Other(127));
        let told: std::collections::BTreeSet<String> = (0..=u8::MAX)
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
