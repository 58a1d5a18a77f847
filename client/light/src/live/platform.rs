//! smoldot on the operating system, with its bytes counted.

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
    pin::Pin,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

use smoldot_light::platform::{
    read_write::ReadWrite, Address, ConnectionType, DefaultPlatform, LogLevel, MultiStreamAddress,
    PlatformRef,
};

/// Bytes that went over the network since the start, with the libp2p protocols, but without TCP's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Came in.
    pub received: u64,
    /// Went out.
    pub sent: u64,
}

/// Counts [`Traffic`].
#[derive(Clone, Default)]
pub(super) struct Meter(Arc<Counts>);

#[derive(Default)]
struct Counts {
    received: AtomicU64,
    sent: AtomicU64,
}

impl Meter {
    pub(super) fn read(&self) -> Traffic {
        Traffic {
            received: self.0.received.load(Relaxed),
            sent: self.0.sent.load(Relaxed),
        }
    }
}

type Inner = Arc<DefaultPlatform>;

/// smoldot's own platform, and a meter.
#[derive(Clone)]
pub(super) struct Metered {
    inner: Inner,
    meter: Meter,
}

impl Metered {
    pub(super) fn new(meter: Meter) -> Self {
        let name = env!("CARGO_PKG_NAME").to_owned();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self {
            inner: DefaultPlatform::new(name, version),
            meter,
        }
    }
}

/// Access to a connection, which counts what it moved when it ends.
pub(super) struct Access<'a> {
    inner: <Inner as PlatformRef>::ReadWriteAccess<'a>,
    /// Bytes that were to be sent before.
    queued: usize,
    meter: Meter,
}

impl Deref for Access<'_> {
    type Target = ReadWrite<<Inner as PlatformRef>::Instant>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl DerefMut for Access<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

impl Drop for Access<'_> {
    fn drop(&mut self) {
        let sent = in_buffers(&self.inner.write_buffers).saturating_sub(self.queued);
        self.meter
            .0
            .received
            .fetch_add(self.inner.read_bytes as u64, Relaxed);
        self.meter.0.sent.fetch_add(sent as u64, Relaxed);
    }
}

fn in_buffers(buffers: &[Vec<u8>]) -> usize {
    buffers.iter().map(Vec::len).sum()
}

impl PlatformRef for Metered {
    type Delay = <Inner as PlatformRef>::Delay;
    type Instant = <Inner as PlatformRef>::Instant;
    type MultiStream = <Inner as PlatformRef>::MultiStream;
    type Stream = <Inner as PlatformRef>::Stream;
    type ReadWriteAccess<'a> = Access<'a>;
    type StreamErrorRef<'a> = <Inner as PlatformRef>::StreamErrorRef<'a>;
    type StreamConnectFuture = <Inner as PlatformRef>::StreamConnectFuture;
    type MultiStreamConnectFuture = <Inner as PlatformRef>::MultiStreamConnectFuture;
    type StreamUpdateFuture<'a> = <Inner as PlatformRef>::StreamUpdateFuture<'a>;
    type NextSubstreamFuture<'a> = <Inner as PlatformRef>::NextSubstreamFuture<'a>;

    fn now_from_unix_epoch(&self) -> Duration {
        self.inner.now_from_unix_epoch()
    }

    fn now(&self) -> Self::Instant {
        self.inner.now()
    }

    fn fill_random_bytes(&self, buffer: &mut [u8]) {
        self.inner.fill_random_bytes(buffer);
    }

    fn sleep(&self, duration: Duration) -> Self::Delay {
        self.inner.sleep(duration)
    }

    fn sleep_until(&self, when: Self::Instant) -> Self::Delay {
        self.inner.sleep_until(when)
    }

    fn spawn_task(&self, name: Cow<'_, str>, task: impl Future<Output = ()> + Send + 'static) {
        self.inner.spawn_task(name, task);
    }

    fn log<'a>(
        &self,
        level: LogLevel,
        target: &'a str,
        message: &'a str,
        values: impl Iterator<Item = (&'a str, &'a dyn fmt::Display)>,
    ) {
        self.inner.log(level, target, message, values);
    }

    fn client_name(&self) -> Cow<'_, str> {
        self.inner.client_name()
    }

    fn client_version(&self) -> Cow<'_, str> {
        self.inner.client_version()
    }

    fn supports_connection_type(&self, kind: ConnectionType) -> bool {
        self.inner.supports_connection_type(kind)
    }

    fn connect_stream(&self, address: Address<'_>) -> Self::StreamConnectFuture {
        self.inner.connect_stream(address)
    }

    fn connect_multistream(&self, address: MultiStreamAddress<'_>) -> Self::MultiStreamConnectFuture {
        self.inner.connect_multistream(address)
    }

    fn open_out_substream(&self, connection: &mut Self::MultiStream) {
        self.inner.open_out_substream(connection);
    }

    fn next_substream<'a>(&self, connection: &'a mut Self::MultiStream) -> Self::NextSubstreamFuture<'a> {
        self.inner.next_substream(connection)
    }

    fn read_write_access<'a>(
        &self,
        stream: Pin<&'a mut Self::Stream>,
    ) -> Result<Self::ReadWriteAccess<'a>, Self::StreamErrorRef<'a>> {
        let inner = self.inner.read_write_access(stream)?;
        let queued = in_buffers(&inner.write_buffers);
        Ok(Access {
            inner,
            queued,
            meter: self.meter.clone(),
        })
    }

    fn wait_read_write_again<'a>(&self, stream: Pin<&'a mut Self::Stream>) -> Self::StreamUpdateFuture<'a> {
        self.inner.wait_read_write_again(stream)
    }
}
