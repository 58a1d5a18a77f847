//! Random feeds: whatever is sent, the index holds what the naive registry holds, with events and without.

use super::{following::Node, toy::Toy};
use crate::leaf_index::{
    block::{Action, Range},
    follow::Next,
    Phase,
};
use ofage_primitives::{chain::ShardChoice, ShardIndex};
use proptest::prelude::*;
use std::sync::Arc;

/// What somebody does: which kind, by whom, and two numbers.
type Step = (u8, u8, u8, u8);

fn step() -> impl Strategy<Value = Step> {
    (0u8..20, any::<u8>(), any::<u8>(), any::<u8>())
}

/// Plays the steps over three issuers.
fn play(toy: &Toy, steps: &[Step]) {
    for _ in 0..3 {
        toy.register();
    }
    let stranger = toy.stranger();
    for (kind, by, one, other) in steps.iter().copied() {
        let issuer = usize::from(by) % toy.issuers();
        let shards = toy.shards();
        let shard = u32::from(one).checked_rem(shards);
        match (kind, shard) {
            (0..=4, _) => {
                toy.attest(issuer, 1 + u64::from(other % 5));
            }
            // Somebody else, or to another place.
            (5, Some(shard)) => {
                let signer = if other % 2 == 0 {
                    stranger
                } else {
                    toy.attester(issuer)
                };
                let start = toy.len(shard).saturating_sub(u16::from(other / 2 % 2));
                toy.attest_at(signer, ShardChoice::Open(ShardIndex(shard)), start, 2);
            }
            (6, _) => {
                let signer = if other % 2 == 0 {
                    stranger
                } else {
                    toy.attester(issuer)
                };
                toy.attest_at(signer, ShardChoice::Next, 0, 2);
            }
            (7..=8, Some(shard)) => {
                toy.revoke(shard, &[u16::from(other) % toy.len(shard)]);
            }
            (9, Some(shard)) => {
                let positions: Vec<u16> = (0..toy.len(shard))
                    .filter(|n| (other >> (n % 8)) & 1 == 1)
                    .collect();
                if !positions.is_empty() {
                    toy.revoke(shard, &positions);
                }
            }
            // A right witness by whoever it is; or a stale one, by the right key.
            (10, Some(shard)) => {
                // Who revoked in a shard that is revoked as a whole, no root tells, if the key is none any more.
                let signer = if toy.is_revoked(shard) {
                    toy.controller(toy.issuer_of(shard))
                } else {
                    toy.attester(issuer)
                };
                toy.send(signer, toy.revocation(shard, &[0]));
            }
            (11, Some(shard)) => {
                let stale = toy.revocation(shard, &[0]);
                toy.attest(toy.issuer_of(shard), 1);
                toy.send(toy.controller(toy.issuer_of(shard)), stale);
            }
            (12..=13, Some(to)) => {
                let range = Range {
                    from: ShardIndex(to.saturating_sub(u32::from(other % 4))),
                    to: ShardIndex(to),
                    count: u32::from(other / 4 % 6),
                };
                let action = if kind == 12 {
                    Action::RevokeShards(range)
                } else {
                    Action::RestoreShards(range)
                };
                let signer = if other >= 240 {
                    toy.controller(issuer)
                } else {
                    toy.controller(toy.issuer_of(to))
                };
                toy.send(signer, action);
            }
            (14, _) => toy.seal(issuer),
            (15, _) => {
                toy.rotate(issuer);
            }
            (16, _) => {
                // At the end of a block: one issuer at a time.
                toy.end_block();
                let is = toy.is_suspended(issuer);
                (0..toy.issuers()).for_each(|all| toy.set_suspended(all, false));
                toy.set_suspended(issuer, !is);
            }
            _ => toy.end_block(),
        }
    }
    toy.end_block();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_holds_what_the_registry_holds(steps in proptest::collection::vec(step(), 1..90)) {
        let toy = Arc::new(Toy::new());
        play(&toy, &steps);
        let folder = tempfile::tempdir().unwrap();
        let mut node = Node::start(&toy, folder.path());
        prop_assert_eq!(node.run(), Next::Wait);
        node.assert_like(&toy);

        toy.forget_events();
        let folder = tempfile::tempdir().unwrap();
        let mut rebuilt = Node::start(&toy, folder.path());
        prop_assert_eq!(rebuilt.run(), Next::Wait, "{:?}", rebuilt.shared.status());
        prop_assert_eq!(rebuilt.shared.status().phase, Phase::Following);
        rebuilt.assert_like(&toy);
    }
}
