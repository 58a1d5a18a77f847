use super::*;
use ofage_primitives::{Element, ShardRoot};

fn shard(index: u32, revoked: bool) -> ShardInfo {
    ShardInfo {
        index: ShardIndex(index),
        issuer: IssuerIndex(0),
        root: ShardRoot::from_element(Element::ZERO),
        len: 1,
        sealed: true,
        revoked,
        opened_at: 1,
        changed_at: 9,
        revoked_at: revoked.then_some(9),
        previous: None,
    }
}

mod a_range {
    use super::*;

    fn of(shards: &[(u32, bool)], revoked: bool, most: u32) -> Vec<(u32, u32, u32)> {
        let shards: Vec<ShardInfo> = shards
            .iter()
            .map(|(index, is_revoked)| shard(*index, *is_revoked))
            .collect();
        parts(&shards, revoked, most)
            .into_iter()
            .map(|(from, to, count)| (from.0, to.0, count))
            .collect()
    }

    #[test]
    fn goes_in_parts_that_the_chain_takes() {
        let shards = [(90, false), (70, false), (40, false), (12, false), (3, false)];
        assert_eq!(of(&shards, false, 256), [(3, 90, 5)]);
        assert_eq!(of(&shards, false, 2), [(70, 90, 2), (12, 40, 2), (3, 3, 1)]);
        assert_eq!(of(&[], false, 2), []);
    }

    #[test]
    fn leaves_parts_out_that_would_not_change() {
        let shards = [(9, true), (7, true), (4, false), (2, true)];
        assert_eq!(of(&shards, false, 2), [(2, 4, 2)]);
        assert_eq!(of(&shards, true, 2), [(7, 9, 2), (2, 4, 2)]);
        assert_eq!(of(&shards[2..3], true, 2), []);
    }
}
