//! Codecs refuse whatever is not exactly one canonical value.

use super::*;
use crate::{
    binding::{ShortBytes, ShortText},
    element::{hash_to_field, Element},
    AgeBand, GateId, RegistryRoot, Scope, TrustListId, TrustListRoot,
};
use proptest::prelude::*;
use std::{string::ToString, vec};

fn sample() -> Presentation {
    Presentation {
        version: VERSION,
        circuit: CircuitId::V1,
        context: Context::Gate(GateId(3)),
        policy: Policy::new(AgeBand::over(18), TrustListId(1)),
        anchor: Anchor {
            block: 9,
            registry_root: RegistryRoot::from_element(Element::from_u64(1)),
            trust_list_root: TrustListRoot::from_element(Element::from_u64(2)),
        },
        binding: Binding::App {
            account: ShortText::new("@a:chat.example".into()).unwrap(),
            identity_key: ShortBytes::new(vec![1, 2, 3]).unwrap(),
        },
        nonce: [7; 32],
        expires_at: 1_800_000_000,
        valid_on: "2026-11-24".parse().unwrap(),
        until: "2026-11-24".parse().unwrap(),
        designated_verifier: DesignatedVerifier::public(),
        nullifier: Nullifier::from_element(Element::from_u64(5)),
        issuer_tag: IssuerTag::from_element(Element::from_u64(6)),
        proof: vec![9; 100],
    }
}

#[test]
fn a_presentation_survives_both_forms() {
    let sample = sample();
    assert!(Presentation::from_bytes(&sample.to_bytes()) == Ok(sample.clone()));
    #[cfg(feature = "serde")]
    {
        let text = serde_json::to_string(&sample).unwrap();
        assert!(serde_json::from_str::<Presentation>(&text).unwrap() == sample);
    }
}

#[test]
fn every_shortening_and_every_extension_is_refused() {
    let bytes = sample().to_bytes();
    for cut in 0..bytes.len() {
        assert!(Presentation::from_bytes(&bytes[..cut]).is_err());
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(Presentation::from_bytes(&longer).unwrap_err(), PresentationError::Malformed);
}

#[test]
fn other_versions_huge_inputs_and_impossible_policies_are_refused() {
    let mut other = sample();
    other.version = 2;
    assert_eq!(Presentation::from_bytes(&other.to_bytes()).unwrap_err(), PresentationError::Version(2));
    assert_eq!(Presentation::from_bytes(&vec![1; MAX_ENCODED + 1]).unwrap_err(), PresentationError::TooLong);
    let mut long = sample();
    long.proof = vec![0; MAX_PROOF + 1];
    assert_eq!(Presentation::from_bytes(&long.to_bytes()).unwrap_err(), PresentationError::TooLong);
    let mut impossible = sample();
    impossible.policy.slots = 0;
    assert_eq!(
        Presentation::from_bytes(&impossible.to_bytes()).unwrap_err(),
        PresentationError::Policy(PolicyError::NoSlots)
    );
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic_and_never_decode_to_two_values(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(value) = Presentation::from_bytes(&bytes) {
            prop_assert_eq!(value.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_flipped_bit_never_gives_the_same_signal(position in 0usize..120, bit in 0u8..8) {
        let sample = sample();
        let genesis = GenesisHash([1; 32]);
        let mut bytes = sample.to_bytes();
        let position = position % bytes.len();
        bytes[position] ^= 1 << bit;
        if let Ok(other) = Presentation::from_bytes(&bytes) {
            let same_inputs = other.public_inputs(&genesis).ok() == sample.public_inputs(&genesis).ok();
            prop_assert!(!same_inputs || other.proof != sample.proof);
        }
    }
}

#[test]
fn elements_at_or_above_the_modulus_are_refused() {
    let modulus_minus_one = Element::from(-<crate::Fp as ff::Field>::ONE);
    assert!(Element::from_bytes(modulus_minus_one.to_bytes()).is_ok());
    let mut modulus = modulus_minus_one.to_bytes();
    modulus[0] += 1;
    assert!(Element::from_bytes(modulus).is_err());
    assert!(Element::from_bytes([0xff; 32]).is_err());
    assert!(RegistryRoot::decode(&mut &modulus[..]).is_err());
    assert!("0x01".parse::<Element>().is_err());
    assert_eq!(modulus_minus_one.to_string().parse::<Element>(), Ok(modulus_minus_one));
}

#[test]
fn scopes_of_gates_and_origins_never_meet() {
    let genesis = GenesisHash([1; 32]);
    let gate = Scope::gate(&genesis, GateId(1));
    let look_alike = std::string::String::from_utf8(vec![1, 0, 0, 0]).unwrap();
    assert!(gate != Scope::origin(&genesis, &look_alike));
    assert!(gate != Scope::gate(&GenesisHash([2; 32]), GateId(1)));
    assert!(gate != Scope::gate(&genesis, GateId(2)));
}

#[test]
fn the_public_verifier_is_a_hash_of_a_text_and_no_one_s_key() {
    let public = DesignatedVerifier::public();
    assert_eq!(public.element(), hash_to_field(b"ofage/designated-verifier/public/v1", &[]));
    for n in 0..64u8 {
        let secret = crate::VerifierSecret::from_bytes(Element::from_u64(u64::from(n)).as_bytes()).unwrap();
        assert!(crate::hashes::designated_key(&secret) != public);
    }
}

#[test]
fn bounds_of_under_n_are_computed_for_the_end_of_the_admission() {
    let policy = Policy::new(AgeBand::under(18), TrustListId(0));
    let (today, later): (Day, Day) = ("2026-11-24".parse().unwrap(), "2026-12-24".parse().unwrap());
    assert_eq!(policy.bounds(today, later).unwrap().born_on_or_after.to_string(), "2008-12-25");
    assert_eq!(policy.bounds(today, today).unwrap().born_on_or_after.to_string(), "2008-11-25");
    let over = Policy::new(AgeBand::over(18), TrustListId(0)).bounds(today, later).unwrap();
    assert_eq!(over.born_on_or_before.to_string(), "2008-11-24");
    assert!(over.born_on_or_after == Day::MIN);
}

#[test]
fn policies_that_nobody_could_mean_are_refused() {
    let refused = |change: fn(&mut Policy)| {
        let mut policy = Policy::new(AgeBand::between(13, 18), TrustListId(0));
        change(&mut policy);
        policy.validate().err()
    };
    assert_eq!(refused(|_| ()), None);
    assert_eq!(refused(|p| p.age = AgeBand { at_least: None, below: None }), Some(PolicyError::NoAge));
    assert_eq!(refused(|p| p.age = AgeBand::over(0)), Some(PolicyError::AgeOutOfRange));
    assert_eq!(refused(|p| p.age = AgeBand::under(121)), Some(PolicyError::AgeOutOfRange));
    assert_eq!(refused(|p| p.age = AgeBand::between(18, 18)), Some(PolicyError::EmptyBand));
    assert_eq!(refused(|p| p.issuers = 2), Some(PolicyError::Issuers));
    assert_eq!(refused(|p| (p.flags_required, p.flags_forbidden) = (crate::Flags(3), crate::Flags(2))), Some(PolicyError::Flags));
}
