//! What the chain is for: the registry of attestations, and gates.

use crate::{
    configs::money::{LengthToFee, ToAuthor, WeightToFee},
    constants::{
        currency::{deposit, UNIT},
        time::{DAYS, HOURS},
    },
    AccountId, AgeRegistry, Balance, Balances, BlockNumber, Runtime, RuntimeHoldReason, Timestamp,
};
use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU16, ConstU32, ConstU64},
    PalletId,
};
use frame_system::EnsureRoot;
use ofage_primitives::{chain::ROOT_WINDOW, policy::MAX_ISSUERS, presentation::proof_length_v1, CircuitId};
use ofage_zk_host::{HostHasher, HostVerifier};
use sp_runtime::traits::Convert;

/// Most admissions in a block: sixteen full batches, beside which attestations still find room. Single ones are
/// bounded by their weight before.
pub const MAX_ADMISSIONS_PER_BLOCK: u32 = 1_024;

/// Most requests in a batch.
pub const MAX_BATCH: u32 = 64;

/// Furthest that the last block of a request for admission may lie ahead.
pub const MAX_LONGEVITY: BlockNumber = HOURS;

parameter_types! {
    /// Circuit that gates take proofs of.
    pub const GateCircuit: CircuitId = CircuitId::V1;
    /// Names the accounts that hold sponsor balances.
    pub const GatePalletId: PalletId = PalletId(*b"ofa/gate");
    /// Held for an admission: three entries in the state.
    pub const AdmissionDeposit: Balance = deposit(3, 320);
}

impl pallet_age_registry::Config for Runtime {
    type Currency = Balances;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type Hasher = HostHasher;
    // An issuer that misbehaves has this to lose.
    type IssuerDeposit = ConstU128<{ 100 * UNIT }>;
    type ListDeposit = ConstU128<{ 10 * UNIT }>;
    // So many of each that changing them all takes most of a block: nobody keeps others out for less than that costs.
    type MaxDirtyLists = ConstU32<1_024>;
    // As many as 32 motions touch, which are all that can be open.
    type MaxDirtyListsReserve = ConstU32<1_024>;
    type MaxDirtyShards = ConstU32<1_024>;
    // A suspension touches every list that holds the issuer.
    type MaxListsPerIssuer = ConstU32<32>;
    type MaxMetadata = ConstU32<1_024>;
    type MaxNameLength = ConstU32<64>;
    // All that one block can supersede, and half as much again to catch up.
    type MaxPrunedPerBlock = ConstU32<3_072>;
    // A quarter of the shards that a block can change. Whoever fills a block with them needs as many shards, each with its
    // deposit, and can do so twice in the time for restoring.
    type MaxRevokedShards = ConstU32<256>;
    type MaxSpans = ConstU32<8>;
    // Burnt: nobody is to gain from slashing.
    type OnSlash = ();
    // Long enough to see that a key was lost after all, or not.
    type RestoreWindow = ConstU32<{ 7 * DAYS }>;
    // What governance learns about an issuer in the month after it retires can still cost it its deposit.
    type RetireDelay = ConstU32<{ 30 * DAYS }>;
    type RootWindow = ConstU32<ROOT_WINDOW>;
    type RuntimeHoldReason = RuntimeHoldReason;
    // The cap has room for 2^20 shards; this prices all of it.
    type ShardDeposit = ConstU128<UNIT>;
    type WeightInfo = crate::weights::pallet_age_registry::WeightInfo<Runtime>;
}

/// How long proofs of the gates' circuit are, by the number of issuers.
pub struct ProofLengths;

impl Convert<u8, u32> for ProofLengths {
    fn convert(issuers: u8) -> u32 {
        proof_length_v1(issuers)
    }
}

impl pallet_age_gate::Config for Runtime {
    type AdmissionDeposit = AdmissionDeposit;
    type Anchors = AgeRegistry;
    type Circuit = GateCircuit;
    type Currency = Balances;
    type GateDeposit = ConstU128<{ 10 * UNIT }>;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type LengthToFee = LengthToFee;
    // The latency of a revocation.
    type MaxAdmissionDays = ConstU16<90>;
    type MaxAdmissionsPerBlock = ConstU32<MAX_ADMISSIONS_PER_BLOCK>;
    type MaxBatch = ConstU32<MAX_BATCH>;
    type MaxLongevity = ConstU32<MAX_LONGEVITY>;
    type MaxNameLength = ConstU32<64>;
    type MaxProofLength = ConstU32<{ proof_length_v1(MAX_ISSUERS) }>;
    type OnFee = ToAuthor;
    type PalletId = GatePalletId;
    // Below any call that somebody signed and paid for; a full batch comes before the large ones of these.
    type Priority = ConstU64<1>;
    type ProofLength = ProofLengths;
    type RuntimeHoldReason = RuntimeHoldReason;
    type UnixTime = Timestamp;
    type Verifier = HostVerifier;
    type WeightInfo = crate::weights::pallet_age_gate::WeightInfo<Runtime>;
    type WeightToFee = WeightToFee;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::StoredProofs;
}
