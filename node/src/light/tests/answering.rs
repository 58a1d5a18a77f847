//! Which block, which sets, how much of them.

use super::toy::{anchor, hash, keys, Toy, ENDS, NEWEST};
use crate::light::answer::{authorities, bundle_parts, handoffs, Handoffs, LightError, MAX_HANDOFFS};
use codec::{DecodeAll, Encode};
use ofage_primitives::{storage, CircuitId, TrustListId};
use serde_json::{json, Value};

const LIST: TrustListId = TrustListId(2);

fn parts(toy: &Toy, block: u32) -> Result<Value, LightError> {
    let parts = bundle_parts(toy, LIST, &anchor(block), CircuitId::V1)?;
    Ok(serde_json::to_value(parts).unwrap())
}

fn digits(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn header(number: u32) -> String {
    digits(&[b"header", &number.to_be_bytes()[..]].concat())
}

/// The blocks whose headers an answer holds, in its order.
fn ends(found: Handoffs) -> Vec<u32> {
    let found = serde_json::to_value(found).unwrap();
    let found = found["handoffs"].as_array().unwrap().iter();
    found
        .map(|handoff| {
            let end = ENDS.into_iter().find(|end| header(*end) == handoff["header"]);
            end.expect("the header is that of an end")
        })
        .collect()
}

fn block_of(answer: &Value) -> u32 {
    u32::try_from(answer["number"].as_u64().unwrap()).unwrap()
}

#[test]
fn parts_are_all_of_the_newest_block_that_can_be_proved() {
    let anchor = anchor(7);
    let keys = storage::anchor_keys(LIST, &anchor, CircuitId::V1);
    let proof = [vec![hash(NEWEST).to_vec()], keys].concat();
    assert_eq!(
        parts(&Toy::new(), 7).unwrap(),
        json!({
            "genesis": digits(&[7; 32]),
            "set": 4,
            "number": NEWEST,
            "hash": digits(&hash(NEWEST)),
            "header": header(NEWEST),
            "justification": "0xaaaaaa",
            "proof": digits(&proof.encode()),
        })
    );
}

#[test]
fn a_proof_decodes_as_a_list_of_nodes() {
    let parts = parts(&Toy::new(), 7).unwrap();
    let proof = hex::decode(&parts["proof"].as_str().unwrap()[2..]).unwrap();
    let nodes = Vec::<Vec<u8>>::decode_all(&mut &proof[..]).unwrap();
    assert_eq!(nodes.len(), 1 + 6);
}

#[test]
fn an_anchor_of_the_newest_block_itself_is_proved() {
    assert_eq!(block_of(&parts(&Toy::new(), NEWEST).unwrap()), NEWEST);
}

#[test]
fn the_set_is_the_one_that_signed_and_not_the_one_handed_over_to() {
    for (newest, set) in [
        (1, 0),
        (99, 0),
        (100, 0),
        (101, 1),
        (200, 1),
        (201, 2),
        (400, 3),
        (401, 4),
    ] {
        let mut toy = Toy::new();
        toy.newest = Some(newest);
        let parts = parts(&toy, 1).unwrap();
        assert_eq!(
            (block_of(&parts), parts["set"].as_u64()),
            (newest, Some(set)),
            "block {newest}"
        );
        let found = serde_json::to_value(authorities(&toy).unwrap()).unwrap();
        assert_eq!((block_of(&found), found["set"].as_u64()), (newest, Some(set)));
        assert_eq!(found["authorities"], json!(keys(set).map(|key| digits(&key))));
    }
}

#[test]
fn authorities_come_with_the_block_they_signed() {
    assert_eq!(
        serde_json::to_value(authorities(&Toy::new()).unwrap()).unwrap(),
        json!({
            "genesis": digits(&[7; 32]),
            "set": 4,
            "authorities": keys(4).map(|key| digits(&key)),
            "number": NEWEST,
            "hash": digits(&hash(NEWEST)),
            "header": header(NEWEST),
            "justification": "0xaaaaaa",
        })
    );
}

#[test]
fn a_node_that_forgot_the_first_sets_still_knows_who_signs_now() {
    let mut toy = Toy::new();
    toy.forgotten = 3;
    assert_eq!(parts(&toy, 7).unwrap()["set"], 4);
}

mod handoffs_come {
    use super::*;

    #[test]
    fn each_once_and_in_order() {
        let found = handoffs(&Toy::new(), 0, MAX_HANDOFFS).unwrap();
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!(
            (json["first"].as_u64(), json["current"].as_u64()),
            (Some(0), Some(4))
        );
        assert_eq!(
            json["handoffs"][1],
            json!({ "header": header(200), "justification": "0xaaaaaa" })
        );
        assert_eq!(ends(found), ENDS);
    }

    #[test]
    fn from_the_set_that_is_asked_for() {
        for first in 0..=4 {
            let found = handoffs(&Toy::new(), first, MAX_HANDOFFS).unwrap();
            assert_eq!(ends(found), ENDS[first as usize..]);
        }
    }

    #[test]
    fn as_many_as_are_asked_for() {
        for limit in 1..=4 {
            let found = handoffs(&Toy::new(), 0, limit).unwrap();
            assert_eq!(ends(found), ENDS[..limit as usize]);
        }
    }

    #[test]
    fn as_many_as_half_a_mebibyte_takes() {
        let mut toy = Toy::new();
        // With a header of ten bytes, and 0x twice, exactly a third of it.
        toy.justification = 512 * 1_024 / 3 / 2 - 10 - 2;
        assert_eq!(ends(handoffs(&toy, 0, MAX_HANDOFFS).unwrap()), ENDS[..3]);
        toy.justification += 1;
        assert_eq!(ends(handoffs(&toy, 0, MAX_HANDOFFS).unwrap()), ENDS[..2]);
    }

    #[test]
    fn one_at_a_time_however_long() {
        let mut toy = Toy::new();
        toy.justification = 512 * 1_024;
        for (first, end) in (0..).zip(ENDS) {
            assert_eq!(ends(handoffs(&toy, first, MAX_HANDOFFS).unwrap()), [end]);
        }
    }

    #[test]
    fn up_to_one_that_is_missing() {
        let mut toy = Toy::new();
        toy.unjustified.insert(300);
        assert_eq!(ends(handoffs(&toy, 0, MAX_HANDOFFS).unwrap()), ENDS[..2]);
        toy.unjustified.clear();
        toy.unknown.insert(300);
        assert_eq!(ends(handoffs(&toy, 0, MAX_HANDOFFS).unwrap()), ENDS[..2]);
    }
}

mod refuses {
    use super::*;

    fn refusal<T>(answer: Result<T, LightError>) -> LightError {
        match answer {
            Ok(_) => panic!("it should refuse"),
            Err(error) => error,
        }
    }

    #[test]
    fn an_anchor_that_is_newer_than_what_can_be_proved() {
        for block in [NEWEST + 1, u32::MAX] {
            let refusal = refusal(parts(&Toy::new(), block));
            assert_eq!(
                refusal,
                LightError::Ahead {
                    anchor: block,
                    newest: NEWEST
                }
            );
            assert!(refusal
                .to_string()
                .contains(&format!("ask again after block {block} is final")));
        }
    }

    #[test]
    fn everything_but_handoffs_before_the_first_justification() {
        let mut toy = Toy::new();
        toy.newest = None;
        assert_eq!(refusal(parts(&toy, 0)), LightError::NothingFinal);
        assert_eq!(refusal(authorities(&toy)), LightError::NothingFinal);
        assert!(handoffs(&toy, 0, 1).is_ok());
    }

    #[test]
    fn a_state_that_is_gone() {
        let mut toy = Toy::new();
        toy.has_state = false;
        assert_eq!(refusal(parts(&toy, 7)), LightError::NoState(NEWEST));
        assert_eq!(refusal(authorities(&toy)), LightError::NoState(NEWEST));
    }

    #[test]
    fn a_set_that_did_not_begin() {
        for first in [5, u64::MAX] {
            assert_eq!(
                refusal(handoffs(&Toy::new(), first, 1)),
                LightError::NoSet { first, current: 4 }
            );
        }
    }

    #[test]
    fn no_handoffs_or_more_than_an_answer_holds() {
        for limit in [0, MAX_HANDOFFS + 1, u32::MAX] {
            assert_eq!(refusal(handoffs(&Toy::new(), 0, limit)), LightError::Limit);
        }
    }

    #[test]
    fn handoffs_that_begin_with_one_that_is_missing() {
        let mut toy = Toy::new();
        toy.unjustified.insert(300);
        assert_eq!(refusal(handoffs(&toy, 2, 1)), LightError::NoHandoff(2));
        toy.unjustified.clear();
        toy.unknown.insert(300);
        assert_eq!(refusal(handoffs(&toy, 2, 1)), LightError::NoHandoff(2));
    }

    #[test]
    fn handoffs_of_sets_before_its_memory() {
        let mut toy = Toy::new();
        toy.forgotten = 1;
        assert_eq!(refusal(handoffs(&toy, 0, 1)), LightError::NoHandoff(0));
        assert_eq!(ends(handoffs(&toy, 1, MAX_HANDOFFS).unwrap()), ENDS[1..]);
    }

    #[test]
    fn to_guess_which_set_signed() {
        let mut toy = Toy::new();
        (toy.forgotten, toy.newest) = (2, Some(250));
        assert_eq!(refusal(parts(&toy, 7)), LightError::NoHistory(250));
        assert_eq!(refusal(authorities(&toy)), LightError::NoHistory(250));
        // It knows how the third set ended, and not when it began; the fourth begins behind it.
        toy.newest = Some(300);
        assert_eq!(refusal(parts(&toy, 7)), LightError::NoHistory(300));
        toy.newest = Some(301);
        assert_eq!(parts(&toy, 7).unwrap()["set"], 3);
    }
}
