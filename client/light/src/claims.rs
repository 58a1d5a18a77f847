//! Comparing what a presentation says with what was asked.

use ofage_primitives::{
    chain::GateInfo, Binding, Context, Day, DesignatedVerifier, GateId, GenesisHash, JointInputs, Policy,
    Presentation,
};

use crate::Refusal;

/// Last day of an admission that is given on `day`: the day for which "below N" is computed.
pub fn gate_until(day: Day, admission_days: u16) -> Option<Day> {
    day.checked_add(u32::from(admission_days))
}

/// What a gate asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateTerms {
    /// Its number.
    pub id: GateId,
    /// What it asks.
    pub policy: Policy,
    /// Length of an admission, in days.
    pub admission_days: u16,
}

impl From<&GateInfo> for GateTerms {
    fn from(gate: &GateInfo) -> Self {
        Self {
            id: gate.id,
            policy: gate.policy.clone(),
            admission_days: gate.admission_days,
        }
    }
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
    /// The answer to what an app asked with a nonce, until Unix second `expires_at`.
    pub fn answer(
        genesis: GenesisHash,
        context: Context,
        policy: Policy,
        binding: Binding,
        nonce: [u8; 32],
        expires_at: u64,
    ) -> Self {
        Self {
            genesis,
            context,
            policy,
            binding,
            nonce,
            expiry: Expiry::Seconds(expires_at),
            admission_days: 0,
        }
    }

    /// What a gate would ask of an account.
    pub fn gate(genesis: GenesisHash, gate: impl Into<GateTerms>, account: [u8; 32]) -> Self {
        let gate = gate.into();
        Self {
            genesis,
            context: Context::Gate(gate.id),
            policy: gate.policy,
            binding: Binding::ChainAccount(account),
            nonce: [0; 32],
            expiry: Expiry::Block,
            admission_days: gate.admission_days,
        }
    }

    /// The chain whose anchors count.
    pub fn genesis(&self) -> GenesisHash {
        self.genesis
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
