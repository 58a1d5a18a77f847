//! Where the chain keeps what light clients read, and in what form.
//!
//! A proof about the state is for one key. So a light client names the keys itself, as the runtime's pallets do, and
//! reads the values in the form that they have in a known version of each pallet's storage. The runtime's tests pin both
//! to the pallets. A proof of the versions belongs to every answer: a later runtime may write the same bytes and mean
//! something else.

use crate::{
    chain::RootSpan, Anchor, CircuitId, Day, GateId, Policy, RegistryRoot, TrustListId, TrustListRoot,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use twox_hash::XxHash64;

/// Version of the registry's storage whose forms are known here.
pub const REGISTRY_VERSION: u16 = 2;
/// Version of the gates' storage whose forms are known here.
pub const GATE_VERSION: u16 = 1;

const REGISTRY: &[u8] = b"AgeRegistry";
const GATES: &[u8] = b"AgeGate";
const SYSTEM: &[u8] = b"System";
/// Where a pallet keeps the version of its storage.
const VERSION: &[u8] = b":__STORAGE_VERSION__:";

/// Version of the registry's storage: 16 bits.
pub fn registry_version() -> Vec<u8> {
    item(REGISTRY, VERSION)
}

/// Version of the gates' storage: 16 bits.
pub fn gate_version() -> Vec<u8> {
    item(GATES, VERSION)
}

/// When a registry root was current: a vector of [`RootSpan`].
pub fn root_history(root: RegistryRoot) -> Vec<u8> {
    blake2_128_concat(item(REGISTRY, b"RootHistory"), &root.encode())
}

/// When a root of a trust list was current: a vector of [`RootSpan`].
pub fn list_root_history(list: TrustListId, root: TrustListRoot) -> Vec<u8> {
    let of_list = twox_64_concat(item(REGISTRY, b"ListRootHistory"), &list.encode());
    blake2_128_concat(of_list, &root.encode())
}

/// A trust list: a [`TrustListEntry`].
pub fn trust_list(list: TrustListId) -> Vec<u8> {
    twox_64_concat(item(REGISTRY, b"TrustLists"), &list.encode())
}

/// There, with an empty value, when governance disabled a circuit.
pub fn disabled_circuit(circuit: CircuitId) -> Vec<u8> {
    twox_64_concat(item(GATES, b"DisabledCircuits"), &circuit.encode())
}

/// A gate: a [`GateEntry`].
pub fn gate(gate: GateId) -> Vec<u8> {
    twox_64_concat(item(GATES, b"Gates"), &gate.encode())
}

/// Hash of an earlier block: 32 bytes. The chain remembers the last [`BLOCK_HASHES`](crate::chain::BLOCK_HASHES).
pub fn block_hash(number: u32) -> Vec<u8> {
    twox_64_concat(item(SYSTEM, b"BlockHash"), &number.encode())
}

/// All that decides whether an anchor counts: both versions, both histories, the list, and whether the circuit is
/// disabled, in this order.
pub fn anchor_keys(list: TrustListId, anchor: &Anchor, circuit: CircuitId) -> Vec<Vec<u8>> {
    alloc::vec![
        registry_version(),
        gate_version(),
        root_history(anchor.registry_root),
        list_root_history(list, anchor.trust_list_root),
        trust_list(list),
        disabled_circuit(circuit),
    ]
}

/// When a root was current, oldest first.
pub type RootSpans = Vec<RootSpan>;

/// Whether a trust list may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ListState {
    /// The curator adds and removes members.
    #[codec(index = 0)]
    Open,
    /// The curator adds and removes nobody any more.
    #[codec(index = 1)]
    Frozen,
}

/// A trust list, as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TrustListEntry {
    /// Who keeps it.
    pub curator: [u8; 32],
    /// Its name.
    pub name: Vec<u8>,
    /// Whether it may change.
    pub status: ListState,
    /// Its root.
    pub root: TrustListRoot,
    /// Its root at the end of the last block.
    pub recorded_root: Option<TrustListRoot>,
    /// Anchors of earlier blocks count no more.
    pub valid_from: u32,
    /// Positions that were ever used.
    pub positions: u16,
    /// The vacant position to use next.
    pub vacant: Option<u16>,
    /// What is held for it.
    pub deposit: u128,
    /// Whom the curator offered it to.
    pub offered_to: Option<[u8; 32]>,
}

/// Whether a gate takes admissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum GateState {
    /// It does.
    #[codec(index = 0)]
    Open,
    /// Never again.
    #[codec(index = 1)]
    Closed,
}

/// A gate, as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct GateEntry {
    /// Who keeps it.
    pub owner: [u8; 32],
    /// Its name.
    pub name: Vec<u8>,
    /// What it asks.
    pub policy: Policy,
    /// Length of an admission, in days.
    pub admission_days: u16,
    /// Whether it takes admissions.
    pub status: GateState,
    /// What is held for it.
    pub deposit: u128,
    /// Admissions on record.
    pub admissions: u32,
    /// No admission on record ends before this day.
    pub pruned_before: Day,
}

/// Where a pallet keeps an item, or the entries of a map begin.
fn item(pallet: &[u8], name: &[u8]) -> Vec<u8> {
    [twox_128(pallet), twox_128(name)].concat()
}

/// Adds a part of a key that strangers cannot choose.
fn twox_64_concat(mut key: Vec<u8>, part: &[u8]) -> Vec<u8> {
    key.extend(XxHash64::oneshot(0, part).to_le_bytes());
    key.extend(part);
    key
}

/// Adds a part of a key that strangers choose.
fn blake2_128_concat(mut key: Vec<u8>, part: &[u8]) -> Vec<u8> {
    key.extend(blake2b_simd::Params::new().hash_length(16).hash(part).as_bytes());
    key.extend(part);
    key
}

/// As the SDK has it: XXH64 with the seeds 0 and 1.
fn twox_128(bytes: &[u8]) -> [u8; 16] {
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&XxHash64::oneshot(0, bytes).to_le_bytes());
    hash[8..].copy_from_slice(&XxHash64::oneshot(1, bytes).to_le_bytes());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_key_of_every_chain_comes_out() {
        // `System::Number`, as explorers show it.
        let number = item(SYSTEM, b"Number");
        assert_eq!(
            hex::encode(number),
            "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"
        );
    }
}
