//! What must hold between blocks.

use crate::{
    pallet::{
        Accounts, CapNodes, Config, CurrentRoot, DirtyLists, DirtyShards, Expiries, ExpiryQueue, Frontiers,
        HoldReason, Issuers, ListRootHistory, Listings, NextIssuer, NextShard, NextTrustList, Pallet,
        RootHistory, Shards, Slots, TrustLists, TrustNodes,
    },
    types::{Attester, BalanceOf, Expiry, History, Issuer, Listing, Shard, Slot, TrustList},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{ensure, pallet_prelude::*, traits::fungible::InspectHold};
use ofage_primitives::{
    chain::{IssuerStatus, RootSpan},
    hashes,
    tree::{self, Tree, SHARD_CAPACITY, TRUST_CAPACITY},
    Element, IssuerIndex, ShardIndex, TrustListId,
};
use sp_runtime::TryRuntimeError;

type Check = Result<(), TryRuntimeError>;
type Nodes = BTreeMap<(u8, u32), Element>;
type Sums<T> = BTreeMap<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

impl<T: Config> Pallet<T> {
    /// Checks what must hold between blocks:
    ///
    /// - issuers are numbered in order, bear their right ids and print; each account serves one, in a role that the
    ///   issuer gives it; consents are counted rightly and bounded; a retired one knows since when, an active one is not;
    /// - shards are numbered in order, belong to issuers and hold 1 to 4,096 attestations; each issuer's name one another,
    ///   last one first, and only the last one is open; exactly the open ones have a frontier, which gives their length and
    ///   root, whatever was revoked in them; revocations and restorations of whole shards lie between opening and now;
    /// - the cap's nodes and the registry root are those of the shards, and the trust lists' are those of their members;
    /// - positions, listings and vacant positions of each list describe the same set; suspended issuers keep their
    ///   positions, at which the tree has empty leaves; no list is offered to its curator;
    /// - every history ends with the one open span, that of the current root; spans do not overlap, and each end is
    ///   queued for pruning, in order;
    /// - the deposits of issuers, shards and lists are on hold on their accounts, and nothing else is;
    /// - nothing waits for the end of a block.
    ///
    /// # Errors
    /// Names the invariant that is broken.
    pub fn do_try_state() -> Check {
        ensure!(
            DirtyShards::<T>::get().is_empty(),
            "a changed shard is not under the root"
        );
        ensure!(
            DirtyLists::<T>::get().is_empty(),
            "a changed list's root is not recorded"
        );
        Self::try_issuers()?;
        Self::try_shards()?;
        Self::try_cap()?;
        for (id, list) in TrustLists::<T>::iter() {
            Self::try_list(id, &list)?;
        }
        Self::try_membership()?;
        Self::try_histories()?;
        Self::try_deposits()
    }

    fn try_issuers() -> Check {
        let mut accounts = BTreeMap::new();
        let count = Issuers::<T>::iter_keys().count();
        ensure!(
            count == NextIssuer::<T>::get() as usize,
            "an issuer's number was skipped"
        );
        for (index, issuer) in Issuers::<T>::iter() {
            ensure!(
                index.0 < NextIssuer::<T>::get(),
                "an issuer's number is not given out yet"
            );
            ensure!(
                issuer.id == hashes::issuer_id(&Self::genesis_hash(), index),
                "an issuer bears another's id"
            );
            ensure!(
                Self::is_text(&issuer.metadata),
                "an issuer's metadata does not print"
            );
            let (status, retired_at) = (issuer.status, issuer.retired_at);
            ensure!(
                retired_at.is_none_or(|block| block <= Self::now())
                    && (status == IssuerStatus::Suspended
                        || retired_at.is_some() == (status == IssuerStatus::Retired)),
                "an issuer's retirement contradicts its status"
            );
            let consents = Listings::<T>::iter_prefix(index).count();
            ensure!(
                consents == issuer.consents as usize,
                "an issuer's consents are counted wrongly"
            );
            ensure!(
                issuer.consents <= T::MaxListsPerIssuer::get(),
                "an issuer consents to too many lists"
            );
            let Issuer {
                controller, attester, ..
            } = issuer;
            let mut roles = Vec::from([controller]);
            if let Attester::Serving(account) = attester {
                roles.push(account);
            }
            for account in roles {
                let other = accounts.insert(account, index);
                ensure!(
                    other.is_none_or(|other| other == index),
                    "an account serves two issuers"
                );
            }
        }
        let recorded: BTreeMap<_, _> = Accounts::<T>::iter().collect();
        ensure!(
            recorded == accounts,
            "the accounts of issuers are recorded wrongly"
        );
        Ok(())
    }

    fn try_shards() -> Check {
        let count = Shards::<T>::iter_keys().count();
        ensure!(
            count == NextShard::<T>::get() as usize,
            "a shard's number was skipped"
        );
        let mut open = 0;
        for (index, shard) in Shards::<T>::iter() {
            ensure!(
                index.0 < NextShard::<T>::get(),
                "a shard's number is not given out yet"
            );
            Self::try_shard(index, &shard)?;
            open += usize::from(shard.status.is_open());
        }
        let mut linked = 0;
        for (index, issuer) in Issuers::<T>::iter() {
            linked += Self::try_links(index, issuer.last_shard)?;
        }
        ensure!(linked == count, "an issuer's shard is not linked to its last one");
        ensure!(
            Frontiers::<T>::iter_keys().count() == open,
            "a frontier belongs to no open shard"
        );
        Ok(())
    }

    /// Follows the links from an issuer's last shard to its first; gives how many shards these are.
    fn try_links(issuer: IssuerIndex, last: Option<ShardIndex>) -> Result<usize, TryRuntimeError> {
        let (mut next, mut linked) = (last, 0);
        while let Some(index) = next {
            let shard = Shards::<T>::get(index).ok_or("a shard that is linked does not exist")?;
            ensure!(
                shard.issuer == issuer,
                "an issuer's shards are linked with another's"
            );
            ensure!(
                shard.previous.is_none_or(|previous| previous < index),
                "a shard names one before it that was opened later"
            );
            next = shard.previous;
            linked += 1;
        }
        Ok(linked)
    }

    fn try_shard(index: ShardIndex, shard: &Shard<T>) -> Check {
        let issuer = Issuers::<T>::get(shard.issuer).ok_or("a shard belongs to no issuer")?;
        ensure!(
            issuer.last_shard.is_some_and(|last| index <= last),
            "an issuer's last shard is not its last"
        );
        ensure!(
            (1..=SHARD_CAPACITY).contains(&shard.len.into()),
            "a shard has no or too many attestations"
        );
        ensure!(
            shard.opened_at <= shard.changed_at && shard.changed_at <= Self::now(),
            "a shard's blocks are out of order"
        );
        let of_its_life = |block: u32| shard.opened_at <= block && block <= Self::now();
        ensure!(
            shard.status.revoked_at().is_none_or(of_its_life),
            "a shard was revoked before it was opened, or is yet to be"
        );
        ensure!(
            shard
                .restored_at
                .is_none_or(|block| of_its_life(block) && !shard.status.is_open()),
            "a shard was restored before it was opened, or is open since"
        );
        if !shard.status.is_open() {
            return Ok(());
        }
        ensure!(
            issuer.last_shard == Some(index),
            "an issuer has another open shard than its last"
        );
        ensure!(
            u32::from(shard.len) < SHARD_CAPACITY,
            "a full shard is not sealed"
        );
        let frontier = Frontiers::<T>::get(index).ok_or("an open shard has no frontier")?;
        ensure!(
            frontier.len() == shard.len,
            "a shard's frontier has another length"
        );
        ensure!(
            frontier.root::<T::Hasher>() == shard.root,
            "a shard's frontier has another root"
        );
        Ok(())
    }

    /// All nodes above some leaves, and the root.
    fn nodes_above(tree: Tree, leaves: &BTreeMap<u32, Element>) -> (Nodes, Element) {
        let mut nodes = Nodes::new();
        let root = tree::update_nodes::<T::Hasher>(
            tree,
            leaves,
            |_, _| None,
            |level, index, node| {
                nodes.insert((level, index), node);
            },
        );
        (nodes, root)
    }

    fn try_cap() -> Check {
        let mut leaves = BTreeMap::new();
        for (index, shard) in Shards::<T>::iter() {
            let issuer = Issuers::<T>::get(shard.issuer).ok_or("a shard belongs to no issuer")?;
            let leaf = if shard.status.is_revoked() {
                Tree::empty_leaf()
            } else {
                Self::cap_leaf(shard.root, issuer.id).element()
            };
            leaves.insert(index.0, leaf);
        }
        let (nodes, root) = Self::nodes_above(Tree::Cap, &leaves);
        ensure!(
            CapNodes::<T>::iter().collect::<Nodes>() == nodes,
            "the cap's nodes are not those of the shards"
        );
        ensure!(
            Self::registry_root().element() == root,
            "the registry root is not that of the shards"
        );
        Ok(())
    }

    fn try_list(id: TrustListId, list: &TrustList<T>) -> Check {
        ensure!(
            id.0 < NextTrustList::<T>::get(),
            "a list's number is not given out yet"
        );
        ensure!(Self::is_text(&list.name), "a list's name does not print");
        ensure!(
            u32::from(list.positions) <= TRUST_CAPACITY && list.valid_from <= Self::now(),
            "a list has too many positions, or holds from a later block on"
        );
        ensure!(
            list.offered_to.as_ref() != Some(&list.curator),
            "a list is offered to its own curator"
        );
        let slots: BTreeMap<u16, Slot> = Slots::<T>::iter_prefix(id).collect();
        ensure!(
            slots.keys().copied().eq(0..list.positions),
            "a list's positions have gaps"
        );
        let mut leaves = BTreeMap::new();
        let mut vacant = BTreeSet::new();
        for (position, slot) in &slots {
            let leaf = match slot {
                Slot::Member(index) => {
                    ensure!(
                        Listings::<T>::get(index, id) == Some(Listing::Listed(*position)),
                        "a list's member is not listed there"
                    );
                    let issuer = Issuers::<T>::get(index).ok_or("a list's member does not exist")?;
                    match issuer.status {
                        IssuerStatus::Suspended => Tree::empty_leaf(),
                        IssuerStatus::Active | IssuerStatus::Retired => issuer.id.element(),
                    }
                }
                Slot::Vacant(_) => {
                    vacant.insert(*position);
                    Tree::empty_leaf()
                }
            };
            leaves.insert(u32::from(*position), leaf);
        }
        let mut next = list.vacant;
        while let Some(position) = next {
            ensure!(
                vacant.remove(&position),
                "a list's vacant positions name one that is not, or twice"
            );
            next = match slots.get(&position) {
                Some(Slot::Vacant(next)) => *next,
                _ => None,
            };
        }
        ensure!(vacant.is_empty(), "a list's vacant position is lost");
        let (nodes, root) = Self::nodes_above(Tree::Trust, &leaves);
        ensure!(
            TrustNodes::<T>::iter_prefix(id).collect::<Nodes>() == nodes,
            "a list's nodes are not those of its members"
        );
        ensure!(
            list.root.element() == root && list.recorded_root == Some(list.root),
            "a list's root is not that of its members, or not recorded"
        );
        Ok(())
    }

    fn try_membership() -> Check {
        ensure!(
            TrustLists::<T>::iter_keys().count() == NextTrustList::<T>::get() as usize,
            "a list's number was skipped"
        );
        for (issuer, list, listing) in Listings::<T>::iter() {
            ensure!(
                TrustLists::<T>::contains_key(list) && Issuers::<T>::contains_key(issuer),
                "a listing names an issuer or a list that does not exist"
            );
            if let Listing::Listed(position) = listing {
                ensure!(
                    Slots::<T>::get(list, position) == Some(Slot::Member(issuer)),
                    "a listed issuer is not at its position"
                );
            }
        }
        Ok(())
    }

    fn try_histories() -> Check {
        let (first, end) = ExpiryQueue::<T>::get();
        ensure!(
            Expiries::<T>::iter_keys().count() as u64 == end.saturating_sub(first),
            "the queue of expiries has strangers"
        );
        let queue: Option<Vec<Expiry>> = (first..end).map(Expiries::<T>::get).collect();
        let queue = queue.ok_or("the queue of expiries has holes")?;
        ensure!(
            queue.is_sorted_by_key(|expiry| expiry.superseded_at),
            "the queue of expiries is out of order"
        );
        let queued: BTreeSet<Expiry> = queue.into_iter().collect();

        let mut histories = BTreeMap::<History, Vec<(Element, RootSpan)>>::new();
        for (root, spans) in RootHistory::<T>::iter() {
            ensure!(!spans.is_empty(), "a root without spans is on record");
            let spans = spans.into_iter().map(|span| (root.element(), span));
            histories.entry(History::Registry).or_default().extend(spans);
        }
        for (list, root, spans) in ListRootHistory::<T>::iter() {
            ensure!(!spans.is_empty(), "a root without spans is on record");
            let spans = spans.into_iter().map(|span| (root.element(), span));
            histories
                .entry(History::TrustList(list))
                .or_default()
                .extend(spans);
        }
        let mut current: BTreeMap<History, Element> = TrustLists::<T>::iter()
            .filter_map(|(id, list)| Some((History::TrustList(id), list.recorded_root?.element())))
            .collect();
        current.extend(CurrentRoot::<T>::get().map(|root| (History::Registry, root.element())));
        ensure!(
            histories.keys().eq(current.keys()),
            "a history belongs to nothing, or is missing"
        );
        for (history, spans) in histories {
            Self::try_history(history, spans, current.get(&history), &queued)?;
        }
        Ok(())
    }

    fn try_history(
        history: History,
        mut spans: Vec<(Element, RootSpan)>,
        current: Option<&Element>,
        queued: &BTreeSet<Expiry>,
    ) -> Check {
        spans.sort_by_key(|(_, span)| span.from);
        let mut before = 0;
        let (last, closed) = spans.split_last().ok_or("a history is empty")?;
        for (root, span) in closed {
            let superseded_at = span.superseded_at.ok_or("a root is current beside another")?;
            ensure!(
                before <= span.from && span.from < superseded_at,
                "the spans of a history overlap"
            );
            before = superseded_at;
            let expiry = Expiry {
                history,
                root: *root,
                superseded_at,
            };
            ensure!(
                queued.contains(&expiry),
                "the end of a span is not queued for pruning"
            );
        }
        let (root, span) = last;
        ensure!(
            span.superseded_at.is_none() && current == Some(root),
            "the current root's span is not open"
        );
        ensure!(
            before <= span.from && span.from <= Self::now(),
            "the spans of a history overlap"
        );
        Ok(())
    }

    fn try_deposits() -> Check {
        let mut sums: [(HoldReason, Sums<T>); 3] = [
            (HoldReason::Issuer, Sums::<T>::new()),
            (HoldReason::Shard, Sums::<T>::new()),
            (HoldReason::TrustList, Sums::<T>::new()),
        ];
        let issuers = Issuers::<T>::iter_values().map(|issuer| (issuer.controller, issuer.deposit));
        let shards = Shards::<T>::iter_values().map(|shard| (shard.depositor, shard.deposit));
        let lists = TrustLists::<T>::iter_values().map(|list| (list.curator, list.deposit));
        let [(_, of_issuers), (_, of_shards), (_, of_lists)] = &mut sums;
        Self::add_up(of_issuers, issuers)?;
        Self::add_up(of_shards, shards)?;
        Self::add_up(of_lists, lists)?;
        for (reason, accounts) in sums {
            let reason = reason.into();
            for (account, deposits) in accounts {
                ensure!(
                    T::Currency::balance_on_hold(&reason, &account) == deposits,
                    "an account does not hold the deposits of what is its own"
                );
            }
        }
        Ok(())
    }

    fn add_up(sums: &mut Sums<T>, deposits: impl Iterator<Item = (T::AccountId, BalanceOf<T>)>) -> Check {
        use sp_runtime::traits::{CheckedAdd, Zero};
        for (account, deposit) in deposits {
            let sum = sums.entry(account).or_insert_with(Zero::zero);
            *sum = sum.checked_add(&deposit).ok_or("deposits overflow")?;
        }
        Ok(())
    }
}
