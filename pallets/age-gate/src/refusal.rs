//! Why a request for admission is refused, as a code that clients can tell apart.

pub use ofage_primitives::refusal::{code_at, position_of, Refusal, BATCH_CODE, MAX_BATCH};

use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

/// How the check of a transaction ends when it does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum No {
    /// The request, or the batch as a whole, is refused.
    Refused(Refusal),
    /// The batch is refused because of the request at this position.
    RefusedAt(u32),
    /// The block has its share of admissions.
    BlockFull,
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<No> for TransactionValidityError {
    fn from(no: No) -> Self {
        match no {
            No::Refused(refusal) => InvalidTransaction::Custom(refusal.code()).into(),
            No::RefusedAt(position) => InvalidTransaction::Custom(code_at(position)).into(),
            // Not a code of ours: the author would drop the transaction for good.
            No::BlockFull => InvalidTransaction::ExhaustsResources.into(),
        }
    }
}
