//! When a wallet retrieves, and at which block.

/// Blocks in an epoch: ten minutes.
///
/// Nodes keep the state of 256 blocks, so the anchor of the running epoch is at hand. It is short enough that most
/// policies take the anchor, and long enough that many wallets share it.
pub const EPOCH_BLOCKS: u32 = 100;
/// Blocks that a proof may take on its way to a verifier who bounds the age of anchors; half the bound if that is less.
const ON_ITS_WAY: u32 = 10;

/// The epoch of a block.
pub fn epoch(block: u32) -> u32 {
    block / EPOCH_BLOCKS
}

/// The block of the epoch's anchor, if all that is to be proved was there at it: `known_at` is the last block at which
/// something was first seen.
///
/// Else it is the newest block, as also in the first epoch of a chain. Such an anchor is the wallet's own until the
/// next epoch, so verifiers who put their records together can tell that two proofs of that epoch are of one wallet.
pub fn anchor_block(finalized: u32, known_at: Option<u32>) -> u32 {
    let shared = epoch(finalized) * EPOCH_BLOCKS;
    match known_at {
        Some(known_at) if shared > 0 && known_at <= shared => shared,
        _ => finalized,
    }
}

/// Whether a policy that takes anchors of at most `oldest` blocks will take this one, when it gets there.
pub fn is_young_enough(anchor: u32, finalized: u32, oldest: u32) -> bool {
    let age = finalized.saturating_sub(anchor);
    age.saturating_add(ON_ITS_WAY.min(oldest / 2)) <= oldest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_of_an_epoch_proves_against_the_same_block() {
        for finalized in 300..400 {
            assert_eq!(anchor_block(finalized, Some(250)), 300);
            assert_eq!(anchor_block(finalized, Some(300)), 300);
        }
        assert_eq!(anchor_block(400, Some(250)), 400);
    }

    #[test]
    fn what_is_newer_than_the_epoch_is_proved_against_the_newest_block() {
        assert_eq!(anchor_block(399, Some(301)), 399);
        assert_eq!(anchor_block(399, None), 399, "never seen before");
        assert_eq!(anchor_block(99, Some(1)), 99, "the first epoch has no anchor");
        assert_eq!(anchor_block(0, None), 0);
    }

    #[test]
    fn a_policy_of_two_epochs_never_needs_a_newer_anchor() {
        for finalized in 300..400 {
            assert!(is_young_enough(300, finalized, 2 * EPOCH_BLOCKS));
        }
        assert!(is_young_enough(300, 300, 0));
        assert!(!is_young_enough(300, 301, 0));
        assert!(is_young_enough(300, 306, 12) && !is_young_enough(300, 307, 12));
        assert!(is_young_enough(0, u32::MAX - 10, u32::MAX));
        assert!(!is_young_enough(0, 200, 200), "it would be too old on arrival");
    }
}
