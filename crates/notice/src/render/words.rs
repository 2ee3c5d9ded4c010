//! Sentences that customers read.

use maud::{Markup, html};

use crate::check::country_name;
use crate::model::{Basis, Category, Mode, Notice, Objection, Purpose};
use crate::time::{Anchor, Length, Window};

/// A text with its paragraphs, which empty lines part.
pub(super) fn paragraphs(text: &str) -> Markup {
    let normal = text.replace("\r\n", "\n");
    html! {
        @for paragraph in normal.split("\n\n").map(str::trim).filter(|part| !part.is_empty()) {
            p { (paragraph) }
        }
    }
}

/// A window as a person reads it, e.g. `24 months after you were last active`.
pub(super) fn window_words(window: Window) -> String {
    let year = if window.financial_year { "the end of the financial year in which " } else { "" };
    let when = match window.anchor {
        Anchor::Collected => "it was recorded",
        Anchor::LastActivity => "you were last active",
        Anchor::EndOfRelation => "our relation with you ended",
        Anchor::ObjectClosed => "the matter it belongs to was closed",
    };
    format!("{} after {year}{when}", window.length)
}

/// A window in a cell of a table, e.g. `24 mo. A`; the letter is explained beside the table.
pub(super) fn window_short(window: Window) -> String {
    let length = match window.length {
        Length::Days(n) => format!("{n} d."),
        Length::Months(n) => format!("{n} mo."),
        Length::Years(n) => format!("{n} yr."),
    };
    let year = if window.financial_year { "F" } else { "" };
    let anchor = match window.anchor {
        Anchor::Collected => "",
        Anchor::LastActivity => "A",
        Anchor::EndOfRelation => "R",
        Anchor::ObjectClosed => "C",
    };
    format!("{length} {year}{anchor}").trim_end().to_owned()
}

/// The ground of a purpose.
pub(super) fn basis_words(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "Your consent",
        Basis::Contract => "A contract with you",
        Basis::LegalObligation => "A law that obliges us",
        Basis::VitalInterests => "Protecting somebody's life or health",
        Basis::LegitimateInterest => "Our legitimate interest",
    }
}

pub(super) fn mode_words(notice: &Notice, purpose: &Purpose) -> String {
    match purpose.mode {
        Mode::Identified => "As the person you are".to_owned(),
        Mode::Pseudonymous => {
            "Under an alias and with coarse dates; who works here does not learn who you are"
                .to_owned()
        }
        Mode::Aggregate => format!(
            "Not at all: only counts and sums that stand for at least {} people",
            notice.smallest_cell
        ),
    }
}

/// What an objection does, and whether a consent can be withdrawn.
pub(super) fn objection_words(purpose: &Purpose) -> Vec<String> {
    let mut words = vec![
        match purpose.objection {
            Objection::Absolute => {
                "You may object at any time and without giving a reason. It takes effect at once."
            }
            Objection::Weighed => {
                "You may object for reasons of your own. A person weighs them, and the purpose rests \
                 meanwhile."
            }
            Objection::None => {
                "An objection does not end this, because we are obliged to it or it protects us or \
                 others."
            }
        }
        .to_owned(),
    ];
    let marketing = purpose.uses.values().filter(|used| used.direct_marketing);
    let marketing: Vec<String> = marketing.map(|used| used.title.clone()).collect();
    if !marketing.is_empty() && purpose.objection != Objection::Absolute {
        words.push(format!(
            "To direct marketing in it ({}) you may object at any time and without giving a reason. \
             It takes effect at once.",
            marketing.join(", ")
        ));
    }
    if purpose.basis == Basis::Consent {
        words.push("You may withdraw your consent at any time, as easily as you gave it.".into());
    }
    words
}

/// The fields that a purpose reads of a category, as people call them.
pub(super) fn field_titles(category: &Category, listed: Option<&Vec<String>>) -> String {
    let wanted = category.fields.iter().filter(|(name, _)| listed.is_none_or(|l| l.contains(name)));
    let titles: Vec<&str> = wanted.map(|(_, field)| field.title.as_str()).collect();
    titles.join(", ")
}

/// Countries by name, in the order of the alphabet.
pub(super) fn country_names(codes: &[String]) -> String {
    let mut names: Vec<&str> =
        codes.iter().map(|code| country_name(code).unwrap_or(code.as_str())).collect();
    names.sort_unstable();
    names.join(", ")
}

/// The titles of categories by their ids.
pub(super) fn category_titles(notice: &Notice, ids: &[String]) -> String {
    let titles = ids.iter().filter_map(|id| notice.categories.get(id));
    titles.map(|category| category.title.as_str()).collect::<Vec<_>>().join(", ")
}
