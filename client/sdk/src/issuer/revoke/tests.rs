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

mod the_journal {
    use super::*;
    use crate::{credential::tests::attributes, issuer::intake::Row};
    use ofage_primitives::{GenesisHash, IdentityCommitment};

    #[test]
    fn notes_what_it_took_for_live_and_nothing_twice() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, GenesisHash([7; 32]), IssuerIndex(0)).unwrap();
        let row = |n: u64| Row {
            line: n,
            reference: format!("ref-{n}"),
            identity: IdentityCommitment::from_element(Element::from_u64(n)),
            attributes: attributes("1990-05-06"),
        };
        journal.plan(None, 0, 0, vec![row(1), row(2)]).unwrap();
        journal.land(ShardIndex(3), 1).unwrap();
        note(Some(&mut journal), ShardIndex(3), &[1, 7], 5).unwrap();
        let lines = || std::fs::read_to_string(&path).unwrap().lines().count();
        let before = lines();
        note(Some(&mut journal), ShardIndex(3), &[1, 7], 6).unwrap();
        note(None, ShardIndex(3), &[0], 6).unwrap();
        assert_eq!(lines(), before);
        assert!(journal.is_live(ShardIndex(3), 0) && !journal.is_live(ShardIndex(3), 1));
    }
}
