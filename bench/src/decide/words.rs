//! A question by name, as a policy in another language gets it.

use gantry_notice::{Channel, ContactState, Flags, Operation, Policy, PurposeId, Reach};
use serde_json::{Map, Value as Json, json};

use super::facts;
use super::mix::Case;

/// Puts numbers into words.
pub(crate) struct Words<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) today: gantry_notice::Day,
}

impl Words<'_> {
    /// The use's full name, `purpose/use`.
    pub(crate) fn used(&self, case: &Case) -> String {
        let (purpose, name) = self.policy.lexicon().use_name(case.ask.use_id);
        format!("{}/{name}", self.policy.lexicon().purpose_name(purpose))
    }

    pub(crate) fn category(&self, case: &Case) -> &str {
        self.policy.lexicon().category_name(case.ask.category)
    }

    /// All that is known of whoever asks, the contact, and the record.
    pub(crate) fn situation(&self, case: &Case) -> Map<String, Json> {
        let (contact, record) = (&case.contact, &case.record);
        let mut words = Map::new();
        let mut say = |name: &str, value: Json| drop(words.insert(name.to_owned(), value));
        say("roles", self.roles(case).into());
        say("channel", case.ask.channel.map_or("none", Channel::word).into());
        for (name, flag) in FLAGS {
            say(name, contact.flags.any(flag).into());
        }
        for (name, set) in purpose_sets(contact) {
            say(name, self.purposes(set).into());
        }
        for channel in Channel::ALL {
            say(channel.word(), reach_word(contact.reach(channel)).into());
        }
        let restricted = self.restricted_fields(case);
        say("a_field_restricted", (!restricted.is_empty()).into());
        say("restricted_fields", restricted.into());
        say("told", contact.told.into());
        say("version", record.version.into());
        say("collected_for", self.policy.lexicon().purpose_name(record.collected_for).into());
        for (name, day) in [
            ("last_activity", contact.last_activity),
            ("end_of_relation", contact.end_of_relation),
            ("at", record.at),
            ("closed", record.closed),
            ("keep_until", record.keep_until),
            ("today", self.today),
        ] {
            say(name, day.0.into());
        }
        if let Json::Object(country) =
            facts::of_country(self.policy.notice(), contact.country.code())
        {
            words.extend(country);
        }
        words
    }

    fn roles(&self, case: &Case) -> Vec<String> {
        let names = self.policy.notice().roles.keys();
        let has = |name: &&String| self.policy.roles([name.as_str()]).0 & case.ask.roles.0 != 0;
        names.filter(has).cloned().collect()
    }

    fn purposes(&self, set: u64) -> Vec<&str> {
        let lexicon = self.policy.lexicon();
        let within = |purpose: &PurposeId| set & purpose.bit() != 0;
        lexicon.purposes().filter(within).map(|purpose| lexicon.purpose_name(purpose)).collect()
    }

    fn restricted_fields(&self, case: &Case) -> Vec<&str> {
        let of_category = case
            .contact
            .restricted_fields
            .iter()
            .filter(|(category, _)| *category == case.ask.category);
        let places = of_category.flat_map(|(_, fields)| (0..64).filter(|n| fields.has(*n)));
        places.filter_map(|n| self.policy.lexicon().field_name(case.ask.category, n)).collect()
    }
}

/// Facts about a contact, and what they are called.
pub(crate) const FLAGS: [(&str, Flags); 7] = [
    ("erased", Flags::ERASED),
    ("elsewhere", Flags::ELSEWHERE),
    ("archived", Flags::ARCHIVED),
    ("restricted", Flags::RESTRICTED),
    ("customer", Flags::CUSTOMER),
    ("objects_marketing", Flags::OBJECTS_MARKETING),
    ("objects_profiling", Flags::OBJECTS_PROFILING),
];

/// Sets of purposes of a contact, and what they are called.
pub(crate) fn purpose_sets(contact: &ContactState) -> [(&'static str, u64); 6] {
    [
        ("consents", contact.consents),
        ("agreed", contact.consents & contact.consents_while_restricted),
        ("objected", contact.objected),
        ("weighed", contact.weighed),
        ("restricted_for", contact.restricted),
        ("kept_for", contact.kept_for),
    ]
}

pub(crate) fn reach_word(reach: Reach) -> &'static str {
    match reach {
        Reach::Unasked => "unasked",
        Reach::OptedIn => "opted-in",
        Reach::NotOptedIn => "not-opted-in",
        Reach::Closed => "closed",
    }
}

/// What a use may do with which category, and all else that the notice says of it.
pub(crate) fn uses(
    versions: &[std::sync::Arc<gantry_notice::Notice>],
    today: gantry_notice::Day,
) -> Map<String, Json> {
    let mut uses = Map::new();
    let Some(notice) = versions.last() else {
        return uses;
    };
    for (purpose_name, purpose) in &notice.purposes {
        for (name, used) in &purpose.uses {
            let mut facts = facts::of_use(notice, purpose_name, purpose, used);
            let cells = notice.categories.keys().filter_map(|category| {
                let cell = facts::of_category(versions, purpose_name, used, category, today)?;
                Some((category.clone(), cell))
            });
            if let Json::Object(facts) = &mut facts {
                facts.insert("cells".to_owned(), json!(cells.collect::<Map<_, _>>()));
            }
            uses.insert(format!("{purpose_name}/{name}"), facts);
        }
    }
    uses
}

/// Lists as sets (an object whose values are all true), for languages that look up rather than
/// search.
pub(crate) fn as_sets(value: Json) -> Json {
    match value {
        Json::Array(items) => {
            let name = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(|item| (name(item), Json::Bool(true))).collect::<Map<_, _>>().into()
        }
        Json::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, as_sets(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

/// Whether the operation only looks.
pub(crate) fn looks(operation: Operation) -> bool {
    matches!(operation, Operation::Read | Operation::Disclose)
}
