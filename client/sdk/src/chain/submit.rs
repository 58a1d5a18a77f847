//! Sending calls and waiting until they are final.

use std::time::Duration;

use ofage_primitives::chain::AdmitRequest;
use subxt::{
    config::{substrate::SubstrateExtrinsicParamsBuilder, SubstrateConfig},
    error::{
        BackendError, DispatchError, ExtrinsicError, RpcError, TransactionEventsError, TransactionStatusError,
    },
    ext::scale_value::{Composite, Value, ValueDef},
    extrinsics::ExtrinsicEvents,
    transactions::{
        SubmittableTransaction, TransactionInBlock, TransactionInvalid, TransactionStatus, ValidationResult,
    },
    utils::AccountId32,
};

use super::{advice::advice, general, refusal, AdmitRefusal, BlockPoint, Call, Chain, ChainError, PATIENCE};
use crate::account::Signer;

/// Blocks for which a signed call stays valid: minutes, so that a lost one cannot appear much later.
const MORTALITY: u64 = 64;
/// JSON-RPC code of "invalid transaction".
const INVALID_TRANSACTION: i32 = 1010;

type AtBlock = subxt::client::OnlineClientAtBlockImpl<SubstrateConfig>;
type Transaction = SubmittableTransaction<SubstrateConfig, AtBlock>;

/// A call that succeeded in a finalized block.
pub struct Landed {
    /// That block.
    pub block: BlockPoint,
    events: ExtrinsicEvents<SubstrateConfig>,
}

impl Landed {
    /// A number in a field of an event of the call.
    ///
    /// # Errors
    /// [`ChainError::Answer`] when there is no such event or field.
    pub fn number(&self, event: &str, field: &str) -> Result<u128, ChainError> {
        const WHAT: &str = "the events of the call";
        let found = self
            .events
            .iter()
            .filter_map(Result::ok)
            .find(|found| found.event_name() == event);
        let found = found.ok_or(ChainError::Answer(WHAT))?;
        let fields: Composite<()> = found
            .decode_fields_unchecked_as()
            .map_err(|_| ChainError::Answer(WHAT))?;
        match &fields {
            Composite::Named(named) => named
                .iter()
                .find(|(name, _)| name == field)
                .and_then(|(_, value)| as_number(value)),
            Composite::Unnamed(_) => None,
        }
        .ok_or(ChainError::Answer(WHAT))
    }
}

/// A number, also where newtypes surround it.
fn as_number(value: &Value<()>) -> Option<u128> {
    match &value.value {
        ValueDef::Composite(inner) if inner.len() == 1 => inner.values().next().and_then(as_number),
        _ => value.as_u128(),
    }
}

/// An admission that did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdmitError {
    /// The gate says no.
    #[error("{0}")]
    Refused(AdmitRefusal),
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Chain {
    /// Signs a call, sends it, and waits until it is final.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] or [`ChainError::Refused`] when the chain says no, and those of the node.
    pub async fn submit(&self, signer: &Signer, call: &Call) -> Result<Landed, ChainError> {
        let account = AccountId32(signer.account().0);
        let nonce = self.methods().system_account_next_index(&account).await?;
        let at = self.client_at(self.finalized().await?).await?;
        call.check_text(at.metadata_ref())?;
        let params = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .nonce(nonce)
            .mortal(MORTALITY)
            .build();
        let encoding = |error| build_error(call, error);
        let mut signable = at
            .tx()
            .create_signable(call.payload(), &account, params)
            .await
            .map_err(encoding)?;
        let transaction = signable.sign(signer.keypair()).map_err(encoding)?;
        self.send(transaction).await
    }

    /// Sends an admission without any signature, and waits until it is final.
    ///
    /// # Errors
    /// [`AdmitError::Refused`] with the gate's reason, and those of the node.
    pub async fn admit(&self, request: &AdmitRequest) -> Result<Landed, AdmitError> {
        let call = Call::admit(request);
        let at = self.client_at(self.best().await?).await?;
        // A longer proof does not even decode there, and a node has no good words for that.
        if call.limit(at.metadata_ref(), "ProofLength")? as usize != request.proof.len() {
            return Err(AdmitError::Refused(AdmitRefusal::ProofLength));
        }
        let transaction = at.tx().from_bytes(general::encode(&call, at.metadata_ref())?);
        // Asked first, since the pool's answer to a submission is a text; the proof is checked once for both.
        let validity = transaction
            .validate()
            .await
            .map_err(|error| build_error(&call, error))?;
        match validity {
            ValidationResult::Valid(_) => {}
            ValidationResult::Invalid(TransactionInvalid::Custom(code)) => {
                return Err(AdmitError::Refused(AdmitRefusal::from_code(code)));
            }
            ValidationResult::Invalid(other) => return Err(ChainError::Invalid(words(&other).into()).into()),
            ValidationResult::Unknown(_) => {
                return Err(ChainError::Invalid("the runtime cannot judge it".into()).into());
            }
        }
        match self.send(transaction).await {
            Ok(landed) => Ok(landed),
            // Another admission may have come first since.
            Err(ChainError::Invalid(text)) => match refusal::custom_code(&text) {
                Some(code) => Err(AdmitError::Refused(AdmitRefusal::from_code(code))),
                None => Err(ChainError::Invalid(text).into()),
            },
            Err(other) => Err(other.into()),
        }
    }

    async fn send(&self, transaction: Transaction) -> Result<Landed, ChainError> {
        let mut progress = transaction.submit_and_watch().await.map_err(submission_error)?;
        loop {
            let status = match within(PATIENCE, progress.next()).await? {
                Some(status) => status.map_err(|error| ChainError::Dropped(error.to_string()))?,
                None => return Err(ChainError::Dropped("the node stopped reporting".into())),
            };
            match status {
                TransactionStatus::InFinalizedBlock(block) => return self.landed(block).await,
                TransactionStatus::Invalid { message } => return Err(ChainError::Invalid(message)),
                TransactionStatus::Dropped { message } | TransactionStatus::Error { message } => {
                    return Err(ChainError::Dropped(message));
                }
                _ => {}
            }
        }
    }

    async fn landed(
        &self,
        block: TransactionInBlock<SubstrateConfig, AtBlock>,
    ) -> Result<Landed, ChainError> {
        let hash = block.block_hash();
        let number = super::number(&self.header(hash).await?)?;
        match block.wait_for_success().await {
            Ok(events) => Ok(Landed {
                block: BlockPoint { number, hash },
                events,
            }),
            Err(TransactionEventsError::ExtrinsicFailed(error)) => Err(dispatch_error(&error)),
            Err(other) => Err(ChainError::Subxt(Box::new(other.into()))),
        }
    }
}

async fn within<T>(limit: Duration, future: impl std::future::Future<Output = T>) -> Result<T, ChainError> {
    tokio::time::timeout(limit, future)
        .await
        .map_err(|_| ChainError::Stalled(limit.as_secs()))
}

fn build_error(call: &Call, error: ExtrinsicError) -> ChainError {
    match error {
        ExtrinsicError::CannotGetValidationInfo(error) => error.into(),
        ExtrinsicError::EncodeError(_)
        | ExtrinsicError::PalletNameNotFound(_)
        | ExtrinsicError::CallNameNotFound { .. }
        | ExtrinsicError::UnsupportedVersion
        | ExtrinsicError::Params(_) => ChainError::Runtime(format!("{}: {error}", call.name())),
        other => ChainError::Subxt(Box::new(other.into())),
    }
}

fn submission_error(error: ExtrinsicError) -> ChainError {
    match error {
        ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(
            subxt::rpcs::Error::User(user),
        ))) if user.code == INVALID_TRANSACTION => {
            let data = user
                .data
                .as_ref()
                .and_then(|data| serde_json::from_str::<String>(data.get()).ok());
            ChainError::Invalid(data.unwrap_or(user.message))
        }
        ExtrinsicError::ErrorSubmittingTransaction(error) => error.into(),
        ExtrinsicError::TransactionStatusError(TransactionStatusError::Invalid(text)) => {
            ChainError::Invalid(text)
        }
        other => ChainError::Subxt(Box::new(other.into())),
    }
}

fn dispatch_error(error: &DispatchError) -> ChainError {
    let name = match error {
        DispatchError::Module(module) => module.details_string(),
        DispatchError::Token(token) => format!("Token::{token:?}"),
        DispatchError::Arithmetic(arithmetic) => format!("Arithmetic::{arithmetic:?}"),
        DispatchError::Transactional(transactional) => format!("Transactional::{transactional:?}"),
        other => format!("Dispatch::{other:?}"),
    };
    ChainError::Refused {
        advice: advice(&name).into(),
        error: name,
    }
}

fn words(invalid: &TransactionInvalid) -> &'static str {
    match invalid {
        TransactionInvalid::Stale => "it is in already, or another call of the same nullifier is",
        TransactionInvalid::ExhaustsResources => "the blocks are full; try again in a minute",
        TransactionInvalid::BadProof => "its proof or signature is bad",
        TransactionInvalid::Payment => "nobody can pay for it",
        TransactionInvalid::AncientBirthBlock => "it is too old",
        TransactionInvalid::Call => "the runtime does not take such calls",
        _ => "the runtime finds it invalid",
    }
}
