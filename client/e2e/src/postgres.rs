//! A PostgreSQL server under test: Debian's, in a directory of its own, on a Unix socket there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{bail, ensure, Context, Result};
use tempfile::TempDir;

/// A server, stopped when dropped.
pub struct Postgres {
    binaries: PathBuf,
    dir: TempDir,
    /// The server refuses to run as root.
    as_user: Option<&'static str>,
}

/// Debian's user of the server.
const USER: &str = "postgres";

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Result<Self> {
        let binaries = binaries()?;
        let dir = TempDir::with_prefix("ofage-e2e-pg-").context("no temporary directory")?;
        let is_root = Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0";
        let server = Self {
            binaries,
            dir,
            as_user: is_root.then_some(USER),
        };
        if is_root {
            let owner = format!("{USER}:{USER}");
            let path = server.dir.path().as_os_str();
            let changed = Command::new("chown").arg(owner).arg(path).status()?;
            ensure!(changed.success(), "cannot hand the directory to {USER}");
        }
        let data = server.data();
        server.call(
            "initdb",
            &["--auth=trust", "--username=ofage", "--no-sync", "--pgdata", &data],
        )?;
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={}",
            server.socket()
        );
        server.call(
            "pg_ctl",
            &[
                "--wait",
                "--pgdata",
                &data,
                "--log",
                &server.path("log"),
                "--options",
                &options,
                "start",
            ],
        )?;
        Ok(server)
    }

    /// What a client takes to connect.
    pub fn connection(&self) -> String {
        format!("host={} user=ofage dbname=postgres\n", self.socket())
    }

    /// Runs SQL and gives what it printed.
    pub fn run(&self, sql: &str) -> Result<String> {
        self.call(
            "psql",
            &[
                "--no-psqlrc",
                "--set",
                "ON_ERROR_STOP=1",
                "--host",
                &self.socket(),
                "--username",
                "ofage",
                "--command",
                sql,
                "postgres",
            ],
        )
    }

    fn socket(&self) -> String {
        self.path("")
    }

    fn data(&self) -> String {
        self.path("data")
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn call(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let program = self.binaries.join(program);
        let mut command = match self.as_user {
            None => Command::new(&program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid", user, "--regid", user, "--clear-groups"])
                    .arg(&program);
                command
            }
        };
        // To a file: the server inherits the descriptors, and would keep a pipe open.
        let said = self.dir.path().join("said");
        let file = fs::File::create(&said)?;
        let status = command
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let said = fs::read_to_string(said)?;
        ensure!(status.success(), "{} says: {said}", program.display());
        Ok(said)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.call("pg_ctl", &["--mode", "immediate", "--pgdata", &data, "stop"]);
    }
}

/// Where Debian keeps the newest version.
fn binaries() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir(Path::new("/usr/lib/postgresql"))
        .context("PostgreSQL is missing; scripts/setup --tests installs it")?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|path| path.join("initdb").exists())
        .collect();
    versions.sort();
    match versions.pop() {
        Some(path) => Ok(path),
        None => bail!("PostgreSQL is missing; scripts/setup --tests installs it"),
    }
}
