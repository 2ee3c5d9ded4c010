//! How far a long work is, for whoever waits.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::remark;

/// Where no terminal shows a line that moves, one is printed so often.
const SAID_EVERY: Duration = Duration::from_secs(10);

/// A line on standard error that counts rows; where that is no terminal, a line now and then.
pub(crate) struct Count {
    bar: ProgressBar,
    what: String,
    said: Instant,
}

impl Count {
    /// Of so many rows, where that is known.
    pub(crate) fn new(what: impl Into<String>, rows: Option<u64>) -> Count {
        match rows {
            Some(rows) => Count::of(
                what,
                ProgressBar::new(rows),
                "{msg} {wide_bar} {human_pos}/{human_len} rows {eta}",
            ),
            None => Count::of(
                what,
                ProgressBar::new_spinner(),
                "{spinner} {msg} {human_pos} rows {per_sec}",
            ),
        }
    }

    /// Of work that counts no rows.
    pub(crate) fn waiting(what: impl Into<String>) -> Count {
        Count::of(what, ProgressBar::new_spinner(), "{spinner} {msg} {elapsed}")
    }

    fn of(what: impl Into<String>, bar: ProgressBar, template: &str) -> Count {
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let what = what.into();
        bar.set_message(what.clone());
        bar.enable_steady_tick(Duration::from_millis(100));
        Count { bar, what, said: Instant::now() }
    }

    /// So many rows are done.
    pub(crate) fn reached(&mut self, rows: u64) {
        self.bar.set_position(rows);
        if self.said.elapsed() >= SAID_EVERY && !stderr().is_terminal() {
            self.said = Instant::now();
            remark(&format!("{}: {rows} rows", self.what));
        }
    }

    /// All are; the line goes.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
