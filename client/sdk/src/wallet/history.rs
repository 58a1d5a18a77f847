//! What a context has learnt from this wallet, and which slots it has seen.
//!
//! Asking "18 or older", then "25 or older", then "21 or older" finds an age by bisection. So a context learns one
//! thing; a question whose answer would narrow it down further needs the holder's consent. So does one for more issuers
//! than before: that several know somebody is a fact about them, too.

use std::collections::BTreeMap;

use ofage_primitives::{policy::AgeBand, Binding, Context, Day, GenesisHash};
use serde::{Deserialize, Serialize};

use crate::document;

/// One thing that was proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// When.
    pub on: Day,
    /// What.
    pub age: AgeBand,
    /// By how many issuers.
    #[serde(default = "one")]
    pub issuers: u8,
}

/// What is not written down in wallets of before there were several.
fn one() -> u8 {
    1
}

/// The past of a wallet in one context.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Where.
    pub context: Context,
    /// On which chain.
    #[serde(with = "document::genesis")]
    pub genesis: GenesisHash,
    /// The account that each slot verified.
    pub slots: BTreeMap<u8, Binding>,
    /// What was proved there, each thing once.
    pub disclosed: Vec<Disclosure>,
}

impl History {
    pub(super) fn new(context: Context, genesis: GenesisHash) -> Self {
        Self {
            context,
            genesis,
            slots: BTreeMap::new(),
            disclosed: Vec::new(),
        }
    }

    /// The slot for an account: the one it had, or the first free one of `slots`.
    pub fn slot_for(&self, binding: &Binding, slots: u8) -> Option<u8> {
        let mine = self
            .slots
            .iter()
            .find(|(slot, used)| **slot < slots && same_account(used, binding));
        mine.map(|(slot, _)| *slot)
            .or_else(|| (0..slots).find(|slot| !self.slots.contains_key(slot)))
    }

    /// Whether proving this age, by as many issuers, would tell the context more than it knows.
    pub fn narrows(&self, age: AgeBand, issuers: u8) -> bool {
        let knows = |known: &Disclosure| implies(known.age, age) && known.issuers >= issuers;
        !self.disclosed.is_empty() && !self.disclosed.iter().any(knows)
    }

    pub(super) fn note(&mut self, slot: u8, binding: &Binding, disclosure: Disclosure) {
        self.slots.insert(slot, binding.clone());
        let is_it = |known: &Disclosure| known.age == disclosure.age && known.issuers == disclosure.issuers;
        if !self.disclosed.iter().any(is_it) {
            self.disclosed.push(disclosure);
        }
    }
}

/// Whether two bindings are the same account; its identity key may have changed.
pub fn same_account(one: &Binding, other: &Binding) -> bool {
    match (one, other) {
        (Binding::ChainAccount(one), Binding::ChainAccount(other)) => one == other,
        (Binding::App { account: one, .. }, Binding::App { account: other, .. }) => one == other,
        _ => false,
    }
}

/// Whether everybody of band `known` is of band `asked`.
fn implies(known: AgeBand, asked: AgeBand) -> bool {
    let low = asked
        .at_least
        .is_none_or(|asked| known.at_least.is_some_and(|known| known >= asked));
    let high = asked
        .below
        .is_none_or(|asked| known.below.is_some_and(|known| known <= asked));
    low && high
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::{binding::ShortText, GateId};
    use proptest::prelude::*;

    fn disclosure(age: AgeBand, issuers: u8) -> Disclosure {
        Disclosure {
            on: Day::MIN,
            age,
            issuers,
        }
    }

    fn history(disclosed: &[AgeBand]) -> History {
        let mut history = History::new(Context::Gate(GateId(0)), GenesisHash([7; 32]));
        for age in disclosed {
            history.note(0, &Binding::ChainAccount([0; 32]), disclosure(*age, 1));
        }
        history
    }

    #[test]
    fn the_same_question_or_a_wider_one_tells_nothing_new() {
        let adult = history(&[AgeBand::over(18)]);
        assert!(!adult.narrows(AgeBand::over(18), 1));
        assert!(!adult.narrows(AgeBand::over(16), 1));
        let teen = history(&[AgeBand::between(13, 18)]);
        for wider in [AgeBand::under(18), AgeBand::over(13), AgeBand::between(12, 21)] {
            assert!(!teen.narrows(wider, 1), "{wider}");
        }
    }

    #[test]
    fn a_narrower_question_is_bisection() {
        let adult = history(&[AgeBand::over(18)]);
        for narrower in [AgeBand::over(21), AgeBand::under(30), AgeBand::between(18, 30)] {
            assert!(adult.narrows(narrower, 1), "{narrower}");
        }
        assert!(!history(&[]).narrows(AgeBand::over(18), 1));
    }

    #[test]
    fn more_issuers_than_before_tell_more() {
        let mut history = history(&[AgeBand::over(18)]);
        assert!(history.narrows(AgeBand::over(18), 2));
        history.note(
            0,
            &Binding::ChainAccount([0; 32]),
            disclosure(AgeBand::over(18), 2),
        );
        assert_eq!(history.disclosed.len(), 2);
        assert!(!history.narrows(AgeBand::over(16), 2));
        assert!(!history.narrows(AgeBand::over(18), 1));
        assert!(history.narrows(AgeBand::over(18), 3));
        assert!(history.narrows(AgeBand::over(21), 2));
    }

    #[test]
    fn what_was_written_down_before_there_were_several_issuers_was_of_one() {
        let old = r#"{"on":"2026-11-24","age":{"at_least":18,"below":null}}"#;
        let read: Disclosure = serde_json::from_str(old).unwrap();
        assert_eq!(read.issuers, 1);
    }

    #[test]
    fn an_account_keeps_its_slot_and_others_get_the_first_free_one() {
        let mut history = history(&[]);
        let account = |n: u8| Binding::ChainAccount([n; 32]);
        for n in 0..3 {
            let slot = history.slot_for(&account(n), 3).unwrap();
            assert_eq!(slot, n);
            history.note(slot, &account(n), disclosure(AgeBand::over(18), 1));
        }
        assert_eq!(history.slot_for(&account(1), 3), Some(1));
        assert_eq!(history.slot_for(&account(9), 3), None);
        assert_eq!(history.slot_for(&account(9), 4), Some(3));
        // A slot beyond what the policy allows now is none.
        assert_eq!(history.slot_for(&account(2), 2), None);
    }

    #[test]
    fn a_new_identity_key_is_the_same_account() {
        let binding = |key: u8| Binding::App {
            account: ShortText::new("@a:b".into()).unwrap(),
            identity_key: ofage_primitives::binding::ShortBytes::new(vec![key]).unwrap(),
        };
        assert!(same_account(&binding(1), &binding(2)));
        assert!(!same_account(&binding(1), &Binding::ChainAccount([1; 32])));
    }

    proptest! {
        #[test]
        fn implication_is_inclusion_of_ages(
            a in proptest::option::of(1u8..60), b in proptest::option::of(1u8..60),
            c in proptest::option::of(1u8..60), d in proptest::option::of(1u8..60),
        ) {
            let known = AgeBand { at_least: a, below: b };
            let asked = AgeBand { at_least: c, below: d };
            let holds = |band: AgeBand, age: u8| {
                band.at_least.is_none_or(|low| age >= low) && band.below.is_none_or(|high| age < high)
            };
            let members: Vec<u8> = (0..=200).filter(|age| holds(known, *age)).collect();
            prop_assume!(!members.is_empty());
            prop_assert_eq!(implies(known, asked), members.iter().all(|age| holds(asked, *age)));
        }
    }
}
