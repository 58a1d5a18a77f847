//! Changing one cell of a valid assignment: some gate or copy must notice, whichever cell it is.
//!
//! The assignment is changed between the circuit and `MockProver`, by a floor planner that stands between them. Gates
//! look at their row and the next, so cells of one column that are three rows apart are changed in one run, and
//! each failure still belongs to one of them.

use super::*;
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{
        Advice, Any, Assigned, Assignment, Column, ConstraintSystem, Error, Fixed, FloorPlanner, Instance,
        Selector,
    },
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

/// Column and row of an advice cell.
type Place = (usize, usize);

/// What happens to the assignment on its way.
#[derive(Clone, Default)]
struct Tampering {
    /// What is added to which cells.
    changes: BTreeMap<Place, i64>,
    /// Whether copy constraints are lost.
    loses_copies: bool,
    /// Whether selectors are lost.
    loses_selectors: bool,
    /// Whether cells that nobody wrote are filled with noise.
    fills: bool,
    /// Cells that were written.
    written: BTreeSet<Place>,
}

thread_local! {
    static TAMPERING: RefCell<Tampering> = RefCell::default();
}

/// The circuit, seen through a tampering floor planner.
struct Tampered(CircuitV1);

impl Circuit<Fp> for Tampered {
    type Config = <CircuitV1 as Circuit<Fp>>::Config;
    type FloorPlanner = Planner;

    fn without_witnesses(&self) -> Self {
        Self(CircuitV1::empty())
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Self::Config {
        CircuitV1::configure(meta)
    }

    fn synthesize(&self, config: Self::Config, layouter: impl Layouter<Fp>) -> Result<(), Error> {
        self.0.synthesize(config, layouter)
    }
}

struct Planner;

impl FloorPlanner for Planner {
    fn synthesize<F: Field, CS: Assignment<F>, C: Circuit<F>>(
        cs: &mut CS,
        circuit: &C,
        config: C::Config,
        constants: Vec<Column<Fixed>>,
    ) -> Result<(), Error> {
        let mut between = Between {
            cs,
            columns: BTreeMap::new(),
            field: PhantomData,
        };
        SimpleFloorPlanner::synthesize(&mut between, circuit, config, constants)?;
        between.fill()
    }
}

struct Between<'a, F, CS> {
    cs: &'a mut CS,
    columns: BTreeMap<usize, Column<Advice>>,
    field: PhantomData<F>,
}

/// The number of a column, which halo2 only prints.
fn number(column: &Column<Advice>) -> usize {
    let text = format!("{column:?}");
    let digits: String = text
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

impl<F: Field, CS: Assignment<F>> Between<'_, F, CS> {
    /// Writes noise into the cells that nobody wrote.
    fn fill(&mut self) -> Result<(), Error> {
        let tampering = TAMPERING.with_borrow(Clone::clone);
        if !tampering.fills {
            return Ok(());
        }
        self.cs.enter_region(|| "noise");
        let usable = (1 << CircuitV1::k()) - 6;
        let mut noise = F::ONE + F::ONE;
        for (number, column) in self.columns.clone() {
            for row in (0..usable).filter(|row| !tampering.written.contains(&(number, *row))) {
                noise = noise.square() + F::ONE;
                self.cs
                    .assign_advice(|| "noise", column, row, || Value::known(noise))?;
            }
        }
        self.cs.exit_region();
        Ok(())
    }
}

impl<F: Field, CS: Assignment<F>> Assignment<F> for Between<'_, F, CS> {
    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.cs.enter_region(name);
    }

    fn exit_region(&mut self) {
        self.cs.exit_region();
    }

    fn enable_selector<A, AR>(&mut self, annotation: A, selector: &Selector, row: usize) -> Result<(), Error>
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        if TAMPERING.with_borrow(|t| t.loses_selectors) {
            return Ok(());
        }
        self.cs.enable_selector(annotation, selector, row)
    }

    fn query_instance(&self, column: Column<Instance>, row: usize) -> Result<Value<F>, Error> {
        self.cs.query_instance(column, row)
    }

    fn assign_advice<V, VR, A, AR>(
        &mut self,
        annotation: A,
        column: Column<Advice>,
        row: usize,
        to: V,
    ) -> Result<(), Error>
    where
        V: FnOnce() -> Value<VR>,
        VR: Into<Assigned<F>>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        let place = (number(&column), row);
        self.columns.insert(place.0, column);
        let change = TAMPERING.with_borrow_mut(|t| {
            t.written.insert(place);
            t.changes.get(&place).copied().unwrap_or_default()
        });
        let size = (0..change.unsigned_abs()).fold(F::ZERO, |sum, _| sum + F::ONE);
        let delta = if change < 0 { -size } else { size };
        let value = to().map(|value| value.into() + Assigned::from(delta));
        self.cs.assign_advice(annotation, column, row, || value)
    }

    fn assign_fixed<V, VR, A, AR>(
        &mut self,
        annotation: A,
        column: Column<Fixed>,
        row: usize,
        to: V,
    ) -> Result<(), Error>
    where
        V: FnOnce() -> Value<VR>,
        VR: Into<Assigned<F>>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.cs.assign_fixed(annotation, column, row, to)
    }

    fn copy(
        &mut self,
        left: Column<Any>,
        left_row: usize,
        right: Column<Any>,
        right_row: usize,
    ) -> Result<(), Error> {
        if TAMPERING.with_borrow(|t| t.loses_copies) {
            return Ok(());
        }
        self.cs.copy(left, left_row, right, right_row)
    }

    fn fill_from_row(
        &mut self,
        column: Column<Fixed>,
        row: usize,
        to: Value<Assigned<F>>,
    ) -> Result<(), Error> {
        self.cs.fill_from_row(column, row, to)
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.cs.push_namespace(name);
    }

    fn pop_namespace(&mut self, name: Option<String>) {
        self.cs.pop_namespace(name);
    }
}

/// What noticed a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Noticed {
    by_gate: bool,
    by_copy: bool,
}

fn run(tampering: Tampering, public: &Public, raw: &Raw) -> (Vec<Failure>, Tampering) {
    TAMPERING.set(tampering);
    let circuit = Tampered(CircuitV1::from_raw(*public, raw.clone()));
    let failures = failures(CircuitV1::k(), &circuit, public);
    (failures, TAMPERING.take())
}

/// Changes every written cell by `delta` times the number of its row, so that copies of each other do not stay equal, and
/// says what noticed it.
fn change_each(base: &Tampering, delta: i64, public: &Public, raw: &Raw) -> BTreeMap<Place, Noticed> {
    let (before, after) = run(base.clone(), public, raw);
    assert_eq!(before, [], "nothing is wrong before the change");
    let mut noticed: BTreeMap<Place, Noticed> = BTreeMap::new();
    let columns: BTreeSet<usize> = after.written.iter().map(|(column, _)| *column).collect();
    for (column, class) in columns
        .iter()
        .flat_map(|column| (0..3).map(move |class| (*column, class)))
    {
        let cells = after
            .written
            .iter()
            .filter(|(c, row)| *c == column && row % 3 == class);
        let changes: BTreeMap<Place, i64> = cells
            .map(|place| (*place, delta * (place.1 as i64 + 1)))
            .collect();
        let (failures, _) = run(
            Tampering {
                changes: changes.clone(),
                ..base.clone()
            },
            public,
            raw,
        );
        for place in changes.into_keys() {
            let row = place.1;
            let found = noticed.entry(place).or_default();
            found.by_gate = failures
                .iter()
                .any(|failure| matches!(failure, Failure::Gate { row: r, .. } if *r == row || *r + 1 == row));
            found.by_copy = failures.contains(&Failure::Copy { row, column });
        }
    }
    noticed
}

fn unnoticed(noticed: &BTreeMap<Place, Noticed>) -> Vec<Place> {
    noticed
        .iter()
        .filter(|(_, n)| **n == Noticed::default())
        .map(|(place, _)| *place)
        .collect()
}

#[test]
fn every_written_cell_is_constrained() {
    let (public, raw) = raw_sample(6);
    for delta in [1, -1, 5] {
        let noticed = change_each(&Tampering::default(), delta, &public, &raw);
        assert!(noticed.len() > 5000, "the circuit has {} cells", noticed.len());
        assert_eq!(unnoticed(&noticed), []);
    }
}

#[test]
fn every_written_cell_is_constrained_for_a_designated_verifier_too() {
    let (inputs, witness) = sample::simulated(6);
    let noticed = change_each(
        &Tampering::default(),
        1,
        &inputs.to_fields(),
        &Raw::new(&inputs, &witness),
    );
    assert_eq!(unnoticed(&noticed), []);
}

/// Constraints that notice some changes, as gate and name.
fn gates_that_notice(
    changes: impl IntoIterator<Item = (Place, i64)>,
    rows: &[usize],
) -> BTreeSet<(String, String)> {
    let (public, raw) = raw_sample(6);
    let tampering = Tampering {
        changes: changes.into_iter().collect(),
        ..Tampering::default()
    };
    let (failures, _) = run(tampering, &public, &raw);
    failures
        .into_iter()
        .filter_map(|failure| match failure {
            Failure::Gate {
                row,
                gate,
                constraint,
            } if rows.contains(&row) => Some((gate, constraint)),
            _ => None,
        })
        .collect()
}

#[test]
fn both_rows_of_flags_bind_their_words_in_all_three_powers() {
    for (row, gate) in [
        (instance::FLAGS_REQUIRED, "flags low"),
        (instance::FLAGS_FORBIDDEN, "flags high"),
    ] {
        for column in 3..11 {
            let noticed = gates_that_notice([((column, row), 1)], &[row]);
            for power in ["first powers", "second powers", "third powers"] {
                assert!(
                    noticed.contains(&(gate.into(), power.into())),
                    "{gate}, {power}, column {column}"
                );
            }
        }
    }
}

#[test]
fn words_that_sum_up_but_are_not_two_bits_are_noticed() {
    let (public, raw) = raw_sample(6);
    let rows = (0..layout::ARITHMETIC_ROWS).filter(|row| ![8, 9].contains(row));
    for (row, low) in rows.flat_map(|row| (2..11).map(move |low| (row, low))) {
        // Four of a word are one of the next.
        let changes = [((low, row), 4), ((low + 1, row), -1)];
        let (failures, _) = run(
            Tampering {
                changes: changes.into(),
                ..Tampering::default()
            },
            &public,
            &raw,
        );
        let is_word = |failure: &Failure| matches!(failure, Failure::Gate { constraint, .. } if constraint == "two bits");
        assert!(failures.iter().any(is_word), "row {row}, column {low}");
        assert!(
            failures
                .iter()
                .all(|f| is_word(f) || matches!(f, Failure::Copy { .. })),
            "{failures:?}"
        );
    }
    for (row, column) in [8, 9]
        .into_iter()
        .flat_map(|row| (3..11).map(move |column| (row, column)))
    {
        let noticed = gates_that_notice([((column, row), 4)], &[row]);
        assert!(
            noticed.contains(&("word".into(), "two bits".into())),
            "row {row}, column {column}"
        );
    }
}

#[test]
fn each_carry_of_the_packing_is_bound_to_the_row_above() {
    const PACKED_ROW: usize = 29;
    for row in 23..=PACKED_ROW {
        // All later sums, and the end, go with the change.
        let mut changes: Vec<(Place, i64)> = (row..=PACKED_ROW).map(|row| ((1, row), 7)).collect();
        changes.push(((0, PACKED_ROW), 7));
        let (public, raw) = raw_sample(6);
        let tampering = Tampering {
            changes: changes.into_iter().collect(),
            ..Tampering::default()
        };
        let (failures, _) = run(tampering, &public, &raw);
        let gates: Vec<&Failure> = failures
            .iter()
            .filter(|f| matches!(f, Failure::Gate { .. }))
            .collect();
        let expected = Failure::Gate {
            row: row - 1,
            gate: "arithmetic".into(),
            constraint: "carry".into(),
        };
        assert_eq!(gates, [&expected]);
    }
}

#[test]
fn every_value_that_occurs_twice_is_tied() {
    use layout::{Chain, Op};
    let (public, raw) = raw_sample(6);
    let noticed = change_each(&Tampering::default(), 1, &public, &raw);
    let is_tied = |place: Place| noticed[&place].by_copy;
    // Arithmetic: every operand but those that occur once.
    let public_inputs = [2, 3, 4, 5, 7, 11];
    for row in (0..layout::ARITHMETIC_ROWS).filter(|row| ![8, 9].contains(row)) {
        assert_eq!(
            is_tied((0, row)),
            row != instance::SIGNAL,
            "operand a of row {row}"
        );
        let is_partial_sum = row > 22;
        assert_eq!(
            is_tied((1, row)),
            !public_inputs.contains(&row) && !is_partial_sum,
            "operand b of row {row}"
        );
    }
    assert!(is_tied((0, instance::FLAGS_REQUIRED)), "the flags");
    // Inputs of hashes: all but the commitment and the verifier's secret, which occur once.
    let plan = layout::plan(2, 9);
    let mut free_row = 0;
    for slot in &plan.slots {
        if let Op::Chain(name) = slot.ops[0] {
            assert_eq!(
                is_tied((1, slot.row)),
                name != Chain::DesignatedVerifier,
                "left input of {name:?}"
            );
            assert_eq!(
                is_tied((2, slot.row)),
                name != Chain::Attributes,
                "right input of {name:?}"
            );
        }
        // Nodes that no hash in the row above wrote.
        let after_gap = slot.row != free_row;
        for (lane, op) in slot
            .ops
            .iter()
            .enumerate()
            .filter(|(_, op)| after_gap && matches!(op, Op::Step { .. }))
        {
            assert!(
                is_tied((12 * lane, slot.row)),
                "node of {op:?} in row {}",
                slot.row
            );
        }
        free_row = slot.row + layout::rows_per_hash(9);
    }
}

#[test]
fn cells_that_nobody_wrote_do_not_matter() {
    let (public, raw) = raw_sample(6);
    let (_, after) = run(Tampering::default(), &public, &raw);
    let cells = 24 * ((1 << CircuitV1::k()) - 6);
    assert!(after.written.len() < cells);
    let (failures, _) = run(
        Tampering {
            fills: true,
            ..Tampering::default()
        },
        &public,
        &raw,
    );
    assert_eq!(failures, []);
}

mod notices {
    //! That the method can fail.

    use super::*;

    #[test]
    fn lost_copies() {
        let (public, raw) = raw_sample(6);
        let lossy = Tampering {
            loses_copies: true,
            ..Tampering::default()
        };
        assert!(!unnoticed(&change_each(&lossy, 1, &public, &raw)).is_empty());
    }

    #[test]
    fn lost_selectors() {
        let (public, raw) = raw_sample(6);
        let lossy = Tampering {
            loses_selectors: true,
            ..Tampering::default()
        };
        assert!(unnoticed(&change_each(&lossy, 1, &public, &raw)).len() > 100);
    }
}
