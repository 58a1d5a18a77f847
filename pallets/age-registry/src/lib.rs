//! # Age registry
//!
//! Keeps the Merkle root of all attestations, who wrote them, and which issuers are good enough for what.
//!
//! ## Attestations
//! An *issuer* registers for a deposit that is held. Its *controller* stays cold; its *attester* appends batches of
//! attestations to the issuer's one open *shard*. The state keeps a shard's root and, while it is open, its frontier;
//! the leaves themselves are arguments of [`Pallet::attest`], and so in the bodies of blocks. Shards are the leaves of
//! the *cap*, whose root is the *registry root*. It is computed once, at the end of a block, over the shards that the
//! block touched, and goes into the header's digest exactly once.
//!
//! ## Revocation
//! An attestation is revoked by its leaf and siblings, several of one shard by a multiproof, against the shard as the
//! last call left it: the leaf becomes the empty leaf, for ever, since an index of an open shard only grows. The frontier of an
//! open shard is mended on the way. What was proved before is taken for the window of the root that this supersedes. After a
//! theft of the attesting key, the controller revokes whole shards: their cap leaves become empty, and the older anchors of the
//! trust lists that hold the issuer count no more. Their roots are kept, so that they can be restored for a while, without the
//! leaves that were revoked one by one in between. Each shard names the one that its issuer opened before it; a call follows
//! these links, and pays for as many as it says.
//!
//! ## The life of an issuer
//! The controller names another attester whenever it likes: the old key dies with that call, and the open shard is sealed.
//! It *retires* the issuer: nothing more is attested, what was attested stays, and the deposit comes back after
//! [`Config::RetireDelay`] blocks. [`Config::GovernanceOrigin`] *slashes* the deposit, and *suspends* an issuer: its leaves in
//! the trees of all its lists become empty, older anchors of these lists count no more, and it attests nothing. It keeps its
//! positions, and is back there when it is *reinstated*. In whatever state, an issuer changes its keys and revokes.
//!
//! ## Trust lists
//! Anybody creates one, for a deposit, and is its *curator*. It holds issuers that consented, at positions of a
//! Merkle tree; a position that an issuer left becomes an empty leaf, and the next one takes it. The tree is updated
//! by each call; only its root at the end of a block counts. A curator hands a list over in two steps, the deposit with it, or
//! freezes it for ever: then nobody is added or removed, but members leave, and are suspended, as before.
//!
//! ## Root history
//! For each root the history holds the spans of blocks at whose ends it was current. A superseded root counts for
//! [`Config::RootWindow`] more blocks, counted from the block that superseded it; the current one always counts.
//! A root that becomes current again gets another span. There are at most [`Config::MaxSpans`] for a root: the shortest gives
//! way, and its anchors are refused early. Only toggling does this. That of a list hurts nobody but who trusts its toggler. A
//! registry root comes back when shards that were opened since are revoked as wholes, or revoked ones restored, and nothing else
//! was attested or revoked in between. Each such shard has its deposit, and is restored once in [`Config::RestoreWindow`]; and
//! whoever toggles makes short spans, which are what gives way: the anchors of a root that was current for longer stay. An
//! issuer that leaves a list ends all older anchors of that list at once.
//!
//! ## What an attacker can do
//! - *Fill the state*: issuers, shards and lists hold deposits; consents and memberships are bounded for each issuer;
//!   the history is bounded by the window and by the lists that one block can change.
//! - *Fill a block*: the shards and lists that one block can change are bounded; a call beyond is refused. Each
//!   call prepays its share of the work at the block's end, and of pruning the root that it supersedes.
//! - *Keep an issuer from being suspended*: lists are changed by anybody up to [`Config::MaxDirtyLists`] in a block; beyond
//!   that governance has a reserve of its own. That an issuer is on few lists bounds what a suspension does.
//! - *Keep a deposit from being slashed*: it comes back long after retirement, and not while the issuer is suspended.
//! - *Speak for others*: naming an account as attester gives the namer nothing, and takes nothing from the account,
//!   until the account itself agrees. What an attester's call takes, its own account pays: a stolen attesting key
//!   cannot touch the controller's funds.
//! - *Write twice*: a batch names its shard and the index at which it starts; one that opens a shard with what the
//!   issuer's last shard holds already, or was opened with, is refused, whatever was revoked there since.
//! - *Void others' proofs*: only a mass revocation ends older anchors at once, and only those of lists whose curators chose the
//!   issuer, unless it is suspended: so governance helps those of a frozen list. A single one lets the window run.
//! - *Revoke what is not there*: leaf, position and siblings have to give the stored root; positions ascend and siblings are
//!   counted, so that there is one proof for each set of positions.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub mod migrations;
pub mod types;
pub mod weights;

mod attesting;
mod calls;
mod errors;
mod events;
mod governing;
mod handing_over;
mod issuers;
mod life_cycle;
mod lists;
mod revoking;
mod roots;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod try_state;
mod view;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::{
    Attester, BalanceOf, Batch, CreditOf, DirtyListsBound, Expiry, History, Issuer, ListStatus, Listing,
    Positioned, Shard, ShardChoice, ShardStatus, Siblings, Slot, Spans, TrustList,
};
pub use view::{MAX_NODES_AT_ONCE, MAX_SHARDS_AT_ONCE};
pub use weights::WeightInfo;

/// The pallet. Its calls, errors and events stand in files of their own.
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
    use super::{
        types::{
            BalanceOf, Batch, CreditOf, DirtyListsBound, Expiry, Issuer, Listing, Positioned, Shard,
            ShardChoice, Siblings, Slot, Spans, TrustList,
        },
        WeightInfo,
    };
    use alloc::boxed::Box;
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{BalancedHold, Mutate, MutateHold},
            OnUnbalanced,
        },
    };
    use frame_system::{ensure_signed, pallet_prelude::*};
    use ofage_primitives::{
        tree::{Frontier, SHARD_DEPTH},
        Attestation, Element, GenesisHash, IssuerIndex, LayerHasher, RegistryRoot, ShardIndex, TrustListId,
        TrustListRoot,
    };
    use sp_core::H256;
    use sp_runtime::AccountId32;

    /// Layout of the storage.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

    /// Configuration.
    ///
    /// Accounts are 32 bytes, as clients know them; so is the hash of block 0, which names the chain.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId32, Hash = H256> {
        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;
        /// Deposits.
        type Currency: Mutate<AccountId32>
            + MutateHold<AccountId32, Reason = Self::RuntimeHoldReason>
            + BalancedHold<AccountId32>;
        /// Suspends, reinstates and slashes issuers.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// What becomes of slashed deposits.
        type OnSlash: OnUnbalanced<CreditOf<Self>>;
        /// Hashes layers of trees.
        type Hasher: LayerHasher;
        /// Held on the controller's account for its issuer; pays for its metadata, consents and memberships too.
        #[pallet::constant]
        type IssuerDeposit: Get<BalanceOf<Self>>;
        /// Held on the attester's account for each shard that it opened.
        #[pallet::constant]
        type ShardDeposit: Get<BalanceOf<Self>>;
        /// Held on the curator's account for each trust list.
        #[pallet::constant]
        type ListDeposit: Get<BalanceOf<Self>>;
        /// Longest metadata of an issuer, in bytes.
        #[pallet::constant]
        type MaxMetadata: Get<u32>;
        /// Longest name of a trust list, in bytes.
        #[pallet::constant]
        type MaxNameLength: Get<u32>;
        /// Most trust lists that an issuer consents to at a time, and so is in; at most 255.
        #[pallet::constant]
        type MaxListsPerIssuer: Get<u32>;
        /// Most shards that one block changes.
        #[pallet::constant]
        type MaxDirtyShards: Get<u32>;
        /// Most trust lists that one block changes by anybody's calls.
        #[pallet::constant]
        type MaxDirtyLists: Get<u32>;
        /// Most that governance changes on top, so that nobody keeps it from suspending an issuer by changing lists; a
        /// multiple of `MaxListsPerIssuer`, for that many suspensions.
        #[pallet::constant]
        type MaxDirtyListsReserve: Get<u32>;
        /// Blocks from an issuer's retirement to the one from which on it gets its deposit back.
        #[pallet::constant]
        type RetireDelay: Get<u32>;
        /// Most shards that one call revokes or restores as wholes.
        #[pallet::constant]
        type MaxRevokedShards: Get<u32>;
        /// Blocks in which shards that were revoked as wholes can be restored, and those between two restorations of one.
        #[pallet::constant]
        type RestoreWindow: Get<u32>;
        /// Blocks that a root counts after it was superseded.
        #[pallet::constant]
        type RootWindow: Get<u32>;
        /// Most spans on record for a root.
        #[pallet::constant]
        type MaxSpans: Get<u32>;
        /// Most ends of spans that one block prunes; more than all dirty lists, so that pruning keeps up.
        #[pallet::constant]
        type MaxPrunedPerBlock: Get<u32>;
        /// Weights of this pallet's calls, and of its work at the ends of blocks.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What deposits are held for.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// An issuer, on its controller's account.
        #[codec(index = 0)]
        Issuer,
        /// A shard, on the account of the attester that opened it.
        #[codec(index = 1)]
        Shard,
        /// A trust list, on its curator's account.
        #[codec(index = 2)]
        TrustList,
    }

    /// Hash of block 0. Kept since block 1, because the system forgets the hashes of old blocks.
    #[pallet::storage]
    pub type Genesis<T: Config> = StorageValue<_, GenesisHash>;

    /// Number of the next issuer; numbers are never reused, since issuer ids are derived from them.
    #[pallet::storage]
    pub type NextIssuer<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The issuers.
    // Numbers are given in order, here and below, so that nobody can craft keys that unbalance the trie.
    #[pallet::storage]
    pub type Issuers<T: Config> = StorageMap<_, Twox64Concat, IssuerIndex, Issuer<T>>;

    /// Which issuer an account controls or attests for: one at most.
    // Accounts are chosen freely, hence the cryptographic hasher.
    #[pallet::storage]
    pub type Accounts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, IssuerIndex>;

    /// Number of the next shard; shards stay for ever.
    #[pallet::storage]
    pub type NextShard<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The shards.
    #[pallet::storage]
    pub type Shards<T: Config> = StorageMap<_, Twox64Concat, ShardIndex, Shard<T>>;

    /// What is needed to append to each open shard.
    #[pallet::storage]
    pub type Frontiers<T: Config> = StorageMap<_, Twox64Concat, ShardIndex, Frontier>;

    /// Nodes of the cap by level and index, those above empty leaves alone left out. Level 0 are the cap leaves.
    #[pallet::storage]
    pub type CapNodes<T: Config> = StorageMap<_, Twox64Concat, (u8, u32), Element>;

    /// Shards that this block changed so far, whose paths to the root are to be hashed again; gone at its end.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type DirtyShards<T: Config> =
        StorageValue<_, BoundedBTreeSet<ShardIndex, T::MaxDirtyShards>, ValueQuery>;

    /// Registry root at the end of the last block; `None` before the end of block 1.
    #[pallet::storage]
    pub type CurrentRoot<T: Config> = StorageValue<_, RegistryRoot>;

    /// When each registry root was current: what has not expired.
    // Issuers can try attestations until a root suits them, hence the cryptographic hasher. Light clients read this.
    #[pallet::storage]
    pub type RootHistory<T: Config> = StorageMap<_, Blake2_128Concat, RegistryRoot, Spans<T>, ValueQuery>;

    /// Number of the next trust list.
    #[pallet::storage]
    pub type NextTrustList<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The trust lists.
    #[pallet::storage]
    pub type TrustLists<T: Config> = StorageMap<_, Twox64Concat, TrustListId, TrustList<T>>;

    /// The positions of each trust list that were ever used.
    #[pallet::storage]
    pub type Slots<T: Config> = StorageDoubleMap<_, Twox64Concat, TrustListId, Twox64Concat, u16, Slot>;

    /// Which trust lists each issuer consented to, and where it is in them.
    // By issuer first: suspending one visits all its lists.
    #[pallet::storage]
    pub type Listings<T: Config> =
        StorageDoubleMap<_, Twox64Concat, IssuerIndex, Twox64Concat, TrustListId, Listing>;

    /// Nodes of each trust list by level and index, those above leaves that were never used left out.
    #[pallet::storage]
    pub type TrustNodes<T: Config> =
        StorageDoubleMap<_, Twox64Concat, TrustListId, Twox64Concat, (u8, u32), Element>;

    /// Trust lists that this block changed so far; gone at its end.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type DirtyLists<T: Config> =
        StorageValue<_, BoundedBTreeSet<TrustListId, DirtyListsBound<T>>, ValueQuery>;

    /// When each root of each trust list was current: what has not expired.
    // Curators can try orders of members until a root suits them, hence the cryptographic hasher.
    #[pallet::storage]
    pub type ListRootHistory<T: Config> =
        StorageDoubleMap<_, Twox64Concat, TrustListId, Blake2_128Concat, TrustListRoot, Spans<T>, ValueQuery>;

    /// Ends of spans in their order, for pruning: each is due a window after it.
    #[pallet::storage]
    pub type Expiries<T: Config> = StorageMap<_, Twox64Concat, u64, Expiry>;

    /// Positions of the first and behind the last of [`Expiries`].
    #[pallet::storage]
    pub type ExpiryQueue<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(number: BlockNumberFor<T>) -> Weight {
            let mut weight = Self::finalize_fixed_weight();
            if number == 1u32.into() {
                Genesis::<T>::put(Self::hash_of_block_0());
                weight.saturating_accrue(T::DbWeight::get().reads_writes(1, 1));
            }
            weight.saturating_add(T::WeightInfo::prune(Self::prune_history(Self::now())))
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::finalize_lists();
            Self::finalize_registry();
        }

        fn integrity_test() {
            Self::check_configuration();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}
