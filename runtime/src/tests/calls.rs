//! Nothing wraps calls for users: a reader of block bodies sees every call that changes leaves.

use super::chain::{block_of, dev, signed};
use crate::{presets::account, RuntimeCall, RuntimeEvent, RuntimeOrigin, System};
use frame_support::{dispatch::GetDispatchInfo, traits::UnfilteredDispatchable};
use ofage_primitives::{Attestation, Element};
use pallet_age_registry::ShardChoice;
use scale_info::{form::PortableForm, MetaType, PortableRegistry, Registry, TypeDef};
use sp_runtime::{traits::Dispatchable, DispatchError};
use std::collections::BTreeSet;

fn attest(start: u16) -> RuntimeCall {
    RuntimeCall::AgeRegistry(pallet_age_registry::Call::attest {
        shard: ShardChoice::Next,
        start,
        leaves: vec![Attestation::from_element(Element::from_u64(1))]
            .try_into()
            .unwrap(),
    })
}

/// Whether a value of type `from` can hold one of type `wanted`.
fn reaches(types: &PortableRegistry, from: u32, wanted: u32, seen: &mut BTreeSet<u32>) -> bool {
    if from == wanted {
        return true;
    }
    if !seen.insert(from) {
        return false;
    }
    let parts: Vec<u32> = match &types.resolve(from).unwrap().type_def {
        TypeDef::Composite(composite) => composite.fields.iter().map(|field| field.ty.id).collect(),
        TypeDef::Variant(variants) => variants
            .variants
            .iter()
            .flat_map(|variant| variant.fields.iter().map(|field| field.ty.id))
            .collect(),
        TypeDef::Sequence(sequence) => vec![sequence.type_param.id],
        TypeDef::Array(array) => vec![array.type_param.id],
        TypeDef::Tuple(tuple) => tuple.fields.iter().map(|field| field.id).collect(),
        TypeDef::Compact(compact) => vec![compact.type_param.id],
        TypeDef::Primitive(_) | TypeDef::BitSequence(_) => Vec::new(),
    };
    parts.into_iter().any(|part| reaches(types, part, wanted, seen))
}

fn variants(types: &PortableRegistry, id: u32) -> &[scale_info::Variant<PortableForm>] {
    match &types.resolve(id).unwrap().type_def {
        TypeDef::Variant(variants) => &variants.variants,
        other => panic!("calls are enums, and this is {other:?}"),
    }
}

#[test]
fn only_governance_carries_calls_in_calls() {
    let mut registry = Registry::new();
    let any_call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
    let types = PortableRegistry::from(registry);
    let mut wrappers = Vec::new();
    for pallet in variants(&types, any_call) {
        for call in variants(&types, pallet.fields[0].ty.id) {
            let wraps = call
                .fields
                .iter()
                .any(|field| reaches(&types, field.ty.id, any_call, &mut BTreeSet::new()));
            if wraps {
                wrappers.push(format!("{}.{}", pallet.name, call.name));
            }
        }
    }
    assert_eq!(
        wrappers,
        [
            "Council.execute",
            "Council.propose",
            "Whitelist.dispatch_whitelisted_call_with_preimage"
        ]
    );
}

#[test]
fn not_even_the_council_can_wrap_an_attestation() {
    dev().execute_with(|| {
        // Alice is the whole council, and an issuer, so that nothing but the origin stands in the way.
        let register = pallet_age_registry::Call::register {
            metadata: b"a bank".to_vec().try_into().unwrap(),
            attester: account("Alice"),
        };
        block_of(vec![signed("Alice", 0, register)]);
        System::reset_events();
        let alice = || RuntimeOrigin::signed(account("Alice"));

        let executed = RuntimeCall::Council(pallet_collective::Call::execute {
            proposal: Box::new(attest(0)),
            length_bound: 1_000,
        });
        executed.dispatch(alice()).unwrap();
        let proposed = RuntimeCall::Council(pallet_collective::Call::propose {
            threshold: 1,
            proposal: Box::new(attest(0)),
            length_bound: 1_000,
        });
        proposed.dispatch(alice()).unwrap();
        let root = attest(0).dispatch_bypass_filter(RuntimeOrigin::root());
        assert_eq!(root.unwrap_err().error, DispatchError::BadOrigin);

        let results: Vec<_> = System::events()
            .into_iter()
            .filter_map(|record| match record.event {
                RuntimeEvent::Council(
                    pallet_collective::Event::MemberExecuted { result, .. }
                    | pallet_collective::Event::Executed { result, .. },
                ) => Some(result),
                RuntimeEvent::AgeRegistry(event) => panic!("the registry did something: {event:?}"),
                _ => None,
            })
            .collect();
        assert_eq!(
            results,
            [Err(DispatchError::BadOrigin), Err(DispatchError::BadOrigin)]
        );

        // Unwrapped, it is the attester's own call.
        let (_, results) = block_of(vec![signed("Alice", 1, attest(0))]);
        assert_eq!(results, [Ok(())]);
    });
}

#[test]
fn calls_are_small_in_memory() {
    assert!(
        core::mem::size_of::<RuntimeCall>() <= 256,
        "{}",
        core::mem::size_of::<RuntimeCall>()
    );
}

#[test]
fn there_is_no_key_to_everything() {
    // All calls that ask for root are refused to every signer; here those that would do most.
    dev().execute_with(|| {
        let calls = [
            RuntimeCall::System(frame_system::Call::set_code { code: vec![0] }),
            RuntimeCall::System(frame_system::Call::set_storage { items: Vec::new() }),
            RuntimeCall::System(frame_system::Call::authorize_upgrade {
                code_hash: Default::default(),
            }),
            RuntimeCall::ValidatorSet(pallet_validator_set::Call::set_validators {
                validators: vec![account("Alice")].try_into().unwrap(),
            }),
            RuntimeCall::Council(pallet_collective::Call::set_members {
                new_members: Vec::new(),
                prime: None,
                old_count: 1,
            }),
            RuntimeCall::Whitelist(pallet_whitelist::Call::whitelist_call {
                call_hash: Default::default(),
            }),
        ];
        for call in calls {
            let weight = call.get_dispatch_info().call_weight;
            let refusal = call
                .clone()
                .dispatch(RuntimeOrigin::signed(account("Alice")))
                .unwrap_err();
            assert_eq!(refusal.error, DispatchError::BadOrigin, "{call:?} of {weight:?}");
        }
    });
}
