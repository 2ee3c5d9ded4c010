//! What reactions tell of a contact, in the rooms that may see them: scores, categories, how they
//! follow, and a person's say in it.

use std::sync::Arc;

use axum::response::Response;
use gantry_engine::EngineError;
use gantry_insight::{Analysis, Counted, Hand, Membership, Model, analyse, day_text};
use gantry_notice::Operation;
use gantry_notice::model::{Notice, Profiling};
use maud::{Markup, html};

use crate::console::contact::shapes;
use crate::console::contacts::name;
use crate::console::door::{Posted, Room};
use crate::console::frame::{Around, in_room};
use crate::console::passing::{Confirmation, confirming};
use crate::page::field::{Entry, line, select};
use crate::page::parts::{capital, csrf, faults, millis, plain};
use crate::page::{Failure, Page, taken};

/// Reactions on the page.
const REACTIONS: usize = 20;

/// Whether the room's use sees what feeds profiling and what comes of it.
pub(crate) fn sees(room: &Room) -> bool {
    let Some(profiling) = &room.who.policy.policy().notice().profiling else { return false };
    may(room, Operation::Read, &profiling.segments)
        && profiling.features.iter().all(|feature| may(room, Operation::Read, feature))
}

fn may(room: &Room, operation: Operation, category: &str) -> bool {
    let shapes = shapes(room).unwrap_or_default();
    shapes.iter().any(|shape| shape.name == category && shape.may(operation))
}

/// What is told, and the form by which a person decides.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    page(&room, &Asked::default()).await
}

/// What a form said, and what was wrong with it.
#[derive(Default)]
struct Asked {
    segment: String,
    to: String,
    reason: String,
    faults: Vec<gantry_engine::FieldFault>,
}

/// Lets a person decide of a category.
pub(crate) async fn decide(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let text = |name: &str| form.filled(name).unwrap_or_default().to_owned();
    let mut asked = Asked {
        segment: text("segment"),
        to: text("to"),
        reason: text("reason"),
        faults: Vec::new(),
    };
    match taken(decided(&room, &asked).await)? {
        Ok(()) => {
            let here = room.path(&format!("contacts/{}/insight", room.id("contact")?));
            Ok(confirming(here, Confirmation::Stored))
        }
        Err(found) => {
            asked.faults = found;
            Ok(page(&room, &asked).await?.again())
        }
    }
}

async fn decided(room: &Room, asked: &Asked) -> Result<(), EngineError> {
    let hand = Hand::of_word(&asked.to)
        .ok_or_else(|| EngineError::invalid("to", "is none of the choices"))?;
    let contact = room.id("contact").map_err(|_| EngineError::not_found("contact"))?;
    let notice = room.who.policy.policy().notice();
    let (profiling, model) = model(room)?;
    let people = room.session.identified()?;
    let mut analysis = analyse(people, notice, &model, contact, room.shell.engine.now()).await?;
    analysis.decide(&model, &asked.segment, hand, &asked.reason)?;
    analysis.hold(people, profiling, &model, contact).await?;
    Ok(())
}

fn model(room: &Room) -> Result<(&Profiling, Arc<Model>), EngineError> {
    let notice = room.who.policy.policy().notice();
    let none = || EngineError::not_found("profiling");
    let profiling = notice.profiling.as_ref().ok_or_else(none)?;
    Ok((profiling, room.shell.models.of(notice).map_err(|_| none())?))
}

async fn page(room: &Room, asked: &Asked) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let contact = room.id("contact")?;
    let notice = room.who.policy.policy().notice();
    let (profiling, model) = model(room)?;
    let analysis = analyse(people, notice, &model, contact, room.shell.engine.now()).await?;
    let title = name(notice, &people.contact(contact).await?);
    let content = html! {
        h1 { "What reactions tell" }
        p .soft { "Of " a href=(room.path(&format!("contacts/{contact}"))) { (title) } ". " (profiling.effect) }
        (faults(&asked.faults))
        div .two {
            div {
                (categories(notice, profiling, &analysis))
                @if room.writes() && may(room, Operation::Derive, &profiling.segments) { (form(room, profiling, asked)) }
            }
            div { (scores(profiling, &model, &analysis)) (reactions(profiling, &analysis.reactions)) }
        }
    };
    let here = room.path(&format!("contacts/{contact}"));
    let around =
        Around::tab("What reactions tell", "contacts").by("Contacts", room.path("contacts"));
    Ok(in_room(room, &around.by(title, here), &content))
}

fn categories(notice: &Notice, profiling: &Profiling, analysis: &Analysis) -> Markup {
    let title = |id: &str| profiling.segment.get(id).map_or(id.to_owned(), |one| one.title.clone());
    html! {
        section .card {
            h2 { "Categories" }
            @if analysis.memberships.is_empty() { p .soft { "In none of those that the notice publishes." } }
            @for one in &analysis.memberships { (membership(notice, &title(&one.segment), one)) }
            @for (segment, reason) in analysis.kept_out() {
                h3 { (title(segment)) }
                p .left-out { "Kept out by a person: " (reason) }
            }
        }
    }
}

fn membership(notice: &Notice, title: &str, one: &Membership) -> Markup {
    html! {
        h3 { (title) }
        p {
            "Since " (day_text(one.since))
            @if let Some(reason) = &one.by_person { ", put in by a person: " (reason) }
            ". " (capital(&one.told.words(notice))) "."
        }
        p .soft {
            @match one.until {
                Some(day) => { "Ends on " (day_text(day)) " unless something happens." }
                None => { "Stays as it is unless something happens." }
            }
        }
    }
}

fn form(room: &Room, profiling: &Profiling, asked: &Asked) -> Markup {
    let segments = profiling.segment.iter().map(|(id, one)| (id.clone(), one.title.clone()));
    let choices = [
        ("in", "belongs to it, whatever the rule says"),
        ("out", "does not, whatever the rule says"),
        ("rule", "as the rule says"),
    ];
    let choices = choices.map(|(value, title)| (value.to_owned(), title.to_owned()));
    let entry = |name, value| Entry { name, value, faults: &asked.faults };
    html! {
        form method="post" {
            (csrf(&room.who.signed.csrf))
            fieldset {
                legend { "Decide otherwise" }
                (select("Category", &entry("segment", &asked.segment), &segments.collect::<Vec<_>>()))
                (select("The contact", &entry("to", &asked.to), &choices))
                (line("Reason", Some("The contact can read it"), &entry("reason", &asked.reason)))
                div .actions { button .main { "Store" } }
            }
        }
    }
}

fn scores(profiling: &Profiling, model: &Model, analysis: &Analysis) -> Markup {
    let any = analysis.profile.any().worth(model, analysis.at);
    let worth = |id: &str| {
        let topic = model.topic(id);
        topic.map_or(0.0, |topic| analysis.profile.score(topic).worth(model, analysis.at))
    };
    html! {
        section .card {
            h2 { "Interests" }
            table {
                thead { tr { th scope="col" { "Topic" } th scope="col" .number { "Score" } } }
                tbody {
                    @for (id, title) in &profiling.topics { tr { td { (title) } td .number { (format!("{:.1}", worth(id))) } } }
                    tr { th scope="row" { "All topics" } td .number { (format!("{any:.1}")) } }
                }
            }
            p .soft { "The sum of what reactions are worth; after " (profiling.half_life_days) " days each is worth half." }
        }
    }
}

fn reactions(profiling: &Profiling, reactions: &[Counted]) -> Markup {
    html! {
        section .card {
            h2 { "Reactions" }
            @if reactions.is_empty() { p .soft { "None that the purpose may see." } }
            @else {
                div .scroll tabindex="0" role="region" aria-label="Reactions" {
                    table .dense {
                        thead { tr { @for head in ["When", "Reaction", "Topic"] { th scope="col" { (head) } } @for head in ["Weight", "Worth now"] { th scope="col" .number { (head) } } } }
                        tbody {
                            @for one in reactions.iter().take(REACTIONS) {
                                tr {
                                    td { (millis(one.at)) }
                                    td { (plain(&one.reaction)) @if one.machine { " " span .tag .soft { "a machine" } } }
                                    td { @if let Some(topic) = &one.topic { (profiling.topics.get(topic).unwrap_or(topic)) } }
                                    td .number { (format!("{:.1}", one.weight)) }
                                    td .number { (format!("{:.2}", one.worth)) }
                                }
                            }
                        }
                    }
                }
                @if reactions.len() > REACTIONS { p .soft { "And " (reactions.len() - REACTIONS) " older ones." } }
            }
        }
    }
}
