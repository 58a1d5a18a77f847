//! When a wallet asks, and for what.

use super::*;
use crate::{
    credential::tests::credential_at,
    retrieval::tests::{crowd, Lie, TestNode},
};
use futures::executor::block_on;
use ofage_primitives::{tree::Tree, Attestation, ShardIndex};
use std::collections::BTreeSet;

const TOTAL: u32 = 40;

/// A chain that holds a wallet's credentials among others.
fn chain_with(head: u32, wallet: &Wallet) -> TestNode {
    let mut node = TestNode::uniform(head, TOTAL);
    for credential in wallet.credentials() {
        let shard = node.shards.get_mut(&credential.shard.0).unwrap();
        shard.issuer = credential.issuer;
        shard.leaves[usize::from(credential.leaf.0)] = credential.attestation;
    }
    node.build();
    node
}

/// A wallet with one credential of issuer 0 at a place, not looked up yet.
fn wallet_at(place: &Place, shard: u32, leaf: u16) -> Wallet {
    let mut wallet = place.create();
    let mine = credential_at(&wallet.content.secret, attributes("1990-05-06"), 0, (shard, leaf));
    wallet.import(mine).unwrap();
    wallet
}

fn refresh(wallet: &mut Wallet, node: &TestNode) -> Refreshed {
    block_on(wallet.refresh(node, When::EpochOver, &mut |_, _| ())).unwrap()
}

fn prepare(wallet: &mut Wallet, node: &TestNode, oldest: u32) -> Refreshed {
    let mut gate = gate(AgeBand::over(18), 1);
    gate.policy.oldest_anchor = oldest;
    let ask = ask(&gate, 0);
    block_on(wallet.prepare_for(&ask, node, When::EpochOver, &mut |_, _| ())).unwrap()
}

fn standing(wallet: &Wallet) -> Option<&Standing> {
    Some(wallet.standing(&wallet.credentials()[0])?.0)
}

/// Shards in the requests for leaves.
fn leaves_asked(log: &[String]) -> Vec<&str> {
    let leaves = log.iter().filter_map(|request| request.split_once("leaves "));
    leaves.map(|(_, shards)| shards).collect()
}

#[test]
fn several_proofs_of_an_epoch_ask_for_nothing_of_the_holders() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(310, &wallet);
    assert!(prepare(&mut wallet, &node, 1000).asked);
    node.asked();
    for head in [311, 350, 399] {
        node.head = head;
        assert!(!prepare(&mut wallet, &node, 1000).asked);
        let asked = node.asked();
        assert!(
            asked.iter().all(|request| request.contains("status 0 310")),
            "{asked:?}"
        );
    }
    // Also after the wallet was closed.
    drop(wallet);
    let mut wallet = place.open(WORDS).unwrap();
    assert!(!refresh(&mut wallet, &node).asked);
    assert!(node.asked().is_empty());
}

#[test]
fn each_epoch_asks_for_the_same_whether_or_not_something_changed() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(310, &wallet);
    refresh(&mut wallet, &node);
    node.asked();
    let mut seen = Vec::new();
    for (head, change) in [(400, false), (555, true), (601, false)] {
        node.head = head;
        if change {
            node.shards.get_mut(&6).unwrap().leaves.extend(crowd(5, 77));
            node.build();
        }
        let refreshed = refresh(&mut wallet, &node);
        assert_eq!((refreshed.asked, refreshed.block), (true, head / 100 * 100));
        assert!(matches!(standing(&wallet), Some(Standing::Good(_))));
        let anchor = format!("{} ", refreshed.block);
        let log = node.asked();
        seen.push(
            log.iter()
                .map(|request| request.replacen(&anchor, "", 1))
                .collect::<Vec<_>>(),
        );
    }
    assert!(seen[0] == seen[1] && seen[1] == seen[2], "{seen:?}");
    assert_eq!(leaves_asked(&seen[0]).len(), 1);
}

#[test]
fn decoys_stay_when_shards_are_added_and_the_wallet_is_opened_again() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let node = chain_with(310, &wallet);
    assert_eq!(refresh(&mut wallet, &node).shards, 4);
    let first = node.asked();
    drop(wallet);
    let mut wallet = place.open(WORDS).unwrap();
    let mut grown = TestNode::uniform(450, TOTAL + 30);
    grown.shards.insert(6, node.shards[&6].clone());
    grown.build();
    refresh(&mut wallet, &grown);
    let second = grown.asked();
    assert_eq!(leaves_asked(&first), leaves_asked(&second));
}

#[test]
fn which_shard_of_a_cover_is_real_does_not_show_in_the_requests() {
    let place = Place::new();
    let mut first = wallet_at(&place, 6, 3);
    let node = chain_with(310, &first);
    refresh(&mut first, &node);
    let cover = first.holdings_mut(GENESIS).covers[&ShardIndex(6)].clone();
    node.asked();
    let mut second_epoch = chain_with(420, &first);
    refresh(&mut first, &second_epoch);
    let expected = second_epoch.asked();
    // Wallets whose real shard is one of the others, or another leaf of it.
    for (place, shard, leaf) in cover
        .iter()
        .flat_map(|shard| [(shard.0, 0), (shard.0, 9)])
        .map(|(shard, leaf)| (Place::new(), shard, leaf))
    {
        let mut other = wallet_at(&place, shard, leaf);
        let holdings = other.holdings_mut(GENESIS);
        holdings.covers.insert(ShardIndex(shard), cover.clone());
        holdings.known_at = Some(310);
        second_epoch = chain_with(420, &other);
        refresh(&mut other, &second_epoch);
        assert!(matches!(standing(&other), Some(Standing::Good(_))));
        assert_eq!(second_epoch.asked(), expected);
    }
}

#[test]
fn a_second_credential_has_decoys_of_its_own() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let node = chain_with(310, &wallet);
    assert_eq!(refresh(&mut wallet, &node).shards, 4);
    let secret = wallet.content.secret.clone();
    wallet
        .import(credential_at(&secret, attributes("1990-05-06"), 1, (7, 2)))
        .unwrap();
    let node = chain_with(420, &wallet);
    let refreshed = refresh(&mut wallet, &node);
    assert!(refreshed.shards > 5, "the one that joined would be the real one");
    assert_eq!(refreshed.block, 420, "it may be newer than the epoch");
    node.asked();
    let node = chain_with(555, &wallet);
    assert_eq!(refresh(&mut wallet, &node).block, 500);
}

#[test]
fn the_number_of_decoys_is_the_holders() {
    for decoys in [0, 7, 15, 200] {
        let place = Place::new();
        let mut wallet = Wallet::create_with_decoys(&place.path(), Passphrase::quick(WORDS), decoys).unwrap();
        let mine = credential_at(&wallet.content.secret, attributes("1990-05-06"), 0, (6, 3));
        wallet.import(mine).unwrap();
        let node = chain_with(310, &wallet);
        let expected = usize::from(decoys.min(MAX_DECOYS)) + 1;
        assert_eq!(refresh(&mut wallet, &node).shards, expected);
    }
}

#[test]
fn a_node_that_fails_does_not_get_to_see_other_decoys() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(310, &wallet);
    node.lie = Some(Lie::FewerShards);
    let failed = block_on(wallet.refresh(&node, When::EpochOver, &mut |_, _| ()));
    assert!(failed.is_err());
    let first = node.asked();
    // Not by a wallet that is opened again, nor by another number of shards.
    drop(wallet);
    let mut wallet = place.open(WORDS).unwrap();
    let mut grown = TestNode::uniform(450, TOTAL * 3);
    grown.shards.insert(6, node.shards[&6].clone());
    grown.build();
    refresh(&mut wallet, &grown);
    assert_eq!(leaves_asked(&first), leaves_asked(&grown.asked()));
}

#[test]
fn a_failed_refresh_leaves_what_was_there() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(310, &wallet);
    refresh(&mut wallet, &node);
    node.head = 420;
    node.lie = Some(Lie::Leaf(ShardIndex(6)));
    assert!(block_on(wallet.refresh(&node, When::EpochOver, &mut |_, _| ())).is_err());
    assert!(matches!(standing(&wallet), Some(Standing::Good(_))));
}

#[test]
fn a_policy_of_young_anchors_makes_the_wallet_ask_again() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(410, &wallet);
    refresh(&mut wallet, &node);
    node.head = 450;
    assert!(!prepare(&mut wallet, &node, 200).asked);
    let asked = prepare(&mut wallet, &node, 12);
    assert_eq!((asked.asked, asked.block), (true, 450));
    // What others share is kept for those who take it, and the newer one for a while.
    let kept = prepare(&mut wallet, &node, 200);
    assert_eq!((kept.asked, kept.block), (false, 410));
    node.head = 454;
    let kept = prepare(&mut wallet, &node, 12);
    assert_eq!((kept.asked, kept.block), (false, 450));
    node.head = 470;
    let asked = prepare(&mut wallet, &node, 12);
    assert_eq!((asked.asked, asked.block), (true, 470));
    node.head = 500;
    assert_eq!(prepare(&mut wallet, &node, 12).block, 500);
}

#[test]
fn the_newest_anchor_is_had_for_the_asking() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(410, &wallet);
    refresh(&mut wallet, &node);
    node.head = 450;
    let ask = ask(&gate(AgeBand::over(18), 1), 0);
    let newest = block_on(wallet.prepare_for(&ask, &node, When::Now, &mut |_, _| ())).unwrap();
    assert_eq!((newest.asked, newest.block), (true, 450));
}

#[test]
fn an_anchor_that_ended_makes_the_wallet_ask_again() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(410, &wallet);
    node.lists.push(vec![Some(IssuerIndex(3))]);
    refresh(&mut wallet, &node);
    node.head = 450;
    node.ended.lock().unwrap().insert(TrustListId(0));
    let asked = prepare(&mut wallet, &node, 1000);
    assert_eq!((asked.asked, asked.block), (true, 450));
    node.asked();
    assert!(!prepare(&mut wallet, &node, 1000).asked);
    assert!(leaves_asked(&node.asked()).is_empty());
}

#[test]
fn which_lists_anchor_ended_does_not_show_in_what_the_wallet_asks() {
    let asked = [0, 1].map(|ended| {
        let place = Place::new();
        let mut wallet = wallet_at(&place, 6, 3);
        let mut node = chain_with(410, &wallet);
        node.lists.push(vec![Some(IssuerIndex(3))]);
        refresh(&mut wallet, &node);
        let cover: BTreeSet<_> = [2, 6, 9, 11].map(ShardIndex).into();
        wallet.holdings_mut(GENESIS).covers.insert(ShardIndex(6), cover);
        node.asked();
        node.head = 450;
        node.ended.lock().unwrap().insert(TrustListId(ended));
        let first = prepare(&mut wallet, &node, 1000);
        assert!(first.asked);
        // A proof for the list whose anchor counts keeps to it.
        let block = if ended == 0 { 450 } else { 410 };
        assert_eq!(first.block, block);
        let again = prepare(&mut wallet, &node, 1000);
        assert_eq!((again.asked, again.block), (false, block));
        let log = node.asked();
        assert_eq!(leaves_asked(&log), ["[2, 6, 9, 11]"]);
        log
    });
    assert_eq!(asked[0], asked[1]);
}

#[test]
fn decoys_of_a_new_attestation_changed_lately_like_its_shard() {
    let place = Place::new();
    let mut wallet = wallet_at(&place, 6, 3);
    let mut node = chain_with(200_000, &wallet);
    node.changed = [6, 11, 25, 39].map(|shard| (shard, 199_990)).into();
    refresh(&mut wallet, &node);
    let log = node.asked();
    assert_eq!(leaves_asked(&log), ["[6, 11, 25, 39]"]);
    let of_pool = log.iter().filter(|request| request.contains(" shards "));
    assert_eq!(of_pool.collect::<Vec<_>>(), ["200000 shards 0 40"]);
    // Nor is another one drawn when others change.
    node.head = 500_000;
    node.changed = [1, 2, 3, 4].map(|shard| (shard, 499_990)).into();
    refresh(&mut wallet, &node);
    assert_eq!(leaves_asked(&node.asked()), ["[6, 11, 25, 39]"]);
}

mod tells_the_holder {
    use super::*;

    fn revoke(node: &mut TestNode) {
        node.shards.get_mut(&6).unwrap().leaves[3] = Attestation::from_element(Tree::empty_leaf());
        node.build();
    }

    #[test]
    fn that_an_attestation_was_revoked() {
        let place = Place::new();
        let mut wallet = wallet_at(&place, 6, 3);
        let mut node = chain_with(310, &wallet);
        refresh(&mut wallet, &node);
        revoke(&mut node);
        node.head = 420;
        refresh(&mut wallet, &node);
        assert!(standing(&wallet) == Some(&Standing::Revoked));
        let ask = ask(&gate(AgeBand::over(18), 1), 0);
        let planned = wallet.plan(&ask, SlotChoice::Auto, Consent::default()).unwrap();
        block_on(wallet.prepare_for(&ask, &node, When::EpochOver, &mut |_, _| ())).unwrap();
        let error = wallet
            .prove(&ask, planned, Consent::default(), &ofage_prover::Prover::new())
            .err()
            .unwrap();
        assert!(error.is_no() && error.to_string().contains("revoked"), "{error}");
    }

    #[test]
    fn at_once_when_a_credential_is_taken() {
        let place = Place::new();
        let mut wallet = place.create();
        let mine = credential_at(&wallet.content.secret, attributes("1990-05-06"), 0, (6, 3));
        let mut node = TestNode::uniform(310, TOTAL);
        let take = |wallet: &mut Wallet, node: &TestNode| {
            block_on(wallet.import_checked(mine.clone(), node, &mut |_, _| ()))
        };
        let missing = take(&mut wallet, &node).err().unwrap();
        assert!(matches!(
            missing,
            ImportError::Credential(CredentialError::NotOnChain)
        ));
        let first = node.asked();
        node.shards.get_mut(&6).unwrap().leaves[3] = mine.attestation;
        node.build();
        take(&mut wallet, &node).unwrap();
        assert_eq!(
            leaves_asked(&first),
            leaves_asked(&node.asked()),
            "the second try shows other decoys"
        );
        assert_eq!(wallet.credentials().len(), 1);

        let other = Place::new();
        let mut wallet = other.create();
        let mine = credential_at(&wallet.content.secret, attributes("1990-05-06"), 0, (6, 3));
        revoke(&mut node);
        let revoked = block_on(wallet.import_checked(mine, &node, &mut |_, _| ()));
        assert!(matches!(
            revoked,
            Err(ImportError::Credential(CredentialError::Revoked))
        ));
        assert!(wallet.credentials().is_empty());
    }

    #[test]
    fn that_there_is_nothing_to_fetch_without_a_credential() {
        let place = Place::new();
        let mut wallet = place.create();
        let node = TestNode::uniform(310, 3);
        let refused = block_on(wallet.refresh(&node, When::Now, &mut |_, _| ()));
        assert!(matches!(refused, Err(RefreshError::Nothing)));
        assert!(node.asked().is_empty());
    }
}
