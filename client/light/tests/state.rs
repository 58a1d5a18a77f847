//! What the state of a final block says about anchors and gates, and what it must not be made to say.

#[path = "support/chain.rs"]
mod chain;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/trie.rs"]
mod trie;

use chain::{header_of, justify, our_digest, root, set};
use codec::{Decode, Encode};
use ofage_light::{
    AnchorClaim, FinalizedGate, FinalizedHeader, FinalizedRoot, Follower, GateTerms, ProofError, RootError,
};
use ofage_primitives::{
    chain::{RootSpan, ROOT_WINDOW},
    policy::AgeBand,
    storage::{self, GateEntry, GateState},
    CircuitId, Day, GateId, Policy, TrustListId,
};
use scene::{list, ANCHOR, LIST, PROVED};
use trie::State;

fn claim() -> AnchorClaim {
    AnchorClaim::of(&scene::presentation())
}

/// A state in which the anchor counts.
fn state() -> State {
    scene::state(&claim().anchor, 30)
}

/// The final header at a height, with a state.
fn header_at(number: u32, state: &State) -> FinalizedHeader {
    let header = header_of([1; 32], number, state.root(), &[our_digest(number)]);
    let justification = justify(&header, number, 0, &[1]);
    Follower::new(set(0, &[1]), 0)
        .finalized(&header, &justification)
        .unwrap()
}

/// What the honest proof of a claim says at a height.
fn judge_claim(number: u32, state: &State, claim: AnchorClaim) -> Result<FinalizedRoot, RootError> {
    header_at(number, state).prove(claim, &state.proof(&claim.keys()))
}

fn judge_at(number: u32, state: &State) -> Result<(), RootError> {
    judge_claim(number, state, claim()).map(drop)
}

fn judge(state: &State) -> Result<(), RootError> {
    judge_at(PROVED, state)
}

fn with(key: Vec<u8>, value: Vec<u8>) -> State {
    let mut state = state();
    state.0.insert(key, value);
    state
}

fn without(key: &[u8]) -> State {
    let mut state = state();
    assert!(state.0.remove(key).is_some());
    state
}

fn span(from: u32, superseded_at: Option<u32>) -> RootSpan {
    RootSpan { from, superseded_at }
}

fn registry_key() -> Vec<u8> {
    storage::root_history(claim().anchor.registry_root)
}

fn list_key() -> Vec<u8> {
    storage::list_root_history(LIST, claim().anchor.trust_list_root)
}

fn nodes(proof: &[u8]) -> Vec<Vec<u8>> {
    Vec::decode(&mut &proof[..]).unwrap()
}

mod an_anchor_counts {
    use super::*;

    #[test]
    fn in_small_and_in_large_states() {
        for entries in [0, 1, 20, 2_000] {
            let state = scene::state(&claim().anchor, entries);
            let header = header_at(PROVED, &state);
            let found = header.prove(claim(), &state.proof(&claim().keys())).unwrap();
            assert_eq!((found.claim(), found.header()), (&claim(), &header));
        }
    }

    #[test]
    fn until_a_window_after_its_roots_were_superseded_and_no_block_longer() {
        let end = ANCHOR + 5;
        for (key, refusal) in [
            (registry_key(), RootError::RegistryRoot),
            (list_key(), RootError::TrustListRoot),
        ] {
            // The other root is current still.
            let mut state = with(registry_key(), vec![span(ANCHOR, None)].encode());
            state.0.insert(key, vec![span(ANCHOR, Some(end))].encode());
            assert_eq!(judge_at(end + ROOT_WINDOW, &state), Ok(()));
            assert_eq!(judge_at(end + ROOT_WINDOW + 1, &state), Err(refusal));
        }
    }

    #[test]
    fn from_the_first_to_the_last_block_of_a_span() {
        for (key, refusal) in [
            (registry_key(), RootError::RegistryRoot),
            (list_key(), RootError::TrustListRoot),
        ] {
            for (first, end, expected) in [
                (ANCHOR, ANCHOR + 1, Ok(())),
                (ANCHOR - 1, ANCHOR, Err(refusal)),
                (ANCHOR + 1, ANCHOR + 2, Err(refusal)),
            ] {
                let state = with(key.clone(), vec![span(first, Some(end))].encode());
                assert_eq!(judge(&state), expected, "{first}..{end}");
            }
        }
    }

    #[test]
    fn by_one_span_of_many_in_a_value_that_stands_beside_its_node() {
        let others = (0..20).map(|n| span(n * 3, Some(n * 3 + 1)));
        let spans: Vec<_> = others.chain([span(ANCHOR, None)]).collect();
        for key in [registry_key(), list_key()] {
            let state = with(key, spans.encode());
            assert!(nodes(&state.proof(&claim().keys())).contains(&spans.encode()));
            assert_eq!(judge(&state), Ok(()));
        }
    }

    #[test]
    fn by_a_span_that_covers_it_and_lives_not_by_two_that_do_one_each() {
        let number = ANCHOR + ROOT_WINDOW + 10;
        let spans = vec![span(ANCHOR, Some(ANCHOR + 1)), span(number - 1, None)];
        for (key, refusal) in [
            (registry_key(), RootError::RegistryRoot),
            (list_key(), RootError::TrustListRoot),
        ] {
            let open = with(registry_key(), vec![span(ANCHOR, None)].encode());
            assert_eq!(judge_at(number, &open), Ok(()));
            let mut state = open;
            state.0.insert(key, spans.encode());
            assert_eq!(judge_at(number, &state), Err(refusal));
        }
    }

    #[test]
    fn from_the_block_on_at_which_somebody_last_left_the_list() {
        let entry = |from| list(&claim().anchor, from).encode();
        let key = storage::trust_list(LIST);
        assert_eq!(judge(&with(key.clone(), entry(ANCHOR))), Ok(()));
        assert_eq!(
            judge(&with(key, entry(ANCHOR + 1))),
            Err(RootError::TrustListRoot)
        );
    }

    #[test]
    fn at_its_own_block_only_with_the_root_that_the_header_names() {
        assert_eq!(judge_at(ANCHOR, &state()), Ok(()));
        let mut other = claim();
        other.anchor.registry_root = root(ANCHOR + 1);
        // A state that contradicts its own header.
        let state = scene::state(&other.anchor, 3);
        let refused = judge_claim(ANCHOR, &state, other).unwrap_err();
        assert_eq!(refused, RootError::RegistryRoot);
        assert!(judge_claim(ANCHOR + 1, &state, other).is_ok());
    }
}

mod an_anchor_is_refused {
    use super::*;

    #[test]
    fn that_is_younger_than_the_block() {
        assert_eq!(judge_at(ANCHOR - 1, &state()), Err(RootError::Future));
    }

    #[test]
    fn of_roots_that_the_chain_never_had() {
        assert_eq!(judge(&without(&registry_key())), Err(RootError::RegistryRoot));
        assert_eq!(judge(&without(&list_key())), Err(RootError::TrustListRoot));
        for key in [registry_key(), list_key()] {
            assert!(judge(&with(key, Vec::<RootSpan>::new().encode())).is_err());
        }
    }

    #[test]
    fn of_a_list_that_is_not_there_or_of_the_root_of_another_list() {
        assert_eq!(
            judge(&without(&storage::trust_list(LIST))),
            Err(RootError::TrustListRoot)
        );
        let other = AnchorClaim {
            list: TrustListId(LIST.0 + 1),
            ..claim()
        };
        let mut state = state();
        let entry = list(&claim().anchor, 1).encode();
        state.0.insert(storage::trust_list(other.list), entry);
        assert_eq!(
            judge_claim(PROVED, &state, other).unwrap_err(),
            RootError::TrustListRoot
        );
    }

    #[test]
    fn of_a_circuit_that_is_disabled() {
        let disabled = |circuit| with(storage::disabled_circuit(circuit), vec![]);
        assert_eq!(judge(&disabled(CircuitId::V1)), Err(RootError::CircuitDisabled));
        assert_eq!(judge(&disabled(CircuitId(CircuitId::V1.0 + 1))), Ok(()));
    }

    #[test]
    fn in_a_form_that_is_not_known() {
        for (key, known) in [
            (storage::registry_version(), storage::REGISTRY_VERSION),
            (storage::gate_version(), storage::GATE_VERSION),
        ] {
            for version in [known - 1, known + 1, u16::MAX] {
                let state = with(key.clone(), version.encode());
                assert_eq!(judge(&state), Err(RootError::Layout), "version {version}");
            }
            assert_eq!(judge(&without(&key)), Err(RootError::Layout));
            assert_eq!(judge(&with(key.clone(), vec![])), Err(RootError::Layout));
            let longer = [known.encode(), vec![0]].concat();
            assert_eq!(judge(&with(key, longer)), Err(RootError::Layout));
        }
        for key in [registry_key(), list_key(), storage::trust_list(LIST)] {
            let value = state().0[&key].clone();
            for end in 0..value.len() {
                let cut = with(key.clone(), value[..end].to_vec());
                assert_eq!(judge(&cut), Err(RootError::Layout), "{end} bytes");
            }
            let longer = with(key, [value, vec![0]].concat());
            assert_eq!(judge(&longer), Err(RootError::Layout));
        }
    }

    #[test]
    fn whose_history_claims_a_length_that_no_memory_holds() {
        let huge = codec::Compact(u32::MAX).encode();
        assert_eq!(judge(&with(registry_key(), huge)), Err(RootError::Layout));
    }
}

mod a_proof_is_refused {
    use super::*;

    fn refusal(proof: &[u8]) -> RootError {
        header_at(PROVED, &state()).prove(claim(), proof).unwrap_err()
    }

    fn good() -> Vec<u8> {
        state().proof(&claim().keys())
    }

    #[test]
    fn of_the_block_before_or_after() {
        let other = with(registry_key(), vec![span(ANCHOR, None)].encode());
        assert_eq!(
            refusal(&other.proof(&claim().keys())),
            ProofError::OtherState.into()
        );
    }

    #[test]
    fn of_other_keys() {
        let gate = state().proof(&FinalizedGate::keys(GateId(1)));
        assert!(matches!(refusal(&gate), RootError::Proof(_)));
        // Each key that is not proved could hide what refuses the anchor.
        for at in 0..claim().keys().len() {
            let mut keys = claim().keys();
            keys.remove(at);
            let less = state().proof(&keys);
            if nodes(&less).len() < nodes(&good()).len() {
                assert_eq!(refusal(&less), ProofError::Missing.into(), "without key {at}");
            }
        }
        // Another root, which counts too.
        let mut other = claim();
        other.anchor.registry_root = root(1);
        let value = state().0[&registry_key()].clone();
        let both = with(other.keys()[2].clone(), value);
        let header = header_at(PROVED, &both);
        let [of_this, of_other] = [claim(), other].map(|claim| both.proof(&claim.keys()));
        assert!(header.prove(claim(), &of_this).is_ok());
        assert!(header.prove(other, &of_other).is_ok());
        for crossed in [header.prove(claim(), &of_other), header.prove(other, &of_this)] {
            assert!(matches!(crossed, Err(RootError::Proof(_))), "{crossed:?}");
        }
    }

    #[test]
    fn that_hides_that_the_circuit_is_disabled() {
        let disabled = with(storage::disabled_circuit(claim().circuit), vec![]);
        let header = header_at(PROVED, &disabled);
        let prove = |nodes: &[Vec<u8>]| header.prove(claim(), &nodes.encode()).unwrap_err();
        let honest = nodes(&disabled.proof(&claim().keys()));
        assert_eq!(prove(&honest), RootError::CircuitDisabled);
        for at in 0..honest.len() {
            let mut less = honest.clone();
            less.remove(at);
            assert!(matches!(prove(&less), RootError::Proof(_)), "without node {at}");
            // Nor do nodes of a state in which it is not.
            for other in nodes(&good()) {
                let mut mixed = honest.clone();
                mixed[at] = other.clone();
                assert!(
                    mixed == honest || matches!(prove(&mixed), RootError::Proof(_)),
                    "another node {at}"
                );
            }
        }
    }

    #[test]
    fn that_proves_more_than_was_asked() {
        let mut keys = claim().keys();
        keys.extend(state().0.keys().cloned());
        assert_eq!(refusal(&state().proof(&keys)), ProofError::Extra.into());
    }

    #[test]
    fn with_any_bit_that_is_not_as_it_was() {
        let header = header_at(PROVED, &state());
        let good = good();
        assert!(header.prove(claim(), &good).is_ok());
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(header.prove(claim(), &bad).is_err(), "byte {at}");
        }
    }
}

mod a_gate {
    use super::*;

    const GATE: GateId = GateId(3);

    fn entry(status: GateState) -> GateEntry {
        GateEntry {
            owner: [1; 32],
            name: b"the room of those over 18".to_vec(),
            policy: Policy::new(AgeBand::over(18), LIST),
            admission_days: 30,
            status,
            deposit: 5,
            admissions: 2,
            pruned_before: Day::MIN,
        }
    }

    fn gate(state: &State) -> Result<Option<FinalizedGate>, RootError> {
        header_at(PROVED, state).gate(GATE, &state.proof(&FinalizedGate::keys(GATE)))
    }

    #[test]
    fn is_what_the_state_says() {
        for status in [GateState::Open, GateState::Closed] {
            let found = gate(&with(storage::gate(GATE), entry(status).encode()))
                .unwrap()
                .unwrap();
            assert_eq!((found.id(), found.admission_days()), (GATE, 30));
            assert_eq!(found.name(), entry(status).name);
            assert_eq!(found.policy(), &entry(status).policy);
            assert_eq!(found.is_open(), status == GateState::Open);
            assert_eq!(GateTerms::from(&found).policy, entry(status).policy);
        }
    }

    #[test]
    fn is_not_there_only_when_that_is_proved() {
        assert_eq!(gate(&state()), Ok(None));
        let there = with(storage::gate(GATE), entry(GateState::Open).encode());
        let header = header_at(PROVED, &there);
        let of_state_without = state().proof(&FinalizedGate::keys(GATE));
        assert_eq!(
            header.gate(GATE, &of_state_without),
            Err(ProofError::OtherState.into())
        );
        let of_another = there.proof(&FinalizedGate::keys(GateId(4)));
        assert!(matches!(header.gate(GATE, &of_another), Err(RootError::Proof(_))));
    }

    #[test]
    fn in_a_form_that_is_not_known_is_refused() {
        let value = entry(GateState::Open).encode();
        for end in [0, 1, value.len() - 1] {
            let cut = with(storage::gate(GATE), value[..end].to_vec());
            assert_eq!(gate(&cut), Err(RootError::Layout));
        }
        let longer = with(storage::gate(GATE), [value, vec![0]].concat());
        assert_eq!(gate(&longer), Err(RootError::Layout));
        let newer = with(storage::gate_version(), (storage::GATE_VERSION + 1).encode());
        assert_eq!(gate(&newer), Err(RootError::Layout));
    }
}
