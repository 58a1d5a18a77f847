//! The issuer's own record of what it attested: a mirror of its shards, and what makes a crash harmless.
//!
//! A batch is written here before it is sent, with its salts and its place, and marked when it is final. After a
//! crash at any point the same batch is looked for on the chain and, if it is not there, sent again as it was: the
//! place in the call makes that safe. The file holds birth dates and salts, so it is the owner's only.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::Path,
};

use ofage_primitives::{
    hashes, secrets::HolderSalt, Attestation, Attributes, Ext, GenesisHash, IdentityCommitment, IssuerIndex,
    LeafIndex, ShardIndex,
};
use serde::{Deserialize, Serialize};

use super::intake::Row;
use crate::{
    credential::Credential,
    document,
    private_file::{LineError, LineFile},
    random::{self, NoRandomness},
};

/// The journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file system says no.
    #[error("cannot use the journal {path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Another process works with it.
    #[error("another process works with the journal {0}; wait until it has finished")]
    Busy(String),
    /// A line that is none of a journal.
    #[error(
        "line {line} of {path} is not of a journal; restore the file from a backup, or name another one"
    )]
    Malformed {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
    },
    /// Of another chain or issuer.
    #[error("the journal {0} belongs to another issuer or chain; name the right one, or a new one")]
    Foreign(String),
    /// A batch of an earlier run is neither final nor dropped.
    #[error("a batch of an earlier run is not finished yet; finish it first")]
    Pending,
    /// No batch to mark.
    #[error("there is no batch that could be marked as final or dropped")]
    NothingPending,
    /// No salts.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ofage-issuer-journal/1")]
    V1,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    /// First: whose journal it is.
    Journal {
        format: Format,
        #[serde(with = "document::genesis")]
        genesis: GenesisHash,
        issuer: IssuerIndex,
    },
    /// A batch is about to be sent.
    Planned(Batch),
    /// The last planned batch is final.
    Landed { shard: ShardIndex, block: u32 },
    /// The last planned batch is not on the chain, and cannot come there any more.
    Dropped,
}

/// Attestations that are sent in one call. No `Debug`: it holds birth dates.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The shard; none when the call opens it.
    pub shard: Option<ShardIndex>,
    /// Place of the first.
    pub start: u16,
    /// The attestations.
    pub entries: Vec<Entry>,
}

impl Batch {
    /// The leaves, in order.
    pub fn leaves(&self) -> Vec<Attestation> {
        self.entries.iter().map(Entry::attestation).collect()
    }
}

/// One person's attestation. No `Debug`: it holds a birth date.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The issuer's name for it.
    pub reference: String,
    /// The holder.
    pub identity: IdentityCommitment,
    /// What is attested.
    pub attributes: Attributes,
    #[serde(with = "document::secret")]
    salt: HolderSalt,
}

impl Entry {
    fn new(row: Row) -> Result<Self, NoRandomness> {
        let Row {
            reference,
            identity,
            attributes,
            ..
        } = row;
        Ok(Self {
            reference,
            identity,
            attributes,
            salt: random::salt()?,
        })
    }

    /// The leaf.
    pub fn attestation(&self) -> Attestation {
        hashes::attestation(self.identity, &self.attributes, &Ext::commit(&self.salt))
    }
}

/// Where a final batch is.
#[derive(Clone, Copy)]
struct Place {
    shard: ShardIndex,
    start: u16,
}

/// What is known of a reference.
pub enum Known<'a> {
    /// Nothing.
    New,
    /// The same data were attested or are about to be.
    Same,
    /// Other data were attested under this reference.
    Changed(&'a Entry),
}

/// The record of one issuer on one chain, open for writing.
pub struct Journal {
    file: LineFile,
    genesis: GenesisHash,
    issuer: IssuerIndex,
    record: Record,
}

/// What the lines say together.
#[derive(Default)]
struct Record {
    entries: HashMap<String, (Entry, Option<(Place, u16)>)>,
    identities: HashSet<IdentityCommitment>,
    shards: HashSet<ShardIndex>,
    pending: Option<Batch>,
}

impl Journal {
    /// Opens a journal, or starts one.
    ///
    /// A last line that a crash cut off is dropped: it was never acted on.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(path: &Path, genesis: GenesisHash, issuer: IssuerIndex) -> Result<Self, JournalError> {
        let shown = || path.display().to_string();
        let whose = (genesis, issuer);
        let mut record = Record::default();
        let mut foreign = false;
        let mut is_new = true;
        let file = LineFile::open(path, |number, line| {
            is_new = false;
            match (number, serde_json::from_slice(line).ok()?) {
                (1, Line::Journal { genesis, issuer, .. }) => {
                    foreign = (genesis, issuer) != whose;
                    (!foreign).then_some(())
                }
                (1, _) | (_, Line::Journal { .. }) => None,
                (_, line) => record.apply(line),
            }
        });
        let file = file.map_err(|error| match error {
            LineError::Busy => JournalError::Busy(shown()),
            LineError::Malformed(_) if foreign => JournalError::Foreign(shown()),
            LineError::Malformed(line) => JournalError::Malformed { path: shown(), line },
            LineError::Io(source) => JournalError::Io {
                path: shown(),
                source,
            },
        })?;
        let mut journal = Self {
            file,
            genesis,
            issuer,
            record,
        };
        if is_new {
            journal.write(&Line::Journal {
                format: Format::V1,
                genesis,
                issuer,
            })?;
        }
        Ok(journal)
    }

    /// What is known of a row.
    pub fn known(&self, row: &Row) -> Known<'_> {
        match self.record.entries.get(&row.reference) {
            None => Known::New,
            Some((entry, _)) if entry.identity == row.identity && entry.attributes == row.attributes => {
                Known::Same
            }
            Some((entry, _)) => Known::Changed(entry),
        }
    }

    /// Whether a commitment was attested.
    pub fn has_identity(&self, identity: IdentityCommitment) -> bool {
        self.record.identities.contains(&identity)
    }

    /// Whether a final batch is in that shard.
    pub fn has_shard(&self, shard: ShardIndex) -> bool {
        self.record.shards.contains(&shard)
    }

    /// A batch that was about to be sent when the last run ended.
    pub fn pending(&self) -> Option<&Batch> {
        self.record.pending.as_ref()
    }

    /// Writes down a batch that is about to be sent, with fresh salts.
    ///
    /// # Errors
    /// [`JournalError::Pending`] while another batch is, and those of the file; nothing must be sent then.
    pub fn plan(
        &mut self,
        shard: Option<ShardIndex>,
        start: u16,
        rows: Vec<Row>,
    ) -> Result<&Batch, JournalError> {
        if self.record.pending.is_some() {
            return Err(JournalError::Pending);
        }
        let entries = rows.into_iter().map(Entry::new).collect::<Result<_, _>>()?;
        let batch = Batch {
            shard,
            start,
            entries,
        };
        self.write(&Line::Planned(batch.clone()))?;
        self.record.apply(Line::Planned(batch));
        Ok(self.record.pending.as_ref().expect("planned just now; qed"))
    }

    /// Writes down that the pending batch is final.
    ///
    /// # Errors
    /// [`JournalError::NothingPending`] or [`JournalError::Io`].
    pub fn land(&mut self, shard: ShardIndex, block: u32) -> Result<(), JournalError> {
        self.needs_pending()?;
        self.write(&Line::Landed { shard, block })?;
        self.record.apply(Line::Landed { shard, block });
        Ok(())
    }

    /// Writes down that the pending batch is not on the chain and will not be.
    ///
    /// # Errors
    /// [`JournalError::NothingPending`] or [`JournalError::Io`].
    pub fn discard(&mut self) -> Result<(), JournalError> {
        self.needs_pending()?;
        self.write(&Line::Dropped)?;
        self.record.apply(Line::Dropped);
        Ok(())
    }

    /// The credential of a reference, once its batch is final.
    pub fn credential(&self, reference: &str) -> Option<Credential> {
        let (entry, place) = self.record.entries.get(reference)?;
        let (place, offset) = (*place)?;
        let leaf = LeafIndex(place.start.checked_add(offset)?);
        let Entry {
            identity,
            attributes,
            salt,
            ..
        } = entry.clone();
        Some(Credential::new(
            self.genesis,
            self.issuer,
            (place.shard, leaf),
            identity,
            attributes,
            salt,
        ))
    }

    fn needs_pending(&self) -> Result<(), JournalError> {
        self.record
            .pending
            .as_ref()
            .map(drop)
            .ok_or(JournalError::NothingPending)
    }

    /// On disk before anything is sent.
    fn write(&mut self, line: &Line) -> Result<(), JournalError> {
        self.file.append(line).map_err(|source| JournalError::Io {
            path: self.file.path().display().to_string(),
            source,
        })
    }
}

impl Record {
    /// Takes a line into memory; `None` when it cannot follow the ones before.
    fn apply(&mut self, line: Line) -> Option<()> {
        match (line, self.pending.take()) {
            (Line::Planned(batch), None) => {
                for entry in &batch.entries {
                    self.identities.insert(entry.identity);
                    self.entries
                        .insert(entry.reference.clone(), (entry.clone(), None));
                }
                self.pending = Some(batch);
            }
            (Line::Landed { shard, .. }, Some(batch)) => {
                self.shards.insert(shard);
                let place = Place {
                    shard,
                    start: batch.start,
                };
                for (offset, entry) in batch.entries.iter().enumerate() {
                    let (_, known) = self.entries.get_mut(&entry.reference)?;
                    *known = Some((place, u16::try_from(offset).ok()?));
                }
            }
            (Line::Dropped, Some(batch)) => {
                for entry in &batch.entries {
                    self.identities.remove(&entry.identity);
                    self.entries.remove(&entry.reference);
                }
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
