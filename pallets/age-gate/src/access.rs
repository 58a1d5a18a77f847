//! What other pallets ask: is this account admitted?

use crate::{pallet::Pallet, Config};
use core::marker::PhantomData;
use frame_support::traits::{EnsureOrigin, EnsureOriginWithArg, Get};
use frame_system::RawOrigin;
use ofage_primitives::GateId;

/// Tells whether an account is admitted to a gate.
pub trait IsAdmitted<AccountId> {
    /// Whether `account` holds an admission to `gate` that has not ended.
    fn is_admitted(gate: GateId, account: &AccountId) -> bool;
}

impl<T: Config> IsAdmitted<T::AccountId> for Pallet<T> {
    fn is_admitted(gate: GateId, account: &T::AccountId) -> bool {
        Self::current_admission(gate, account).is_some()
    }
}

/// Origin of a signed account that is admitted to the gate of the argument; gives the account.
///
/// For pallets whose rooms or services each name a gate of their own.
pub struct EnsureAdmitted<T>(PhantomData<T>);

impl<T: Config> EnsureOriginWithArg<T::RuntimeOrigin, GateId> for EnsureAdmitted<T> {
    type Success = T::AccountId;

    fn try_origin(origin: T::RuntimeOrigin, gate: &GateId) -> Result<T::AccountId, T::RuntimeOrigin> {
        match origin.clone().into() {
            Ok(RawOrigin::Signed(account)) if Pallet::<T>::is_admitted(*gate, &account) => Ok(account),
            _ => Err(origin),
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin(gate: &GateId) -> Result<T::RuntimeOrigin, ()> {
        let account: T::AccountId = frame_benchmarking::account("admitted", 0, 0);
        crate::benchmarking::admit_for_benchmark::<T>(*gate, &account)?;
        Ok(RawOrigin::Signed(account).into())
    }
}

/// Origin of a signed account that is admitted to the gate `G`; gives the account.
pub struct EnsureAdmittedTo<T, G>(PhantomData<(T, G)>);

impl<T: Config, G: Get<GateId>> EnsureOrigin<T::RuntimeOrigin> for EnsureAdmittedTo<T, G> {
    type Success = T::AccountId;

    fn try_origin(origin: T::RuntimeOrigin) -> Result<T::AccountId, T::RuntimeOrigin> {
        EnsureAdmitted::<T>::try_origin(origin, &G::get())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
        EnsureAdmitted::<T>::try_successful_origin(&G::get())
    }
}
