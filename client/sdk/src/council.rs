//! How the council acts as root: two motions for each call.
//!
//! The first puts the hash of the call on the whitelist, the second has the call itself dispatched; each takes two
//! thirds of the members. Both are opened at once, so that members see what they vote for: the second motion holds the
//! call in full, and the first its hash. Members vote from their own machines, and anybody closes a motion that is
//! decided, the first before the second. A council of one member needs no votes: proposing executes.
//!
//! What a node says a motion holds is hashed again, and compared with the hash that the vote names. So a vote is for
//! exactly the bytes that the node gave. What those bytes *mean* is read with the metadata that the same node gives, and
//! nothing checks it: a node that lies can show a harmful call as a harmless one. So look at motions and vote through a
//! node of your own. A hash that was compared with one from another place, such as the proposer or a second node, says
//! that both looked at the same call.

mod decoded;
mod motion;

pub use decoded::Decoded;
pub use motion::{CallHash, Motion};

use codec::{Compact, Decode, DecodeAll};
use futures::future::try_join_all;
use ofage_primitives::{CircuitId, IssuerIndex};

use crate::{
    account::{Account, Signer},
    chain::{hash_256, BlockPoint, Call, Chain, ChainError, Landed},
};

/// Bytes of the hash with which the events of calls within calls begin.
const HASH: usize = 32;

/// The council did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CouncilError {
    /// The chain could not be asked, or refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The motion was carried, and what it did failed.
    #[error("the motion was carried, but its call failed: {0}")]
    Failed(ChainError),
    /// Only members propose and vote.
    #[error("{0} is not a member of the council (ofage council members)")]
    NotMember(Account),
    /// Not enough of the keys are members'.
    #[error("{needed} votes of members are needed, and there are {given}")]
    TooFewVotes {
        /// Two thirds of the members.
        needed: u32,
        /// Keys of members.
        given: u32,
    },
    /// A chain without validators stands still.
    #[error("no validator would be left; add another one first (ofage council propose add-validator)")]
    NoValidators,
    /// Somebody opened a motion for the same call that takes another number of votes.
    #[error("motion {index} is open for the same call, with {found} votes to carry it instead of {needed}; vote against it \
             (ofage council vote --motion {index} --against), close it once it is rejected or block {end} is reached \
             (ofage council close --motion {index}), and propose again")]
    OtherThreshold {
        /// The motion.
        index: u32,
        /// Votes that carry it.
        found: u32,
        /// Two thirds of the members.
        needed: u32,
        /// Block from which on it can be closed in any case.
        end: u32,
    },
    /// Nobody can say what the motion does.
    #[error("the call of motion {0} cannot be read with the chain's present runtime, so nobody can say what it does; \
             vote against it (ofage council vote --motion {0} --against)")]
    Unreadable(u32),
    /// No such motion.
    #[error("there is no open motion {0}; it may be closed already (ofage council status)")]
    NoMotion(u32),
    /// Dispatching waits for the whitelist.
    #[error("the call of motion {0} is not on the whitelist; close the motion that puts it there first (ofage council status)")]
    NotWhitelisted(u32),
    /// The motion was closed without effect.
    #[error("motion {0} was closed and not carried")]
    NotCarried(u32),
    /// The runtime was refused.
    #[error("the chain refused the runtime, and forgot its authorization: it must be of the same chain, and of a higher spec_version")]
    UpgradeRefused,
}

/// What the council can do as root.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RootCall {
    /// Suspends an issuer: it is in no trust list's root any more.
    Suspend(IssuerIndex),
    /// Ends that.
    Reinstate(IssuerIndex),
    /// Takes some of an issuer's deposit, in smallest units.
    Slash(IssuerIndex, u128),
    /// Replaces the set of validators.
    SetValidators(Vec<Account>),
    /// Replaces the council.
    SetMembers(Vec<Account>),
    /// Names the runtime, by its hash, that anybody can put in place then.
    AuthorizeUpgrade(CallHash),
    /// Has gates refuse all proofs of a circuit.
    DisableCircuit(CircuitId),
    /// Ends that.
    EnableCircuit(CircuitId),
}

impl RootCall {
    /// The authorization of this runtime.
    pub fn authorize_upgrade(code: &[u8]) -> Self {
        Self::AuthorizeUpgrade(CallHash(hash_256(code)))
    }

    /// Whether it is worth proposing.
    fn check(&self) -> Result<(), CouncilError> {
        match self {
            Self::SetValidators(validators) if validators.is_empty() => Err(CouncilError::NoValidators),
            _ => Ok(()),
        }
    }

    /// The call, for a council of that many members.
    fn call(&self, members: u32) -> Call {
        match self {
            Self::Suspend(issuer) => Call::suspend(*issuer),
            Self::Reinstate(issuer) => Call::reinstate(*issuer),
            Self::Slash(issuer, amount) => Call::slash(*issuer, *amount),
            Self::SetValidators(validators) => Call::set_validators(validators),
            Self::SetMembers(accounts) => Call::set_members(accounts, members),
            Self::AuthorizeUpgrade(code) => Call::authorize_upgrade(code.0),
            Self::DisableCircuit(circuit) => Call::disable_circuit(*circuit),
            Self::EnableCircuit(circuit) => Call::enable_circuit(*circuit),
        }
    }
}

/// A motion that was opened, or was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its number.
    pub index: u32,
    /// The hash of its own call.
    pub hash: CallHash,
}

/// What came of a proposal.
pub struct Proposed {
    /// The hash of the call that is to be root's.
    pub call: CallHash,
    /// Votes that each motion needs.
    pub threshold: u32,
    /// The motion that puts the call on the whitelist; none when it is there, or it was done at once.
    pub whitelist: Option<Opened>,
    /// The motion that dispatches it; none when that was done at once.
    pub dispatch: Option<Opened>,
    /// The block of the last call; none when both motions were open already.
    pub landed: Option<Landed>,
}

/// What came of closing a motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Carried: the call is on the whitelist.
    Whitelisted,
    /// Carried: the call was dispatched as root, and succeeded.
    Dispatched,
    /// Carried: it did something else.
    Executed,
    /// Closed without effect.
    NotCarried,
}

/// The council, as a node sees it.
pub struct Council<'a> {
    chain: &'a Chain,
}

/// Votes that carry a motion of the council: two thirds of the members.
pub const fn threshold(members: u32) -> u32 {
    (2 * members).div_ceil(3)
}

impl<'a> Council<'a> {
    /// The council of a chain.
    pub fn new(chain: &'a Chain) -> Self {
        Self { chain }
    }

    /// The members, at the newest final block.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn members(&self) -> Result<Vec<Account>, CouncilError> {
        Ok(motion::members(self.chain, self.chain.finalized().await?).await?)
    }

    /// The chosen validators, at the newest final block.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn validators(&self) -> Result<Vec<Account>, CouncilError> {
        Ok(motion::validators(self.chain, self.chain.finalized().await?).await?)
    }

    /// The open motions in the order of their numbers, at the newest final block.
    ///
    /// # Errors
    /// Those of the node, also when it shows other calls than the motions are for. A motion whose call cannot be read is
    /// one of them nonetheless.
    pub async fn motions(&self) -> Result<Vec<Motion>, CouncilError> {
        Ok(motion::motions(self.chain, self.chain.finalized().await?).await?)
    }

    /// An open motion.
    ///
    /// # Errors
    /// [`CouncilError::NoMotion`], and those of [`motions`](Self::motions).
    pub async fn motion(&self, index: u32) -> Result<Motion, CouncilError> {
        let motions = self.motions().await?;
        let found = motions.into_iter().find(|motion| motion.index == index);
        found.ok_or(CouncilError::NoMotion(index))
    }

    /// Opens the two motions for a call, as far as they are not open. In a council of one member, this does it.
    ///
    /// # Errors
    /// [`CouncilError::NotMember`], [`CouncilError::NoValidators`] or [`CouncilError::OtherThreshold`] before anything is
    /// sent, and others.
    pub async fn propose(&self, signer: &Signer, call: &RootCall) -> Result<Proposed, CouncilError> {
        call.check()?;
        let at = self.chain.finalized().await?;
        let members = motion::members(self.chain, at).await?;
        if !members.contains(&signer.account()) {
            return Err(CouncilError::NotMember(signer.account()));
        }
        // A council has few members.
        let count = members.len() as u32;
        let threshold = threshold(count);
        let encoded = self.chain.encode(at, &call.call(count)).await?;
        let hash = CallHash(hash_256(&encoded));
        let motions = motion::motions(self.chain, at).await?;
        let whitelisted = motion::is_whitelisted(self.chain, at, hash).await?;
        let mut wanted = Vec::new();
        if !whitelisted {
            wanted.push(Call::whitelist_call(hash.0));
        }
        wanted.push(Call::dispatch_whitelisted(&encoded));

        let mut opened = Vec::new();
        let mut missing = Vec::new();
        for motion in &wanted {
            let encoded = self.chain.encode(at, motion).await?;
            let hash = CallHash(hash_256(&encoded));
            let open = open_already(&motions, hash, threshold)?;
            if open.is_none() {
                missing.push((opened.len(), hash, Call::propose(threshold, &encoded)));
            }
            opened.push(open);
        }
        let mut nonce = self.chain.next_nonce(signer.account()).await?;
        let mut sent = Vec::new();
        for (place, hash, call) in missing {
            sent.push((place, hash, self.chain.send(signer, &call, nonce).await?));
            nonce += 1;
        }
        let mut last = None;
        for (place, hash, sent) in sent {
            let landed = sent.landed().await?;
            if threshold < 2 {
                outcome(&landed)?;
            } else if let Some(opened) = opened.get_mut(place) {
                let index = number(&landed, "Proposed", "proposal_index")?;
                *opened = Some(Opened { index, hash });
            }
            last = Some(landed);
        }
        let dispatch = opened.pop().flatten();
        Ok(Proposed {
            call: hash,
            threshold,
            whitelist: opened.pop().flatten(),
            dispatch,
            landed: last,
        })
    }

    /// Votes on a motion; for it only when its call can be read.
    ///
    /// # Errors
    /// [`CouncilError::Unreadable`], and those of the node.
    pub async fn vote(
        &self,
        signer: &Signer,
        motion: &Motion,
        approve: bool,
    ) -> Result<Landed, CouncilError> {
        if approve && motion.decoded.is_none() {
            return Err(CouncilError::Unreadable(motion.index));
        }
        let call = Call::vote(motion.hash.0, motion.index, approve);
        Ok(self.chain.submit(signer, &call).await?)
    }

    /// Closes a motion that is decided, which executes it if it is carried. Anybody may.
    ///
    /// # Errors
    /// [`CouncilError::NotWhitelisted`] when the motion before it has to be closed first, [`CouncilError::Failed`] when
    /// it was carried and its call failed, and others.
    pub async fn close(&self, signer: &Signer, motion: &Motion) -> Result<(Landed, Outcome), CouncilError> {
        let at = self.chain.finalized().await?;
        if let Some(hash) = motion.dispatches() {
            let carried = motion.ayes.len() as u32 >= motion.threshold;
            if carried && !motion::is_whitelisted(self.chain, at, hash).await? {
                return Err(CouncilError::NotWhitelisted(motion.index));
            }
        }
        let call = self.closing(at, motion).await?;
        let landed = self.chain.submit(signer, &call).await?;
        let outcome = outcome(&landed)?;
        Ok((landed, outcome))
    }

    /// Does all of it: opens the motions for a call, has members vote for them, and closes them. Gives the block in which
    /// the call was dispatched as root.
    ///
    /// # Errors
    /// [`CouncilError::TooFewVotes`] before anything is sent, [`CouncilError::Failed`] when the call failed, and others.
    pub async fn carry(&self, signers: &[Signer], call: &RootCall) -> Result<Landed, CouncilError> {
        let members = self.members().await?;
        let mut voters: Vec<&Signer> = Vec::new();
        for signer in signers {
            let is_new = voters.iter().all(|voter| voter.account() != signer.account());
            if is_new && members.contains(&signer.account()) {
                voters.push(signer);
            }
        }
        let (needed, given) = (threshold(members.len() as u32), voters.len() as u32);
        voters.truncate(needed as usize);
        let first = match voters.first() {
            Some(first) if given >= needed => *first,
            _ => return Err(CouncilError::TooFewVotes { needed, given }),
        };
        let proposed = self.propose(first, call).await?;
        let Some(dispatch) = proposed.dispatch else {
            return proposed
                .landed
                .ok_or(CouncilError::Chain(ChainError::Inconsistent("a motion is gone")));
        };
        let mut open = Vec::new();
        for opened in proposed.whitelist.into_iter().chain([dispatch]) {
            let motion = self.motion(opened.index).await?;
            is_opened(&motion, opened)?;
            open.push(motion);
        }
        let votes = voters.iter().map(|voter| self.vote_for_all(voter, &open));
        try_join_all(votes).await?;
        // One after the other, by their numbers among the signer's calls.
        let at = self.chain.finalized().await?;
        let mut nonce = self.chain.next_nonce(first.account()).await?;
        let mut closing = Vec::new();
        for motion in &open {
            let call = self.closing(at, motion).await?;
            closing.push(self.chain.send(first, &call, nonce).await?);
            nonce += 1;
        }
        let mut last = None;
        for sent in closing {
            let landed = sent.landed().await?;
            last = Some((outcome(&landed)?, landed));
        }
        match last {
            Some((Outcome::Dispatched, landed)) => Ok(landed),
            _ => Err(CouncilError::NotCarried(dispatch.index)),
        }
    }

    /// Puts the runtime in place that the council authorized. Anybody may.
    ///
    /// # Errors
    /// [`CouncilError::UpgradeRefused`], and those of the node.
    pub async fn apply_upgrade(&self, signer: &Signer, code: &[u8]) -> Result<Landed, CouncilError> {
        let call = Call::apply_authorized_upgrade(code);
        let landed = self.chain.submit(signer, &call).await?;
        match landed.fields("System", "CodeUpdated") {
            Some(_) => Ok(landed),
            None => Err(CouncilError::UpgradeRefused),
        }
    }

    /// Votes for motions that the member has not voted for yet.
    async fn vote_for_all(&self, voter: &Signer, motions: &[Motion]) -> Result<(), CouncilError> {
        let mut nonce = self.chain.next_nonce(voter.account()).await?;
        let mut votes = Vec::new();
        for motion in motions {
            if motion.ayes.contains(&voter.account()) {
                continue;
            }
            let call = Call::vote(motion.hash.0, motion.index, true);
            votes.push(self.chain.send(voter, &call, nonce).await?);
            nonce += 1;
        }
        for vote in votes {
            vote.landed().await?;
        }
        Ok(())
    }

    async fn closing(&self, at: BlockPoint, motion: &Motion) -> Result<Call, CouncilError> {
        // A call that cannot be read can only be rejected, which costs none of its weight.
        let weight = match &motion.decoded {
            Some(_) => self.chain.weight(at, &motion.call).await?,
            None => (0, 0),
        };
        let length = u32::try_from(motion.call.len()).map_err(|_| ChainError::Answer("a motion's length"))?;
        Ok(Call::close(motion.hash.0, motion.index, weight, length))
    }
}

/// The open motion for a call, if there is one; it has to take the votes that root takes, no fewer and no more.
fn open_already(motions: &[Motion], hash: CallHash, needed: u32) -> Result<Option<Opened>, CouncilError> {
    match motions.iter().find(|open| open.hash == hash) {
        Some(open) if open.threshold != needed => Err(CouncilError::OtherThreshold {
            index: open.index,
            found: open.threshold,
            needed,
            end: open.end,
        }),
        open => Ok(open.map(Motion::opened)),
    }
}

/// Whether a node shows the motion that was opened under its number.
fn is_opened(motion: &Motion, opened: Opened) -> Result<(), ChainError> {
    if motion.opened() == opened {
        Ok(())
    } else {
        Err(ChainError::Inconsistent(
            "a motion is for another call than was proposed",
        ))
    }
}

fn number(landed: &Landed, event: &str, field: &str) -> Result<u32, ChainError> {
    u32::try_from(landed.number(event, field)?).map_err(|_| ChainError::Answer("the events of the call"))
}

/// What a call that executes a motion led to.
fn outcome(landed: &Landed) -> Result<Outcome, CouncilError> {
    let result = |pallet, event| {
        landed
            .fields(pallet, event)
            .map(|fields| fields.get(HASH..).unwrap_or_default().to_vec())
    };
    let Some(executed) = result("Council", "Executed") else {
        return Ok(Outcome::NotCarried);
    };
    if let Some(error) = failure(&executed, false)? {
        return Err(CouncilError::Failed(landed.refusal(error)?));
    }
    if let Some(dispatched) = result("Whitelist", "WhitelistedCallDispatched") {
        return match failure(&dispatched, true)? {
            Some(error) => Err(CouncilError::Failed(landed.refusal(error)?)),
            None => Ok(Outcome::Dispatched),
        };
    }
    Ok(match landed.fields("Whitelist", "CallWhitelisted") {
        Some(_) => Outcome::Whitelisted,
        None => Outcome::Executed,
    })
}

/// The encoded dispatch error in an encoded `Result`, if it is one. Some hold what the call cost before it.
fn failure(result: &[u8], with_cost: bool) -> Result<Option<&[u8]>, ChainError> {
    /// Weight, if it is not the expected one, and whether a fee is paid.
    type Cost = (Option<(Compact<u64>, Compact<u64>)>, u8);
    let wrong = || ChainError::Answer("the result of a motion");
    match result.split_first().ok_or_else(wrong)? {
        (0, _) => Ok(None),
        (1, mut error) => {
            if with_cost {
                Cost::decode(&mut error).map_err(|_| wrong())?;
            }
            Ok(Some(error))
        }
        _ => Err(wrong()),
    }
}

/// Decodes all of what a node gave.
fn read<T: DecodeAll>(bytes: &[u8], what: &'static str) -> Result<T, ChainError> {
    T::decode_all(&mut &bytes[..]).map_err(|_| ChainError::Answer(what))
}

#[cfg(test)]
mod tests;
