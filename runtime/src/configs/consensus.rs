//! Who makes blocks, who makes them final, and what becomes known of those who cheat.

use crate::{
    constants::{
        currency::UNIT,
        time::{DAYS, EPOCH_SLOTS, SLOT_MILLIS},
    },
    AccountId, Babe, Balances, Historical, Offences, Runtime, RuntimeEvent, Session, SessionKeys,
    ValidatorSet,
};
use alloc::vec::Vec;
use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU32, ConstU64},
};
use frame_system::EnsureRoot;
use pallet_session::{historical, NextKeys, QueuedKeys};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::traits::{Convert, ConvertInto, OpaqueKeys};
use sp_staking::SessionIndex;

/// Most validators: more than known operators are likely to be, few enough for GRANDPA to be fast.
pub const MAX_VALIDATORS: u32 = 100;

/// Sessions for which a validator can be shown to have cheated: those of about a day.
pub const REPORTABLE_SESSIONS: SessionIndex = DAYS / EPOCH_SLOTS;

/// How BABE draws authors: a quarter of the slots by lot; each of the others has one author by turns, whom nobody else
/// can name beforehand.
pub const BABE_EPOCH_CONFIGURATION: BabeEpochConfiguration = BabeEpochConfiguration {
    c: (1, 4),
    allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

parameter_types! {
    /// Blocks for which a report of an equivocation is of use.
    pub const ReportLongevity: u64 = (REPORTABLE_SESSIONS * EPOCH_SLOTS) as u64;
}

impl pallet_babe::Config for Runtime {
    type DisabledValidators = Session;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type EpochDuration = ConstU64<{ EPOCH_SLOTS as u64 }>;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type ExpectedBlockTime = ConstU64<SLOT_MILLIS>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type MaxNominators = ConstU32<0>;
    type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<{ REPORTABLE_SESSIONS as u64 }>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}

impl pallet_authorship::Config for Runtime {
    type EventHandler = ();
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
}

/// Asks the validator set for validators, and forgets old sessions.
pub struct Sessions;

/// Whether these validators are the queued ones, each with the keys that it would have next. The history of sessions copies
/// the last one's root when nothing is new, so new keys of the same validators have to count as news.
fn is_queued(validators: &[AccountId]) -> bool {
    let queued = QueuedKeys::<Runtime>::get();
    queued.len() == validators.len()
        && queued
            .iter()
            .zip(validators)
            .all(|((who, keys), next)| who == next && NextKeys::<Runtime>::get(next).as_ref() == Some(keys))
}

/// Validators have no stake that an offence would have to name.
pub struct NoStake;

impl Convert<AccountId, Option<()>> for NoStake {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl pallet_session::SessionManager<AccountId> for Sessions {
    /// Nothing when the session would have the validators and keys of the one before it. Else GRANDPA would count a new set of
    /// authorities in every session, and light clients would have as many handoffs to follow.
    fn new_session(index: SessionIndex) -> Option<Vec<AccountId>> {
        ValidatorSet::new_session(index).filter(|next| !is_queued(next))
    }

    fn new_session_genesis(index: SessionIndex) -> Option<Vec<AccountId>> {
        ValidatorSet::new_session_genesis(index)
    }

    fn start_session(index: SessionIndex) {
        ValidatorSet::start_session(index)
    }

    fn end_session(index: SessionIndex) {
        ValidatorSet::end_session(index);
        // Nobody else would: the state would grow by a root each session, for ever.
        if let Some(oldest) = index.checked_sub(REPORTABLE_SESSIONS) {
            Historical::prune_up_to(oldest);
        }
    }
}

impl historical::SessionManager<AccountId, ()> for Sessions {
    fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session(index).map(without_stake)
    }

    fn new_session_genesis(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session_genesis(index).map(without_stake)
    }

    fn start_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::start_session(index)
    }

    fn end_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::end_session(index)
    }
}

fn without_stake(validators: Vec<AccountId>) -> Vec<(AccountId, ())> {
    validators.into_iter().map(|validator| (validator, ())).collect()
}

impl pallet_session::Config for Runtime {
    type Currency = Balances;
    // Nobody is put out of action by a report: the council decides (docs/adr, 2).
    type DisablingStrategy = ();
    type KeyDeposit = ConstU128<UNIT>;
    type Keys = SessionKeys;
    type NextSessionRotation = Babe;
    type RuntimeEvent = RuntimeEvent;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type SessionManager = historical::NoteHistoricalRoot<Self, Sessions>;
    type ShouldEndSession = Babe;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl historical::Config for Runtime {
    type FullIdentification = ();
    type FullIdentificationOf = NoStake;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_offences::Config for Runtime {
    type IdentificationTuple = historical::IdentificationTuple<Self>;
    // Reports are kept and told in an event. Nothing is slashed; removing a validator is a motion of the council.
    type OnOffenceHandler = ();
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_validator_set::Config for Runtime {
    type ChangeOrigin = EnsureRoot<AccountId>;
    type MaxValidators = ConstU32<MAX_VALIDATORS>;
    #[cfg(not(feature = "runtime-benchmarks"))]
    type Registration = Session;
    #[cfg(feature = "runtime-benchmarks")]
    type Registration = crate::benchmarks::AnyRegistration;
    type WeightInfo = crate::weights::pallet_validator_set::WeightInfo<Runtime>;
}
