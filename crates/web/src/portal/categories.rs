//! The categories of contacts that the notice publishes, and which the contact is in. Nobody is in any
//! before they are worked out.

use axum::response::{IntoResponse, Response};
use gantry_notice::model::Profiling;
use maud::{Markup, html};

use super::page::Section;
use super::reader::Reader;
use super::visitor::Visitor;
use super::{PURPOSES, REQUEST};
use crate::path::path;

pub(super) async fn show(visitor: Visitor) -> Response {
    let reader = &visitor.reader;
    let content = html! {
        h1 { (reader.say("categories-title")) }
        @match &reader.notice.profiling {
            None => { p { (reader.say("categories-never")) } }
            Some(profiling) => { (published(reader, profiling)) }
        }
    };
    visitor.page(Section::Categories, "categories-title").around(&content).into_response()
}

fn published(reader: &Reader, profiling: &Profiling) -> Markup {
    html! {
        p { (reader.say("categories-text")) }
        p .note { (reader.say("categories-none")) }
        p { (reader.text("profiling.effect")) }
        p {
            a href=(path(REQUEST, &[("kind", "human-review")])) { (reader.say("categories-review")) }
            " · "
            a href={ (PURPOSES) "#profiling" } { (reader.say("profiling-object")) }
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
