//! What the runtime tells clients. Nothing here hashes, so that tools without our host functions can ask.

use crate::{
    pallet::{
        Accounts, CapNodes, Config, CurrentRoot, Issuers, NextIssuer, NextShard, NextTrustList, Pallet,
        Shards, Slots, TrustLists,
    },
    types::{Issuer, Shard, Slot},
};
use alloc::vec::Vec;
use ofage_primitives::{
    chain::{IssuerInfo, IssuerStatus, ShardInfo, TrustListInfo},
    tree::{Tree, CAP_DEPTH},
    Anchor, Element, IssuerIndex, ShardIndex, TrustListId,
};
use sp_runtime::SaturatedConversion;

/// Most shards that [`Pallet::shard_infos`] gives at once, so that a question has a bounded cost.
pub const MAX_SHARDS_AT_ONCE: u32 = 1024;

/// Most nodes that [`Pallet::cap_row`] gives at once.
pub const MAX_NODES_AT_ONCE: u32 = 1024;

impl<T: Config> Pallet<T> {
    /// An issuer, as clients see it. Its attester is the account that the controller named, whether it agreed or not;
    /// [`issuer_of`](Self::issuer_of) tells that.
    pub fn issuer_info(index: IssuerIndex) -> Option<IssuerInfo> {
        let issuer = Issuers::<T>::get(index)?;
        let open = |shard: &ShardIndex| Shards::<T>::get(shard).is_some_and(|found| found.status.is_open());
        Some(IssuerInfo {
            index,
            issuer_id: issuer.id,
            controller: issuer.controller.into(),
            attester: issuer.attester.account().clone().into(),
            status: issuer.status,
            metadata: issuer.metadata.into_inner(),
            open_shard: issuer.last_shard.filter(open),
            last_shard: issuer.last_shard,
            lists: u8::try_from(Self::lists_with(index).len()).unwrap_or(u8::MAX),
            deposit: issuer.deposit.saturated_into(),
            retired_at: issuer.retired_at,
        })
    }

    /// The issuer that an account controls or attests for. A named attester that did not agree yet attests for nobody.
    pub fn issuer_of(account: &T::AccountId) -> Option<IssuerIndex> {
        Accounts::<T>::get(account)
    }

    /// A shard, as clients see it.
    pub fn shard_info(index: ShardIndex) -> Option<ShardInfo> {
        Shards::<T>::get(index).map(|shard| shard.into_info(index))
    }

    /// Shards from number `from` on, in order: at most `count`, and at most [`MAX_SHARDS_AT_ONCE`].
    pub fn shard_infos(from: u32, count: u32) -> Vec<ShardInfo> {
        let end = from.saturating_add(count.min(MAX_SHARDS_AT_ONCE));
        (from..end.min(Self::next_shard()))
            .map_while(|index| Self::shard_info(ShardIndex(index)))
            .collect()
    }

    /// Nodes of the cap from number `from` on, in order, of the row `level` above the cap leaves: at most `count`, and at
    /// most [`MAX_NODES_AT_ONCE`]. A row ends with its last node over a shard: all behind it are over empty leaves alone.
    pub fn cap_row(level: u8, from: u32, count: u32) -> Vec<Element> {
        let height = usize::from(level);
        if height > CAP_DEPTH {
            return Vec::new();
        }
        let length = Self::next_shard().div_ceil(1 << height);
        let end = from.saturating_add(count.min(MAX_NODES_AT_ONCE)).min(length);
        (from..end)
            .map(|index| CapNodes::<T>::get((level, index)).unwrap_or_else(|| Tree::Cap.empty_node(height)))
            .collect()
    }

    /// Number of the next shard: as many are there.
    pub fn next_shard() -> u32 {
        NextShard::<T>::get()
    }

    /// Numbers of the next issuer and trust list: as many of each are there.
    pub fn next_ids() -> (u32, u32) {
        (NextIssuer::<T>::get(), NextTrustList::<T>::get())
    }

    /// A trust list, as clients see it.
    pub fn trust_list_info(id: TrustListId) -> Option<TrustListInfo> {
        let list = TrustLists::<T>::get(id)?;
        let suspended = |issuer| {
            Issuers::<T>::get(issuer).is_none_or(|found: Issuer<T>| found.status == IssuerStatus::Suspended)
        };
        let member = |position| match Slots::<T>::get(id, position) {
            Some(Slot::Member(issuer)) => (!suspended(issuer)).then_some(issuer),
            Some(Slot::Vacant(_)) | None => None,
        };
        Some(TrustListInfo {
            id,
            curator: list.curator.into(),
            name: list.name.into_inner(),
            root: list.root,
            members: (0..list.positions).map(member).collect(),
            frozen: !list.status.is_open(),
            valid_from: list.valid_from,
            offered_to: list.offered_to.map(Into::into),
        })
    }

    /// The block whose state this is, as an anchor for a trust list. `None` for a list that is not there, and in block
    /// 0, whose header has no root.
    pub fn anchor(list: TrustListId) -> Option<Anchor> {
        Some(Anchor {
            block: Self::now(),
            registry_root: CurrentRoot::<T>::get()?,
            trust_list_root: TrustLists::<T>::get(list)?.recorded_root?,
        })
    }
}

impl<T: Config> Shard<T> {
    fn into_info(self, index: ShardIndex) -> ShardInfo {
        ShardInfo {
            index,
            issuer: self.issuer,
            root: self.root,
            len: self.len,
            sealed: !self.status.is_open(),
            revoked: self.status.is_revoked(),
            revoked_at: self.status.revoked_at(),
            previous: self.previous,
            opened_at: self.opened_at,
            changed_at: self.changed_at,
        }
    }
}
