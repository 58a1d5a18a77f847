//! What governance does about an issuer.

use crate::{
    pallet::{Config, DirtyLists, Error, Event, HoldReason, Issuers, Pallet, TrustLists},
    types::{BalanceOf, Issuer},
    WeightInfo,
};
use frame_support::{
    ensure,
    pallet_prelude::*,
    traits::{
        fungible::{hold::Balanced as _, Credit},
        Imbalance, OnUnbalanced,
    },
};
use ofage_primitives::{tree::Tree, Element, IssuerIndex};
use sp_runtime::traits::{Saturating, Zero};

impl<T: Config> Pallet<T> {
    /// What a call of governance costs that changes up to `lists` lists, with its share of the work at the block's end,
    /// and the pruning of the roots that it supersedes.
    pub(crate) fn governance_weight(call: fn(u32) -> Weight, lists: u32) -> Weight {
        call(lists)
            .saturating_add(T::WeightInfo::finalize_lists(lists))
            .saturating_add(T::WeightInfo::prune(lists))
    }

    /// Suspends an issuer; gives how many lists had to be looked at.
    pub(crate) fn suspend_issuer(index: IssuerIndex) -> Result<u32, DispatchError> {
        let mut issuer = Issuers::<T>::get(index).ok_or(Error::<T>::UnknownIssuer)?;
        issuer.status = issuer.status.suspended().ok_or(Error::<T>::IssuerSuspended)?;
        // What was proved with it on the lists counts no more.
        Self::write_leaf_everywhere(index, Tree::empty_leaf(), Some(Self::now()))?;
        let lists = Self::stored(index, issuer);
        Self::deposit_event(Event::IssuerSuspended { issuer: index });
        Ok(lists)
    }

    /// Ends the suspension of an issuer; gives how many lists had to be looked at.
    pub(crate) fn reinstate_issuer(index: IssuerIndex) -> Result<u32, DispatchError> {
        let mut issuer = Issuers::<T>::get(index).ok_or(Error::<T>::UnknownIssuer)?;
        issuer.status = issuer
            .status
            .reinstated(issuer.retired_at.is_some())
            .ok_or(Error::<T>::NotSuspended)?;
        Self::write_leaf_everywhere(index, issuer.id.element(), None)?;
        let lists = Self::stored(index, issuer);
        Self::deposit_event(Event::IssuerReinstated { issuer: index });
        Ok(lists)
    }

    /// Stores an issuer; gives the lists that it consents to, all of which were read.
    fn stored(index: IssuerIndex, issuer: Issuer<T>) -> u32 {
        let lists = issuer.consents;
        Issuers::<T>::insert(index, issuer);
        lists
    }

    /// Writes a leaf at the issuer's position in each of its lists. Writes nothing before all is checked.
    fn write_leaf_everywhere(issuer: IssuerIndex, leaf: Element, valid_from: Option<u32>) -> DispatchResult {
        let lists = Self::lists_with(issuer);
        let mut dirty = DirtyLists::<T>::get();
        for (id, _) in &lists {
            // Other people's changes leave the reserve alone.
            dirty.try_insert(*id).map_err(|_| Error::<T>::TooManyDirtyLists)?;
        }
        DirtyLists::<T>::put(dirty);
        for (id, position) in lists {
            TrustLists::<T>::mutate_extant(id, |list| {
                list.root = Self::write_trust_leaf(id, position, leaf);
                list.valid_from = valid_from.unwrap_or(list.valid_from);
            });
        }
        Ok(())
    }

    /// Takes up to `amount` of an issuer's deposit.
    pub(crate) fn slash_issuer(index: IssuerIndex, amount: BalanceOf<T>) -> DispatchResult {
        let mut issuer = Issuers::<T>::get(index).ok_or(Error::<T>::UnknownIssuer)?;
        ensure!(!issuer.deposit.is_zero(), Error::<T>::NoDeposit);
        let (credit, _): (Credit<_, T::Currency>, _) = T::Currency::slash(
            &HoldReason::Issuer.into(),
            &issuer.controller,
            amount.min(issuer.deposit),
        );
        let taken = credit.peek();
        issuer.deposit = issuer.deposit.saturating_sub(taken);
        Issuers::<T>::insert(index, issuer);
        T::OnSlash::on_unbalanced(credit);
        Self::deposit_event(Event::IssuerSlashed {
            issuer: index,
            amount: taken,
        });
        Ok(())
    }
}
