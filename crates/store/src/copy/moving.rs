//! A store that was copied to stay there: the one it was copied from is closed, so that nobody goes on
//! with both by accident.

use crate::copy::{CopyError, Note};
use crate::error::StoreError;
use crate::location::Location;
use crate::{postgres, sqlite};

/// What becomes of the store that is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Original {
    /// It stays a store, and the copy is for something else.
    Stays,
    /// The copy is the store from now on, and nobody opens the other one.
    Moves,
}

/// Takes a store up again that was closed when it was copied. Says where the copy is; none where it
/// was not closed.
pub async fn reopen(location: &Location) -> Result<Option<String>, StoreError> {
    let copy = moved_to(location).await?;
    if copy.is_some() {
        set_moved(location, None).await?;
    }
    Ok(copy)
}

/// Looks whether somebody works with a store.
pub async fn must_be_idle(location: &Location) -> Result<(), CopyError> {
    let by = match location {
        Location::Sqlite(path) if sqlite::moved::is_open(path)? => "another process".to_owned(),
        Location::Sqlite(_) => return Ok(()),
        Location::Postgres(address) => match postgres::moved::working(address).await? {
            0 => return Ok(()),
            1 => "1 node".to_owned(),
            several => format!("{several} nodes"),
        },
    };
    Err(CopyError::Working { place: location.to_string(), by })
}

/// Closes the store, before the copy becomes one.
pub(super) async fn leave(from: &Location, to: &Location) -> Result<(), CopyError> {
    must_be_idle(from).await?;
    Ok(set_moved(from, Some(&name(to))).await?)
}

/// Takes a store up again whose copying was stopped between its closing and the end of the copy.
pub(super) async fn take_up(from: &Location, to: &Location) -> Result<(), StoreError> {
    if moved_to(from).await? == Some(name(to)) && is_unfinished(to).await? {
        set_moved(from, None).await?;
    }
    Ok(())
}

/// Lets a store be copied over that was closed for a copy of itself, by which it is out of date.
pub(super) async fn make_room(place: &Location, note: &Note) -> Result<(), StoreError> {
    if moved_to(place).await.unwrap_or(None).is_none() {
        return Ok(());
    }
    // Nothing of it is right any more, so that the copy begins anew.
    let note = Note { mark: Vec::new(), ..note.clone() };
    match place {
        Location::Sqlite(path) => sqlite::moved::give_up(path, &note),
        Location::Postgres(address) => postgres::moved::give_up(address, &note).await,
    }
}

/// Where a store has gone, if it has.
async fn moved_to(location: &Location) -> Result<Option<String>, StoreError> {
    match location {
        Location::Sqlite(path) => sqlite::moved::to(path),
        Location::Postgres(address) => postgres::moved::to(address).await,
    }
}

async fn set_moved(location: &Location, to: Option<&str>) -> Result<(), StoreError> {
    match location {
        Location::Sqlite(path) => sqlite::moved::set(path, to),
        Location::Postgres(address) => postgres::moved::set(address, to).await,
    }
}

async fn is_unfinished(location: &Location) -> Result<bool, StoreError> {
    match location {
        Location::Sqlite(path) => sqlite::moved::is_unfinished(path),
        Location::Postgres(address) => postgres::moved::is_unfinished(address).await,
    }
}

/// A place, as it is found from any folder.
fn name(location: &Location) -> String {
    match location {
        Location::Sqlite(path) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            Location::Sqlite(path).to_string()
        }
        Location::Postgres(_) => location.to_string(),
    }
}
