//! Reading the people to attest, row by row, and telling every row that cannot be attested.
//!
//! Columns, in any order: `reference`, `identity`, either `date_of_birth` or `earliest_birth` and `latest_birth`,
//! then `checked_on`, `enrolled_on`, `expires_on`, `assurance`, `flags`, and perhaps `ownership`. A bad row is told by line,
//! column and reason; the value is not repeated, since it may be a birth date. What stands twice is for the
//! [register](super::register) to notice: nothing here grows with the file.

mod csv;
mod json;
mod postgres;
mod values;

use std::{
    fmt,
    io::{self, Read},
};

use ofage_primitives::{
    Attributes, AttributesError, Day, DayError, GenesisHash, IdentityCommitment, IssuerIndex,
};
use serde::Serialize;

pub use csv::CsvRows;
pub(super) use csv::{header, record, Line, Lines};
pub use json::{json_row, JsonRows};
pub use postgres::{postgres_rows, PostgresError};
pub use values::{assurance, assurance_name, flags, person, reference};

/// Longest reference, in bytes: it names a file.
pub const MAX_REFERENCE: usize = 128;
/// Longest field that is looked at.
const MAX_FIELD: usize = 512;

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The issuer's own name for the row.
    Reference,
    /// The holder's commitment.
    Identity,
    /// Exact birth.
    DateOfBirth,
    /// Earliest possible birth.
    EarliestBirth,
    /// Latest possible birth.
    LatestBirth,
    /// Day of the evidence.
    CheckedOn,
    /// Day of the first attestation.
    EnrolledOn,
    /// Last day.
    ExpiresOn,
    /// How well it was checked.
    Assurance,
    /// How it was checked.
    Flags,
    /// That the commitment is the holder's own.
    Ownership,
}

impl Column {
    /// Every column, in the usual order.
    pub const ALL: [Self; 11] = [
        Self::Reference,
        Self::Identity,
        Self::DateOfBirth,
        Self::EarliestBirth,
        Self::LatestBirth,
        Self::CheckedOn,
        Self::EnrolledOn,
        Self::ExpiresOn,
        Self::Assurance,
        Self::Flags,
        Self::Ownership,
    ];

    /// Its name in the first line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Identity => "identity",
            Self::DateOfBirth => "date_of_birth",
            Self::EarliestBirth => "earliest_birth",
            Self::LatestBirth => "latest_birth",
            Self::CheckedOn => "checked_on",
            Self::EnrolledOn => "enrolled_on",
            Self::ExpiresOn => "expires_on",
            Self::Assurance => "assurance",
            Self::Flags => "flags",
            Self::Ownership => "ownership",
        }
    }

    fn is_birth(self) -> bool {
        matches!(self, Self::DateOfBirth | Self::EarliestBirth | Self::LatestBirth)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The file as a whole cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// Not readable.
    #[error("cannot read the CSV file: {0}")]
    Io(io::Error),
    /// No first line with names.
    #[error("the first line must name the columns, such as reference,identity,date_of_birth,checked_on,enrolled_on,expires_on,assurance,flags")]
    NoHeader,
    /// A first line that does not end.
    #[error("the first line is too long to name columns; is it the right file?")]
    LongHeader,
    /// A name that is none of the columns.
    #[error("column {0} of the first line is unknown; the columns are reference, identity, date_of_birth (or earliest_birth and latest_birth), checked_on, enrolled_on, expires_on, assurance, flags")]
    UnknownColumn(usize),
    /// A name that stands twice.
    #[error("the column {0} stands in the first line twice")]
    TwiceColumn(Column),
    /// A name that is missing.
    #[error("the first line lacks the column {0}")]
    NoColumn(Column),
    /// Both forms of a birth.
    #[error("give date_of_birth, or earliest_birth and latest_birth, but not both")]
    TwoBirths,
}

/// Why a row cannot be attested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Both forms of a birth.
    #[error("stands beside earliest_birth or latest_birth; give one form of the birth")]
    TwoBirths,
    /// More or fewer fields than the first line.
    #[error("has {found} fields where the first line has {expected}; quote fields that hold a comma")]
    Fields {
        /// In this row.
        found: usize,
        /// In the first line.
        expected: usize,
    },
    /// Not UTF-8.
    #[error("is not UTF-8; save the file in that encoding")]
    NotUtf8,
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// Longer than sensible.
    #[error("is too long")]
    TooLong,
    /// Control characters.
    #[error("holds control characters")]
    Control,
    /// The same reference again.
    #[error("is the reference of line {0} too")]
    TwiceReference(u64),
    /// The same commitment again.
    #[error("is the commitment of line {0} too; each person has their own")]
    TwiceIdentity(u64),
    /// Attested before, as someone else.
    #[error("was attested before with other data; revoke that first (ofage issuer revoke), or use another reference")]
    Changed,
    /// The same was attested and revoked.
    #[error("was attested with the same data, and revoked; use another reference if it is to count again")]
    Revoked,
    /// The commitment was attested before, for another reference.
    #[error("was attested before under another reference")]
    KnownIdentity,
    /// Another attestation of the same customer is not final yet.
    #[error("waits to be attested with other data, or is on its way; wait until that is final")]
    OnItsWay,
    /// The old day of the check and the new data contradict each other.
    #[error("would lie before the latest birth if the day of the first check stayed; if the evidence is new, say so (--new-evidence)")]
    OldEvidence,
    /// A re-issue without a proof.
    #[error("is missing: who is attested anew has to prove that the commitment is theirs (ofage wallet request --reference)")]
    NoOwnership,
    /// The proof is of another commitment or reference.
    #[error("does not prove that the commitment is the holder's, for that reference; ask for a new request (ofage wallet request --reference)")]
    NotOwner,
    /// Not an object.
    #[error("is no JSON object; write one object a line")]
    NotJson,
    /// A name that is no column.
    #[error("has a name that is no column; the columns are those of a CSV file")]
    UnknownName,
    /// A name that stands in an object again.
    #[error("stands there twice; which of the two counts cannot be told")]
    Twice,
    /// Neither a text nor nothing.
    #[error("is not a text; put it into quotes")]
    NotText,
    /// Not a commitment.
    #[error("is no identity commitment: 64 hexadecimal digits of the holder's request are needed")]
    Identity,
    /// Not a date.
    #[error("{0}")]
    Date(#[from] DayError),
    /// A birth or check after today.
    #[error("lies in the future")]
    Future,
    /// Expired already.
    #[error("has passed already")]
    Past,
    /// Not the first of a month.
    #[error("is not the first of a month; other days could single a person out, and wallets refuse them")]
    OffGrid,
    /// Unknown level.
    #[error("is no assurance level: self-declared, estimated, inferred, verified or verified-in-person")]
    Assurance,
    /// Unknown flag.
    #[error("holds an unknown flag; join names such as document, bank, telco, school, registry, estimate, guardian-consent with +")]
    Flags,
    /// The values contradict each other.
    #[error("{0}")]
    Attributes(#[from] AttributesError),
}

/// A row that cannot be attested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its line, from 1.
    pub line: u64,
    /// The column at fault; none when it is the row as a whole.
    pub column: Option<Column>,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "line {}: {column} {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

/// A row that can be attested. No `Debug`: it holds a birth date.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line, from 1.
    pub line: u64,
    /// The issuer's name for it.
    pub reference: String,
    /// The holder.
    pub identity: IdentityCommitment,
    /// What to attest.
    pub attributes: Attributes,
    /// Whether the holder proved that the commitment is theirs.
    pub owned: bool,
}

/// What rows are held against.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The day.
    pub today: Day,
    /// The chain and the issuer that proofs of ownership are for; without them none is looked at.
    pub claims: Option<(GenesisHash, IssuerIndex)>,
    /// Whether a row without a proof is bad.
    pub needs_ownership: bool,
}

impl Rules {
    /// Rows without proofs.
    pub fn on(today: Day) -> Self {
        Self {
            today,
            claims: None,
            needs_ownership: false,
        }
    }
}

/// A small file, in memory: every row is in one of the two.
#[derive(Default)]
pub struct Intake {
    /// Rows to attest, in the order of the file.
    pub rows: Vec<Row>,
    /// The others, in the order of the file.
    pub bad: Vec<BadRow>,
}

/// Reads a small CSV file, line by line: a quote that is never closed spoils its own row, and hides none of the next ones.
///
/// # Errors
/// [`CsvError`] when it is no such file at all; a row's fault is in [`Intake::bad`].
pub fn read(source: impl Read, today: Day) -> Result<Intake, CsvError> {
    let mut intake = Intake::default();
    for row in CsvRows::new(source, Rules::on(today))? {
        match row? {
            Ok(row) => intake.rows.push(row),
            Err(bad) => intake.bad.push(bad),
        }
    }
    Ok(intake)
}

#[cfg(test)]
mod tests;
