//! How often somebody failed to sign in, and how long that keeps the account shut.

use serde::{Deserialize, Serialize};

/// So often one may fail in a row, and try again at once.
const FREE: u32 = 5;
/// How long an account is shut then, in milliseconds; each further failure doubles it.
const FIRST_WAIT: i64 = 30 * 1_000;
/// The longest that it is shut.
const LONGEST_WAIT: i64 = 15 * 60 * 1_000;
/// After so long without a failure the ones of before are forgotten.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1_000;

/// Failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failures {
    /// How many.
    pub(super) count: u32,
    /// When the last one was (ms).
    pub(super) last: i64,
}

impl Failures {
    /// Until when the account is shut (ms), where it is.
    pub(super) fn shut_until(&self, now: i64) -> Option<i64> {
        let doublings = self.count.checked_sub(FREE)?;
        let wait = FIRST_WAIT.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT);
        let until = self.last.saturating_add(wait);
        // Clocks of nodes are seconds apart; one that was put back by more must keep nobody out.
        let is_of_now = self.last.saturating_sub(now) <= LONGEST_WAIT;
        (is_of_now && until > now).then_some(until)
    }

    /// Counts one more. Whoever tries while the account is shut does not keep it shut for longer.
    pub(super) fn add(&mut self, now: i64) {
        if self.shut_until(now).is_some() {
            return;
        }
        if now.saturating_sub(self.last) > FORGOTTEN {
            self.count = 0;
        }
        *self = Failures { count: self.count.saturating_add(1), last: now };
    }

    /// Takes one back: it was none.
    pub(super) fn take_back(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(times: u32) -> Failures {
        let mut failures = Failures::default();
        let mut now = 1_000_000_000;
        for _ in 0..times {
            now = failures.shut_until(now).unwrap_or(now);
            failures.add(now);
        }
        failures
    }

    fn wait(times: u32) -> i64 {
        let failures = failed(times);
        failures.shut_until(failures.last).map_or(0, |until| (until - failures.last) / 1_000)
    }

    #[test]
    fn each_failure_beyond_the_fourth_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=12).map(wait).collect();
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(wait(200), 900);
    }

    #[test]
    fn trying_while_it_is_shut_changes_nothing() {
        let before = failed(7);
        let mut after = before;
        after.add(before.last + 1);
        assert_eq!(after, before);
    }

    #[test]
    fn a_day_without_a_failure_forgets_all() {
        let mut failures = failed(9);
        failures.add(failures.last + FORGOTTEN + 1);
        assert_eq!(failures.count, 1);
    }

    #[test]
    fn a_clock_that_is_put_back_keeps_nobody_out() {
        let failures = failed(20);
        assert_eq!(failures.shut_until(failures.last - 10 * FORGOTTEN), None);
        assert!(failures.shut_until(failures.last - 1_000).is_some());
    }
}
