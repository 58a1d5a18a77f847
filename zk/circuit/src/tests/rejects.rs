//! For every constraint of the statement a witness that breaks just it: mirror and circuit both refuse.
//!
//! Everything that follows from the change is settled again, so that no other constraint helps. The circuit's failures
//! must lie in the rows that are there for the constraint.

mod cases;

use super::*;
use crate::statement::{check_raw, Violation};
use cases::cases;
use ff::PrimeField;
use std::collections::HashSet;

#[test]
fn mirror_and_circuit_refuse_each_of_them_where_they_should() {
    for case in cases() {
        let (mut public, mut raw) = raw_sample(3);
        (case.break_it)(&mut public, &mut raw);
        if case.settles {
            settle(&mut public, &mut raw);
        }
        assert_eq!(check_raw(&public, &raw), Err(case.violation), "{}", case.name);
        let failures = failures_of(&public, &raw);
        assert!(!failures.is_empty(), "the circuit accepts {}", case.name);
        for failure in &failures {
            let expected = failure.row().is_some_and(|row| case.rows.contains(&row));
            assert!(expected, "{}: {failure:?} outside of {:?}", case.name, case.rows);
        }
    }
}

#[test]
fn every_violation_has_a_case() {
    let covered: HashSet<Violation> = cases().iter().map(|case| case.violation).collect();
    use Violation::*;
    for violation in [
        EarliestBirthRange,
        LatestBirthRange,
        CheckedOnRange,
        EnrolledOnRange,
        ExpiresOnRange,
        AssuranceRange,
        FlagsRange,
        Packing,
        EmptyInterval,
        CheckedBeforeBirth,
        CheckedAfterValidOn,
        ExpiresBeforeEnrolment,
        BornOnOrBefore,
        BornOnOrAfter,
        CheckedOnOrAfter,
        EnrolledOnOrBefore,
        Expired,
        MinAssurance,
        FlagsRequired,
        FlagsForbidden,
        PolicyFlags,
        SlotRange,
        Slots,
        ShardPath,
        CapPath,
        TrustPath,
        RegistryRoot,
        TrustListRoot,
        Nullifier,
        IssuerTag,
        DesignatedSwitch,
        DesignatedVerifier,
        ValidOn,
        Scope,
        Signal,
    ] {
        // A new variant does not compile here until it is in the list above.
        match violation {
            EarliestBirthRange
            | LatestBirthRange
            | CheckedOnRange
            | EnrolledOnRange
            | ExpiresOnRange
            | AssuranceRange
            | FlagsRange
            | Packing
            | EmptyInterval
            | CheckedBeforeBirth
            | CheckedAfterValidOn
            | ExpiresBeforeEnrolment
            | BornOnOrBefore
            | BornOnOrAfter
            | CheckedOnOrAfter
            | EnrolledOnOrBefore
            | Expired
            | MinAssurance
            | FlagsRequired
            | FlagsForbidden
            | PolicyFlags
            | SlotRange
            | Slots
            | ShardPath
            | CapPath
            | TrustPath
            | RegistryRoot
            | TrustListRoot
            | Nullifier
            | IssuerTag
            | DesignatedSwitch
            | DesignatedVerifier
            | ValidOn
            | Scope
            | Signal => {}
        }
        assert!(covered.contains(&violation), "{violation:?} has no case");
    }
}

#[test]
fn every_public_input_that_is_changed_alone_is_refused() {
    let (public, raw) = raw_sample(4);
    // By much, so that no comparison holds by chance; a lax bound may be changed by little without harm.
    let by = Fp::from_u128(1 << 100);
    for row in 0..PublicInputs::COUNT {
        for delta in [by, -by] {
            let mut changed = public;
            changed[row] += delta;
            let is_bound = check_raw(&changed, &raw).is_err();
            // Nobody is designated: the key may be anything.
            assert_eq!(is_bound, row != instance::DESIGNATED_VERIFIER, "row {row}");
            assert_eq!(failures_of(&changed, &raw).is_empty(), !is_bound, "row {row}");
        }
    }
}

#[test]
fn every_public_input_that_is_changed_alone_is_refused_from_a_designated_verifier_where_it_is_bound() {
    let (inputs, witness) = sample::simulated(4);
    let (public, raw) = (inputs.to_fields(), Raw::new(&inputs, &witness));
    let relaxed = [
        instance::REGISTRY_ROOT,
        instance::TRUST_LIST_ROOT,
        instance::NULLIFIER,
        instance::ISSUER_TAG,
    ];
    for row in 0..PublicInputs::COUNT {
        let mut changed = public;
        changed[row] += Fp::from_u128(1 << 100);
        let is_bound = check_raw(&changed, &raw).is_err();
        assert_eq!(is_bound, !relaxed.contains(&row), "row {row}");
        assert_eq!(failures_of(&changed, &raw).is_empty(), !is_bound, "row {row}");
    }
}
