//! Accounts of the chain, and the keys that sign for them.

use std::{fmt, path::Path, str::FromStr};

use subxt::utils::AccountId32;
use subxt_signer::{sr25519::Keypair, SecretUri};
use zeroize::Zeroizing;

/// Marks an account of the development presets on the command line, such as `dev:Alice`.
const DEV_PREFIX: &str = "dev:";
/// A secret URI is a mnemonic with a derivation path; anything much longer is another file.
const MAX_KEY_FILE: u64 = 4096;

/// Not an account, or not a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// Neither SS58, nor hexadecimal, nor `dev:NAME`.
    #[error("not an account: give an SS58 address, 64 hexadecimal digits after 0x, or dev:NAME")]
    Address,
    /// The key file cannot be read.
    #[error("cannot read the key file {path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The key file holds no secret URI. The content is not repeated.
    #[error("the key file {0} holds no key: put a mnemonic, a 0x seed or a //path on its first line")]
    Uri(String),
    /// No such development key.
    #[error("not a development key: use a plain name such as Alice, Issuer1 or Curator")]
    DevName,
}

/// An account of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account(pub [u8; 32]);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&AccountId32(self.0), f)
    }
}

impl FromStr for Account {
    type Err = AccountError;

    fn from_str(text: &str) -> Result<Self, AccountError> {
        if let Some(name) = text.strip_prefix(DEV_PREFIX) {
            return Ok(Signer::dev(name)?.account());
        }
        if let Some(digits) = text.strip_prefix("0x") {
            let mut bytes = [0; 32];
            hex::decode_to_slice(digits, &mut bytes).map_err(|_| AccountError::Address)?;
            return Ok(Self(bytes));
        }
        AccountId32::from_str(text)
            .map(|id| Self(id.0))
            .map_err(|_| AccountError::Address)
    }
}

impl serde::Serialize for Account {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A key that signs calls. It has no `Debug`.
#[derive(Clone)]
pub struct Signer(Keypair);

impl Signer {
    /// Reads a secret URI (mnemonic, `0x` seed or `//path`) from the first line of a file.
    ///
    /// # Errors
    /// [`AccountError::File`] or [`AccountError::Uri`]; neither repeats the content.
    pub fn from_file(path: &Path) -> Result<Self, AccountError> {
        let shown = path.display().to_string();
        let failed = |source| AccountError::File {
            path: shown.clone(),
            source,
        };
        if std::fs::metadata(path).map_err(failed)?.len() > MAX_KEY_FILE {
            return Err(AccountError::Uri(shown));
        }
        let text = Zeroizing::new(std::fs::read(path).map_err(failed)?);
        let line = std::str::from_utf8(&text)
            .ok()
            .and_then(|t| t.lines().next())
            .map(str::trim);
        match line {
            Some(line) if !line.is_empty() => Self::from_uri(line).ok_or(AccountError::Uri(shown)),
            _ => Err(AccountError::Uri(shown)),
        }
    }

    /// The published key of a name in the development presets: `//NAME`.
    ///
    /// # Errors
    /// [`AccountError::DevName`] unless the name is plain letters and digits.
    pub fn dev(name: &str) -> Result<Self, AccountError> {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(AccountError::DevName);
        }
        Self::from_uri(&format!("//{name}")).ok_or(AccountError::DevName)
    }

    fn from_uri(uri: &str) -> Option<Self> {
        let uri = SecretUri::from_str(uri).ok()?;
        Keypair::from_uri(&uri).ok().map(Self)
    }

    /// Its account.
    pub fn account(&self) -> Account {
        Account(self.0.public_key().0)
    }

    pub(crate) fn keypair(&self) -> &Keypair {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn an_account_reads_in_all_its_forms() {
        let account: Account = ALICE.parse().unwrap();
        assert_eq!(account, "dev:Alice".parse().unwrap());
        assert_eq!(account, format!("0x{}", hex::encode(account.0)).parse().unwrap());
        assert_eq!(account.to_string(), ALICE);
    }

    #[test]
    fn other_texts_are_no_accounts() {
        for text in ["", "Alice", "0x12", "dev:", "dev:a/b", "5Grwva", &ALICE[1..]] {
            assert!(text.parse::<Account>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_file_holds_a_uri_on_its_first_line() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "//Alice\nsecond line").unwrap();
        assert_eq!(
            Signer::from_file(file.path()).ok().unwrap().account(),
            ALICE.parse().unwrap()
        );
    }

    #[test]
    fn an_error_about_a_key_file_does_not_repeat_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "correct horse battery staple").unwrap();
        let error = Signer::from_file(file.path()).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("horse"));
    }
}
