//! Weights of `pallet_age_registry`, measured by `ofage-bench` with 10 steps and 5 repeats.
//!
//! Machine: Intel(R) Xeon(R) Processor, 2 threads.
//! Regenerate with `ofage-bench --pallet pallet_age_registry --output runtime/src/weights`; do not edit.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `pallet_age_registry`.
pub struct WeightInfo<T>(PhantomData<T>);

#[rustfmt::skip]
impl<T: frame_system::Config> pallet_age_registry::WeightInfo for WeightInfo<T> {
    fn register() -> Weight {
        // Shortest time seen: 145_782_000 ps.
        Weight::from_parts(147_877_000, 228)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn become_attester() -> Weight {
        // Shortest time seen: 17_379_000 ps.
        Weight::from_parts(17_744_000, 1_157)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` was measured over `[1, 4095]`.
    fn attest_open(n: u32) -> Weight {
        // Shortest time seen: 209_247_000 ps.
        Weight::from_parts(668_011_549, 1_744)
            .saturating_add(Weight::from_parts(10_841_707, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` was measured over `[1, 4096]`.
    fn attest_next(n: u32) -> Weight {
        // Shortest time seen: 250_704_000 ps.
        Weight::from_parts(251_320_000, 1_553)
            .saturating_add(Weight::from_parts(15_943_119, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn seal_shard() -> Weight {
        // Shortest time seen: 23_627_000 ps.
        Weight::from_parts(26_001_000, 1_325)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn create_trust_list() -> Weight {
        // Shortest time seen: 77_812_000 ps.
        Weight::from_parts(79_790_000, 103)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn consent() -> Weight {
        // Shortest time seen: 23_329_000 ps.
        Weight::from_parts(24_333_000, 1_218)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn withdraw_consent() -> Weight {
        // Shortest time seen: 288_760_000 ps.
        Weight::from_parts(306_281_000, 2_339)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(17_u64))
    }
    fn add_member() -> Weight {
        // Shortest time seen: 287_332_000 ps.
        Weight::from_parts(298_860_000, 2_441)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(16_u64))
    }
    fn remove_member() -> Weight {
        // Shortest time seen: 269_330_000 ps.
        Weight::from_parts(273_297_000, 1_152)
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().writes(16_u64))
    }
    fn rotate_attester() -> Weight {
        Weight::from_parts(60000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn update_metadata() -> Weight {
        Weight::from_parts(30000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn retire() -> Weight {
        Weight::from_parts(40000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn withdraw_deposit() -> Weight {
        Weight::from_parts(150000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn suspend(n: u32) -> Weight {
        Weight::from_parts(60000000, 2_000)
            .saturating_add(Weight::from_parts(300000000, 200).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(T::DbWeight::get().reads_writes(16, 16).saturating_mul(n.into()))
    }
    fn reinstate(n: u32) -> Weight {
        Weight::from_parts(60000000, 2_000)
            .saturating_add(Weight::from_parts(300000000, 200).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(T::DbWeight::get().reads_writes(16, 16).saturating_mul(n.into()))
    }
    fn slash() -> Weight {
        Weight::from_parts(150000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn offer_list() -> Weight {
        Weight::from_parts(30000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn accept_list() -> Weight {
        Weight::from_parts(250000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn freeze_list() -> Weight {
        Weight::from_parts(30000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn revoke() -> Weight {
        Weight::from_parts(500000000, 2_000)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn revoke_batch(n: u32) -> Weight {
        Weight::from_parts(500000000, 2_000)
            .saturating_add(Weight::from_parts(150000000, 200).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn revoke_shards(n: u32) -> Weight {
        Weight::from_parts(300000000, 2_000)
            .saturating_add(Weight::from_parts(60000000, 200).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(40_u64))
            .saturating_add(T::DbWeight::get().writes(40_u64))
            .saturating_add(T::DbWeight::get().reads_writes(2, 3).saturating_mul(n.into()))
    }
    fn restore_shards(n: u32) -> Weight {
        Weight::from_parts(300000000, 2_000)
            .saturating_add(Weight::from_parts(60000000, 200).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(40_u64))
            .saturating_add(T::DbWeight::get().writes(40_u64))
            .saturating_add(T::DbWeight::get().reads_writes(2, 3).saturating_mul(n.into()))
    }
    /// `n` was measured over `[0, 1024]`.
    fn finalize_registry(n: u32) -> Weight {
        // Shortest time seen: 6_518_000 ps.
        Weight::from_parts(6_539_000, 19)
            .saturating_add(Weight::from_parts(338_426_200, 873).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads(11_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes(12_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[0, 1024]`.
    fn finalize_lists(n: u32) -> Weight {
        // Shortest time seen: 1_791_000 ps.
        Weight::from_parts(1_817_000, 351)
            .saturating_add(Weight::from_parts(43_674_325, 132).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[0, 1536]`.
    fn prune(n: u32) -> Weight {
        // Shortest time seen: 1_883_000 ps.
        Weight::from_parts(1_893_000, 292)
            .saturating_add(Weight::from_parts(27_451_106, 161).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
    }
}
