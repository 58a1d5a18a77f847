//! The circuit.

use crate::{
    chip::{arithmetic::ArithmeticConfig, poseidon::PoseidonConfig, Columns},
    gadget,
    layout::{self, Plan},
    values::Values,
    witness::{Raw, Witness},
};
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{Circuit, ConstraintSystem, Error},
};
use ofage_primitives::{Fp, PublicInputs};
use std::fmt;

/// The age circuit of `LANES` lanes, each `3 + EXTRA` columns wide.
///
/// It proves whatever it is given; [`crate::statement::check`] says whether the proof will verify.
pub struct AgeCircuit<const LANES: usize, const EXTRA: usize> {
    plan: Plan,
    pub(crate) values: Option<Values>,
}

/// Circuit version 1: two lanes of twelve columns, 2^8 rows.
pub type CircuitV1 = AgeCircuit<2, 9>;

impl<const LANES: usize, const EXTRA: usize> AgeCircuit<LANES, EXTRA> {
    /// The circuit with its witness.
    pub fn new(inputs: &PublicInputs, witness: &Witness) -> Self {
        Self::from_raw(inputs.to_fields(), Raw::new(inputs, witness))
    }

    /// The circuit without a witness, for keys.
    pub fn empty() -> Self {
        Self {
            plan: layout::plan(LANES, EXTRA),
            values: None,
        }
    }

    pub(crate) fn from_raw(public: [Fp; PublicInputs::COUNT], raw: Raw) -> Self {
        let plan = layout::plan(LANES, EXTRA);
        let values = Some(Values::new(&plan, public, raw));
        Self { plan, values }
    }

    /// Logarithm of the number of rows.
    pub fn k() -> u32 {
        let mut meta = ConstraintSystem::default();
        Self::configure(&mut meta);
        layout::log_rows(&layout::plan(LANES, EXTRA), meta.blinding_factors() + 1)
    }
}

/// Says the layout, and nothing of the witness.
impl<const LANES: usize, const EXTRA: usize> fmt::Debug for AgeCircuit<LANES, EXTRA> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeCircuit<{LANES}, {EXTRA}>")
    }
}

/// The two chips.
#[derive(Clone, Debug)]
pub struct Config {
    poseidon: PoseidonConfig,
    arithmetic: ArithmeticConfig,
}

impl<const LANES: usize, const EXTRA: usize> Circuit<Fp> for AgeCircuit<LANES, EXTRA> {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        Self::empty()
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Config {
        let columns = Columns::configure(meta, LANES, EXTRA);
        Config {
            poseidon: PoseidonConfig::configure(meta, &columns, EXTRA),
            arithmetic: ArithmeticConfig::configure(meta, &columns),
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fp>) -> Result<(), Error> {
        // One region, so that its rows are the circuit's: the public inputs are looked at in their own rows.
        layouter.assign_region(
            || "statement",
            |mut region| {
                let values = self.values.as_ref().map_or(Value::unknown(), Value::known);
                let operands = gadget::arithmetic::assign(&config.arithmetic, &mut region, values)?;
                gadget::hashing::assign::<EXTRA>(&config.poseidon, &mut region, &self.plan, values, &operands)
            },
        )
    }
}
