//! Paths for a proof, from the whole registry at one finalized block.
//!
//! A wallet fetches every shard root, every leaf of a shard and every member of a trust list, and cuts the paths out
//! itself, so that no request names a leaf. What the node answers is hashed again and compared with the roots in the
//! chain's state and in the block's header.

use ofage_primitives::{
    chain::{ShardInfo, TrustListInfo},
    hashes,
    tree::{CapPath, DenseTree, ShardPath, Tree, TrustPath},
    Anchor, Attestation, Element, GenesisHash, IssuerIndex, LeafIndex, RegistryRoot, ShardIndex, TrustListId,
    TrustListRoot,
};

use crate::{
    chain::{BlockPoint, Chain, ChainError},
    leaves::{self, LeavesError},
};

/// No paths can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The leaves could not be read.
    #[error(transparent)]
    Leaves(#[from] LeavesError),
    /// No such trust list at that block.
    #[error("the chain has no trust list {0} at that block")]
    NoList(TrustListId),
    /// No such shard at that block.
    #[error("the chain does not hold this attestation at that block; wait until it is final, or use a newer block")]
    NoLeaf,
    /// The issuer is not on the list.
    #[error("the issuer is not on the trust list")]
    NotListed,
    /// The shard was revoked.
    #[error("the issuer revoked the shard of this attestation; ask it for a new one")]
    Revoked,
}

/// The registry and one trust list at a finalized block, with everything recomputed.
pub struct Registry<'a> {
    chain: &'a Chain,
    block: BlockPoint,
    shards: Vec<ShardInfo>,
    cap: DenseTree,
    list: TrustListInfo,
    trust: DenseTree,
}

/// The paths of one attestation. No `Debug`: they identify a person.
pub struct Paths {
    /// In the shard.
    pub shard: ShardPath,
    /// From the shard to the registry root.
    pub cap: CapPath,
    /// From the issuer to the trust list's root.
    pub trust: TrustPath,
}

impl<'a> Registry<'a> {
    /// Fetches the registry and a trust list at a finalized block.
    ///
    /// # Errors
    /// [`WitnessError::NoList`], [`ChainError::Inconsistent`] when the roots are not those of the parts, and those of
    /// the node.
    pub async fn fetch(chain: &'a Chain, block: BlockPoint, list: TrustListId) -> Result<Self, WitnessError> {
        let api = chain.at(block);
        let shards = api.shards().await?;
        let list = api.trust_list(list).await?.ok_or(WitnessError::NoList(list))?;
        let genesis = chain.genesis();
        let cap = cap_tree(&genesis, &shards).ok_or(ChainError::Inconsistent("more shards than fit"))?;
        let root = chain.root_in_header(block).await?;
        if cap.root() != root.element() || api.registry_root().await? != root {
            return Err(ChainError::Inconsistent("the shards do not give the registry root").into());
        }
        let trust =
            trust_tree(&genesis, &list.members).ok_or(ChainError::Inconsistent("more members than fit"))?;
        if trust.root() != list.root.element() {
            return Err(ChainError::Inconsistent("the members do not give the trust list's root").into());
        }
        Ok(Self {
            chain,
            block,
            shards,
            cap,
            list,
            trust,
        })
    }

    /// What proofs are made against.
    pub fn anchor(&self) -> Anchor {
        Anchor {
            block: self.block.number,
            registry_root: RegistryRoot::from_element(self.cap.root()),
            trust_list_root: TrustListRoot::from_element(self.trust.root()),
        }
    }

    /// The trust list.
    pub fn list(&self) -> &TrustListInfo {
        &self.list
    }

    /// Whether an issuer is on the trust list.
    pub fn lists(&self, issuer: IssuerIndex) -> bool {
        self.list.members.contains(&Some(issuer))
    }

    /// The paths of an attestation, for which the whole shard is read.
    ///
    /// # Errors
    /// [`WitnessError`] when it is not there, revoked or not on the list.
    pub async fn paths(
        &self,
        issuer: IssuerIndex,
        place: (ShardIndex, LeafIndex),
        attestation: Attestation,
        progress: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Paths, WitnessError> {
        let (shard_index, leaf) = place;
        let position = self
            .list
            .members
            .iter()
            .position(|member| *member == Some(issuer));
        let position = position.ok_or(WitnessError::NotListed)? as u32;
        let shard = self
            .shards
            .get(shard_index.0 as usize)
            .ok_or(WitnessError::NoLeaf)?;
        if shard.issuer != issuer {
            return Err(WitnessError::NoLeaf);
        }
        if shard.revoked {
            return Err(WitnessError::Revoked);
        }
        let leaves = leaves::read(self.chain, shard, self.block, progress).await?;
        if leaves.get(usize::from(leaf.0)) != Some(&attestation) {
            return Err(WitnessError::NoLeaf);
        }
        let leaves = leaves.into_iter().map(|leaf| leaf.element()).collect();
        let tree = DenseTree::new(Tree::Shard, leaves)
            .map_err(|_| ChainError::Inconsistent("a shard is too long"))?;
        match (
            tree.path(u32::from(leaf.0)),
            self.cap.path(shard_index.0),
            self.trust.path(position),
        ) {
            (Some(shard), Some(cap), Some(trust)) => Ok(Paths { shard, cap, trust }),
            _ => Err(WitnessError::NoLeaf),
        }
    }
}

/// The cap above the shards; `None` when there are too many.
fn cap_tree(genesis: &GenesisHash, shards: &[ShardInfo]) -> Option<DenseTree> {
    let leaf = |shard: &ShardInfo| {
        if shard.revoked {
            Tree::empty_leaf()
        } else {
            hashes::cap_leaf(shard.root, hashes::issuer_id(genesis, shard.issuer)).element()
        }
    };
    DenseTree::new(Tree::Cap, shards.iter().map(leaf).collect()).ok()
}

/// A trust list's tree; `None` when there are too many members.
fn trust_tree(genesis: &GenesisHash, members: &[Option<IssuerIndex>]) -> Option<DenseTree> {
    let leaf = |member: &Option<IssuerIndex>| -> Element {
        member.map_or(Tree::empty_leaf(), |issuer| {
            hashes::issuer_id(genesis, issuer).element()
        })
    };
    DenseTree::new(Tree::Trust, members.iter().map(leaf).collect()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofage_primitives::ShardRoot;

    fn shard(index: u32, issuer: u32, revoked: bool) -> ShardInfo {
        ShardInfo {
            index: ShardIndex(index),
            issuer: IssuerIndex(issuer),
            root: ShardRoot::from_element(Element::from_u64(u64::from(index) + 100)),
            len: 1,
            sealed: false,
            revoked,
            opened_at: 1,
            changed_at: 1,
        }
    }

    #[test]
    fn a_cap_path_leads_from_its_leaf_to_the_root() {
        let genesis = GenesisHash([3; 32]);
        let shards: Vec<_> = (0..5).map(|n| shard(n, n % 2, false)).collect();
        let tree = cap_tree(&genesis, &shards).unwrap();
        let path: CapPath = tree.path(3).unwrap();
        let leaf = hashes::cap_leaf(shards[3].root, hashes::issuer_id(&genesis, IssuerIndex(1)));
        assert_eq!(path.root(Tree::Cap, leaf.element()), tree.root());
        // The same shard of another issuer is another leaf.
        let foreign = hashes::cap_leaf(shards[3].root, hashes::issuer_id(&genesis, IssuerIndex(0)));
        assert_ne!(path.root(Tree::Cap, foreign.element()), tree.root());
    }

    #[test]
    fn a_revoked_shard_and_a_vacant_place_are_empty_leaves() {
        let genesis = GenesisHash([3; 32]);
        assert_eq!(
            cap_tree(&genesis, &[shard(0, 0, true)]).unwrap().root(),
            Tree::Cap.empty_root()
        );
        assert_eq!(
            trust_tree(&genesis, &[None, None]).unwrap().root(),
            Tree::Trust.empty_root()
        );
        assert_ne!(
            trust_tree(&genesis, &[None, Some(IssuerIndex(0))])
                .unwrap()
                .root(),
            Tree::Trust.empty_root()
        );
    }
}
