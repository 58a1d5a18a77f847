//! Weights of `pallet_age_gate`, measured by `ofage-bench` with 10 steps and 3 repeats.
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
        // Shortest time seen: 62_774_000 ps.
        Weight::from_parts(73_415_000, 143)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn fund() -> Weight {
        // Shortest time seen: 52_917_000 ps.
        Weight::from_parts(53_725_000, 237)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn admit() -> Weight {
        // Shortest time seen: 179_036_000 ps.
        Weight::from_parts(181_009_000, 787)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(10_u64))
    }
    /// `k` was measured over `[1, 4]`.
    fn authorize_admit(k: u32) -> Weight {
        // Shortest time seen: 4_700_336_000 ps.
        Weight::from_parts(3_450_260_850, 1_167)
            .saturating_add(Weight::from_parts(1_535_873_350, 0).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(11_u64))
    }
    /// `n` was measured over `[1, 64]`.
    fn admit_batch(n: u32) -> Weight {
        // Shortest time seen: 182_145_000 ps.
        Weight::from_parts(182_145_000, 401)
            .saturating_add(Weight::from_parts(195_853_458, 335).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[1, 32]`.
    fn authorize_admit_batch(n: u32) -> Weight {
        // Shortest time seen: 4_971_721_000 ps.
        Weight::from_parts(5_526_037_047, 794)
            .saturating_add(Weight::from_parts(1_362_476_106, 331).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[1, 16]`.
    fn authorize_admit_joint_batch(n: u32) -> Weight {
        // Shortest time seen: 7_051_838_000 ps.
        Weight::from_parts(7_051_838_000, 838)
            .saturating_add(Weight::from_parts(4_747_179_508, 327).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(n.into())))
    }
    /// `n` was measured over `[1, 512]`.
    fn prune(n: u32) -> Weight {
        // Shortest time seen: 79_141_000 ps.
        Weight::from_parts(79_141_000, 518)
            .saturating_add(Weight::from_parts(26_459_709, 162).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(n.into())))
    }
    fn update_gate() -> Weight {
        // Shortest time seen: 22_742_000 ps.
        Weight::from_parts(24_283_000, 291)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn close_gate() -> Weight {
        // Shortest time seen: 13_424_000 ps.
        Weight::from_parts(16_138_000, 148)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn withdraw() -> Weight {
        // Shortest time seen: 57_374_000 ps.
        Weight::from_parts(57_643_000, 427)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn remove_gate() -> Weight {
        // Shortest time seen: 97_778_000 ps.
        Weight::from_parts(108_926_000, 445)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn disable_circuit() -> Weight {
        // Shortest time seen: 10_090_000 ps.
        Weight::from_parts(11_078_000, 0)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn enable_circuit() -> Weight {
        // Shortest time seen: 9_229_000 ps.
        Weight::from_parts(9_784_000, 0)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
}
