//! What the pallet stores, and what its calls carry.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::fungible::{Credit, Inspect},
    BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use ofage_primitives::{Anchor, Day, GateId, IssuerTag, Nullifier, Policy};
use scale_info::TypeInfo;

/// An amount of the chain's currency.
pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A fee on its way to [`Config::OnFee`].
pub type FeeOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// Whether a gate takes admissions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum GateStatus {
    /// Takes admissions.
    #[codec(index = 0)]
    Open,
    /// Takes no more admissions; those on record run out.
    #[codec(index = 1)]
    Closed,
}

impl GateStatus {
    /// Whether the gate takes admissions.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
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
    /// Tag of the issuer.
    pub issuer_tag: IssuerTag,
    /// The proof, of exactly [`Config::ProofLength`] bytes.
    pub proof: BoundedVec<u8, T::ProofLength>,
}
