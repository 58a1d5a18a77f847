//! A runtime with this pallet, balances, a toy verifier, toy anchors and a clock that tests set.

// The macros want public types, though tests alone reach them.
#![allow(unreachable_pub)]

use crate::{
    self as pallet_age_gate,
    types::{Gate, Request},
};
use codec::Encode;
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        fungible::Inspect, ConstU16, ConstU32, ConstU64, Imbalance, OnFinalize, OnInitialize, OnUnbalanced,
        UnixTime,
    },
    weights::{ConstantMultiplier, Weight, WeightToFee},
    PalletId,
};
use ofage_primitives::{
    chain::{AdmitRequest, AnchorError, Anchors, ProofVerifier},
    hash_to_field,
    policy::MAX_ISSUERS,
    AgeBand, Anchor, Binding, CircuitId, Context, Day, DesignatedVerifier, Element, GateId, GenesisHash,
    IssuerTag, JointInputs, Nullifier, Policy, Presentation, RegistryRoot, TrustListId, TrustListRoot,
};
use sp_runtime::{
    traits::{Convert, IdentityLookup},
    AccountId32, BuildStorage,
};
use std::{cell::RefCell, time::Duration};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        AgeGate: pallet_age_gate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
}

pub const EXISTENTIAL_DEPOSIT: u64 = 10;
pub const GATE_DEPOSIT: u64 = 5_000;
pub const ADMISSION_DEPOSIT: u64 = 700;
/// Length of a toy proof for one issuer.
pub const PROOF_LENGTH: u32 = proof_length(1);
pub const MAX_BATCH: u32 = 8;
pub const MAX_PER_BLOCK: u32 = 10;
pub const MAX_LONGEVITY: u32 = 50;
pub const MAX_DAYS: u16 = 90;
pub const PRIORITY: u64 = 1_000;
/// Blocks that a superseded root still counts.
pub const WINDOW: u32 = 100;

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<EXISTENTIAL_DEPOSIT>;
}

parameter_types! {
    pub const GatePallet: PalletId = PalletId(*b"ofa/gate");
    pub const Circuit: CircuitId = CircuitId::V1;
}

/// Length of a toy proof for a number of issuers.
pub const fn proof_length(issuers: u8) -> u32 {
    32 * (1 + issuers as u32)
}

/// The same, as the pallet asks for it.
pub struct ProofLengths;

impl Convert<u8, u32> for ProofLengths {
    fn convert(issuers: u8) -> u32 {
        proof_length(issuers)
    }
}

/// The account that governs.
pub const GOVERNOR: u8 = 201;

frame_support::ord_parameter_types! {
    pub const Governor: AccountId32 = account(GOVERNOR);
}

/// What the toys are told, and what they saw.
#[derive(Clone)]
pub struct World {
    /// Names the chain.
    pub genesis: GenesisHash,
    /// The clock, in Unix seconds.
    pub seconds: u64,
    /// Proofs that the verifier was asked to look at.
    pub proofs_seen: u32,
    /// Anchors that were looked up.
    pub anchors_seen: u32,
    /// Block from which on an emptied trust list is the current one.
    pub list_changed_at: u32,
    /// Fees that arrived.
    pub fees: u64,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(fresh_world());
}

fn fresh_world() -> World {
    World {
        genesis: GenesisHash([7; 32]),
        seconds: 0,
        proofs_seen: 0,
        anchors_seen: 0,
        list_changed_at: u32::MAX,
        fees: 0,
    }
}

/// Reads the toys' state.
pub fn world() -> World {
    WORLD.with_borrow(World::clone)
}

/// Changes the toys' state.
pub fn change(with: impl FnOnce(&mut World)) {
    WORLD.with_borrow_mut(with)
}

/// The fees of admissions, counted and burnt.
pub struct CountFees;

impl OnUnbalanced<crate::FeeOf<Test>> for CountFees {
    fn on_nonzero_unbalanced(credit: crate::FeeOf<Test>) {
        change(|w| w.fees += credit.peek());
    }
}

/// A clock that tests set.
pub struct Clock;

impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_secs(world().seconds)
    }
}

/// One unit for each microsecond of weight.
pub struct Microseconds;

impl WeightToFee for Microseconds {
    type Balance = u64;

    fn weight_to_fee(weight: &Weight) -> u64 {
        weight.ref_time() / 1_000_000
    }
}

fn root(kind: &str, block: u32) -> Element {
    hash_to_field(b"toy/root", &[kind.as_bytes(), &block.to_le_bytes()])
}

/// Each block has roots of its own; trust list 3 alone exists.
pub struct ToyAnchors;

/// The one trust list.
pub const LIST: TrustListId = TrustListId(3);

impl Anchors for ToyAnchors {
    fn genesis() -> GenesisHash {
        world().genesis
    }

    fn check(list: TrustListId, anchor: &Anchor, now: u32) -> Result<(), AnchorError> {
        change(|w| w.anchors_seen += 1);
        assert_eq!(list, LIST, "the policy's list is asked for");
        let fresh = |from: u32| now <= from.saturating_add(WINDOW);
        if anchor.block >= now {
            return Err(AnchorError::Future);
        }
        if anchor.registry_root != anchor_at(anchor.block).registry_root || !fresh(anchor.block) {
            return Err(AnchorError::RegistryRoot);
        }
        if anchor.trust_list_root != anchor_at(anchor.block).trust_list_root
            || anchor.block >= world().list_changed_at
        {
            return Err(AnchorError::TrustListRoot);
        }
        Ok(())
    }

    fn list_exists(list: TrustListId) -> bool {
        list == LIST
    }
}

/// The anchor of a block.
pub fn anchor_at(block: u32) -> Anchor {
    Anchor {
        block,
        registry_root: RegistryRoot::from_element(root("registry", block)),
        trust_list_root: TrustListRoot::from_element(root("list", block)),
    }
}

/// Takes a hash of the public inputs for a proof, and counts how many it was asked about.
pub struct ToyVerifier;

impl ProofVerifier for ToyVerifier {
    fn verify(circuit: CircuitId, inputs: &JointInputs, proof: &[u8]) -> bool {
        change(|w| w.proofs_seen += 1);
        circuit == CircuitId::V1 && proof == toy_proof(inputs)
    }

    fn verify_batch(circuit: CircuitId, proofs: &[(JointInputs, &[u8])]) -> Result<(), Vec<u32>> {
        let bad: Vec<u32> = (0u32..)
            .zip(proofs)
            .filter(|(_, (inputs, proof))| !Self::verify(circuit, inputs, proof))
            .map(|(at, _)| at)
            .collect();
        if bad.is_empty() {
            Ok(())
        } else {
            Err(bad)
        }
    }
}

/// What [`ToyVerifier`] takes for a proof.
pub fn toy_proof(inputs: &JointInputs) -> Vec<u8> {
    let hash = hash_to_field(b"toy/proof", &[&inputs.encode()]).to_bytes();
    hash.repeat(1 + inputs.count())
}

impl pallet_age_gate::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type OnFee = CountFees;
    type WeightToFee = Microseconds;
    type LengthToFee = ConstantMultiplier<u64, ConstU64<2>>;
    type UnixTime = Clock;
    type Anchors = ToyAnchors;
    type Verifier = ToyVerifier;
    type Circuit = Circuit;
    type ProofLength = ProofLengths;
    type MaxProofLength = ConstU32<{ proof_length(MAX_ISSUERS) }>;
    type GovernanceOrigin = frame_system::EnsureSignedBy<Governor, AccountId32>;
    type PalletId = GatePallet;
    type GateDeposit = ConstU64<GATE_DEPOSIT>;
    type AdmissionDeposit = ConstU64<ADMISSION_DEPOSIT>;
    type MaxNameLength = ConstU32<32>;
    type MaxAdmissionDays = ConstU16<MAX_DAYS>;
    type MaxBatch = ConstU32<MAX_BATCH>;
    type MaxAdmissionsPerBlock = ConstU32<MAX_PER_BLOCK>;
    type MaxLongevity = ConstU32<MAX_LONGEVITY>;
    type Priority = ConstU64<PRIORITY>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ToyHelper;
}

/// Sets block and day of every test, and makes toy proofs.
#[cfg(feature = "runtime-benchmarks")]
pub struct ToyHelper;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for ToyHelper {
    const REQUESTS: u32 = MAX_BATCH;
    const JOINT_REQUESTS: u32 = MAX_BATCH;

    fn prepare(issuers: u8) -> (Policy, u16) {
        System::set_block_number(10);
        set_clock(first_day(), 12 * 3_600);
        (attested_by(issuers), DAYS)
    }

    fn request(issuers: u8, position: u32) -> AdmitRequest {
        Wish::of(position as u8).request_for(&attested_by(issuers), DAYS)
    }
}

/// An account for each small number.
pub const fn account(number: u8) -> AccountId32 {
    AccountId32::new([number; 32])
}

/// A nullifier for each small number.
pub fn nullifier(number: u8) -> Nullifier {
    Nullifier::from_element(hash_to_field(b"toy/nullifier", &[&[number]]))
}

/// Owner of the gates.
pub const OWNER: u8 = 200;
/// Length of admissions, in days.
pub const DAYS: u16 = 30;

/// "18 or older", of the one list.
pub fn adults() -> Policy {
    Policy::new(AgeBand::over(18), LIST)
}

/// The same, by a number of distinct issuers.
pub fn attested_by(issuers: u8) -> Policy {
    Policy { issuers, ..adults() }
}

/// First day of every test.
pub fn first_day() -> Day {
    Day::from_ymd(2026, 3, 1).unwrap()
}

/// Sets the clock to a moment of a day, in seconds after midnight UTC.
pub fn set_clock(day: Day, second: u64) {
    let epoch = Day::from_ymd(1970, 1, 1).unwrap();
    change(|w| w.seconds = u64::from(day.number() - epoch.number()) * 86_400 + second);
}

/// `days` after the first day.
pub fn day(days: u32) -> Day {
    first_day().checked_add(days).unwrap()
}

/// State at block 10 of the first day, in which the owner, the gates' funder, is rich.
pub fn new_test_ext() -> sp_io::TestExternalities {
    WORLD.set(fresh_world());
    set_clock(first_day(), 12 * 3_600);
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(account(OWNER), 1_000_000_000)],
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext: sp_io::TestExternalities = config.build_storage().unwrap().into();
    ext.execute_with(|| System::set_block_number(10));
    ext
}

/// Runs a test, then checks the pallet's invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        AgeGate::do_try_state().expect("invariants hold after every test");
    });
}

/// Ends the block, and begins the next on `day`.
pub fn next_block_on(day: Day) {
    let number = System::block_number();
    AgeGate::on_finalize(number);
    System::set_block_number(number + 1);
    set_clock(day, 12 * 3_600);
    AgeGate::on_initialize(number + 1);
}

/// Creates a gate without funds.
pub fn dry_gate(policy: Policy, days: u16) -> GateId {
    let name = b"Lounge".to_vec().try_into().unwrap();
    let id = GateId(crate::NextGate::<Test>::get());
    AgeGate::create_gate(RuntimeOrigin::signed(account(OWNER)), name, policy, days).unwrap();
    id
}

/// Creates a gate for adults, with plenty of funds.
pub fn open_gate() -> GateId {
    let id = dry_gate(adults(), DAYS);
    fund(id, 10_000_000);
    id
}

/// Creates a gate that asks for a number of distinct issuers, with plenty of funds.
pub fn open_gate_of(issuers: u8) -> GateId {
    let id = dry_gate(attested_by(issuers), DAYS);
    fund(id, 10_000_000);
    id
}

/// Funds a gate.
pub fn fund(id: GateId, amount: u64) {
    AgeGate::fund(RuntimeOrigin::signed(account(OWNER)), id, amount).unwrap();
}

/// A gate as stored.
pub fn gate(id: GateId) -> Gate<Test> {
    crate::Gates::<Test>::get(id).unwrap()
}

/// What is free and what is held on a gate's sponsor account.
pub fn sponsor(id: GateId) -> (u64, u64) {
    let account = AgeGate::sponsor_account(id);
    let free = Balances::balance(&account);
    (free, Balances::total_balance(&account) - free)
}

/// The tags of a holder's issuers, ascending.
pub fn toy_tags(nullifier: Nullifier, issuers: u8) -> Vec<IssuerTag> {
    let tag = |issuer: u8| hash_to_field(b"toy/tag", &[&nullifier.to_bytes(), &[issuer]]);
    let mut tags: Vec<_> = (0..issuers).map(tag).map(IssuerTag::from_element).collect();
    tags.sort_unstable();
    tags
}

/// What a holder wishes to prove, from which request and toy proof are made.
#[derive(Clone)]
pub struct Wish {
    pub gate: GateId,
    pub account: AccountId32,
    pub anchor: Anchor,
    pub valid_on: Day,
    pub expires_at: u32,
    pub nullifier: Nullifier,
}

impl Wish {
    /// Of holder `number`: for gate 0, today, and the account and nullifier of that number.
    pub fn of(number: u8) -> Self {
        let now = System::block_number() as u32;
        Self {
            gate: GateId(0),
            account: account(number),
            anchor: anchor_at(now - 1),
            valid_on: AgeGate::today(),
            expires_at: now + 20,
            nullifier: nullifier(number),
        }
    }

    /// With another account.
    pub fn for_account(mut self, number: u8) -> Self {
        self.account = account(number);
        self
    }

    /// The request with a proof, as a wallet makes it that read the gate on chain.
    pub fn request(&self) -> Request<Test> {
        let gate = gate(self.gate);
        bounded(self.request_for(&gate.policy, gate.admission_days))
    }

    /// The request with a proof of a number of issuers, whatever the gate asks for.
    pub fn request_of(&self, issuers: u8) -> Request<Test> {
        let gate = gate(self.gate);
        let policy = Policy {
            issuers,
            ..gate.policy.clone()
        };
        bounded(self.request_for(&policy, gate.admission_days))
    }

    /// The request with a proof for this policy: built through the wallet's type, not through the pallet.
    pub fn request_for(&self, policy: &Policy, admission_days: u16) -> AdmitRequest {
        self.request_by(policy, admission_days, toy_tags(self.nullifier, policy.issuers))
    }

    /// The same, of issuers with these tags.
    pub fn request_by(
        &self,
        policy: &Policy,
        admission_days: u16,
        issuer_tags: Vec<IssuerTag>,
    ) -> AdmitRequest {
        let presentation = Presentation {
            version: ofage_primitives::presentation::VERSION,
            circuit: CircuitId::V1,
            context: Context::Gate(self.gate),
            policy: policy.clone(),
            anchor: self.anchor,
            binding: Binding::ChainAccount(self.account.clone().into()),
            nonce: [0; 32],
            expires_at: self.expires_at.into(),
            valid_on: self.valid_on,
            until: self.valid_on.checked_add(admission_days.into()).unwrap(),
            designated_verifier: DesignatedVerifier::public(),
            nullifier: self.nullifier,
            issuer_tags: issuer_tags.clone(),
            proof: Vec::new(),
        };
        let inputs = presentation.public_inputs(&world().genesis).unwrap();
        AdmitRequest {
            gate: self.gate,
            account: self.account.clone().into(),
            anchor: self.anchor,
            valid_on: self.valid_on,
            expires_at: self.expires_at,
            nullifier: self.nullifier,
            issuer_tags,
            proof: toy_proof(&inputs),
        }
    }
}

/// A request as the call carries it.
pub fn bounded(request: AdmitRequest) -> Request<Test> {
    Request {
        gate: request.gate,
        account: AccountId32::new(request.account),
        anchor: request.anchor,
        valid_on: request.valid_on,
        expires_at: request.expires_at,
        nullifier: request.nullifier,
        issuer_tags: request.issuer_tags.try_into().unwrap(),
        proof: request.proof.try_into().unwrap(),
    }
}
