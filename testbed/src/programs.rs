//! PostgreSQL's programs: where they are, as whom they run, and running them.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

/// The oldest version that Gantry runs on.
const OLDEST: u32 = 15;
/// Where Debian's packages put each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Users as whom the server may run where this process is the administrator, which it refuses.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// How an installation on `PATH` is known, and what it says of its version.
const VERSION: &str = "initdb (PostgreSQL) ";

/// An installation of PostgreSQL.
#[derive(Clone)]
pub(crate) struct Programs {
    /// The folder that they are in; `None`: the folders of `PATH`.
    folder: Option<PathBuf>,
}

impl Programs {
    /// The newest version among Debian's packages, else what is on `PATH`.
    pub(crate) fn find() -> Programs {
        if let Some(folder) = newest(Path::new(DEBIAN)) {
            return Programs { folder: Some(folder) };
        }
        let programs = Programs { folder: None };
        let said = programs.command("initdb").arg("--version").output();
        let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        assert!(
            said.is_ok_and(|said| major(&said) >= Some(OLDEST)),
            "PostgreSQL {OLDEST} or later is not on this machine\n\
             hint: install it (on Debian: the package `postgresql`)"
        );
        programs
    }

    /// A program of the server's, to be run as an ordinary user.
    pub(crate) fn of_server(&self, program: &str) -> Command {
        let mut command = self.command(program);
        if let Some((user, group)) = server_user() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Runs SQL through `psql`: what it printed, or what it complained of.
    ///
    /// Statements are committed one by one; the first that fails ends it.
    pub(crate) fn psql(&self, url: &str, text: &str) -> Result<String, String> {
        let mut command = self.command("psql");
        command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut psql = command.spawn().expect("`psql` runs");
        let mut input = psql.stdin.take().expect("its input is a pipe");
        let output = thread::scope(|scope| {
            // It answers while it reads. Where it ends early, it says itself why.
            scope.spawn(move || input.write_all(text.as_bytes()));
            psql.wait_with_output().expect("`psql` ends")
        });
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
        } else {
            Err(complaint(&output))
        }
    }

    /// A program that heeds its arguments alone: neither the environment's settings for
    /// PostgreSQL, nor its language, nor the current folder.
    fn command(&self, program: &str) -> Command {
        let mut command = match &self.folder {
            Some(folder) => Command::new(folder.join(program)),
            None => Command::new(program),
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        command
    }
}

/// User and group of the server's processes, where they are not this process's own.
pub(crate) fn server_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let known = fs::read_to_string("/etc/passwd").expect("users are readable");
    let user = USERS.iter().find_map(|name| {
        let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    Some(user.expect("the administrator has an ordinary user to run PostgreSQL as"))
}

/// Runs a program that must succeed; panics with its complaint.
pub(crate) fn run(command: &mut Command) {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().unwrap_or_else(|error| panic!("`{program}`: {error}"));
    assert!(output.status.success(), "`{program}` failed: {}", complaint(&output));
}

/// What a program that failed said.
fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    format!("{}: {}", output.status, said.trim_end())
}

/// The programs of the newest version in a folder of versions.
fn newest(versions: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(versions).ok()?.filter_map(|version| {
        let path = version.ok()?.path();
        let number: u32 = path.file_name()?.to_str()?.parse().ok()?;
        Some((number, path.join("bin")))
    });
    let fit = versions
        .filter(|(number, programs)| *number >= OLDEST && programs.join("initdb").is_file());
    Some(fit.max()?.1)
}

/// The version that an installation says it has.
fn major(said: &str) -> Option<u32> {
    let version = said.strip_prefix(VERSION)?;
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken_and_an_old_one_never() {
        let versions = tempfile::tempdir().unwrap();
        let install = |version: &str| {
            let programs = versions.path().join(version).join("bin");
            fs::create_dir_all(&programs).unwrap();
            fs::write(programs.join("initdb"), "").unwrap();
        };
        install("9");
        install("14");
        assert_eq!(newest(versions.path()), None);
        install("15");
        install("100");
        fs::create_dir_all(versions.path().join("101/bin")).unwrap();
        assert_eq!(newest(versions.path()), Some(versions.path().join("100/bin")));
    }

    #[test]
    fn a_version_is_read_from_what_the_program_says() {
        assert_eq!(major("initdb (PostgreSQL) 15.18 (Debian 15.18-0)\n"), Some(15));
        assert_eq!(major("initdb (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major("something else"), None);
    }
}
