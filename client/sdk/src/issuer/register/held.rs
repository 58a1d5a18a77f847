//! What the register holds of a place, for a comparison with the chain.

use ofage_primitives::{hashes, Attestation, Ext};

use super::{
    schema::{decode, Person, State, PEOPLE, PLACES},
    Place, Register, RegisterError,
};

/// What the register says is at a place of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// This attestation, which counts.
    Leaf(Attestation),
    /// An attestation of a customer, of which no more is kept: it was forgotten, or a newer one took its place.
    Known,
    /// An attestation that was taken back.
    Revoked,
}

impl Register {
    /// What is at a place; `None` when nobody was attested there.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn held(&self, (shard, position): Place) -> Result<Option<Held>, RegisterError> {
        let spot = (shard.0, position.0);
        let read = self.read()?;
        let places = read.open_table(PLACES)?;
        let Some(reference) = places.get(spot)? else {
            return Ok(None);
        };
        let people = read.open_table(PEOPLE)?;
        let Some(bytes) = people.get(reference.value())? else {
            return Ok(None);
        };
        let person: Person = decode(bytes.value(), "a customer")?;
        Ok(Some(match (person.state, &person.opening) {
            (State::Final(at), Some(opening)) if at == spot => {
                let ext = Ext::commit(&opening.salt()?);
                Held::Leaf(hashes::attestation(
                    opening.identity()?,
                    &opening.attributes()?,
                    &ext,
                ))
            }
            (State::Revoked(at), _) if at == spot => Held::Revoked,
            _ => Held::Known,
        }))
    }
}
