//! What a new version of a notice changes: who gains, who loses, and who must be told.

mod fine;
mod purposes;
mod rest;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::model::Notice;

/// Everything that differs between two versions of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The notice.
    pub notice: String,
    /// The older version.
    pub from: String,
    /// The newer version.
    pub to: String,
    /// The day from which the newer one is in force.
    pub effective: String,
    /// The changes: purposes first, in the order of the newer version.
    pub changes: Vec<Change>,
    /// Whom to tell before that day.
    pub tell: Option<Tell>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whether more or less may be done with people's data.
    pub effect: Effect,
    /// What kind of change, e.g. `window-longer`.
    pub kind: &'static str,
    /// The purpose that gains or loses; none where all do.
    pub purpose: Option<String>,
    /// The category, where it is about one.
    pub category: Option<String>,
    /// Fields, where it is about some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
    /// Whether contacts must be told (GDPR Art. 13(3), 14(4)).
    pub tell: bool,
    /// For people.
    pub what: String,
}

/// Whether more or less may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// More may be done with people's data, or for longer, or with fewer ways to stop it.
    Gains,
    /// Less.
    Loses,
    /// Neither, e.g. a text was worded anew.
    Differs,
}

/// Whom a new version must be brought to the notice of, before it takes effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tell {
    /// Every contact, because a change touches all data.
    pub everybody: bool,
    /// Contacts of whom there are records of these categories: those that are named by a change, and
    /// those that a purpose reads which changes as a whole.
    pub categories: BTreeSet<String>,
    /// The purposes that change for them.
    pub purposes: BTreeSet<String>,
}

impl Diff {
    /// What `new` changes in `old`.
    pub fn of(old: &Notice, new: &Notice) -> Diff {
        let mut changes = Vec::new();
        purposes::compare(old, new, &mut changes);
        rest::compare(old, new, &mut changes);
        fine::compare(old, new, &mut changes);
        let place = |purpose: &String| new.purposes.get_index_of(purpose).unwrap_or(usize::MAX - 1);
        changes.sort_by_key(|change| change.purpose.as_ref().map_or(usize::MAX, place));
        Diff {
            notice: new.id.clone(),
            from: old.version.clone(),
            to: new.version.clone(),
            effective: new.effective.to_string(),
            tell: tell(new, &changes),
            changes,
        }
    }

    /// Whom to tell; `None` where the new version takes nothing from anybody.
    pub const fn must_tell(&self) -> Option<&Tell> {
        self.tell.as_ref()
    }

    /// The changes with that effect.
    pub fn with(&self, effect: Effect) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.effect == effect)
    }
}

fn tell(new: &Notice, changes: &[Change]) -> Option<Tell> {
    let mut tell = Tell::default();
    for change in changes.iter().filter(|change| change.tell) {
        tell.purposes.extend(change.purpose.clone());
        let purpose = change.purpose.as_ref().and_then(|name| new.purposes.get(name));
        match (&change.category, purpose) {
            (Some(category), _) => drop(tell.categories.insert(category.clone())),
            (None, Some(purpose)) => tell.categories.extend(purpose.reads.keys().cloned()),
            (None, None) => tell.everybody = true,
        }
    }
    (tell != Tell::default()).then_some(tell)
}

impl Change {
    fn new(effect: Effect, kind: &'static str, what: String) -> Change {
        Change {
            effect,
            kind,
            purpose: None,
            category: None,
            fields: Vec::new(),
            from: None,
            to: None,
            tell: effect == Effect::Gains,
            what,
        }
    }

    fn of_purpose(mut self, purpose: &str) -> Change {
        self.purpose = Some(purpose.to_owned());
        self
    }

    fn of_category(mut self, category: &str) -> Change {
        self.category = Some(category.to_owned());
        self
    }

    fn with_fields(mut self, fields: Vec<String>) -> Change {
        self.fields = fields;
        self
    }

    fn was_now(mut self, from: impl Into<String>, to: impl Into<String>) -> Change {
        (self.from, self.to) = (Some(from.into()), Some(to.into()));
        self
    }

    /// Nobody needs to be told, though more may be done.
    fn untold(mut self) -> Change {
        self.tell = false;
        self
    }

    /// Everybody is to be told, though no more may be done.
    fn told(mut self) -> Change {
        self.tell = true;
        self
    }
}

/// What is in one list and not in the other: gained, lost.
fn gained_and_lost(old: &[String], new: &[String]) -> (Vec<String>, Vec<String>) {
    let minus = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|entry| !b.contains(entry)).cloned().collect()
    };
    (minus(new, old), minus(old, new))
}

/// As a text: the purposes with what they gain (`+`), lose (`-`) and word anew (`~`), then whom to
/// tell.
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diff { notice, from, to, effective, .. } = self;
        writeln!(f, "{notice}: {from} to {to}, in force from {effective}")?;
        if self.changes.is_empty() {
            return write!(f, "nothing changes");
        }
        let mut purpose = None;
        for change in &self.changes {
            if purpose != Some(&change.purpose) {
                let title = change.purpose.as_deref().unwrap_or("the notice as a whole");
                writeln!(f, "\n{title}")?;
                purpose = Some(&change.purpose);
            }
            let sign = match change.effect {
                Effect::Gains => '+',
                Effect::Loses => '-',
                Effect::Differs => '~',
            };
            writeln!(f, "  {sign} {}", change.what)?;
        }
        match self.must_tell() {
            None => write!(f, "\nno contact must be told"),
            Some(tell) if tell.everybody => write!(f, "\nevery contact must be told"),
            Some(tell) => {
                let categories: Vec<&str> = tell.categories.iter().map(String::as_str).collect();
                write!(
                    f,
                    "\ncontacts with records of these must be told: {}",
                    categories.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
