//! What clients ask about the registry and gates.

use alloc::vec::Vec;
use ofage_primitives::{
    chain::{AdmissionInfo, AnchorError, GateInfo, IssuerInfo, ShardInfo, TrustListInfo},
    Anchor, CircuitId, Element, GateId, GenesisHash, IssuerIndex, Nullifier, RegistryRoot, ShardIndex,
    TrustListId,
};

sp_api::decl_runtime_apis! {
    /// What the chain says about the registry and gates, at the block that is asked.
    ///
    /// No function of it reaches a host function of this project: light clients and other tools can run all of them.
    /// Accounts are their 32 bytes.
    #[api_version(1)]
    pub trait AgeRegistryApi {
        /// Names the chain: the hash of block 0, known since block 1.
        fn genesis() -> GenesisHash;

        /// The registry root.
        fn registry_root() -> RegistryRoot;

        /// This block as an anchor for a trust list; `None` when there is no such list.
        fn anchor(list: TrustListId) -> Option<Anchor>;

        /// Whether an anchor counts for a trust list, as the next block will judge it: both roots were current at the
        /// anchor's block, and neither was superseded too long ago or ended early.
        fn anchor_status(list: TrustListId, anchor: Anchor) -> Result<(), AnchorError>;

        /// An issuer.
        fn issuer(issuer: IssuerIndex) -> Option<IssuerInfo>;

        /// The issuer that an account controls or attests for.
        fn issuer_of(account: [u8; 32]) -> Option<IssuerIndex>;

        /// A shard.
        fn shard(shard: ShardIndex) -> Option<ShardInfo>;

        /// Shards in their order, `count` of them from number `from` on, and no more than 1,024.
        fn shards(from: u32, count: u32) -> Vec<ShardInfo>;

        /// Number of the next shard: as many are there.
        fn next_shard() -> u32;

        /// Nodes of the cap: `count` of them, and no more than 1,024, from number `from` on, of the row `level` above the cap
        /// leaves. Nodes over no shard are left out at the end of a row.
        fn cap_row(level: u8, from: u32, count: u32) -> Vec<Element>;

        /// A trust list.
        fn trust_list(list: TrustListId) -> Option<TrustListInfo>;

        /// A gate.
        fn gate(gate: GateId) -> Option<GateInfo>;

        /// The admission of an account to a gate, unless it has ended.
        fn admission(gate: GateId, account: [u8; 32]) -> Option<AdmissionInfo>;

        /// The admission of a pseudonym to a gate, unless it has ended.
        fn nullifier_admission(gate: GateId, nullifier: Nullifier) -> Option<AdmissionInfo>;

        /// Whether gates take proofs of a circuit; governance disables one in an emergency.
        fn circuit_enabled(circuit: CircuitId) -> bool;

        /// Numbers of the next issuer, trust list and gate: as many of each are there.
        fn next_ids() -> (u32, u32, u32);
    }
}
