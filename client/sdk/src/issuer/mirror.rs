//! The leaves of the issuer's own shards, at hand for revocations.
//!
//! A file for each shard holds its leaves one after another, 32 bytes each, as they are on the chain. They are public,
//! so nothing in it is secret, and nothing is lost with it: what does not give the root in the chain's state is read
//! from the chain again.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use ofage_primitives::{
    chain::ShardInfo,
    tree::{DenseTree, MultiProof, ShardPath, Tree, SHARD_CAPACITY},
    Attestation, ShardIndex,
};

use crate::{
    chain::{BlockPoint, Chain},
    leaves::{self, LeavesError},
    private_file,
};

/// Bytes of a leaf.
const LEAF: usize = 32;

/// The mirror cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The file system says no.
    #[error("cannot write to the mirror {path}: {source}")]
    Io {
        /// Which directory.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The chain does not give the leaves.
    #[error(transparent)]
    Leaves(#[from] LeavesError),
}

/// A directory with the leaves of shards.
#[derive(Clone, Debug)]
pub struct Mirror {
    directory: PathBuf,
}

impl Mirror {
    /// A mirror in a directory, which is made when something is kept.
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// The mirror that belongs to a register: `REGISTER.mirror` beside it.
    pub fn beside(register: &Path) -> Self {
        let mut name = register.as_os_str().to_owned();
        name.push(".mirror");
        Self {
            directory: name.into(),
        }
    }

    /// A shard as it is at a finalized block: from the mirror if that gives the root, and else from the chain, which the
    /// mirror then follows.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub async fn shard(
        &self,
        chain: &Chain,
        info: &ShardInfo,
        at: BlockPoint,
    ) -> Result<MirroredShard, MirrorError> {
        if let Some(kept) = self.kept(info) {
            return Ok(kept);
        }
        let leaves = leaves::read(chain, info, at, &mut |_, _| {}).await?;
        let shard = MirroredShard::new(info, leaves).ok_or(LeavesError::NotReproduced(info.index))?;
        self.keep(&shard)?;
        Ok(shard)
    }

    /// Notes leaves that were appended to a shard. If that does not fit what is kept, or cannot be written, nothing is
    /// noted: the shard is read from the chain when it is needed.
    pub fn append(&self, shard: ShardIndex, start: u16, leaves: &[Attestation]) {
        // Best effort, as said.
        let _ = self.try_append(shard, start, leaves);
    }

    fn try_append(&self, shard: ShardIndex, start: u16, leaves: &[Attestation]) -> io::Result<()> {
        let path = self.file(shard);
        let bytes = bytes_of(leaves);
        if start == 0 {
            private_file::create_dir(&self.directory)?;
            return private_file::replace(&path, &bytes);
        }
        let mut file = fs::OpenOptions::new().append(true).open(path)?;
        if file.metadata()?.len() == u64::from(start) * LEAF as u64 {
            file.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Keeps a shard as it is.
    ///
    /// # Errors
    /// [`MirrorError::Io`].
    pub fn keep(&self, shard: &MirroredShard) -> Result<(), MirrorError> {
        private_file::create_dir(&self.directory)
            .and_then(|()| private_file::replace(&self.file(shard.index), &bytes_of(&shard.leaves())))
            .map_err(|source| MirrorError::Io {
                path: self.directory.display().to_string(),
                source,
            })
    }

    /// What is kept of a shard, if it is the shard as it should be.
    fn kept(&self, info: &ShardInfo) -> Option<MirroredShard> {
        let path = self.file(info.index);
        if fs::metadata(&path).ok()?.len() != u64::from(info.len) * LEAF as u64 {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let leaves = bytes
            .chunks_exact(LEAF)
            .map(|leaf| Attestation::from_bytes(leaf.try_into().ok()?).ok())
            .collect::<Option<_>>()?;
        MirroredShard::new(info, leaves)
    }

    fn file(&self, shard: ShardIndex) -> PathBuf {
        self.directory.join(format!("shard-{shard}"))
    }
}

fn bytes_of(leaves: &[Attestation]) -> Vec<u8> {
    leaves.iter().flat_map(|leaf| leaf.to_bytes()).collect()
}

/// All leaves of a shard, with the tree over them. No `Debug`: it is long.
pub struct MirroredShard {
    index: ShardIndex,
    tree: DenseTree,
    len: u16,
}

impl MirroredShard {
    /// Takes the leaves of a shard; `None` unless they give its root.
    fn new(info: &ShardInfo, leaves: Vec<Attestation>) -> Option<Self> {
        if leaves.len() != usize::from(info.len) || leaves.len() > SHARD_CAPACITY as usize {
            return None;
        }
        let elements = leaves.iter().map(|leaf| leaf.element()).collect();
        let tree = DenseTree::new(Tree::Shard, elements).ok()?;
        (tree.root() == info.root.element()).then_some(Self {
            index: info.index,
            tree,
            len: info.len,
        })
    }

    /// Attestations in it, revoked ones included.
    pub fn len(&self) -> u16 {
        self.len
    }

    /// Whether nothing was attested in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The leaf at a position: the empty one where an attestation was revoked, and beyond the last.
    pub fn leaf(&self, position: u16) -> Attestation {
        Attestation::from_element(self.tree.leaf(u32::from(position)))
    }

    /// Whether nothing counts at a position.
    pub fn is_empty_at(&self, position: u16) -> bool {
        self.tree.leaf(u32::from(position)) == Tree::empty_leaf()
    }

    /// The path of a position; `None` when it is not in the shard.
    pub fn path(&self, position: u16) -> Option<ShardPath> {
        self.tree.path(u32::from(position))
    }

    /// The proof of several positions, which have to ascend; `None` when they do not, or are not in the shard.
    pub fn multiproof(&self, positions: &[u16]) -> Option<MultiProof> {
        let positions: Vec<u32> = positions.iter().map(|position| u32::from(*position)).collect();
        self.tree.multiproof(&positions)
    }

    /// Empties positions, as a revocation does.
    pub fn revoke(&mut self, positions: &[u16]) {
        for position in positions.iter().filter(|position| **position < self.len) {
            self.tree
                .set(u32::from(*position), Tree::empty_leaf())
                .expect("a position of the shard is in its tree; qed");
        }
    }

    fn leaves(&self) -> Vec<Attestation> {
        (0..self.len).map(|position| self.leaf(position)).collect()
    }
}

#[cfg(test)]
mod tests;
