//! Mail that was caught, for the demo: where it is not caught, there is no such page.

use axum::response::{IntoResponse, Response};
use gantry_post::Mail;
use maud::{Markup, html};

use super::fault::Fault;
use super::page::{Page, Section};
use super::visitor::Guest;

/// The mails, the newest first.
pub(super) async fn show(guest: Guest) -> Response {
    let reader = &guest.reader;
    let Some(mails) = guest.shell.site.post.caught() else { return Fault::NotFound.page(reader) };
    let content = html! {
        h1 { (reader.say("caught-title")) }
        p .note { (reader.say("caught-text")) }
        @if mails.is_empty() { p { (reader.say("caught-none")) } }
        @for mail in &mails {
            article .card {
                h2 { (mail.subject) }
                p { (mail.to) }
                (text(mail, &guest.shell.site.public_url))
            }
        }
    };
    let page = Page { reader, section: Section::None, form: None, title: "caught-title" };
    page.around(&content).into_response()
}

/// The text of a mail, with its links to this house.
fn text(mail: &Mail, public_url: &str) -> Markup {
    html! {
        @for line in mail.text.lines() {
            @if line.starts_with(public_url) && !public_url.is_empty() {
                p { a href=(line) { (line) } }
            } @else if !line.is_empty() {
                p { (line) }
            }
        }
    }
}
