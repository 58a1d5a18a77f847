//! # Validator set
//!
//! Keeps the set of validators that governance chose, and hands it to `pallet-session`.
//!
//! ## Why
//! The chain is run by known organisations, so there is no stake to elect validators from; a motion of the
//! council replaces the whole set. `SessionManager = ()` would never rotate.
//!
//! ## Limits
//! - A set is never empty, has no duplicates, holds at most [`Config::MaxValidators`], and each member has
//!   registered session keys when it is chosen: a set without keys would halt the chain.
//! - A change takes effect one whole session after the session in which it was made, as `pallet-session` queues keys.
//! - A validator that purged its keys since is left out when the next session is planned; if that left nobody,
//!   the running set goes on.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use weights::WeightInfo;

/// The pallet.
#[frame_support::pallet]
pub mod pallet {
    use super::WeightInfo;
    use alloc::{collections::BTreeSet, vec::Vec};
    use frame_support::{pallet_prelude::*, traits::ValidatorRegistration};
    use frame_system::pallet_prelude::*;

    /// Configuration.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// Who may replace the set: governance.
        type ChangeOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Tells whether an account registered session keys.
        type Registration: ValidatorRegistration<Self::AccountId>;
        /// Most validators in a set.
        #[pallet::constant]
        type MaxValidators: Get<u32>;
        /// Weights of this pallet's calls.
        type WeightInfo: WeightInfo;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The chosen validators, in the order governance gave.
    #[pallet::storage]
    pub type Chosen<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

    /// The first set.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Validators of the first session; their session keys are given to `pallet-session`.
        pub validators: Vec<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let set: BoundedVec<_, T::MaxValidators> = self
                .validators
                .clone()
                .try_into()
                .expect("a chain specification names at most MaxValidators; qed");
            assert!(
                Pallet::<T>::is_distinct(&set),
                "a chain specification names each validator once"
            );
            Chosen::<T>::put(set);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Governance replaced the set; it validates from the session after next.
        ValidatorsChanged {
            /// How many validators the new set has.
            count: u32,
        },
    }

    /// Why a change was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The set names nobody; a chain without validators stops. Name at least one.
        EmptySet,
        /// A validator is named twice. Name each once.
        DuplicateValidator,
        /// A validator has no session keys. It must call `session.set_keys` first.
        KeysMissing,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                T::MaxValidators::get() > 0,
                "a chain needs room for at least one validator"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the set of validators.
        ///
        /// Origin: [`Config::ChangeOrigin`]. Errors: [`Error::EmptySet`], [`Error::DuplicateValidator`],
        /// [`Error::KeysMissing`]. Event: [`Event::ValidatorsChanged`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::set_validators(validators.len() as u32))]
        pub fn set_validators(
            origin: OriginFor<T>,
            validators: BoundedVec<T::AccountId, T::MaxValidators>,
        ) -> DispatchResult {
            T::ChangeOrigin::ensure_origin(origin)?;
            ensure!(!validators.is_empty(), Error::<T>::EmptySet);
            ensure!(Self::is_distinct(&validators), Error::<T>::DuplicateValidator);
            ensure!(
                validators.iter().all(T::Registration::is_registered),
                Error::<T>::KeysMissing
            );
            let count = validators.len() as u32;
            Chosen::<T>::put(validators);
            Self::deposit_event(Event::ValidatorsChanged { count });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        fn is_distinct(validators: &[T::AccountId]) -> bool {
            validators.iter().collect::<BTreeSet<_>>().len() == validators.len()
        }

        /// Checks what must hold between blocks: the chosen validators are distinct.
        ///
        /// Whether each still has keys is not an invariant: a validator may purge them at any time.
        ///
        /// # Errors
        /// Names the invariant that is broken.
        #[cfg(any(feature = "try-runtime", test))]
        pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
            ensure!(
                Self::is_distinct(&Chosen::<T>::get()),
                "a validator is chosen twice"
            );
            Ok(())
        }
    }

    impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
        fn new_session(_: u32) -> Option<Vec<T::AccountId>> {
            let able: Vec<_> = Chosen::<T>::get()
                .into_iter()
                .filter(T::Registration::is_registered)
                .collect();
            (!able.is_empty()).then_some(able)
        }

        // At genesis the keys are being registered by the caller; nobody is left out.
        fn new_session_genesis(_: u32) -> Option<Vec<T::AccountId>> {
            let chosen = Chosen::<T>::get();
            (!chosen.is_empty()).then(|| chosen.into_inner())
        }

        fn end_session(_: u32) {}

        fn start_session(_: u32) {}
    }
}
