//! Mirror and circuit agree on arbitrary statements, those that hold and those that do not.

use super::*;
use crate::statement::check_raw;
use ff::{Field, FromUniformBytes, PrimeField};
use ofage_primitives::attributes::arb::arb_attributes;
use proptest::prelude::*;

/// Numbers at and around every boundary of the circuit, and any element.
fn arb_element() -> impl Strategy<Value = Fp> {
    prop_oneof![
        4 => (0u32..22, -2i64..3).prop_map(|(bits, by)| {
            let power = Fp::from_u128(1 << bits);
            if by < 0 { power - Fp::from(by.unsigned_abs()) } else { power + Fp::from(by as u64) }
        }),
        1 => (0u64..4).prop_map(|n| -Fp::from(n)),
        1 => (100u32..128).prop_map(|bits| Fp::from_u128(1 << bits)),
        1 => any::<[u8; 64]>().prop_map(|bytes| Fp::from_uniform_bytes(&bytes)),
        1 => Just(Fp::from(2).invert().unwrap()),
    ]
}

/// What a change replaces.
#[derive(Clone, Copy, Debug)]
enum Target {
    Public(usize),
    Attribute(usize),
    Packed,
    Slot,
    IsDesignated,
    VerifierSecret,
    ValidOn,
    Scope,
    Signal,
    Child(usize, usize, usize),
}

fn arb_target() -> impl Strategy<Value = Target> {
    use Target::*;
    prop_oneof![
        6 => (0..PublicInputs::COUNT).prop_map(Public),
        6 => (0usize..7).prop_map(Attribute),
        2 => (0usize..3, 0usize..12, 0usize..2).prop_map(|(path, level, side)| Child(path, level, side)),
        4 => prop::sample::select(vec![Packed, Slot, IsDesignated, VerifierSecret, ValidOn, Scope, Signal]),
    ]
}

fn change(public: &mut Public, raw: &mut Raw, target: Target, value: Fp) {
    match target {
        Target::Public(row) => public[row] = value,
        Target::Attribute(field) => raw.attributes[field] = value,
        Target::Packed => raw.packed = value,
        Target::Slot => raw.slot = value,
        Target::IsDesignated => raw.is_designated = value,
        Target::VerifierSecret => raw.verifier_secret = value,
        Target::ValidOn => raw.valid_on = value,
        Target::Scope => raw.scope = value,
        Target::Signal => raw.signal = value,
        Target::Child(path, level, side) => raw.paths[path][level][side] = value,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn on_changed_samples(
        seed in 0u64..1000,
        changes in prop::collection::vec((arb_target(), arb_element()), 0..3),
        settles in any::<bool>(),
        simulates in any::<bool>(),
    ) {
        let (inputs, witness) = if simulates { sample::simulated(seed) } else { sample::sample(seed) };
        let (mut public, mut raw) = (inputs.to_fields(), Raw::new(&inputs, &witness));
        for (target, value) in &changes {
            change(&mut public, &mut raw, *target, *value);
        }
        if settles {
            raw.packed = raw.attributes.iter().zip(crate::witness::SHIFTS).map(|(f, s)| *f * Fp::from_u128(1 << s)).sum();
            settle(&mut public, &mut raw);
        }
        let verdict = check_raw(&public, &raw);
        let failures = failures_of(&public, &raw);
        prop_assert_eq!(verdict.is_ok(), failures.is_empty(), "{:?} against {:?}", verdict, failures);
    }

    #[test]
    fn on_any_attributes(attributes in arb_attributes(), seed in 0u64..1000) {
        let (mut inputs, mut witness) = sample::sample(seed);
        witness.attributes = attributes;
        let parts = attributes.parts();
        inputs.bounds.valid_on = parts.checked_on;
        inputs.bounds.flags_required = parts.flags;
        let inputs = sample::settle(inputs, &witness);
        let verdict = statement::check(&inputs, &witness);
        let failures = failures_of(&inputs.to_fields(), &Raw::new(&inputs, &witness));
        prop_assert_eq!(verdict.is_ok(), failures.is_empty(), "{:?} against {:?}", verdict, failures);
    }
}
