//! What changes outside the purposes: categories, objects, profiling, laws, and the controller.

use super::purposes::is_longer;
use super::{Change, Effect, gained_and_lost};
use crate::model::{Category, Named, Notice, ObjectKind, Profiling};

pub(super) fn compare(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    categories(old, new, changes);
    objects(old, new, changes);
    profiling(old.profiling.as_ref(), new.profiling.as_ref(), changes);
    laws(old, new, changes);
    head(old, new, changes);
}

/// Names that are new, and names that are no more.
fn names<T>(old: &Named<T>, new: &Named<T>) -> (Vec<String>, Vec<String>) {
    let old: Vec<String> = old.keys().cloned().collect();
    let new: Vec<String> = new.keys().cloned().collect();
    gained_and_lost(&old, &new)
}

/// A category by itself gives nobody anything: what purposes gain by it is said with them.
fn categories(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let (gained, lost) = names(&old.categories, &new.categories);
    for name in gained {
        let what = format!("a new category: {name}");
        changes
            .push(Change::new(Effect::Gains, "category-added", what).of_category(&name).untold());
    }
    for name in lost {
        let what = format!("the category {name} is no more");
        changes.push(Change::new(Effect::Loses, "category-removed", what).of_category(&name));
    }
    for (name, after) in &new.categories {
        if let Some(before) = old.categories.get(name) {
            category(name, before, after, changes);
        }
    }
}

fn category(name: &str, before: &Category, after: &Category, changes: &mut Vec<Change>) {
    let (gained, lost) = names(&before.fields, &after.fields);
    let push = |changes: &mut Vec<Change>, change: Change| changes.push(change.of_category(name));
    if !gained.is_empty() {
        let what = format!("{name} has more fields: {}", gained.join(", "));
        let change = Change::new(Effect::Gains, "field-added", what).with_fields(gained);
        push(changes, change.untold());
    }
    if !lost.is_empty() {
        let what = format!("{name} has fewer fields: {}", lost.join(", "));
        push(changes, Change::new(Effect::Loses, "field-removed", what).with_fields(lost));
    }
    if before.special != after.special {
        let what = if after.special { "counts as" } else { "no more counts as" };
        let what = format!("{name} {what} a special category");
        let effect = if after.special { Effect::Loses } else { Effect::Gains };
        push(changes, Change::new(effect, "special", what));
    }
    if before.expires != after.expires {
        let word = if after.expires { "may" } else { "may no more" };
        let what = format!("new records of {name} {word} say when they end");
        let effect = if after.expires { Effect::Loses } else { Effect::Gains };
        push(changes, Change::new(effect, "expires", what).untold());
    }
    for (field_name, field) in &after.fields {
        let Some(was) = before.fields.get(field_name) else { continue };
        if was.kind != field.kind {
            let (from, to) = (was.kind.word(), field.kind.word());
            let what = format!("{name}.{field_name} is another {to}: what is stored may not fit");
            push(changes, Change::new(Effect::Differs, "field-type", what).was_now(from, to));
        }
        if was.sealed != field.sealed {
            let effect = if field.sealed { Effect::Loses } else { Effect::Gains };
            let word = if field.sealed { "sealed" } else { "no more sealed" };
            let what = format!("{name}.{field_name} is {word}");
            push(changes, Change::new(effect, "sealed", what).untold());
        }
    }
    if before.source != after.source {
        let what = format!("{name} comes from elsewhere: {}", after.source);
        let change = Change::new(Effect::Differs, "source", what);
        push(changes, change.was_now(&before.source, &after.source).told());
    }
}

/// Objects are nobody's personal data, so that nobody is told of them.
fn objects(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let (gained, lost) = names(&old.objects, &new.objects);
    for name in gained {
        let what = format!("a new kind of object: {name}");
        changes.push(Change::new(Effect::Gains, "kind-added", what).untold());
    }
    for name in lost {
        let what = format!("the kind of object {name} is no more");
        changes.push(Change::new(Effect::Loses, "kind-removed", what));
    }
    for (name, after) in &new.objects {
        if let Some(before) = old.objects.get(name) {
            object(name, before, after, changes);
        }
    }
}

fn object(name: &str, before: &ObjectKind, after: &ObjectKind, changes: &mut Vec<Change>) {
    let (more, fewer) = names(&before.fields, &after.fields);
    for (word, was, is) in
        [("read", &before.read, &after.read), ("write", &before.write, &after.write)]
    {
        let (gained, lost) = gained_and_lost(was, is);
        for purpose in gained {
            let change = Change::new(Effect::Gains, "kind-gained", format!("may {word} {name}"));
            changes.push(change.of_purpose(&purpose).untold());
        }
        for purpose in lost {
            let change = Change::new(Effect::Loses, "kind-lost", format!("may not {word} {name}"));
            changes.push(change.of_purpose(&purpose));
        }
    }
    for (effect, fields, word) in [(Effect::Gains, more, "more"), (Effect::Loses, fewer, "fewer")] {
        if !fields.is_empty() {
            let what = format!("{name} has {word} fields: {}", fields.join(", "));
            changes.push(Change::new(effect, "kind-fields", what).with_fields(fields).untold());
        }
    }
    if before.states != after.states || before.closed != after.closed {
        let what = format!("{name} has other states: {}", after.states.join(", "));
        let (from, to) = (before.states.join(", "), after.states.join(", "));
        changes.push(Change::new(Effect::Differs, "kind-states", what).was_now(from, to));
    }
}

fn profiling(old: Option<&Profiling>, new: Option<&Profiling>, changes: &mut Vec<Change>) {
    let (old, new) = match (old, new) {
        (None, None) => return,
        (None, Some(_)) => {
            let what = "interests and segments are made".to_owned();
            changes.push(Change::new(Effect::Gains, "profiling-added", what));
            return;
        }
        (Some(_), None) => {
            let what = "interests and segments are made no more".to_owned();
            changes.push(Change::new(Effect::Loses, "profiling-removed", what));
            return;
        }
        (Some(old), Some(new)) => (old, new),
    };
    for (kind, words, was, is) in [
        ("feature", "profiling is fed with", &old.features, &new.features),
        ("attribute", "segments look at", &old.attributes, &new.attributes),
    ] {
        let (gained, lost) = gained_and_lost(was, is);
        for name in gained {
            // What a segment sees of a company touches those whom it sorts.
            let owner = name.split('.').next().unwrap_or(&name);
            let category = if owner == "company" { new.segments.clone() } else { owner.to_owned() };
            let change = Change::new(Effect::Gains, kind, format!("{words} {name}"));
            changes.push(change.of_category(&category));
        }
        for name in lost {
            let what = format!("{words} {name} no more");
            changes.push(Change::new(Effect::Loses, kind, what));
        }
    }
    segments(old, new, changes);
    let (more, fewer) = names(&old.topics, &new.topics);
    for topic in more {
        let change = Change::new(Effect::Gains, "topic", format!("a new topic: {topic}"));
        changes.push(change.of_category(&new.interests));
    }
    for topic in fewer {
        changes.push(Change::new(Effect::Loses, "topic", format!("the topic {topic} is no more")));
    }
    if new.smallest_segment != old.smallest_segment {
        let smaller = new.smallest_segment < old.smallest_segment;
        let effect = if smaller { Effect::Gains } else { Effect::Loses };
        let what = format!("a segment has at least {} members", new.smallest_segment);
        changes.push(Change::new(effect, "smallest-segment", what).of_category(&new.segments));
    }
    if old.weights != new.weights || old.half_life_days != new.half_life_days {
        let what = "reactions are weighed in another way".to_owned();
        let change = Change::new(Effect::Differs, "weights", what);
        changes.push(change.of_category(&new.interests).told());
    }
    if old.effect != new.effect || old.review != new.review {
        let what = "another text about effect and review".to_owned();
        changes.push(Change::new(Effect::Differs, "profiling-text", what));
    }
}

fn segments(old: &Profiling, new: &Profiling, changes: &mut Vec<Change>) {
    let (gained, lost) = names(&old.segment, &new.segment);
    for name in gained {
        let change = Change::new(Effect::Gains, "segment-added", format!("a new segment: {name}"));
        changes.push(change.of_category(&new.segments));
    }
    for name in lost {
        let what = format!("the segment {name} is no more");
        changes.push(Change::new(Effect::Loses, "segment-removed", what));
    }
    for (name, after) in &new.segment {
        let Some(before) = old.segment.get(name) else { continue };
        if before.rule != after.rule || before.meaning != after.meaning {
            let what = format!("the segment {name} is another: {}", after.rule);
            let change = Change::new(Effect::Differs, "segment-rule", what);
            let change = change.was_now(&before.rule, &after.rule).of_category(&new.segments);
            changes.push(change.told());
        }
    }
}

fn laws(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    if old.regimes != new.regimes {
        let what = "other laws, or another rule of one".to_owned();
        changes.push(Change::new(Effect::Differs, "regimes", what).told());
    }
    if old.channels != new.channels {
        let what = "other rules of channels for direct marketing".to_owned();
        changes.push(Change::new(Effect::Differs, "channels", what).told());
    }
    for (kind, words, was, is) in [
        ("audit-window", "the audit trail is kept", old.audit_window, new.audit_window),
        (
            "suppression-window",
            "suppressed addresses are kept",
            old.suppression_window,
            new.suppression_window,
        ),
    ] {
        if let Some(longer) = is_longer(was, is) {
            let effect = if longer { Effect::Gains } else { Effect::Loses };
            let what = format!("{words} {is}, not {was}");
            changes.push(Change::new(effect, kind, what).was_now(was.to_string(), is.to_string()));
        }
    }
    if old.archive != new.archive {
        let what = "another rule of the archive".to_owned();
        changes.push(Change::new(Effect::Differs, "archive", what).told());
    }
    if old.smallest_cell != new.smallest_cell {
        let smaller = new.smallest_cell < old.smallest_cell;
        let effect = if smaller { Effect::Gains } else { Effect::Loses };
        let what = format!("a cell of a report stands for at least {} contacts", new.smallest_cell);
        let (from, to) = (old.smallest_cell.to_string(), new.smallest_cell.to_string());
        changes.push(Change::new(effect, "smallest-cell", what).was_now(from, to));
    }
}

fn head(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    if old.controller.name != new.controller.name {
        let (from, to) = (&old.controller.name, &new.controller.name);
        let what = format!("another controller: {to}");
        changes.push(Change::new(Effect::Differs, "controller", what).was_now(from, to).told());
    } else if old.controller != new.controller {
        let what = "other particulars of the controller".to_owned();
        changes.push(Change::new(Effect::Differs, "controller", what));
    }
    if old.title != new.title || old.summary != new.summary || old.statements != new.statements {
        let what = "other general texts".to_owned();
        changes.push(Change::new(Effect::Differs, "texts", what));
    }
    if old.translations != new.translations {
        let what = "other translations".to_owned();
        changes.push(Change::new(Effect::Differs, "translations", what));
    }
    if old.system != new.system {
        let what = "the system works under other purposes".to_owned();
        changes.push(Change::new(Effect::Differs, "system", what));
    }
}
