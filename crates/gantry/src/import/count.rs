//! How far an import is, for whoever waits before a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line on standard error that counts rows; nothing where that is no terminal.
pub(super) struct Count(ProgressBar);

impl Count {
    /// Of so many rows, where that is known.
    pub(super) fn new(what: &'static str, rows: Option<u64>) -> Count {
        let (bar, template) = match rows {
            Some(rows) => {
                (ProgressBar::new(rows), "{msg} {wide_bar} {human_pos}/{human_len} rows {eta}")
            }
            None => (ProgressBar::new_spinner(), "{spinner} {msg} {human_pos} rows {per_sec}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Count(bar)
    }

    /// So many rows are done.
    pub(super) fn reached(&mut self, rows: u64) {
        self.0.set_position(rows);
    }

    /// All are; the line goes.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
