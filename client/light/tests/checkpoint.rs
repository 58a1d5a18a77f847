//! Where verifiers start: the document, and newer ones that follow from it.

#[path = "support/chain.rs"]
mod chain;

use chain::{change, handoff, hash, header, justify, set, slot};
use ofage_light::{
    AuthoritySet, Checkpoint, CheckpointError, FinalityError, Handoff, SetError, MAX_AUTHORITIES,
    MAX_DOCUMENT,
};
use ofage_primitives::{chain::SLOT_MILLIS, GenesisHash};
use proptest::prelude::*;
use serde_json::{json, Value};

const GENESIS: GenesisHash = GenesisHash([7; 32]);

fn checkpoint() -> Checkpoint {
    Checkpoint::new(GENESIS, 100, [5; 32], set(3, &[1, 2, 3, 4]), Some(600)).unwrap()
}

fn first() -> Checkpoint {
    Checkpoint::new(GENESIS, 0, GENESIS.0, set(0, &[1, 2, 3]), None).unwrap()
}

fn read(text: &str) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::from_json(text.as_bytes())
}

fn value(checkpoint: &Checkpoint) -> Value {
    serde_json::from_str(&checkpoint.to_json()).unwrap()
}

/// The document with something else in a field.
fn with(field: &str, content: Value) -> Result<Checkpoint, CheckpointError> {
    let mut document = value(&checkpoint());
    assert!(document.get(field).is_some());
    document[field] = content;
    read(&document.to_string())
}

fn is_malformed(read: &Result<Checkpoint, CheckpointError>) -> bool {
    matches!(read, Err(CheckpointError::Malformed { .. }))
}

fn seconds(number: u32) -> u64 {
    slot(number) * SLOT_MILLIS / 1_000
}

#[test]
fn the_document_says_all_in_words() {
    let document = value(&checkpoint());
    assert_eq!(document["format"], "ofage-checkpoint/1");
    assert_eq!(document["genesis"], format!("0x{}", "07".repeat(32)));
    assert_eq!(document["hash"], format!("0x{}", "05".repeat(32)));
    assert_eq!(
        (&document["number"], &document["time"]),
        (&json!(100), &json!(600))
    );
    assert_eq!((&document["set"], &document["since"]), (&json!(3), &json!(100)));
    assert_eq!(document["authorities"].as_array().unwrap().len(), 4);
    assert_eq!(document.as_object().unwrap().len(), 8);
    assert_eq!(value(&first())["time"], Value::Null);
}

#[test]
fn a_document_of_the_largest_set_is_taken() {
    let keys = (0..MAX_AUTHORITIES).map(|n| {
        let mut key = [0xff; 32];
        key[..8].copy_from_slice(&n.to_le_bytes());
        key
    });
    let set = AuthoritySet::new(u64::MAX, keys.collect()).unwrap();
    let largest = Checkpoint::new(GENESIS, u32::MAX, [5; 32], set, Some(u64::MAX)).unwrap();
    assert!(largest.to_json().len() <= MAX_DOCUMENT);
    assert_eq!(read(&largest.to_json()), Ok(largest));
}

proptest! {
    #[test]
    fn a_document_gives_what_it_was_made_from(
        (genesis, hash) in any::<([u8; 32], [u8; 32])>(),
        (number, time, id) in (1..=u32::MAX, any::<u64>(), any::<u64>()),
        keys in proptest::collection::btree_set(any::<[u8; 32]>(), 1..20),
        in_order in any::<bool>(),
    ) {
        prop_assume!(genesis != hash);
        let mut keys: Vec<_> = keys.into_iter().collect();
        // Their order is the chain's, which is any.
        if !in_order {
            keys.reverse();
        }
        let set = AuthoritySet::new(id, keys).unwrap();
        let made = Checkpoint::new(GenesisHash(genesis), number, hash, set, Some(time)).unwrap();
        prop_assert_eq!(read(&made.to_json()), Ok(made));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in any::<usize>(), flip in 1u8..) {
        prop_assert!(Checkpoint::from_json(&bytes).is_err());
        let mut altered = checkpoint().to_json().into_bytes();
        let at = at % altered.len();
        altered[at] ^= flip;
        if let Ok(other) = Checkpoint::from_json(&altered) {
            prop_assert_eq!(read(&other.to_json()), Ok(other));
        }
    }
}

mod rejects {
    use super::*;

    #[test]
    fn fields_that_are_missing_unknown_or_there_twice() {
        let document = value(&checkpoint());
        for field in document.as_object().unwrap().keys() {
            let mut less = document.clone();
            less.as_object_mut().unwrap().remove(field);
            // A time that is not there is none, which a later block may not have.
            let refused = read(&less.to_string());
            let contradiction = refused == Err(CheckpointError::Contradiction) && field == "time";
            assert!(is_malformed(&refused) || contradiction, "{field}: {refused:?}");
            let twice =
                checkpoint()
                    .to_json()
                    .replacen('{', &format!("{{\"{field}\":{},", document[field]), 1);
            assert!(is_malformed(&read(&twice)), "{field} twice");
        }
        let mut more = document;
        more["note"] = json!("trust me");
        assert!(is_malformed(&read(&more.to_string())));
    }

    #[test]
    fn other_formats_and_types() {
        for format in [
            "ofage-checkpoint/2",
            "ofage-checkpoint",
            "",
            "ofage-checkpoint/1 ",
        ] {
            assert!(is_malformed(&with("format", json!(format))), "{format}");
        }
        for (field, content) in [
            ("number", json!(u64::from(u32::MAX) + 1)),
            ("number", json!(-1)),
            ("number", json!("100")),
            ("number", json!(1.5)),
            ("time", json!("now")),
            ("since", json!(null)),
            ("set", json!([])),
            ("hash", json!("0x05")),
            ("hash", json!(format!("0x{}", "05".repeat(33)))),
            ("genesis", json!(format!("0x{}", "0g".repeat(32)))),
            ("genesis", json!(null)),
            ("authorities", json!({})),
            ("authorities", json!([1])),
        ] {
            assert!(is_malformed(&with(field, content.clone())), "{field}: {content}");
        }
    }

    #[test]
    fn documents_that_are_cut_off_go_on_or_nest() {
        let text = checkpoint().to_json();
        for end in 0..text.len() {
            assert!(is_malformed(&read(&text[..end])), "{end} bytes");
        }
        assert!(is_malformed(&read(&format!("{text}{text}"))));
        assert!(is_malformed(&read(&"[".repeat(MAX_DOCUMENT))));
        assert!(is_malformed(&with("authorities", json!([[[[]]]]))));
    }

    #[test]
    fn a_document_longer_than_is_looked_at() {
        let mut text = checkpoint().to_json();
        text.push_str(&" ".repeat(MAX_DOCUMENT - text.len()));
        assert_eq!(read(&text), Ok(checkpoint()));
        text.push(' ');
        assert_eq!(read(&text), Err(CheckpointError::TooLong));
    }

    #[test]
    fn sets_that_are_none() {
        let key = json!(format!("0x{}", "01".repeat(32)));
        assert_eq!(
            with("authorities", json!([])),
            Err(CheckpointError::Set(SetError::Empty))
        );
        assert_eq!(
            with("authorities", json!([key, key])),
            Err(CheckpointError::Set(SetError::Duplicate))
        );
        let many: Vec<_> = (0..=MAX_AUTHORITIES).map(|n| format!("0x{n:064x}")).collect();
        assert_eq!(
            with("authorities", json!(many)),
            Err(CheckpointError::Set(SetError::TooMany))
        );
    }

    #[test]
    fn a_first_block_that_is_not_the_chains_and_others_that_are() {
        let new = |number, hash, time| Checkpoint::new(GENESIS, number, hash, set(0, &[1]), time);
        for (number, hash, time) in [
            (0, GENESIS.0, Some(0)),
            (0, [5; 32], None),
            (1, [5; 32], None),
            (1, GENESIS.0, Some(6)),
        ] {
            assert_eq!(
                new(number, hash, time),
                Err(CheckpointError::Contradiction),
                "{number}"
            );
        }
        assert_eq!(with("since", json!(101)), Err(CheckpointError::Contradiction));
        assert!(with("since", json!(99)).is_ok());
        assert_eq!(with("time", json!(null)), Err(CheckpointError::Contradiction));
        assert_eq!(with("number", json!(0)), Err(CheckpointError::Contradiction));
    }
}

mod age {
    use super::*;

    #[test]
    fn the_first_block_has_none() {
        assert_eq!(first().check_age(u64::MAX, 0), Ok(()));
    }

    #[test]
    fn counts_from_the_blocks_slot() {
        assert_eq!(checkpoint().check_age(610, 10), Ok(()));
        let (age, limit) = (11, 10);
        assert_eq!(
            checkpoint().check_age(611, 10),
            Err(CheckpointError::TooOld { age, limit })
        );
        assert_eq!(checkpoint().check_age(540, 0), Ok(()));
        assert_eq!(checkpoint().check_age(539, 0), Err(CheckpointError::Future));
    }
}

mod a_newer_one {
    use super::*;

    fn handoffs() -> [Handoff; 2] {
        [
            handoff(110, 3, &[1, 2, 3], &[2, 3, 4, 5]),
            handoff(130, 4, &[3, 4, 5], &[6]),
        ]
    }

    fn head(number: u32, more: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
        let header = header(number, more);
        let justification = justify(&header, number, 5, &[6]);
        (header, justification)
    }

    fn advanced(
        from: &Checkpoint,
        handoffs: &[Handoff],
        head: &(Vec<u8>, Vec<u8>),
    ) -> Result<Checkpoint, FinalityError> {
        from.advanced(handoffs, Some((&head.0, &head.1)))
    }

    #[test]
    fn follows_over_handoffs_and_a_header() {
        let head = head(140, &[]);
        let newer = advanced(&checkpoint(), &handoffs(), &head).unwrap();
        assert_eq!(newer.genesis(), GENESIS);
        assert_eq!((newer.number(), newer.hash()), (140, hash(&head.0)));
        assert_eq!(newer.time(), Some(seconds(140)));
        assert_eq!(newer.set(), &set(5, &[6]));
        assert_eq!(read(&newer.to_json()), Ok(newer));
    }

    #[test]
    fn is_the_same_in_one_go_and_step_by_step() {
        let head = head(140, &[]);
        let [one, two] = handoffs();
        let stepwise = checkpoint()
            .advanced(&[one], None)
            .and_then(|newer| newer.advanced(&[two], None))
            .and_then(|newer| advanced(&newer, &[], &head));
        assert_eq!(stepwise, advanced(&checkpoint(), &handoffs(), &head));
    }

    #[test]
    fn is_none_without_anything_new() {
        assert_eq!(checkpoint().advanced(&[], None), Ok(checkpoint()));
        let newest = advanced(&checkpoint(), &handoffs(), &head(140, &[])).unwrap();
        assert_eq!(advanced(&newest, &[], &head(135, &[])), Ok(newest));
    }

    #[test]
    fn at_a_header_that_hands_over_names_the_next_set() {
        let (header, justification) = head(140, &[change(1, &[7, 8], 1, 0)]);
        let as_head = advanced(
            &checkpoint(),
            &handoffs(),
            &(header.clone(), justification.clone()),
        )
        .unwrap();
        assert_eq!(as_head.set(), &set(6, &[7, 8]));
        let [one, two] = handoffs();
        let as_handoff = checkpoint().advanced(
            &[
                one,
                two,
                Handoff {
                    header,
                    justification,
                },
            ],
            None,
        );
        assert_eq!(as_handoff, Ok(as_head.clone()));
        // And from there it goes on.
        let next = handoff(150, 6, &[7, 8], &[1]);
        assert!(as_head.advanced(&[next], None).is_ok());
    }

    #[test]
    fn follows_from_no_lie() {
        let good = head(140, &[]);
        let [one, two] = handoffs();
        let refused = |handoffs: &[Handoff], head: &(Vec<u8>, Vec<u8>)| {
            advanced(&checkpoint(), handoffs, head).unwrap_err()
        };
        // Without the first; without the second; with the first twice.
        assert_eq!(
            refused(std::slice::from_ref(&two), &good),
            FinalityError::Signature
        );
        assert_eq!(refused(std::slice::from_ref(&one), &good), FinalityError::TooFew);
        assert_eq!(
            refused(&[one.clone(), one.clone(), two.clone()], &good),
            FinalityError::Backwards(110)
        );
        let signed = |set, seeds: &[u8]| (good.0.clone(), justify(&good.0, 140, set, seeds));
        let whole = [one.clone(), two.clone()];
        assert_eq!(refused(&whole, &signed(5, &[])), FinalityError::TooFew);
        assert_eq!(refused(&whole, &signed(3, &[1, 2, 3])), FinalityError::Signature);
        assert_eq!(
            refused(&[one, two], &head(130, &[])),
            FinalityError::Backwards(130)
        );
    }
}
