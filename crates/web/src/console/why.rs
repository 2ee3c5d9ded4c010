//! Why the room's purpose may see a category of a contact, or not.

use gantry_notice::model::Notice;
use gantry_notice::{Explanation, Operation};
use maud::{Markup, html};

use crate::console::contacts::name;
use crate::console::door::Room;
use crate::console::frame::{Around, in_room};
use crate::page::parts::plain;
use crate::page::{Failure, Page};

/// The explanation.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let (id, category) = (room.id("contact")?, room.text("category")?);
    let why = people.why(id, category, Operation::Read).await?;
    let view = people.contact(id).await?;
    let notice = room.who.policy.policy().notice();
    let (title, here) = (name(notice, &view), room.path(&format!("contacts/{id}")));
    let content = html! {
        h1 { "Why is \u{201c}" (why.category.title) "\u{201d} " @if why.allowed { "seen" } @else { "not seen" } " here?" }
        (answer(&why))
        div .two {
            section .card { (ground(&why)) }
            section .card { (fields(notice, category, &why)) (others(&why)) }
        }
    };
    let around =
        Around::tab("Why", "contacts").by("Contacts", room.path("contacts")).by(title, here);
    Ok(in_room(&room, &around, &content))
}

fn answer(why: &Explanation) -> Markup {
    html! {
        @if let Some(reason) = &why.reason {
            p .warn { "It is not: " (reason.words) "." }
        } @else {
            p .done {
                "The notice lets \u{201c}" (why.purpose.title) "\u{201d} "
                (why.operation) " it for \u{201c}" (why.used.title) "\u{201d}."
            }
        }
    }
}

fn ground(why: &Explanation) -> Markup {
    html! {
        h2 { "On what ground" }
        dl .fields {
            dt { "Purpose" }
            dd { a href={ "/notice" (why.purpose.anchor) } { (why.purpose.number) ". " (why.purpose.title) } }
            dt { "Use" } dd { (why.used.title) }
            @if let Some(basis) = &why.basis {
                dt { "Lawful basis" } dd { (basis.title) " (" (basis.article) ")" }
                @if let Some(interest) = &basis.interest { dt { "Interest" } dd { (interest) } }
                dt { "Law" } dd { (basis.regime.title) }
            }
            @if let Some(window) = &why.window { dt { "How long" } dd { (window) } }
            @if let Some(until) = &why.until {
                dt { "Until" } dd { @if until == "open" { "nothing has ended it yet" } @else { (until) } }
            }
            dt { "Notice" } dd { (why.notice.id) ", version " (why.notice.version) }
        }
    }
}

fn fields(notice: &Notice, category: &str, why: &Explanation) -> Markup {
    let declared = notice.categories.get(category);
    let title = |name: &str| {
        declared
            .and_then(|one| one.fields.get(name))
            .map_or(name.to_owned(), |field| field.title.clone())
    };
    html! {
        @if !why.fields.is_empty() {
            h2 { "Which fields" }
            ul { @for field in &why.fields { li #(field) { (title(field)) } } }
        }
        @if !why.left_out.is_empty() {
            p .left-out { "Not now:" }
            ul { @for one in &why.left_out { li #(one.field) { (title(&one.field)) ": " (one.reason.words) } } }
        }
    }
}

fn others(why: &Explanation) -> Markup {
    html! {
        @if !why.others.is_empty() {
            h2 { "What else the notice gives it to" }
            ul {
                @for other in &why.others {
                    li { (other.purpose.number) ". " (other.purpose.title) ": " (other.used.title) " " span .soft { "(" (plain(other.mode)) ")" } }
                }
            }
        }
    }
}
