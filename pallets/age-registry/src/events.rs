//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The events, for the pallet to import.
#[pallet_section]
mod events {
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
}
