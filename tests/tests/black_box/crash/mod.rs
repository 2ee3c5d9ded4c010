//! What is left when the program is killed (SIGKILL) at any moment: all that was acknowledged, and
//! of everything else all or nothing. Together the three tests kill it more than fifty times.

mod commands;
mod importing;
mod serving;

use crate::support::{on_a_server, soak};

/// How often a test kills the program; ten times as often where somebody has the time, and less often
/// where everything is asked of a server by programs that have to be started.
fn kills(usual: usize) -> usize {
    let usual = if on_a_server() { usual.div_ceil(3) } else { usual };
    if soak() { usual * 10 } else { usual }
}
