//! What a block says about leaves.
//!
//! Nothing here has a `Debug`: a leaf, or its place, is not for logs.

use ofage_primitives::{chain::ShardChoice, Attestation, Element, IssuerIndex, RegistryRoot, ShardIndex};

/// An account.
pub(crate) type Account = [u8; 32];

/// Hash of a block.
pub(crate) type BlockHash = [u8; 32];

/// A block, as far as it concerns leaves.
#[derive(Clone)]
pub(crate) struct Block {
    /// Height.
    pub(crate) number: u32,
    /// Hash.
    pub(crate) hash: BlockHash,
    /// Registry root at its end, from its header.
    pub(crate) root: RegistryRoot,
    /// The calls that may have changed leaves, in their order.
    pub(crate) calls: Vec<Call>,
}

impl Block {
    /// The leaves of the batch at a place among the calls.
    pub(crate) fn leaves(&self, place: usize) -> Option<&[Attestation]> {
        match &self.calls.get(place)?.action {
            Action::Attest { leaves, .. } => Some(leaves),
            _ => None,
        }
    }
}

/// A call that changes leaves if it succeeds.
#[derive(Clone)]
pub(crate) struct Call {
    /// Which transaction of the block.
    pub(crate) extrinsic: u32,
    /// Who signed it.
    pub(crate) signer: Account,
    /// What it asks for.
    pub(crate) action: Action,
}

/// What a call asks for.
#[derive(Clone)]
pub(crate) enum Action {
    /// To append leaves to a shard.
    Attest {
        /// Which.
        shard: ShardChoice,
        /// Position of the first.
        start: u16,
        /// The leaves.
        leaves: Vec<Attestation>,
    },
    /// To empty leaves.
    Revoke {
        /// In which shard.
        shard: ShardIndex,
        /// Where they are, ascending, and the leaves.
        leaves: Vec<(u16, Attestation)>,
        /// The siblings of their multiproof, which is a path when it is one leaf.
        siblings: Vec<Element>,
    },
    /// To revoke shards as a whole.
    RevokeShards(Range),
    /// To take that back.
    RestoreShards(Range),
}

/// Shards of one issuer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first.
    pub(crate) from: ShardIndex,
    /// The last, which tells the issuer.
    pub(crate) to: ShardIndex,
    /// Most that the caller pays for.
    pub(crate) count: u32,
}

/// What became of a call, by the block's events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It changed nothing.
    Failed,
    /// It appended to this shard of this issuer.
    Attested(IssuerIndex, ShardIndex),
    /// It did what it asked for.
    Done,
}
