//! Connections: how many, for how long, and their end.

use std::{
    collections::HashMap,
    future::Future,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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
    /// Most connections of one address, or of one network of IPv6; further ones are closed. Addresses of this machine are
    /// not counted: they are a proxy's.
    pub(crate) each: usize,
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
            each: 256,
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

/// Connections of each address that has any.
#[derive(Default)]
struct Held(Mutex<HashMap<IpAddr, usize>>);

/// A place among those of an address, given back when it is dropped.
struct Place(Arc<Held>, IpAddr);

impl Held {
    fn place(held: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let address = network(address);
        let mut all = held.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(address).or_default();
        if *count >= most && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Place(held.clone(), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.0 .0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.1);
            }
        }
    }
}

/// The part of an address that one person cannot change: of IPv6, the network of 64 bits.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        other => other,
    }
}

/// Takes connections until `stop`, then lets the open ones finish their requests.
pub(crate) async fn run(listener: TcpListener, app: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let held = Arc::new(Held::default());
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            taken = listener.accept(), if connections.len() < bounds.connections => match taken {
                Ok((stream, peer)) => {
                    if let Some(place) = Held::place(&held, peer.ip(), bounds.each) {
                        let serving = serve(stream, Peer(peer), app.clone(), bounds, stopped.clone());
                        drop(connections.spawn(async move {
                            let _place = place;
                            serving.await;
                        }));
                    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let held = Arc::new(Held::default());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = Held::place(&held, ip("2001:db8::1"), 2).unwrap();
        let _second = Held::place(&held, ip("2001:db8::2"), 2).unwrap();
        assert!(Held::place(&held, ip("2001:db8::3"), 2).is_none());
        let other = Held::place(&held, ip("192.0.2.1"), 2);
        assert!(other.is_some());
        drop((first, other));
        assert!(Held::place(&held, ip("2001:db8::3"), 2).is_some());
        assert_eq!(held.0.lock().unwrap().len(), 1);
        let local: Vec<_> = (0..9).map(|_| Held::place(&held, ip("::1"), 2)).collect();
        assert!(local.iter().all(Option::is_some), "a proxy is not counted");
    }
}
