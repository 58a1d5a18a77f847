//! Checkpoints: JSON from a file.

use crate::scene::{Scene, GENESIS};
use ofage_light::{AuthoritySet, Checkpoint};

/// Checkpoints of a later block and of the first.
pub fn seeds() -> Vec<Vec<u8>> {
    let later = Scene::new(3, 0, 0).checkpoint;
    let set = AuthoritySet::new(0, vec![[1; 32]]).expect("one key; qed");
    let first = Checkpoint::new(GENESIS, 0, GENESIS.0, set, None).expect("as first blocks are; qed");
    [later, first].map(|one| one.to_json().into_bytes()).to_vec()
}

/// Reads, and writes again.
///
/// # Panics
/// When what was read is not read again.
pub fn check(bytes: &[u8]) {
    if let Ok(checkpoint) = Checkpoint::from_json(bytes) {
        let json = checkpoint.to_json();
        assert_eq!(Checkpoint::from_json(json.as_bytes()), Ok(checkpoint));
    }
}
