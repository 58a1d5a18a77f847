//! That the checks of the storage notice what they are for.

use crate::{
    mock::*, Accounts, CapNodes, CurrentRoot, DirtyLists, DirtyShards, Expiries, ExpiryQueue, Frontiers,
    HoldReason, Issuer, Issuers, ListRootHistory, Listing, Listings, NextIssuer, NextShard, NextTrustList,
    RootHistory, Shard, ShardStatus, Shards, Slot, Slots, TrustList, TrustLists, TrustNodes,
};
use frame_support::{
    assert_ok,
    traits::{fungible::MutateHold, tokens::Precision, Hooks},
};
use ofage_primitives::{
    chain::IssuerStatus, Element, IssuerIndex, RegistryRoot, ShardIndex, TrustListId, TrustListRoot,
};
use sp_runtime::TryRuntimeError;

const LIST: TrustListId = TrustListId(0);
const ONE: IssuerIndex = IssuerIndex(0);
const SEALED: ShardIndex = ShardIndex(0);
const OPEN: ShardIndex = ShardIndex(1);

/// What the checks say after `spoil` was done to two issuers, a sealed and an open shard of the first one, and a list
/// with a member at position 0 and a vacant position 1.
fn after(spoil: impl FnOnce()) -> Result<(), TryRuntimeError> {
    new_test_ext().execute_with(|| {
        new_list();
        for controller in [1, 2] {
            let issuer = new_issuer(controller);
            list_issuer(LIST, issuer);
        }
        next_block();
        open_shard(1, leaves(0..3));
        AgeRegistry::seal_shard(signed(1)).unwrap();
        open_shard(1, leaves(3..5));
        next_block();
        AgeRegistry::remove_member(signed(CURATOR), LIST, IssuerIndex(1)).unwrap();
        next_block();
        assert_ok!(AgeRegistry::do_try_state());
        spoil();
        AgeRegistry::do_try_state()
    })
}

fn with_issuer(change: impl FnOnce(&mut Issuer<Test>)) {
    Issuers::<Test>::mutate(ONE, |issuer| change(issuer.as_mut().unwrap()));
}

fn with_shard(index: ShardIndex, change: impl FnOnce(&mut Shard<Test>)) {
    Shards::<Test>::mutate(index, |shard| change(shard.as_mut().unwrap()));
}

fn with_list(change: impl FnOnce(&mut TrustList<Test>)) {
    TrustLists::<Test>::mutate(LIST, |list| change(list.as_mut().unwrap()));
}

fn root_of(number: u64) -> RegistryRoot {
    RegistryRoot::from_element(Element::from_u64(number))
}

#[test]
fn a_sound_state_passes() {
    assert_ok!(after(|| {}));
}

type Spoil = fn();

fn each_is_noticed(spoils: &[(Spoil, &'static str)]) {
    for (spoil, message) in spoils {
        assert_eq!(after(spoil), Err(TryRuntimeError::Other(message)));
    }
}

#[test]
fn broken_issuers_are_noticed() {
    each_is_noticed(&[
        (|| NextIssuer::<Test>::put(3), "an issuer's number was skipped"),
        (
            || {
                let issuer = Issuers::<Test>::take(ONE).unwrap();
                Issuers::<Test>::insert(IssuerIndex(9), issuer);
            },
            "an issuer's number is not given out yet",
        ),
        (
            || with_issuer(|i| i.id = Issuers::<Test>::get(IssuerIndex(1)).unwrap().id),
            "an issuer bears another's id",
        ),
        (
            || with_issuer(|i| i.metadata.clear()),
            "an issuer's metadata does not print",
        ),
        (
            || with_issuer(|i| i.consents = 2),
            "an issuer's consents are counted wrongly",
        ),
        (
            || {
                (5..5 + MAX_LISTS)
                    .for_each(|l| Listings::<Test>::insert(ONE, TrustListId(l), Listing::Consented));
                with_issuer(|i| i.consents = 1 + MAX_LISTS);
            },
            "an issuer consents to too many lists",
        ),
        (
            || with_issuer(|i| i.controller = account(2)),
            "an account serves two issuers",
        ),
        (
            || with_issuer(|i| i.retired_at = Some(1)),
            "an issuer's retirement contradicts its status",
        ),
        (
            || with_issuer(|i| i.status = IssuerStatus::Retired),
            "an issuer's retirement contradicts its status",
        ),
        (
            || {
                with_issuer(|i| (i.status, i.retired_at) = (IssuerStatus::Suspended, Some(now() + 1)));
            },
            "an issuer's retirement contradicts its status",
        ),
        (
            || Accounts::<Test>::remove(account(1)),
            "the accounts of issuers are recorded wrongly",
        ),
        (
            || Accounts::<Test>::insert(account(7), ONE),
            "the accounts of issuers are recorded wrongly",
        ),
    ]);
}

#[test]
fn broken_links_and_marks_of_shards_are_noticed() {
    each_is_noticed(&[
        (
            || with_shard(OPEN, |s| s.previous = None),
            "an issuer's shard is not linked to its last one",
        ),
        (
            || with_shard(OPEN, |s| s.previous = Some(OPEN)),
            "a shard names one before it that was opened later",
        ),
        (
            || with_shard(OPEN, |s| s.previous = Some(ShardIndex(7))),
            "a shard names one before it that was opened later",
        ),
        (
            || with_shard(SEALED, |s| s.previous = Some(SEALED)),
            "a shard names one before it that was opened later",
        ),
        (
            || {
                Issuers::<Test>::mutate(IssuerIndex(1), |issuer| {
                    issuer.as_mut().unwrap().last_shard = Some(OPEN)
                })
            },
            "an issuer's shards are linked with another's",
        ),
        (
            || with_shard(SEALED, |s| s.status = ShardStatus::Revoked { since: now() + 1 }),
            "a shard was revoked before it was opened, or is yet to be",
        ),
        (
            || with_shard(SEALED, |s| s.status = ShardStatus::Revoked { since: 0 }),
            "a shard was revoked before it was opened, or is yet to be",
        ),
        (
            || with_shard(SEALED, |s| s.status = ShardStatus::Revoked { since: now() }),
            "the cap's nodes are not those of the shards",
        ),
        (
            || with_shard(SEALED, |s| s.restored_at = Some(now() + 1)),
            "a shard was restored before it was opened, or is open since",
        ),
        (
            || with_shard(OPEN, |s| s.restored_at = Some(now())),
            "a shard was restored before it was opened, or is open since",
        ),
    ]);
}

#[test]
fn broken_shards_are_noticed() {
    each_is_noticed(&[
        (|| NextShard::<Test>::put(3), "a shard's number was skipped"),
        (
            || {
                let shard = Shards::<Test>::take(SEALED).unwrap();
                Shards::<Test>::insert(ShardIndex(9), shard);
            },
            "a shard's number is not given out yet",
        ),
        (
            || with_shard(SEALED, |s| s.issuer = IssuerIndex(9)),
            "a shard belongs to no issuer",
        ),
        (
            || with_issuer(|i| i.last_shard = Some(SEALED)),
            "an issuer's last shard is not its last",
        ),
        (
            || with_shard(SEALED, |s| s.len = 0),
            "a shard has no or too many attestations",
        ),
        (
            || with_shard(SEALED, |s| s.opened_at = 9),
            "a shard's blocks are out of order",
        ),
        (
            || with_shard(SEALED, |s| s.status = ShardStatus::Open),
            "an issuer has another open shard than its last",
        ),
        (
            || with_shard(OPEN, |s| s.len = 4096),
            "a full shard is not sealed",
        ),
        (
            || Frontiers::<Test>::remove(OPEN),
            "an open shard has no frontier",
        ),
        (
            || with_shard(OPEN, |s| s.len = 3),
            "a shard's frontier has another length",
        ),
        (
            || with_shard(OPEN, |s| s.root = Shards::<Test>::get(SEALED).unwrap().root),
            "a shard's frontier has another root",
        ),
        (
            || Frontiers::<Test>::insert(SEALED, ofage_primitives::tree::Frontier::default()),
            "a frontier belongs to no open shard",
        ),
        (
            || with_shard(SEALED, |s| s.root = Shards::<Test>::get(OPEN).unwrap().root),
            "the cap's nodes are not those of the shards",
        ),
        (
            || CapNodes::<Test>::remove((3, 0)),
            "the cap's nodes are not those of the shards",
        ),
        (
            || CurrentRoot::<Test>::put(root_of(1)),
            "the registry root is not that of the shards",
        ),
        (
            || {
                DirtyShards::<Test>::put(
                    frame_support::BoundedBTreeSet::try_from(std::collections::BTreeSet::from([OPEN]))
                        .unwrap(),
                )
            },
            "a changed shard is not under the root",
        ),
    ]);
}

#[test]
fn broken_lists_are_noticed() {
    each_is_noticed(&[
        (
            || NextTrustList::<Test>::put(0),
            "a list's number is not given out yet",
        ),
        (|| NextTrustList::<Test>::put(2), "a list's number was skipped"),
        (|| with_list(|l| l.name.clear()), "a list's name does not print"),
        (
            || with_list(|l| l.positions = 4097),
            "a list has too many positions, or holds from a later block on",
        ),
        (
            || with_list(|l| l.valid_from = 9),
            "a list has too many positions, or holds from a later block on",
        ),
        (|| with_list(|l| l.positions = 3), "a list's positions have gaps"),
        (
            || with_list(|l| l.offered_to = Some(account(CURATOR))),
            "a list is offered to its own curator",
        ),
        (
            || with_issuer(|i| i.status = IssuerStatus::Suspended),
            "a list's nodes are not those of its members",
        ),
        (
            || Slots::<Test>::insert(LIST, 1, Slot::Member(IssuerIndex(1))),
            "a list's member is not listed there",
        ),
        (
            || Listings::<Test>::insert(IssuerIndex(1), LIST, Listing::Listed(1)),
            "a listed issuer is not at its position",
        ),
        (
            || with_list(|l| l.vacant = None),
            "a list's vacant position is lost",
        ),
        (
            || Slots::<Test>::insert(LIST, 1, Slot::Vacant(Some(1))),
            "a list's vacant positions name one that is not, or twice",
        ),
        (
            || with_list(|l| l.vacant = Some(0)),
            "a list's vacant positions name one that is not, or twice",
        ),
        (
            || TrustNodes::<Test>::remove(LIST, (0, 1)),
            "a list's nodes are not those of its members",
        ),
        (
            || with_list(|l| l.recorded_root = None),
            "a list's root is not that of its members, or not recorded",
        ),
        (
            || {
                Listings::<Test>::insert(ONE, TrustListId(7), Listing::Consented);
                with_issuer(|i| i.consents = 2);
            },
            "a listing names an issuer or a list that does not exist",
        ),
        (
            || {
                DirtyLists::<Test>::put(
                    frame_support::BoundedBTreeSet::try_from(std::collections::BTreeSet::from([LIST]))
                        .unwrap(),
                )
            },
            "a changed list's root is not recorded",
        ),
    ]);
}

#[test]
fn broken_histories_are_noticed() {
    each_is_noticed(&[
        (
            || ExpiryQueue::<Test>::mutate(|q| q.1 += 1),
            "the queue of expiries has strangers",
        ),
        (
            || {
                let expiry = Expiries::<Test>::take(0).unwrap();
                Expiries::<Test>::insert(50, expiry);
            },
            "the queue of expiries has holes",
        ),
        (
            || {
                let (a, b) = (
                    Expiries::<Test>::get(0).unwrap(),
                    Expiries::<Test>::get(1).unwrap(),
                );
                Expiries::<Test>::insert(0, b);
                Expiries::<Test>::insert(1, a);
            },
            "the queue of expiries is out of order",
        ),
        (
            || {
                let mut expiry = Expiries::<Test>::get(0).unwrap();
                expiry.root = Element::from_u64(5);
                Expiries::<Test>::insert(0, expiry);
            },
            "the end of a span is not queued for pruning",
        ),
        (
            || RootHistory::<Test>::insert(root_of(5), crate::Spans::<Test>::default()),
            "a root without spans is on record",
        ),
        (
            || {
                let spans = RootHistory::<Test>::get(AgeRegistry::registry_root());
                ListRootHistory::<Test>::insert(
                    TrustListId(4),
                    TrustListRoot::from_element(Element::from_u64(5)),
                    spans,
                );
            },
            "a history belongs to nothing, or is missing",
        ),
        (
            || {
                let spans = RootHistory::<Test>::get(AgeRegistry::registry_root());
                RootHistory::<Test>::insert(root_of(5), spans);
            },
            "a root is current beside another",
        ),
        (
            || RootHistory::<Test>::mutate(AgeRegistry::registry_root(), |spans| spans[0].from = 1),
            "the spans of a history overlap",
        ),
        (
            || {
                RootHistory::<Test>::mutate(AgeRegistry::registry_root(), |spans| {
                    spans[0].superseded_at = Some(3)
                })
            },
            "the current root's span is not open",
        ),
    ]);
}

#[test]
fn broken_deposits_are_noticed() {
    let message = "an account does not hold the deposits of what is its own";
    fn release(reason: HoldReason, who: u8) {
        Balances::release(&reason.into(), &account(who), 1, Precision::Exact).unwrap();
    }
    each_is_noticed(&[
        (|| release(HoldReason::Issuer, 1), message),
        (|| release(HoldReason::Shard, 1), message),
        (|| release(HoldReason::TrustList, CURATOR), message),
        (|| with_issuer(|i| i.deposit += 1), message),
        (|| with_shard(SEALED, |s| s.depositor = account(2)), message),
        (|| with_list(|l| l.deposit -= 1), message),
    ]);
}

#[test]
fn the_configuration_is_sound() {
    new_test_ext().execute_with(AgeRegistry::integrity_test);
}
