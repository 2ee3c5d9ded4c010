//! A file is brought: read into memory within the bounds, and looked at for the first time.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gantry_engine::import::{InputFile, Map, check_source};
use gantry_engine::{EngineError, FieldFault};

use super::ask::page;
use super::upload::{Chosen, How, Upload};
use super::uploads::{MAX_FILE, Place};
use crate::console::door::{PostedFile, Room};
use crate::console::sent_file::{Bounds, Sent};
use crate::form::Form;
use crate::page::{Failure, see};

/// At most this many characters of a file's name are kept, from its end: there its kind stands.
const MAX_NAME: usize = 80;

/// Takes a file.
pub(crate) async fn receive(room: Room, posted: PostedFile) -> Result<Response, Failure> {
    let fillable = room.session.identified()?.fillable();
    if fillable.is_empty() || !room.writes() {
        let page = page(&room, &Form::default(), &[])?;
        return Ok(page.with(StatusCode::FORBIDDEN).into_response());
    }
    let (engine, uploads) = (&room.shell.engine, &room.shell.uploads);
    let now = engine.clock().now();
    if uploads.is_full_for(&room.who.signed.actor.name, now) {
        let fault = "two of your files wait already: store them, or leave one of them first";
        let page = page(&room, &Form::default(), &[FieldFault::new("file", fault)])?;
        return Ok(page.again());
    }
    let mut place = uploads.place(now)?;
    let Sent { form, file } =
        posted.by(&room.who, Bounds::file(MAX_FILE), |by| place.grow(by)).await?;
    match taken(&room, &form, file, place) {
        Ok(upload) => {
            let id = upload.id;
            uploads.hold(upload, engine.clock());
            let to = room.path(&format!("import/{id}"));
            Ok(see(to))
        }
        Err(faults) => {
            let page = page(&room, &form, &faults)?;
            Ok(page.again())
        }
    }
}

/// Looks at the file, and recognises its map.
fn taken(
    room: &Room,
    form: &Form,
    file: Option<(String, Vec<u8>)>,
    place: Place,
) -> Result<Upload, Vec<FieldFault>> {
    let source = form.get("source").trim();
    if let Err(EngineError::Invalid(faults)) = check_source(source) {
        return Err(faults);
    }
    let fault = |text: String| vec![FieldFault::new("file", text)];
    let file = file.filter(|(_, bytes)| !bytes.is_empty());
    let (name, bytes) = file.ok_or_else(|| fault("choose a file that is not empty".to_owned()))?;
    let file = InputFile::in_memory(&plain(&name), Arc::from(bytes));
    let glance = file.glance(0).map_err(|error| fault(error.to_string()))?;
    let recognised = Map::recognise(glance.format, &glance.header);
    let engine = &room.shell.engine;
    let id = engine.entropy().id(engine.clock().now());
    let upload = Upload::new(room, id, source, file, place);
    if let Some(map) = recognised {
        // Nothing can be under way with an upload that is not held yet.
        let _ = upload.choose(Chosen { map: map.clone(), how: How::Recognised });
    }
    Ok(upload)
}

/// The name of a file without its folders, and without what could make it look like another.
fn plain(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shows = |c: &char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        !c.is_control() && !turns
    };
    let name: Vec<char> = name.chars().filter(shows).collect();
    let name: String = name.iter().skip(name.len().saturating_sub(MAX_NAME)).collect();
    let name = name.trim();
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_has_no_folders_and_nothing_that_turns_it_around() {
        assert_eq!(plain("C:\\Users\\anna\\people.csv"), "people.csv");
        assert_eq!(plain("../../etc/people.vcf"), "people.vcf");
        assert_eq!(plain("people\u{202e}fdl.\r\ncsv"), "peoplefdl.csv");
        assert_eq!(plain(" / "), "file");
        let long = format!("{}.csv", "x".repeat(500));
        assert!(plain(&long).ends_with("x.csv") && plain(&long).chars().count() == MAX_NAME);
    }
}
