//! A light client over HTTP: final roots, anchors, gates, checkpoints.
//!
//! | route | answer |
//! |---|---|
//! | `GET /health` | whether the newest final block is young enough |
//! | `GET /v1/head` | the newest final block and its registry root |
//! | `GET /v1/roots?from=&limit=` | a page of final blocks seen since the start, oldest first |
//! | `GET /v1/roots/{number}` | one final block |
//! | `GET /v1/gates/{id}` | a gate |
//! | `GET /v1/checkpoint` | a checkpoint to start from offline |
//! | `POST /v1/anchors` | whether `{"list", "anchor", "circuit"}` counts, and by which final block's state |
//!
//! Each answer tells the age of the state that it is about (`age_seconds`). When the newest final block is older than
//! [`Config::max_state_age`], all answers are 503: an attacker who cuts the network off must not make old roots look new.
//!
//! When the light client ends, as when it saw two final blocks of one height, answers are 503 and the service ends with
//! an error, so that what supervises it takes notice.
//!
//! Whoever can connect may ask, but for web pages, so everything is bounded: connections and their lives, requests in
//! bytes and time, pages, and the questions that go on to the network.

mod answer;
mod ring;
mod roots;
mod routes;

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc};

use ofage_light::{
    live::{Live, LiveError},
    FinalizedHeader,
};
use tokio::{
    net::TcpListener,
    sync::broadcast::{error::RecvError, Receiver},
};

use crate::listen::{self, Bounds};
pub use roots::FinalRoot;
use roots::{Gate, Roots};
use routes::{router, Service};

/// How it serves.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Where; port 0 is any free one.
    pub listen: SocketAddr,
    /// Whether other machines may connect. Answers are neither encrypted nor signed, so put a proxy before it.
    pub allow_remote: bool,
    /// Oldest final state that is served, in seconds.
    pub max_state_age: u64,
    /// Unix seconds now.
    pub clock: fn() -> u64,
}

/// The server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Other machines could connect.
    #[error("{0} can be reached from other machines, and whoever asks believes what is neither encrypted nor signed; listen on 127.0.0.1 behind a proxy, or allow it with --allow-remote")]
    Remote(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The light client does not know of a final block, or has ended.
    #[error(transparent)]
    Live(#[from] LiveError),
}

/// Serves until `stop`, once the light client knows of a final block. `ready` hears the address.
///
/// # Errors
/// [`ServeError`]; nothing was served then, but for [`ServeError::Live`], when the light client ended on the way.
pub async fn serve(
    live: Arc<Live>,
    config: Config,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let Config { listen, .. } = config;
    if !listen.ip().is_loopback() && !config.allow_remote {
        return Err(ServeError::Remote(listen));
    }
    let failed = |source| ServeError::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let mut news = live.subscribe();
    let (app, service) = router(live.clone(), config);
    service.push(FinalRoot::from(&live.finalized().await?));
    ready(address);
    let (stopping, mut ended) = (pin!(stop), None);
    let over = async {
        tokio::select! {
            () = stopping => {}
            error = follow(&live, &mut news, &service) => {
                // Nothing is answered from what it knew: it may have ended because the authorities cheat.
                service.end(error.clone());
                ended = Some(error);
            }
        }
    };
    listen::run(listener, app, Bounds::default(), over).await;
    ended.map_or(Ok(()), |error| Err(error.into()))
}

/// Adds each block that becomes final, until the light client ends, and tells why.
async fn follow(live: &Live, news: &mut Receiver<FinalizedHeader>, service: &Service<Live>) -> LiveError {
    loop {
        match news.recv().await {
            Ok(header) => service.push(FinalRoot::from(&header)),
            // Pages have gaps then; a block alone is asked for on the network.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return live.finalized().await.err().unwrap_or(LiveError::Ended),
        }
    }
}

#[cfg(test)]
mod tests;
