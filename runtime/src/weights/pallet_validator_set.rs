//! Weights of `pallet_validator_set`, measured by `ofage-bench` with 10 steps and 3 repeats.
//!
//! Machine: Intel(R) Xeon(R) Processor, 2 threads.
//! Regenerate with `ofage-bench --pallet pallet_validator_set --output runtime/src/weights`; do not edit.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `pallet_validator_set`.
pub struct WeightInfo<T>(PhantomData<T>);

#[rustfmt::skip]
impl<T: frame_system::Config> pallet_validator_set::WeightInfo for WeightInfo<T> {
    /// `n` was measured over `[1, 100]`.
    fn set_validators(n: u32) -> Weight {
        // Shortest time seen: 12_586_000 ps.
        Weight::from_parts(16_665_648, 204)
            .saturating_add(Weight::from_parts(1_867_169, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
}
