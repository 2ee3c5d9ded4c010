//! The start page of a room: what waits, and what the notice gives the purpose.

use std::collections::BTreeMap;

use gantry_engine::Session;
use gantry_engine::session::Open;
use gantry_notice::model::Mode;
use maud::{Markup, html};

use crate::console::contact::shapes;
use crate::console::door::Room;
use crate::console::frame::{Around, in_room};
use crate::page::chart::bars;
use crate::page::parts::plain;
use crate::page::{Failure, Page};
use crate::shape;

/// Pictures on the page.
const PICTURES: usize = 2;
/// A picture is made of so many of the latest things.
const LATEST: usize = 500;
/// Where these reach over fewer months, it is drawn by days.
const FEW_MONTHS: usize = 4;
/// Months or days that it shows.
const PERIODS: usize = 12;
/// Open things are counted as far as this.
const COUNTED: usize = 100;

/// The page.
pub(crate) async fn start(room: Room) -> Result<Page, Failure> {
    let waiting = waiting(&room).await?;
    let declared = room.declared()?;
    let content = html! {
        h1 { (declared.title) }
        p { (declared.description) }
        @if !waiting.is_empty() {
            section {
                h2 { "Open now" }
                div .cards { @for kind in &waiting { (kind) } }
            }
        }
        (pictures(&room).await?)
        (given(&room)?)
    };
    Ok(in_room(&room, &Around::tab("Start", ""), &content))
}

/// Open things by kind and state.
async fn waiting(room: &Room) -> Result<Vec<Markup>, Failure> {
    let Session::Identified(people) = &room.session else { return Ok(Vec::new()) };
    let mut cards = Vec::new();
    for (name, kind, writes) in shape::kinds(&room.who.policy, &room.purpose) {
        // What a purpose only looks at does not wait for it.
        if !writes || kind.part_of.is_some() || kind.closed.is_empty() {
            continue;
        }
        let open = people.objects_open(name, COUNTED).await?;
        if !open.is_empty() {
            cards.push(html! {
                section .card {
                    h3 { a href=(room.path(&format!("objects/{name}"))) { (kind.plural) } }
                    dl .fields {
                        @for Open { state, count, more } in &open {
                            dt { a href=(room.path(&format!("objects/{name}?state={state}"))) { (plain(state)) } } dd { (count) @if *more { "+" } }
                        }
                    }
                }
            });
        }
    }
    Ok(cards)
}

/// How it goes: the latest things of the kinds that the purpose writes, by month, or by day where
/// there are many.
async fn pictures(room: &Room) -> Result<Markup, Failure> {
    let Session::Identified(people) = &room.session else { return Ok(html! {}) };
    let mut charts = Vec::new();
    let kinds = shape::kinds(&room.who.policy, &room.purpose);
    let own = kinds.into_iter().filter(|(name, kind, writes)| {
        *writes && kind.part_of.is_none() && *name != crate::shape::COMPANY
    });
    for (name, kind, _) in own.take(PICTURES) {
        let latest = people.objects_latest(name, None, LATEST).await?;
        let days: Vec<&str> = latest.items.iter().filter_map(|one| one.at.get(..10)).collect();
        let (unit, points) = by_time(&days, latest.next.is_some());
        if points.len() > 1 {
            charts.push(bars(
                &kind.plural,
                &format!("By {unit} in which they happened or begin."),
                &points,
            ));
        }
    }
    Ok(html! {
        @if !charts.is_empty() {
            section { h2 { "How it goes" } div .even { @for chart in &charts { section .card { (chart) } } } }
        }
    })
}

/// How many there are in each of the last months or days; `days` are the latest, and `cut` says that
/// there are earlier ones: then the earliest month or day is not whole, and is left out.
fn by_time(days: &[&str], cut: bool) -> (&'static str, Vec<(String, u64)>) {
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    let mut single: BTreeMap<String, u64> = BTreeMap::new();
    for day in days {
        *months.entry(day.chars().take(7).collect()).or_default() += 1;
        *single.entry((*day).to_owned()).or_default() += 1;
    }
    let (unit, mut counts) =
        if cut && months.len() < FEW_MONTHS { ("day", single) } else { ("month", months) };
    if cut {
        counts.pop_first();
    }
    let skip = counts.len().saturating_sub(PERIODS);
    (unit, counts.into_iter().skip(skip).collect())
}

/// What the notice lets the use see, with its windows.
fn given(room: &Room) -> Result<Markup, Failure> {
    let shapes = shapes(room)?;
    let declared = room.declared()?;
    let all = room.who.policy.policy().notice().categories.len();
    Ok(html! {
        section .card {
            header {
                h2 { "What the notice gives it" }
                a href={ "/notice#purpose-" (room.purpose) } { "The clause" }
            }
            p .soft {
                "Rests on " (declared.basis.title()) "."
                @match declared.mode {
                    Mode::Identified => " It sees people as they are.",
                    Mode::Pseudonymous => " It sees aliases, and nobody as they are.",
                    Mode::Aggregate => " It sees counts and sums, and nobody.",
                }
                " " (all - shapes.len().min(all)) " of " (all) " data categories are not used here."
            }
            div .scroll tabindex="0" role="region" aria-label="Data categories" {
                table {
                    thead { tr { th scope="col" { "Data category" } th scope="col" { "May" } th scope="col" { "How long" } } }
                    tbody {
                        @for shape in &shapes {
                            tr {
                                td { (shape.declared.title) }
                                td { (shape.operations.iter().map(|one| one.word()).collect::<Vec<_>>().join(", ")) }
                                td { (shape.window) }
                            }
                        }
                    }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_within_months_is_counted_by_month() {
        let (unit, points) = by_time(&["2026-10-02", "2026-10-30", "2026-11-01"], false);
        assert_eq!(unit, "month");
        assert_eq!(points, [("2026-10".to_owned(), 2), ("2026-11".to_owned(), 1)]);
    }

    #[test]
    fn where_many_are_of_few_days_the_earliest_is_left_out_as_it_is_not_whole() {
        let (unit, points) =
            by_time(&["2026-11-03", "2026-11-03", "2026-11-02", "2026-11-01"], true);
        assert_eq!(unit, "day");
        assert_eq!(points, [("2026-11-02".to_owned(), 1), ("2026-11-03".to_owned(), 2)]);
    }
}
