//! The index on disk: one `redb` file.
//!
//! | table | key | value |
//! |---|---|---|
//! | `head` | | chain, newest block, totals |
//! | `shards` | shard | everything but its leaves |
//! | `issuers` | issuer | its last shard |
//! | `cap` | level, index | a node of the cap |
//! | `appended` | shard, position of the first | block, leaves |
//! | `emptied` | shard, position | block |
//!
//! A transaction holds whole blocks, and the newest of them with its hash, so that at no time a part of a block is on
//! disk. Opening verifies the checksum of every page: a file that something else changed is no index.

use super::{
    block::{Block, BlockHash},
    model::{Changes, Entry, ReadError, Records, Shard},
};
use codec::{Decode, DecodeAll, Encode};
use ofage_primitives::{
    tree::{DenseTree, Tree},
    Attestation, Element, GenesisHash, IssuerIndex, ShardIndex,
};
use redb::{
    Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, Table, TableDefinition,
    WriteTransaction,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const HEAD: TableDefinition<'_, (), &[u8]> = TableDefinition::new("head");
const SHARDS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("shards");
const ISSUERS: TableDefinition<'_, u32, u32> = TableDefinition::new("issuers");
const CAP: TableDefinition<'_, (u8, u32), [u8; 32]> = TableDefinition::new("cap");
const APPENDED: TableDefinition<'_, (u32, u16), &[u8]> = TableDefinition::new("appended");
const EMPTIED: TableDefinition<'_, (u32, u16), u32> = TableDefinition::new("emptied");

/// Layout of the tables. Another one is no index of ours, and is made anew.
const LAYOUT: u32 = 1;
/// Memory for pages: enough for the nodes of the cap that blocks touch again and again.
const CACHE: usize = 64 << 20;
/// The file in the index's folder.
const FILE: &str = "leaves.redb";
/// Bytes of a leaf.
const LEAF: usize = 32;
/// Bytes before the leaves of a batch: its block.
const BLOCK: usize = 4;

/// The index cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The file cannot be read or written.
    #[error("the index's file: {0}")]
    File(Box<redb::Error>),
    /// The folder cannot be made or emptied.
    #[error("the index's folder: {0}")]
    Folder(#[from] std::io::Error),
    /// It is being opened or rebuilt.
    #[error("the index is closed")]
    Closed,
    /// What is in it is not what was written.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
}

fn file(error: impl Into<redb::Error>) -> StoreError {
    StoreError::File(Box::new(error.into()))
}

/// What the index holds as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Head {
    layout: u32,
    genesis: [u8; 32],
    /// Newest block in it.
    pub(crate) number: u32,
    /// That block's hash.
    pub(crate) hash: BlockHash,
    /// Shards in it.
    pub(crate) shards: u32,
    /// Leaves in it, revoked ones included.
    pub(crate) leaves: u64,
}

impl Head {
    fn new(genesis: GenesisHash) -> Self {
        Self {
            layout: LAYOUT,
            genesis: genesis.0,
            number: 0,
            hash: genesis.0,
            shards: 0,
            leaves: 0,
        }
    }
}

/// The index on disk.
pub(crate) struct Store {
    db: Database,
    genesis: GenesisHash,
}

impl Store {
    /// Opens the index of a chain, or makes one that holds block 0 alone.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when what is there is no index of this chain; [`discard`] makes room for a new one.
    pub(crate) fn open(folder: &Path, genesis: GenesisHash) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        let db = Builder::new()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create(path(folder))
            .map_err(|error| match error {
                redb::DatabaseError::Storage(redb::StorageError::Corrupted(_))
                | redb::DatabaseError::UpgradeRequired(_)
                | redb::DatabaseError::RepairAborted => StoreError::Damaged("its file is not whole"),
                redb::DatabaseError::Storage(redb::StorageError::Io(error)) if is_no_database(&error) => {
                    StoreError::Damaged("its file is none of redb's")
                }
                other => file(other),
            })?;
        let store = Self { db, genesis };
        if store.is_new()? {
            store.write(|_| Ok::<_, StoreError>(()))?;
        }
        let head = store.head()?;
        if head.layout != LAYOUT {
            return Err(StoreError::Damaged("it has another layout"));
        }
        if head.genesis != genesis.0 {
            return Err(StoreError::Damaged("it is of another chain"));
        }
        Ok(store)
    }

    fn is_new(&self) -> Result<bool, StoreError> {
        let read = self.db.begin_read().map_err(file)?;
        match read.open_table(HEAD) {
            Ok(_) => Ok(false),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(true),
            Err(error) => Err(file(error)),
        }
    }

    /// The newest block in it, and totals.
    pub(crate) fn head(&self) -> Result<Head, StoreError> {
        let read = self.db.begin_read().map_err(file)?;
        head_in(&read.open_table(HEAD).map_err(file)?)?.ok_or(StoreError::Damaged("it has no head"))
    }

    /// Writes in one transaction, which is on disk when this returns; or nothing, after an error.
    pub(crate) fn write<E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut transaction = self.db.begin_write().map_err(file)?;
        // Leaves are chosen by others: with one phase they could be crafted to make a torn write look whole.
        transaction.set_two_phase_commit(true);
        {
            let mut tables = Tables::open(&transaction, self.genesis)?;
            work(&mut tables)?;
            let head = tables.head.encode();
            tables.heads.insert((), head.as_slice()).map_err(file)?;
        }
        transaction.commit().map_err(file)?;
        Ok(())
    }

    /// Empties it, so that it holds block 0 alone.
    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_write().map_err(file)?;
        transaction.set_two_phase_commit(true);
        transaction.delete_table(SHARDS).map_err(file)?;
        transaction.delete_table(ISSUERS).map_err(file)?;
        transaction.delete_table(CAP).map_err(file)?;
        transaction.delete_table(APPENDED).map_err(file)?;
        transaction.delete_table(EMPTIED).map_err(file)?;
        transaction.delete_table(HEAD).map_err(file)?;
        drop(Tables::open(&transaction, self.genesis)?);
        transaction
            .open_table(HEAD)
            .map_err(file)?
            .insert((), Head::new(self.genesis).encode().as_slice())
            .map_err(file)?;
        transaction.commit().map_err(file)
    }

    /// A shard as it is now, without its leaves.
    pub(crate) fn shard(&self, index: ShardIndex) -> Result<Option<Shard>, StoreError> {
        let read = self.db.begin_read().map_err(file)?;
        shard_in(&read.open_table(SHARDS).map_err(file)?, index)
    }

    /// The leaves of a shard at the end of block `at`; `None` when it was not there yet. Revoked ones are the empty leaf.
    pub(crate) fn leaves(&self, index: ShardIndex, at: u32) -> Result<Option<Vec<[u8; LEAF]>>, StoreError> {
        let read = self.db.begin_read().map_err(file)?;
        match shard_in(&read.open_table(SHARDS).map_err(file)?, index)? {
            Some(shard) if shard.opened_at <= at => leaves_in(&read, &shard, index, at).map(Some),
            _ => Ok(None),
        }
    }

    /// Hashes the leaves of a shard, and compares with its root. `false` when there is no such shard.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when they do not give it.
    pub(crate) fn verify(&self, index: ShardIndex) -> Result<bool, StoreError> {
        let read = self.db.begin_read().map_err(file)?;
        let Some(shard) = shard_in(&read.open_table(SHARDS).map_err(file)?, index)? else {
            return Ok(false);
        };
        let leaves = leaves_in(&read, &shard, index, u32::MAX)?
            .into_iter()
            .map(Element::from_bytes)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| StoreError::Damaged("a leaf is none"))?;
        let root = DenseTree::new(Tree::Shard, leaves)
            .map_err(|_| StoreError::Damaged("a shard has more leaves than it should"))?
            .root();
        if root == shard.root.element() {
            Ok(true)
        } else {
            Err(StoreError::Damaged("leaves of a shard do not give its root"))
        }
    }
}

#[cfg(test)]
impl Store {
    /// Changes the fifth leaf of a shard behind everybody's back.
    pub(crate) fn spoil(&self, index: ShardIndex) {
        self.write::<StoreError>(|tables| {
            let mut value = tables
                .appended
                .get((index.0, 0))
                .unwrap()
                .unwrap()
                .value()
                .to_vec();
            value[BLOCK + 4 * LEAF] ^= 1;
            tables.appended.insert((index.0, 0), value.as_slice()).unwrap();
            Ok(())
        })
        .unwrap();
    }
}

/// The leaves of a shard at the end of block `at`.
fn leaves_in(
    read: &ReadTransaction,
    shard: &Shard,
    index: ShardIndex,
    at: u32,
) -> Result<Vec<[u8; LEAF]>, StoreError> {
    let whole = (index.0, 0)..=(index.0, u16::MAX);
    let mut leaves = Vec::with_capacity(usize::from(shard.len));
    let mut is_whole = true;
    for batch in read
        .open_table(APPENDED)
        .map_err(file)?
        .range(whole.clone())
        .map_err(file)?
    {
        let (key, value) = batch.map_err(file)?;
        let (_, start) = key.value();
        let (block, batch) = value
            .value()
            .split_first_chunk::<BLOCK>()
            .ok_or(StoreError::Damaged("a batch has no block"))?;
        if u32::from_le_bytes(*block) > at {
            is_whole = false;
            break;
        }
        let (batch, rest) = batch.as_chunks::<LEAF>();
        if usize::from(start) != leaves.len() || !rest.is_empty() {
            return Err(StoreError::Damaged("batches of a shard do not follow each other"));
        }
        leaves.extend_from_slice(batch);
        if leaves.len() > usize::from(shard.len) {
            return Err(StoreError::Damaged("a shard has more leaves than it should"));
        }
    }
    if is_whole && leaves.len() != usize::from(shard.len) {
        return Err(StoreError::Damaged("leaves of a shard are missing"));
    }
    let mut emptied = 0;
    for revoked in read
        .open_table(EMPTIED)
        .map_err(file)?
        .range(whole)
        .map_err(file)?
    {
        let (key, block) = revoked.map_err(file)?;
        emptied += 1;
        if block.value() > at {
            continue;
        }
        let (_, position) = key.value();
        *leaves
            .get_mut(usize::from(position))
            .ok_or(StoreError::Damaged("a leaf was revoked that is not there"))? =
            Tree::empty_leaf().to_bytes();
    }
    if emptied != usize::from(shard.emptied) {
        return Err(StoreError::Damaged("revocations of a shard are missing"));
    }
    Ok(leaves)
}

/// Deletes what is in an index's folder.
///
/// # Errors
/// When the system refuses.
pub(crate) fn discard(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path(folder)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Whether opening failed because of what is in the file: `redb` says so by these kinds.
fn is_no_database(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

/// The tables in a transaction that writes.
pub(crate) struct Tables<'t> {
    heads: Table<'t, (), &'static [u8]>,
    shards: Table<'t, u32, &'static [u8]>,
    issuers: Table<'t, u32, u32>,
    cap: Table<'t, (u8, u32), [u8; 32]>,
    appended: Table<'t, (u32, u16), &'static [u8]>,
    emptied: Table<'t, (u32, u16), u32>,
    head: Head,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction, genesis: GenesisHash) -> Result<Self, StoreError> {
        let heads = transaction.open_table(HEAD).map_err(file)?;
        let head = head_in(&heads)?.unwrap_or_else(|| Head::new(genesis));
        Ok(Self {
            heads,
            shards: transaction.open_table(SHARDS).map_err(file)?,
            issuers: transaction.open_table(ISSUERS).map_err(file)?,
            cap: transaction.open_table(CAP).map_err(file)?,
            appended: transaction.open_table(APPENDED).map_err(file)?,
            emptied: transaction.open_table(EMPTIED).map_err(file)?,
            head,
        })
    }

    /// The newest block, and totals, with what was added in this transaction.
    pub(crate) fn head(&self) -> Head {
        self.head
    }

    /// Adds what a block changed. It has to follow the head.
    pub(crate) fn add(
        &mut self,
        block: &Block,
        changes: &Changes,
        nodes: impl IntoIterator<Item = ((u8, u32), Element)>,
    ) -> Result<(), StoreError> {
        for (index, shard) in &changes.shards {
            let before = shard_in(&self.shards, *index)?.map(|shard| shard.len);
            let more = shard.len.saturating_sub(before.unwrap_or(0));
            self.head.leaves = self.head.leaves.saturating_add(more.into());
            if before.is_none() {
                self.head.shards = self.head.shards.saturating_add(1);
            }
            self.shards
                .insert(index.0, shard.encode().as_slice())
                .map_err(file)?;
        }
        for (issuer, shard) in &changes.last {
            self.issuers.insert(issuer.0, shard.0).map_err(file)?;
        }
        for (key, node) in nodes {
            self.cap.insert(key, node.to_bytes()).map_err(file)?;
        }
        for entry in &changes.entries {
            match entry {
                Entry::Appended { shard, start, call } => {
                    let leaves = block
                        .leaves(*call)
                        .ok_or(StoreError::Damaged("a batch has no call"))?;
                    let value = batch(block.number, leaves);
                    self.appended
                        .insert((shard.0, *start), value.as_slice())
                        .map_err(file)?;
                }
                Entry::Emptied { shard, positions } => {
                    for position in positions {
                        self.emptied
                            .insert((shard.0, *position), block.number)
                            .map_err(file)?;
                    }
                }
            }
        }
        self.head.number = block.number;
        self.head.hash = block.hash;
        Ok(())
    }
}

/// A batch as it is stored: the block, and the leaves.
fn batch(block: u32, leaves: &[Attestation]) -> Vec<u8> {
    let mut value = Vec::with_capacity(BLOCK + LEAF * leaves.len());
    value.extend_from_slice(&block.to_le_bytes());
    leaves
        .iter()
        .for_each(|leaf| value.extend_from_slice(&leaf.to_bytes()));
    value
}

impl Records for Tables<'_> {
    fn shard(&self, index: ShardIndex) -> Result<Option<Shard>, ReadError> {
        shard_in(&self.shards, index).map_err(ReadError::from)
    }

    fn last_shard(&self, issuer: IssuerIndex) -> Result<Option<ShardIndex>, ReadError> {
        let last = self.issuers.get(issuer.0).map_err(file)?;
        Ok(last.map(|shard| ShardIndex(shard.value())))
    }

    fn shards(&self) -> Result<u32, ReadError> {
        Ok(self.head.shards)
    }

    fn node(&self, level: u8, index: u32) -> Result<Option<Element>, ReadError> {
        let node = self.cap.get((level, index)).map_err(file)?;
        node.map(|node| Element::from_bytes(node.value()))
            .transpose()
            .map_err(|_| StoreError::Damaged("a node of the cap is none").into())
    }
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

fn head_in(table: &impl ReadableTable<(), &'static [u8]>) -> Result<Option<Head>, StoreError> {
    let Some(value) = table.get(()).map_err(file)? else {
        return Ok(None);
    };
    Head::decode_all(&mut value.value())
        .map(Some)
        .map_err(|_| StoreError::Damaged("its head cannot be read"))
}

fn shard_in(
    table: &impl ReadableTable<u32, &'static [u8]>,
    index: ShardIndex,
) -> Result<Option<Shard>, StoreError> {
    let Some(value) = table.get(index.0).map_err(file)? else {
        return Ok(None);
    };
    Shard::decode_all(&mut value.value())
        .map(Some)
        .map_err(|_| StoreError::Damaged("a shard cannot be read"))
}
