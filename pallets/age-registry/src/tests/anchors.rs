//! Which anchors count when.

use super::{check, end_of_block, registry_root, trust_root, LIST};
use crate::{mock::*, ShardChoice};
use frame_support::assert_ok;
use ofage_primitives::{
    chain::{AnchorError, Anchors},
    tree::Tree,
    Anchor, GenesisHash, IssuerIndex, RegistryRoot, ShardIndex, TrustListId, TrustListRoot,
};

/// Issuer 0 on list 0, with one attestation in shard 0.
fn small_registry() {
    new_list();
    let issuer = new_issuer(1);
    list_issuer(LIST, issuer);
    open_shard(1, leaves(0..1));
}

fn attest_one(index: u16) {
    let shard = ShardChoice::Open(ShardIndex(0));
    assert_ok!(attest(1, shard, index, vec![leaf(index.into())]));
}

fn remove() {
    assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, IssuerIndex(0)));
}

fn add() {
    assert_ok!(AgeRegistry::add_member(signed(CURATOR), LIST, IssuerIndex(0)));
}

#[test]
fn the_anchor_of_the_block_before_counts() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        assert_eq!(anchor.registry_root, registry_root(&[(0, leaves(0..1))]));
        assert_eq!(anchor.trust_list_root, trust_root(&[Some(0)]));
        assert_eq!(check(LIST, anchor), Ok(()));
    });
}

#[test]
fn an_anchor_of_an_empty_registry_and_an_empty_list_counts() {
    run(|| {
        new_list();
        let anchor = end_of_block(LIST);
        assert_eq!(anchor.block, 1);
        assert_eq!(anchor.registry_root.element(), Tree::Cap.empty_root());
        assert_eq!(anchor.trust_list_root.element(), Tree::Trust.empty_root());
        assert_eq!(check(LIST, anchor), Ok(()));
    });
}

#[test]
fn current_roots_count_however_old_the_anchors_block_is() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        go_to(100);
        assert_eq!(check(LIST, anchor), Ok(()));
        // So does any block in between.
        for block in [2, 50, 99] {
            assert_eq!(check(LIST, Anchor { block, ..anchor }), Ok(()));
        }
    });
}

#[test]
fn a_superseded_root_counts_through_its_window_counted_from_supersession() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        go_to(30);
        attest_one(1);
        go_to(30 + WINDOW);
        assert_eq!(check(LIST, anchor), Ok(()));
        assert_eq!(check(LIST, Anchor { block: 29, ..anchor }), Ok(()));
        next_block();
        assert_eq!(check(LIST, anchor), Err(AnchorError::RegistryRoot));
        assert_eq!(
            check(LIST, Anchor { block: 29, ..anchor }),
            Err(AnchorError::RegistryRoot)
        );
    });
}

#[test]
fn expiry_does_not_wait_for_pruning() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        attest_one(1);
        next_block();
        // As another block would see it, in which pruning lags behind.
        let superseded = now() - 1;
        let registry = |now| AgeRegistry::check(LIST, &anchor, now);
        assert_eq!(registry(superseded + WINDOW), Ok(()));
        assert_eq!(registry(superseded + WINDOW + 1), Err(AnchorError::RegistryRoot));
        assert_eq!(registry(u32::MAX), Err(AnchorError::RegistryRoot));
    });
}

#[test]
fn members_who_join_leave_older_anchors_of_the_list_alone() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        go_to(10);
        let second = new_issuer(2);
        list_issuer(LIST, second);
        go_to(10 + WINDOW);
        assert_eq!(check(LIST, anchor), Ok(()));
        next_block();
        assert_eq!(check(LIST, anchor), Err(AnchorError::TrustListRoot));
    });
}

#[test]
fn a_member_who_leaves_ends_all_older_anchors_of_the_list_at_once() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        assert_eq!(check(LIST, anchor), Ok(()));
        remove();
        assert_eq!(
            check(LIST, anchor),
            Err(AnchorError::TrustListRoot),
            "in the same block"
        );
        let after = end_of_block(LIST);
        assert_eq!(check(LIST, anchor), Err(AnchorError::TrustListRoot));
        assert_eq!(check(LIST, after), Ok(()));
    });
}

#[test]
fn so_does_a_member_who_withdraws_and_one_that_comes_back_revives_nothing() {
    run(|| {
        small_registry();
        let anchor = end_of_block(LIST);
        assert_ok!(AgeRegistry::withdraw_consent(signed(1), LIST));
        assert_ok!(AgeRegistry::consent(signed(1), LIST));
        add();
        let after = end_of_block(LIST);
        assert_eq!(after.trust_list_root, anchor.trust_list_root);
        assert_eq!(check(LIST, anchor), Err(AnchorError::TrustListRoot));
        assert_eq!(check(LIST, after), Ok(()));
    });
}

#[test]
fn other_lists_are_left_alone_when_a_member_leaves_one() {
    run(|| {
        small_registry();
        let other = new_list();
        list_issuer(other, IssuerIndex(0));
        let anchor = end_of_block(LIST);
        remove();
        assert_eq!(AgeRegistry::check(other, &anchor, now()), Ok(()));
        next_block();
        assert_eq!(AgeRegistry::check(other, &anchor, now()), Ok(()));
    });
}

#[test]
fn a_root_that_is_current_again_counts_for_the_blocks_of_its_spans_only() {
    run(|| {
        small_registry();
        let full = end_of_block(LIST);
        remove();
        let empty = end_of_block(LIST);
        add();
        let again = end_of_block(LIST);
        assert_eq!(again.trust_list_root, full.trust_list_root);
        assert_eq!(check(LIST, again), Ok(()));
        assert_eq!(
            check(
                LIST,
                Anchor {
                    block: empty.block,
                    ..again
                }
            ),
            Err(AnchorError::TrustListRoot)
        );
        // Adding ended nothing: the empty list's root is in its window.
        assert_eq!(check(LIST, empty), Ok(()));
        go_to(now() + 50);
        assert_eq!(check(LIST, again), Ok(()));
    });
}

#[test]
fn the_chain_is_named_by_the_hash_of_block_0() {
    run(|| assert_eq!(<AgeRegistry as Anchors>::genesis(), GenesisHash(GENESIS)));
}

#[test]
fn lists_exist_once_they_are_created() {
    run(|| {
        assert!(!AgeRegistry::list_exists(LIST));
        new_list();
        assert!(AgeRegistry::list_exists(LIST));
    });
}

mod rejects {
    use super::*;

    #[test]
    fn the_block_that_is_being_made_and_later_ones() {
        run(|| {
            small_registry();
            let anchor = end_of_block(LIST);
            for block in [now(), now() + 1, u32::MAX] {
                assert_eq!(check(LIST, Anchor { block, ..anchor }), Err(AnchorError::Future));
            }
        });
    }

    #[test]
    fn blocks_before_the_roots() {
        run(|| {
            go_to(5);
            new_list();
            let anchor = end_of_block(LIST);
            assert_eq!(anchor.block, 5);
            for block in [0, 1, 4] {
                let refused = check(LIST, Anchor { block, ..anchor });
                assert!(matches!(
                    refused,
                    Err(AnchorError::RegistryRoot | AnchorError::TrustListRoot)
                ));
            }
        });
    }

    #[test]
    fn block_0_whose_header_has_no_root() {
        run(|| {
            small_registry();
            let anchor = Anchor {
                block: 0,
                registry_root: RegistryRoot::from_element(Tree::Cap.empty_root()),
                trust_list_root: TrustListRoot::from_element(Tree::Trust.empty_root()),
            };
            assert_eq!(check(LIST, anchor), Err(AnchorError::RegistryRoot));
            next_block();
            assert_eq!(check(LIST, anchor), Err(AnchorError::RegistryRoot));
        });
    }

    #[test]
    fn roots_of_different_blocks() {
        run(|| {
            small_registry();
            let before = end_of_block(LIST);
            attest_one(1);
            let second = new_issuer(2);
            list_issuer(LIST, second);
            let after = end_of_block(LIST);
            assert_eq!(check(LIST, before), Ok(()));
            assert_eq!(check(LIST, after), Ok(()));
            let mixed = Anchor {
                trust_list_root: after.trust_list_root,
                ..before
            };
            assert_eq!(check(LIST, mixed), Err(AnchorError::TrustListRoot));
            let mixed = Anchor {
                registry_root: before.registry_root,
                ..after
            };
            assert_eq!(check(LIST, mixed), Err(AnchorError::RegistryRoot));
        });
    }

    #[test]
    fn a_root_that_was_current_within_a_block_only() {
        run(|| {
            small_registry();
            next_block();
            let second = new_issuer(2);
            list_issuer(LIST, second);
            let passing = list_root(LIST);
            assert_ok!(AgeRegistry::remove_member(signed(CURATOR), LIST, second));
            let anchor = end_of_block(LIST);
            let never = Anchor {
                trust_list_root: passing,
                ..anchor
            };
            assert_eq!(check(LIST, never), Err(AnchorError::TrustListRoot));
        });
    }

    #[test]
    fn the_root_of_another_list_and_lists_that_do_not_exist() {
        run(|| {
            small_registry();
            let other = new_list();
            let anchor = end_of_block(LIST);
            let refused = Err(AnchorError::TrustListRoot);
            assert_eq!(AgeRegistry::check(other, &anchor, now()), refused);
            assert_eq!(AgeRegistry::check(TrustListId(9), &anchor, now()), refused);
        });
    }

    #[test]
    fn roots_that_never_were() {
        run(|| {
            small_registry();
            let anchor = end_of_block(LIST);
            let made_up = Anchor {
                registry_root: registry_root(&[(0, leaves(7..8))]),
                ..anchor
            };
            assert_eq!(check(LIST, made_up), Err(AnchorError::RegistryRoot));
            let made_up = Anchor {
                trust_list_root: trust_root(&[Some(5)]),
                ..anchor
            };
            assert_eq!(check(LIST, made_up), Err(AnchorError::TrustListRoot));
        });
    }
}
