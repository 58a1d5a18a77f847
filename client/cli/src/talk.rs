//! What is said while a command works: lines and progress bars, on stderr only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const TICK: Duration = Duration::from_millis(120);

/// Talks to the person at the terminal.
pub(crate) struct Talk {
    quiet: bool,
}

impl Talk {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// Said also when quiet.
    pub(crate) fn error(&self, text: &str) {
        eprintln!("error: {}", plain(text));
    }

    /// A sign of life for work of unknown length; it disappears when dropped.
    pub(crate) fn spinner(&self, text: &'static str) -> Bar {
        let bar = self.target(ProgressBar::new_spinner());
        bar.set_message(text);
        bar.enable_steady_tick(TICK);
        Bar(bar)
    }

    /// Counts without knowing how far; it disappears when dropped.
    pub(crate) fn counter(&self, text: &'static str) -> Bar {
        let bar = self.target(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {human_pos} ({per_sec})") {
            bar.set_style(style);
        }
        bar.set_message(text);
        bar.enable_steady_tick(TICK);
        Bar(bar)
    }

    /// A bar that counts to `total`, with rate and time left.
    pub(crate) fn bar(&self, total: u64, text: &'static str) -> Bar {
        let bar = self.target(ProgressBar::new(total));
        let style =
            ProgressStyle::with_template("{msg} [{bar:30}] {human_pos}/{human_len} ({per_sec}, {eta} left)");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(text);
        bar.enable_steady_tick(TICK);
        Bar(bar)
    }

    fn target(&self, bar: ProgressBar) -> ProgressBar {
        // Without a terminal, indicatif draws nothing.
        bar.set_draw_target(if self.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        bar
    }
}

/// A text without what could repaint the terminal or turn its writing around: some of it comes from the node.
pub(crate) fn plain(text: &str) -> String {
    let harmful = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { ' ' } else { c }).collect()
}

/// A bar on the terminal until dropped.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn set(&self, done: u32, total: u32) {
        self.0.set_length(u64::from(total));
        self.0.set_position(u64::from(done));
    }

    pub(crate) fn advance(&self, by: u64) {
        self.0.inc(by);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
