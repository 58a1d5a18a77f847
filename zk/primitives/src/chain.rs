//! What the runtime and its clients say to each other, and what pallets ask of the world around them.

use crate::{
    Anchor, CircuitId, Day, GateId, GenesisHash, IssuerId, IssuerIndex, JointInputs, Nullifier, Policy,
    RegistryRoot, ShardIndex, ShardRoot, TrustListId, TrustListRoot,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Consensus engine id of our item in every header's digest.
pub const ENGINE_ID: [u8; 4] = *b"OFAG";

/// Length of a slot, in which one block is made, in milliseconds. It can never change on a running chain.
pub const SLOT_MILLIS: u64 = 6_000;
/// Blocks for which a root counts after it was superseded: those of a day. So a wallet need not look at the chain more
/// than once a day, and a revocation takes a day to reach verifiers that ask for nothing stricter.
pub const ROOT_WINDOW: u32 = (24 * 60 * 60 * 1_000 / SLOT_MILLIS) as u32;
/// Blocks whose hashes the chain remembers: those of four hours.
pub const BLOCK_HASHES: u32 = (4 * 60 * 60 * 1_000 / SLOT_MILLIS) as u32;

/// Our digest item: exactly one in each header. Verifiers refuse headers with none or several.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RootDigest {
    /// Registry root at the end of the block.
    #[codec(index = 1)]
    V1(RegistryRoot),
}

impl RootDigest {
    /// The registry root among the digest's items of our engine, of which there has to be exactly one.
    pub fn of_items<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Option<RegistryRoot> {
        let mut items = items.into_iter();
        let (Some(mut item), None) = (items.next(), items.next()) else {
            return None;
        };
        let Self::V1(root) = Self::decode_all(&mut item).ok()?;
        Some(root)
    }
}

/// Whether an issuer may attest, and whether its attestations count.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum IssuerStatus {
    /// May attest.
    Active,
    /// Suspended by governance: out of every trust list until reinstated.
    Suspended,
    /// Retired by itself: what it attested stays.
    Retired,
}

impl IssuerStatus {
    /// What becomes of an issuer that retires; `None` unless it is active.
    pub const fn retired(self) -> Option<Self> {
        match self {
            Self::Active => Some(Self::Retired),
            Self::Suspended | Self::Retired => None,
        }
    }

    /// What becomes of an issuer that governance suspends; `None` when it is suspended already.
    pub const fn suspended(self) -> Option<Self> {
        match self {
            Self::Active | Self::Retired => Some(Self::Suspended),
            Self::Suspended => None,
        }
    }

    /// What becomes of an issuer that governance reinstates; `None` unless it is suspended. Who `had_retired` before, has.
    pub const fn reinstated(self, had_retired: bool) -> Option<Self> {
        match (self, had_retired) {
            (Self::Suspended, false) => Some(Self::Active),
            (Self::Suspended, true) => Some(Self::Retired),
            (Self::Active | Self::Retired, _) => None,
        }
    }
}

/// An issuer, as the runtime API tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IssuerInfo {
    /// Its number.
    pub index: IssuerIndex,
    /// Its field element.
    pub issuer_id: IssuerId,
    /// Cold key: rotates, retires, mass-revokes.
    #[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::hex32"))]
    pub controller: [u8; 32],
    /// Hot key: attests.
    #[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::hex32"))]
    pub attester: [u8; 32],
    /// Whether it may attest.
    pub status: IssuerStatus,
    /// What it published about itself.
    pub metadata: Vec<u8>,
    /// The shard it appends to.
    pub open_shard: Option<ShardIndex>,
    /// The shard that it opened last. Each names the one before it, so all of them can be found from here.
    pub last_shard: Option<ShardIndex>,
    /// Trust lists that hold it, or would if it were not suspended.
    pub lists: u8,
    /// What is left of its deposit, in the chain's smallest unit.
    pub deposit: u128,
    /// Block in which it retired.
    pub retired_at: Option<u32>,
}

/// The shard that attestations go to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ShardChoice {
    /// The issuer's open shard, by its number, so that a call sent twice cannot count twice.
    #[codec(index = 0)]
    Open(ShardIndex),
    /// A new one, when the issuer's last shard is sealed.
    #[codec(index = 1)]
    Next,
}

/// A shard, as the runtime API tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ShardInfo {
    /// Its position under the cap.
    pub index: ShardIndex,
    /// Whose it is.
    pub issuer: IssuerIndex,
    /// Its root.
    pub root: ShardRoot,
    /// Attestations in it.
    pub len: u16,
    /// Whether nothing more is appended.
    pub sealed: bool,
    /// Whether its cap leaf is empty since a mass revocation.
    pub revoked: bool,
    /// Block of that mass revocation.
    pub revoked_at: Option<u32>,
    /// The shard that the same issuer opened before it.
    pub previous: Option<ShardIndex>,
    /// Block that opened it.
    pub opened_at: u32,
    /// Last block that changed it.
    pub changed_at: u32,
}

/// A trust list, as the runtime API tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TrustListInfo {
    /// Its number.
    pub id: TrustListId,
    /// Who keeps it.
    #[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::hex32"))]
    pub curator: [u8; 32],
    /// Its name.
    pub name: Vec<u8>,
    /// Its root.
    pub root: TrustListRoot,
    /// The issuer at each position; `None` where one left or is suspended.
    pub members: Vec<Option<IssuerIndex>>,
    /// Whether the curator adds and removes nobody any more.
    pub frozen: bool,
    /// Anchors of earlier blocks count no more for it.
    pub valid_from: u32,
    /// Whom the curator offered it to.
    #[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::optional_hex32"))]
    pub offered_to: Option<[u8; 32]>,
}

/// A gate, as the runtime API tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GateInfo {
    /// Its number.
    pub id: GateId,
    /// Who keeps it.
    #[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::hex32"))]
    pub owner: [u8; 32],
    /// Its name.
    pub name: Vec<u8>,
    /// What it asks.
    pub policy: Policy,
    /// What is left to pay admissions from, in the chain's smallest unit.
    pub sponsor_balance: u128,
    /// Admissions on record.
    pub admissions: u32,
    /// Length of an admission, in days.
    pub admission_days: u16,
    /// Whether it takes no more admissions.
    pub closed: bool,
}

/// An admission, as the runtime API tells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdmissionInfo {
    /// Who was admitted.
    #[cfg_attr(feature = "serde", serde(with = "crate::presentation::json::hex32"))]
    pub account: [u8; 32],
    /// Under which pseudonym.
    pub nullifier: Nullifier,
    /// Last day of it.
    pub until: Day,
}

/// What `admit` carries: only what the gate does not determine.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AdmitRequest {
    /// Which gate.
    pub gate: GateId,
    /// Who asks to be admitted.
    pub account: [u8; 32],
    /// What the proof was made against.
    pub anchor: Anchor,
    /// The day of the proof, UTC.
    pub valid_on: Day,
    /// Last block for which the proof was made.
    pub expires_at: u32,
    /// The holder's pseudonym in the gate.
    pub nullifier: Nullifier,
    /// Tags of the issuers, ascending: as many as the gate's policy asks for.
    pub issuer_tags: Vec<crate::IssuerTag>,
    /// The proof.
    pub proof: Vec<u8>,
}

/// A stretch of blocks at whose ends a root was current: `from..=superseded_at - 1`, or open.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RootSpan {
    /// First block.
    pub from: u32,
    /// First block at whose end it was not current any more.
    pub superseded_at: Option<u32>,
}

impl RootSpan {
    /// Whether the root was current at the end of `block`.
    pub fn covers(&self, block: u32) -> bool {
        self.from <= block && self.superseded_at.is_none_or(|end| block < end)
    }

    /// Whether a proof against this span is still taken at `now`, `window` blocks after supersession at most.
    pub fn is_live(&self, now: u32, window: u32) -> bool {
        self.superseded_at
            .is_none_or(|end| now <= end.saturating_add(window))
    }
}

/// Why an anchor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// The anchor lies in the future.
    #[error("the anchor's block is not there yet; wait, or prove against a finalized block")]
    Future,
    /// The registry root was not current at that block, or too long ago.
    #[error("the registry root is unknown or stale; prove again against a newer block")]
    RegistryRoot,
    /// The trust list's root was not current at that block, or too long ago.
    #[error("the trust list's root is unknown or stale; prove again against a newer block")]
    TrustListRoot,
}

/// Knows which roots were current when.
pub trait Anchors {
    /// Names the chain.
    fn genesis() -> GenesisHash;

    /// Whether both roots of `anchor` were current at its block, and neither was superseded too long before `now`.
    ///
    /// # Errors
    /// The first of the two that fails.
    fn check(list: TrustListId, anchor: &Anchor, now: u32) -> Result<(), AnchorError>;

    /// Whether the trust list exists.
    fn list_exists(list: TrustListId) -> bool;
}

/// Verifies proofs, natively behind the runtime.
pub trait ProofVerifier {
    /// Whether `proof` proves the statement of `circuit` for `inputs`, once for each issuer. Refuses unknown circuits.
    fn verify(circuit: CircuitId, inputs: &JointInputs, proof: &[u8]) -> bool;

    /// Verifies several proofs at once, of any number of issuers each.
    ///
    /// # Errors
    /// The positions of the bad ones; an empty batch is an error without positions.
    fn verify_batch(circuit: CircuitId, proofs: &[(JointInputs, &[u8])]) -> Result<(), Vec<u32>>;
}
