//! What can go wrong with a light client that is on the network.

use std::{fmt, time::Duration};

use crate::{CheckpointError, HeaderError, RootError, SetError};

/// How far a light client got before its user's patience ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reached {
    /// No other node is connected.
    NoPeer,
    /// It still checks who made blocks final since it was last on the network.
    Syncing {
        /// Up to this block.
        at: u64,
        /// Of as many as others tell.
        target: u64,
    },
    /// Others are connected, and no block is known to be final.
    NoFinalBlock,
    /// The newest final block is known; a question about it was not answered.
    NoAnswer {
        /// Number of that block.
        finalized: u32,
    },
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPeer => write!(
                f,
                "no node of the chain was reached; check the network and the addresses of the boot nodes"
            ),
            Self::Syncing { at, target } => write!(
                f,
                "finality is checked up to block {at} of about {target}; wait longer, or start from a saved database"
            ),
            Self::NoFinalBlock => write!(
                f,
                "nodes are connected, and none showed a final block; the chain may stand still"
            ),
            Self::NoAnswer { finalized } => write!(
                f,
                "block {finalized} is final, and no node answered a question about it; try again"
            ),
        }
    }
}

/// The light client could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The chain specification cannot be used.
    #[error("the chain specification cannot be used: {0}; it has to be a raw one")]
    Spec(String),
    /// The address of a boot node cannot be used.
    #[error("'{0}' is no address of a boot node; one looks like /ip4/192.0.2.1/tcp/30333/p2p/12D3Koo…")]
    BootNode(String),
    /// Neither the chain specification nor the caller names one.
    #[error("no boot node is known; name one, or put it into the chain specification")]
    NoBootNode,
    /// The saved database is longer than [`MAX_DATABASE`](super::MAX_DATABASE).
    #[error("the saved database is too long; delete it to start from the chain specification")]
    Database,
    /// The patience ended first.
    #[error("no answer after {} s: {reached}", after.as_secs())]
    Patience {
        /// How long it was.
        after: Duration,
        /// How far the client got.
        reached: Reached,
    },
    /// Too many questions wait for their answers.
    #[error("the light client is busy; ask again later")]
    Busy,
    /// The question was refused.
    #[error("the light client could not answer: {0}")]
    Refused(String),
    /// An answer came in a form that is none of the known ones.
    #[error("the light client's answer is not understood; try again, or update this software")]
    Strange,
    /// Two blocks of one height were shown as final: a third of the authorities, or more, cheat, or this software does.
    #[error("two blocks with number {0} were shown as final; trust neither, and tell the chain's community")]
    Contradiction(u32),
    /// A final header is none of this chain's.
    #[error("a final header is not of an Ofage chain: {0}")]
    Header(#[from] HeaderError),
    /// The light client has ended.
    #[error("the light client has ended; start it again")]
    Ended,
    /// The block is not final, as far as is known.
    #[error("block {number} is not final yet; the newest final one is {finalized}")]
    NotFinal {
        /// Which block.
        number: u32,
        /// The newest final one.
        finalized: u32,
    },
    /// The chain does not remember the block's hash.
    #[error("the chain no longer knows block {0}; it remembers the last {blocks}", blocks = ofage_primitives::chain::BLOCK_HASHES)]
    Forgotten(u32),
    /// The state does not vouch for what was asked.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The authorities are none.
    #[error(transparent)]
    Set(#[from] SetError),
    /// No checkpoint can be made of it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}
