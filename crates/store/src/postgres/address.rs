//! Where a database is, and how it is come by: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?...`, as
//! the server's own programs take it, with a few parameters of ours.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::location::LocationError;
use crate::postgres::password::Passwords;

/// How an address is written.
pub(crate) const HOW: &str = "it is written `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with \
    `keys=DATABASE` (or a whole address) for the database of keys, `pool=N`, \
    `sslmode=disable|verify-full` and `sslrootcert=FILE` after a `?`";

/// Connections for reading, where the address does not say.
const POOL: usize = 16;
/// More connections than a server has for one node.
const MOST: usize = 1_000;
/// What every connection is set up with. Statements are few and always go by a key, so their plans
/// are made once; no statement is long enough to be worth compiling; and a node that has gone silent
/// in the middle of a transaction must not hold its locks.
const OPTIONS: &str = "-c plan_cache_mode=force_generic_plan -c jit=off -c default_transaction_isolation=read\\ committed \
    -c idle_in_transaction_session_timeout=20s";

/// Whether a connection is encrypted, and who must vouch for the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// It is not: the server is on this machine, or somebody asked for that.
    Off,
    /// It is, and the server's name must be vouched for by one of the certificates in the file, or
    /// by those that the machine trusts.
    Verified(Option<PathBuf>),
}

/// One database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Database {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
}

/// The two databases of a store.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(crate) main: Database,
    pub(crate) keys: Database,
    /// Connections for reading that are kept.
    pub(crate) pool: usize,
}

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Address, LocationError> {
        let passwords = Passwords::of_environment();
        let (mut main, own) = Database::parse(text)?;
        let mut keys = match own.keys {
            Some(whole) if whole.contains("://") => Database::parse(&whole)?.0,
            Some(name) => main.called(&name),
            None => main.called(&format!("{}_keys", main.name())),
        };
        if main.name() == keys.name() && main.config.get_hosts() == keys.config.get_hosts() {
            return Err(fault("names the same database for the keys"));
        }
        for database in [&mut main, &mut keys] {
            if database.config.get_password().is_none()
                && let Some(password) = passwords.of(&database.config)
            {
                database.config.password(password);
            }
        }
        Ok(Address { main, keys, pool: own.pool.unwrap_or(POOL) })
    }
}

/// Without the password, and without how it is come by.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.main.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("main", &self.main.to_string()).finish_non_exhaustive()
    }
}

/// The parameters that are ours.
#[derive(Default)]
struct Own {
    keys: Option<String>,
    pool: Option<usize>,
}

impl Database {
    fn parse(text: &str) -> Result<(Database, Own), LocationError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        if base.matches('@').count() > 1 {
            return Err(fault(
                "has a second `@`: in a user's name or password it is written `%40`, and `/` `%2F`, \
                 `:` `%3A`, `?` `%3F`, `#` `%23`, `%` `%25`",
            ));
        }
        let (mut own, mut theirs) = (Own::default(), Vec::new());
        let (mut mode, mut roots) = (None, None);
        for parameter in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name {
                "keys" => own.keys = Some(decoded(value)?),
                "pool" => {
                    let number = value.parse().ok().filter(|n| (1..=MOST).contains(n));
                    own.pool = Some(
                        number.ok_or_else(|| fault("has a `pool` that is no number above 0"))?,
                    );
                }
                "sslmode" => mode = Some(value),
                "sslrootcert" => roots = Some(PathBuf::from(decoded(value)?)),
                _ => theirs.push(parameter),
            }
        }
        let mut rest = base.to_owned();
        if !theirs.is_empty() {
            rest = format!("{rest}?{}", theirs.join("&"));
        }
        // What is wrong is not repeated: it may be the password.
        let mut config: Config = rest
            .parse()
            .map_err(|_| fault("cannot be read, or has a parameter that is unknown"))?;
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(fault("names no database"));
        }
        let tls = tls_of(&config, mode, roots)?;
        settle(&mut config, &tls);
        Ok((Database { config, tls }, own))
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    /// Another database of the same server.
    pub(crate) fn called(&self, name: &str) -> Database {
        let mut other = self.clone();
        other.config.dbname(name);
        other
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        let ports = self.config.get_ports();
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                Host::Unix(_) => {}
            }
            let port = ports.get(at).or_else(|| ports.first());
            if let Some(port) = port.filter(|port| **port != 5432) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.name())
    }
}

fn fault(what: &str) -> LocationError {
    LocationError::Address { fault: what.to_owned() }
}

/// A server of this machine is come by in the clear, every other one only with its name proven,
/// unless the address says otherwise.
fn tls_of(
    config: &Config,
    mode: Option<&str>,
    roots: Option<PathBuf>,
) -> Result<Tls, LocationError> {
    match mode {
        Some("disable") if roots.is_some() => {
            Err(fault("has an `sslrootcert`, and an `sslmode` that makes no use of it"))
        }
        Some("disable") => Ok(Tls::Off),
        Some("verify-full" | "verify-ca" | "require") => Ok(Tls::Verified(roots)),
        Some("prefer" | "allow") => Err(fault(
            "has an `sslmode` that goes on in the clear where the server says so: only `disable` and \
             `verify-full` are promises",
        )),
        Some(_) => Err(fault("has an `sslmode` that is neither `disable` nor `verify-full`")),
        None if roots.is_none() && config.get_hosts().iter().all(is_here) => Ok(Tls::Off),
        None => Ok(Tls::Verified(roots)),
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    }
}

fn settle(config: &mut Config, tls: &Tls) {
    config.ssl_mode(if *tls == Tls::Off { SslMode::Disable } else { SslMode::Require });
    let options = match config.get_options() {
        Some(theirs) => format!("{OPTIONS} {theirs}"),
        None => OPTIONS.to_owned(),
    };
    config.options(options);
    if config.get_application_name().is_none() {
        config.application_name("gantry");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(3));
    }
    // A server that fell silent is noticed, and one that is a standby is not taken for the primary.
    config.keepalives_idle(Duration::from_secs(5));
    config.keepalives_interval(Duration::from_secs(2));
    config.keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(10));
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
}

/// Undoes `%XX`.
fn decoded(text: &str) -> Result<String, LocationError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| {
            digit
                .and_then(|digit| char::from(digit).to_digit(16))
                .and_then(|n| u8::try_from(n).ok())
        });
        let [Some(high), Some(low)] = digits else {
            return Err(fault("has a `%` without two hexadecimal digits"));
        };
        bytes.push(high << 4 | low);
    }
    String::from_utf8(bytes).map_err(|_| fault("has a `%XX` that is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn keys_are_in_a_database_beside_or_wherever_the_address_says() {
        assert_eq!(parsed("postgres://h/shop?sslmode=disable").keys.name(), "shop_keys");
        assert_eq!(parsed("postgres://h/shop?keys=vault").keys.name(), "vault");
        let apart = parsed("postgres://h/shop?keys=postgres%3A%2F%2Fother:6000%2Fvault");
        assert_eq!(apart.keys.to_string(), "postgres://other:6000/vault");
        assert!(Address::parse("postgres://h/shop?keys=shop").is_err());
        assert!(Address::parse("postgres://h/").is_err());
    }

    #[test]
    fn a_server_elsewhere_must_prove_its_name() {
        assert_eq!(parsed("postgres://db.example/shop").main.tls, Tls::Verified(None));
        assert_eq!(parsed("postgres://db.example/shop?sslmode=disable").main.tls, Tls::Off);
        for here in ["127.0.0.1", "localhost", "[::1]", "%2Frun%2Fpostgresql"] {
            assert_eq!(parsed(&format!("postgres://{here}/shop")).main.tls, Tls::Off, "{here}");
        }
        let own = parsed("postgres://localhost/shop?sslrootcert=%2Fetc%2Fown.pem").main.tls;
        assert_eq!(own, Tls::Verified(Some("/etc/own.pem".into())));
        assert!(Address::parse("postgres://h/shop?sslmode=prefer").is_err());
    }

    #[test]
    fn an_address_is_told_without_its_password() {
        let address = parsed("postgres://me:secret@one.example,two.example:6000/shop?pool=3");
        assert_eq!(address.pool, 3);
        for bad in ["me:p@ss/w@h/shop", "me:pa@ss@h/shop"] {
            let error = Address::parse(&format!("postgres://{bad}")).unwrap_err().to_string();
            assert!(error.contains("second `@`") && !error.contains("ss/w"), "{error}");
        }
        let told = format!("{address} {address:?}");
        assert!(told.contains("postgres://one.example,two.example:6000/shop"), "{told}");
        assert!(!told.contains("secret"));
        for bad in ["pool=0", "pool=many", "keys=%4", "nothing=known"] {
            let text = format!("postgres://me:secret@h/shop?{bad}");
            let error = Address::parse(&text).unwrap_err().to_string();
            assert!(!error.contains("secret") && error.contains("hint"), "{error}");
        }
    }
}
