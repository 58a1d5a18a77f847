//! What a runtime must keep when it configures the pallet.

use crate::{
    pallet::{Config, Pallet},
    refusal::MAX_BATCH,
    types::Request,
    weights::authorize_batch,
    WeightInfo,
};
use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use ofage_primitives::{policy::MAX_ISSUERS, presentation::MAX_PROOF};
use sp_runtime::traits::Convert;

impl<T: Config> Pallet<T> {
    /// Panics when the configuration makes no sense, before a runtime with it is ever used.
    pub(crate) fn check_configuration() {
        let lengths: Vec<u32> = (1..=MAX_ISSUERS).map(T::ProofLength::convert).collect();
        assert!(
            lengths.first().is_some_and(|first| *first > 0) && lengths.is_sorted_by(|a, b| a < b),
            "a proof has bytes, and more of them with each issuer"
        );
        assert_eq!(
            lengths.last(),
            Some(&T::MaxProofLength::get()),
            "the bound of proofs is the longest of them"
        );
        assert!(
            T::MaxProofLength::get() as usize <= MAX_PROOF,
            "presentations carry proofs of at most MAX_PROOF bytes"
        );
        assert!(
            (1..=MAX_BATCH).contains(&T::MaxBatch::get()),
            "codes name the positions of at most 128 requests"
        );
        assert!(
            T::MaxAdmissionsPerBlock::get() >= T::MaxBatch::get(),
            "a full batch fits an empty block"
        );
        assert!(
            T::MaxAdmissionDays::get() > 0,
            "an admission lasts a day at least"
        );
        assert!(T::MaxNameLength::get() > 0, "a gate has a name");
        assert!(!T::AdmissionDeposit::get().is_zero(), "state is paid for");
        assert!(!T::GateDeposit::get().is_zero(), "state is paid for");
        let bytes = Request::<T>::max_encoded_len().saturating_mul(T::MaxBatch::get() as usize);
        let longest = *T::BlockLength::get().max.get(DispatchClass::Normal);
        assert!(bytes < longest as usize, "a full batch fits a block's length");
        let largest = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
        for issuers in 1..=MAX_ISSUERS.into() {
            let batch =
                T::WeightInfo::admit_batch(T::MaxBatch::get())
                    .saturating_add(authorize_batch::<T::WeightInfo>(T::MaxBatch::get(), issuers));
            assert!(
                largest.is_none_or(|largest| batch.all_lte(largest)),
                "a full batch fits a block's weight, however many issuers its gate asks for"
            );
        }
    }
}
