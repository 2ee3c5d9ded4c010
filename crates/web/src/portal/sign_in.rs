//! Coming in by a link from a mail, and leaving.
//!
//! The page that asks for a link answers the same whatever the address; the mail is sent while nobody
//! waits. The page behind the link shows a button: programs that look at mails follow links, and must
//! not use them up.

use std::io::Write as _;

use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use gantry_engine::portal::{LINK_MINUTES, PortalLink};
use gantry_post::{Address, Mail};
use maud::{Markup, html};

use super::fault::Fault;
use super::language::Language;
use super::page::{Page, Section, Shown, token};
use super::reader::Reader;
use super::visitor::{Guest, GuestForm, Visitor, VisitorForm};
use super::words::say;
use super::{BROWSER, LANGUAGE, VISIT};
use super::{ENTER, LEAVE, ROOT, SENT, SIGN_IN};
use crate::app::Shell;
use crate::path::path;

/// The field for the address.
const EMAIL: &str = "email";
/// A link has this many letters and digits, and nothing else.
const LINK_LETTERS: usize = 58;

/// The answer comes no sooner: a link for an address that is known takes a few milliseconds more, which
/// would tell whose address it is.
const NO_SOONER: Duration = Duration::from_millis(50);

/// The page that asks for an address.
pub(super) async fn show(guest: Guest) -> Response {
    if let Some(token) = &guest.token {
        match guest.shell.engine.portal(token).await {
            Ok(Some(_)) => return Redirect::to(ROOT).into_response(),
            Ok(None) => {}
            Err(error) => return Fault::from(error).page(&guest.reader),
        }
    }
    // A browser that comes for the first time gets something to keep to itself.
    let known = guest.browser.clone();
    let browser = known.unwrap_or_else(|| guest.shell.engine.portal_browser().to_string());
    let content = ask_for_address(&guest, &browser, None);
    let mut response = around(&guest.reader, "sign-in-title", &content).into_response();
    BROWSER.set(&guest.shell.site, &browser, &mut response);
    response
}

/// Takes an address, and sends a link where the engine gives one.
pub(super) async fn ask(GuestForm { guest, browser, form }: GuestForm) -> Response {
    let Ok(address) = form.get(EMAIL).trim().parse::<Address>() else {
        let content = ask_for_address(&guest, &browser, Some("sign-in-fault"));
        let page = around(&guest.reader, "sign-in-title", &content);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let asked = async {
        match guest.shell.engine.portal_link(&address.to_string(), &browser).await {
            Ok(link) => {
                if let Some(link) = link {
                    send(&guest.shell, guest.reader.language(), &link);
                }
                Redirect::to(SENT).into_response()
            }
            Err(error) => Fault::from(error).page(&guest.reader),
        }
    };
    let (answer, ()) = tokio::join!(asked, tokio::time::sleep(NO_SOONER));
    answer
}

/// The page after asking, whatever the address was.
pub(super) async fn sent(guest: Guest) -> Response {
    let reader = &guest.reader;
    let content = html! {
        h1 { (reader.say("sent-title")) }
        p { (say!(reader.words, "sent-text", minutes = LINK_MINUTES)) }
        p { (reader.say("sent-same-browser")) }
        p .note { (reader.say("sent-nothing")) }
        @if guest.shell.site.post.caught().is_some() {
            p { a href=(super::CAUGHT) { (reader.say("sent-caught")) } }
        }
        p { a href=(SIGN_IN) { (reader.say("sent-again")) } }
    };
    around(reader, "sent-title", &content).into_response()
}

/// The page behind a link: a button, or why there is none. It looks at no link.
pub(super) async fn door(guest: Guest, Path(link): Path<String>) -> Response {
    if !is_link(&link) {
        return Fault::NotFound.page(&guest.reader);
    }
    let reader = &guest.reader;
    let content = html! {
        h1 { (reader.say("enter-title")) }
        @if let Some(browser) = &guest.browser {
            p { (reader.say("enter-text")) }
            form method="post" action=(path(ENTER, &[("link", &link)])) {
                (token(&guest.shell.engine.portal_form(browser)))
                button .main { (reader.say("enter-button")) }
            }
        } @else {
            p .error { (reader.say("enter-elsewhere")) }
            p { a href=(SIGN_IN) { (reader.say("sent-again")) } }
        }
    };
    around(reader, "enter-title", &content).into_response()
}

/// Uses a link.
pub(super) async fn enter(Path(link): Path<String>, form: GuestForm) -> Response {
    let GuestForm { guest, browser, .. } = form;
    let engine = &guest.shell.engine;
    let token = match engine.portal_enter(&link, &browser).await {
        Ok(Some(token)) => token,
        Ok(None) => return not_good(&guest.reader),
        Err(error) => return Fault::from(error).page(&guest.reader),
    };
    let mut response = Redirect::to(ROOT).into_response();
    VISIT.set(&guest.shell.site, &token, &mut response);
    if !guest.chose_language {
        match preferred(&guest.shell, &token).await {
            Ok(Some(language)) => LANGUAGE.set(&guest.shell.site, language.code(), &mut response),
            Ok(None) => {}
            Err(fault) => return fault.page(&guest.reader),
        }
    }
    response
}

/// The language that a contact prefers, where the portal speaks it.
async fn preferred(shell: &Shell, token: &str) -> Result<Option<Language>, Fault> {
    let Some(portal) = shell.engine.portal(token).await? else { return Ok(None) };
    let language = portal.language().await?;
    Ok(language.as_deref().and_then(Language::of))
}

fn not_good(reader: &Reader) -> Response {
    let content = html! {
        h1 { (reader.say("enter-title")) }
        p .error role="alert" { (say!(reader.words, "enter-not-good", minutes = LINK_MINUTES)) }
        p { a href=(SIGN_IN) { (reader.say("sent-again")) } }
    };
    (StatusCode::FORBIDDEN, around(reader, "enter-title", &content)).into_response()
}

/// The page that asks whether to leave.
pub(super) async fn way_out(visitor: Visitor) -> Response {
    let page = visitor.page(Section::None, "leave");
    let content = html! {
        h1 { (visitor.reader.say("leave")) }
        p { (visitor.reader.say("leave-text")) }
        form method="post" action=(LEAVE) {
            (page.token())
            button { (visitor.reader.say("leave")) }
        }
    };
    page.around(&content).into_response()
}

/// Leaves.
pub(super) async fn leave(guest: Guest, form: VisitorForm) -> Response {
    let VisitorForm { visitor, .. } = form;
    let left = guest.shell.engine.portal_leave(guest.token.as_deref().unwrap_or_default()).await;
    if let Err(error) = left {
        return visitor.fault(error);
    }
    let mut response = Redirect::to(SIGN_IN).into_response();
    VISIT.forget(&visitor.shell.site, &mut response);
    response
}

fn around(reader: &Reader, title: &'static str, content: &Markup) -> Shown {
    Page { reader, section: Section::None, form: None, title }.around(content)
}

fn ask_for_address(guest: &Guest, browser: &str, fault: Option<&str>) -> Markup {
    let (reader, shell) = (&guest.reader, &guest.shell);
    html! {
        h1 { (reader.say("sign-in-title")) }
        p { (reader.say("sign-in-text")) }
        @if shell.site.post.is_there() {
            form method="post" action=(SIGN_IN) {
                (token(&shell.engine.portal_form(browser)))
                p {
                    label for=(EMAIL) { (reader.say("sign-in-email")) }
                    input #(EMAIL) name=(EMAIL) type="email" autocomplete="email" required
                        aria-describedby={ "email-hint" @if fault.is_some() { " email-fault" } }
                        aria-invalid=[fault.map(|_| "true")];
                    span #email-hint .hint { (reader.say("sign-in-hint")) }
                    @if let Some(fault) = fault {
                        span #email-fault .error role="alert" { (reader.say(fault)) }
                    }
                }
                button .main { (reader.say("sign-in-button")) }
            }
        } @else {
            p .note { (reader.say("sign-in-no-post")) }
        }
    }
}

/// Sends a link while nobody waits: how long that takes must not tell whether there was one.
fn send(shell: &Shell, page: Language, link: &PortalLink) {
    let Ok(to) = link.to.parse::<Address>() else { return };
    let language = link.language.as_deref().and_then(Language::of).unwrap_or(page);
    let reader = Reader::of(&shell.engine.policy(), language);
    let controller = reader.notice.controller.name.as_str();
    let way = path(ENTER, &[("link", &link.link)]);
    let url = format!("{}{way}", shell.site.public_url.trim_end_matches('/'));
    let subject = say!(reader.words, "mail-subject", controller = controller);
    let text = say!(
        reader.words,
        "mail-text",
        controller = controller,
        url = url,
        minutes = LINK_MINUTES,
        email = reader.notice.controller.email.as_str(),
    );
    let (post, mail) = (shell.site.post.clone(), Mail { to, subject, text });
    tokio::spawn(async move {
        if let Err(error) = post.send(&mail).await {
            // The error names nobody; a log that cannot be written is no reason to fail.
            let _ =
                writeln!(std::io::stderr().lock(), "a link of the portal was not sent: {error}");
        }
    });
}

fn is_link(text: &str) -> bool {
    text.len() == LINK_LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
