//! What is answered.

use super::chain::{Chain, Final, Justified, ReadError};
use codec::Encode;
use ofage_primitives::{storage, Anchor, CircuitId, TrustListId};
use serde::Serialize;

/// Most handoffs in an answer: those of an hour, if each session had another set.
pub(crate) const MAX_HANDOFFS: u32 = 64;
/// Most hexadecimal digits of handoffs in an answer, well under what servers and clients allow unless they are told
/// otherwise. A single handoff may be longer: of more than a thousand validators.
pub(crate) const MAX_DIGITS: usize = 512 * 1_024;

/// No answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LightError {
    /// No block has a justification yet.
    #[error("this node cannot prove any block final yet; ask again in some blocks")]
    NothingFinal,
    /// The anchor is newer than what can be proved.
    #[error(
        "block {anchor} cannot be proved final yet, the newest that can is {newest}; ask again after block {anchor} is \
         final"
    )]
    Ahead {
        /// Block of the anchor.
        anchor: u32,
        /// Newest block that can be proved.
        newest: u32,
    },
    /// The block's state is gone.
    #[error("this node no longer has the state of block {0}; ask again, or a node that keeps more states")]
    NoState(u32),
    /// The set did not begin yet.
    #[error(
        "this node is at set {current}, before set {first}; ask again when it is in sync, or another node"
    )]
    NoSet {
        /// The set that was asked for.
        first: u64,
        /// The current one.
        current: u64,
    },
    /// The end of the set cannot be proved.
    #[error(
        "this node cannot prove how set {0} ended; ask a node that holds the whole chain, or start from a newer checkpoint"
    )]
    NoHandoff(u64),
    /// It is not known which set signed.
    #[error("this node does not know yet which set signed block {0}; ask again when it is in sync, or another node")]
    NoHistory(u32),
    /// Too many handoffs are asked for, or none.
    #[error("ask for 1 to {MAX_HANDOFFS} handoffs")]
    Limit,
    /// The node fails.
    #[error("the node cannot read its chain ({0}); ask another node")]
    Failed(String),
}

/// All of a bundle that changes with each block.
#[derive(Clone, Serialize)]
pub(crate) struct BundleParts {
    genesis: String,
    set: u64,
    number: u32,
    hash: String,
    header: String,
    justification: String,
    proof: String,
}

/// How one set handed over to the next, some times.
#[derive(Clone, Serialize)]
pub(crate) struct Handoffs {
    first: u64,
    current: u64,
    handoffs: Vec<Handoff>,
}

/// The last block of a set.
#[derive(Clone, Serialize)]
pub(crate) struct Handoff {
    header: String,
    justification: String,
}

/// A set, and the newest block that it signed.
#[derive(Clone, Serialize)]
pub(crate) struct Authorities {
    genesis: String,
    set: u64,
    authorities: Vec<String>,
    number: u32,
    hash: String,
    header: String,
    justification: String,
}

/// What proves that an anchor counts: the newest block that can be proved, and the part of its state that says so.
pub(crate) fn bundle_parts<C: Chain>(
    chain: &C,
    list: TrustListId,
    anchor: &Anchor,
    circuit: CircuitId,
) -> Result<BundleParts, LightError> {
    let (newest, set) = newest(chain)?;
    if newest.number < anchor.block {
        return Err(LightError::Ahead {
            anchor: anchor.block,
            newest: newest.number,
        });
    }
    let nodes = chain
        .prove(newest.hash, &storage::anchor_keys(list, anchor, circuit))
        .map_err(|error| unread(error, newest.number))?;
    Ok(BundleParts {
        genesis: digits(&chain.genesis().0),
        set,
        number: newest.number,
        hash: digits(&newest.hash),
        header: digits(&newest.bytes.header),
        justification: digits(&newest.bytes.justification),
        proof: digits(&nodes.encode()),
    })
}

/// The ends of the sets from `first` on: of at most `limit`, and of at least one if there is one.
pub(crate) fn handoffs<C: Chain>(chain: &C, first: u64, limit: u32) -> Result<Handoffs, LightError> {
    if !(1..=MAX_HANDOFFS).contains(&limit) {
        return Err(LightError::Limit);
    }
    let sets = chain.sets().map_err(|error| unread(error, 0))?;
    let current = sets.current;
    if first > current {
        return Err(LightError::NoSet { first, current });
    }
    let mut found = Vec::new();
    let mut room = MAX_DIGITS;
    for last in sets.ends(first).take(limit as usize) {
        let Some(end) = chain.handoff(last).map_err(|error| unread(error, last))? else {
            break;
        };
        let handoff = Handoff::new(&end);
        let length = handoff.header.len() + handoff.justification.len();
        if length > room && !found.is_empty() {
            break;
        }
        room = room.saturating_sub(length);
        found.push(handoff);
    }
    if found.is_empty() && first < current {
        return Err(LightError::NoHandoff(first));
    }
    Ok(Handoffs {
        first,
        current,
        handoffs: found,
    })
}

/// The set that signed the newest block that can be proved.
pub(crate) fn authorities<C: Chain>(chain: &C) -> Result<Authorities, LightError> {
    let (newest, set) = newest(chain)?;
    let keys = chain
        .signers(&newest, set)
        .map_err(|error| unread(error, newest.number))?;
    Ok(Authorities {
        genesis: digits(&chain.genesis().0),
        set,
        authorities: keys.iter().map(|key| digits(key)).collect(),
        number: newest.number,
        hash: digits(&newest.hash),
        header: digits(&newest.bytes.header),
        justification: digits(&newest.bytes.justification),
    })
}

impl Handoff {
    fn new(end: &Final) -> Self {
        Self {
            header: digits(&end.header),
            justification: digits(&end.justification),
        }
    }
}

/// The newest block that can be proved, and the number of the set that signed it.
fn newest<C: Chain>(chain: &C) -> Result<(Justified, u64), LightError> {
    let newest = chain
        .newest()
        .map_err(|error| unread(error, 0))?
        .ok_or(LightError::NothingFinal)?;
    // Read after the block: an end of its set that came meanwhile is there, and not before it.
    let sets = chain.sets().map_err(|error| unread(error, newest.number))?;
    let set = sets.signing(newest.number);
    let set = set.ok_or(LightError::NoHistory(newest.number))?;
    Ok((newest, set))
}

fn unread(error: ReadError, block: u32) -> LightError {
    match error {
        ReadError::NoState => LightError::NoState(block),
        ReadError::Failed(reason) => LightError::Failed(reason),
    }
}

fn digits(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}
