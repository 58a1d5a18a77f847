//! What the pallet stores, and what its calls carry.

use crate::Config;
use codec::{Compact, CompactLen, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{
        fungible::{Credit, Inspect},
        ConstU32,
    },
    BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use ofage_primitives::{policy::MAX_ISSUERS, Anchor, Day, GateId, IssuerTag, Nullifier, Policy};
use scale_info::TypeInfo;
use sp_runtime::traits::Convert;

/// An amount of the chain's currency.
pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A fee on its way to [`Config::OnFee`].
pub type FeeOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// Most issuers that a gate asks for, as the bound of a request's tags.
pub type MaxIssuers = ConstU32<{ MAX_ISSUERS as u32 }>;

/// Whether a gate takes admissions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum GateStatus {
    /// Takes admissions.
    #[codec(index = 0)]
    Open,
    /// Takes no more admissions, for ever; those on record run out.
    #[codec(index = 1)]
    Closed,
}

impl GateStatus {
    /// Whether the gate takes admissions.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }

    /// What becomes of a gate that its owner closes; `None` when it is closed already.
    pub const fn closed(self) -> Option<Self> {
        match self {
            Self::Open => Some(Self::Closed),
            Self::Closed => None,
        }
    }
}

/// A gate: a policy that an app published.
#[derive(
    CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Gate<T: Config> {
    /// Who keeps it, and whose deposit it holds.
    pub owner: T::AccountId,
    /// Its name: UTF-8 without control characters.
    pub name: BoundedVec<u8, T::MaxNameLength>,
    /// What it asks.
    pub policy: Policy,
    /// Length of an admission: its last day is that many days after the day of the proof.
    pub admission_days: u16,
    /// Whether it takes admissions.
    pub status: GateStatus,
    /// What is held on the owner's account for it.
    pub deposit: BalanceOf<T>,
    /// Admissions on record, expired ones included until they are pruned.
    pub admissions: u32,
    /// No admission on record ends before this day: where pruning goes on.
    pub pruned_before: Day,
}

/// An admission: a nullifier entered a gate, for an account, through a day.
#[derive(
    CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Admission<T: Config> {
    /// The holder's pseudonym in the gate.
    pub nullifier: Nullifier,
    /// Last day of it, UTC.
    pub until: Day,
    /// What is held on the gate's sponsor account for it.
    pub deposit: BalanceOf<T>,
}

/// What a holder asks: to be admitted. It carries only what the gate does not determine.
///
/// Encoded as [`ofage_primitives::chain::AdmitRequest`] is; bounded, so that nothing longer is ever decoded.
#[derive(
    CloneNoBound,
    DebugNoBound,
    PartialEqNoBound,
    EqNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Request<T: Config> {
    /// Which gate.
    pub gate: GateId,
    /// Who is to be admitted; need not exist, sign or pay.
    pub account: T::AccountId,
    /// What the proof was made against.
    pub anchor: Anchor,
    /// The day of the proof, UTC.
    pub valid_on: Day,
    /// Last block in which the request may be included.
    pub expires_at: u32,
    /// The holder's pseudonym in the gate.
    pub nullifier: Nullifier,
    /// Tags of the issuers, ascending: as many as the gate's policy asks for.
    pub issuer_tags: BoundedVec<IssuerTag, MaxIssuers>,
    /// The proof, of exactly as many bytes as [`Config::ProofLength`] says for that many issuers.
    pub proof: BoundedVec<u8, T::MaxProofLength>,
}

impl<T: Config> Request<T> {
    /// Issuers that it names, which decide what checking it costs.
    pub fn issuers(&self) -> u32 {
        self.issuer_tags.len() as u32
    }

    /// Bytes of a request that names as many issuers, with a proof of the right length.
    pub fn length(issuers: u8) -> u32 {
        let tags = u32::from(issuers);
        let proof = T::ProofLength::convert(issuers);
        let fixed = <(GateId, T::AccountId, Anchor, Day, u32, Nullifier)>::max_encoded_len();
        let prefixes = Compact::<u32>::compact_len(&tags).saturating_add(Compact::<u32>::compact_len(&proof));
        let fixed = u32::try_from(fixed.saturating_add(prefixes)).unwrap_or(u32::MAX);
        fixed
            .saturating_add(tags.saturating_mul(IssuerTag::max_encoded_len() as u32))
            .saturating_add(proof)
    }
}
