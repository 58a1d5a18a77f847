//! Deciding off chain whether a presentation answers what was asked.
//!
//! The verifier compares everything that the wallet says with what it asked itself, recomputes every public input
//! but nullifier and issuer tags, and asks a node whether the anchor is real and recent, and the circuit not disabled. Only then is the proof looked
//! at, and last the nullifier, so that a bad proof uses nothing up. [`Verified`] exists only after all of that.

mod anchor;
mod refusal;
pub mod store;

pub use refusal::Refusal;
pub use store::{NullifierStore, StoreError};

use ofage_primitives::{
    chain::GateInfo, Anchor, Binding, Context, Day, DesignatedVerifier, GenesisHash, IssuerTag, JointInputs,
    Nullifier, Policy, Presentation,
};
use ofage_verifier::Verifier as ProofVerifier;

use crate::{
    account::Account,
    chain::{Chain, ChainError},
    request::Challenge,
};

/// Last day of an admission that is given on `day`: the day for which "below N" is computed.
pub fn gate_until(day: Day, admission_days: u16) -> Option<Day> {
    day.checked_add(u32::from(admission_days))
}

/// What a verifier asked, and now compares with.
#[derive(Clone, Debug)]
pub struct Expected {
    genesis: GenesisHash,
    context: Context,
    policy: Policy,
    binding: Binding,
    nonce: [u8; 32],
    expiry: Expiry,
    admission_days: u16,
}

#[derive(Clone, Copy, Debug)]
enum Expiry {
    /// Exactly this moment, which must not have passed.
    Seconds(u64),
    /// A block that is not final yet.
    Block,
}

impl Expected {
    /// The answer to a challenge.
    pub fn challenge(challenge: &Challenge) -> Self {
        Self {
            genesis: challenge.genesis,
            context: challenge.context(),
            policy: challenge.policy.clone(),
            binding: challenge.binding.clone(),
            nonce: challenge.nonce,
            expiry: Expiry::Seconds(challenge.expires_at),
            admission_days: 0,
        }
    }

    /// What a gate would ask of an account.
    pub fn gate(genesis: GenesisHash, gate: &GateInfo, account: Account) -> Self {
        Self {
            genesis,
            context: Context::Gate(gate.id),
            policy: gate.policy.clone(),
            binding: Binding::ChainAccount(account.0),
            nonce: [0; 32],
            expiry: Expiry::Block,
            admission_days: gate.admission_days,
        }
    }
}

/// The moment of a verification.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Unix seconds.
    pub now: u64,
    /// The day of it, UTC.
    pub today: Day,
    /// Newest finalized block.
    pub finalized: u32,
}

/// A presentation that was verified. Only [`Verifier::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    presentation: Presentation,
    finalized: u32,
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

    /// The newest finalized block when it was verified.
    pub fn finalized(&self) -> u32 {
        self.finalized
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
    /// The nullifiers could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
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

    /// Decides on a presentation.
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
        chain.expect_genesis(expected.genesis)?;
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
        let scope = presentation.context.scope(&expected.genesis);
        if !store.claim(&scope, &presentation.nullifier, &presentation.binding)? {
            return Err(Refusal::NullifierUsed.into());
        }
        Ok(Verified {
            presentation: presentation.clone(),
            finalized: finalized.number,
        })
    }

    fn check_proof(&self, presentation: &Presentation, inputs: &JointInputs) -> Result<(), Refusal> {
        self.proofs
            .verify_joint(presentation.circuit, inputs, &presentation.proof)
            .map_err(Refusal::Proof)
    }
}

/// Compares what a presentation says with what was asked, and gives the public inputs that its proof must have.
///
/// # Errors
/// The first difference.
pub fn check_claims(
    presentation: &Presentation,
    expected: &Expected,
    moment: Moment,
) -> Result<JointInputs, Refusal> {
    if presentation.context != expected.context {
        return Err(Refusal::Context);
    }
    if presentation.policy != expected.policy {
        return Err(Refusal::Policy);
    }
    if presentation.binding != expected.binding {
        return Err(Refusal::Binding);
    }
    if presentation.nonce != expected.nonce {
        return Err(Refusal::Nonce);
    }
    match expected.expiry {
        Expiry::Seconds(asked) if presentation.expires_at != asked => return Err(Refusal::ExpiryMismatch),
        Expiry::Seconds(asked) if asked < moment.now => return Err(Refusal::Expired),
        Expiry::Block if presentation.expires_at < u64::from(moment.finalized) => {
            return Err(Refusal::Expired)
        }
        _ => {}
    }
    // A proof of yesterday is good, since midnight may pass on its way. One of tomorrow is not: whoever turns 18 then
    // is 17 today.
    let yesterday = moment.today.checked_sub(1).unwrap_or(Day::MIN);
    if !(yesterday..=moment.today).contains(&presentation.valid_on) {
        return Err(Refusal::Day);
    }
    if gate_until(presentation.valid_on, expected.admission_days) != Some(presentation.until) {
        return Err(Refusal::Day);
    }
    if presentation.designated_verifier != DesignatedVerifier::public() {
        return Err(Refusal::Designated);
    }
    if presentation.anchor.block > moment.finalized {
        return Err(Refusal::AnchorNotFinal);
    }
    if moment.finalized - presentation.anchor.block > presentation.policy.oldest_anchor {
        return Err(Refusal::AnchorTooOld);
    }
    presentation
        .public_inputs(&expected.genesis)
        .map_err(|_| Refusal::Malformed)
}

#[cfg(test)]
mod tests;
