//! What PostgreSQL says, in the store's words. Its details, which may hold values, are never repeated.

use std::error::Error as _;

use tokio_postgres::error::{DbError, SqlState};

use crate::error::StoreError;
use crate::postgres::advice::BACK;

/// Where a role may not do what a store asks for.
const OWNER: &str = "the role of the address must own both databases (`ALTER DATABASE NAME OWNER TO \
    ROLE`) and their tables";

/// What an error means for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The connection is gone, or never came to be: what was under way has or has not happened.
    Lost,
    /// The transaction was rolled back because of another one: the same again may do.
    Crossed,
    /// Nothing that would be otherwise the next time.
    Other,
}

/// What an error means.
pub(crate) fn kind(error: &tokio_postgres::Error) -> Kind {
    let Some(code) = error.code() else {
        // Without an answer of the server: it is the connection, or values that do not fit.
        let unfit = error.source().is_some_and(|cause| !cause.is::<std::io::Error>());
        return if unfit && !error.is_closed() { Kind::Other } else { Kind::Lost };
    };
    let crossed = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
        SqlState::LOCK_NOT_AVAILABLE,
        // Another statement of the same transaction has failed, of those that were sent at once: why
        // is known to the one that was asked there. Nothing was done, so the same again tells.
        SqlState::IN_FAILED_SQL_TRANSACTION,
    ];
    let lost = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::CONNECTION_EXCEPTION,
        SqlState::CONNECTION_DOES_NOT_EXIST,
        SqlState::CONNECTION_FAILURE,
    ];
    if crossed.contains(code) {
        Kind::Crossed
    } else if lost.contains(code) {
        Kind::Lost
    } else {
        Kind::Other
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(told) = error.as_db_error() else {
            let cause = match error.source() {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            return match kind(&error) {
                Kind::Lost => StoreError::Unreachable { cause, hint: BACK },
                Kind::Crossed | Kind::Other => StoreError::Backend { cause },
            };
        };
        of_server(told, kind(&error))
    }
}

fn of_server(told: &DbError, kind: Kind) -> StoreError {
    let code = told.code();
    // Its message names tables and columns; details and hints may hold values.
    let cause = format!("{} ({})", told.message(), code.code());
    if *code == SqlState::DISK_FULL {
        return StoreError::Full;
    }
    if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED {
        return StoreError::Damaged { cause };
    }
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        return StoreError::Backend { cause: format!("{cause}; hint: {OWNER}") };
    }
    match kind {
        Kind::Lost => StoreError::Unreachable { cause, hint: BACK },
        Kind::Crossed => StoreError::Busy,
        Kind::Other => StoreError::Backend { cause },
    }
}
