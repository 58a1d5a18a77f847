//! Whoever proves what is served.

use std::future::Future;

use ofage_light::{
    live::{Live, LiveError},
    AnchorClaim, Checkpoint, FinalizedGate, FinalizedHeader,
};
use ofage_primitives::{presentation::json::hex32, GateId, GenesisHash, Policy, RegistryRoot};
use serde::Serialize;

/// A final block, as it is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FinalRoot {
    /// Its height.
    pub number: u32,
    /// Its hash.
    #[serde(with = "hex32")]
    pub hash: [u8; 32],
    /// The registry root in its header.
    pub registry_root: RegistryRoot,
    /// Unix seconds of its slot.
    pub time: u64,
}

impl From<&FinalizedHeader> for FinalRoot {
    fn from(header: &FinalizedHeader) -> Self {
        Self {
            number: header.number(),
            hash: header.hash(),
            registry_root: header.registry_root(),
            time: header.unix_seconds(),
        }
    }
}

/// A gate, as it is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Gate {
    /// Its number.
    pub(super) gate: GateId,
    /// Its name. Anybody may have written it.
    pub(super) name: String,
    /// What it asks.
    pub(super) policy: Policy,
    /// Length of an admission, in days.
    pub(super) admission_days: u16,
    /// Whether it takes admissions.
    pub(super) open: bool,
}

impl From<&FinalizedGate> for Gate {
    fn from(gate: &FinalizedGate) -> Self {
        Self {
            gate: gate.id(),
            name: String::from_utf8_lossy(gate.name()).into_owned(),
            policy: gate.policy().clone(),
            admission_days: gate.admission_days(),
            open: gate.is_open(),
        }
    }
}

/// What the server asks a light client: [`Live`], and in tests something else.
pub(super) trait Roots: Send + Sync + 'static {
    /// Names the chain.
    fn genesis(&self) -> GenesisHash;

    /// A final block that the server did not see become final.
    fn block(&self, number: u32) -> impl Future<Output = Result<FinalRoot, LiveError>> + Send;

    /// A gate, at the newest final block.
    fn gate(&self, gate: GateId) -> impl Future<Output = Result<Option<Gate>, LiveError>> + Send;

    /// The final block by whose state an anchor counts.
    fn anchor(&self, claim: AnchorClaim) -> impl Future<Output = Result<FinalRoot, LiveError>> + Send;

    /// A checkpoint at the newest final block.
    fn checkpoint(&self) -> impl Future<Output = Result<Checkpoint, LiveError>> + Send;
}

impl Roots for Live {
    fn genesis(&self) -> GenesisHash {
        Live::genesis(self)
    }

    async fn block(&self, number: u32) -> Result<FinalRoot, LiveError> {
        Ok(FinalRoot::from(&self.header(number).await?))
    }

    async fn gate(&self, gate: GateId) -> Result<Option<Gate>, LiveError> {
        Ok(Live::gate(self, gate).await?.as_ref().map(Gate::from))
    }

    async fn anchor(&self, claim: AnchorClaim) -> Result<FinalRoot, LiveError> {
        Ok(FinalRoot::from(Live::anchor(self, claim).await?.header()))
    }

    async fn checkpoint(&self) -> Result<Checkpoint, LiveError> {
        Live::checkpoint(self).await
    }
}
