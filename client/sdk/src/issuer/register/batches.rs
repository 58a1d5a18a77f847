//! Batches on their way to the chain, and revocations that came back from it.

use codec::Encode;
use ofage_primitives::{hashes, Attestation, Ext, ShardIndex};
use redb::{ReadableTable, ReadableTableMetadata};

use super::{
    schema::{
        attributes, decode, identity, place, Number, Opening, Person, Planned, Queued, State, Tables,
        BATCHES, REPLACED, SHARDS,
    },
    Place, Register, RegisterError,
};
use crate::{account::Account, random};

/// Names a call: no account has two calls of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallId {
    /// Who sends it: the attesting key of the time.
    pub account: Account,
    /// Its number among the account's calls.
    pub nonce: u64,
}

/// Attestations that are sent in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The shard; none when the call opens it.
    pub shard: Option<ShardIndex>,
    /// Place of the first.
    pub start: u16,
    /// The call that it goes in.
    pub call: CallId,
    /// The leaves, in order.
    pub leaves: Vec<Attestation>,
}

impl Batch {
    fn new(planned: &Planned) -> Result<Self, RegisterError> {
        let leaf =
            |bytes: &[u8; 32]| Attestation::from_bytes(*bytes).map_err(|_| RegisterError::Damaged("a leaf"));
        Ok(Self {
            shard: planned.shard.map(ShardIndex),
            start: planned.start,
            call: CallId {
                account: Account(planned.account),
                nonce: planned.nonce,
            },
            leaves: planned.leaves.iter().map(leaf).collect::<Result<_, _>>()?,
        })
    }
}

impl Register {
    /// The oldest batch that is neither final nor dropped.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn pending(&self) -> Result<Option<Batch>, RegisterError> {
        let table = self.read()?.open_table(BATCHES)?;
        let oldest = table.first()?;
        oldest
            .map(|(_, bytes)| Batch::new(&decode(bytes.value(), "a batch")?))
            .transpose()
    }

    /// Makes a batch of the rows that wait longest, at most so many, with fresh salts, that is about to be sent in that
    /// call; none when no row waits.
    ///
    /// # Errors
    /// [`RegisterError`]; nothing must be sent then.
    pub fn plan(
        &self,
        shard: Option<ShardIndex>,
        start: u16,
        call: CallId,
        most: usize,
    ) -> Result<Option<Batch>, RegisterError> {
        self.write(|tables| {
            let accepted = tables.number(Number::Accepted)?;
            let numbers: Vec<u64> = tables
                .queue
                .range(..accepted)?
                .take(most)
                .map(|row| Ok(row?.0.value()))
                .collect::<Result<_, RegisterError>>()?;
            if numbers.is_empty() {
                return Ok(None);
            }
            let mut planned = Planned {
                shard: shard.map(|shard| shard.0),
                start,
                account: call.account.0,
                nonce: call.nonce,
                references: Vec::new(),
                leaves: Vec::new(),
            };
            for number in numbers {
                let row = tables.remove(number)?;
                planned.leaves.push(tables.plan(&row)?.to_bytes());
                planned.references.push(row.reference);
            }
            let number = tables.number(Number::Batch)?;
            tables.batches.insert(number, &planned.encode()[..])?;
            tables.set_number(Number::Batch, number + 1)?;
            Batch::new(&planned).map(Some)
        })
    }

    /// Writes down that the oldest pending batch is final, in that shard.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn land(&self, shard: ShardIndex) -> Result<(), RegisterError> {
        self.write(|tables| {
            let planned = tables.take_pending()?;
            tables.shards.insert(shard.0, ())?;
            for (offset, reference) in (0u16..).zip(&planned.references) {
                let position = planned.start.checked_add(offset);
                let position = position.ok_or(RegisterError::Damaged("a batch"))?;
                tables.land(reference, (shard.0, position))?;
            }
            Ok(())
        })
    }

    /// Writes down that the oldest pending batch is not on the chain and will not be: its rows wait again, behind the
    /// others.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn discard(&self) -> Result<(), RegisterError> {
        // Numbers at the end of the queue are those of an import that nobody accepted.
        self.drop_staged()?;
        self.write(|tables| {
            let planned = tables.take_pending()?;
            for reference in &planned.references {
                tables.wait_again(reference)?;
            }
            let next = tables.number(Number::Next)?;
            tables.set_number(Number::Accepted, next)
        })
    }

    /// Whether a final batch is in that shard.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn has_shard(&self, shard: ShardIndex) -> Result<bool, RegisterError> {
        Ok(self.read()?.open_table(SHARDS)?.get(shard.0)?.is_some())
    }

    /// Writes down that attestations of a shard are revoked. Places that the register does not know are passed over. A row
    /// that waits to replace one of them is dropped: it would bring back who was revoked later.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn revoke(&self, shard: ShardIndex, positions: &[u16]) -> Result<(), RegisterError> {
        self.write(|tables| {
            let mut positions = positions.iter();
            positions.try_for_each(|position| tables.revoke((shard.0, *position)))
        })
    }

    /// Attestations that newer ones took the place of, and that are not revoked yet.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn replaced(&self, most: usize) -> Result<Vec<Place>, RegisterError> {
        let table = self.read()?.open_table(REPLACED)?;
        if table.is_empty()? {
            return Ok(Vec::new());
        }
        let spots = table.iter()?.take(most);
        spots.map(|spot| Ok(place(spot?.0.value()))).collect()
    }
}

impl Tables<'_> {
    /// Makes the customer's record of a row that is in a batch now, and its leaf.
    fn plan(&mut self, row: &Queued) -> Result<Attestation, RegisterError> {
        let (identity, attributes) = (identity(row.identity)?, attributes(row.attributes)?);
        let salt = random::salt()?;
        let before = self.person(&row.reference)?.map(|person| person.encode());
        let person = Person {
            state: State::Planned,
            opening: Some(Opening::new(identity, &attributes, &salt)),
            before,
        };
        self.set_person(&row.reference, &person)?;
        self.identities.insert(row.identity, &*row.reference)?;
        Ok(hashes::attestation(identity, &attributes, &Ext::commit(&salt)))
    }

    fn take_pending(&mut self) -> Result<Planned, RegisterError> {
        let oldest = self.batches.pop_first()?;
        let (_, bytes) = oldest.ok_or(RegisterError::NothingPending)?;
        decode(bytes.value(), "a batch")
    }

    fn land(&mut self, reference: &str, spot: (u32, u16)) -> Result<(), RegisterError> {
        let mut person = self.planned(reference)?;
        if let Some(before) = person.before.take() {
            let before: Person = decode(&before, "a customer")?;
            let is_other = |opening: &Opening| {
                person
                    .opening
                    .as_ref()
                    .is_none_or(|new| new.identity != opening.identity)
            };
            if let Some(old) = before.opening.as_ref().filter(|opening| is_other(opening)) {
                self.identities.remove(old.identity)?;
            }
            if let State::Final(old) = before.state {
                // The place keeps leading to the customer, until what is there is revoked.
                self.replaced.insert(old, ())?;
            }
        }
        person.state = State::Final(spot);
        self.set_person(reference, &person)?;
        self.places.insert(spot, reference)?;
        self.undelivered.insert(reference, ())?;
        Ok(())
    }

    fn wait_again(&mut self, reference: &str) -> Result<(), RegisterError> {
        let mut person = self.planned(reference)?;
        let opening = person.opening.take();
        let opening = opening.ok_or(RegisterError::Damaged("a customer on the way"))?;
        self.identities.remove(opening.identity)?;
        match &person.before {
            None => drop(self.people.remove(reference)?),
            Some(bytes) => {
                let before: Person = decode(bytes, "a customer")?;
                if let (State::Final(_), Some(opening)) = (before.state, &before.opening) {
                    self.identities.insert(opening.identity, reference)?;
                }
                self.set_person(reference, &before)?;
            }
        }
        self.push(&Queued {
            line: 0,
            reference: reference.to_owned(),
            identity: opening.identity,
            attributes: opening.attributes,
        })
    }

    fn planned(&self, reference: &str) -> Result<Person, RegisterError> {
        let person = self.person(reference)?;
        person
            .filter(|person| person.state == State::Planned)
            .ok_or(RegisterError::Damaged("a customer on the way"))
    }

    /// Notes a revocation of what is at a place.
    fn revoke(&mut self, spot: (u32, u16)) -> Result<(), RegisterError> {
        self.replaced.remove(spot)?;
        let Some(reference) = self.places.get(spot)?.map(|name| name.value().to_owned()) else {
            return Ok(());
        };
        let Some(mut person) = self.person(&reference)? else {
            // Forgotten entirely, after a newer attestation was revoked before this one.
            self.places.remove(spot)?;
            return Ok(());
        };
        if person.state == State::Final(spot) {
            person.state = State::Revoked(spot);
            // A row that waits would bring back who is revoked after it came.
            let queued = self
                .queued_references
                .get(&*reference)?
                .map(|number| number.value());
            if let Some(number) = queued {
                self.remove(number)?;
            }
            if let Some(opening) = &person.opening {
                self.identities.remove(opening.identity)?;
            }
            self.set_person(&reference, &person)?;
            self.undelivered.remove(&*reference)?;
        } else if let (State::Planned, Some(bytes)) = (person.state, &person.before) {
            // Its successor is on its way, and may yet be dropped.
            let mut before: Person = decode(bytes, "a customer")?;
            if before.state == State::Final(spot) {
                before.state = State::Revoked(spot);
                person.before = Some(before.encode());
                self.set_person(&reference, &person)?;
            }
        } else {
            // Another attestation of the same customer: nothing is to be found here any more.
            self.places.remove(spot)?;
        }
        Ok(())
    }
}
