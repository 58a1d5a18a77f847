//! The JSON-RPC methods beyond those that every node of the SDK has.

use crate::service::{Backend, Block, Client, Pool, SelectChain};
use jsonrpsee::{Methods, RpcModule};
use ofage_runtime::{BlockNumber, Hash};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_chain_spec::ChainSpec;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What the methods read from.
pub(crate) struct Sources {
    /// The chain.
    pub(crate) client: Arc<Client>,
    /// The transactions that wait.
    pub(crate) pool: Arc<Pool>,
    /// Which fork is best.
    pub(crate) select_chain: SelectChain,
    /// What the node was started with.
    pub(crate) chain_spec: Box<dyn ChainSpec>,
    /// The keys of this node.
    pub(crate) keystore: KeystorePtr,
    /// Epochs and their authors.
    pub(crate) babe: BabeWorkerHandle<Block>,
    /// Final blocks and what proves them.
    pub(crate) finality: Finality,
    /// The methods of the index of leaves, if this node has one.
    pub(crate) leaves: Option<Methods>,
    /// The methods for light clients.
    pub(crate) light: Methods,
}

/// What the methods about finality read from.
#[derive(Clone)]
pub(crate) struct Finality {
    /// The rounds that this node takes part in.
    pub(crate) voter: SharedVoterState,
    /// The authorities of now.
    pub(crate) authorities: SharedAuthoritySet<Hash, BlockNumber>,
    /// Justifications as they appear.
    pub(crate) justifications: GrandpaJustificationStream<Block>,
    /// Justifications of the past.
    pub(crate) proofs: Arc<FinalityProofProvider<Backend, Block>>,
}

/// An error of setting the methods up, which ends the start of the node.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Makes the module that the server merges with the SDK's own.
///
/// # Errors
/// When two methods have one name, or the chain specification has no place for a checkpoint.
pub(crate) fn module(sources: &Sources, executor: SubscriptionTaskExecutor) -> Result<RpcModule<()>, Error> {
    let Sources {
        client,
        pool,
        select_chain,
        chain_spec,
        keystore,
        babe,
        finality,
        leaves,
        light,
    } = sources;
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), pool.clone()).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(
        Babe::new(
            client.clone(),
            babe.clone(),
            keystore.clone(),
            select_chain.clone(),
        )
        .into_rpc(),
    )?;
    let Finality {
        voter,
        authorities,
        justifications,
        proofs,
    } = finality.clone();
    module.merge(Grandpa::new(executor, authorities.clone(), voter, justifications, proofs).into_rpc())?;
    module.merge(
        SyncState::new(chain_spec.cloned_box(), client.clone(), authorities, babe.clone())?.into_rpc(),
    )?;
    if let Some(leaves) = leaves {
        module.merge(leaves.clone())?;
    }
    module.merge(light.clone())?;
    Ok(module)
}
