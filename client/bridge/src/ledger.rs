//! What an issuer remembers of requests and credentials: each request is answered once, and a credential serves one
//! customer.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ofage_primitives::Day;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};

use crate::{challenge::nonce, Challenge, CredentialId, Moment, Settings};

/// `state` of a request: its nonce, when it was made, until when it counts; seconds of Unix time.
const REQUESTS: TableDefinition<'_, &str, (&str, u64, u64)> = TableDefinition::new("requests");
/// SHA-256 of a holder's key: the customer's reference, and the day.
const CREDENTIALS: TableDefinition<'_, &[u8; 32], (&str, u32)> = TableDefinition::new("credentials");
/// What the file is.
const META: TableDefinition<'_, &str, u32> = TableDefinition::new("meta");
const FORMAT: u32 = 1;
/// Most requests that are open at once; beyond it, the issuer's own program asks too often.
const MAX_REQUESTS: u64 = 1_000_000;

/// The ledger cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Another process has it.
    #[error("{} is in use by another process; wait for that", .0.display())]
    Busy(PathBuf),
    /// Not a ledger.
    #[error("{} is no ledger of requests, or one of a newer version; name another file", .0.display())]
    Other(PathBuf),
    /// The file system says no.
    #[error("cannot use {}: {error}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database cannot be read or written.
    #[error("the ledger cannot be read or written: {0}")]
    Database(String),
    /// No such request.
    #[error("no request with that state is open: it was answered, has expired, or never was")]
    NoRequest,
    /// Too many requests.
    #[error("a million requests are open; wait until they expire")]
    Full,
    /// No randomness.
    #[error("the operating system gives no random bytes")]
    Random,
}

macro_rules! database_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for LedgerError {
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
    redb::CommitError,
    redb::CompactionError
);

/// Whose a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is this customer's now, or was before.
    Ours,
    /// Another customer brought it before.
    Theirs,
}

/// The ledger.
pub struct Ledger(Database);

impl Ledger {
    /// Opens a ledger, or starts one that only its owner can read.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let io = |error| LedgerError::Io {
            path: path.to_owned(),
            error,
        };
        // Made by hand, so that nobody else can read it from its first moment.
        match private(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io(error)),
            _ => {}
        }
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => LedgerError::Busy(path.to_owned()),
            redb::DatabaseError::Storage(redb::StorageError::Io(error))
                if error.kind() != io::ErrorKind::InvalidData =>
            {
                io(error)
            }
            redb::DatabaseError::Storage(redb::StorageError::Io(_)) => LedgerError::Other(path.to_owned()),
            other => LedgerError::Database(other.to_string()),
        })?;
        let writing = database.begin_write()?;
        let is_ours = {
            let mut meta = writing
                .open_table(META)
                .map_err(|_| LedgerError::Other(path.to_owned()))?;
            let found = meta.get("format")?.map(|format| format.value());
            if found.is_none() {
                meta.insert("format", FORMAT)?;
            }
            writing.open_table(REQUESTS)?;
            writing.open_table(CREDENTIALS)?;
            matches!(found, None | Some(FORMAT))
        };
        if !is_ours {
            return Err(LedgerError::Other(path.to_owned()));
        }
        writing.commit()?;
        Ok(Self(database))
    }

    /// Makes a request that counts for some seconds: its `state`, and what has to be answered.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn ask(
        &self,
        settings: &Settings,
        seconds: u64,
        now: Moment,
    ) -> Result<(String, Challenge), LedgerError> {
        let state = nonce().map_err(|_| LedgerError::Random)?;
        let nonce = nonce().map_err(|_| LedgerError::Random)?;
        let until = Moment(now.0.saturating_add(seconds));
        let writing = self.0.begin_write()?;
        {
            let mut requests = writing.open_table(REQUESTS)?;
            requests.retain(|_, (_, _, until)| until >= now.0)?;
            if requests.len()? >= MAX_REQUESTS {
                return Err(LedgerError::Full);
            }
            requests.insert(&*state, (&*nonce, now.0, until.0))?;
        }
        writing.commit()?;
        let challenge = Challenge::new(
            settings.channel().clone(),
            settings.encryption(),
            nonce,
            now,
            until,
        );
        Ok((state, challenge))
    }

    /// Takes a request out, to check the answer: there is no second answer.
    ///
    /// # Errors
    /// [`LedgerError::NoRequest`], and those of the file.
    pub fn take(&self, state: &str, settings: &Settings) -> Result<Challenge, LedgerError> {
        let writing = self.0.begin_write()?;
        let found = {
            let mut requests = writing.open_table(REQUESTS)?;
            let found = requests.remove(state)?;
            found.map(|row| {
                let (nonce, made, until) = row.value();
                (nonce.to_owned(), Moment(made), Moment(until))
            })
        };
        writing.commit()?;
        let (nonce, made, until) = found.ok_or(LedgerError::NoRequest)?;
        Ok(Challenge::new(
            settings.channel().clone(),
            settings.encryption(),
            nonce,
            made,
            until,
        ))
    }

    /// Puts a request back: the answer could not be judged, for want of something on this side.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn put_back(&self, state: &str, challenge: &Challenge) -> Result<(), LedgerError> {
        let writing = self.0.begin_write()?;
        {
            let mut requests = writing.open_table(REQUESTS)?;
            let row = (challenge.nonce(), challenge.made.0, challenge.until.0);
            requests.insert(state, row)?;
        }
        writing.commit()?;
        Ok(())
    }

    /// Notes that a customer brought a credential, unless another customer did before.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn note(&self, credential: CredentialId, reference: &str, today: Day) -> Result<Taken, LedgerError> {
        let writing = self.0.begin_write()?;
        let taken = {
            let mut credentials = writing.open_table(CREDENTIALS)?;
            let owner = credentials.get(credential.as_bytes())?;
            let is_theirs = owner.is_some_and(|row| row.value().0 != reference);
            match is_theirs {
                true => Taken::Theirs,
                false => {
                    credentials.insert(credential.as_bytes(), (reference, today.number()))?;
                    Taken::Ours
                }
            }
        };
        writing.commit()?;
        Ok(taken)
    }

    /// Forgets the credentials that a customer brought; how many they were. The file is written anew, so that nothing of
    /// them stays in it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn forget(&mut self, reference: &str) -> Result<u64, LedgerError> {
        self.forget_if(|owner, _| owner == reference)
    }

    /// Forgets the credentials that were brought before a day; how many they were.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn forget_before(&mut self, day: Day) -> Result<u64, LedgerError> {
        self.forget_if(|_, brought| brought < day.number())
    }

    fn forget_if(&mut self, over: impl Fn(&str, u32) -> bool) -> Result<u64, LedgerError> {
        let writing = self.0.begin_write()?;
        let gone = {
            let mut credentials = writing.open_table(CREDENTIALS)?;
            let before = credentials.len()?;
            credentials.retain(|_, (reference, day)| !over(reference, day))?;
            before - credentials.len()?
        };
        writing.commit()?;
        while self.0.compact()? {}
        Ok(gone)
    }

    /// Requests that are open, and credentials that are known.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn counts(&self) -> Result<(u64, u64), LedgerError> {
        let reading = self.0.begin_read()?;
        let requests = reading.open_table(REQUESTS)?.len()?;
        Ok((requests, reading.open_table(CREDENTIALS)?.len()?))
    }
}

fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
