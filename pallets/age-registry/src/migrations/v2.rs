//! Version 2: issuers retire, shards know the one before and when they were revoked, lists can be offered.
//!
//! No chain of version 1 is large: it walks all issuers, shards and lists in one block.

use crate::{
    pallet::{Config, Issuers, NextShard, Pallet, Shards, TrustLists},
    types::{Issuer, Shard, ShardStatus, TrustList},
};
use alloc::collections::BTreeMap;
#[cfg(feature = "try-runtime")]
use alloc::vec::Vec;
#[cfg(feature = "try-runtime")]
use codec::Encode;
use core::marker::PhantomData;
use frame_support::{migrations::VersionedMigration, pallet_prelude::*, traits::UncheckedOnRuntimeUpgrade};
use ofage_primitives::{IssuerIndex, ShardIndex};
#[cfg(feature = "try-runtime")]
use sp_runtime::TryRuntimeError;

/// From version 1 to version 2; does nothing on any other.
pub type Migrate<T> =
    VersionedMigration<1, 2, Unchecked<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// The types of version 1.
mod v1 {
    use super::{Config, Pallet};
    use crate::types::{Attester, BalanceOf, ListStatus};
    use codec::{Decode, Encode};
    use frame_support::{pallet_prelude::*, storage_alias, BoundedVec};
    use ofage_primitives::{
        chain::IssuerStatus, IssuerId, IssuerIndex, ShardIndex, ShardRoot, TrustListRoot,
    };

    #[storage_alias]
    pub(super) type Shards<T: Config> = StorageMap<Pallet<T>, Twox64Concat, ShardIndex, Shard<T>>;

    #[derive(Encode, Decode)]
    pub(super) struct Issuer<T: Config> {
        pub(super) id: IssuerId,
        pub(super) controller: T::AccountId,
        pub(super) attester: Attester<T::AccountId>,
        pub(super) status: IssuerStatus,
        pub(super) metadata: BoundedVec<u8, T::MaxMetadata>,
        pub(super) deposit: BalanceOf<T>,
        pub(super) last_shard: Option<ShardIndex>,
        pub(super) consents: u32,
    }

    #[derive(Encode, Decode)]
    pub(super) enum ShardStatus {
        #[codec(index = 0)]
        Open,
        #[codec(index = 1)]
        Sealed,
        #[codec(index = 2)]
        Revoked,
    }

    #[derive(Encode, Decode)]
    pub(super) struct Shard<T: Config> {
        pub(super) issuer: IssuerIndex,
        pub(super) root: ShardRoot,
        pub(super) len: u16,
        pub(super) status: ShardStatus,
        pub(super) opened_at: u32,
        pub(super) changed_at: u32,
        pub(super) depositor: T::AccountId,
        pub(super) deposit: BalanceOf<T>,
    }

    #[derive(Encode, Decode)]
    pub(super) struct TrustList<T: Config> {
        pub(super) curator: T::AccountId,
        pub(super) name: BoundedVec<u8, T::MaxNameLength>,
        pub(super) status: ListStatus,
        pub(super) root: TrustListRoot,
        pub(super) recorded_root: Option<TrustListRoot>,
        pub(super) valid_from: u32,
        pub(super) positions: u16,
        pub(super) vacant: Option<u16>,
        pub(super) deposit: BalanceOf<T>,
    }
}

impl<T: Config> From<v1::Issuer<T>> for Issuer<T> {
    fn from(old: v1::Issuer<T>) -> Self {
        Self {
            id: old.id,
            controller: old.controller,
            attester: old.attester,
            status: old.status,
            metadata: old.metadata,
            deposit: old.deposit,
            last_shard: old.last_shard,
            consents: old.consents,
            // No call retired anybody.
            retired_at: None,
        }
    }
}

impl<T: Config> v1::Shard<T> {
    /// The same shard, behind the one that its issuer opened before.
    fn after(self, previous: Option<ShardIndex>) -> Shard<T> {
        Shard {
            issuer: self.issuer,
            root: self.root,
            len: self.len,
            status: match self.status {
                v1::ShardStatus::Open => ShardStatus::Open,
                v1::ShardStatus::Sealed => ShardStatus::Sealed,
                // No call revoked any.
                v1::ShardStatus::Revoked => ShardStatus::Revoked {
                    since: self.changed_at,
                },
            },
            opened_at: self.opened_at,
            changed_at: self.changed_at,
            depositor: self.depositor,
            deposit: self.deposit,
            previous,
            // Not on record; this one tells less, as version 1 did.
            first_root: self.root,
            restored_at: None,
        }
    }
}

impl<T: Config> From<v1::TrustList<T>> for TrustList<T> {
    fn from(old: v1::TrustList<T>) -> Self {
        Self {
            curator: old.curator,
            name: old.name,
            status: old.status,
            root: old.root,
            recorded_root: old.recorded_root,
            valid_from: old.valid_from,
            positions: old.positions,
            vacant: old.vacant,
            deposit: old.deposit,
            offered_to: None,
        }
    }
}

/// The migration itself, whatever version is there: use [`Migrate`].
pub struct Unchecked<T>(PhantomData<T>);

impl<T: Config> Unchecked<T> {
    /// Rewrites the shards in their order, and so each issuer's after the one before it; gives how many.
    fn chain_shards() -> u64 {
        let mut last = BTreeMap::<IssuerIndex, ShardIndex>::new();
        let mut count = 0;
        for index in (0..NextShard::<T>::get()).map(ShardIndex) {
            let Some(old) = v1::Shards::<T>::get(index) else {
                defensive!("shards are numbered without gaps");
                continue;
            };
            let previous = last.insert(old.issuer, index);
            Shards::<T>::insert(index, old.after(previous));
            count += 1;
        }
        count
    }
}

impl<T: Config> UncheckedOnRuntimeUpgrade for Unchecked<T> {
    fn on_runtime_upgrade() -> Weight {
        let mut items = Self::chain_shards();
        Issuers::<T>::translate_values::<v1::Issuer<T>, _>(|old| {
            items = items.saturating_add(1);
            Some(old.into())
        });
        TrustLists::<T>::translate_values::<v1::TrustList<T>, _>(|old| {
            items = items.saturating_add(1);
            Some(old.into())
        });
        // An item is read once for its key and once for its value.
        T::DbWeight::get().reads_writes(items.saturating_mul(2).saturating_add(1), items)
    }

    #[cfg(feature = "try-runtime")]
    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        let keys = [
            Issuers::<T>::iter_keys().count() as u64,
            Shards::<T>::iter_keys().count() as u64,
            TrustLists::<T>::iter_keys().count() as u64,
        ];
        Ok(keys.encode())
    }

    #[cfg(feature = "try-runtime")]
    fn post_upgrade(before: Vec<u8>) -> Result<(), TryRuntimeError> {
        // Values that cannot be decoded are left out here.
        let values = [
            Issuers::<T>::iter_values().count() as u64,
            Shards::<T>::iter_values().count() as u64,
            TrustLists::<T>::iter_values().count() as u64,
        ];
        ensure!(
            values.encode() == before,
            "an issuer, a shard or a list is lost, or not of version 2"
        );
        Ok(())
    }
}
