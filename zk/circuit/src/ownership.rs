//! The ownership circuit: that a commitment is the prover's own.
//!
//! It proves `identity = H_Identity(secret, issuer_id)` with one permutation of the age circuit's chip, and binds a
//! signal. An issuer asks for it before it attests, so that nobody has another's commitment attested, and before it
//! re-attests. It says nothing of an age, has keys and lengths of its own, and no verifier of ages takes it.
//!
//! | row | column 0 | column 1 | column 2 | tied to |
//! |---|---|---|---|---|
//! | 0 | - | secret | issuer id | the issuer id: instance 0 |
//! | 0 .. 8 | the permutation, as in the age circuit | | | |
//! | 8 | identity | signal | - | the identity: instance 1; the signal: instance 2 |
//!
//! The secret is a free value: its use as the left input is its definition.

pub mod keys;

use crate::{
    chip::{
        poseidon::{PoseidonConfig, LEFT},
        Columns,
    },
    layout::rows_per_hash,
    values::HashValues,
};
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{Advice, Circuit, Column, ConstraintSystem, Error, Instance},
};
use ofage_primitives::{hashes, CircuitId, Domain, Fp, HolderSecret, IdentityCommitment, IssuerId, Signal};
use std::fmt;
use zeroize::Zeroize;

/// Names the circuit in signals. Those of ages count from 1, those of ownership from here.
pub const CIRCUIT: CircuitId = CircuitId(0x8001);

/// Extra columns of the one lane, as in the age circuit.
const EXTRA: usize = 9;
/// Row of the output, and of the signal.
const LAST: usize = rows_per_hash(EXTRA);

/// Rows of the public inputs in the instance column.
pub mod instance {
    /// Whose issuer's commitment.
    pub const ISSUER_ID: usize = 0;
    /// The commitment.
    pub const IDENTITY: usize = 1;
    /// What the proof is tied to.
    pub const SIGNAL: usize = 2;
    /// All of them.
    pub const COUNT: usize = 3;
}

/// The public inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnershipInputs {
    /// The issuer that the commitment is made for.
    pub issuer_id: IssuerId,
    /// The commitment.
    pub identity: IdentityCommitment,
    /// A hash of everything that the proof is tied to.
    pub signal: Signal,
}

impl OwnershipInputs {
    /// The one conversion to field elements, in the order of [`instance`].
    pub fn to_fields(&self) -> [Fp; instance::COUNT] {
        [self.issuer_id.into(), self.identity.into(), self.signal.into()]
    }
}

/// The statement does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the commitment is not that of this secret for this issuer; make the request anew with this wallet")]
pub struct NotTheOwner;

/// Checks the statement natively: the circuit's mirror.
///
/// # Errors
/// [`NotTheOwner`].
pub fn check(inputs: &OwnershipInputs, secret: &HolderSecret) -> Result<(), NotTheOwner> {
    if hashes::identity_commitment(secret, inputs.issuer_id) == inputs.identity {
        Ok(())
    } else {
        Err(NotTheOwner)
    }
}

/// Every value of the circuit. No `Debug`; the secret ones are wiped when dropped.
struct Values {
    /// Secret and issuer id, and the permutation.
    hash: Box<HashValues>,
    signal: Fp,
}

/// The circuit: one lane of twelve columns, 2^4 rows.
///
/// It proves whatever it is given; [`check`] says whether the proof will verify.
pub struct OwnershipCircuit {
    values: Option<Values>,
}

impl OwnershipCircuit {
    /// The circuit with its witness.
    pub fn new(inputs: &OwnershipInputs, secret: &HolderSecret) -> Self {
        let mut secret = secret.expose_field();
        let circuit = Self::from_fields(secret, inputs.issuer_id.into(), inputs.signal.into());
        secret.zeroize();
        circuit
    }

    /// The circuit without a witness, for keys.
    pub fn empty() -> Self {
        Self { values: None }
    }

    fn from_fields(secret: Fp, issuer_id: Fp, signal: Fp) -> Self {
        let hash = HashValues::boxed(Fp::ZERO, [secret, issuer_id], Domain::Identity.capacity());
        let values = Some(Values { hash, signal });
        Self { values }
    }
}

/// Says nothing of the witness.
impl fmt::Debug for OwnershipCircuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnershipCircuit")
    }
}

/// The chip and the columns of values that are tied to public inputs.
#[derive(Clone, Debug)]
pub struct Config {
    poseidon: PoseidonConfig,
    signal: Column<Advice>,
    instance: Column<Instance>,
}

impl Circuit<Fp> for OwnershipCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        Self::empty()
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Config {
        let columns = Columns::configure(meta, 1, EXTRA);
        meta.enable_equality(columns.instance);
        Config {
            signal: columns.lanes[0][LEFT],
            instance: columns.instance,
            poseidon: PoseidonConfig::configure(meta, &columns, EXTRA),
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fp>) -> Result<(), Error> {
        let values = self.values.as_ref().map_or(Value::unknown(), Value::known);
        let (hash, signal) = layouter.assign_region(
            || "ownership",
            |mut region| {
                config.poseidon.assign_shared(&mut region, 0)?;
                let inputs = [0, 1].map(|side| values.map(|v| v.hash.inputs[side]));
                let hash = config.poseidon.assign_hash(
                    &mut region,
                    (0, 0),
                    Domain::Identity.capacity(),
                    inputs,
                    values.map(|v| &v.hash.trace),
                )?;
                let signal =
                    region.assign_advice(|| "signal", config.signal, LAST, || values.map(|v| v.signal))?;
                Ok((hash, signal.cell()))
            },
        )?;
        for (cell, row) in [
            (hash.right, instance::ISSUER_ID),
            (hash.output, instance::IDENTITY),
            (signal, instance::SIGNAL),
        ] {
            layouter.constrain_instance(cell, config.instance, row)?;
        }
        Ok(())
    }
}

/// The identity commitment on plain elements, for tests and mirrors.
#[cfg(test)]
fn identity(secret: Fp, issuer_id: Fp) -> Fp {
    ofage_primitives::poseidon::hash(Domain::Identity, secret, issuer_id)
}

#[cfg(test)]
mod tests;
