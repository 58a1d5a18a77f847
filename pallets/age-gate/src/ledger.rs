//! The record of admissions, and who pays for it.

use crate::{
    authorize::{Place, Visit},
    pallet::{
        Admissions, AdmittedInBlock, Config, Endings, Error, Event, Gates, HoldReason, Nullifiers, Pallet,
    },
    types::{Admission, BalanceOf, Gate, Request},
    weights::{authorize_batch, WeightInfo},
};
use alloc::vec::Vec;
use frame_support::{
    ensure,
    pallet_prelude::*,
    traits::{
        fungible::{hold::Mutate as _, Balanced, Inspect},
        tokens::{Fortitude, Precision, Preservation},
        OnUnbalanced,
    },
    weights::WeightToFee,
};
use ofage_primitives::GateId;
use sp_runtime::{traits::AccountIdConversion, ArithmeticError, Saturating};

impl<T: Config> Pallet<T> {
    /// The account that holds a gate's sponsor balance.
    pub fn sponsor_account(gate: GateId) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating(gate.0)
    }

    /// What a gate can spend on fees and deposits; the existential deposit stays.
    pub fn sponsor_balance(gate: GateId) -> BalanceOf<T> {
        T::Currency::reducible_balance(
            &Self::sponsor_account(gate),
            Preservation::Preserve,
            Fortitude::Polite,
        )
    }

    /// What an admission to a gate that asks for `issuers` takes from the sponsor balance, beside the deposit.
    pub fn admission_fee(issuers: u8) -> BalanceOf<T> {
        let weight = T::WeightInfo::admit().saturating_add(T::WeightInfo::authorize_admit(issuers.into()));
        Self::fee(weight, 1, issuers)
    }

    /// What a batch of `requests` takes from the sponsor balance, beside the deposits.
    pub fn batch_fee(requests: u32, issuers: u8) -> BalanceOf<T> {
        let weight = T::WeightInfo::admit_batch(requests)
            .saturating_add(authorize_batch::<T::WeightInfo>(requests, issuers.into()));
        Self::fee(weight, requests, issuers)
    }

    /// What a signed transaction of this weight that carries `requests` would pay, without tip or multiplier.
    fn fee(weight: Weight, requests: u32, issuers: u8) -> BalanceOf<T> {
        let base = T::BlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
        // A request's length is fixed, as its proof's is.
        let bytes = u64::from(Request::<T>::length(issuers)).saturating_mul(requests.into());
        T::WeightToFee::weight_to_fee(&base.saturating_add(weight))
            .saturating_add(T::LengthToFee::weight_to_fee(&Weight::from_parts(bytes, 0)))
    }

    /// Puts admissions on record, and has the gate pay for them.
    ///
    /// Runs right after the check of the same requests; what is cheap of it is checked again.
    pub(crate) fn enter(
        id: GateId,
        requests: &[Request<T>],
        fee: impl FnOnce(u8) -> BalanceOf<T>,
    ) -> DispatchResult {
        let mut visit = Visit::<T>::open(id).map_err(Error::<T>::from)?;
        let sponsor = Self::sponsor_account(id);
        // The fee first: what comes back from expired admissions is not counted on.
        let credit = T::Currency::withdraw(
            &sponsor,
            fee(visit.gate.policy.issuers),
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        )?;
        T::OnFee::on_unbalanced(credit);
        for request in requests {
            ensure!(request.gate == id, Error::<T>::RequestOutdated);
            Self::enter_one(&mut visit, request, &sponsor)?;
        }
        AdmittedInBlock::<T>::mutate(|count| *count = count.saturating_add(requests.len() as u32));
        Gates::<T>::insert(id, visit.gate);
        Ok(())
    }

    fn enter_one(visit: &mut Visit<T>, request: &Request<T>, sponsor: &T::AccountId) -> DispatchResult {
        let gate = visit.id;
        let until = visit.until(request.valid_on).map_err(Error::<T>::from)?;
        let (deposit, renewed) = match visit.place(request).map_err(Error::<T>::from)? {
            Place::Renewed(old) => {
                Endings::<T>::remove((gate, old.until, request.account.clone()));
                (old.deposit, true)
            }
            Place::New {
                nullifier_left,
                account_left,
            } => {
                let account_left = account_left.map(|admission| (request.account.clone(), admission));
                for (account, admission) in nullifier_left.into_iter().chain(account_left) {
                    let freed = admission.deposit;
                    Self::forget(gate, &mut visit.gate, &account, admission)?;
                    T::Currency::release(&HoldReason::Admission.into(), sponsor, freed, Precision::Exact)?;
                }
                let deposit = T::AdmissionDeposit::get();
                T::Currency::hold(&HoldReason::Admission.into(), sponsor, deposit)?;
                visit.gate.admissions = visit
                    .gate
                    .admissions
                    .checked_add(1)
                    .ok_or(ArithmeticError::Overflow)?;
                Nullifiers::<T>::insert(gate, request.nullifier, &request.account);
                (deposit, false)
            }
        };
        Admissions::<T>::insert(
            gate,
            &request.account,
            Admission {
                nullifier: request.nullifier,
                until,
                deposit,
            },
        );
        Endings::<T>::insert((gate, until, request.account.clone()), ());
        Self::deposit_event(Event::Admitted {
            gate,
            account: request.account.clone(),
            nullifier: request.nullifier,
            until,
            renewed,
        });
        Ok(())
    }

    /// Takes an admission off the record; its deposit is the caller's to release.
    fn forget(
        id: GateId,
        gate: &mut Gate<T>,
        account: &T::AccountId,
        admission: Admission<T>,
    ) -> Result<(), ArithmeticError> {
        gate.admissions = gate.admissions.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
        Admissions::<T>::remove(id, account);
        Nullifiers::<T>::remove(id, admission.nullifier);
        Endings::<T>::remove((id, admission.until, account.clone()));
        Ok(())
    }

    /// Takes at most `limit` steps of pruning; gives steps taken and admissions removed.
    pub(crate) fn prune_expired(id: GateId, limit: u32) -> Result<(u32, u32), DispatchError> {
        let mut gate = Gates::<T>::get(id).ok_or(Error::<T>::UnknownGate)?;
        let today = Self::today();
        let (mut steps, mut removed, mut freed) = (0u32, 0u32, BalanceOf::<T>::zero());
        while gate.pruned_before < today && steps < limit {
            let room = limit.saturating_sub(steps);
            let day = gate.pruned_before;
            let due: Vec<T::AccountId> = Endings::<T>::iter_key_prefix((id, day))
                .take(room as usize)
                .collect();
            for account in &due {
                let ending = Admissions::<T>::get(id, account).filter(|admission| admission.until == day);
                let Some(admission) = ending else {
                    defensive!("an ending belongs to an admission that ends on that day");
                    Endings::<T>::remove((id, day, account.clone()));
                    continue;
                };
                freed = freed
                    .checked_add(&admission.deposit)
                    .ok_or(ArithmeticError::Overflow)?;
                Self::forget(id, &mut gate, account, admission)?;
                removed = removed.saturating_add(1);
            }
            let found = due.len() as u32;
            steps = steps.saturating_add(found);
            if found < room {
                // The day has no more. A gate without admissions has no days left to look at.
                let next = if gate.admissions == 0 {
                    None
                } else {
                    day.checked_add(1)
                };
                gate.pruned_before = next.unwrap_or(today);
                steps = steps.saturating_add(1);
            }
        }
        if removed > 0 {
            let sponsor = Self::sponsor_account(id);
            T::Currency::release(&HoldReason::Admission.into(), &sponsor, freed, Precision::Exact)?;
        }
        if steps > 0 {
            Gates::<T>::insert(id, gate);
        }
        Ok((steps, removed))
    }
}
