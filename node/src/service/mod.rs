//! Puts the node together.
//!
//! | module | what it makes |
//! |---|---|
//! | [`mod@partial`] | what offline commands need too: client, database, import queue, pool |
//! | [`network`] | peers, sync (warp sync included), off-chain workers |
//! | [`consensus`] | the tasks that write blocks and make them final |
//! | [`leaves`] | the index of leaves |
//! | [`rpc`] | the server for clients, and the tasks around it |

mod consensus;
mod leaves;
mod network;
mod partial;
mod rpc;

pub(crate) use partial::partial;
use partial::Partial;

use ofage_runtime::Hash;
use sc_consensus_grandpa::SharedVoterState;
use sc_network::NetworkBackend;
use sc_service::{config::Configuration, ChainType, Error, TaskManager};
use sc_sysinfo::Requirements;

/// A block whose transactions are opaque bytes: the node does not look into them.
pub(crate) use ofage_runtime::opaque::Block;

/// The functions that the runtime finds in the node.
#[cfg(not(feature = "runtime-benchmarks"))]
pub(crate) type HostFunctions = (sp_io::SubstrateHostFunctions, ofage_zk_host::HostFunctions);

/// The functions that a runtime built for benchmarks finds in the node.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) type HostFunctions = (
    sp_io::SubstrateHostFunctions,
    ofage_zk_host::HostFunctions,
    frame_benchmarking::benchmarking::HostFunctions,
);

/// Runs the wasm runtime.
pub(crate) type Executor = sc_executor::WasmExecutor<HostFunctions>;
/// The database.
pub(crate) type Backend = sc_service::TFullBackend<Block>;
/// The chain: blocks, state and runtime calls.
pub(crate) type Client = sc_service::TFullClient<Block, ofage_runtime::RuntimeApi, Executor>;
/// The transactions that wait for a block.
pub(crate) type Pool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;
/// The choice among forks: the longest, after what is final.
pub(crate) type SelectChain = sc_consensus::LongestChain<Backend, Block>;

/// A justification is kept at least once in as many blocks, so that a light client never waits long for one that
/// proves its anchor.
const JUSTIFICATION_PERIOD: u32 = 8;

/// What is chosen when a node starts, beside the SDK's own flags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether a validator of a live chain measures its hardware.
    pub(crate) measure_hardware: bool,
    /// Whether leaves are indexed and served.
    pub(crate) index_leaves: bool,
}

/// Starts a node, and gives the manager that keeps its tasks.
///
/// # Errors
/// When a part cannot start: database, keystore, network or RPC port.
pub(crate) fn start<N>(config: Configuration, options: Options) -> Result<TaskManager, Error>
where
    N: NetworkBackend<Block, Hash>,
{
    // Before any block or transaction comes in, none of which should wait for keys to be built.
    ofage_zk_host::warm_up();
    let (mut parts, import_queue) = partial(&config)?;
    if options.measure_hardware
        && config.role.is_authority()
        && config.chain_spec.chain_type() == ChainType::Live
    {
        let measured = sc_sysinfo::gather_hwbench(Some(&config.data_path), &Requirements(Vec::new()));
        sc_sysinfo::print_hwbench(&measured);
    }
    let (network, clients) = network::start::<N>(&config, &parts, import_queue)?;
    let consensus = consensus::Settings::new(&config);
    let voter = SharedVoterState::empty();
    let leaves = options.index_leaves.then(|| leaves::start(&config, &parts));
    rpc::start(config, &mut parts, &network, clients, voter.clone(), leaves)?;
    consensus.warn_if_without_keys(&parts.keystore);
    consensus::start(consensus, parts, network, voter)
}
