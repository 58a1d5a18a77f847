//! The calls that this crate makes, with their arguments encoded and checked against the chain's metadata.

use codec::{Decode, Encode};
use ofage_primitives::{
    chain::AdmitRequest, Attestation, GateId, IssuerIndex, Policy, ShardIndex, TrustListId,
};
use subxt::{
    ext::{
        scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
        scale_encode::{EncodeAsFields, Error as EncodeError},
        scale_type_resolver::{FieldIter, TypeResolver},
    },
    transactions::{dynamic, DynamicPayload},
};

use crate::account::Account;

const REGISTRY: &str = "AgeRegistry";
const GATE: &str = "AgeGate";

/// The shard that attestations go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ShardChoice {
    /// The issuer's open shard, by its number, so that a call sent twice cannot count twice.
    #[codec(index = 0)]
    Open(ShardIndex),
    /// A shard that this call opens.
    #[codec(index = 1)]
    Next,
}

/// A call of the chain.
pub struct Call(DynamicPayload<Arguments>);

impl Call {
    /// Registers the signer as the controller of a new issuer.
    pub fn register(metadata: &[u8], attester: Account) -> Self {
        Self::new(REGISTRY, "register", vec![metadata.encode(), attester.0.encode()])
    }

    /// Appends attestations to a shard of the signer, at the position where it expects it to end.
    pub fn attest(shard: ShardChoice, start: u16, leaves: &[Attestation]) -> Self {
        Self::new(
            REGISTRY,
            "attest",
            vec![shard.encode(), start.encode(), leaves.encode()],
        )
    }

    /// Closes the signer's open shard.
    pub fn seal_shard() -> Self {
        Self::new(REGISTRY, "seal_shard", vec![])
    }

    /// Creates a trust list that the signer keeps.
    pub fn create_trust_list(name: &[u8]) -> Self {
        Self::new(REGISTRY, "create_trust_list", vec![name.encode()])
    }

    /// Agrees that a trust list may hold the signer's issuer.
    pub fn consent(list: TrustListId) -> Self {
        Self::new(REGISTRY, "consent", vec![list.encode()])
    }

    /// Takes that back, and leaves the list.
    pub fn withdraw_consent(list: TrustListId) -> Self {
        Self::new(REGISTRY, "withdraw_consent", vec![list.encode()])
    }

    /// Puts an issuer on the signer's trust list.
    pub fn add_member(list: TrustListId, issuer: IssuerIndex) -> Self {
        Self::new(REGISTRY, "add_member", vec![list.encode(), issuer.encode()])
    }

    /// Takes an issuer off the signer's trust list.
    pub fn remove_member(list: TrustListId, issuer: IssuerIndex) -> Self {
        Self::new(REGISTRY, "remove_member", vec![list.encode(), issuer.encode()])
    }

    /// Creates a gate that the signer keeps.
    pub fn create_gate(name: &[u8], policy: &Policy, admission_days: u16) -> Self {
        Self::new(
            GATE,
            "create_gate",
            vec![name.encode(), policy.encode(), admission_days.encode()],
        )
    }

    /// Pays into a gate's sponsor balance.
    pub fn fund(gate: GateId, amount: u128) -> Self {
        Self::new(GATE, "fund", vec![gate.encode(), amount.encode()])
    }

    /// Asks for admission to a gate; sent without a signature.
    pub fn admit(request: &AdmitRequest) -> Self {
        Self::new(GATE, "admit", vec![request.encode()])
    }

    fn new(pallet: &'static str, name: &'static str, arguments: Vec<Vec<u8>>) -> Self {
        Self(dynamic(pallet, name, Arguments(arguments)))
    }

    pub(super) fn payload(&self) -> &DynamicPayload<Arguments> {
        &self.0
    }

    /// `Pallet.call`, for messages.
    pub fn name(&self) -> String {
        format!("{}.{}", self.0.pallet_name(), self.0.call_name())
    }
}

/// Arguments in SCALE, which are accepted only where they have the shape that the metadata tells.
pub(super) struct Arguments(Vec<Vec<u8>>);

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
        for (argument, field) in self.0.iter().zip(fields) {
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
