//! The calls that this crate makes, with their arguments encoded and checked against the chain's metadata.

use codec::{Compact, DecodeAll, Encode};
pub use ofage_primitives::chain::ShardChoice;
use ofage_primitives::{
    chain::AdmitRequest,
    tree::{MultiProof, ShardPath},
    Attestation, CircuitId, GateId, IssuerIndex, Policy, ShardIndex, TrustListId,
};
use subxt::{
    ext::{
        scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
        scale_encode::{EncodeAsFields, Error as EncodeError},
        scale_type_resolver::{FieldIter, TypeResolver},
    },
    metadata::Metadata,
    transactions::{dynamic, DynamicPayload},
};

use super::ChainError;
use crate::account::Account;

const REGISTRY: &str = "AgeRegistry";
const GATE: &str = "AgeGate";
const COUNCIL: &str = "Council";
const WHITELIST: &str = "Whitelist";
const VALIDATORS: &str = "ValidatorSet";
const SYSTEM: &str = "System";
const BALANCES: &str = "Balances";
/// The kind of a `MultiAddress` that is an account.
const ADDRESS_OF_ACCOUNT: u8 = 0;

/// A call of the chain.
pub struct Call {
    payload: DynamicPayload<Arguments>,
    text: Option<Text>,
}

/// A text in a call, which the chain bounds: a longer one would not even decode there.
struct Text {
    what: &'static str,
    bytes: usize,
    /// The pallet's constant that bounds it.
    constant: &'static str,
}

impl Call {
    /// Registers the signer as the controller of a new issuer.
    pub fn register(metadata: &[u8], attester: Account) -> Self {
        let arguments = vec![("metadata", metadata.encode()), ("attester", attester.0.encode())];
        Self::new(REGISTRY, "register", arguments).with_text("metadata", metadata, "MaxMetadata")
    }

    /// Agrees to attest for an issuer that named the signer.
    pub fn become_attester(issuer: IssuerIndex) -> Self {
        Self::new(REGISTRY, "become_attester", vec![("issuer", issuer.encode())])
    }

    /// Appends attestations to a shard of the signer, at the position where it expects it to end.
    pub fn attest(shard: ShardChoice, start: u16, leaves: &[Attestation]) -> Self {
        let arguments = vec![
            ("shard", shard.encode()),
            ("start", start.encode()),
            ("leaves", leaves.encode()),
        ];
        Self::new(REGISTRY, "attest", arguments)
    }

    /// Closes the signer's open shard.
    pub fn seal_shard() -> Self {
        Self::new(REGISTRY, "seal_shard", vec![])
    }

    /// Revokes an attestation: `path` leads from it to the root of its shard, as the last call left that.
    pub fn revoke(shard: ShardIndex, leaf: Attestation, path: &ShardPath) -> Self {
        // A position in a shard of 2^12 leaves fits.
        let position = path.index() as u16;
        let arguments = vec![
            ("shard", shard.encode()),
            ("position", position.encode()),
            ("leaf", leaf.encode()),
            ("siblings", path.siblings().encode()),
        ];
        Self::new(REGISTRY, "revoke", arguments)
    }

    /// Revokes several attestations of a shard, all or none.
    pub fn revoke_batch(shard: ShardIndex, proof: &MultiProof) -> Self {
        let leaves: Vec<(u16, Attestation)> = proof
            .leaves()
            .iter()
            .map(|(position, leaf)| (*position as u16, Attestation::from_element(*leaf)))
            .collect();
        let arguments = vec![
            ("shard", shard.encode()),
            ("leaves", leaves.encode()),
            ("siblings", proof.siblings().encode()),
        ];
        Self::new(REGISTRY, "revoke_batch", arguments)
    }

    /// Revokes the shards of the signer's issuer from one to another as wholes; `count` of them are looked at.
    pub fn revoke_shards(from: ShardIndex, to: ShardIndex, count: u32) -> Self {
        Self::new(REGISTRY, "revoke_shards", range(from, to, count))
    }

    /// Takes that back, while it is not too long ago.
    pub fn restore_shards(from: ShardIndex, to: ShardIndex, count: u32) -> Self {
        Self::new(REGISTRY, "restore_shards", range(from, to, count))
    }

    /// Gives the signer's issuer another attesting account; the old one can do nothing more.
    pub fn rotate_attester(attester: Account) -> Self {
        Self::new(
            REGISTRY,
            "rotate_attester",
            vec![("attester", attester.0.encode())],
        )
    }

    /// Publishes other metadata of the signer's issuer.
    pub fn update_metadata(metadata: &[u8]) -> Self {
        let arguments = vec![("metadata", metadata.encode())];
        Self::new(REGISTRY, "update_metadata", arguments).with_text("metadata", metadata, "MaxMetadata")
    }

    /// Ends the signer's issuer: it attests nothing any more, and what it attested stays.
    pub fn retire() -> Self {
        Self::new(REGISTRY, "retire", vec![])
    }

    /// Gives the controller of a retired issuer its deposit back.
    pub fn withdraw_deposit() -> Self {
        Self::new(REGISTRY, "withdraw_deposit", vec![])
    }

    /// Suspends an issuer; for root.
    pub fn suspend(issuer: IssuerIndex) -> Self {
        Self::new(REGISTRY, "suspend", vec![("issuer", issuer.encode())])
    }

    /// Ends a suspension; for root.
    pub fn reinstate(issuer: IssuerIndex) -> Self {
        Self::new(REGISTRY, "reinstate", vec![("issuer", issuer.encode())])
    }

    /// Takes money from an issuer's deposit; for root.
    pub fn slash(issuer: IssuerIndex, amount: u128) -> Self {
        let arguments = vec![("issuer", issuer.encode()), ("amount", Compact(amount).encode())];
        Self::new(REGISTRY, "slash", arguments)
    }

    /// Offers the signer's trust list to an account, or takes the offer back.
    pub fn offer_list(list: TrustListId, to: Option<Account>) -> Self {
        let arguments = vec![
            ("list", list.encode()),
            ("to", to.map(|account| account.0).encode()),
        ];
        Self::new(REGISTRY, "offer_list", arguments)
    }

    /// Takes a trust list over that was offered to the signer.
    pub fn accept_list(list: TrustListId) -> Self {
        Self::new(REGISTRY, "accept_list", vec![("list", list.encode())])
    }

    /// Keeps the signer's trust list as it is, for ever.
    pub fn freeze_list(list: TrustListId) -> Self {
        Self::new(REGISTRY, "freeze_list", vec![("list", list.encode())])
    }

    /// Creates a trust list that the signer keeps.
    pub fn create_trust_list(name: &[u8]) -> Self {
        Self::new(REGISTRY, "create_trust_list", vec![("name", name.encode())]).with_text(
            "name",
            name,
            "MaxNameLength",
        )
    }

    /// Agrees that a trust list may hold the signer's issuer.
    pub fn consent(list: TrustListId) -> Self {
        Self::new(REGISTRY, "consent", vec![("list", list.encode())])
    }

    /// Takes that back, and leaves the list.
    pub fn withdraw_consent(list: TrustListId) -> Self {
        Self::new(REGISTRY, "withdraw_consent", vec![("list", list.encode())])
    }

    /// Puts an issuer on the signer's trust list.
    pub fn add_member(list: TrustListId, issuer: IssuerIndex) -> Self {
        let arguments = vec![("list", list.encode()), ("issuer", issuer.encode())];
        Self::new(REGISTRY, "add_member", arguments)
    }

    /// Takes an issuer off the signer's trust list.
    pub fn remove_member(list: TrustListId, issuer: IssuerIndex) -> Self {
        let arguments = vec![("list", list.encode()), ("issuer", issuer.encode())];
        Self::new(REGISTRY, "remove_member", arguments)
    }

    /// Creates a gate that the signer keeps.
    pub fn create_gate(name: &[u8], policy: &Policy, admission_days: u16) -> Self {
        let arguments = vec![
            ("name", name.encode()),
            ("policy", policy.encode()),
            ("admission_days", admission_days.encode()),
        ];
        Self::new(GATE, "create_gate", arguments).with_text("name", name, "MaxNameLength")
    }

    /// Pays into a gate's sponsor balance.
    pub fn fund(gate: GateId, amount: u128) -> Self {
        let arguments = vec![("gate", gate.encode()), ("amount", Compact(amount).encode())];
        Self::new(GATE, "fund", arguments)
    }

    /// Changes what the signer's gate asks, and how long its admissions last.
    pub fn update_gate(gate: GateId, policy: &Policy, admission_days: u16) -> Self {
        let arguments = vec![
            ("gate", gate.encode()),
            ("policy", policy.encode()),
            ("admission_days", admission_days.encode()),
        ];
        Self::new(GATE, "update_gate", arguments)
    }

    /// Closes the signer's gate, for ever.
    pub fn close_gate(gate: GateId) -> Self {
        Self::new(GATE, "close_gate", vec![("gate", gate.encode())])
    }

    /// Pays from the signer's gate's free sponsor balance to the signer.
    pub fn withdraw(gate: GateId, amount: u128) -> Self {
        let arguments = vec![("gate", gate.encode()), ("amount", Compact(amount).encode())];
        Self::new(GATE, "withdraw", arguments)
    }

    /// Removes the signer's closed gate, once no admissions are on record.
    pub fn remove_gate(gate: GateId) -> Self {
        Self::new(GATE, "remove_gate", vec![("gate", gate.encode())])
    }

    /// Takes ended admissions of a gate off the record, in at most `limit` steps.
    pub fn prune(gate: GateId, limit: u32) -> Self {
        let arguments = vec![("gate", gate.encode()), ("limit", limit.encode())];
        Self::new(GATE, "prune", arguments)
    }

    /// Has gates refuse all proofs of a circuit; for root.
    pub fn disable_circuit(circuit: CircuitId) -> Self {
        Self::new(GATE, "disable_circuit", vec![("circuit", circuit.encode())])
    }

    /// Takes that back; for root.
    pub fn enable_circuit(circuit: CircuitId) -> Self {
        Self::new(GATE, "enable_circuit", vec![("circuit", circuit.encode())])
    }

    /// Replaces the set of validators; for root.
    pub fn set_validators(validators: &[Account]) -> Self {
        let arguments = vec![("validators", accounts(validators))];
        Self::new(VALIDATORS, "set_validators", arguments)
    }

    /// Replaces the council, of which `old_count` are members now; for root.
    pub fn set_members(members: &[Account], old_count: u32) -> Self {
        // No prime member: on this chain its vote decides nothing.
        let arguments = vec![
            ("new_members", accounts(members)),
            ("prime", None::<[u8; 32]>.encode()),
            ("old_count", old_count.encode()),
        ];
        Self::new(COUNCIL, "set_members", arguments)
    }

    /// Names the runtime that may be put in place; for root.
    pub fn authorize_upgrade(code_hash: [u8; 32]) -> Self {
        Self::new(
            SYSTEM,
            "authorize_upgrade",
            vec![("code_hash", code_hash.encode())],
        )
    }

    /// Puts the runtime in place that was authorized; anybody may.
    pub fn apply_authorized_upgrade(code: &[u8]) -> Self {
        Self::new(SYSTEM, "apply_authorized_upgrade", vec![("code", code.encode())])
    }

    /// Puts a call on the list of those that may be dispatched as root; for two thirds of the council.
    pub fn whitelist_call(hash: [u8; 32]) -> Self {
        Self::new(WHITELIST, "whitelist_call", vec![("call_hash", hash.encode())])
    }

    /// Dispatches a call of that list as root; for two thirds of the council. `call` is encoded.
    pub fn dispatch_whitelisted(call: &[u8]) -> Self {
        Self::new(
            WHITELIST,
            "dispatch_whitelisted_call_with_preimage",
            vec![("call", call.to_vec())],
        )
    }

    /// Pays from the signer's account, which stays in existence, to another one.
    pub fn transfer(to: Account, amount: u128) -> Self {
        let arguments = vec![
            ("dest", (ADDRESS_OF_ACCOUNT, to.0).encode()),
            ("value", Compact(amount).encode()),
        ];
        Self::new(BALANCES, "transfer_keep_alive", arguments)
    }

    /// Opens a motion of the council. `call` is encoded. A threshold of one executes it at once.
    pub fn propose(threshold: u32, call: &[u8]) -> Self {
        let arguments = vec![
            ("threshold", Compact(threshold).encode()),
            ("proposal", call.to_vec()),
            ("length_bound", Compact(length(call)).encode()),
        ];
        Self::new(COUNCIL, "propose", arguments)
    }

    /// Votes on a motion.
    pub fn vote(hash: [u8; 32], index: u32, approve: bool) -> Self {
        let arguments = vec![
            ("proposal", hash.encode()),
            ("index", Compact(index).encode()),
            ("approve", approve.encode()),
        ];
        Self::new(COUNCIL, "vote", arguments)
    }

    /// Closes a motion that is decided, and executes its call of `length` bytes when it is carried. The weight is that of
    /// the call at most, as reference time and size of proof.
    pub fn close(hash: [u8; 32], index: u32, (time, proof): (u64, u64), length: u32) -> Self {
        let arguments = vec![
            ("proposal_hash", hash.encode()),
            ("index", Compact(index).encode()),
            ("proposal_weight_bound", (Compact(time), Compact(proof)).encode()),
            ("length_bound", Compact(length).encode()),
        ];
        Self::new(COUNCIL, "close", arguments)
    }

    /// Asks for admission to a gate; sent without a signature.
    pub fn admit(request: &AdmitRequest) -> Self {
        Self::new(GATE, "admit", vec![("request", request.encode())])
    }

    fn new(pallet: &'static str, name: &'static str, arguments: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self {
            payload: dynamic(pallet, name, Arguments(arguments)),
            text: None,
        }
    }

    fn with_text(self, what: &'static str, text: &[u8], constant: &'static str) -> Self {
        let text = Some(Text {
            what,
            bytes: text.len(),
            constant,
        });
        Self { text, ..self }
    }

    /// Fails when a text in it is longer than the chain takes.
    pub(super) fn check_text(&self, metadata: &Metadata) -> Result<(), ChainError> {
        let Some(text) = &self.text else { return Ok(()) };
        let limit = self.limit(metadata, text.constant)?;
        if text.bytes > limit as usize {
            return Err(ChainError::TooLong {
                what: text.what,
                found: text.bytes,
                limit,
            });
        }
        Ok(())
    }

    /// A constant of the call's pallet.
    pub(super) fn limit(&self, metadata: &Metadata, name: &str) -> Result<u32, ChainError> {
        constant(metadata, self.payload.pallet_name(), name)
    }

    pub(super) fn payload(&self) -> &DynamicPayload<Arguments> {
        &self.payload
    }

    /// `Pallet.call`, for messages.
    pub fn name(&self) -> String {
        format!("{}.{}", self.payload.pallet_name(), self.payload.call_name())
    }
}

/// A number that a pallet fixes.
pub(super) fn constant(metadata: &Metadata, pallet: &str, name: &str) -> Result<u32, ChainError> {
    metadata
        .pallet_by_name(pallet)
        .and_then(|pallet| pallet.constant_by_name(name))
        .and_then(|constant| u32::decode_all(&mut constant.value()).ok())
        .ok_or_else(|| ChainError::Runtime(format!("{pallet} without {name}")))
}

fn range(from: ShardIndex, to: ShardIndex, count: u32) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("from", from.encode()),
        ("to", to.encode()),
        ("count", count.encode()),
    ]
}

fn accounts(accounts: &[Account]) -> Vec<u8> {
    let bytes: Vec<[u8; 32]> = accounts.iter().map(|account| account.0).collect();
    bytes.encode()
}

/// Calls are far below this bound, which blocks have.
fn length(call: &[u8]) -> u32 {
    u32::try_from(call.len()).unwrap_or(u32::MAX)
}

/// Arguments by name, in SCALE; accepted only where they have the names and the shape that the metadata tells.
///
/// The names, since two numbers that changed places would have the same shape.
pub(super) struct Arguments(Vec<(&'static str, Vec<u8>)>);

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        fields: &mut dyn FieldIter<'_, R::TypeId>,
        types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if fields.len() != self.0.len() {
            return Err(EncodeError::custom_str(
                "the call takes another number of arguments",
            ));
        }
        for ((name, argument), field) in self.0.iter().zip(fields) {
            if field.name != Some(*name) {
                return Err(EncodeError::custom_str("an argument has another name"));
            }
            let mut rest = &argument[..];
            decode_with_visitor(&mut rest, field.id, types, IgnoreVisitor::<R>::new())
                .map_err(|_| EncodeError::custom_str("an argument has another shape"))?;
            if !rest.is_empty() {
                return Err(EncodeError::custom_str("an argument has another shape"));
            }
            out.extend_from_slice(argument);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
