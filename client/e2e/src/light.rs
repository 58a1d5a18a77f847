//! A verifier and a wallet that trust no server: what they need of a running chain, in files.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{ensure, Context, Result};
use serde_json::Value;

use crate::{binaries, process, rpc, Node, Ofage};

/// Writes the raw specification of a preset, with the nodes as boot nodes, to `chain.json`; gives its path.
pub fn write_spec(ofage: &Ofage, preset: &str, nodes: &[&Node]) -> Result<PathBuf> {
    let output = Command::new(binaries::node()?)
        .args(["export-chain-spec", "--chain", preset, "--raw"])
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

/// `ofage light serve`, killed when it is dropped.
pub struct Serving {
    child: Child,
    port: u16,
}

impl Serving {
    /// Starts it on `chain.json` with its database in `light`, and waits until it knows the newest final block.
    pub fn start(ofage: &Ofage) -> Result<Self> {
        let args = ["light", "serve", "--spec", "chain.json", "--data", "light"];
        let mut child = Command::new(binaries::ofage()?)
            .args(args)
            .current_dir(ofage.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run ofage light serve")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut serving = Self { child, port: 0 };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ready: Value =
            serde_json::from_str(&line).with_context(|| format!("it ended, or said '{line}'"))?;
        let url = ready["listening"].as_str().context("no address")?;
        let (_, port) = url.rsplit_once(':').context("no port")?;
        serving.port = port.parse()?;
        Ok(serving)
    }

    /// Gets a path.
    pub fn get(&self, path: &str) -> Result<(u16, Value)> {
        self.request("GET", path, b"")
    }

    /// Posts a document.
    pub fn post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        self.request("POST", path, body.to_string().as_bytes())
    }

    fn request(&self, method: &str, path: &str, body: &[u8]) -> Result<(u16, Value)> {
        let (status, body) = rpc::http(self.port, method, path, body)?;
        Ok((
            status,
            serde_json::from_slice(&body).context("the answer is not JSON")?,
        ))
    }

    /// Interrupts it, as a terminal does; fails unless it ends well.
    pub fn stop(mut self) -> Result<()> {
        process::end(&mut self.child, "-INT", "ofage light serve")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
