//! Three validators that find each other.

use anyhow::Result;

use crate::{Node, Setup};

/// The validators of the preset `local`. Two of them make blocks final; two of them carry a motion.
pub struct Network {
    /// Alice's, Bob's and Charlie's.
    pub nodes: [Node; 3],
}

impl Network {
    /// Starts all three, and waits until blocks become final.
    pub async fn start() -> Result<Self> {
        let first = Node::start_as(Setup::validator("local", "alice"))?;
        let address = first.address()?;
        let second = Node::start_as(Setup::validator("local", "bob").peer(&address))?;
        let third = Node::start_as(Setup::validator("local", "charlie").peer(&address))?;
        first.wait_for_final(1).await?;
        Ok(Self {
            nodes: [first, second, third],
        })
    }
}
