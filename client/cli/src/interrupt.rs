//! The end of a command that runs until it is told to stop.

use std::future::Future;

use crate::failure::Failure;

/// Ends when the user or the system wants the program to end.
pub(crate) fn interrupted() -> Result<impl Future<Output = ()>, Failure> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        // Without this signal, the process is killed.
        let _ = tokio::signal::ctrl_c().await;
    })
}
