//! A new version on its way: proposed by one person, approved by another.

use axum::extract::State;
use axum::response::Response;
use gantry_engine::actor::Level;
use gantry_engine::{Cause, EngineError, Proposal};
use gantry_notice::{Diff, Faults, Notice};
use maud::{Markup, html};
use similar::TextDiff;

use super::compare::{told, touched};
use super::keeps;
use crate::app::Shell;
use crate::console::door::{Posted, Who};
use crate::console::frame::in_house;
use crate::console::passing::{Confirmation, confirming};
use crate::page::parts::{csrf, faults, millis};
use crate::page::{Failure, Page};

/// The version that waits; a form for one, where none does.
pub(crate) async fn next(who: Who, State(shell): State<Shell>) -> Result<Page, Failure> {
    if let Some(proposal) = shell.engine.proposal().await? {
        return waiting(&shell, &who, &proposal).await;
    }
    let text = shell.engine.notice_text().await?;
    Ok(form(&who, &text, &html! {}))
}

/// Proposes a version.
pub(crate) async fn propose(
    who: Who,
    State(shell): State<Shell>,
    posted: Posted,
) -> Result<Response, Failure> {
    let sent = posted.by(&who)?;
    // Browsers send line ends of their own.
    let text = sent.get("text").replace("\r\n", "\n");
    let proposed = shell.engine.propose_notice(&who.signed.actor, &text, Cause::Request).await;
    let wrong = match proposed {
        Ok(_) => return Ok(to_next(Confirmation::Proposed)),
        Err(EngineError::Invalid(found)) => faults(&found),
        // The engine says that it does not hold; where, the notice itself says.
        Err(EngineError::Notice(why)) => {
            if let Err(found) = Notice::parse(&text, "the new version") {
                not_held(&found)
            } else {
                html! { div .error role="alert" { p { (why) } } }
            }
        }
        Err(other) => return Err(other.into()),
    };
    Ok(form(&who, &text, &wrong).again())
}

/// Approves the version that waits.
pub(crate) async fn approve(
    who: Who,
    State(shell): State<Shell>,
    posted: Posted,
) -> Result<Response, Failure> {
    let sent = posted.by(&who)?;
    shell.engine.approve_notice(&who.signed.actor, sent.get("mark"), Cause::Request).await?;
    Ok(confirming("/house/notice", Confirmation::Approved))
}

/// Takes the version that waits back.
pub(crate) async fn withdraw(
    who: Who,
    State(shell): State<Shell>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.by(&who)?;
    shell.engine.withdraw_notice(&who.signed.actor, Cause::Request).await?;
    Ok(to_next(Confirmation::TakenBack))
}

fn to_next(done: Confirmation) -> Response {
    confirming("/house/notice/next", done)
}

fn form(who: &Who, text: &str, wrong: &Markup) -> Page {
    let content = html! {
        h1 { "A new version of the notice" }
        p { "Change its text, give it a new version and the day from which it is in force. It is checked as it is sent, and a second person approves it." }
        (wrong)
        @if keeps(who, Level::Write) {
            form method="post" action="/house/notice/next" {
                (csrf(&who.signed.csrf))
                div .field {
                    label for="text" { "The notice (TOML)" }
                    textarea #text .code name="text" rows="30" spellcheck="false" { (text) }
                }
                button .main { "Check and propose" }
            }
        } @else {
            p .note { "Your roles do not work on the notice." }
        }
    };
    in_house(who, "A new version", &content)
}

fn not_held(found: &Faults) -> Markup {
    html! {
        div .error role="alert" {
            p { strong { "It does not hold yet." } " Nothing was stored." }
            ul {
                @for fault in &found.list {
                    li {
                        "Line " (fault.line) ", " code { (fault.path) } ": " (fault.what)
                        @if let Some(hint) = &fault.hint { " " span .soft { "Hint: " (hint) } }
                    }
                }
                @if found.unlisted > 0 { li { "and " (found.unlisted) " more" } }
            }
        }
    }
}

async fn waiting(shell: &Shell, who: &Who, proposal: &Proposal) -> Result<Page, Failure> {
    let (old, new) = (who.policy.policy().notice(), proposal.notice()?);
    let diff = Diff::of(old, &new);
    let own = proposal.by == who.signed.actor.name;
    let token = &who.signed.csrf;
    let content = html! {
        h1 { "Version " (new.version) " waits" }
        p {
            "Proposed by " code { (proposal.by) } " at " (millis(proposal.at)) ", to be in force from " (new.effective) ". "
            @match &proposal.approved_by {
                Some(by) => { "Approved by " code { (by) } ": it comes into force on its day." },
                None if own => { "Somebody else who may approve must look at it." },
                None => {},
            }
        }
        div .actions {
            @if !own && proposal.approved_by.is_none() && keeps(who, Level::Approve) {
                form method="post" action="/house/notice/next/approve" {
                    (csrf(token))
                    input type="hidden" name="mark" value=(proposal.mark(who.policy.policy().version()));
                    button .main { "Approve it" }
                }
            }
            @if keeps(who, Level::Write) {
                form method="post" action="/house/notice/next/withdraw" { (csrf(token)) button .bad { "Take it back" } }
            }
        }
        @if keeps(who, Level::Write) { (touched(shell, who, diff.must_tell(), None).await?) }
        (told(&diff, &new))
        (lines(&shell.engine.notice_text().await?, &proposal.text))
    };
    Ok(in_house(who, "A new version", &content))
}

/// The text, line by line, where it differs: what the list of changes does not name is seen here.
fn lines(old: &str, new: &str) -> Markup {
    let diff = TextDiff::from_lines(old, new);
    let mut unified = diff.unified_diff();
    let text = unified.context_radius(2).header("in force", "proposed").to_string();
    html! {
        section .card {
            h2 { "Its text, line by line" }
            pre .lines tabindex="0" {
                @for line in text.lines() {
                    @match line.chars().next() {
                        Some('+') => ins { (line) },
                        Some('-') => del { (line) },
                        _ => span { (line) },
                    }
                    "\n"
                }
            }
        }
    }
}
