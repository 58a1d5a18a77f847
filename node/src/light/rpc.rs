//! The methods by which bundles are made.
//!
//! Answers are up to half a MiB, and whoever asks need not read them. So a request has one of a few places from when it
//! comes until its connection took the answer, as for leaves; without one it is refused. What is asked for is in no log.

use super::{
    answer::{self, Authorities, BundleParts, Handoffs, LightError},
    chain::Chain,
};
use jsonrpsee::{
    core::async_trait,
    proc_macros::rpc,
    types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned},
    Methods, ResponsePayload,
};
use ofage_primitives::{Anchor, CircuitId, TrustListId};
use serde::Serialize;
use sp_panic_handler::AbortGuard;
use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// Requests that are answered at a time; the others wait. Bounds the threads that read.
pub(crate) const AT_A_TIME: usize = 4;
/// Requests that wait, are answered, or whose answers their connections have not taken; more are refused. Bounds memory.
pub(crate) const PLACES: usize = 32;
/// How long a request waits until others are answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is wrong with a request, or with the node. The index of leaves has the numbers from 9001 on.
mod code {
    /// What is asked for cannot be proved final yet: ask again later.
    pub(super) const AHEAD: i32 = 9101;
    /// The node pruned the state: ask another one.
    pub(super) const NO_STATE: i32 = 9102;
    /// The set did not begin yet, as far as the node knows.
    pub(super) const NO_SET: i32 = 9103;
    /// The node cannot prove the sets of the past: ask another one.
    pub(super) const NO_HISTORY: i32 = 9104;
    /// The node fails, or too many others ask: ask another one.
    pub(super) const UNAVAILABLE: i32 = 9105;
}

/// How far the node is.
#[derive(Clone, Debug, Serialize)]
struct Progress {
    finalized: u32,
}

/// The methods.
#[rpc(server)]
pub(crate) trait LightApi {
    /// What proves that an anchor counts, beside the handoffs: of the newest block that can be proved final.
    #[method(name = "ofage_bundleParts")]
    async fn bundle_parts(
        &self,
        list: TrustListId,
        anchor: Anchor,
        circuit: CircuitId,
    ) -> ResponsePayload<'static, BundleParts>;

    /// The last blocks of the sets from `first_set` on: 1 to 64 of them.
    #[method(name = "ofage_handoffs")]
    async fn handoffs(&self, first_set: u64, limit: u32) -> ResponsePayload<'static, Handoffs>;

    /// The set that signed the newest block that can be proved final.
    #[method(name = "ofage_authorities")]
    async fn authorities(&self) -> ResponsePayload<'static, Authorities>;
}

/// Answers from a chain.
pub(crate) struct LightRpc<C> {
    chain: Arc<C>,
    permits: Arc<Semaphore>,
    places: Arc<Semaphore>,
    patience: Duration,
}

impl<C: Chain> LightRpc<C> {
    /// Over a chain.
    pub(crate) fn new(chain: C) -> Self {
        Self {
            chain: Arc::new(chain),
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
            places: Arc::new(Semaphore::new(PLACES)),
            patience: PATIENCE,
        }
    }

    /// Does not wait for others.
    #[cfg(test)]
    pub(crate) fn impatient(mut self) -> Self {
        self.patience = Duration::ZERO;
        self
    }

    /// As methods of a server.
    pub(crate) fn into_module(self) -> Methods {
        self.into_rpc().into()
    }

    fn refusal(&self, code: i32, message: impl Into<String>) -> ErrorObjectOwned {
        let finalized = self.chain.finalized();
        ErrorObjectOwned::owned(code, message, Some(Progress { finalized }))
    }

    fn refused(&self, error: &LightError) -> ErrorObjectOwned {
        let code = match error {
            LightError::NothingFinal | LightError::Ahead { .. } => code::AHEAD,
            LightError::NoState(_) => code::NO_STATE,
            LightError::NoSet { .. } => code::NO_SET,
            LightError::NoHandoff(_) | LightError::NoHistory(_) => code::NO_HISTORY,
            LightError::Limit => INVALID_PARAMS_CODE,
            LightError::Failed(_) => code::UNAVAILABLE,
        };
        self.refusal(code, error.to_string())
    }

    /// The answer to a request that has a place.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&C) -> Result<T, LightError> + Send + 'static,
    ) -> Result<T, ErrorObjectOwned> {
        let stops = || self.refusal(code::UNAVAILABLE, "the node stops; ask another one");
        let permit = match timeout(self.patience, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(stops()),
            Err(_) => return Err(self.crowded()),
        };
        let chain = self.chain.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Kept here: whoever asked may be gone before this ends.
            let _permit = permit;
            let _guard = AbortGuard::force_unwind();
            catch_unwind(AssertUnwindSafe(|| work(&chain)))
                .unwrap_or_else(|_| Err(LightError::Failed("it panicked; see the node's log".into())))
        });
        let answer = answer.await.map_err(|_| stops())?;
        answer.map_err(|error| self.refused(&error))
    }

    async fn respond<T: Clone + Serialize + Send + 'static>(
        &self,
        work: impl FnOnce(&C) -> Result<T, LightError> + Send + 'static,
    ) -> ResponsePayload<'static, T> {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return ResponsePayload::error(self.crowded());
        };
        match self.read(work).await {
            Ok(found) => {
                let (answer, sent) = ResponsePayload::success(found).notify_on_completion();
                tokio::spawn(async move {
                    // Fails when nobody says so, as for a connection that is gone.
                    let _ = sent.await;
                    drop(place);
                });
                answer
            }
            Err(refusal) => ResponsePayload::error(refusal),
        }
    }

    fn crowded(&self) -> ErrorObjectOwned {
        self.refusal(
            code::UNAVAILABLE,
            "the node answers many others; ask again later, or another node",
        )
    }
}

#[async_trait]
impl<C: Chain> LightApiServer for LightRpc<C> {
    async fn bundle_parts(
        &self,
        list: TrustListId,
        anchor: Anchor,
        circuit: CircuitId,
    ) -> ResponsePayload<'static, BundleParts> {
        self.respond(move |chain| answer::bundle_parts(chain, list, &anchor, circuit))
            .await
    }

    async fn handoffs(&self, first_set: u64, limit: u32) -> ResponsePayload<'static, Handoffs> {
        self.respond(move |chain| answer::handoffs(chain, first_set, limit))
            .await
    }

    async fn authorities(&self) -> ResponsePayload<'static, Authorities> {
        self.respond(answer::authorities).await
    }
}
