//! Gates and the rows that they act on.
//!
//! Two chips share their columns: [`poseidon`] runs permutations in all lanes, [`arithmetic`] compares and binds
//! numbers in lane 0, in rows in which no permutation runs.

pub(crate) mod arithmetic;
pub(crate) mod poseidon;

use crate::layout::{shared_columns, MAX_EXTRA, MIN_EXTRA};
use crate::rounds::WIDTH;
use halo2_proofs::plonk::{Advice, Column, ConstraintSystem, Expression, Fixed, Instance, VirtualCells};
use halo2_proofs::poly::Rotation;
use ofage_primitives::Fp;

/// The columns.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// Advice columns of each lane: three of the state, then the extra ones.
    pub(crate) lanes: Vec<Vec<Column<Advice>>>,
    /// Round constants in rows of a permutation, coefficients in rows of arithmetic.
    pub(crate) shared: Vec<Column<Fixed>>,
    /// The public inputs, one a row.
    pub(crate) instance: Column<Instance>,
}

impl Columns {
    /// Makes the columns, and lets those take part in copies that must: the state of lane 0 and the first column of
    /// each other lane. With two lanes these are four, so that one product polynomial suffices at degree 6.
    pub(crate) fn configure(meta: &mut ConstraintSystem<Fp>, lanes: usize, extra: usize) -> Self {
        assert!(
            lanes > 0 && (MIN_EXTRA..=MAX_EXTRA).contains(&extra),
            "no such layout"
        );
        let lanes: Vec<Vec<_>> = (0..lanes)
            .map(|_| (0..WIDTH + extra).map(|_| meta.advice_column()).collect())
            .collect();
        let shared = (0..shared_columns(extra)).map(|_| meta.fixed_column()).collect();
        let instance = meta.instance_column();
        lanes[0][..WIDTH]
            .iter()
            .for_each(|column| meta.enable_equality(*column));
        lanes[1..].iter().for_each(|lane| meta.enable_equality(lane[0]));
        Self {
            lanes,
            shared,
            instance,
        }
    }
}

/// Queries of one lane's cells.
struct Lane<'c> {
    columns: &'c [Column<Advice>],
}

impl Lane<'_> {
    /// The cell of this row.
    fn cur(&self, meta: &mut VirtualCells<'_, Fp>, column: usize) -> Expression<Fp> {
        meta.query_advice(self.columns[column], Rotation::cur())
    }

    /// The cell of the next row.
    fn next(&self, meta: &mut VirtualCells<'_, Fp>, column: usize) -> Expression<Fp> {
        meta.query_advice(self.columns[column], Rotation::next())
    }
}

/// The sum of terms.
fn sum(terms: impl IntoIterator<Item = Expression<Fp>>) -> Expression<Fp> {
    terms
        .into_iter()
        .reduce(|a, b| a + b)
        .expect("sums of gates have terms; qed")
}
