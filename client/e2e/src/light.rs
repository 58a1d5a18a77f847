//! A verifier and a wallet that trust no server: what they need of a running chain, in files.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{ensure, Context, Result};
use serde_json::Value;

use crate::{binaries, Node, Ofage};

/// Writes the raw specification of the preset `local`, with the nodes as boot nodes; gives its path.
pub fn write_spec(ofage: &Ofage, nodes: &[&Node]) -> Result<PathBuf> {
    let output = Command::new(binaries::node()?)
        .args(["export-chain-spec", "--chain", "local", "--raw"])
        .output()
        .context("cannot run the node")?;
    ensure!(
        output.status.success(),
        "no specification: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut spec: Value = serde_json::from_slice(&output.stdout).context("the specification is not JSON")?;
    let addresses = nodes
        .iter()
        .map(|node| node.address())
        .collect::<Result<Vec<_>>>()?;
    spec["bootNodes"] = addresses.into();
    let path = ofage.path("chain.json");
    fs::write(&path, serde_json::to_vec(&spec)?)?;
    Ok(path)
}

/// A challenge for adults of trust list 0, in a file `NAME.challenge`.
pub fn challenge(ofage: &Ofage, name: &str) -> Result<()> {
    let out = format!("{name}.challenge");
    let args = [
        "challenge",
        "--origin",
        "https://chat.example",
        "--list",
        "0",
        "--over",
        "18",
        "--account",
        "@adult:chat.example",
        "--minutes",
        "120",
    ];
    ofage.ok(args.into_iter().chain(["--out", &out]))?;
    Ok(())
}
