//! How root is reached: by two thirds of the council, and in no other way.
//!
//! A motion of the council has the origin of its members, not root. It can put a call on the whitelist, and have a
//! call of the whitelist dispatched as root; both take two thirds. The call itself is in the open beforehand, as a
//! preimage or in the motion.
//!
//! None of the three pallets lets a user wrap a call: what they dispatch has the origin of the council or root, and
//! never that of an account. So calls that change leaves are top-level signed calls only.

use crate::{
    constants::{
        block::MAX_WEIGHT,
        currency::{deposit as state_deposit, UNIT},
        time::{DAYS, HOURS},
    },
    AccountId, Balance, Balances, BlockNumber, Preimage, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeHoldReason, RuntimeOrigin, System,
};
use frame_support::{
    parameter_types,
    traits::{fungible::HoldConsideration, ConstU32, LinearStoragePrice},
    weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_collective::{deposit, EnsureProportionAtLeast};
use sp_runtime::{FixedU128, Perbill};

/// The one collective of the chain.
pub type CouncilInstance = pallet_collective::Instance1;

/// A motion that two thirds of the council carried.
pub type TwoThirdsOfCouncil = EnsureProportionAtLeast<AccountId, CouncilInstance, 2, 3>;

/// Most members of the council.
pub const MAX_MEMBERS: u32 = 32;

/// Motions that may be open before another one costs its proposer a deposit.
pub const FREE_MOTIONS: u32 = 8;

/// Who does not vote has not agreed: else a motion could reach two thirds with fewer votes when its time is up.
pub struct SilenceIsNo;

impl pallet_collective::DefaultVote for SilenceIsNo {
    fn default_vote(
        _prime: Option<bool>,
        _yes: pallet_collective::MemberCount,
        _no: pallet_collective::MemberCount,
        _members: pallet_collective::MemberCount,
    ) -> bool {
        false
    }
}

parameter_types! {
    /// Longest that a motion is open.
    pub const MotionDuration: BlockNumber = 5 * DAYS;
    /// Largest call that a motion can carry.
    pub MaxProposalWeight: Weight = Perbill::from_percent(50) * MAX_WEIGHT;
    /// Deposit for the first motion that is not free.
    pub const MotionDeposit: Balance = 10 * UNIT;
    /// How much more each further one costs.
    pub MotionRatio: FixedU128 = FixedU128::from_u32(2);
    /// What it is held for.
    pub const MotionHold: RuntimeHoldReason =
        RuntimeHoldReason::Council(pallet_collective::HoldReason::ProposalSubmission);
    /// Longest that a dispatch waits for its call to be put on the whitelist.
    pub const DeferredDispatchExpiration: BlockNumber = 24 * HOURS;
    /// Deposit for a preimage of any length.
    pub const PreimageBaseDeposit: Balance = state_deposit(2, 64);
    /// Deposit for each of its bytes.
    pub const PreimageByteDeposit: Balance = state_deposit(0, 1);
    /// What the deposit is held for.
    pub const PreimageHold: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

/// What a motion costs while it is open: nothing as long as few are, and then twice as much for each further one. A member
/// who fills all places would else keep the others from governing for as long as motions last.
pub type MotionCost = HoldConsideration<
    AccountId,
    Balances,
    MotionHold,
    deposit::Delayed<ConstU32<FREE_MOTIONS>, deposit::Geometric<MotionRatio, MotionDeposit>>,
    u32,
>;

impl pallet_collective::Config<CouncilInstance> for Runtime {
    type Consideration = MotionCost;
    type DefaultVote = SilenceIsNo;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type MaxMembers = ConstU32<MAX_MEMBERS>;
    type MaxProposalWeight = MaxProposalWeight;
    type MaxProposals = ConstU32<32>;
    type MotionDuration = MotionDuration;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
}

impl pallet_preimage::Config for Runtime {
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHold,
        LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
    >;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
}

impl pallet_whitelist::Config for Runtime {
    type BlockNumberProvider = System;
    type DeferredDispatchExpiration = DeferredDispatchExpiration;
    type DispatchWhitelistedOrigin = TwoThirdsOfCouncil;
    type Preimages = Preimage;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
    type WhitelistOrigin = TwoThirdsOfCouncil;
}
