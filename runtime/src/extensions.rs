//! What every transaction is checked for, in order.

use crate::{Runtime, RuntimeCall, UncheckedExtrinsic};
use sp_runtime::generic::Era;

/// The extensions of a transaction, from the first check to the last.
///
/// Version, genesis, era, and length and weight of the transaction come before
/// [`AuthorizeCall`](frame_system::AuthorizeCall): what can never be included does not reach the check of a proof.
/// Whether the block has weight left is asked last; by then an author has checked the proof, in the pool before if not
/// now. Nonce and payment come after `AuthorizeCall`: they concern signers only, and let an authorized origin pass. The
/// weight that a call gives back is returned to the block last, after all others gave back theirs.
///
/// On a general transaction without a signature nothing binds the extensions' values; an admission binds what matters
/// (genesis, gate, account, last block) in its proof.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckWeight<Runtime>,
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonce<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// The extensions of a transaction that asks for nothing: valid for `era`, by the account with this `nonce`, no tip.
pub fn plain(era: Era, nonce: crate::Nonce) -> TxExtension {
    (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(era),
        frame_system::CheckWeight::new(),
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonce::from(nonce),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    )
}

// The chain itself sends transactions without signature: reports of equivocations, from the node that saw them.

impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
    RuntimeCall: From<C>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
    RuntimeCall: From<C>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}
