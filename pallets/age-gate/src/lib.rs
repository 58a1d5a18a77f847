//! # Age gate
//!
//! Gates that admit accounts whose holder proves an age, without the holder paying, signing or showing who they are.
//!
//! ## How
//! An app publishes a *gate*: a policy, and the length of an admission. A holder proves in zero knowledge that they
//! meet the policy, for one account, and sends the proof as a general transaction without a signer. The pallet
//! recomputes every public input but nullifier and issuer tags from gate, anchor, day, account and genesis, and has
//! [`Config::Verifier`] check the proof, which may be one of several issuers. The *admission* is then on record until
//! its last day.
//!
//! ## Who pays
//! The gate's *sponsor balance*, on an account of the pallet's that anybody may fund. Each admission takes a fee from it:
//! what a signed transaction of the same weight and length would pay, without tip or multiplier. Each admission on
//! record also holds a deposit there, which pruning frees once it has expired. A gate that cannot pay refuses before
//! the proof is looked at. The gate itself holds a deposit on its owner's account. The owner may withdraw what is free
//! at any time; a gate that is closed and has no admissions on record can be removed, and all of it comes back.
//!
//! ## Rules
//! - One nullifier admits one account of a gate at a time, and one account is admitted under one nullifier: else two
//!   holders could free each other's slots by turns. A stranger who proves for somebody else's account spends a slot
//!   of their own to admit it; the account is in, and cannot be put in again before that ends.
//! - An admission renews with a fresh proof by the same nullifier for the same account, once that wins at least half
//!   an admission's length: what one secret can draw from a sponsor is bounded.
//! - Expired admissions give way at once to new ones, pruned or not.
//! - "Below N" is proved for the last day of the admission.
//! - What a gate asks may change, for those who come after: admissions on record keep their end.
//! - Numbers of gates are never reused, since the scopes of nullifiers are derived from them.
//! - [`Config::GovernanceOrigin`] can disable a circuit; gates then take no proofs of it, in pool and block alike.
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
mod circuits;
mod gates;
mod integrity;
mod ledger;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
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
pub use types::{Admission, BalanceOf, FeeOf, Gate, GateStatus, MaxIssuers, Request};
pub use weights::WeightInfo;

/// The pallet.
#[frame_support::pallet]
pub mod pallet {
    use super::{
        types::{Admission, BalanceOf, FeeOf, Gate, Request},
        Refusal, WeightInfo,
    };
    use alloc::{boxed::Box, vec::Vec};
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Balanced, Mutate, MutateHold},
            EnsureOrigin, OnUnbalanced, UnixTime,
        },
        weights::WeightToFee,
        PalletId,
    };
    use frame_system::{ensure_authorized, ensure_signed, pallet_prelude::*};
    use ofage_primitives::{
        chain::{Anchors, ProofVerifier},
        policy::MAX_ISSUERS,
        CircuitId, Day, GateId, Nullifier, Policy,
    };
    use sp_runtime::{traits::Convert, AccountId32};

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
        /// Exact length of that circuit's proofs, in bytes, by the number of issuers.
        type ProofLength: Convert<u8, u32>;
        /// The longest of these lengths: that for as many issuers as a policy can ask for.
        #[pallet::constant]
        type MaxProofLength: Get<u32>;
        /// May disable and enable circuits.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;
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
        /// Most requests in a batch; at most [`MAX_BATCH`](crate::refusal::MAX_BATCH).
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

    /// Circuits whose proofs no gate takes.
    // Governance alone writes here, and numbers of circuits are few.
    #[pallet::storage]
    pub type DisabledCircuits<T: Config> = StorageMap<_, Twox64Concat, CircuitId, ()>;

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Exact length of proofs in bytes, for 1 issuer and so on.
        #[pallet::constant_name(ProofLengths)]
        fn proof_lengths() -> Vec<u32> {
            (1..=MAX_ISSUERS).map(T::ProofLength::convert).collect()
        }
    }

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
        /// What a gate asks, or for how long it admits, was changed.
        GateUpdated {
            /// The gate.
            gate: GateId,
        },
        /// A gate takes no more admissions, for ever.
        GateClosed {
            /// The gate.
            gate: GateId,
        },
        /// A gate's owner took money out of its sponsor balance.
        GateWithdrawn {
            /// The gate.
            gate: GateId,
            /// How much.
            amount: BalanceOf<T>,
        },
        /// A gate was removed; its owner has the deposit back, and what was left of the sponsor balance.
        GateRemoved {
            /// The gate.
            gate: GateId,
        },
        /// Governance disabled a circuit: no gate takes its proofs.
        CircuitDisabled {
            /// The circuit.
            circuit: CircuitId,
        },
        /// Governance enabled a circuit again.
        CircuitEnabled {
            /// The circuit.
            circuit: CircuitId,
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
        /// The gate is somebody else's.
        NotOwner,
        /// The gate still takes admissions. Close it first.
        GateOpen,
        /// The gate has admissions on record. Prune them once they have ended.
        AdmissionsOnRecord,
        /// The circuit is disabled already.
        AlreadyDisabled,
        /// The circuit is not disabled.
        NotDisabled,
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
            Self::check_configuration();
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
            Self::do_create_gate(owner, name, policy, admission_days)
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
            Self::do_fund(funder, gate, amount)
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
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_admit(request.issuers()))]
        // The box keeps the runtime's call type small.
        #[allow(clippy::boxed_local)]
        pub fn admit(origin: OriginFor<T>, request: Box<Request<T>>) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::enter(
                request.gate,
                core::slice::from_ref(&*request),
                Self::admission_fee,
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
        #[pallet::weight_of_authorize(Pallet::<T>::weight_of_batch_check(requests))]
        pub fn admit_batch(
            origin: OriginFor<T>,
            requests: BoundedVec<Request<T>, T::MaxBatch>,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            let first = requests.first().ok_or(Error::<T>::RequestOutdated)?;
            let count = requests.len() as u32;
            Self::enter(first.gate, &requests, |issuers| Self::batch_fee(count, issuers))
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

        /// Changes what a gate asks, and for how long it admits.
        ///
        /// Takes effect at once: proofs for the old policy are refused, requests that wait in the pool included.
        /// Admissions on record keep their end; they renew under the new policy, and once that wins at least half of
        /// the new length. Nullifiers stay what they were, so nobody wins a slot by a change.
        ///
        /// Origin: signed by the owner. Errors: [`Error::UnknownGate`], [`Error::NotOwner`], [`Error::GateClosed`],
        /// [`Error::InvalidAdmissionDays`], [`Error::InvalidPolicy`], [`Error::UnknownTrustList`].
        /// Event: [`Event::GateUpdated`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::update_gate())]
        pub fn update_gate(
            origin: OriginFor<T>,
            gate: GateId,
            policy: Policy,
            admission_days: u16,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::do_update_gate(&caller, gate, policy, admission_days)
        }

        /// Closes a gate, for ever: it admits and renews no more.
        ///
        /// Admissions on record stay through their last day, and are pruned as ever.
        ///
        /// Origin: signed by the owner. Errors: [`Error::UnknownGate`], [`Error::NotOwner`], [`Error::GateClosed`].
        /// Event: [`Event::GateClosed`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::close_gate())]
        pub fn close_gate(origin: OriginFor<T>, gate: GateId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::do_close_gate(&caller, gate)
        }

        /// Moves `amount` from a gate's sponsor balance to its owner.
        ///
        /// Deposits of admissions on record stay held, and the existential deposit stays beside them. A gate without
        /// money for another admission refuses requests before their proofs are touched.
        ///
        /// Origin: signed by the owner; the gate may be closed. Errors: [`Error::UnknownGate`], [`Error::NotOwner`],
        /// and those of the currency when the balance is smaller. Event: [`Event::GateWithdrawn`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(
            origin: OriginFor<T>,
            gate: GateId,
            #[pallet::compact] amount: BalanceOf<T>,
        ) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::do_withdraw(&caller, gate, amount)
        }

        /// Removes a closed gate without admissions; deposit and rest of the sponsor balance go back to the owner.
        ///
        /// Its number is never given to another gate, and nobody can be admitted to it again. What is sent to its
        /// sponsor account afterwards is lost.
        ///
        /// Origin: signed by the owner. Errors: [`Error::UnknownGate`], [`Error::NotOwner`], [`Error::GateOpen`],
        /// [`Error::AdmissionsOnRecord`]. Event: [`Event::GateRemoved`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::remove_gate())]
        pub fn remove_gate(origin: OriginFor<T>, gate: GateId) -> DispatchResult {
            let caller = ensure_signed(origin)?;
            Self::do_remove_gate(&caller, gate)
        }

        /// Disables a circuit in an emergency: no gate takes its proofs, from the same block on.
        ///
        /// Admissions on record stay through their last day. The circuit need not be one that this runtime knows.
        ///
        /// Origin: [`Config::GovernanceOrigin`]. Errors: [`Error::AlreadyDisabled`].
        /// Event: [`Event::CircuitDisabled`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::disable_circuit())]
        pub fn disable_circuit(origin: OriginFor<T>, circuit: CircuitId) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_disable_circuit(circuit)
        }

        /// Enables a circuit that was disabled.
        ///
        /// Origin: [`Config::GovernanceOrigin`]. Errors: [`Error::NotDisabled`]. Event: [`Event::CircuitEnabled`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::enable_circuit())]
        pub fn enable_circuit(origin: OriginFor<T>, circuit: CircuitId) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_enable_circuit(circuit)
        }
    }
}
