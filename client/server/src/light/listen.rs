//! Connections: how many, for how long, and their end.

use std::{future::Future, pin::pin, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Most connections at once; further ones wait to be taken.
const MAX_CONNECTIONS: usize = 256;
/// Longest wait for the head of a request: a client that sends it byte by byte must not hold its place.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Bytes that are read ahead, within which a request's head must fit.
const MAX_HEAD: usize = 16 * 1_024;
/// Longest life of a connection, also of one that never reads its answers.
const LIFE: Duration = Duration::from_secs(300);
/// Time in which a connection that is to end may finish its request.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after a connection could not be taken, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections until `stop`, then lets the open ones finish their requests.
pub(super) async fn run(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            taken = listener.accept(), if connections.len() < MAX_CONNECTIONS => match taken {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, app.clone(), stopped.clone()))),
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

async fn serve(stream: TcpStream, app: Router, mut stopped: watch::Receiver<()>) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut connection = pin!(connection);
    tokio::select! {
        // A connection that breaks is its client's business.
        _ = connection.as_mut() => return,
        () = sleep(LIFE) => {}
        // The sender is dropped when the server stops.
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    // What is not done in time is cut off.
    let _ = timeout(GRACE, connection).await;
}
