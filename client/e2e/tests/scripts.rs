//! The scripts that a newcomer runs first.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{ensure, Context as _, Result};
use ofage_e2e::binaries;

fn script(name: &str) -> Result<Command> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../scripts", name]
        .iter()
        .collect();
    let mut command = Command::new(path);
    command
        .env("OFAGE_NODE_BIN", binaries::node()?)
        .env("OFAGE_BIN", binaries::ofage()?);
    Ok(command)
}

fn succeed(command: &mut Command) -> Result<Output> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(output)
}

#[test]
fn the_demo_goes_as_it_should() -> Result<()> {
    let output = succeed(script("demo")?.arg("--skip-build"))?;
    let table = String::from_utf8(output.stdout)?;
    ensure!(table.contains("attestations per second"), "no table:\n{table}");
    println!("{table}");
    Ok(())
}

/// Stops the chain however the test ends.
struct Devnet<'a>(&'a Path);

impl Drop for Devnet<'_> {
    fn drop(&mut self) {
        let stopped =
            script("devnet").and_then(|mut stop| succeed(stop.args(["stop", "--base-dir"]).arg(self.0)));
        if let Err(error) = stopped {
            eprintln!("cannot stop the devnet: {error}");
        }
    }
}

#[test]
fn three_validators_agree() -> Result<()> {
    let base = tempfile::TempDir::with_prefix("ofage-e2e-devnet-")?;
    let devnet = Devnet(base.path());
    let start = [
        "start",
        "--validators",
        "3",
        "--detach",
        "--skip-build",
        "--base-dir",
    ];
    succeed(script("devnet")?.args(start).arg(base.path()))?;
    let status = succeed(script("devnet")?.args(["status", "--base-dir"]).arg(base.path()))?;
    let status = String::from_utf8(status.stdout)?;
    ensure!(status.lines().count() == 3, "not three validators:\n{status}");
    // Each of the three sees a final block: all of them are needed for one.
    for url in status.split_whitespace().filter(|word| word.starts_with("ws://")) {
        let chain = succeed(
            Command::new(binaries::ofage()?)
                .args(["--node", url, "--json", "chain", "wait", "--blocks", "1"]),
        )?;
        let answer: serde_json::Value = serde_json::from_slice(&chain.stdout)?;
        ensure!(answer["finalized"].as_u64() >= Some(1), "{answer}");
    }
    // A second chain in the same place is refused.
    let second = script("devnet")?.args(start).arg(base.path()).output()?;
    ensure!(!second.status.success(), "two chains run in one place");
    drop(devnet);
    let after = script("devnet")?
        .args(["status", "--base-dir"])
        .arg(base.path())
        .output()?;
    ensure!(!after.status.success(), "validators run after the stop");
    Ok(())
}
