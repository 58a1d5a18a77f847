//! smoldot's light client, on the network.

use std::num::NonZeroU32;

use smoldot_light::{
    lifecycle_service::{LifecycleState, Phase, Subscription},
    AddChainConfig, AddChainConfigJsonRpc, AddChainSuccess, ChainId, Client, JsonRpcResponses,
};
use tokio::sync::watch;

use super::{
    platform::{Meter, Metered},
    rpc::printable,
    task::Line,
    LiveError,
};

/// Requests that smoldot queues: more than may be open here.
const MAX_PENDING: NonZeroU32 = NonZeroU32::new(8_192).expect("8,192 is not zero; qed");
/// Subscriptions that are ever open here at once: the one to the chain's head.
const MAX_SUBSCRIPTIONS: u32 = 2;

/// What the client is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Connected nodes.
    pub(super) peers: u32,
    /// The block up to which finality is checked, and the one that others tell, while many are missing.
    pub(super) syncing: Option<(u64, u64)>,
}

impl From<LifecycleState> for Progress {
    fn from(state: LifecycleState) -> Self {
        Self {
            peers: state.num_peers,
            syncing: match state.phase {
                Phase::Syncing { at, target } => Some((at, target)),
                Phase::Connecting | Phase::Ready => None,
            },
        }
    }
}

/// A running light client. It ends when this is dropped.
pub(super) struct Smoldot {
    client: Client<Metered>,
    chain: ChainId,
    messages: JsonRpcResponses<Metered>,
}

impl Smoldot {
    /// Starts it; takes a second of computing.
    pub(super) fn start(spec: &str, database: &str, meter: Meter) -> Result<Self, LiveError> {
        let mut client = Client::new(Metered::new(meter));
        let AddChainSuccess {
            chain_id,
            json_rpc_responses,
        } = client
            .add_chain(AddChainConfig {
                user_data: (),
                specification: spec,
                database_content: database,
                potential_relay_chains: core::iter::empty(),
                json_rpc: AddChainConfigJsonRpc::Enabled {
                    max_pending_requests: MAX_PENDING,
                    max_subscriptions: MAX_SUBSCRIPTIONS,
                },
                statement_protocol_config: None,
            })
            .map_err(|error| LiveError::Spec(printable(&error.to_string())))?;
        let messages = json_rpc_responses.ok_or(LiveError::Ended)?;
        Ok(Self {
            client,
            chain: chain_id,
            messages,
        })
    }

    /// What tells of its progress.
    pub(super) fn lifecycle(&self) -> Subscription {
        self.client.lifecycle_state(self.chain)
    }
}

impl Line for Smoldot {
    fn send(&mut self, request: String) -> Result<(), LiveError> {
        // Refused only once smoldot's own task is gone.
        self.client
            .json_rpc_request(request, self.chain)
            .map_err(|_| LiveError::Ended)
    }

    async fn next(&mut self) -> Option<String> {
        self.messages.next().await
    }
}

/// Passes on the progress for as long as the client lives and anybody listens.
pub(super) async fn watch_progress(mut lifecycle: Subscription, progress: watch::Sender<Progress>) {
    while let Some(state) = lifecycle.next().await {
        if progress.send(state.into()).is_err() {
            return;
        }
    }
}
