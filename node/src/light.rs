//! What light clients need to check an age proof without a node: header, finality, state.
//!
//! Nobody has to believe these answers. A justification is signed by validators, a proof leads to the state root in the
//! header, and whoever asks checks both (`ofage-light`). So the node checks only that an answer is of one block.
//!
//! | module | what |
//! |---|---|
//! | [`chain`] | what is asked of the node |
//! | [`client`] | what the SDK answers |
//! | [`answer`] | which block, which sets, how much of them |
//! | [`rpc`] | the methods `ofage_bundleParts`, `ofage_handoffs` and `ofage_authorities` |
//!
//! **Which block.** The newest whose justification the node knows: the newest final one, or nearly. So an anchor can be
//! proved soon after its block is final, and the state that says so is there even on a node that prunes.
//!
//! **Which set.** The one that signed. A block that hands over is signed by the set before, though its state names the
//! next. The blocks that handed over keep their justifications for ever; there is one for each set that ended.

pub(crate) mod answer;
pub(crate) mod chain;
pub(crate) mod client;
pub(crate) mod rpc;

#[cfg(test)]
mod tests;
