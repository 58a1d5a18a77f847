//! Whether an anchor is what the chain had, and still counts, and whether the circuit does.

use std::future::Future;

use ofage_primitives::{chain::AnchorError, Anchor, CircuitId, Presentation, RegistryRoot, TrustListId};

use super::{Refusal, VerifyError};
use crate::chain::{BlockPoint, Chain, ChainError};

/// What a verifier asks of the chain at its newest finalized block.
pub(super) trait Chainwide {
    /// The registry root in the header of a block.
    fn root_at(&self, block: u32) -> impl Future<Output = Result<RegistryRoot, ChainError>> + Send;

    /// Whether both roots of an anchor were current at its block and still count.
    fn status(
        &self,
        list: TrustListId,
        anchor: Anchor,
    ) -> impl Future<Output = Result<Result<(), AnchorError>, ChainError>> + Send;

    /// A block as an anchor, by its own state.
    fn recorded(
        &self,
        list: TrustListId,
        block: u32,
    ) -> impl Future<Output = Result<Option<Anchor>, ChainError>> + Send;

    /// Whether governance lets proofs of a circuit pass.
    fn circuit_enabled(&self, circuit: CircuitId) -> impl Future<Output = Result<bool, ChainError>> + Send;
}

/// A node, asked at a finalized block.
pub(super) struct Node<'a> {
    pub(super) chain: &'a Chain,
    pub(super) finalized: BlockPoint,
}

impl Node<'_> {
    async fn block(&self, number: u32) -> Result<BlockPoint, ChainError> {
        Ok(BlockPoint {
            number,
            hash: self.chain.hash_of(number).await?,
        })
    }
}

impl Chainwide for Node<'_> {
    async fn root_at(&self, block: u32) -> Result<RegistryRoot, ChainError> {
        self.chain.root_in_header(self.block(block).await?).await
    }

    async fn status(&self, list: TrustListId, anchor: Anchor) -> Result<Result<(), AnchorError>, ChainError> {
        self.chain.at(self.finalized).anchor_status(list, anchor).await
    }

    async fn recorded(&self, list: TrustListId, block: u32) -> Result<Option<Anchor>, ChainError> {
        self.chain.at(self.block(block).await?).anchor(list).await
    }

    async fn circuit_enabled(&self, circuit: CircuitId) -> Result<bool, ChainError> {
        self.chain.at(self.finalized).circuit_enabled(circuit).await
    }
}

/// Asks whether the circuit is enabled, compares the anchor's registry root with the header of its block, and asks the
/// newest final state whether both roots were current at that block and still count.
///
/// The state at the anchor's own block, which most nodes discard, is asked only to tell a made-up root of a trust
/// list from one that ended.
pub(super) async fn check(chain: &impl Chainwide, claimed: &Presentation) -> Result<(), VerifyError> {
    if !chain.circuit_enabled(claimed.circuit).await? {
        return Err(Refusal::CircuitDisabled.into());
    }
    let anchor = claimed.anchor;
    let list = claimed.policy.trust_list;
    if chain.root_at(anchor.block).await? != anchor.registry_root {
        return Err(Refusal::AnchorMismatch.into());
    }
    let Err(error) = chain.status(list, anchor).await? else {
        return Ok(());
    };
    Err(match error {
        AnchorError::Future => Refusal::AnchorNotFinal.into(),
        AnchorError::RegistryRoot => Refusal::AnchorEnded.into(),
        _ => match chain.recorded(list, anchor.block).await {
            Ok(Some(found)) if found == anchor => Refusal::AnchorEnded.into(),
            Ok(_) => Refusal::AnchorMismatch.into(),
            Err(ChainError::StateGone) => Refusal::AnchorUnknown.into(),
            Err(other) => other.into(),
        },
    })
}

#[cfg(test)]
mod tests;
