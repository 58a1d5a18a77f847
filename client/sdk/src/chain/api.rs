//! The runtime's own account of the registry, at one block.

use std::future::Future;

use codec::{DecodeAll, Encode};
use ofage_light::live::Live;
use ofage_primitives::{
    chain::{AdmissionInfo, AnchorError, GateInfo, IssuerInfo, ShardInfo, TrustListInfo},
    Anchor, CircuitId, Element, GateId, GenesisHash, IssuerIndex, Nullifier, RegistryRoot, ShardIndex,
    TrustListId,
};

use super::{BlockPoint, Chain, ChainError};
use crate::account::Account;

/// Shards that one request asks for; the runtime gives no more.
const SHARDS_AT_ONCE: u32 = 1024;

/// Whoever calls the chain's runtime: a node, or a light client that computes the answers itself.
pub trait RuntimeCalls: Sync {
    /// Calls a method of the runtime in the state after a block. Arguments and answer are encoded in SCALE.
    fn runtime_call(
        &self,
        at: BlockPoint,
        method: &str,
        arguments: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, ChainError>> + Send;
}

impl RuntimeCalls for Chain {
    async fn runtime_call(
        &self,
        at: BlockPoint,
        method: &str,
        arguments: &[u8],
    ) -> Result<Vec<u8>, ChainError> {
        let answer = self
            .methods()
            .state_call(method, Some(arguments), Some(at.hash))
            .await?;
        Ok(answer)
    }
}

impl RuntimeCalls for Live {
    async fn runtime_call(
        &self,
        at: BlockPoint,
        method: &str,
        arguments: &[u8],
    ) -> Result<Vec<u8>, ChainError> {
        Ok(self.call(at.hash.0, method, arguments).await?)
    }
}

/// Typed calls of the runtime API `AgeRegistryApi` at one block.
pub struct RegistryApi<'a, C = Chain> {
    runtime: &'a C,
    block: BlockPoint,
}

impl<'a, C: RuntimeCalls> RegistryApi<'a, C> {
    /// What `runtime` answers for a block.
    pub fn new(runtime: &'a C, block: BlockPoint) -> Self {
        Self { runtime, block }
    }

    /// The block that it answers for.
    pub fn block(&self) -> BlockPoint {
        self.block
    }

    /// The chain as the runtime names it; equal to the hash of block 0 once block 1 is there.
    ///
    /// # Errors
    /// Those of the node, as for all methods here.
    pub async fn genesis(&self) -> Result<GenesisHash, ChainError> {
        self.call("genesis", &()).await
    }

    /// The registry root.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn registry_root(&self) -> Result<RegistryRoot, ChainError> {
        self.call("registry_root", &()).await
    }

    /// This block as an anchor for a trust list.
    ///
    /// # Errors
    /// Those of the node; [`ChainError::Inconsistent`] when it names another block.
    pub async fn anchor(&self, list: TrustListId) -> Result<Option<Anchor>, ChainError> {
        let anchor: Option<Anchor> = self.call("anchor", &list).await?;
        if anchor.is_some_and(|anchor| anchor.block != self.block.number) {
            return Err(ChainError::Inconsistent("an anchor names another block"));
        }
        Ok(anchor)
    }

    /// Whether an anchor still counts for a trust list: both roots were current at its block, and neither was
    /// superseded too long ago, or ended early.
    ///
    /// # Errors
    /// Those of the node; the chain's own "no" is the inner one.
    pub async fn anchor_status(
        &self,
        list: TrustListId,
        anchor: Anchor,
    ) -> Result<Result<(), AnchorError>, ChainError> {
        self.call("anchor_status", &(list, anchor)).await
    }

    /// An issuer.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn issuer(&self, issuer: IssuerIndex) -> Result<Option<IssuerInfo>, ChainError> {
        self.call("issuer", &issuer).await
    }

    /// The issuer that an account controls or attests for.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn issuer_of(&self, account: Account) -> Result<Option<IssuerIndex>, ChainError> {
        self.call("issuer_of", &account.0).await
    }

    /// A shard.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn shard(&self, shard: ShardIndex) -> Result<Option<ShardInfo>, ChainError> {
        self.call("shard", &shard).await
    }

    /// Every shard, in order. The whole registry is fetched, so that the node does not learn which one matters.
    ///
    /// # Errors
    /// Those of the node; [`ChainError::Inconsistent`] when shards are missing or out of order.
    pub async fn shards(&self) -> Result<Vec<ShardInfo>, ChainError> {
        let total = self.next_shard().await?;
        let mut shards: Vec<ShardInfo> = Vec::new();
        while (shards.len() as u32) < total {
            let from = shards.len() as u32;
            let some = self.shards_from(from, SHARDS_AT_ONCE).await?;
            if some.is_empty()
                || some
                    .iter()
                    .zip(from..)
                    .any(|(shard, index)| shard.index.0 != index)
            {
                return Err(ChainError::Inconsistent("shards are missing or out of order"));
            }
            shards.extend(some);
        }
        shards.truncate(total as usize);
        Ok(shards)
    }

    /// Shards from a number on, in order: `count` of them, 1,024 at most.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn shards_from(&self, from: u32, count: u32) -> Result<Vec<ShardInfo>, ChainError> {
        self.call("shards", &(from, count)).await
    }

    /// The number of the next shard: as many are there.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn next_shard(&self) -> Result<u32, ChainError> {
        self.call("next_shard", &()).await
    }

    /// Nodes of the cap: `count` of them, 1,024 at most, from number `from` on, of the row `level` above its leaves.
    /// Nodes over no shard are left out at the end of a row.
    ///
    /// # Errors
    /// Those of the node; [`ChainError::Inconsistent`] when it gives more than it was asked for.
    pub async fn cap_row(&self, level: u8, from: u32, count: u32) -> Result<Vec<Element>, ChainError> {
        let row: Vec<Element> = self.call("cap_row", &(level, from, count)).await?;
        if row.len() > count as usize {
            return Err(ChainError::Inconsistent("a row of the cap is too long"));
        }
        Ok(row)
    }

    /// A trust list.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn trust_list(&self, list: TrustListId) -> Result<Option<TrustListInfo>, ChainError> {
        self.call("trust_list", &list).await
    }

    /// A gate.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn gate(&self, gate: GateId) -> Result<Option<GateInfo>, ChainError> {
        self.call("gate", &gate).await
    }

    /// The admission of an account to a gate.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn admission(
        &self,
        gate: GateId,
        account: Account,
    ) -> Result<Option<AdmissionInfo>, ChainError> {
        self.call("admission", &(gate, account.0)).await
    }

    /// The admission of a pseudonym to a gate.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn nullifier_admission(
        &self,
        gate: GateId,
        nullifier: Nullifier,
    ) -> Result<Option<AdmissionInfo>, ChainError> {
        self.call("nullifier_admission", &(gate, nullifier)).await
    }

    /// Whether gates take proofs of a circuit; governance disables one in an emergency.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn circuit_enabled(&self, circuit: CircuitId) -> Result<bool, ChainError> {
        self.call("circuit_enabled", &circuit).await
    }

    /// The numbers of the next issuer, trust list and gate: as many of each are there.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn next_ids(&self) -> Result<(u32, u32, u32), ChainError> {
        self.call("next_ids", &()).await
    }

    async fn call<A: Encode + Sync, R: DecodeAll>(
        &self,
        method: &'static str,
        arguments: &A,
    ) -> Result<R, ChainError> {
        let name = format!("AgeRegistryApi_{method}");
        let encoded = arguments.encode();
        let answer = self.runtime.runtime_call(self.block, &name, &encoded).await?;
        R::decode_all(&mut &answer[..]).map_err(|_| ChainError::Answer(method))
    }
}
