//! What must hold between blocks.

use crate::{
    pallet::{Admissions, AdmittedInBlock, Config, Endings, Gates, HoldReason, NextGate, Nullifiers, Pallet},
    types::{BalanceOf, Gate},
};
use alloc::collections::BTreeMap;
use frame_support::{
    ensure,
    pallet_prelude::*,
    traits::fungible::{hold::Inspect as _, Inspect},
};
use ofage_primitives::GateId;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks what must hold between blocks:
    ///
    /// - gates are numbered below [`NextGate`], named printably, with admissions of 1 day at least;
    /// - each gate counts its admissions rightly, and none ends before the day at which pruning goes on;
    /// - admissions, nullifiers and endings describe the same set, and belong to gates;
    /// - the sponsor account holds exactly the deposits of its admissions, and keeps the existential deposit beside;
    /// - each owner's account holds exactly the deposits of its gates.
    ///
    /// # Errors
    /// Names the invariant that is broken.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut owners = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        let mut total = 0usize;
        for (id, gate) in Gates::<T>::iter() {
            Self::try_gate(id, &gate)?;
            total = total.saturating_add(gate.admissions as usize);
            let sum = owners.entry(gate.owner).or_insert_with(Zero::zero);
            *sum = sum
                .checked_add(&gate.deposit)
                .ok_or("the deposits of an owner's gates overflow")?;
        }
        for (owner, deposits) in owners {
            let held = T::Currency::balance_on_hold(&HoldReason::Gate.into(), &owner);
            ensure!(
                held == deposits,
                "an owner's account does not hold the deposits of its gates"
            );
        }
        ensure!(
            Admissions::<T>::iter_keys().count() == total,
            "an admission belongs to no gate"
        );
        ensure!(
            Nullifiers::<T>::iter_keys().count() == total,
            "a nullifier belongs to no admission"
        );
        ensure!(
            Endings::<T>::iter_keys().count() == total,
            "an ending belongs to no admission"
        );
        ensure!(
            AdmittedInBlock::<T>::get() <= T::MaxAdmissionsPerBlock::get(),
            "a block has more admissions than its share"
        );
        Ok(())
    }

    fn try_gate(id: GateId, gate: &Gate<T>) -> Result<(), TryRuntimeError> {
        ensure!(
            id.0 < NextGate::<T>::get(),
            "a gate's number is not given out yet"
        );
        ensure!(Self::is_name(&gate.name), "a gate's name is not printable");
        ensure!(gate.admission_days > 0, "a gate's admissions have no length");
        let (mut admissions, mut deposits) = (0u32, BalanceOf::<T>::zero());
        for (account, admission) in Admissions::<T>::iter_prefix(id) {
            admissions = admissions.saturating_add(1);
            deposits = deposits
                .checked_add(&admission.deposit)
                .ok_or("the deposits of a gate's admissions overflow")?;
            ensure!(
                Nullifiers::<T>::get(id, admission.nullifier).as_ref() == Some(&account),
                "an admission's nullifier is not on record for its account"
            );
            ensure!(
                admission.until >= gate.pruned_before,
                "pruning passed over an admission"
            );
            ensure!(
                Endings::<T>::contains_key((id, admission.until, account)),
                "an admission's ending is not on record"
            );
        }
        ensure!(
            admissions == gate.admissions,
            "a gate counts its admissions wrongly"
        );
        let sponsor = Self::sponsor_account(id);
        let held = T::Currency::balance_on_hold(&HoldReason::Admission.into(), &sponsor);
        ensure!(
            held == deposits,
            "a sponsor account does not hold the deposits of its admissions"
        );
        ensure!(
            admissions == 0 || T::Currency::balance(&sponsor) >= T::Currency::minimum_balance(),
            "a sponsor account lost its existential deposit"
        );
        Ok(())
    }
}
