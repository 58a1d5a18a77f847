//! Trust lists, as the benchmarks find them.

use super::{rich_account, root, seed_issuer, stop, text, LIST};
use crate::{
    pallet::{Config, DirtyLists, Issuers, Listings, NextTrustList, Pallet, Slots, TrustLists, TrustNodes},
    types::{DirtyListsBound, ListStatus, Listing, Slot, TrustList},
};
use alloc::collections::BTreeSet;
use frame_benchmarking::v2::BenchmarkError;
use frame_support::{dispatch::RawOrigin, traits::Get, BoundedBTreeSet};
use ofage_primitives::{
    tree::{Tree, TRUST_DEPTH},
    IssuerIndex, TrustListId, TrustListRoot,
};

/// `count` other lists changed in this block.
pub(super) fn dirty_lists<T: Config>(count: u32) -> Result<BTreeSet<TrustListId>, BenchmarkError> {
    let others: BTreeSet<_> = (1..=count).map(|n| TrustListId(u32::MAX - n)).collect();
    DirtyLists::<T>::put(BoundedBTreeSet::try_from(others.clone()).map_err(stop)?);
    Ok(others)
}

/// As many lists as can be changed in this block, [`LIST`] among them.
fn full_dirty_lists<T: Config>() -> Result<(), BenchmarkError> {
    let mut dirty = dirty_lists::<T>(DirtyListsBound::<T>::get() - 1)?;
    dirty.insert(LIST);
    DirtyLists::<T>::put(BoundedBTreeSet::try_from(dirty).map_err(stop)?);
    Ok(())
}

/// An empty list; gives its curator.
pub(super) fn seed_list<T: Config>(id: TrustListId) -> Result<T::AccountId, BenchmarkError> {
    let curator = rich_account::<T>("curator", 0);
    let list = TrustList {
        curator: curator.clone(),
        name: text()?,
        status: ListStatus::Open,
        root: TrustListRoot::from_element(Tree::Trust.empty_root()),
        recorded_root: None,
        valid_from: 0,
        positions: 0,
        vacant: None,
        deposit: T::ListDeposit::get(),
        offered_to: None,
    };
    TrustLists::<T>::insert(id, list);
    NextTrustList::<T>::mutate(|next| *next = (*next).max(id.0.saturating_add(1)));
    Ok(curator)
}

/// A list that never had an empty position beside those of the call: every node on the way and beside it is stored.
fn seed_trust_nodes<T: Config>(list: TrustListId, position: u32) {
    for level in 0..=TRUST_DEPTH {
        let index = position >> level;
        TrustNodes::<T>::insert(list, (level as u8, index), root(1));
        TrustNodes::<T>::insert(list, (level as u8, index ^ 1), root(2));
    }
}

/// [`LIST`], with an issuer at position 0 and a vacant position 1; gives the curator, and that issuer.
pub(super) fn seed_member<T: Config>() -> Result<(T::AccountId, T::AccountId, IssuerIndex), BenchmarkError> {
    let curator = seed_list::<T>(LIST)?;
    let (controller, issuer) = seed_issuer::<T>(0)?;
    Pallet::<T>::consent(RawOrigin::Signed(controller.clone()).into(), LIST)?;
    Listings::<T>::insert(issuer, LIST, Listing::Listed(0));
    Slots::<T>::insert(LIST, 0, Slot::Member(issuer));
    Slots::<T>::insert(LIST, 1, Slot::Vacant(None));
    TrustLists::<T>::mutate(LIST, |list| {
        if let Some(list) = list {
            list.positions = 2;
            list.vacant = Some(1);
        }
    });
    seed_trust_nodes::<T>(LIST, 0);
    full_dirty_lists::<T>()?;
    Ok((curator, controller, issuer))
}

/// An issuer on `lists` lists, with every node on its way and beside it stored, while others changed all but what is
/// left for them.
pub(super) fn seed_listed_issuer<T: Config>(lists: u32) -> Result<IssuerIndex, BenchmarkError> {
    let (_, issuer) = seed_issuer::<T>(0)?;
    for list in (0..lists).map(TrustListId) {
        seed_list::<T>(list)?;
        seed_trust_nodes::<T>(list, 0);
        Listings::<T>::insert(issuer, list, Listing::Listed(0));
        Slots::<T>::insert(list, 0, Slot::Member(issuer));
        TrustLists::<T>::mutate_extant(list, |list| list.positions = 1);
    }
    Issuers::<T>::mutate_extant(issuer, |issuer| issuer.consents = lists);
    dirty_lists::<T>(DirtyListsBound::<T>::get() - lists)?;
    Ok(issuer)
}
