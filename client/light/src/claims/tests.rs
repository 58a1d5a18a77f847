use super::*;
use crate::{BundleError, CheckpointError, FinalityError, Oldest, ProofError};
use ofage_primitives::{
    binding::{ShortBytes, ShortText},
    chain::GateInfo,
    policy::AgeBand,
    Anchor, CircuitId, Element, IssuerTag, Nullifier, RegistryRoot, TrustListId, TrustListRoot,
};
use proptest::prelude::*;

const GENESIS: GenesisHash = GenesisHash([7; 32]);
const ACCOUNT: [u8; 32] = [1; 32];

fn gate() -> GateInfo {
    let mut policy = Policy::new(AgeBand::over(18), TrustListId(0));
    policy.oldest_anchor = 20;
    GateInfo {
        id: GateId(3),
        owner: [2; 32],
        name: b"adults".to_vec(),
        policy,
        sponsor_balance: 0,
        admissions: 0,
        admission_days: 30,
        closed: false,
    }
}

fn moment() -> Moment {
    let today: Day = "2026-11-24".parse().unwrap();
    Moment {
        now: 1_795_000_000,
        today,
        finalized: 100,
    }
}

/// What an honest wallet sends to the gate, but for the proof.
pub(super) fn presentation() -> Presentation {
    let gate = gate();
    let valid_on = moment().today;
    Presentation {
        version: ofage_primitives::presentation::VERSION,
        circuit: CircuitId::V1,
        context: Context::Gate(gate.id),
        policy: gate.policy,
        anchor: Anchor {
            block: 90,
            registry_root: RegistryRoot::from_element(Element::from_u64(1)),
            trust_list_root: TrustListRoot::from_element(Element::from_u64(2)),
        },
        binding: Binding::ChainAccount(ACCOUNT),
        nonce: [0; 32],
        expires_at: 150,
        valid_on,
        until: gate_until(valid_on, 30).unwrap(),
        designated_verifier: DesignatedVerifier::public(),
        nullifier: Nullifier::from_element(Element::from_u64(3)),
        issuer_tags: vec![tag(4)],
        proof: vec![1, 2, 3],
    }
}

fn tag(n: u64) -> IssuerTag {
    IssuerTag::from_element(Element::from_u64(n))
}

fn refusal(change: impl Fn(&mut Presentation)) -> Option<&'static str> {
    let mut changed = presentation();
    change(&mut changed);
    check_claims(&changed, &Expected::gate(GENESIS, &gate(), ACCOUNT), moment())
        .err()
        .map(|refusal| refusal.code())
}

#[test]
fn an_honest_presentation_passes() {
    assert_eq!(refusal(|_| {}), None);
    let yesterday = moment().today.checked_sub(1).unwrap();
    assert_eq!(
        refusal(|p| {
            p.valid_on = yesterday;
            p.until = gate_until(yesterday, 30).unwrap();
        }),
        None
    );
}

#[test]
fn every_claim_is_compared_with_what_was_asked() {
    assert_eq!(refusal(|p| p.context = Context::Gate(GateId(4))), Some("context"));
    assert_eq!(
        refusal(|p| p.context = Context::Origin(ShortText::new("https://a.example".into()).unwrap())),
        Some("context")
    );
    assert_eq!(refusal(|p| p.policy.age = AgeBand::over(16)), Some("policy"));
    assert_eq!(refusal(|p| p.policy.slots = 2), Some("policy"));
    assert_eq!(refusal(|p| p.policy.issuers = 2), Some("policy"));
    assert_eq!(refusal(|p| p.policy.oldest_anchor = u32::MAX), Some("policy"));
    assert_eq!(
        refusal(|p| p.binding = Binding::ChainAccount([9; 32])),
        Some("binding")
    );
    assert_eq!(refusal(|p| p.nonce = [1; 32]), Some("nonce"));
    assert_eq!(refusal(|p| p.expires_at = 99), Some("expired"));
    assert_eq!(
        refusal(|p| p.valid_on = p.valid_on.checked_sub(2).unwrap()),
        Some("day")
    );
    assert_eq!(
        refusal(|p| {
            p.valid_on = p.valid_on.checked_add(1).unwrap();
            p.until = gate_until(p.valid_on, 30).unwrap();
        }),
        Some("day"),
        "tomorrow's adults are not adults today"
    );
    assert_eq!(refusal(|p| p.until = p.valid_on), Some("day"));
    assert_eq!(
        refusal(|p| p.designated_verifier = DesignatedVerifier::from_element(Element::ZERO)),
        Some("designated")
    );
    assert_eq!(refusal(|p| p.anchor.block = 101), Some("anchor-not-final"));
    assert_eq!(refusal(|p| p.anchor.block = 80), None);
    assert_eq!(refusal(|p| p.anchor.block = 79), Some("anchor-too-old"));
}

mod several_issuers {
    use super::*;

    fn refusal(tags: &[u64]) -> Option<&'static str> {
        let mut gate = gate();
        gate.policy.issuers = 2;
        let mut changed = presentation();
        changed.policy.issuers = 2;
        changed.issuer_tags = tags.iter().copied().map(tag).collect();
        let inputs = check_claims(&changed, &Expected::gate(GENESIS, &gate, ACCOUNT), moment());
        if let Ok(inputs) = &inputs {
            assert_eq!(inputs.count(), 2);
        }
        inputs.err().map(|refusal| refusal.code())
    }

    #[test]
    fn are_as_many_tags_as_the_policy_asks_for() {
        assert_eq!(refusal(&[4, 5]), None);
        for wrong in [&[][..], &[4], &[4, 5, 6]] {
            assert_eq!(refusal(wrong), Some("malformed"));
        }
    }

    #[test]
    fn are_different_ones() {
        assert_eq!(refusal(&[4, 4]), Some("malformed"));
        assert_eq!(refusal(&[5, 4]), Some("malformed"), "one set has one order");
    }
}

mod a_challenge {
    use super::*;

    fn binding(key: u8) -> Binding {
        Binding::App {
            account: ShortText::new("@ann:chat.example".into()).unwrap(),
            identity_key: ShortBytes::new(vec![key]).unwrap(),
        }
    }

    fn context() -> Context {
        Context::Origin(ShortText::new("https://chat.example".into()).unwrap())
    }

    /// Asked a minute before its end.
    fn refusal(now: u64, change: impl Fn(&mut Presentation)) -> Option<&'static str> {
        let (nonce, expires_at) = ([5; 32], moment().now + 60);
        let mut answer = Presentation {
            context: context(),
            binding: binding(1),
            nonce,
            expires_at,
            until: moment().today,
            ..presentation()
        };
        change(&mut answer);
        let expected = Expected::answer(GENESIS, context(), gate().policy, binding(1), nonce, expires_at);
        check_claims(&answer, &expected, Moment { now, ..moment() })
            .err()
            .map(|refusal| refusal.code())
    }

    #[test]
    fn is_answered_once_in_time_with_the_same_key() {
        let now = moment().now;
        assert_eq!(refusal(now, |_| {}), None);
        assert_eq!(refusal(now + 61, |_| {}), Some("expired"));
        assert_eq!(refusal(now, |p| p.expires_at += 1), Some("expiry-mismatch"));
        assert_eq!(refusal(now, |p| p.binding = binding(2)), Some("binding"));
        assert_eq!(refusal(now, |p| p.nonce[0] ^= 1), Some("nonce"));
        assert_eq!(
            refusal(now, |p| p.until = gate_until(p.valid_on, 1).unwrap()),
            Some("day")
        );
    }
}

mod reading {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let made = presentation();
        assert_eq!(Refusal::read(&made.to_bytes()).unwrap(), made);
        assert_eq!(
            Refusal::read(&serde_json::to_vec_pretty(&made).unwrap()).unwrap(),
            made
        );
    }

    #[test]
    fn nothing_may_follow_be_missing_or_be_added() {
        let json = serde_json::to_value(presentation()).unwrap();
        let mut more = json.clone();
        more["more"] = 1.into();
        let mut nested = json.clone();
        nested["anchor"]["more"] = 1.into();
        for wrong in [more, nested] {
            assert!(Refusal::read(&serde_json::to_vec(&wrong).unwrap()).is_err());
        }
        for name in json.as_object().unwrap().keys() {
            let mut less = json.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(
                Refusal::read(&serde_json::to_vec(&less).unwrap()).is_err(),
                "without {name}"
            );
        }
        let text = serde_json::to_string(&presentation()).unwrap();
        assert!(Refusal::read(format!("{text} {{}}").as_bytes()).is_err());
        assert!(Refusal::read(&text.as_bytes()[..text.len() - 1]).is_err());
        let twice = text.replacen('{', "{\"version\":2,", 1);
        assert!(Refusal::read(twice.as_bytes()).is_err(), "a field twice");
        assert!(Refusal::read(b"").is_err());
        assert!(Refusal::read(&vec![b' '; 1 << 20]).is_err());
    }

    #[test]
    fn other_versions_long_proofs_and_impossible_policies_are_refused() {
        for change in [
            (|p: &mut Presentation| p.version += 1) as fn(&mut Presentation),
            |p| p.version -= 1,
            |p| p.proof = vec![0; ofage_primitives::presentation::MAX_PROOF + 1],
            |p| p.policy.slots = 0,
            |p| {
                p.policy.age = AgeBand {
                    at_least: None,
                    below: None,
                }
            },
        ] {
            let mut changed = presentation();
            change(&mut changed);
            assert!(Refusal::read(&serde_json::to_vec(&changed).unwrap()).is_err());
            assert!(Refusal::read(&changed.to_bytes()).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), flip in 0usize..600) {
            let _ = Refusal::read(&bytes);
            let mut known = presentation().to_bytes();
            if let Some(byte) = known.get_mut(flip) {
                *byte ^= 1;
            }
            let _ = Refusal::read(&known);
        }
    }
}

#[test]
fn every_reason_has_its_own_code_and_a_sentence() {
    let all = [
        Refusal::Malformed,
        Refusal::Context,
        Refusal::Policy,
        Refusal::Binding,
        Refusal::Nonce,
        Refusal::ExpiryMismatch,
        Refusal::Expired,
        Refusal::Day,
        Refusal::Designated,
        Refusal::AnchorNotFinal,
        Refusal::AnchorTooOld,
        Refusal::AnchorMismatch,
        Refusal::AnchorEnded,
        Refusal::AnchorUnknown,
        Refusal::CircuitDisabled,
        Refusal::Proof(ofage_verifier::VerifyError::Refused),
        Refusal::NullifierUsed,
        Refusal::Bundle(BundleError::Malformed),
        Refusal::OtherChain,
        Refusal::Handoffs { have: 1, first: 2 },
        Refusal::NotFinal(FinalityError::TooFew),
        Refusal::State(ProofError::Missing),
        Refusal::Layout,
        Refusal::Stale { age: 2, limit: 1 },
        Refusal::AnchorStale {
            age: Oldest::Blocks(2),
            limit: Oldest::Blocks(1),
        },
        Refusal::Checkpoint(CheckpointError::TooOld { age: 2, limit: 1 }),
        Refusal::FromFuture,
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(Refusal::code).collect();
    assert_eq!(codes.len(), all.len());
    assert!(all.iter().all(|refusal| refusal.to_string().len() > 20));
    let book = include_str!("../../../../docs/book/src/cli.md");
    for code in codes {
        assert!(book.contains(&format!("`{code}`")), "{code} is not in the book");
    }
}
