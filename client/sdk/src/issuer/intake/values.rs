//! From texts to a row: the same for every kind of file.

use ofage_primitives::{attributes::Parts, Assurance, Attributes, AttributesError, Day, DayError, Flags};

use super::{Column, Reason, Row, Rules, MAX_FIELD, MAX_REFERENCE};
use crate::ownership::{self, Claim, OwnershipProof, PROOF_DIGITS};

/// What is wrong with a row, and where.
pub(super) struct Fault(pub(super) Option<Column>, pub(super) Reason);

/// Reads a row: with an exact birth, or with the interval.
pub(super) fn row<'a>(
    text: &impl Fn(Column) -> Result<&'a str, Fault>,
    exact: bool,
    line: u64,
    rules: &Rules,
) -> Result<Row, Fault> {
    let reference = reference_of(text)?;
    let identity = text(Column::Identity)?
        .parse()
        .map_err(|_| Fault(Some(Column::Identity), Reason::Identity))?;
    let attributes = attributes(text, exact, rules.today)?;
    let fault = |reason| Fault(Some(Column::Ownership), reason);
    let owned = match (text(Column::Ownership)?, &rules.claims) {
        ("", _) if rules.needs_ownership => return Err(fault(Reason::NoOwnership)),
        ("", _) | (_, None) => false,
        (text, Some((genesis, issuer))) => {
            let proof: OwnershipProof = text.parse().map_err(|_| fault(Reason::NotOwner))?;
            Claim::for_file(*genesis, *issuer, reference)
                .ok()
                .and_then(|claim| ownership::check(&claim, identity, &proof).ok())
                .ok_or(fault(Reason::NotOwner))?;
            true
        }
    };
    Ok(Row {
        line,
        reference: reference.to_owned(),
        identity,
        attributes,
        owned,
    })
}

/// Reads a row's reference.
fn reference_of<'a>(text: &impl Fn(Column) -> Result<&'a str, Fault>) -> Result<&'a str, Fault> {
    reference(text(Column::Reference)?).map_err(|reason| Fault(Some(Column::Reference), reason))
}

/// Checks an issuer's name for a customer.
///
/// # Errors
/// [`Reason::Empty`], [`Reason::TooLong`] or [`Reason::Control`].
pub fn reference(text: &str) -> Result<&str, Reason> {
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text.len() > MAX_REFERENCE {
        return Err(Reason::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(Reason::Control);
    }
    Ok(text)
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
        let reference = reference_of(&text)?.to_owned();
        Ok((reference, attributes(&text, exact || !interval, today)?))
    };
    read().map_err(|Fault(column, reason)| (column, reason))
}

/// Bounds a field, and refuses an empty one where something is needed.
pub(super) fn checked(column: Column, text: &str) -> Result<&str, Fault> {
    let fault = |reason| Fault(Some(column), reason);
    let most = if column == Column::Ownership {
        PROOF_DIGITS
    } else {
        MAX_FIELD
    };
    if text.len() > most {
        return Err(fault(Reason::TooLong));
    }
    if text.is_empty() && !matches!(column, Column::Flags | Column::Ownership) {
        return Err(fault(Reason::Empty));
    }
    Ok(text)
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
