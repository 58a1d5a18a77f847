//! What the pallet does, in sentences.

mod anchors;
mod attacked;
mod attesting;
mod bounds;
mod handing_over;
mod invariants;
mod lists;
mod migrating;
mod random_walk;
mod registering;
mod retiring;
mod revoking;
mod revoking_shards;
mod revoking_weights;
mod roots;
mod rotating;
mod suspending;
mod views;

use crate::{mock::*, Error};
use frame_support::{dispatch::RawOrigin, traits::UnfilteredDispatchable};
use ofage_primitives::{
    chain::{AnchorError, Anchors},
    hashes,
    tree::{DenseTree, Tree},
    Anchor, Attestation, Element, GenesisHash, IssuerId, IssuerIndex, RegistryRoot, ShardRoot, TrustListId,
    TrustListRoot,
};
use sp_runtime::{DispatchError, DispatchResult};

/// Origins that sign nothing.
fn unsigned() -> [RuntimeOrigin; 3] {
    [
        RuntimeOrigin::root(),
        RuntimeOrigin::none(),
        RawOrigin::Authorized.into(),
    ]
}

/// Sends a call as a transaction does: what it wrote before it failed is undone.
fn dispatch(origin: RuntimeOrigin, call: crate::Call<Test>) -> Result<(), DispatchError> {
    let call = RuntimeCall::AgeRegistry(call);
    call.dispatch_bypass_filter(origin)
        .map(|_| ())
        .map_err(|failed| failed.error)
}

fn failed(error: Error<Test>) -> DispatchResult {
    Err(error.into())
}

/// The list that tests of anchors are about.
const LIST: TrustListId = TrustListId(0);

/// Whether an anchor of a list counts now.
fn check(list: TrustListId, anchor: Anchor) -> Result<(), AnchorError> {
    AgeRegistry::check(list, &anchor, now())
}

/// Ends the block; gives its anchor for a list.
fn end_of_block(list: TrustListId) -> Anchor {
    next_block();
    // What the runtime tells at the end of a block is what the next one begins with, but for the number.
    Anchor {
        block: now() - 1,
        ..AgeRegistry::anchor(list).unwrap()
    }
}

fn id_of(issuer: u32) -> IssuerId {
    hashes::issuer_id(&GenesisHash(GENESIS), IssuerIndex(issuer))
}

/// The root of a shard, from all its leaves.
fn shard_root(leaves: &[Attestation]) -> ShardRoot {
    ShardRoot::from_element(root(
        Tree::Shard,
        leaves.iter().map(|leaf| leaf.element()).collect(),
    ))
}

/// The registry root, from the issuer and all leaves of each shard.
fn registry_root(shards: &[(u32, Vec<Attestation>)]) -> RegistryRoot {
    let leaf = |(issuer, leaves): &(u32, Vec<Attestation>)| {
        hashes::cap_leaf(shard_root(leaves), id_of(*issuer)).element()
    };
    RegistryRoot::from_element(root(Tree::Cap, shards.iter().map(leaf).collect()))
}

/// The root of a trust list, from its positions.
fn trust_root(positions: &[Option<u32>]) -> TrustListRoot {
    let leaf = |issuer: &Option<u32>| issuer.map_or(Tree::empty_leaf(), |issuer| id_of(issuer).element());
    TrustListRoot::from_element(root(Tree::Trust, positions.iter().map(leaf).collect()))
}

fn root(tree: Tree, leaves: Vec<Element>) -> Element {
    DenseTree::new(tree, leaves)
        .expect("tests stay in the bound")
        .root()
}
