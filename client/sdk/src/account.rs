//! Accounts of the chain, and the keys that sign for them.

use std::{fmt, str::FromStr};

use subxt::utils::AccountId32;
use subxt_signer::{sr25519::Keypair, SecretUri};

/// Marks an account of the development presets on the command line, such as `dev:Alice`.
const DEV_PREFIX: &str = "dev:";

/// Not an account, or not a development key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// Neither SS58, nor hexadecimal, nor `dev:NAME`.
    #[error("not an account: give an SS58 address, 64 hexadecimal digits after 0x, or dev:NAME")]
    Address,
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
    pub(crate) fn new(keypair: Keypair) -> Self {
        Self(keypair)
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
}
