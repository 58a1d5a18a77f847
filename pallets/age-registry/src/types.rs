//! What the pallet stores, and what its calls carry.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use ofage_primitives::{
    chain::{IssuerStatus, RootSpan},
    tree::SHARD_CAPACITY,
    Attestation, Element, IssuerId, IssuerIndex, ShardIndex, ShardRoot, TrustListId, TrustListRoot,
};
use scale_info::TypeInfo;

/// An amount of the chain's currency.
pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// Attestations in the order in which they are appended: at most a shard.
pub type Batch = BoundedVec<Attestation, ConstU32<SHARD_CAPACITY>>;

/// When a root was current, oldest first.
pub type Spans<T> = BoundedVec<RootSpan, <T as Config>::MaxSpans>;

/// The shard that attestations go to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ShardChoice {
    /// The issuer's open shard, by its number.
    #[codec(index = 0)]
    Open(ShardIndex),
    /// A new one, when the issuer's last shard is sealed.
    #[codec(index = 1)]
    Next,
}

/// The account that attests for an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Attester<AccountId> {
    /// Named by the controller; attests nothing before it agrees.
    #[codec(index = 0)]
    Named(AccountId),
    /// Attests.
    #[codec(index = 1)]
    Serving(AccountId),
}

impl<AccountId: PartialEq> Attester<AccountId> {
    /// What becomes of an account that the controller names: itself has agreed by naming itself.
    pub fn named(controller: &AccountId, account: AccountId) -> Self {
        if *controller == account {
            Self::Serving(account)
        } else {
            Self::Named(account)
        }
    }

    /// What becomes of it when `account` agrees; `None` when that is not the named one, or attests already.
    pub fn accepted_by(self, account: &AccountId) -> Option<Self> {
        match self {
            Self::Named(named) if named == *account => Some(Self::Serving(named)),
            _ => None,
        }
    }

    /// Whether `account` may attest.
    pub fn is_serving(&self, account: &AccountId) -> bool {
        matches!(self, Self::Serving(serving) if serving == account)
    }

    /// The account, whether it agreed or not.
    pub const fn account(&self) -> &AccountId {
        match self {
            Self::Named(account) | Self::Serving(account) => account,
        }
    }
}

/// An issuer.
#[derive(
    CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Issuer<T: Config> {
    /// Names it in trees and proofs, whatever its keys.
    pub id: IssuerId,
    /// Cold account: keeps the deposit, and decides about lists.
    pub controller: T::AccountId,
    /// Hot account: attests.
    pub attester: Attester<T::AccountId>,
    /// Whether it may attest, and whether its attestations count.
    pub status: IssuerStatus,
    /// What it published about itself: UTF-8 without control characters.
    pub metadata: BoundedVec<u8, T::MaxMetadata>,
    /// What is held on the controller's account for it.
    pub deposit: BalanceOf<T>,
    /// The shard that it opened last, which is its open one until it is sealed.
    pub last_shard: Option<ShardIndex>,
    /// Trust lists that it consents to.
    pub consents: u32,
}

impl<T: Config> Issuer<T> {
    /// Whether it may attest and join lists.
    pub fn is_active(&self) -> bool {
        self.status == IssuerStatus::Active
    }
}

/// Where a shard is in its life.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ShardStatus {
    /// Takes attestations.
    #[codec(index = 0)]
    Open,
    /// Takes no more attestations.
    #[codec(index = 1)]
    Sealed,
    /// Revoked as a whole, and sealed: its cap leaf is empty, its root kept.
    #[codec(index = 2)]
    Revoked,
}

impl ShardStatus {
    /// What becomes of it when it is sealed; `None` when it is already.
    pub const fn sealed(self) -> Option<Self> {
        match self {
            Self::Open => Some(Self::Sealed),
            Self::Sealed | Self::Revoked => None,
        }
    }

    /// Whether it takes attestations.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }

    /// Whether its attestations count no more.
    pub const fn is_revoked(self) -> bool {
        matches!(self, Self::Revoked)
    }
}

/// A shard: its root stands for up to 4,096 attestations of one issuer.
#[derive(
    CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Shard<T: Config> {
    /// Whose it is.
    pub issuer: IssuerIndex,
    /// Its root.
    pub root: ShardRoot,
    /// Attestations in it; one at least.
    pub len: u16,
    /// Where it is in its life.
    pub status: ShardStatus,
    /// Block that opened it.
    pub opened_at: u32,
    /// Last block that changed its root.
    pub changed_at: u32,
    /// The attester that opened it, on whose account the deposit is held.
    pub depositor: T::AccountId,
    /// What is held there for it.
    pub deposit: BalanceOf<T>,
}

/// Whether a trust list may change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ListStatus {
    /// The curator adds and removes members.
    #[codec(index = 0)]
    Open,
    /// The curator changes nothing any more; members may leave.
    #[codec(index = 1)]
    Frozen,
}

impl ListStatus {
    /// Whether the curator may change the list.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }
}

/// A trust list.
#[derive(
    CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct TrustList<T: Config> {
    /// Who keeps it, and on whose account the deposit is held.
    pub curator: T::AccountId,
    /// Its name: UTF-8 without control characters.
    pub name: BoundedVec<u8, T::MaxNameLength>,
    /// Whether it may change.
    pub status: ListStatus,
    /// Its root, as of the last call that changed it.
    pub root: TrustListRoot,
    /// Its root at the end of the last block, which the history has as current; `None` in the block that made it.
    pub recorded_root: Option<TrustListRoot>,
    /// Anchors of earlier blocks count no more: in this block an issuer left.
    pub valid_from: u32,
    /// Positions that were ever used: the next new one.
    pub positions: u16,
    /// The vacant position to use next, if any; it names the one after it.
    pub vacant: Option<u16>,
    /// What is held on the curator's account for it.
    pub deposit: BalanceOf<T>,
}

/// What is at a position of a trust list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Slot {
    /// An issuer.
    #[codec(index = 0)]
    Member(IssuerIndex),
    /// Nobody, since an issuer left; the next vacant position, if any.
    #[codec(index = 1)]
    Vacant(Option<u16>),
}

/// How an issuer is with a trust list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Listing {
    /// It agreed to be on it.
    #[codec(index = 0)]
    Consented,
    /// It is on it, at this position.
    #[codec(index = 1)]
    Listed(u16),
}

/// Whose roots a history tells about.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum History {
    /// The cap's.
    #[codec(index = 0)]
    Registry,
    /// A trust list's.
    #[codec(index = 1)]
    TrustList(TrustListId),
}

/// The end of a span, which is pruned a window after it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Expiry {
    /// Whose root it was.
    pub history: History,
    /// The root.
    pub root: Element,
    /// The block that superseded it.
    pub superseded_at: u32,
}
