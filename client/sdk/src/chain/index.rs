//! The node's index of leaves: `ofage_shardLeaves`.

use ofage_primitives::{tree::SHARD_CAPACITY, Attestation, ShardIndex};
use serde::{Deserialize, Serialize};
use subxt::rpcs::rpc_params;

use super::{BlockPoint, Chain, ChainError};

/// Shards that one request asks for; nodes give no more.
pub const SHARDS_AT_ONCE: usize = 16;
/// Bytes of a leaf.
const LEAF: usize = 32;
/// What JSON-RPC answers for a method that it does not have.
pub(crate) const METHOD_NOT_FOUND: i32 = -32601;

/// The index gives no leaves.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The node has no index.
    #[error("the node keeps no index of leaves")]
    None,
    /// The index does not answer for these shards at that block: it is rebuilt, behind, or does not have them.
    #[error("the node's index of leaves does not answer ({0})")]
    Unavailable(String),
    /// The node could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// What the method answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Leaves {
    block: u32,
    hash: String,
    shards: Vec<ShardLeaves>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ShardLeaves {
    shard: u32,
    leaves: String,
}

impl Chain {
    /// The leaves of up to [`SHARDS_AT_ONCE`] shards as of the end of a finalized block, from the node's index.
    ///
    /// Only their form is checked: whoever uses them hashes them and compares with a root.
    ///
    /// # Errors
    /// [`IndexError`].
    pub async fn shard_leaves(
        &self,
        at: BlockPoint,
        shards: &[ShardIndex],
    ) -> Result<Vec<Vec<Attestation>>, IndexError> {
        let numbers: Vec<u32> = shards.iter().map(|shard| shard.0).collect();
        let answer: Result<Leaves, _> = self
            .rpc
            .request("ofage_shardLeaves", rpc_params![numbers, at.number])
            .await;
        match answer {
            Ok(answer) => answer
                .read(at, shards)
                .ok_or_else(|| ChainError::Answer("leaves").into()),
            Err(subxt::rpcs::Error::User(user)) if user.code == METHOD_NOT_FOUND => Err(IndexError::None),
            Err(subxt::rpcs::Error::User(user)) => Err(IndexError::Unavailable(user.message)),
            Err(other) => Err(ChainError::from(other).into()),
        }
    }
}

impl Leaves {
    /// The leaves of each shard that was asked for; `None` when the answer is for others, or of another form.
    fn read(&self, at: BlockPoint, asked: &[ShardIndex]) -> Option<Vec<Vec<Attestation>>> {
        let same_block = self.block == at.number && self.hash == format!("{:#x}", at.hash);
        let same_shards = self.shards.len() == asked.len()
            && self
                .shards
                .iter()
                .zip(asked)
                .all(|(given, asked)| given.shard == asked.0);
        if !same_block || !same_shards {
            return None;
        }
        self.shards.iter().map(|shard| leaves(&shard.leaves)).collect()
    }

    /// An answer with these leaves, in the form of a node.
    #[cfg(test)]
    pub(crate) fn answer(at: BlockPoint, shards: &[(ShardIndex, &[Attestation])]) -> Self {
        let digits = |leaves: &[Attestation]| {
            leaves.iter().fold("0x".to_owned(), |mut text, leaf| {
                text.push_str(&hex::encode(leaf.to_bytes()));
                text
            })
        };
        Self {
            block: at.number,
            hash: format!("{:#x}", at.hash),
            shards: shards
                .iter()
                .map(|(shard, leaves)| ShardLeaves {
                    shard: shard.0,
                    leaves: digits(leaves),
                })
                .collect(),
        }
    }
}

fn leaves(digits: &str) -> Option<Vec<Attestation>> {
    let digits = digits.strip_prefix("0x")?;
    if digits.len() > SHARD_CAPACITY as usize * LEAF * 2 {
        return None;
    }
    let bytes = hex::decode(digits).ok()?;
    let whole = bytes.chunks_exact(LEAF);
    if !whole.remainder().is_empty() {
        return None;
    }
    whole
        .map(|leaf| Attestation::from_bytes(leaf.try_into().ok()?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::Element;
    use subxt::config::substrate::H256;

    const AT: BlockPoint = BlockPoint {
        number: 7,
        hash: H256([9; 32]),
    };

    fn attestations(range: std::ops::Range<u64>) -> Vec<Attestation> {
        range
            .map(|n| Attestation::from_element(Element::from_u64(n)))
            .collect()
    }

    #[test]
    fn an_answer_gives_the_leaves_of_each_shard_asked_for() {
        let (one, two) = (attestations(0..3), attestations(5..6));
        let answer = Leaves::answer(AT, &[(ShardIndex(4), &one), (ShardIndex(9), &two)]);
        let text = serde_json::to_string(&answer).unwrap();
        let read: Leaves = serde_json::from_str(&text).unwrap();
        assert!(read.read(AT, &[ShardIndex(4), ShardIndex(9)]) == Some(vec![one, two]));
        assert!(
            read.read(AT, &[ShardIndex(9), ShardIndex(4)]).is_none(),
            "another order"
        );
        assert!(
            read.read(AT, &[ShardIndex(4)]).is_none(),
            "more than was asked for"
        );
    }

    #[test]
    fn an_answer_for_another_block_is_refused() {
        let answer = Leaves::answer(AT, &[(ShardIndex(4), &[])]);
        let shards = [ShardIndex(4)];
        assert!(answer.read(AT, &shards).is_some());
        assert!(answer.read(BlockPoint { number: 8, ..AT }, &shards).is_none());
        let hash = H256([8; 32]);
        assert!(answer.read(BlockPoint { hash, ..AT }, &shards).is_none());
    }

    #[test]
    fn leaves_that_are_none_are_refused() {
        let one = "01".repeat(32);
        assert!(leaves("0x").is_some_and(|none| none.is_empty()));
        assert!(leaves(&format!("0x{one}")).is_some());
        for wrong in [
            String::new(),
            one.clone(),
            format!("0x{}", &one[1..]),
            format!("0x{one}01"),
            format!("0x{}", "ff".repeat(32)),
            format!("0x{}", one.repeat(4097)),
            format!("0x{}", "zz".repeat(32)),
        ] {
            assert!(leaves(&wrong).is_none(), "{}", &wrong[..wrong.len().min(80)]);
        }
    }
}
