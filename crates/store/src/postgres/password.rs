//! A password that is not in the address, found where the server's own programs find it: in
//! `PGPASSWORD`, else in the file `PGPASSFILE`, `~/.pgpass` where nothing is said.

use std::fs;
use std::path::{Path, PathBuf};

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A file of passwords has a few lines; more is something else.
const MOST: u64 = 1 << 20;

/// Where passwords come from that an address does not have.
#[derive(Debug, Default)]
pub(super) struct Passwords {
    /// For every server.
    said: Option<String>,
    file: Option<PathBuf>,
}

impl Passwords {
    /// As the environment says.
    pub(super) fn of_environment() -> Passwords {
        let text = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
        let home = || Some(PathBuf::from(text("HOME")?).join(".pgpass"));
        Passwords {
            said: text("PGPASSWORD"),
            file: text("PGPASSFILE").map(PathBuf::from).or_else(home),
        }
    }

    /// The password for a database, if there is one.
    pub(super) fn of(&self, config: &Config) -> Option<String> {
        if self.said.is_some() {
            return self.said.clone();
        }
        let text =
            fs::read_to_string(self.file.as_deref().filter(|file| is_private(file))?).ok()?;
        let hosts: Vec<&str> = config.get_hosts().iter().map(host).collect();
        let ports = config.get_ports();
        // One password serves all hosts of an address, so that the first line for any of them counts.
        let wanted = |(at, host): (usize, &&str)| {
            let port = ports.get(at).or_else(|| ports.first()).copied().unwrap_or(5432);
            [
                (*host).to_owned(),
                port.to_string(),
                config.get_dbname().unwrap_or_default().to_owned(),
                config.get_user().unwrap_or_default().to_owned(),
            ]
        };
        let wanted: Vec<[String; 4]> = hosts.iter().enumerate().map(wanted).collect();
        text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let parts = parts(line);
            let (password, place) = parts.split_last()?;
            let fits = |wanted: &[String; 4]| {
                place.len() == wanted.len()
                    && place.iter().zip(wanted).all(|(part, wanted)| part == "*" || part == wanted)
            };
            wanted.iter().any(fits).then(|| password.clone())
        })
    }
}

fn host(host: &Host) -> &str {
    match host {
        Host::Tcp(name) => name,
        Host::Unix(_) => "localhost",
    }
}

/// A file that others can read is not used, here as elsewhere.
fn is_private(file: &Path) -> bool {
    let Ok(found) = fs::metadata(file) else { return false };
    #[cfg(unix)]
    let open = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    let open = false;
    found.is_file() && found.len() <= MOST && !open
}

/// The parts of a line, between colons; a backslash takes the next character as it is.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = line.chars();
    while let Some(next) = rest.next() {
        let taken = match next {
            ':' => {
                parts.push(String::new());
                continue;
            }
            '\\' => rest.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(part) = parts.last_mut() {
            part.push(taken);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn password(passwords: &Passwords, url: &str) -> Option<String> {
        passwords.of(&url.parse().unwrap())
    }

    #[test]
    fn a_password_is_found_where_the_servers_own_programs_find_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passwords");
        let text = "# shop\nh:5432:shop:me:first\nh:*:*:you:a\\:b\\\\c\n*:6000:*:*:last\n";
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let passwords = Passwords { said: None, file: Some(file.clone()) };
        let found = |url| password(&passwords, url);
        assert_eq!(found("postgres://me@h/shop").as_deref(), Some("first"));
        assert_eq!(found("postgres://you@h/other").as_deref(), Some("a:b\\c"));
        assert_eq!(found("postgres://me@x,y:6000/shop").as_deref(), Some("last"));
        assert_eq!(found("postgres://me@h/other"), None);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(found("postgres://me@h/shop"), None, "others can read it");
        let said = Passwords { said: Some("said".to_owned()), ..passwords };
        assert_eq!(password(&said, "postgres://me@h/shop").as_deref(), Some("said"));
    }
}
