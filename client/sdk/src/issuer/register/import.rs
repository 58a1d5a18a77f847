//! Taking rows in: one by one, or as an import that is accepted or dropped as a whole.

use ofage_primitives::{attributes::Parts, Attributes};
use redb::{Durability, ReadableTable, ReadableTableMetadata};

use super::{
    schema::{attributes, Number, Person, Queued, State, Tables, QUEUE},
    Register, RegisterError,
};
use crate::issuer::intake::{Column, Reason, Row};

/// Rows that are dropped in one transaction.
const CHUNK: usize = 8_192;

/// Whether, and how, a row may take the place of a customer's live attestation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reissue {
    /// It may not.
    #[default]
    No,
    /// It may, on the old evidence: the day of the check stays.
    SameEvidence,
    /// It may, on new evidence: the row's day of the check counts.
    NewEvidence,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It waits to be attested.
    New,
    /// It waits to be attested in place of the customer's attestation, which is revoked then.
    Replaces,
    /// It was taken before, with the same data.
    Already,
    /// It is not attested.
    Refused(Column, Reason),
}

impl Register {
    /// Takes a row in; it is on disk when this returns.
    ///
    /// Whether the holder owns the commitment has been checked: [`Row::owned`].
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn take(&self, row: &Row, reissue: Reissue) -> Result<Taken, RegisterError> {
        self.drop_staged()?;
        self.write(|tables| {
            let taken = tables.stage(row, reissue)?;
            let next = tables.number(Number::Next)?;
            tables.set_number(Number::Accepted, next)?;
            Ok(taken)
        })
    }

    /// Begins an import: drops what an earlier one left behind that was not accepted.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn begin_import(&self) -> Result<(), RegisterError> {
        self.drop_staged()
    }

    /// Checks rows against the register and those of the import before them, and stages the ones to attest.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn stage(&self, rows: &[Row], reissue: Reissue) -> Result<Vec<Taken>, RegisterError> {
        // A crash loses the import anyway, so nothing needs to be on disk before it is accepted.
        self.write_with(Durability::None, |tables| {
            rows.iter().map(|row| tables.stage(row, reissue)).collect()
        })
    }

    /// Accepts the import: what is staged waits to be attested from now on.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn accept_import(&self) -> Result<(), RegisterError> {
        self.write(|tables| {
            let next = tables.number(Number::Next)?;
            tables.set_number(Number::Accepted, next)
        })
    }

    /// Drops the import.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn drop_import(&self) -> Result<(), RegisterError> {
        self.drop_staged()
    }

    /// Rows that wait to be attested.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn waiting(&self) -> Result<u64, RegisterError> {
        // Staged rows are dropped when an import begins or a row is taken, and counted until then.
        Ok(self.read()?.open_table(QUEUE)?.len()?)
    }

    pub(super) fn drop_staged(&self) -> Result<(), RegisterError> {
        loop {
            let done = self.write_with(Durability::None, |tables| {
                let accepted = tables.number(Number::Accepted)?;
                let staged: Vec<u64> = tables
                    .queue
                    .range(accepted..)?
                    .take(CHUNK)
                    .map(|row| Ok(row?.0.value()))
                    .collect::<Result<_, RegisterError>>()?;
                for number in &staged {
                    tables.remove(*number)?;
                }
                if staged.is_empty() {
                    tables.set_number(Number::Next, accepted)?;
                }
                Ok(staged.is_empty())
            })?;
            if done {
                return Ok(());
            }
        }
    }
}

impl Tables<'_> {
    /// Puts a row into the queue, if it is to be attested.
    fn stage(&mut self, row: &Row, reissue: Reissue) -> Result<Taken, RegisterError> {
        let (taken, attributes) = self.judge(row, reissue)?;
        if matches!(taken, Taken::New | Taken::Replaces) {
            self.push(&Queued {
                line: row.line,
                reference: row.reference.clone(),
                identity: row.identity.to_bytes(),
                attributes: attributes.pack().to_bytes(),
            })?;
        }
        Ok(taken)
    }

    /// What becomes of a row, and the attributes that it is attested with.
    fn judge(&self, row: &Row, reissue: Reissue) -> Result<(Taken, Attributes), RegisterError> {
        let refused = |column, reason| Ok((Taken::Refused(column, reason), row.attributes));
        let already = Ok((Taken::Already, row.attributes));
        let accepted = self.number(Number::Accepted)?;
        let queued = self.queued_references.get(&*row.reference)?.map(|n| n.value());
        if let Some(number) = queued {
            let other = self.queued(number)?;
            if number >= accepted {
                return refused(Column::Reference, Reason::TwiceReference(other.line));
            }
            let same = other.identity == row.identity.to_bytes()
                && self.same_but_for_the_check(&other, row, reissue)?;
            return match same {
                true => already,
                false => refused(Column::Reference, Reason::OnItsWay),
            };
        }
        let queued = self
            .queued_identities
            .get(row.identity.to_bytes())?
            .map(|n| n.value());
        if let Some(number) = queued {
            let other = self.queued(number)?;
            let reason = if number >= accepted {
                Reason::TwiceIdentity(other.line)
            } else {
                Reason::KnownIdentity
            };
            return refused(Column::Identity, reason);
        }
        let owner = self.identities.get(row.identity.to_bytes())?;
        if owner.is_some_and(|owner| owner.value() != row.reference) {
            return refused(Column::Identity, Reason::KnownIdentity);
        }
        let Some(person) = self.person(&row.reference)? else {
            return Ok((Taken::New, row.attributes));
        };
        let is_same = |attributes: &Attributes| match &person.opening {
            Some(opening) => opening.is_of(row.identity, attributes),
            // What was attested is forgotten.
            None => false,
        };
        match person.state {
            State::Revoked(_) if person.opening.is_none() || is_same(&row.attributes) => {
                refused(Column::Reference, Reason::Revoked)
            }
            State::Revoked(_) => Ok((Taken::New, row.attributes)),
            State::Planned if is_same(&row.attributes) => already,
            State::Planned => refused(Column::Reference, Reason::OnItsWay),
            State::Final(_) if is_same(&row.attributes) => already,
            State::Final(_) if reissue == Reissue::No && person.opening.is_none() => already,
            State::Final(_) if reissue == Reissue::No => refused(Column::Reference, Reason::Changed),
            State::Final(_) => {
                let Some(attributes) = carried_over(&person, row, reissue)? else {
                    return refused(Column::CheckedOn, Reason::OldEvidence);
                };
                if is_same(&attributes) {
                    return already;
                }
                if !row.owned {
                    return refused(Column::Ownership, Reason::NoOwnership);
                }
                Ok((Taken::Replaces, attributes))
            }
        }
    }

    /// Whether a row that waits is the same, once the day of the check is carried over.
    fn same_but_for_the_check(
        &self,
        queued: &Queued,
        row: &Row,
        reissue: Reissue,
    ) -> Result<bool, RegisterError> {
        let waits = attributes(queued.attributes)?;
        if waits == row.attributes {
            return Ok(true);
        }
        match self.person(&row.reference)? {
            Some(person) if reissue != Reissue::No => Ok(carried_over(&person, row, reissue)? == Some(waits)),
            _ => Ok(false),
        }
    }
}

/// The attributes of a re-issue: the day of the check stays on the same evidence, and the day of the enrolment with the
/// same commitment. None when the old day of the check contradicts the new data. Once the customer is forgotten, the row's
/// own days count: the issuer's own records have to have them.
fn carried_over(person: &Person, row: &Row, reissue: Reissue) -> Result<Option<Attributes>, RegisterError> {
    let Some(opening) = &person.opening else {
        return Ok(Some(row.attributes));
    };
    let old = opening.attributes()?;
    let mut parts: Parts = *row.attributes.parts();
    if reissue == Reissue::SameEvidence {
        parts.checked_on = old.parts().checked_on;
    }
    if opening.identity()? == row.identity {
        parts.enrolled_on = old.parts().enrolled_on;
    }
    Ok(Attributes::new(parts).ok())
}
