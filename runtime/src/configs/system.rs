//! The frame: accounts, blocks, time.

use crate::{
    constants::{
        block::{INITIALIZATION_SHARE, MAX_LENGTH, MAX_WEIGHT, NORMAL_SHARE, RESERVED_FOR_NORMAL},
        time::SLOT_MILLIS,
    },
    AccountId, Babe, Balance, Block, BlockNumber, Hash, Hashing, Nonce, PalletInfo, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeOrigin, RuntimeTask, VERSION,
};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{ConstU16, ConstU64},
    weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight},
};
use frame_system::limits::{BlockLength, BlockWeights};
use ofage_primitives::chain::BLOCK_HASHES;
use sp_runtime::traits::AccountIdLookup;
use sp_version::RuntimeVersion;

parameter_types! {
    /// Version of the runtime.
    pub const Version: RuntimeVersion = VERSION;
    /// Blocks whose hashes the chain remembers: the longest life of a signed transaction.
    pub const BlockHashCount: BlockNumber = BLOCK_HASHES;
    /// How long a block can be.
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(MAX_LENGTH)
        .modify_max_length_for_class(DispatchClass::Normal, |length| *length = NORMAL_SHARE * *length)
        .build();
    /// How much work a block can be.
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
        .base_block(BlockExecutionWeight::get())
        .for_class(DispatchClass::all(), |limits| {
            limits.base_extrinsic = ExtrinsicBaseWeight::get();
        })
        .for_class(DispatchClass::Normal, |limits| {
            limits.max_total = Some(NORMAL_SHARE * MAX_WEIGHT);
            limits.reserved = Some(RESERVED_FOR_NORMAL);
        })
        .for_class(DispatchClass::Operational, |limits| {
            limits.max_total = Some(MAX_WEIGHT);
            // What the usual calls leave is kept for governance.
            limits.reserved = Some(MAX_WEIGHT.saturating_sub(NORMAL_SHARE * MAX_WEIGHT));
        })
        .avg_block_initialization(INITIALIZATION_SHARE)
        .build_or_panic();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<Balance>;
    type AccountId = AccountId;
    type Block = Block;
    type BlockHashCount = BlockHashCount;
    type BlockLength = RuntimeBlockLength;
    type BlockWeights = RuntimeBlockWeights;
    type DbWeight = ParityDbWeight;
    type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
    type Hash = Hash;
    type Hashing = Hashing;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type MaxConsumers = frame_support::traits::ConstU32<64>;
    type Nonce = Nonce;
    // The prefix of Substrate chains without one of their own.
    type SS58Prefix = ConstU16<42>;
    type SingleBlockMigrations = crate::migrations::All;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
    type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
    type Moment = u64;
    type OnTimestampSet = Babe;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}
