//! The calls that this crate makes, with their arguments encoded and checked against the chain's metadata.

use codec::{Compact, Decode, DecodeAll, Encode};
use ofage_primitives::{
    chain::AdmitRequest, Attestation, GateId, IssuerIndex, Policy, ShardIndex, TrustListId,
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
    pub(super) fn limit(&self, metadata: &Metadata, constant: &str) -> Result<u32, ChainError> {
        metadata
            .pallet_by_name(self.payload.pallet_name())
            .and_then(|pallet| pallet.constant_by_name(constant))
            .and_then(|constant| u32::decode_all(&mut constant.value()).ok())
            .ok_or_else(|| ChainError::Runtime(format!("{} and {constant}", self.name())))
    }

    pub(super) fn payload(&self) -> &DynamicPayload<Arguments> {
        &self.payload
    }

    /// `Pallet.call`, for messages.
    pub fn name(&self) -> String {
        format!("{}.{}", self.payload.pallet_name(), self.payload.call_name())
    }
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
mod tests {
    use super::*;
    use scale_info::{MetaType, PortableRegistry, Registry, TypeDef, TypeInfo};
    use subxt::ext::scale_type_resolver::Field;

    /// Encodes a call's arguments for a chain whose call has the fields of `T`.
    fn encode<T: TypeInfo + 'static>(call: &Call) -> Result<Vec<u8>, EncodeError> {
        let mut registry = Registry::new();
        let id = registry.register_type(&MetaType::new::<T>()).id;
        let types: PortableRegistry = registry.into();
        let TypeDef::Composite(composite) = &types.resolve(id).unwrap().type_def else {
            panic!("fields of a struct are needed");
        };
        let mut fields = composite.fields.iter().map(|field| Field {
            name: field.name.as_deref(),
            id: field.ty.id,
        });
        let mut out = Vec::new();
        call.payload()
            .call_data()
            .encode_as_fields_to(&mut fields, &types, &mut out)?;
        Ok(out)
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct Fund {
        gate: GateId,
        #[codec(compact)]
        amount: u128,
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct PlainFund {
        gate: GateId,
        amount: u128,
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct Member {
        list: TrustListId,
        issuer: IssuerIndex,
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct SwappedMember {
        issuer: IssuerIndex,
        list: TrustListId,
    }

    #[test]
    fn an_amount_is_compact() {
        let amount = 100_000_000_000_000u128;
        let bytes = encode::<Fund>(&Call::fund(GateId(7), amount)).unwrap();
        assert_eq!(bytes, (GateId(7), Compact(amount)).encode());
        assert!(encode::<PlainFund>(&Call::fund(GateId(7), amount)).is_err());
    }

    #[test]
    fn arguments_are_taken_by_name_and_number() {
        let call = Call::add_member(TrustListId(1), IssuerIndex(2));
        assert_eq!(
            encode::<Member>(&call).unwrap(),
            (TrustListId(1), IssuerIndex(2)).encode()
        );
        assert!(encode::<SwappedMember>(&call).is_err());
        assert!(encode::<Member>(&Call::consent(TrustListId(1))).is_err());
        assert!(encode::<Member>(&Call::seal_shard()).is_err());
    }
}
