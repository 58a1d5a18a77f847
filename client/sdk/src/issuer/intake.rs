//! Reading the people to attest from a CSV file, and telling every row that cannot be attested.
//!
//! Columns, in any order: `reference`, `identity`, either `date_of_birth` or `earliest_birth` and `latest_birth`,
//! then `checked_on`, `enrolled_on`, `expires_on`, `assurance`, `flags`. A bad row is told by line, column and
//! reason; the value is not repeated, since it may be a birth date.

use std::{
    collections::HashMap,
    fmt,
    io::{self, BufRead, BufReader, Read},
};

use ofage_primitives::{
    attributes::Parts, Assurance, Attributes, AttributesError, Day, DayError, Flags, IdentityCommitment,
};
use serde::Serialize;

/// Longest reference, in bytes: it names a file.
pub const MAX_REFERENCE: usize = 128;
/// Longest field that is looked at.
const MAX_FIELD: usize = 512;
/// Longest line that is looked at: far more than ten such fields.
const MAX_LINE: usize = 16 * 1024;

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
}

impl Column {
    /// Every column, in the usual order.
    pub const ALL: [Self; 10] = [
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
}

/// A whole file: every row is in one of the two.
#[derive(Default)]
pub struct Intake {
    /// Rows to attest, in the order of the file.
    pub rows: Vec<Row>,
    /// The others, in the order of the file.
    pub bad: Vec<BadRow>,
}

/// Reads a file, line by line: a quote that is never closed spoils its own row, and hides none of the next ones.
///
/// # Errors
/// [`CsvError`] when it is no such file at all; a row's fault is in [`Intake::bad`].
pub fn read(source: impl Read, today: Day) -> Result<Intake, CsvError> {
    let mut lines = Lines::new(source);
    let header = loop {
        let line = lines.next()?.ok_or(CsvError::NoHeader)?;
        if let Some(record) = records(&line)?.into_iter().next() {
            break record;
        }
    };
    let layout = Layout::new(&header)?;
    let mut intake = Intake::default();
    let mut seen = Seen::default();
    while let Some(line) = lines.next()? {
        if line.cut {
            intake.bad.push(BadRow {
                line: line.number,
                column: None,
                reason: Reason::TooLong,
            });
            continue;
        }
        for record in records(&line)? {
            match layout
                .row(&record, line.number, today)
                .and_then(|row| seen.note(row))
            {
                Ok(row) => intake.rows.push(row),
                Err(Fault(column, reason)) => intake.bad.push(BadRow {
                    line: line.number,
                    column,
                    reason,
                }),
            }
        }
    }
    Ok(intake)
}

/// A line of the file.
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// At most [`MAX_LINE`] of its bytes.
    text: Vec<u8>,
    /// Whether it has more.
    pub(super) cut: bool,
}

/// The lines of a file, with a bound on what is kept of each.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::new(source),
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Line>, CsvError> {
        let mut line = Line {
            number: self.number + 1,
            text: Vec::new(),
            cut: false,
        };
        loop {
            let part = match self.source.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                part => part.map_err(CsvError::Io)?,
            };
            if part.is_empty() {
                if line.text.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = part.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(part.len());
            let room = MAX_LINE.saturating_sub(line.text.len());
            line.text.extend_from_slice(&part[..taken.min(room)]);
            line.cut |= taken > room;
            self.source.consume(taken);
            if end.is_some() {
                break;
            }
        }
        self.number = line.number;
        Ok(Some(line))
    }
}

/// The rows of a line: one, or none if it is empty; more where a file ends its lines in a way of old.
pub(super) fn records(line: &Line) -> Result<Vec<csv::ByteRecord>, CsvError> {
    let io = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => CsvError::Io(error),
        other => CsvError::Io(io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}"))),
    };
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .buffer_capacity(line.text.len())
        .from_reader(&line.text[..])
        .into_byte_records()
        .map(|record| record.map_err(io))
        .collect()
}

struct Fault(Option<Column>, Reason);

/// Which field holds which column.
struct Layout {
    places: HashMap<Column, usize>,
    fields: usize,
}

impl Layout {
    fn new(header: &csv::ByteRecord) -> Result<Self, CsvError> {
        if header.iter().all(<[u8]>::is_empty) {
            return Err(CsvError::NoHeader);
        }
        let mut places = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let column = Column::ALL
                .into_iter()
                .find(|column| column.name().as_bytes() == name);
            let column = column.ok_or(CsvError::UnknownColumn(place + 1))?;
            if places.insert(column, place).is_some() {
                return Err(CsvError::TwiceColumn(column));
            }
        }
        let has = |column| places.contains_key(&column);
        let interval = has(Column::EarliestBirth) || has(Column::LatestBirth);
        if has(Column::DateOfBirth) && interval {
            return Err(CsvError::TwoBirths);
        }
        for column in Column::ALL {
            let needed = match column {
                Column::DateOfBirth => !interval,
                Column::EarliestBirth | Column::LatestBirth => interval,
                _ => true,
            };
            if needed && !has(column) {
                return Err(CsvError::NoColumn(column));
            }
        }
        Ok(Self {
            places,
            fields: header.len(),
        })
    }

    fn row(&self, record: &csv::ByteRecord, line: u64, today: Day) -> Result<Row, Fault> {
        if record.len() != self.fields {
            return Err(Fault(
                None,
                Reason::Fields {
                    found: record.len(),
                    expected: self.fields,
                },
            ));
        }
        let text = |column: Column| -> Result<&str, Fault> {
            let fault = |reason| Fault(Some(column), reason);
            let bytes = self
                .places
                .get(&column)
                .and_then(|place| record.get(*place))
                .unwrap_or_default();
            let text = std::str::from_utf8(bytes).map_err(|_| fault(Reason::NotUtf8))?;
            checked(column, text)
        };
        let reference = reference(&text)?;
        let identity = text(Column::Identity)?
            .parse()
            .map_err(|_| Fault(Some(Column::Identity), Reason::Identity))?;
        let exact = self.places.contains_key(&Column::DateOfBirth);
        let attributes = attributes(&text, exact, today)?;
        Ok(Row {
            line,
            reference: reference.to_owned(),
            identity,
            attributes,
        })
    }
}

/// Reads a row's reference.
fn reference<'a>(text: &impl Fn(Column) -> Result<&'a str, Fault>) -> Result<&'a str, Fault> {
    let reference = text(Column::Reference)?;
    let fault = |reason| Fault(Some(Column::Reference), reason);
    if reference.len() > MAX_REFERENCE {
        return Err(fault(Reason::TooLong));
    }
    if reference.chars().any(char::is_control) {
        return Err(fault(Reason::Control));
    }
    Ok(reference)
}

/// Reads what a row says about its person: an exact birth, or the interval.
fn attributes<'a>(
    text: &impl Fn(Column) -> Result<&'a str, Fault>,
    exact: bool,
    today: Day,
) -> Result<Attributes, Fault> {
    let fault = |column, reason| Fault(Some(column), reason);
    let date = |column: Column| -> Result<Day, Fault> {
        let fault = |reason| Fault(Some(column), reason);
        let day: Day = text(column)?
            .parse()
            .map_err(|error: DayError| fault(error.into()))?;
        if column == Column::ExpiresOn {
            if day < today {
                return Err(fault(Reason::Past));
            }
        } else if day > today {
            return Err(fault(Reason::Future));
        }
        if !column.is_birth() && !day.is_on_grid() {
            return Err(fault(Reason::OffGrid));
        }
        Ok(day)
    };
    let (earliest_birth, latest_birth) = if exact {
        let birth = date(Column::DateOfBirth)?;
        (birth, birth)
    } else {
        (date(Column::EarliestBirth)?, date(Column::LatestBirth)?)
    };
    let parts = Parts {
        earliest_birth,
        latest_birth,
        checked_on: date(Column::CheckedOn)?,
        enrolled_on: date(Column::EnrolledOn)?,
        expires_on: date(Column::ExpiresOn)?,
        assurance: assurance(text(Column::Assurance)?).ok_or(fault(Column::Assurance, Reason::Assurance))?,
        flags: flags(text(Column::Flags)?).ok_or(fault(Column::Flags, Reason::Flags))?,
    };
    Attributes::new(parts).map_err(|error| {
        let column = match error {
            AttributesError::EmptyInterval => Some(Column::EarliestBirth),
            AttributesError::CheckedBeforeBirth => Some(Column::CheckedOn),
            AttributesError::ExpiresBeforeEnrolment | AttributesError::ExpiresBeforeCheck => {
                Some(Column::ExpiresOn)
            }
            _ => None,
        };
        Fault(column, error.into())
    })
}

/// Checks a person's columns but for the commitment, which comes later: the reference and what is to be attested.
///
/// # Errors
/// The first fault, and its column.
pub fn person<'a>(
    field: impl Fn(&str) -> Option<&'a str>,
    today: Day,
) -> Result<(String, Attributes), (Option<Column>, Reason)> {
    let text = |column: Column| {
        let text = field(column.name()).unwrap_or_default().trim();
        checked(column, text)
    };
    let has = |column: Column| field(column.name()).is_some();
    let exact = has(Column::DateOfBirth);
    let interval = has(Column::EarliestBirth) || has(Column::LatestBirth);
    let read = || {
        if exact && interval {
            return Err(Fault(Some(Column::DateOfBirth), Reason::TwoBirths));
        }
        let reference = reference(&text)?.to_owned();
        Ok((reference, attributes(&text, exact || !interval, today)?))
    };
    read().map_err(|Fault(column, reason)| (column, reason))
}

/// Bounds a field, and refuses an empty one where something is needed.
fn checked(column: Column, text: &str) -> Result<&str, Fault> {
    let fault = |reason| Fault(Some(column), reason);
    if text.len() > MAX_FIELD {
        return Err(fault(Reason::TooLong));
    }
    if text.is_empty() && column != Column::Flags {
        return Err(fault(Reason::Empty));
    }
    Ok(text)
}

/// References and commitments so far, by the line that had them.
#[derive(Default)]
struct Seen {
    references: HashMap<String, u64>,
    identities: HashMap<IdentityCommitment, u64>,
}

impl Seen {
    fn note(&mut self, row: Row) -> Result<Row, Fault> {
        if let Some(line) = self.references.get(&row.reference) {
            return Err(Fault(Some(Column::Reference), Reason::TwiceReference(*line)));
        }
        if let Some(line) = self.identities.get(&row.identity) {
            return Err(Fault(Some(Column::Identity), Reason::TwiceIdentity(*line)));
        }
        self.references.insert(row.reference.clone(), row.line);
        self.identities.insert(row.identity, row.line);
        Ok(row)
    }
}

/// The assurance level of a name.
pub fn assurance(name: &str) -> Option<Assurance> {
    Assurance::ALL
        .into_iter()
        .find(|level| assurance_name(*level) == name)
}

/// The name of an assurance level, as in CSV and JSON.
pub fn assurance_name(level: Assurance) -> &'static str {
    match level {
        Assurance::SelfDeclared => "self-declared",
        Assurance::Estimated => "estimated",
        Assurance::Inferred => "inferred",
        Assurance::Verified => "verified",
        Assurance::VerifiedInPerson => "verified-in-person",
        _ => "unknown",
    }
}

/// Names of flags, joined by `+`; nothing, or `none`, for no flags.
pub fn flags(text: &str) -> Option<Flags> {
    if text.is_empty() || text == "none" {
        return Some(Flags::default());
    }
    text.split('+').try_fold(Flags::default(), |all, name| {
        Some(all.union(Flags::named(name.trim())?))
    })
}

#[cfg(test)]
mod tests;
