//! The thread that writes.

use redb::Database;
use tokio::sync::{mpsc::Receiver, oneshot};

use super::{schema::Tables, StoreError};

/// Most jobs in one transaction: a bound on how long the first of them waits.
const GROUP: usize = 256;

/// Something to do in a transaction, answered when that is on disk.
pub(super) trait Job: Send {
    /// Does it; tells whether the transaction may be committed.
    fn run(&mut self, tables: &mut Tables<'_>) -> bool;

    /// Answers. An error takes the place of what was done: nothing of the transaction is on disk then.
    fn answer(self: Box<Self>, committed: Result<(), String>);
}

/// A [`Job`] of a function.
pub(super) struct Op<F, T> {
    act: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Op<F, T> {
    pub(super) fn new(act: F, answer: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self {
            act: Some(act),
            result: None,
            answer,
        }
    }
}

impl<F, T> Job for Op<F, T>
where
    F: FnOnce(&mut Tables<'_>) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, tables: &mut Tables<'_>) -> bool {
        self.result = self.act.take().map(|act| act(tables));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), String>) {
        let result = match (self.result, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(StoreError::Database(error)),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone away.
        let _ = self.answer.send(result);
    }
}

/// Works until all stores of the database are dropped.
pub(super) fn run(database: &Database, mut queue: Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP {
            match queue.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        let committed = write(database, &mut group).map_err(|error| error.to_string());
        for job in group {
            job.answer(committed.clone());
        }
    }
}

fn write(database: &Database, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let transaction = database.begin_write()?;
    let mut tables = Tables::open(&transaction)?;
    for job in group {
        // A job that failed halfway may have left half of its work, so nothing of this transaction counts.
        if !job.run(&mut tables) {
            return Err(StoreError::Database(
                "a write failed; nothing of it counts".into(),
            ));
        }
    }
    drop(tables);
    transaction.commit()?;
    Ok(())
}
