//! The audit trail, in the room of the purpose that the notice names for it.

use std::fmt::Write as _;

use axum::response::{IntoResponse as _, Response};
use gantry_engine::audit::told::{categories, entry_json, reason, work};
use gantry_engine::audit::{About, Filter, Found, Report};
use gantry_engine::{EngineError, FieldFault, Identified};
use gantry_notice::Lexicon;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::door::{Posted, Room};
use crate::console::find::{self, short};
use crate::console::frame::{Around, in_room};
use crate::console::query::Query;
use crate::page::download::download;
use crate::page::field::{Entry as FormEntry, line, select};
use crate::page::parts::{counted, csrf, faults_of_question, millis, pager};
use crate::page::{Failure, Page, see, taken};

/// Entries on a page.
const ON_A_PAGE: usize = 100;
/// Entries of one download; the command line has no such bound.
const EXPORTED: usize = 50_000;
/// Entries read at once for it.
const BATCH: usize = 1_000;

/// Which entries.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// `all`: also what gave nothing.
    #[serde(default)]
    looks: String,
    cursor: Option<String>,
}

/// Takes the filter out of the form, and goes to the list: what names somebody is looked up here, so
/// that only its id stands in the address.
pub(crate) async fn find(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let text = |name: &str| form.filled(name).unwrap_or_default().to_owned();
    let mut asked = Asked {
        actor: text("actor"),
        purpose: text("purpose"),
        contact: text("contact"),
        outcome: text("outcome"),
        from: text("from"),
        to: text("to"),
        looks: text("looks"),
        cursor: None,
    };
    if !asked.contact.is_empty() && asked.contact.parse::<Uuid>().is_err() {
        match the_one(people, &asked.contact).await? {
            Ok(id) => asked.contact = id.to_string(),
            Err(fault) => return Ok(misread(&room, &asked, &[fault])),
        }
    }
    if let Err(found) = taken(asked.filter(room.who.policy.policy().lexicon()))? {
        return Ok(misread(&room, &asked, &found));
    }
    Ok(see(format!("{}?{}", room.path("trail"), asked.query().trim_end_matches('&'))))
}

/// The only contact that a text finds, among those whom the purpose may see.
async fn the_one(people: &Identified, text: &str) -> Result<Result<Uuid, FieldFault>, EngineError> {
    let found = people.find(&find::by(text), None, 2).await?;
    Ok(match found.items.as_slice() {
        [one] => Ok(one.id),
        [] => Err(FieldFault::new(
            "contact",
            "nobody is found by this whom this use may see; an id always fits",
        )),
        _ => Err(FieldFault::new("contact", "fits several: an e-mail address fits one")),
    })
}

fn misread(room: &Room, asked: &Asked, found: &[FieldFault]) -> Response {
    let content =
        html! { h1 { "Audit trail" } (faults_of_question(found)) (form(room, asked, found)) };
    in_room(room, &Around::tab("Audit trail", "trail"), &content).again()
}

/// The newest entries that a filter lets through.
pub(crate) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let people = room.session.identified()?;
    let lexicon = room.who.policy.policy().lexicon();
    let filter = match taken(asked.filter(lexicon))? {
        Ok(filter) => filter,
        Err(found) => return Ok(misread(&room, &asked, &found)),
    };
    let (entries, next) = people.trail_page(&filter, asked.cursor.as_deref(), ON_A_PAGE).await?;
    let query = asked.query();
    let here = room.path("trail");
    let next = next.map(|cursor| format!("{here}?{query}cursor={cursor}"));
    let content = html! {
        div .head {
            h1 { "Audit trail" }
            div .actions {
                a .button href={ (here) "/export?" (query) } { "Download" }
                form method="post" action={ (here) "/verify" } { (csrf(&room.who.signed.csrf)) button .main { "Verify now" } }
            }
        }
        (form(&room, &asked, &[]))
        @if entries.is_empty() { p .note { "No entry is like that, as far as this page looked." } } @else { (table(&room, &entries, lexicon)) }
        (pager(asked.cursor.is_some().then(|| format!("{here}?{query}")).as_deref(), next.as_deref()))
    };
    Ok(in_room(&room, &Around::tab("Audit trail", "trail"), &content).into_response())
}

impl Asked {
    fn filter(&self, lexicon: &Lexicon) -> Result<Filter, EngineError> {
        let purpose = Some(self.purpose.trim()).filter(|name| !name.is_empty());
        let unknown = || EngineError::invalid("purpose", "is not a purpose of the notice");
        let purpose = purpose.map(|name| lexicon.purpose(name).ok_or_else(unknown)).transpose()?;
        let contact = Some(self.contact.trim()).filter(|id| !id.is_empty());
        let no_id = |_| EngineError::invalid("contact", "is not the id of a contact");
        let contact = contact.map(|id| id.parse::<Uuid>().map_err(no_id)).transpose()?;
        Ok(Filter {
            actor: Some(self.actor.trim()).filter(|name| !name.is_empty()).map(str::to_owned),
            purpose: purpose.map(|id| id.0),
            contact: contact.map(Uuid::into_bytes),
            denied: match self.outcome.as_str() {
                "denied" => Some(true),
                "done" => Some(false),
                _ => None,
            },
            from: day(&self.from, "from")?,
            to: day(&self.to, "to")?,
            telling: self.looks != "all",
        })
    }

    /// The filter as an address has it; ids and names of accounts only.
    fn query(&self) -> String {
        let parts = [
            ("actor", &self.actor),
            ("purpose", &self.purpose),
            ("contact", &self.contact),
            ("outcome", &self.outcome),
            ("from", &self.from),
            ("to", &self.to),
            ("looks", &self.looks),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { query } else { query + "&" }
    }
}

/// The beginning of a day (UTC) in milliseconds since 1970.
fn day(text: &str, field: &str) -> Result<Option<i64>, EngineError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date: Result<jiff::civil::Date, _> = text.parse();
    let date = date.map_err(|_| EngineError::invalid(field, "is not a day, such as 2026-11-30"))?;
    Ok(Some(gantry_notice::Day::of(date).start_millis()))
}

fn form(room: &Room, asked: &Asked, faults: &[FieldFault]) -> Markup {
    let entry = |name, value| FormEntry { name, value, faults };
    let notice = room.who.policy.policy().notice();
    let mut purposes = vec![(String::new(), "any".to_owned())];
    purposes.extend(notice.purposes.iter().map(|(id, one)| (id.clone(), one.title.clone())));
    let outcomes = [("", "any"), ("done", "done"), ("denied", "denied")];
    let outcomes = outcomes.map(|(value, title)| (value.to_owned(), title.to_owned()));
    let looks = [("", "left out"), ("all", "shown, too")];
    let looks = looks.map(|(value, title)| (value.to_owned(), title.to_owned()));
    html! {
        details open[!asked.query().is_empty()] {
            summary .button { "Filter" }
            form method="post" action=(room.path("trail/find")) {
                (csrf(&room.who.signed.csrf))
                div .grid {
                    (line("Account", None, &entry("actor", &asked.actor)))
                    (select("Purpose", &entry("purpose", &asked.purpose), &purposes))
                    (line("Contact", Some("Name, e-mail, phone or id"), &entry("contact", &asked.contact)))
                    (select("Outcome", &entry("outcome", &asked.outcome), &outcomes))
                    (line("From", Some("A day, such as 2026-11-30"), &entry("from", &asked.from)))
                    (line("Before", Some("A day"), &entry("to", &asked.to)))
                    (select("Looks that gave nothing", &entry("looks", &asked.looks), &looks))
                }
                button { "Show" }
            }
        }
    }
}

fn table(room: &Room, entries: &[Found], lexicon: &Lexicon) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label="Entries" {
            table .dense {
                thead { tr { @for head in ["When", "Account", "Purpose/use", "Did", "Data categories", "About whom", "How many", "Answer"] { th scope="col" { (head) } } } }
                tbody {
                    @for Found { entry, .. } in entries {
                        tr {
                            td { (millis(entry.at)) }
                            td { (entry.actor) }
                            td { (work(entry, lexicon)) }
                            td { (entry.operation) }
                            td { (categories(entry, lexicon).join(", ")) }
                            td { (about(room, &entry.about)) }
                            td .number { (entry.count) }
                            td { @match reason(entry) { None => "done", Some(reason) => span .tag .bad title=(reason.words()) { (reason.id()) } } }
                        }
                    }
                }
            }
        }
    }
}

fn about(room: &Room, about: &About) -> Markup {
    let one = |id: &[u8; 16]| {
        let id = Uuid::from_bytes(*id);
        html! { a .code href=(room.path(&format!("trail?contact={id}"))) title={ "Entries about contact " (id) } { "…" (short(&id.to_string())) } }
    };
    html! {
        @match about {
            About::Nobody => {},
            About::One(id) => { (one(id)) },
            About::Many(ids) => { @if let [id] = ids.as_slice() { (one(id)) } @else { (counted(ids.len() as u64, "contact")) } },
            About::Records(places) => { (counted(places.len() as u64, "record")) },
            About::Object(_, id) => span .code title=(Uuid::from_bytes(*id)) { "…" (short(&Uuid::from_bytes(*id).to_string())) },
        }
    }
}

/// Recomputes the chains, and says what was found.
pub(crate) async fn verify(room: Room, posted: Posted) -> Result<Page, Failure> {
    posted.by(&room.who)?;
    let report = room.session.identified()?.trail_verified().await?;
    let content = html! {
        h1 { "The trail, verified" }
        (verdict(&report))
        dl .fields {
            dt { "Chains" } dd { (report.chains.len()) }
            dt { "Links" } dd { (report.links) }
            dt { "Entries" } dd { (report.entries) }
            dt { "Signed checkpoints" } dd { (report.checkpoints) }
            dt { "Links after the last one" } dd { (report.unproven) }
        }
        @if !report.faults.is_empty() {
            ul { @for fault in &report.faults { li { (fault.what) @if let Some(hint) = fault.hint { ". " (hint) } } } }
        }
        p { a href=(room.path("trail")) { "Back to the trail" } }
    };
    Ok(in_room(&room, &Around::tab("Verified", "trail"), &content))
}

fn verdict(report: &Report) -> Markup {
    html! {
        @if report.holds() {
            p .done { "It holds: nothing was changed, left out or put in between." }
        } @else if report.holds_as_given() {
            p .warn { "It holds as far as this machine's checkpoints say. Those of other machines are needed as well: " code { "gantry audit verify FILE..." } }
        } @else {
            p .error { "It does not hold: " (report.fault_count) " faults." }
        }
    }
}

/// Entries as JSON lines, the newest first.
pub(crate) async fn export(room: Room, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let people = room.session.identified()?;
    let lexicon = room.who.policy.policy().lexicon();
    let filter = asked.filter(lexicon)?;
    let (mut lines, mut count, mut cursor) = (String::new(), 0, None);
    loop {
        let (entries, next) = people.trail_page(&filter, cursor.as_deref(), BATCH).await?;
        for found in &entries {
            // Writing to a text cannot fail.
            let _ = writeln!(lines, "{}", entry_json(found, lexicon));
        }
        count += entries.len();
        cursor = next;
        if cursor.is_none() || count >= EXPORTED {
            break;
        }
    }
    Ok(download("application/x-ndjson", "audit-trail.ndjson", lines))
}
