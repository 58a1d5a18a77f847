//! Results on stdout, everything else on stderr.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use crate::{args::Global, failure::Failure, talk::Talk};

/// Where a command prints.
pub(crate) struct Output {
    json: bool,
    /// Talk on stderr.
    pub(crate) talk: Talk,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            json: global.json,
            talk: Talk::new(global.quiet),
        }
    }

    /// Prints a result: the JSON document with `--json`, else the text.
    pub(crate) fn result<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let shown = if self.json {
            serde_json::to_string_pretty(value)?
        } else {
            text()
        };
        self.raw(shown.as_bytes())?;
        if shown.ends_with('\n') || shown.is_empty() {
            return Ok(());
        }
        self.raw(b"\n")
    }

    /// Writes to stdout as it is. A reader that has seen enough is no failure.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::input(format!("cannot write to the output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Tells a failure, and gives its exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> u8 {
        if self.json {
            let mut document =
                json!({ "error": { "kind": failure.kind.name(), "message": failure.message } });
            if let Some(code) = failure.code {
                document["error"]["code"] = json!(code);
            }
            // Nothing is left to do when this cannot be written either.
            let _ = self.raw(format!("{document:#}\n").as_bytes());
        }
        self.talk.error(&failure.message);
        failure.kind.code()
    }
}
