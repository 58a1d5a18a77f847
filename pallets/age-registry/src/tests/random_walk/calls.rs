//! Calls at random: mostly by who may make them and with what fits, else by anybody with anything.

use super::{
    compare, compare_bad_origin,
    model::{Claim, Model},
    Dice,
    Sender::{Governance, Person},
    LISTS, PEOPLE,
};
use crate::{mock::*, Call, ShardChoice};
use ofage_primitives::{
    tree::{DenseTree, ShardPath, Tree, SHARD_CAPACITY},
    Attestation, IssuerIndex, ShardIndex, TrustListId,
};

/// One call, and what the model makes of it.
pub(super) fn one(dice: &mut Dice, model: &mut Model) {
    match dice.below(64) {
        0..=4 => an_account(dice, model),
        5..=20 => attest(dice, model),
        21..=27 => revoke(dice, model),
        28..=32 => mass_revoke(dice, model),
        33..=37 => an_issuer(dice, model),
        38..=42 => governance(dice, model),
        43..=46 => a_curator(dice, model),
        _ => a_membership(dice, model),
    }
}

/// An issuer that is there, mostly.
fn some_issuer(dice: &mut Dice, model: &Model) -> u32 {
    let bound = model.issuers.len() as u64 + u64::from(dice.one_in(6));
    dice.below(bound.max(1)) as u32
}

/// Its controller, mostly.
fn controller(dice: &mut Dice, model: &Model, issuer: u32) -> u8 {
    match model.issuers.get(issuer as usize) {
        Some(found) if !dice.one_in(8) => found.controller,
        _ => dice.person(),
    }
}

/// A list that is there, mostly, and its curator, mostly.
fn some_list(dice: &mut Dice, model: &Model) -> (u32, u8) {
    let list = dice.below(LISTS) as u32;
    let curator = match model.lists.get(list as usize) {
        Some(found) if !dice.one_in(8) => found.curator,
        _ => dice.person(),
    };
    (list, curator)
}

/// Somebody becomes an issuer, or its attester.
fn an_account(dice: &mut Dice, model: &mut Model) {
    let (mut caller, other) = (dice.person(), dice.person());
    if dice.one_in(2) && model.issuers.len() < PEOPLE as usize - 3 {
        let attester = if dice.one_in(2) { caller } else { other };
        let call = Call::register {
            metadata: b"Bank".to_vec().try_into().unwrap(),
            attester: account(attester),
        };
        return compare(Person(caller), call, model.register(caller, attester));
    }
    let issuer = some_issuer(dice, model);
    if let Some(found) = model.issuers.get(issuer as usize).filter(|_| !dice.one_in(6)) {
        caller = found.attester;
    }
    let call = Call::become_attester {
        issuer: IssuerIndex(issuer),
    };
    compare(Person(caller), call, model.become_attester(caller, issuer));
}

/// A batch for an account: mostly where it belongs, sometimes elsewhere, seldom one that fills a shard.
fn attest(dice: &mut Dice, model: &mut Model) {
    let issuer = some_issuer(dice, model);
    let caller = match model.issuers.get(issuer as usize) {
        Some(found) if !dice.one_in(4) => found.attester,
        _ => dice.person(),
    };
    let last = model
        .issuer_of(caller)
        .and_then(|at| model.issuers[at as usize].last_shard);
    let open = last.filter(|index| model.shards[*index as usize].open);
    let len = open.map_or(0, |index| model.shards[index as usize].leaves.len() as u32);
    let (mut shard, mut start) = match open {
        Some(index) => (ShardChoice::Open(ShardIndex(index)), len as u16),
        None => (ShardChoice::Next, 0),
    };
    if dice.one_in(if open.is_some() { 10 } else { 40 }) {
        let call = Call::seal_shard {};
        return compare(Person(caller), call, model.seal(caller));
    }
    if dice.one_in(12) {
        shard = [
            ShardChoice::Next,
            ShardChoice::Open(ShardIndex(dice.below(6) as u32)),
        ][dice.below(2) as usize];
    }
    if dice.one_in(12) {
        start = dice.below(9) as u16;
    }
    let from = dice.below(1_000_000) as u32;
    let count = match dice.below(60) {
        0 => SHARD_CAPACITY - len,
        1 if len > 0 => SHARD_CAPACITY,
        n => (n % 6) as u32,
    };
    let mut batch = leaves(from..from + count);
    if dice.one_in(5) {
        // What is in the last shard already, or was.
        batch = last.map_or(batch, |index| {
            let shard = &model.shards[index as usize];
            if dice.one_in(2) {
                shard.leaves.clone()
            } else {
                shard.before.clone()
            }
        });
    }
    let expected = model.attest(caller, shard, start, &batch);
    let leaves = batch.try_into().unwrap();
    compare(Person(caller), Call::attest { shard, start, leaves }, expected);
}

/// Leaves of a shard become empty: mostly by its issuer, with what is in it.
fn revoke(dice: &mut Dice, model: &mut Model) {
    let index = dice.below(model.shards.len() as u64 + 1) as u32;
    let found = model.shards.get(index as usize);
    let caller = match found.map(|shard| &model.issuers[shard.issuer as usize]) {
        Some(issuer) if !dice.one_in(8) => [issuer.controller, issuer.attester][dice.below(2) as usize],
        _ => dice.person(),
    };
    let believed: Vec<Attestation> = match found {
        Some(shard) if dice.one_in(8) => shard.before.clone(),
        Some(shard) => shard.leaves.clone(),
        None => leaves(0..3),
    };
    let tree = DenseTree::new(Tree::Shard, believed.iter().map(|leaf| leaf.element()).collect()).unwrap();
    // Those that are not revoked already, mostly.
    let empty = Tree::empty_leaf();
    let there: Vec<u16> = (0..)
        .zip(&believed)
        .filter(|(_, leaf)| leaf.element() != empty)
        .map(|(position, _)| position)
        .collect();
    let mut positions: Vec<u16> = (0..1 + dice.below(4))
        .filter_map(|_| match dice.below(10) {
            0 => Some(dice.below(believed.len() as u64 + 2).min(4_095) as u16),
            _ => dice.choose(&there),
        })
        .collect();
    positions.sort_unstable();
    positions.dedup();
    let mut claimed: Vec<(u16, Attestation)> = positions
        .iter()
        .map(|position| {
            (
                *position,
                Attestation::from_element(tree.leaf(u32::from(*position))),
            )
        })
        .collect();
    if let Some((_, leaf)) = claimed.first_mut().filter(|_| dice.one_in(12)) {
        *leaf = leaves(7..8)[0];
    }
    let mut claim = Claim {
        believed,
        leaves: claimed,
        well_formed: true,
    };
    let shard = ShardIndex(index);
    if dice.one_in(2) {
        claim.leaves.truncate(1);
        let Some((position, leaf)) = claim.leaves.first().copied() else {
            return;
        };
        let path: ShardPath = tree.path(position.into()).unwrap();
        let call = Call::revoke {
            shard,
            position,
            leaf,
            siblings: Box::new(*path.siblings()),
        };
        let expected = model.revoke(caller, index, position, &claim);
        return compare(Person(caller), call, expected);
    }
    let positions: Vec<u32> = positions.into_iter().map(u32::from).collect();
    let proof = tree.multiproof(&positions);
    let mut siblings = proof.map_or(Vec::new(), |proof| proof.siblings().to_vec());
    match dice.below(12) {
        0 if claim.leaves.len() > 1 => {
            claim.leaves.reverse();
            claim.well_formed = false;
        }
        1 if !claim.leaves.is_empty() => {
            siblings.pop();
            claim.well_formed = false;
        }
        _ => {}
    }
    let call = Call::revoke_batch {
        shard,
        leaves: claim.leaves.clone().try_into().unwrap(),
        siblings: siblings.try_into().unwrap(),
    };
    let expected = model.revoke_batch(caller, index, &claim);
    compare(Person(caller), call, expected);
}

/// Shards go as wholes, or come back.
fn mass_revoke(dice: &mut Dice, model: &mut Model) {
    let issuer = some_issuer(dice, model);
    let caller = controller(dice, model, issuer);
    let own = model.shards_of(issuer);
    let revoked: Vec<u32> = own
        .iter()
        .copied()
        .filter(|index| model.shards[*index as usize].revoked_at.is_some())
        .collect();
    let restore = dice.one_in(2);
    let candidates = if restore && !dice.one_in(6) {
        &revoked
    } else {
        &own
    };
    let anything = dice.below(model.shards.len() as u64 + 2) as u32;
    let to = dice
        .choose(candidates)
        .filter(|_| !dice.one_in(12))
        .unwrap_or(anything);
    let from = if dice.one_in(16) {
        to + 1
    } else {
        to.saturating_sub(dice.below(4) as u32)
    };
    let exact = own.iter().filter(|index| (from..=to).contains(*index)).count() as u32;
    let count = if dice.one_in(6) {
        dice.below(5) as u32
    } else {
        exact
    };
    let (first, last) = (ShardIndex(from), ShardIndex(to));
    if restore {
        let call = Call::restore_shards {
            from: first,
            to: last,
            count,
        };
        let expected = model.restore_shards(caller, from, to, count);
        compare(Person(caller), call, expected);
    } else {
        let call = Call::revoke_shards {
            from: first,
            to: last,
            count,
        };
        let expected = model.revoke_shards(caller, from, to, count);
        compare(Person(caller), call, expected);
    }
}

/// An issuer changes itself.
fn an_issuer(dice: &mut Dice, model: &mut Model) {
    let mut issuer = some_issuer(dice, model);
    let roll = dice.below(10);
    let retired: Vec<u32> = (0..)
        .zip(&model.issuers)
        .filter(|(_, issuer)| issuer.retired_at.is_some())
        .map(|(at, _)| at)
        .collect();
    if let (7.., Some(at)) = (roll, dice.choose(&retired)) {
        issuer = at;
    }
    let caller = controller(dice, model, issuer);
    match roll {
        0..=3 => {
            let attester = if dice.one_in(3) { caller } else { dice.person() };
            let call = Call::rotate_attester {
                attester: account(attester),
            };
            compare(Person(caller), call, model.rotate(caller, attester));
        }
        4..=5 => {
            let texts: [&[u8]; 3] = [b"Bank", b"School", b""];
            let metadata = texts[dice.below(3) as usize];
            let call = Call::update_metadata {
                metadata: metadata.to_vec().try_into().unwrap(),
            };
            compare(Person(caller), call, model.describe(caller, metadata));
        }
        6 if dice.one_in(2) => compare(Person(caller), Call::retire {}, model.retire(caller)),
        _ => {
            let call = Call::withdraw_deposit {};
            compare(Person(caller), call, model.withdraw_deposit(caller));
        }
    }
}

/// Governance does something about an issuer; or somebody tries to.
fn governance(dice: &mut Dice, model: &mut Model) {
    let mut at = some_issuer(dice, model);
    // Suspended ones come back, mostly.
    let suspended: Vec<u32> = (0..)
        .zip(&model.issuers)
        .filter(|(_, issuer)| issuer.suspended)
        .map(|(at, _)| at)
        .collect();
    let roll = dice.below(8);
    if let (2..=5, Some(back)) = (roll, dice.choose(&suspended)) {
        at = back;
    }
    let issuer = IssuerIndex(at);
    let amount = dice.below(2 * ISSUER_DEPOSIT);
    let call = match roll {
        0..=1 => Call::suspend { issuer },
        2..=5 => Call::reinstate { issuer },
        _ => Call::slash { issuer, amount },
    };
    if dice.one_in(8) {
        return compare_bad_origin(Person(dice.person()), call);
    }
    let expected = match roll {
        0..=1 => model.suspend(at),
        2..=5 => model.reinstate(at),
        _ => model.slash(at, amount),
    };
    compare(Governance, call, expected);
}

/// A list is created, or changes hands.
fn a_curator(dice: &mut Dice, model: &mut Model) {
    let (number, mut caller) = some_list(dice, model);
    let list = TrustListId(number);
    match dice.below(10) {
        0..=4 if model.lists.len() < LISTS as usize - 1 => {
            let name = b"Banks".to_vec().try_into().unwrap();
            let call = Call::create_trust_list { name };
            let expected = model.create_list(caller);
            compare(Person(caller), call, expected);
        }
        0..=5 => {
            let to = (!dice.one_in(5)).then(|| dice.person());
            let call = Call::offer_list {
                list,
                to: to.map(account),
            };
            compare(Person(caller), call, model.offer(caller, number, to));
        }
        6 => {
            let call = Call::freeze_list { list };
            // For ever: so seldom.
            if dice.one_in(6) || model.lists.get(number as usize).is_none_or(|list| list.frozen) {
                compare(Person(caller), call, model.freeze(caller, number));
            }
        }
        _ => {
            let offered = model.lists.get(number as usize).and_then(|list| list.offered_to);
            caller = offered.filter(|_| !dice.one_in(6)).unwrap_or(caller);
            let call = Call::accept_list { list };
            compare(Person(caller), call, model.accept(caller, number));
        }
    }
}

/// An issuer consents to a list or does not any more, or is put on one or taken off.
fn a_membership(dice: &mut Dice, model: &mut Model) {
    let (number, curator) = some_list(dice, model);
    let mut issuer = some_issuer(dice, model);
    let owner = controller(dice, model, issuer);
    let list = TrustListId(number);
    match dice.below(9) {
        0..=1 => {
            let expected = model.consent(owner, number);
            compare(Person(owner), Call::consent { list }, expected);
        }
        2 => {
            let expected = model.withdraw(owner, number);
            compare(Person(owner), Call::withdraw_consent { list }, expected);
        }
        3..=6 => {
            // One that consents, mostly.
            let willing: Vec<u32> = (0..)
                .zip(&model.issuers)
                .filter(|(_, issuer)| issuer.consents.get(&number) == Some(&None))
                .map(|(at, _)| at)
                .collect();
            issuer = dice
                .choose(&willing)
                .filter(|_| !dice.one_in(4))
                .unwrap_or(issuer);
            let call = Call::add_member {
                list,
                issuer: IssuerIndex(issuer),
            };
            let expected = model.add(curator, number, issuer);
            compare(Person(curator), call, expected);
        }
        _ => {
            let members = model.lists.get(number as usize).map(|list| &list.positions);
            let member = members.and_then(|positions| positions.iter().flatten().next().copied());
            issuer = member.filter(|_| !dice.one_in(4)).unwrap_or(issuer);
            let call = Call::remove_member {
                list,
                issuer: IssuerIndex(issuer),
            };
            let expected = model.remove(curator, number, issuer);
            compare(Person(curator), call, expected);
        }
    }
}
