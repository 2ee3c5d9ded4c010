//! What was worked out of the contact: its interests, the categories that it is in, and those that the
//! notice publishes.

use axum::response::{IntoResponse, Response};
use gantry_engine::portal::{Belonging, WorkedOut};
use gantry_notice::model::Profiling;
use maud::{Markup, html};

use super::page::Section;
use super::reader::Reader;
use super::visitor::Visitor;
use super::words::say;
use super::{PURPOSES, REQUEST};
use crate::path::path;

pub(super) async fn show(visitor: Visitor) -> Response {
    let reader = &visitor.reader;
    let worked_out = match visitor.portal.worked_out().await {
        Ok(worked_out) => worked_out,
        Err(error) => return visitor.fault(error),
    };
    let content = html! {
        h1 { (reader.say("categories-title")) }
        @match &reader.notice.profiling {
            None => { p { (reader.say("categories-never")) } }
            Some(profiling) => { (published(reader, profiling, &worked_out)) }
        }
    };
    visitor.page(Section::Categories, "categories-title").around(&content).into_response()
}

fn belonging(reader: &Reader, one: &Belonging) -> Markup {
    let of = |part: &str| reader.text(&format!("profiling.segment.{}.{part}", one.category));
    let key = match (one.belongs, &one.reason) {
        (true, None) => "categories-by-rule",
        (true, Some(_)) => "categories-by-person",
        (false, _) => "categories-kept-out",
    };
    html! {
        section .card {
            h2 { (of("title")) }
            p { (of("meaning")) }
            p { (say!(reader.words, key, day = reader.day(&one.since))) }
            @if let Some(reason) = &one.reason { p { (reader.say("categories-reason")) " " (reason) } }
        }
    }
}

fn published(reader: &Reader, profiling: &Profiling, worked_out: &WorkedOut) -> Markup {
    html! {
        p { (reader.say("categories-text")) }
        @if worked_out.categories.iter().all(|one| !one.belongs) { p .note { (reader.say("categories-none")) } }
        @for one in &worked_out.categories { (belonging(reader, one)) }
        p { (reader.text("profiling.effect")) }
        p {
            a href=(path(REQUEST, &[("kind", "human-review")])) { (reader.say("categories-review")) }
            " · "
            a href={ (PURPOSES) "#profiling" } { (reader.say("profiling-object")) }
        }
        @if !worked_out.interests.is_empty() {
            h2 { (reader.say("interests-title")) }
            p { (say!(reader.words, "interests-text", days = profiling.half_life_days)) }
            dl .fields {
                @for interest in &worked_out.interests {
                    dt { (reader.text(&format!("profiling.topics.{}", interest.topic))) }
                    dd { (say!(reader.words, "interests-score", score = format!("{:.1}", interest.score), day = reader.day(&interest.last_reaction))) }
                }
            }
        }
        h2 { (reader.say("categories-all")) }
        dl .fields {
            @for id in profiling.segment.keys() {
                dt { (reader.text(&format!("profiling.segment.{id}.title"))) }
                dd { (reader.text(&format!("profiling.segment.{id}.meaning"))) }
            }
        }
    }
}
