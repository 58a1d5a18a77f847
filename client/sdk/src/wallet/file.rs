//! The wallet's file: JSON, encrypted by age with a passphrase.

use std::{fs, io, path::Path};

use zeroize::Zeroizing;

use super::Content;
use crate::{
    private_file::{self, Lock},
    random::NoRandomness,
    sealed::{self, Passphrase, ShortPassphrase, UnsealError},
};

/// Longest wallet file: thousands of credentials.
const MAX_FILE: u64 = 16 << 20;

/// A wallet cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalletError {
    /// No file there.
    #[error("there is no wallet at {0}; make one with `ofage wallet new`, or name another with --wallet")]
    Missing(String),
    /// A file is there.
    #[error("{0} exists; a wallet never overwrites a file: name another with --wallet")]
    Exists(String),
    /// The file system says no.
    #[error("cannot use the wallet {path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Another process works with it.
    #[error("another process works with the wallet {0}; wait until it has finished")]
    Busy(String),
    /// The passphrase does not open it.
    #[error("the passphrase does not open this wallet")]
    Passphrase,
    /// Too short to be safe.
    #[error(transparent)]
    ShortPassphrase(#[from] ShortPassphrase),
    /// Damaged, cut off or another file.
    #[error("{0} is not a wallet, or it is damaged; restore it from a backup")]
    Damaged(String),
    /// Asks for absurd work.
    #[error("{0} asks for more work than any wallet of this program; it is not one, or it was altered")]
    Work(String),
    /// No secret can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

pub(super) fn lock(path: &Path) -> Result<Lock, WalletError> {
    Lock::take(path).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => WalletError::Busy(shown(path)),
        _ => failed(path, error),
    })
}

/// Takes the lock of a wallet that is about to be made: here, what is missing is its directory.
pub(super) fn lock_new(path: &Path) -> Result<Lock, WalletError> {
    lock(path).map_err(|error| match error {
        WalletError::Missing(path) => WalletError::Io {
            path,
            source: io::Error::new(
                io::ErrorKind::NotFound,
                "there is no such directory; make it first",
            ),
        },
        other => other,
    })
}

pub(super) fn create(path: &Path, passphrase: &Passphrase, content: &Content) -> Result<(), WalletError> {
    let sealed = seal(passphrase, content).map_err(|error| failed(path, error))?;
    private_file::create(path, &sealed).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => WalletError::Exists(shown(path)),
        _ => failed(path, error),
    })
}

pub(super) fn replace(path: &Path, passphrase: &Passphrase, content: &Content) -> Result<(), WalletError> {
    let sealed = seal(passphrase, content).map_err(|error| failed(path, error))?;
    private_file::replace(path, &sealed).map_err(|error| failed(path, error))
}

pub(super) fn read(path: &Path, passphrase: &Passphrase) -> Result<Content, WalletError> {
    let length = fs::metadata(path).map_err(|error| failed(path, error))?.len();
    if length > MAX_FILE {
        return Err(WalletError::Damaged(shown(path)));
    }
    let sealed = fs::read(path).map_err(|error| failed(path, error))?;
    let plain = sealed::unseal(passphrase, &sealed).map_err(|error| match error {
        UnsealError::Passphrase => WalletError::Passphrase,
        UnsealError::Work => WalletError::Work(shown(path)),
        _ => WalletError::Damaged(shown(path)),
    })?;
    // The reason would repeat what is written there.
    serde_json::from_slice(&plain).map_err(|_| WalletError::Damaged(shown(path)))
}

fn seal(passphrase: &Passphrase, content: &Content) -> io::Result<Vec<u8>> {
    sealed::seal(passphrase, &Zeroizing::new(serde_json::to_vec(content)?))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn failed(path: &Path, source: io::Error) -> WalletError {
    if source.kind() == io::ErrorKind::NotFound {
        WalletError::Missing(shown(path))
    } else {
        WalletError::Io {
            path: shown(path),
            source,
        }
    }
}
