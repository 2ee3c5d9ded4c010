//! Where a store is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

use crate::postgres::Address;

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite; its keys are in a second file beside it.
    Sqlite(PathBuf),
    /// A database of PostgreSQL; its keys are in a second database.
    Postgres(Box<Address>),
}

/// Why a text is no location. The text itself is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LocationError {
    /// It has no scheme.
    #[error(
        "a store is given as `sqlite:PATH` or `postgres://HOST/DATABASE`: no scheme before a colon"
    )]
    NoScheme,
    /// It has a scheme that is not known.
    #[error(
        "there is no kind of store called `{scheme}`\n  hint: use `sqlite:PATH` or `postgres://HOST/DATABASE`"
    )]
    Unknown {
        /// The scheme.
        scheme: String,
    },
    /// It has no path.
    #[error("a store is given as `sqlite:PATH` or `postgres://HOST/DATABASE`: nothing is named")]
    NoPath,
    /// It is a list of words, as other programs take it.
    #[error(
        "a database is not given by words\n  hint: write `postgres://USER@HOST:PORT/DATABASE` instead of `host=... dbname=...`"
    )]
    Words,
    /// It is no address of a database.
    #[error("the address of the database {fault}\n  hint: {}", crate::postgres::HOW)]
    Address {
        /// What is wrong with it.
        fault: String,
    },
}

impl Location {
    /// Reads `sqlite:PATH` or `postgres://...`.
    pub fn parse(text: &str) -> Result<Location, LocationError> {
        let (scheme, path) = text.split_once(':').ok_or(LocationError::NoScheme)?;
        match (scheme, path) {
            ("sqlite", "") => Err(LocationError::NoPath),
            ("sqlite", path) => Ok(Location::Sqlite(PathBuf::from(path))),
            ("postgres" | "postgresql", _) => {
                Address::parse(text).map(|address| Location::Postgres(Box::new(address)))
            }
            (scheme, _) => Err(LocationError::Unknown { scheme: scheme.to_owned() }),
        }
    }

    /// Where its keys are, for people to read.
    pub fn keys(&self) -> String {
        match self {
            Location::Sqlite(path) => format!("{}.keys", path.display()),
            Location::Postgres(address) => address.keys.to_string(),
        }
    }

    /// What the database is called, where the store is one.
    pub fn database(&self) -> Option<&str> {
        match self {
            Location::Sqlite(_) => None,
            Location::Postgres(address) => Some(address.main.name()),
        }
    }

    /// The file, where the store is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Location::Sqlite(path) => Some(path),
            Location::Postgres(_) => None,
        }
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Location::parse(text)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Location::Postgres(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_back_as_it_is_written() {
        let location = Location::parse("sqlite:some/where.db").unwrap();
        assert_eq!(location.path(), Some(Path::new("some/where.db")));
        assert_eq!(Location::parse(&location.to_string()), Ok(location));
    }

    #[test]
    fn what_is_no_location_is_refused_without_repeating_it() {
        assert_eq!(Location::parse("gantry.db"), Err(LocationError::NoScheme));
        assert_eq!(Location::parse("sqlite:"), Err(LocationError::NoPath));
        let error = Location::parse("oracle://me:secret@host/db").unwrap_err();
        assert_eq!(error, LocationError::Unknown { scheme: "oracle".into() });
        assert!(!error.to_string().contains("secret"));
        let error = Location::parse("postgres://me:secret@host:port/db").unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
