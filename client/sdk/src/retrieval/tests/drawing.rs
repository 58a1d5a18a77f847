//! What is asked to draw decoys, and what hiding costs.

use super::*;

#[test]
fn a_refresh_at_a_hundred_thousand_shards_costs_what_the_book_says() {
    use cost::Cost;
    const TOTAL: u32 = 100_000;
    /// Envelopes, one trust list, and what the chain says of four shards.
    const SMALL_CHANGE: u64 = 4096;
    let close_to = |sent: u64, expected: u64| {
        assert!(
            (expected..=expected + SMALL_CHANGE).contains(&sent),
            "{sent} bytes instead of {expected}"
        );
    };
    let real = ShardIndex(54_321);
    let node = TestNode::new(300, TOTAL, BTreeMap::new());
    let drawn = async {
        let at = node.point(300);
        let total = Cap::count_shards(&node, at).await.unwrap();
        let lately = cover::Lately::fetch(&node, at, cover::pool(real, total))
            .await
            .unwrap();
        let seed = cover::Seed::random().unwrap();
        cover::extend(&seed, &GENESIS, real, cover::DECOYS, total, &lately, None).unwrap()
    };
    let cover: Vec<u32> = futures::executor::block_on(drawn)
        .iter()
        .map(|shard| shard.0)
        .collect();
    close_to(*node.wire.lock().unwrap(), Cost::drawing(TOTAL));
    let full = |n: &u32| TestShard {
        issuer: IssuerIndex(n % 6),
        leaves: crowd(4096, u64::from(*n)),
        revoked: false,
    };
    let node = TestNode::new(300, TOTAL, cover.iter().map(|n| (*n, full(n))).collect());
    let retrieved = run(&node, &cover, &[wanted(&node, 54_321, 4000)]).unwrap();
    assert!(matches!(retrieved.standings[0], Standing::Good(_)));
    close_to(
        *node.wire.lock().unwrap(),
        Cost::of(TOTAL, cover::DECOYS).on_the_wire(),
    );
}

mod asking_when_shards_changed {
    use super::*;

    fn fetch(node: &TestNode, shard: u32) -> Result<cover::Lately, ChainError> {
        let pool = cover::pool(ShardIndex(shard), node.total);
        futures::executor::block_on(cover::Lately::fetch(node, node.point(node.head), pool))
    }

    #[test]
    fn is_the_same_for_every_shard_of_a_pool() {
        let node = TestNode::new(300, 3100, BTreeMap::new());
        let requests = |shards: &[u32]| {
            let each = shards.iter().map(|shard| {
                fetch(&node, *shard).unwrap();
                node.asked()
            });
            each.collect::<BTreeSet<_>>()
        };
        assert_eq!(
            requests(&[0, 7, 1023]),
            [vec!["300 shards 0 1024".to_owned()]].into()
        );
        let last = ["300 shards 2048 1024", "300 shards 3072 28"].map(str::to_owned);
        assert_eq!(requests(&[2048, 3071, 3099]), [last.to_vec()].into());
    }

    #[test]
    fn refuses_shards_that_are_left_out() {
        let mut node = TestNode::new(300, 40, BTreeMap::new());
        node.lie = Some(Lie::FewerInfos);
        assert!(matches!(fetch(&node, 5), Err(ChainError::Inconsistent(_))));
    }
}
