//! The issuer's own record of what it attested: a mirror of its shards, and what makes a crash harmless.
//!
//! A batch is written here before it is sent, with its salts, its place and the number of its call, and marked when it
//! is final. Several can be on their way; they are marked in the order in which they were planned. After a crash at any
//! point the batches that are not marked are looked for on the chain, and what is not there is sent again as it was:
//! the number of the call, which counts once for an account, makes that safe. Revocations are noted once they are final.
//!
//! The file holds birth dates and salts, so it is the owner's only.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    io,
    path::Path,
    sync::Arc,
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
    /// Batches of an earlier run are neither final nor dropped.
    #[error("batches of an earlier run are not finished yet; attest again first, which finishes them")]
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
    /// The oldest batch that is planned is final.
    Landed { shard: ShardIndex, block: u32 },
    /// The oldest batch that is planned is not on the chain, and cannot come there any more.
    Dropped,
    /// Attestations do not count any more.
    Revoked {
        shard: ShardIndex,
        positions: Vec<u16>,
        block: u32,
    },
}

/// Attestations that are sent in one call. No `Debug`: it holds birth dates.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The shard; none when the call opens it.
    pub shard: Option<ShardIndex>,
    /// Place of the first.
    pub start: u16,
    /// Number of the call among those of the attesting key; none in journals of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u64>,
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

/// What is known of a reference.
pub enum Known<'a> {
    /// Nothing.
    New,
    /// The same data were attested or are about to be.
    Same,
    /// Other data were attested under this reference.
    Changed(&'a Entry),
    /// The same data were attested under this reference, and revoked. Other data can be attested under it.
    Revoked,
}

/// The record of one issuer on one chain, open for writing.
pub struct Journal {
    file: LineFile,
    genesis: GenesisHash,
    issuer: IssuerIndex,
    record: Record,
}

/// What is known of a reference's last attestation.
struct Attested {
    entry: Entry,
    place: Option<(ShardIndex, LeafIndex)>,
    revoked: bool,
}

/// What the lines say together.
#[derive(Default)]
struct Record {
    entries: HashMap<Arc<str>, Attested>,
    /// What pending batches attest anew, as it was before.
    replaced: HashMap<Arc<str>, Attested>,
    /// References by shard and position, for revocations. Those that were attested anew since are not in it.
    places: HashMap<(ShardIndex, u16), Arc<str>>,
    identities: HashSet<IdentityCommitment>,
    shards: HashSet<ShardIndex>,
    /// Oldest first.
    pending: VecDeque<Batch>,
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
        let Some(attested) = self.record.entries.get(&*row.reference) else {
            return Known::New;
        };
        let Attested { entry, revoked, .. } = attested;
        let same = entry.identity == row.identity && entry.attributes == row.attributes;
        match (same, revoked) {
            (true, false) => Known::Same,
            (true, true) => Known::Revoked,
            (false, false) => Known::Changed(entry),
            (false, true) => Known::New,
        }
    }

    /// Whether a commitment has an attestation that is not revoked.
    pub fn has_identity(&self, identity: IdentityCommitment) -> bool {
        self.record.identities.contains(&identity)
    }

    /// Where a reference's attestation is, once it is final; also when it is revoked.
    pub fn place(&self, reference: &str) -> Option<(ShardIndex, LeafIndex)> {
        self.record.entries.get(reference)?.place
    }

    /// Whether a final batch is in that shard.
    pub fn has_shard(&self, shard: ShardIndex) -> bool {
        self.record.shards.contains(&shard)
    }

    /// The oldest batch that is neither final nor dropped.
    pub fn pending(&self) -> Option<&Batch> {
        self.record.pending.front()
    }

    /// Writes down a batch that is about to be sent with that number, with fresh salts.
    ///
    /// # Errors
    /// Those of the file; nothing must be sent then.
    pub fn plan(
        &mut self,
        shard: Option<ShardIndex>,
        start: u16,
        nonce: u64,
        rows: Vec<Row>,
    ) -> Result<&Batch, JournalError> {
        let entries = rows.into_iter().map(Entry::new).collect::<Result<_, _>>()?;
        let line = Line::Planned(Batch {
            shard,
            start,
            nonce: Some(nonce),
            entries,
        });
        self.write(&line)?;
        self.record.apply(line);
        Ok(self.record.pending.back().expect("planned just now; qed"))
    }

    /// Writes down that the oldest pending batch is final.
    ///
    /// # Errors
    /// [`JournalError::NothingPending`] or [`JournalError::Io`].
    pub fn land(&mut self, shard: ShardIndex, block: u32) -> Result<(), JournalError> {
        self.needs_pending()?;
        self.write(&Line::Landed { shard, block })?;
        self.record.apply(Line::Landed { shard, block });
        Ok(())
    }

    /// Writes down that the oldest pending batch is not on the chain and will not be.
    ///
    /// # Errors
    /// [`JournalError::NothingPending`] or [`JournalError::Io`].
    pub fn discard(&mut self) -> Result<(), JournalError> {
        self.needs_pending()?;
        self.write(&Line::Dropped)?;
        self.record.apply(Line::Dropped);
        Ok(())
    }

    /// Writes down that attestations of a shard are revoked.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn revoke(&mut self, shard: ShardIndex, positions: &[u16], block: u32) -> Result<(), JournalError> {
        let line = Line::Revoked {
            shard,
            positions: positions.to_vec(),
            block,
        };
        self.write(&line)?;
        self.record.apply(line);
        Ok(())
    }

    /// Whether it has an attestation at that place, and does not know that it is revoked.
    pub fn is_live(&self, shard: ShardIndex, position: u16) -> bool {
        let reference = self.record.places.get(&(shard, position));
        let attested = reference.and_then(|reference| self.record.entries.get(reference));
        attested.is_some_and(|attested| !attested.revoked)
    }

    /// The credential of a reference, once its batch is final, and unless it is revoked.
    pub fn credential(&self, reference: &str) -> Option<Credential> {
        let attested = self.record.entries.get(reference)?;
        if attested.revoked {
            return None;
        }
        let Entry {
            identity,
            attributes,
            salt,
            ..
        } = attested.entry.clone();
        Some(Credential::new(
            self.genesis,
            self.issuer,
            attested.place?,
            identity,
            attributes,
            salt,
        ))
    }

    fn needs_pending(&self) -> Result<(), JournalError> {
        self.pending().map(drop).ok_or(JournalError::NothingPending)
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
        match line {
            Line::Journal { .. } => return None,
            Line::Planned(batch) => {
                for entry in &batch.entries {
                    self.identities.insert(entry.identity);
                    let reference: Arc<str> = entry.reference.as_str().into();
                    let attested = Attested {
                        entry: entry.clone(),
                        place: None,
                        revoked: false,
                    };
                    if let Some(before) = self.entries.insert(reference.clone(), attested) {
                        self.replaced.insert(reference, before);
                    }
                }
                self.pending.push_back(batch);
            }
            Line::Landed { shard, .. } => {
                let batch = self.pending.pop_front()?;
                self.shards.insert(shard);
                for (offset, entry) in (0u16..).zip(&batch.entries) {
                    let position = batch.start.checked_add(offset)?;
                    let before = self.replaced.remove(&*entry.reference);
                    if let Some((shard, leaf)) = before.and_then(|before| before.place) {
                        self.places.remove(&(shard, leaf.0));
                    }
                    let attested = self.entries.get_mut(&*entry.reference)?;
                    attested.place = Some((shard, LeafIndex(position)));
                    self.places
                        .insert((shard, position), entry.reference.as_str().into());
                }
            }
            Line::Dropped => {
                let batch = self.pending.pop_front()?;
                for entry in &batch.entries {
                    self.identities.remove(&entry.identity);
                    self.entries.remove(&*entry.reference);
                    if let Some((reference, before)) = self.replaced.remove_entry(&*entry.reference) {
                        self.entries.insert(reference, before);
                    }
                }
            }
            Line::Revoked { shard, positions, .. } => {
                for position in positions {
                    let reference = self.places.get(&(shard, position));
                    let attested = reference.and_then(|reference| self.entries.get_mut(reference));
                    if let Some(attested) = attested {
                        attested.revoked = true;
                        self.identities.remove(&attested.entry.identity);
                    }
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
