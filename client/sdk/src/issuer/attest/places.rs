//! Where the next batch goes, while others are on their way.

use ofage_primitives::{tree::SHARD_CAPACITY, ShardIndex};

/// Where a batch goes: the shard, or none for one that it opens, and its first position.
pub(super) type Place = (Option<ShardIndex>, u16);

/// The places of batches that land in the order in which they are sent.
///
/// A batch that opens a shard and leaves room in it is the last one that is sent until it has landed, since nothing can
/// name its shard before. Those before it land first, and say nothing about that shard.
pub(super) struct Places {
    /// None behind a batch that opens a shard and leaves room in it.
    next: Option<Place>,
    /// Batches on their way.
    flying: usize,
    most_flying: usize,
    batch_size: usize,
}

impl Places {
    /// With the first place, rows in a batch, and batches on their way at a time; at most, and at least one.
    pub(super) fn new(first: Place, batch_size: usize, most_flying: usize) -> Self {
        Self {
            next: Some(first),
            flying: 0,
            most_flying: most_flying.max(1),
            batch_size: batch_size.clamp(1, SHARD_CAPACITY as usize),
        }
    }

    /// The place of the next batch and the most rows in it, if one can be sent now.
    pub(super) fn next(&self) -> Option<(Place, usize)> {
        let place = self.next.filter(|_| self.flying < self.most_flying)?;
        let room = (SHARD_CAPACITY as usize).saturating_sub(usize::from(place.1));
        Some((place, room.min(self.batch_size)))
    }

    /// A batch was sent to that place.
    pub(super) fn sent(&mut self, (shard, start): Place, count: usize) {
        self.flying += 1;
        self.next = next_place(shard, start, count);
    }

    /// The oldest batch on its way is in that shard, at that first position.
    pub(super) fn landed(&mut self, shard: ShardIndex, start: u16, count: usize) {
        self.flying = self.flying.saturating_sub(1);
        if self.next.is_none() && self.flying == 0 {
            self.next = next_place(Some(shard), start, count);
        }
    }
}

/// The place behind a batch; none when the batch opens a shard and leaves room in it.
fn next_place(shard: Option<ShardIndex>, start: u16, count: usize) -> Option<Place> {
    let end = usize::from(start) + count;
    if end >= SHARD_CAPACITY as usize {
        return Some((None, 0));
    }
    shard.map(|shard| (Some(shard), u16::try_from(end).unwrap_or(u16::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    const FULL: usize = SHARD_CAPACITY as usize;

    mod the_next_place {
        use super::*;

        const OPEN: Option<ShardIndex> = Some(ShardIndex(3));

        #[test]
        fn is_behind_the_batch_in_the_same_shard() {
            assert_eq!(next_place(OPEN, 10, 5), Some((OPEN, 15)));
            assert_eq!(next_place(OPEN, 4090, 5), Some((OPEN, 4095)));
        }

        #[test]
        fn is_a_new_shard_when_the_batch_fills_its_own() {
            assert_eq!(next_place(OPEN, 4091, 5), Some((None, 0)));
            assert_eq!(next_place(None, 0, FULL), Some((None, 0)));
        }

        #[test]
        fn is_unknown_in_a_shard_without_a_number() {
            assert_eq!(next_place(None, 0, FULL - 1), None);
        }

        #[test]
        fn stays_unknown_until_the_batch_that_opens_the_shard_has_landed() {
            let mut places = Places::new((OPEN, 4000), 100, 8);
            places.sent((OPEN, 4000), 96);
            assert_eq!(places.next(), Some(((None, 0), 100)));
            places.sent((None, 0), 100);
            assert_eq!(places.next(), None);
            places.landed(ShardIndex(3), 4000, 96);
            assert_eq!(places.next(), None, "that was the batch before it");
            places.landed(ShardIndex(9), 0, 100);
            assert_eq!(places.next(), Some(((Some(ShardIndex(9)), 100), 100)));
        }
    }

    mod an_issuer_attests_all_rows_and_no_call_is_refused {
        use super::*;

        /// The registry's rules for the calls of one issuer, of which others open shards between its own.
        struct Registry {
            /// The issuer's last shard and its leaves.
            last: Option<(ShardIndex, usize)>,
            next_shard: u32,
            rows: usize,
            calls: usize,
        }

        impl Registry {
            fn attest(&mut self, (shard, start): Place, count: usize) -> Result<ShardIndex, &'static str> {
                let open = self.last.filter(|(_, len)| *len < FULL);
                let (index, len) = match (shard, open) {
                    (Some(named), Some((index, len))) if named == index => (index, len),
                    (Some(_), _) => return Err("ShardNotOpen"),
                    (None, Some(_)) => return Err("ShardStillOpen"),
                    (None, None) => {
                        self.next_shard += 2;
                        (ShardIndex(self.next_shard), 0)
                    }
                };
                if count == 0 {
                    return Err("EmptyBatch");
                }
                if usize::from(start) != len {
                    return Err("WrongStart");
                }
                if len + count > FULL {
                    return Err("ShardFull");
                }
                self.last = Some((index, len + count));
                self.rows += count;
                self.calls += 1;
                Ok(index)
            }
        }

        /// Attests as the issuer does, beginning in an open shard of that many leaves, if any; gives the calls.
        fn attest(rows: usize, batch: usize, most_flying: usize, open: usize) -> usize {
            let mut registry = Registry {
                last: (open > 0).then_some((ShardIndex(7), open)),
                next_shard: 7,
                rows: 0,
                calls: 0,
            };
            let first = match open {
                0 => (None, 0),
                open => (Some(ShardIndex(7)), open as u16),
            };
            let mut places = Places::new(first, batch, most_flying);
            let mut flying = VecDeque::new();
            let mut left = rows;
            loop {
                while let Some((place, room)) = places.next().filter(|_| left > 0) {
                    let count = room.min(left);
                    places.sent(place, count);
                    flying.push_back((place, count));
                    left -= count;
                }
                assert!(flying.len() <= most_flying);
                let Some((place, count)) = flying.pop_front() else {
                    break;
                };
                let shard = registry
                    .attest(place, count)
                    .unwrap_or_else(|error| panic!("{error} after {} rows", registry.rows));
                places.landed(shard, place.1, count);
            }
            assert_eq!((registry.rows, left), (rows, 0));
            registry.calls
        }

        #[test]
        fn in_full_batches() {
            assert_eq!(attest(100_000, FULL, 48, 0), 25);
        }

        #[test]
        fn in_batches_that_do_not_fill_a_shard() {
            // Four of 1000 and one of 96 for a shard.
            assert_eq!(attest(10_000, 1000, 48, 0), 12);
            assert_eq!(attest(100_000, 1000, 48, 0), 122);
            assert_eq!(attest(100_000, 4095, 48, 0), 49);
        }

        #[test]
        fn one_by_one() {
            assert_eq!(attest(5000, 1, 48, 0), 5000);
        }

        #[test]
        fn from_any_place_on_and_with_any_number_on_their_way() {
            for batch in [1, 7, 1000, 2048, 4095, FULL] {
                for most_flying in [1, 2, 3, 48] {
                    for open in [0, 1, 96, 2048, 4000, 4095] {
                        attest(9000, batch, most_flying, open);
                    }
                }
            }
        }
    }
}
