use super::*;
use crate::test_shard::{leaves, shard_of};
use ofage_primitives::{tree::SHARD_DEPTH, NativeHasher};

fn shard(leaves: &[Attestation]) -> MirroredShard {
    MirroredShard::new(&shard_of(leaves), leaves.to_vec()).unwrap()
}

#[test]
fn what_is_kept_comes_back_if_it_gives_the_root() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = Mirror::beside(&dir.path().join("register"));
    let all = leaves(1..10);
    assert!(mirror.kept(&shard_of(&all)).is_none(), "nothing yet");
    mirror.keep(&shard(&all)).unwrap();
    assert!(mirror.kept(&shard_of(&all)).unwrap().leaves() == all);
    // The shard grew, or was another all the time.
    assert!(mirror.kept(&shard_of(&leaves(1..11))).is_none());
    assert!(mirror.kept(&shard_of(&leaves(2..11))).is_none());
    let file = dir.path().join("register.mirror/shard-5");
    let mut bytes = fs::read(&file).unwrap();
    bytes[31] = 0xff;
    fs::write(&file, bytes).unwrap();
    assert!(mirror.kept(&shard_of(&all)).is_none(), "no element");
}

#[test]
fn batches_are_appended_where_they_belong() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = Mirror::new(&dir.path().join("leaves"));
    let all = leaves(1..10);
    mirror.append(ShardIndex(5), 4, &all[4..]);
    assert!(mirror.kept(&shard_of(&all)).is_none(), "its begin is not there");
    mirror.append(ShardIndex(5), 0, &all[..4]);
    mirror.append(ShardIndex(5), 4, &all[4..]);
    assert!(mirror.kept(&shard_of(&all)).is_some());
    mirror.append(ShardIndex(5), 4, &all[4..]);
    assert!(mirror.kept(&shard_of(&all)).is_some(), "twice the same");
}

#[test]
fn proofs_lead_to_the_root_before_and_after_a_revocation() {
    let all = leaves(1..10);
    let mut shard = shard(&all);
    let root = shard_of(&all).root.element();
    assert_eq!(shard.path(8).unwrap().root(Tree::Shard, all[8].element()), root);
    assert_eq!(shard.multiproof(&[0, 3, 8]).unwrap().root::<NativeHasher>(), root);
    let proof = shard.multiproof(&[0, 3]).unwrap();
    let replaced = proof.replace::<NativeHasher>(|_| Tree::empty_leaf(), |_, _, _| {});
    shard.revoke(&[0, 3, 4000]);
    assert!(shard.is_empty_at(0) && shard.is_empty_at(3) && !shard.is_empty_at(1));
    assert_eq!((shard.len(), shard.is_empty()), (9, false));
    let path = shard.path(1).unwrap();
    assert_eq!(path.root(Tree::Shard, all[1].element()), replaced.new);
    assert_eq!(path.siblings().len(), SHARD_DEPTH);
    assert!(shard.multiproof(&[3, 0]).is_none() && shard.multiproof(&[5000]).is_none());
}
