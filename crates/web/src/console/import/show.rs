//! The page of an upload: where it stands, and what can be done next.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use gantry_engine::EngineError;
use gantry_engine::import::{FAULT, FileError, Findings, Map, MappedFile};
use maud::{Markup, html};

use super::choose::{Wrong, none_fits, ways};
use super::findings::told;
use super::job::Job;
use super::preview;
use super::upload::{Chosen, Done, How, Step, Upload};
use crate::console::door::Room;
use crate::console::frame::{Around, in_room};
use crate::form::Form;
use crate::page::parts::{counted, csrf};
use crate::page::{Failure, Page};

/// Rows of the preview, and rows that samples of columns are taken from.
const FIRST_ROWS: usize = 20;
/// Tells the script that there is nothing more to wait for.
const DONE: HeaderName = HeaderName::from_static("x-done");

/// The page.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    let upload = room.shell.uploads.named_by(&room)?;
    page(&room, &upload)
}

/// The ways to another map.
pub(crate) async fn ask_map(room: Room) -> Result<Page, Failure> {
    let upload = room.shell.uploads.named_by(&room)?;
    if upload.is_working() || upload.file().is_none() {
        return page(&room, &upload);
    }
    map_page(&room, &upload, None, &[])
}

/// How far work on it is, for the script.
pub(crate) async fn progress(room: Room) -> Result<Response, Failure> {
    let upload = room.shell.uploads.named_by(&room)?;
    Ok(match upload.step() {
        Step::Working(job) => {
            let kind = [(CONTENT_TYPE, "text/html; charset=utf-8")];
            (kind, how_far(&job).into_string()).into_response()
        }
        _ => (StatusCode::NO_CONTENT, [(DONE, "yes")]).into_response(),
    })
}

/// The page as the upload stands.
fn page(room: &Room, upload: &Upload) -> Result<Page, Failure> {
    let content = match upload.step() {
        Step::Mapping => mapping(room, upload)?,
        Step::Working(job) => working(upload, &job),
        Step::Looked(found) => looked(room, upload, &found),
        Step::Done(done) => stored(room, upload, &done),
        Step::Failed(why) => html! {
            p .error role="alert" { (why) }
            (mapping(room, upload)?)
        },
    };
    Ok(framed(room, upload, &content))
}

/// The page with the ways to a map, with what a form for one said, and what is wrong with that.
pub(super) fn map_page(
    room: &Room,
    upload: &Upload,
    given: Option<&Form>,
    wrong: &[Wrong],
) -> Result<Page, Failure> {
    let glance = glance(upload)?;
    let near = Map::nearest(glance.format, &glance.header);
    let content = html! {
        @if upload.map().is_none() { (none_fits(near.as_ref())) }
        @else { p { a href=(upload.path) { "Back to what the map makes of the file" } } }
        (ways(room, upload, &glance, near.as_ref(), given, wrong))
    };
    Ok(framed(room, upload, &content))
}

fn framed(room: &Room, upload: &Upload, content: &Markup) -> Page {
    let content = html! {
        div .head {
            div {
                h1 { (upload.name) }
                p .soft { "from " (upload.source) }
            }
            div .actions { (leave(room, upload)) }
        }
        (content)
    };
    in_room(room, &Around::tab(&upload.name, "import").by("Import", room.path("import")), &content)
}

fn leave(room: &Room, upload: &Upload) -> Markup {
    let step = upload.step();
    let (verb, may) = match &step {
        Step::Working(job) => ("Stop", job.can_stop()),
        Step::Done(done) if done.has_rejects() => ("Drop the bad rows", true),
        Step::Done(_) => ("Done", true),
        _ => ("Leave it", true),
    };
    html! {
        @if may {
            form method="post" action={ (upload.path) "/leave" } {
                (csrf(&room.who.signed.csrf))
                button { (verb) }
            }
        }
    }
}

/// The map, and the first rows as it reads them; or the ways to a map, where there is none.
fn mapping(room: &Room, upload: &Upload) -> Result<Markup, Failure> {
    let Some(chosen) = upload.map() else {
        let glance = glance(upload)?;
        let near = Map::nearest(glance.format, &glance.header);
        return Ok(html! {
            (none_fits(near.as_ref()))
            (ways(room, upload, &glance, near.as_ref(), None, &[]))
        });
    };
    let file = upload.file().ok_or(Failure::NotFound)?;
    let mapped = MappedFile { file, map: chosen.map.clone() };
    let preview = room.session.identified()?.preview(&mapped, FIRST_ROWS);
    let preview = preview.map_err(|error| unreadable(&error))?;
    Ok(html! {
        (map_told(upload, &chosen))
        (preview::table(room, &preview))
        form method="post" action={ (upload.path) "/check" } {
            (csrf(&room.who.signed.csrf))
            div .actions { button .main { "Look at all rows" } (another_map(upload)) }
            p .soft { "Every row is held against the notice and against what is there. Nothing is stored." }
        }
    })
}

fn another_map(upload: &Upload) -> Markup {
    html! { a .button href={ (upload.path) "/map" } { "Another map" } }
}

fn glance(upload: &Upload) -> Result<gantry_engine::import::Glance, Failure> {
    let file = upload.file().ok_or(Failure::NotFound)?;
    file.glance(FIRST_ROWS).map_err(|error| unreadable(&FileError::Open(error)))
}

fn unreadable(error: &FileError) -> Failure {
    EngineError::invalid("file", error.to_string()).into()
}

fn map_told(upload: &Upload, chosen: &Chosen) -> Markup {
    let about = match chosen.map.about() {
        "" => chosen.map.name(),
        about => about,
    };
    html! {
        @match &chosen.how {
            How::Recognised => { p .done { "Recognised by its columns: " strong { (about) } "." } }
            How::BuiltIn => { p .note { "Read as: " strong { (about) } "." } }
            How::File => { p .note { "Read with your map " strong { (about) } "." } }
            How::ByHand(made) => {
                p .note { "Read with a map that was made from your choices." }
                details {
                    summary { "The map" }
                    pre tabindex="0" { (made.text) }
                    p { a href={ (upload.path) "/map.toml" } download="map.toml" { "Download it" } ", to mend it or to use it again with " code { "gantry import --map" } "." }
                }
            }
        }
    }
}

fn working(upload: &Upload, job: &Job) -> Markup {
    html! {
        section .card {
            div role="status" data-refresh={ (upload.path) "/progress" } { (how_far(job)) }
            p { a href=(upload.path) { "Look again" } }
            p .soft { "It goes on while you are elsewhere; this page tells what it came to." }
        }
    }
}

fn how_far(job: &Job) -> Markup {
    let (rows, of) = job.rows();
    html! {
        h2 {
            @if !job.stores() { "It is being looked at" }
            @else if job.can_stop() { "It is being stored" }
            @else { "It is being made visible" }
        }
        @if let Some(of) = of { progress max=(of) value=(rows) aria-label="Rows stored" {} }
        p { (counted(rows, "row")) @if let Some(of) = of { " of " (of) } @else { " so far" } }
    }
}

fn looked(room: &Room, upload: &Upload, found: &Findings) -> Markup {
    let bad = found.rejected_rows;
    let good = found.rows.saturating_sub(bad);
    let token = &room.who.signed.csrf;
    html! {
        section .card {
            h2 { "What would become of " (counted(found.rows, "row")) }
            p .soft { "Nothing is stored yet." }
            (told(room, found))
        }
        @if found.is_empty() {
            p .warn { "There is nothing to import." }
            p { (another_map(upload)) }
        } @else if !room.writes() {
            p .warn { "Your role lets you read here, and not write." }
        } @else {
            form method="post" action={ (upload.path) "/run" } {
                (csrf(token))
                @if bad == 0 {
                    p { "Should a row turn out to be bad after all, nothing is kept." }
                    div .actions {
                        button .main name="keep" value="all" { "Import " (counted(found.rows, "row")) }
                        (another_map(upload))
                    }
                } @else {
                    p { "Mend the bad rows in the file and upload it again, or keep the others; the bad ones can then be downloaded, mended and imported." }
                    div .actions {
                        button .main name="keep" value="good" { "Import " (counted(good, "good row")) }
                        (another_map(upload))
                    }
                }
            }
        }
    }
}

fn stored(room: &Room, upload: &Upload, done: &Done) -> Markup {
    let found = &done.found;
    let good = found.rows.saturating_sub(found.rejected_rows);
    html! {
        p .done { "Imported " (counted(good, "row")) @if found.rejected_rows > 0 { " of " (found.rows) } "." }
        @if done.has_rejects() {
            section .card {
                h2 { "Bad rows" }
                p { a .button .main href={ (upload.path) "/rejects" } download="rejects.csv" { "Download the bad rows" } }
                p .soft {
                    "As they were, with what is wrong in the column " code { (FAULT) } ". They are here until you download them, for an hour at most. "
                    "Mended, they can be imported like any file; an apostrophe before " code { "= + - @" } " keeps spreadsheets from taking a cell for a formula, and goes again."
                }
                @if done.not_kept > 0 {
                    p .warn { (counted(done.not_kept, "more bad row")) " had no room here. Import the file once more after these are mended." }
                }
            }
        } @else if found.rejected_rows > 0 {
            p .note { "The bad rows are no longer here." }
        }
        section .card { h2 { "What became of them" } (told(room, found)) }
        p { a href=(room.path("import")) { "Import another file" } }
    }
}
