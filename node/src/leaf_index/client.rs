//! What the node's client answers.

use super::{
    block::{Block, BlockHash, Outcome},
    calls,
    chain::Chain,
    model::ReadError,
    resolve::{Bounds, State, StateIssuer, StateShard, WORK},
};
use codec::DecodeAll;
use ofage_primitives::{
    chain::{RootDigest, ENGINE_ID},
    GenesisHash, IssuerIndex, RegistryRoot, ShardIndex,
};
use ofage_runtime::{opaque, Hash, Header, Runtime};
use pallet_age_registry::{Issuer, Issuers, Shard, Shards};
use sc_client_api::{BlockBackend, HeaderBackend, StorageKey, StorageProvider};
use sp_core::Get;
use sp_io::hashing::twox_128;
use sp_runtime::DigestItem;
use std::sync::Arc;

/// The chain as a client of the SDK has it.
pub(crate) struct ClientChain<C, B> {
    client: Arc<C>,
    backend: std::marker::PhantomData<fn() -> B>,
}

impl<C, B> ClientChain<C, B> {
    /// Over a client.
    pub(crate) fn new(client: Arc<C>) -> Self {
        Self {
            client,
            backend: std::marker::PhantomData,
        }
    }
}

/// A state as a client of the SDK has it.
pub(crate) struct ClientState<'a, C, B> {
    chain: &'a ClientChain<C, B>,
    hash: Hash,
}

fn failed(error: impl std::fmt::Display) -> ReadError {
    ReadError(error.to_string())
}

impl<C, B> Chain for ClientChain<C, B>
where
    B: sc_client_api::Backend<opaque::Block> + 'static,
    C: BlockBackend<opaque::Block>
        + HeaderBackend<opaque::Block>
        + StorageProvider<opaque::Block, B>
        + Send
        + Sync
        + 'static,
{
    type State<'a>
        = ClientState<'a, C, B>
    where
        Self: 'a;

    fn genesis(&self) -> GenesisHash {
        GenesisHash(self.client.info().genesis_hash.0)
    }

    fn finalized(&self) -> (u32, BlockHash) {
        let info = self.client.info();
        (info.finalized_number, info.finalized_hash.0)
    }

    fn hash(&self, number: u32) -> Result<Option<BlockHash>, ReadError> {
        let hash = HeaderBackend::hash(&*self.client, number).map_err(failed)?;
        Ok(hash.map(|hash| hash.0))
    }

    fn block(&self, number: u32) -> Result<Option<Block>, ReadError> {
        let Some(hash) = HeaderBackend::hash(&*self.client, number).map_err(failed)? else {
            return Ok(None);
        };
        let Some(header) = self.client.header(hash).map_err(failed)? else {
            return Ok(None);
        };
        let Some(body) = self.client.block_body(hash).map_err(failed)? else {
            return Ok(None);
        };
        let root = root(&header).ok_or_else(|| failed("a header does not have one registry root"))?;
        Ok(Some(Block {
            number,
            hash: hash.0,
            root,
            calls: calls::calls(&body),
        }))
    }

    fn outcomes(&self, block: &Block) -> Option<Vec<Outcome>> {
        if block.calls.is_empty() {
            return Some(Vec::new());
        }
        let key = [twox_128(b"System"), twox_128(b"Events")].concat();
        // An error is a state that is gone.
        let events = self.client.storage(block.hash.into(), &StorageKey(key)).ok()??;
        calls::outcomes(&block.calls, &events.0)
    }

    fn state(&self, hash: BlockHash) -> ClientState<'_, C, B> {
        ClientState {
            chain: self,
            hash: hash.into(),
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            dirty: <Runtime as pallet_age_registry::Config>::MaxDirtyShards::get(),
            revoked: <Runtime as pallet_age_registry::Config>::MaxRevokedShards::get(),
            work: WORK,
        }
    }
}

/// The registry root in a header.
fn root(header: &Header) -> Option<RegistryRoot> {
    RootDigest::of_items(header.digest.logs().iter().filter_map(|item| match item {
        DigestItem::Consensus(ENGINE_ID, bytes) => Some(&bytes[..]),
        _ => None,
    }))
}

impl<C, B> ClientState<'_, C, B>
where
    B: sc_client_api::Backend<opaque::Block> + 'static,
    C: StorageProvider<opaque::Block, B>,
{
    fn get<T: DecodeAll>(&self, key: Vec<u8>) -> Result<Option<T>, ReadError> {
        let value = self
            .chain
            .client
            .storage(self.hash, &StorageKey(key))
            .map_err(failed)?;
        value
            .map(|bytes| T::decode_all(&mut &bytes.0[..]))
            .transpose()
            .map_err(|_| {
                failed("the registry's state is of another runtime than this node's; upgrade the node")
            })
    }
}

impl<C, B> State for ClientState<'_, C, B>
where
    B: sc_client_api::Backend<opaque::Block> + 'static,
    C: StorageProvider<opaque::Block, B>,
{
    fn shard(&self, index: ShardIndex) -> Result<Option<StateShard>, ReadError> {
        let shard = self.get::<Shard<Runtime>>(Shards::<Runtime>::hashed_key_for(index))?;
        Ok(shard.map(|shard| StateShard {
            issuer: shard.issuer,
            depositor: shard.depositor.into(),
            root: shard.root,
            len: shard.len,
            revoked: shard.status.is_revoked(),
            opened_at: shard.opened_at,
            changed_at: shard.changed_at,
        }))
    }

    fn issuer(&self, index: IssuerIndex) -> Result<Option<StateIssuer>, ReadError> {
        let issuer = self.get::<Issuer<Runtime>>(Issuers::<Runtime>::hashed_key_for(index))?;
        Ok(issuer.map(|issuer| StateIssuer {
            controller: issuer.controller.into(),
            attester: issuer.attester.account().clone().into(),
        }))
    }
}
