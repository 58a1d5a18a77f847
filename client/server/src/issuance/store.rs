//! What the service remembers, in one file that a crash cannot spoil.
//!
//! Codes, tokens, nonces and transaction ids stand in it as hashes only, so whoever reads the file can use none of them.
//! Each has an end, after which a sweep deletes it. The schema is in the book (`issuance.md`); [`schema`] is its source.
//!
//! All writing is done by one thread. It takes what waits, does it in one transaction, and answers when that is on disk:
//! many requests share one flush, and no two see a code as unused.

mod ops;
mod schema;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ofage_primitives::{GenesisHash, IdentityCommitment, IssuerIndex};
use ofage_sdk::private_file;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use tokio::sync::{mpsc, oneshot};

use schema::{Meta, Tables};
use writer::{Job, Op};

pub(super) use ops::{may_collect_again, Applied, Apply, NewOffer, Ripe, Unredeemed, Unused, Withdrawn};
pub(super) use schema::{Hash, Pending, Secret, State, Transaction, Waiting};

/// Requests that wait for the writer; further ones wait for a place.
const QUEUE: usize = 1_024;
/// Memory for pages that were read.
const CACHE: usize = 32 << 20;

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has it.
    #[error("{0} is in use by another process; stop that first")]
    Busy(PathBuf),
    /// It is of another issuer or chain, or no store.
    #[error("{0} belongs to another issuer or chain, or is another file; name another one with --store")]
    Other(PathBuf),
    /// The file system says no.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be read or written.
    #[error("the store cannot be read or written: {0}")]
    Database(String),
    /// The thread that writes has ended.
    #[error("the store is closed")]
    Closed,
    /// No randomness for its key.
    #[error(transparent)]
    Random(#[from] ofage_sdk::random::NoRandomness),
}

macro_rules! database_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(error.to_string())
            }
        })*
    };
}
database_errors!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError
);

/// The store. Clones share it.
#[derive(Clone)]
pub(super) struct Store {
    database: Arc<Database>,
    jobs: mpsc::Sender<Box<dyn Job>>,
    secret: Secret,
}

/// How much is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Offers that may be redeemed.
    pub(super) offers: u64,
    /// Codes that were redeemed.
    pub(super) sessions: u64,
    /// Requests that wait for the next batch.
    pub(super) queued: u64,
    /// Revocations that wait for it.
    pub(super) revocations: u64,
}

impl Store {
    /// Opens a store, or starts one, for an issuer on a chain.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn open(path: &Path, genesis: GenesisHash, issuer: IssuerIndex) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io {
            path: path.to_owned(),
            source,
        };
        // Made by hand, so that nobody else can read it from its first moment.
        match private_file::create(path, &[]) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
            _ => {}
        }
        fs::metadata(path).map_err(io)?;
        let database = Database::builder().set_cache_size(CACHE).create(path);
        let database = database.map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Busy(path.to_owned()),
            redb::DatabaseError::Storage(redb::StorageError::Io(source))
                if source.kind() == io::ErrorKind::InvalidData =>
            {
                StoreError::Other(path.to_owned())
            }
            redb::DatabaseError::Storage(redb::StorageError::Io(source)) => io(source),
            other => StoreError::Database(other.to_string()),
        })?;
        let transaction = database.begin_write()?;
        let meta = schema::meta(&transaction, genesis, issuer)?;
        let Some(Meta { secret }) = meta else {
            return Err(StoreError::Other(path.to_owned()));
        };
        transaction.commit()?;
        let database = Arc::new(database);
        let (jobs, queue) = mpsc::channel(QUEUE);
        let writing = database.clone();
        let thread = std::thread::Builder::new().name("issuance-store".into());
        thread.spawn(move || writer::run(&writing, queue)).map_err(io)?;
        Ok(Self {
            database,
            jobs,
            secret,
        })
    }

    /// The key of everything that is derived rather than remembered.
    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Does something to the tables; it is on disk when this returns.
    async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let op: Box<dyn Job> = Box::new(Op::new(act, answer));
        self.jobs.send(op).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Keeps an offer, in place of an older one for the same customer; tells of what forbids it.
    pub(super) async fn offer(&self, offer: NewOffer) -> Result<Result<(), Withdrawn>, StoreError> {
        self.write(move |tables| ops::offer(tables, offer)).await
    }

    /// Uses a code up, and starts a session.
    pub(super) async fn redeem(
        &self,
        code: Hash,
        tx_code: Option<Hash>,
        token: Hash,
        now: u64,
        life: u64,
    ) -> Result<Result<(), Unredeemed>, StoreError> {
        self.write(move |tables| ops::redeem(tables, code, tx_code, token, (now, life)))
            .await
    }

    /// Uses a nonce and one of the session's attempts up.
    pub(super) async fn attempt(
        &self,
        token: Hash,
        nonce: (Hash, u64),
        now: u64,
    ) -> Result<Result<(), Unused>, StoreError> {
        self.write(move |tables| ops::attempt(tables, token, nonce, now))
            .await
    }

    /// Puts a request whose proof was good into the queue, or finds it there.
    pub(super) async fn apply(&self, apply: Apply) -> Result<Applied, StoreError> {
        self.write(move |tables| ops::apply(tables, apply)).await
    }

    /// The session of a token.
    pub(super) fn has_session(&self, token: Hash, now: u64) -> Result<bool, StoreError> {
        let reading = self.database.begin_read()?;
        let table = reading.open_table(schema::SESSIONS)?;
        let session = table
            .get(&token)?
            .map(|row| schema::session(row.value()))
            .transpose()?;
        Ok(session.is_some_and(|session| session.expires_at > now))
    }

    /// A transaction.
    pub(super) fn transaction(&self, id: Hash) -> Result<Option<Transaction>, StoreError> {
        let reading = self.database.begin_read()?;
        let table = reading.open_table(schema::TRANSACTIONS)?;
        let row = table.get(&id)?;
        row.map(|row| schema::transaction(row.value())).transpose()
    }

    /// The oldest requests that wait, up to a number.
    pub(super) fn queued(&self, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let reading = self.database.begin_read()?;
        let queue = reading.open_table(schema::QUEUE)?;
        let transactions = reading.open_table(schema::TRANSACTIONS)?;
        let mut waiting = Vec::new();
        for row in queue.iter()?.take(limit) {
            let (place, id) = row?;
            let id = *id.value();
            let row = transactions.get(&id)?;
            waiting.push(Waiting {
                place: place.value(),
                id,
                transaction: row.map(|row| schema::transaction(row.value())).transpose()?,
            });
        }
        Ok(waiting)
    }

    /// Takes requests out of the queue, with what the register said.
    pub(super) async fn taken(&self, rows: Vec<(u64, Hash, State)>) -> Result<(), StoreError> {
        self.write(move |tables| ops::taken(tables, &rows)).await
    }

    /// Puts every request that the register has, and whose credential nobody fetched, into the queue again: the register
    /// knows those that it still has.
    pub(super) async fn requeue(&self) -> Result<(), StoreError> {
        self.write(ops::requeue).await
    }

    /// Remembers that a credential was handed out.
    pub(super) async fn collected(&self, id: Hash, now: u64) -> Result<(), StoreError> {
        self.write(move |tables| ops::collected(tables, id, now)).await
    }

    /// Remembers that the wallet has the credential.
    pub(super) async fn done(&self, id: Hash) -> Result<(), StoreError> {
        self.write(move |tables| ops::done(tables, id)).await
    }

    /// Deletes all there is about a customer; tells whether there was anything.
    pub(super) async fn forget(&self, reference: String) -> Result<bool, StoreError> {
        self.write(move |tables| ops::forget(tables, &reference)).await
    }

    /// Remembers revocations until they are done.
    pub(super) async fn revoke(&self, references: Vec<String>, now: u64) -> Result<(), StoreError> {
        self.write(move |tables| ops::revoke(tables, &references, now))
            .await
    }

    /// The customers whose attestations are to be revoked, up to a number.
    pub(super) fn revocations(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        let reading = self.database.begin_read()?;
        let table = reading.open_table(schema::REVOCATIONS)?;
        let mut references = Vec::new();
        for row in table.iter()?.take(limit) {
            references.push(row?.0.value().to_owned());
        }
        Ok(references)
    }

    /// Forgets revocations that are done.
    pub(super) async fn revoked(&self, references: Vec<String>) -> Result<(), StoreError> {
        self.write(move |tables| ops::revoked(tables, &references)).await
    }

    /// Where a customer's request stands, if there is one.
    pub(super) fn customer(&self, reference: &str) -> Result<Option<Pending>, StoreError> {
        let reading = self.database.begin_read()?;
        let customers = reading.open_table(schema::CUSTOMERS)?;
        let Some(row) = customers.get(reference)? else {
            return Ok(None);
        };
        schema::customer(row.value()).map(Some)
    }

    /// Customers whose credentials were handed out some time ago, without a word from the wallet.
    pub(super) fn ripe(&self, now: u64, limit: usize) -> Result<Vec<Ripe>, StoreError> {
        let reading = self.database.begin_read()?;
        let (expiry, transactions) = (
            reading.open_table(schema::EXPIRY)?,
            reading.open_table(schema::TRANSACTIONS)?,
        );
        ops::ripe(&expiry, &transactions, now, limit)
    }

    /// Deletes what is past its end, in bounded steps; tells whether more is left.
    pub(super) async fn sweep(&self, now: u64) -> Result<bool, StoreError> {
        self.write(move |tables| ops::sweep(tables, now)).await
    }

    /// How much there is.
    pub(super) fn counts(&self) -> Result<Counts, StoreError> {
        let reading = self.database.begin_read()?;
        Ok(Counts {
            offers: reading.open_table(schema::OFFERS)?.len()?,
            sessions: reading.open_table(schema::SESSIONS)?.len()?,
            queued: reading.open_table(schema::QUEUE)?.len()?,
            revocations: reading.open_table(schema::REVOCATIONS)?.len()?,
        })
    }
}

#[cfg(test)]
impl Store {
    /// Waits until the writer has let go of the file.
    pub(super) fn close_for_tests(self) {
        let Self { database, jobs, .. } = self;
        drop(jobs);
        let mut database = database;
        loop {
            match Arc::try_unwrap(database) {
                Ok(last) => return drop(last),
                Err(shared) => database = shared,
            }
            std::thread::yield_now();
        }
    }
}

#[cfg(test)]
pub(super) use ops::COLLECT_AGAIN;

/// Whose commitment a request is for: kept as an identity, so that it is compared as one.
pub(super) type Identity = IdentityCommitment;
