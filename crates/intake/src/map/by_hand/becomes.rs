//! What a column of a file may become.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use gantry_notice::Channel;

use crate::draft::Saying;
use crate::map::{Map, TargetOf};
use crate::source::letters;

/// What a column becomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// The contact's id in the source.
    ContactKey,
    /// An e-mail address by which a contact that is there is found; it is not stored.
    ContactEmail,
    /// The contact's country.
    Country,
    /// Whether the company is the person.
    SoleTrader,
    /// A field of the contact's profile: category and field.
    Profile(Arc<str>, Arc<str>),
    /// Something that the contact said, where the column says yes.
    Said(Saying),
    /// Something of an object of that kind.
    Object(Arc<str>, Part),
    /// Something of a record of that category.
    Record(Arc<str>, Part),
}

/// A part of an object or of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its id in the source.
    Key,
    /// Its day or time.
    At,
    /// Its state; of objects alone.
    State,
    /// A field.
    Field(Arc<str>),
}

/// What a contact may be taken to have said by a column with a yes or a no.
pub(super) const SAYINGS: [(&str, Saying); 12] = [
    ("objects-marketing", Saying::ObjectsMarketing),
    ("objects-profiling", Saying::ObjectsProfiling),
    ("closed.email", Saying::Closed(Channel::Email)),
    ("closed.phone", Saying::Closed(Channel::Phone)),
    ("closed.post", Saying::Closed(Channel::Post)),
    ("opted-in.email", Saying::OptedIn(Channel::Email)),
    ("opted-in.phone", Saying::OptedIn(Channel::Phone)),
    ("opted-in.post", Saying::OptedIn(Channel::Post)),
    ("not-opted-in.email", Saying::NotOptedIn(Channel::Email)),
    ("not-opted-in.phone", Saying::NotOptedIn(Channel::Phone)),
    ("not-opted-in.post", Saying::NotOptedIn(Channel::Post)),
    ("customer-today", Saying::CustomerToday),
];

/// Fields by the letters of the columns that built-in maps take them from.
static KNOWN: LazyLock<BTreeMap<String, Becomes>> = LazyLock::new(|| {
    let mut known = BTreeMap::new();
    for target in Map::all_built_in().iter().flat_map(Map::targets) {
        let becomes = match target.of {
            TargetOf::Category(category) => Becomes::Profile(category, target.field),
            TargetOf::Kind(kind) => Becomes::Object(kind, Part::Field(target.field)),
        };
        for column in &target.columns {
            known.entry(letters(column).collect()).or_insert_with(|| becomes.clone());
        }
    }
    known
});

impl Becomes {
    /// All sayings that a column with a yes or a no can stand for.
    pub fn sayings() -> impl Iterator<Item = Becomes> {
        SAYINGS.into_iter().map(|(_, saying)| Becomes::Said(saying))
    }

    /// What a text stands for that [`Becomes`] was written as.
    pub fn parse(text: &str) -> Option<Becomes> {
        let (first, rest) = text.split_once('.')?;
        let named = |rest: &str| {
            let (of, part) = rest.split_once('.')?;
            Some((Arc::from(of), Arc::from(part)))
        };
        match first {
            "contact" => match rest {
                "key" => Some(Becomes::ContactKey),
                "email" => Some(Becomes::ContactEmail),
                "country" => Some(Becomes::Country),
                "sole-trader" => Some(Becomes::SoleTrader),
                _ => None,
            },
            "said" => {
                let found = SAYINGS.into_iter().find(|(word, _)| *word == rest);
                found.map(|(_, saying)| Becomes::Said(saying))
            }
            "profile" => named(rest).map(|(category, field)| Becomes::Profile(category, field)),
            "object" => named(rest).map(|(kind, part)| Becomes::Object(kind, Part::parse(part))),
            "record" => named(rest).map(|(of, part)| Becomes::Record(of, Part::parse(part))),
            _ => None,
        }
    }

    /// What built-in maps take a column of that name for.
    pub fn guess(column: &str) -> Option<Becomes> {
        let wanted: String = letters(column).collect();
        KNOWN.get(&wanted).cloned()
    }
}

impl Part {
    fn parse(text: Arc<str>) -> Part {
        match &*text {
            "#key" => Part::Key,
            "#at" => Part::At,
            "#state" => Part::State,
            _ => Part::Field(text),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No id has a `#`.
        out.write_str(match self {
            Part::Key => "#key",
            Part::At => "#at",
            Part::State => "#state",
            Part::Field(field) => field,
        })
    }
}

impl fmt::Display for Becomes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Becomes::ContactKey => out.write_str("contact.key"),
            Becomes::ContactEmail => out.write_str("contact.email"),
            Becomes::Country => out.write_str("contact.country"),
            Becomes::SoleTrader => out.write_str("contact.sole-trader"),
            Becomes::Profile(category, field) => write!(out, "profile.{category}.{field}"),
            Becomes::Said(said) => {
                let word = SAYINGS.into_iter().find(|(_, saying)| saying == said);
                write!(out, "said.{}", word.map_or("", |(word, _)| word))
            }
            Becomes::Object(kind, part) => write!(out, "object.{kind}.{part}"),
            Becomes::Record(category, part) => write!(out, "record.{category}.{part}"),
        }
    }
}
