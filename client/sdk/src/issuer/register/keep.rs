//! What the register knows of customers, and what it keeps of them.

use ofage_primitives::IdentityCommitment;
use redb::{ReadTransaction, ReadableTable};

use super::{
    schema::{
        decode, identity, place, Number, Person, Queued, State, Tables, PEOPLE, QUEUE, QUEUED_REFERENCES,
        UNDELIVERED,
    },
    Place, Register, RegisterError,
};
use crate::credential::Credential;

/// Where a customer's attestation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a batch.
    Waiting,
    /// It is on its way to the chain.
    Sent,
    /// It is final, and the register can open it.
    Final,
    /// It is final, and what opens it was deleted.
    Forgotten,
    /// It was taken back.
    Revoked,
}

/// What became of a wish to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// Commitment, attributes and salt are deleted; the place is kept, so that the attestation can be revoked.
    Yes,
    /// The attestation was revoked, so nothing of the customer is kept.
    Entirely,
    /// The attestation waits or is on its way: it can be forgotten once it is final.
    NotYet,
    /// Nobody of that name is known.
    Unknown,
}

impl Register {
    /// Where a customer's newest attestation stands, if there is one.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn standing(&self, reference: &str) -> Result<Option<Standing>, RegisterError> {
        let read = self.read()?;
        if read.open_table(QUEUED_REFERENCES)?.get(reference)?.is_some() {
            return Ok(Some(Standing::Waiting));
        }
        let standing = |person: Person| match (person.state, person.opening) {
            (State::Planned, _) => Standing::Sent,
            (State::Final(_), Some(_)) => Standing::Final,
            (State::Final(_), None) => Standing::Forgotten,
            (State::Revoked(_), _) => Standing::Revoked,
        };
        Ok(person(&read, reference)?.map(standing))
    }

    /// The commitment of a customer's newest attestation, unless it is forgotten.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn identity(&self, reference: &str) -> Result<Option<IdentityCommitment>, RegisterError> {
        let read = self.read()?;
        if let Some(number) = read.open_table(QUEUED_REFERENCES)?.get(reference)? {
            let bytes = read.open_table(QUEUE)?.get(number.value())?;
            let bytes = bytes.ok_or(RegisterError::Damaged("the queue"))?;
            let row: Queued = decode(bytes.value(), "the queue")?;
            return identity(row.identity).map(Some);
        }
        let opening = person(&read, reference)?.and_then(|person| person.opening);
        opening.map(|opening| opening.identity()).transpose()
    }

    /// Where a customer's attestation is, once it is final; also when it is revoked.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn place(&self, reference: &str) -> Result<Option<Place>, RegisterError> {
        Ok(
            match person(&self.read()?, reference)?.map(|person| person.state) {
                Some(State::Final(spot) | State::Revoked(spot)) => Some(place(spot)),
                Some(State::Planned) | None => None,
            },
        )
    }

    /// The credential of a customer, once it is final, and unless it is revoked or forgotten.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn credential(&self, reference: &str) -> Result<Option<Credential>, RegisterError> {
        match person(&self.read()?, reference)? {
            Some(person) => self.credential_of(&person),
            None => Ok(None),
        }
    }

    fn credential_of(&self, person: &Person) -> Result<Option<Credential>, RegisterError> {
        let (State::Final(spot), Some(opening)) = (person.state, &person.opening) else {
            return Ok(None);
        };
        Ok(Some(Credential::new(
            self.genesis(),
            self.issuer(),
            place(spot),
            opening.identity()?,
            opening.attributes()?,
            opening.salt()?,
        )))
    }

    /// Customers whose credentials are final and were not handed out, at most so many. One who has a newer attestation on its
    /// way is left out until that is final, or dropped.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn undelivered(&self, most: usize) -> Result<Vec<(String, Credential)>, RegisterError> {
        let read = self.read()?;
        let table = read.open_table(UNDELIVERED)?;
        let mut found = Vec::new();
        for entry in table.iter()? {
            if found.len() == most {
                break;
            }
            let reference = entry?.0.value().to_owned();
            let person = person(&read, &reference)?.ok_or(RegisterError::Damaged("a customer"))?;
            if let Some(credential) = self.credential_of(&person)? {
                found.push((reference, credential));
            }
        }
        Ok(found)
    }

    /// Has the credentials of customers handed out again, where they are final and neither revoked nor forgotten.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn hand_out_again<'a>(
        &self,
        references: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), RegisterError> {
        self.write(|tables| {
            for reference in references {
                let person = tables.person(reference)?;
                let can =
                    |person: &Person| matches!(person.state, State::Final(_)) && person.opening.is_some();
                if person.as_ref().is_some_and(can) {
                    tables.undelivered.insert(reference, ())?;
                }
            }
            Ok(())
        })
    }

    /// Writes down that credentials were handed out.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn delivered<'a>(&self, references: impl IntoIterator<Item = &'a str>) -> Result<(), RegisterError> {
        self.write(|tables| {
            for reference in references {
                tables.undelivered.remove(reference)?;
            }
            Ok(())
        })
    }

    /// Deletes what is not needed to revoke a customer's attestation. It stays in the file until [`shred`](Self::shred).
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn forget(&self, reference: &str) -> Result<Forgotten, RegisterError> {
        self.write(|tables| tables.forget(reference))
    }
}

fn person(read: &ReadTransaction, reference: &str) -> Result<Option<Person>, RegisterError> {
    let bytes = read.open_table(PEOPLE)?.get(reference)?;
    bytes.map(|bytes| decode(bytes.value(), "a customer")).transpose()
}

impl Tables<'_> {
    fn forget(&mut self, reference: &str) -> Result<Forgotten, RegisterError> {
        if self.queued_references.get(reference)?.is_some() {
            return Ok(Forgotten::NotYet);
        }
        let Some(mut person) = self.person(reference)? else {
            return Ok(Forgotten::Unknown);
        };
        match person.state {
            State::Planned => Ok(Forgotten::NotYet),
            State::Final(_) => {
                if let Some(opening) = person.opening.take() {
                    self.identities.remove(opening.identity)?;
                    self.set_number(Number::Remains, 1)?;
                }
                self.undelivered.remove(reference)?;
                self.set_person(reference, &person)?;
                Ok(Forgotten::Yes)
            }
            State::Revoked(spot) => {
                self.people.remove(reference)?;
                self.places.remove(spot)?;
                self.set_number(Number::Remains, 1)?;
                Ok(Forgotten::Entirely)
            }
        }
    }
}
