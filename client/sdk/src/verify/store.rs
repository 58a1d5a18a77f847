//! The nullifiers that a verifier has seen: what makes one holder one account per slot.

use std::{collections::HashMap, io, path::Path};

use ofage_primitives::{Binding, Nullifier, Scope};
use serde::{Deserialize, Serialize};

use crate::{
    private_file::{LineError, LineFile},
    wallet::history::same_account,
};

/// The store cannot be used; no decision was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system says no.
    #[error("cannot use the store {path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Another process works with it.
    #[error("another process works with the store {0}; wait until it has finished")]
    Busy(String),
    /// A line that is none of a store.
    #[error("line {line} of {path} is not of a nullifier store; restore the file, or name another one")]
    Malformed {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
    },
}

/// Remembers which account a nullifier verified.
pub trait NullifierStore {
    /// Gives a nullifier to an account: true if it had none, or this one.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be remembered; the caller must then not accept the proof.
    fn claim(&mut self, scope: &Scope, nullifier: &Nullifier, account: &Binding) -> Result<bool, StoreError>;
}

/// A store that is forgotten with the process.
#[derive(Default)]
pub struct MemoryStore(HashMap<(Scope, Nullifier), Binding>);

impl NullifierStore for MemoryStore {
    fn claim(&mut self, scope: &Scope, nullifier: &Nullifier, account: &Binding) -> Result<bool, StoreError> {
        let holder = self
            .0
            .entry((*scope, *nullifier))
            .or_insert_with(|| account.clone());
        Ok(same_account(holder, account))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    scope: Scope,
    nullifier: Nullifier,
    account: Binding,
}

/// A store in a file of JSON lines, for one process at a time.
pub struct FileStore {
    file: LineFile,
    memory: MemoryStore,
}

impl FileStore {
    /// Opens a store, or starts one. A last line that a crash cut off is dropped: it was never answered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let shown = || path.display().to_string();
        let mut memory = MemoryStore::default();
        let file = LineFile::open(path, |_, line| {
            let line: Line = serde_json::from_slice(line).ok()?;
            memory.0.insert((line.scope, line.nullifier), line.account);
            Some(())
        });
        let file = file.map_err(|error| match error {
            LineError::Busy => StoreError::Busy(shown()),
            LineError::Malformed(line) => StoreError::Malformed { path: shown(), line },
            LineError::Io(source) => StoreError::Io {
                path: shown(),
                source,
            },
        })?;
        Ok(Self { file, memory })
    }
}

impl NullifierStore for FileStore {
    fn claim(&mut self, scope: &Scope, nullifier: &Nullifier, account: &Binding) -> Result<bool, StoreError> {
        if !self.memory.0.contains_key(&(*scope, *nullifier)) {
            let line = Line {
                scope: *scope,
                nullifier: *nullifier,
                account: account.clone(),
            };
            // On disk before the answer is given.
            self.file.append(&line).map_err(|source| StoreError::Io {
                path: self.file.path().display().to_string(),
                source,
            })?;
        }
        self.memory.claim(scope, nullifier, account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::Element;
    use std::{fs, io::Write};

    fn scope(n: u64) -> Scope {
        Scope::from_element(Element::from_u64(n))
    }
    fn nullifier(n: u64) -> Nullifier {
        Nullifier::from_element(Element::from_u64(n))
    }
    fn account(n: u8) -> Binding {
        Binding::ChainAccount([n; 32])
    }

    fn behaves(store: &mut dyn NullifierStore) {
        assert!(store.claim(&scope(1), &nullifier(1), &account(1)).unwrap());
        assert!(
            store.claim(&scope(1), &nullifier(1), &account(1)).unwrap(),
            "the same account again"
        );
        assert!(
            !store.claim(&scope(1), &nullifier(1), &account(2)).unwrap(),
            "another account"
        );
        assert!(
            store.claim(&scope(2), &nullifier(1), &account(2)).unwrap(),
            "another scope"
        );
        assert!(
            store.claim(&scope(1), &nullifier(2), &account(2)).unwrap(),
            "another slot"
        );
    }

    #[test]
    fn one_nullifier_is_one_account() {
        behaves(&mut MemoryStore::default());
        let dir = tempfile::tempdir().unwrap();
        behaves(&mut FileStore::open(&dir.path().join("seen")).unwrap());
    }

    #[test]
    fn a_file_remembers_and_survives_a_cut_off_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seen");
        FileStore::open(&path)
            .unwrap()
            .claim(&scope(1), &nullifier(1), &account(1))
            .unwrap();
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"scope\":")
            .unwrap();
        let mut store = FileStore::open(&path).unwrap();
        assert!(!store.claim(&scope(1), &nullifier(1), &account(2)).unwrap());
        assert!(matches!(FileStore::open(&path), Err(StoreError::Busy(_))));
        drop(store);
        fs::write(&path, "something else\n").unwrap();
        assert!(matches!(
            FileStore::open(&path),
            Err(StoreError::Malformed { line: 1, .. })
        ));
    }
}
