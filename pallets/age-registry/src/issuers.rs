//! Issuers, their two keys, and what they consent to.

use crate::{
    pallet::{Accounts, Config, Error, Event, HoldReason, Issuers, Listings, NextIssuer, Pallet, TrustLists},
    types::{Attester, Issuer, Listing},
};
use frame_support::{ensure, pallet_prelude::*, traits::fungible::MutateHold, BoundedVec};
use ofage_primitives::{chain::IssuerStatus, hashes, tree::Tree, IssuerIndex, TrustListId};

impl<T: Config> Pallet<T> {
    /// The issuer that an account controls or attests for.
    pub(crate) fn issuer_served_by(account: &T::AccountId) -> Option<(IssuerIndex, Issuer<T>)> {
        let index = Accounts::<T>::get(account)?;
        Some((index, Issuers::<T>::get(index)?))
    }

    /// The issuer that an account controls.
    pub(crate) fn issuer_controlled_by(account: &T::AccountId) -> Result<(IssuerIndex, Issuer<T>), Error<T>> {
        Self::issuer_served_by(account)
            .filter(|(_, issuer)| issuer.controller == *account)
            .ok_or(Error::<T>::NotController)
    }

    /// Whether clients can print `bytes`.
    pub(crate) fn is_text(bytes: &[u8]) -> bool {
        // Control characters could drive the terminal that shows them.
        core::str::from_utf8(bytes).is_ok_and(|text| !text.is_empty() && !text.chars().any(char::is_control))
    }

    /// Registers an issuer.
    pub(crate) fn enrol(
        controller: T::AccountId,
        metadata: BoundedVec<u8, T::MaxMetadata>,
        attester: T::AccountId,
    ) -> DispatchResult {
        ensure!(Self::is_text(&metadata), Error::<T>::InvalidMetadata);
        ensure!(
            !Accounts::<T>::contains_key(&controller) && !Accounts::<T>::contains_key(&attester),
            Error::<T>::AccountTaken
        );
        let issuer = IssuerIndex(NextIssuer::<T>::get());
        let next = issuer.0.checked_add(1).ok_or(Error::<T>::TooManyIssuers)?;
        let id = hashes::issuer_id(&Self::genesis_hash(), issuer);
        // Astronomically unlikely; but such an issuer would be on every list with an empty leaf.
        ensure!(id.element() != Tree::empty_leaf(), Error::<T>::TooManyIssuers);
        let deposit = T::IssuerDeposit::get();
        T::Currency::hold(&HoldReason::Issuer.into(), &controller, deposit)?;
        NextIssuer::<T>::put(next);
        Accounts::<T>::insert(&controller, issuer);
        let registered = Issuer {
            id,
            controller: controller.clone(),
            attester: Attester::named(&controller, attester.clone()),
            status: IssuerStatus::Active,
            metadata,
            deposit,
            last_shard: None,
            consents: 0,
            retired_at: None,
        };
        Issuers::<T>::insert(issuer, registered);
        Self::deposit_event(Event::IssuerRegistered {
            issuer,
            controller,
            attester,
        });
        Ok(())
    }

    /// Has an account attest for the issuer that named it.
    pub(crate) fn accept_attester(account: T::AccountId, issuer: IssuerIndex) -> DispatchResult {
        let mut named = Issuers::<T>::get(issuer).ok_or(Error::<T>::UnknownIssuer)?;
        named.attester = named.attester.accepted_by(&account).ok_or(Error::<T>::NotNamed)?;
        ensure!(!Accounts::<T>::contains_key(&account), Error::<T>::AccountTaken);
        Accounts::<T>::insert(&account, issuer);
        Issuers::<T>::insert(issuer, named);
        let attester = account;
        Self::deposit_event(Event::AttesterAccepted { issuer, attester });
        Ok(())
    }

    /// Lets a list hold the issuer that an account controls.
    pub(crate) fn give_consent(controller: &T::AccountId, list: TrustListId) -> DispatchResult {
        let (issuer, mut record) = Self::issuer_controlled_by(controller)?;
        ensure!(record.is_active(), Error::<T>::IssuerNotActive);
        ensure!(TrustLists::<T>::contains_key(list), Error::<T>::UnknownTrustList);
        ensure!(
            !Listings::<T>::contains_key(issuer, list),
            Error::<T>::AlreadyConsented
        );
        ensure!(
            record.consents < T::MaxListsPerIssuer::get(),
            Error::<T>::TooManyLists
        );
        record.consents = record.consents.saturating_add(1);
        Issuers::<T>::insert(issuer, record);
        Listings::<T>::insert(issuer, list, Listing::Consented);
        Self::deposit_event(Event::ConsentGiven { list, issuer });
        Ok(())
    }

    /// Takes the consent of the issuer that an account controls back, and the issuer off the list.
    pub(crate) fn take_consent_back(controller: &T::AccountId, list: TrustListId) -> DispatchResult {
        let (issuer, mut record) = Self::issuer_controlled_by(controller)?;
        let listing = Listings::<T>::get(issuer, list).ok_or(Error::<T>::NotConsented)?;
        if let Listing::Listed(position) = listing {
            let found = TrustLists::<T>::get(list).ok_or(Error::<T>::UnknownTrustList)?;
            Self::take_off(list, found, issuer, position)?;
        }
        record.consents = record.consents.saturating_sub(1);
        Issuers::<T>::insert(issuer, record);
        Listings::<T>::remove(issuer, list);
        Self::deposit_event(Event::ConsentWithdrawn { list, issuer });
        Ok(())
    }
}
