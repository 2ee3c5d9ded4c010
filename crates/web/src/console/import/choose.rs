//! The map of an upload: recognised, chosen among the built-in ones, uploaded, or made by hand.

use axum::response::Response;
use gantry_engine::import::{Glance, MAX_MAP, Map, MappedFile, Near};
use maud::{Markup, html};

use super::by_hand;
use super::show::map_page;
use super::upload::{Chosen, How, Upload};
use crate::console::door::{PostedFile, Room};
use crate::console::sent_file::{Bounds, Sent};
use crate::form::Form;
use crate::page::field::place;
use crate::page::parts::csrf;
use crate::page::{Failure, see};

/// Something wrong with a choice.
pub(super) struct Wrong {
    /// The name of the field in the form.
    pub(super) field: String,
    /// What people call it.
    pub(super) what: String,
    pub(super) fault: String,
}

impl Wrong {
    pub(super) fn new(field: &str, what: &str, fault: impl Into<String>) -> Wrong {
        Wrong { field: field.to_owned(), what: what.to_owned(), fault: fault.into() }
    }
}

/// Takes a map for an upload.
pub(crate) async fn choose(room: Room, posted: PostedFile) -> Result<Response, Failure> {
    let sent = posted.by(&room.who, Bounds::file(MAX_MAP), |_| Ok(())).await?;
    let upload = room.shell.uploads.named_by(&room)?;
    match chosen(&room, &upload, &sent) {
        Ok(chosen) => {
            // Where it is being worked on, or is done, its page says so.
            let _ = upload.choose(chosen);
            Ok(see(upload.path.clone()))
        }
        Err(wrong) => {
            let page = map_page(&room, &upload, Some(&sent.form), &wrong)?;
            Ok(page.again())
        }
    }
}

fn chosen(room: &Room, upload: &Upload, sent: &Sent) -> Result<Chosen, Vec<Wrong>> {
    let Sent { form, file: map_file } = sent;
    let gone = || vec![Wrong::new("map", "File", "it is no longer here: upload it once more")];
    let file = upload.file().ok_or_else(gone)?;
    let (field, what) = match form.get("how") {
        "file" => ("map-file", "Map file"),
        "by-hand" => ("how", "Columns"),
        _ => ("map", "Built-in map"),
    };
    let wrong = |fault: String| vec![Wrong::new(field, what, fault)];
    let (map, how) = match form.get("how") {
        "file" => {
            let (name, bytes) =
                map_file.as_ref().ok_or_else(|| wrong("choose a file".to_owned()))?;
            let text =
                std::str::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
            let map = Map::parse(text, name).map_err(|error| wrong(error.to_string()))?;
            (map, How::File)
        }
        "by-hand" => {
            let made = by_hand::made(room, &file, form)?;
            let map = Map::parse(&made.text, "made by hand");
            let map = map.map_err(|error| wrong(error.to_string()))?;
            (map, How::ByHand(made))
        }
        _ => {
            let map = Map::built_in(form.get("map"));
            (map.ok_or_else(|| wrong("choose one".to_owned()))?.clone(), How::BuiltIn)
        }
    };
    let mapped = MappedFile { file, map };
    mapped.open().map_err(|error| wrong(error.to_string()))?;
    Ok(Chosen { map: mapped.map, how })
}

/// The ways to a map, as forms.
pub(super) fn ways(
    room: &Room,
    upload: &Upload,
    glance: &Glance,
    near: Option<&Near>,
    given: Option<&Form>,
    wrong: &[Wrong],
) -> Markup {
    let token = &room.who.signed.csrf;
    let now = upload.map();
    let now = now.as_ref().map(|chosen| chosen.map.name());
    let likely = now.or(near.map(|near| near.map.name()));
    let here = &upload.path;
    html! {
        (faults(wrong))
        section .card {
            h2 { "A built-in map" }
            form method="post" action=(here) enctype="multipart/form-data" {
                (csrf(token))
                input type="hidden" name="how" value="built-in";
                div .field {
                    label for="field-map" { "For files of" }
                    select #field-map name="map" {
                        @for map in Map::all_built_in() {
                            option value=(map.name()) selected[Some(map.name()) == likely] { (map.about()) }
                        }
                    }
                }
                button { "Take it" }
            }
        }
        (by_hand::section(room, upload, glance, given))
        section .card {
            h2 { "A map file of your own" }
            form method="post" action=(here) enctype="multipart/form-data" {
                (csrf(token))
                input type="hidden" name="how" value="file";
                div .field {
                    label for="field-map-file" { "Map file" }
                    span .hint #map-file-hint { "TOML, at most " (MAX_MAP >> 10) " KiB; one that was made by hand can be downloaded and mended" }
                    input #field-map-file type="file" name="map-file" required accept=".toml" aria-describedby="map-file-hint";
                }
                button { "Take it" }
            }
        }
    }
}

fn faults(wrong: &[Wrong]) -> Markup {
    html! {
        @if !wrong.is_empty() {
            div .error role="alert" tabindex="-1" #faults {
                p { strong { "The map was not taken." } " Please look at:" }
                ul {
                    @for one in wrong {
                        li { a href={ "#" (place(&one.field)) } { (one.what) } ": " (one.fault) }
                    }
                }
            }
        }
    }
}

/// That no built-in map fits, and which comes near, if one does.
pub(super) fn none_fits(near: Option<&Near>) -> Markup {
    let list = |columns: &[String]| columns.join("\u{201d}, \u{201c}");
    html! {
        div .warn {
            p { "No built-in map fits the columns of this file." }
            @if let Some(Near { map, missing, contrary }) = near {
                p {
                    "The one for " (map.about()) " comes nearest, but the file "
                    @if !missing.is_empty() { "lacks \u{201c}" (list(missing)) "\u{201d}" }
                    @if !missing.is_empty() && !contrary.is_empty() { " and " }
                    @if !contrary.is_empty() { "should not have \u{201c}" (list(contrary)) "\u{201d}" }
                    "."
                }
            }
            p { "Say below what its columns become." }
        }
    }
}
