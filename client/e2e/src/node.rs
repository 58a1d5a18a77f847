//! A real node under test.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{bail, Context, Result};
use serde_json::{json, Value};
use subxt::rpcs::client::RpcParams;
use subxt::rpcs::RpcClient;
use tempfile::TempDir;

use crate::log::Log;
use crate::{binaries, process, rpc};

/// A start takes seconds; a machine that also compiles takes longer.
const START: Duration = Duration::from_secs(120);

/// The longest wait for one block: many slots of six seconds, so that only a dead chain runs into it.
const BLOCK: Duration = Duration::from_secs(120);

/// Which chain a node is of, and what it does there.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What follows `--chain`: a preset or a file.
    chain: String,
    /// The development key that it validates with, if it does.
    validator: Option<&'static str>,
    /// Whom it asks for peers.
    bootnodes: Vec<String>,
    /// Further arguments.
    more: Vec<String>,
}

impl Setup {
    /// The one validator of the preset `dev`.
    pub fn dev() -> Self {
        Self::validator("dev", "alice").with(&["--force-authoring"])
    }

    /// A validator with the development key `name`, in lower case.
    pub fn validator(chain: &str, name: &'static str) -> Self {
        Self {
            chain: chain.to_owned(),
            validator: Some(name),
            bootnodes: Vec::new(),
            more: Vec::new(),
        }
    }

    /// A node that follows and serves.
    pub fn full(chain: &str) -> Self {
        Self {
            validator: None,
            ..Self::validator(chain, "")
        }
    }

    /// With a peer to ask for peers.
    pub fn peer(mut self, address: &str) -> Self {
        self.bootnodes.push(address.to_owned());
        self
    }

    /// With further arguments.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.more
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--chain".to_owned(), self.chain.clone()];
        if let Some(name) = self.validator {
            arguments.extend([format!("--{name}"), "--validator".to_owned()]);
        }
        for address in &self.bootnodes {
            arguments.extend(["--bootnodes".to_owned(), address.clone()]);
        }
        arguments.extend(self.more.iter().cloned());
        arguments
    }
}

/// A node in a directory of its own, on free loopback ports.
///
/// Dropped, it is killed and its directory deleted.
pub struct Node {
    child: Child,
    log: Log,
    earlier_logs: String,
    base: TempDir,
    port: u16,
    setup: Setup,
}

impl Node {
    /// Starts a fresh chain of one validator and waits until its RPC answers.
    pub fn start() -> Result<Self> {
        Self::start_as(Setup::dev())
    }

    /// Starts a node with an empty database and waits until its RPC answers.
    pub fn start_as(setup: Setup) -> Result<Self> {
        let base = TempDir::with_prefix("ofage-e2e-").context("no temporary directory")?;
        let (child, log, port) = spawn(base.path(), &setup)?;
        Ok(Self {
            child,
            log,
            earlier_logs: String::new(),
            base,
            port,
            setup,
        })
    }

    /// Ends the node as an operator does (SIGTERM) and starts it again on the same database.
    pub fn restart(&mut self) -> Result<()> {
        self.restart_after(|_| Ok(()))
    }

    /// As [`restart`](Self::restart), and does something to the directory of the database in between.
    pub fn restart_after(&mut self, between: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        self.stop()?;
        between(self.base.path())?;
        self.earlier_logs.push_str(&self.log.text());
        (self.child, self.log, self.port) = spawn(self.base.path(), &self.setup)?;
        Ok(())
    }

    /// Ends the node, and checks the invariants of the state that it leaves, with its own command.
    pub fn stop_and_check_state(mut self) -> Result<()> {
        self.stop()?;
        let output = Command::new(binaries::node()?)
            .args(["check-state", "--chain", &self.setup.chain, "--base-path"])
            .arg(self.base.path())
            .output()
            .context("cannot run the node")?;
        if output.status.success() {
            return Ok(());
        }
        bail!(
            "the state that the node left is not right: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    }

    /// The process, for whoever measures it.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The directory of its database.
    pub fn base(&self) -> &Path {
        self.base.path()
    }

    /// An address at which others find it.
    pub fn address(&self) -> Result<String> {
        let addresses = self.rpc("system_localListenAddresses", json!([]))??;
        addresses
            .as_array()
            .and_then(|all| {
                all.iter()
                    .filter_map(Value::as_str)
                    .find(|one| one.starts_with("/ip4/127.0.0.1/"))
            })
            .map(str::to_owned)
            .context("the node listens nowhere")
    }

    fn stop(&mut self) -> Result<()> {
        process::end(&mut self.child, "-TERM", "the node")
    }

    /// Where its RPC is, for a client.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Its RPC port, for raw requests.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// One JSON-RPC call; an error object of the node is the `Err` inside.
    pub fn rpc(&self, method: &str, params: Value) -> Result<Result<Value, rpc::Refusal>> {
        rpc::call(self.port, method, params)
    }

    /// The number of the newest block that is final.
    pub fn finalized(&self) -> Result<u32> {
        let hash = self.rpc("chain_getFinalizedHead", json!([]))??;
        self.number(json!([hash]))
    }

    /// The number of the newest block.
    pub fn best(&self) -> Result<u32> {
        self.number(json!([]))
    }

    fn number(&self, block: Value) -> Result<u32> {
        let header = self.rpc("chain_getHeader", block)??;
        block_number(&header)
    }

    /// Waits until block `number` is final.
    pub async fn wait_for_final(&self, number: u32) -> Result<()> {
        let client = RpcClient::from_insecure_url(self.url())
            .await
            .context("the node takes no subscription")?;
        let mut heads = client
            .subscribe::<Value>(
                "chain_subscribeFinalizedHeads",
                RpcParams::new(),
                "chain_unsubscribeFinalizedHeads",
            )
            .await?;
        loop {
            let head = tokio::time::timeout(BLOCK, heads.next())
                .await
                .with_context(|| {
                    format!("nothing became final for {BLOCK:?} while waiting for block {number}")
                })?
                .context("the node closed the subscription")??;
            if block_number(&head)? >= number {
                return Ok(());
            }
        }
    }

    /// All that the node has written, over its restarts.
    pub fn log(&self) -> String {
        format!("{}\n{}", self.earlier_logs, self.log.text())
    }

    /// Fails if the node has ended.
    pub fn assert_alive(&mut self) -> Result<()> {
        match self.child.try_wait().context("cannot look at the node")? {
            None => Ok(()),
            Some(status) => bail!("the node ended with {status}; its log:\n{}", self.log.text()),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = killed {
            if error.kind() != io::ErrorKind::InvalidInput {
                eprintln!("cannot end the node {}: {error}", self.child.id());
            }
        }
    }
}

fn block_number(header: &Value) -> Result<u32> {
    let number = header["number"].as_str().context("a header without a number")?;
    u32::from_str_radix(number.trim_start_matches("0x"), 16).context("a block number that is none")
}

fn spawn(base: &Path, setup: &Setup) -> Result<(Child, Log, u16)> {
    let binary = binaries::node()?;
    let mut child = Command::new(&binary)
        .args(setup.arguments())
        .arg("--base-path")
        .arg(base)
        // Port 0: the system chooses a free one, so that nothing races for it.
        .args(["--rpc-port", "0", "--listen-addr", "/ip4/127.0.0.1/tcp/0", "--no-prometheus"])
        .args(["--unsafe-force-node-key-generation", "--no-mdns", "--no-telemetry", "--no-hardware-benchmarks"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", binary.display()))?;
    let stderr = child.stderr.take().context("no stderr of the node")?;
    let log = Log::follow(stderr);
    let port = log.wait("its RPC address", START, |line| {
        let address = line.split_once("Running JSON-RPC server: addr=127.0.0.1:")?.1;
        let digits = address.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    });
    match port {
        Ok(port) => Ok((child, log, port)),
        Err(error) => {
            // It may be running without having said where.
            let _ = child.kill().and_then(|()| child.wait());
            Err(error)
        }
    }
}
