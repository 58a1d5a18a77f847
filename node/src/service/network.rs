//! Peers, sync, and the off-chain workers.

use super::{Backend, Block, Partial};
use futures::FutureExt;
use ofage_runtime::Hash;
use sc_client_api::{Backend as _, BlockBackend};
use sc_consensus::DefaultImportQueue;
use sc_consensus_grandpa::warp_proof::NetworkProvider;
use sc_network::{
    config::FullNetworkConfiguration, service::traits::NetworkService, NetworkBackend, NotificationService,
    ProtocolName,
};
use sc_network_sync::SyncingService;
use sc_network_transactions::TransactionsHandlerController;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{config::Configuration, BuildNetworkParams, Error, WarpSyncConfig};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sc_utils::mpsc::TracingUnboundedSender;
use std::sync::Arc;

/// The network of a running node.
pub(crate) struct Network {
    /// Peers.
    pub(crate) service: Arc<dyn NetworkService>,
    /// Following the chain.
    pub(crate) sync: Arc<SyncingService<Block>>,
    /// The protocol that GRANDPA's votes take.
    pub(crate) votes: Votes,
}

/// What clients reach of the network.
pub(crate) struct ClientSide {
    /// Their questions about it.
    pub(crate) questions: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
    /// Passing their transactions on.
    pub(crate) transactions: TransactionsHandlerController<Hash>,
}

/// The protocol that GRANDPA's votes take.
pub(crate) struct Votes {
    /// Its name, which depends on the chain.
    pub(crate) protocol: ProtocolName,
    /// Its messages.
    pub(crate) service: Box<dyn NotificationService>,
}

/// Starts to listen, and to look for peers.
///
/// # Errors
/// When an address cannot be listened on, or the chain has no genesis block.
pub(crate) fn start<N>(
    config: &Configuration,
    parts: &Partial,
    import_queue: DefaultImportQueue<Block>,
) -> Result<(Network, ClientSide), Error>
where
    N: NetworkBackend<Block, Hash>,
{
    let registry = config.prometheus_registry();
    let metrics = N::register_notification_metrics(registry);
    let mut protocols = FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.cloned());

    let genesis = parts
        .client
        .block_hash(0)?
        .ok_or("the database holds no genesis block; purge-chain empties it")?;
    let protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (settings, service) = sc_consensus_grandpa::grandpa_peers_set_config::<Block, N>(
        protocol.clone(),
        metrics.clone(),
        protocols.peer_store_handle(),
    );
    protocols.add_notification_protocol(settings);

    // Others may jump to the newest state by way of the changes of the authority set; so may this node (--sync warp).
    let hard_forks = Vec::new();
    let warp_proofs = NetworkProvider::<Block, Backend>::new(
        parts.backend.clone(),
        parts.grandpa.shared_authority_set().clone(),
        hard_forks,
    );

    let (network, questions, transactions, sync, _) = sc_service::build_network(BuildNetworkParams {
        config,
        net_config: protocols,
        client: parts.client.clone(),
        transaction_pool: parts.pool.clone(),
        spawn_handle: parts.task_manager.spawn_handle(),
        spawn_essential_handle: parts.task_manager.spawn_essential_handle(),
        import_queue,
        block_announce_validator_builder: None,
        warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_proofs))),
        block_relay: None,
        metrics,
        gap_sync_body_policy: None,
    })?;
    start_offchain_workers(config, parts, network.clone())?;
    let votes = Votes { protocol, service };
    Ok((
        Network {
            service: network,
            sync,
            votes,
        },
        ClientSide {
            questions,
            transactions,
        },
    ))
}

/// Runs what the runtime does off chain, after each block; it may submit transactions, and reach no other host.
fn start_offchain_workers(
    config: &Configuration,
    parts: &Partial,
    network: Arc<dyn NetworkService>,
) -> Result<(), Error> {
    if !config.offchain_worker.enabled {
        return Ok(());
    }
    let workers = OffchainWorkers::new(OffchainWorkerOptions {
        runtime_api_provider: parts.client.clone(),
        keystore: Some(parts.keystore.clone()),
        offchain_db: parts.backend.offchain_storage(),
        transaction_pool: Some(OffchainTransactionPoolFactory::new(parts.pool.clone())),
        network_provider: Arc::new(network),
        is_validator: config.role.is_authority(),
        enable_http_requests: false,
        custom_extensions: |_| Vec::new(),
    })?;
    let spawner = parts.task_manager.spawn_handle();
    let run = workers.run(parts.client.clone(), spawner.clone()).boxed();
    spawner.spawn("offchain-workers-runner", Some("offchain-worker"), run);
    Ok(())
}
