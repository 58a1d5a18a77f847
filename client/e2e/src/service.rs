//! An issuance service under test.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Stdio},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{process, Ofage};

/// `ofage issuer serve`, with its files in the directory of a command.
pub struct Service {
    child: Child,
    /// Where the issuer's own programs connect.
    pub admin: String,
    /// Where wallets connect.
    pub url: String,
}

impl Service {
    /// Starts it and waits until it listens.
    pub fn start(ofage: &Ofage, arguments: &[&str]) -> Result<Self> {
        let mut child = ofage
            .command([
                "issuer",
                "serve",
                "--register",
                "register",
                "--store",
                "store",
                "--admin-token-file",
                "token",
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("cannot start the service")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).context("the service did not start")?;
        let text = |name: &str| said[name].as_str().map(str::to_owned).context("no address");
        Ok(Self {
            child,
            admin: text("admin")?,
            url: text("url")?,
        })
    }

    /// Tells it to stop, and waits.
    pub fn stop(mut self) -> Result<()> {
        process::end(&mut self.child, "-INT", "the service")
    }

    /// Ends it like a power failure.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill().context("cannot kill the service")?;
        self.child.wait().context("cannot wait for the service")?;
        Ok(())
    }

    /// Offers, one for each row of a CSV file: their links.
    pub fn offers(&self, ofage: &Ofage, csv: &PathBuf, arguments: &[&str]) -> Result<Vec<String>> {
        let csv = csv.to_str().context("the path is not text")?;
        let offer = [
            "--json",
            "issuer",
            "offer",
            "--csv",
            csv,
            "--admin",
            &self.admin,
            "--admin-token-file",
            "token",
        ];
        let made = ofage.ok(offer.iter().chain(arguments))?.json()?;
        let offers = made["offers"].as_array().context("no offers")?;
        let link = |offer: &Value| offer["offer"].as_str().map(str::to_owned).context("no link");
        offers.iter().map(link).collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
