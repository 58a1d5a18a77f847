//! Whether a request for admission holds: checks from cheap to dear, the proof last.

use crate::{
    pallet::{Admissions, AdmittedInBlock, Config, Gates, Nullifiers, Pallet},
    refusal::No,
    types::{Admission, Gate, Request},
    weights::authorize_batch,
    Refusal,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, pallet_prelude::*, traits::UnixTime};
use ofage_primitives::{
    chain::{AnchorError, Anchors, ProofVerifier},
    Binding, Day, DesignatedVerifier, GateId, GenesisHash, JointInputs, PublicInputs, Scope, SignalInput,
    TagsError,
};
use sp_runtime::{traits::Convert, SaturatedConversion};

/// The verifier's challenge on chain: none, since day, anchor and last block bound a replay.
const NO_NONCE: [u8; 32] = [0; 32];

/// Keeps the tags of requests apart from those of other pallets.
const TAG_PREFIX: &str = "AgeGate";

/// A gate as a request finds it now.
pub(crate) struct Visit<T: Config> {
    pub(crate) id: GateId,
    pub(crate) gate: Gate<T>,
    now: u32,
    pub(crate) today: Day,
}

/// What an admission changes on the record.
pub(crate) enum Place<T: Config> {
    /// The account is admitted under this nullifier already.
    Renewed(Admission<T>),
    /// There is room; expired admissions of these accounts give way.
    New {
        /// Of the nullifier, for another account.
        nullifier_left: Option<(T::AccountId, Admission<T>)>,
        /// Of the account, under another nullifier.
        account_left: Option<Admission<T>>,
    },
}

impl<T: Config> Visit<T> {
    /// Finds an open gate.
    pub(crate) fn open(id: GateId) -> Result<Self, Refusal> {
        let gate = Gates::<T>::get(id).ok_or(Refusal::UnknownGate)?;
        ensure!(gate.status.is_open(), Refusal::GateClosed);
        Ok(Self {
            id,
            gate,
            now: Pallet::<T>::now(),
            today: Pallet::<T>::today(),
        })
    }

    /// Last day of the admission that a proof for `valid_on` gives.
    pub(crate) fn until(&self, valid_on: Day) -> Result<Day, Refusal> {
        valid_on
            .checked_add(self.gate.admission_days.into())
            .ok_or(Refusal::PolicyUnmeetable)
    }

    /// Whether the request names as many issuers as the gate asks for.
    fn check_issuers(&self, request: &Request<T>) -> Result<(), Refusal> {
        let asked = u32::from(self.gate.policy.issuers);
        ensure!(request.issuers() == asked, Refusal::IssuerCount);
        Ok(())
    }

    /// Last block, day, and age of the anchor: numbers only.
    fn check_time(&self, request: &Request<T>) -> Result<(), Refusal> {
        ensure!(request.expires_at >= self.now, Refusal::Expired);
        ensure!(
            request.expires_at.saturating_sub(self.now) <= T::MaxLongevity::get(),
            Refusal::ExpiryTooFar
        );
        ensure!(request.valid_on <= self.today, Refusal::DayAhead);
        let yesterday = self.today.checked_sub(1).unwrap_or(Day::MIN);
        ensure!(request.valid_on >= yesterday, Refusal::DayPast);
        // An anchor that lies ahead has the age 0 here, and is refused with the roots.
        let age = self.now.saturating_sub(request.anchor.block);
        ensure!(age <= self.gate.policy.oldest_anchor, Refusal::AnchorTooOld);
        Ok(())
    }

    /// Finds the place of an admission on the record.
    pub(crate) fn place(&self, request: &Request<T>) -> Result<Place<T>, Refusal> {
        let expired = |admission: &Admission<T>| admission.until < self.today;
        let mut nullifier_left = None;
        match Nullifiers::<T>::get(self.id, request.nullifier) {
            Some(account) if account != request.account => {
                let admission = Admissions::<T>::get(self.id, &account).ok_or(Refusal::NullifierTaken)?;
                ensure!(expired(&admission), Refusal::NullifierTaken);
                nullifier_left = Some((account, admission));
            }
            _ => {}
        }
        match Admissions::<T>::get(self.id, &request.account) {
            Some(admission) if admission.nullifier == request.nullifier => {
                let won = self
                    .until(request.valid_on)?
                    .number()
                    .saturating_sub(admission.until.number());
                let half = u32::from(self.gate.admission_days.div_ceil(2));
                ensure!(won >= half, Refusal::RenewalTooEarly);
                Ok(Place::Renewed(admission))
            }
            account_left => {
                ensure!(account_left.as_ref().is_none_or(expired), Refusal::AccountTaken);
                Ok(Place::New {
                    nullifier_left,
                    account_left,
                })
            }
        }
    }

    /// Whether the sponsor balance covers `fee` and the deposits of `new` admissions.
    ///
    /// Deposits that expired admissions free as they give way are not counted on.
    fn check_sponsor(&self, fee: crate::BalanceOf<T>, new: u32) -> Result<(), Refusal> {
        let cost = T::AdmissionDeposit::get()
            .checked_mul(&new.into())
            .and_then(|deposits| deposits.checked_add(&fee))
            .ok_or(Refusal::SponsorDry)?;
        ensure!(Pallet::<T>::sponsor_balance(self.id) >= cost, Refusal::SponsorDry);
        Ok(())
    }

    /// Whether both roots were current at the anchor's block, and still count.
    fn check_roots(&self, request: &Request<T>) -> Result<(), Refusal> {
        T::Anchors::check(self.gate.policy.trust_list, &request.anchor, self.now).map_err(|error| match error
        {
            AnchorError::Future => Refusal::AnchorAhead,
            AnchorError::TrustListRoot => Refusal::TrustListRoot,
            // Also stands for reasons that a later registry may add.
            _ => Refusal::RegistryRoot,
        })
    }

    /// The public inputs: all recomputed, but nullifier and issuer tags.
    fn public_inputs(&self, genesis: &GenesisHash, request: &Request<T>) -> Result<JointInputs, Refusal> {
        let (issuer_tag, further) = request.issuer_tags.split_first().ok_or(Refusal::IssuerCount)?;
        let policy = &self.gate.policy;
        let until = self.until(request.valid_on)?;
        let signal = SignalInput {
            circuit: T::Circuit::get(),
            genesis,
            policy,
            anchor: &request.anchor,
            binding: &Binding::ChainAccount(request.account.clone().into()),
            nonce: &NO_NONCE,
            expires_at: request.expires_at.into(),
        };
        let inputs = PublicInputs {
            registry_root: request.anchor.registry_root,
            trust_list_root: request.anchor.trust_list_root,
            bounds: policy
                .bounds(request.valid_on, until)
                .map_err(|_| Refusal::PolicyUnmeetable)?,
            scope: Scope::gate(genesis, self.id),
            nullifier: request.nullifier,
            issuer_tag: *issuer_tag,
            designated_verifier: DesignatedVerifier::public(),
            signal: signal.signal(),
        };
        JointInputs::new(inputs, further).map_err(|error| match error {
            TagsError::TooMany => Refusal::IssuerCount,
            _ => Refusal::RepeatedIssuer,
        })
    }

    /// What the pool is to know of requests that hold.
    fn validity(&self, requests: &[Request<T>]) -> ValidTransaction {
        let last = requests
            .iter()
            .map(|request| request.expires_at)
            .min()
            .unwrap_or(self.now);
        let priority = T::Priority::get().saturating_mul(requests.len() as u64);
        let tags = ValidTransaction::with_tag_prefix(TAG_PREFIX)
            // A batch outweighs any part of it: nobody keeps it out of the pool by sending some of its requests.
            .priority(priority)
            // The pool counts from the parent of the block that is being validated for.
            .longevity(u64::from(last.saturating_sub(self.now)).saturating_add(1))
            .propagate(true);
        requests
            .iter()
            .fold(tags, |tags, r| tags.and_provides((self.id, r.nullifier)))
            .into()
    }
}

impl<T: Config> Pallet<T> {
    /// The block being built, or validated for.
    pub(crate) fn now() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The chain's day, UTC. Beyond the supported dates it stays on the last one, on which nothing is admitted.
    pub(crate) fn today() -> Day {
        Day::from_unix_seconds(T::UnixTime::now().as_secs()).unwrap_or(Day::MAX)
    }

    /// Refuses when the block has its share of admissions. Only blocks are asked: the pool's state has no counter.
    fn check_block_share(source: TransactionSource, requests: u32) -> Result<(), No> {
        let in_block = matches!(source, TransactionSource::InBlock);
        let total = || AdmittedInBlock::<T>::get().saturating_add(requests);
        ensure!(
            !in_block || total() <= T::MaxAdmissionsPerBlock::get(),
            No::BlockFull
        );
        Ok(())
    }

    /// What a request shows by itself: distinct issuers in order, and a proof as long as theirs are.
    fn check_form(request: &Request<T>) -> Result<(), Refusal> {
        let tags = &request.issuer_tags;
        ensure!(!tags.is_empty(), Refusal::IssuerCount);
        ensure!(
            tags.is_sorted_by(|before, after| before < after),
            Refusal::RepeatedIssuer
        );
        let length = T::ProofLength::convert(request.issuers().saturated_into());
        ensure!(request.proof.len() == length as usize, Refusal::ProofLength);
        Ok(())
    }

    fn check_circuit() -> Result<(), Refusal> {
        ensure!(Self::circuit_enabled(T::Circuit::get()), Refusal::CircuitDisabled);
        Ok(())
    }

    /// Cost of checking a batch, before the gate is known: as if all its requests named the most issuers of any.
    pub(crate) fn weight_of_batch_check(requests: &[Request<T>]) -> Weight {
        let issuers = requests.iter().map(Request::issuers).max().unwrap_or(1);
        authorize_batch::<T::WeightInfo>(requests.len() as u32, issuers)
    }

    pub(crate) fn authorize_admit(
        source: TransactionSource,
        request: &Request<T>,
    ) -> TransactionValidityWithRefund {
        Ok((Self::check_admit(source, request)?, Weight::zero()))
    }

    fn check_admit(source: TransactionSource, request: &Request<T>) -> Result<ValidTransaction, No> {
        Self::check_form(request)?;
        Self::check_block_share(source, 1)?;
        Self::check_circuit()?;
        let visit = Visit::<T>::open(request.gate)?;
        visit.check_issuers(request)?;
        visit.check_time(request)?;
        let is_new = matches!(visit.place(request)?, Place::New { .. });
        visit.check_sponsor(Self::admission_fee(visit.gate.policy.issuers), is_new.into())?;
        visit.check_roots(request)?;
        let inputs = visit.public_inputs(&T::Anchors::genesis(), request)?;
        ensure!(
            T::Verifier::verify(T::Circuit::get(), &inputs, &request.proof),
            Refusal::Proof
        );
        Ok(visit.validity(core::slice::from_ref(request)))
    }

    pub(crate) fn authorize_admit_batch(
        source: TransactionSource,
        requests: &[Request<T>],
    ) -> TransactionValidityWithRefund {
        Ok((Self::check_admit_batch(source, requests)?, Weight::zero()))
    }

    fn check_admit_batch(source: TransactionSource, requests: &[Request<T>]) -> Result<ValidTransaction, No> {
        let count = requests.len() as u32;
        let first = requests.first().ok_or(Refusal::EmptyBatch)?;
        ensure!(
            requests.iter().all(|request| request.gate == first.gate),
            Refusal::MixedGates
        );
        let each = |check: &dyn Fn(&Request<T>) -> Result<(), Refusal>| {
            (0u32..)
                .zip(requests)
                .try_for_each(|(at, request)| check(request).map_err(|_| No::RefusedAt(at)))
        };
        each(&Self::check_form)?;
        let nullifiers: BTreeSet<_> = requests.iter().map(|request| request.nullifier).collect();
        let accounts: BTreeSet<_> = requests.iter().map(|request| &request.account).collect();
        ensure!(
            nullifiers.len() == requests.len() && accounts.len() == requests.len(),
            Refusal::RepeatedInBatch
        );
        Self::check_block_share(source, count)?;
        Self::check_circuit()?;

        let visit = Visit::<T>::open(first.gate)?;
        each(&|request| visit.check_issuers(request))?;
        each(&|request| visit.check_time(request))?;
        let mut new = 0u32;
        for (at, request) in (0u32..).zip(requests) {
            let place = visit.place(request).map_err(|_| No::RefusedAt(at))?;
            new = new.saturating_add(matches!(place, Place::New { .. }).into());
        }
        visit.check_sponsor(Self::batch_fee(count, visit.gate.policy.issuers), new)?;
        each(&|request| visit.check_roots(request))?;

        let genesis = T::Anchors::genesis();
        let mut proofs = Vec::with_capacity(requests.len());
        for (at, request) in (0u32..).zip(requests) {
            let inputs = visit
                .public_inputs(&genesis, request)
                .map_err(|_| No::RefusedAt(at))?;
            proofs.push((inputs, request.proof.as_slice()));
        }
        T::Verifier::verify_batch(T::Circuit::get(), &proofs)
            // A verifier that names none refuses all the same.
            .map_err(|bad| No::RefusedAt(bad.into_iter().min().unwrap_or(0)))?;
        Ok(visit.validity(requests))
    }
}
