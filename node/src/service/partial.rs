//! The parts of a node that commands without a network need too.

use super::{Backend, Block, Client, Executor, Pool, SelectChain, JUSTIFICATION_PERIOD};
use jsonrpsee::core::async_trait;
use ofage_runtime::Hash;
use sc_consensus::DefaultImportQueue;
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, ImportQueueParams};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf};
use sc_service::{config::Configuration, Error, TaskManager};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{inherents::InherentDataProvider as SlotInherent, SlotDuration};
use sp_inherents::CreateInherentDataProviders;
use sp_keystore::KeystorePtr;
use sp_timestamp::InherentDataProvider as TimeInherent;
use std::sync::Arc;

/// How many reports may wait for the telemetry server.
const TELEMETRY_BUFFER: usize = 16;

/// Checks and stores blocks: BABE's rules, then GRANDPA's, then execution.
pub(crate) type BlockImport = BabeBlockImport<
    Block,
    Client,
    GrandpaBlockImport<Backend, Block, Client, SelectChain>,
    Inherents,
    SelectChain,
>;

/// The parts, ready to be joined.
pub(crate) struct Partial {
    /// The chain.
    pub(crate) client: Arc<Client>,
    /// The database.
    pub(crate) backend: Arc<Backend>,
    /// Keeps the tasks.
    pub(crate) task_manager: TaskManager,
    /// The keys of this node.
    pub(crate) keystore: KeystorePtr,
    /// The choice among forks.
    pub(crate) select_chain: SelectChain,
    /// The transactions that wait for a block.
    pub(crate) pool: Arc<Pool>,
    /// Where blocks of this node go.
    pub(crate) block_import: BlockImport,
    /// What the author shares with the import.
    pub(crate) babe: BabeLink<Block>,
    /// What the RPC shares with the import.
    pub(crate) babe_worker: BabeWorkerHandle<Block>,
    /// What the voter shares with the import.
    pub(crate) grandpa: LinkHalf<Block, Client, SelectChain>,
    /// Reports to a telemetry server, if one was named.
    pub(crate) telemetry: Option<Telemetry>,
}

/// What every block says about its time.
#[derive(Clone)]
pub(crate) struct Inherents(SlotDuration);

impl Inherents {
    /// For a chain with slots of this length.
    pub(crate) fn new(slot_duration: SlotDuration) -> Self {
        Self(slot_duration)
    }
}

#[async_trait]
impl CreateInherentDataProviders<Block, ()> for Inherents {
    type InherentDataProviders = (SlotInherent, TimeInherent);

    async fn create_inherent_data_providers(
        &self,
        _parent: Hash,
        (): (),
    ) -> Result<Self::InherentDataProviders, Box<dyn std::error::Error + Send + Sync>> {
        let now = TimeInherent::from_system_time();
        Ok((SlotInherent::from_timestamp_and_slot_duration(*now, self.0), now))
    }
}

/// Opens the database, and makes everything that works on it; beside it, the queue of blocks that wait for their import.
///
/// # Errors
/// When the database or the keystore cannot be opened, or does not fit the chain.
pub(crate) fn partial(config: &Configuration) -> Result<(Partial, DefaultImportQueue<Block>), Error> {
    let telemetry = match &config.telemetry_endpoints {
        Some(endpoints) if !endpoints.is_empty() => Some(telemetry(endpoints.clone())?),
        _ => None,
    };
    let handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());
    let executor: Executor = sc_service::new_wasm_executor(&config.executor);
    let (client, backend, keystore, task_manager) =
        sc_service::new_full_parts(config, handle.clone(), executor, Vec::new())?;
    let client = Arc::new(client);
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });

    let pool = sc_transaction_pool::Builder::new(
        task_manager.spawn_essential_handle(),
        client.clone(),
        config.role.is_authority().into(),
    )
    .with_options(config.transaction_pool.clone())
    .with_prometheus(config.prometheus_registry());
    let pool = Arc::new(pool.build());

    let select_chain = SelectChain::new(backend.clone());
    let (grandpa_import, grandpa) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        handle.clone(),
    )?;
    let settings = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = settings.slot_duration();
    let (block_import, babe) = sc_consensus_babe::block_import(
        settings,
        grandpa_import.clone(),
        client.clone(),
        Inherents::new(slot_duration),
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(pool.clone()),
    )?;
    let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
        link: babe.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(grandpa_import)),
        client: client.clone(),
        slot_duration,
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        telemetry: handle,
    })?;

    let parts = Partial {
        client,
        backend,
        task_manager,
        keystore: keystore.keystore(),
        select_chain,
        pool,
        block_import,
        babe,
        babe_worker,
        grandpa,
        telemetry,
    };
    Ok((parts, import_queue))
}

fn telemetry(endpoints: sc_telemetry::TelemetryEndpoints) -> Result<(TelemetryWorker, Telemetry), Error> {
    let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
    let telemetry = worker.handle().new_telemetry(endpoints);
    Ok((worker, telemetry))
}
