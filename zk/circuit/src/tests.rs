//! The circuit against the statement.

mod differential;
mod faults;
mod forgeries;
mod rejects;
mod tamper;

use crate::{
    gadget::arithmetic::Operand,
    instance, layout, sample, statement,
    values::Values,
    witness::{Raw, Witness},
    AgeCircuit, CircuitV1,
};
use halo2_proofs::{
    dev::{FailureLocation, MockProver, VerifyFailure},
    plonk::Circuit,
};
use ofage_primitives::{hash_to_field, hashes, DesignatedVerifier, Fp, PublicInputs, VerifierSecret};

/// The public inputs as elements.
type Public = [Fp; PublicInputs::COUNT];

/// One thing that `MockProver` found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    /// A gate's constraint does not hold in a row.
    Gate {
        row: usize,
        gate: String,
        constraint: String,
    },
    /// A cell differs from its copies.
    Copy { row: usize, column: usize },
    /// A gate looks at a cell that nobody wrote.
    Unassigned(String),
}

impl Failure {
    fn row(&self) -> Option<usize> {
        match self {
            Self::Gate { row, .. } | Self::Copy { row, .. } => Some(*row),
            Self::Unassigned(_) => None,
        }
    }
}

impl From<&VerifyFailure> for Failure {
    fn from(failure: &VerifyFailure) -> Self {
        let row_of = |location: &FailureLocation| match location {
            // There is one region, which starts at row 0.
            FailureLocation::InRegion { offset, .. } => *offset,
            FailureLocation::OutsideRegion { row } => *row,
        };
        match failure {
            VerifyFailure::ConstraintNotSatisfied {
                constraint, location, ..
            } => {
                // "Constraint 1 ('name') in gate 2 ('name')"
                let text = constraint.to_string();
                let names: Vec<&str> = text.split('\'').collect();
                let [_, constraint, _, gate, ..] = names[..] else {
                    panic!("unexpected text: {text}")
                };
                Self::Gate {
                    row: row_of(location),
                    gate: gate.into(),
                    constraint: constraint.into(),
                }
            }
            VerifyFailure::Permutation { column, location } => {
                // "Column('Advice', 3 - )"
                let text = column.to_string();
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                Self::Copy {
                    row: row_of(location),
                    column: digits.parse().unwrap(),
                }
            }
            other => Self::Unassigned(format!("{other}")),
        }
    }
}

fn failures<C: Circuit<Fp>>(k: u32, circuit: &C, public: &Public) -> Vec<Failure> {
    match MockProver::run(k, circuit, vec![public.to_vec()])
        .unwrap()
        .verify()
    {
        Ok(()) => Vec::new(),
        Err(failures) => failures.iter().map(Failure::from).collect(),
    }
}

fn failures_of(public: &Public, raw: &Raw) -> Vec<Failure> {
    failures(CircuitV1::k(), &CircuitV1::from_raw(*public, raw.clone()), public)
}

/// A statement that holds, as plain elements.
fn raw_sample(seed: u64) -> (Public, Raw) {
    let (inputs, witness) = sample::sample(seed);
    (inputs.to_fields(), Raw::new(&inputs, &witness))
}

/// Sets roots, nullifier, issuer tag, and the children on the paths, to what follows from the rest.
fn settle(public: &mut Public, raw: &mut Raw) {
    for path in layout::Path::ALL {
        for level in 0..path.tree().depth() {
            let (node, children) = values(public, raw).step(path, level);
            if !children.contains(&node) {
                raw.paths[path as usize][level][0] = node;
            }
        }
    }
    let values = values(public, raw);
    for (row, operand) in [
        (instance::REGISTRY_ROOT, Operand::RegistryRoot),
        (instance::TRUST_LIST_ROOT, Operand::TrustListRoot),
        (instance::NULLIFIER, Operand::Nullifier),
        (instance::ISSUER_TAG, Operand::IssuerTag),
    ] {
        public[row] = values.operand(operand);
    }
}

fn values(public: &Public, raw: &Raw) -> Values {
    Values::new(&layout::plan(2, 9), *public, raw.clone())
}

mod accepts {
    use super::*;

    #[test]
    fn statements_that_hold() {
        for seed in 0..4 {
            let (inputs, witness) = sample::sample(seed);
            assert_eq!(statement::check(&inputs, &witness), Ok(()));
            let circuit = CircuitV1::new(&inputs, &witness);
            assert_eq!(failures(CircuitV1::k(), &circuit, &inputs.to_fields()), []);
        }
    }

    fn in_layout<const LANES: usize, const EXTRA: usize>() {
        let (inputs, witness) = sample::sample(5);
        let circuit = AgeCircuit::<LANES, EXTRA>::new(&inputs, &witness);
        assert_eq!(
            failures(AgeCircuit::<LANES, EXTRA>::k(), &circuit, &inputs.to_fields()),
            []
        );
    }

    #[test]
    fn them_in_every_layout() {
        in_layout::<1, 9>();
        in_layout::<1, 13>();
        in_layout::<2, 9>();
        in_layout::<2, 13>();
        in_layout::<3, 9>();
        in_layout::<5, 9>();
    }

    #[test]
    fn what_a_designated_verifier_simulates_without_any_attestation() {
        let (inputs, witness) = sample::simulated(1);
        assert_eq!(statement::check(&inputs, &witness), Ok(()));
        let circuit = CircuitV1::new(&inputs, &witness);
        assert_eq!(failures(CircuitV1::k(), &circuit, &inputs.to_fields()), []);
    }

    #[test]
    fn an_honest_proof_that_is_designated_to_somebody() {
        let (mut inputs, witness) = sample::sample(1);
        inputs.designated_verifier = hashes::designated_key(&VerifierSecret::from_uniform(&[7; 64]));
        assert_eq!(statement::check(&inputs, &witness), Ok(()));
        assert_eq!(failures_of(&inputs.to_fields(), &Raw::new(&inputs, &witness)), []);
    }
}

#[test]
fn nobody_simulates_with_the_public_constant() {
    let (mut inputs, mut witness) = sample::simulated(1);
    inputs.designated_verifier = DesignatedVerifier::public();
    assert_eq!(
        statement::check(&inputs, &witness),
        Err(statement::Violation::DesignatedVerifier)
    );
    assert_ne!(failures_of(&inputs.to_fields(), &Raw::new(&inputs, &witness)), []);
    // And not by leaving the secret out either.
    witness.designated = None;
    assert!(statement::check(&inputs, &witness).is_err());
    assert_ne!(failures_of(&inputs.to_fields(), &Raw::new(&inputs, &witness)), []);
}

#[test]
fn the_public_constant_is_the_hash_of_a_published_string_and_of_no_obvious_secret() {
    let public = DesignatedVerifier::public();
    assert_eq!(
        public.element(),
        hash_to_field(b"ofage/designated-verifier/public/v1", &[])
    );
    let mut secrets: Vec<[u8; 32]> = (0..=u8::MAX).map(|n| [n; 32]).collect();
    secrets.extend((0..=u8::MAX).map(|n| core::array::from_fn(|i| if i == 0 { n } else { 0 })));
    secrets.push(public.element().to_bytes());
    for bytes in secrets {
        if let Ok(secret) = VerifierSecret::from_bytes(&bytes) {
            assert_ne!(hashes::designated_key(&secret), public);
        }
    }
}

#[test]
fn the_debug_form_of_a_circuit_says_nothing_of_its_witness() {
    let (inputs, witness): (PublicInputs, Witness) = sample::sample(1);
    assert_eq!(
        format!("{:?}", CircuitV1::new(&inputs, &witness)),
        "AgeCircuit<2, 9>"
    );
}
