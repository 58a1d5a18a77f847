//! What hiding costs, in bytes.

use ofage_primitives::tree::SHARD_CAPACITY;

use super::cap::WINDOW;

/// Bytes of a node or leaf.
const NODE: u64 = 32;
/// Bytes of what the chain says of a shard that has one before it and is not revoked.
const INFO: u64 = 58;

/// Bytes that a node sends for one refresh, without the small change: envelopes, trust lists, what the chain says of each
/// shard of the cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Rows of the cap.
    pub cap: u64,
    /// Shards, all of them full.
    pub shards: u64,
}

impl Cost {
    /// Of a refresh for one credential with a number of decoys, on a chain with `total` shards. The cover is within one
    /// window, as all are but those of the youngest shards.
    pub fn of(total: u32, decoys: u8) -> Self {
        let at_cut = u64::from(total.div_ceil(WINDOW));
        let window = u64::from(total.min(WINDOW));
        let cover = (u64::from(decoys) + 1).min(u64::from(total));
        Self {
            cap: NODE * (at_cut + window),
            shards: NODE * u64::from(SHARD_CAPACITY) * cover,
        }
    }

    /// Bytes that travel once more, when a credential's decoys are drawn: rows of the cap, to count the shards, and what
    /// the chain says of each shard that could be one. The youngest shards may have twice as many neighbours.
    pub fn drawing(total: u32) -> u64 {
        let windows = total.div_ceil(WINDOW);
        let in_last = total - windows.saturating_sub(1) * WINDOW;
        2 * (NODE * u64::from(windows + in_last) + INFO * u64::from(total.min(WINDOW)))
    }

    /// All of it.
    pub fn bytes(&self) -> u64 {
        self.cap + self.shards
    }

    /// As it travels: nodes answer in hexadecimal digits.
    pub fn on_the_wire(&self) -> u64 {
        2 * self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_says_what_it_costs() {
        let book = include_str!("../../../../docs/book/src/wallet.md");
        let kib = |bytes: u64| bytes.div_ceil(1024).to_string();
        for decoys in [0, 1, 3, 7, 15] {
            let cost = Cost::of(100_000, decoys);
            let row = format!(
                "| {decoys} | {} | {} | {} | {} | {} |",
                kib(cost.cap),
                kib(cost.shards),
                kib(cost.on_the_wire()),
                u32::from(decoys) + 1,
                (u32::from(decoys) + 1) * SHARD_CAPACITY,
            );
            assert!(book.contains(&row), "not in the book: {row}");
        }
        let once = format!("{} KiB once", kib(Cost::drawing(100_000)));
        assert!(book.contains(&once), "not in the book: {once}");
    }

    #[test]
    fn the_cap_is_a_small_part_of_it_at_any_size() {
        for total in [1, 1000, 100_000, 1 << 20] {
            let cost = Cost::of(total, super::super::cover::DECOYS);
            assert!(cost.cap <= 64 * 1024, "{total}");
            assert!(cost.cap * 2 <= cost.shards, "{total}");
        }
    }
}
