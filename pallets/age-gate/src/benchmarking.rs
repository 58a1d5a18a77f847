//! Benchmarks: the worst case of every call, and of the checks before `admit` and `admit_batch`.

use crate::{
    pallet::{
        Admissions, Call, Config, DisabledCircuits, Endings, Gates, HoldReason, NextGate, Nullifiers, Pallet,
        MAX_PRUNE,
    },
    types::{Admission, Gate, GateStatus, Request},
};
use alloc::{boxed::Box, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::RawOrigin,
    pallet_prelude::{Authorize, TransactionSource},
    traits::{
        fungible::{hold::Mutate as _, Inspect, Mutate as _},
        EnsureOrigin, Get,
    },
    BoundedVec,
};
use ofage_primitives::{
    chain::AdmitRequest, policy::MAX_ISSUERS, AgeBand, Anchor, CircuitId, Day, Element, GateId, IssuerTag,
    Nullifier, Policy, RegistryRoot, TrustListId, TrustListRoot,
};
use sp_runtime::{traits::Bounded, AccountId32};

/// Gives benchmarks requests that the runtime's verifier accepts.
///
/// A runtime with the real verifier keeps proofs in a file. It had best turn off whatever remembers verified proofs.
pub trait BenchmarkHelper {
    /// How many requests of one issuer there are. With fewer than `MaxBatch`, the weight of larger batches is
    /// extrapolated.
    const REQUESTS: u32;
    /// How many requests of [`MAX_ISSUERS`] issuers there are; two at least. The same holds for them.
    const JOINT_REQUESTS: u32;

    /// Puts the chain in a state in which the requests of `issuers` issuers hold: genesis, block, clock, roots and
    /// trust list.
    ///
    /// Gives policy and length of admissions of the gate that they are for, number 0. Both policies, and those for the
    /// numbers between, differ in nothing but the number of issuers.
    fn prepare(issuers: u8) -> (Policy, u16);

    /// The request of `issuers` issuers at `position`; no two of the same number of issuers share nullifier or account.
    ///
    /// For one issuer below [`REQUESTS`](Self::REQUESTS), for [`MAX_ISSUERS`] below
    /// [`JOINT_REQUESTS`](Self::JOINT_REQUESTS), and 0 for the numbers between.
    fn request(issuers: u8, position: u32) -> AdmitRequest;
}

const GATE: GateId = GateId(0);
/// Balances of benchmark accounts, in existential deposits: enough for every deposit and fee.
const RICH: u32 = 1_000_000_000;

fn rich_account<T: Config>(account: &T::AccountId) {
    let rich = T::Currency::minimum_balance() * RICH.into();
    T::Currency::set_balance(
        account,
        rich.max(crate::BalanceOf::<T>::max_value() / 1_000_000u32.into()),
    );
}

/// Puts a gate on record, whose owner and sponsor are rich.
fn seed_gate<T: Config>(id: GateId, policy: Policy, admission_days: u16) -> Result<(), ()> {
    let owner: T::AccountId = account("owner", id.0, 0);
    rich_account::<T>(&owner);
    rich_account::<T>(&Pallet::<T>::sponsor_account(id));
    let deposit = T::GateDeposit::get();
    T::Currency::hold(&HoldReason::Gate.into(), &owner, deposit).map_err(|_| ())?;
    let gate = Gate {
        owner,
        name: vec![b'g'; T::MaxNameLength::get() as usize]
            .try_into()
            .map_err(|_| ())?,
        policy,
        admission_days,
        status: GateStatus::Open,
        deposit,
        admissions: 0,
        pruned_before: Day::MIN,
    };
    Gates::<T>::insert(id, gate);
    NextGate::<T>::mutate(|next| *next = id.0.saturating_add(1).max(*next));
    Ok(())
}

/// Puts an admission on record, with its deposit.
fn seed_admission<T: Config>(
    id: GateId,
    who: &T::AccountId,
    nullifier: Nullifier,
    until: Day,
) -> Result<(), ()> {
    let deposit = T::AdmissionDeposit::get();
    let sponsor = Pallet::<T>::sponsor_account(id);
    T::Currency::hold(&HoldReason::Admission.into(), &sponsor, deposit).map_err(|_| ())?;
    Admissions::<T>::insert(
        id,
        who,
        Admission {
            nullifier,
            until,
            deposit,
        },
    );
    Nullifiers::<T>::insert(id, nullifier, who);
    Endings::<T>::insert((id, until, who.clone()), ());
    Gates::<T>::mutate(id, |gate| {
        if let Some(gate) = gate {
            gate.admissions = gate.admissions.saturating_add(1);
        }
    });
    Ok(())
}

/// Admits `who` to a gate that is made if need be; for the benchmarks of pallets that ask for an admission.
pub(crate) fn admit_for_benchmark<T: Config>(id: GateId, who: &T::AccountId) -> Result<(), ()> {
    if !Gates::<T>::contains_key(id) {
        seed_gate::<T>(id, Policy::new(AgeBand::over(18), TrustListId(0)), 1)?;
    }
    if !Admissions::<T>::contains_key(id, who) {
        seed_admission::<T>(id, who, nullifier(u64::MAX), Day::MAX)?;
    }
    Ok(())
}

fn nullifier(number: u64) -> Nullifier {
    Nullifier::from_element(Element::from_u64(number))
}

/// A request as the call carries it.
fn bounded<T: Config>(request: AdmitRequest) -> Result<Request<T>, ()> {
    Ok(Request {
        gate: request.gate,
        account: AccountId32::new(request.account),
        anchor: request.anchor,
        valid_on: request.valid_on,
        expires_at: request.expires_at,
        nullifier: request.nullifier,
        issuer_tags: request.issuer_tags.try_into().map_err(|_| ())?,
        proof: request.proof.try_into().map_err(|_| ())?,
    })
}

/// A request of the longest form, whose proof nobody looks at, for what runs after the check.
fn unproved<T: Config>(position: u32) -> Result<Request<T>, ()> {
    bounded(AdmitRequest {
        gate: GATE,
        account: account::<T::AccountId>("holder", position, 0).into(),
        anchor: Anchor {
            block: 0,
            registry_root: RegistryRoot::from_element(Element::ZERO),
            trust_list_root: TrustListRoot::from_element(Element::ZERO),
        },
        valid_on: Pallet::<T>::today(),
        expires_at: u32::MAX,
        nullifier: nullifier(position.into()),
        issuer_tags: (0..MAX_ISSUERS)
            .map(|tag| IssuerTag::from_element(Element::from_u64(tag.into())))
            .collect(),
        proof: vec![0; T::MaxProofLength::get() as usize],
    })
}

/// Two expired admissions that give way to `request`: its nullifier's, and its account's.
fn seed_leavers<T: Config>(request: &Request<T>, position: u32) -> Result<(), ()> {
    let yesterday = Pallet::<T>::today().checked_sub(1).ok_or(())?;
    let other = account("leaver", position, 0);
    seed_admission::<T>(GATE, &other, request.nullifier, yesterday)?;
    seed_admission::<T>(
        GATE,
        &request.account,
        nullifier(u64::MAX - u64::from(position)),
        yesterday,
    )
}

/// Clock, roots, and a rich gate 0 that asks for `issuers`.
fn prepare<T: Config>(issuers: u8) -> Result<(), ()> {
    let (policy, admission_days) = T::BenchmarkHelper::prepare(issuers);
    seed_gate::<T>(GATE, policy, admission_days)
}

/// A rich gate 0 without admissions, and its owner.
fn prepare_owned<T: Config>() -> Result<T::AccountId, ()> {
    prepare::<T>(1)?;
    Gates::<T>::get(GATE).map(|gate| gate.owner).ok_or(())
}

/// Closes gate 0.
fn close<T: Config>() {
    Gates::<T>::mutate(GATE, |gate| {
        if let Some(gate) = gate {
            gate.status = GateStatus::Closed;
        }
    });
}

/// Requests with proofs, each in the worst case: two expired admissions are to give way.
fn proved<T: Config>(count: u32, issuers: u8) -> Result<Vec<Request<T>>, ()> {
    prepare::<T>(issuers)?;
    (0..count)
        .map(|position| {
            let request = bounded::<T>(T::BenchmarkHelper::request(issuers, position))?;
            seed_leavers::<T>(&request, position)?;
            Ok(request)
        })
        .collect()
}

/// Requests for calls that come after the check, in the same worst case.
fn checked<T: Config>(count: u32) -> Result<Vec<Request<T>>, ()> {
    prepare::<T>(MAX_ISSUERS)?;
    (0..count)
        .map(|position| {
            let request = unproved::<T>(position)?;
            seed_leavers::<T>(&request, position)?;
            Ok(request)
        })
        .collect()
}

fn stop(_: ()) -> BenchmarkError {
    BenchmarkError::Stop("the helper's state and requests fit the configuration")
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create_gate() -> Result<(), BenchmarkError> {
        let (policy, admission_days) = T::BenchmarkHelper::prepare(1);
        let owner: T::AccountId = whitelisted_caller();
        rich_account::<T>(&owner);
        let name: BoundedVec<u8, T::MaxNameLength> = vec![b'g'; T::MaxNameLength::get() as usize]
            .try_into()
            .map_err(|_| stop(()))?;
        let id = GateId(NextGate::<T>::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), name, policy, admission_days);

        assert!(Gates::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn fund() -> Result<(), BenchmarkError> {
        prepare::<T>(1).map_err(stop)?;
        let funder: T::AccountId = whitelisted_caller();
        rich_account::<T>(&funder);
        let before = Pallet::<T>::sponsor_balance(GATE);
        let amount = T::Currency::minimum_balance();

        #[extrinsic_call]
        _(RawOrigin::Signed(funder), GATE, amount);

        assert_eq!(Pallet::<T>::sponsor_balance(GATE), before + amount);
        Ok(())
    }

    #[benchmark]
    fn admit() -> Result<(), BenchmarkError> {
        let request = checked::<T>(1).map_err(stop)?.pop().ok_or(stop(()))?;
        let account = request.account.clone();

        #[extrinsic_call]
        _(RawOrigin::Authorized, Box::new(request));

        assert!(Pallet::<T>::current_admission(GATE, &account).is_some());
        Ok(())
    }

    #[benchmark]
    fn authorize_admit(k: Linear<1, { u32::from(MAX_ISSUERS) }>) -> Result<(), BenchmarkError> {
        let request = proved::<T>(1, k as u8).map_err(stop)?.pop().ok_or(stop(()))?;
        let call = Call::<T>::admit {
            request: Box::new(request),
        };
        let outcome;

        #[block]
        {
            outcome = call.authorize(TransactionSource::InBlock);
        }

        assert!(matches!(outcome, Some(Ok(_))));
        Ok(())
    }

    #[benchmark]
    fn admit_batch(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
        let requests = checked::<T>(n).map_err(stop)?;
        let requests: BoundedVec<_, T::MaxBatch> = requests.try_into().map_err(|_| stop(()))?;

        #[extrinsic_call]
        _(RawOrigin::Authorized, requests);

        assert_eq!(Gates::<T>::get(GATE).map(|gate| gate.admissions), Some(n));
        Ok(())
    }

    #[benchmark]
    fn authorize_admit_batch(
        n: Linear<1, { T::MaxBatch::get().min(<T::BenchmarkHelper as BenchmarkHelper>::REQUESTS) }>,
    ) -> Result<(), BenchmarkError> {
        let requests = proved::<T>(n, 1).map_err(stop)?;
        let call = Call::<T>::admit_batch {
            requests: requests.try_into().map_err(|_| stop(()))?,
        };
        let outcome;

        #[block]
        {
            outcome = call.authorize(TransactionSource::InBlock);
        }

        assert!(matches!(outcome, Some(Ok(_))));
        Ok(())
    }

    #[benchmark]
    fn authorize_admit_joint_batch(
        n: Linear<1, { T::MaxBatch::get().min(<T::BenchmarkHelper as BenchmarkHelper>::JOINT_REQUESTS) }>,
    ) -> Result<(), BenchmarkError> {
        let requests = proved::<T>(n, MAX_ISSUERS).map_err(stop)?;
        let call = Call::<T>::admit_batch {
            requests: requests.try_into().map_err(|_| stop(()))?,
        };
        let outcome;

        #[block]
        {
            outcome = call.authorize(TransactionSource::InBlock);
        }

        assert!(matches!(outcome, Some(Ok(_))));
        Ok(())
    }

    /// Each step takes an admission off the record: that is more work than passing over a day.
    #[benchmark]
    fn prune(n: Linear<1, MAX_PRUNE>) -> Result<(), BenchmarkError> {
        prepare::<T>(1).map_err(stop)?;
        let yesterday = Pallet::<T>::today().checked_sub(1).ok_or(stop(()))?;
        for position in 0..n {
            let who: T::AccountId = account("leaver", position, 0);
            seed_admission::<T>(GATE, &who, nullifier(position.into()), yesterday).map_err(stop)?;
        }
        // One more stays, so that the gate is not found empty.
        let stays: T::AccountId = account("stays", 0, 0);
        seed_admission::<T>(GATE, &stays, nullifier(u64::MAX), Day::MAX).map_err(stop)?;
        Gates::<T>::mutate(GATE, |gate| {
            if let Some(gate) = gate {
                gate.pruned_before = yesterday;
            }
        });
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), GATE, n);

        assert_eq!(Gates::<T>::get(GATE).map(|gate| gate.admissions), Some(1));
        Ok(())
    }

    #[benchmark]
    fn update_gate() -> Result<(), BenchmarkError> {
        let owner = prepare_owned::<T>().map_err(stop)?;
        let (policy, admission_days) = T::BenchmarkHelper::prepare(MAX_ISSUERS);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), GATE, policy, admission_days);

        let issuers = Gates::<T>::get(GATE).map(|gate| gate.policy.issuers);
        assert_eq!(issuers, Some(MAX_ISSUERS));
        Ok(())
    }

    #[benchmark]
    fn close_gate() -> Result<(), BenchmarkError> {
        let owner = prepare_owned::<T>().map_err(stop)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), GATE);

        assert_eq!(
            Gates::<T>::get(GATE).map(|gate| gate.status),
            Some(GateStatus::Closed)
        );
        Ok(())
    }

    /// With deposits held beside what moves.
    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let owner = prepare_owned::<T>().map_err(stop)?;
        let stays: T::AccountId = account("stays", 0, 0);
        seed_admission::<T>(GATE, &stays, nullifier(0), Day::MAX).map_err(stop)?;
        let amount = Pallet::<T>::sponsor_balance(GATE);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), GATE, amount);

        assert!(Pallet::<T>::sponsor_balance(GATE) < T::Currency::minimum_balance());
        Ok(())
    }

    /// With a rest on the sponsor account, which is reaped.
    #[benchmark]
    fn remove_gate() -> Result<(), BenchmarkError> {
        let owner = prepare_owned::<T>().map_err(stop)?;
        close::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), GATE);

        assert!(!Gates::<T>::contains_key(GATE));
        Ok(())
    }

    #[benchmark]
    fn disable_circuit() -> Result<(), BenchmarkError> {
        let origin = T::GovernanceOrigin::try_successful_origin().map_err(stop)?;
        let circuit: CircuitId = T::Circuit::get();

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, circuit);

        assert!(!Pallet::<T>::circuit_enabled(circuit));
        Ok(())
    }

    #[benchmark]
    fn enable_circuit() -> Result<(), BenchmarkError> {
        let origin = T::GovernanceOrigin::try_successful_origin().map_err(stop)?;
        let circuit: CircuitId = T::Circuit::get();
        DisabledCircuits::<T>::insert(circuit, ());

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, circuit);

        assert!(Pallet::<T>::circuit_enabled(circuit));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
