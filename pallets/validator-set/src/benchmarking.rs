//! Benchmarks. The runtime's `Registration` must accept the accounts that [`frame_benchmarking::account`] makes
//! under `runtime-benchmarks`, or be asked to register them by [`frame_support::traits::ValidatorRegistration`].

use super::{pallet::*, Pallet as ValidatorSet};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{EnsureOrigin, Get},
    BoundedVec,
};

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_validators(n: Linear<1, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
        let origin = T::ChangeOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let set: Vec<T::AccountId> = (0..n).map(|i| account("validator", i, 0)).collect();
        let set: BoundedVec<_, T::MaxValidators> =
            set.try_into().map_err(|_| BenchmarkError::Stop("n is bounded"))?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, set);

        assert_eq!(Chosen::<T>::get().len() as u32, n);
        Ok(())
    }

    impl_benchmark_test_suite!(ValidatorSet, crate::mock::new_test_ext(), crate::mock::Test);
}
