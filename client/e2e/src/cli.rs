//! The `ofage` command under test.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{bail, ensure, Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::{binaries, Node};

/// Runs `ofage` against one node, in a directory of its own.
pub struct Ofage {
    binary: PathBuf,
    url: String,
    dir: TempDir,
}

/// What one run of the command gave.
#[derive(Debug)]
pub struct Answer {
    /// The exit code; the CLI chapter of the book lists them.
    pub code: i32,
    /// The result.
    pub stdout: String,
    /// The talk.
    pub stderr: String,
}

impl Ofage {
    /// A command that talks to `node`.
    pub fn new(node: &Node) -> Result<Self> {
        let dir = TempDir::with_prefix("ofage-e2e-cli-").context("no temporary directory")?;
        Ok(Self {
            binary: binaries::ofage()?,
            url: node.url(),
            dir,
        })
    }

    /// Talks to `node` from now on: one that was started again has another port.
    pub fn talk_to(&mut self, node: &Node) {
        self.url = node.url();
    }

    /// A path in its directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command in its directory, with its node, to be run by the caller.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("OFAGE_NODE", &self.url);
        command
    }

    /// Runs the command with no input; any exit code is an answer.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Answer> {
        self.run_with(args, b"")
    }

    /// Runs the command with `input` on its stdin.
    pub fn run_with<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Result<Answer> {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", self.binary.display()))?;
        let mut stdin = child.stdin.take().context("no stdin")?;
        let input = input.to_vec();
        // A command that does not read its stdin closes it: no failure of the test.
        let writer = thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().context("cannot wait for the command")?;
        let _ = writer.join();
        Ok(Answer {
            code: output
                .status
                .code()
                .context("the command was killed by a signal")?,
            stdout: String::from_utf8(output.stdout).context("stdout is not text")?,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs the command and demands success.
    pub fn ok<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Answer> {
        self.run(args)?.expect(0)
    }
}

impl Answer {
    /// Fails with all that was said unless the exit code is `code`.
    pub fn expect(self, code: i32) -> Result<Self> {
        ensure!(
            self.code == code,
            "exit code {} where {code} was expected\nstdout: {}\nstderr: {}",
            self.code,
            self.stdout,
            self.stderr
        );
        Ok(self)
    }

    /// Fails unless stdout or stderr says `text`, in any case of letters.
    pub fn says(self, text: &str) -> Result<Self> {
        let all = format!("{}\n{}", self.stdout, self.stderr).to_lowercase();
        if !all.contains(&text.to_lowercase()) {
            bail!(
                "nothing of '{text}' in\nstdout: {}\nstderr: {}",
                self.stdout,
                self.stderr
            );
        }
        Ok(self)
    }

    /// Its stdout as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("stdout is not JSON: {}", self.stdout))
    }
}
