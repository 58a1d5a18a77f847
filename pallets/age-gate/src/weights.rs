//! What the calls cost.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// Weights of this pallet's calls; the runtime measures its own.
pub trait WeightInfo {
    /// Cost of creating a gate.
    fn create_gate() -> Weight;
    /// Cost of funding a gate.
    fn fund() -> Weight;
    /// Cost of recording an admission that takes the place of two expired ones.
    fn admit() -> Weight;
    /// Cost of checking a request, its proof included, when nothing remembers the proof.
    fn authorize_admit() -> Weight;
    /// Cost of recording `n` admissions, each in the place of two expired ones.
    fn admit_batch(n: u32) -> Weight;
    /// Cost of checking `n` requests, their proofs included, when nothing remembers the proofs.
    fn authorize_admit_batch(n: u32) -> Weight;
    /// Cost of `n` steps of pruning.
    fn prune(n: u32) -> Weight;
}

/// For tests: database accesses alone.
impl WeightInfo for () {
    fn create_gate() -> Weight {
        RocksDbWeight::get().reads_writes(5, 4)
    }

    fn fund() -> Weight {
        RocksDbWeight::get().reads_writes(3, 2)
    }

    fn admit() -> Weight {
        RocksDbWeight::get().reads_writes(7, 12)
    }

    fn authorize_admit() -> Weight {
        RocksDbWeight::get().reads(12)
    }

    fn admit_batch(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(4, 3)
            .saturating_add(RocksDbWeight::get().reads_writes(3, 9).saturating_mul(n.into()))
    }

    fn authorize_admit_batch(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads(5)
            .saturating_add(RocksDbWeight::get().reads(7).saturating_mul(n.into()))
    }

    fn prune(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(4, 3)
            .saturating_add(RocksDbWeight::get().reads_writes(2, 3).saturating_mul(n.into()))
    }
}
