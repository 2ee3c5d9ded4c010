//! What ends a server when its owner has gone, however it went.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Waits for the end of its input, then ends the server whose data is in the folder and removes the
/// folder. A server that was killed leaves a piece of shared memory, named in its file.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r _
data=$1/data
server=$(sed -n 1p "$data/postmaster.pid" 2>/dev/null)
memory=$(sed -n 7p "$data/postmaster.pid" 2>/dev/null)
runs() { [ "/proc/$server/cwd" -ef "$data" ]; }
if [ -n "$server" ] && runs; then
    kill -QUIT "$server"
    left=500
    while runs && [ "$left" -gt 0 ]; do
        left=$((left - 1))
        sleep 0.02
    done
    if runs; then
        for process in /proc/[0-9]*; do
            [ "$process/cwd" -ef "$data" ] && kill -KILL "${process#/proc/}"
        done
    fi
fi
if [ -e "$data/postmaster.pid" ] && [ -n "$memory" ]; then
    ipcrm -m "${memory##* }" 2>/dev/null
fi
rm -rf "$1" 2>/dev/null || { sleep 1; rm -rf "$1"; }
"#;

/// A process that outlives this one just long enough.
///
/// It holds the reading end of a pipe whose writing end is this process's alone: the pipe ends when
/// the guard is dropped, and when this process ends by a signal that leaves it no time.
pub(crate) struct Guard {
    process: Child,
}

impl Guard {
    /// Sets a guard over a server's folder.
    pub(crate) fn over(folder: &Path) -> Guard {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "gantry-testbed-guard"]).arg(folder).current_dir("/");
        // In a group of its own: what the terminal sends to the tests is not for it.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
        Guard { process: command.spawn().expect("the guard starts") }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("error: a server may have been left behind: {error}");
        }
    }
}
