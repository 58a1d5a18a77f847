//! Revoking attestations one by one, several at once, and shards as wholes.

use crate::{
    pallet::{CapNodes, Config, DirtyShards, Error, Event, Frontiers, Pallet, Shards, TrustLists},
    types::Shard,
    WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::*, BoundedBTreeSet};
use ofage_primitives::{
    chain::IssuerStatus,
    hashes,
    tree::{MultiProof, Tree, SHARD_DEPTH},
    Attestation, Domain, Element, IssuerIndex, LayerHasher, ShardIndex, ShardRoot,
};

/// Shards that a block changes.
type Dirty<T> = BoundedBTreeSet<ShardIndex, <T as Config>::MaxDirtyShards>;

impl<T: Config> Pallet<T> {
    /// What a call that changes `count` shards costs, with its share of the work at the block's end, and the pruning of the
    /// root that it supersedes.
    pub(crate) fn shards_weight(call: Weight, count: u32) -> Weight {
        call.saturating_add(T::WeightInfo::finalize_registry(count))
            .saturating_add(T::WeightInfo::prune(1))
    }

    /// What `revoke_batch` costs. Hashes are one less than leaves and siblings together.
    pub(crate) fn revoke_batch_weight(leaves: usize, siblings: usize) -> Weight {
        let nodes = u32::try_from(leaves.saturating_add(siblings)).unwrap_or(u32::MAX);
        Self::shards_weight(T::WeightInfo::revoke_batch(nodes), 1)
    }

    /// What `revoke_shards` costs; more shards than one call may change are refused before they are looked at.
    pub(crate) fn revoke_shards_weight(count: u32) -> Weight {
        let count = count.min(T::MaxRevokedShards::get());
        Self::shards_weight(T::WeightInfo::revoke_shards(count), count)
    }

    /// What `restore_shards` costs.
    pub(crate) fn restore_shards_weight(count: u32) -> Weight {
        let count = count.min(T::MaxRevokedShards::get());
        Self::shards_weight(T::WeightInfo::restore_shards(count), count)
    }

    /// Revokes one attestation.
    pub(crate) fn revoke_one(
        caller: &T::AccountId,
        shard: ShardIndex,
        position: u16,
        leaf: Attestation,
        siblings: [Element; SHARD_DEPTH],
    ) -> DispatchResult {
        let issuer = Self::revoke_leaves(caller, shard, &[(position, leaf)], siblings.into())?;
        Self::deposit_event(Event::Revoked {
            issuer,
            shard,
            position,
        });
        Ok(())
    }

    /// Revokes several attestations of a shard.
    pub(crate) fn revoke_several(
        caller: &T::AccountId,
        shard: ShardIndex,
        leaves: &[(u16, Attestation)],
        siblings: Vec<Element>,
    ) -> DispatchResult {
        ensure!(!leaves.is_empty(), Error::<T>::EmptyBatch);
        let issuer = Self::revoke_leaves(caller, shard, leaves, siblings)?;
        Self::deposit_event(Event::BatchRevoked {
            issuer,
            shard,
            count: u16::try_from(leaves.len()).unwrap_or(u16::MAX),
        });
        Ok(())
    }

    /// Replaces leaves of a shard by empty ones, once they are proved. Writes nothing before all is checked.
    fn revoke_leaves(
        caller: &T::AccountId,
        index: ShardIndex,
        leaves: &[(u16, Attestation)],
        siblings: Vec<Element>,
    ) -> Result<IssuerIndex, DispatchError> {
        let (issuer_index, issuer) = Self::issuer_served_by(caller).ok_or(Error::<T>::NotAnIssuer)?;
        let mut shard = Self::shard_of(issuer_index, index)?;
        ensure!(
            leaves.iter().all(|(position, _)| *position < shard.len),
            Error::<T>::UnknownPosition
        );
        // The empty leaf stands where something was revoked already; to revoke that again would do nothing.
        ensure!(
            leaves
                .iter()
                .all(|(_, leaf)| leaf.element() != Tree::empty_leaf()),
            Error::<T>::EmptyLeaf
        );
        let dirty = Self::with_dirty_shards([index])?;
        let leaves = leaves
            .iter()
            .map(|(position, leaf)| (u32::from(*position), leaf.element()))
            .collect();
        let proof =
            MultiProof::new(Tree::Shard, leaves, siblings).map_err(|_| Error::<T>::MalformedMultiproof)?;
        let mut frontier = Frontiers::<T>::get(index);
        let roots = proof.replace::<T::Hasher>(
            |_| Tree::empty_leaf(),
            |level, at, node| {
                if let Some(frontier) = &mut frontier {
                    frontier.mend(level, at, node);
                }
            },
        );
        ensure!(roots.old == shard.root.element(), Error::<T>::StaleWitness);

        shard.root = ShardRoot::from_element(roots.new);
        shard.changed_at = Self::now();
        DirtyShards::<T>::put(dirty);
        // The leaf of a shard that is revoked as a whole stays empty, until a restoration puts that of its root there.
        if !shard.status.is_revoked() {
            CapNodes::<T>::insert((0, index.0), Self::cap_leaf(shard.root, issuer.id).element());
        }
        Shards::<T>::insert(index, shard);
        if let Some(frontier) = frontier {
            Frontiers::<T>::insert(index, frontier);
        }
        Ok(issuer_index)
    }

    /// Number of shards in a range, which [`Config::MaxRevokedShards`] bounds.
    fn count_of<S>(shards: &[S]) -> u32 {
        u32::try_from(shards.len()).unwrap_or(u32::MAX)
    }

    /// Revokes the shards of an issuer in a range, and ends the older anchors of its lists.
    pub(crate) fn revoke_range(
        controller: &T::AccountId,
        from: ShardIndex,
        to: ShardIndex,
        count: u32,
    ) -> DispatchResult {
        let (issuer, record) = Self::issuer_controlled_by(controller)?;
        let now = Self::now();
        let mut changed = Vec::new();
        for (index, shard) in Self::shards_in(issuer, from, to, count)? {
            if let Some(status) = shard.status.revoked(now) {
                changed.push((index, shard, status));
            }
        }
        ensure!(!changed.is_empty(), Error::<T>::NothingToChange);
        let dirty = Self::with_dirty_shards(changed.iter().map(|(index, ..)| *index))?;

        let count = Self::count_of(&changed);
        DirtyShards::<T>::put(dirty);
        for (index, mut shard, status) in changed {
            if shard.status.is_open() {
                Frontiers::<T>::remove(index);
                Self::deposit_event(Event::ShardSealed { issuer, shard: index });
            }
            shard.status = status;
            Shards::<T>::insert(index, shard);
            CapNodes::<T>::insert((0, index.0), Tree::empty_leaf());
        }
        // While it is suspended no list's tree has it, and the anchors of before have ended with that. It could else go on
        // to end those of a frozen list, off which nobody can take it, once for each of its shards.
        if record.status != IssuerStatus::Suspended {
            for (list, _) in Self::lists_with(issuer) {
                TrustLists::<T>::mutate_extant(list, |list| list.valid_from = now);
            }
        }
        Self::deposit_event(Event::ShardsRevoked {
            issuer,
            from,
            to,
            count,
        });
        Ok(())
    }

    /// Restores the revoked shards of an issuer in a range.
    pub(crate) fn restore_range(
        controller: &T::AccountId,
        from: ShardIndex,
        to: ShardIndex,
        count: u32,
    ) -> DispatchResult {
        let (issuer, record) = Self::issuer_controlled_by(controller)?;
        let (now, window) = (Self::now(), T::RestoreWindow::get());
        let is_within = |block: u32| now <= block.saturating_add(window);
        let mut changed = Vec::new();
        for (index, shard) in Self::shards_in(issuer, from, to, count)? {
            let Some((since, status)) = shard.status.revoked_at().zip(shard.status.restored()) else {
                continue;
            };
            // Who restored it before has to wait; the window then begins with the end of that.
            let end_of_wait = shard
                .restored_at
                .map_or(since, |block| block.saturating_add(window));
            ensure!(is_within(since.max(end_of_wait)), Error::<T>::RestoreWindowOver);
            // Else an issuer could bring old registry roots back as often as it likes, and so fill their spans until the
            // anchors of all others were refused.
            ensure!(
                !shard.restored_at.is_some_and(is_within),
                Error::<T>::RestoredLately
            );
            changed.push((index, shard, status));
        }
        ensure!(!changed.is_empty(), Error::<T>::NothingToChange);
        let dirty = Self::with_dirty_shards(changed.iter().map(|(index, ..)| *index))?;

        let count = Self::count_of(&changed);
        let inputs: Vec<_> = changed
            .iter()
            .map(|(_, shard, _)| hashes::cap_leaf_inputs(shard.root, record.id))
            .collect();
        let cap_leaves = T::Hasher::hash_layer(Domain::CapLeaf, &inputs);
        DirtyShards::<T>::put(dirty);
        for ((index, mut shard, status), leaf) in changed.into_iter().zip(cap_leaves) {
            shard.status = status;
            shard.restored_at = Some(now);
            Shards::<T>::insert(index, shard);
            CapNodes::<T>::insert((0, index.0), leaf);
        }
        Self::deposit_event(Event::ShardsRestored {
            issuer,
            from,
            to,
            count,
        });
        Ok(())
    }

    /// A shard of an issuer.
    fn shard_of(issuer: IssuerIndex, index: ShardIndex) -> Result<Shard<T>, Error<T>> {
        let shard = Shards::<T>::get(index).ok_or(Error::<T>::UnknownShard)?;
        ensure!(shard.issuer == issuer, Error::<T>::NotOwnShard);
        Ok(shard)
    }

    /// The shards of an issuer in a range, last one first. `to` has to be one of them; they must not be more than `count`,
    /// nor than [`Config::MaxRevokedShards`].
    fn shards_in(
        issuer: IssuerIndex,
        from: ShardIndex,
        to: ShardIndex,
        count: u32,
    ) -> Result<Vec<(ShardIndex, Shard<T>)>, Error<T>> {
        ensure!(count <= T::MaxRevokedShards::get(), Error::<T>::TooManyShards);
        let mut shards = Vec::new();
        let mut next = Some(to);
        while let Some(index) = next.filter(|index| *index >= from) {
            ensure!(shards.len() < count as usize, Error::<T>::TooManyShards);
            let shard = Self::shard_of(issuer, index)?;
            next = shard.previous;
            shards.push((index, shard));
        }
        Ok(shards)
    }

    /// The shards that this block changed, with more; for the caller to store once nothing else can fail.
    fn with_dirty_shards(more: impl IntoIterator<Item = ShardIndex>) -> Result<Dirty<T>, Error<T>> {
        let mut dirty = DirtyShards::<T>::get();
        for index in more {
            dirty
                .try_insert(index)
                .map_err(|_| Error::<T>::TooManyDirtyShards)?;
        }
        Ok(dirty)
    }
}
