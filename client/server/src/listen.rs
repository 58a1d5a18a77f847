//! Connections: how many, for how long, and their end.

use std::{future::Future, net::SocketAddr, pin::pin, time::Duration};

use axum::{body::Body, http::Request, Router};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// Bounds of a listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Most connections at once; further ones wait to be taken.
    pub(crate) connections: usize,
    /// Longest wait for the head of a request: a client that sends it byte by byte must not hold its place.
    pub(crate) head_time: Duration,
    /// Bytes that are read ahead, within which a request's head must fit.
    pub(crate) head: usize,
    /// Longest life of a connection, also of one that never reads its answers.
    pub(crate) life: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256,
            head_time: Duration::from_secs(10),
            head: 16 * 1_024,
            life: Duration::from_secs(300),
        }
    }
}

/// Time in which a connection that is to end may finish its request.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after a connection could not be taken, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// Who sent a request; each has it among its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Takes connections until `stop`, then lets the open ones finish their requests.
pub(crate) async fn run(listener: TcpListener, app: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            taken = listener.accept(), if connections.len() < bounds.connections => match taken {
                Ok((stream, peer)) => {
                    drop(connections.spawn(serve(stream, Peer(peer), app.clone(), bounds, stopped.clone())));
                }
                Err(error) => {
                    log::warn!("cannot take a connection: {error}");
                    sleep(PAUSE).await;
                }
            }
        }
    }
    drop((listener, stopping));
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, peer: Peer, app: Router, bounds: Bounds, mut stopped: watch::Receiver<()>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        app.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .max_buf_size(bounds.head)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // A connection that breaks is its client's business.
        _ = connection.as_mut() => return,
        () = sleep(bounds.life) => {}
        // The sender is dropped when the server stops.
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    // What is not done in time is cut off.
    let _ = timeout(GRACE, connection).await;
}
