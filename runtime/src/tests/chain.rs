//! A chain in memory, on which tests make blocks.

use crate::{
    constants::time::SLOT_MILLIS, extensions, presets, Block, BlockNumber, Executive, Hash, Hashing, Header,
    Nonce, Runtime, RuntimeCall, SignedPayload, System, UncheckedExtrinsic,
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, genesis_builder_helper};
use serde_json::Value;
use sp_consensus_babe::{
    digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
    Slot,
};
use sp_core::{sr25519, Pair};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_runtime::{
    generic::{Digest, DigestItem, Era},
    traits::{Hash as _, Header as _},
    transaction_validity::{TransactionSource, TransactionValidity, TransactionValidityError},
};

/// When block 1 is made, in milliseconds of Unix time: the 25th of November 2026.
pub(crate) const START: u64 = 1_795_564_800_000;

/// State of a preset, before block 1.
pub(crate) fn state(preset: &str) -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::default();
    ext.execute_with(|| {
        genesis_builder_helper::build_state::<crate::RuntimeGenesisConfig>(configuration(preset))
            .expect("a preset builds");
        // What the system notes in block 1; here already, so that its transactions can be signed.
        frame_system::BlockHash::<Runtime>::insert(0, GENESIS);
    });
    ext
}

/// A preset merged into the default configuration, as nodes do it.
pub(crate) fn configuration(preset: &str) -> Vec<u8> {
    let default = genesis_builder_helper::get_preset::<crate::RuntimeGenesisConfig>(&None, |_| None)
        .expect("there is a default configuration");
    let patch = presets::get_preset(&PresetId::from(preset)).expect("the preset is there");
    let mut whole = serde_json::from_slice(&default).expect("JSON");
    merge(&mut whole, serde_json::from_slice(&patch).expect("JSON"));
    serde_json::to_vec(&whole).expect("JSON")
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

/// A state with Alice as only validator and council.
pub(crate) fn dev() -> sp_io::TestExternalities {
    state(DEV_RUNTIME_PRESET)
}

/// A state with Alice, Bob and Charlie as validators and council.
pub(crate) fn local() -> sp_io::TestExternalities {
    state(LOCAL_TESTNET_RUNTIME_PRESET)
}

/// Begins block `number`, by the validator of index 0, one slot after another, and sets its time.
pub(crate) fn begin(number: BlockNumber, parent: Hash) {
    begin_with(number, parent, Vec::new());
}

/// As [`begin`], by an author who puts more into the digest.
pub(crate) fn begin_with(number: BlockNumber, parent: Hash, more: Vec<DigestItem>) {
    let slot = START / SLOT_MILLIS + u64::from(number);
    let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
        authority_index: 0,
        slot: Slot::from(slot),
    });
    let mut logs = vec![DigestItem::babe_pre_digest(pre_digest)];
    logs.extend(more);
    let digest = Digest { logs };
    let header = Header::new(number, Hash::zero(), Hash::zero(), parent, digest);
    Executive::initialize_block(&header);
    let now = RuntimeCall::Timestamp(pallet_timestamp::Call::set {
        now: slot * SLOT_MILLIS,
    });
    Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now))
        .expect("the time is valid")
        .expect("the time is set");
}

/// Makes the next block with these transactions, each of which must be included; gives what became of each.
pub(crate) fn block_of(transactions: Vec<UncheckedExtrinsic>) -> (Header, Vec<DispatchResult>) {
    let number = System::block_number() + 1;
    // What a header's hash would be is no matter, but the parent of block 1 names the chain.
    let parent = if number == 1 {
        GENESIS
    } else {
        Hashing::hash_of(&number)
    };
    begin(number, parent);
    let results = transactions
        .into_iter()
        .map(|transaction| Executive::apply_extrinsic(transaction).expect("the transaction is included"))
        .collect();
    let header = Executive::finalize_block();
    (header, results)
}

/// Makes `count` empty blocks.
pub(crate) fn blocks(count: u32) {
    for _ in 0..count {
        block_of(Vec::new());
    }
}

/// Hash of block 0 on the chain of the tests.
pub(crate) const GENESIS: Hash = Hash::repeat_byte(7);

/// A call signed with the development key `name`.
pub(crate) fn signed(name: &str, nonce: Nonce, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    let pair = sr25519::Pair::from_string(&format!("//{name}"), None).expect("a development key");
    let payload = SignedPayload::new(call.into(), extensions::plain(Era::Immortal, nonce))
        .expect("the implicit values are there");
    let signature = payload.using_encoded(|bytes| pair.sign(bytes));
    let (call, extension, _) = payload.deconstruct();
    UncheckedExtrinsic::new_signed(call, presets::account(name).into(), signature.into(), extension)
}

/// A call in a general transaction, which nobody signed.
pub(crate) fn general(call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    UncheckedExtrinsic::new_transaction(call.into(), extensions::plain(Era::Immortal, 0))
}

/// What the pool says of a transaction from the network.
pub(crate) fn validate(transaction: UncheckedExtrinsic) -> TransactionValidity {
    validate_from(TransactionSource::External, transaction)
}

/// What the pool says of a transaction from there. Like the pool, it leaves the state as it was.
pub(crate) fn validate_from(
    source: TransactionSource,
    transaction: UncheckedExtrinsic,
) -> TransactionValidity {
    sp_io::storage::start_transaction();
    let answer = Executive::validate_transaction(source, transaction, GENESIS);
    sp_io::storage::rollback_transaction();
    answer
}

/// Why a block does not take a transaction, or what became of it.
pub(crate) fn apply(transaction: UncheckedExtrinsic) -> Result<DispatchResult, TransactionValidityError> {
    Executive::apply_extrinsic(transaction)
}

/// Checks the invariants of all pallets, where the feature for it is on.
pub(crate) fn check_invariants() {
    #[cfg(feature = "try-runtime")]
    <crate::AllPalletsWithSystem as frame_support::traits::TryState<BlockNumber>>::try_state(
        System::block_number(),
        frame_support::traits::TryStateSelect::All,
    )
    .expect("invariants hold");
}

/// The chain's types fit each other.
const _: fn() = || {
    fn of_this_chain<R: frame_system::Config<Block = Block>>() {}
    of_this_chain::<Runtime>();
};
