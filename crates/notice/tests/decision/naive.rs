//! The naive reading: the words of `docs/decision.md`, one after the other.

use std::collections::BTreeSet;

use gantry_notice::model::{Basis, Category, Mode, Notice, Objection, OptIn, Purpose, Use};
use gantry_notice::time::{Anchor, Length, Window};
use gantry_notice::{Channel, Operation, Reach, Reason};
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// What somebody wants to do, by name.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) purpose: String,
    pub(crate) used: String,
    pub(crate) roles: Vec<String>,
    pub(crate) category: String,
    pub(crate) operation: Operation,
    pub(crate) channel: Option<Channel>,
}

/// A contact, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// Two letters, or none.
    pub(crate) country: String,
    pub(crate) erased: bool,
    pub(crate) elsewhere: bool,
    pub(crate) archived: bool,
    pub(crate) restricted: bool,
    pub(crate) customer: bool,
    pub(crate) objects_to_marketing: bool,
    pub(crate) objects_to_profiling: bool,
    /// E-mail, phone, post.
    pub(crate) reach: [Reach; 3],
    pub(crate) consented: BTreeSet<String>,
    /// Consented to since the restriction was set.
    pub(crate) consented_since: BTreeSet<String>,
    pub(crate) objected: BTreeSet<String>,
    pub(crate) weighed: BTreeSet<String>,
    pub(crate) restricted_for: BTreeSet<String>,
    pub(crate) kept_for: BTreeSet<String>,
    /// The version of the notice, by its place among them.
    pub(crate) told: usize,
    pub(crate) last_activity: Option<Date>,
    pub(crate) end_of_relation: Option<Date>,
    /// Category and field.
    pub(crate) restricted_fields: Vec<(String, String)>,
}

/// A record, by name.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) at: Date,
    pub(crate) about: About,
    pub(crate) last_day: Option<Date>,
    /// The instant from which on nobody may see it has come.
    pub(crate) expired: bool,
    /// Purpose and use that the contact objected to for it.
    pub(crate) objected: Option<(String, String)>,
    pub(crate) collected_for: String,
    pub(crate) version: usize,
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Nothing,
    OpenObject,
    ClosedObject(Date),
}

/// The answer, with fields by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer<'a> {
    Allow(Mode, BTreeSet<&'a str>),
    Deny(Reason),
}

/// Until when; in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Until {
    Never,
    Day(Date),
    Open,
}

/// All versions of a notice, on a day.
pub(crate) struct Reader<'a> {
    pub(crate) versions: &'a [Notice],
    pub(crate) today: Date,
}

/// What the notice says of a question: where the purpose, the use and the category are found, and
/// the fields left.
#[derive(Clone)]
pub(crate) struct Found<'a> {
    purpose: &'a Purpose,
    used: &'a Use,
    category: &'a Category,
    fields: BTreeSet<&'a str>,
}

impl Found<'_> {
    /// Whether channels matter to the use.
    pub(crate) fn reaches(&self) -> bool {
        self.used.direct_marketing
    }
}

impl<'a> Reader<'a> {
    fn notice(&self) -> &'a Notice {
        self.versions.last().unwrap()
    }

    pub(crate) fn decide(&self, asked: &Question, person: &Person, fact: &Fact) -> Answer<'a> {
        let answer = self.decide_any(asked, person);
        match self.refuse_record(asked, person, fact) {
            Some(reason) if matches!(answer, Answer::Allow(..)) => Answer::Deny(reason),
            _ => answer,
        }
    }

    pub(crate) fn decide_any(&self, asked: &Question, person: &Person) -> Answer<'a> {
        match self.look_up(asked) {
            Err(reason) => Answer::Deny(reason),
            Ok(found) => self.decide_found(&found, asked, person),
        }
    }

    pub(crate) fn decide_notice(&self, asked: &Question) -> Answer<'a> {
        match self.look_up(asked) {
            Ok(found) => Answer::Allow(found.purpose.mode, found.fields),
            Err(reason) => Answer::Deny(reason),
        }
    }

    /// Rules 1 to 5.
    pub(crate) fn look_up(&self, asked: &Question) -> Result<Found<'a>, Reason> {
        let known_use = self.versions.iter().any(|version| use_of(version, asked).is_some());
        if !known_use {
            return Err(Reason::Unknown);
        }
        let Some((purpose, used)) = use_of(self.notice(), asked) else {
            return Err(Reason::NotInNotice);
        };
        if !asked.roles.iter().any(|role| purpose.roles.contains(role)) {
            return Err(Reason::RoleLacksPurpose);
        }
        let name = &asked.category;
        if !self.versions.iter().any(|version| version.categories.contains_key(name)) {
            return Err(Reason::Unknown);
        }
        let Some(category) = self.notice().categories.get(name) else {
            return Err(Reason::NotInNotice);
        };
        let Some(read) = purpose.reads.get(name) else {
            return Err(Reason::NotInNotice);
        };
        let mut fields = BTreeSet::new();
        for (field_name, field) in &category.fields {
            let listed = match &read.fields {
                Some(list) => list.contains(field_name),
                None => true,
            };
            let hidden = purpose.mode != Mode::Identified && field.identifying;
            if listed && !hidden {
                fields.insert(field_name.as_str());
            }
        }
        let may = match asked.operation {
            Operation::Read => true,
            Operation::Collect => purpose.collects.contains(name),
            Operation::Change => purpose.changes.contains(name),
            Operation::Derive => purpose.derives.contains(name),
            Operation::Disclose => purpose.discloses.contains(name),
        };
        if !may || fields.is_empty() {
            return Err(Reason::OperationNotAllowed);
        }
        let other_category = used.categories.as_ref().is_some_and(|list| !list.contains(name));
        let other_operation =
            used.operations.as_ref().is_some_and(|list| !list.contains(&asked.operation));
        let interests = self.holds_interests(name) && !used.interests;
        let segments = self.holds_segments(name) && !used.segments;
        if other_category || other_operation || interests || segments {
            return Err(Reason::NotForThisUse);
        }
        Ok(Found { purpose, used, category, fields })
    }

    fn holds_interests(&self, category: &str) -> bool {
        self.notice().profiling.as_ref().is_some_and(|profiling| profiling.interests == category)
    }

    fn holds_segments(&self, category: &str) -> bool {
        self.notice().profiling.as_ref().is_some_and(|profiling| profiling.segments == category)
    }

    /// Rules 6 to 14.
    pub(crate) fn decide_found(
        &self,
        found: &Found<'a>,
        asked: &Question,
        person: &Person,
    ) -> Answer<'a> {
        if let Some(reason) = self.refuse_person(found, asked, person) {
            return Answer::Deny(reason);
        }
        let mut fields = found.fields.clone();
        if !goes_on(found.purpose, asked, person) {
            for (category, field) in &person.restricted_fields {
                if *category == asked.category {
                    fields.remove(field.as_str());
                }
            }
            if fields.is_empty() {
                return Answer::Deny(Reason::Restricted);
            }
        }
        if found.used.direct_marketing {
            if asked.channel.is_some_and(|channel| !self.channel_open(person, channel)) {
                return Answer::Deny(Reason::ChannelNotOpened);
            }
            if asked.operation != Operation::Collect {
                fields.retain(|name| match found.category.fields[*name].channel {
                    Some(channel) => self.channel_open(person, channel),
                    None => true,
                });
            }
            if fields.is_empty() {
                return Answer::Deny(Reason::ChannelNotOpened);
            }
        }
        Answer::Allow(found.purpose.mode, fields)
    }

    /// Rules 6 to 12.
    fn refuse_person(
        &self,
        found: &Found<'a>,
        asked: &Question,
        person: &Person,
    ) -> Option<Reason> {
        let purpose = found.purpose;
        let kept = person.kept_for.contains(&asked.purpose)
            && (asked.operation == Operation::Read || asked.operation == Operation::Disclose);
        if person.erased && !kept {
            return Some(Reason::Erased);
        }
        if person.elsewhere {
            return Some(Reason::HeldElsewhere);
        }
        if person.archived && !purpose.reads_archive && asked.operation != Operation::Collect {
            return Some(Reason::Archived);
        }
        let restricted = person.restricted || person.restricted_for.contains(&asked.purpose);
        if restricted && !goes_on(purpose, asked, person) {
            return Some(Reason::Restricted);
        }
        let profile = self.holds_interests(&asked.category) || self.holds_segments(&asked.category);
        if profile && (person.objects_to_profiling || person.objects_to_marketing) {
            return Some(Reason::Objected);
        }
        if found.used.direct_marketing && person.objects_to_marketing {
            return Some(Reason::Objected);
        }
        let counts = objection_counts(purpose, found.used);
        if counts && person.objected.contains(&asked.purpose) {
            return Some(Reason::Objected);
        }
        if counts && person.weighed.contains(&asked.purpose) {
            return Some(Reason::ObjectionWeighed);
        }
        let consent = self.basis(found, &person.country) == Basis::Consent;
        if consent && !person.consented.contains(&asked.purpose) {
            return Some(Reason::NoConsent);
        }
        None
    }

    /// The basis of a use for a contact of that country (rule 12).
    fn basis(&self, found: &Found<'a>, country: &str) -> Basis {
        let regimes = &self.notice().regimes;
        let named =
            regimes.iter().find(|(_, regime)| regime.countries.iter().any(|c| c == country));
        let own = regimes.iter().find(|(_, regime)| regime.own);
        let (regime_name, regime) = named.or(own).unwrap();
        let stated = found.purpose.basis_in.get(regime_name);
        let basis = match (found.used.basis, stated) {
            (Some(basis), _) => basis,
            (None, Some(basis)) => return *basis,
            (None, None) => found.purpose.basis,
        };
        match regime.basis {
            Some(instead) if !regime.except.contains(&basis) => instead,
            _ => basis,
        }
    }

    /// Whether a channel is open (rule 14).
    pub(crate) fn channel_open(&self, person: &Person, channel: Channel) -> bool {
        let said = person.reach[Channel::ALL.iter().position(|c| *c == channel).unwrap()];
        let rule = match self.notice().channels.get(&channel) {
            None => OptIn::OptIn,
            Some(rule) if rule.opt_in.contains(&person.country) => OptIn::OptIn,
            Some(rule) if rule.soft_opt_in.contains(&person.country) => OptIn::SoftOptIn,
            Some(rule) if rule.opt_out.contains(&person.country) => OptIn::OptOut,
            Some(rule) => rule.default,
        };
        if said == Reach::Closed {
            return false;
        }
        if said == Reach::OptedIn || rule == OptIn::OptOut {
            return true;
        }
        rule == OptIn::SoftOptIn && person.customer && said == Reach::Unasked
    }

    /// Rules 15 to 17.
    pub(crate) fn refuse_record(
        &self,
        asked: &Question,
        person: &Person,
        fact: &Fact,
    ) -> Option<Reason> {
        let purpose = self.notice().purposes.get(&asked.purpose)?;
        let read = purpose.reads.get(&asked.category)?;
        if asked.operation != Operation::Collect
            && !self.compatible(&asked.purpose, &asked.category, person, fact)
        {
            return Some(Reason::NotInNotice);
        }
        let used = purpose.uses.get(&asked.used)?;
        let this = |(of, used): &(String, String)| *of == asked.purpose && *used == asked.used;
        if asked.operation != Operation::Collect
            && fact.objected.as_ref().is_some_and(this)
            && objection_counts(purpose, used)
        {
            return Some(Reason::Objected);
        }
        let today = Until::Day(self.today);
        let own_last_day = fact.last_day.map_or(Until::Open, Until::Day);
        if self.window_end(read.window, person, fact) < today
            || own_last_day < today
            || fact.expired
        {
            return Some(Reason::PastWindow);
        }
        None
    }

    /// Whether the purpose may work with what was collected then (rule 15).
    fn compatible(&self, purpose: &str, category: &str, person: &Person, fact: &Fact) -> bool {
        if fact.collected_for == purpose {
            return true;
        }
        let oldest = self.versions.len().saturating_sub(64);
        [fact.version, person.told].into_iter().filter(|version| *version >= oldest).any(
            |version| {
                let notice = self.versions.get(version);
                let purpose = notice.and_then(|notice| notice.purposes.get(purpose));
                purpose.is_some_and(|purpose| purpose.reads.contains_key(category))
            },
        )
    }

    /// The last day of a window (rule 17).
    pub(crate) fn window_end(&self, window: Window, person: &Person, fact: &Fact) -> Until {
        let anchor = match window.anchor {
            Anchor::Collected => Some(fact.at),
            Anchor::LastActivity => Some(person.last_activity.unwrap_or(fact.at).max(fact.at)),
            Anchor::EndOfRelation => person.end_of_relation,
            Anchor::ObjectClosed => match fact.about {
                About::Nothing => Some(fact.at),
                About::OpenObject => None,
                About::ClosedObject(day) => Some(day),
            },
        };
        let Some(mut day) = anchor else {
            return Until::Open;
        };
        if window.financial_year {
            day = self.end_of_financial_year(day);
        }
        let length = match window.length {
            Length::Days(n) => i64::from(n).days(),
            Length::Months(n) => i64::from(n).months(),
            Length::Years(n) => i64::from(n).years(),
        };
        day.checked_add(length).map_or(Until::Open, Until::Day)
    }

    fn end_of_financial_year(&self, day: Date) -> Date {
        let end = self.notice().controller.financial_year_ends;
        let ends = [day.year(), day.year() + 1].map(|year| {
            let first = date(year, end.month, 1);
            first.with().day(end.day.min(first.days_in_month())).build().unwrap()
        });
        ends.into_iter().find(|end| day <= *end).unwrap()
    }

    /// Until when a record is kept.
    pub(crate) fn keep_until(&self, category: &str, person: &Person, fact: &Fact) -> Until {
        let mut latest = Until::Never;
        for (purpose_name, purpose) in &self.notice().purposes {
            let read_by_a_use = purpose.uses.keys().any(|used| {
                let asked = Question {
                    purpose: purpose_name.clone(),
                    used: used.clone(),
                    roles: purpose.roles.clone(),
                    category: category.to_owned(),
                    operation: Operation::Read,
                    channel: None,
                };
                self.look_up(&asked).is_ok()
            });
            let identified = purpose.mode == Mode::Identified;
            if read_by_a_use && identified && self.compatible(purpose_name, category, person, fact)
            {
                latest = latest.max(self.window_end(purpose.reads[category].window, person, fact));
            }
        }
        latest.min(fact.last_day.map_or(Until::Open, Until::Day))
    }
}

fn use_of<'a>(notice: &'a Notice, asked: &Question) -> Option<(&'a Purpose, &'a Use)> {
    let purpose = notice.purposes.get(&asked.purpose)?;
    purpose.uses.get(&asked.used).map(|used| (purpose, used))
}

/// Whether an objection to the purpose counts for a use (rule 10).
fn objection_counts(purpose: &Purpose, used: &Use) -> bool {
    let rests_on = used.basis.unwrap_or(purpose.basis);
    match purpose.objection {
        Objection::Absolute if used.direct_marketing => true,
        Objection::Absolute => matches!(rests_on, Basis::LegitimateInterest | Basis::Consent),
        Objection::Weighed => rests_on == Basis::LegitimateInterest,
        Objection::None => false,
    }
}

/// Whether the purpose goes on while a contact is restricted (rule 9).
fn goes_on(purpose: &Purpose, asked: &Question, person: &Person) -> bool {
    let (consented, since) = (&person.consented, &person.consented_since);
    let agreed = consented.contains(&asked.purpose) && since.contains(&asked.purpose);
    purpose.while_restricted || agreed
}
