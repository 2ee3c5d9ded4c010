//! The purposes in their order, and the matrix of purposes and categories.

use maud::{Markup, html};

use super::words::{
    basis_words, category_titles, field_titles, mode_words, objection_words, paragraphs,
    window_short, window_words,
};
use crate::model::{Basis, Mode, Notice, Purpose, Use};
use crate::policy::basis_under;

pub(super) fn purposes(notice: &Notice) -> Markup {
    html! {
        section aria-labelledby="purposes" {
            h2 #purposes { "What we use your data for" }
            p {
                "There are " (notice.purposes.len()) " purposes. Our systems let nobody see your data "
                "but for one of them, and then only the data and for the time that it says here."
            }
            @for (id, purpose) in &notice.purposes {
                (article(notice, id, purpose))
            }
        }
    }
}

fn article(notice: &Notice, id: &str, purpose: &Purpose) -> Markup {
    let roles = purpose.roles.iter().filter_map(|role| notice.roles.get(role));
    let roles: Vec<&str> = roles.map(String::as_str).collect();
    html! {
        article #{ "purpose-" (id) } aria-labelledby={ "purpose-" (id) "-title" } {
            h3 #{ "purpose-" (id) "-title" } {
                span .number { (purpose.number) }
                " "
                span { (purpose.title) }
            }
            (paragraphs(&purpose.description))
            dl .facts {
                dt { "Ground" }
                dd { (grounds(notice, purpose)) }
                @if let Some(condition) = &purpose.special_condition {
                    dt { "Condition for sensitive data" }
                    dd { (condition) }
                }
                dt { "How we see you" }
                dd { (mode_words(notice, purpose)) }
                dt { "If you object" }
                dd { @for words in objection_words(purpose) { p { (words) } } }
                dt { "Who works with it" }
                dd { (roles.join(", ")) }
                @if !purpose.recipients.is_empty() {
                    dt { "Who else may get it" }
                    dd {
                        @if purpose.discloses.is_empty() { (purpose.recipients.join("; ")) }
                        @else {
                            (purpose.recipients.join("; ")) ". They may get: "
                            (category_titles(notice, &purpose.discloses))
                        }
                    }
                }
                dt { "Uses" }
                dd { (uses(notice, purpose)) }
                (further(notice, purpose))
            }
            h4 { "Data, and how long this purpose sees it" }
            (reads(notice, purpose))
        }
    }
}

fn grounds(notice: &Notice, purpose: &Purpose) -> Markup {
    let others = notice.regimes.iter().filter(|(_, regime)| !regime.own);
    let plain = plain_use();
    let others = others.filter_map(|(id, regime)| {
        let basis = basis_under(id, regime, purpose, &plain);
        (basis != purpose.basis).then_some((regime, basis))
    });
    html! {
        p {
            (basis_words(purpose.basis)) " (" (purpose.basis.article()) " GDPR)"
            @if let Some(interest) = &purpose.interest { ": " (interest) }
        }
        @for (regime, basis) in others {
            p { "Under the " (regime.title) ": " (lower(basis_words(basis))) }
        }
        @if let Some(basis) = purpose.basis_for_sole_trader {
            p { "If you are a sole trader: " (lower(basis_words(basis))) " (" (basis.article()) " GDPR)" }
        }
    }
}

fn uses(notice: &Notice, purpose: &Purpose) -> Markup {
    html! {
        ul {
            @for used in purpose.uses.values() {
                li {
                    (used.title)
                    @for (on, tag) in [
                        (used.direct_marketing, "direct marketing"),
                        (used.interests, "sees interests"),
                        (used.segments, "sees segments"),
                    ] {
                        @if on { " " span .tag { (tag) } }
                    }
                    @if let Some(basis) = used.basis {
                        @if basis != purpose.basis {
                            " · ground: " (lower(basis_words(basis))) " (" (basis.article()) " GDPR)"
                        }
                    }
                    @if let Some(categories) = &used.categories {
                        br;
                        span .quiet { "only: " (category_titles(notice, categories)) }
                    }
                }
            }
        }
    }
}

/// What is not the same for most purposes.
fn further(notice: &Notice, purpose: &Purpose) -> Markup {
    html! {
        @if !purpose.collects.is_empty() {
            dt { "What it collects" }
            dd { (category_titles(notice, &purpose.collects)) }
        }
        @if !purpose.derives.is_empty() {
            dt { "What it works out" }
            dd { (category_titles(notice, &purpose.derives)) }
        }
        @if purpose.reads_archive || purpose.while_restricted {
            dt { "Also" }
            dd {
                @if purpose.reads_archive { p { "It may look into the archive." } }
                @if purpose.while_restricted { p { "It goes on while you have restricted the use of your data." } }
            }
        }
    }
}

fn reads(notice: &Notice, purpose: &Purpose) -> Markup {
    html! {
        div .scroll {
            table .stack aria-label={ "Data for " (purpose.title) } {
                thead {
                    tr {
                        th scope="col" { "Data" }
                        th scope="col" { "In detail" }
                        th scope="col" { "Until" }
                    }
                }
                tbody {
                    @for (id, read) in &purpose.reads {
                        @if let Some(category) = notice.categories.get(id) {
                            tr {
                                th scope="row" { a href={ "#category-" (id) } { (category.title) } }
                                td data-head="In detail" { (field_titles(category, read.fields.as_ref())) }
                                td data-head="Until" { (window_words(read.window)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Categories down, purposes across, windows in the cells.
pub(super) fn matrix(notice: &Notice) -> Markup {
    html! {
        section {
            h2 #matrix { "Which data for which purpose, and how long" }
            p {
                "A time counts from when the data was recorded, unless a letter follows: "
                strong { "A" } " from when you were last active, "
                strong { "R" } " from the end of our relation with you, "
                strong { "C" } " from when the matter it belongs to was closed, "
                strong { "F" } " from the end of that financial year. Times in "
                em { "italics" } " are for counts, sums or aliases, never for you as a person."
            }
            div .scroll .wide tabindex="0" role="region" aria-labelledby="matrix" {
                table .matrix {
                    thead {
                        tr {
                            th scope="col" { "Data" }
                            @for (id, purpose) in &notice.purposes {
                                th scope="col" {
                                    a href={ "#purpose-" (id) } title=(purpose.title) {
                                        (purpose.number)
                                        span .hidden { " " (purpose.title) }
                                    }
                                }
                            }
                        }
                    }
                    tbody {
                        @for (id, category) in &notice.categories {
                            tr {
                                th scope="row" { a href={ "#category-" (id) } { (category.title) } }
                                @for purpose in notice.purposes.values() { (cell(id, purpose)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(category: &str, purpose: &Purpose) -> Markup {
    html! {
        @match purpose.reads.get(category) {
            None => td { span .hidden { "not used" } },
            Some(read) => {
                td .sums[purpose.mode != Mode::Identified] title=(window_words(read.window)) {
                    (window_short(read.window))
                }
            }
        }
    }
}

/// A use that says nothing of its own, to ask for the ground of a purpose as a whole.
fn plain_use() -> Use {
    Use {
        title: String::new(),
        direct_marketing: false,
        interests: false,
        segments: false,
        basis: None,
        categories: None,
        operations: None,
    }
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

/// Whether any contact is asked for consent under the purpose.
pub(super) fn asks_consent(notice: &Notice, purpose: &Purpose) -> bool {
    let plain = plain_use();
    let mut regimes = notice.regimes.iter();
    regimes.any(|(id, regime)| basis_under(id, regime, purpose, &plain) == Basis::Consent)
}
