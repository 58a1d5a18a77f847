//! What a checked credential gives.

use std::fmt;

use ofage_primitives::{Assurance, Day, Flags};
use serde::Serialize;

use crate::{Birth, Format, Moment};

/// Names a credential by its holder's key: SHA-256 of the key's point. Two presentations of one credential share it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialId(pub(crate) [u8; 32]);

impl CredentialId {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialId(hidden)")
    }
}

/// A credential that was checked, and what it says of the birth. Only a check makes one; no `Debug`, since it tells a birth.
pub struct Evidence {
    pub(crate) birth: Birth,
    pub(crate) credential: CredentialId,
    pub(crate) format: Format,
    pub(crate) source: String,
    pub(crate) assurance: Assurance,
    pub(crate) flags: Flags,
}

impl Evidence {
    /// When the holder was born.
    pub const fn birth(&self) -> &Birth {
        &self.birth
    }

    /// Which credential it was.
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }

    /// Its format.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The settings' name of who signed it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How well its signer is trusted to know an age, as the settings say.
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// Flags for the attestation: `bridged`, and those of the settings.
    pub const fn flags(&self) -> Flags {
        self.flags
    }
}

/// What is to be attested of a customer: a row of the file that `ofage issuer attest --jsonl` takes, or an offer's. No
/// `Debug`: it holds a birth.
#[derive(Serialize)]
pub struct Row {
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ownership: Option<String>,
    #[serde(flatten)]
    birth: Columns,
    checked_on: Day,
    enrolled_on: Day,
    expires_on: Day,
    assurance: Assurance,
    flags: String,
}

/// The two forms of a birth.
#[derive(Serialize)]
#[serde(untagged)]
enum Columns {
    Exact { date_of_birth: Day },
    Interval { earliest_birth: Day, latest_birth: Day },
}

impl Evidence {
    /// The row of a customer whose attestation is to last that many months. Days but those of the birth are first days of
    /// months, as wallets want them.
    pub fn row(&self, reference: &str, months: u32, now: Moment) -> Row {
        let birth = match self.birth.exact() {
            Some(date_of_birth) => Columns::Exact { date_of_birth },
            None => Columns::Interval {
                earliest_birth: self.birth.earliest(),
                latest_birth: self.birth.latest(),
            },
        };
        let today = now.day().first_of_month();
        let names = Flags::NAMED
            .into_iter()
            .filter(|(_, flag)| self.flags.contains(*flag));
        Row {
            reference: reference.to_owned(),
            identity: None,
            ownership: None,
            birth,
            checked_on: today,
            enrolled_on: today,
            expires_on: months_after(today, months),
            assurance: self.assurance,
            flags: names.map(|(name, _)| name).collect::<Vec<_>>().join("+"),
        }
    }
}

impl Row {
    /// Adds the holder's commitment, and the proof that it is the holder's.
    #[must_use]
    pub fn with_identity(self, identity: String, ownership: Option<String>) -> Self {
        Self {
            identity: Some(identity),
            ownership,
            ..self
        }
    }
}

/// The first day of a month, some months on.
fn months_after(day: Day, months: u32) -> Day {
    let (year, month, _) = day.ymd();
    let month = month - 1 + months;
    Day::from_ymd(year + month / 12, month % 12 + 1, 1).unwrap_or(Day::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{birth::Facts, testing::NOW};

    fn row(facts: &Facts, months: u32) -> serde_json::Value {
        let evidence = Evidence {
            birth: facts.birth(Some(NOW), NOW).ok().unwrap(),
            credential: CredentialId([1; 32]),
            format: Format::Mdoc,
            source: "test".to_owned(),
            assurance: Assurance::VerifiedInPerson,
            flags: Flags::BRIDGED.union(Flags::DOCUMENT),
        };
        serde_json::to_value(evidence.row("customer-1", months, NOW)).unwrap()
    }

    #[test]
    fn a_row_has_one_form_of_the_birth() {
        let adult = Facts {
            over: vec![(18, true)],
            ..Facts::default()
        };
        let wanted = serde_json::json!({
            "reference": "customer-1", "earliest_birth": "1900-01-01", "latest_birth": "2008-11-27",
            "checked_on": "2026-11-01", "enrolled_on": "2026-11-01", "expires_on": "2027-11-01",
            "assurance": "verified-in-person", "flags": "document+bridged",
        });
        assert_eq!(row(&adult, 12), wanted);
        let exact = Facts {
            birth_date: "1990-05-06".parse().ok(),
            ..Facts::default()
        };
        let row = row(&exact, 1);
        assert_eq!(row["date_of_birth"], "1990-05-06");
        assert_eq!(row["expires_on"], "2026-12-01");
        assert!(row.get("earliest_birth").is_none() && row.get("latest_birth").is_none());
    }

    #[test]
    fn months_go_on_into_years() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(months_after(day("2026-11-01"), 2), day("2027-01-01"));
        assert_eq!(months_after(day("2026-12-01"), 120), day("2036-12-01"));
        assert_eq!(months_after(day("2026-01-01"), 11), day("2026-12-01"));
    }
}
