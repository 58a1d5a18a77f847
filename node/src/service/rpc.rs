//! The server for clients, and the tasks that every node has: pool maintenance, metrics, the informant.

use super::{
    leaves::LeafChain,
    network::{ClientSide, Network},
    Block, Partial,
};
use crate::{
    leaf_index::rpc::LeafRpc,
    light::{client::ClientChain, rpc::LightRpc},
    rpc::{self, Finality, Sources},
};
use sc_consensus_grandpa::{FinalityProofProvider, SharedVoterState};
use sc_service::{config::Configuration, Error, SpawnTasksParams};

/// Starts the server; it takes the configuration, of which nothing is needed after it.
///
/// # Errors
/// When the port is taken, or the keys of `--alice` and the like cannot be made.
pub(crate) fn start(
    config: Configuration,
    parts: &mut Partial,
    network: &Network,
    clients: ClientSide,
    voter: SharedVoterState,
    leaves: Option<LeafRpc<LeafChain>>,
) -> Result<(), Error> {
    let authorities = parts.grandpa.shared_authority_set().clone();
    let light = ClientChain::new(parts.client.clone(), authorities.clone());
    let sources = Sources {
        client: parts.client.clone(),
        pool: parts.pool.clone(),
        select_chain: parts.select_chain.clone(),
        chain_spec: config.chain_spec.cloned_box(),
        keystore: parts.keystore.clone(),
        babe: parts.babe_worker.clone(),
        finality: Finality {
            voter,
            justifications: parts.grandpa.justification_stream(),
            proofs: FinalityProofProvider::new_for_service(parts.backend.clone(), Some(authorities.clone())),
            authorities,
        },
        leaves: leaves.map(LeafRpc::into_module),
        light: LightRpc::new(light).into_module(),
    };
    sc_service::spawn_tasks::<Block, _, _, _, _>(SpawnTasksParams {
        config,
        client: parts.client.clone(),
        backend: parts.backend.clone(),
        task_manager: &mut parts.task_manager,
        keystore: parts.keystore.clone(),
        transaction_pool: parts.pool.clone(),
        rpc_builder: Box::new(move |executor| rpc::module(&sources, executor).map_err(Error::Application)),
        network: network.service.clone(),
        system_rpc_tx: clients.questions,
        tx_handler_controller: clients.transactions,
        sync_service: network.sync.clone(),
        telemetry: parts.telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    Ok(())
}
