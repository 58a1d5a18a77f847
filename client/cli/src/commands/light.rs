//! `ofage light`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::{Args, Subcommand};
use ofage_sdk::{
    clock,
    light::{Live, LiveOptions, MAX_DATABASE},
    private_file,
};
use ofage_server::light::{serve, Config, FinalRoot};
use serde_json::json;
use tokio::time::{interval, MissedTickBehavior};

use crate::{
    args::seconds,
    failure::{Failure, Status},
    files,
    interrupt::interrupted,
    output::Output,
};

/// Name of the file in `--data`.
const DATABASE: &str = "light.json";
/// Time between two copies of the database on disk.
const SAVE_EVERY: Duration = Duration::from_secs(600);

/// Commands of a light client that keeps running.
#[derive(Subcommand)]
pub(crate) enum LightCommand {
    /// Serve final roots, anchors, gates and checkpoints over HTTP.
    Serve(Serve),
    /// Find the newest final block, and tell what it took.
    Status(StatusOf),
}

impl LightCommand {
    pub(crate) async fn run(self, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Serve(command) => command.run(output).await,
            Self::Status(command) => command.run(output).await,
        }
    }
}

/// The chain to follow.
#[derive(Args)]
struct SpecArgs {
    /// The chain's raw specification. It is trusted: have it from whoever runs the chain.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// Address of a node to begin with, besides those of the specification: /ip4/…/tcp/…/p2p/…
    #[arg(long = "boot", value_name = "MULTIADDR")]
    boot: Vec<String>,
    /// Longest wait for one answer of the network, such as 90s or 2m.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "60s")]
    patience: u64,
}

impl SpecArgs {
    async fn start(&self, database: Option<String>) -> Result<Live, Failure> {
        let options = LiveOptions {
            database,
            patience: Duration::from_secs(self.patience),
        };
        let spec = files::read_spec(&self.spec)?;
        Ok(Live::start(&spec, &self.boot, options).await?)
    }
}

/// Serves what a light client proves.
#[derive(Args)]
#[command(after_help = "\
Prints one line of JSON with its address once it knows the newest final block, and serves until it is interrupted.
Whoever asks it believes it: it listens on this machine only, unless --allow-remote.

Example:
  ofage light serve --spec chain.json --listen 127.0.0.1:8080 --data light")]
pub(crate) struct Serve {
    #[command(flatten)]
    chain: SpecArgs,
    /// Where to listen; port 0 is any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Let other machines connect. Nothing is encrypted or signed: put a proxy before it.
    #[arg(long)]
    allow_remote: bool,
    /// Oldest final state that is served, such as 5m; when it is older, all answers are 503.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "5m")]
    max_state_age: u64,
    /// Directory for a faster start next time. What is in it is believed.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Serve {
    async fn run(self, output: &Output) -> Result<Status, Failure> {
        let stop = interrupted()?;
        let database = self.data.as_deref().map(load).transpose()?.flatten();
        let live = Arc::new(self.chain.start(database).await?);
        let config = Config {
            listen: self.listen,
            allow_remote: self.allow_remote,
            max_state_age: self.max_state_age,
            clock: clock::now,
        };
        let genesis = live.genesis();
        let mut told = Ok(());
        let ready = |address: SocketAddr| {
            let line = json!({ "listening": format!("http://{address}"), "genesis": genesis.to_string() });
            told = output.raw(format!("{line}\n").as_bytes());
        };
        let serving = serve(live.clone(), config, ready, stop);
        match &self.data {
            Some(directory) => {
                tokio::select! {
                    served = serving => served?,
                    () = keep_saving(&live, directory, output) => {}
                }
                save(&live, directory).await?;
            }
            None => serving.await?,
        }
        told?;
        Ok(Status::Yes)
    }
}

/// The database of an earlier run.
fn load(directory: &Path) -> Result<Option<String>, Failure> {
    let path = directory.join(DATABASE);
    match fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            private_file::create_dir(directory)?;
            Ok(None)
        }
        _ => {
            let text = String::from_utf8(files::read_up_to(&path, MAX_DATABASE as u64)?);
            let unusable = || format!("{} is no saved database; delete it", path.display());
            Ok(Some(text.map_err(|_| Failure::input(unusable()))?))
        }
    }
}

async fn save(live: &Live, directory: &Path) -> Result<(), Failure> {
    let path = directory.join(DATABASE);
    let database = live.database().await?;
    private_file::replace(&path, database.as_bytes())
        .map_err(|error| Failure::input(format!("cannot write {}: {error}", path.display())))
}

async fn keep_saving(live: &Live, directory: &Path, output: &Output) {
    let mut times = interval(SAVE_EVERY);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once.
    times.tick().await;
    loop {
        times.tick().await;
        if let Err(failure) = save(live, directory).await {
            output.talk.say(&failure.message);
        }
    }
}

/// Finds the newest final block.
#[derive(Args)]
#[command(after_help = "Example:\n  ofage light status --spec chain.json --json")]
pub(crate) struct StatusOf {
    #[command(flatten)]
    chain: SpecArgs,
}

impl StatusOf {
    async fn run(self, output: &Output) -> Result<Status, Failure> {
        let live = self.chain.start(None).await?;
        let bar = output.talk.spinner("looking for the newest final block");
        let head = FinalRoot::from(&live.finalized().await?);
        drop(bar);
        let age = clock::now().saturating_sub(head.time);
        let traffic = live.traffic();
        let result = json!({
            "genesis": live.genesis().to_string(),
            "finalized": head,
            "age_seconds": age,
            "peers": live.peers(),
            "received_bytes": traffic.received,
            "sent_bytes": traffic.sent,
        });
        output.result(&result, || {
            format!(
                "block {} is final, {age} seconds old; {} bytes came from {} nodes",
                head.number,
                traffic.received,
                live.peers()
            )
        })?;
        Ok(Status::Yes)
    }
}
