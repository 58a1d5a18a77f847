//! The life of a gate: created, changed, closed, removed, and its money.

use crate::{
    pallet::{Config, Error, Event, Gates, HoldReason, NextGate, Pallet},
    types::{BalanceOf, Gate, GateStatus},
};
use frame_support::{
    ensure,
    pallet_prelude::*,
    traits::{
        fungible::{hold::Mutate as _, Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use ofage_primitives::{chain::Anchors, Day, GateId, Policy};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_gate(
        owner: T::AccountId,
        name: BoundedVec<u8, T::MaxNameLength>,
        policy: Policy,
        admission_days: u16,
    ) -> DispatchResult {
        ensure!(Self::is_name(&name), Error::<T>::InvalidName);
        let today = Self::today();
        Self::check_terms(&policy, today, admission_days)?;
        let gate = GateId(NextGate::<T>::get());
        let next = gate.0.checked_add(1).ok_or(Error::<T>::TooManyGates)?;
        let deposit = T::GateDeposit::get();
        T::Currency::hold(&HoldReason::Gate.into(), &owner, deposit)?;
        NextGate::<T>::put(next);
        let created = Gate {
            owner: owner.clone(),
            name,
            policy,
            admission_days,
            status: GateStatus::Open,
            deposit,
            admissions: 0,
            pruned_before: today,
        };
        Gates::<T>::insert(gate, created);
        Self::deposit_event(Event::GateCreated { gate, owner });
        Ok(())
    }

    pub(crate) fn do_fund(funder: T::AccountId, gate: GateId, amount: BalanceOf<T>) -> DispatchResult {
        let found = Gates::<T>::get(gate).ok_or(Error::<T>::UnknownGate)?;
        ensure!(found.status.is_open(), Error::<T>::GateClosed);
        let sponsor = Self::sponsor_account(gate);
        T::Currency::transfer(&funder, &sponsor, amount, Preservation::Preserve)?;
        Self::deposit_event(Event::GateFunded { gate, funder, amount });
        Ok(())
    }

    pub(crate) fn do_update_gate(
        caller: &T::AccountId,
        id: GateId,
        policy: Policy,
        admission_days: u16,
    ) -> DispatchResult {
        let mut gate = Self::owned_gate(caller, id)?;
        ensure!(gate.status.is_open(), Error::<T>::GateClosed);
        Self::check_terms(&policy, Self::today(), admission_days)?;
        gate.policy = policy;
        gate.admission_days = admission_days;
        Gates::<T>::insert(id, gate);
        Self::deposit_event(Event::GateUpdated { gate: id });
        Ok(())
    }

    pub(crate) fn do_close_gate(caller: &T::AccountId, id: GateId) -> DispatchResult {
        let mut gate = Self::owned_gate(caller, id)?;
        gate.status = gate.status.closed().ok_or(Error::<T>::GateClosed)?;
        Gates::<T>::insert(id, gate);
        Self::deposit_event(Event::GateClosed { gate: id });
        Ok(())
    }

    pub(crate) fn do_withdraw(caller: &T::AccountId, id: GateId, amount: BalanceOf<T>) -> DispatchResult {
        Self::owned_gate(caller, id)?;
        let sponsor = Self::sponsor_account(id);
        // Holds are no part of what moves; the existential deposit stays beside them.
        T::Currency::transfer(&sponsor, caller, amount, Preservation::Preserve)?;
        Self::deposit_event(Event::GateWithdrawn { gate: id, amount });
        Ok(())
    }

    pub(crate) fn do_remove_gate(caller: &T::AccountId, id: GateId) -> DispatchResult {
        let gate = Self::owned_gate(caller, id)?;
        ensure!(!gate.status.is_open(), Error::<T>::GateOpen);
        ensure!(gate.admissions == 0, Error::<T>::AdmissionsOnRecord);
        // The deposit first: with it the owner's account can take a rest of any size.
        T::Currency::release(&HoldReason::Gate.into(), caller, gate.deposit, Precision::Exact)?;
        let sponsor = Self::sponsor_account(id);
        let rest = T::Currency::reducible_balance(&sponsor, Preservation::Expendable, Fortitude::Polite);
        if !rest.is_zero() {
            T::Currency::transfer(&sponsor, caller, rest, Preservation::Expendable)?;
        }
        Gates::<T>::remove(id);
        Self::deposit_event(Event::GateRemoved { gate: id });
        Ok(())
    }

    /// The gate, if it is the caller's.
    fn owned_gate(caller: &T::AccountId, id: GateId) -> Result<Gate<T>, Error<T>> {
        let gate = Gates::<T>::get(id).ok_or(Error::<T>::UnknownGate)?;
        ensure!(gate.owner == *caller, Error::<T>::NotOwner);
        Ok(gate)
    }

    /// Whether clients can print `name`.
    pub(crate) fn is_name(name: &[u8]) -> bool {
        // Control characters could drive the terminal that shows them.
        core::str::from_utf8(name).is_ok_and(|text| !text.is_empty() && !text.chars().any(char::is_control))
    }

    /// Whether a gate may ask for `policy`, and admit for `admission_days`: holders can meet it on `today`.
    fn check_terms(policy: &Policy, today: Day, admission_days: u16) -> Result<(), Error<T>> {
        ensure!(
            (1..=T::MaxAdmissionDays::get()).contains(&admission_days),
            Error::<T>::InvalidAdmissionDays
        );
        // An anchor is one block old at least.
        ensure!(policy.oldest_anchor > 0, Error::<T>::InvalidPolicy);
        let until = today
            .checked_add(admission_days.into())
            .ok_or(Error::<T>::InvalidPolicy)?;
        policy
            .bounds(today, until)
            .map_err(|_| Error::<T>::InvalidPolicy)?;
        ensure!(
            T::Anchors::list_exists(policy.trust_list),
            Error::<T>::UnknownTrustList
        );
        Ok(())
    }
}
