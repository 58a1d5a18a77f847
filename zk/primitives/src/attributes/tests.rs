//! Packing and what it refuses.

use super::{arb::*, *};
use proptest::prelude::*;

proptest! {
    #[test]
    fn packing_is_undone_by_unpacking(attributes in arb_attributes()) {
        prop_assert!(Attributes::unpack(attributes.pack()) == Ok(attributes));
    }

    #[test]
    fn whatever_unpacks_packs_to_the_same_element(bytes in any::<[u8; 16]>()) {
        let element = Element::from_u128(u128::from_le_bytes(bytes));
        if let Ok(attributes) = Attributes::unpack(element) {
            prop_assert_eq!(attributes.pack(), element);
        }
    }
}

fn day(number: u32) -> Day {
    Day::from_number(number).unwrap()
}

fn parts() -> Parts {
    Parts {
        earliest_birth: day(10),
        latest_birth: day(20),
        checked_on: day(30),
        enrolled_on: day(40),
        expires_on: day(50),
        assurance: Assurance::Verified,
        flags: Flags::BANK,
    }
}

#[test]
fn the_bit_layout_is_frozen() {
    let packed = Attributes::new(parts()).unwrap().pack().to_u128().unwrap();
    assert_eq!(
        packed,
        10 | 20 << 20 | 30 << 40 | 40 << 60 | 50 << 80 | 300 << 100 | 2 << 110
    );
    assert_eq!(ATTRIBUTE_BITS, 126);
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let refused = |change: fn(&mut Parts)| {
        let mut changed = parts();
        change(&mut changed);
        Attributes::new(changed).err()
    };
    assert_eq!(
        refused(|p| p.earliest_birth = day(21)),
        Some(AttributesError::EmptyInterval)
    );
    assert_eq!(
        refused(|p| p.checked_on = day(19)),
        Some(AttributesError::CheckedBeforeBirth)
    );
    assert_eq!(
        refused(|p| p.enrolled_on = day(51)),
        Some(AttributesError::ExpiresBeforeEnrolment)
    );
    assert_eq!(
        refused(|p| (p.expires_on, p.enrolled_on) = (day(29), day(0))),
        Some(AttributesError::ExpiresBeforeCheck)
    );
    assert_eq!(refused(|_| ()), None);
}

#[test]
fn unused_bits_and_unknown_levels_do_not_unpack() {
    let good = Attributes::new(parts()).unwrap().pack().to_u128().unwrap();
    for bit in [126, 127] {
        assert!(
            Attributes::unpack(Element::from_u128(good | 1 << bit)) == Err(AttributesError::NotAttributes)
        );
    }
    assert!(Attributes::unpack(Element::from_u128(good + (1 << 100))) == Err(AttributesError::NotAttributes));
    let mut high = Element::from_u128(good).to_bytes();
    high[20] = 1;
    assert!(Attributes::unpack(Element::from_bytes(high).unwrap()) == Err(AttributesError::NotAttributes));
}

#[test]
fn flags_print_by_name() {
    assert_eq!(
        std::format!("{}", Flags::BANK.union(Flags::DOCUMENT)),
        "document+bank"
    );
    assert_eq!(std::format!("{}", Flags(0)), "none");
    assert_eq!(std::format!("{}", Flags(0x8001)), "document+0x8000");
}
