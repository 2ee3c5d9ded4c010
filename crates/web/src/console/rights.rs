//! What a contact may ask for, in the room of the purpose that answers it: what it said and says, what is
//! held of it and for whom, a copy of all, and its erasure.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use gantry_engine::session::{Access, Effect, Erased, Held, Scope, Statement};
use gantry_engine::{EngineError, FieldFault, Refusal};
use gantry_notice::Channel;
use gantry_notice::model::Notice;
use maud::{Markup, html};
use uuid::Uuid;

use crate::console::contacts::name;
use crate::console::door::{Posted, Room};
use crate::console::frame::{Around, in_room};
use crate::page::download::download;
use crate::page::field::{Entry, select};
use crate::page::parts::{capital, counted, csrf, faults, plain};
use crate::page::{Failure, Page, taken};

/// What a contact says, as whoever writes it down chooses it. What is decided on an objection stands
/// beside the objection.
const SAID: [(Statement, &str); 6] = [
    (Statement::Objects, "It objects to"),
    (Statement::WithdrawsObjection, "It takes its objection back to"),
    (Statement::Consents, "It consents to"),
    (Statement::WithdrawsConsent, "It withdraws its consent to"),
    (Statement::Restricts, "It asks to restrict"),
    (Statement::LiftsRestriction, "The restriction ends of"),
];

/// What the page tells besides what there is.
#[derive(Default)]
struct Told<'a> {
    effect: Option<&'a Effect>,
    faults: &'a [FieldFault],
    says: &'a str,
    scope: &'a str,
}

/// The page.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    page(&room, &Told::default()).await
}

/// Writes down what the contact said, and shows what came of it.
pub(crate) async fn say(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let (says, scope) = (form.get("says"), form.get("scope"));
    let told = Told { says, scope, ..Told::default() };
    let Some(statement) = Statement::of_word(says).filter(|_| !scope.is_empty()) else {
        let missing = [FieldFault::new("scope".to_owned(), "is missing: to what?")];
        return Ok(page(&room, &Told { faults: &missing, ..told }).await?.again());
    };
    let people = room.session.identified()?;
    let said = people.say(room.id("contact")?, statement, &Scope::parse(scope)).await;
    // That nobody can object to a duty is told at the form, not instead of the page.
    let said = match said {
        Err(EngineError::Refused(Refusal { reason, .. })) => {
            Err(EngineError::invalid("scope", reason.words()))
        }
        other => other,
    };
    match taken(said)? {
        Ok(effect) => {
            let told = Told { effect: Some(&effect), ..Told::default() };
            Ok(page(&room, &told).await?.into_response())
        }
        Err(faults) => Ok(page(&room, &Told { faults: &faults, ..told }).await?.again()),
    }
}

/// All that is held, and why, to be given to the contact (GDPR Art. 15(3)).
pub(crate) async fn copy(room: Room) -> Result<Response, Failure> {
    let held = room.session.identified()?.access(room.id("contact")?).await?;
    Ok(download("application/json", "held.json", Json(held)))
}

/// Erases the contact, and tells what a law obliges to keep.
pub(crate) async fn erase(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let (people, id) = (room.session.identified()?, room.id("contact")?);
    if form.get("sure") != "yes" {
        let fault = "is to be ticked first: what is erased cannot be brought back";
        let faults = [FieldFault::new("sure".to_owned(), fault)];
        return Ok(page(&room, &Told { faults: &faults, ..Told::default() }).await?.again());
    }
    let erased = people.erase(id).await?;
    Ok(gone(&room, &erased).into_response())
}

async fn page(room: &Room, told: &Told<'_>) -> Result<Page, Failure> {
    let id = room.id("contact")?;
    let held = room.session.identified()?.access(id).await?;
    let notice = room.who.policy.policy().notice();
    let title = name(notice, &held.contact);
    let (here, contact) =
        (room.path(&format!("contacts/{id}/rights")), room.path(&format!("contacts/{id}")));
    let writes = room.writes();
    let content = html! {
        div .head {
            h1 { "Rights of " (title) }
            div .actions { a .button href={ (here) "/copy" } download="held.json" { "Download a copy of all" } }
        }
        @if let Some(effect) = told.effect { (came_of_it(effect)) }
        (faults(told.faults))
        div .two {
            div {
                (stands(room, notice, id, &held))
                @if writes { (write_down(room, notice, &here, told)) }
            }
            div {
                (categories(notice, &held.categories))
                @if writes { (ask_to_erase(room, &here)) }
            }
        }
    };
    let around =
        Around::tab("Rights", "contacts").by("Contacts", room.path("contacts")).by(title, contact);
    Ok(in_room(room, &around, &content))
}

fn came_of_it(effect: &Effect) -> Markup {
    html! {
        div .done role="status" {
            p { @if effect.changed { "It is written down." } @else { "Nothing changes." } }
            ul { @for meaning in &effect.means { li { (capital(meaning.words())) "." } } }
        }
    }
}

/// What the contact said so far.
fn stands(room: &Room, notice: &Notice, id: Uuid, held: &Access) -> Markup {
    let said = &held.said;
    let titles = |names: &[String]| {
        let titles: Vec<String> = names.iter().map(|one| title(notice, one)).collect();
        if titles.is_empty() { "nothing".to_owned() } else { titles.join("; ") }
    };
    html! {
        section .card {
            h2 { "What it said" }
            dl .fields {
                dt { "Objects to" }
                dd {
                    @if said.objects_to_direct_marketing { p { "Direct marketing, under every purpose" } }
                    @if said.objects_to_profiling { p { "Profiling" } }
                    @for objected in &said.objections {
                        div {
                            (title(notice, &objected.purpose)) " " span .tag { (plain(objected.state)) }
                            @if objected.state == "being-weighed" && room.writes() { (weigh(room, id, &objected.purpose)) }
                        }
                    }
                    @if said.objections.is_empty() && !said.objects_to_direct_marketing && !said.objects_to_profiling { "nothing" }
                }
                dt { "Consents to" } dd { (titles(&said.consents)) }
                dt { "Restricted" } dd { (titles(&said.restrictions)) }
                @for reached in &said.channels {
                    dt { "By " (reached.channel) }
                    dd { (plain(reached.said)) ", " @if reached.open { "open" } @else { "closed" } " for direct marketing" }
                }
                dt { "Told of version" } dd { (said.told.as_deref().unwrap_or("none")) }
            }
        }
    }
}

/// The two ways to decide on an objection (GDPR Art. 21(1)).
fn weigh(room: &Room, id: Uuid, purpose: &str) -> Markup {
    let here = room.path(&format!("contacts/{id}/rights"));
    let ways = [
        (Statement::ObjectionUpheld, "It is right: stop for good"),
        (Statement::ObjectionRejected, "Compelling grounds: go on"),
    ];
    html! {
        div .actions {
            @for (statement, words) in ways {
                form method="post" action=(here) {
                    (csrf(&room.who.signed.csrf))
                    input type="hidden" name="says" value=(statement.word());
                    input type="hidden" name="scope" value=(purpose);
                    button { (words) }
                }
            }
        }
    }
}

fn write_down(room: &Room, notice: &Notice, here: &str, told: &Told<'_>) -> Markup {
    let nothing = (String::new(), "—".to_owned());
    let said = SAID.map(|(statement, words)| (statement.word().to_owned(), words.to_owned()));
    let wide = [("profiling", "Profiling"), ("all", "Everything (to be restricted)")];
    let wide = wide.map(|(scope, words)| (scope.to_owned(), words.to_owned()));
    let channel =
        |one: Channel| (one.word().to_owned(), format!("Direct marketing by {}", one.word()));
    let purposes = notice.purposes.iter().map(|(name, one)| (name.clone(), one.title.clone()));
    let scopes: Vec<(String, String)> = std::iter::once(nothing)
        .chain(purposes)
        .chain(Channel::ALL.map(channel))
        .chain(wide)
        .collect();
    html! {
        section .card {
            h2 { "Write down what it says" }
            p .soft { "It acts at once. Whatever else is needed is told here." }
            form method="post" action=(here) {
                (csrf(&room.who.signed.csrf))
                div .grid {
                    (select("What it says", &Entry { name: "says", value: told.says, faults: told.faults }, &said))
                    (select("To what", &Entry { name: "scope", value: told.scope, faults: told.faults }, &scopes))
                }
                button .main { "Write it down" }
            }
        }
    }
}

fn categories(notice: &Notice, held: &[Held]) -> Markup {
    let there = held.iter().filter(|one| one.records.is_none_or(|count| count > 0));
    html! {
        section .card {
            h2 { "What is held, and for whom" }
            div .scroll tabindex="0" role="region" aria-label="What is held" {
                table {
                    thead { tr { @for title in ["Data", "Records", "From", "Used for"] { th scope="col" { (title) } } } }
                    tbody {
                        @for one in there {
                            tr {
                                td { (one.title) }
                                td { @if let Some(count) = one.records { (count) } @else { "not looked at" } }
                                td { (one.sources.keys().cloned().collect::<Vec<_>>().join(", ")) }
                                td { (used_for(notice, one)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Sixteen titles are a long cell: how many, and on demand which.
fn used_for(notice: &Notice, held: &Held) -> Markup {
    let allowed = held.uses.iter().filter(|ground| ground.allowed);
    let numbers: BTreeSet<u8> = allowed.map(|ground| ground.purpose.number).collect();
    let one = |number: &u8| notice.purposes.values().nth(usize::from(*number).saturating_sub(1));
    html! {
        @if numbers.is_empty() { "nothing now" } @else {
            details {
                summary { (counted(numbers.len() as u64, "purpose")) }
                ul { @for purpose in numbers.iter().filter_map(one) { li { (purpose.title) } } }
            }
        }
    }
}

fn ask_to_erase(room: &Room, here: &str) -> Markup {
    html! {
        section .card {
            h2 { "Erase" }
            p { "What no law obliges to keep is erased at once and for good, and the addresses are kept out of later imports." }
            form method="post" action={ (here) "/erase" } {
                (csrf(&room.who.signed.csrf))
                div .field {
                    label for="field-sure" { input id="field-sure" type="checkbox" name="sure" value="yes"; "The contact asked for it, and I know who it is" }
                }
                button .bad { "Erase this contact" }
            }
        }
    }
}

fn gone(room: &Room, erased: &Erased) -> Page {
    let notice = room.who.policy.policy().notice();
    let content = html! {
        h1 { "The contact is erased" }
        div .done role="status" {
            p { (counted(erased.deleted as u64, "record")) " deleted, " (erased.suppressed) " of its addresses and keys kept from starting it again." }
        }
        @if !erased.kept.is_empty() {
            section .card {
                h2 { "What a law obliges to keep" }
                ul {
                    @for kept in &erased.kept {
                        @let category = notice.categories.get(&kept.category).map_or(kept.category.as_str(), |one| one.title.as_str());
                        li { (counted(kept.records as u64, "record")) " of " (category) ", for " (title(notice, &kept.purpose)) ", until " (kept.until) }
                    }
                }
            }
        }
        p { a href=(room.path("contacts")) { "Back to contacts" } }
    };
    in_room(
        room,
        &Around::tab("Erased", "contacts").by("Contacts", room.path("contacts")),
        &content,
    )
}

/// A purpose by its title; what is none as it is said.
fn title(notice: &Notice, name: &str) -> String {
    match notice.purposes.get(name) {
        Some(purpose) => purpose.title.clone(),
        None if name == "all" => "everything".to_owned(),
        None => name.to_owned(),
    }
}
