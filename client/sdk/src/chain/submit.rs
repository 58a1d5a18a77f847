//! Sending calls and waiting until they are final.

use std::{sync::Arc, time::Duration};

use codec::{Compact, DecodeAll, Encode};
use ofage_primitives::{chain::AdmitRequest, policy::MAX_ISSUERS, Refusal};
use subxt::{
    config::{
        substrate::{SubstrateExtrinsicParamsBuilder, H256},
        SubstrateConfig,
    },
    error::{BackendError, DispatchError, ExtrinsicError, RpcError, TransactionStatusError},
    events::{Event, Events, Phase},
    ext::scale_value::{Composite, Value, ValueDef},
    metadata::ArcMetadata,
    transactions::{
        SubmittableTransaction, TransactionInvalid, TransactionProgress, TransactionStatus, ValidationResult,
    },
    utils::AccountId32,
};

use super::{
    advice::advice, general, hash_256, refusal, AdmitRefusal, BlockPoint, Call, Chain, ChainError, PATIENCE,
};
use crate::account::{Account, Signer};

/// Blocks for which a signed call stays valid: minutes, so that a lost one cannot appear much later.
const MORTALITY: u64 = 64;
/// JSON-RPC code of "invalid transaction".
const INVALID_TRANSACTION: i32 = 1010;

type AtBlock = subxt::client::OnlineClientAtBlockImpl<SubstrateConfig>;
type Transaction = SubmittableTransaction<SubstrateConfig, AtBlock>;

/// What the reading of events is about, when it fails.
const EVENTS: &str = "the events of the call";

/// What the calls of a block led to. It is fetched once for all calls that are looked for in it.
pub(super) struct Results {
    block: BlockPoint,
    /// Hashes of the block's transactions, in their order.
    transactions: Vec<H256>,
    events: Events<SubstrateConfig>,
    metadata: ArcMetadata,
}

/// A call that succeeded in a finalized block.
pub struct Landed {
    /// That block.
    pub block: BlockPoint,
    /// Its place in the block.
    index: u32,
    results: Arc<Results>,
}

impl Landed {
    /// A number in a field of an event of the call.
    ///
    /// # Errors
    /// [`ChainError::Answer`] when there is no such event or field.
    pub fn number(&self, event: &str, field: &str) -> Result<u128, ChainError> {
        let found = self.events().find(|found| found.event_name() == event);
        let found = found.ok_or(ChainError::Answer(EVENTS))?;
        let fields: Composite<()> = found
            .decode_fields_unchecked_as()
            .map_err(|_| ChainError::Answer(EVENTS))?;
        match &fields {
            Composite::Named(named) => named
                .iter()
                .find(|(name, _)| name == field)
                .and_then(|(_, value)| as_number(value)),
            Composite::Unnamed(_) => None,
        }
        .ok_or(ChainError::Answer(EVENTS))
    }

    /// The encoded fields of the call's first event of that name.
    pub(crate) fn fields(&self, pallet: &str, event: &str) -> Option<Vec<u8>> {
        self.events()
            .find(|found| found.pallet_name() == pallet && found.event_name() == event)
            .map(|found| found.field_bytes().to_vec())
    }

    /// The chain's refusal by an encoded dispatch error: of the call, or of one within it.
    pub(crate) fn refusal(&self, error: &[u8]) -> Result<ChainError, ChainError> {
        let error = DispatchError::decode_from(error, self.results.metadata.clone())
            .map_err(|_| ChainError::Answer(EVENTS))?;
        Ok(dispatch_error(&error))
    }

    /// The events of the call.
    fn events(&self) -> impl Iterator<Item = Event<'_, SubstrateConfig>> {
        let phase = Phase::ApplyExtrinsic(self.index);
        self.results
            .events
            .iter()
            .filter_map(Result::ok)
            .filter(move |event| event.phase() == phase)
    }
}

/// A call that a node took into its pool.
pub struct Sent<'a> {
    chain: &'a Chain,
    progress: TransactionProgress<SubstrateConfig, AtBlock>,
}

impl Sent<'_> {
    /// Waits until it is final.
    ///
    /// # Errors
    /// [`ChainError::Refused`] when it failed in a final block, [`ChainError::Invalid`] or [`ChainError::Dropped`] when
    /// it came into none so far, and those of the node.
    pub async fn landed(mut self) -> Result<Landed, ChainError> {
        loop {
            let status = match within(PATIENCE, self.progress.next()).await? {
                Some(status) => status.map_err(|error| ChainError::Dropped(error.to_string()))?,
                None => return Err(ChainError::Dropped("the node stopped reporting".into())),
            };
            match status {
                TransactionStatus::InFinalizedBlock(block) => {
                    return self
                        .chain
                        .landed(block.block_hash(), block.extrinsic_hash())
                        .await;
                }
                TransactionStatus::Invalid { message } => return Err(ChainError::Invalid(message)),
                TransactionStatus::Dropped { message } | TransactionStatus::Error { message } => {
                    return Err(ChainError::Dropped(message));
                }
                _ => {}
            }
        }
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
        let nonce = self.next_nonce(signer.account()).await?;
        self.send(signer, call, nonce).await?.landed().await
    }

    /// Signs a call with a number of the signer's own and sends it. Calls of one account go in by their numbers, each
    /// number once: so several can be on their way, and what is sent again with its number cannot go in twice.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when the node does not take it, and others of the node.
    pub async fn send(&self, signer: &Signer, call: &Call, nonce: u64) -> Result<Sent<'_>, ChainError> {
        let account = AccountId32(signer.account().0);
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
        self.watch(transaction).await
    }

    /// The number of an account's next call, after those that wait in the node's pool.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn next_nonce(&self, account: Account) -> Result<u64, ChainError> {
        let account = AccountId32(account.0);
        Ok(self.methods().system_account_next_index(&account).await?)
    }

    /// The number of an account's next call after a block: all lower ones are in.
    ///
    /// # Errors
    /// Those of the node.
    pub async fn nonce_at(&self, block: BlockPoint, account: Account) -> Result<u64, ChainError> {
        let answer = self
            .methods()
            .state_call(
                "AccountNonceApi_account_nonce",
                Some(&account.0.encode()),
                Some(block.hash),
            )
            .await?;
        u32::decode_all(&mut &answer[..])
            .map(u64::from)
            .map_err(|_| ChainError::Answer("an account's calls"))
    }

    /// A number that the runtime fixes.
    ///
    /// # Errors
    /// [`ChainError::Runtime`] when it does not, and those of the node.
    pub(crate) async fn constant(
        &self,
        block: BlockPoint,
        pallet: &str,
        constant: &str,
    ) -> Result<u32, ChainError> {
        super::calls::constant(self.client_at(block).await?.metadata_ref(), pallet, constant)
    }

    /// A call as it stands within other calls.
    ///
    /// # Errors
    /// [`ChainError::Runtime`] when the chain has no such call, and those of the node.
    pub(crate) async fn encode(&self, block: BlockPoint, call: &Call) -> Result<Vec<u8>, ChainError> {
        let at = self.client_at(block).await?;
        at.tx()
            .call_data(call.payload())
            .map_err(|error| build_error(call, error))
    }

    /// The most weight that an encoded call takes, as reference time and size of proof.
    ///
    /// # Errors
    /// Those of the node.
    pub(crate) async fn weight(&self, block: BlockPoint, call: &[u8]) -> Result<(u64, u64), ChainError> {
        let length = u32::try_from(call.len()).unwrap_or(u32::MAX);
        let arguments = [call, &length.encode()].concat();
        let answer = self
            .methods()
            .state_call(
                "TransactionPaymentCallApi_query_call_info",
                Some(&arguments),
                Some(block.hash),
            )
            .await?;
        // Weight, class and fee.
        <((Compact<u64>, Compact<u64>), u8, u128)>::decode_all(&mut &answer[..])
            .map(|((time, proof), ..)| (time.0, proof.0))
            .map_err(|_| ChainError::Answer("a call's weight"))
    }

    /// Sends an admission without any signature, and waits until it is final.
    ///
    /// # Errors
    /// [`AdmitError::Refused`] with the gate's reason, and those of the node.
    pub async fn admit(&self, request: &AdmitRequest) -> Result<Landed, AdmitError> {
        let call = Call::admit(request);
        let at = self.client_at(self.best().await?).await?;
        // Longer ones do not even decode there, and a node has no good words for that.
        if request.proof.len() > call.limit(at.metadata_ref(), "MaxProofLength")? as usize {
            return Err(AdmitError::Refused(Refusal::ProofLength.into()));
        }
        if request.issuer_tags.len() > MAX_ISSUERS.into() {
            return Err(AdmitError::Refused(Refusal::IssuerCount.into()));
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
        match self.watch_until_final(transaction).await {
            Ok(landed) => Ok(landed),
            // Another admission may have come first since.
            Err(ChainError::Invalid(text)) => match refusal::custom_code(&text) {
                Some(code) => Err(AdmitError::Refused(AdmitRefusal::from_code(code))),
                None => Err(ChainError::Invalid(text).into()),
            },
            Err(other) => Err(other.into()),
        }
    }

    async fn watch(&self, transaction: Transaction) -> Result<Sent<'_>, ChainError> {
        let progress = transaction.submit_and_watch().await.map_err(submission_error)?;
        Ok(Sent {
            chain: self,
            progress,
        })
    }

    async fn watch_until_final(&self, transaction: Transaction) -> Result<Landed, ChainError> {
        self.watch(transaction).await?.landed().await
    }

    /// What became of a transaction in a finalized block.
    async fn landed(&self, block: H256, transaction: H256) -> Result<Landed, ChainError> {
        let results = self.results(block).await?;
        let place = results
            .transactions
            .iter()
            .position(|hash| *hash == transaction)
            .ok_or(ChainError::Inconsistent("a block lacks the call that is in it"))?;
        let landed = Landed {
            block: results.block,
            index: u32::try_from(place).map_err(|_| ChainError::Answer("a block's calls"))?,
            results,
        };
        let failed = landed.fields("System", "ExtrinsicFailed");
        let succeeded = landed.fields("System", "ExtrinsicSuccess").is_some();
        match failure(failed, succeeded)? {
            Some(error) => Err(landed.refusal(&error)?),
            None => Ok(landed),
        }
    }

    /// The results of a block's calls; those of the last block are kept, since calls come in bunches.
    async fn results(&self, hash: H256) -> Result<Arc<Results>, ChainError> {
        let mut last = self.results.lock().await;
        if let Some(known) = last.as_ref().filter(|known| known.block.hash == hash) {
            return Ok(known.clone());
        }
        let block = BlockPoint {
            number: super::number(&self.header(hash).await?)?,
            hash,
        };
        let body = self.methods().chain_get_block(Some(hash)).await?;
        let body = body.ok_or(ChainError::NoBody(block.number))?.block.extrinsics;
        let at = self.client_at(block).await?;
        let events = at
            .events()
            .fetch()
            .await
            .map_err(|error| ChainError::Subxt(Box::new(error.into())))?;
        let results = Arc::new(Results {
            block,
            transactions: body.iter().map(|bytes| H256(hash_256(&bytes.0))).collect(),
            events,
            metadata: at.metadata(),
        });
        *last = Some(results.clone());
        Ok(results)
    }
}

/// The encoded error of a call, if it failed. Without a word of its success it is not taken for one: an event that this
/// version cannot read hides all that come after it.
fn failure(failed: Option<Vec<u8>>, succeeded: bool) -> Result<Option<Vec<u8>>, ChainError> {
    match (failed, succeeded) {
        (Some(error), false) => Ok(Some(error)),
        (None, true) => Ok(None),
        _ => Err(ChainError::Answer(EVENTS)),
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

#[cfg(test)]
mod tests {
    use super::*;

    mod a_call {
        use super::*;

        #[test]
        fn succeeded_when_its_events_say_so() {
            assert_eq!(failure(None, true).unwrap(), None);
        }

        #[test]
        fn failed_with_the_error_of_its_events() {
            assert_eq!(failure(Some(vec![2]), false).unwrap(), Some(vec![2]));
        }

        #[test]
        fn without_either_event_or_with_both_is_not_understood() {
            for (failed, succeeded) in [(None, false), (Some(vec![2]), true)] {
                let error = failure(failed, succeeded).unwrap_err();
                assert!(matches!(error, ChainError::Answer(EVENTS)));
            }
        }
    }
}
