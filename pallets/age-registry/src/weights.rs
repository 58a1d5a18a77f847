//! What the calls cost, and the work at the ends of blocks.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// Weights of this pallet's calls and of its work at the ends of blocks; the runtime measures its own.
pub trait WeightInfo {
    /// Cost of registering an issuer.
    fn register() -> Weight;
    /// Cost of agreeing to attest.
    fn become_attester() -> Weight;
    /// Cost of appending `n` attestations to an open shard, without its path to the root.
    fn attest_open(n: u32) -> Weight;
    /// Cost of opening a shard with `n` attestations, without its path to the root.
    fn attest_next(n: u32) -> Weight;
    /// Cost of sealing a shard.
    fn seal_shard() -> Weight;
    /// Cost of creating a trust list.
    fn create_trust_list() -> Weight;
    /// Cost of consenting to a trust list.
    fn consent() -> Weight;
    /// Cost of withdrawing a consent, and leaving the list.
    fn withdraw_consent() -> Weight;
    /// Cost of putting an issuer on a trust list, at a position that another left.
    fn add_member() -> Weight;
    /// Cost of taking an issuer off a trust list.
    fn remove_member() -> Weight;
    /// Cost of naming another attester, and sealing the open shard.
    fn rotate_attester() -> Weight;
    /// Cost of publishing other metadata.
    fn update_metadata() -> Weight;
    /// Cost of retiring, and sealing the open shard.
    fn retire() -> Weight;
    /// Cost of taking a deposit back.
    fn withdraw_deposit() -> Weight;
    /// Cost of suspending an issuer that is on `n` trust lists.
    fn suspend(n: u32) -> Weight;
    /// Cost of reinstating an issuer that is on `n` trust lists.
    fn reinstate(n: u32) -> Weight;
    /// Cost of slashing a deposit.
    fn slash() -> Weight;
    /// Cost of offering a trust list to another curator.
    fn offer_list() -> Weight;
    /// Cost of becoming the curator of a trust list.
    fn accept_list() -> Weight;
    /// Cost of freezing a trust list.
    fn freeze_list() -> Weight;
    /// Cost of revoking one attestation, without its shard's path to the root.
    fn revoke() -> Weight;
    /// Cost of revoking attestations of one shard by a multiproof of `n` leaves and siblings, without its path to the root.
    fn revoke_batch(n: u32) -> Weight;
    /// Cost of revoking `n` shards, without their paths to the root.
    fn revoke_shards(n: u32) -> Weight;
    /// Cost of restoring `n` shards, without their paths to the root.
    fn restore_shards(n: u32) -> Weight;
    /// Cost of the registry root at the end of a block that changed `n` shards.
    fn finalize_registry(n: u32) -> Weight;
    /// Cost of recording the roots of `n` trust lists at the end of a block.
    fn finalize_lists(n: u32) -> Weight;
    /// Cost of pruning `n` ends of spans at the beginning of a block.
    fn prune(n: u32) -> Weight;
}

/// For tests: database accesses alone.
impl WeightInfo for () {
    fn register() -> Weight {
        RocksDbWeight::get().reads_writes(5, 5)
    }

    fn become_attester() -> Weight {
        RocksDbWeight::get().reads_writes(2, 2)
    }

    fn attest_open(_: u32) -> Weight {
        RocksDbWeight::get().reads_writes(4, 3)
    }

    fn attest_next(_: u32) -> Weight {
        RocksDbWeight::get().reads_writes(6, 7)
    }

    fn seal_shard() -> Weight {
        RocksDbWeight::get().reads_writes(3, 2)
    }

    fn create_trust_list() -> Weight {
        RocksDbWeight::get().reads_writes(3, 4)
    }

    fn consent() -> Weight {
        RocksDbWeight::get().reads_writes(4, 2)
    }

    fn withdraw_consent() -> Weight {
        RocksDbWeight::get().reads_writes(16, 17)
    }

    fn add_member() -> Weight {
        RocksDbWeight::get().reads_writes(16, 16)
    }

    fn remove_member() -> Weight {
        RocksDbWeight::get().reads_writes(14, 16)
    }

    fn rotate_attester() -> Weight {
        RocksDbWeight::get().reads_writes(4, 4)
    }

    fn update_metadata() -> Weight {
        RocksDbWeight::get().reads_writes(2, 1)
    }

    fn retire() -> Weight {
        RocksDbWeight::get().reads_writes(3, 3)
    }

    fn withdraw_deposit() -> Weight {
        RocksDbWeight::get().reads_writes(4, 3)
    }

    fn suspend(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(2, 2)
            .saturating_add(RocksDbWeight::get().reads_writes(14, 14).saturating_mul(n.into()))
    }

    fn reinstate(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(2, 2)
            .saturating_add(RocksDbWeight::get().reads_writes(14, 14).saturating_mul(n.into()))
    }

    fn slash() -> Weight {
        RocksDbWeight::get().reads_writes(3, 3)
    }

    fn offer_list() -> Weight {
        RocksDbWeight::get().reads_writes(1, 1)
    }

    fn accept_list() -> Weight {
        RocksDbWeight::get().reads_writes(5, 5)
    }

    fn freeze_list() -> Weight {
        RocksDbWeight::get().reads_writes(1, 1)
    }

    fn revoke() -> Weight {
        RocksDbWeight::get().reads_writes(5, 4)
    }

    fn revoke_batch(_: u32) -> Weight {
        RocksDbWeight::get().reads_writes(5, 4)
    }

    fn revoke_shards(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(68, 34)
            .saturating_add(RocksDbWeight::get().reads_writes(1, 2).saturating_mul(n.into()))
    }

    fn restore_shards(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(3, 1)
            .saturating_add(RocksDbWeight::get().reads_writes(1, 2).saturating_mul(n.into()))
    }

    fn finalize_registry(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(5, 6)
            .saturating_add(RocksDbWeight::get().reads_writes(21, 21).saturating_mul(n.into()))
    }

    fn finalize_lists(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(2, 2)
            .saturating_add(RocksDbWeight::get().reads_writes(3, 4).saturating_mul(n.into()))
    }

    fn prune(n: u32) -> Weight {
        RocksDbWeight::get()
            .reads_writes(1, 1)
            .saturating_add(RocksDbWeight::get().reads_writes(2, 2).saturating_mul(n.into()))
    }
}
