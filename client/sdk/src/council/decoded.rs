//! Calls of the chain, as people and programs read them.

use std::fmt;

use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};
use serde_json::{Map, Value as Json};
use subxt::{
    ext::scale_value::{scale::decode_as_type, Composite, Primitive, Value, ValueDef, Variant},
    metadata::Metadata,
};

use crate::{account::Account, chain::ChainError};

/// Deepest value that is shown: calls within calls go no deeper.
const MAX_DEPTH: usize = 32;

/// A call with its arguments by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pallet: String,
    call: String,
    arguments: Json,
}

impl Decoded {
    /// Reads an encoded call.
    pub(super) fn new(bytes: &[u8], metadata: &Metadata) -> Result<Self, ChainError> {
        const WHAT: &str = "a motion's call";
        let mut rest = bytes;
        let value = decode_as_type(&mut rest, metadata.outer_enums().call_enum_ty(), metadata.types())
            .map_err(|_| ChainError::Answer(WHAT))?;
        if !rest.is_empty() {
            return Err(ChainError::Answer(WHAT));
        }
        Self::of(&json(&value, metadata.types(), MAX_DEPTH)).ok_or(ChainError::Answer(WHAT))
    }

    /// From `{pallet: {call: arguments}}`.
    fn of(json: &Json) -> Option<Self> {
        fn only(json: &Json) -> Option<(&String, &Json)> {
            json.as_object().filter(|map| map.len() == 1)?.iter().next()
        }
        let (pallet, inner) = only(json)?;
        let (call, arguments) = match inner {
            // A call without arguments.
            Json::String(call) => (call, Json::Object(Map::new())),
            inner => only(inner).map(|(call, arguments)| (call, arguments.clone()))?,
        };
        Some(Self {
            pallet: pallet.clone(),
            call: call.clone(),
            arguments,
        })
    }

    /// Whether it is that call.
    pub fn is(&self, pallet: &str, call: &str) -> bool {
        self.pallet == pallet && self.call == call
    }

    /// The call within it, if its argument `call` is one.
    pub fn inner(&self) -> Option<Self> {
        Self::of(self.arguments.get("call")?)
    }

    /// Its arguments by name.
    pub fn arguments(&self) -> &Json {
        &self.arguments
    }

    /// `Pallet.call`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.pallet, self.call)
    }
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner() {
            Some(inner) => write!(f, "{} of {inner}", self.name()),
            None => write!(f, "{} {}", self.name(), self.arguments),
        }
    }
}

impl serde::Serialize for Decoded {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = Map::new();
        map.insert("call".into(), self.name().into());
        map.insert("arguments".into(), self.arguments.clone());
        map.serialize(serializer)
    }
}

/// A value as JSON: variants as `{name: fields}`, newtypes as what they hold, bytes as digits, accounts as addresses.
fn json(value: &Value<u32>, types: &PortableRegistry, depth: usize) -> Json {
    if depth == 0 {
        return Json::String("…".into());
    }
    if let Some(bytes) = bytes(value, types, depth) {
        let is_account = types
            .resolve(value.context)
            .is_some_and(|ty| ty.path.ident().as_deref() == Some("AccountId32"));
        return match <[u8; 32]>::try_from(&bytes[..]) {
            Ok(account) if is_account => Json::String(Account(account).to_string()),
            _ => Json::String(format!("0x{}", hex::encode(bytes))),
        };
    }
    match &value.value {
        ValueDef::Composite(Composite::Unnamed(values)) if is_list(value.context, types) => {
            Json::Array(values.iter().map(|value| json(value, types, depth - 1)).collect())
        }
        ValueDef::Composite(composite) => fields(composite, types, depth),
        ValueDef::Variant(Variant { name, values }) if values.is_empty() => Json::String(name.clone()),
        ValueDef::Variant(Variant { name, values }) => {
            let mut map = Map::new();
            map.insert(name.clone(), fields(values, types, depth));
            Json::Object(map)
        }
        ValueDef::BitSequence(bits) => Json::Array(bits.iter().map(Json::Bool).collect()),
        ValueDef::Primitive(primitive) => match primitive {
            Primitive::Bool(bool) => Json::Bool(*bool),
            Primitive::Char(char) => Json::String(char.to_string()),
            Primitive::String(text) => Json::String(text.clone()),
            // Larger numbers than JSON has are texts.
            Primitive::U128(number) => match u64::try_from(*number) {
                Ok(number) => number.into(),
                Err(_) => Json::String(number.to_string()),
            },
            Primitive::I128(number) => match i64::try_from(*number) {
                Ok(number) => number.into(),
                Err(_) => Json::String(number.to_string()),
            },
            Primitive::U256(bytes) | Primitive::I256(bytes) => {
                Json::String(format!("0x{}", hex::encode(bytes)))
            }
        },
    }
}

fn fields(composite: &Composite<u32>, types: &PortableRegistry, depth: usize) -> Json {
    match composite {
        Composite::Named(named) => Json::Object(
            named
                .iter()
                .map(|(name, value)| (name.clone(), json(value, types, depth - 1)))
                .collect(),
        ),
        Composite::Unnamed(values) => match values.as_slice() {
            [only] => json(only, types, depth - 1),
            values => Json::Array(values.iter().map(|value| json(value, types, depth - 1)).collect()),
        },
    }
}

/// Whether a type has any number of values of one kind, or several without names.
fn is_list(id: u32, types: &PortableRegistry) -> bool {
    types.resolve(id).is_some_and(|ty| {
        matches!(
            ty.type_def,
            TypeDef::Sequence(_) | TypeDef::Array(_) | TypeDef::Tuple(_)
        )
    })
}

/// The bytes of a value that is nothing but bytes, newtypes around them or not.
fn bytes(value: &Value<u32>, types: &PortableRegistry, depth: usize) -> Option<Vec<u8>> {
    let ValueDef::Composite(Composite::Unnamed(values)) = &value.value else {
        return None;
    };
    let element = match &types.resolve(value.context)?.type_def {
        TypeDef::Sequence(sequence) => sequence.type_param.id,
        TypeDef::Array(array) => array.type_param.id,
        TypeDef::Composite(_) if depth > 0 => {
            let [only] = values.as_slice() else { return None };
            return bytes(only, types, depth - 1);
        }
        _ => return None,
    };
    let is_byte = matches!(
        types.resolve(element)?.type_def,
        TypeDef::Primitive(TypeDefPrimitive::U8)
    );
    if !is_byte {
        return None;
    }
    values
        .iter()
        .map(|value| match &value.value {
            ValueDef::Primitive(Primitive::U128(byte)) => u8::try_from(*byte).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use scale_info::{MetaType, Registry, TypeInfo};
    use subxt::utils::AccountId32;

    #[derive(Encode, TypeInfo)]
    enum Outer {
        AgeRegistry(RegistryCall),
        Whitelist(WhitelistCall),
    }

    #[derive(Encode, TypeInfo)]
    #[allow(non_camel_case_types)]
    enum RegistryCall {
        suspend { issuer: Newtype },
        slash { issuer: Newtype, amount: u128 },
        retire,
    }

    #[derive(Encode, TypeInfo)]
    #[allow(non_camel_case_types)]
    enum WhitelistCall {
        whitelist_call {
            call_hash: [u8; 32],
        },
        dispatch {
            call: Box<Outer>,
        },
        set_members {
            members: Vec<Account32>,
            prime: Option<Account32>,
        },
    }

    #[derive(Encode, TypeInfo)]
    struct Newtype(u32);

    /// The type of accounts by its name in the metadata.
    mod chain {
        use super::*;

        #[derive(Encode, TypeInfo)]
        pub(super) struct AccountId32(pub(super) [u8; 32]);
    }
    use chain::AccountId32 as Account32;

    fn decoded(call: &Outer) -> Decoded {
        let mut registry = Registry::new();
        let id = registry.register_type(&MetaType::new::<Outer>()).id;
        let types: PortableRegistry = registry.into();
        let value = decode_as_type(&mut &call.encode()[..], id, &types).unwrap();
        Decoded::of(&json(&value, &types, MAX_DEPTH)).unwrap()
    }

    #[test]
    fn a_call_is_read_with_its_arguments_by_name() {
        let call = decoded(&Outer::AgeRegistry(RegistryCall::suspend { issuer: Newtype(7) }));
        assert_eq!(call.to_string(), r#"AgeRegistry.suspend {"issuer":7}"#);
        assert!(call.is("AgeRegistry", "suspend") && !call.is("AgeRegistry", "slash"));
        let call = decoded(&Outer::AgeRegistry(RegistryCall::slash {
            issuer: Newtype(7),
            amount: u128::MAX,
        }));
        assert_eq!(call.arguments()["amount"], u128::MAX.to_string());
        assert!(call.inner().is_none());
        let call = decoded(&Outer::AgeRegistry(RegistryCall::retire));
        assert_eq!(call.to_string(), "AgeRegistry.retire {}");
    }

    #[test]
    fn a_call_within_a_call_is_read_too() {
        let inner = Outer::AgeRegistry(RegistryCall::suspend { issuer: Newtype(7) });
        let call = decoded(&Outer::Whitelist(WhitelistCall::dispatch {
            call: Box::new(inner),
        }));
        assert_eq!(
            call.to_string(),
            r#"Whitelist.dispatch of AgeRegistry.suspend {"issuer":7}"#
        );
        assert_eq!(call.inner().unwrap().name(), "AgeRegistry.suspend");
    }

    #[test]
    fn hashes_are_digits_and_accounts_addresses() {
        let call = decoded(&Outer::Whitelist(WhitelistCall::whitelist_call {
            call_hash: [0xab; 32],
        }));
        assert_eq!(call.arguments()["call_hash"], format!("0x{}", "ab".repeat(32)));
        let call = decoded(&Outer::Whitelist(WhitelistCall::set_members {
            members: vec![chain::AccountId32([1; 32]), chain::AccountId32([2; 32])],
            prime: None,
        }));
        assert_eq!(
            call.arguments()["members"][1],
            AccountId32([2; 32]).to_string(),
            "{call}"
        );
        assert_eq!(call.arguments()["prime"], "None");
    }

    #[test]
    fn a_single_account_of_a_list_is_an_address() {
        let call = decoded(&Outer::Whitelist(WhitelistCall::set_members {
            members: vec![chain::AccountId32([1; 32])],
            prime: Some(chain::AccountId32([1; 32])),
        }));
        let address = AccountId32([1; 32]).to_string();
        assert_eq!(
            call.arguments()["members"],
            serde_json::json!([address]),
            "{call}"
        );
        assert_eq!(call.arguments()["prime"], serde_json::json!({ "Some": address }));
    }
}
