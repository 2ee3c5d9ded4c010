//! Two versions compared: who gains and who loses what, and how many contacts that touches.

use axum::extract::State;
use gantry_engine::session::Touched;
use gantry_notice::diff::{Change, Effect, Tell};
use gantry_notice::{Diff, Notice};
use maud::{Markup, html};
use serde::Deserialize;

use super::told::{session, ways};
use crate::app::Shell;
use crate::console::door::Who;
use crate::console::frame::in_house;
use crate::console::query::Query;
use crate::page::{Failure, Page};

/// Which versions, by their places in the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    from: usize,
    to: usize,
}

/// The page.
pub(crate) async fn compare(
    who: Who,
    State(shell): State<Shell>,
    Query(asked): Query<Asked>,
) -> Result<Page, Failure> {
    let versions = shell.engine.notices().await?;
    let version = |at: usize| versions.get(at).ok_or(Failure::NotFound);
    let (old, new) = (version(asked.from)?, version(asked.to)?);
    let diff = Diff::of(old, new);
    let content = html! {
        h1 { "Version " (diff.to) " compared with " (diff.from) }
        (told(&diff, new))
        (touched(&shell, &who, diff.must_tell(), Some((asked.from, asked.to))).await?)
        p { a href="/house/notice" { "Back to the notice" } }
    };
    Ok(in_house(&who, "Versions compared", &content))
}

/// The changes, those that let more be done first.
pub(super) fn told(diff: &Diff, new: &Notice) -> Markup {
    html! {
        @for (effect, title) in [(Effect::Gains, "More may be done"), (Effect::Loses, "Less may be done"), (Effect::Differs, "Worded or ordered anew")] {
            @let changes: Vec<&Change> = diff.with(effect).collect();
            @if !changes.is_empty() {
                section .card {
                    h2 { (title) " " span .tag { (changes.len()) } }
                    ul {
                        @for change in changes {
                            li {
                                @if let Some(purpose) = &change.purpose { strong { (new.purposes.get(purpose).map_or(purpose.as_str(), |one| one.title.as_str())) } ": " }
                                (change.what)
                                @if let (Some(from), Some(to)) = (&change.from, &change.to) { " " span .soft { "(" (from) " → " (to) ")" } }
                                @if change.tell { " " span .tag .warn { "contacts must be told" } }
                            }
                        }
                    }
                }
            }
        }
        @if diff.changes.is_empty() { p .note { "Nothing differs." } }
    }
}

/// How many contacts a difference touches, and the way to them: of two versions that were, or else of
/// the one that waits. Only whoever answers contacts' requests learns it.
pub(super) async fn touched(
    shell: &Shell,
    who: &Who,
    tell: Option<&Tell>,
    versions: Option<(usize, usize)>,
) -> Result<Markup, Failure> {
    let Some(tell) = tell else {
        return Ok(html! { p .done { "Nobody must be told: it takes nothing from anybody." } });
    };
    let Some(session) = requests(shell, who).await? else {
        return Ok(
            html! { p .note { "Contacts must be told of it. How many, the page says to whoever answers their requests." } },
        );
    };
    let Touched { contacts, at_least } = session.identified()?.count_to_tell(tell).await?;
    Ok(html! {
        p .warn {
            "It touches " strong { @if at_least { "at least " } (contacts) } @if contacts == 1 { " contact" } @else { " contacts" }
            ", who must be told before it takes effect"
            @if !tell.everybody && !tell.categories.is_empty() { ": those of whom there is something of " (tell.categories.iter().cloned().collect::<Vec<_>>().join(", ")) }
            "."
        }
        (ways(versions))
    })
}

/// A session of the purpose that answers contacts' requests, where whoever asks has it.
async fn requests(shell: &Shell, who: &Who) -> Result<Option<gantry_engine::Session>, Failure> {
    let purpose = &who.policy.policy().notice().system.requests;
    if !crate::console::frame::open(&who.rooms, purpose) {
        return Ok(None);
    }
    Ok(Some(session(shell, who).await?))
}
