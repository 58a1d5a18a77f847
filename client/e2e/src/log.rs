//! What a node writes, kept and waited for.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, Result};

#[derive(Default)]
struct Lines {
    text: Vec<String>,
    ended: bool,
}

/// The lines of one output stream, in memory, with waiting for one of them.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<(Mutex<Lines>, Condvar)>);

impl Log {
    /// Follows `stream` to its end in a thread of its own.
    pub(crate) fn follow(stream: impl Read + Send + 'static) -> Self {
        let log = Self::default();
        let writer = log.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            // Lossy: a log line may hold anything, and no line may be lost.
            while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                writer.lines().text.push(text);
                writer.0 .1.notify_all();
                line.clear();
            }
            writer.lines().ended = true;
            writer.0 .1.notify_all();
        });
        log
    }

    /// Waits for a line, old or new, of which `pick` makes a value.
    pub(crate) fn wait<T>(
        &self,
        what: &str,
        limit: Duration,
        mut pick: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        let mut seen = 0;
        let mut lines = self.lines();
        loop {
            for line in &lines.text[seen..] {
                if let Some(found) = pick(line) {
                    return Ok(found);
                }
            }
            seen = lines.text.len();
            let left = deadline.saturating_duration_since(Instant::now());
            if lines.ended || left.is_zero() {
                let why = if lines.ended {
                    "the node ended"
                } else {
                    "the time is over"
                };
                let tail = lines.text[seen.saturating_sub(15)..].join("\n");
                bail!("waited for {what}, but {why}; the end of its log:\n{tail}");
            }
            lines = self
                .0
                 .1
                .wait_timeout(lines, left)
                .expect("no thread panics with the log; qed")
                .0;
        }
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        self.lines().text.join("\n")
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0 .0.lock().expect("no thread panics with the log; qed")
    }
}
