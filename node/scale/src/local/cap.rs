//! What the registry root costs a block as shards grow.

use std::collections::VecDeque;

use anyhow::{ensure, Result};
use ofage_primitives::ShardIndex;
use ofage_runtime::{constants::currency::UNIT, RuntimeCall};
use serde_json::{json, Value};

use super::Chain;
use crate::{
    attesting::Issuer,
    report::{median, rounded, Table},
    transactions::Signer,
};

/// Issuers whose open shards change in a block.
const OPEN: usize = 16;
/// Shards that there are when it is measured.
const SIZES: [u32; 4] = [100, 1_000, 10_000, 100_000];
/// Blocks of each kind that are measured: their middle counts.
const ROUNDS: usize = 9;
/// Shards that one block adds, a little fewer than may change in it.
const GROWTH: u32 = 1_000;
/// For deposits and fees of one issuer.
const MONEY: u128 = 10_000 * UNIT;

/// An issuer with an open shard.
struct Opener {
    issuer: Issuer,
    open: Option<(ShardIndex, u16)>,
}

/// The registry while it grows.
struct Registry<'a> {
    chain: &'a Chain,
    grower: Issuer,
    openers: Vec<Opener>,
    shards: u32,
}

/// Measures, with `wasm` as the runtime.
pub(crate) async fn measure(wasm: &[u8], first_slot: u64) -> Result<Vec<Table>> {
    let chain = Chain::start(wasm, first_slot)?;
    let mut registry = Registry::begin(&chain).await?;
    let mut table = Table::new(
        "End of a block (registry root and root of the state) in the wasm runtime, by the shards that there are and the \
         shards that the block changed; milliseconds, middle of 9 blocks",
        &["shards", "0 changed", "1 changed", "16 changed", "cost of 1", "cost of 16", "each of 16"],
    );
    for size in SIZES {
        eprintln!("cap: growing to {size} shards");
        registry.grow(size).await?;
        table.row(registry.row().await?);
    }
    Ok(vec![table])
}

impl<'a> Registry<'a> {
    /// Registers all issuers.
    async fn begin(chain: &'a Chain) -> Result<Self> {
        let genesis = chain.genesis();
        let mut payer = Signer::dev("Dave", genesis);
        let mut grower = Issuer::new(Signer::dev("Issuer1", genesis));
        let mut openers: Vec<Opener> = (0..OPEN)
            .map(|number| Opener {
                issuer: Issuer::new(Signer::dev(&format!("Opener{number}"), genesis)),
                open: None,
            })
            .collect();
        let mut money: Vec<_> = openers
            .iter()
            .map(|opener| {
                payer.sign(RuntimeCall::Balances(
                    pallet_balances::Call::transfer_allow_death {
                        dest: opener.issuer.account().into(),
                        value: MONEY,
                    },
                ))
            })
            .collect();
        money.push(grower.register());
        chain.append(money).await?;
        chain
            .append(openers.iter_mut().map(|opener| opener.issuer.register()))
            .await?;
        Ok(Self {
            chain,
            grower,
            openers,
            shards: 0,
        })
    }

    /// Adds shards until there are `size`; the open ones lie evenly among the new ones.
    async fn grow(&mut self, size: u32) -> Result<()> {
        ensure!(size > self.shards, "a registry does not shrink");
        let step = (size - self.shards) / OPEN as u32;
        let first = self.shards;
        // Calls that the last block had no room for, the next one first.
        let mut left = VecDeque::new();
        while self.shards < size || !left.is_empty() {
            let mut draft = self.chain.begin()?;
            let full = self.shards.saturating_add(GROWTH).min(size);
            loop {
                if left.is_empty() && self.shards < full {
                    left.extend(self.open_one(self.shards - first, step));
                    self.shards += 1;
                }
                let Some(call) = left.pop_front() else { break };
                if !draft.push(&call)? {
                    left.push_front(call);
                    break;
                }
            }
            self.chain.keep(draft.finish()?).await?;
        }
        Ok(())
    }

    /// The calls that open the next shard, which is number `since` of the new ones.
    fn open_one(&mut self, since: u32, step: u32) -> Vec<Vec<u8>> {
        let opener = since.is_multiple_of(step).then_some(since / step);
        match opener.and_then(|number| self.openers.get_mut(number as usize)) {
            Some(opener) => opener.move_to(ShardIndex(self.shards)),
            None => vec![self.grower.attest_next(1), self.grower.seal()],
        }
    }

    async fn row(&mut self) -> Result<Vec<Value>> {
        let [mut none, mut one, mut all] = [(); 3].map(|()| Vec::new());
        for _ in 0..ROUNDS {
            none.push(self.ending(0).await?);
            one.push(self.ending(1).await?);
            all.push(self.ending(OPEN).await?);
        }
        let [none, one, all] = [none, one, all].map(median);
        let cells = [none, one, all, one - none, all - none, (all - none) / OPEN as f64];
        let mut row = vec![json!(self.shards)];
        row.extend(cells.map(|cell| rounded(cell, 2)));
        Ok(row)
    }

    /// Milliseconds that the end of a block takes in which so many shards change.
    async fn ending(&mut self, changed: usize) -> Result<f64> {
        let mut draft = self.chain.begin()?;
        for opener in &mut self.openers[..changed] {
            ensure!(
                draft.push(&opener.attest()?)?,
                "a block has room for {OPEN} calls"
            );
        }
        let made = draft.finish()?;
        let ending = made.ending;
        self.chain.keep(made).await?;
        Ok(ending.as_secs_f64() * 1e3)
    }
}

impl Opener {
    /// Closes the shard that was open, and opens this one, which is the next.
    fn move_to(&mut self, shard: ShardIndex) -> Vec<Vec<u8>> {
        let mut calls = Vec::new();
        if self.open.is_some() {
            calls.push(self.issuer.seal());
        }
        calls.push(self.issuer.attest_next(1));
        self.open = Some((shard, 1));
        calls
    }

    /// One more attestation.
    fn attest(&mut self) -> Result<Vec<u8>> {
        let (shard, length) = self
            .open
            .ok_or_else(|| anyhow::anyhow!("an opener has no open shard"))?;
        self.open = Some((shard, length + 1));
        Ok(self.issuer.attest_open(shard, length, 1))
    }
}
