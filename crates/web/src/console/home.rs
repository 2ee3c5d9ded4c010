//! The first page: what do you want to work for? And the notice as it is published.

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use gantry_engine::actor::Level;
use maud::html;

use crate::app::Shell;
use crate::console::door::Who;
use crate::console::frame::{in_house, open, sees, why_locked};
use crate::console::notice::keeps;
use crate::page::{Failure, Page};

/// The published notice is one document with a sheet of its own within.
const NOTICE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The first page: what the account may work for, then what it may not, and what waits for it.
pub(crate) async fn home(who: Who, State(shell): State<Shell>) -> Result<Page, Failure> {
    let notice = who.policy.policy().notice();
    let waits = shell.engine.proposal().await?.is_some_and(|one| one.approved_by.is_none());
    let (mine, others): (Vec<_>, Vec<_>) =
        notice.purposes.iter().partition(|(id, _)| open(&who.rooms, id));
    let content = html! {
        h1 { "What do you want to work for?" }
        @if waits && keeps(&who, Level::Write) {
            p .warn { "A new version of the notice waits: " a href="/house/notice/next" { "look at it" } "." }
        }
        p .soft { "Each purpose of the notice sees exactly what the notice gives it. Version " (notice.version) ", in force from " (notice.effective) "." }
        div .cards {
            @for (id, purpose) in mine {
                section .card .purpose .{ "p" (purpose.number) } {
                    h2 { (purpose.number) ". " a href={ "/" (id) } { (purpose.title) } }
                    p { (purpose.description) }
                    p .soft { "Rests on " (purpose.basis.title()) "; it sees " (sees(purpose.mode)) "." }
                }
            }
        }
        @if !others.is_empty() {
            details {
                summary { h2 .inline { "Locked: " (others.len()) " purposes that none of your roles works for" } }
                div .cards {
                    @for (_, purpose) in others {
                        section .card {
                            h3 { (purpose.number) ". " (purpose.title) }
                            p { (purpose.description) }
                            p .soft { (why_locked(notice, &purpose.roles)) }
                        }
                    }
                }
            }
        }
    };
    Ok(in_house(&who, "Purposes", &content))
}

/// The notice in force, for everybody.
pub(crate) async fn notice(State(shell): State<Shell>) -> Response {
    let policy = shell.engine.policy();
    let page = gantry_notice::render(policy.policy().notice());
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, NOTICE_POLICY)];
    (headers, page).into_response()
}
