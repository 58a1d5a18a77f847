//! What accounts own.

use codec::{Decode, DecodeAll};
use subxt::{dynamic::Value, storage};

use super::{BlockPoint, Chain, ChainError};
use crate::account::Account;

/// What an account owns, in smallest units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// It can be spent, but for the smallest amount with which an account exists.
    pub free: u128,
    /// It is held as deposits, and comes back with what they are for.
    pub held: u128,
}

/// `frame_system::AccountInfo` with `pallet_balances::AccountData`.
#[derive(Decode)]
struct AccountInfo {
    /// Of calls, consumers, providers and self-sufficient references.
    _counts: [u32; 4],
    free: u128,
    reserved: u128,
    _frozen: u128,
    _flags: u128,
}

impl Chain {
    /// What an account owns; nothing when the chain does not know it.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn balance(&self, at: BlockPoint, account: Account) -> Result<Balance, ChainError> {
        let address = storage::dynamic::<Vec<Value>, Value>("System", "Account");
        let client = self.client_at(at).await?;
        let found = client
            .storage()
            .try_fetch(address, vec![Value::from_bytes(account.0)])
            .await
            .map_err(|error| ChainError::Subxt(Box::new(error.into())))?;
        let Some(value) = found else {
            return Ok(Balance::default());
        };
        let info = AccountInfo::decode_all(&mut &value.into_bytes()[..])
            .map_err(|_| ChainError::Answer("an account's balance"))?;
        Ok(Balance {
            free: info.free,
            held: info.reserved,
        })
    }
}
