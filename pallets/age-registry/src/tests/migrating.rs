//! Storage that older runtimes wrote, and what becomes of it.
//!
//! `migrating/vN.txt` is raw storage that the last runtime of storage version `N` wrote in tests of its own, a key and
//! a value a line. Such a file is never edited.

use super::{id_of, registry_root, shard_root, trust_root};
use crate::{migrations::v2, mock::*, Attester, Issuers, Listing, Listings, ShardChoice, Shards, TrustLists};
use frame_support::{
    assert_ok,
    traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
    weights::{RuntimeDbWeight, Weight},
};
use ofage_primitives::{
    chain::{AnchorError, Anchors, IssuerStatus},
    Anchor, IssuerIndex, ShardIndex, TrustListId,
};

/// As of the beginning of block 5: two lists and four issuers. The first has shards 0, 3 and 5, of which the last is
/// open, and left list 0; the second has the open shard 2 and is on both lists; the third has a hot key, shards 1 and
/// 4, and is on list 1; the fourth named an attester that never answered, and consents to list 0.
const V1: &str = include_str!("migrating/v1.txt");

fn bytes(text: &str) -> Vec<u8> {
    sp_core::bytes::from_hex(text).unwrap()
}

fn state(text: &str) -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new_empty();
    ext.execute_with(|| {
        for line in text.lines() {
            let (key, value) = line.split_once(' ').unwrap();
            sp_io::storage::set(&bytes(key), &bytes(value));
        }
    });
    ext
}

/// All of the storage.
fn everything() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        let value = sp_io::storage::get(&next).unwrap().to_vec();
        all.push((next.clone(), value));
        key = next;
    }
    all
}

fn version() -> StorageVersion {
    AgeRegistry::on_chain_storage_version()
}

/// Upgrades as a runtime does; gives the weight.
fn upgrade() -> Weight {
    v2::Migrate::<Test>::on_runtime_upgrade()
}

#[test]
fn what_version_1_wrote_is_not_what_version_2_reads() {
    state(V1).execute_with(|| {
        assert_eq!(version(), 1);
        assert!(AgeRegistry::do_try_state().is_err());
    });
}

#[test]
fn storage_of_version_1_becomes_sound_storage_of_version_2() {
    state(V1).execute_with(|| {
        upgrade();
        assert_eq!(version(), 2);
        assert_eq!(version(), AgeRegistry::in_code_storage_version());
        assert_ok!(AgeRegistry::do_try_state());
    });
}

#[test]
fn nothing_is_lost() {
    state(V1).execute_with(|| {
        let before = everything();
        upgrade();
        let keys = |all: &[(Vec<u8>, Vec<u8>)]| all.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        assert_eq!(keys(&before), keys(&everything()));
        // Only issuers, shards, lists and the version have changed, by what version 2 adds to each.
        let changed = before
            .iter()
            .zip(everything())
            .filter(|(before, after)| **before != *after);
        assert_eq!(changed.count(), 4 + 6 + 2 + 1);
    });
}

#[test]
fn issuers_are_who_they_were_and_none_is_retired() {
    state(V1).execute_with(|| {
        upgrade();
        let names: [&[u8]; 4] = [b"First Bank", b"First Bank", b"Third Bank", b"Fifth"];
        for (number, (name, controller)) in (0..).zip(names.into_iter().zip([1, 2, 3, 5])) {
            let issuer = Issuers::<Test>::get(IssuerIndex(number)).unwrap();
            assert_eq!(issuer.id, id_of(number));
            assert_eq!(issuer.controller, account(controller));
            assert_eq!(issuer.status, IssuerStatus::Active);
            assert_eq!(issuer.metadata.as_slice(), name);
            assert_eq!(issuer.deposit, ISSUER_DEPOSIT);
            assert_eq!(issuer.retired_at, None);
        }
        let attester = |number| Issuers::<Test>::get(IssuerIndex(number)).unwrap().attester;
        assert_eq!(attester(0), Attester::Serving(account(1)));
        assert_eq!(attester(2), Attester::Serving(account(4)));
        assert_eq!(attester(3), Attester::Named(account(6)));
        assert_eq!(AgeRegistry::issuer_info(IssuerIndex(1)).unwrap().lists, 2);
        assert_eq!(
            Listings::<Test>::get(IssuerIndex(3), TrustListId(0)),
            Some(Listing::Consented)
        );
    });
}

#[test]
fn each_shard_is_linked_to_the_one_that_its_issuer_opened_before() {
    state(V1).execute_with(|| {
        upgrade();
        let links: Vec<_> = (0..6)
            .map(|number| {
                let shard = Shards::<Test>::get(ShardIndex(number)).unwrap();
                (shard.issuer.0, shard.previous.map(|previous| previous.0))
            })
            .collect();
        let expected = [
            (0, None),
            (2, None),
            (1, None),
            (0, Some(0)),
            (2, Some(1)),
            (0, Some(3)),
        ];
        assert_eq!(links, expected);
        assert_eq!(
            AgeRegistry::issuer_info(IssuerIndex(0)).unwrap().last_shard,
            Some(ShardIndex(5))
        );
    });
}

#[test]
fn roots_are_those_of_all_that_was_attested() {
    state(V1).execute_with(|| {
        upgrade();
        let shards = [
            (0, leaves(0..3)),
            (2, leaves(3..5)),
            (1, [leaves(5..6), leaves(30..34)].concat()),
            (0, leaves(10..12)),
            (2, leaves(12..13)),
            (0, leaves(20..21)),
        ];
        assert_eq!(AgeRegistry::registry_root(), registry_root(&shards));
        for (info, (issuer, leaves)) in AgeRegistry::shard_infos(0, 9).into_iter().zip(&shards) {
            assert_eq!(info.issuer, IssuerIndex(*issuer));
            assert_eq!(info.root, shard_root(leaves));
            assert_eq!(usize::from(info.len), leaves.len());
            assert_eq!(info.sealed, ![2, 5].contains(&info.index.0));
            assert!(!info.revoked);
        }
        assert_eq!(list_root(TrustListId(0)), trust_root(&[None, Some(1)]));
        assert_eq!(list_root(TrustListId(1)), trust_root(&[Some(1), Some(2)]));
        let first = AgeRegistry::trust_list_info(TrustListId(0)).unwrap();
        assert_eq!(first.curator, [CURATOR; 32]);
        assert_eq!(
            (first.frozen, first.valid_from, first.offered_to),
            (false, 3, None)
        );
    });
}

#[test]
fn proofs_made_before_the_upgrade_count_after_it() {
    state(V1).execute_with(|| {
        upgrade();
        let anchor = Anchor {
            block: 4,
            registry_root: AgeRegistry::registry_root(),
            trust_list_root: list_root(TrustListId(1)),
        };
        assert_eq!(now(), 5);
        assert_eq!(AgeRegistry::check(TrustListId(1), &anchor, 5), Ok(()));
        // And what did not, does not: an issuer left this list in block 3.
        let anchor = Anchor { block: 2, ..anchor };
        assert_eq!(
            AgeRegistry::check(TrustListId(0), &anchor, 5),
            Err(AnchorError::RegistryRoot)
        );
    });
}

#[test]
fn life_goes_on() {
    state(V1).execute_with(|| {
        upgrade();
        assert_ok!(attest(2, ShardChoice::Open(ShardIndex(2)), 5, leaves(40..41)));
        assert_ok!(AgeRegistry::rotate_attester(signed(1), account(7)));
        assert_ok!(AgeRegistry::become_attester(signed(6), IssuerIndex(3)));
        assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), IssuerIndex(1)));
        assert_ok!(AgeRegistry::offer_list(
            signed(CURATOR),
            TrustListId(0),
            Some(account(1))
        ));
        assert_ok!(AgeRegistry::accept_list(signed(1), TrustListId(0)));
        assert_ok!(AgeRegistry::retire(signed(3)));
        next_block();
        assert_ok!(AgeRegistry::do_try_state());
        assert_eq!(list_root(TrustListId(0)), trust_root(&[None, None]));
        open_shard(6, leaves(50..51));
        let opened = Shards::<Test>::get(ShardIndex(6)).unwrap();
        assert_eq!((opened.issuer, opened.previous), (IssuerIndex(3), None));
        next_block();
        assert_ok!(AgeRegistry::do_try_state());
    });
}

#[test]
fn a_second_run_does_nothing() {
    state(V1).execute_with(|| {
        upgrade();
        let once = everything();
        let db: RuntimeDbWeight = <Test as frame_system::Config>::DbWeight::get();
        assert_eq!(upgrade(), db.reads(1), "it looks at the version alone");
        assert_eq!(everything(), once);
    });
}

#[test]
fn a_chain_that_began_with_version_2_is_left_alone() {
    new_test_ext().execute_with(|| {
        assert_eq!(version(), 2);
        new_issuer(1);
        open_shard(1, leaves(0..1));
        new_list();
        let before = everything();
        upgrade();
        assert_eq!(everything(), before);
    });
}

#[test]
fn an_empty_registry_of_version_1_is_migrated_too() {
    new_test_ext().execute_with(|| {
        StorageVersion::new(1).put::<AgeRegistry>();
        upgrade();
        assert_eq!(version(), 2);
        next_block();
        assert_ok!(AgeRegistry::do_try_state());
    });
}

/// The weight tells each item that was read and written.
#[test]
fn the_weight_covers_all_items() {
    state(V1).execute_with(|| {
        let db: RuntimeDbWeight = <Test as frame_system::Config>::DbWeight::get();
        let items = (Issuers::<Test>::iter_keys().count()
            + Shards::<Test>::iter_keys().count()
            + TrustLists::<Test>::iter_keys().count()) as u64;
        assert_eq!(items, 12);
        assert!(upgrade().all_gte(db.reads_writes(items, items)));
    });
}

/// What `try-runtime` asks before and after, on the state of a real chain.
#[cfg(feature = "try-runtime")]
mod checked {
    use super::*;

    #[test]
    fn a_sound_migration_passes_and_a_second_run_too() {
        state(V1).execute_with(|| {
            assert_ok!(v2::Migrate::<Test>::try_on_runtime_upgrade(true));
            assert_ok!(v2::Migrate::<Test>::try_on_runtime_upgrade(true));
            assert_ok!(AgeRegistry::do_try_state());
        });
    }

    #[test]
    fn what_was_lost_on_the_way_is_noticed() {
        state(V1).execute_with(|| {
            let before = v2::Migrate::<Test>::pre_upgrade().unwrap();
            upgrade();
            assert_ok!(v2::Migrate::<Test>::post_upgrade(before.clone()));
            Shards::<Test>::remove(ShardIndex(1));
            assert!(v2::Migrate::<Test>::post_upgrade(before).is_err());
        });
    }
}
