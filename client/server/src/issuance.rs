//! An issuer's service: OpenID for Verifiable Credential Issuance 1.0, pre-authorized code flow, deferred issuance.
//!
//! Wallets see these routes, below the service's URL:
//!
//! | route | what for |
//! |---|---|
//! | `GET /.well-known/openid-credential-issuer` | what the service issues, for which issuer of which chain |
//! | `GET /.well-known/oauth-authorization-server` | where codes are redeemed |
//! | `POST /token` | a code, once, for an access token |
//! | `POST /nonce` | what a proof of ownership is made for |
//! | `POST /credential` | commitment and proof, for a transaction |
//! | `POST /deferred_credential` | the transaction, for the credential once it is final |
//! | `POST /notification` | the wallet has it |
//!
//! The issuer's own programs see these, on another address and with a token:
//!
//! | route | what for |
//! |---|---|
//! | `POST /v1/offers` | offers for people |
//! | `POST /v1/revocations` | attestations to take back |
//! | `GET /v1/status` | how much waits |
//! | `GET /v1/customers/{reference}` | where one stands |
//! | `DELETE /v1/customers/{reference}` | delete what is not needed to revoke |
//!
//! A request is on disk when it is answered, and goes to the [`Registry`] and the chain in batches. A service that is
//! killed at any moment goes on where it was.

mod admin;
mod answer;
mod batcher;
mod client;
mod desk;
mod issuer;
mod limits;
mod nonces;
mod people;
mod registry;
mod routes;
mod store;

use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use ofage_sdk::issuance::messages::{IssuerUrl, Label};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use zeroize::Zeroizing;

pub use admin::{Made, MadePage, References, Wanted, WantedPage, MAX_OFFER_HOURS, MAX_PAGE, OFFER_HOURS};
pub use batcher::Pace;
pub use client::{AdminClient, AdminError};
pub use issuer::{Issuer, IssuerError};
pub use limits::{Rate, Rates};
pub use people::{Person, Unfit};
pub use registry::{Application, Registry, RegistryError, Standing, Taken};
pub use store::StoreError;

use crate::listen::{self, Bounds};
use desk::Desk;
use limits::Limits;
use store::Store;

/// Shortest token of the issuer's own programs, in characters.
pub const MIN_ADMIN_TOKEN: usize = 32;
/// Part of the connections that one address may have: so many addresses are needed to take them all.
const CONNECTIONS_SHARE: usize = 8;
/// Time that the batcher has to end what it is at.
const END: Duration = Duration::from_secs(20);

/// How it serves.
pub struct Config {
    /// Where wallets connect; port 0 is any free one.
    pub listen: SocketAddr,
    /// Where the issuer's own programs connect: an address of this machine.
    pub admin: SocketAddr,
    /// Whether other machines may connect to `listen`. Nothing is encrypted: put a proxy before it.
    pub allow_remote: bool,
    /// Whether requests come from a proxy that names the wallet's address in X-Forwarded-For.
    pub proxied: bool,
    /// The service's name to the world; none for the address it listens on.
    pub url: Option<IssuerUrl>,
    /// What it calls itself.
    pub name: Option<Label>,
    /// The file that it remembers in.
    pub store: PathBuf,
    /// What the issuer's own programs show.
    pub admin_token: Zeroizing<String>,
    /// How often wallets may ask.
    pub rates: Rates,
    /// Most connections of wallets at once.
    pub connections: usize,
    /// When batches go to the chain.
    pub pace: Pace,
    /// Seconds that wallets are told to wait before they ask again.
    pub interval: u32,
    /// Proofs that are looked at at a time.
    pub processors: usize,
    /// Unix seconds now.
    pub clock: fn() -> u64,
}

/// The service did not start, or had to end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Other machines could connect, without encryption.
    #[error("{0} can be reached from other machines, and nothing is encrypted; listen on 127.0.0.1 behind a proxy with HTTPS, or allow it with --allow-remote")]
    Remote(SocketAddr),
    /// Other machines could make offers.
    #[error(
        "{0} can be reached from other machines, which may not make offers; have --admin listen on 127.0.0.1"
    )]
    RemoteAdmin(SocketAddr),
    /// The name leads elsewhere.
    #[error(
        "the service can be reached from other machines, so it needs its public name: give --url https://…"
    )]
    NoUrl,
    /// The token could be guessed.
    #[error("the token of the issuer's programs is shorter than {MIN_ADMIN_TOKEN} characters; let the service make one")]
    AdminToken,
    /// The address cannot be had.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something that the operator wants to hear. It names no customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// So many attestations became final.
    Attested(u64),
    /// So many are taken back.
    Revoked(u64),
    /// Something failed, and is tried again.
    Failed(String),
}

/// Where it listens.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The service's name.
    pub url: IssuerUrl,
    /// Where wallets connect.
    pub listen: SocketAddr,
    /// Where the issuer's own programs connect.
    pub admin: SocketAddr,
}

/// Serves until `stop`. `ready` hears the addresses, `tell` what happens.
///
/// # Errors
/// [`ServeError`]; nothing was served then.
pub async fn serve<R: Registry>(
    registry: Arc<R>,
    config: Config,
    ready: impl FnOnce(Ready),
    tell: impl Fn(Event) + Send + Sync,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    if !config.listen.ip().is_loopback() && !config.allow_remote {
        return Err(ServeError::Remote(config.listen));
    }
    if !admin::is_local(config.admin) {
        return Err(ServeError::RemoteAdmin(config.admin));
    }
    if config.admin_token.len() < MIN_ADMIN_TOKEN {
        return Err(ServeError::AdminToken);
    }
    let (listener, listen) = bind(config.listen).await?;
    let (admin_listener, admin_address) = bind(config.admin).await?;
    let url = match config.url {
        Some(url) => url,
        None if listen.ip().is_loopback() => format!("http://{listen}")
            .parse()
            .map_err(|_| ServeError::NoUrl)?,
        None => return Err(ServeError::NoUrl),
    };
    let store = Store::open(&config.store, registry.genesis(), registry.issuer())?;
    // What the register had not written down when it was stopped, or a copy of it does not have, it is told again.
    store.requeue().await?;
    let desk = Arc::new(Desk::new(
        registry,
        store,
        url.clone(),
        config.clock,
        config.interval,
        config.processors,
    ));
    let limits = Limits::new(config.rates, Instant::now());
    let public = routes::Public::new(desk.clone(), limits, config.proxied, config.name);
    let wallets = routes::router(Arc::new(public));
    let programs = admin::router(Arc::new(admin::Admin::new(desk.clone(), &config.admin_token)));
    ready(Ready {
        url,
        listen,
        admin: admin_address,
    });
    let (stopping, stopped) = watch::channel(());
    let over = || {
        let mut stopped = stopped.clone();
        async move {
            // The sender is dropped when all is to end.
            let _ = stopped.changed().await;
        }
    };
    let bounds = Bounds {
        connections: config.connections,
        each: config.connections.div_ceil(CONNECTIONS_SHARE),
        ..Bounds::default()
    };
    let served = async {
        tokio::join!(
            listen::run(listener, wallets, bounds, over()),
            listen::run(admin_listener, programs, Bounds::default(), over()),
            batcher::sweep(&desk, &tell, over()),
        )
    };
    let batching = batcher::run(&desk, config.pace, &tell, over());
    let mut all = pin!(async { tokio::join!(served, batching) });
    tokio::select! {
        _ = &mut all => {}
        () = stop => {
            drop(stopping);
            // Requests end within the listener's own bound; what the chain is at goes on in the next run.
            let _ = timeout(END, all).await;
        }
    }
    Ok(())
}

async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

#[cfg(test)]
mod tests;
