//! What the runtime tells clients. Nothing here hashes, so that tools without our host functions can ask.

use crate::{
    pallet::{
        Accounts, Config, CurrentRoot, Issuers, Listings, NextIssuer, NextShard, NextTrustList, Pallet,
        Shards, Slots, TrustLists,
    },
    types::{Listing, Shard, Slot},
};
use alloc::vec::Vec;
use ofage_primitives::{
    chain::{IssuerInfo, ShardInfo, TrustListInfo},
    Anchor, IssuerIndex, ShardIndex, TrustListId,
};

/// Most shards that [`Pallet::shard_infos`] gives at once, so that a question has a bounded cost.
pub const MAX_SHARDS_AT_ONCE: u32 = 1024;

impl<T: Config> Pallet<T> {
    /// An issuer, as clients see it. Its attester is the account that the controller named, whether it agreed or not;
    /// [`issuer_of`](Self::issuer_of) tells that.
    pub fn issuer_info(index: IssuerIndex) -> Option<IssuerInfo> {
        let issuer = Issuers::<T>::get(index)?;
        let open = |shard: &ShardIndex| Shards::<T>::get(shard).is_some_and(|found| found.status.is_open());
        let lists = Listings::<T>::iter_prefix_values(index).filter(|l| matches!(l, Listing::Listed(_)));
        Some(IssuerInfo {
            index,
            issuer_id: issuer.id,
            controller: issuer.controller.into(),
            attester: issuer.attester.account().clone().into(),
            status: issuer.status,
            metadata: issuer.metadata.into_inner(),
            open_shard: issuer.last_shard.filter(open),
            lists: u8::try_from(lists.count()).unwrap_or(u8::MAX),
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
        let member = |position| match Slots::<T>::get(id, position) {
            Some(Slot::Member(issuer)) => Some(issuer),
            Some(Slot::Vacant(_)) | None => None,
        };
        Some(TrustListInfo {
            id,
            curator: list.curator.into(),
            name: list.name.into_inner(),
            root: list.root,
            members: (0..list.positions).map(member).collect(),
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
            opened_at: self.opened_at,
            changed_at: self.changed_at,
        }
    }
}
