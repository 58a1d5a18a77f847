//! What attestations leave in the state, and on the disk of a node.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt, path::Path};

use anyhow::{Context, Result};
use frame_support::{storage::storage_prefix, traits::StorageInfoTrait};
use ofage_runtime::AllPalletsWithSystem;
use serde_json::{json, Value};
use sp_io::hashing::twox_128;

use super::{attest::Filled, Live};
use crate::report::{rounded, Table};

/// The pallet that keeps attestations.
const PALLET: &str = "AgeRegistry";
/// Entries asked for at a time; a node gives no more.
const PAGE: u32 = 1_000;

/// Entries of one kind.
#[derive(Default)]
struct Size {
    entries: u64,
    keys: u64,
    values: u64,
}

/// Counts what the state holds of the registry, and what the node wrote.
pub(crate) async fn measure(filled: &mut Filled) -> Result<Vec<Table>> {
    let state = state(&filled.validator, filled.attestations).await?;
    filled.validator.restart().await?;
    let disk = disk(filled.validator.node().base(), filled.attestations)?;
    Ok(vec![state, disk])
}

async fn state(node: &Live, attestations: u64) -> Result<Table> {
    let sizes = sizes(node).await?;
    let mut table = Table::new(
        format!("The registry in the state, with {attestations} attestations"),
        &[
            "storage",
            "entries",
            "bytes of keys",
            "bytes of values",
            "bytes an attestation",
        ],
    );
    let mut whole = Size::default();
    let mut row = |name: &str, size: &Size| {
        table.row(vec![
            json!(name),
            json!(size.entries),
            json!(size.keys),
            json!(size.values),
            rounded((size.keys + size.values) as f64 / attestations as f64, 4),
        ]);
    };
    for (name, size) in &sizes {
        whole.entries += size.entries;
        whole.keys += size.keys;
        whole.values += size.values;
        row(name, size);
    }
    row("all", &whole);
    Ok(table)
}

/// Sizes of the pallet's entries, by the name of the storage.
async fn sizes(node: &Live) -> Result<BTreeMap<String, Size>> {
    let names: BTreeMap<[u8; 32], String> = AllPalletsWithSystem::storage_info()
        .into_iter()
        .filter(|info| info.pallet_name == PALLET.as_bytes())
        .map(|info| {
            let name = String::from_utf8_lossy(&info.storage_name).into_owned();
            (storage_prefix(&info.pallet_name, &info.storage_name), name)
        })
        .collect();
    let at: Value = node.ask("chain_getFinalizedHead", json!([])).await?;
    let prefix = format!("0x{}", hex::encode(twox_128(PALLET.as_bytes())));
    let mut sizes = BTreeMap::<String, Size>::new();
    let mut last = Value::Null;
    loop {
        let keys: Vec<String> = node
            .ask("state_getKeysPaged", json!([prefix, PAGE, last, at]))
            .await?;
        let Some(newest) = keys.last() else { break };
        last = json!(newest);
        let values: Value = node.ask("state_queryStorageAt", json!([keys, at])).await?;
        let changes = values[0]["changes"]
            .as_array()
            .context("no values for keys that are there")?;
        for change in changes {
            let bytes = |at: usize| {
                let text = change[at].as_str().unwrap_or("0x");
                hex::decode(text.trim_start_matches("0x")).context("an answer that is not hexadecimal")
            };
            let (key, value) = (bytes(0)?, bytes(1)?);
            let name = key.first_chunk().and_then(|prefix| names.get(prefix));
            // Such as the version of the pallet's storage.
            let name = name.map_or("others", String::as_str);
            let size = sizes.entry(name.to_owned()).or_default();
            size.entries += 1;
            size.keys += key.len() as u64;
            size.values += value.len() as u64;
        }
    }
    Ok(sizes)
}

fn disk(base: &Path, attestations: u64) -> Result<Table> {
    let mut sizes = BTreeMap::new();
    let chains = base.join("chains");
    let chain = fs::read_dir(&chains)?
        .next()
        .context("the node has no chain")??
        .path();
    add_folder(&chain, &chain, &mut sizes)?;
    let mut table = Table::new(
        "What the validator wrote to its disk meanwhile",
        &["what", "bytes", "bytes an attestation"],
    );
    let mut whole = 0;
    for (what, bytes) in &sizes {
        whole += bytes;
        table.row(vec![
            json!(what),
            json!(bytes),
            rounded(*bytes as f64 / attestations as f64, 2),
        ]);
    }
    table.row(vec![
        json!("all"),
        json!(whole),
        rounded(whole as f64 / attestations as f64, 2),
    ]);
    Ok(table)
}

fn add_folder(chain: &Path, folder: &Path, sizes: &mut BTreeMap<String, u64>) -> Result<()> {
    /// Linux counts what a file occupies in these, whatever the file system's blocks are.
    const BLOCK: u64 = 512;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // The database deletes files of its log at any time.
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            add_folder(chain, &path, sizes)?;
        } else {
            let name = path.strip_prefix(chain)?.to_string_lossy().into_owned();
            *sizes.entry(kind(&name)).or_default() += metadata.blocks() * BLOCK;
        }
    }
    Ok(())
}

/// What a file under a chain's folder is for.
fn kind(name: &str) -> String {
    let mut parts = name.split('/');
    let (first, file) = (
        parts.next().unwrap_or(name),
        parts.next_back().unwrap_or_default(),
    );
    if first != "paritydb" {
        return format!("{first}: all");
    }
    // Tables and indexes of a column carry its number, as in `table_05_12`; the numbers are those of the SDK's client.
    let column = file.split('_').nth(1);
    let what = match column {
        Some("01") => "states, history included",
        Some("05" | "11" | "12") => "bodies of blocks",
        Some(_) => "headers, justifications, notes",
        None => "log of what is yet to be written",
    };
    format!("{first}: {what}")
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn a_file_counts_for_what_it_holds() {
        assert_eq!(
            kind("paritydb/full/table_01_12"),
            "paritydb: states, history included"
        );
        assert_eq!(kind("paritydb/full/index_11_16"), "paritydb: bodies of blocks");
        assert_eq!(
            kind("paritydb/full/log12"),
            "paritydb: log of what is yet to be written"
        );
        assert_eq!(kind("network/secret_ed25519"), "network: all");
    }
}
