//! What can be done where a database is not come by: what is wrong is told with where it was tried.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::StoreError;
use crate::postgres::error::{Kind, kind};

/// Where nothing is known to be wrong with how the server is asked.
pub(super) const BACK: &str = "nothing was lost that was acknowledged; try again when it is back";
/// Where nobody answers.
const ADDRESS: &str = "see that the server runs and that host and port are right; nothing was lost \
    that was acknowledged";
const NAME: &str = "see that the name of the host is right";
const PASSWORD: &str = "the password comes from the address, else from `PGPASSWORD`, else from the \
    file `PGPASSFILE` or `~/.pgpass`, which nobody else may read; in an address `@` is written \
    `%40`, `/` `%2F`, `:` `%3A`, `?` `%3F`, `#` `%23`, `%` `%25`";
const ROLE: &str = "see whether the server's `pg_hba.conf` lets this role in from this machine";
const NO_TLS: &str = "turn TLS on in the server (`ssl = on`); only where nobody can listen, go \
    without it by `sslmode=disable` in the address";
const OWN_AUTHORITY: &str = "the server shows the certificate of an authority as its own: have that \
    authority sign one for the server, and name the authority's with `sslrootcert=FILE`";
const ISSUER: &str = "name the certificate of the authority that signed the server's with \
    `sslrootcert=FILE` in the address";
const OTHER_NAME: &str =
    "the server's certificate is for another name: use that one in the address";
const EXPIRED: &str = "the server needs a new certificate, or a clock is wrong";
const CONNECTIONS: &str = "the server has no connection left: raise `max_connections` or the role's \
    limit, or have each node take fewer by `pool=N` in the address";
const READ_ONLY: &str = "no host of the address takes writes: name the primary, too, or wait until a \
    standby is promoted";

/// Why a database could not be connected to.
pub(super) fn refused(place: &str, error: Error) -> StoreError {
    if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) {
        return error.into();
    }
    let lost = kind(&error) == Kind::Lost;
    let cause = match (error.as_db_error(), error.source()) {
        (Some(told), _) => format!("{} ({})", told.message(), told.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    };
    let hint = advice(&error, &cause);
    if lost {
        return StoreError::Unreachable { cause: format!("`{place}`: {cause}"), hint };
    }
    StoreError::Backend { cause: format!("`{place}`: {cause}; hint: {hint}") }
}

/// A server that says nothing.
pub(super) fn silent(place: &str) -> StoreError {
    let cause = format!("`{place}` does not answer in time");
    StoreError::Unreachable { cause, hint: ADDRESS }
}

fn advice(error: &Error, cause: &str) -> &'static str {
    let by_code = [
        (&SqlState::INVALID_PASSWORD, PASSWORD),
        (&SqlState::INVALID_AUTHORIZATION_SPECIFICATION, ROLE),
        (&SqlState::TOO_MANY_CONNECTIONS, CONNECTIONS),
    ];
    if let Some(code) = error.code() {
        return by_code.iter().find(|(one, _)| *one == code).map_or(BACK, |(_, hint)| hint);
    }
    let by_text = [
        ("failed to lookup address", NAME),
        ("password missing", PASSWORD),
        ("does not support TLS", NO_TLS),
        ("CaUsedAsEndEntity", OWN_AUTHORITY),
        ("UnknownIssuer", ISSUER),
        ("not valid for name", OTHER_NAME),
        ("NotValidForName", OTHER_NAME),
        ("xpired", EXPIRED),
        ("does not allow writes", READ_ONLY),
    ];
    by_text.iter().find(|(text, _)| cause.contains(text)).map_or(ADDRESS, |(_, hint)| hint)
}
