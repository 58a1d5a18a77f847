//! What can go wrong between a client and the chain.

use ofage_light::live::LiveError;
use ofage_primitives::GenesisHash;
use subxt::error::{BackendError, RpcError};

/// The chain could not be asked, or refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No node there.
    #[error("cannot reach a node at {url} ({source}); start one, or name another with --node")]
    Connect {
        /// Where.
        url: String,
        /// Why.
        source: Box<subxt::rpcs::Error>,
    },
    /// Unencrypted connection to another machine.
    #[error("{0} would be unencrypted; use wss:// for a node on another machine")]
    InsecureUrl(String),
    /// The node refused a request.
    #[error("the node refused the request: {0}")]
    Rpc(String),
    /// The connection broke.
    #[error("the connection to the node broke; try again")]
    Disconnected,
    /// The node keeps the state of recent blocks only.
    #[error("the node no longer keeps the state of that block; use a newer block, or a node with --state-pruning archive")]
    StateGone,
    /// The node has no such block.
    #[error("the node has no block {0}; it may still be synchronising")]
    NoBlock(u32),
    /// The node has the header but not the calls.
    #[error("the node keeps no body of block {0}; use a node that keeps block bodies")]
    NoBody(u32),
    /// The block may still be replaced.
    #[error("block {block} is not final yet (block {finalized} is); wait for it")]
    NotFinal {
        /// The block asked for.
        block: u32,
        /// The last one that is final.
        finalized: u32,
    },
    /// Nothing becomes final.
    #[error("nothing became final for {0} seconds; look at the chain's validators")]
    Stalled(u64),
    /// A file for another chain.
    #[error(
        "the file is for the chain {expected}, but the node follows {found}; name another node with --node"
    )]
    OtherChain {
        /// The chain of the file.
        expected: GenesisHash,
        /// The chain of the node.
        found: GenesisHash,
    },
    /// An answer that this version cannot read.
    #[error("the node's answer about {0} cannot be read; node and client may be of different versions")]
    Answer(&'static str),
    /// No root, or several, in a header.
    #[error("the header of block {0} does not hold exactly one registry root; the node serves another chain or lies")]
    RootDigest(u32),
    /// The node's answers contradict each other.
    #[error("the node's answers contradict each other ({0}); try another node")]
    Inconsistent(&'static str),
    /// The call does not fit the chain's runtime.
    #[error("the chain's runtime has no such call as this version makes ({0}); update this software")]
    Runtime(String),
    /// A text in a call is longer than the chain takes.
    #[error("the {what} has {found} bytes, and the chain takes at most {limit}; shorten it")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its bytes.
        found: usize,
        /// Most that the chain takes.
        limit: u32,
    },
    /// A call was refused before it came into a block.
    #[error("the chain does not take the call: {0}")]
    Invalid(String),
    /// A call went in and failed.
    #[error("the chain refused the call ({error}): {advice}")]
    Refused {
        /// `Pallet::Error`.
        error: String,
        /// What to do.
        advice: String,
    },
    /// The call went missing.
    #[error("the call was dropped before it was final ({0}); look at the chain before you send it again")]
    Dropped(String),
    /// The light client cannot tell.
    #[error(transparent)]
    Light(#[from] Box<LiveError>),
    /// The node that only serves leaves to a light client.
    #[error("the node that serves leaves: {0}")]
    LeavesNode(Box<ChainError>),
    /// Anything else from the client library.
    #[error("the node's answer cannot be used: {0}")]
    Subxt(Box<subxt::Error>),
}

impl From<subxt::rpcs::Error> for ChainError {
    fn from(error: subxt::rpcs::Error) -> Self {
        match error {
            subxt::rpcs::Error::User(user) => {
                // The node's words, without the quotes and escapes of their JSON.
                let data = user.data.as_ref().map(|data| {
                    serde_json::from_str::<String>(data.get()).unwrap_or_else(|_| data.get().to_owned())
                });
                let text = match data {
                    Some(data) => format!("{} ({data})", user.message),
                    None => user.message,
                };
                if text.contains("State already discarded") || text.contains("UnknownBlock") {
                    Self::StateGone
                } else {
                    Self::Rpc(text)
                }
            }
            subxt::rpcs::Error::Client(_) | subxt::rpcs::Error::DisconnectedWillReconnect(_) => {
                Self::Disconnected
            }
            other => Self::Subxt(Box::new(other.into())),
        }
    }
}

impl From<LiveError> for ChainError {
    fn from(error: LiveError) -> Self {
        Self::Light(Box::new(error))
    }
}

impl From<BackendError> for ChainError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Rpc(RpcError::ClientError(error)) => error.into(),
            BackendError::Rpc(RpcError::SubscriptionDropped) => Self::Disconnected,
            other => Self::Rpc(other.to_string()),
        }
    }
}

impl ChainError {
    /// Whether the chain itself said no to a call, as opposed to not being reached or understood.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Invalid(_))
    }
}
