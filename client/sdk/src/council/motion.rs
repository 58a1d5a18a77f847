//! Open motions, read from the state.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use subxt::{dynamic::Value, storage};

use super::{read, Decoded, Opened};
use crate::{
    account::Account,
    chain::{hash_256, BlockPoint, Chain, ChainError},
};

/// Bytes of the numbers of a call's pallet and the call, with which it begins.
const CALL_NUMBERS: usize = 2;

/// The hash of a call, or of a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallHash(pub [u8; 32]);

impl fmt::Display for CallHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl FromStr for CallHash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes)
            .map_err(|_| "give 64 hexadecimal digits")?;
        Ok(Self(bytes))
    }
}

impl Serialize for CallHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An open motion.
#[derive(Clone, Debug)]
pub struct Motion {
    /// Its number.
    pub index: u32,
    /// The hash of its call.
    pub hash: CallHash,
    /// Votes that carry it.
    pub threshold: u32,
    /// Who voted for it.
    pub ayes: Vec<Account>,
    /// Who voted against it.
    pub nays: Vec<Account>,
    /// Block from which on it can be closed in any case.
    pub end: u32,
    /// Its call, encoded.
    pub call: Vec<u8>,
    /// Its call, to be read; none when the metadata of the chain's runtime does not fit it, as after an upgrade.
    pub decoded: Option<Decoded>,
    /// For a motion that puts a call on the whitelist: that call, if another open motion holds it.
    pub about: Option<Decoded>,
}

impl Motion {
    /// Its number and hash.
    pub fn opened(&self) -> Opened {
        Opened {
            index: self.index,
            hash: self.hash,
        }
    }

    /// The hash of the call that it has dispatched as root, if it does so.
    pub fn dispatches(&self) -> Option<CallHash> {
        self.is_whitelist("dispatch_whitelisted_call_with_preimage")
            .then(|| self.call.get(CALL_NUMBERS..).map(|call| CallHash(hash_256(call))))
            .flatten()
    }

    /// The hash of the call that it puts on the whitelist, if it does so.
    pub fn whitelists(&self) -> Option<CallHash> {
        let hash = self.call.get(CALL_NUMBERS..)?.try_into().ok()?;
        self.is_whitelist("whitelist_call").then_some(CallHash(hash))
    }

    fn is_whitelist(&self, call: &str) -> bool {
        self.decoded
            .as_ref()
            .is_some_and(|decoded| decoded.is("Whitelist", call))
    }
}

/// The members of the council.
pub(super) async fn members(chain: &Chain, at: BlockPoint) -> Result<Vec<Account>, ChainError> {
    accounts(chain, at, "Council", "Members").await
}

/// The validators that governance chose.
pub(super) async fn validators(chain: &Chain, at: BlockPoint) -> Result<Vec<Account>, ChainError> {
    accounts(chain, at, "ValidatorSet", "Chosen").await
}

/// Whether a call may be dispatched as root.
pub(super) async fn is_whitelisted(
    chain: &Chain,
    at: BlockPoint,
    hash: CallHash,
) -> Result<bool, ChainError> {
    let found = fetch(chain, at, "Whitelist", "WhitelistedCall", Some(hash)).await?;
    Ok(found.is_some())
}

/// All open motions, by their numbers.
pub(super) async fn motions(chain: &Chain, at: BlockPoint) -> Result<Vec<Motion>, ChainError> {
    const WHAT: &str = "the motions";
    let hashes: Vec<[u8; 32]> = match fetch(chain, at, "Council", "Proposals", None).await? {
        Some(bytes) => read(&bytes, WHAT)?,
        None => Vec::new(),
    };
    let client = chain.client_at(at).await?;
    let mut motions = Vec::new();
    for hash in hashes {
        let gone = ChainError::Inconsistent("a motion is gone");
        let call = fetch(chain, at, "Council", "ProposalOf", Some(CallHash(hash))).await?;
        let votes = fetch(chain, at, "Council", "Voting", Some(CallHash(hash))).await?;
        let (Some(call), Some(votes)) = (call, votes) else {
            return Err(gone);
        };
        if hash_256(&call) != hash {
            return Err(ChainError::Inconsistent("a motion holds another call"));
        }
        let (index, threshold, ayes, nays, end): (u32, u32, Vec<[u8; 32]>, Vec<[u8; 32]>, u32) =
            read(&votes, WHAT)?;
        motions.push(Motion {
            index,
            hash: CallHash(hash),
            threshold,
            ayes: ayes.into_iter().map(Account).collect(),
            nays: nays.into_iter().map(Account).collect(),
            end,
            // One that cannot be read must not hide the others.
            decoded: Decoded::new(&call, client.metadata_ref()).ok(),
            call,
            about: None,
        });
    }
    motions.sort_by_key(|motion| motion.index);
    let held: Vec<(CallHash, Decoded)> = motions
        .iter()
        .filter_map(|motion| Some((motion.dispatches()?, motion.decoded.as_ref()?.inner()?)))
        .collect();
    for motion in &mut motions {
        let hash = motion.whitelists();
        let about = held.iter().find(|(held, _)| Some(*held) == hash);
        motion.about = about.map(|(_, decoded)| decoded.clone());
    }
    Ok(motions)
}

async fn accounts(
    chain: &Chain,
    at: BlockPoint,
    pallet: &str,
    item: &str,
) -> Result<Vec<Account>, ChainError> {
    let found: Vec<[u8; 32]> = match fetch(chain, at, pallet, item, None).await? {
        Some(bytes) => read(&bytes, "a list of accounts")?,
        None => Vec::new(),
    };
    Ok(found.into_iter().map(Account).collect())
}

/// A value in the state, encoded.
async fn fetch(
    chain: &Chain,
    at: BlockPoint,
    pallet: &str,
    item: &str,
    key: Option<CallHash>,
) -> Result<Option<Vec<u8>>, ChainError> {
    let keys: Vec<Value> = key.into_iter().map(|hash| Value::from_bytes(hash.0)).collect();
    let address = storage::dynamic::<Vec<Value>, Value>(pallet, item);
    let client = chain.client_at(at).await?;
    let found = client.storage().try_fetch(address, keys).await;
    found
        .map(|value| value.map(|value| value.into_bytes()))
        .map_err(|error| ChainError::Subxt(Box::new(error.into())))
}
