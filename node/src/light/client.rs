//! What the node's client answers.

use super::chain::{BlockHash, Chain, Final, Justified, ReadError, Sets};
use crate::service::{Block, Client};
use codec::{DecodeAll, Encode};
use ofage_primitives::GenesisHash;
use ofage_runtime::{BlockNumber, Hash};
use sc_client_api::{blockchain::Error, BlockBackend, HeaderBackend, ProofProvider};
use sc_consensus_grandpa::{
    best_justification, find_scheduled_change, GrandpaApi, GrandpaJustification, SharedAuthoritySet,
    GRANDPA_ENGINE_ID,
};
use sp_api::{ApiError, ProvideRuntimeApi};
use std::sync::Arc;

/// The chain as a client of the SDK, and GRANDPA beside it, have it.
pub(crate) struct ClientChain {
    client: Arc<Client>,
    authorities: SharedAuthoritySet<Hash, BlockNumber>,
}

impl ClientChain {
    /// Over a client, and GRANDPA's memory of its sets.
    pub(crate) fn new(client: Arc<Client>, authorities: SharedAuthoritySet<Hash, BlockNumber>) -> Self {
        Self { client, authorities }
    }
}

fn failed(error: impl std::fmt::Display) -> ReadError {
    ReadError::Failed(error.to_string())
}

impl Chain for ClientChain {
    fn genesis(&self) -> GenesisHash {
        GenesisHash(self.client.info().genesis_hash.0)
    }

    fn finalized(&self) -> u32 {
        self.client.info().finalized_number
    }

    fn newest(&self) -> Result<Option<Justified>, ReadError> {
        let Some(justification) = best_justification::<_, Block>(&*self.client).map_err(failed)? else {
            return Ok(None);
        };
        let (number, hash) = justification.target();
        let header = self.client.header(hash).map_err(failed)?;
        let header = header.ok_or_else(|| failed(format!("the header of block {number} is missing")))?;
        Ok(Some(Justified {
            number,
            hash: hash.0,
            bytes: Final {
                header: header.encode(),
                justification: justification.encode(),
            },
        }))
    }

    fn sets(&self) -> Result<Sets, ReadError> {
        // The number first: what ends between the two readings is in the second.
        let current = self.authorities.set_id();
        let changes = self.authorities.authority_set_changes();
        // Its methods tell nothing when the first sets are missing, as after a warp sync; its encoding is the list.
        let past = Vec::<(u64, u32)>::decode_all(&mut &changes.encode()[..]).map_err(failed)?;
        let next = past.last().map_or(0, |(set, _)| set.saturating_add(1));
        Ok(Sets {
            current: current.max(next),
            past,
        })
    }

    fn handoff(&self, number: u32) -> Result<Option<Final>, ReadError> {
        let Some(hash) = self.client.hash(number).map_err(failed)? else {
            return Ok(None);
        };
        let Some(header) = self.client.header(hash).map_err(failed)? else {
            return Ok(None);
        };
        // A set that ended by force handed over to nobody.
        if find_scheduled_change::<Block>(&header).is_none() {
            return Ok(None);
        }
        let justifications = self.client.justifications(hash).map_err(failed)?;
        let justification = justifications.and_then(|all| all.into_justification(GRANDPA_ENGINE_ID));
        Ok(justification.map(|justification| Final {
            header: header.encode(),
            justification,
        }))
    }

    fn prove(&self, block: BlockHash, keys: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, ReadError> {
        let mut keys = keys.iter().map(Vec::as_slice);
        let proof = self.client.read_proof(block.into(), &mut keys);
        let proof = proof.map_err(|error| match error {
            // The client has the block: its header was read.
            Error::UnknownBlock(_) => ReadError::NoState,
            error => failed(error),
        })?;
        Ok(proof.into_iter_nodes().collect())
    }

    fn signers(&self, block: &Justified, set: u64) -> Result<Vec<[u8; 32]>, ReadError> {
        let justification =
            GrandpaJustification::<Block>::decode(&block.bytes.justification).map_err(failed)?;
        let header = self.client.header(block.hash.into()).map_err(failed)?;
        let header = header.ok_or_else(|| failed("the block is gone"))?;
        // The set before the block: its own state may name the next one already.
        let authorities = self
            .client
            .runtime_api()
            .grandpa_authorities(header.parent_hash)
            .map_err(|error| match error {
                ApiError::UnknownBlock(_) => ReadError::NoState,
                error => failed(error),
            })?;
        justification.verify(set, &authorities).map_err(failed)?;
        let keys = authorities.into_iter().map(|(key, _)| key.into_inner().0);
        Ok(keys.collect())
    }
}
