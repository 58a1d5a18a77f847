//! Tables and rows.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | name | `format`, `genesis`, `issuer`, `secret` |
//! | `offers` | hash of the code | [`Offer`] |
//! | `sessions` | hash of the access token | [`Session`] |
//! | `nonces` | hash of a nonce that was used | its end |
//! | `transactions` | hash of the transaction id | [`Transaction`] |
//! | `queue` | number, rising | hash of the transaction id |
//! | `customers` | the issuer's reference | [`Pending`]: the one offer, session or transaction of a customer |
//! | `revocations` | the issuer's reference | Unix seconds of the request |
//! | `expiry` | end, kind of row, key of the row | nothing |

use blake2b_simd::Params;
use codec::{Decode, DecodeAll, Encode};
use ofage_primitives::{Attributes, Element, GenesisHash, IdentityCommitment, IssuerIndex};
use ofage_sdk::issuer::register::Reissue;
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::StoreError;

/// A hash of something that only its owner knows.
pub(in crate::issuance) type Hash = [u8; 32];

pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
pub(super) const OFFERS: TableDefinition<'_, &Hash, &[u8]> = TableDefinition::new("offers");
pub(super) const SESSIONS: TableDefinition<'_, &Hash, &[u8]> = TableDefinition::new("sessions");
pub(super) const NONCES: TableDefinition<'_, &Hash, u64> = TableDefinition::new("nonces");
pub(super) const TRANSACTIONS: TableDefinition<'_, &Hash, &[u8]> = TableDefinition::new("transactions");
pub(super) const QUEUE: TableDefinition<'_, u64, &Hash> = TableDefinition::new("queue");
pub(super) const CUSTOMERS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("customers");
pub(super) const REVOCATIONS: TableDefinition<'_, &str, u64> = TableDefinition::new("revocations");
pub(super) const EXPIRY: TableDefinition<'_, Ending<'_>, ()> = TableDefinition::new("expiry");

/// Key of `expiry`.
pub(super) type Ending<'a> = (u64, u8, &'a Hash);

/// Format of the store.
const FORMAT: u32 = 1;

/// Kinds of rows that end.
pub(super) mod kind {
    pub(in crate::issuance::store) const OFFER: u8 = 0;
    pub(in crate::issuance::store) const SESSION: u8 = 1;
    pub(in crate::issuance::store) const NONCE: u8 = 2;
    pub(in crate::issuance::store) const TRANSACTION: u8 = 3;
}

/// The store's own key, from which nonces, transaction ids and notification ids are made.
#[derive(Clone)]
pub(in crate::issuance) struct Secret([u8; 32]);

impl Secret {
    /// A keyed hash, for one purpose.
    pub(in crate::issuance) fn mac(&self, purpose: &[u8; 16], text: &[u8]) -> Hash {
        let mut params = Params::new();
        params.hash_length(32).key(&self.0).personal(purpose);
        let mut hash = [0; 32];
        hash.copy_from_slice(params.hash(text).as_bytes());
        hash
    }
}

/// What an open offer promises. The attributes hold a birth date: they are here until the code is redeemed.
#[derive(Encode, Decode)]
pub(super) struct Offer {
    pub(super) reference: String,
    pub(super) attributes: Element,
    /// Whether it may take the place of an attestation that the customer has.
    pub(super) renewal: Renewal,
    /// Hash of code and transaction code.
    pub(super) tx_code: Option<Hash>,
    pub(super) tries_left: u8,
    pub(super) expires_at: u64,
}

/// A redeemed code.
#[derive(Encode, Decode)]
pub(super) struct Session {
    pub(super) reference: String,
    pub(super) attributes: Element,
    pub(super) renewal: Renewal,
    pub(super) proofs_left: u8,
    pub(super) transaction: Option<Hash>,
    pub(super) expires_at: u64,
}

/// Whether, and how, an attestation may take the place of the one that the customer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(in crate::issuance) enum Renewal {
    /// It may not.
    No,
    /// It may, on the old evidence.
    SameEvidence,
    /// It may, on new evidence.
    NewEvidence,
}

impl From<Reissue> for Renewal {
    fn from(reissue: Reissue) -> Self {
        match reissue {
            Reissue::No => Self::No,
            Reissue::SameEvidence => Self::SameEvidence,
            Reissue::NewEvidence => Self::NewEvidence,
        }
    }
}

impl From<Renewal> for Reissue {
    fn from(renewal: Renewal) -> Self {
        match renewal {
            Renewal::No => Self::No,
            Renewal::SameEvidence => Self::SameEvidence,
            Renewal::NewEvidence => Self::NewEvidence,
        }
    }
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(in crate::issuance) enum State {
    /// Waits for the next batch.
    Queued,
    /// The register has it.
    Taken,
    /// The register does not take it.
    Refused,
    /// The credential was handed out at this time.
    Collected(u64),
    /// The wallet has it.
    Done,
}

/// A request whose proof was good.
#[derive(Clone, Encode, Decode)]
pub(in crate::issuance) struct Transaction {
    /// Hash of the token that it was made with.
    pub(in crate::issuance) session: Hash,
    /// The customer.
    pub(in crate::issuance) reference: String,
    pub(super) packed: Element,
    /// Whether it may take the place of an attestation that the customer has.
    pub(in crate::issuance) renewal: Renewal,
    /// The holder.
    pub(in crate::issuance) identity: IdentityCommitment,
    /// How far it has come.
    pub(in crate::issuance) state: State,
    pub(super) expires_at: u64,
}

impl Transaction {
    /// What is to be attested; none if the row is damaged.
    pub(in crate::issuance) fn attributes(&self) -> Option<Attributes> {
        Attributes::unpack(self.packed).ok()
    }
}

/// The one thing that is under way for a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(in crate::issuance) enum Pending {
    /// An offer that was not redeemed.
    Offer(Hash),
    /// A code that was redeemed.
    Session(Hash),
    /// A request.
    Transaction(Hash),
}

/// A row of the queue.
pub(in crate::issuance) struct Waiting {
    /// Its number.
    pub(in crate::issuance) place: u64,
    /// Its transaction.
    pub(in crate::issuance) id: Hash,
    /// None if it was forgotten meanwhile.
    pub(in crate::issuance) transaction: Option<Transaction>,
}

fn row<T: Decode>(bytes: &[u8]) -> Result<T, StoreError> {
    T::decode_all(&mut &bytes[..]).map_err(|_| StoreError::Database("a row is damaged".into()))
}

pub(super) fn offer(bytes: &[u8]) -> Result<Offer, StoreError> {
    row(bytes)
}

pub(super) fn session(bytes: &[u8]) -> Result<Session, StoreError> {
    row(bytes)
}

pub(super) fn transaction(bytes: &[u8]) -> Result<Transaction, StoreError> {
    row(bytes)
}

pub(super) fn customer(bytes: &[u8]) -> Result<Pending, StoreError> {
    row(bytes)
}

/// All tables of a writing transaction.
pub(super) struct Tables<'a> {
    pub(super) offers: Table<'a, &'static Hash, &'static [u8]>,
    pub(super) sessions: Table<'a, &'static Hash, &'static [u8]>,
    pub(super) nonces: Table<'a, &'static Hash, u64>,
    pub(super) transactions: Table<'a, &'static Hash, &'static [u8]>,
    pub(super) queue: Table<'a, u64, &'static Hash>,
    pub(super) customers: Table<'a, &'static str, &'static [u8]>,
    pub(super) revocations: Table<'a, &'static str, u64>,
    pub(super) expiry: Table<'a, Ending<'static>, ()>,
}

impl<'a> Tables<'a> {
    pub(super) fn open(transaction: &'a WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            offers: transaction.open_table(OFFERS)?,
            sessions: transaction.open_table(SESSIONS)?,
            nonces: transaction.open_table(NONCES)?,
            transactions: transaction.open_table(TRANSACTIONS)?,
            queue: transaction.open_table(QUEUE)?,
            customers: transaction.open_table(CUSTOMERS)?,
            revocations: transaction.open_table(REVOCATIONS)?,
            expiry: transaction.open_table(EXPIRY)?,
        })
    }
}

/// What the store says about itself.
pub(super) struct Meta {
    pub(super) secret: Secret,
}

/// Reads what the store says about itself, or writes it into a new one; nothing when it is another's.
pub(super) fn meta(
    transaction: &WriteTransaction,
    genesis: GenesisHash,
    issuer: IssuerIndex,
) -> Result<Option<Meta>, StoreError> {
    let mut table = transaction.open_table(META)?;
    let known = table.get("format")?.map(|row| row.value().to_vec());
    let (format, chain, index) = (FORMAT.encode(), genesis.0, issuer.0.encode());
    if known.is_none() {
        let secret = ofage_sdk::random::bytes::<32>()?;
        table.insert("format", &format[..])?;
        table.insert("genesis", &chain[..])?;
        table.insert("issuer", &index[..])?;
        table.insert("secret", &secret[..])?;
        drop(table);
        // Readers expect all tables.
        Tables::open(transaction)?;
        return Ok(Some(Meta {
            secret: Secret(*secret),
        }));
    }
    let is = |name: &str, value: &[u8]| -> Result<bool, StoreError> {
        Ok(table.get(name)?.is_some_and(|row| row.value() == value))
    };
    if !is("format", &format)? || !is("genesis", &chain)? || !is("issuer", &index)? {
        return Ok(None);
    }
    let secret = table.get("secret")?.and_then(|row| row.value().try_into().ok());
    Ok(secret.map(|secret| Meta {
        secret: Secret(secret),
    }))
}
