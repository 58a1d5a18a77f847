//! From the queue to the register, and from there to the chain: in batches, by size and by time.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::{sleep_until, Instant};

use super::{
    desk::Desk,
    registry::{Application, Registry, RegistryError, Taken},
    store::{State, StoreError},
    Event,
};

/// Requests that go from the queue to the register in one step.
const STEP: usize = 256;
/// Revocations that are done in one call to the chain's side.
const REVOCATIONS: usize = 1_024;
/// Pause after a failure, doubled with each further one.
const PAUSE: Duration = Duration::from_secs(2);
/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// Time between two sweeps of what is past its end.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Rows that one look for forgotten deliveries sees: as many as one sweep deletes.
const RIPE: usize = 1_000;

/// When a batch goes to the chain.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// At the latest with so many requests.
    pub batch: usize,
    /// At the latest after so long.
    pub every: Duration,
}

/// Something failed; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Works until `stop`. What is under way then is left as it is: the register goes on with it the next time.
pub(super) async fn run<R: Registry>(
    desk: &Desk<R>,
    pace: Pace,
    tell: &(dyn Fn(Event) + Send + Sync),
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let mut pause = PAUSE;
    // What an earlier run left behind goes first.
    let mut due = Some(Instant::now());
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = until(due) => {}
            () = desk.work.notified() => {
                let now = Instant::now();
                match full(desk, pace.batch) {
                    Ok(true) => {}
                    // Not enough yet: the first of them starts the clock.
                    Ok(false) => {
                        due = Some(due.unwrap_or(now + pace.every));
                        continue;
                    }
                    Err(error) => {
                        tell(Event::Failed(error.to_string()));
                        due = Some(now + pause);
                        continue;
                    }
                }
            }
        }
        let outcome = tokio::select! {
            () = &mut stop => return,
            outcome = round(desk, tell) => outcome,
        };
        due = match outcome {
            Ok(()) => {
                pause = PAUSE;
                // What came meanwhile has waited long enough to have its turn by the clock.
                match desk.store.counts() {
                    Ok(counts) if counts.queued + counts.revocations > 0 => Some(Instant::now() + pace.every),
                    _ => None,
                }
            }
            Err(error) => {
                tell(Event::Failed(error.to_string()));
                let next = Instant::now() + pause;
                pause = (pause * 2).min(MAX_PAUSE);
                Some(next)
            }
        };
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Whether a batch is full, or something is to be revoked, which does not wait.
fn full<R: Registry>(desk: &Desk<R>, batch: usize) -> Result<bool, StoreError> {
    let counts = desk.store.counts()?;
    Ok(counts.revocations > 0 || counts.queued >= batch as u64)
}

/// Everything that waits, to the chain.
async fn round<R: Registry>(desk: &Desk<R>, tell: &(dyn Fn(Event) + Send + Sync)) -> Result<(), Failed> {
    while take(desk).await? {}
    if desk.registry.waiting()? > 0 {
        let count = desk.registry.settle().await?;
        tell(Event::Attested(count));
    }
    let references = desk.store.revocations(REVOCATIONS)?;
    if !references.is_empty() {
        desk.registry.revoke(&references).await?;
        tell(Event::Revoked(references.len() as u64));
        desk.store.revoked(references).await?;
    }
    Ok(())
}

/// Some requests, from the queue to the register; tells whether there may be more.
///
/// A crash in between is no harm: a request that is still in the queue is in the register then, which knows it.
pub(super) async fn take<R: Registry>(desk: &Desk<R>) -> Result<bool, Failed> {
    let _moving = desk.moving.lock().await;
    let waiting = desk.store.queued(STEP)?;
    let more = waiting.len() == STEP;
    let mut rows = Vec::with_capacity(waiting.len());
    let registry = desk.registry.clone();
    let (taken, failure) = tokio::task::spawn_blocking(move || {
        for entry in waiting {
            let application = entry.transaction.and_then(|row| {
                Some(Application {
                    attributes: row.attributes()?,
                    identity: row.identity,
                    reissue: row.renewal.into(),
                    reference: row.reference,
                })
            });
            let state = match application.map(|application| registry.take(application)) {
                Some(Ok(Taken::Yes)) => State::Taken,
                // Forgotten meanwhile, or damaged.
                Some(Ok(Taken::No)) | None => State::Refused,
                // Those before it are in.
                Some(Err(error)) => return (rows, Some(error)),
            };
            rows.push((entry.place, entry.id, state));
        }
        (rows, None)
    })
    .await
    .map_err(|_| StoreError::Closed)?;
    if !taken.is_empty() {
        desk.store.taken(taken).await?;
    }
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(more),
    }
}

/// Deletes what is past its end, from time to time, until `stop`.
pub(super) async fn sweep<R: Registry>(
    desk: &Desk<R>,
    tell: &(dyn Fn(Event) + Send + Sync),
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    loop {
        if let Err(error) = sweep_once(desk).await {
            tell(Event::Failed(error.to_string()));
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
    }
}

pub(super) async fn sweep_once<R: Registry>(desk: &Desk<R>) -> Result<(), Failed> {
    let now = desk.now();
    loop {
        // A wallet that never told has it all the same, as far as anybody can know.
        for ripe in desk.store.ripe(now, RIPE)? {
            desk.delivered(ripe.reference).await?;
            desk.store.done(ripe.id).await?;
        }
        if !desk.store.sweep(now).await? {
            return Ok(());
        }
    }
}
