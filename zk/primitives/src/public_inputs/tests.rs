//! Sets of issuer tags have one form, and no other decodes.

use super::*;
use crate::{hash_to_field, Element};
use codec::DecodeAll;
use proptest::prelude::*;

fn tag(n: u64) -> IssuerTag {
    IssuerTag::from_element(Element::from_u64(n))
}

/// Inputs with the first tag.
fn inputs(first: u64) -> PublicInputs {
    let element = |name: &[u8]| hash_to_field(name, &[]);
    PublicInputs {
        registry_root: RegistryRoot::from_element(element(b"registry")),
        trust_list_root: TrustListRoot::from_element(element(b"trust")),
        bounds: Bounds {
            born_on_or_before: Day::MAX,
            born_on_or_after: Day::MIN,
            checked_on_or_after: Day::MIN,
            enrolled_on_or_before: Day::MAX,
            valid_on: Day::MAX,
            min_assurance: Assurance::Verified,
            flags_required: Flags(1),
            flags_forbidden: Flags(2),
            slots: 3,
        },
        scope: Scope::from_element(element(b"scope")),
        nullifier: Nullifier::from_element(element(b"nullifier")),
        issuer_tag: tag(first),
        designated_verifier: DesignatedVerifier::public(),
        signal: Signal::from_element(element(b"signal")),
    }
}

fn joint(tags: &[u64]) -> Result<JointInputs, TagsError> {
    let further: Vec<IssuerTag> = tags[1..].iter().copied().map(tag).collect();
    JointInputs::new(inputs(tags[0]), &further)
}

/// The encoding that [`joint`] would have if nothing were refused.
fn encoding(tags: &[u64]) -> Vec<u8> {
    let further: Vec<IssuerTag> = tags[1..].iter().copied().map(tag).collect();
    (inputs(tags[0]), further).encode()
}

#[test]
fn instances_share_all_but_the_tag() {
    for tags in [&[9][..], &[3, 4], &[1, 5, 8], &[2, 3, 5, 7]] {
        let joint = joint(tags).unwrap();
        assert_eq!(joint.count(), tags.len());
        assert_eq!(joint.instances().len(), tags.len());
        assert!(joint.instances().eq(tags.iter().map(|n| inputs(*n))));
        assert!(joint.issuer_tags().eq(tags.iter().copied().map(tag)));
        assert_eq!(joint.single().is_some(), tags.len() == 1);
    }
}

#[test]
fn inputs_of_one_issuer_are_joint_inputs_too() {
    assert!(JointInputs::from(inputs(4)) == joint(&[4]).unwrap());
    assert!(JointInputs::from(inputs(4)).single() == Some(&inputs(4)));
    assert!(JointInputs::from(inputs(4)).first() == &inputs(4));
}

#[test]
fn the_order_is_that_of_the_bytes_and_not_of_the_numbers() {
    // 256 is written 00 01, and so comes before 1, which is written 01 00.
    assert!(joint(&[256, 1]).is_ok());
    assert_eq!(joint(&[1, 256]).unwrap_err(), TagsError::Unordered);
}

mod rejects {
    use super::*;

    /// Both ways to make them.
    fn refused(tags: &[u64], reason: TagsError) {
        assert_eq!(joint(tags).unwrap_err(), reason, "{tags:?}");
        assert!(
            JointInputs::decode_all(&mut &encoding(tags)[..]).is_err(),
            "{tags:?}"
        );
    }

    #[test]
    fn one_issuer_twice() {
        for tags in [&[7, 7][..], &[1, 7, 7], &[7, 8, 7], &[7, 7, 7, 7], &[1, 2, 3, 1]] {
            refused(tags, TagsError::Repeated);
        }
    }

    #[test]
    fn tags_that_do_not_ascend() {
        for tags in [&[8, 7][..], &[1, 9, 8], &[2, 1, 3], &[1, 2, 4, 3]] {
            refused(tags, TagsError::Unordered);
        }
    }

    #[test]
    fn more_issuers_than_any_policy_asks_for() {
        refused(&[1, 2, 3, 4, 5], TagsError::TooMany);
        // Before anything is allocated for them.
        let mut bytes = inputs(1).encode();
        Compact(u32::MAX).encode_to(&mut bytes);
        assert!(JointInputs::decode_all(&mut &bytes[..]).is_err());
    }

    #[test]
    fn every_shortening_and_every_extension() {
        let bytes = joint(&[1, 2, 3]).unwrap().encode();
        for cut in 0..bytes.len() {
            assert!(JointInputs::decode_all(&mut &bytes[..cut]).is_err());
        }
        assert!(JointInputs::decode_all(&mut &[&bytes[..], &[0]].concat()[..]).is_err());
    }

    #[test]
    fn a_count_in_more_bytes_than_it_needs() {
        let bytes = joint(&[1, 2]).unwrap().encode();
        let (head, tail) = bytes.split_at(PublicInputs::max_encoded_len());
        assert_eq!(tail[0], 1 << 2);
        let padded = [head, &[(1 << 2) | 1, 0], &tail[1..]].concat();
        assert!(JointInputs::decode_all(&mut &padded[..]).is_err());
    }

    #[test]
    fn a_tag_at_or_above_the_modulus() {
        let mut bytes = joint(&[1, 2]).unwrap().encode();
        let last = bytes.len() - 32;
        bytes[last..].fill(0xff);
        assert!(JointInputs::decode_all(&mut &bytes[..]).is_err());
    }
}

#[test]
fn the_longest_encoding_is_as_long_as_it_says() {
    let longest = joint(&[1, 2, 3, 4]).unwrap();
    assert_eq!(longest.count(), usize::from(MAX_ISSUERS));
    assert_eq!(longest.encode().len(), JointInputs::max_encoded_len());
}

proptest! {
    #[test]
    fn whatever_new_takes_decodes_to_itself_and_nothing_else_decodes(
        tags in proptest::collection::vec(0..6u64, 1..6)
    ) {
        let decoded = JointInputs::decode_all(&mut &encoding(&tags)[..]);
        match joint(&tags) {
            Ok(joint) => {
                prop_assert_eq!(joint.encode(), encoding(&tags));
                prop_assert!(decoded.unwrap() == joint);
            }
            Err(_) => prop_assert!(decoded.is_err()),
        }
        let mut ascending = tags.clone();
        ascending.sort_unstable();
        ascending.dedup();
        let is_a_set = ascending == tags && tags.len() <= usize::from(MAX_ISSUERS);
        prop_assert_eq!(joint(&tags).is_ok(), is_a_set);
    }

    #[test]
    fn hostile_bytes_never_decode_to_what_has_other_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(value) = JointInputs::decode_all(&mut &bytes[..]) {
            prop_assert_eq!(value.encode(), bytes);
        }
    }

    #[test]
    fn altered_encodings_never_decode_to_what_has_other_bytes(at in 0usize..400, to in any::<u8>()) {
        let mut bytes = joint(&[1, 2, 3]).unwrap().encode();
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(value) = JointInputs::decode_all(&mut &bytes[..]) {
            prop_assert_eq!(value.encode(), bytes);
        }
    }
}
