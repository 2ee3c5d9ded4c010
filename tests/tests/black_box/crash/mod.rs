//! What is left when the program is killed (SIGKILL) at any moment: all that was acknowledged, and
//! of everything else all or nothing. Together the three tests kill it more than fifty times.

mod commands;
mod importing;
mod serving;

use crate::support::soak;

/// How often a test kills the program; ten times as often where somebody has the time.
fn kills(usual: usize) -> usize {
    if soak() { usual * 10 } else { usual }
}
