//! What is taken away from an upload: its map, its rejects, and the upload itself.

use axum::http::Method;
use axum::response::Response;

use super::upload::{How, Step};
use crate::console::door::{Posted, Room};
use crate::console::passing::{Confirmation, confirming};
use crate::page::download::{CSV, download};
use crate::page::{Failure, see};

/// The text of a map that was made by hand, as a file.
pub(crate) async fn map(room: Room) -> Result<Response, Failure> {
    let upload = room.shell.uploads.named_by(&room)?;
    let chosen = upload.map().ok_or(Failure::NotFound)?;
    let How::ByHand(made) = &chosen.how else { return Err(Failure::NotFound) };
    Ok(download("application/toml; charset=utf-8", "map.toml", made.text.clone()))
}

/// The bad rows as a file. They are no longer here afterwards.
pub(crate) async fn rejects(method: Method, room: Room) -> Result<Response, Failure> {
    let upload = room.shell.uploads.named_by(&room)?;
    let there = matches!(upload.step(), Step::Done(done) if done.has_rejects());
    if method == Method::HEAD && there {
        return Ok(download(CSV, "rejects.csv", ()));
    }
    let rejects = upload.take_rejects().ok_or(Failure::NotFound)?;
    Ok(download(CSV, "rejects.csv", rejects))
}

/// Leaves an upload: it is dropped. What is being made visible is not left any more.
pub(crate) async fn leave(room: Room, posted: Posted) -> Result<Response, Failure> {
    posted.by(&room.who)?;
    let upload = room.shell.uploads.named_by(&room)?;
    match upload.step() {
        Step::Working(job) if !job.stop() => Ok(see(upload.path.clone())),
        _ => {
            room.shell.uploads.forget(upload.id);
            Ok(confirming(room.path("import"), Confirmation::Left))
        }
    }
}
