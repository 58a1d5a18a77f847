//! Which anchors a mass revocation ends.

use super::*;

fn check(list: TrustListId, anchor: Anchor) -> Result<(), AnchorError> {
    AgeRegistry::check(list, &anchor, now())
}

/// The anchor of the block that ended last.
fn latest(list: TrustListId) -> Anchor {
    Anchor {
        block: now() - 1,
        ..AgeRegistry::anchor(list).unwrap()
    }
}

#[test]
fn older_anchors_of_the_issuers_lists_count_no_more_at_once() {
    run(|| {
        let (own, foreign, consented) = (new_list(), new_list(), new_list());
        six_shards();
        list_issuer(own, ONE);
        list_issuer(foreign, IssuerIndex(1));
        AgeRegistry::consent(signed(ISSUER), consented).unwrap();
        next_block();
        let lists = [own, foreign, consented];
        let before = lists.map(latest);
        let dirty = DirtyLists::<Test>::get();
        assert_ok!(revoke(ISSUER, 2, 5, 3));
        assert_eq!(DirtyLists::<Test>::get(), dirty, "their roots are the same");
        for (list, anchor) in lists.into_iter().zip(before) {
            let expected = if list == own {
                Err(AnchorError::TrustListRoot)
            } else {
                Ok(())
            };
            assert_eq!(check(list, anchor), expected);
        }
        // The block of the revocation is an anchor for everybody.
        next_block();
        for list in lists {
            assert_eq!(check(list, latest(list)), Ok(()));
        }
        let info = AgeRegistry::trust_list_info(own).unwrap();
        assert_eq!(info.valid_from, now() - 1);
    });
}

#[test]
fn a_suspended_issuer_ends_none_its_suspension_did() {
    run(|| {
        let lists = [new_list(), new_list(), new_list()];
        six_shards();
        for list in lists {
            list_issuer(list, ONE);
        }
        next_block();
        assert_ok!(AgeRegistry::suspend(RuntimeOrigin::root(), ONE));
        let suspended_at = now();
        next_block();
        assert_ok!(revoke(ISSUER, 0, 0, 1));
        let raised = lists.map(|list| TrustLists::<Test>::get(list).unwrap().valid_from);
        assert_eq!(raised, [suspended_at; 3]);
    });
}

#[test]
fn a_restoration_leaves_anchors_alone() {
    run(|| {
        let list = new_list();
        six_shards();
        list_issuer(list, ONE);
        next_block();
        let before = latest(list);
        assert_ok!(revoke(ISSUER, 2, 2, 1));
        next_block();
        let after = latest(list);
        assert_ok!(restore(ISSUER, 2, 2, 1));
        next_block();
        assert_eq!(check(list, before), Err(AnchorError::TrustListRoot));
        assert_eq!(check(list, after), Ok(()));
        let again = latest(list);
        assert_eq!(again.registry_root, before.registry_root);
        assert_eq!(check(list, again), Ok(()));
    });
}

#[test]
fn a_call_that_changes_nothing_ends_nothing() {
    run(|| {
        let list = new_list();
        six_shards();
        list_issuer(list, ONE);
        assert_ok!(revoke(ISSUER, 2, 2, 1));
        next_block();
        let anchor = latest(list);
        next_block();
        assert_noop!(revoke(ISSUER, 2, 2, 1), Error::<Test>::NothingToChange);
        assert_eq!(check(list, anchor), Ok(()));
    });
}

#[test]
fn it_is_not_refused_because_others_changed_as_many_lists_as_a_block_can() {
    run(|| {
        let list = new_list();
        six_shards();
        list_issuer(list, ONE);
        next_block();
        let others: std::collections::BTreeSet<_> = (50..50 + MAX_DIRTY_LISTS).map(TrustListId).collect();
        DirtyLists::<Test>::put(BoundedBTreeSet::try_from(others).unwrap());
        assert_ok!(revoke(ISSUER, 2, 2, 1));
        assert_eq!(TrustLists::<Test>::get(list).unwrap().valid_from, now());
        DirtyLists::<Test>::kill();
    });
}
