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
//! trust lists that hold the issuer count no more. Their roots are kept, so that they can be restored for a while. Each shard
//! names the one that its issuer opened before it; a call follows these links, and pays for as many as it says.
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
//! A root that becomes current again gets another span. There are at most [`Config::MaxSpans`] for a root: the oldest gives
//! way, and its anchors are refused early. Only toggling does this. That of a list hurts nobody but who trusts its toggler. A
//! registry root comes back only when shards are restored and nothing was attested or revoked in between, and each shard is
//! restored once in [`Config::RestoreWindow`], which is no shorter than the window of roots: so that a root comes back
//! often takes as many shards, with their deposits, and a registry that nobody else writes to meanwhile. An
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
//!   issuer. A single one lets the window run.
//! - *Revoke what is not there*: leaf, position and siblings have to give the stored root; positions ascend and siblings are
//!   counted, so that there is one proof for each set of positions.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub mod migrations;
pub mod types;
pub mod weights;

mod attesting;
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

pub use pallet::*;
pub use types::{
    Attester, BalanceOf, Batch, CreditOf, DirtyListsBound, Expiry, History, Issuer, ListStatus, Listing,
    Positioned, Shard, ShardChoice, ShardStatus, Siblings, Slot, Spans, TrustList,
};
pub use view::{MAX_NODES_AT_ONCE, MAX_SHARDS_AT_ONCE};
pub use weights::WeightInfo;

/// The pallet.
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

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An issuer was registered.
        IssuerRegistered {
            /// The issuer.
            issuer: IssuerIndex,
            /// Its cold account.
            controller: T::AccountId,
            /// The account that is to attest; unless it is the controller, it has to agree first.
            attester: T::AccountId,
        },
        /// An account agreed to attest for an issuer.
        AttesterAccepted {
            /// The issuer.
            issuer: IssuerIndex,
            /// The account.
            attester: T::AccountId,
        },
        /// Attestations were appended to a shard.
        Attested {
            /// Whose shard.
            issuer: IssuerIndex,
            /// The shard.
            shard: ShardIndex,
            /// Index of the first of them.
            start: u16,
            /// How many.
            count: u16,
        },
        /// A shard takes no more attestations.
        ShardSealed {
            /// Whose shard.
            issuer: IssuerIndex,
            /// The shard.
            shard: ShardIndex,
        },
        /// An attestation was revoked: it counts no more, and its position is never used again.
        Revoked {
            /// Whose shard.
            issuer: IssuerIndex,
            /// The shard.
            shard: ShardIndex,
            /// Where it was.
            position: u16,
        },
        /// Attestations of one shard were revoked.
        BatchRevoked {
            /// Whose shard.
            issuer: IssuerIndex,
            /// The shard.
            shard: ShardIndex,
            /// How many.
            count: u16,
        },
        /// Shards of an issuer were revoked as wholes. Older anchors of its trust lists count no more.
        ShardsRevoked {
            /// Whose shards.
            issuer: IssuerIndex,
            /// All of its shards from this one on, but those that were revoked already.
            from: ShardIndex,
            /// The last of them.
            to: ShardIndex,
            /// How many were revoked.
            count: u32,
        },
        /// Shards of an issuer that had been revoked as wholes count again.
        ShardsRestored {
            /// Whose shards.
            issuer: IssuerIndex,
            /// All of its revoked shards from this one on.
            from: ShardIndex,
            /// The last shard to be looked at.
            to: ShardIndex,
            /// How many were restored.
            count: u32,
        },
        /// A trust list was created.
        TrustListCreated {
            /// The list.
            list: TrustListId,
            /// Who keeps it.
            curator: T::AccountId,
        },
        /// An issuer agreed to be on a trust list.
        ConsentGiven {
            /// The list.
            list: TrustListId,
            /// The issuer.
            issuer: IssuerIndex,
        },
        /// An issuer does not agree any more; if it was on the list, it left.
        ConsentWithdrawn {
            /// The list.
            list: TrustListId,
            /// The issuer.
            issuer: IssuerIndex,
        },
        /// An issuer was put on a trust list.
        MemberAdded {
            /// The list.
            list: TrustListId,
            /// The issuer.
            issuer: IssuerIndex,
            /// Its position.
            position: u16,
        },
        /// An issuer is off a trust list. Older anchors of the list count no more.
        MemberRemoved {
            /// The list.
            list: TrustListId,
            /// The issuer.
            issuer: IssuerIndex,
            /// The position that it left.
            position: u16,
        },
        /// An issuer has another attester. What the old one sends from here on is refused.
        AttesterRotated {
            /// The issuer.
            issuer: IssuerIndex,
            /// The account that is to attest; unless it is the controller, it has to agree first.
            attester: T::AccountId,
        },
        /// An issuer described itself anew.
        MetadataUpdated {
            /// The issuer.
            issuer: IssuerIndex,
        },
        /// An issuer retired: it attests no more, and what it attested stays.
        IssuerRetired {
            /// The issuer.
            issuer: IssuerIndex,
        },
        /// A retired issuer took its deposit back.
        DepositWithdrawn {
            /// The issuer.
            issuer: IssuerIndex,
            /// What was left of it.
            amount: BalanceOf<T>,
        },
        /// Governance suspended an issuer: no trust list has it in its tree, and older anchors of its lists count no
        /// more.
        IssuerSuspended {
            /// The issuer.
            issuer: IssuerIndex,
        },
        /// Governance reinstated an issuer: it is back where it was on each trust list.
        IssuerReinstated {
            /// The issuer.
            issuer: IssuerIndex,
        },
        /// Governance took some of an issuer's deposit.
        IssuerSlashed {
            /// The issuer.
            issuer: IssuerIndex,
            /// How much was taken.
            amount: BalanceOf<T>,
        },
        /// A curator offered a trust list to another account, or took the offer back.
        ListOffered {
            /// The list.
            list: TrustListId,
            /// Who may accept it.
            to: Option<T::AccountId>,
        },
        /// A trust list has another curator.
        ListHandedOver {
            /// The list.
            list: TrustListId,
            /// Who keeps it now.
            curator: T::AccountId,
        },
        /// A trust list was frozen: its curator adds and removes nobody any more.
        ListFrozen {
            /// The list.
            list: TrustListId,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// An issuer's metadata is UTF-8 without control characters, and not empty. Write it anew.
        InvalidMetadata,
        /// A trust list's name is 1 to `MaxNameLength` bytes of UTF-8 without control characters. Choose another.
        InvalidName,
        /// The account controls or attests for an issuer already. Use another account.
        AccountTaken,
        /// All numbers of issuers are used up.
        TooManyIssuers,
        /// The issuer did not name this account as its attester. Ask its controller.
        NotNamed,
        /// The account does not control an issuer. Use the issuer's controlling key.
        NotController,
        /// The account does not attest for an issuer. Use the issuer's attesting key.
        NotAttester,
        /// The account neither controls nor attests for an issuer.
        NotAnIssuer,
        /// The issuer is suspended or retired.
        IssuerNotActive,
        /// The batch holds no attestations.
        EmptyBatch,
        /// The batch holds the constant of empty leaves, which is nobody's attestation.
        EmptyLeaf,
        /// This is not the issuer's open shard. Ask the chain which is, or open the next one.
        ShardNotOpen,
        /// The issuer has an open shard. Name it, or seal it first.
        ShardStillOpen,
        /// The shard's next index is another. The batch may be in already: ask the chain before sending it again.
        WrongStart,
        /// The shard has no room for the whole batch. Split it.
        ShardFull,
        /// The issuer's last shard holds the same attestations, or was opened with them: the batch is in already. What was
        /// revoked there since is attested again with other leaves.
        DuplicateShard,
        /// The cap has no room for another shard.
        CapFull,
        /// The block changes as many shards as it can. Try again in the next one.
        TooManyDirtyShards,
        /// The block changes as many trust lists as it can. Try again in the next one.
        TooManyDirtyLists,
        /// The issuer has no open shard.
        NoOpenShard,
        /// There is no such shard.
        UnknownShard,
        /// The shard is another issuer's.
        NotOwnShard,
        /// The shard was revoked as a whole, so that nothing in it counts. Restore it first.
        ShardRevoked,
        /// The shard has no attestation at the position yet.
        UnknownPosition,
        /// Leaf and siblings do not give the shard's root: it has changed since they were computed, or the leaf is not
        /// there, perhaps because it is revoked. Compute them anew from the shard as it is.
        StaleWitness,
        /// The positions do not ascend, or the siblings are not as many as are needed.
        MalformedMultiproof,
        /// There are more of the issuer's shards in the range than the call paid for, or than one call changes. Count again,
        /// those that are revoked already too, or take a part of the range.
        TooManyShards,
        /// None of the issuer's shards in the range would change.
        NothingToChange,
        /// A shard in the range was revoked longer ago than shards can be restored.
        RestoreWindowOver,
        /// A shard in the range was restored before, too short a time ago to be restored again.
        RestoredLately,
        /// All numbers of trust lists are used up.
        TooManyTrustLists,
        /// There is no such trust list.
        UnknownTrustList,
        /// There is no such issuer.
        UnknownIssuer,
        /// Only the list's curator can do this.
        NotCurator,
        /// The trust list is frozen.
        ListFrozen,
        /// The issuer consents to the list already.
        AlreadyConsented,
        /// The issuer consents to as many lists as it can. Withdraw another consent first.
        TooManyLists,
        /// The issuer does not consent to the list. Its controller has to, first.
        NotConsented,
        /// The issuer is on the list already.
        AlreadyListed,
        /// The issuer is not on the list.
        NotListed,
        /// The list has no room for another issuer.
        ListFull,
        /// The account is the issuer's attester already, or named to be. Name another one.
        AttesterUnchanged,
        /// The issuer is not retired. Retire it first.
        NotRetired,
        /// The issuer is suspended. Ask governance to reinstate it.
        IssuerSuspended,
        /// The issuer is not suspended.
        NotSuspended,
        /// The issuer retired fewer than `RetireDelay` blocks ago. Wait.
        TooEarly,
        /// Nothing is left of the issuer's deposit: it was withdrawn, or slashed.
        NoDeposit,
        /// The account is the list's curator already. Name another one.
        CuratorUnchanged,
        /// The list was not offered to the account. Ask its curator.
        NotOffered,
    }

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

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers an issuer, whose number follows from the event.
        ///
        /// Holds [`Config::IssuerDeposit`] on the caller's account. An attester other than the caller attests once it
        /// agreed by [`become_attester`](Self::become_attester); until then the account is free to do anything else.
        ///
        /// Origin: signed; the caller becomes the controller. Errors: [`Error::InvalidMetadata`],
        /// [`Error::AccountTaken`], [`Error::TooManyIssuers`], and those of the currency when the deposit is not
        /// there. Event: [`Event::IssuerRegistered`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            metadata: BoundedVec<u8, T::MaxMetadata>,
            attester: T::AccountId,
        ) -> DispatchResult {
            let controller = ensure_signed(origin)?;
            Self::enrol(controller, metadata, attester)
        }

        /// Agrees to attest for an issuer that named the caller.
        ///
        /// An account serves one issuer. That it has to agree keeps others from binding it to an issuer of theirs.
        ///
        /// Origin: signed; the named attester. Errors: [`Error::UnknownIssuer`], [`Error::NotNamed`],
        /// [`Error::AccountTaken`]. Event: [`Event::AttesterAccepted`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::become_attester())]
        pub fn become_attester(origin: OriginFor<T>, issuer: IssuerIndex) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::accept_attester(caller, issuer)
        }

        /// Appends attestations to the issuer's open shard, or opens the next one with them.
        ///
        /// `start` is the index at which the caller expects the batch to begin: 0 in a new shard. So no batch is
        /// written twice, whatever is sent twice. A new shard holds [`Config::ShardDeposit`] on the caller's account. A
        /// full shard seals itself. All of the batch is appended, or nothing.
        ///
        /// The leaves are in the block's body and nowhere else: the runtime must not let anything wrap this call.
        ///
        /// Origin: signed; the issuer's attester. Errors: [`Error::NotAttester`], [`Error::IssuerNotActive`],
        /// [`Error::EmptyBatch`], [`Error::EmptyLeaf`], [`Error::ShardNotOpen`], [`Error::ShardStillOpen`],
        /// [`Error::WrongStart`], [`Error::ShardFull`], [`Error::DuplicateShard`], [`Error::CapFull`],
        /// [`Error::TooManyDirtyShards`], and those of the currency when the deposit is not there.
        /// Events: [`Event::Attested`], and [`Event::ShardSealed`] when the shard is full.
        #[pallet::call_index(2)]
        #[pallet::weight(Pallet::<T>::attest_weight(*shard, leaves.len() as u32))]
        pub fn attest(origin: OriginFor<T>, shard: ShardChoice, start: u16, leaves: Batch) -> DispatchResult {
            let attester = ensure_signed(origin)?;
            Self::append(attester, shard, start, &leaves)
        }

        /// Seals the issuer's open shard, so that the next batch opens another.
        ///
        /// Origin: signed; the issuer's controller or attester. Errors: [`Error::NotAnIssuer`],
        /// [`Error::NoOpenShard`]. Event: [`Event::ShardSealed`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::seal_shard())]
        pub fn seal_shard(origin: OriginFor<T>) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            let (_, issuer) = Self::issuer_served_by(&caller).ok_or(Error::<T>::NotAnIssuer)?;
            Self::seal_open_shard(&issuer)
        }

        /// Creates an empty trust list, whose number follows from the event.
        ///
        /// Holds [`Config::ListDeposit`] on the caller's account.
        ///
        /// Origin: signed; the caller becomes the curator. Errors: [`Error::InvalidName`],
        /// [`Error::TooManyTrustLists`], [`Error::TooManyDirtyLists`], and those of the currency when the deposit is not
        /// there. Event: [`Event::TrustListCreated`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::create_trust_list().saturating_add(T::WeightInfo::finalize_lists(1)))]
        pub fn create_trust_list(
            origin: OriginFor<T>,
            name: BoundedVec<u8, T::MaxNameLength>,
        ) -> DispatchResult {
            let curator = ensure_signed(origin)?;
            Self::found(curator, name)
        }

        /// Agrees that a trust list may hold the caller's issuer.
        ///
        /// Origin: signed; the issuer's controller. Errors: [`Error::NotController`], [`Error::IssuerNotActive`],
        /// [`Error::UnknownTrustList`], [`Error::AlreadyConsented`], [`Error::TooManyLists`].
        /// Event: [`Event::ConsentGiven`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::consent())]
        pub fn consent(origin: OriginFor<T>, list: TrustListId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::give_consent(&caller, list)
        }

        /// Takes the consent to a trust list back. If the issuer is on the list, it leaves at once.
        ///
        /// Origin: signed; the issuer's controller. Errors: [`Error::NotController`], [`Error::NotConsented`],
        /// [`Error::TooManyDirtyLists`]. Events: [`Event::ConsentWithdrawn`], after [`Event::MemberRemoved`] when the
        /// issuer was on the list.
        #[pallet::call_index(6)]
        #[pallet::weight(Pallet::<T>::list_change_weight(T::WeightInfo::withdraw_consent()))]
        pub fn withdraw_consent(origin: OriginFor<T>, list: TrustListId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::take_consent_back(&caller, list)
        }

        /// Puts an issuer on a trust list.
        ///
        /// Origin: signed; the list's curator. Errors: [`Error::UnknownTrustList`], [`Error::NotCurator`],
        /// [`Error::ListFrozen`], [`Error::UnknownIssuer`], [`Error::IssuerNotActive`], [`Error::NotConsented`],
        /// [`Error::AlreadyListed`], [`Error::ListFull`], [`Error::TooManyDirtyLists`]. Event: [`Event::MemberAdded`].
        #[pallet::call_index(7)]
        #[pallet::weight(Pallet::<T>::list_change_weight(T::WeightInfo::add_member()))]
        pub fn add_member(origin: OriginFor<T>, list: TrustListId, issuer: IssuerIndex) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            let found = Self::list_kept_by(&caller, list)?;
            Self::put_on(list, found, issuer)
        }

        /// Takes an issuer off a trust list; its consent stays. Older anchors of the list count no more.
        ///
        /// Origin: signed; the list's curator. Errors: [`Error::UnknownTrustList`], [`Error::NotCurator`],
        /// [`Error::ListFrozen`], [`Error::NotListed`], [`Error::TooManyDirtyLists`]. Event: [`Event::MemberRemoved`].
        #[pallet::call_index(8)]
        #[pallet::weight(Pallet::<T>::list_change_weight(T::WeightInfo::remove_member()))]
        pub fn remove_member(origin: OriginFor<T>, list: TrustListId, issuer: IssuerIndex) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            let found = Self::list_kept_by(&caller, list)?;
            let listing = Listings::<T>::get(issuer, list);
            let Some(Listing::Listed(position)) = listing else {
                return Err(Error::<T>::NotListed.into());
            };
            Self::take_off(list, found, issuer, position)
        }

        /// Revokes an attestation: its leaf becomes the empty leaf, for ever.
        ///
        /// `leaf` and `siblings`, lowest first, are as the last call that changed the shard left it, in the same block or
        /// before: so several calls in a block each start where the one before ended. The shard may be open or sealed.
        ///
        /// What was proved before is taken for [`Config::RootWindow`] blocks more, or as long as the policy says: to end
        /// that too, suspend, leave the list, or revoke whole shards.
        ///
        /// The leaf index of nodes reads this call from the block's body: the runtime must not let anything wrap it.
        ///
        /// Origin: signed; the issuer's controller or attester, whatever the issuer's status. Errors:
        /// [`Error::NotAnIssuer`], [`Error::UnknownShard`], [`Error::NotOwnShard`], [`Error::ShardRevoked`],
        /// [`Error::UnknownPosition`], [`Error::EmptyLeaf`], [`Error::StaleWitness`], [`Error::TooManyDirtyShards`].
        /// Event: [`Event::Revoked`].
        #[pallet::call_index(9)]
        #[pallet::weight(Pallet::<T>::shards_weight(T::WeightInfo::revoke(), 1))]
        pub fn revoke(
            origin: OriginFor<T>,
            shard: ShardIndex,
            position: u16,
            leaf: Attestation,
            siblings: Box<[Element; SHARD_DEPTH]>,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::revoke_one(&caller, shard, position, leaf, *siblings)
        }

        /// Revokes attestations of one shard by a multiproof: all of them, or none.
        ///
        /// `leaves` are in the order of their positions, `siblings` in that of
        /// [`MultiProof`](ofage_primitives::tree::MultiProof): level by level from the leaves up, left to right, and only
        /// those that do not follow from the leaves. Both are as the last call that changed the shard left it.
        ///
        /// The leaf index of nodes reads this call from the block's body: the runtime must not let anything wrap it.
        ///
        /// Origin: signed; the issuer's controller or attester, whatever the issuer's status. Errors: those of
        /// [`revoke`](Self::revoke), [`Error::EmptyBatch`] and [`Error::MalformedMultiproof`].
        /// Event: [`Event::BatchRevoked`].
        #[pallet::call_index(10)]
        #[pallet::weight(Pallet::<T>::revoke_batch_weight(leaves.len(), siblings.len()))]
        pub fn revoke_batch(
            origin: OriginFor<T>,
            shard: ShardIndex,
            leaves: Positioned,
            siblings: Siblings,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::revoke_several(&caller, shard, &leaves, siblings.into_inner())
        }

        /// Revokes the shards `from..=to` of the caller's issuer as wholes, after its attesting key was stolen.
        ///
        /// Their cap leaves become empty; an open one is sealed. Anchors older than this block count no more for the trust
        /// lists that hold the issuer: what a thief attested is refused at once. Holders of those lists prove again,
        /// against a newer block. The roots are kept, so that the shards can be [restored](Self::restore_shards).
        ///
        /// [Name another attester](Self::rotate_attester) first: else the thief opens the next shard, behind the range.
        ///
        /// `to` is one of the issuer's shards; `from` need not be. `count` is how many of its shards lie between, both
        /// ends and those that are revoked already included; the call pays for so many.
        ///
        /// The leaf index of nodes reads this call from the block's body: the runtime must not let anything wrap it.
        ///
        /// Origin: signed; the issuer's controller, whatever the issuer's status. Errors: [`Error::NotController`],
        /// [`Error::UnknownShard`], [`Error::NotOwnShard`], [`Error::TooManyShards`], [`Error::NothingToChange`],
        /// [`Error::TooManyDirtyShards`]. Events: [`Event::ShardsRevoked`], after [`Event::ShardSealed`] when one of them
        /// was open.
        #[pallet::call_index(11)]
        #[pallet::weight(Pallet::<T>::revoke_shards_weight(*count))]
        pub fn revoke_shards(
            origin: OriginFor<T>,
            from: ShardIndex,
            to: ShardIndex,
            count: u32,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::revoke_range(&caller, from, to, count)
        }

        /// Restores those of the shards `from..=to` of the caller's issuer that were revoked as wholes.
        ///
        /// Within [`Config::RestoreWindow`] blocks of their revocation, and not before as many have passed since they were last
        /// restored. They stay sealed, and what was revoked one by one stays revoked. To be rid of some attestations of a
        /// shard, revoke those right behind this call: what counts is the end of the block. `count` is as in
        /// [`revoke_shards`](Self::revoke_shards).
        ///
        /// The leaf index of nodes reads this call from the block's body: the runtime must not let anything wrap it.
        ///
        /// Origin: signed; the issuer's controller, whatever the issuer's status. Errors: those of
        /// [`revoke_shards`](Self::revoke_shards), [`Error::RestoreWindowOver`] and [`Error::RestoredLately`].
        /// Event: [`Event::ShardsRestored`].
        #[pallet::call_index(12)]
        #[pallet::weight(Pallet::<T>::restore_shards_weight(*count))]
        pub fn restore_shards(
            origin: OriginFor<T>,
            from: ShardIndex,
            to: ShardIndex,
            count: u32,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::restore_range(&caller, from, to, count)
        }

        /// Names another attester for the caller's issuer, whose present one loses its say at once.
        ///
        /// The new one attests once it agreed by [`become_attester`](Self::become_attester), and the controller itself
        /// right away. The open shard is sealed, so that no shard has attestations of two keys. What the old key attested
        /// stays: revoke it if it was stolen.
        ///
        /// Origin: signed; the issuer's controller, whatever the issuer's status. Errors: [`Error::NotController`],
        /// [`Error::AttesterUnchanged`], [`Error::AccountTaken`]. Events: [`Event::AttesterRotated`], after
        /// [`Event::ShardSealed`] when a shard was open.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::rotate_attester())]
        pub fn rotate_attester(origin: OriginFor<T>, attester: T::AccountId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::replace_attester(&caller, attester)
        }

        /// Publishes other metadata of the caller's issuer.
        ///
        /// Origin: signed; the issuer's controller, whatever the issuer's status. Errors: [`Error::InvalidMetadata`],
        /// [`Error::NotController`]. Event: [`Event::MetadataUpdated`].
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::update_metadata())]
        pub fn update_metadata(
            origin: OriginFor<T>,
            metadata: BoundedVec<u8, T::MaxMetadata>,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::describe(&caller, metadata)
        }

        /// Retires the caller's issuer, for ever. It attests no more and joins no lists; what it attested stays, and it can
        /// revoke that. Its open shard is sealed.
        ///
        /// Origin: signed; the issuer's controller. Errors: [`Error::NotController`], [`Error::IssuerNotActive`].
        /// Events: [`Event::IssuerRetired`], after [`Event::ShardSealed`] when a shard was open.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::retire())]
        pub fn retire(origin: OriginFor<T>) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::end_career(&caller)
        }

        /// Gives a retired issuer what is left of its deposit, [`Config::RetireDelay`] blocks after it retired.
        ///
        /// Origin: signed; the issuer's controller. Errors: [`Error::NotController`], [`Error::IssuerSuspended`],
        /// [`Error::NotRetired`], [`Error::TooEarly`], [`Error::NoDeposit`]. Event: [`Event::DepositWithdrawn`].
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::withdraw_deposit())]
        pub fn withdraw_deposit(origin: OriginFor<T>) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::give_deposit_back(&caller)
        }

        /// Suspends an issuer: it attests nothing, and its leaves in all its trust lists become empty. Older anchors of
        /// those lists count no more. It keeps its positions, for when it is reinstated.
        ///
        /// Is not refused because others changed as many lists as a block can; governance has a reserve of
        /// [`Config::MaxDirtyListsReserve`].
        ///
        /// Origin: [`Config::GovernanceOrigin`]. Errors: [`Error::UnknownIssuer`], [`Error::IssuerSuspended`], and
        /// [`Error::TooManyDirtyLists`] when governance used its reserve up. Event: [`Event::IssuerSuspended`].
        #[pallet::call_index(17)]
        #[pallet::weight(Pallet::<T>::governance_weight(T::WeightInfo::suspend, T::MaxListsPerIssuer::get()))]
        pub fn suspend(origin: OriginFor<T>, issuer: IssuerIndex) -> DispatchResultWithPostInfo {
            T::GovernanceOrigin::ensure_origin(origin)?;
            let lists = Self::suspend_issuer(issuer)?;
            Ok(Some(Self::governance_weight(T::WeightInfo::suspend, lists)).into())
        }

        /// Ends the suspension of an issuer: it is back at its positions in its trust lists. One that had retired has
        /// still.
        ///
        /// Origin: [`Config::GovernanceOrigin`]. Errors: [`Error::UnknownIssuer`], [`Error::NotSuspended`], and
        /// [`Error::TooManyDirtyLists`] when governance used its reserve up. Event: [`Event::IssuerReinstated`].
        #[pallet::call_index(18)]
        #[pallet::weight(Pallet::<T>::governance_weight(T::WeightInfo::reinstate, T::MaxListsPerIssuer::get()))]
        pub fn reinstate(origin: OriginFor<T>, issuer: IssuerIndex) -> DispatchResultWithPostInfo {
            T::GovernanceOrigin::ensure_origin(origin)?;
            let lists = Self::reinstate_issuer(issuer)?;
            Ok(Some(Self::governance_weight(T::WeightInfo::reinstate, lists)).into())
        }

        /// Takes `amount` of an issuer's deposit, or what is left when that is less, and gives it to
        /// [`Config::OnSlash`]. Changes nothing else: suspend the issuer if it is not to be trusted.
        ///
        /// Origin: [`Config::GovernanceOrigin`]. Errors: [`Error::UnknownIssuer`], [`Error::NoDeposit`].
        /// Event: [`Event::IssuerSlashed`], with what was taken.
        #[pallet::call_index(19)]
        #[pallet::weight(T::WeightInfo::slash())]
        pub fn slash(
            origin: OriginFor<T>,
            issuer: IssuerIndex,
            #[pallet::compact] amount: BalanceOf<T>,
        ) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::slash_issuer(issuer, amount)
        }

        /// Offers a trust list to another curator, instead of whom it was offered to before; or to nobody any more.
        ///
        /// The caller stays the curator until the other one accepts.
        ///
        /// Origin: signed; the list's curator. Errors: [`Error::UnknownTrustList`], [`Error::NotCurator`],
        /// [`Error::CuratorUnchanged`]. Event: [`Event::ListOffered`].
        #[pallet::call_index(20)]
        #[pallet::weight(T::WeightInfo::offer_list())]
        pub fn offer_list(
            origin: OriginFor<T>,
            list: TrustListId,
            to: Option<T::AccountId>,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::offer(&caller, list, to)
        }

        /// Becomes the curator of a trust list that was offered to the caller. Its deposit is held on the caller's account
        /// from now on, and released on the old curator's.
        ///
        /// Origin: signed; whom the curator offered the list to. Errors: [`Error::UnknownTrustList`],
        /// [`Error::NotOffered`], and those of the currency when the deposit is not there.
        /// Event: [`Event::ListHandedOver`].
        #[pallet::call_index(21)]
        #[pallet::weight(T::WeightInfo::accept_list())]
        pub fn accept_list(origin: OriginFor<T>, list: TrustListId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::take_over(caller, list)
        }

        /// Freezes a trust list, for ever: its curator adds and removes nobody any more.
        ///
        /// Members may still leave, and governance may still suspend them. The list can be handed over: its deposit lies
        /// with somebody, after all.
        ///
        /// Origin: signed; the list's curator. Errors: [`Error::UnknownTrustList`], [`Error::NotCurator`],
        /// [`Error::ListFrozen`]. Event: [`Event::ListFrozen`].
        #[pallet::call_index(22)]
        #[pallet::weight(T::WeightInfo::freeze_list())]
        pub fn freeze_list(origin: OriginFor<T>, list: TrustListId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::freeze(&caller, list)
        }
    }
}
