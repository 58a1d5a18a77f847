//! Amounts of money, lengths of time and sizes of blocks.

/// Amounts of the chain's currency.
pub mod currency {
    use crate::Balance;

    /// One unit, as people name amounts. It pays for a second of a validator's time, or for a megabyte in blocks.
    pub const UNIT: Balance = 1_000_000_000_000;
    /// A thousandth of a unit.
    pub const MILLIUNIT: Balance = UNIT / 1_000;
    /// A millionth of a unit.
    pub const MICROUNIT: Balance = MILLIUNIT / 1_000;

    /// Least balance of an account; what has less is gone.
    pub const EXISTENTIAL_DEPOSIT: Balance = MILLIUNIT;

    /// Deposit for what somebody puts into the state: `items` entries with `bytes` bytes together.
    pub const fn deposit(items: u32, bytes: u32) -> Balance {
        const PER_ITEM: Balance = 2 * MILLIUNIT;
        const PER_BYTE: Balance = 10 * MICROUNIT;
        items as Balance * PER_ITEM + bytes as Balance * PER_BYTE
    }
}

/// Lengths of time.
pub mod time {
    use crate::BlockNumber;

    pub use ofage_primitives::chain::SLOT_MILLIS;
    /// Slots of an epoch, which is also a session: a minute. It can never change on a running chain.
    pub const EPOCH_SLOTS: u32 = 10;
    /// A minute, in blocks.
    pub const MINUTES: BlockNumber = 60_000 / SLOT_MILLIS as BlockNumber;
    /// An hour, in blocks.
    pub const HOURS: BlockNumber = 60 * MINUTES;
    /// A day, in blocks.
    pub const DAYS: BlockNumber = 24 * HOURS;
}

/// Sizes of blocks.
pub mod block {
    use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight};
    use sp_runtime::Perbill;

    /// Longest block, in bytes.
    pub const MAX_LENGTH: u32 = 5 * 1024 * 1024;
    /// Largest block: half a slot to run it, cold. Nobody collects storage proofs of whole blocks, so these are free.
    pub const MAX_WEIGHT: Weight = Weight::from_parts(3 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX);
    /// Share of a block for usual calls; the rest is for governance and what the chain itself must do.
    pub const NORMAL_SHARE: Perbill = Perbill::from_percent(75);
    /// Share of a block that its initialisation is expected to take.
    pub const INITIALIZATION_SHARE: Perbill = Perbill::from_percent(5);
    /// What usual calls may take of a block that is full already.
    ///
    /// `pallet-session` books a whole block whenever a session begins, each minute, though it uses little of it. Without
    /// this, one block in ten would take no calls at all.
    pub const RESERVED_FOR_NORMAL: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX);
}
