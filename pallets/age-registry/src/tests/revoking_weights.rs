//! What revocations pay for.

use crate::{mock::*, Call, WeightInfo};
use frame_support::{dispatch::GetDispatchInfo, weights::Weight};
use ofage_primitives::{
    tree::{Tree, SHARD_DEPTH},
    Element, ShardIndex,
};

const SHARD: ShardIndex = ShardIndex(0);

fn weight(call: Call<Test>) -> Weight {
    call.get_dispatch_info().call_weight
}

/// The share of the work at the end of a block that changes so many shards, and of pruning the root that it supersedes.
fn share(shards: u32) -> Weight {
    <()>::finalize_registry(shards).saturating_add(<()>::prune(1))
}

#[test]
fn revocations_pay_for_one_shard_and_for_all_nodes_of_their_proof() {
    let single = Call::revoke {
        shard: SHARD,
        position: 0,
        leaf: leaf(0),
        siblings: Box::new([Element::ZERO; SHARD_DEPTH]),
    };
    assert_eq!(weight(single), <()>::revoke().saturating_add(share(1)));
    for (count, siblings) in [(1, 12), (3, 30), (0, 0), (4096, 0)] {
        let call = Call::revoke_batch {
            shard: SHARD,
            leaves: (0..count)
                .map(|n| (n, leaf(n.into())))
                .collect::<Vec<_>>()
                .try_into()
                .unwrap(),
            siblings: vec![Tree::empty_leaf(); siblings].try_into().unwrap(),
        };
        let nodes = u32::from(count) + siblings as u32;
        let alone = <()>::revoke_batch(nodes);
        assert_eq!(weight(call), alone.saturating_add(share(1)));
    }
}

#[test]
fn mass_revocations_and_restorations_pay_for_as_many_shards_as_they_say() {
    let (from, to) = (SHARD, SHARD);
    for count in [0, 1, 2, MAX_REVOKED_SHARDS] {
        let revoke = Call::revoke_shards { from, to, count };
        assert_eq!(
            weight(revoke),
            <()>::revoke_shards(count).saturating_add(share(count))
        );
        let restore = Call::restore_shards { from, to, count };
        assert_eq!(
            weight(restore),
            <()>::restore_shards(count).saturating_add(share(count))
        );
    }
    assert_ne!(share(1), share(2));
}

#[test]
fn counts_that_are_refused_anyway_are_not_paid_for_in_full() {
    let (from, to) = (SHARD, SHARD);
    let most = Call::revoke_shards {
        from,
        to,
        count: MAX_REVOKED_SHARDS,
    };
    let absurd = Call::revoke_shards {
        from,
        to,
        count: u32::MAX,
    };
    assert_eq!(weight(absurd), weight(most));
}
