//! What purposes gain and lose.

use super::{Change, Effect, gained_and_lost};
use crate::id::Operation;
use crate::model::{Basis, Mode, Notice, Objection, Purpose, Read, Use};
use crate::time::{Length, Window};

pub(super) fn compare(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    for (name, purpose) in &new.purposes {
        match old.purposes.get(name) {
            None => added(new, name, purpose, changes),
            Some(before) => {
                let pair = Pair { old, new, name, before, after: purpose };
                pair.compare(changes);
            }
        }
    }
    for (name, _) in old.purposes.iter().filter(|(name, _)| !new.purposes.contains_key(*name)) {
        let what = "the purpose is no more".to_owned();
        changes.push(Change::new(Effect::Loses, "purpose-removed", what).of_purpose(name));
    }
}

fn added(new: &Notice, name: &str, purpose: &Purpose, changes: &mut Vec<Change>) {
    let what = format!("a new purpose: {}, {}", purpose.title, purpose.mode.word());
    changes.push(Change::new(Effect::Gains, "purpose-added", what).of_purpose(name).untold());
    for (category, read) in &purpose.reads {
        changes.push(category_gained(new, name, purpose, category, read));
    }
}

fn category_gained(
    notice: &Notice,
    name: &str,
    purpose: &Purpose,
    category: &str,
    read: &Read,
) -> Change {
    let operations = operation_words(purpose, category).join(", ");
    let fields = fields(notice, purpose, category, read);
    let what = format!("{operations} {category} ({}), {}", fields.join(", "), read.window);
    let change = Change::new(Effect::Gains, "category-gained", what);
    change.of_purpose(name).of_category(category).with_fields(fields)
}

/// A purpose before and after.
struct Pair<'n> {
    old: &'n Notice,
    new: &'n Notice,
    name: &'n str,
    before: &'n Purpose,
    after: &'n Purpose,
}

impl Pair<'_> {
    fn compare(&self, changes: &mut Vec<Change>) {
        self.ground(changes);
        self.guards(changes);
        self.people(changes);
        self.categories(changes);
        self.uses(changes);
        for (kind, before, after) in [
            ("title", &self.before.title, &self.after.title),
            ("description", &self.before.description, &self.after.description),
        ] {
            if before != after {
                let what = format!("another {kind}: {after}");
                changes.push(self.change(Effect::Differs, kind, what).was_now(before, after));
            }
        }
    }

    fn change(&self, effect: Effect, kind: &'static str, what: String) -> Change {
        Change::new(effect, kind, what).of_purpose(self.name)
    }

    fn ground(&self, changes: &mut Vec<Change>) {
        let (before, after) = (self.before, self.after);
        if before.basis != after.basis {
            changes.push(self.basis("", before.basis, after.basis));
        }
        let regimes = before.basis_in.keys().chain(after.basis_in.keys());
        let mut seen: Vec<&String> = Vec::new();
        for regime in regimes {
            let (was, is) = (before.basis_in.get(regime), after.basis_in.get(regime));
            if was != is && !seen.contains(&regime) {
                let (was, is) = (was.unwrap_or(&before.basis), is.unwrap_or(&after.basis));
                changes.push(self.basis(&format!(" under {regime}"), *was, *is));
            }
            seen.push(regime);
        }
        if before.basis_for_sole_trader != after.basis_for_sole_trader {
            let was = before.basis_for_sole_trader.unwrap_or(before.basis);
            let is = after.basis_for_sole_trader.unwrap_or(after.basis);
            changes.push(self.basis(" for sole traders", was, is));
        }
        for (kind, was, is) in [
            ("interest", &before.interest, &after.interest),
            ("special-condition", &before.special_condition, &after.special_condition),
        ] {
            if was != is {
                let (was, is) = (was.clone().unwrap_or_default(), is.clone().unwrap_or_default());
                let words = kind.replace('-', " ");
                let what = format!("another {words}: {}", if is.is_empty() { "none" } else { &is });
                changes.push(self.change(Effect::Differs, kind, what).was_now(was, is).told());
            }
        }
    }

    /// Asking for consent leaves people more say; any other change of ground must be told.
    fn basis(&self, place: &str, before: Basis, after: Basis) -> Change {
        let effect = if after == Basis::Consent { Effect::Loses } else { Effect::Gains };
        let what = format!("rests on {}{place}, not on {}", after.title(), before.title());
        self.change(effect, "basis", what).was_now(before.word(), after.word()).told()
    }

    fn guards(&self, changes: &mut Vec<Change>) {
        let (before, after) = (self.before, self.after);
        if before.mode != after.mode {
            let closer = closeness(after.mode) > closeness(before.mode);
            let effect = if closer { Effect::Gains } else { Effect::Loses };
            let what = format!("sees people {}, not {}", after.mode.word(), before.mode.word());
            let change = self.change(effect, "mode", what);
            changes.push(change.was_now(before.mode.word(), after.mode.word()));
        }
        if before.objection != after.objection {
            let weaker = strength(after.objection) < strength(before.objection);
            let effect = if weaker { Effect::Gains } else { Effect::Loses };
            let (was, is) = (before.objection.word(), after.objection.word());
            let what = format!("an objection to it is {is}, not {was}");
            changes.push(self.change(effect, "objection", what).was_now(was, is));
        }
        for (kind, was, is, words) in [
            ("reads-archive", before.reads_archive, after.reads_archive, "look into the archive"),
            (
                "while-restricted",
                before.while_restricted,
                after.while_restricted,
                "go on while a contact is restricted",
            ),
        ] {
            changes.extend(self.flag(kind, was, is, words));
        }
    }

    fn flag(&self, kind: &'static str, was: bool, is: bool, words: &str) -> Option<Change> {
        match (was, is) {
            (false, true) => Some(self.change(Effect::Gains, kind, format!("may {words}"))),
            (true, false) => Some(self.change(Effect::Loses, kind, format!("may not {words}"))),
            _ => None,
        }
    }

    fn people(&self, changes: &mut Vec<Change>) {
        let (before, after) = (self.before, self.after);
        let (gained, lost) = gained_and_lost(&before.recipients, &after.recipients);
        for recipient in gained {
            let what = format!("another recipient: {recipient}");
            changes.push(self.change(Effect::Gains, "recipient-gained", what));
        }
        for recipient in lost {
            let what = format!("a recipient less: {recipient}");
            changes.push(self.change(Effect::Loses, "recipient-lost", what));
        }
        // Who works under a purpose within the company is no recipient of Art. 13(1)(e).
        let (gained, lost) = gained_and_lost(&before.roles, &after.roles);
        for role in gained {
            let what = format!("another role: {role}");
            changes.push(self.change(Effect::Gains, "role-gained", what).untold());
        }
        for role in lost {
            changes.push(self.change(Effect::Loses, "role-lost", format!("a role less: {role}")));
        }
    }

    fn categories(&self, changes: &mut Vec<Change>) {
        for (category, after) in &self.after.reads {
            let Some(before) = self.before.reads.get(category) else {
                let change = category_gained(self.new, self.name, self.after, category, after);
                changes.push(change);
                continue;
            };
            self.category(category, before, after, changes);
        }
        let gone = self.before.reads.keys().filter(|name| !self.after.reads.contains_key(*name));
        for category in gone {
            let change = self.change(Effect::Loses, "category-lost", format!("no more {category}"));
            changes.push(change.of_category(category));
        }
    }

    fn category(&self, name: &str, before: &Read, after: &Read, changes: &mut Vec<Change>) {
        let old_fields = fields(self.old, self.before, name, before);
        let new_fields = fields(self.new, self.after, name, after);
        let (gained, lost) = gained_and_lost(&old_fields, &new_fields);
        let old_operations = operation_words(self.before, name);
        let new_operations = operation_words(self.after, name);
        let (can, cannot) = gained_and_lost(&old_operations, &new_operations);
        let mut push = |change: Change| changes.push(change.of_category(name));
        if !gained.is_empty() {
            let what = format!("more of {name}: {}", gained.join(", "));
            push(self.change(Effect::Gains, "fields-gained", what).with_fields(gained));
        }
        if !lost.is_empty() {
            let what = format!("less of {name}: {}", lost.join(", "));
            push(self.change(Effect::Loses, "fields-lost", what).with_fields(lost));
        }
        for operation in can {
            let what = format!("may {operation} {name}");
            push(self.change(Effect::Gains, "operation-gained", what).was_now("", operation));
        }
        for operation in cannot {
            let what = format!("may not {operation} {name}");
            push(self.change(Effect::Loses, "operation-lost", what).was_now(operation, ""));
        }
        if let Some(longer) = is_longer(before.window, after.window) {
            let (effect, kind, word) = if longer {
                (Effect::Gains, "window-longer", "longer")
            } else {
                (Effect::Loses, "window-shorter", "shorter")
            };
            let (was, is) = (before.window.to_string(), after.window.to_string());
            let what = format!("{name} {word}: {is}, not {was}");
            push(self.change(effect, kind, what).was_now(was, is));
        }
    }

    fn uses(&self, changes: &mut Vec<Change>) {
        for (name, after) in &self.after.uses {
            match self.before.uses.get(name) {
                None => {
                    let what = format!("a new use: {}", after.title);
                    changes.push(self.change(Effect::Gains, "use-added", what));
                }
                Some(before) => self.used(name, before, after, changes),
            }
        }
        let gone = self.before.uses.iter().filter(|(name, _)| !self.after.uses.contains_key(*name));
        for (_, used) in gone {
            let what = format!("a use less: {}", used.title);
            changes.push(self.change(Effect::Loses, "use-removed", what));
        }
    }

    fn used(&self, name: &str, before: &Use, after: &Use, changes: &mut Vec<Change>) {
        for (kind, was, is, words) in [
            (
                "direct-marketing",
                before.direct_marketing,
                after.direct_marketing,
                "do direct marketing",
            ),
            ("interests", before.interests, after.interests, "read interests"),
            ("segments", before.segments, after.segments, "read segments"),
        ] {
            changes.extend(self.flag(kind, was, is, &format!("{words} in the use {name}")));
        }
        let was = before.basis.unwrap_or(self.before.basis);
        let is = after.basis.unwrap_or(self.after.basis);
        if before.basis != after.basis && was != is {
            changes.push(self.basis(&format!(" in the use {name}"), was, is));
        }
        let all: Vec<String> = self.after.reads.keys().cloned().collect();
        let was = before.categories.as_ref().unwrap_or(&all);
        let (gained, lost) = gained_and_lost(was, after.categories.as_ref().unwrap_or(&all));
        for category in gained.into_iter().filter(|c| self.before.reads.contains_key(c)) {
            let what = format!("{category} in the use {name}");
            let change = self.change(Effect::Gains, "use-category-gained", what);
            changes.push(change.of_category(&category));
        }
        for category in lost.into_iter().filter(|c| self.after.reads.contains_key(c)) {
            let what = format!("no more {category} in the use {name}");
            let change = self.change(Effect::Loses, "use-category-lost", what);
            changes.push(change.of_category(&category));
        }
        if before.operations != after.operations {
            let words = |list: &Option<Vec<Operation>>| match list {
                None => "every operation".to_owned(),
                Some(list) => list.iter().map(|o| o.word()).collect::<Vec<_>>().join(", "),
            };
            let (was, is) = (words(&before.operations), words(&after.operations));
            let what = format!("the use {name} may {is}, not {was}");
            let wider = allowed(after).any(|o| !allowed(before).any(|other| other == o));
            let effect = if wider { Effect::Gains } else { Effect::Loses };
            changes.push(self.change(effect, "use-operations", what).was_now(was, is));
        }
    }
}

fn allowed(used: &Use) -> impl Iterator<Item = Operation> {
    let all = Operation::ALL.into_iter();
    all.filter(|o| used.operations.as_ref().is_none_or(|list| list.contains(o)))
}

/// The fields that a purpose sees of a category: never what identifies, where it knows nobody.
fn fields(notice: &Notice, purpose: &Purpose, category: &str, read: &Read) -> Vec<String> {
    let fields = notice.categories.get(category).map(|category| category.fields.iter());
    let seen = fields.into_iter().flatten().filter(|(name, field)| {
        read.fields.as_ref().is_none_or(|list| list.contains(name))
            && (purpose.mode == Mode::Identified || !field.identifying)
    });
    seen.map(|(name, _)| name.clone()).collect()
}

fn operation_words(purpose: &Purpose, category: &str) -> Vec<String> {
    let all = Operation::ALL.into_iter();
    all.filter(|o| purpose.allows(*o, category)).map(|o| o.word().to_owned()).collect()
}

const fn closeness(mode: Mode) -> u8 {
    match mode {
        Mode::Aggregate => 0,
        Mode::Pseudonymous => 1,
        Mode::Identified => 2,
    }
}

const fn strength(objection: Objection) -> u8 {
    match objection {
        Objection::None => 0,
        Objection::Weighed => 1,
        Objection::Absolute => 2,
    }
}

/// Whether a window became longer (`true`) or shorter; `None` where it is as long. One that counts
/// from something else may be longer for somebody, and so it is.
pub(super) fn is_longer(before: Window, after: Window) -> Option<bool> {
    if before.anchor != after.anchor || before.financial_year != after.financial_year {
        return Some(true);
    }
    let (before, after) = (size(before.length), size(after.length));
    (before != after).then_some(after > before)
}

/// A length in ten-thousandths of a day, with the mean month of the calendar, so that 24 months are
/// 2 years.
fn size(length: Length) -> u64 {
    const MONTH: u64 = 304_369;
    match length {
        Length::Days(n) => u64::from(n) * 10_000,
        Length::Months(n) => u64::from(n) * MONTH,
        Length::Years(n) => u64::from(n) * 12 * MONTH,
    }
}
