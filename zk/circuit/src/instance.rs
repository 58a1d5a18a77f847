//! Rows of the public inputs in the circuit's instance column.
//!
//! The order is that of `PublicInputs::to_fields`, which is the one conversion; a test compares them. The rows are also
//! the rows of arithmetic in which each input is compared or bound.

/// Root that the attestation is under.
pub const REGISTRY_ROOT: usize = 0;
/// Root that the issuer is under.
pub const TRUST_LIST_ROOT: usize = 1;
/// `latest_birth <=` this.
pub const BORN_ON_OR_BEFORE: usize = 2;
/// `earliest_birth >=` this.
pub const BORN_ON_OR_AFTER: usize = 3;
/// `checked_on >=` this.
pub const CHECKED_ON_OR_AFTER: usize = 4;
/// `enrolled_on <=` this.
pub const ENROLLED_ON_OR_BEFORE: usize = 5;
/// `checked_on <=` this `<= expires_on`.
pub const VALID_ON: usize = 6;
/// `assurance >=` this.
pub const MIN_ASSURANCE: usize = 7;
/// Flags that are set.
pub const FLAGS_REQUIRED: usize = 8;
/// Flags that are clear.
pub const FLAGS_FORBIDDEN: usize = 9;
/// Context of the nullifier.
pub const SCOPE: usize = 10;
/// `slot <` this.
pub const SLOTS: usize = 11;
/// The holder's pseudonym.
pub const NULLIFIER: usize = 12;
/// Tag of the issuer.
pub const ISSUER_TAG: usize = 13;
/// Whom the proof convinces.
pub const DESIGNATED_VERIFIER: usize = 14;
/// What the proof is tied to.
pub const SIGNAL: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::INPUT_ROWS;
    use ofage_primitives::{
        hash_to_field, Assurance, Bounds, Day, DesignatedVerifier, Element, Flags, Fp, IssuerTag, Nullifier,
        PublicInputs, RegistryRoot, Scope, Signal, TrustListRoot,
    };

    #[test]
    fn the_rows_are_those_of_the_one_conversion() {
        let element = |n: u8| hash_to_field(b"row", &[&[n]]);
        let day = |n: u32| Day::from_number(n).unwrap();
        let inputs = PublicInputs {
            registry_root: RegistryRoot::from_element(element(1)),
            trust_list_root: TrustListRoot::from_element(element(2)),
            bounds: Bounds {
                born_on_or_before: day(3),
                born_on_or_after: day(4),
                checked_on_or_after: day(5),
                enrolled_on_or_before: day(6),
                valid_on: day(7),
                min_assurance: Assurance::Verified,
                flags_required: Flags(8),
                flags_forbidden: Flags(9),
                slots: 10,
            },
            scope: Scope::from_element(element(11)),
            nullifier: Nullifier::from_element(element(12)),
            issuer_tag: IssuerTag::from_element(element(13)),
            designated_verifier: DesignatedVerifier::from_element(element(14)),
            signal: Signal::from_element(element(15)),
        };
        let fields = inputs.to_fields();
        assert_eq!(fields.len(), INPUT_ROWS);
        let is = |row: usize, element: Element| assert_eq!(fields[row], Fp::from(element), "row {row}");
        for (row, number) in [
            (BORN_ON_OR_BEFORE, 3),
            (BORN_ON_OR_AFTER, 4),
            (CHECKED_ON_OR_AFTER, 5),
            (ENROLLED_ON_OR_BEFORE, 6),
            (VALID_ON, 7),
            (MIN_ASSURANCE, 300),
            (FLAGS_REQUIRED, 8),
            (FLAGS_FORBIDDEN, 9),
            (SLOTS, 10),
        ] {
            is(row, Element::from_u64(number));
        }
        for (row, number) in [
            (REGISTRY_ROOT, 1),
            (TRUST_LIST_ROOT, 2),
            (SCOPE, 11),
            (NULLIFIER, 12),
            (ISSUER_TAG, 13),
            (DESIGNATED_VERIFIER, 14),
            (SIGNAL, 15),
        ] {
            is(row, element(number));
        }
    }
}
