//! Writing blocks (BABE) and making them final (GRANDPA).

use super::{network::Network, partial::Inherents, Partial, JUSTIFICATION_PERIOD};
use sc_consensus_babe::{BabeParams, SlotProportion};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::config::Role;
use sc_service::{config::Configuration, Error, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_core::crypto::key_types;
use sp_keystore::KeystorePtr;
use std::time::Duration;
use substrate_prometheus_endpoint::Registry;

/// The part of a slot that its author fills the block in; the rest is for the others to import it.
const PROPOSAL_SHARE: f32 = 0.5;

/// How long a vote takes through the network.
const GOSSIP_TIME: Duration = Duration::from_millis(333);

/// What the tasks take from the configuration, which the RPC server consumes.
pub(crate) struct Settings {
    role: Role,
    name: String,
    force_authoring: bool,
    vote: bool,
    registry: Option<Registry>,
}

impl Settings {
    /// Takes what the tasks need.
    pub(crate) fn new(config: &Configuration) -> Self {
        Self {
            role: config.role,
            name: config.network.node_name.clone(),
            force_authoring: config.force_authoring,
            vote: !config.disable_grandpa,
            registry: config.prometheus_registry().cloned(),
        }
    }

    /// Says so if this is to be a validator but has nothing to sign with.
    ///
    /// It is no error: the keys may be made on the running node.
    pub(crate) fn warn_if_without_keys(&self, keystore: &KeystorePtr) {
        if !self.role.is_authority() {
            return;
        }
        let missing: Vec<_> = [
            ("BABE", keystore.sr25519_public_keys(key_types::BABE).is_empty()),
            (
                "GRANDPA",
                keystore.ed25519_public_keys(key_types::GRANDPA).is_empty(),
            ),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        if !missing.is_empty() {
            log::warn!(
                "This node is started as a validator, but its keystore has no key for {}: it will write no blocks or \
                 cast no votes. Insert keys with `ofage-node key insert`, or make them on this running node with the \
                 RPC `author_rotateKeysWithOwner`, and have the council set them.",
                missing.join(" and "),
            );
        }
    }
}

/// Starts the tasks that this node's role has, and gives the manager that keeps them.
///
/// # Errors
/// When BABE or GRANDPA cannot read what they kept in the database.
pub(crate) fn start(
    settings: Settings,
    parts: Partial,
    network: Network,
    voter: SharedVoterState,
) -> Result<TaskManager, Error> {
    let telemetry = parts.telemetry.as_ref().map(|telemetry| telemetry.handle());
    let tasks = parts.task_manager.spawn_essential_handle();

    if settings.role.is_authority() {
        let slot_duration = parts.babe.config().slot_duration();
        let proposer = sc_basic_authorship::ProposerFactory::new(
            parts.task_manager.spawn_handle(),
            parts.client.clone(),
            parts.pool.clone(),
            settings.registry.as_ref(),
            telemetry.clone(),
        );
        let author = sc_consensus_babe::start_babe(BabeParams {
            keystore: parts.keystore.clone(),
            client: parts.client.clone(),
            select_chain: parts.select_chain.clone(),
            env: proposer,
            block_import: parts.block_import,
            sync_oracle: network.sync.clone(),
            justification_sync_link: network.sync.clone(),
            create_inherent_data_providers: Inherents::new(slot_duration),
            force_authoring: settings.force_authoring,
            // Fewer blocks while finality lags, so that the unfinished part stays short.
            backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
            babe_link: parts.babe,
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SHARE),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.clone(),
        })?;
        tasks.spawn_blocking("babe-proposer", Some("block-authoring"), author);
    }

    if settings.vote {
        // Without keys of its own the voter follows the rounds of others.
        let keystore = settings.role.is_authority().then_some(parts.keystore);
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GOSSIP_TIME,
                justification_generation_period: JUSTIFICATION_PERIOD,
                observer_enabled: false,
                local_role: settings.role,
                name: Some(settings.name),
                keystore,
                telemetry: telemetry.clone(),
                protocol_name: network.votes.protocol,
            },
            link: parts.grandpa,
            network: network.service,
            sync: network.sync,
            notification_service: network.votes.service,
            voting_rule: VotingRulesBuilder::default().build(),
            prometheus_registry: settings.registry,
            shared_voter_state: voter,
            telemetry,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(parts.pool),
        })?;
        tasks.spawn_blocking("grandpa-voter", None, voter);
    }
    Ok(parts.task_manager)
}
