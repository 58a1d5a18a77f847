//! Deciding on a presentation.

use ofage_primitives::{Day, Presentation};
use ofage_verifier::Verifier as Proofs;

use crate::{
    check_claims, freshness::SLOT_SECONDS, AnchorClaim, Bundle, Checkpoint, CheckpointError, Expected,
    FinalityError, FinalizedHeader, FinalizedRoot, Follower, Freshness, Moment, Refusal, RootError,
};

/// A presentation that answers what was asked, and whose proof holds under a final root. Only this crate makes one.
///
/// Its nullifier is not looked at: whether the holder came before, only a verifier with a memory can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    presentation: Presentation,
    root: FinalizedRoot,
}

impl Proven {
    /// What was proved.
    pub fn presentation(&self) -> &Presentation {
        &self.presentation
    }

    /// Under what.
    pub fn root(&self) -> &FinalizedRoot {
        &self.root
    }
}

impl FinalizedRoot {
    /// Decides whether a presentation answers what was asked, with a proof that holds under this root.
    ///
    /// # Errors
    /// The first [`Refusal`]: claims, age, proof.
    pub fn verify(
        &self,
        proofs: &Proofs,
        presentation: &Presentation,
        expected: &Expected,
        freshness: &Freshness,
        now: u64,
    ) -> Result<Proven, Refusal> {
        if *self.claim() != AnchorClaim::of(presentation) {
            return Err(Refusal::AnchorMismatch);
        }
        freshness.check(self, now)?;
        let moment = Moment {
            now,
            today: Day::from_unix_seconds(now).map_err(|_| Refusal::Day)?,
            // The proved state may be some time old, and the policy bounds the anchor's age now.
            finalized: newest_possible(self.header(), now),
        };
        let inputs = check_claims(presentation, expected, moment)?;
        proofs
            .verify_joint(presentation.circuit, &inputs, &presentation.proof)
            .map_err(Refusal::Proof)?;
        Ok(Proven {
            presentation: presentation.clone(),
            root: self.clone(),
        })
    }
}

/// The highest number that a block can have at Unix second `now`: one more for each slot since a header was made.
fn newest_possible(header: &FinalizedHeader, now: u64) -> u32 {
    let slots = now.saturating_sub(header.unix_seconds()) / SLOT_SECONDS;
    header
        .number()
        .saturating_add(u32::try_from(slots).unwrap_or(u32::MAX))
}

impl From<RootError> for Refusal {
    fn from(error: RootError) -> Self {
        match error {
            RootError::Proof(error) => Self::State(error),
            RootError::Layout => Self::Layout,
            RootError::Future => Self::AnchorNotFinal,
            RootError::RegistryRoot | RootError::TrustListRoot => Self::AnchorEnded,
            RootError::CircuitDisabled => Self::CircuitDisabled,
        }
    }
}

/// What a bundle says about the chain.
struct Followed {
    root: FinalizedRoot,
    /// At the set that signed the header.
    signers: Follower,
    /// After the header, which may hand over itself.
    after: Follower,
}

/// Decides on bundles, without network.
///
/// It follows the authorities over the handoffs that bundles bring, and never back: keep [`checkpoint`](Self::checkpoint)
/// for the next start.
pub struct LightVerifier {
    checkpoint: Checkpoint,
    /// The set that handed over at the checkpoint's block, if one did there: others may bring that block, or one before
    /// it, too.
    before: Option<Follower>,
    proofs: Proofs,
    freshness: Freshness,
    /// Oldest checkpoint to go on from, in seconds.
    max_age: u64,
}

impl LightVerifier {
    /// Starts from a checkpoint that is at most `max_age` seconds old at Unix second `now`.
    ///
    /// # Errors
    /// [`CheckpointError::TooOld`] and [`CheckpointError::Future`].
    pub fn new(
        checkpoint: Checkpoint,
        freshness: Freshness,
        now: u64,
        max_age: u64,
    ) -> Result<Self, CheckpointError> {
        checkpoint.check_age(now, max_age)?;
        Ok(Self {
            checkpoint,
            before: None,
            proofs: Proofs::new(),
            freshness,
            max_age,
        })
    }

    /// The newest block that was seen to be final, and who makes the blocks after it final.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Decides on a bundle at Unix second `now`.
    ///
    /// The authorities that it leads to are kept also when the presentation is refused: they do not depend on it.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn verify(&mut self, bundle: &Bundle, expected: &Expected, now: u64) -> Result<Proven, Refusal> {
        if expected.genesis() != self.checkpoint.genesis() {
            return Err(Refusal::OtherChain);
        }
        // Also of one that was new when this began, and saw no bundle since.
        self.checkpoint.check_age(now, self.max_age)?;
        let Followed { root, signers, after } = self.follow(bundle)?;
        // Made in the future, it would make the checkpoint one that nobody takes.
        self.freshness.check(&root, now)?;
        if root.header().number() > self.checkpoint.number() {
            self.checkpoint = self.checkpoint.at(&after, root.header());
            self.before = (signers != after).then_some(signers);
        }
        root.verify(&self.proofs, &bundle.presentation, expected, &self.freshness, now)
    }

    /// Checks what a bundle says about the chain; of its presentation, only what anchor it claims.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn root(&self, bundle: &Bundle) -> Result<FinalizedRoot, Refusal> {
        Ok(self.follow(bundle)?.root)
    }

    fn follow(&self, bundle: &Bundle) -> Result<Followed, Refusal> {
        if bundle.genesis != self.checkpoint.genesis() {
            return Err(Refusal::OtherChain);
        }
        let newest = self.checkpoint.follower();
        let signers = self.signers(&newest, bundle)?;
        let (header, after) = signers
            .settled(&bundle.header, &bundle.justification)
            .map_err(Refusal::NotFinal)?;
        if header.number() == self.checkpoint.number() && header.hash() != self.checkpoint.hash() {
            return Err(Refusal::NotFinal(FinalityError::Contradiction(header.number())));
        }
        // A set that handed over has no say about the blocks after that, nor about any that was made since.
        let is_later =
            header.number() > newest.since() || Some(header.unix_seconds()) > self.checkpoint.time();
        if signers.set().id() < newest.set().id() && is_later {
            return Err(Refusal::NotFinal(FinalityError::Signature));
        }
        let root = header.prove(AnchorClaim::of(&bundle.presentation), &bundle.proof)?;
        Ok(Followed { root, signers, after })
    }

    /// Who has to have signed the bundle's header: the newest set, after those of the handoffs that it does not know, or
    /// the one before when the bundle ends there.
    fn signers(&self, newest: &Follower, bundle: &Bundle) -> Result<Follower, Refusal> {
        let have = newest.set().id();
        let missing = Refusal::Handoffs {
            have,
            first: bundle.first_set,
        };
        let known = have.checked_sub(bundle.first_set).ok_or(missing.clone())?;
        let known = usize::try_from(known).map_err(|_| missing.clone())?;
        match &self.before {
            Some(before) if known == bundle.handoffs.len() + 1 => return Ok(before.clone()),
            _ => {}
        }
        let mut signers = newest.clone();
        for handoff in bundle.handoffs.get(known..).ok_or(missing)? {
            self.checkpoint
                .advance(&mut signers, handoff)
                .map_err(Refusal::NotFinal)?;
        }
        Ok(signers)
    }
}
