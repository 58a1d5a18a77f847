//! Benchmarks: the worst case of every call, and of the work at the beginnings and ends of blocks.

mod lists;
mod revoking;

use crate::{
    pallet::{
        Call, CapNodes, Config, CurrentRoot, DirtyLists, DirtyShards, Expiries, ExpiryQueue, Issuers,
        ListRootHistory, Listings, NextIssuer, NextShard, NextTrustList, Pallet, RootHistory, Shards,
        TrustLists,
    },
    types::{BalanceOf, Batch, DirtyListsBound, Expiry, History, Listing, ShardChoice, ShardStatus, Spans},
};
use alloc::{boxed::Box, collections::BTreeSet, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::RawOrigin,
    traits::{
        fungible::{Inspect, Mutate as _},
        EnsureOrigin, Get,
    },
    BoundedVec,
};
use lists::{dirty_lists, seed_list, seed_listed_issuer, seed_member};
use ofage_primitives::{
    chain::{IssuerStatus, RootSpan},
    tree::{Tree, CAP_CAPACITY, CAP_DEPTH, SHARD_CAPACITY},
    Attestation, Element, IssuerIndex, RegistryRoot, ShardIndex, TrustListId, TrustListRoot,
};
use revoking::{dirty_shards, multiproof, seed_long_shard, seed_shards};
use sp_runtime::traits::{Bounded, Zero};

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
    dirty_shards::<T>(T::MaxDirtyShards::get() - 1)
}

/// An issuer with a shard of one attestation.
fn seed_shard<T: Config>() -> Result<(T::AccountId, ShardIndex), BenchmarkError> {
    let (attester, _) = seed_issuer::<T>(0)?;
    let shard = ShardIndex(NextShard::<T>::get());
    let origin = RawOrigin::Signed(attester.clone()).into();
    Pallet::<T>::attest(origin, ShardChoice::Next, 0, batch(10_000, 1)?)?;
    Ok((attester, shard))
}

/// Whether everything in a shard is revoked.
fn is_empty<T: Config>(shard: ShardIndex) -> bool {
    Shards::<T>::get(shard).is_some_and(|shard| shard.root.element() == Tree::Shard.empty_root())
}

/// How many shards are revoked as wholes.
fn revoked<T: Config>() -> usize {
    Shards::<T>::iter_values()
        .filter(|shard| shard.status.is_revoked())
        .count()
}

fn root(number: u32) -> Element {
    Element::from_u64(u64::from(number))
}

/// An issuer with the longest metadata, a hot key, and an open shard; gives its controller and that key.
fn seed_hot_issuer<T: Config>() -> Result<(T::AccountId, T::AccountId, IssuerIndex), BenchmarkError> {
    let controller = rich_account::<T>("controller", 0);
    let attester = rich_account::<T>("attester", 0);
    let issuer = IssuerIndex(NextIssuer::<T>::get());
    let origin = RawOrigin::Signed(controller.clone()).into();
    Pallet::<T>::register(origin, text()?, attester.clone())?;
    let origin = RawOrigin::Signed(attester.clone());
    Pallet::<T>::become_attester(origin.clone().into(), issuer)?;
    Pallet::<T>::attest(origin.into(), ShardChoice::Next, 0, batch(10_000, 1)?)?;
    Ok((controller, attester, issuer))
}

/// What governance signs with.
fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
    T::GovernanceOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn status_of<T: Config>(issuer: IssuerIndex) -> Option<IssuerStatus> {
    Issuers::<T>::get(issuer).map(|issuer| issuer.status)
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
        dirty_lists::<T>(T::MaxDirtyLists::get() - 1)?;
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

    #[benchmark]
    fn revoke() -> Result<(), BenchmarkError> {
        let (attester, shard) = seed_shard::<T>()?;
        nearly_full_dirty_shards::<T>()?;
        let leaf = batch(10_000, 1)?[0];
        let siblings = Box::new(core::array::from_fn(|level| Tree::Shard.empty_node(level)));

        #[extrinsic_call]
        _(RawOrigin::Signed(attester), shard, 0, leaf, siblings);

        assert!(is_empty::<T>(shard));
        Ok(())
    }

    /// `n` leaves at the beginning of the shard, and up to 12 siblings, for which the call pays too.
    #[benchmark]
    fn revoke_batch(n: Linear<1, { SHARD_CAPACITY - 1 }>) -> Result<(), BenchmarkError> {
        let (attester, shard, all) = seed_long_shard::<T>()?;
        nearly_full_dirty_shards::<T>()?;
        let (leaves, siblings) = multiproof(all, n)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(attester), shard, leaves, siblings);

        assert_eq!(is_empty::<T>(shard), n == SHARD_CAPACITY - 1);
        Ok(())
    }

    /// The last shard is open, and the issuer on as many lists as can be.
    #[benchmark]
    fn revoke_shards(n: Linear<1, { T::MaxRevokedShards::get() }>) -> Result<(), BenchmarkError> {
        let (controller, from, to) = seed_shards::<T>(n, ShardStatus::Sealed, ShardStatus::Open)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), from, to, n);

        assert_eq!(revoked::<T>(), n as usize);
        Ok(())
    }

    #[benchmark]
    fn restore_shards(n: Linear<1, { T::MaxRevokedShards::get() }>) -> Result<(), BenchmarkError> {
        let status = ShardStatus::Revoked {
            since: Pallet::<T>::now(),
        };
        let (controller, from, to) = seed_shards::<T>(n, status, status)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), from, to, n);

        assert_eq!(revoked::<T>(), 0);
        Ok(())
    }

    #[benchmark]
    fn rotate_attester() -> Result<(), BenchmarkError> {
        let (controller, old, _) = seed_hot_issuer::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), account("new", 0, 0));

        assert_eq!(Pallet::<T>::issuer_of(&old), None);
        Ok(())
    }

    #[benchmark]
    fn update_metadata() -> Result<(), BenchmarkError> {
        let (controller, issuer) = seed_issuer::<T>(0)?;
        let metadata: BoundedVec<u8, T::MaxMetadata> = vec![b'b'; T::MaxMetadata::get() as usize]
            .try_into()
            .map_err(stop)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller), metadata.clone());

        assert!(Issuers::<T>::get(issuer).is_some_and(|issuer| issuer.metadata == metadata));
        Ok(())
    }

    #[benchmark]
    fn retire() -> Result<(), BenchmarkError> {
        let (controller, _, issuer) = seed_hot_issuer::<T>()?;

        #[extrinsic_call]
        _(RawOrigin::Signed(controller));

        assert_eq!(status_of::<T>(issuer), Some(IssuerStatus::Retired));
        Ok(())
    }

    #[benchmark]
    fn withdraw_deposit() -> Result<(), BenchmarkError> {
        let (controller, issuer) = seed_issuer::<T>(0)?;
        Pallet::<T>::retire(RawOrigin::Signed(controller.clone()).into())?;
        let now = Pallet::<T>::now().saturating_add(T::RetireDelay::get());
        frame_system::Pallet::<T>::set_block_number(now.into());

        #[extrinsic_call]
        _(RawOrigin::Signed(controller));

        assert!(Issuers::<T>::get(issuer).is_some_and(|issuer| issuer.deposit.is_zero()));
        Ok(())
    }

    #[benchmark]
    fn suspend(n: Linear<0, { T::MaxListsPerIssuer::get() }>) -> Result<(), BenchmarkError> {
        let issuer = seed_listed_issuer::<T>(n)?;
        let origin = governance::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, issuer);

        assert_eq!(status_of::<T>(issuer), Some(IssuerStatus::Suspended));
        assert_eq!(DirtyLists::<T>::get().len() as u32, DirtyListsBound::<T>::get());
        Ok(())
    }

    #[benchmark]
    fn reinstate(n: Linear<0, { T::MaxListsPerIssuer::get() }>) -> Result<(), BenchmarkError> {
        let issuer = seed_listed_issuer::<T>(n)?;
        let origin = governance::<T>()?;
        Issuers::<T>::mutate_extant(issuer, |issuer| issuer.status = IssuerStatus::Suspended);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, issuer);

        assert_eq!(status_of::<T>(issuer), Some(IssuerStatus::Active));
        assert_eq!(DirtyLists::<T>::get().len() as u32, DirtyListsBound::<T>::get());
        Ok(())
    }

    #[benchmark]
    fn slash() -> Result<(), BenchmarkError> {
        let (_, issuer) = seed_issuer::<T>(0)?;
        let origin = governance::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, issuer, T::IssuerDeposit::get());

        assert!(Issuers::<T>::get(issuer).is_some_and(|issuer| issuer.deposit.is_zero()));
        Ok(())
    }

    #[benchmark]
    fn offer_list() -> Result<(), BenchmarkError> {
        let curator = seed_list::<T>(LIST)?;
        let other: T::AccountId = account("other", 0, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(curator), LIST, Some(other.clone()));

        assert!(TrustLists::<T>::get(LIST).is_some_and(|list| list.offered_to == Some(other)));
        Ok(())
    }

    #[benchmark]
    fn accept_list() -> Result<(), BenchmarkError> {
        let (curator, other) = (rich_account::<T>("curator", 0), rich_account::<T>("other", 0));
        let list = TrustListId(NextTrustList::<T>::get());
        let origin: T::RuntimeOrigin = RawOrigin::Signed(curator).into();
        Pallet::<T>::create_trust_list(origin.clone(), text()?)?;
        Pallet::<T>::offer_list(origin, list, Some(other.clone()))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(other.clone()), list);

        assert!(TrustLists::<T>::get(list).is_some_and(|list| list.curator == other));
        Ok(())
    }

    #[benchmark]
    fn freeze_list() -> Result<(), BenchmarkError> {
        let curator = seed_list::<T>(LIST)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(curator), LIST);

        assert!(TrustLists::<T>::get(LIST).is_some_and(|list| !list.status.is_open()));
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
    fn finalize_lists(n: Linear<0, { DirtyListsBound::<T>::get() }>) -> Result<(), BenchmarkError> {
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
