//! The issuer's register: whom it attested, where, and what is on its way.
//!
//! One file, an embedded database, in which nothing is ever half done. It is one process's at a time, and its owner's only:
//! until a customer is forgotten it holds their birth dates and salts.
//!
//! A row goes through it like this: *staged* by an import that checks all rows first, *waiting* once the import is
//! accepted, *planned* in a batch with the number of its call before the call is sent, and *final*. After a crash at any
//! point the batches that are planned are looked for on the chain, and what is not there is sent again as it was; the number
//! of a call, which counts once for an account, makes that safe. So the account is kept with the number: the issuer may have
//! given itself another attesting key meanwhile, whose calls have numbers of their own. The module `schema` says what is kept in which table; the book says
//! it again (`backlog.md`).

mod batches;
mod held;
mod import;
mod keep;
mod schema;
mod shred;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ofage_primitives::{GenesisHash, IssuerIndex, LeafIndex, ShardIndex};
use redb::{Database, ReadableDatabase, TableHandle};

use crate::{private_file, random::NoRandomness};
use schema::{Tables, META};

pub use batches::{Batch, CallId};
pub use held::Held;
pub use import::{Reissue, Taken};
pub use keep::{Forgotten, Standing};

/// Memory for pages of the file.
const CACHE: usize = 64 << 20;

/// Where an attestation is.
pub type Place = (ShardIndex, LeafIndex);

/// The register cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another process works with it.
    #[error("another process works with the register {0}; wait until it has finished, or stop the service")]
    Busy(PathBuf),
    /// Of another chain or issuer, or no register.
    #[error(
        "{0} is the register of another issuer or chain, or another file; name the right one, or a new one"
    )]
    Foreign(PathBuf),
    /// The file system says no.
    #[error("cannot use the register {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be read or written.
    #[error("the register cannot be read or written: {0}")]
    Database(String),
    /// A record that is none.
    #[error("the register is damaged ({0}); restore it from a backup")]
    Damaged(&'static str),
    /// Batches of an earlier run are neither final nor dropped.
    #[error("batches of an earlier run are not finished yet; attest again first, which finishes them")]
    Pending,
    /// No batch to mark.
    #[error("there is no batch that could be marked as final or dropped")]
    NothingPending,
    /// No salts.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

macro_rules! database_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for RegisterError {
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
    redb::SetDurabilityError
);

/// An open register. All of it can be shared between threads; writing is one after another.
pub struct Register {
    database: Database,
    path: PathBuf,
    genesis: GenesisHash,
    issuer: IssuerIndex,
}

impl Register {
    /// Opens a register, or starts one.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn open(path: &Path, genesis: GenesisHash, issuer: IssuerIndex) -> Result<Self, RegisterError> {
        let database = open_database(path)?;
        let register = Self {
            database,
            path: path.to_owned(),
            genesis,
            issuer,
        };
        if register.claim()? {
            Ok(register)
        } else {
            Err(RegisterError::Foreign(path.to_owned()))
        }
    }

    /// Makes a new file this issuer's register; tells whether it is. Another program's database stays as it is.
    fn claim(&self) -> Result<bool, RegisterError> {
        let transaction = self.database.begin_write()?;
        let is_new = transaction.list_tables()?.next().is_none()
            && transaction.list_multimap_tables()?.next().is_none();
        let is_ours = is_new
            || transaction
                .list_tables()?
                .any(|table| table.name() == META.name());
        let is_ours = is_ours && Tables::open(&transaction)?.claim(self.genesis, self.issuer, is_new)?;
        if is_ours {
            transaction.commit()?;
        }
        Ok(is_ours)
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The chain.
    pub fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    /// Whose register it is.
    pub fn issuer(&self) -> IssuerIndex {
        self.issuer
    }

    /// Does something in one transaction, which is on disk when this returns, or not at all.
    fn write<T>(
        &self,
        act: impl FnOnce(&mut Tables<'_>) -> Result<T, RegisterError>,
    ) -> Result<T, RegisterError> {
        self.write_with(redb::Durability::Immediate, act)
    }

    fn write_with<T>(
        &self,
        durability: redb::Durability,
        act: impl FnOnce(&mut Tables<'_>) -> Result<T, RegisterError>,
    ) -> Result<T, RegisterError> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(durability)?;
        let done = act(&mut Tables::open(&transaction)?)?;
        transaction.commit()?;
        Ok(done)
    }

    fn read(&self) -> Result<redb::ReadTransaction, RegisterError> {
        Ok(self.database.begin_read()?)
    }
}

/// Opens the file, or makes one.
fn open_database(path: &Path) -> Result<Database, RegisterError> {
    let io = |source| RegisterError::Io {
        path: path.to_owned(),
        source,
    };
    // Opened here, so that nobody else can read it from its first moment.
    open_file(path, private_file::open(path).map_err(io)?)
}

/// Opens the file, which was found at that path.
fn open_file(path: &Path, file: fs::File) -> Result<Database, RegisterError> {
    let io = |source| RegisterError::Io {
        path: path.to_owned(),
        source,
    };
    let opened = |error| match error {
        redb::DatabaseError::DatabaseAlreadyOpen => RegisterError::Busy(path.to_owned()),
        redb::DatabaseError::Storage(redb::StorageError::Io(source))
            if source.kind() == io::ErrorKind::InvalidData =>
        {
            RegisterError::Foreign(path.to_owned())
        }
        redb::DatabaseError::Storage(redb::StorageError::Io(source)) => io(source),
        redb::DatabaseError::Storage(redb::StorageError::Corrupted(_)) => {
            RegisterError::Damaged("its pages do not give their checksums")
        }
        other => RegisterError::Database(other.to_string()),
    };
    let same = file.try_clone().map_err(io)?;
    let backend = redb::backends::FileBackend::new(file).map_err(opened)?;
    let database = Database::builder()
        .set_cache_size(CACHE)
        // What was altered on the disk would else be trusted, and end the process at some later point.
        .set_check_integrity_on_open(true)
        .create_with_backend(backend)
        .map_err(opened)?;
    // It is locked now. If another process put a new file in its place before, nobody would see what is written to this one.
    if private_file::is_at(&same, path).map_err(io)? {
        Ok(database)
    } else {
        Err(RegisterError::Busy(path.to_owned()))
    }
}

#[cfg(test)]
mod tests;
