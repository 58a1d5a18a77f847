//! Ending what was started.

use std::process::{Child, Command};

use anyhow::{ensure, Context, Result};

/// Sends a signal that asks a process to end, and waits; fails unless it ends well. `what` names it.
pub(crate) fn end(child: &mut Child, signal: &str, what: &str) -> Result<()> {
    let pid = child.id().to_string();
    let status = Command::new("kill")
        .args([signal, &pid])
        .status()
        .context("cannot run kill")?;
    ensure!(status.success(), "{what} had ended before it was told to");
    let status = child.wait().with_context(|| format!("cannot wait for {what}"))?;
    ensure!(status.success(), "{what} ended with {status} when told to stop");
    Ok(())
}
