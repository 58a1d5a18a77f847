//! Who is on a trust list, and its tree.

use crate::{
    pallet::{
        Config, DirtyLists, Error, Event, HoldReason, Issuers, Listings, NextTrustList, Pallet, Slots,
        TrustLists, TrustNodes,
    },
    types::{DirtyListsBound, ListStatus, Listing, Slot, TrustList},
    WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, pallet_prelude::*, traits::fungible::MutateHold, BoundedBTreeSet, BoundedVec};
use ofage_primitives::{
    tree::{self, Tree, TRUST_CAPACITY},
    Element, IssuerIndex, TrustListId, TrustListRoot,
};

impl<T: Config> Pallet<T> {
    /// What a call that changes a list costs, with its share of the work at the block's end, and the pruning of the root
    /// that it supersedes.
    pub(crate) fn list_change_weight(call: Weight) -> Weight {
        call.saturating_add(T::WeightInfo::finalize_lists(1))
            .saturating_add(T::WeightInfo::prune(1))
    }

    /// Creates an empty list.
    pub(crate) fn found(curator: T::AccountId, name: BoundedVec<u8, T::MaxNameLength>) -> DispatchResult {
        ensure!(Self::is_text(&name), Error::<T>::InvalidName);
        let list = TrustListId(NextTrustList::<T>::get());
        let next = list.0.checked_add(1).ok_or(Error::<T>::TooManyTrustLists)?;
        let dirty = Self::with_dirty_list(list)?;
        let deposit = T::ListDeposit::get();
        T::Currency::hold(&HoldReason::TrustList.into(), &curator, deposit)?;
        NextTrustList::<T>::put(next);
        DirtyLists::<T>::put(dirty);
        let created = TrustList {
            curator: curator.clone(),
            name,
            status: ListStatus::Open,
            root: TrustListRoot::from_element(Tree::Trust.empty_root()),
            recorded_root: None,
            valid_from: 0,
            positions: 0,
            vacant: None,
            deposit,
            offered_to: None,
        };
        TrustLists::<T>::insert(list, created);
        Self::deposit_event(Event::TrustListCreated { list, curator });
        Ok(())
    }

    /// A list that `account` is the curator of.
    pub(crate) fn list_of(account: &T::AccountId, list: TrustListId) -> Result<TrustList<T>, Error<T>> {
        let found = TrustLists::<T>::get(list).ok_or(Error::<T>::UnknownTrustList)?;
        ensure!(found.curator == *account, Error::<T>::NotCurator);
        Ok(found)
    }

    /// A list that `account` is the curator of, and may change.
    pub(crate) fn list_kept_by(account: &T::AccountId, list: TrustListId) -> Result<TrustList<T>, Error<T>> {
        let found = Self::list_of(account, list)?;
        ensure!(found.status.is_open(), Error::<T>::ListFrozen);
        Ok(found)
    }

    /// The lists that hold an issuer, or would if it were not suspended, and its positions: at most
    /// [`Config::MaxListsPerIssuer`].
    pub(crate) fn lists_with(issuer: IssuerIndex) -> Vec<(TrustListId, u16)> {
        Listings::<T>::iter_prefix(issuer)
            .filter_map(|(list, listing)| match listing {
                Listing::Listed(position) => Some((list, position)),
                Listing::Consented => None,
            })
            .collect()
    }

    /// The lists that this block changed, with one more; for the caller to store once nothing else can fail. Leaves the
    /// reserve of governance alone.
    fn with_dirty_list(
        list: TrustListId,
    ) -> Result<BoundedBTreeSet<TrustListId, DirtyListsBound<T>>, Error<T>> {
        let mut dirty = DirtyLists::<T>::get();
        ensure!(
            dirty.contains(&list) || dirty.len() < T::MaxDirtyLists::get() as usize,
            Error::<T>::TooManyDirtyLists
        );
        dirty
            .try_insert(list)
            .map_err(|_| Error::<T>::TooManyDirtyLists)?;
        Ok(dirty)
    }

    /// Puts an issuer on a list, at a vacant position if there is one.
    pub(crate) fn put_on(id: TrustListId, mut list: TrustList<T>, issuer: IssuerIndex) -> DispatchResult {
        let record = Issuers::<T>::get(issuer).ok_or(Error::<T>::UnknownIssuer)?;
        ensure!(record.is_active(), Error::<T>::IssuerNotActive);
        match Listings::<T>::get(issuer, id) {
            Some(Listing::Consented) => {}
            Some(Listing::Listed(_)) => return Err(Error::<T>::AlreadyListed.into()),
            None => return Err(Error::<T>::NotConsented.into()),
        }
        let position = match list.vacant {
            Some(position) => {
                let Some(Slot::Vacant(next)) = Slots::<T>::get(id, position) else {
                    defensive!("the vacant positions of a list name each other");
                    return Err(Error::<T>::ListFull.into());
                };
                list.vacant = next;
                position
            }
            None => {
                let position = list.positions;
                ensure!(u32::from(position) < TRUST_CAPACITY, Error::<T>::ListFull);
                list.positions = position.saturating_add(1);
                position
            }
        };
        let dirty = Self::with_dirty_list(id)?;
        DirtyLists::<T>::put(dirty);
        Slots::<T>::insert(id, position, Slot::Member(issuer));
        Listings::<T>::insert(issuer, id, Listing::Listed(position));
        list.root = Self::write_trust_leaf(id, position, record.id.element());
        TrustLists::<T>::insert(id, list);
        Self::deposit_event(Event::MemberAdded {
            list: id,
            issuer,
            position,
        });
        Ok(())
    }

    /// Takes an issuer off a list; it still consents. What was proved with it on the list counts no more.
    pub(crate) fn take_off(
        id: TrustListId,
        mut list: TrustList<T>,
        issuer: IssuerIndex,
        position: u16,
    ) -> DispatchResult {
        let dirty = Self::with_dirty_list(id)?;
        DirtyLists::<T>::put(dirty);
        Slots::<T>::insert(id, position, Slot::Vacant(list.vacant));
        Listings::<T>::insert(issuer, id, Listing::Consented);
        list.vacant = Some(position);
        list.valid_from = Self::now();
        list.root = Self::write_trust_leaf(id, position, Tree::empty_leaf());
        TrustLists::<T>::insert(id, list);
        Self::deposit_event(Event::MemberRemoved {
            list: id,
            issuer,
            position,
        });
        Ok(())
    }

    /// Writes a leaf of a list's tree, and all above it; gives the list's root for the caller to store.
    pub(crate) fn write_trust_leaf(id: TrustListId, position: u16, leaf: Element) -> TrustListRoot {
        let root = tree::update_nodes::<T::Hasher>(
            Tree::Trust,
            &BTreeMap::from([(u32::from(position), leaf)]),
            |level, index| TrustNodes::<T>::get(id, (level, index)),
            |level, index, node| TrustNodes::<T>::insert(id, (level, index), node),
        );
        TrustListRoot::from_element(root)
    }
}
