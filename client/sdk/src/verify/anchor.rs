//! Whether an anchor is what the chain had, and still counts.

use ofage_primitives::{chain::AnchorError, Presentation};

use super::{Refusal, VerifyError};
use crate::chain::{BlockPoint, Chain, ChainError};

/// Compares the anchor's registry root with the header of its block, and asks the newest final state whether both
/// roots were current at that block and still count.
///
/// The state at the anchor's own block, which most nodes discard, is asked only to tell a made-up root of a trust
/// list from one that ended.
pub(super) async fn check(
    chain: &Chain,
    finalized: BlockPoint,
    claimed: &Presentation,
) -> Result<(), VerifyError> {
    let anchor = claimed.anchor;
    let list = claimed.policy.trust_list;
    let block = BlockPoint {
        number: anchor.block,
        hash: chain.hash_of(anchor.block).await?,
    };
    if chain.root_in_header(block).await? != anchor.registry_root {
        return Err(Refusal::AnchorMismatch.into());
    }
    let Err(error) = chain.at(finalized).anchor_status(list, anchor).await? else {
        return Ok(());
    };
    Err(match error {
        AnchorError::Future => Refusal::AnchorNotFinal.into(),
        AnchorError::RegistryRoot => Refusal::AnchorEnded.into(),
        _ => match chain.at(block).anchor(list).await {
            Ok(Some(found)) if found == anchor => Refusal::AnchorEnded.into(),
            Ok(_) => Refusal::AnchorMismatch.into(),
            Err(ChainError::StateGone) => Refusal::AnchorUnknown.into(),
            Err(other) => other.into(),
        },
    })
}
