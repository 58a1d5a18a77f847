//! Whether an anchor is what the chain had, and still counts.

use ofage_primitives::Presentation;

use super::{Refusal, VerifyError};
use crate::chain::{BlockPoint, Chain, ChainError};

/// Compares the anchor with the header of its block and with the state there.
pub(super) async fn check(
    chain: &Chain,
    finalized: BlockPoint,
    claimed: &Presentation,
) -> Result<(), VerifyError> {
    let anchor = claimed.anchor;
    let block = BlockPoint {
        number: anchor.block,
        hash: chain.hash_of(anchor.block).await?,
    };
    if chain.root_in_header(block).await? != anchor.registry_root {
        return Err(Refusal::AnchorMismatch.into());
    }
    let _ = finalized;
    match chain.at(block).anchor(claimed.policy.trust_list).await {
        Ok(Some(found)) if found == anchor => Ok(()),
        Ok(_) => Err(Refusal::AnchorMismatch.into()),
        Err(ChainError::StateGone) => Err(Refusal::AnchorUnknown.into()),
        Err(other) => Err(other.into()),
    }
}
