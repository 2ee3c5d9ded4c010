//! The notice in the console: what it says, how versions differ, and how a new one comes into force.

mod compare;
mod matrix;
mod next;
mod told;

use axum::extract::State;
use gantry_engine::actor::Level;
use gantry_notice::Notice;
use maud::html;

use crate::app::Shell;
use crate::console::door::Who;
use crate::console::frame::in_house;
use crate::page::{Failure, Page};

pub(crate) use compare::compare;
pub(crate) use next::{approve, next, propose, withdraw};
pub(crate) use told::{told, told_csv};

/// What is in force, the picture of it, and the versions there were.
pub(crate) async fn show(who: Who, State(shell): State<Shell>) -> Result<Page, Failure> {
    let versions = shell.engine.notices().await?;
    let waiting = shell.engine.proposal().await?;
    let waiting = waiting.map(|proposal| proposal.notice()).transpose()?;
    let policy = &who.policy;
    let notice = policy.policy().notice();
    let content = html! {
        div .head {
            h1 { (notice.title) }
            div .actions {
                a .button href="/notice" { "As it is published" }
                @if keeps(&who, Level::Write) { a .button .main href="/house/notice/next" { "A new version" } }
            }
        }
        p { (notice.summary) }
        @if let Some(waiting) = &waiting {
            p .warn { "Version " (waiting.version) " waits: " a href="/house/notice/next" { "look at it" } "." }
        }
        section .card {
            h2 { "Who sees what, and for how long" }
            (matrix::picture(policy.policy()))
        }
        section .card {
            h2 { "Versions" }
            (versions_told(&versions))
        }
    };
    Ok(in_house(&who, &notice.title, &content))
}

fn versions_told(versions: &[std::sync::Arc<Notice>]) -> maud::Markup {
    let newest = versions.len().saturating_sub(1);
    html! {
        div .scroll tabindex="0" role="region" aria-label="Versions" {
            table {
                thead { tr { th scope="col" { "Version" } th scope="col" { "In force from" } th scope="col" { "Compared" } } }
                tbody {
                    @for (number, version) in versions.iter().enumerate().rev() {
                        tr {
                            td { (version.version) @if number == newest { " " span .tag .good { "in force" } } }
                            td { (version.effective) }
                            td { @if number > 0 { a href={ "/house/notice/compare?from=" (number - 1) "&to=" (number) } { "with the one before" } } }
                        }
                    }
                }
            }
        }
    }
}

/// Whether whoever asks works on the notice: under the purpose that answers contacts' requests.
pub(in crate::console) fn keeps(who: &Who, level: Level) -> bool {
    let purpose = &who.policy.policy().notice().system.requests;
    who.rooms.iter().any(|room| room.purpose == *purpose && room.level >= Some(level))
}
