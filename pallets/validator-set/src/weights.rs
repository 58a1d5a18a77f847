//! What the calls cost.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// Weights of this pallet's calls; the runtime measures its own.
pub trait WeightInfo {
    /// Cost of replacing the set by one of `n` validators.
    fn set_validators(n: u32) -> Weight;
}

/// For tests: database accesses alone, one read of keys a validator.
impl WeightInfo for () {
    fn set_validators(n: u32) -> Weight {
        RocksDbWeight::get().reads_writes(u64::from(n), 1)
    }
}
