//! States that the benchmarks of revocations begin with.

use super::{batch, rich_account, seed_listed_issuer, seed_shard, stop};
use crate::{
    pallet::{CapNodes, Config, DirtyShards, Frontiers, Issuers, NextShard, Pallet, Shards},
    types::{Positioned, Shard, ShardChoice, ShardStatus, Siblings},
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{dispatch::RawOrigin, traits::Get, BoundedBTreeSet};
use ofage_primitives::{
    tree::{DenseTree, Frontier, Tree, CAP_CAPACITY, SHARD_CAPACITY},
    Attestation, Element, NativeHasher, ShardIndex, ShardRoot,
};

/// `count` other shards that are in need of new paths.
pub(super) fn dirty_shards<T: Config>(count: u32) -> Result<(), BenchmarkError> {
    let others: BTreeSet<_> = (1..=count).map(|n| ShardIndex(CAP_CAPACITY - n)).collect();
    DirtyShards::<T>::put(BoundedBTreeSet::try_from(others).map_err(stop)?);
    Ok(())
}

/// An open shard with as many attestations as it can have, and all of them.
pub(super) fn seed_long_shard<T: Config>() -> Result<(T::AccountId, ShardIndex, Vec<Element>), BenchmarkError>
{
    let (attester, shard) = seed_shard::<T>()?;
    let first = batch(10_000, 1)?;
    let others = batch(0, SHARD_CAPACITY - 2)?;
    let leaves = first.iter().chain(&others).map(|leaf| leaf.element()).collect();
    let origin = RawOrigin::Signed(attester.clone()).into();
    Pallet::<T>::attest(origin, ShardChoice::Open(shard), 1, others)?;
    Ok((attester, shard, leaves))
}

/// The proof of the first `count` leaves.
pub(super) fn multiproof(leaves: Vec<Element>, count: u32) -> Result<(Positioned, Siblings), BenchmarkError> {
    let tree = DenseTree::new(Tree::Shard, leaves).map_err(stop)?;
    let positions: Vec<u32> = (0..count).collect();
    let proof = tree.multiproof(&positions).ok_or_else(|| stop(()))?;
    let leaves: Vec<_> = (0u16..)
        .zip(proof.leaves())
        .map(|(position, (_, leaf))| (position, Attestation::from_element(*leaf)))
        .collect();
    let siblings = proof.siblings().to_vec();
    Ok((
        leaves.try_into().map_err(stop)?,
        siblings.try_into().map_err(stop)?,
    ))
}

/// An issuer on as many lists as can be, with `count` shards; gives its controller and its first and last shard. The others
/// have `status`, and the last one has `last`.
pub(super) fn seed_shards<T: Config>(
    count: u32,
    status: ShardStatus,
    last: ShardStatus,
) -> Result<(T::AccountId, ShardIndex, ShardIndex), BenchmarkError> {
    let issuer = seed_listed_issuer::<T>(T::MaxListsPerIssuer::get())?;
    let controller = rich_account::<T>("controller", 0);
    let mut frontier = Frontier::default();
    let root = frontier
        .append::<NativeHasher>(&batch(0, SHARD_CAPACITY - 1)?)
        .map_err(stop)?;
    let (from, to) = (ShardIndex(0), ShardIndex(count - 1));
    let mut previous = None;
    for index in (0..count).map(ShardIndex) {
        let shard = Shard {
            issuer,
            root: ShardRoot::from_element(Element::from_u64(u64::from(index.0))),
            len: frontier.len(),
            status: if index == to { last } else { status },
            opened_at: 0,
            changed_at: 0,
            depositor: controller.clone(),
            deposit: T::ShardDeposit::get(),
            previous,
            first_root: root,
            restored_at: None,
        };
        Shards::<T>::insert(index, shard);
        CapNodes::<T>::insert((0, index.0), root.element());
        previous = Some(index);
    }
    if last.is_open() {
        Frontiers::<T>::insert(to, frontier);
    }
    NextShard::<T>::put(count);
    Issuers::<T>::mutate_extant(issuer, |issuer| issuer.last_shard = previous);
    dirty_shards::<T>(T::MaxDirtyShards::get() - count)?;
    Ok((controller, from, to))
}
