//! The published notice page: one accessible HTML document, without script or any request to
//! elsewhere.

mod data;
mod law;
mod purposes;
mod words;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::model::Notice;
use words::{paragraphs, window_words};

/// The page that customers read.
pub fn render(notice: &Notice) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(notice.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // The page needs nothing from anywhere, and says so to the browser.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="referrer" content="no-referrer";
                title { (notice.title) " · " (notice.controller.name) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                a .skip href="#content" { "Skip to the content" }
                (head(notice))
                main #content tabindex="-1" {
                    (controller(notice))
                    (statements(notice))
                    (purposes::purposes(notice))
                    (purposes::matrix(notice))
                    (data::categories(notice))
                    (data::profiling(notice))
                    (law::rights(notice))
                    (law::regimes(notice))
                    (law::channels(notice))
                    (keeping(notice))
                }
                footer {
                    p {
                        (notice.title) ", version " (notice.version) ", in force from "
                        (notice.effective) ". Questions: "
                        a href={ "mailto:" (notice.controller.email) } { (notice.controller.email) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn head(notice: &Notice) -> Markup {
    html! {
        header {
            p .who { (notice.controller.name) }
            h1 { (notice.title) }
            (paragraphs(&notice.summary))
            p .version {
                "Version " (notice.version) ", in force from "
                time datetime=(notice.effective) { (notice.effective) }
            }
            nav aria-labelledby="contents" {
                h2 #contents { "Contents" }
                ul {
                    li { a href="#controller" { "Who is responsible" } }
                    @for (at, statement) in notice.statements.iter().enumerate() {
                        li { a href={ "#statement-" (at + 1) } { (statement.title) } }
                    }
                    li {
                        a href="#purposes" { "What we use your data for" }
                        ul {
                            @for (id, purpose) in &notice.purposes {
                                li { a href={ "#purpose-" (id) } { (purpose.number) ". " (purpose.title) } }
                            }
                        }
                    }
                    li { a href="#matrix" { "Which data for which purpose, and how long" } }
                    li { a href="#data" { "What data we use" } }
                    @if notice.profiling.is_some() {
                        li { a href="#profiling" { "How we see your interests" } }
                    }
                    li { a href="#rights" { "How to use your rights" } }
                    li { a href="#regimes" { "Which laws cover you" } }
                    @if !notice.channels.is_empty() {
                        li { a href="#channels" { "How we may write to you" } }
                    }
                    li { a href="#keeping" { "What becomes of old data" } }
                }
            }
        }
    }
}

fn controller(notice: &Notice) -> Markup {
    let controller = &notice.controller;
    html! {
        section aria-labelledby="controller" {
            h2 #controller { "Who is responsible" }
            dl .facts {
                dt { "Controller" }
                dd { (controller.name) }
                dt { "Address" }
                dd { (controller.address) }
                dt { "Contact point" }
                dd {
                    a href={ "mailto:" (controller.email) } { (controller.email) }
                    @if let Some(web) = &controller.web {
                        br;
                        a href=(web) rel="noreferrer" { (web) }
                    }
                }
                dt { "When we answer" }
                dd { "Within " (controller.answer_within_days) " days" }
            }
        }
    }
}

fn statements(notice: &Notice) -> Markup {
    html! {
        @for (at, statement) in notice.statements.iter().enumerate() {
            section aria-labelledby={ "statement-" (at + 1) } {
                h2 #{ "statement-" (at + 1) } { (statement.title) }
                (paragraphs(&statement.text))
            }
        }
    }
}

fn keeping(notice: &Notice) -> Markup {
    html! {
        section aria-labelledby="keeping" {
            h2 #keeping { "What becomes of old data" }
            p {
                "Each purpose sees your data only for its own time, given with the purpose. When the "
                "last purpose that works with you as a person may no longer see a piece of data, we "
                "delete it."
            }
            @if let Some(archive) = &notice.archive {
                p { "You are non-active " (window_words(archive.non_active_after)) "." }
                (paragraphs(&archive.then))
            }
            p {
                "We note every look at your data, so that it can be checked who saw what. These notes "
                "are kept for " (notice.audit_window.length) "."
            }
            p {
                "If you want to be left alone or are erased, a code that cannot be turned back into your "
                "address stays for " (notice.suppression_window.length)
                ", so that we do not start again by mistake."
            }
        }
    }
}

#[cfg(test)]
mod tests;
