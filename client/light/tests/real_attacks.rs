//! More attacks with the data of a real chain, by validators who cheat as far as their keys reach. See `real_chain.rs`.

use ofage_light::{
    Bundle, Checkpoint, CheckpointError, FinalityError, Freshness, Handoff, HeaderError, LightVerifier,
    ProofError, Refusal, MAX_CHECKPOINT_AGE, MAX_HEADER, MAX_JUSTIFICATION, MAX_PROOF,
};
use ofage_primitives::Presentation;
use real::*;
use serde_json::{json, Value};

#[path = "support/real.rs"]
mod real;

/// All of set 0 and of set 2.
const ALL: [&str; 3] = ["Alice", "Bob", "Charlie"];

/// The checkpoint's document, changed.
fn document(change: impl FnOnce(&mut Value)) -> Result<Checkpoint, CheckpointError> {
    let mut document = serde_json::from_slice(&file("checkpoint.json")).unwrap();
    change(&mut document);
    Checkpoint::from_json(document.to_string().as_bytes())
}

fn hex32(bytes: [u8; 32]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// When the last block of the file was made: by the checkpoint that it leads to.
fn newest() -> Checkpoint {
    let mut verifier = verifier();
    decide(&mut verifier, &after()).unwrap();
    verifier.checkpoint().clone()
}

#[test]
fn a_state_root_that_does_not_match_is_refused_though_all_validators_signed_it() {
    let refused = refusal(|bundle| {
        bundle.header = fork(&bundle.header);
        bundle.justification = Votes::cast(&bundle.header, 2, &ALL).bytes();
    });
    assert_eq!(refused, Refusal::State(ProofError::OtherState));
}

#[test]
fn two_final_blocks_of_one_height_are_told() {
    let mut verifier = verifier();
    decide(&mut verifier, &after()).unwrap();
    let mut other = after();
    other.header = fork(&other.header);
    other.justification = Votes::cast(&other.header, 2, &ALL).bytes();
    let (number, _) = block(&other.header);
    let refused = decide(&mut verifier, &other).unwrap_err();
    assert_eq!(refused, Refusal::NotFinal(FinalityError::Contradiction(number)));
}

mod votes {
    use super::*;

    #[test]
    fn for_a_descendant_count_with_the_headers_that_lead_there_and_no_others() {
        let (later, forked) = (child(&after().header), child(&fork(&after().header)));
        // Two vote for the block, the third one for what follows.
        let with = |voted: &[u8], headers: &[Vec<u8>]| {
            let mut bundle = after();
            let mut votes = Votes::cast(&bundle.header, 2, &["Alice", "Bob"]);
            votes.votes.extend(Votes::cast(voted, 2, &["Charlie"]).votes);
            bundle.justification = votes.bytes_with(headers);
            decide(&mut verifier(), &bundle)
        };
        with(&later, std::slice::from_ref(&later)).unwrap();
        let no = Refusal::NotFinal(FinalityError::Votes);
        assert_eq!(with(&later, &[]).unwrap_err(), no);
        assert_eq!(with(&later, &[later.clone(), forked.clone()]).unwrap_err(), no);
        assert_eq!(with(&forked, std::slice::from_ref(&forked)).unwrap_err(), no);
        assert_eq!(with(&forked, std::slice::from_ref(&later)).unwrap_err(), no);
    }

    #[test]
    fn of_one_validator_for_two_blocks_count_once_at_most() {
        let refused = refusal(|bundle| {
            let mut votes = Votes::cast(&bundle.header, 2, &["Alice", "Bob"]);
            let later = child(&bundle.header);
            votes.votes.extend(Votes::cast(&later, 2, &["Bob"]).votes);
            bundle.justification = votes.bytes_with(&[later]);
        });
        assert!(
            matches!(
                refused,
                Refusal::NotFinal(FinalityError::Signature | FinalityError::TooFew)
            ),
            "{refused}"
        );
    }

    /// Charlie was no validator between the two rotations.
    #[test]
    fn of_a_validator_who_left_do_not_count() {
        let signed_by = |names: &[&str]| {
            let mut bundle = after();
            let header = bundle.handoffs[1].header.clone();
            let justification = Votes::cast(&header, 1, names).bytes();
            bundle.handoffs[1] = Handoff {
                header,
                justification,
            };
            decide(&mut verifier(), &bundle)
        };
        signed_by(&["Alice", "Bob"]).unwrap();
        for names in [&["Alice", "Charlie"][..], &ALL] {
            let refused = signed_by(names).unwrap_err();
            assert_eq!(refused, Refusal::NotFinal(FinalityError::Signature), "{names:?}");
        }
    }
}

mod an_old_set {
    use super::*;

    /// Sets 0 and 1 sign a block after they handed over, for a verifier that started anew from the newest checkpoint.
    #[test]
    fn cannot_sign_a_fork_also_after_a_restart() {
        for (set, names) in [(0, &ALL[..]), (1, &["Alice", "Bob"])] {
            let mut forked = after();
            forked.header = child(&forked.header);
            forked.justification = Votes::cast(&forked.header, set, names).bytes();
            forked.handoffs.truncate(set as usize);
            let mut verifier =
                LightVerifier::new(newest(), Freshness::default(), now(), MAX_CHECKPOINT_AGE).unwrap();
            assert_eq!(
                decide(&mut verifier, &forked).unwrap_err(),
                Refusal::Handoffs { have: 2, first: 0 },
                "set {set}"
            );
            // With all handoffs, it has to be the present set.
            forked.handoffs = after().handoffs;
            // Two votes are too few for the present set; three are of another one.
            let reason = match names.len() {
                2 => FinalityError::TooFew,
                _ => FinalityError::Signature,
            };
            assert_eq!(
                decide(&mut verifier, &forked).unwrap_err(),
                Refusal::NotFinal(reason),
                "set {set}"
            );
        }
    }

    /// A file that names the true newest block and a set that left long before it would let bought keys speak for ever.
    #[test]
    fn under_a_newer_block_is_no_checkpoint_that_leads_anywhere() {
        let newest = newest();
        let laundered = document(|document| {
            document["number"] = newest.number().into();
            document["hash"] = hex32(newest.hash()).into();
            document["time"] = newest.time().into();
        })
        .unwrap();
        let backwards = FinalityError::Backwards(newest.number());
        assert_eq!(laundered.advanced(&after().handoffs, None), Err(backwards));
        let mut verifier =
            LightVerifier::new(laundered, Freshness::default(), now(), MAX_CHECKPOINT_AGE).unwrap();
        assert_eq!(
            decide(&mut verifier, &after()).unwrap_err(),
            Refusal::NotFinal(backwards)
        );
    }

    #[test]
    fn is_not_the_first_blocks() {
        let refused = document(|document| document["set"] = 1.into()).unwrap_err();
        assert_eq!(refused, CheckpointError::Contradiction);
    }
}

mod handoffs {
    use super::*;

    #[test]
    fn fail_each_for_its_own_reason() {
        let changed = |change: fn(&mut Vec<Handoff>)| refusal(|bundle| change(&mut bundle.handoffs));
        let (first, second) = (
            block(&after().handoffs[0].header).0,
            block(&after().handoffs[1].header).0,
        );
        assert!(first < second);
        let not_final = Refusal::NotFinal;
        // Each is signed by the set before it, and two of set 1 are too few for set 0.
        let signature = not_final(FinalityError::Signature);
        let too_few = not_final(FinalityError::TooFew);
        assert_eq!(changed(|all| drop(all.remove(0))), too_few, "left out");
        assert_eq!(
            changed(|all| drop(all.remove(1))),
            signature,
            "left out at the end"
        );
        assert_eq!(changed(|all| all.swap(0, 1)), too_few, "turned around");
        assert_eq!(
            changed(|all| all.insert(0, all[0].clone())),
            not_final(FinalityError::Backwards(first)),
            "repeated"
        );
        assert_eq!(
            changed(|all| all.push(all[1].clone())),
            not_final(FinalityError::Backwards(second)),
            "repeated at the end"
        );
        let nobody = refusal(|bundle| bundle.handoffs[1].header = after().header);
        assert_eq!(nobody, not_final(FinalityError::OtherBlock));
        let nobody = refusal(|bundle| {
            let header = after().header;
            let justification = Votes::cast(&header, 1, &["Alice", "Bob"]).bytes();
            bundle.handoffs[1] = Handoff {
                header,
                justification,
            };
        });
        assert_eq!(nobody, not_final(FinalityError::Header(HeaderError::NoHandoff)));
    }
}

mod bytes {
    use super::*;

    #[test]
    fn behind_any_part_are_refused() {
        let malformed = [
            refusal(|bundle| bundle.header.push(0)),
            refusal(|bundle| bundle.justification.push(0)),
            refusal(|bundle| bundle.handoffs[0].header.push(0)),
            refusal(|bundle| bundle.handoffs[0].justification.push(0)),
        ];
        for refused in malformed {
            assert!(
                matches!(
                    refused,
                    Refusal::NotFinal(
                        FinalityError::Malformed
                            | FinalityError::OtherBlock
                            | FinalityError::Header(HeaderError::Malformed)
                    )
                ),
                "{refused}"
            );
        }
        let refused = refusal(|bundle| bundle.proof.push(0));
        assert_eq!(refused, Refusal::State(ProofError::Malformed));
    }

    #[test]
    fn too_many_in_a_part_are_refused_before_they_are_read() {
        let pads: [fn(&mut Bundle); 3] = [
            |bundle| bundle.header.resize(MAX_HEADER + 1, 0),
            |bundle| bundle.justification.resize(MAX_JUSTIFICATION + 1, 0),
            |bundle| bundle.proof.resize(MAX_PROOF + 1, 0),
        ];
        for (index, pad) in pads.into_iter().enumerate() {
            let mut bundle = after();
            pad(&mut bundle);
            assert!(Bundle::from_bytes(&bundle.to_bytes()).is_err(), "{index}");
            // Nor when the parts come by another way.
            assert!(decide(&mut verifier(), &bundle).is_err(), "{index}");
        }
    }

    #[test]
    fn nested_deeply_are_refused() {
        const DEPTH: usize = 100_000;
        let nest = |text: &str, place: &str| {
            let nested = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
            assert!(text.contains(place));
            text.replacen(place, &format!("{place}{nested},"), 1)
        };
        let text = String::from_utf8(file("checkpoint.json")).unwrap();
        let nested = nest(&text, "\"authorities\": [");
        // It is longer than any checkpoint; short of that, the depth itself is bounded.
        assert_eq!(
            Checkpoint::from_json(nested.as_bytes()),
            Err(CheckpointError::TooLong)
        );
        let shorter = text.replacen(
            "\"authorities\": [",
            &format!("\"authorities\": {}", "[".repeat(9_000)),
            1,
        );
        assert!(matches!(
            Checkpoint::from_json(shorter.as_bytes()),
            Err(CheckpointError::Malformed { .. })
        ));
        let presentation = serde_json::to_string(&after().presentation).unwrap();
        let nested = nest(&presentation, "\"issuer_tags\":[");
        assert!(serde_json::from_str::<Presentation>(&nested).is_err());
    }

    #[test]
    fn of_a_checkpoint_cut_off_or_followed_by_others_are_refused() {
        let whole = file("checkpoint.json");
        let end = whole.iter().rposition(|byte| *byte == b'}').unwrap();
        for length in 0..=end {
            assert!(Checkpoint::from_json(&whole[..length]).is_err(), "{length}");
        }
        assert!(Checkpoint::from_json(&[&whole[..], b"{}"].concat()).is_err());
        let unknown = document(|document| document["more"] = json!(1)).unwrap_err();
        assert!(matches!(unknown, CheckpointError::Malformed { .. }));
    }
}
