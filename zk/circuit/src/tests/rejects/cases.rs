//! The ways to break each constraint.

use super::*;
use crate::{
    layout::{Op, Path},
    witness::{Attribute, SHIFTS},
};
use ff::{Field, PrimeField};

/// A row of the table of arithmetic that comes after those of the public inputs.
mod row {
    pub(super) const VALID_AFTER_CHECK: usize = 16;
    pub(super) const CHECK_AFTER_BIRTH: usize = 17;
    pub(super) const INTERVAL: usize = 18;
    pub(super) const EXPIRY_AFTER_ENROLMENT: usize = 19;
    pub(super) const SLOT: usize = 20;
    pub(super) const ASSURANCE_TOP: usize = 21;
    pub(super) const PACKING: usize = 22;
    pub(super) const PACKED: usize = 29;
}

/// A way to break one constraint.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) violation: Violation,
    /// Rows in which the circuit may find something.
    pub(super) rows: Vec<usize>,
    /// Whether roots, nullifier and tag are computed again after the change.
    pub(super) settles: bool,
    pub(super) break_it: fn(&mut Public, &mut Raw),
}

fn case(
    name: &'static str,
    violation: Violation,
    rows: impl IntoIterator<Item = usize>,
    break_it: fn(&mut Public, &mut Raw),
) -> Case {
    Case {
        name,
        violation,
        rows: rows.into_iter().collect(),
        settles: true,
        break_it,
    }
}

/// The same, without settling what follows.
fn bare(
    name: &'static str,
    violation: Violation,
    rows: impl IntoIterator<Item = usize>,
    break_it: fn(&mut Public, &mut Raw),
) -> Case {
    Case {
        settles: false,
        ..case(name, violation, rows, break_it)
    }
}

fn set(raw: &mut Raw, attribute: Attribute, value: Fp) {
    raw.attributes[attribute as usize] = value;
    pack(raw);
}

/// Adds to an attribute.
fn shift(raw: &mut Raw, attribute: Attribute, by: i64) {
    let value = raw.attribute(attribute)
        + if by < 0 {
            -Fp::from(by.unsigned_abs())
        } else {
            Fp::from(by as u64)
        };
    set(raw, attribute, value);
}

fn pack(raw: &mut Raw) {
    raw.packed = raw
        .attributes
        .iter()
        .zip(SHIFTS)
        .map(|(field, shift)| *field * Fp::from_u128(1 << shift))
        .sum();
}

/// All comparisons with public inputs are made to ask nothing, so that attributes may be anything.
fn ask_nothing(public: &mut Public) {
    public[instance::BORN_ON_OR_BEFORE] = Fp::from((1 << 20) - 1);
    public[instance::BORN_ON_OR_AFTER] = Fp::ZERO;
    public[instance::CHECKED_ON_OR_AFTER] = Fp::ZERO;
    public[instance::ENROLLED_ON_OR_BEFORE] = Fp::from((1 << 20) - 1);
    public[instance::MIN_ASSURANCE] = Fp::ZERO;
    public[instance::FLAGS_REQUIRED] = Fp::ZERO;
    public[instance::FLAGS_FORBIDDEN] = Fp::ZERO;
}

/// First row of the slot of a step.
fn step_row(path: Path, level: usize) -> usize {
    let plan = layout::plan(2, 9);
    let is_it = |op: &Op| matches!(op, Op::Step { path: p, level: l, .. } if (*p, *l) == (path, level));
    plan.slots
        .iter()
        .find(|slot| slot.ops.iter().any(is_it))
        .map(|slot| slot.row)
        .unwrap()
}

fn ranges() -> Vec<Case> {
    use Attribute::*;
    vec![
        case(
            "an earliest birth below zero",
            Violation::EarliestBirthRange,
            [row::PACKING, row::INTERVAL],
            |p, raw| {
                ask_nothing(p);
                p[instance::BORN_ON_OR_AFTER] = -Fp::from(5);
                set(raw, EarliestBirth, -Fp::ONE);
            },
        ),
        // The later days are at least as late, so that they are out of range with it.
        case(
            "a latest birth of 21 bits",
            Violation::LatestBirthRange,
            [1, 2, 4].map(|n| row::PACKING + n),
            |p, raw| {
                ask_nothing(p);
                let big = Fp::from(1 << 20);
                (
                    p[instance::BORN_ON_OR_BEFORE],
                    p[instance::VALID_ON],
                    raw.valid_on,
                ) = (big, big, big);
                p[instance::CHECKED_ON_OR_AFTER] = Fp::ONE;
                for day in [LatestBirth, CheckedOn, ExpiresOn] {
                    set(raw, day, big);
                }
            },
        ),
        case(
            "a check of 21 bits",
            Violation::CheckedOnRange,
            [2, 4].map(|n| row::PACKING + n),
            |p, raw| {
                ask_nothing(p);
                let big = Fp::from(1 << 20);
                (
                    p[instance::VALID_ON],
                    raw.valid_on,
                    p[instance::CHECKED_ON_OR_AFTER],
                ) = (big, big, Fp::ONE);
                for day in [CheckedOn, ExpiresOn] {
                    set(raw, day, big);
                }
            },
        ),
        case(
            "an enrolment below zero",
            Violation::EnrolledOnRange,
            [row::PACKING + 3],
            |p, raw| {
                ask_nothing(p);
                p[instance::ENROLLED_ON_OR_BEFORE] = Fp::from(9);
                set(raw, EnrolledOn, -Fp::ONE);
            },
        ),
        case(
            "an expiry of 21 bits",
            Violation::ExpiresOnRange,
            [row::PACKING + 4],
            |p, raw| {
                ask_nothing(p);
                set(raw, ExpiresOn, Fp::from(1 << 20));
            },
        ),
        case(
            "an assurance of 11 bits",
            Violation::AssuranceRange,
            [row::ASSURANCE_TOP],
            |p, raw| {
                ask_nothing(p);
                set(raw, Assurance, Fp::from(1 << 10));
            },
        ),
        case(
            "an assurance below zero",
            Violation::AssuranceRange,
            [row::PACKING + 5, row::ASSURANCE_TOP],
            |p, raw| {
                ask_nothing(p);
                p[instance::MIN_ASSURANCE] = -Fp::from(3);
                set(raw, Assurance, -Fp::ONE);
            },
        ),
        case("flags of 17 bits", Violation::FlagsRange, [8, 9], |p, raw| {
            ask_nothing(p);
            set(raw, Flags, Fp::from(1 << 16));
        }),
        case(
            "two fields that borrow from each other and pack the same",
            Violation::EarliestBirthRange,
            16..24,
            |p, raw| {
                ask_nothing(p);
                p[instance::BORN_ON_OR_AFTER] = Fp::from(1 << 20);
                let packed = raw.packed;
                shift(raw, EarliestBirth, 1 << 20);
                shift(raw, LatestBirth, -1);
                assert_eq!(raw.packed, packed);
            },
        ),
        bare(
            "a bit above the layout",
            Violation::Packing,
            [row::PACKED],
            |p, raw| {
                raw.packed += Fp::from_u128(1 << 126);
                settle(p, raw);
            },
        ),
        bare(
            "packed attributes of somebody else",
            Violation::Packing,
            [row::PACKED],
            |p, raw| {
                raw.packed -= Fp::ONE;
                settle(p, raw);
            },
        ),
    ]
}

fn orders() -> Vec<Case> {
    use Attribute::*;
    vec![
        case(
            "an empty interval",
            Violation::EmptyInterval,
            [row::INTERVAL],
            |_, raw| {
                let latest = raw.attribute(LatestBirth);
                set(raw, EarliestBirth, latest + Fp::ONE);
            },
        ),
        case(
            "a check before the birth",
            Violation::CheckedBeforeBirth,
            [row::CHECK_AFTER_BIRTH],
            |p, raw| {
                ask_nothing(p);
                let latest = raw.attribute(LatestBirth);
                set(raw, CheckedOn, latest - Fp::ONE);
            },
        ),
        case(
            "a check after the day",
            Violation::CheckedAfterValidOn,
            [row::VALID_AFTER_CHECK],
            |p, raw| {
                set(raw, CheckedOn, p[instance::VALID_ON] + Fp::ONE);
            },
        ),
        case(
            "an expiry before enrolment",
            Violation::ExpiresBeforeEnrolment,
            [row::EXPIRY_AFTER_ENROLMENT],
            |p, raw| {
                ask_nothing(p);
                let expires = raw.attribute(ExpiresOn);
                set(raw, EnrolledOn, expires + Fp::ONE);
            },
        ),
    ]
}

fn bounds() -> Vec<Case> {
    use Attribute::*;
    vec![
        case(
            "a day too young",
            Violation::BornOnOrBefore,
            [instance::BORN_ON_OR_BEFORE],
            |p, raw| {
                p[instance::BORN_ON_OR_BEFORE] = raw.attribute(LatestBirth) - Fp::ONE;
            },
        ),
        case(
            "a day too old",
            Violation::BornOnOrAfter,
            [instance::BORN_ON_OR_AFTER],
            |p, raw| {
                p[instance::BORN_ON_OR_AFTER] = raw.attribute(EarliestBirth) + Fp::ONE;
            },
        ),
        case(
            "a check a day too old",
            Violation::CheckedOnOrAfter,
            [instance::CHECKED_ON_OR_AFTER],
            |p, raw| {
                p[instance::CHECKED_ON_OR_AFTER] = raw.attribute(CheckedOn) + Fp::ONE;
            },
        ),
        case(
            "an enrolment a day too new",
            Violation::EnrolledOnOrBefore,
            [instance::ENROLLED_ON_OR_BEFORE],
            |p, raw| {
                p[instance::ENROLLED_ON_OR_BEFORE] = raw.attribute(EnrolledOn) - Fp::ONE;
            },
        ),
        case(
            "an expiry the day before",
            Violation::Expired,
            [instance::VALID_ON],
            |p, raw| {
                set(raw, ExpiresOn, p[instance::VALID_ON] - Fp::ONE);
            },
        ),
        case(
            "an assurance one too weak",
            Violation::MinAssurance,
            [instance::MIN_ASSURANCE],
            |p, raw| {
                p[instance::MIN_ASSURANCE] = raw.attribute(Assurance) + Fp::ONE;
            },
        ),
        case(
            "a required flag that is clear",
            Violation::FlagsRequired,
            [8, 9],
            |p, raw| {
                p[instance::FLAGS_REQUIRED] = raw.attribute(Flags) + Fp::from(1 << 15);
                p[instance::FLAGS_FORBIDDEN] = Fp::ZERO;
            },
        ),
        case(
            "a forbidden flag that is set",
            Violation::FlagsForbidden,
            [8, 9],
            |p, raw| {
                p[instance::FLAGS_REQUIRED] = Fp::ZERO;
                p[instance::FLAGS_FORBIDDEN] = raw.attribute(Flags);
            },
        ),
        case(
            "a flag both required and forbidden",
            Violation::FlagsForbidden,
            [8, 9],
            |p, raw| {
                p[instance::FLAGS_REQUIRED] = raw.attribute(Flags);
                p[instance::FLAGS_FORBIDDEN] = raw.attribute(Flags);
            },
        ),
        case(
            "required flags of 17 bits",
            Violation::PolicyFlags,
            [8, 9],
            |p, _| {
                p[instance::FLAGS_REQUIRED] += Fp::from(1 << 16);
            },
        ),
        case(
            "forbidden flags below zero",
            Violation::PolicyFlags,
            [8, 9],
            |p, _| {
                p[instance::FLAGS_FORBIDDEN] = -Fp::ONE;
            },
        ),
        case(
            "a slot beyond the last",
            Violation::Slots,
            [instance::SLOTS],
            |p, raw| {
                raw.slot = p[instance::SLOTS];
            },
        ),
        case("a slot of none", Violation::Slots, [instance::SLOTS], |p, raw| {
            (p[instance::SLOTS], raw.slot) = (Fp::ZERO, Fp::ZERO);
        }),
        case(
            "a slot below zero",
            Violation::SlotRange,
            [row::SLOT],
            |_, raw| raw.slot = -Fp::ONE,
        ),
    ]
}

fn identity() -> Vec<Case> {
    let half = Fp::from(2).invert().unwrap();
    assert_eq!(half + half, Fp::ONE);
    vec![
        case(
            "a leaf that is in no shard",
            Violation::ShardPath,
            [step_row(Path::Shard, 0)],
            |p, raw| {
                settle(p, raw);
                raw.paths[Path::Shard as usize][0] = [Fp::ONE, Fp::from(2)];
                settle_above(p, raw, Path::Shard);
            },
        )
        .unsettled(),
        case(
            "a cut in the middle of the shard path",
            Violation::ShardPath,
            [step_row(Path::Shard, 7)],
            |p, raw| {
                raw.paths[Path::Shard as usize][7] = [Fp::ONE, Fp::from(2)];
                settle_above(p, raw, Path::Shard);
            },
        )
        .unsettled(),
        case(
            "a shard that is not in the cap",
            Violation::CapPath,
            [step_row(Path::Cap, 0)],
            |p, raw| {
                raw.paths[Path::Cap as usize][0] = [Fp::ONE, Fp::from(2)];
                settle_above(p, raw, Path::Cap);
            },
        )
        .unsettled(),
        case(
            "a cut where the cap path changes lanes",
            Violation::CapPath,
            [step_row(Path::Cap, 18)],
            |p, raw| {
                raw.paths[Path::Cap as usize][18] = [Fp::ONE, Fp::from(2)];
                settle_above(p, raw, Path::Cap);
            },
        )
        .unsettled(),
        case(
            "an issuer who is not on the list",
            Violation::TrustPath,
            [step_row(Path::Trust, 0)],
            |p, raw| {
                raw.paths[Path::Trust as usize][0] = [Fp::ONE, Fp::from(2)];
                settle_above(p, raw, Path::Trust);
            },
        )
        .unsettled(),
        bare(
            "another registry root",
            Violation::RegistryRoot,
            [instance::REGISTRY_ROOT],
            |p, _| {
                p[instance::REGISTRY_ROOT] += Fp::ONE;
            },
        ),
        bare(
            "another trust list",
            Violation::TrustListRoot,
            [instance::TRUST_LIST_ROOT],
            |p, _| {
                p[instance::TRUST_LIST_ROOT] += Fp::ONE;
            },
        ),
        bare(
            "another nullifier",
            Violation::Nullifier,
            [instance::NULLIFIER],
            |p, _| {
                p[instance::NULLIFIER] += Fp::ONE;
            },
        ),
        bare(
            "another issuer tag",
            Violation::IssuerTag,
            [instance::ISSUER_TAG],
            |p, _| {
                p[instance::ISSUER_TAG] += Fp::ONE;
            },
        ),
        bare(
            "another day",
            Violation::ValidOn,
            [instance::VALID_ON],
            |p, raw| {
                raw.valid_on = p[instance::VALID_ON] + Fp::ONE;
            },
        ),
        case("another scope", Violation::Scope, [instance::SCOPE], |_, raw| {
            raw.scope += Fp::ONE
        }),
        bare(
            "another signal",
            Violation::Signal,
            [instance::SIGNAL],
            |_, raw| raw.signal += Fp::ONE,
        ),
        bare(
            "a switch that is half on",
            Violation::DesignatedSwitch,
            switch_rows(),
            |p, raw| {
                raw.is_designated = Fp::from(2).invert().unwrap();
                designate(p, raw);
            },
        ),
        bare(
            "a switch of two",
            Violation::DesignatedSwitch,
            switch_rows(),
            |p, raw| {
                raw.is_designated = Fp::from(2);
                designate(p, raw);
            },
        ),
        bare(
            "a designated verifier's secret of somebody else",
            Violation::DesignatedVerifier,
            [14],
            |_, raw| {
                raw.is_designated = Fp::ONE;
                raw.verifier_secret = Fp::from(5);
            },
        ),
    ]
}

/// A switch that is neither on nor off relaxes nothing, either.
fn switch_rows() -> Vec<usize> {
    vec![
        instance::REGISTRY_ROOT,
        instance::TRUST_LIST_ROOT,
        instance::NULLIFIER,
        instance::ISSUER_TAG,
        instance::DESIGNATED_VERIFIER,
    ]
}

/// Makes the public key that of the raw verifier's secret.
fn designate(public: &mut Public, raw: &Raw) {
    public[instance::DESIGNATED_VERIFIER] = values(public, raw).operand(Operand::DesignatedVerifier);
}

/// Settles everything but the given path's own memberships.
fn settle_above(public: &mut Public, raw: &mut Raw, broken: Path) {
    let kept = raw.paths[broken as usize].clone();
    let cut = kept
        .iter()
        .position(|children| children == &[Fp::ONE, Fp::from(2)])
        .unwrap();
    settle(public, raw);
    raw.paths[broken as usize] = kept;
    for level in cut + 1..broken.tree().depth() {
        let (node, children) = values(public, raw).step(broken, level);
        if !children.contains(&node) {
            raw.paths[broken as usize][level][0] = node;
        }
    }
    if broken == Path::Shard {
        for level in 0..Path::Cap.tree().depth() {
            let (node, children) = values(public, raw).step(Path::Cap, level);
            if !children.contains(&node) {
                raw.paths[Path::Cap as usize][level][0] = node;
            }
        }
    }
    let values = values(public, raw);
    public[instance::REGISTRY_ROOT] = values.operand(Operand::RegistryRoot);
    public[instance::TRUST_LIST_ROOT] = values.operand(Operand::TrustListRoot);
}

impl Case {
    fn unsettled(self) -> Self {
        Self {
            settles: false,
            ..self
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    [ranges(), orders(), bounds(), identity()]
        .into_iter()
        .flatten()
        .collect()
}
