//! What the calls cost.

use frame_support::weights::{constants::RocksDbWeight, Weight};
use ofage_primitives::policy::MAX_ISSUERS;

/// Weights of this pallet's calls; the runtime measures its own.
pub trait WeightInfo {
    /// Cost of creating a gate.
    fn create_gate() -> Weight;
    /// Cost of funding a gate.
    fn fund() -> Weight;
    /// Cost of recording an admission that takes the place of two expired ones.
    fn admit() -> Weight;
    /// Cost of checking a request of `k` issuers, its proof included, when nothing remembers the proof.
    fn authorize_admit(k: u32) -> Weight;
    /// Cost of recording `n` admissions, each in the place of two expired ones.
    fn admit_batch(n: u32) -> Weight;
    /// Cost of checking `n` requests of one issuer each, their proofs included, when nothing remembers the proofs.
    fn authorize_admit_batch(n: u32) -> Weight;
    /// Cost of checking `n` requests of [`MAX_ISSUERS`] issuers each.
    fn authorize_admit_joint_batch(n: u32) -> Weight;
    /// Cost of `n` steps of pruning.
    fn prune(n: u32) -> Weight;
    /// Cost of changing what a gate asks.
    fn update_gate() -> Weight;
    /// Cost of closing a gate.
    fn close_gate() -> Weight;
    /// Cost of taking money out of a sponsor balance.
    fn withdraw() -> Weight;
    /// Cost of removing a gate whose sponsor balance has a rest.
    fn remove_gate() -> Weight;
    /// Cost of disabling a circuit.
    fn disable_circuit() -> Weight;
    /// Cost of enabling a circuit.
    fn enable_circuit() -> Weight;
}

/// Cost of checking `requests` of `issuers` issuers each, between what was measured for one and for the most.
///
/// All work on a proof grows in proportion to its issuers, above what every proof takes.
pub(crate) fn authorize_batch<W: WeightInfo>(requests: u32, issuers: u32) -> Weight {
    let further = u64::from(issuers.clamp(1, u32::from(MAX_ISSUERS))).saturating_sub(1);
    let most_further = u64::from(MAX_ISSUERS).saturating_sub(1).max(1);
    let one = W::authorize_admit_batch(requests);
    let growth = W::authorize_admit_joint_batch(requests).saturating_sub(one);
    let part = |whole: u64| whole.saturating_mul(further).div_ceil(most_further);
    one.saturating_add(Weight::from_parts(
        part(growth.ref_time()),
        part(growth.proof_size()),
    ))
}

/// For tests: database accesses, and a millisecond for each proof and issuer.
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

    fn authorize_admit(k: u32) -> Weight {
        RocksDbWeight::get().reads(13).saturating_add(proofs(1, k))
    }

    fn admit_batch(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(4, 3)
            .saturating_add(RocksDbWeight::get().reads_writes(3, 9).saturating_mul(n.into()))
    }

    fn authorize_admit_batch(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads(6)
            .saturating_add(RocksDbWeight::get().reads(7).saturating_mul(n.into()))
            .saturating_add(proofs(n, 1))
    }

    fn authorize_admit_joint_batch(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads(6)
            .saturating_add(RocksDbWeight::get().reads(7).saturating_mul(n.into()))
            .saturating_add(proofs(n, MAX_ISSUERS.into()))
    }

    fn prune(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(4, 3)
            .saturating_add(RocksDbWeight::get().reads_writes(2, 3).saturating_mul(n.into()))
    }

    fn update_gate() -> Weight {
        RocksDbWeight::get().reads_writes(3, 1)
    }

    fn close_gate() -> Weight {
        RocksDbWeight::get().reads_writes(1, 1)
    }

    fn withdraw() -> Weight {
        RocksDbWeight::get().reads_writes(3, 2)
    }

    fn remove_gate() -> Weight {
        RocksDbWeight::get().reads_writes(4, 4)
    }

    fn disable_circuit() -> Weight {
        RocksDbWeight::get().reads_writes(1, 1)
    }

    fn enable_circuit() -> Weight {
        RocksDbWeight::get().reads_writes(1, 1)
    }
}

/// What proofs cost in tests, beside the database.
fn proofs(proofs: u32, issuers: u32) -> Weight {
    const MILLISECOND: Weight = Weight::from_parts(1_000_000_000, 0);
    let each = u64::from(issuers).saturating_add(1);
    MILLISECOND.saturating_mul(u64::from(proofs).saturating_mul(each) / 2)
}
