//! Roots at the ends of blocks, and their history.

use crate::{
    pallet::{
        CapNodes, Config, CurrentRoot, DirtyLists, DirtyShards, Expiries, ExpiryQueue, Genesis,
        ListRootHistory, Pallet, RootHistory, TrustLists,
    },
    types::{DirtyListsBound, Expiry, History, Positioned, ShardChoice, Siblings, Spans},
    WeightInfo,
};
use alloc::collections::BTreeMap;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ofage_primitives::{
    chain::{AnchorError, Anchors, RootDigest, RootSpan, ENGINE_ID},
    tree::{self, Tree, SHARD_CAPACITY},
    Anchor, Element, GenesisHash, RegistryRoot, TrustListId, TrustListRoot,
};
use sp_runtime::{traits::Zero, DigestItem, SaturatedConversion};

impl<T: Config> Pallet<T> {
    /// The block that is being made, or the one whose state is looked at.
    pub(crate) fn now() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The hash of block 0, as long as the system remembers it.
    pub(crate) fn hash_of_block_0() -> GenesisHash {
        GenesisHash(
            frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::zero())
                .0,
        )
    }

    /// Names the chain. In block 0 itself, whose hash nobody knows yet, it is a placeholder of the system's.
    pub fn genesis_hash() -> GenesisHash {
        Genesis::<T>::get().unwrap_or_else(Self::hash_of_block_0)
    }

    /// The registry root at the end of the last block: that of the empty cap before block 1.
    pub fn registry_root() -> RegistryRoot {
        CurrentRoot::<T>::get().unwrap_or_else(|| RegistryRoot::from_element(Tree::Cap.empty_root()))
    }

    /// What the end of every block costs that no call pays for.
    pub(crate) fn finalize_fixed_weight() -> Weight {
        T::WeightInfo::finalize_registry(0).saturating_add(T::WeightInfo::finalize_lists(0))
    }

    /// Hashes the paths of the shards that changed, records the root, and puts it into the header's digest.
    pub(crate) fn finalize_registry() {
        // Kept by `attest`; here only the paths above them are left to do.
        let changed: BTreeMap<u32, Element> = DirtyShards::<T>::take()
            .into_iter()
            .filter_map(|shard| Some((shard.0, CapNodes::<T>::get((0, shard.0))?)))
            .collect();
        let old = CurrentRoot::<T>::get();
        let root = if changed.is_empty() {
            Self::registry_root()
        } else {
            let root = tree::update_nodes::<T::Hasher>(
                Tree::Cap,
                &changed,
                |level, index| CapNodes::<T>::get((level, index)),
                |level, index, node| CapNodes::<T>::insert((level, index), node),
            );
            RegistryRoot::from_element(root)
        };
        if old != Some(root) {
            Self::record(History::Registry, old.map(RegistryRoot::element), root.element());
            CurrentRoot::<T>::put(root);
        }
        let digest = DigestItem::Consensus(ENGINE_ID, RootDigest::V1(root).encode());
        frame_system::Pallet::<T>::deposit_log(digest);
    }

    /// Records the roots of the lists that changed.
    pub(crate) fn finalize_lists() {
        for id in DirtyLists::<T>::take() {
            TrustLists::<T>::mutate_extant(id, |list| {
                // Several changes in a block can have undone each other.
                if list.recorded_root != Some(list.root) {
                    let old = list.recorded_root.map(TrustListRoot::element);
                    Self::record(History::TrustList(id), old, list.root.element());
                    list.recorded_root = Some(list.root);
                }
            });
        }
    }

    /// Ends the span of the old root and begins one of the new root, both with this block.
    fn record(history: History, old: Option<Element>, new: Element) {
        let now = Self::now();
        if let Some(root) = old {
            history.change::<T>(root, |spans| {
                if let Some(last) = spans.last_mut() {
                    last.superseded_at = Some(now);
                }
            });
            let (first, end) = ExpiryQueue::<T>::get();
            let expiry = Expiry {
                history,
                root,
                superseded_at: now,
            };
            Expiries::<T>::insert(end, expiry);
            ExpiryQueue::<T>::put((first, end.saturating_add(1)));
        }
        history.change::<T>(new, |spans| {
            let span = RootSpan {
                from: now,
                superseded_at: None,
            };
            if spans.is_full() {
                // The shortest gives way, the oldest of several: anchors of few blocks are refused then, which is the safe
                // side to err on. Whoever brings a root back again and again makes short ones, and ends none but these.
                let length =
                    |span: &RootSpan| span.superseded_at.unwrap_or(u32::MAX).saturating_sub(span.from);
                let shortest = spans.iter().enumerate().min_by_key(|(_, span)| length(span));
                let shortest = shortest.map_or(0, |(at, _)| at);
                spans.remove(shortest);
            }
            spans
                .try_push(span)
                .expect("MaxSpans is not 0, as integrity_test checks, so there is room now; qed");
        });
    }

    /// Forgets spans that have expired by block `now`; gives how many ends were looked at.
    pub(crate) fn prune_history(now: u32) -> u32 {
        let window = T::RootWindow::get();
        let (first, end) = ExpiryQueue::<T>::get();
        let mut next = first;
        let limit = first.saturating_add(T::MaxPrunedPerBlock::get().into()).min(end);
        while next < limit {
            let Some(expiry) = Expiries::<T>::get(next) else {
                frame_support::defensive!("the queue has no holes");
                next = next.saturating_add(1);
                continue;
            };
            let span = RootSpan {
                from: 0,
                superseded_at: Some(expiry.superseded_at),
            };
            if span.is_live(now, window) {
                break;
            }
            Expiries::<T>::remove(next);
            expiry.history.change::<T>(expiry.root, |spans| {
                spans.retain(|span| span.is_live(now, window))
            });
            next = next.saturating_add(1);
        }
        if next > first {
            ExpiryQueue::<T>::put((next, end));
        }
        next.saturating_sub(first).saturated_into()
    }

    /// Whether `root` was current at the end of `block`, and counts still at `now`.
    fn counts(history: History, root: Element, block: u32, now: u32) -> bool {
        let window = T::RootWindow::get();
        let spans = history.spans::<T>(root);
        spans
            .iter()
            .any(|span| span.covers(block) && span.is_live(now, window))
    }

    /// Panics when the constants do not fit each other, or the calls do not fit a block.
    pub(crate) fn check_configuration() {
        assert!(T::MaxMetadata::get() > 0, "an issuer describes itself");
        assert!(T::MaxNameLength::get() > 0, "a trust list has a name");
        assert!(
            (1..=u32::from(u8::MAX)).contains(&T::MaxListsPerIssuer::get()),
            "clients count an issuer's lists in 8 bits"
        );
        assert!(T::MaxDirtyShards::get() > 0, "a block changes a shard at least");
        assert!(T::MaxDirtyLists::get() > 0, "a block changes a list at least");
        assert!(T::RootWindow::get() > 0, "a proof is a block old at least");
        assert!(
            (1..=T::MaxDirtyShards::get()).contains(&T::MaxRevokedShards::get()),
            "a block can change as many shards as one call revokes"
        );
        assert!(
            T::RestoreWindow::get() >= T::RootWindow::get(),
            "a shard is restored once, at most, while a root counts that this brings back"
        );
        assert!(T::MaxSpans::get() > 0, "a current root has a span");
        assert!(
            T::MaxDirtyListsReserve::get() >= T::MaxListsPerIssuer::get(),
            "governance suspends an issuer whatever others do"
        );
        assert!(
            T::MaxPrunedPerBlock::get() > DirtyListsBound::<T>::get(),
            "pruning keeps up with blocks that end as many spans as they can"
        );
        assert!(!T::IssuerDeposit::get().is_zero(), "state is paid for");
        assert!(!T::ShardDeposit::get().is_zero(), "state is paid for");
        assert!(!T::ListDeposit::get().is_zero(), "state is paid for");
        let longest = *T::BlockLength::get().max.get(DispatchClass::Normal) as usize;
        let revocation = Positioned::max_encoded_len().saturating_add(Siblings::max_encoded_len());
        assert!(
            crate::Batch::max_encoded_len() < longest && revocation < longest,
            "a full batch fits a block's length"
        );
        let largest = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
        let half = SHARD_CAPACITY as usize / 2;
        let many = T::MaxRevokedShards::get();
        for call in [
            Self::attest_weight(ShardChoice::Next, SHARD_CAPACITY),
            // Every second leaf of a shard, or all of them: as many nodes either way.
            Self::revoke_batch_weight(half, half),
            Self::revoke_shards_weight(many),
            Self::restore_shards_weight(many),
        ] {
            assert!(
                largest.is_none_or(|largest| call.all_lte(largest)),
                "the largest calls fit a block's weight"
            );
        }
    }
}

impl History {
    /// The spans of a root, oldest first; none for a root that never was, or was pruned.
    pub(crate) fn spans<T: Config>(self, root: Element) -> Spans<T> {
        match self {
            Self::Registry => RootHistory::<T>::get(RegistryRoot::from_element(root)),
            Self::TrustList(list) => ListRootHistory::<T>::get(list, TrustListRoot::from_element(root)),
        }
    }

    /// Changes the spans of a root; takes it off the record when none is left.
    fn change<T: Config>(self, root: Element, with: impl FnOnce(&mut Spans<T>)) {
        let mut spans = self.spans::<T>(root);
        with(&mut spans);
        match (self, spans.is_empty()) {
            (Self::Registry, false) => RootHistory::<T>::insert(RegistryRoot::from_element(root), spans),
            (Self::Registry, true) => RootHistory::<T>::remove(RegistryRoot::from_element(root)),
            (Self::TrustList(list), false) => {
                ListRootHistory::<T>::insert(list, TrustListRoot::from_element(root), spans);
            }
            (Self::TrustList(list), true) => {
                ListRootHistory::<T>::remove(list, TrustListRoot::from_element(root));
            }
        }
    }
}

impl<T: Config> Anchors for Pallet<T> {
    fn genesis() -> GenesisHash {
        Self::genesis_hash()
    }

    fn check(list: TrustListId, anchor: &Anchor, now: u32) -> Result<(), AnchorError> {
        // The open span covers the block that is being made, whose roots nobody knows yet.
        ensure!(anchor.block < now, AnchorError::Future);
        let root = anchor.registry_root.element();
        ensure!(
            Self::counts(History::Registry, root, anchor.block, now),
            AnchorError::RegistryRoot
        );
        let root = anchor.trust_list_root.element();
        ensure!(
            Self::counts(History::TrustList(list), root, anchor.block, now),
            AnchorError::TrustListRoot
        );
        let found = TrustLists::<T>::get(list).ok_or(AnchorError::TrustListRoot)?;
        ensure!(anchor.block >= found.valid_from, AnchorError::TrustListRoot);
        Ok(())
    }

    fn list_exists(list: TrustListId) -> bool {
        TrustLists::<T>::contains_key(list)
    }
}
