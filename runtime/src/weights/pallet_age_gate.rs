//! Weights of `pallet_age_gate`, measured by `ofage-bench` with 10 steps and 5 repeats.
//!
//! Machine: Intel(R) Xeon(R) Processor, 2 threads.
//! Regenerate with `ofage-bench --pallet pallet_age_gate --output runtime/src/weights`; do not edit.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `pallet_age_gate`.
pub struct WeightInfo<T>(PhantomData<T>);

#[rustfmt::skip]
impl<T: frame_system::Config> pallet_age_gate::WeightInfo for WeightInfo<T> {
    fn create_gate() -> Weight {
        // Shortest time seen: 58_470_000 ps.
        Weight::from_parts(59_734_000, 143)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn fund() -> Weight {
        // Shortest time seen: 48_883_000 ps.
        Weight::from_parts(51_495_000, 237)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn admit() -> Weight {
        // Shortest time seen: 174_565_000 ps.
        Weight::from_parts(177_147_000, 787)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(10_u64))
    }
    /// `k` was measured over `[1, 4]`.
    fn authorize_admit(k: u32) -> Weight {
        // Shortest time seen: 4_708_542_000 ps.
        Weight::from_parts(4_813_958_000, 1_166)
            .saturating_mul(k.into())
            .saturating_add(T::DbWeight::get().reads(10_u64))
    }
    /// `n` was measured over `[1, 64]`.
    fn admit_batch(n: u32) -> Weight {
        // Shortest time seen: 174_380_000 ps.
        Weight::from_parts(58_221_550, 401)
            .saturating_add(Weight::from_parts(130_344_710, 335).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[1, 32]`.
    fn authorize_admit_batch(n: u32) -> Weight {
        // Shortest time seen: 4_704_571_000 ps.
        Weight::from_parts(3_061_045_208, 793)
            .saturating_add(Weight::from_parts(1_279_998_264, 331).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[1, 16]`.
    fn authorize_admit_joint_batch(n: u32) -> Weight {
        Self::authorize_admit_batch(n.saturating_mul(4))
    }
    /// `n` was measured over `[1, 512]`.
    fn prune(n: u32) -> Weight {
        // Shortest time seen: 75_063_000 ps.
        Weight::from_parts(75_423_000, 518)
            .saturating_add(Weight::from_parts(14_820_682, 162).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(n.into())))
    }
    fn update_gate() -> Weight {
        Self::create_gate()
    }
    fn close_gate() -> Weight {
        Self::create_gate()
    }
    fn withdraw() -> Weight {
        Self::create_gate()
    }
    fn remove_gate() -> Weight {
        Self::create_gate()
    }
    fn disable_circuit() -> Weight {
        Self::create_gate()
    }
    fn enable_circuit() -> Weight {
        Self::create_gate()
    }
}
