//! The one task that talks to the light client inside.

use std::{future::Future, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{sleep_until, Instant},
};

use super::{
    desk::{Desk, Known, Question},
    LiveError,
};

/// What speaks JSON-RPC.
pub(super) trait Line: Send {
    /// Sends a request.
    ///
    /// # Errors
    /// None is taken any more.
    fn send(&mut self, request: String) -> Result<(), LiveError>;

    /// The next message; `None` if there will be none. Nothing is lost when the future is dropped.
    fn next(&mut self) -> impl Future<Output = Option<String>> + Send;
}

/// Talks until nobody has questions any more, or there is an end that nothing can mend. News that stop are asked for
/// again after a pause at least, so that a fault that comes back does not keep the processor busy.
pub(super) async fn run(
    mut line: impl Line,
    mut desk: Desk,
    mut questions: mpsc::Receiver<Question>,
    known: watch::Sender<Known>,
    pause: Duration,
) {
    let mut follow_at = Instant::now();
    let end = loop {
        if let Err(end) = desk
            .outgoing()
            .into_iter()
            .try_for_each(|request| line.send(request))
        {
            break end;
        }
        tokio::select! {
            message = line.next() => {
                let Some(message) = message else { break LiveError::Ended };
                if let Err(end) = desk.hear(&message) {
                    break end;
                }
            }
            question = questions.recv() => match question {
                Some(question) => desk.ask(question),
                None => break LiveError::Ended,
            },
            () = sleep_until(follow_at), if desk.is_off() => {
                desk.follow();
                follow_at = Instant::now() + pause;
            }
        }
    };
    known.send_modify(|known| known.end = Some(end));
}
