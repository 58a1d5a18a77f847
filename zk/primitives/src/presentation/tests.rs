//! Codecs refuse whatever is not exactly one canonical value.

use super::*;
use crate::{
    binding::{ShortBytes, ShortText},
    element::{hash_to_field, Element},
    policy::MAX_ISSUERS,
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
        issuer_tags: vec![tag(6)],
        proof: vec![9; 100],
    }
}

fn tag(n: u64) -> IssuerTag {
    IssuerTag::from_element(Element::from_u64(n))
}

/// As [`sample`], of as many issuers as there are tags.
fn joint(tags: &[u64]) -> Presentation {
    let mut joint = sample();
    joint.policy.issuers = u8::try_from(tags.len()).unwrap();
    joint.issuer_tags = tags.iter().copied().map(tag).collect();
    joint
}

#[test]
fn a_presentation_survives_both_forms() {
    for sample in [sample(), joint(&[1, 2]), joint(&[4, 6, 7, 9])] {
        assert!(Presentation::from_bytes(&sample.to_bytes()) == Ok(sample.clone()));
        #[cfg(feature = "serde")]
        {
            let text = serde_json::to_string(&sample).unwrap();
            assert!(serde_json::from_str::<Presentation>(&text).unwrap() == sample);
        }
    }
}

#[test]
fn the_longest_presentation_is_not_too_long() {
    let text = |length: usize| ShortText::new("a".repeat(length)).unwrap();
    let longest = Presentation {
        context: Context::Origin(text(crate::binding::MAX_NAME)),
        binding: Binding::App {
            account: text(crate::binding::MAX_NAME),
            identity_key: ShortBytes::new(vec![1; crate::binding::MAX_NAME]).unwrap(),
        },
        proof: vec![1; MAX_PROOF],
        ..joint(&[1, 2, 3, 4])
    };
    assert_eq!(longest.issuer_tags.len(), usize::from(MAX_ISSUERS));
    assert!(Presentation::from_bytes(&longest.to_bytes()) == Ok(longest));
}

#[test]
fn all_issuers_of_a_policy_are_named_once_and_in_order() {
    let genesis = GenesisHash([1; 32]);
    let of = |issuers: u8, tags: &[u64]| {
        let mut sample = joint(tags);
        sample.policy.issuers = issuers;
        let refused = Presentation::from_bytes(&sample.to_bytes()).err();
        assert_eq!(refused, sample.public_inputs(&genesis).err());
        assert_eq!(refused, sample.validated().err());
        refused
    };
    let count = |asked, found| Some(PresentationError::IssuerCount { asked, found });
    assert_eq!(of(1, &[6]), None);
    assert_eq!(of(3, &[6, 7, 9]), None);
    assert_eq!(of(1, &[]), count(1, 0));
    assert_eq!(of(1, &[6, 7]), count(1, 2));
    assert_eq!(of(2, &[6]), count(2, 1));
    assert_eq!(of(4, &[6, 7, 9]), count(4, 3));
    assert_eq!(of(2, &[6, 6]), Some(TagsError::Repeated.into()));
    assert_eq!(of(3, &[6, 7, 6]), Some(TagsError::Repeated.into()));
    assert_eq!(of(2, &[7, 6]), Some(TagsError::Unordered.into()));
    assert_eq!(of(3, &[6, 9, 7]), Some(TagsError::Unordered.into()));
    for impossible in [0, MAX_ISSUERS + 1, u8::MAX] {
        assert_eq!(of(impossible, &[6]), Some(PolicyError::Issuers.into()));
    }
}

#[test]
fn the_public_inputs_of_several_issuers_differ_in_their_tags_alone() {
    let genesis = GenesisHash([1; 32]);
    let inputs = joint(&[4, 6, 7]).public_inputs(&genesis).unwrap();
    assert_eq!(inputs.issuer_tags().collect::<Vec<_>>(), [4, 6, 7].map(tag));
    for (instance, n) in inputs.instances().zip([4, 6, 7]) {
        assert!(
            instance
                == PublicInputs {
                    issuer_tag: tag(n),
                    ..*inputs.first()
                }
        );
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
    assert_eq!(
        Presentation::from_bytes(&longer).unwrap_err(),
        PresentationError::Malformed
    );
}

#[test]
fn lengths_written_in_more_bytes_than_they_need_are_refused() {
    let bytes = sample().to_bytes();
    // 100 bytes of proof, 15 of an account: the length, what follows it, and a longer form of the length.
    let proof: (&[u8], &[u8], &[u8]) = (&[0x91, 0x01], &[9, 9], &[0x92, 0x01, 0x00, 0x00]);
    let account: (&[u8], &[u8], &[u8]) = (&[0x3c], b"@a:", &[0x3d, 0x00]);
    for (short, content, long) in [proof, account] {
        let written = [short, content].concat();
        let at = bytes
            .windows(written.len())
            .position(|part| part == written)
            .unwrap();
        let padded = [&bytes[..at], long, &bytes[at + short.len()..]].concat();
        assert_eq!(
            Presentation::from_bytes(&padded).unwrap_err(),
            PresentationError::Malformed
        );
    }
}

#[test]
fn other_versions_huge_inputs_and_impossible_policies_are_refused() {
    let mut other = sample();
    for version in [0, VERSION - 1, VERSION + 1, u8::MAX] {
        other.version = version;
        assert_eq!(
            Presentation::from_bytes(&other.to_bytes()).unwrap_err(),
            PresentationError::Version(version)
        );
    }
    assert_eq!(
        Presentation::from_bytes(&vec![1; MAX_ENCODED + 1]).unwrap_err(),
        PresentationError::TooLong
    );
    let mut long = sample();
    long.proof = vec![0; MAX_PROOF + 1];
    assert_eq!(
        Presentation::from_bytes(&long.to_bytes()).unwrap_err(),
        PresentationError::TooLong
    );
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

}

/// The presentation with each of its bits flipped alone, where that decodes at all.
fn flipped(sample: &Presentation) -> impl Iterator<Item = Presentation> {
    let bytes = sample.to_bytes();
    (0..8 * bytes.len()).filter_map(move |bit| {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Presentation::from_bytes(&bytes).ok()
    })
}

#[test]
fn every_flipped_bit_is_noticed_in_the_public_inputs_or_the_proof() {
    let genesis = GenesisHash([1; 32]);
    for mut sample in [sample(), joint(&[4, 6, 7])] {
        sample.policy.age = AgeBand::between(13, 18);
        let inputs = sample.public_inputs(&genesis);
        assert!(inputs.is_ok());
        for other in flipped(&sample) {
            assert!(other.proof != sample.proof || other.public_inputs(&genesis) != inputs);
        }
    }
}

#[test]
fn the_end_of_an_admission_is_bound_by_below_n_alone() {
    let genesis = GenesisHash([1; 32]);
    let sample = sample();
    let inputs = sample.public_inputs(&genesis);
    assert!(inputs.is_ok());
    for mut other in flipped(&sample) {
        let changes_until = other.until != sample.until;
        other.until = sample.until;
        let changes_more = other != sample;
        assert!(changes_until != changes_more);
        let is_noticed = other.proof != sample.proof || other.public_inputs(&genesis) != inputs;
        assert_eq!(is_noticed, changes_more);
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
    assert_eq!(
        modulus_minus_one.to_string().parse::<Element>(),
        Ok(modulus_minus_one)
    );
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
    assert_eq!(
        public.element(),
        hash_to_field(b"ofage/designated-verifier/public/v1", &[])
    );
    for n in 0..64u8 {
        let secret = crate::VerifierSecret::from_bytes(Element::from_u64(u64::from(n)).as_bytes()).unwrap();
        assert!(crate::hashes::designated_key(&secret) != public);
    }
}

#[test]
fn bounds_of_under_n_are_computed_for_the_end_of_the_admission() {
    let policy = Policy::new(AgeBand::under(18), TrustListId(0));
    let (today, later): (Day, Day) = ("2026-11-24".parse().unwrap(), "2026-12-24".parse().unwrap());
    assert_eq!(
        policy.bounds(today, later).unwrap().born_on_or_after.to_string(),
        "2008-12-25"
    );
    assert_eq!(
        policy.bounds(today, today).unwrap().born_on_or_after.to_string(),
        "2008-11-25"
    );
    let over = Policy::new(AgeBand::over(18), TrustListId(0))
        .bounds(today, later)
        .unwrap();
    assert_eq!(over.born_on_or_before.to_string(), "2008-11-24");
    assert!(over.born_on_or_after == Day::MIN);
}

#[test]
fn an_admission_that_ends_before_the_proof_is_no_way_around_under_n() {
    let policy = Policy::new(AgeBand::under(18), TrustListId(0));
    let today: Day = "2026-11-24".parse().unwrap();
    for before in [
        Day::MIN,
        "1990-01-01".parse().unwrap(),
        today.checked_sub(1).unwrap(),
    ] {
        assert_eq!(
            policy.bounds(today, before).unwrap_err(),
            PolicyError::EndsBeforeProof
        );
        let presentation = Presentation {
            policy: policy.clone(),
            valid_on: today,
            until: before,
            ..sample()
        };
        assert_eq!(
            presentation.public_inputs(&GenesisHash([1; 32])).unwrap_err(),
            PresentationError::Policy(PolicyError::EndsBeforeProof)
        );
    }
}

#[test]
fn policies_that_nobody_could_mean_are_refused() {
    let refused = |change: fn(&mut Policy)| {
        let mut policy = Policy::new(AgeBand::between(13, 18), TrustListId(0));
        change(&mut policy);
        policy.validate().err()
    };
    assert_eq!(refused(|_| ()), None);
    assert_eq!(
        refused(|p| p.age = AgeBand {
            at_least: None,
            below: None
        }),
        Some(PolicyError::NoAge)
    );
    assert_eq!(
        refused(|p| p.age = AgeBand::over(0)),
        Some(PolicyError::AgeOutOfRange)
    );
    assert_eq!(
        refused(|p| p.age = AgeBand::under(121)),
        Some(PolicyError::AgeOutOfRange)
    );
    assert_eq!(
        refused(|p| p.age = AgeBand::between(18, 18)),
        Some(PolicyError::EmptyBand)
    );
    assert_eq!(refused(|p| p.issuers = MAX_ISSUERS), None);
    assert_eq!(refused(|p| p.issuers = 0), Some(PolicyError::Issuers));
    assert_eq!(
        refused(|p| p.issuers = MAX_ISSUERS + 1),
        Some(PolicyError::Issuers)
    );
    assert_eq!(
        refused(|p| (p.flags_required, p.flags_forbidden) = (crate::Flags(3), crate::Flags(2))),
        Some(PolicyError::Flags)
    );
}

#[cfg(feature = "serde")]
mod json_refuses {
    use super::*;
    use serde_json::{json, Value};

    fn reads(change: impl Fn(&mut Value)) -> bool {
        let mut value = serde_json::to_value(sample()).unwrap();
        change(&mut value);
        serde_json::from_value::<Presentation>(value).is_ok_and(|p| p.validated().is_ok())
    }

    #[test]
    fn unknown_fields_at_every_depth() {
        assert!(reads(|_| ()));
        for at in [
            "",
            "/policy",
            "/policy/age",
            "/anchor",
            "/binding/app",
            "/binding",
            "/context",
        ] {
            let extend = |value: &mut Value| {
                let part = value.pointer_mut(at).and_then(Value::as_object_mut).unwrap();
                part.insert("more".into(), json!(1));
            };
            assert!(!reads(extend), "at {at:?}");
        }
    }

    #[test]
    fn a_field_that_is_there_twice() {
        let text = serde_json::to_string(&sample()).unwrap();
        let twice = text.replacen("\"expires_at\"", "\"expires_at\":1,\"expires_at\"", 1);
        assert!(twice != text && serde_json::from_str::<Presentation>(&twice).is_err());
        let twice = text.replacen("\"account\"", "\"account\":\"\",\"account\"", 1);
        assert!(twice != text && serde_json::from_str::<Presentation>(&twice).is_err());
    }

    #[test]
    fn what_the_binary_form_refuses_too() {
        let modulus = "0x01000000ed302d991bf94c09fc98462200000000000000000000000000000040";
        let long = |bytes: usize| json!(format!("0x{}", "00".repeat(bytes)));
        let cases: [(&str, Value); 17] = [
            ("/version", json!(VERSION + 1)),
            ("/nullifier", json!(modulus)),
            ("/anchor/registry_root", json!(modulus)),
            ("/nonce", long(31)),
            ("/nonce", long(33)),
            ("/proof", long(MAX_PROOF + 1)),
            ("/binding/app/identity_key", long(256)),
            ("/binding/app/account", json!("a".repeat(256))),
            ("/policy/min_assurance", json!("unknown")),
            ("/policy/slots", json!(256)),
            ("/policy/slots", json!(0)),
            ("/policy/issuers", json!(2)),
            ("/issuer_tags", json!([])),
            ("/issuer_tags", json!([tag(6), tag(7)])),
            ("/issuer_tags/0", json!(modulus)),
            ("/valid_on", json!("2026-02-29")),
            ("/expires_at", json!(-1)),
        ];
        for (at, bad) in cases {
            assert!(
                !reads(|value| *value.pointer_mut(at).unwrap() = bad.clone()),
                "{at}: {bad}"
            );
        }
    }
}
