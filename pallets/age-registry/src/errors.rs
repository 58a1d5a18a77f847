//! Why the pallet refuses.

use frame_support::pallet_macros::pallet_section;

/// The errors, for the pallet to import.
#[pallet_section]
mod errors {
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
}
