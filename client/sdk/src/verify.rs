//! Deciding off chain whether a presentation answers what was asked.
//!
//! The verifier compares everything that the wallet says with what it asked itself, recomputes every public input
//! but nullifier and issuer tags, and has the chain say whether the anchor is real and recent, and the circuit not
//! disabled. Only then is the proof looked at, and last the nullifier, so that a bad proof uses nothing up. [`Verified`]
//! exists only after all of that.
//!
//! Who speaks for the chain is the verifier's choice: a node that it believes ([`Verifier::verify`]), a light client of its
//! own ([`Verifier::verify_live`]), or, without network, a bundle that the wallet brings ([`Verifier::verify_bundle`]).

mod anchor;
pub mod store;

pub use ofage_light::{
    check_claims, gate_until, live::Live, Bundle, Checkpoint, Expected, Freshness, GateTerms, LightVerifier,
    Moment, Oldest, Refusal,
};
pub use store::{NullifierStore, StoreError};

use ofage_light::{live::LiveError, AnchorClaim, Proven, RootError};
use ofage_primitives::{
    Anchor, Binding, Context, Day, IssuerTag, JointInputs, Nullifier, Policy, Presentation,
};
use ofage_verifier::Verifier as ProofVerifier;

use crate::{
    chain::{Chain, ChainError},
    light::{newest, LightError},
};

/// Age of a light client's newest block, in seconds, up to which an anchor that is ahead of it is the presentation's fault:
/// what is waited for, and a minute.
const AHEAD: u64 = 180;

/// A presentation that was verified. Only [`Verifier`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    presentation: Presentation,
    finalized: u32,
    hash: [u8; 32],
    state_time: Option<u64>,
}

impl Verified {
    /// The holder's pseudonym in the context.
    pub fn nullifier(&self) -> Nullifier {
        self.presentation.nullifier
    }

    /// The tags of the issuers, as many as the policy asks for; those of two issuers differ.
    pub fn issuer_tags(&self) -> &[IssuerTag] {
        &self.presentation.issuer_tags
    }

    /// What was proved.
    pub fn policy(&self) -> &Policy {
        &self.presentation.policy
    }

    /// Where it counts.
    pub fn context(&self) -> &Context {
        &self.presentation.context
    }

    /// Whom it is for.
    pub fn binding(&self) -> &Binding {
        &self.presentation.binding
    }

    /// What it was proved against.
    pub fn anchor(&self) -> Anchor {
        self.presentation.anchor
    }

    /// The final block whose state spoke for it: the newest that the verifier knew, or the bundle's.
    pub fn finalized(&self) -> u32 {
        self.finalized
    }

    /// Hash of that block.
    pub fn finalized_hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Unix seconds of that block's slot; `None` when a node was believed, which says what it likes.
    pub fn state_time(&self) -> Option<u64> {
        self.state_time
    }
}

/// Not verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The answer is no.
    #[error(transparent)]
    No(#[from] Refusal),
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The light client cannot tell: it lags behind, or has lost the network.
    #[error(transparent)]
    Light(LightError),
    /// The nullifiers could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LightError> for VerifyError {
    fn from(error: LightError) -> Self {
        match error {
            LightError::Chain(error) => Self::Chain(error),
            other => Self::Light(other),
        }
    }
}

impl From<LiveError> for VerifyError {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::NotFinal { .. } => Refusal::AnchorNotFinal.into(),
            // A proof that does not prove is the network's fault, not the presentation's.
            LiveError::Root(error) if !matches!(error, RootError::Proof(_)) => Refusal::from(error).into(),
            other => Self::Chain(other.into()),
        }
    }
}

/// Verifies presentations.
pub struct Verifier {
    proofs: ProofVerifier,
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

impl Verifier {
    /// Builds the verifying key; it takes some tens of milliseconds, so keep it.
    pub fn new() -> Self {
        Self {
            proofs: ProofVerifier::new(),
        }
    }

    /// Decides on a presentation, and believes a node about the chain.
    ///
    /// # Errors
    /// [`VerifyError::No`] with the reason; others mean that no decision was made.
    pub async fn verify(
        &self,
        chain: &Chain,
        presentation: &Presentation,
        expected: &Expected,
        store: &mut dyn NullifierStore,
    ) -> Result<Verified, VerifyError> {
        chain.expect_genesis(expected.genesis())?;
        let finalized = chain.finalized().await?;
        let now = crate::clock::now();
        let today = Day::from_unix_seconds(now).map_err(|_| Refusal::Day)?;
        let inputs = check_claims(
            presentation,
            expected,
            Moment {
                now,
                today,
                finalized: finalized.number,
            },
        )?;
        anchor::check(&anchor::Node { chain, finalized }, presentation).await?;
        self.check_proof(presentation, &inputs)?;
        claim(presentation, expected, store)?;
        Ok(Verified {
            presentation: presentation.clone(),
            finalized: finalized.number,
            hash: finalized.hash.0,
            state_time: None,
        })
    }

    /// Decides on a bundle, without network.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), but nobody is asked.
    pub fn verify_bundle(
        &self,
        light: &mut LightVerifier,
        bundle: &Bundle,
        expected: &Expected,
        store: &mut dyn NullifierStore,
    ) -> Result<Verified, VerifyError> {
        let proven = light.verify(bundle, expected, crate::clock::now())?;
        Verified::claiming(&proven, expected, store)
    }

    /// Decides on a presentation by what a light client proves.
    ///
    /// # Errors
    /// As [`verify`](Self::verify); [`VerifyError::Chain`] and [`VerifyError::Light`] when the light client cannot tell.
    pub async fn verify_live(
        &self,
        live: &Live,
        freshness: &Freshness,
        presentation: &Presentation,
        expected: &Expected,
        store: &mut dyn NullifierStore,
    ) -> Result<Verified, VerifyError> {
        if live.genesis() != expected.genesis() {
            return Err(Refusal::OtherChain.into());
        }
        newest(live, freshness.state).await?;
        let root = match live.anchor(AnchorClaim::of(presentation)).await {
            // Whose fault it is that the anchor is ahead, only a client that is not behind can tell.
            Err(LiveError::NotFinal { .. }) => {
                newest(live, AHEAD).await?;
                return Err(Refusal::AnchorNotFinal.into());
            }
            root => root?,
        };
        let now = crate::clock::now();
        let proven = root
            .verify(&self.proofs, presentation, expected, freshness, now)
            .map_err(|refusal| match refusal {
                // The wallet cannot help it.
                Refusal::Stale { age, limit } => VerifyError::Light(LightError::Lagging { age, limit }),
                other => other.into(),
            })?;
        Verified::claiming(&proven, expected, store)
    }

    fn check_proof(&self, presentation: &Presentation, inputs: &JointInputs) -> Result<(), Refusal> {
        self.proofs
            .verify_joint(presentation.circuit, inputs, &presentation.proof)
            .map_err(Refusal::Proof)
    }
}

/// Last of all, has the holder's pseudonym stand for this account.
fn claim(
    presentation: &Presentation,
    expected: &Expected,
    store: &mut dyn NullifierStore,
) -> Result<(), VerifyError> {
    let scope = presentation.context.scope(&expected.genesis());
    if store.claim(&scope, &presentation.nullifier, &presentation.binding)? {
        Ok(())
    } else {
        Err(Refusal::NullifierUsed.into())
    }
}

impl Verified {
    fn claiming(
        proven: &Proven,
        expected: &Expected,
        store: &mut dyn NullifierStore,
    ) -> Result<Self, VerifyError> {
        claim(proven.presentation(), expected, store)?;
        let header = proven.root().header();
        Ok(Self {
            presentation: proven.presentation().clone(),
            finalized: header.number(),
            hash: header.hash(),
            state_time: Some(header.unix_seconds()),
        })
    }
}

#[cfg(test)]
mod tests;
