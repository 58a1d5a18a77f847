//! Appending attestations to shards.

use crate::{
    pallet::{
        CapNodes, Config, DirtyShards, Error, Event, Frontiers, HoldReason, Issuers, NextShard, Pallet,
        Shards,
    },
    types::{Issuer, Shard, ShardChoice, ShardStatus},
    WeightInfo,
};
use frame_support::{ensure, pallet_prelude::*, traits::fungible::MutateHold};
use ofage_primitives::{
    hashes,
    tree::{Frontier, Tree, CAP_CAPACITY},
    Attestation, CapLeaf, Domain, IssuerId, IssuerIndex, LayerHasher, ShardIndex, ShardRoot,
};

/// The shard that a batch goes to.
struct Target<T: Config> {
    index: ShardIndex,
    /// As it is, unless the batch opens it.
    open: Option<Shard<T>>,
    frontier: Frontier,
    /// The issuer's last shard, if the batch opens another.
    sealed: Option<Shard<T>>,
}

impl<T: Config> Pallet<T> {
    /// What `attest` costs, with its share of the work at the block's end, and the pruning of the root that it supersedes.
    pub(crate) fn attest_weight(choice: ShardChoice, leaves: u32) -> Weight {
        let call = match choice {
            ShardChoice::Open(_) => T::WeightInfo::attest_open(leaves),
            ShardChoice::Next => T::WeightInfo::attest_next(leaves),
        };
        call.saturating_add(T::WeightInfo::finalize_registry(1))
            .saturating_add(T::WeightInfo::prune(1))
    }

    /// The leaf of the cap for a shard of `issuer`.
    pub(crate) fn cap_leaf(root: ShardRoot, issuer: IssuerId) -> CapLeaf {
        let layer = T::Hasher::hash_layer(Domain::CapLeaf, &[hashes::cap_leaf_inputs(root, issuer)]);
        let leaf = layer.first().expect("a layer has a hash for each pair; qed");
        CapLeaf::from_element(*leaf)
    }

    /// Appends a batch. Writes nothing before all is checked.
    pub(crate) fn append(
        attester: T::AccountId,
        choice: ShardChoice,
        start: u16,
        leaves: &[Attestation],
    ) -> DispatchResult {
        let (issuer_index, issuer) = Self::issuer_served_by(&attester).ok_or(Error::<T>::NotAttester)?;
        ensure!(issuer.attester.is_serving(&attester), Error::<T>::NotAttester);
        ensure!(issuer.is_active(), Error::<T>::IssuerNotActive);
        ensure!(!leaves.is_empty(), Error::<T>::EmptyBatch);
        ensure!(
            leaves.iter().all(|leaf| leaf.element() != Tree::empty_leaf()),
            Error::<T>::EmptyLeaf
        );
        let Target {
            index,
            open,
            mut frontier,
            sealed,
        } = Self::target(&issuer, choice)?;
        ensure!(start == frontier.len(), Error::<T>::WrongStart);
        let mut dirty = DirtyShards::<T>::get();
        dirty
            .try_insert(index)
            .map_err(|_| Error::<T>::TooManyDirtyShards)?;
        let root = frontier
            .append::<T::Hasher>(leaves)
            .map_err(|_| Error::<T>::ShardFull)?;
        // A batch that was sent twice finds another start, unless its first copy opened a shard that is sealed by now. What
        // was revoked there since changed its root, but not its first one.
        ensure!(
            sealed.is_none_or(|last| last.root != root && last.first_root != root),
            Error::<T>::DuplicateShard
        );
        let now = Self::now();
        let mut shard = match open {
            Some(shard) => shard,
            None => Self::open_next(index, issuer_index, &issuer, attester, root)?,
        };
        shard.root = root;
        shard.len = frontier.len();
        shard.changed_at = now;

        DirtyShards::<T>::put(dirty);
        CapNodes::<T>::insert((0, index.0), Self::cap_leaf(root, issuer.id).element());
        Self::deposit_event(Event::Attested {
            issuer: issuer_index,
            shard: index,
            start,
            count: frontier.len().saturating_sub(start),
        });
        if frontier.is_full() {
            Self::seal(index, shard)
        } else {
            Frontiers::<T>::insert(index, frontier);
            Shards::<T>::insert(index, shard);
            Ok(())
        }
    }

    /// The shard that `choice` names.
    fn target(issuer: &Issuer<T>, choice: ShardChoice) -> Result<Target<T>, Error<T>> {
        let last = issuer
            .last_shard
            .and_then(|index| Some((index, Shards::<T>::get(index)?)));
        match (choice, last) {
            (ShardChoice::Open(named), Some((index, shard))) if named == index && shard.status.is_open() => {
                Ok(Target {
                    index,
                    open: Some(shard),
                    frontier: Frontiers::<T>::get(index).ok_or(Error::<T>::ShardNotOpen)?,
                    sealed: None,
                })
            }
            (ShardChoice::Open(_), _) => Err(Error::<T>::ShardNotOpen),
            (ShardChoice::Next, Some((_, shard))) if shard.status.is_open() => {
                Err(Error::<T>::ShardStillOpen)
            }
            (ShardChoice::Next, last) => {
                let index = ShardIndex(NextShard::<T>::get());
                ensure!(index.0 < CAP_CAPACITY, Error::<T>::CapFull);
                Ok(Target {
                    index,
                    open: None,
                    frontier: Frontier::default(),
                    sealed: last.map(|(_, shard)| shard),
                })
            }
        }
    }

    /// Takes the deposit for a new shard, and notes it with its issuer. The shard itself is the caller's to store.
    fn open_next(
        index: ShardIndex,
        issuer_index: IssuerIndex,
        issuer: &Issuer<T>,
        depositor: T::AccountId,
        root: ShardRoot,
    ) -> Result<Shard<T>, DispatchError> {
        let deposit = T::ShardDeposit::get();
        T::Currency::hold(&HoldReason::Shard.into(), &depositor, deposit)?;
        NextShard::<T>::put(index.0.saturating_add(1));
        let previous = issuer.last_shard;
        let issuer = Issuer {
            last_shard: Some(index),
            ..issuer.clone()
        };
        Issuers::<T>::insert(issuer_index, issuer);
        let now = Self::now();
        Ok(Shard {
            issuer: issuer_index,
            root,
            len: 0,
            status: ShardStatus::Open,
            opened_at: now,
            changed_at: now,
            depositor,
            deposit,
            previous,
            first_root: root,
            restored_at: None,
        })
    }

    /// Seals the open shard of an issuer.
    pub(crate) fn seal_open_shard(issuer: &Issuer<T>) -> DispatchResult {
        let index = issuer.last_shard.ok_or(Error::<T>::NoOpenShard)?;
        let shard = Shards::<T>::get(index).ok_or(Error::<T>::NoOpenShard)?;
        Self::seal(index, shard)
    }

    /// Seals the open shard of an issuer, if there is one.
    pub(crate) fn seal_if_open(issuer: &Issuer<T>) -> DispatchResult {
        let last = issuer
            .last_shard
            .and_then(|index| Some((index, Shards::<T>::get(index)?)));
        match last {
            Some((index, shard)) if shard.status.is_open() => Self::seal(index, shard),
            _ => Ok(()),
        }
    }

    fn seal(index: ShardIndex, mut shard: Shard<T>) -> DispatchResult {
        shard.status = shard.status.sealed().ok_or(Error::<T>::NoOpenShard)?;
        let issuer = shard.issuer;
        Shards::<T>::insert(index, shard);
        Frontiers::<T>::remove(index);
        Self::deposit_event(Event::ShardSealed { issuer, shard: index });
        Ok(())
    }
}
