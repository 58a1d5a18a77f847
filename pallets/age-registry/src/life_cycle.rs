//! What becomes of an issuer: other keys, other metadata, retirement.

use crate::{
    pallet::{Accounts, Config, Error, Event, HoldReason, Issuers, Pallet},
    types::Attester,
};
use frame_support::{
    ensure,
    pallet_prelude::*,
    traits::{fungible::MutateHold, tokens::Precision},
    BoundedVec,
};
use ofage_primitives::chain::IssuerStatus;
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
    /// Has another account attest for the issuer that `controller` controls, once it agrees.
    pub(crate) fn replace_attester(controller: &T::AccountId, attester: T::AccountId) -> DispatchResult {
        let (index, mut issuer) = Self::issuer_controlled_by(controller)?;
        ensure!(
            *issuer.attester.account() != attester,
            Error::<T>::AttesterUnchanged
        );
        ensure!(
            attester == *controller || !Accounts::<T>::contains_key(&attester),
            Error::<T>::AccountTaken
        );
        Self::seal_if_open(&issuer)?;
        let named = Attester::named(controller, attester.clone());
        match core::mem::replace(&mut issuer.attester, named) {
            Attester::Serving(old) if old != *controller => Accounts::<T>::remove(old),
            // The controller is the issuer's for ever, and who was only named served nobody.
            Attester::Serving(_) | Attester::Named(_) => {}
        }
        Issuers::<T>::insert(index, issuer);
        Self::deposit_event(Event::AttesterRotated {
            issuer: index,
            attester,
        });
        Ok(())
    }

    /// Publishes other metadata of the issuer that `controller` controls.
    pub(crate) fn describe(
        controller: &T::AccountId,
        metadata: BoundedVec<u8, T::MaxMetadata>,
    ) -> DispatchResult {
        ensure!(Self::is_text(&metadata), Error::<T>::InvalidMetadata);
        let (index, mut issuer) = Self::issuer_controlled_by(controller)?;
        issuer.metadata = metadata;
        Issuers::<T>::insert(index, issuer);
        Self::deposit_event(Event::MetadataUpdated { issuer: index });
        Ok(())
    }

    /// Retires the issuer that `controller` controls.
    pub(crate) fn end_career(controller: &T::AccountId) -> DispatchResult {
        let (index, mut issuer) = Self::issuer_controlled_by(controller)?;
        issuer.status = issuer.status.retired().ok_or(Error::<T>::IssuerNotActive)?;
        issuer.retired_at = Some(Self::now());
        Self::seal_if_open(&issuer)?;
        Issuers::<T>::insert(index, issuer);
        Self::deposit_event(Event::IssuerRetired { issuer: index });
        Ok(())
    }

    /// Releases what is left of the deposit of the retired issuer that `controller` controls.
    pub(crate) fn give_deposit_back(controller: &T::AccountId) -> DispatchResult {
        let (index, mut issuer) = Self::issuer_controlled_by(controller)?;
        let retired_at = match issuer.status {
            IssuerStatus::Suspended => return Err(Error::<T>::IssuerSuspended.into()),
            IssuerStatus::Active | IssuerStatus::Retired => {
                issuer.retired_at.ok_or(Error::<T>::NotRetired)?
            }
        };
        ensure!(
            Self::now() >= retired_at.saturating_add(T::RetireDelay::get()),
            Error::<T>::TooEarly
        );
        let amount = core::mem::replace(&mut issuer.deposit, Zero::zero());
        ensure!(!amount.is_zero(), Error::<T>::NoDeposit);
        T::Currency::release(&HoldReason::Issuer.into(), controller, amount, Precision::Exact)?;
        Issuers::<T>::insert(index, issuer);
        Self::deposit_event(Event::DepositWithdrawn {
            issuer: index,
            amount,
        });
        Ok(())
    }
}
