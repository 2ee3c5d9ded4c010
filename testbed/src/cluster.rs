//! A private PostgreSQL: started in a folder of its own, killed, started again, followed by a standby.

use std::env;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::fs::statvfs;
use rustix::process::Pid;

use crate::guard::Guard;
use crate::port::Port;
use crate::processes::{kill_all_in, wait_until};
use crate::programs::{Programs, run, server_user};

/// Settings for many small tests: nothing has to outlive a power cut of this machine.
///
/// What a commit waits for stays as it is, and so does everything that a transaction can tell.
pub const SMALL_TESTS: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("max_connections", "500"),
    ("max_wal_size", "256MB"),
    ("shared_buffers", "128MB"),
];
/// The role that owns everything; it may do everything, and needs no password.
const OWNER: &str = "owner";
/// The database that is always there.
const ADMINISTRATION: &str = "postgres";
/// A file system in memory: a database is its three hundred files, which takes a disk far longer.
const MEMORY: &str = "/dev/shm";
/// Room that the memory must have to be used: containers often give it less than one database.
const ENOUGH: u64 = 4 << 30;
/// How often a server is asked how far it is.
const PAUSE: Duration = Duration::from_millis(20);

/// A server of its own, listening on 127.0.0.1 and in a folder; it ends with this value, and with
/// this process, however that ends.
#[must_use = "it ends when it is dropped"]
pub struct Cluster {
    programs: Programs,
    folder: PathBuf,
    port: Port,
    _guard: Guard,
}

impl Cluster {
    /// Makes an empty cluster, of the C locale and in UTF-8, and starts it with these settings.
    pub fn start(settings: &[(&str, &str)]) -> Cluster {
        Cluster::start_in(&env::temp_dir(), settings)
    }

    /// The same with all its files in memory, where there is room, and where `TMPDIR` does not say
    /// where they belong.
    pub fn start_in_memory(settings: &[(&str, &str)]) -> Cluster {
        let room = statvfs(MEMORY).map_or(0, |place| place.f_bavail * place.f_frsize);
        if env::var_os("TMPDIR").is_none() && room >= ENOUGH {
            Cluster::start_in(Path::new(MEMORY), settings)
        } else {
            Cluster::start(settings)
        }
    }

    fn start_in(parent: &Path, settings: &[(&str, &str)]) -> Cluster {
        let cluster = Cluster::prepare(Programs::find(), parent);
        let mut make = cluster.programs.of_server("initdb");
        make.args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        run(make.arg("--username").arg(OWNER).arg("--pgdata").arg(cluster.data()));
        cluster.set(settings);
        cluster.set_place();
        cluster.start_again();
        cluster
    }

    /// Where a database is, over the network.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/{database}", self.port())
    }

    /// Where a database is, over the socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.display();
        format!("postgres://{OWNER}@/{database}?host={folder}&port={}", self.port())
    }

    /// The port on 127.0.0.1, which stays this server's while it is down, too.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The folder that the server has for itself: its data (in `data`), its log and its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Makes an empty database.
    pub fn create_database(&self, name: &str) {
        self.sql(ADMINISTRATION, &format!("CREATE DATABASE \"{name}\" TEMPLATE template0"));
    }

    /// Drops a database, and ends the connections to it.
    pub fn drop_database(&self, name: &str) {
        self.sql(ADMINISTRATION, &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"));
    }

    /// Runs statements, each in a transaction of its own unless they say otherwise, and gives what
    /// they return: a line for each row, `|` between columns. Panics where one fails.
    pub fn sql(&self, database: &str, text: &str) -> String {
        self.try_sql(database, text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
    }

    /// The same, where failing is of interest: the error is what `psql` says.
    pub fn try_sql(&self, database: &str, text: &str) -> Result<String, String> {
        self.programs.psql(&self.url(database), text)
    }

    /// Kills the server and all its processes at once: for it, a power cut.
    pub fn kill(&self) {
        let path = self.data().join("postmaster.pid");
        let file = fs::read_to_string(&path).expect("the server runs");
        let first = file.lines().next().and_then(|line| Pid::from_raw(line.parse().ok()?));
        kill_all_in(&self.data(), first);
        // A power cut ends shared memory, too; the file names it in its seventh line.
        if let Some(memory) = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            run(Command::new("ipcrm").args(["-m", memory]));
        }
        // Its locks name a process, which is there for the next start until its parent has looked.
        let socket = self.folder.join(format!(".s.PGSQL.{}", self.port()));
        for lock in [path, socket.with_added_extension("lock"), socket] {
            fs::remove_file(lock).expect("the server has gone");
        }
    }

    /// Stops the server in good order; its connections end.
    pub fn stop(&self) {
        run(self.control("stop").args(["--mode", "fast"]));
    }

    /// Starts the server where it is down; returns when it answers, recovered where it was killed.
    pub fn start_again(&self) {
        let mut start = self.control("start");
        let output = start.arg("--log").arg(self.folder.join("log")).output();
        let output = output.expect("`pg_ctl` runs");
        assert!(output.status.success(), "PostgreSQL does not start: {}", self.log());
    }

    /// Starts a standby of this server, which from now on waits for it with every commit (also
    /// while it is down). Returns when it has all there is and follows.
    pub fn standby(&self) -> Cluster {
        self.sql(ADMINISTRATION, "ALTER SYSTEM SET wal_keep_size = '1GB'; SELECT pg_reload_conf()");
        let parent = self.folder.parent().expect("it is in a folder for temporary files");
        let standby = Cluster::prepare(self.programs.clone(), parent);
        let name = format!("standby_{}", standby.port());
        let mut copy = self.programs.of_server("pg_basebackup");
        copy.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"]);
        copy.arg("--no-sync").arg("--pgdata").arg(standby.data()).arg("--dbname");
        let port = self.port();
        let to = format!("host=127.0.0.1 port={port} user={OWNER} application_name={name}");
        run(copy.arg(to));
        // Once promoted it waits for nobody, whomever this server waits for.
        standby.set(&[("synchronous_standby_names", "")]);
        standby.set_place();
        standby.start_again();
        self.wait_for(&name);
        standby
    }

    /// Makes a standby a server of its own, which takes writes.
    pub fn promote(&self) {
        run(&mut self.control("promote"));
    }

    /// Waits until a standby follows, and has every commit wait for all standbys that do.
    fn wait_for(&self, name: &str) {
        let state = |column: &str| {
            let rows = format!("FROM pg_stat_replication WHERE application_name = '{name}'");
            self.sql(ADMINISTRATION, &format!("SELECT {column} {rows}"))
        };
        wait_until("the standby streams", PAUSE, || state("state") == "streaming");
        let names = self.sql(
            ADMINISTRATION,
            "SELECT format('FIRST %s (%s)', count(*), string_agg(application_name, ', '))
             FROM pg_stat_replication
             WHERE state = 'streaming' AND application_name LIKE 'standby\\_%'",
        );
        let wait = format!(
            "ALTER SYSTEM SET synchronous_commit = 'on';
             ALTER SYSTEM SET synchronous_standby_names = '{names}';
             SELECT pg_reload_conf()"
        );
        self.sql(ADMINISTRATION, &wait);
        wait_until("the standby is waited for", PAUSE, || state("sync_state") == "sync");
    }

    /// A folder with its guard, in which nothing is yet.
    fn prepare(programs: Programs, parent: &Path) -> Cluster {
        // Its processes are known by the folder they work in, which is told without links.
        let parent = parent.canonicalize().expect("the folder for temporary files is there");
        let folder = tempfile::Builder::new().prefix("gantry-testbed-").tempdir_in(parent);
        let folder = folder.expect("a temporary folder is made");
        // Its programs run as the server's user, its clients as anybody: they meet at the socket.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
        if let Some((user, group)) = server_user() {
            chown(folder.path(), Some(user), Some(group)).expect("the administrator may");
        }
        let guard = Guard::over(folder.path());
        Cluster { programs, folder: folder.keep(), port: Port::reserve(), _guard: guard }
    }

    /// Says where the server listens.
    fn set_place(&self) {
        self.set(&[
            ("listen_addresses", "127.0.0.1"),
            ("port", &self.port().to_string()),
            ("unix_socket_directories", &self.folder.display().to_string()),
            // In files of the folder, so that a server that was killed leaves nothing elsewhere.
            ("dynamic_shared_memory_type", "mmap"),
        ]);
    }

    /// Adds settings for the next start. They go where `ALTER SYSTEM` writes, so that a later one
    /// holds: the last line wins.
    fn set(&self, settings: &[(&str, &str)]) {
        let path = self.data().join("postgresql.auto.conf");
        let mut file = OpenOptions::new().append(true).open(path).expect("the cluster is made");
        for (name, value) in settings {
            let value = value.replace('\'', "''");
            writeln!(file, "{name} = '{value}'").expect("a setting is written");
        }
    }

    /// `pg_ctl`, which waits until what is asked has been done.
    fn control(&self, what: &str) -> Command {
        let mut control = self.programs.of_server("pg_ctl");
        control.args([what, "--wait", "--silent", "--pgdata"]).arg(self.data());
        control
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}
