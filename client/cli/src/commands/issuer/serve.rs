//! `ofage issuer serve`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use ofage_sdk::{
    clock,
    issuance::messages::{IssuerUrl, Label},
    issuer::attest::MAX_BATCH,
    private_file, random,
};
use ofage_server::issuance::{serve, Config, Event, Issuer, Pace, Rate, Rates, Ready};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    args::{seconds, Global, KeyArgs},
    failure::{Failure, Status},
    faults, files,
    interrupt::interrupted,
    output::Output,
};

/// Random bytes of a token that is made here.
const TOKEN_BYTES: usize = 32;
/// Longest file with a token.
const MAX_TOKEN_FILE: u64 = 4_096;

/// Hands out attestations to wallets: OpenID4VCI 1.0, pre-authorized code flow, deferred issuance.
#[derive(Args)]
#[command(after_help = "\
Prints one line of JSON with its addresses, and serves until it is interrupted. Wallets connect to --listen, through a
proxy that has the certificate of the public name (--url, --proxied). The issuer's own programs, such as
ofage issuer offer, connect to --admin on this machine, with the token of --admin-token-file, which is made when absent.
All that was answered is on disk: a service that is killed goes on where it was.

Example:
  ofage issuer serve --register issuer.register --store issuance.store --admin-token-file admin.token --dev-key Issuer1
  ofage issuer serve --register issuer.register --store issuance.store --admin-token-file admin.token --proxied --url https://ages.bank.example --key-file attester.key")]
pub(crate) struct Serve {
    /// The issuer's record of what it attested; it is made when absent, and private.
    #[arg(long, value_name = "FILE")]
    register: PathBuf,
    /// The service's own file; it is made when absent, and private.
    #[arg(long, value_name = "FILE")]
    store: PathBuf,
    /// Where wallets connect; port 0 is any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Where the issuer's own programs connect: an address of this machine.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8091")]
    admin: SocketAddr,
    /// File with the token of the issuer's own programs; it is made when absent, and private.
    #[arg(long, value_name = "FILE")]
    admin_token_file: PathBuf,
    /// The service's name to the world, without a slash at the end; the address it listens on when absent.
    #[arg(long, value_name = "URL")]
    url: Option<IssuerUrl>,
    /// What the service calls itself to people.
    #[arg(long, value_name = "TEXT")]
    name: Option<Label>,
    /// Let other machines connect. Nothing is encrypted: put a proxy with HTTPS before it.
    #[arg(long)]
    allow_remote: bool,
    /// Requests come from a proxy that names the wallet's address last in X-Forwarded-For.
    #[arg(long)]
    proxied: bool,
    /// Attest at the latest when so many wait.
    #[arg(long, value_name = "N", default_value_t = MAX_BATCH, value_parser = batch)]
    batch: usize,
    /// Attest at the latest after so long, such as 10s or 5m.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "30s")]
    every: u64,
    /// Requests a second that one address may send in the long run; twelve times as many at once.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Requests a second of all addresses together; twice as many at once.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    rate_all: u32,
    /// Most connections of wallets at once.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    connections: u32,
    #[command(flatten)]
    key: KeyArgs,
}

fn batch(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=MAX_BATCH).contains(&n) => Ok(n),
        _ => Err(format!("give a number from 1 to {MAX_BATCH}")),
    }
}

impl Serve {
    pub(crate) async fn run(self, global: &Global, output: &Output) -> Result<Status, Failure> {
        let stop = interrupted()?;
        faults::tell();
        let signer = self.key.signer()?;
        let admin_token = token(&self.admin_token_file)?;
        let chain = global.connect().await?;
        let issuer = Arc::new(Issuer::open(chain, signer, &self.register, self.batch).await?);
        let config = Config {
            listen: self.listen,
            admin: self.admin,
            allow_remote: self.allow_remote,
            proxied: self.proxied,
            url: self.url,
            name: self.name,
            store: self.store,
            admin_token,
            rates: Rates {
                each: rate(self.rate, 12.0),
                all: rate(self.rate_all, 2.0),
            },
            connections: self.connections as usize,
            pace: Pace {
                batch: self.batch,
                every: Duration::from_secs(self.every),
            },
            interval: INTERVAL,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            clock: clock::now,
        };
        let mut told = Ok(());
        let ready = |ready: Ready| {
            let line = json!({
                "url": ready.url,
                "listening": format!("http://{}", ready.listen),
                "admin": ready.admin.to_string(),
            });
            told = output.raw(format!("{line}\n").as_bytes());
        };
        let tell = |event| {
            output.talk.say(&match event {
                Event::Attested(count) => format!("{count} attestations became final"),
                Event::Revoked(count) => format!("{count} revocations are done"),
                Event::Failed(error) => format!("{error}; it is tried again"),
            });
        };
        serve(issuer, config, ready, tell, stop).await?;
        told?;
        Ok(Status::Yes)
    }
}

/// Seconds that wallets are told to wait before they ask again: blocks come about as often.
const INTERVAL: u32 = 5;

fn rate(per_second: u32, at_once: f64) -> Rate {
    let per_second = f64::from(per_second);
    Rate {
        per_second,
        burst: per_second * at_once,
    }
}

/// The token of a file, which is made when absent.
fn token(path: &Path) -> Result<Zeroizing<String>, Failure> {
    if !path.exists() {
        let made = random::bytes::<TOKEN_BYTES>().map_err(|error| Failure::internal(error.to_string()))?;
        let text = Zeroizing::new(format!("{}\n", hex::encode(&made[..])));
        match private_file::create(path, text.as_bytes()) {
            // Another process made it just now.
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(Failure::input(format!(
                    "cannot write {}: {error}",
                    path.display()
                )));
            }
            _ => {}
        }
    }
    read_token(path)
}

/// The token on the first line of a file.
pub(super) fn read_token(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = Zeroizing::new(files::read_up_to(path, MAX_TOKEN_FILE)?);
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let token = Zeroizing::new(text.lines().next().unwrap_or_default().trim().to_owned());
    match token.is_empty() {
        true => Err(Failure::input(format!("{} holds no token", path.display()))),
        false => Ok(token),
    }
}
