//! The tables. Records are SCALE; numbers and names are plain keys.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | name | `format`, `genesis`, `issuer`; the numbers `accepted`, `next`, `batch` and `remains` |
//! | `people` | reference | [`Person`]: state, place, and until they are forgotten commitment, attributes and salt |
//! | `identities` | commitment | reference; of live attestations and those on their way |
//! | `places` | shard, position | reference |
//! | `queue` | number | [`Queued`]; numbers from `accepted` on are staged, those below it wait |
//! | `queued_references`, `queued_identities` | reference; commitment | number in the queue |
//! | `batches` | number | [`Planned`]: calls that are about to be sent, or are on their way |
//! | `shards` | shard | nothing; those that a final batch is in |
//! | `replaced` | shard, position | nothing; attestations that a newer one took the place of, to be revoked |
//! | `undelivered` | reference | nothing; final, and not handed out |

use codec::{Decode, DecodeAll, Encode};
use ofage_primitives::{
    secrets::HolderSalt, Attributes, Element, GenesisHash, IdentityCommitment, IssuerIndex, LeafIndex,
    ShardIndex,
};
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use zeroize::Zeroize;

use super::{Place, RegisterError};

type Bytes = &'static [u8];
type Name = &'static str;
type Spot = (u32, u16);

pub(super) const META: TableDefinition<'_, Name, Bytes> = TableDefinition::new("meta");
pub(super) const PEOPLE: TableDefinition<'_, Name, Bytes> = TableDefinition::new("people");
pub(super) const IDENTITIES: TableDefinition<'_, [u8; 32], Name> = TableDefinition::new("identities");
pub(super) const PLACES: TableDefinition<'_, Spot, Name> = TableDefinition::new("places");
pub(super) const QUEUE: TableDefinition<'_, u64, Bytes> = TableDefinition::new("queue");
pub(super) const QUEUED_REFERENCES: TableDefinition<'_, Name, u64> =
    TableDefinition::new("queued_references");
pub(super) const QUEUED_IDENTITIES: TableDefinition<'_, [u8; 32], u64> =
    TableDefinition::new("queued_identities");
pub(super) const BATCHES: TableDefinition<'_, u64, Bytes> = TableDefinition::new("batches");
pub(super) const SHARDS: TableDefinition<'_, u32, ()> = TableDefinition::new("shards");
pub(super) const REPLACED: TableDefinition<'_, Spot, ()> = TableDefinition::new("replaced");
pub(super) const UNDELIVERED: TableDefinition<'_, Name, ()> = TableDefinition::new("undelivered");

const FORMAT: &[u8] = b"ofage-issuer-register/1";

/// Numbers in `meta`.
#[derive(Clone, Copy)]
pub(super) enum Number {
    /// Below it, rows of the queue wait; from it on, they are staged.
    Accepted,
    /// The next row of the queue.
    Next,
    /// The next batch.
    Batch,
    /// Not zero when something was deleted since the file was written anew.
    Remains,
}

impl Number {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Next => "next",
            Self::Batch => "batch",
            Self::Remains => "remains",
        }
    }
}

/// Where a customer's attestation stands.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(super) enum State {
    /// In a batch that is on its way.
    Planned,
    /// On the chain.
    Final(Spot),
    /// Taken back.
    Revoked(Spot),
}

/// What opens an attestation. No `Debug`; wiped when dropped.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(super) struct Opening {
    pub(super) identity: [u8; 32],
    pub(super) attributes: [u8; 32],
    salt: [u8; 32],
}

impl Opening {
    pub(super) fn new(identity: IdentityCommitment, attributes: &Attributes, salt: &HolderSalt) -> Self {
        Self {
            identity: identity.to_bytes(),
            attributes: attributes.pack().to_bytes(),
            salt: *salt.expose_bytes(),
        }
    }

    /// Whether it is of that commitment and those attributes.
    pub(super) fn is_of(&self, identity: IdentityCommitment, attributes: &Attributes) -> bool {
        self.identity == identity.to_bytes() && self.attributes == attributes.pack().to_bytes()
    }

    pub(super) fn identity(&self) -> Result<IdentityCommitment, RegisterError> {
        identity(self.identity)
    }

    pub(super) fn attributes(&self) -> Result<Attributes, RegisterError> {
        attributes(self.attributes)
    }

    pub(super) fn salt(&self) -> Result<HolderSalt, RegisterError> {
        HolderSalt::from_bytes(&self.salt).map_err(|_| RegisterError::Damaged("a salt"))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.attributes.zeroize();
        self.salt.zeroize();
    }
}

pub(super) fn identity(bytes: [u8; 32]) -> Result<IdentityCommitment, RegisterError> {
    IdentityCommitment::from_bytes(bytes).map_err(|_| RegisterError::Damaged("a commitment"))
}

pub(super) fn attributes(bytes: [u8; 32]) -> Result<Attributes, RegisterError> {
    Element::from_bytes(bytes)
        .ok()
        .and_then(|element| Attributes::unpack(element).ok())
        .ok_or(RegisterError::Damaged("attributes"))
}

/// A customer. No `Debug`.
#[derive(Clone, Encode, Decode)]
pub(super) struct Person {
    pub(super) state: State,
    /// None once forgotten.
    pub(super) opening: Option<Opening>,
    /// While a batch is on its way: what stood here before, encoded.
    pub(super) before: Option<Vec<u8>>,
}

/// A row that is staged or waits. No `Debug`: it holds a birth date.
#[derive(Clone, Encode, Decode)]
pub(super) struct Queued {
    /// Its line in its file, or zero.
    pub(super) line: u64,
    pub(super) reference: String,
    pub(super) identity: [u8; 32],
    pub(super) attributes: [u8; 32],
}

/// A batch that was planned.
#[derive(Clone, Encode, Decode)]
pub(super) struct Planned {
    pub(super) shard: Option<u32>,
    pub(super) start: u16,
    pub(super) account: [u8; 32],
    pub(super) nonce: u64,
    pub(super) references: Vec<String>,
    pub(super) leaves: Vec<[u8; 32]>,
}

pub(super) fn decode<T: Decode>(bytes: &[u8], what: &'static str) -> Result<T, RegisterError> {
    T::decode_all(&mut &bytes[..]).map_err(|_| RegisterError::Damaged(what))
}

pub(super) fn place((shard, position): Spot) -> Place {
    (ShardIndex(shard), LeafIndex(position))
}

/// All tables, in a transaction that writes.
pub(super) struct Tables<'t> {
    pub(super) meta: Table<'t, Name, Bytes>,
    pub(super) people: Table<'t, Name, Bytes>,
    pub(super) identities: Table<'t, [u8; 32], Name>,
    pub(super) places: Table<'t, Spot, Name>,
    pub(super) queue: Table<'t, u64, Bytes>,
    pub(super) queued_references: Table<'t, Name, u64>,
    pub(super) queued_identities: Table<'t, [u8; 32], u64>,
    pub(super) batches: Table<'t, u64, Bytes>,
    pub(super) shards: Table<'t, u32, ()>,
    pub(super) replaced: Table<'t, Spot, ()>,
    pub(super) undelivered: Table<'t, Name, ()>,
}

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, RegisterError> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            people: transaction.open_table(PEOPLE)?,
            identities: transaction.open_table(IDENTITIES)?,
            places: transaction.open_table(PLACES)?,
            queue: transaction.open_table(QUEUE)?,
            queued_references: transaction.open_table(QUEUED_REFERENCES)?,
            queued_identities: transaction.open_table(QUEUED_IDENTITIES)?,
            batches: transaction.open_table(BATCHES)?,
            shards: transaction.open_table(SHARDS)?,
            replaced: transaction.open_table(REPLACED)?,
            undelivered: transaction.open_table(UNDELIVERED)?,
        })
    }

    /// Makes a new register this issuer's; tells whether it is.
    pub(super) fn claim(
        &mut self,
        genesis: GenesisHash,
        issuer: IssuerIndex,
        is_new: bool,
    ) -> Result<bool, RegisterError> {
        let index = issuer.0.to_le_bytes();
        for (name, value) in [
            ("format", FORMAT),
            ("genesis", &genesis.0[..]),
            ("issuer", &index[..]),
        ] {
            let known = self.meta.get(name)?.map(|known| known.value() == value);
            match known {
                Some(true) => {}
                Some(false) => return Ok(false),
                None if is_new => drop(self.meta.insert(name, value)?),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    pub(super) fn number(&self, number: Number) -> Result<u64, RegisterError> {
        match self.meta.get(number.key())? {
            None => Ok(0),
            Some(bytes) => {
                let bytes = bytes.value().try_into();
                Ok(u64::from_le_bytes(
                    bytes.map_err(|_| RegisterError::Damaged("a number"))?,
                ))
            }
        }
    }

    pub(super) fn set_number(&mut self, number: Number, value: u64) -> Result<(), RegisterError> {
        self.meta.insert(number.key(), &value.to_le_bytes()[..])?;
        Ok(())
    }

    pub(super) fn person(&self, reference: &str) -> Result<Option<Person>, RegisterError> {
        let bytes = self.people.get(reference)?;
        bytes.map(|bytes| decode(bytes.value(), "a customer")).transpose()
    }

    pub(super) fn set_person(&mut self, reference: &str, person: &Person) -> Result<(), RegisterError> {
        let mut bytes = person.encode();
        self.people.insert(reference, &bytes[..])?;
        bytes.zeroize();
        Ok(())
    }

    pub(super) fn queued(&self, number: u64) -> Result<Queued, RegisterError> {
        let bytes = self.queue.get(number)?;
        let bytes = bytes.ok_or(RegisterError::Damaged("the queue"))?;
        decode(bytes.value(), "the queue")
    }

    /// Puts a row behind the others.
    pub(super) fn push(&mut self, row: &Queued) -> Result<(), RegisterError> {
        let number = self.number(Number::Next)?;
        self.queue.insert(number, &row.encode()[..])?;
        self.queued_references.insert(&*row.reference, number)?;
        self.queued_identities.insert(row.identity, number)?;
        self.set_number(Number::Next, number + 1)
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, number: u64) -> Result<Queued, RegisterError> {
        let row = self.queued(number)?;
        self.queue.remove(number)?;
        self.queued_references.remove(&*row.reference)?;
        self.queued_identities.remove(row.identity)?;
        Ok(row)
    }
}
