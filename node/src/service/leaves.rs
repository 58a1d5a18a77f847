//! The index of leaves, as a task of the node.

use super::{Backend, Client, Partial};
use crate::leaf_index::{self, client::ClientChain, rpc::LeafRpc, Shared};
use sc_client_api::BlockchainEvents;
use sc_service::config::Configuration;
use std::sync::Arc;

/// The chain that is indexed.
pub(crate) type LeafChain = ClientChain<Client, Backend>;

/// Starts the index, and gives what answers from it.
///
/// The task is none that the node depends on: when it ends, the node goes on without it.
pub(crate) fn start(config: &Configuration, parts: &Partial) -> LeafRpc<LeafChain> {
    let chain = Arc::new(LeafChain::new(parts.client.clone()));
    let shared = Arc::new(Shared::new());
    let folder = config.data_path.join(leaf_index::FOLDER);
    let finality = parts.client.finality_notification_stream();
    parts.task_manager.spawn_handle().spawn_blocking(
        "leaf-index",
        Some("leaf-index"),
        leaf_index::run(chain.clone(), shared.clone(), folder, finality),
    );
    LeafRpc::new(chain, shared)
}
