//! What the pallet stores, and what its calls carry.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{
    traits::{
        fungible::{Credit, Inspect},
        ConstU32, Get,
    },
    BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use ofage_primitives::{
    chain::{IssuerStatus, RootSpan},
    tree::{MAX_SIBLINGS, SHARD_CAPACITY},
    Attestation, Element, IssuerId, IssuerIndex, ShardIndex, ShardRoot, TrustListId, TrustListRoot,
};
use scale_info::TypeInfo;

pub use ofage_primitives::chain::ShardChoice;

/// An amount of the chain's currency.
pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An amount that was taken from its holder and belongs to nobody yet.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// Most trust lists that one block changes, by whatever call: [`Config::MaxDirtyLists`] and
/// [`Config::MaxDirtyListsReserve`].
pub struct DirtyListsBound<T>(PhantomData<T>);

impl<T: Config> Get<u32> for DirtyListsBound<T> {
    fn get() -> u32 {
        T::MaxDirtyLists::get().saturating_add(T::MaxDirtyListsReserve::get())
    }
}

/// Attestations in the order in which they are appended: at most a shard.
pub type Batch = BoundedVec<Attestation, ConstU32<SHARD_CAPACITY>>;

/// Attestations of one shard with their positions.
pub type Positioned = BoundedVec<(u16, Attestation), ConstU32<SHARD_CAPACITY>>;

/// What a multiproof of a shard has beside its leaves.
pub type Siblings = BoundedVec<Element, ConstU32<MAX_SIBLINGS>>;

/// When a root was current, oldest first.
pub type Spans<T> = BoundedVec<RootSpan, <T as Config>::MaxSpans>;

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
    /// Block in which it retired, if it did.
    pub retired_at: Option<u32>,
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
    Revoked {
        /// Block of the revocation.
        since: u32,
    },
}

impl ShardStatus {
    /// What becomes of it when it is sealed; `None` when it is already.
    pub const fn sealed(self) -> Option<Self> {
        match self {
            Self::Open => Some(Self::Sealed),
            Self::Sealed | Self::Revoked { .. } => None,
        }
    }

    /// What becomes of it when it is revoked as a whole in block `now`; `None` when it is already.
    pub const fn revoked(self, now: u32) -> Option<Self> {
        match self {
            Self::Open | Self::Sealed => Some(Self::Revoked { since: now }),
            Self::Revoked { .. } => None,
        }
    }

    /// What becomes of it when it is restored; `None` unless it is revoked.
    pub const fn restored(self) -> Option<Self> {
        match self {
            Self::Revoked { .. } => Some(Self::Sealed),
            Self::Open | Self::Sealed => None,
        }
    }

    /// Whether it takes attestations.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }

    /// Whether its attestations count no more.
    pub const fn is_revoked(self) -> bool {
        self.revoked_at().is_some()
    }

    /// Block of its mass revocation.
    pub const fn revoked_at(self) -> Option<u32> {
        match self {
            Self::Revoked { since } => Some(since),
            Self::Open | Self::Sealed => None,
        }
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
    /// The shard that the issuer opened before it, if any.
    pub previous: Option<ShardIndex>,
    /// Its root after the batch that opened it, by which that batch is known when it is sent again.
    pub first_root: ShardRoot,
    /// Block in which it was last restored after a mass revocation.
    pub restored_at: Option<u32>,
}

/// Whether a trust list may change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ListStatus {
    /// The curator adds and removes members.
    #[codec(index = 0)]
    Open,
    /// The curator adds and removes nobody any more, for ever; members may leave.
    #[codec(index = 1)]
    Frozen,
}

impl ListStatus {
    /// Whether the curator may change the list.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }

    /// What becomes of it when it is frozen; `None` when it is already.
    pub const fn frozen(self) -> Option<Self> {
        match self {
            Self::Open => Some(Self::Frozen),
            Self::Frozen => None,
        }
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
    /// Whom the curator offered it to; never the curator.
    pub offered_to: Option<T::AccountId>,
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
