//! The table of the rows of arithmetic: ranges, packing, bounds, bindings.
//!
//! Each row names its two operands. An operand that occurs in several rows is one value: all its cells are copies of
//! the first.

use crate::{
    chip::arithmetic::{ArithmeticConfig, Row},
    instance,
    layout::ARITHMETIC_ROWS,
    values::Values,
    witness::{Attribute, FIELDS, SHIFTS},
};
use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{Cell, Region, Value},
    plonk::Error,
};
use ofage_primitives::{attributes::ASSURANCE_BITS, Fp};

/// What stands in an operand's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// Zero, for a cell that a row has no use for. Tied to a word that is forced to zero.
    Zero,
    /// A field of the attributes.
    Attribute(Attribute),
    /// The attributes in one element.
    Packed,
    /// The sum of the first so many fields, shifted to their places. Held by the carry of the row above.
    Partial(usize),
    /// The public input of the row.
    Public(usize),
    /// The day of the proof.
    ValidOn,
    /// The slot.
    Slot,
    /// Whether a designated verifier proves.
    IsDesignated,
    /// The context.
    Scope,
    /// What the proof is tied to.
    Signal,
    /// The root that the paths of shard and cap lead to.
    RegistryRoot,
    /// The root that the trust path leads to.
    TrustListRoot,
    /// The holder's pseudonym.
    Nullifier,
    /// Tag of the issuer.
    IssuerTag,
    /// The key of the verifier's secret.
    DesignatedVerifier,
}

/// Rows of the table, with their operands.
type Entry = (usize, Row, [Operand; 2]);

/// First row of the packing.
const PACKING: usize = 22;
/// First row of the orderings and ranges that take no public input.
const ORDER: usize = 16;

/// The table. Rows 8 and 9 are those of the flags.
fn table() -> Vec<Entry> {
    use Attribute::{Assurance, CheckedOn, EarliestBirth, EnrolledOn, ExpiresOn, Flags, LatestBirth};
    use Operand::{IsDesignated, Packed, Partial, Public, ValidOn, Zero};
    const MAX_ASSURANCE: i64 = (1 << ASSURANCE_BITS) - 1;
    let value = |value: [i64; 3]| Row {
        value,
        ..Row::default()
    };
    let (order, range) = (value([1, -1, 0]), value([1, 0, 0]));
    // The same with the public input as b.
    let at_least = Row {
        public_b: true,
        ..order
    };
    let at_most = Row {
        public_b: true,
        ..value([-1, 1, 0])
    };
    let below = Row {
        public_b: true,
        ..value([-1, 1, -1])
    };
    let bound = Row {
        public_a: [1, 0],
        ..Row::default()
    };
    let relaxed = Row {
        public_a: [1, -1],
        ..Row::default()
    };
    let if_designated = Row {
        public_a: [0, 1],
        boolean: true,
        ..Row::default()
    };
    let attribute = Operand::Attribute;
    let compared =
        |row: usize, coefficients: Row, operand: Operand| (row, coefficients, [operand, Public(row)]);
    let mut rows = vec![
        (
            instance::REGISTRY_ROOT,
            relaxed,
            [Operand::RegistryRoot, IsDesignated],
        ),
        (
            instance::TRUST_LIST_ROOT,
            relaxed,
            [Operand::TrustListRoot, IsDesignated],
        ),
        compared(instance::BORN_ON_OR_BEFORE, at_most, attribute(LatestBirth)),
        compared(instance::BORN_ON_OR_AFTER, at_least, attribute(EarliestBirth)),
        compared(instance::CHECKED_ON_OR_AFTER, at_least, attribute(CheckedOn)),
        compared(instance::ENROLLED_ON_OR_BEFORE, at_most, attribute(EnrolledOn)),
        // Binds the day, and compares the expiry with it: b - a.
        (
            instance::VALID_ON,
            Row {
                value: [-1, 1, 0],
                ..bound
            },
            [ValidOn, attribute(ExpiresOn)],
        ),
        compared(instance::MIN_ASSURANCE, at_least, attribute(Assurance)),
        (instance::SCOPE, bound, [Operand::Scope, Zero]),
        compared(instance::SLOTS, below, Operand::Slot),
        (instance::NULLIFIER, relaxed, [Operand::Nullifier, IsDesignated]),
        (instance::ISSUER_TAG, relaxed, [Operand::IssuerTag, IsDesignated]),
        (
            instance::DESIGNATED_VERIFIER,
            if_designated,
            [Operand::DesignatedVerifier, IsDesignated],
        ),
        (instance::SIGNAL, bound, [Operand::Signal, Zero]),
        (ORDER, order, [ValidOn, attribute(CheckedOn)]),
        (ORDER + 1, order, [attribute(CheckedOn), attribute(LatestBirth)]),
        (
            ORDER + 2,
            order,
            [attribute(LatestBirth), attribute(EarliestBirth)],
        ),
        (ORDER + 3, order, [attribute(ExpiresOn), attribute(EnrolledOn)]),
        (ORDER + 4, range, [Operand::Slot, Zero]),
        (
            ORDER + 5,
            value([-1, 0, MAX_ASSURANCE]),
            [attribute(Assurance), Zero],
        ),
    ];
    let fields = [
        EarliestBirth,
        LatestBirth,
        CheckedOn,
        EnrolledOn,
        ExpiresOn,
        Assurance,
        Flags,
    ];
    for (number, (field, shift)) in fields.into_iter().zip(SHIFTS).enumerate() {
        // The flags have a range of their own: their bits.
        let row = if field == Flags { Row::default() } else { range };
        let before = if number == 0 { Zero } else { Partial(number) };
        let carry = [Fp::ONE, Fp::ONE, Fp::from_u128(1 << shift)];
        rows.push((PACKING + number, Row { carry, ..row }, [attribute(field), before]));
    }
    let end = Row {
        carry: [Fp::ZERO, Fp::ONE, -Fp::ONE],
        ..Row::default()
    };
    rows.push((PACKING + FIELDS, end, [Packed, Partial(FIELDS)]));
    debug_assert!(
        rows.len() + 2 == ARITHMETIC_ROWS,
        "every row is in the table; qed"
    );
    rows
}

/// The first cell of each operand.
#[derive(Debug, Default)]
pub(crate) struct Operands(Vec<(Operand, Cell)>);

impl Operands {
    /// The cell of an operand of the table.
    pub(crate) fn cell(&self, operand: Operand) -> Cell {
        let found = self.0.iter().find(|(other, _)| *other == operand);
        found
            .map(|(_, cell)| *cell)
            .expect("every operand is in the table; qed")
    }

    fn tie(&mut self, region: &mut Region<'_, Fp>, operand: Operand, cell: Cell) -> Result<(), Error> {
        match (operand, self.0.iter().find(|(other, _)| *other == operand)) {
            // Their rows hold them: by the carry of the row above, and by the public input.
            (Operand::Partial(_) | Operand::Public(_), _) => Ok(()),
            (_, Some((_, first))) => region.constrain_equal(*first, cell),
            (_, None) => {
                self.0.push((operand, cell));
                Ok(())
            }
        }
    }
}

/// Writes all rows of arithmetic.
pub(crate) fn assign(
    chip: &ArithmeticConfig,
    region: &mut Region<'_, Fp>,
    values: Value<&Values>,
) -> Result<Operands, Error> {
    let mut operands = Operands::default();
    for (row, coefficients, [a, b]) in table() {
        let [a_value, b_value] = [a, b].map(|operand| values.map(|v| v.operand(operand)));
        let cells = chip.assign_row(region, row, &coefficients, [a_value, b_value])?;
        if row == instance::REGISTRY_ROOT {
            // A row without a value: its words are zero.
            operands.tie(region, Operand::Zero, cells.w0)?;
        }
        operands.tie(region, a, cells.a)?;
        operands.tie(region, b, cells.b)?;
    }
    let flags = Operand::Attribute(Attribute::Flags);
    let [required, forbidden] = [instance::FLAGS_REQUIRED, instance::FLAGS_FORBIDDEN].map(Operand::Public);
    let three = [flags, required, forbidden].map(|operand| values.map(|v| v.operand(operand)));
    let [cell, unused] = chip.assign_flags(region, instance::FLAGS_REQUIRED, three)?;
    operands.tie(region, flags, cell)?;
    operands.tie(region, Operand::Zero, unused)?;
    Ok(operands)
}
