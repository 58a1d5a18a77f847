//! The bytes of bundles: one form for each, and bounds on all.

#[path = "support/chain.rs"]
mod chain;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/trie.rs"]
mod trie;

use codec::{Compact, Encode};
use ofage_light::{
    Bundle, BundleError, Handoff, MAX_BUNDLE, MAX_HANDOFFS, MAX_HEADER, MAX_JUSTIFICATION, MAX_PROOF,
};
use ofage_primitives::{presentation::MAX_ENCODED, GenesisHash};
use proptest::prelude::*;
use scene::Scene;

/// Bytes before the number of handoffs: name and version, genesis, first set.
const BEFORE_HANDOFFS: usize = 5 + 32 + 8;

fn bundle() -> Bundle {
    Scene::new(4, 2, 5).bundle
}

fn read(bytes: &[u8]) -> Result<Bundle, BundleError> {
    Bundle::from_bytes(bytes)
}

#[test]
fn a_bundle_is_the_same_after_encoding_and_decoding() {
    let bundle = bundle();
    let bytes = bundle.to_bytes();
    assert!(Bundle::is_one(&bytes));
    assert_eq!(read(&bytes), Ok(bundle));
}

#[test]
fn it_weighs_as_much_as_one_without_handoffs_but_for_these() {
    let mut bundle = bundle();
    let claimed = bundle.len_without_handoffs();
    bundle.handoffs.clear();
    assert_eq!(claimed, bundle.to_bytes().len());
    assert_eq!(bundle.len_without_handoffs(), claimed);
}

fn arb_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..200)
}

proptest! {
    #[test]
    fn whatever_its_parts(
        (genesis, first_set) in any::<([u8; 32], u64)>(),
        handoffs in proptest::collection::vec((arb_bytes(), arb_bytes()), 0..80),
        (header, justification, proof) in (arb_bytes(), arb_bytes(), arb_bytes()),
    ) {
        let bundle = Bundle {
            genesis: GenesisHash(genesis),
            first_set,
            handoffs: handoffs
                .into_iter()
                .map(|(header, justification)| Handoff { header, justification })
                .collect(),
            header,
            justification,
            proof,
            presentation: scene::presentation(),
        };
        let mut without = bundle.clone();
        without.handoffs.clear();
        prop_assert_eq!(bundle.len_without_handoffs(), without.to_bytes().len());
        prop_assert_eq!(read(&bundle.to_bytes()), Ok(bundle));
    }

    #[test]
    fn no_bytes_panic_nor_have_two_forms(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let named = [b"ofab\x01", &bytes[..]].concat();
        if let Ok(bundle) = read(&named) {
            prop_assert_eq!(bundle.to_bytes(), named);
        }
        prop_assert_eq!(read(&bytes).is_err(), true);
    }
}

mod rejects {
    use super::*;

    #[test]
    fn bytes_that_are_cut_off_or_go_on() {
        let bytes = bundle().to_bytes();
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end} bytes");
        }
        assert_eq!(read(&[&bytes[..], &[0]].concat()), Err(BundleError::Malformed));
        assert_eq!(
            read(&[&bytes[..], &bytes[..]].concat()),
            Err(BundleError::Malformed)
        );
    }

    #[test]
    fn other_files_and_versions() {
        for bytes in [&b""[..], b"ofab", b"ofab\x00", b"ofab\x02", b"OFAB\x01", b"{}"] {
            assert_eq!(read(bytes), Err(BundleError::Unknown));
        }
        let mut newer = bundle().to_bytes();
        newer[4] = 2;
        assert_eq!(read(&newer), Err(BundleError::Unknown));
        assert!(!Bundle::is_one(&newer));
        let alone = bundle().presentation.to_bytes();
        assert_eq!(read(&alone), Err(BundleError::Unknown));
    }

    #[test]
    fn parts_that_are_longer_than_they_may_be() {
        type Part = fn(&mut Bundle) -> &mut Vec<u8>;
        let lengths: [(Part, usize); 5] = [
            (|bundle| &mut bundle.handoffs[1].header, MAX_HEADER),
            (|bundle| &mut bundle.handoffs[1].justification, MAX_JUSTIFICATION),
            (|bundle| &mut bundle.header, MAX_HEADER),
            (|bundle| &mut bundle.justification, MAX_JUSTIFICATION),
            (|bundle| &mut bundle.proof, MAX_PROOF),
        ];
        for (at, (part, limit)) in lengths.into_iter().enumerate() {
            let mut bundle = bundle();
            part(&mut bundle).resize(limit, 0);
            assert_eq!(read(&bundle.to_bytes()).as_ref(), Ok(&bundle), "part {at}");
            part(&mut bundle).push(0);
            assert_eq!(read(&bundle.to_bytes()), Err(BundleError::TooLong), "part {at}");
        }
    }

    #[test]
    fn a_presentation_that_is_none() {
        let mut bundle = bundle();
        bundle.presentation.proof = vec![0; MAX_ENCODED];
        assert_eq!(read(&bundle.to_bytes()), Err(BundleError::TooLong));
        bundle.presentation.proof.clear();
        bundle.presentation.version += 1;
        assert!(matches!(
            read(&bundle.to_bytes()),
            Err(BundleError::Presentation(_))
        ));
    }

    #[test]
    fn more_handoffs_or_bytes_than_are_looked_at() {
        let mut bundle = bundle();
        let empty = Handoff {
            header: vec![],
            justification: vec![],
        };
        bundle.handoffs = vec![empty.clone(); MAX_HANDOFFS];
        assert_eq!(read(&bundle.to_bytes()).as_ref(), Ok(&bundle));
        bundle.handoffs.push(empty);
        assert_eq!(read(&bundle.to_bytes()), Err(BundleError::TooLong));

        let mut bytes = super::bundle().to_bytes();
        bytes.resize(MAX_BUNDLE, 0);
        assert_eq!(read(&bytes), Err(BundleError::Malformed));
        bytes.push(0);
        assert_eq!(read(&bytes), Err(BundleError::TooLong));
    }

    #[test]
    fn counts_and_lengths_that_no_memory_holds() {
        let start = &bundle().to_bytes()[..BEFORE_HANDOFFS];
        let huge = Compact(u32::MAX).encode();
        assert_eq!(read(&[start, &huge].concat()), Err(BundleError::TooLong));
        let one = Compact(1u32).encode();
        assert_eq!(read(&[start, &one, &huge].concat()), Err(BundleError::TooLong));
        let longest = Compact(MAX_HEADER as u32).encode();
        assert_eq!(
            read(&[start, &one, &longest].concat()),
            Err(BundleError::Malformed)
        );
    }

    #[test]
    fn a_count_written_longer_than_need_be() {
        let bytes = bundle().to_bytes();
        let (start, rest) = bytes.split_at(BEFORE_HANDOFFS);
        assert_eq!(rest[0], Compact(2u32).encode()[0]);
        for count in [&[2 << 2 | 1, 0][..], &[2 << 2 | 2, 0, 0, 0], &[3, 2, 0, 0, 0]] {
            let longer = [start, count, &rest[1..]].concat();
            assert_eq!(read(&longer), Err(BundleError::Malformed));
        }
    }

    #[test]
    fn no_two_bytes_for_one_bundle() {
        let good = bundle();
        let bytes = good.to_bytes();
        for at in 0..bytes.len() {
            for flip in [1, 2, 0x80] {
                let mut other = bytes.clone();
                other[at] ^= flip;
                if let Ok(bundle) = read(&other) {
                    assert_eq!(bundle.to_bytes(), other, "byte {at}");
                    assert_ne!(bundle, good, "byte {at}");
                }
            }
        }
    }
}
