//! What can be asked of the pallet: who may, and what it costs. What is done lies in the modules named for it.

use frame_support::pallet_macros::pallet_section;

/// The calls, for the pallet to import.
#[pallet_section]
mod calls {
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
        /// before: so several calls in a block each start where the one before ended. The shard may be open or sealed, or
        /// revoked as a whole: then the registry root stays, and what this call revoked is missing once the shard is
        /// [restored](Self::restore_shards).
        ///
        /// What was proved before is taken for [`Config::RootWindow`] blocks more, or as long as the policy says: to end
        /// that too, suspend, leave the list, or revoke whole shards.
        ///
        /// The leaf index of nodes reads this call from the block's body: the runtime must not let anything wrap it.
        ///
        /// Origin: signed; the issuer's controller or attester, whatever the issuer's status. Errors:
        /// [`Error::NotAnIssuer`], [`Error::UnknownShard`], [`Error::NotOwnShard`], [`Error::UnknownPosition`],
        /// [`Error::EmptyLeaf`], [`Error::StaleWitness`], [`Error::TooManyDirtyShards`]. Event: [`Event::Revoked`].
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
        /// against a newer block. An issuer that is suspended ends none: its suspension did. The roots are kept, so that the shards
        /// can be [restored](Self::restore_shards).
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
        /// Within [`Config::RestoreWindow`] blocks of their revocation; if they were restored before, not before as many have
        /// passed since, and within as many after that. They stay sealed, and what was revoked one by one, before or since,
        /// stays revoked: take what a thief
        /// attested out by [`revoke_batch`](Self::revoke_batch) first. `count` is as in
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
