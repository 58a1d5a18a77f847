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

/// Each call of our pallets, with made-up arguments.
fn calls() -> Vec<Call> {
    use ofage_primitives::{
        policy::AgeBand,
        tree::{DenseTree, Tree},
        Element, IssuerTag,
    };
    let (issuer, list, gate, shard) = (IssuerIndex(1), TrustListId(2), GateId(3), ShardIndex(4));
    let leaf = Attestation::from_element(Element::from_u64(9));
    let tree = DenseTree::new(Tree::Shard, vec![leaf.element(); 5]).unwrap();
    let policy = Policy::new(AgeBand::over(18), list);
    let account = Account([7; 32]);
    let request = AdmitRequest {
        gate,
        account: account.0,
        anchor: ofage_primitives::Anchor {
            block: 1,
            registry_root: ofage_primitives::RegistryRoot::from_element(Element::ZERO),
            trust_list_root: ofage_primitives::TrustListRoot::from_element(Element::ZERO),
        },
        valid_on: "2026-11-25".parse().unwrap(),
        expires_at: 9,
        nullifier: ofage_primitives::Nullifier::from_element(Element::ZERO),
        issuer_tags: vec![IssuerTag::from_element(Element::ZERO)],
        proof: vec![1],
    };
    vec![
        Call::register(b"a", account),
        Call::become_attester(issuer),
        Call::attest(ShardChoice::Next, 0, &[leaf]),
        Call::seal_shard(),
        Call::create_trust_list(b"a"),
        Call::consent(list),
        Call::withdraw_consent(list),
        Call::add_member(list, issuer),
        Call::remove_member(list, issuer),
        Call::revoke(shard, leaf, &tree.path(3).unwrap()),
        Call::revoke_batch(shard, &tree.multiproof(&[1, 3]).unwrap()),
        Call::revoke_shards(shard, shard, 1),
        Call::restore_shards(shard, shard, 1),
        Call::rotate_attester(account),
        Call::update_metadata(b"a"),
        Call::retire(),
        Call::withdraw_deposit(),
        Call::suspend(issuer),
        Call::reinstate(issuer),
        Call::slash(issuer, 5),
        Call::offer_list(list, Some(account)),
        Call::accept_list(list),
        Call::freeze_list(list),
        Call::create_gate(b"a", &policy, 3),
        Call::fund(gate, 5),
        Call::admit(&request),
        Call::prune(gate, 5),
        Call::update_gate(gate, &policy, 3),
        Call::close_gate(gate),
        Call::withdraw(gate, 5),
        Call::remove_gate(gate),
        Call::disable_circuit(CircuitId::V1),
        Call::enable_circuit(CircuitId::V1),
        Call::set_validators(&[account]),
    ]
}

/// The arguments' names of each call in the source of a pallet: a client must not depend on a pallet.
fn source_of(folder: &str) -> std::collections::BTreeMap<String, Vec<String>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../pallets")
        .join(folder)
        .join("src");
    // A pallet has its calls in a file of their own, or with all else.
    let text = std::fs::read_to_string(path.join("calls.rs"))
        .or_else(|_| std::fs::read_to_string(path.join("lib.rs")))
        .unwrap();
    let calls = text.split("#[pallet::call_index(").skip(1).map(|text| {
        let (_, text) = text.split_once("pub fn ").unwrap();
        let (name, text) = text.split_once('(').unwrap();
        let (arguments, _) = text.split_once(") -> ").unwrap();
        let names = arguments
            .split(": ")
            .filter_map(|part| part.rsplit([' ', '\n', '(']).next())
            .map(|name| name.trim().to_owned())
            .collect::<Vec<_>>();
        // The first is the origin, and what follows the last colon is no name.
        (name.to_owned(), names[1..names.len() - 1].to_vec())
    });
    calls.collect()
}

#[test]
fn names_are_those_of_the_pallets() {
    let sources = [
        (REGISTRY, source_of("age-registry")),
        (GATE, source_of("age-gate")),
        (VALIDATORS, source_of("validator-set")),
    ];
    let mut seen = 0;
    for call in calls() {
        let (_, source) = sources
            .iter()
            .find(|(pallet, _)| *pallet == call.payload().pallet_name())
            .unwrap();
        let names: Vec<&str> = call
            .payload()
            .call_data()
            .0
            .iter()
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(source[call.payload().call_name()], names, "{}", call.name());
        seen += 1;
    }
    let all: usize = sources.iter().map(|(_, source)| source.len()).sum();
    // Batches of admissions are for relays, which are no clients of this kind.
    assert_eq!(seen, all - 1);
}

#[derive(TypeInfo)]
#[allow(dead_code)]
struct Close {
    proposal_hash: [u8; 32],
    #[codec(compact)]
    index: u32,
    proposal_weight_bound: Weight,
    #[codec(compact)]
    length_bound: u32,
}

#[derive(TypeInfo)]
#[allow(dead_code)]
struct Weight {
    #[codec(compact)]
    ref_time: u64,
    #[codec(compact)]
    proof_size: u64,
}

#[derive(TypeInfo)]
#[allow(dead_code)]
struct RevokeBatch {
    shard: ShardIndex,
    leaves: Vec<(u16, Attestation)>,
    siblings: Vec<ofage_primitives::Element>,
}

#[derive(TypeInfo)]
#[allow(dead_code)]
struct Revoke {
    shard: ShardIndex,
    position: u16,
    leaf: Attestation,
    siblings: [ofage_primitives::Element; 12],
}

#[test]
fn revocations_and_motions_have_the_shape_of_the_chain() {
    let all = calls();
    let named = |name: &str| {
        all.iter()
            .find(|call| call.payload().call_name() == name)
            .unwrap()
    };
    assert!(encode::<Revoke>(named("revoke")).is_ok());
    assert!(encode::<RevokeBatch>(named("revoke_batch")).is_ok());
    assert!(encode::<RevokeBatch>(named("revoke")).is_err());
    assert!(encode::<Close>(&Call::close([1; 32], 3, (u64::MAX, 70_000), 99)).is_ok());
}
