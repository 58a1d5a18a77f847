//! A runtime with this pallet and balances, whose blocks tests make by hand.

// The macros want public types, though tests alone reach them.
#![allow(unreachable_pub)]

use crate::{self as pallet_age_registry, ShardChoice};
use codec::Decode;
use frame_support::{
    derive_impl,
    traits::{
        fungible::{Balanced, InspectHold},
        ConstU32, ConstU64, OnFinalize, OnInitialize, OnUnbalanced,
    },
    weights::constants::RocksDbWeight,
};
use ofage_primitives::{
    chain::{RootDigest, ENGINE_ID},
    hash_to_field, Attestation, IssuerIndex, NativeHasher, RegistryRoot, ShardIndex, TrustListId,
    TrustListRoot,
};
use sp_core::H256;
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DigestItem, DispatchResult};

type Block = frame_system::mocking::MockBlock<Test>;
type Header = <Block as sp_runtime::traits::Block>::Header;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        AgeRegistry: pallet_age_registry,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
    type DbWeight = RocksDbWeight;
}

pub const EXISTENTIAL_DEPOSIT: u64 = 10;
pub const ISSUER_DEPOSIT: u64 = 5_000;
pub const SHARD_DEPOSIT: u64 = 700;
pub const LIST_DEPOSIT: u64 = 900;
pub const MAX_METADATA: u32 = 32;
pub const MAX_NAME: u32 = 16;
pub const MAX_LISTS: u32 = 3;
pub const MAX_DIRTY_SHARDS: u32 = 4;
pub const MAX_DIRTY_LISTS: u32 = 3;
/// Lists that governance changes in a block beside those of others: two suspensions.
pub const RESERVE: u32 = 2 * MAX_LISTS;
/// Blocks from an issuer's retirement to its deposit.
pub const RETIRE_DELAY: u32 = 5;
/// Blocks in which revoked shards can be restored.
pub const RESTORE_WINDOW: u32 = 8;
/// One less than a block can change.
pub const MAX_REVOKED_SHARDS: u32 = 3;
/// Blocks that a superseded root still counts.
pub const WINDOW: u32 = 6;
pub const MAX_SPANS: u32 = 3;
pub const MAX_PRUNED: u32 = 10;

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<EXISTENTIAL_DEPOSIT>;
}

impl pallet_age_registry::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type GovernanceOrigin = frame_system::EnsureRoot<AccountId32>;
    type OnSlash = Pot;
    type Hasher = NativeHasher;
    type IssuerDeposit = ConstU64<ISSUER_DEPOSIT>;
    type ShardDeposit = ConstU64<SHARD_DEPOSIT>;
    type ListDeposit = ConstU64<LIST_DEPOSIT>;
    type MaxMetadata = ConstU32<MAX_METADATA>;
    type MaxNameLength = ConstU32<MAX_NAME>;
    type MaxListsPerIssuer = ConstU32<MAX_LISTS>;
    type MaxDirtyShards = ConstU32<MAX_DIRTY_SHARDS>;
    type MaxDirtyLists = ConstU32<MAX_DIRTY_LISTS>;
    type MaxDirtyListsReserve = ConstU32<RESERVE>;
    type RetireDelay = ConstU32<RETIRE_DELAY>;
    type RestoreWindow = ConstU32<RESTORE_WINDOW>;
    type MaxRevokedShards = ConstU32<MAX_REVOKED_SHARDS>;
    type RootWindow = ConstU32<WINDOW>;
    type MaxSpans = ConstU32<MAX_SPANS>;
    type MaxPrunedPerBlock = ConstU32<MAX_PRUNED>;
    type WeightInfo = ();
}

/// Account that gets what is slashed.
pub const POT: u8 = 100;

/// Puts what is slashed on the account [`POT`].
pub struct Pot;

impl OnUnbalanced<crate::CreditOf<Test>> for Pot {
    fn on_nonzero_unbalanced(credit: crate::CreditOf<Test>) {
        Balances::resolve(&account(POT), credit).unwrap();
    }
}

/// Hash of block 0.
pub const GENESIS: [u8; 32] = [7; 32];
/// What accounts 1 to 99 begin with.
pub const RICHES: u64 = 1_000_000;
/// Curator of the lists that tests create by [`new_list`].
pub const CURATOR: u8 = 90;

/// An account for each small number.
pub fn account(number: u8) -> AccountId32 {
    AccountId32::new([number; 32])
}

/// Its signature.
pub fn signed(number: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(number))
}

/// An attestation for each number.
pub fn leaf(number: u32) -> Attestation {
    Attestation::from_element(hash_to_field(b"toy/attestation", &[&number.to_le_bytes()]))
}

/// The attestations of a range of numbers.
pub fn leaves(numbers: core::ops::Range<u32>) -> Vec<Attestation> {
    numbers.map(leaf).collect()
}

/// State at the beginning of block 1, in which accounts 1 to 99 are rich.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (1..100)
                .map(|n| (account(n), RICHES))
                .chain([(account(POT), EXISTENTIAL_DEPOSIT)])
                .collect(),
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext: sp_io::TestExternalities = config.build_storage().unwrap().into();
    ext.execute_with(|| begin(1, H256(GENESIS)));
    ext
}

/// Runs a test, ends its last block, and checks the pallet's invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        end();
        AgeRegistry::do_try_state().expect("invariants hold after every test");
    });
}

fn begin(number: u64, parent: H256) {
    System::reset_events();
    System::initialize(&number, &parent, &Default::default());
    AgeRegistry::on_initialize(number);
}

fn end() -> Header {
    AgeRegistry::on_finalize(System::block_number());
    System::finalize()
}

/// Ends the block and begins the next; gives the header of the one that ended.
pub fn next_block() -> Header {
    let header = end();
    begin(header.number + 1, header.hash());
    header
}

/// Goes on to the beginning of a later block.
pub fn go_to(number: u32) {
    while now() < number {
        next_block();
    }
}

/// The block that is being made.
pub fn now() -> u32 {
    System::block_number() as u32
}

/// Our roots in a header.
pub fn roots_in(header: &Header) -> Vec<RegistryRoot> {
    let ours = header.digest.logs().iter().filter_map(|item| match item {
        DigestItem::Consensus(ENGINE_ID, data) => Some(RootDigest::decode(&mut &data[..]).unwrap()),
        _ => None,
    });
    ours.map(|RootDigest::V1(root)| root).collect()
}

/// Registers an issuer whose controller attests itself.
pub fn new_issuer(controller: u8) -> IssuerIndex {
    let issuer = IssuerIndex(crate::NextIssuer::<Test>::get());
    let metadata = b"First Bank".to_vec().try_into().unwrap();
    AgeRegistry::register(signed(controller), metadata, account(controller)).unwrap();
    issuer
}

/// Attests as `attester`.
pub fn attest(attester: u8, shard: ShardChoice, start: u16, batch: Vec<Attestation>) -> DispatchResult {
    AgeRegistry::attest(signed(attester), shard, start, batch.try_into().unwrap())
}

/// Opens a shard with some attestations.
pub fn open_shard(attester: u8, batch: Vec<Attestation>) -> ShardIndex {
    let shard = ShardIndex(AgeRegistry::next_shard());
    attest(attester, ShardChoice::Next, 0, batch).unwrap();
    shard
}

/// Creates a list of [`CURATOR`]'s.
pub fn new_list() -> TrustListId {
    let list = TrustListId(crate::NextTrustList::<Test>::get());
    AgeRegistry::create_trust_list(signed(CURATOR), b"Banks".to_vec().try_into().unwrap()).unwrap();
    list
}

/// Has an issuer consent to a list, and puts it there.
pub fn list_issuer(list: TrustListId, issuer: IssuerIndex) {
    let controller = crate::Issuers::<Test>::get(issuer).unwrap().controller;
    AgeRegistry::consent(RuntimeOrigin::signed(controller), list).unwrap();
    AgeRegistry::add_member(signed(CURATOR), list, issuer).unwrap();
}

/// The root of a list, as of the last call.
pub fn list_root(list: TrustListId) -> TrustListRoot {
    crate::TrustLists::<Test>::get(list).unwrap().root
}

/// What was slashed so far.
pub fn slashed() -> u64 {
    Balances::free_balance(account(POT)) - EXISTENTIAL_DEPOSIT
}

/// What an account holds for issuers, shards and lists.
pub fn held(number: u8) -> [u64; 3] {
    use crate::HoldReason::{Issuer, Shard, TrustList};
    [Issuer, Shard, TrustList].map(|reason| Balances::balance_on_hold(&reason.into(), &account(number)))
}
