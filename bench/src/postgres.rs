//! A PostgreSQL server of one's own: in a temporary folder, reached by a socket in it, gone with the
//! value.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gantry_store::Location;
use rustix::param::clock_ticks_per_second;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::Outcome;

/// What to say of a peer that is missing.
pub(crate) const MISSING: &str = "PostgreSQL is missing: no initdb under /usr/lib/postgresql";
/// Who owns the server, and every database in it.
pub(crate) const OWNER: &str = "owner";
/// Users as whom the server may run where this process is the administrator, which it refuses.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A server in a folder of its own; it ends with this value.
pub(crate) struct Server {
    folder: TempDir,
    programs: PathBuf,
    /// User and group to run as.
    user: Option<(u32, u32)>,
    /// The process from which all others of the server come.
    postmaster: u32,
}

impl Server {
    /// Starts a server with settings besides the standard ones; `None` where PostgreSQL is not on
    /// this machine. Texts are compared byte by byte, which is the quickest.
    pub(crate) fn start(settings: &[&str]) -> Outcome<Option<Server>> {
        let Some(programs) = programs() else { return Ok(None) };
        let administrator = fs::metadata("/proc/self")?.uid() == 0;
        let user = if administrator { Some(user().ok_or("no user to run as")?) } else { None };
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let mut server = Server { folder, programs, user, postmaster: 0 };
        let data = server.data();
        fs::create_dir(&data)?;
        if let Some((user, group)) = user {
            chown(&data, Some(user), Some(group))?;
        }
        let owner = format!("--username={OWNER}");
        server.run("initdb", &["--auth=trust", &owner, "--encoding=UTF8", "--no-locale"])?;
        let socket = data.display();
        let mut options = format!("-c listen_addresses= -c unix_socket_directories={socket}");
        for setting in settings {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let log = data.join("log").display().to_string();
        server.run("pg_ctl", &["start", "--wait", "--log", &log, "--options", &options])?;
        let process = fs::read_to_string(data.join("postmaster.pid"))?;
        server.postmaster = process.lines().next().ok_or("a server without a process")?.parse()?;
        Ok(Some(server))
    }

    /// Where a database is, as Gantry takes it.
    pub(crate) fn location(&self, database: &str) -> Outcome<Location> {
        let folder = self.data().display().to_string().replace('/', "%2F");
        Ok(Location::parse(&format!("postgres://{OWNER}@{folder}/{database}"))?)
    }

    /// A connection as a user to a database, over the socket.
    pub(crate) async fn connect(&self, user: &str, database: &str) -> Outcome<Client> {
        let host = self.data().display().to_string();
        let settings = format!("host={host} user={user} dbname={database}");
        let (client, connection) = tokio_postgres::connect(&settings, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("error: PostgreSQL: {error}");
            }
        });
        Ok(client)
    }

    /// How many bytes a database takes, with that of its keys.
    pub(crate) async fn size(&self, database: &str) -> Outcome<f64> {
        let sql = "SELECT sum(pg_database_size(datname))::float8 FROM pg_database
             WHERE datname::text IN ($1::text, $1::text || '_keys')";
        let client = self.connect(OWNER, database).await?;
        Ok(client.query_one(sql, &[&database]).await?.try_get(0)?)
    }

    /// What the server has used of the processors so far, in seconds: all its processes, and those
    /// that have ended.
    pub(crate) fn cpu_seconds(&self) -> Outcome<f64> {
        let mut ticks = 0;
        for process in fs::read_dir("/proc")? {
            let Ok(text) = fs::read_to_string(process?.path().join("stat")) else { continue };
            ticks += ticks_of(&text, self.postmaster).unwrap_or(0);
        }
        let each = u32::try_from(clock_ticks_per_second())?;
        Ok(f64::from(u32::try_from(ticks)?) / f64::from(each))
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs one of the server's programs on its data.
    fn run(&self, program: &str, arguments: &[&str]) -> Outcome<()> {
        let mut command = Command::new(self.programs.join(program));
        command.arg("--pgdata").arg(self.data()).args(arguments).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        let status = command.status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("`{program}` ended with {status}").into())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.run("pg_ctl", &["stop", "--mode", "immediate"]) {
            eprintln!("error: PostgreSQL did not stop: {error}");
        }
    }
}

/// The ticks that a process has used, from what the kernel tells of it, if it is the postmaster or
/// one of its children. The postmaster answers for those of its children that have ended.
fn ticks_of(stat: &str, postmaster: u32) -> Option<u64> {
    let (head, rest) = stat.rsplit_once(')')?;
    let process: u32 = head.split(' ').next()?.parse().ok()?;
    // The state of the process comes first, then its parent.
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let parent: u32 = fields.get(1)?.parse().ok()?;
    let counted = match (process == postmaster, parent == postmaster) {
        // Its own as user and in the kernel, and the same of its children that have ended.
        (true, _) => fields.get(11..15)?,
        (_, true) => fields.get(11..13)?,
        _ => return None,
    };
    counted.iter().map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The folder of the newest PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders.filter(|folder| Path::new(folder).join("initdb").is_file()).max()
}

/// User and group of somebody who is not the administrator.
fn user() -> Option<(u32, u32)> {
    let known = fs::read_to_string("/etc/passwd").ok()?;
    USERS.iter().find_map(|name| {
        let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = "42 (postgres: io (1)) S 7 42 42 0 -1 0 0 0 0 0 30 4 500 600 20 0";

    #[test]
    fn a_child_counts_by_itself_and_the_postmaster_for_those_that_have_ended() {
        assert_eq!(ticks_of(CHILD, 7), Some(34));
        assert_eq!(ticks_of(CHILD, 42), Some(1134));
        assert_eq!(ticks_of(CHILD, 9), None);
    }
}
