//! Benchmarks: the worst case of every call, and of the work at the beginnings and ends of blocks.

use crate::{
    pallet::{
        Call, CapNodes, Config, CurrentRoot, DirtyLists, DirtyShards, Expiries, ExpiryQueue, Issuers,
        ListRootHistory, Listings, NextIssuer, NextShard, NextTrustList, Pallet, RootHistory, Shards, Slots,
        TrustLists, TrustNodes,
    },
    types::{BalanceOf, Batch, Expiry, History, ListStatus, Listing, ShardChoice, Slot, Spans, TrustList},
};
use alloc::{collections::BTreeSet, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::RawOrigin,
    traits::{
        fungible::{Inspect, Mutate as _},
        Get,
    },
    BoundedVec,
};
use ofage_primitives::{
    chain::RootSpan,
    tree::{Tree, CAP_CAPACITY, CAP_DEPTH, SHARD_CAPACITY, TRUST_DEPTH},
    Attestation, Element, IssuerIndex, RegistryRoot, ShardIndex, TrustListId, TrustListRoot,
};
use sp_runtime::traits::Bounded;

/// Balances of benchmark accounts, in existential deposits: enough for every deposit.
const RICH: u32 = 1_000_000_000;
/// The list that calls are about.
const LIST: TrustListId = TrustListId(0);

fn stop(_: impl Sized) -> BenchmarkError {
    BenchmarkError::Stop("the benchmark's state fits the configuration")
}

fn rich_account<T: Config>(name: &'static str, number: u32) -> T::AccountId {
    let who = account(name, number, 0);
    let rich = T::Currency::minimum_balance() * RICH.into();
    T::Currency::set_balance(&who, rich.max(BalanceOf::<T>::max_value() / 1_000_000u32.into()));
    who
}

fn text<S: Get<u32>>() -> Result<BoundedVec<u8, S>, BenchmarkError> {
    vec![b'a'; S::get() as usize].try_into().map_err(stop)
}

/// `count` attestations that no other `from` gives.
fn batch(from: u32, count: u32) -> Result<Batch, BenchmarkError> {
    let leaf = |number: u32| Attestation::from_element(Element::from_u64(u64::from(number) + 1));
    let leaves: Vec<_> = (from..from + count).map(leaf).collect();
    leaves.try_into().map_err(stop)
}

/// An issuer with the longest metadata, whose controller attests.
fn seed_issuer<T: Config>(number: u32) -> Result<(T::AccountId, IssuerIndex), BenchmarkError> {
    let controller = rich_account::<T>("controller", number);
    let issuer = IssuerIndex(NextIssuer::<T>::get());
    let origin = RawOrigin::Signed(controller.clone()).into();
    Pallet::<T>::register(origin, text()?, controller.clone())?;
    Ok((controller, issuer))
}

/// As many shards as can be, less one, are in need of new paths.
fn nearly_full_dirty_shards<T: Config>() -> Result<(), BenchmarkError> {
    let others: BTreeSet<_> = (1..T::MaxDirtyShards::get())
        .map(|n| ShardIndex(CAP_CAPACITY - n))
        .collect();
    DirtyShards::<T>::put(frame_support::BoundedBTreeSet::try_from(others).map_err(stop)?);
    Ok(())
}

/// As many lists as can be, less one, changed in this block.
fn nearly_full_dirty_lists<T: Config>() -> Result<(), BenchmarkError> {
    let others: BTreeSet<_> = (1..T::MaxDirtyLists::get())
        .map(|n| TrustListId(u32::MAX - n))
        .collect();
    DirtyLists::<T>::put(frame_support::BoundedBTreeSet::try_from(others).map_err(stop)?);
    Ok(())
}

/// An issuer with a shard of one attestation.
fn seed_shard<T: Config>() -> Result<(T::AccountId, ShardIndex), BenchmarkError> {
    let (attester, _) = seed_issuer::<T>(0)?;
    let shard = ShardIndex(NextShard::<T>::get());
    let origin = RawOrigin::Signed(attester.clone()).into();
    Pallet::<T>::attest(origin, ShardChoice::Next, 0, batch(10_000, 1)?)?;
    Ok((attester, shard))
}

fn root(number: u32) -> Element {
    Element::from_u64(u64::from(number))
}

fn seed_list<T: Config>(id: TrustListId) -> Result<T::AccountId, BenchmarkError> {
    let curator = rich_account::<T>("curator", 0);
    let list = TrustList {
        curator: curator.clone(),
        name: text()?,
        status: ListStatus::Open,
        root: TrustListRoot::from_element(Tree::Trust.empty_root()),
        recorded_root: None,
        valid_from: 0,
        positions: 0,
        vacant: None,
        deposit: T::ListDeposit::get(),
    };
    TrustLists::<T>::insert(id, list);
    NextTrustList::<T>::mutate(|next| *next = (*next).max(id.0.saturating_add(1)));
    Ok(curator)
}

/// A list that never had an empty position beside those of the call: every node on the way and beside it is stored.
fn seed_trust_nodes<T: Config>(position: u32) {
    for level in 0..=TRUST_DEPTH {
        let index = position >> level;
        TrustNodes::<T>::insert(LIST, (level as u8, index), root(1));
        TrustNodes::<T>::insert(LIST, (level as u8, index ^ 1), root(2));
    }
}

/// [`LIST`], with an issuer at position 0 and a vacant position 1; gives the curator, and that issuer.
fn seed_member<T: Config>() -> Result<(T::AccountId, T::AccountId, IssuerIndex), BenchmarkError> {
    let curator = seed_list::<T>(LIST)?;
    let (controller, issuer) = seed_issuer::<T>(0)?;
    Pallet::<T>::consent(RawOrigin::Signed(controller.clone()).into(), LIST)?;
    Listings::<T>::insert(issuer, LIST, Listing::Listed(0));
    Slots::<T>::insert(LIST, 0, Slot::Member(issuer));
    Slots::<T>::insert(LIST, 1, Slot::Vacant(None));
    TrustLists::<T>::mutate(LIST, |list| {
        if let Some(list) = list {
            list.positions = 2;
            list.vacant = Some(1);
        }
    });
    seed_trust_nodes::<T>(0);
    nearly_full_dirty_lists::<T>()?;
    Ok((curator, controller, issuer))
}

/// As many spans as can be, the last one open if `open`.
fn full_spans<T: Config>(open: bool) -> Result<Spans<T>, BenchmarkError> {
    let count = T::MaxSpans::get();
    let span = |n: u32| RootSpan {
        from: 2 * n,
        superseded_at: (!open || n + 1 < count).then_some(2 * n + 1),
    };
    (0..count).map(span).collect::<Vec<_>>().try_into().map_err(stop)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() -> Result<(), BenchmarkError> {
        let controller = rich_account::<T>("controller", 0);
        let attester: T::AccountId = account("attester", 0, 0);
        let issuer = IssuerIndex(NextIssuer::<T>::get());
        let metadata = text()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), metadata, attester);

        assert!(Issuers::<T>::contains_key(issuer));
        Ok(())
    }

    #[benchmark]
    fn become_attester() -> Result<(), BenchmarkError> {
        let controller = rich_account::<T>("controller", 0);
        let attester: T::AccountId = account("attester", 0, 0);
        let issuer = IssuerIndex(NextIssuer::<T>::get());
        Pallet::<T>::register(RawOrigin::Signed(controller).into(), text()?, attester.clone())?;

        #[extrinsic_call]
        _(RawOrigin::Signed(attester.clone()), issuer);

        assert_eq!(Pallet::<T>::issuer_of(&attester), Some(issuer));
        Ok(())
    }

    #[benchmark]
    fn attest_open(n: Linear<1, { SHARD_CAPACITY - 1 }>) -> Result<(), BenchmarkError> {
        let (attester, shard) = seed_shard::<T>()?;
        nearly_full_dirty_shards::<T>()?;
        let leaves = batch(0, n)?;

        #[extrinsic_call]
        attest(RawOrigin::Signed(attester), ShardChoice::Open(shard), 1, leaves);

        assert_eq!(
            Shards::<T>::get(shard).map(|shard| u32::from(shard.len)),
            Some(n + 1)
        );
        Ok(())
    }

    #[benchmark]
    fn attest_next(n: Linear<1, SHARD_CAPACITY>) -> Result<(), BenchmarkError> {
        let (attester, _) = seed_shard::<T>()?;
        Pallet::<T>::seal_shard(RawOrigin::Signed(attester.clone()).into())?;
        nearly_full_dirty_shards::<T>()?;
        let shard = ShardIndex(NextShard::<T>::get());
        let leaves = batch(0, n)?;

        #[extrinsic_call]
        attest(RawOrigin::Signed(attester), ShardChoice::Next, 0, leaves);

        assert_eq!(Shards::<T>::get(shard).map(|shard| u32::from(shard.len)), Some(n));
        Ok(())
    }

    #[benchmark]
    fn seal_shard() -> Result<(), BenchmarkError> {
        let (attester, shard) = seed_shard::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(attester));

        assert!(Shards::<T>::get(shard).is_some_and(|shard| !shard.status.is_open()));
        Ok(())
    }

    #[benchmark]
    fn create_trust_list() -> Result<(), BenchmarkError> {
        let curator = rich_account::<T>("curator", 0);
        nearly_full_dirty_lists::<T>()?;
        let list = TrustListId(NextTrustList::<T>::get());
        let name = text()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(curator), name);

        assert!(TrustLists::<T>::contains_key(list));
        Ok(())
    }

    #[benchmark]
    fn consent() -> Result<(), BenchmarkError> {
        let (controller, issuer) = seed_issuer::<T>(0)?;
        seed_list::<T>(LIST)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), LIST);

        assert_eq!(Listings::<T>::get(issuer, LIST), Some(Listing::Consented));
        Ok(())
    }

    #[benchmark]
    fn withdraw_consent() -> Result<(), BenchmarkError> {
        let (_, controller, issuer) = seed_member::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), LIST);

        assert_eq!(Listings::<T>::get(issuer, LIST), None);
        Ok(())
    }

    #[benchmark]
    fn add_member() -> Result<(), BenchmarkError> {
        let (curator, _, _) = seed_member::<T>()?;
        let (controller, issuer) = seed_issuer::<T>(1)?;
        Pallet::<T>::consent(RawOrigin::Signed(controller).into(), LIST)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(curator), LIST, issuer);

        assert_eq!(Listings::<T>::get(issuer, LIST), Some(Listing::Listed(1)));
        Ok(())
    }

    #[benchmark]
    fn remove_member() -> Result<(), BenchmarkError> {
        let (curator, _, issuer) = seed_member::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(curator), LIST, issuer);

        assert_eq!(Listings::<T>::get(issuer, LIST), Some(Listing::Consented));
        Ok(())
    }

    /// The shards lie as far apart as can be, so that their paths meet late; all nodes beside the paths are stored.
    #[benchmark]
    fn finalize_registry(n: Linear<0, { T::MaxDirtyShards::get() }>) -> Result<(), BenchmarkError> {
        let apart = CAP_CAPACITY / T::MaxDirtyShards::get();
        let dirty: BTreeSet<_> = (0..n).map(|number| ShardIndex(number * apart)).collect();
        for shard in &dirty {
            for level in 0..=CAP_DEPTH {
                let index = shard.0 >> level;
                CapNodes::<T>::insert((level as u8, index), root(1));
                CapNodes::<T>::insert((level as u8, index ^ 1), root(2));
            }
        }
        DirtyShards::<T>::put(frame_support::BoundedBTreeSet::try_from(dirty).map_err(stop)?);
        let old = RegistryRoot::from_element(root(7));
        CurrentRoot::<T>::put(old);
        RootHistory::<T>::insert(old, full_spans::<T>(true)?);

        #[block]
        {
            Pallet::<T>::finalize_registry();
        }

        assert!(DirtyShards::<T>::get().is_empty());
        assert_eq!(CurrentRoot::<T>::get() == Some(old), n == 0);
        Ok(())
    }

    #[benchmark]
    fn finalize_lists(n: Linear<0, { T::MaxDirtyLists::get() }>) -> Result<(), BenchmarkError> {
        let dirty: BTreeSet<_> = (0..n).map(TrustListId).collect();
        let (old, new) = (root(7), root(8));
        for id in &dirty {
            seed_list::<T>(*id)?;
            TrustLists::<T>::mutate(id, |list| {
                if let Some(list) = list {
                    list.recorded_root = Some(TrustListRoot::from_element(old));
                    list.root = TrustListRoot::from_element(new);
                }
            });
            ListRootHistory::<T>::insert(id, TrustListRoot::from_element(old), full_spans::<T>(true)?);
            ListRootHistory::<T>::insert(id, TrustListRoot::from_element(new), full_spans::<T>(false)?);
        }
        DirtyLists::<T>::put(frame_support::BoundedBTreeSet::try_from(dirty).map_err(stop)?);

        #[block]
        {
            Pallet::<T>::finalize_lists();
        }

        let (first, end) = ExpiryQueue::<T>::get();
        assert_eq!(end - first, u64::from(n));
        Ok(())
    }

    /// Each end is another list's.
    #[benchmark]
    fn prune(n: Linear<0, { T::MaxPrunedPerBlock::get() }>) -> Result<(), BenchmarkError> {
        for number in 0..n {
            let list = TrustListId(number);
            let spans = full_spans::<T>(false)?;
            ListRootHistory::<T>::insert(list, TrustListRoot::from_element(root(7)), spans);
            let expiry = Expiry {
                history: History::TrustList(list),
                root: root(7),
                superseded_at: 1,
            };
            Expiries::<T>::insert(u64::from(number), expiry);
        }
        ExpiryQueue::<T>::put((0, u64::from(n)));
        let pruned;

        #[block]
        {
            pruned = Pallet::<T>::prune_history(u32::MAX);
        }

        assert_eq!(pruned, n);
        assert_eq!(ListRootHistory::<T>::iter().count(), 0);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
