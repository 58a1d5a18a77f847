use super::*;
use ofage_primitives::{tree::Frontier, Element, NativeHasher};

fn leaves(range: std::ops::Range<u64>) -> Vec<Attestation> {
    range
        .map(|n| Attestation::from_element(Element::from_u64(n)))
        .collect()
}

fn shard_of(leaves: &[Attestation]) -> ShardInfo {
    ShardInfo {
        index: ShardIndex(5),
        issuer: IssuerIndex(0),
        root: Frontier::default().append::<NativeHasher>(leaves).unwrap(),
        len: leaves.len() as u16,
        sealed: false,
        revoked: false,
        opened_at: 1,
        changed_at: 9,
        revoked_at: None,
        previous: None,
    }
}

mod a_batch_is_found {
    use super::*;

    #[test]
    fn by_the_root_of_a_shard_of_its_own() {
        let all = leaves(1..8);
        assert!(is_all_of(&shard_of(&all), &all));
        assert!(!is_all_of(&shard_of(&all), &leaves(1..7)));
        assert!(!is_all_of(&shard_of(&all), &leaves(2..9)));
    }

    #[test]
    fn among_leaves_of_which_some_were_revoked_since() {
        let batch = leaves(1..5);
        assert!(holds(&batch, &batch));
        let empty = Attestation::from_element(Tree::empty_leaf());
        let mut found = batch.clone();
        found[2] = empty;
        assert!(holds(&found, &batch));
        found[3] = leaves(9..10)[0];
        assert!(!holds(&found, &batch), "another leaf");
        assert!(!holds(&batch[..3], &batch), "cut off");
        assert!(!holds(&[empty; 4], &batch), "nothing tells it from another");
    }
}
