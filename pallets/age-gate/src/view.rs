//! What the runtime tells clients.

use crate::{
    pallet::{Admissions, Config, Gates, Nullifiers, Pallet},
    types::Admission,
};
use ofage_primitives::{
    chain::{AdmissionInfo, GateInfo},
    GateId, Nullifier,
};
use sp_runtime::SaturatedConversion;

impl<T: Config> Pallet<T> {
    /// The admission of `account` to `gate`, unless it has ended.
    pub fn current_admission(gate: GateId, account: &T::AccountId) -> Option<Admission<T>> {
        Admissions::<T>::get(gate, account).filter(|admission| admission.until >= Self::today())
    }

    /// A gate, as clients see it.
    pub fn gate_info(id: GateId) -> Option<GateInfo> {
        let gate = Gates::<T>::get(id)?;
        Some(GateInfo {
            id,
            owner: gate.owner.into(),
            name: gate.name.into_inner(),
            policy: gate.policy,
            sponsor_balance: Self::sponsor_balance(id).saturated_into(),
            admissions: gate.admissions,
            admission_days: gate.admission_days,
            closed: !gate.status.is_open(),
        })
    }

    /// The admission of `account` to `gate`, as clients see it, unless it has ended.
    pub fn admission_info(gate: GateId, account: &T::AccountId) -> Option<AdmissionInfo> {
        let admission = Self::current_admission(gate, account)?;
        Some(AdmissionInfo {
            account: account.clone().into(),
            nullifier: admission.nullifier,
            until: admission.until,
        })
    }

    /// The admission of `nullifier` to `gate`, as clients see it, unless it has ended: tells whether a slot is free.
    pub fn nullifier_info(gate: GateId, nullifier: Nullifier) -> Option<AdmissionInfo> {
        Self::admission_info(gate, &Nullifiers::<T>::get(gate, nullifier)?)
    }
}
