//! What a final block's state says about anchors and gates.

use codec::{Decode, DecodeAll};
use ofage_primitives::{
    chain::{ROOT_WINDOW, SLOT_MILLIS},
    storage::{self, GateEntry, GateState, RootSpans, TrustListEntry},
    Anchor, CircuitId, GateId, Policy, Presentation, TrustListId,
};

use crate::{proof, FinalizedHeader, GateTerms, ProofError};

/// The state does not bear a claim out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// The proof does not prove.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The chain's runtime keeps it otherwise than this software knows.
    #[error("the chain's runtime is newer than this software; update it")]
    Layout,
    /// The anchor is younger than the block.
    #[error("the anchor is younger than the block whose state is proved")]
    Future,
    /// The registry root was not current at the anchor's block, or too long ago.
    #[error("the registry root is not what the chain had at that block, or is long superseded")]
    RegistryRoot,
    /// The same of the trust list's root, or somebody left the list since.
    #[error("the trust list's root is not what the chain had at that block, or does not count any more")]
    TrustListRoot,
    /// Governance switched the circuit off.
    #[error("the chain's governance has disabled the circuit")]
    CircuitDisabled,
}

/// What a presentation says about the chain: that an anchor counts for a trust list, with proofs of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorClaim {
    /// The trust list.
    pub list: TrustListId,
    /// The anchor.
    pub anchor: Anchor,
    /// The circuit.
    pub circuit: CircuitId,
}

impl AnchorClaim {
    /// The claim of a presentation.
    pub fn of(presentation: &Presentation) -> Self {
        Self {
            list: presentation.policy.trust_list,
            anchor: presentation.anchor,
            circuit: presentation.circuit,
        }
    }

    /// The keys whose values decide, in the order of [`storage::anchor_keys`].
    pub fn keys(&self) -> Vec<Vec<u8>> {
        storage::anchor_keys(self.list, &self.anchor, self.circuit)
    }
}

/// An anchor that counts, by the state of a block that is final. Only [`FinalizedHeader::prove`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalizedRoot {
    header: FinalizedHeader,
    claim: AnchorClaim,
}

impl FinalizedRoot {
    /// The final block at whose end the anchor counts.
    pub fn header(&self) -> &FinalizedHeader {
        &self.header
    }

    /// What is true of it.
    pub fn claim(&self) -> &AnchorClaim {
        &self.claim
    }
}

/// A gate, by the state of a block that is final. Only [`FinalizedHeader::gate`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalizedGate {
    id: GateId,
    name: Vec<u8>,
    policy: Policy,
    admission_days: u16,
    open: bool,
}

impl FinalizedGate {
    /// The keys whose values decide.
    pub fn keys(gate: GateId) -> Vec<Vec<u8>> {
        vec![storage::gate_version(), storage::gate(gate)]
    }

    /// Its number.
    pub fn id(&self) -> GateId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// What it asks.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Length of an admission, in days.
    pub fn admission_days(&self) -> u16 {
        self.admission_days
    }

    /// Whether it takes admissions.
    pub fn is_open(&self) -> bool {
        self.open
    }
}

impl From<&FinalizedGate> for GateTerms {
    fn from(gate: &FinalizedGate) -> Self {
        Self {
            id: gate.id,
            policy: gate.policy.clone(),
            admission_days: gate.admission_days,
        }
    }
}

impl FinalizedHeader {
    /// Unix seconds at which its slot began: when it was made, by the clock of whoever made it.
    pub fn unix_seconds(&self) -> u64 {
        self.slot().saturating_mul(SLOT_MILLIS) / 1_000
    }

    /// Proves that an anchor counts at the end of this block. `proof` is one of the state, for [`AnchorClaim::keys`].
    ///
    /// # Errors
    /// [`RootError`].
    pub fn prove(&self, claim: AnchorClaim, proof: &[u8]) -> Result<FinalizedRoot, RootError> {
        let values = proof::read(&self.state_root(), proof, &claim.keys())?;
        self.judge(claim, &values)
    }

    /// Whether an anchor counts, by the values of [`AnchorClaim::keys`] in the state after this block. The caller vouches for
    /// them.
    pub(crate) fn judge(
        &self,
        claim: AnchorClaim,
        values: &[Option<Vec<u8>>],
    ) -> Result<FinalizedRoot, RootError> {
        let anchor = claim.anchor;
        if anchor.block > self.number() {
            return Err(RootError::Future);
        }
        if anchor.block == self.number() && anchor.registry_root != self.registry_root() {
            return Err(RootError::RegistryRoot);
        }
        let [registry, gates, roots, list_roots, list, disabled] = values else {
            return Err(RootError::Layout);
        };
        check_version(registry, storage::REGISTRY_VERSION)?;
        check_version(gates, storage::GATE_VERSION)?;
        if !self.counts(roots, anchor.block)? {
            return Err(RootError::RegistryRoot);
        }
        let list: Option<TrustListEntry> = known(list)?;
        let is_valid = list.is_some_and(|list| list.valid_from <= anchor.block);
        if !is_valid || !self.counts(list_roots, anchor.block)? {
            return Err(RootError::TrustListRoot);
        }
        if disabled.is_some() {
            return Err(RootError::CircuitDisabled);
        }
        Ok(FinalizedRoot {
            header: self.clone(),
            claim,
        })
    }

    /// Proves what a gate asks at the end of this block; `None` when there is no such gate. `proof` is one of the state, for
    /// [`FinalizedGate::keys`].
    ///
    /// # Errors
    /// [`RootError::Proof`] and [`RootError::Layout`].
    pub fn gate(&self, gate: GateId, proof: &[u8]) -> Result<Option<FinalizedGate>, RootError> {
        let values = proof::read(&self.state_root(), proof, &FinalizedGate::keys(gate))?;
        self.judge_gate(gate, &values)
    }

    /// What a gate asks, by the values of [`FinalizedGate::keys`] in the state after this block. The caller vouches for them.
    pub(crate) fn judge_gate(
        &self,
        gate: GateId,
        values: &[Option<Vec<u8>>],
    ) -> Result<Option<FinalizedGate>, RootError> {
        let [version, entry] = values else {
            return Err(RootError::Layout);
        };
        check_version(version, storage::GATE_VERSION)?;
        Ok(known::<GateEntry>(entry)?.map(|entry| FinalizedGate {
            id: gate,
            name: entry.name,
            policy: entry.policy,
            admission_days: entry.admission_days,
            open: entry.status == GateState::Open,
        }))
    }

    /// Whether a root with this history was current at the end of `block`, and still counts at the end of this one.
    fn counts(&self, history: &Option<Vec<u8>>, block: u32) -> Result<bool, RootError> {
        let spans: RootSpans = known(history)?.unwrap_or_default();
        Ok(spans
            .iter()
            .any(|span| span.covers(block) && span.is_live(self.number(), ROOT_WINDOW)))
    }
}

fn check_version(value: &Option<Vec<u8>>, version: u16) -> Result<(), RootError> {
    if known(value)? == Some(version) {
        Ok(())
    } else {
        Err(RootError::Layout)
    }
}

/// A value of a known form.
fn known<T: Decode>(value: &Option<Vec<u8>>) -> Result<Option<T>, RootError> {
    value
        .as_ref()
        .map(|bytes| T::decode_all(&mut &bytes[..]))
        .transpose()
        .map_err(|_| RootError::Layout)
}
