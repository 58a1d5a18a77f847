//! # Age gate
//!
//! Gates that admit accounts whose holder proves an age, without the holder paying, signing or showing who they are.
//!
//! ## How
//! An app publishes a *gate*: a policy, and the length of an admission. A holder proves in zero knowledge that they
//! meet the policy, for one account, and sends the proof as a general transaction without a signer. The pallet
//! recomputes every public input but nullifier and issuer tag from gate, anchor, day, account and genesis, and has
//! [`Config::Verifier`] check the proof. The *admission* is then on record until its last day.
//!
//! ## Who pays
//! The gate's *sponsor balance*, on an account of the pallet's that anybody may fund. Each admission takes a fee from it:
//! what a signed transaction of the same weight and length would pay, without tip or multiplier. Each admission on
//! record also holds a deposit there, which pruning frees once it has expired. A gate that cannot pay refuses before
//! the proof is looked at. The gate itself holds a deposit on its owner's account.
//!
//! ## Rules
//! - One nullifier admits one account of a gate at a time, and one account is admitted under one nullifier: else two
//!   holders could free each other's slots by turns. A stranger who proves for somebody else's account spends a slot
//!   of their own to admit it; the account is in, and cannot be put in again before that ends.
//! - An admission renews with a fresh proof by the same nullifier for the same account, once that wins at least half
//!   an admission's length: what one secret can draw from a sponsor is bounded.
//! - Expired admissions give way at once to new ones, pruned or not.
//! - "Below N" is proved for the last day of the admission.
//!
//! ## What an attacker can do
//! Checks run from cheap to dear, see [`Refusal`]; only a request that passes all others has its proof checked, once,
//! before it enters pool or block; dispatch never checks it again and only takes the authorized origin. The nullifier
//! is the transaction's tag, so the pool keeps one request for each. A request that changes hands still counts for
//! the account in it only, and for its gate, day and chain. The share of a block is bounded by
//! [`Config::MaxAdmissionsPerBlock`]. What remains:
//!
//! - Wrong proofs sent to one node's RPC can cost that node a verification each, those of a batch too: limit its rate
//!   there, by bytes.
//! - Requests in the pool are public. Who passes one on in a batch takes its place there, and the batch leaves the pool
//!   with the first of its requests that ends. A holder can so put others off by a block, now and then: wallets that
//!   see their request replaced, and no admission, send it again.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub mod access;
pub mod refusal;
pub mod types;
pub mod weights;

mod authorize;
mod ledger;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
mod view;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use access::{EnsureAdmitted, EnsureAdmittedTo, IsAdmitted};
pub use pallet::*;
pub use refusal::Refusal;
pub use types::{Admission, BalanceOf, FeeOf, Gate, GateStatus, Request};
pub use weights::WeightInfo;

/// The pallet.
#[frame_support::pallet]
pub mod pallet {
    use super::{
        refusal::MAX_BATCH,
        types::{Admission, BalanceOf, FeeOf, Gate, GateStatus, Request},
        Refusal, WeightInfo,
    };
    use alloc::boxed::Box;
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Balanced, Mutate, MutateHold},
            tokens::Preservation,
            OnUnbalanced, UnixTime,
        },
        weights::WeightToFee,
        PalletId,
    };
    use frame_system::{ensure_authorized, ensure_signed, pallet_prelude::*};
    use ofage_primitives::{
        chain::{Anchors, ProofVerifier},
        presentation::MAX_PROOF,
        CircuitId, Day, GateId, Nullifier, Policy,
    };
    use sp_runtime::AccountId32;

    /// Layout of the storage.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Most steps of one call of [`Pallet::prune`]; more are cut down to it.
    pub const MAX_PRUNE: u32 = 512;

    /// Configuration.
    ///
    /// Accounts are the 32 bytes that a proof binds.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId32> {
        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;
        /// Deposits and sponsor balances.
        type Currency: Mutate<AccountId32>
            + Balanced<AccountId32>
            + MutateHold<AccountId32, Reason = Self::RuntimeHoldReason>;
        /// Where the fees of admissions go; `()` burns them.
        type OnFee: OnUnbalanced<FeeOf<Self>>;
        /// Price of an admission's weight: that of transactions.
        type WeightToFee: WeightToFee<Balance = BalanceOf<Self>>;
        /// Price of an admission's bytes: that of transactions.
        type LengthToFee: WeightToFee<Balance = BalanceOf<Self>>;
        /// The chain's clock.
        type UnixTime: UnixTime;
        /// Knows which roots were current when.
        type Anchors: Anchors;
        /// Checks proofs.
        type Verifier: ProofVerifier;
        /// Circuit that holders prove with.
        #[pallet::constant]
        type Circuit: Get<CircuitId>;
        /// Exact length of that circuit's proofs, in bytes.
        #[pallet::constant]
        type ProofLength: Get<u32>;
        /// Names the sponsor accounts.
        #[pallet::constant]
        type PalletId: Get<PalletId>;
        /// Held on the owner's account for each gate.
        #[pallet::constant]
        type GateDeposit: Get<BalanceOf<Self>>;
        /// Held on the sponsor account for each admission on record.
        #[pallet::constant]
        type AdmissionDeposit: Get<BalanceOf<Self>>;
        /// Longest name of a gate, in bytes.
        #[pallet::constant]
        type MaxNameLength: Get<u32>;
        /// Longest admission, in days: the documented latency of a revocation.
        #[pallet::constant]
        type MaxAdmissionDays: Get<u16>;
        /// Most requests in a batch; at most [`MAX_BATCH`].
        #[pallet::constant]
        type MaxBatch: Get<u32>;
        /// Most admissions in a block.
        #[pallet::constant]
        type MaxAdmissionsPerBlock: Get<u32>;
        /// Furthest that a request's last block may lie ahead, in blocks.
        #[pallet::constant]
        type MaxLongevity: Get<u32>;
        /// Priority of a request in the pool; a batch has that of its requests together.
        #[pallet::constant]
        type Priority: Get<TransactionPriority>;
        /// Weights of this pallet's calls.
        type WeightInfo: WeightInfo;
        /// Gives benchmarks requests that the verifier accepts.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;
    }

    /// The pallet.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What deposits are held for.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A gate, on its owner's account.
        #[codec(index = 0)]
        Gate,
        /// Admissions on record, on their gate's sponsor account.
        #[codec(index = 1)]
        Admission,
    }

    /// Number of the next gate; numbers are never reused, since scopes are derived from them.
    #[pallet::storage]
    pub type NextGate<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The gates.
    // Numbers are given in order, so that nobody can craft keys that unbalance the trie.
    #[pallet::storage]
    pub type Gates<T: Config> = StorageMap<_, Twox64Concat, GateId, Gate<T>>;

    /// Admissions on record, by gate and account.
    // Accounts are chosen by whoever asks, hence the cryptographic hasher.
    #[pallet::storage]
    pub type Admissions<T: Config> =
        StorageDoubleMap<_, Twox64Concat, GateId, Blake2_128Concat, T::AccountId, Admission<T>>;

    /// The account that each nullifier on record is admitted for.
    // Holders can try secrets until a nullifier suits them, hence the cryptographic hasher.
    #[pallet::storage]
    pub type Nullifiers<T: Config> =
        StorageDoubleMap<_, Twox64Concat, GateId, Blake2_128Concat, Nullifier, T::AccountId>;

    /// Which admissions end on which day, for pruning.
    // Days are close to the chain's own, which nobody chooses.
    #[pallet::storage]
    pub type Endings<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Twox64Concat, GateId>,
            NMapKey<Twox64Concat, Day>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        (),
    >;

    /// Admissions in this block so far; gone at its end.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type AdmittedInBlock<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A gate was created.
        GateCreated {
            /// The gate.
            gate: GateId,
            /// Who keeps it.
            owner: T::AccountId,
        },
        /// A gate's sponsor balance was raised.
        GateFunded {
            /// The gate.
            gate: GateId,
            /// Who paid.
            funder: T::AccountId,
            /// How much.
            amount: BalanceOf<T>,
        },
        /// An account was admitted, or its admission renewed.
        Admitted {
            /// The gate.
            gate: GateId,
            /// Who was admitted.
            account: T::AccountId,
            /// Under which pseudonym.
            nullifier: Nullifier,
            /// Last day of the admission, UTC.
            until: Day,
            /// Whether the account was admitted under this pseudonym already.
            renewed: bool,
        },
        /// Expired admissions were taken off the record, and their deposits freed.
        Pruned {
            /// The gate.
            gate: GateId,
            /// How many.
            admissions: u32,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// A gate's name is 1 to `MaxNameLength` bytes of UTF-8 without control characters. Choose another.
        InvalidName,
        /// The policy cannot be met, or no verifier could mean it. Check it with the SDK before sending.
        InvalidPolicy,
        /// There is no such trust list. Create it first.
        UnknownTrustList,
        /// An admission lasts 1 to `MaxAdmissionDays` days.
        InvalidAdmissionDays,
        /// All numbers of gates are used up.
        TooManyGates,
        /// There is no such gate.
        UnknownGate,
        /// The gate takes no more admissions.
        GateClosed,
        /// The gate has no expired admissions to prune. Call again another day.
        NothingExpired,
        /// Another request for the nullifier came first.
        NullifierTaken,
        /// Another request for the account came first.
        AccountTaken,
        /// The admission was renewed already.
        RenewalTooEarly,
        /// The request does not hold any more. Prove again.
        RequestOutdated,
    }

    impl<T> From<Refusal> for Error<T> {
        fn from(refusal: Refusal) -> Self {
            match refusal {
                Refusal::UnknownGate => Self::UnknownGate,
                Refusal::GateClosed => Self::GateClosed,
                Refusal::NullifierTaken => Self::NullifierTaken,
                Refusal::AccountTaken => Self::AccountTaken,
                Refusal::RenewalTooEarly => Self::RenewalTooEarly,
                _ => Self::RequestOutdated,
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            // For `on_finalize`, which clears the counter: it is in memory, whitelisted, and written once.
            T::DbWeight::get().writes(1)
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            // Here and not in `on_initialize`, which the pool does not run before it validates.
            AdmittedInBlock::<T>::kill();
        }

        fn integrity_test() {
            assert!(
                (1..=MAX_PROOF as u32).contains(&T::ProofLength::get()),
                "presentations carry proofs of 1 to MAX_PROOF bytes"
            );
            assert!(
                (1..=MAX_BATCH).contains(&T::MaxBatch::get()),
                "codes name the positions of at most 128 requests"
            );
            assert!(
                T::MaxAdmissionsPerBlock::get() >= T::MaxBatch::get(),
                "a full batch fits an empty block"
            );
            assert!(
                T::MaxAdmissionDays::get() > 0,
                "an admission lasts a day at least"
            );
            assert!(T::MaxNameLength::get() > 0, "a gate has a name");
            assert!(!T::AdmissionDeposit::get().is_zero(), "state is paid for");
            assert!(!T::GateDeposit::get().is_zero(), "state is paid for");
            let bytes = Request::<T>::max_encoded_len().saturating_mul(T::MaxBatch::get() as usize);
            let longest = *T::BlockLength::get().max.get(DispatchClass::Normal);
            assert!(bytes < longest as usize, "a full batch fits a block's length");
            let largest = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
            let batch = T::WeightInfo::admit_batch(T::MaxBatch::get())
                .saturating_add(T::WeightInfo::authorize_admit_batch(T::MaxBatch::get()));
            assert!(
                largest.is_none_or(|largest| batch.all_lte(largest)),
                "a full batch fits a block's weight"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Creates a gate, whose number follows from the event.
        ///
        /// Holds [`Config::GateDeposit`] on the caller's account. The gate admits nobody before it is funded.
        ///
        /// Origin: signed; the caller becomes the owner. Errors: [`Error::InvalidName`], [`Error::InvalidPolicy`],
        /// [`Error::InvalidAdmissionDays`], [`Error::UnknownTrustList`], [`Error::TooManyGates`], and those of the
        /// currency when the deposit is not there. Event: [`Event::GateCreated`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_gate())]
        pub fn create_gate(
            origin: OriginFor<T>,
            name: BoundedVec<u8, T::MaxNameLength>,
            policy: Policy,
            admission_days: u16,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            ensure!(Self::is_name(&name), Error::<T>::InvalidName);
            ensure!(
                (1..=T::MaxAdmissionDays::get()).contains(&admission_days),
                Error::<T>::InvalidAdmissionDays
            );
            let today = Self::today();
            Self::check_policy(&policy, today, admission_days)?;
            ensure!(
                T::Anchors::list_exists(policy.trust_list),
                Error::<T>::UnknownTrustList
            );
            let gate = GateId(NextGate::<T>::get());
            let next = gate.0.checked_add(1).ok_or(Error::<T>::TooManyGates)?;
            let deposit = T::GateDeposit::get();
            T::Currency::hold(&HoldReason::Gate.into(), &owner, deposit)?;
            NextGate::<T>::put(next);
            let created = Gate {
                owner: owner.clone(),
                name,
                policy,
                admission_days,
                status: GateStatus::Open,
                deposit,
                admissions: 0,
                pruned_before: today,
            };
            Gates::<T>::insert(gate, created);
            Self::deposit_event(Event::GateCreated { gate, owner });
            Ok(())
        }

        /// Moves `amount` from the caller to a gate's sponsor balance.
        ///
        /// Origin: signed; anybody. Errors: [`Error::UnknownGate`], [`Error::GateClosed`], and those of the currency:
        /// the first funding must reach the existential deposit, which stays. Event: [`Event::GateFunded`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::fund())]
        pub fn fund(
            origin: OriginFor<T>,
            gate: GateId,
            #[pallet::compact] amount: BalanceOf<T>,
        ) -> DispatchResult {
            let funder = ensure_signed(origin)?;
            let found = Gates::<T>::get(gate).ok_or(Error::<T>::UnknownGate)?;
            ensure!(found.status.is_open(), Error::<T>::GateClosed);
            T::Currency::transfer(
                &funder,
                &Self::sponsor_account(gate),
                amount,
                Preservation::Preserve,
            )?;
            Self::deposit_event(Event::GateFunded { gate, funder, amount });
            Ok(())
        }

        /// Admits an account to a gate, or renews its admission.
        ///
        /// Sent as a general transaction without signer; the transaction is refused, with a code of [`Refusal`],
        /// unless the request holds. The gate's sponsor balance pays.
        ///
        /// Origin: authorized, which only the request's own check gives. Errors: none in a block, since the check
        /// runs right before; the cheap part of it runs again here. Event: [`Event::Admitted`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::admit())]
        #[pallet::authorize(|source, request| Self::authorize_admit(source, request))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_admit())]
        // The box keeps the runtime's call type small.
        #[allow(clippy::boxed_local)]
        pub fn admit(origin: OriginFor<T>, request: Box<Request<T>>) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::enter(
                request.gate,
                core::slice::from_ref(&*request),
                Self::admission_fee(),
            )
        }

        /// Admits several accounts to one gate: all or none.
        ///
        /// Cheaper for each than [`admit`](Self::admit), since their proofs are verified together.
        ///
        /// Origin, errors and events: as for [`admit`](Self::admit). A batch that does not hold is refused with a
        /// code that names its first bad request.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::admit_batch(requests.len() as u32))]
        #[pallet::authorize(|source, requests| Self::authorize_admit_batch(source, requests))]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_admit_batch(requests.len() as u32))]
        pub fn admit_batch(
            origin: OriginFor<T>,
            requests: BoundedVec<Request<T>, T::MaxBatch>,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            let first = requests.first().ok_or(Error::<T>::RequestOutdated)?;
            Self::enter(first.gate, &requests, Self::batch_fee(requests.len() as u32))
        }

        /// Takes expired admissions of a gate off the record, and frees their deposits for the gate's sponsor balance.
        ///
        /// Takes at most `limit` steps, and at most [`MAX_PRUNE`]: one for each admission, and one for each day that
        /// has no more of them. Steps that were not needed are not paid for.
        ///
        /// Origin: signed; anybody. Errors: [`Error::UnknownGate`], [`Error::NothingExpired`].
        /// Event: [`Event::Pruned`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::prune((*limit).min(MAX_PRUNE)))]
        pub fn prune(origin: OriginFor<T>, gate: GateId, limit: u32) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let (steps, admissions) = Self::prune_expired(gate, limit.min(MAX_PRUNE))?;
            ensure!(steps > 0, Error::<T>::NothingExpired);
            Self::deposit_event(Event::Pruned { gate, admissions });
            Ok(Some(T::WeightInfo::prune(steps)).into())
        }
    }
}
