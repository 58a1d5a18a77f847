use super::*;
use crate::test_shard::{leaves, shard_of};

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
