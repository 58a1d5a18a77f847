//! What one block holds at most.

use std::time::Duration;

use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};
use ofage_runtime::configs::system::{RuntimeBlockLength, RuntimeBlockWeights};

/// Execution time that a weight stands for: weights count picoseconds.
pub(crate) fn time(weight: Weight) -> Duration {
    const PICOSECONDS_PER_NANOSECOND: u64 = 1_000;
    Duration::from_nanos(weight.ref_time() / PICOSECONDS_PER_NANOSECOND)
}

/// Execution time that the usual calls of a block may take.
pub(crate) fn normal_time() -> Duration {
    let limits = RuntimeBlockWeights::get();
    limits
        .get(DispatchClass::Normal)
        .max_total
        .map_or(Duration::MAX, time)
}

/// Bytes that the usual calls of a block may have.
pub(crate) fn normal_length() -> u32 {
    *<RuntimeBlockLength as Get<frame_system::limits::BlockLength>>::get()
        .max
        .get(DispatchClass::Normal)
}
