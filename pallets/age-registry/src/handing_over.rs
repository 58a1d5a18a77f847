//! Trust lists that go to another curator, or are frozen.

use crate::pallet::{Config, Error, Event, HoldReason, Pallet, TrustLists};
use frame_support::{
    ensure,
    pallet_prelude::*,
    traits::{fungible::MutateHold, tokens::Precision},
};
use ofage_primitives::TrustListId;

impl<T: Config> Pallet<T> {
    /// Notes whom `curator` offers a list to, if anybody.
    pub(crate) fn offer(curator: &T::AccountId, id: TrustListId, to: Option<T::AccountId>) -> DispatchResult {
        let mut list = Self::list_of(curator, id)?;
        ensure!(to.as_ref() != Some(curator), Error::<T>::CuratorUnchanged);
        list.offered_to.clone_from(&to);
        TrustLists::<T>::insert(id, list);
        Self::deposit_event(Event::ListOffered { list: id, to });
        Ok(())
    }

    /// Makes whom a list was offered to its curator, who pays for it from now on.
    pub(crate) fn take_over(account: T::AccountId, id: TrustListId) -> DispatchResult {
        let mut list = TrustLists::<T>::get(id).ok_or(Error::<T>::UnknownTrustList)?;
        ensure!(list.offered_to.as_ref() == Some(&account), Error::<T>::NotOffered);
        let reason = HoldReason::TrustList.into();
        T::Currency::hold(&reason, &account, list.deposit)?;
        T::Currency::release(&reason, &list.curator, list.deposit, Precision::Exact)?;
        list.offered_to = None;
        list.curator = account.clone();
        TrustLists::<T>::insert(id, list);
        Self::deposit_event(Event::ListHandedOver {
            list: id,
            curator: account,
        });
        Ok(())
    }

    /// Freezes a list of `curator`'s.
    pub(crate) fn freeze(curator: &T::AccountId, id: TrustListId) -> DispatchResult {
        let mut list = Self::list_of(curator, id)?;
        list.status = list.status.frozen().ok_or(Error::<T>::ListFrozen)?;
        TrustLists::<T>::insert(id, list);
        Self::deposit_event(Event::ListFrozen { list: id });
        Ok(())
    }
}
