//! Long random histories, against a model too simple to be wrong.

mod model;

use super::{dispatch, id_of};
use crate::{mock::*, Call, CapNodes, ShardChoice, TrustNodes};
use model::{Model, Outcome};
use ofage_primitives::{
    chain::Anchors,
    hashes,
    tree::{CapPath, DenseTree, ShardPath, Tree, TrustPath, SHARD_CAPACITY},
    Anchor, Attestation, IssuerIndex, ShardIndex, TrustListId,
};
use std::{cell::RefCell, collections::BTreeMap};

/// Accounts: few, so that they meet often.
const PEOPLE: u64 = 8;
/// Lists that are named, some of which are not there.
const LISTS: u64 = 6;

/// What the walks must come across.
const EVERYTHING: [&str; 30] = [
    "Event::IssuerRegistered",
    "Event::AttesterAccepted",
    "Event::Attested",
    "Event::ShardSealed",
    "Event::TrustListCreated",
    "Event::ConsentGiven",
    "Event::ConsentWithdrawn",
    "Event::MemberAdded",
    "Event::MemberRemoved",
    "AccountTaken",
    "NotNamed",
    "NotController",
    "NotAttester",
    "NotAnIssuer",
    "EmptyBatch",
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
];

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

/// Sends a call, and compares what came of it with what the model says.
fn compare(caller: u8, call: Call<Test>, expected: Outcome) {
    let before = System::events().len();
    let said = format!("{call:?} by {caller} in block {}", now());
    let outcome = dispatch(signed(caller), call);
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
            count(format!("{error:?}"));
            assert_eq!(outcome, Err(error.into()), "{said}");
            assert_eq!(events, [], "{said}");
        }
    }
}

/// A batch for an account: mostly where it belongs, sometimes elsewhere, seldom one that fills a shard.
fn attest_somewhere(dice: &mut Dice, model: &mut Model) {
    let caller = dice.person();
    let last = model
        .issuer_of(caller)
        .and_then(|at| model.issuers[at as usize].last_shard);
    let open = last.filter(|index| model.shards[*index as usize].open);
    let len = open.map_or(0, |index| model.shards[index as usize].leaves.len() as u32);
    let (mut shard, mut start) = match open {
        Some(index) => (ShardChoice::Open(ShardIndex(index)), len as u16),
        None => (ShardChoice::Next, 0),
    };
    if dice.one_in(8) {
        shard = [
            ShardChoice::Next,
            ShardChoice::Open(ShardIndex(dice.below(6) as u32)),
        ][dice.below(2) as usize];
    }
    if dice.one_in(8) {
        start = dice.below(9) as u16;
    }
    let from = dice.below(1_000_000) as u32;
    let count = match dice.below(40) {
        0 => SHARD_CAPACITY - len,
        1 if len > 0 => SHARD_CAPACITY,
        n => (n % 6) as u32,
    };
    let mut batch = leaves(from..from + count);
    if dice.one_in(5) {
        // What is in the last shard already.
        batch = last.map_or(batch, |index| model.shards[index as usize].leaves.clone());
    }
    let expected = model.attest(caller, shard, start, &batch);
    let leaves = batch.try_into().unwrap();
    compare(caller, Call::attest { shard, start, leaves }, expected);
}

/// Somebody's call about an account, an issuer and a list: mostly by who may make it.
fn one_call(dice: &mut Dice, model: &mut Model) {
    let (mut caller, other) = (dice.person(), dice.person());
    let mut issuer = dice.below(PEOPLE) as u32;
    let number = dice.below(LISTS) as u32;
    let list = TrustListId(number);
    let roll = dice.below(20);
    if !dice.one_in(6) {
        let (of_issuer, of_list) = (
            model.issuers.get(issuer as usize),
            model.lists.get(number as usize),
        );
        match (roll, of_issuer, of_list) {
            (2, Some(named), _) => caller = named.attester,
            (10..=12, Some(willing), _) => caller = willing.controller,
            (13..=16, _, Some(kept)) => caller = kept.curator,
            (17..=18, _, Some(kept)) => {
                caller = kept.curator;
                issuer = kept.positions.iter().flatten().next().copied().unwrap_or(issuer);
            }
            _ => {}
        }
    }
    let named = IssuerIndex(issuer);
    let (call, expected) = match roll {
        0..=1 => {
            let attester = if dice.one_in(2) { caller } else { other };
            let call = Call::register {
                metadata: b"Bank".to_vec().try_into().unwrap(),
                attester: account(attester),
            };
            (call, model.register(caller, attester))
        }
        2 => (
            Call::become_attester { issuer: named },
            model.become_attester(caller, issuer),
        ),
        3..=8 => return attest_somewhere(dice, model),
        9 if model.lists.len() < LISTS as usize - 1 => {
            let name = b"Banks".to_vec().try_into().unwrap();
            (Call::create_trust_list { name }, model.create_list(caller))
        }
        9 => (Call::seal_shard {}, model.seal(caller)),
        10..=11 => (Call::consent { list }, model.consent(caller, number)),
        12 => (Call::withdraw_consent { list }, model.withdraw(caller, number)),
        13..=16 => (
            Call::add_member { list, issuer: named },
            model.add(caller, number, issuer),
        ),
        _ => (
            Call::remove_member { list, issuer: named },
            model.remove(caller, number, issuer),
        ),
    };
    compare(caller, call, expected);
}

/// A path made of the nodes that the chain keeps.
fn stored_siblings<const N: usize>(
    tree: Tree,
    index: u32,
    node: impl Fn(u8, u32) -> Option<ofage_primitives::Element>,
) -> [ofage_primitives::Element; N] {
    core::array::from_fn(|level| {
        node(level as u8, (index >> level) ^ 1).unwrap_or_else(|| tree.empty_node(level))
    })
}

/// A holder of some attestation can prove where it is, with what the chain keeps.
fn check_a_witness(dice: &mut Dice, model: &Model) {
    if model.shards.is_empty() {
        return;
    }
    let at = dice.below(model.shards.len() as u64) as u32;
    let shard = &model.shards[at as usize];
    let position = dice.below(shard.leaves.len() as u64) as u32;
    let leaf: Attestation = shard.leaves[position as usize];
    let tree = DenseTree::new(Tree::Shard, shard.leaves.iter().map(|l| l.element()).collect()).unwrap();
    let path: ShardPath = tree.path(position).unwrap();
    let shard_root = path.root(Tree::Shard, leaf.element());
    let info = AgeRegistry::shard_info(ShardIndex(at)).unwrap();
    assert_eq!(shard_root, info.root.element());
    let siblings = stored_siblings(Tree::Cap, at, |level, index| {
        CapNodes::<Test>::get((level, index))
    });
    let cap_leaf = hashes::cap_leaf(info.root, id_of(info.issuer.0)).element();
    let root = CapPath::new(at, siblings).unwrap().root(Tree::Cap, cap_leaf);
    assert_eq!(root, AgeRegistry::registry_root().element());
    for (number, list) in model.lists.iter().enumerate() {
        let id = TrustListId(number as u32);
        if let Some(position) = list.positions.iter().position(|m| *m == Some(shard.issuer)) {
            let siblings = stored_siblings(Tree::Trust, position as u32, |level, index| {
                TrustNodes::<Test>::get(id, (level, index))
            });
            let path = TrustPath::new(position as u32, siblings).unwrap();
            let root = path.root(Tree::Trust, id_of(shard.issuer).element());
            assert_eq!(root, list_root(id).element());
        }
    }
}

/// Anchors of blocks old and new, some of them mixed.
fn check_anchors(dice: &mut Dice, model: &Model) {
    let last = now() - 1;
    for _ in 0..12 {
        let block = last - dice.below(u64::from(last).min(15)) as u32;
        let list = dice.below(model.lists.len() as u64 + 1) as u32;
        let Some(mut anchor) = model.anchor(block, list) else {
            continue;
        };
        if dice.one_in(3) {
            anchor.block = (block + dice.below(4) as u32).saturating_sub(dice.below(4) as u32);
        }
        let expected = model.check(list, &anchor);
        let said = AgeRegistry::check(TrustListId(list), &anchor, now());
        assert_eq!(said, expected, "{anchor:?} at {}", now());
    }
}

fn check_accounts(model: &Model) {
    for number in 1..=PEOPLE as u8 {
        assert_eq!(held(number), model.held(number), "deposits of {number}");
        assert_eq!(
            AgeRegistry::issuer_of(&account(number)),
            model.issuer_of(number).map(IssuerIndex)
        );
    }
}

fn check_lists(model: &Model) {
    for (number, list) in (0..).map(TrustListId).zip(&model.lists) {
        let info = AgeRegistry::trust_list_info(number).unwrap();
        let members: Vec<_> = list.positions.iter().map(|m| m.map(IssuerIndex)).collect();
        assert_eq!(info.members, members);
    }
}

fn walk(seed: u64) {
    run(|| {
        let (mut dice, mut model) = (Dice(seed), Model::default());
        for _ in 0..40 {
            for _ in 0..dice.below(30) {
                one_call(&mut dice, &mut model);
            }
            let ended = now();
            let header = next_block();
            let root = model.end_block();
            assert_eq!(roots_in(&header), [root]);
            AgeRegistry::do_try_state().unwrap();
            check_accounts(&model);
            check_lists(&model);
            check_a_witness(&mut dice, &model);
            check_anchors(&mut dice, &model);
            let told: Vec<Option<Anchor>> = (0..LISTS as u32)
                .map(|list| AgeRegistry::anchor(TrustListId(list)))
                .collect();
            for (list, told) in (0..).zip(told) {
                let expected = (list < model.lists.len() as u32).then(|| model.anchor(ended, list).unwrap());
                // This is the next block's beginning already, hence its number.
                let expected = expected.map(|anchor| Anchor {
                    block: now(),
                    ..anchor
                });
                assert_eq!(told, expected);
            }
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
    let often = |what: &&str| tally.get(*what).is_none_or(|times| *times < 3);
    let seldom: Vec<_> = EVERYTHING.into_iter().filter(often).collect();
    assert!(seldom.is_empty(), "{seldom:?} of {tally:#?}");
}
