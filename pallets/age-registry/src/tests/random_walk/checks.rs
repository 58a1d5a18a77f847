//! What the chain must say about the state that the calls left.

use super::{super::id_of, Dice, Model, LISTS, PEOPLE};
use crate::{mock::*, Attester, Issuers, TrustNodes};
use frame_support::traits::fungible::Inspect;
use ofage_primitives::{
    chain::Anchors,
    hashes,
    tree::{CapPath, DenseTree, ShardPath, Tree, TrustPath},
    Anchor, Attestation, Element, IssuerIndex, ShardIndex, TrustListId,
};

/// Deposits are where they belong, and nothing came from nowhere.
pub(super) fn accounts(model: &Model) {
    let mut lost = 0;
    for number in 1..=PEOPLE as u8 {
        assert_eq!(held(number), model.held(number), "deposits of {number}");
        let total = RICHES - model.lost(number);
        assert_eq!(Balances::total_balance(&account(number)), total);
        lost += model.lost(number);
        assert_eq!(
            AgeRegistry::issuer_of(&account(number)),
            model.issuer_of(number).map(IssuerIndex)
        );
    }
    assert_eq!(slashed(), lost);
}

pub(super) fn issuers(model: &Model) {
    for (index, issuer) in (0..).map(IssuerIndex).zip(&model.issuers) {
        let info = AgeRegistry::issuer_info(index).unwrap();
        assert_eq!(info.issuer_id, id_of(index.0));
        assert_eq!(
            (info.controller, info.attester),
            ([issuer.controller; 32], [issuer.attester; 32])
        );
        assert_eq!(
            (info.status, info.retired_at),
            (issuer.status(), issuer.retired_at)
        );
        assert_eq!(info.metadata, issuer.metadata);
        assert_eq!(info.deposit, u128::from(issuer.deposit));
        assert_eq!(info.last_shard, issuer.last_shard.map(ShardIndex));
        let open = issuer.last_shard.filter(|last| model.shards[*last as usize].open);
        assert_eq!(info.open_shard, open.map(ShardIndex));
        assert_eq!(usize::from(info.lists), issuer.listed().len());
        let serving = matches!(
            Issuers::<Test>::get(index).unwrap().attester,
            Attester::Serving(_)
        );
        assert_eq!(serving, issuer.serving);
    }
}

pub(super) fn shards(model: &Model) {
    let infos = AgeRegistry::shard_infos(0, u32::MAX);
    assert_eq!(infos.len(), model.shards.len());
    for (info, shard) in infos.into_iter().zip(&model.shards) {
        assert_eq!(info.issuer, IssuerIndex(shard.issuer));
        assert_eq!(info.root, shard.root);
        assert_eq!(usize::from(info.len), shard.leaves.len());
        assert_eq!(info.sealed, !shard.open);
        assert_eq!(info.revoked_at, shard.revoked_at);
        assert_eq!(info.revoked, shard.revoked_at.is_some());
        let own = model.shards_of(shard.issuer).into_iter();
        let before = own.take_while(|index| *index < info.index.0).last();
        assert_eq!(info.previous, before.map(ShardIndex));
    }
}

pub(super) fn lists(model: &Model) {
    for (number, list) in (0..).map(TrustListId).zip(&model.lists) {
        let info = AgeRegistry::trust_list_info(number).unwrap();
        let members = model.members(number.0 as usize);
        let members: Vec<_> = members.into_iter().map(|m| m.map(IssuerIndex)).collect();
        assert_eq!(info.members, members);
        assert_eq!(info.curator, [list.curator; 32]);
        assert_eq!(info.offered_to, list.offered_to.map(|to| [to; 32]));
        assert_eq!((info.frozen, info.valid_from), (list.frozen, list.valid_from));
    }
}

/// A node of the cap, as a wallet learns it.
fn cap_node(level: u8, index: u32) -> Element {
    let told = AgeRegistry::cap_row(level, index, 1);
    let empty = || Tree::Cap.empty_node(usize::from(level));
    told.first().copied().unwrap_or_else(empty)
}

/// A holder of some attestation can prove where it is, with what the chain tells; unless it was revoked.
pub(super) fn a_witness(dice: &mut Dice, model: &Model) {
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
    let siblings = core::array::from_fn(|level| cap_node(level as u8, (at >> level) ^ 1));
    let path = CapPath::new(at, siblings).unwrap();
    let cap_leaf = hashes::cap_leaf(info.root, id_of(info.issuer.0)).element();
    let root = AgeRegistry::registry_root().element();
    assert_eq!(path.root(Tree::Cap, cap_leaf) == root, !info.revoked);
    assert_eq!(path.root(Tree::Cap, cap_node(0, at)), root);
    for (number, list) in model.lists.iter().enumerate() {
        let id = TrustListId(number as u32);
        if let Some(position) = list.positions.iter().position(|m| *m == Some(shard.issuer)) {
            let siblings = core::array::from_fn(|level| {
                let (level, index) = (level as u8, (position as u32 >> level) ^ 1);
                let empty = || Tree::Trust.empty_node(usize::from(level));
                TrustNodes::<Test>::get(id, (level, index)).unwrap_or_else(empty)
            });
            let path = TrustPath::new(position as u32, siblings).unwrap();
            let root = path.root(Tree::Trust, id_of(shard.issuer).element());
            let is_in = !model.issuers[shard.issuer as usize].suspended;
            assert_eq!(root == list_root(id).element(), is_in);
        }
    }
}

/// Anchors of blocks old and new, some of them mixed.
pub(super) fn anchors(dice: &mut Dice, model: &Model) {
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

/// The block that ended is told as an anchor for each list.
pub(super) fn what_is_told_of_the_block(ended: u32, model: &Model) {
    for list in 0..LISTS as u32 {
        let expected = (list < model.lists.len() as u32).then(|| model.anchor(ended, list).unwrap());
        // This is the next block's beginning already, hence its number.
        let expected = expected.map(|anchor| Anchor {
            block: now(),
            ..anchor
        });
        assert_eq!(AgeRegistry::anchor(TrustListId(list)), expected);
    }
}
