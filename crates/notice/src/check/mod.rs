//! Whether a notice holds: rules over the whole of it, each fault at its line.
//!
//! A part that could not be read as it was written is not checked, so that one slip of the pen does
//! not make ten faults.

mod country;
mod coverage;
mod head;
mod laws;
mod names;
mod objects;
mod profiling;
mod purposes;
mod rule;
mod translations;
mod windows;

use std::collections::BTreeSet;

use crate::fault::{Found, Rule};
use crate::model::Notice;
use crate::parse::reader::{Spans, listed, nearest, shown};
pub use country::{country_name, is_country};
pub use rule::{RuleError, read_rule, rule_name, rule_path};
pub use translations::is_language;

/// Finds everything in which the notice does not hold, and adds it to what was found in reading.
pub(crate) fn check(notice: &Notice, spans: &Spans, found: &mut Vec<Found>) {
    let spoiled = found.iter().map(|fault| part_of(&fault.path).to_owned()).collect();
    let mut check = Check { notice, spans, spoiled, found };
    check.head();
    check.names();
    check.categories();
    check.purposes();
    check.windows();
    check.laws();
    check.profiling();
    check.objects();
    check.coverage();
    check.translations();
}

/// A notice that is being checked.
struct Check<'n> {
    notice: &'n Notice,
    spans: &'n Spans,
    spoiled: BTreeSet<String>,
    found: &'n mut Vec<Found>,
}

impl Check<'_> {
    fn fault(&mut self, rule: Rule, path: &str, what: String, hint: impl Into<String>) {
        if !self.spoiled.contains(part_of(path)) {
            let (path, hint) = (path.to_owned(), Some(hint.into()));
            let span = self.spans.place(&path);
            self.found.push(Found { rule, path, span, what, hint });
        }
    }

    /// Whether everything under `heads` could be read.
    fn sound(&self, heads: &[&str]) -> bool {
        let spoiled = |part: &String| {
            let head = part.split('.').next().unwrap_or(part);
            head.is_empty() || heads.contains(&head)
        };
        !self.spoiled.iter().any(spoiled)
    }

    /// Reports a name that is none of `known`; `what` and `place` say what it should have been.
    fn known<'k>(
        &mut self,
        path: &str,
        (what, place): (&str, &str),
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> bool {
        let known: Vec<&str> = known.into_iter().collect();
        if known.contains(&name) {
            return true;
        }
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("declare the {what} first"),
            None => format!("declare it, or name one of {}", listed(known.iter().take(20))),
        };
        let what = format!("there is no {what} `{}`{place}", shown(name));
        self.fault(Rule::UnknownName, path, what, hint);
        false
    }
}

/// The part of a notice that a path lies in: one purpose, one category, or a whole table.
fn part_of(path: &str) -> &str {
    const NAMED: [&str; 7] =
        ["categories", "purposes", "objects", "regimes", "channels", "roles", "translations"];
    let mut dots = path.match_indices('.').map(|(at, _)| at);
    let (first, second) = (dots.next(), dots.next());
    let head = first.and_then(|at| path.get(..at)).unwrap_or(path);
    let end = if NAMED.contains(&head) { second } else { first };
    end.and_then(|at| path.get(..at)).unwrap_or(path)
}

#[cfg(test)]
mod tests;
