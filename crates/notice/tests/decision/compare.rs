//! From names to the numbers that the crate decides on, and its answers back to names.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_notice::{
    Ask, CategoryId, Channel, ContactState, Country, DatedPolicy, Day, Decision, Flags, Lexicon,
    Notice, Policy, PurposeId, RecordState, Roles, UseId,
};
use jiff::civil::Date;

use crate::naive::{About, Answer, Fact, Person, Question, Reader, Until};

/// Both readings of the same versions, on the same day.
pub(crate) struct Pair<'a> {
    pub(crate) naive: Reader<'a>,
    pub(crate) ours: DatedPolicy,
}

impl<'a> Pair<'a> {
    pub(crate) fn new(versions: &'a [Notice], today: Date) -> Pair<'a> {
        let shared: Vec<Arc<Notice>> = versions.iter().cloned().map(Arc::new).collect();
        let policy = Arc::new(Policy::compile(&shared).unwrap());
        let ours = DatedPolicy::new(policy, Day::of(today));
        Pair { naive: Reader { versions, today }, ours }
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        self.ours.policy().lexicon()
    }

    /// A name that no version has gets a number that was never given.
    pub(crate) fn ask(&self, asked: &Question) -> Ask {
        let lexicon = self.lexicon();
        let purpose = lexicon.purpose(&asked.purpose);
        let used = purpose.and_then(|purpose| lexicon.use_of(purpose, &asked.used));
        Ask {
            use_id: used.unwrap_or(UseId(u16::MAX)),
            roles: self.roles(&asked.roles),
            category: lexicon.category(&asked.category).unwrap_or(CategoryId(u8::MAX)),
            operation: asked.operation,
            channel: asked.channel,
        }
    }

    pub(crate) fn roles(&self, names: &[String]) -> Roles {
        self.ours.policy().roles(names.iter().map(String::as_str))
    }

    fn purposes(&self, names: &BTreeSet<String>) -> u64 {
        let numbers = names.iter().filter_map(|name| self.lexicon().purpose(name));
        numbers.fold(0, |set, purpose| set | purpose.bit())
    }

    pub(crate) fn contact(&self, person: &Person) -> ContactState {
        let country = Country::of(&person.country).unwrap_or(Country::NONE);
        let told = u16::try_from(person.told).unwrap();
        let mut state = ContactState::new(country, told);
        for (flag, on) in [
            (Flags::ERASED, person.erased),
            (Flags::ELSEWHERE, person.elsewhere),
            (Flags::ARCHIVED, person.archived),
            (Flags::RESTRICTED, person.restricted),
            (Flags::CUSTOMER, person.customer),
            (Flags::OBJECTS_MARKETING, person.objects_to_marketing),
            (Flags::OBJECTS_PROFILING, person.objects_to_profiling),
        ] {
            state.flags.set(flag, on);
        }
        for (channel, reach) in Channel::ALL.into_iter().zip(person.reach) {
            state.set_reach(channel, reach);
        }
        state.consents = self.purposes(&person.consented);
        state.consents_while_restricted = self.purposes(&person.consented_since);
        state.objected = self.purposes(&person.objected);
        state.weighed = self.purposes(&person.weighed);
        state.restricted = self.purposes(&person.restricted_for);
        state.kept_for = self.purposes(&person.kept_for);
        state.last_activity = person.last_activity.map_or(Day::NEVER, Day::of);
        state.end_of_relation = person.end_of_relation.map_or(Day::OPEN, Day::of);
        for (category, field) in &person.restricted_fields {
            if let Some(category) = self.lexicon().category(category)
                && let Some(place) = self.lexicon().field(category, field)
            {
                let fields = gantry_notice::Fields::NONE.with(place);
                state.restricted_fields.push((category, fields));
            }
        }
        state
    }

    pub(crate) fn record(&self, fact: &Fact) -> RecordState {
        let collected_for = self.lexicon().purpose(&fact.collected_for);
        let at = Day::of(fact.at);
        RecordState {
            at,
            closed: match fact.about {
                About::Nothing => at,
                About::OpenObject => Day::OPEN,
                About::ClosedObject(day) => Day::of(day),
            },
            keep_until: fact.last_day.map_or(Day::OPEN, Day::of),
            expired: fact.expired,
            objected: fact.objected.as_ref().and_then(|(purpose, used)| {
                self.lexicon().use_of(self.lexicon().purpose(purpose)?, used)
            }),
            collected_for: collected_for.unwrap_or(PurposeId(u8::MAX)),
            version: u16::try_from(fact.version).unwrap(),
        }
    }

    pub(crate) fn answer(&self, category: CategoryId, decision: Decision) -> Answer<'_> {
        match decision {
            Decision::Deny(reason) => Answer::Deny(reason),
            Decision::Allow { mode, fields } => {
                let names = (0..64).filter(|place| fields.has(*place));
                let names = names.map(|place| {
                    self.lexicon().field_name(category, place).expect("a field with a name")
                });
                Answer::Allow(mode, names.collect())
            }
        }
    }
}

/// A day of the crate, as the naive reading says it.
pub(crate) fn until(day: Day) -> Until {
    match day.date() {
        Some(date) => Until::Day(date),
        None if day == Day::NEVER => Until::Never,
        None => Until::Open,
    }
}
