//! Making sure that what was deleted is not in the file any more.

use std::fs;

use redb::{ReadableDatabase, ReadableTable};

use super::{
    open_database,
    schema::{
        Number, Tables, BATCHES, IDENTITIES, META, PEOPLE, PLACES, QUEUE, QUEUED_IDENTITIES,
        QUEUED_REFERENCES, REPLACED, SHARDS, UNDELIVERED,
    },
    Register, RegisterError,
};
use crate::private_file;

impl Register {
    /// Whether something was deleted since the file was written anew, and so may be in it yet.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn has_remains(&self) -> Result<bool, RegisterError> {
        let meta = self.read()?.open_table(META)?;
        let number = meta.get(Number::Remains.key())?;
        Ok(number.is_some_and(|number| number.value().iter().any(|byte| *byte != 0)))
    }

    /// Writes the register anew, and puts the new file in the place of the old one. A database only marks pages as free:
    /// what stood in them stays in the file until they are used again. Takes as long as copying what is in it.
    ///
    /// A crash leaves the old file or the new one. What the disk itself keeps of a deleted file is beyond this.
    ///
    /// # Errors
    /// [`RegisterError`]; the old file is in its place then.
    pub fn shred(self) -> Result<Self, RegisterError> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".new");
        let path = std::path::PathBuf::from(name);
        let io = |source| RegisterError::Io {
            path: path.clone(),
            source,
        };
        if path.exists() {
            // Of an earlier run that was interrupted.
            fs::remove_file(&path).map_err(io)?;
        }
        let new = open_database(&path)?;
        let (from, to) = (self.database.begin_read()?, new.begin_write()?);
        {
            let mut tables = Tables::open(&to)?;
            macro_rules! copy {
                ($($table:ident: $definition:ident),*) => {
                    $(for entry in from.open_table($definition)?.iter()? {
                        let (key, value) = entry?;
                        tables.$table.insert(key.value(), value.value())?;
                    })*
                };
            }
            copy!(
                meta: META,
                people: PEOPLE,
                identities: IDENTITIES,
                places: PLACES,
                queue: QUEUE,
                queued_references: QUEUED_REFERENCES,
                queued_identities: QUEUED_IDENTITIES,
                batches: BATCHES,
                shards: SHARDS,
                replaced: REPLACED,
                undelivered: UNDELIVERED
            );
            tables.set_number(Number::Remains, 0)?;
        }
        to.commit()?;
        private_file::rename(&path, &self.path).map_err(io)?;
        Ok(Self {
            database: new,
            path: self.path.clone(),
            genesis: self.genesis,
            issuer: self.issuer,
        })
    }
}
