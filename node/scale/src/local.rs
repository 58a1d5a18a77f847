//! A chain in this process: the wasm runtime and the client of a node, with a database on disk, without consensus.
//!
//! Blocks are made as authors make them and imported as nodes import them: executed, checked against their header, and
//! written. What is left out is who may make blocks, and finality.

pub(crate) mod cap;
pub(crate) mod import;
pub(crate) mod profile;

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use codec::Decode;
use ofage_runtime::{
    constants::time::SLOT_MILLIS, opaque::Block, Hash, Header, Runtime, RuntimeApi, RuntimeCall, RuntimeEvent,
};
use sc_block_builder::{BlockBuilder, BlockBuilderBuilder};
use sc_chain_spec::{ChainSpec as _, ChainType, GenericChainSpec, NoExtension};
use sc_client_api::{StorageKey, StorageProvider};
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_consensus::{
    BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, StateAction, StorageChanges,
};
use sc_executor::WasmExecutor;
use sc_service::{ClientConfig, GenesisBlockBuilder, TaskManager};
use sp_blockchain::{ApplyExtrinsicFailed, Error as ChainError, HeaderBackend};
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{
    digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
    Slot,
};
use sp_runtime::{
    generic::{Digest, DigestItem},
    traits::Block as _,
    OpaqueExtrinsic,
};
use tempfile::TempDir;

use crate::transactions::bare;

/// What the runtime finds in a node.
type HostFunctions = (sp_io::SubstrateHostFunctions, ofage_zk_host::HostFunctions);
type Executor = WasmExecutor<HostFunctions>;
type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;

/// Memory for parts of the state, as nodes have it by default.
const TRIE_CACHE: usize = 1 << 30;

/// A chain of the preset `dev`.
pub(crate) struct Chain {
    client: Client,
    // Dropped in this order: the folder goes when nobody writes to it any more.
    _tasks: TaskManager,
    _folder: TempDir,
    /// Slot of block 0.
    first_slot: u64,
}

impl Chain {
    /// Starts one with `wasm` as its runtime, in a temporary folder. Block 1 is made for the slot after `first_slot`.
    pub(crate) fn start(wasm: &[u8], first_slot: u64) -> Result<Self> {
        let folder = TempDir::with_prefix("ofage-scale-").context("no temporary directory")?;
        let spec = GenericChainSpec::<NoExtension, HostFunctions>::builder(wasm, None)
            .with_name("Ofage measurements")
            .with_id("ofage_scale")
            .with_chain_type(ChainType::Development)
            .with_genesis_config_preset_name(sp_genesis_builder::DEV_RUNTIME_PRESET)
            .build();
        let executor = Executor::builder().build();
        let backend = sc_service::new_db_backend::<Block>(DatabaseSettings {
            trie_cache_maximum_size: Some(TRIE_CACHE),
            // Several blocks are made on one, and it is not forgotten meanwhile.
            state_pruning: Some(PruningMode::ArchiveAll),
            source: DatabaseSource::ParityDb {
                path: folder.path().to_owned(),
            },
            blocks_pruning: BlocksPruning::KeepAll,
            pruning_filters: Vec::new(),
            metrics_registry: None,
        })?;
        let genesis =
            GenesisBlockBuilder::new(spec.as_storage_builder(), true, backend.clone(), executor.clone())?;
        let tasks = TaskManager::new(tokio::runtime::Handle::current(), None)?;
        let client = sc_service::new_client(
            backend.clone(),
            executor.clone(),
            genesis,
            Default::default(),
            Default::default(),
            sc_client_api::execution_extensions::ExecutionExtensions::new(
                None,
                std::sync::Arc::new(executor),
            ),
            Box::new(tasks.spawn_handle()),
            None,
            None,
            ClientConfig::default(),
        )?;
        Ok(Self {
            client,
            _tasks: tasks,
            _folder: folder,
            first_slot,
        })
    }

    /// Hash of block 0.
    pub(crate) fn genesis(&self) -> Hash {
        self.client.info().genesis_hash
    }

    /// Number and hash of the newest block.
    pub(crate) fn best(&self) -> (u32, Hash) {
        let info = self.client.info();
        (info.best_number, info.best_hash)
    }

    /// Begins a block on the newest one.
    pub(crate) fn begin(&self) -> Result<Draft<'_>> {
        let (parent, hash) = self.best();
        let slot = self.first_slot + u64::from(parent) + 1;
        let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index: 0,
            slot: Slot::from(slot),
        });
        let builder = BlockBuilderBuilder::new(&self.client)
            .on_parent_block(hash)
            .with_parent_block_number(parent)
            .with_inherent_digests(Digest {
                logs: vec![DigestItem::babe_pre_digest(pre_digest)],
            })
            .build()?;
        let mut draft = Draft { builder };
        let now = RuntimeCall::Timestamp(pallet_timestamp::Call::set {
            now: slot * SLOT_MILLIS,
        });
        ensure!(draft.push(&bare(now))?, "a block has no room for its time");
        Ok(draft)
    }

    /// Makes a block of these transactions, all of which must fit and succeed, and appends it.
    pub(crate) async fn append(&self, transactions: impl IntoIterator<Item = Vec<u8>>) -> Result<Block> {
        let mut draft = self.begin()?;
        for transaction in transactions {
            ensure!(draft.push(&transaction)?, "the block is full");
        }
        self.keep(draft.finish()?).await
    }

    /// Appends a block that was made here, without running it again.
    pub(crate) async fn keep(&self, made: Made) -> Result<Block> {
        let changes = StateAction::ApplyChanges(StorageChanges::Changes(made.changes));
        self.insert(&made.block, changes).await?;
        self.expect_success(made.block.header().hash())?;
        Ok(made.block)
    }

    /// Imports a block as one that came from the network, and says how long that took.
    pub(crate) async fn import(&self, block: &Block) -> Result<Duration> {
        let started = Instant::now();
        self.insert(block, StateAction::Execute).await?;
        Ok(started.elapsed())
    }

    async fn insert(&self, block: &Block, action: StateAction<Block>) -> Result<()> {
        let (header, body) = block.clone().deconstruct();
        let mut import = BlockImportParams::new(BlockOrigin::NetworkBroadcast, header);
        import.body = Some(body);
        import.state_action = action;
        import.fork_choice = Some(ForkChoiceStrategy::LongestChain);
        let result = self.client.import_block(import).await?;
        ensure!(
            matches!(result, ImportResult::Imported(_)),
            "a block was not imported: {result:?}"
        );
        Ok(())
    }

    /// Fails if a call of a block failed.
    pub(crate) fn expect_success(&self, block: Hash) -> Result<()> {
        type Events = Vec<frame_system::EventRecord<RuntimeEvent, Hash>>;
        let key = frame_support::storage::storage_prefix(b"System", b"Events");
        let events: Events = self.read(block, key.to_vec())?.unwrap_or_default();
        for record in events {
            if let RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { dispatch_error, .. }) =
                record.event
            {
                anyhow::bail!("a call failed: {dispatch_error:?}");
            }
        }
        Ok(())
    }

    /// Weight of the usual calls of a block.
    pub(crate) fn weight(&self, block: Hash) -> Result<Duration> {
        let key = frame_system::BlockWeight::<Runtime>::hashed_key().to_vec();
        let weight: frame_system::ConsumedWeight =
            self.read(block, key)?.context("a block without a weight")?;
        Ok(crate::limits::time(
            *weight.get(frame_support::dispatch::DispatchClass::Normal),
        ))
    }

    fn read<T: Decode>(&self, block: Hash, key: Vec<u8>) -> Result<Option<T>> {
        let value = self.client.storage(block, &StorageKey(key))?;
        let decoded = value.map(|bytes| T::decode(&mut &bytes.0[..])).transpose();
        decoded.context("the state holds something else than this program knows")
    }

    /// The client, for calls of the runtime.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

/// A block that is being made.
pub(crate) struct Draft<'a> {
    builder: BlockBuilder<'a, Block, Client>,
}

impl Draft<'_> {
    /// Adds a transaction; `false` when the block has no room for it.
    pub(crate) fn push(&mut self, transaction: &[u8]) -> Result<bool> {
        match self
            .builder
            .push(OpaqueExtrinsic::try_from_encoded_extrinsic(transaction)?)
        {
            Ok(()) => Ok(true),
            Err(ChainError::ApplyExtrinsicFailed(ApplyExtrinsicFailed::Validity(error)))
                if error.exhausted_resources() =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends it.
    pub(crate) fn finish(self) -> Result<Made> {
        let started = Instant::now();
        let built = self.builder.build()?;
        let ending = started.elapsed();
        let (block, changes) = built.into_inner();
        Ok(Made {
            block,
            changes,
            ending,
        })
    }
}

/// A block that was made, and what it changes.
pub(crate) struct Made {
    /// The block.
    pub(crate) block: Block,
    changes: sp_api::StorageChanges<Block>,
    /// What its end took: the work of the pallets after the last call, and the root of the state.
    pub(crate) ending: Duration,
}

/// The header's hash.
pub(crate) fn hash(block: &Block) -> Hash {
    let header: &Header = block.header();
    header.hash()
}
