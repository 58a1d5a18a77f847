//! Weights of `pallet_age_registry`, measured by `ofage-bench` with 10 steps and 3 repeats.
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
        // Shortest time seen: 141_229_000 ps.
        Weight::from_parts(144_064_000, 228)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn become_attester() -> Weight {
        // Shortest time seen: 18_804_000 ps.
        Weight::from_parts(24_303_000, 1_158)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` was measured over `[1, 4095]`.
    fn attest_open(n: u32) -> Weight {
        // Shortest time seen: 208_447_000 ps.
        Weight::from_parts(1_733_586_151, 1_779)
            .saturating_add(Weight::from_parts(15_352_460, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` was measured over `[1, 4096]`.
    fn attest_next(n: u32) -> Weight {
        // Shortest time seen: 253_256_000 ps.
        Weight::from_parts(2_418_546_299, 1_588)
            .saturating_add(Weight::from_parts(14_414_948, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn seal_shard() -> Weight {
        // Shortest time seen: 21_928_000 ps.
        Weight::from_parts(22_513_000, 1_360)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn create_trust_list() -> Weight {
        // Shortest time seen: 77_694_000 ps.
        Weight::from_parts(77_915_000, 103)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn consent() -> Weight {
        // Shortest time seen: 23_005_000 ps.
        Weight::from_parts(23_083_000, 1_219)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn withdraw_consent() -> Weight {
        // Shortest time seen: 299_230_000 ps.
        Weight::from_parts(302_237_000, 2_341)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(17_u64))
    }
    fn add_member() -> Weight {
        // Shortest time seen: 296_338_000 ps.
        Weight::from_parts(308_575_000, 2_443)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(16_u64))
    }
    fn remove_member() -> Weight {
        // Shortest time seen: 281_930_000 ps.
        Weight::from_parts(287_667_000, 1_153)
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().writes(16_u64))
    }
    fn revoke() -> Weight {
        // Shortest time seen: 336_971_000 ps.
        Weight::from_parts(348_273_000, 1_779)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` was measured over `[1, 4095]`.
    fn revoke_batch(n: u32) -> Weight {
        // Shortest time seen: 417_427_000 ps.
        Weight::from_parts(8_920_925_715, 1_779)
            .saturating_add(Weight::from_parts(21_093_230, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` was measured over `[1, 256]`.
    fn revoke_shards(n: u32) -> Weight {
        // Shortest time seen: 374_718_000 ps.
        Weight::from_parts(386_411_500, 3_471)
            .saturating_add(Weight::from_parts(7_623_237, 153).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(67_u64))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(33_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[1, 256]`.
    fn restore_shards(n: u32) -> Weight {
        // Shortest time seen: 152_100_000 ps.
        Weight::from_parts(146_284_678, 1_184)
            .saturating_add(Weight::from_parts(18_104_254, 157).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
    }
    fn rotate_attester() -> Weight {
        // Shortest time seen: 30_484_000 ps.
        Weight::from_parts(31_622_000, 1_397)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn update_metadata() -> Weight {
        // Shortest time seen: 17_446_000 ps.
        Weight::from_parts(21_621_000, 1_158)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn retire() -> Weight {
        // Shortest time seen: 28_290_000 ps.
        Weight::from_parts(29_810_000, 1_397)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn withdraw_deposit() -> Weight {
        // Shortest time seen: 52_112_000 ps.
        Weight::from_parts(53_098_000, 1_391)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` was measured over `[0, 32]`.
    fn suspend(n: u32) -> Weight {
        // Shortest time seen: 65_739_000 ps.
        Weight::from_parts(399_662_183, 1_615)
            .saturating_add(Weight::from_parts(222_177_992, 460).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads(14_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes(14_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[0, 32]`.
    fn reinstate(n: u32) -> Weight {
        // Shortest time seen: 65_407_000 ps.
        Weight::from_parts(67_738_229, 1_615)
            .saturating_add(Weight::from_parts(228_808_380, 460).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads(14_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes(14_u64.saturating_mul(n.into())))
    }
    fn slash() -> Weight {
        // Shortest time seen: 36_118_000 ps.
        Weight::from_parts(38_708_000, 1_346)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn offer_list() -> Weight {
        // Shortest time seen: 12_089_000 ps.
        Weight::from_parts(12_483_000, 157)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn accept_list() -> Weight {
        // Shortest time seen: 87_676_000 ps.
        Weight::from_parts(92_519_000, 450)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn freeze_list() -> Weight {
        // Shortest time seen: 13_188_000 ps.
        Weight::from_parts(19_667_000, 157)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `n` was measured over `[0, 1024]`.
    fn finalize_registry(n: u32) -> Weight {
        // Shortest time seen: 6_495_000 ps.
        Weight::from_parts(6_495_000, 19)
            .saturating_add(Weight::from_parts(240_730_534, 873).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads(11_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes(12_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[0, 2048]`.
    fn finalize_lists(n: u32) -> Weight {
        // Shortest time seen: 1_882_000 ps.
        Weight::from_parts(1_882_000, 603)
            .saturating_add(Weight::from_parts(23_334_989, 132).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[0, 3072]`.
    fn prune(n: u32) -> Weight {
        // Shortest time seen: 1_915_000 ps.
        Weight::from_parts(1_915_000, 604)
            .saturating_add(Weight::from_parts(15_533_011, 160).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
    }
}
