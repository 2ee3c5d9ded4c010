//! The first page of the wizard: which file, and from which system.

use std::sync::Arc;

use gantry_engine::FieldFault;
use gantry_engine::import::{Becomes, Fillable};
use maud::{Markup, html};

use super::upload::{Step, Upload};
use super::uploads::MAX_FILE;
use crate::console::door::Room;
use crate::console::frame::{Around, in_room};
use crate::form::Form;
use crate::page::field::{Entry, line};
use crate::page::parts::{csrf, faults};
use crate::page::{Failure, Page};

/// The page.
pub(crate) async fn ask(room: Room) -> Result<Page, Failure> {
    page(&room, &Form::default(), &[])
}

pub(super) fn page(room: &Room, form: &Form, found: &[FieldFault]) -> Result<Page, Failure> {
    let fillable = room.session.identified()?.fillable();
    let now = room.shell.engine.clock().now();
    let waiting = room.shell.uploads.of(&room.who.signed.actor.name, now);
    let content = html! {
        h1 { "Import" }
        (kept_out(room, &fillable)?)
        @if fillable.is_empty() {
        } @else if !room.writes() {
            p .warn { "Your role lets you read here, and not write: nothing can be imported." }
        } @else {
            p {
                "A file of another system is looked at step by step. Nothing is stored before you have seen what "
                "would become of it, and what the notice keeps out."
            }
            (faults(found))
            (upload_form(room, form, found))
        }
        (under_way(&waiting))
    };
    Ok(in_room(room, &Around::tab("Import", "import"), &content))
}

/// That the purpose may import nothing of contacts, or nothing at all, and why.
fn kept_out(room: &Room, fillable: &[Fillable]) -> Result<Markup, Failure> {
    let declared = room.declared()?;
    let used = declared.uses.get(&room.used).map_or(room.used.as_str(), |used| used.title.as_str());
    let people = |one: &Fillable| !matches!(one.becomes, Becomes::Object(..));
    let mut things: Vec<&str> = fillable.iter().map(|one| one.group.as_str()).collect();
    things.dedup();
    Ok(html! {
        @if !fillable.iter().any(people) {
            div .warn {
                p {
                    "No data of contacts can be imported here: the notice lets \u{201c}" (declared.title)
                    "\u{201d} collect and change none" @if declared.uses.len() > 1 { " for \u{201c}" (used) "\u{201d}" } ". "
                    @if things.is_empty() { "Nor does it write any objects, so that there is nothing to import." }
                    @else { "What it may import: " (things.join(", ")) "." }
                }
                p { a href={ "/notice#purpose-" (room.purpose) } { "What the notice says" } }
            }
        }
    })
}

fn upload_form(room: &Room, form: &Form, found: &[FieldFault]) -> Markup {
    let source = Entry { name: "source", value: form.get("source"), faults: found };
    let wrong = found.iter().find(|fault| fault.field == "file");
    let described = if wrong.is_some() { "file-hint file-fault" } else { "file-hint" };
    let most = MAX_FILE >> 20;
    html! {
        form method="post" enctype="multipart/form-data" {
            (csrf(&room.who.signed.csrf))
            (line("Name of the system it comes from", Some("A word such as hubspot or trade-fair.2026; its own ids are known by this name, so use the same one each time"), &source))
            div .field {
                label for="field-file" { "File" }
                span .hint #file-hint { "CSV, vCard or LDIF, at most " (most) " MiB; a spreadsheet must be saved as CSV first" }
                @if let Some(wrong) = wrong { span .fault #file-fault { (wrong.fault) } }
                input #field-file type="file" name="file" required aria-describedby=(described) aria-invalid=[wrong.map(|_| "true")]
                    accept=".csv,.tsv,.txt,.vcf,.vcard,.ldif,.ldi,text/csv,text/plain,text/vcard"
                    data-most=(MAX_FILE) data-too-large={ "At most " (most) " MiB; use gantry import for larger files" };
            }
            p .soft {
                "The file is kept in memory alone, for an hour at most, and only you can see it, here. Larger files are imported at the command line: "
                code { "gantry import --for " (room.purpose) " --source NAME FILE" }
            }
            button .main { "Upload" }
        }
    }
}

/// What the account has under way, also in other rooms.
fn under_way(waiting: &[Arc<Upload>]) -> Markup {
    html! {
        @if !waiting.is_empty() {
            section .card {
                h2 { "Under way" }
                ul {
                    @for upload in waiting {
                        li { a href=(upload.path) { (upload.name) } " " span .soft { "from " (upload.source) ": " (standing(&upload.step())) } }
                    }
                }
            }
        }
    }
}

fn standing(step: &Step) -> &'static str {
    match step {
        Step::Mapping => "its columns are being mapped",
        Step::Working(job) if job.stores() => "it is being stored",
        Step::Working(_) => "it is being looked at",
        Step::Looked(_) => "it was looked at, and is not stored",
        Step::Done(_) => "stored",
        Step::Failed(_) => "it came to nothing",
    }
}
