//! Long random histories of all calls, against a model too simple to be wrong.

mod calls;
mod checks;
mod model;

use super::dispatch;
use crate::{mock::*, Call};
use model::{Model, Outcome};
use sp_runtime::DispatchError;
use std::{cell::RefCell, collections::BTreeMap};

/// Accounts: few, so that they meet often.
const PEOPLE: u64 = 9;
/// Lists that are named, some of which are not there.
const LISTS: u64 = 6;

/// What the walks must come across. Not among it: what takes more of something than these walks have (numbers, positions of
/// lists, the reserve of governance), and names that do not print.
const EVERYTHING: [&str; 69] = [
    "Event::IssuerRegistered",
    "Event::AttesterAccepted",
    "Event::Attested",
    "Event::ShardSealed",
    "Event::TrustListCreated",
    "Event::ConsentGiven",
    "Event::ConsentWithdrawn",
    "Event::MemberAdded",
    "Event::MemberRemoved",
    "Event::Revoked",
    "Event::BatchRevoked",
    "Event::ShardsRevoked",
    "Event::ShardsRestored",
    "Event::AttesterRotated",
    "Event::MetadataUpdated",
    "Event::IssuerRetired",
    "Event::DepositWithdrawn",
    "Event::IssuerSuspended",
    "Event::IssuerReinstated",
    "Event::IssuerSlashed",
    "Event::ListOffered",
    "Event::ListHandedOver",
    "Event::ListFrozen",
    "AccountTaken",
    "NotNamed",
    "NotController",
    "NotAttester",
    "NotAnIssuer",
    "UnknownIssuer",
    "IssuerNotActive",
    "InvalidMetadata",
    "EmptyBatch",
    "EmptyLeaf",
    "ShardNotOpen",
    "ShardStillOpen",
    "WrongStart",
    "ShardFull",
    "DuplicateShard",
    "TooManyDirtyShards",
    "TooManyDirtyLists",
    "NoOpenShard",
    "UnknownTrustList",
    "NotCurator",
    "AlreadyConsented",
    "TooManyLists",
    "NotConsented",
    "AlreadyListed",
    "NotListed",
    "UnknownShard",
    "NotOwnShard",
    "UnknownPosition",
    "StaleWitness",
    "MalformedMultiproof",
    "TooManyShards",
    "NothingToChange",
    "RestoreWindowOver",
    "RestoredLately",
    "AttesterUnchanged",
    "NotRetired",
    "IssuerSuspended",
    "NotSuspended",
    "TooEarly",
    "NoDeposit",
    "ListFrozen",
    "CuratorUnchanged",
    "NotOffered",
    "BadOrigin",
    FROM_A_REVOKED_SHARD,
    RESTORED_WITHOUT,
];

/// Revoking something in a shard that is revoked as a whole; and restoring one in which that was done.
const FROM_A_REVOKED_SHARD: &str = "RevokedFromARevokedShard";
const RESTORED_WITHOUT: &str = "RestoredWithout";

/// Numbers that look random and are the same every time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn person(&mut self) -> u8 {
        1 + self.below(PEOPLE) as u8
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    /// One of several, if there are any.
    fn choose<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let at = self.below(from.len().max(1) as u64) as usize;
        from.get(at).cloned()
    }
}

/// How often each event came, and each error: that the walk goes everywhere.
type Tally = BTreeMap<String, u32>;

thread_local! {
    static TALLY: RefCell<Tally> = const { RefCell::new(Tally::new()) };
}

fn count(what: String) {
    let name = what.split([' ', '(']).next().unwrap_or_default().to_owned();
    TALLY.with_borrow_mut(|tally| *tally.entry(name).or_default() += 1);
}

/// Who sends a call.
#[derive(Clone, Copy, Debug)]
enum Sender {
    Person(u8),
    Governance,
}

/// Sends a call, and compares what came of it with what the model says.
fn compare(sender: Sender, call: Call<Test>, expected: Outcome) {
    let expected = expected.map_err(|error| {
        count(format!("{error:?}"));
        error.into()
    });
    compare_any(sender, call, expected);
}

/// Sends a call that is not the sender's to make.
fn compare_bad_origin(sender: Sender, call: Call<Test>) {
    count("BadOrigin".to_owned());
    compare_any(sender, call, Err(DispatchError::BadOrigin));
}

fn compare_any(sender: Sender, call: Call<Test>, expected: Result<Vec<crate::Event<Test>>, DispatchError>) {
    let before = System::events().len();
    let said = format!("{call:?} by {sender:?} in block {}", now());
    let origin = match sender {
        Sender::Person(number) => signed(number),
        Sender::Governance => RuntimeOrigin::root(),
    };
    let outcome = dispatch(origin, call);
    let events: Vec<_> = System::events()
        .into_iter()
        .skip(before)
        .filter_map(|record| match record.event {
            RuntimeEvent::AgeRegistry(event) => Some(event),
            _ => None,
        })
        .collect();
    match expected {
        Ok(expected) => {
            assert_eq!(outcome, Ok(()), "{said}");
            assert_eq!(events, expected, "{said}");
            events.iter().for_each(|event| count(format!("{event:?}")));
        }
        Err(error) => {
            assert_eq!(outcome, Err(error), "{said}");
            assert_eq!(events, [], "{said}");
        }
    }
}

fn walk(seed: u64) {
    run(|| {
        let (mut dice, mut model) = (Dice(seed), Model::default());
        for _ in 0..40 {
            let bound = if dice.one_in(5) { 60 } else { 24 };
            for _ in 0..dice.below(bound) {
                calls::one(&mut dice, &mut model);
            }
            let ended = now();
            let header = next_block();
            let root = model.end_block();
            assert_eq!(roots_in(&header), [root]);
            AgeRegistry::do_try_state().unwrap();
            checks::accounts(&model);
            checks::issuers(&model);
            checks::shards(&model);
            checks::lists(&model);
            checks::a_witness(&mut dice, &model);
            checks::anchors(&mut dice, &model);
            checks::what_is_told_of_the_block(ended, &model);
        }
    });
}

#[test]
fn random_histories_agree_with_a_simple_model() {
    for seed in 1..=16u64 {
        walk(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
    }
    // That the walks went everywhere.
    let tally = TALLY.with_borrow(Tally::clone);
    let seldom = |what: &&str| tally.get(*what).is_none_or(|times| *times < 3);
    let seldom: Vec<_> = EVERYTHING.into_iter().filter(seldom).collect();
    assert!(seldom.is_empty(), "{seldom:?} of {tally:#?}");
}
