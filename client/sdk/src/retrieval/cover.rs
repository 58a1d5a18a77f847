//! The decoys beside a shard.
//!
//! A *cover* is a shard of the wallet with its decoys. It is chosen once, when the wallet first looks for a credential,
//! and stays: shards that are added later do not change it, else the shard that is always there would be the real one.
//!
//! Decoys are drawn uniformly from the shards of the same [`pool`]: all whose numbers are near. Given the cover, each
//! of its shards is then as likely to be the real one as it was before. They are of an age with the real shard, since
//! numbers follow time; drawn from all shards, the youngest of a cover would nearly always be the real one, as wallets
//! look for attestations soon after they are made. And they share its window of the cap, which is fetched once for all.

use std::{collections::BTreeSet, ops::Range};

use ofage_primitives::{GenesisHash, ShardIndex};
use zeroize::Zeroizing;

use super::cap::WINDOW;
use crate::{document::secret::Secret, random::NoRandomness};

/// Decoys beside each shard, unless the holder wants other numbers.
///
/// With three, a node is left with four shards of 4,096 attestations, of up to four issuers. Each further one costs as
/// much as the first, and a node that knows more of the holder than the requests, such as an address of one country,
/// rules out some of them anyway.
pub const DECOYS: u8 = 3;
/// Most decoys: a cover then fills one request.
pub const MAX_DECOYS: u8 = 15;

/// What a wallet derives its decoys from. No `Debug`: it tells decoys from real shards.
#[derive(Clone)]
pub(crate) struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    pub(crate) fn random() -> Result<Self, NoRandomness> {
        crate::random::bytes().map(Self)
    }

    /// Orders the candidates beside a shard, for each wallet and shard in another way.
    fn rank(&self, genesis: &GenesisHash, real: ShardIndex, candidate: u32) -> [u8; 32] {
        let hash = blake2b_simd::Params::new()
            .hash_length(32)
            .personal(b"Ofage-decoys")
            .key(&self.0[..])
            .to_state()
            .update(&genesis.0)
            .update(&real.0.to_le_bytes())
            .update(&candidate.to_le_bytes())
            .finalize();
        let mut rank = [0; 32];
        rank.copy_from_slice(hash.as_bytes());
        rank
    }
}

impl Secret for Seed {
    fn from_canonical(bytes: &[u8; 32]) -> Option<Self> {
        Some(Self(Zeroizing::new(*bytes)))
    }
    fn canonical(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }
}

/// The shards among which the decoys of a shard are drawn, of `total` shards: those of its window. Those of the last
/// window, while it is not full, and of the one before it are one pool.
///
/// At any time the pools do not overlap, and every shard of a pool has the same one: which of a cover's shards is the
/// real one does not show in where the others lie.
pub(crate) fn pool(shard: ShardIndex, total: u32) -> Range<u32> {
    let last = (total / WINDOW).saturating_sub(1);
    let window = (shard.0 / WINDOW).min(last);
    let end = if window == last {
        total
    } else {
        (window + 1) * WINDOW
    };
    window * WINDOW..end
}

/// The cover of a shard: what was chosen before stays, and decoys are added up to their number, as far as there are
/// shards. `None` when the shard itself is not among `total`.
pub(crate) fn extend(
    seed: &Seed,
    genesis: &GenesisHash,
    real: ShardIndex,
    decoys: u8,
    total: u32,
    before: Option<&BTreeSet<ShardIndex>>,
) -> Option<BTreeSet<ShardIndex>> {
    if real.0 >= total {
        return None;
    }
    let mut cover = before.cloned().unwrap_or_default();
    cover.insert(real);
    let missing = (usize::from(decoys.min(MAX_DECOYS)) + 1).saturating_sub(cover.len());
    if missing > 0 {
        let mut candidates: Vec<u32> = pool(real, total)
            .filter(|candidate| !cover.contains(&ShardIndex(*candidate)))
            .collect();
        candidates.sort_by_cached_key(|candidate| seed.rank(genesis, real, *candidate));
        cover.extend(candidates.into_iter().take(missing).map(ShardIndex));
    }
    Some(cover)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const GENESIS: GenesisHash = GenesisHash([7; 32]);

    fn seed(n: u32) -> Seed {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&n.to_le_bytes());
        Seed(Zeroizing::new(bytes))
    }

    fn cover(n: u32, real: u32, decoys: u8, total: u32) -> BTreeSet<ShardIndex> {
        extend(&seed(n), &GENESIS, ShardIndex(real), decoys, total, None).unwrap()
    }

    #[test]
    fn a_cover_holds_the_shard_and_its_decoys() {
        for real in [0, 5, 1023, 1024, 99_999] {
            let cover = cover(1, real, DECOYS, 100_000);
            assert_eq!(cover.len(), 4);
            assert!(cover.contains(&ShardIndex(real)));
            let pool = pool(ShardIndex(real), 100_000);
            assert!(cover.iter().all(|shard| pool.contains(&shard.0)));
        }
    }

    #[test]
    fn a_cover_stays_when_shards_are_added() {
        let first = cover(1, 5, DECOYS, 40);
        for total in [41, 1024, 2048, 100_000] {
            let later = extend(&seed(1), &GENESIS, ShardIndex(5), DECOYS, total, Some(&first));
            assert_eq!(later.as_ref(), Some(&first));
        }
    }

    #[test]
    fn a_cover_fills_up_while_a_chain_is_young() {
        let mut known = None;
        for (total, size) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (900, 4)] {
            let cover = extend(&seed(1), &GENESIS, ShardIndex(0), DECOYS, total, known.as_ref()).unwrap();
            assert_eq!(cover.len(), size);
            assert!(known.is_none_or(|known| cover.is_superset(&known)));
            known = Some(cover);
        }
    }

    #[test]
    fn a_shard_that_is_not_there_has_no_cover() {
        assert!(extend(&seed(1), &GENESIS, ShardIndex(40), DECOYS, 40, None).is_none());
        assert!(extend(&seed(1), &GENESIS, ShardIndex(0), DECOYS, 0, None).is_none());
    }

    #[test]
    fn wallets_and_shards_have_decoys_of_their_own() {
        let others = |n: u32, real: u32| {
            let mut cover = cover(n, real, DECOYS, 1000);
            cover.remove(&ShardIndex(real));
            cover
        };
        assert_ne!(others(1, 5), others(2, 5));
        // A second credential does not show as the one shard that joins a known cover.
        assert_ne!(others(1, 5), others(1, 6));
    }

    #[test]
    fn pools_part_the_shards_at_any_time() {
        for total in [1, 7, 1024, 1025, 2047, 2048, 5000] {
            let mut end = 0;
            while end < total {
                let pool = pool(ShardIndex(end), total);
                assert_eq!(pool.start, end, "of {total}");
                assert!(pool
                    .clone()
                    .all(|shard| super::pool(ShardIndex(shard), total) == pool));
                assert!(pool.len() >= WINDOW.min(total) as usize && pool.len() < 2 * WINDOW as usize);
                end = pool.end;
            }
        }
    }

    #[test]
    fn every_shard_of_a_cover_is_as_likely_the_real_one() {
        // All covers of one decoy among 6 shards, by many wallets whose real shard is uniform: which of the two is the
        // real one must be even in each.
        let mut counts: BTreeMap<Vec<ShardIndex>, BTreeMap<u32, u32>> = BTreeMap::new();
        let wallets = 6000;
        for wallet in 0..wallets {
            let real = wallet % 6;
            let cover: Vec<_> = cover(wallet, real, 1, 6).into_iter().collect();
            *counts.entry(cover).or_default().entry(real).or_default() += 1;
        }
        assert_eq!(counts.len(), 15, "all pairs occur");
        for (cover, reals) in counts {
            // 200 are expected; four standard deviations are 55.
            for shard in cover {
                let count = reals.get(&shard.0).copied().unwrap_or_default();
                assert!((145..=255).contains(&count), "{count}");
            }
        }
    }
}
