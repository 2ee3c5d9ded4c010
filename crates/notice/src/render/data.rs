//! The data categories, and how interests and segments are made of some of them.

use maud::{Markup, html};

use super::words::category_titles;
use crate::model::{Notice, Profiling};

pub(super) fn categories(notice: &Notice) -> Markup {
    html! {
        section aria-labelledby="data" {
            h2 #data { "What data we use" }
            p { "What is not in this list cannot be stored." }
            @for (id, category) in &notice.categories {
                article #{ "category-" (id) } aria-labelledby={ "category-" (id) "-title" } {
                    h3 #{ "category-" (id) "-title" } {
                        span { (category.title) }
                        @if category.special { " " span .tag { "sensitive" } }
                    }
                    p { (category.description) }
                    dl .facts {
                        dt { "In detail" }
                        dd {
                            @for (at, field) in category.fields.values().enumerate() {
                                @if at > 0 { ", " }
                                (field.title)
                                @if field.sealed { span .quiet title="encrypted with a key of your own" { " (sealed)" } }
                            }
                        }
                        dt { "Where from" }
                        dd { (category.source) }
                        dt { "Used for purposes" }
                        dd { (used_for(notice, id)) }
                    }
                }
            }
            p .quiet { "Sealed data is encrypted with a key that belongs to you alone. When you are erased, we destroy the key." }
        }
    }
}

fn used_for(notice: &Notice, category: &str) -> Markup {
    let readers = notice.purposes.iter().filter(|(_, p)| p.reads.contains_key(category));
    html! {
        @for (at, (id, purpose)) in readers.enumerate() {
            @if at > 0 { ", " }
            a href={ "#purpose-" (id) } title=(purpose.title) {
                (purpose.number)
                span .hidden { " " (purpose.title) }
            }
        }
    }
}

pub(super) fn profiling(notice: &Notice) -> Markup {
    let Some(profiling) = &notice.profiling else { return html! {} };
    html! {
        section aria-labelledby="profiling" {
            h2 #profiling { "How we see your interests" }
            p {
                "From " (category_titles(notice, &profiling.features).to_lowercase())
                " we work out a score for each topic. A newer reaction counts for more: after "
                (profiling.half_life_days) " days it counts half. By these scores you may fall into "
                "one of the segments below."
            }
            dl .facts {
                dt { "Topics" }
                dd { (profiling.topics.values().map(String::as_str).collect::<Vec<_>>().join(", ")) }
                dt { "What it is made of" }
                dd { (category_titles(notice, &profiling.features)) }
                @if !profiling.attributes.is_empty() {
                    dt { "What a segment may also look at" }
                    dd { (attributes(notice, profiling)) }
                }
                dt { "What a reaction counts" }
                dd { (weights(profiling)) }
                dt { "Who sees interests" }
                dd { (interest_readers(notice, profiling)) }
                dt { "Who sees segments" }
                dd { (segment_readers(notice, profiling)) }
                dt { "What follows from it" }
                dd { (profiling.effect) }
                dt { "If you disagree" }
                dd { (profiling.review) }
                dt { "Small segments" }
                dd { "A segment with fewer than " (profiling.smallest_segment) " people is not shown to anybody." }
            }
            h3 { "Segments" }
            div .scroll {
                table .stack aria-label="Segments" {
                    thead {
                        tr {
                            th scope="col" { "Segment" }
                            th scope="col" { "What it means for you" }
                            th scope="col" { "The exact rule" }
                        }
                    }
                    tbody {
                        @for segment in profiling.segment.values() {
                            tr {
                                th scope="row" { (segment.title) }
                                td data-head="What it means for you" { (segment.meaning) }
                                td data-head="The exact rule" { code { (segment.rule) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Attributes as people call them, e.g. `Industry (your company)`.
fn attributes(notice: &Notice, profiling: &Profiling) -> String {
    let titles = profiling.attributes.iter().filter_map(|attribute| {
        let (owner, field) = attribute.split_once('.')?;
        if owner == "company" {
            let field = notice.objects.get("company")?.fields.get(field)?;
            return Some(format!("{} (your company)", field.title));
        }
        let category = notice.categories.get(owner)?;
        Some(format!("{} ({})", category.fields.get(field)?.title, category.title))
    });
    titles.collect::<Vec<_>>().join(", ")
}

fn weights(profiling: &Profiling) -> String {
    let weights = profiling.weights.iter().map(|(name, weight)| format!("{name} {weight}"));
    weights.collect::<Vec<_>>().join(", ")
}

fn interest_readers(notice: &Notice, profiling: &Profiling) -> Markup {
    let readers = notice.purposes.iter().filter(|(id, _)| profiling.interest_readers.contains(id));
    html! {
        @for (at, (id, purpose)) in readers.enumerate() {
            @if at > 0 { ", " }
            a href={ "#purpose-" (id) } { (purpose.title) }
        }
    }
}

fn segment_readers(notice: &Notice, profiling: &Profiling) -> Markup {
    let readers = profiling.segment_readers.iter().filter_map(|reader| {
        let (id, used) = reader.split_once('/')?;
        let purpose = notice.purposes.get(id)?;
        Some((id, purpose, purpose.uses.get(used)?))
    });
    html! {
        @for (at, (id, purpose, used)) in readers.enumerate() {
            @if at > 0 { ", " }
            a href={ "#purpose-" (id) } { (purpose.title) } " (" (used.title) ")"
        }
    }
}
