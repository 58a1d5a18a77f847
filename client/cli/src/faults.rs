//! Faults that the services of this project meet while they serve, told on stderr.

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::talk::plain;

/// Only this project's services: what other crates log may hold anything.
const OURS: &str = "ofage_server";

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn && metadata.target().starts_with(OURS)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("{}", plain(&record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

/// Tells them from now on.
pub(crate) fn tell() {
    // Fails only if it is done twice, which changes nothing.
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}
