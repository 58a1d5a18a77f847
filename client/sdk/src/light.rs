//! Gathering what proves the chain to whoever trusts no node: handoffs, headers, proofs of the state.
//!
//! It comes from a node, which need not be believed: all of it is checked as a verifier will check it, before it is handed
//! on. A node that answers late, in part or with an old block gets an error, never a bundle that others refuse.

mod rpc;

pub use ofage_light::{
    live::{genesis_checkpoint, Live, LiveError, LiveOptions, MAX_DATABASE, MAX_SPEC},
    AnchorClaim, Bundle, BundleError, Checkpoint, CheckpointError, FinalityError, FinalizedGate,
    FinalizedHeader, FinalizedRoot, Freshness, LightVerifier, Oldest, RootError, MAX_BUNDLE,
    MAX_CHECKPOINT_AGE, MAX_STATE_AGE,
};

use std::{future::Future, time::Duration};

use codec::Encode;
use ofage_light::{claimed_time, Follower, Handoff, Refusal, MAX_HANDOFFS};
use ofage_primitives::{chain::SLOT_MILLIS, GenesisHash, Presentation};

use crate::{
    chain::{hash_256, Chain, ChainError},
    clock,
};
pub(crate) use rpc::{Authorities, BundleParts, Handoffs};

/// Longest wait for one answer of a node.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait for all that a bundle or a checkpoint needs: a node that answers each request late must not hold its
/// caller for hours.
const ALTOGETHER: Duration = Duration::from_secs(300);
/// Age of a final block, in seconds, that is as young as they come: five slots.
const YOUNG: u64 = 30;
/// Oldest final state that a light client may answer from unless told otherwise, in seconds. It follows the chain, so it
/// is not more than some blocks behind unless it is cut off.
pub const MAX_LIVE_AGE: u64 = 300;
/// How often a node is asked for what it cannot prove final yet, a slot apart: two minutes.
const TRIES: u32 = 20;
/// Handoffs that one request asks for; nodes give no more.
const HANDOFFS_AT_ONCE: u32 = 64;
/// Most handoffs that a checkpoint is led over: four thousand changes of the authorities.
const MAX_ADVANCE: usize = 4_096;

/// A node's account of what is final cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LightError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// No answer in time.
    #[error("the node did not answer for {0} seconds; try again, or name another with --node")]
    Late(u64),
    /// The node cannot prove what was asked.
    #[error("the node cannot prove it: {0}")]
    Unable(String),
    /// The node cannot prove yet that the anchor's block is final, though it was asked again and again.
    #[error("the node cannot prove it yet: {0}")]
    NotYet(String),
    /// The node's handoffs do not follow from the checkpoint.
    #[error("the node's handoffs do not follow from the checkpoint ({0}); name another node with --node, or another checkpoint")]
    Handoff(FinalityError),
    /// The node gives fewer handoffs than it says there are, or never comes to an end.
    #[error("the node does not give the handoffs that it says it has; name another with --node")]
    Stuck,
    /// The checkpoint is too far behind.
    #[error("the checkpoint is more than {0} changes of authorities behind; make a newer one first: ofage checkpoint create --from")]
    FarBehind(usize),
    /// The checkpoint is ahead of the node.
    #[error(
        "the checkpoint knows later authorities than the node; the node is behind, or follows another chain"
    )]
    NodeBehind,
    /// The newest final block that the light client knows is old.
    #[error("the newest final block that the light client knows is {age} seconds old, and at most {limit} are taken; check the network, and this machine's clock")]
    Lagging {
        /// The block's age, in seconds.
        age: u64,
        /// The oldest that is taken, in seconds.
        limit: u64,
    },
    /// It lies in the future.
    #[error("the newest final block lies in the future; set this machine's clock")]
    Future,
    /// The chain's block has another time.
    #[error("block {0} of the node's chain was made at another time than the checkpoint says")]
    OtherTime(u32),
    /// The chain has another block there.
    #[error("block {0} of the node's chain is another one than the checkpoint's")]
    OtherBlock(u32),
    /// What the node gave would be refused.
    #[error("the node's answer would be refused by verifiers ({0}); try again, or name another with --node")]
    Refused(Refusal),
    /// The checkpoint is not usable.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Whoever gives the parts; nothing of them is believed.
pub(crate) trait Parts: Sync {
    /// Names the chain that it claims to follow.
    fn genesis(&self) -> GenesisHash;

    /// What proves an anchor, at the newest block that can be proved final.
    fn bundle_parts(
        &self,
        claim: AnchorClaim,
    ) -> impl Future<Output = Result<BundleParts, LightError>> + Send;

    /// The last blocks of the sets from a number on, and the number of the present set.
    fn handoffs(&self, first: u64, limit: u32) -> impl Future<Output = Result<Handoffs, LightError>> + Send;

    /// Who made the newest block final that can be proved so.
    fn authorities(&self) -> impl Future<Output = Result<Authorities, LightError>> + Send;
}

/// Makes a bundle for whoever holds `checkpoint`. Waits, for two minutes at most, until the node can prove the anchor's
/// block final.
///
/// # Errors
/// [`LightError`]; what is returned, a verifier takes that asks for nothing stricter than [`Freshness::default`].
pub async fn fetch_bundle(
    chain: &Chain,
    presentation: &Presentation,
    checkpoint: &Checkpoint,
) -> Result<Bundle, LightError> {
    let mut tries = 1;
    loop {
        match within(ALTOGETHER, bundle(chain, presentation, checkpoint, clock::now())).await {
            Err(LightError::NotYet(_) | LightError::NodeBehind) if tries < TRIES => tries += 1,
            other => return other,
        }
        tokio::time::sleep(Duration::from_millis(SLOT_MILLIS)).await;
    }
}

/// A newer checkpoint that follows from an older one: at the newest block that the node can prove final.
///
/// # Errors
/// [`LightError`].
pub async fn advance_checkpoint(chain: &Chain, checkpoint: &Checkpoint) -> Result<Checkpoint, LightError> {
    within(ALTOGETHER, advance(chain, checkpoint)).await
}

/// Checks that the node's chain has the checkpoint's block and goes on from its authorities; gives the newest checkpoint
/// on it. Shows that a checkpoint is the chain's own, to whoever believes the node about what the chain is.
///
/// Only a later block shows whose signatures count, so it waits for one, for two minutes at most.
///
/// # Errors
/// [`LightError`]; [`LightError::OtherBlock`], [`LightError::OtherTime`], [`LightError::Handoff`] and
/// [`LightError::Refused`] if it is not the chain's.
pub async fn check_checkpoint(chain: &Chain, checkpoint: &Checkpoint) -> Result<Checkpoint, LightError> {
    let newer = newer(chain, checkpoint, Duration::from_millis(SLOT_MILLIS)).await?;
    let number = checkpoint.number();
    let hash = chain.hash_of(number).await?;
    if hash.0 != checkpoint.hash() {
        return Err(LightError::OtherBlock(number));
    }
    if number > 0 {
        // Its hash covers the slot: who makes an old checkpoint look young is found out.
        let header = chain.header(hash).await?.encode();
        same_time(checkpoint, &header)?;
    }
    Ok(newer)
}

/// Checks that the header is the checkpoint's, and was made when it says.
fn same_time(checkpoint: &Checkpoint, header: &[u8]) -> Result<(), LightError> {
    let number = checkpoint.number();
    let (hash, time) = claimed_time(header).map_err(|_| LightError::OtherBlock(number))?;
    if hash != checkpoint.hash() {
        Err(LightError::OtherBlock(number))
    } else if Some(time) != checkpoint.time() {
        Err(LightError::OtherTime(number))
    } else {
        Ok(())
    }
}

/// The newest final block that a light client knows. One that has just started may know an old one first, so it waits some
/// time for one of the last half minute. Later answers are of its state or a newer one's.
///
/// # Errors
/// [`LightError::Lagging`] and [`LightError::Future`] when it is older than `limit` seconds, or lies ahead.
pub async fn newest(live: &Live, limit: u64) -> Result<FinalizedHeader, LightError> {
    let age = |head: &FinalizedHeader, state| {
        let freshness = Freshness { state, anchor: None };
        freshness.check_header(head, clock::now())
    };
    let is_young = |head: &FinalizedHeader| age(head, YOUNG).is_ok();
    let head = live.newest(is_young).await.map_err(ChainError::from)?;
    match age(&head, limit) {
        Ok(_) => Ok(head),
        Err(Refusal::Stale { age, limit }) => Err(LightError::Lagging { age, limit }),
        Err(_) => Err(LightError::Future),
    }
}

/// A checkpoint at a later block, once there is one.
async fn newer(
    node: &impl Parts,
    checkpoint: &Checkpoint,
    pause: Duration,
) -> Result<Checkpoint, LightError> {
    for _ in 0..TRIES {
        match within(ALTOGETHER, advance(node, checkpoint)).await {
            Ok(newest) if newest.number() > checkpoint.number() => return Ok(newest),
            Ok(_) | Err(LightError::NotYet(_)) => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(pause).await;
    }
    Err(LightError::NotYet(
        "no block after the checkpoint's is final".to_owned(),
    ))
}

pub(crate) async fn bundle(
    node: &impl Parts,
    presentation: &Presentation,
    checkpoint: &Checkpoint,
    now: u64,
) -> Result<Bundle, LightError> {
    same_chain(node, checkpoint)?;
    let parts = patient(node.bundle_parts(AnchorClaim::of(presentation))).await?;
    let first_set = checkpoint.set().id();
    let behind = parts.set.checked_sub(first_set).ok_or(LightError::NodeBehind)?;
    if behind > MAX_HANDOFFS as u64 {
        return Err(LightError::FarBehind(MAX_HANDOFFS));
    }
    let mut path = Path::new(checkpoint);
    path.reach(node, parts.set).await?;
    let bundle = Bundle {
        genesis: checkpoint.genesis(),
        first_set,
        handoffs: path.handoffs,
        header: parts.header,
        justification: parts.justification,
        proof: parts.proof,
        presentation: presentation.clone(),
    };
    // Through the bytes, as whoever receives it.
    let bundle = Bundle::from_bytes(&bundle.to_bytes()).map_err(|error| LightError::Refused(error.into()))?;
    let verifier = LightVerifier::new(checkpoint.clone(), Freshness::default(), now, u64::MAX)?;
    let root = verifier.root(&bundle).map_err(LightError::Refused)?;
    Freshness::default()
        .check(&root, now)
        .map_err(LightError::Refused)?;
    Ok(bundle)
}

pub(crate) async fn advance(node: &impl Parts, checkpoint: &Checkpoint) -> Result<Checkpoint, LightError> {
    same_chain(node, checkpoint)?;
    let head = patient(node.authorities()).await?;
    // Without this, a block that handed over would seem to be an older set's than its checkpoint.
    if hash_256(&head.header) == checkpoint.hash() {
        return Ok(checkpoint.clone());
    }
    let mut path = Path::new(checkpoint);
    path.reach(node, head.set).await?;
    let (header, justification) = (&head.header[..], &head.justification[..]);
    match path.follower.finalized(header, justification) {
        Ok(_) => {}
        // Nothing newer than the last handoff, or than the checkpoint itself.
        Err(FinalityError::Backwards(_)) => {
            return checkpoint
                .advanced(&path.handoffs, None)
                .map_err(LightError::Handoff)
        }
        Err(error) => return Err(LightError::Refused(Refusal::NotFinal(error))),
    }
    checkpoint
        .advanced(&path.handoffs, Some((header, justification)))
        .map_err(LightError::Handoff)
}

fn same_chain(node: &impl Parts, checkpoint: &Checkpoint) -> Result<(), LightError> {
    let (expected, found) = (checkpoint.genesis(), node.genesis());
    if expected == found {
        Ok(())
    } else {
        Err(ChainError::OtherChain { expected, found }.into())
    }
}

/// Handoffs from a checkpoint on, each checked as it comes.
struct Path {
    follower: Follower,
    handoffs: Vec<Handoff>,
}

impl Path {
    fn new(checkpoint: &Checkpoint) -> Self {
        Self {
            follower: checkpoint.follower(),
            handoffs: Vec::new(),
        }
    }

    /// Goes on to a set, page by page.
    async fn reach(&mut self, node: &impl Parts, set: u64) -> Result<(), LightError> {
        if set < self.follower.set().id() {
            return Err(LightError::NodeBehind);
        }
        while self.follower.set().id() < set {
            let first = self.follower.set().id();
            let missing = u32::try_from(set - first).unwrap_or(u32::MAX);
            let page = patient(node.handoffs(first, missing.min(HANDOFFS_AT_ONCE))).await?;
            if page.first != first
                || page.handoffs.is_empty()
                || page.handoffs.len() > HANDOFFS_AT_ONCE as usize
            {
                return Err(LightError::Stuck);
            }
            for handoff in page.handoffs {
                if self.handoffs.len() == MAX_ADVANCE {
                    return Err(LightError::FarBehind(MAX_ADVANCE));
                }
                self.follower.advance(&handoff).map_err(LightError::Handoff)?;
                self.handoffs.push(handoff);
                if self.follower.set().id() == set {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

async fn patient<T>(answer: impl Future<Output = Result<T, LightError>>) -> Result<T, LightError> {
    within(PATIENCE, answer).await
}

async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, LightError>>,
) -> Result<T, LightError> {
    tokio::time::timeout(patience, answer)
        .await
        .unwrap_or(Err(LightError::Late(patience.as_secs())))
}

#[cfg(test)]
mod tests;
