//! The decoys beside a shard.
//!
//! A *cover* is a shard of the wallet with its decoys. It is chosen once, when the wallet first looks for a credential,
//! and stays: shards that are added later do not change it, else the shard that is always there would be the real one.
//!
//! Decoys are drawn from the shards of the same [`pool`]: all whose numbers are near. They are of an age with the real
//! shard, since numbers follow time, and share its window of the cap, which is fetched once for all.
//!
//! Wallets look for attestations soon after they are made, so the only shard of a cover that changed lately would nearly
//! always be the real one, and everybody sees when a shard changed. A pool is therefore parted in two, those that changed
//! [`Lately`] and the others, and decoys are drawn uniformly from the part that the real shard is in. Neither part is
//! smaller than a cover. Given the cover, each of its shards is then as likely to be the real one as it was before, also
//! when a node lies about when they changed: it chooses the two parts, but never fewer shards than a cover has.

use std::{collections::BTreeSet, ops::Range};

use ofage_primitives::{chain::ShardInfo, GenesisHash, ShardIndex};
use zeroize::Zeroizing;

use super::{cap::WINDOW, Source};
use crate::{
    chain::{BlockPoint, ChainError},
    document::secret::Secret,
    random::NoRandomness,
};

/// Decoys beside each shard, unless the holder wants other numbers.
///
/// With three, a node is left with four shards of 4,096 attestations, of up to four issuers. Each further one costs as
/// much as the first, and a node that knows more of the holder than the requests, such as an address of one country,
/// rules out some of them anyway.
pub const DECOYS: u8 = 3;
/// Most decoys: a cover then fills one request.
pub const MAX_DECOYS: u8 = 15;

/// Blocks for which a shard counts as changed lately: seven days.
const LATELY: u32 = 7 * 24 * 60 * 10;

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

/// When the shards of a pool last changed, as of a block. The chain is asked for the whole pool.
pub(crate) struct Lately {
    now: u32,
    /// The last change of each shard, the latest first.
    latest: Vec<(u32, u32)>,
}

impl Lately {
    /// Asks for all shards of a pool; every shard of it gives the same requests.
    ///
    /// # Errors
    /// Those of the node; [`ChainError::Inconsistent`] when it tells of fewer shards or of others.
    pub(crate) async fn fetch<S: Source>(
        source: &S,
        at: BlockPoint,
        pool: Range<u32>,
    ) -> Result<Self, ChainError> {
        let mut changes = Vec::with_capacity(pool.len());
        let mut from = pool.start;
        while from < pool.end {
            let asked = from..pool.end.min(from.saturating_add(WINDOW));
            let some = source.shards(at, asked.start, asked.len() as u32).await?;
            if !some.iter().map(|info| info.index.0).eq(asked.clone()) {
                return Err(ChainError::Inconsistent("shards are missing or out of order"));
            }
            changes.extend(
                some.iter()
                    .map(|info: &ShardInfo| (info.index.0, info.changed_at)),
            );
            from = asked.end;
        }
        Ok(Self::new(at.number, changes))
    }

    /// From shards and the blocks that changed them last.
    fn new(now: u32, mut latest: Vec<(u32, u32)>) -> Self {
        latest.sort_by_key(|(shard, changed_at)| (std::cmp::Reverse(*changed_at), *shard));
        Self { now, latest }
    }

    /// The shards that changed lately, but at least `size`: the latest. All of them, when fewer than `size` would be left.
    fn part(&self, size: usize) -> BTreeSet<ShardIndex> {
        let lately = |(_, changed_at): &&(u32, u32)| self.now.saturating_sub(*changed_at) <= LATELY;
        let count = self.latest.iter().take_while(lately).count().max(size);
        let count = if self.latest.len() < count.saturating_add(size) {
            self.latest.len()
        } else {
            count
        };
        let part = self.latest.iter().take(count);
        part.map(|(shard, _)| ShardIndex(*shard)).collect()
    }
}

/// How many shards a cover lacks.
pub(crate) fn missing(decoys: u8, before: Option<&BTreeSet<ShardIndex>>) -> usize {
    size(decoys).saturating_sub(before.map_or(0, BTreeSet::len))
}

fn size(decoys: u8) -> usize {
    usize::from(decoys.min(MAX_DECOYS)) + 1
}

/// The cover of a shard: what was chosen before stays, and decoys are added up to their number, as far as there are
/// shards. `lately` is of the shard's pool. `None` when the shard itself is not among `total`.
pub(crate) fn extend(
    seed: &Seed,
    genesis: &GenesisHash,
    real: ShardIndex,
    decoys: u8,
    total: u32,
    lately: &Lately,
    before: Option<&BTreeSet<ShardIndex>>,
) -> Option<BTreeSet<ShardIndex>> {
    if real.0 >= total {
        return None;
    }
    let mut cover = before.cloned().unwrap_or_default();
    cover.insert(real);
    let missing = missing(decoys, Some(&cover));
    if missing > 0 {
        let lately = lately.part(size(decoys));
        // By the whole cover: what joins it later must not tell which of those before it is the real one.
        let part = cover.iter().any(|shard| lately.contains(shard));
        let mut candidates: Vec<u32> = pool(real, total)
            .filter(|candidate| !cover.contains(&ShardIndex(*candidate)))
            .collect();
        candidates.sort_by_cached_key(|candidate| {
            let other = lately.contains(&ShardIndex(*candidate)) != part;
            (other, seed.rank(genesis, real, *candidate))
        });
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
        cover_of(n, real, decoys, total, &old(real, total))
    }

    fn cover_of(n: u32, real: u32, decoys: u8, total: u32, lately: &Lately) -> BTreeSet<ShardIndex> {
        extend(&seed(n), &GENESIS, ShardIndex(real), decoys, total, lately, None).unwrap()
    }

    /// The block at which covers are drawn.
    const NOW: u32 = 1_000_000;

    /// Of the pool of a shard, none of which changed for long but some.
    fn changed(real: u32, total: u32, lately: &[u32]) -> Lately {
        let change = |shard: u32| match lately.contains(&shard) {
            true => (shard, NOW - LATELY),
            false => (shard, NOW - LATELY - 1 - shard % 7),
        };
        Lately::new(NOW, pool(ShardIndex(real), total).map(change).collect())
    }

    fn old(real: u32, total: u32) -> Lately {
        changed(real, total, &[])
    }

    fn holds(cover: &BTreeSet<ShardIndex>, shards: &[u32]) -> usize {
        shards
            .iter()
            .filter(|shard| cover.contains(&ShardIndex(**shard)))
            .count()
    }

    #[test]
    fn a_shard_that_changed_lately_hides_among_those_that_did() {
        let lately = [3, 90, 400, 411, 700, 1023];
        for wallet in 0..20 {
            for real in lately {
                let cover = cover_of(wallet, real, DECOYS, 100_000, &changed(real, 100_000, &lately));
                assert_eq!((cover.len(), holds(&cover, &lately)), (4, 4));
            }
            let cover = cover_of(wallet, 5, DECOYS, 100_000, &changed(5, 100_000, &lately));
            assert_eq!(
                (cover.len(), holds(&cover, &lately)),
                (4, 0),
                "nor does one that did not"
            );
        }
    }

    #[test]
    fn a_cover_takes_all_that_changed_lately_when_they_are_few() {
        for lately in [&[90, 400, 411][..], &[90, 411], &[90]] {
            // Those before them fill up, alike for each of them.
            let seen: BTreeSet<_> = (0..20)
                .map(|wallet| lately[wallet as usize % lately.len()])
                .enumerate()
                .map(|(wallet, real)| {
                    cover_of(wallet as u32, real, DECOYS, 1024, &changed(real, 1024, lately))
                })
                .collect();
            assert_eq!(seen.len(), 1);
            let cover = seen.into_iter().next().unwrap();
            assert_eq!((cover.len(), holds(&cover, lately)), (4, lately.len()));
            // The same cover is that of those that fill up, so it does not tell that the real one changed lately.
            for real in &cover {
                assert_eq!(
                    cover_of(1, real.0, DECOYS, 1024, &changed(real.0, 1024, lately)),
                    cover
                );
            }
        }
    }

    #[test]
    fn a_few_shards_that_did_not_change_are_no_part_of_their_own() {
        let lately: Vec<u32> = (0..38).collect();
        let parts = changed(39, 40, &lately).part(4);
        assert_eq!(parts.len(), 40);
        assert_eq!(changed(39, 40, &lately[..36]).part(4).len(), 36);
        assert_eq!(changed(2, 3, &[1]).part(4).len(), 3);
        // A node may name any block.
        assert_eq!(
            Lately::new(5, (0..9).map(|n| (n, u32::MAX - n)).collect())
                .part(4)
                .len(),
            9
        );
    }

    #[test]
    fn what_fills_a_cover_up_does_not_tell_which_shard_it_was_for() {
        let before: BTreeSet<_> = [ShardIndex(0), ShardIndex(1)].into();
        let lately = changed(0, 40, &[1, 20, 21, 22, 23, 24]);
        for real in [0, 1] {
            let real = ShardIndex(real);
            let cover = extend(&seed(1), &GENESIS, real, DECOYS, 40, &lately, Some(&before)).unwrap();
            assert_eq!(holds(&cover, &[20, 21, 22, 23, 24]), 2);
        }
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
            let lately = changed(5, total, &[5, 30, 31, 32, 33]);
            let later = extend(
                &seed(1),
                &GENESIS,
                ShardIndex(5),
                DECOYS,
                total,
                &lately,
                Some(&first),
            );
            assert_eq!(later.as_ref(), Some(&first));
        }
    }

    #[test]
    fn a_cover_fills_up_while_a_chain_is_young() {
        let mut known = None;
        for (total, size) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (900, 4)] {
            let lately = changed(0, total, &[total - 1]);
            let real = ShardIndex(0);
            let cover = extend(&seed(1), &GENESIS, real, DECOYS, total, &lately, known.as_ref()).unwrap();
            assert_eq!(cover.len(), size);
            assert!(known.is_none_or(|known| cover.is_superset(&known)));
            known = Some(cover);
        }
    }

    #[test]
    fn a_shard_that_is_not_there_has_no_cover() {
        for (real, total) in [(40, 40), (0, 0)] {
            let (real, lately) = (ShardIndex(real), old(real, total));
            assert!(extend(&seed(1), &GENESIS, real, DECOYS, total, &lately, None).is_none());
        }
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
        // real one must be even in each. Four of the shards changed lately: those have six pairs, the others one.
        let mut counts: BTreeMap<Vec<ShardIndex>, BTreeMap<u32, u32>> = BTreeMap::new();
        let lately = changed(0, 6, &[0, 2, 3, 5]);
        let wallets = 6000;
        for wallet in 0..wallets {
            let real = wallet % 6;
            let cover: Vec<_> = cover_of(wallet, real, 1, 6, &lately).into_iter().collect();
            *counts.entry(cover).or_default().entry(real).or_default() += 1;
        }
        assert_eq!(counts.len(), 7, "all pairs occur");
        for (cover, reals) in counts {
            // 333 are expected of the six pairs; four standard deviations are 60. The other pair is sure.
            let expected = match cover[..] == [ShardIndex(1), ShardIndex(4)] {
                true => 1000..=1000,
                false => 273..=393,
            };
            for shard in cover {
                let count = reals.get(&shard.0).copied().unwrap_or_default();
                assert!(expected.contains(&count), "{count}");
            }
        }
    }
}
