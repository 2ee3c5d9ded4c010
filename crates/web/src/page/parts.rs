//! Parts of pages that many have.

use gantry_engine::FieldFault;
use gantry_notice::model::{Notice, ObjectKind};
use maud::{Markup, html};

/// The hidden field by which a form shows that it comes from a page of this sign-in.
pub(crate) fn csrf(token: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(token); }
}

/// `1 record`, `2 records`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// A word of a program as people read it: `in-production` is `in production`.
pub(crate) fn plain(word: &str) -> String {
    word.replace(['-', '_'], " ")
}

/// A sentence begins with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An instant (ISO 8601, UTC) as people read it: day and minute, without a zero time of day.
pub(crate) fn moment(text: &str) -> Markup {
    let (day, rest) = text.split_once('T').unwrap_or((text, ""));
    let minute: String = rest.chars().take(5).collect();
    html! {
        time datetime=(text) {
            (day) @if !minute.is_empty() && minute != "00:00" { " " (minute) " UTC" }
        }
    }
}

/// The same for milliseconds since 1970.
pub(crate) fn millis(at: i64) -> Markup {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| html! {}, |at| moment(&at.to_string()))
}

/// On to the next page of a list, which goes one way.
pub(crate) fn pager(first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav .pager aria-label="Pages" {
                @if let Some(first) = first { a href=(first) { "To the first page" } } @else { span {} }
                @if let Some(next) = next { a href=(next) rel="next" { "Next page" } }
            }
        }
    }
}

/// Faults of a form, each a link to its field.
pub(crate) fn faults(faults: &[FieldFault]) -> Markup {
    told(faults, "Nothing was stored.", |_| None)
}

/// The same where fields are those of categories (`CATEGORY.FIELD`), or of a kind of object.
pub(crate) fn faults_in(
    notice: &Notice,
    kind: Option<&ObjectKind>,
    faults: &[FieldFault],
) -> Markup {
    told(faults, "Nothing was stored.", |name| {
        let fields = match name.split_once('.') {
            Some((category, field)) => notice.categories.get(category)?.fields.get(field),
            None => kind?.fields.get(name),
        };
        fields.map(|field| field.title.clone())
    })
}

/// The same for a form that only asks.
pub(crate) fn faults_of_question(faults: &[FieldFault]) -> Markup {
    told(faults, "Nothing was looked for.", |_| None)
}

fn told(faults: &[FieldFault], outcome: &str, title: impl Fn(&str) -> Option<String>) -> Markup {
    html! {
        @if !faults.is_empty() {
            div .error role="alert" tabindex="-1" #faults {
                p { strong { (outcome) } " Please look at:" }
                ul {
                    @for fault in faults {
                        li { a href={ "#" (super::field::place(&fault.field)) } { (title(&fault.field).unwrap_or_else(|| named(&fault.field))) } ": " (fault.fault) }
                    }
                }
            }
        }
    }
}

/// A field by the last part of its name, as people read it: `contact-details.phone` is `Phone`.
fn named(field: &str) -> String {
    let name = field.rsplit('.').next().unwrap_or(field);
    capital(&plain(name))
}
