//! One contact analysed, under the session of a use that the notice lets derive interests and
//! segments: what it reads is what the session may see, and what it writes the engine decides again.

use gantry_engine::draft::{ContactView, FieldTexts, ObjectView, RecordView};
use gantry_engine::session::{Derived, MAX_PAGE};
use gantry_engine::{EngineError, Identified};
use gantry_notice::model::{FieldKind, Notice, Profiling};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::model::{Model, Topic};
use crate::profile::{Attribute, Attributes, Profile, Reaction, day_of, faded};
use crate::told::Told;

/// The kind of object whose fields are the attributes `company.FIELD`.
pub(crate) const COMPANY: &str = "company";
/// What a membership says that a rule made, and one that a person made.
const BY_RULE: &str = "rule";
const BY_PERSON: &str = "person";

/// What reactions tell of a contact.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    today: Date,
    /// The scores.
    pub profile: Profile,
    /// What rules may know besides.
    pub attributes: Attributes,
    /// The reactions that were seen, the latest first.
    pub reactions: Vec<Counted>,
    /// Memberships that last, in the order of the notice.
    pub memberships: Vec<Membership>,
    /// All memberships, also those that ended, as they are to be held.
    held: Vec<Held>,
}

/// A reaction and what it weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The record's id.
    pub id: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What it was, by the code of the notice.
    pub reaction: String,
    /// To what topic, by its id.
    pub topic: Option<String>,
    /// Whether a scanner or a proxy made it, so that it weighs nothing.
    pub machine: bool,
    /// What it weighed when it happened.
    pub weight: f64,
    /// What is left of that now.
    pub worth: f64,
}

/// A segment that the contact belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The segment's id.
    pub segment: String,
    /// Since which day, counted from 1970 (UTC).
    pub since: i64,
    /// Why a person made it so; none where the rule did.
    pub by_person: Option<String>,
    /// The rule, as it comes out now.
    pub told: Told,
    /// From which day on the rule holds no more, if nothing happens; none where that is far.
    pub until: Option<i64>,
}

/// A membership as a record holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    segment: String,
    since: Date,
    until: Option<Date>,
    by: String,
    reason: String,
}

impl Held {
    fn lasts(&self) -> bool {
        self.until.is_none()
    }

    /// Whether a person keeps the contact out.
    fn keeps_out(&self) -> bool {
        self.by == BY_PERSON && !self.lasts()
    }

    fn of(view: &RecordView) -> Option<Held> {
        let text = |name: &str| view.fields.get(name).and_then(Json::as_str).unwrap_or_default();
        let since = view.at.get(..10).and_then(|day| day.parse().ok());
        Some(Held {
            segment: text("segment").to_owned(),
            since: text("since").parse().ok().or(since)?,
            until: text("until").parse().ok(),
            by: text("by").to_owned(),
            reason: text("reason").to_owned(),
        })
    }

    fn derived(&self) -> Derived {
        let until = self.until.map(|day| day.to_string()).unwrap_or_default();
        let fields = [
            ("segment", self.segment.clone()),
            ("since", self.since.to_string()),
            ("until", until),
            ("by", self.by.clone()),
            ("reason", self.reason.clone()),
        ];
        Derived {
            name: format!("{} {}", self.segment, self.since),
            at: start_of(self.since),
            fields: texts(fields),
        }
    }
}

/// What a person decides of a contact and a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// It belongs to it, whatever the rule says.
    In,
    /// It does not, whatever the rule says.
    Out,
    /// The rule decides again.
    Rule,
}

impl Hand {
    /// What a word says: `in`, `out` or `rule`.
    pub fn of_word(word: &str) -> Option<Hand> {
        match word {
            "in" => Some(Hand::In),
            "out" => Some(Hand::Out),
            "rule" => Some(Hand::Rule),
            _ => None,
        }
    }
}

/// Analyses a contact, as it is at a moment.
pub async fn analyse(
    session: &Identified,
    notice: &Notice,
    model: &Model,
    contact: Uuid,
    at: i64,
) -> Result<Analysis, EngineError> {
    let Some(profiling) = &notice.profiling else {
        return Err(EngineError::invalid("profiling", "is not in the notice"));
    };
    let attributes = attributes_of(session, notice, model, contact).await?;
    let mut reactions = Vec::new();
    for category in &profiling.features {
        let seen = all(session, contact, category).await?;
        reactions.extend(seen.iter().filter_map(|view| counted(view, model, at)));
    }
    reactions.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.id.cmp(&a.id)));
    let profile = Profile::of(model, reactions.iter().rev().map(|one| one.reaction(model)));
    let before = all(session, contact, &profiling.segments).await?;
    let mut held: Vec<Held> = before.iter().filter_map(Held::of).collect();
    let today = Timestamp::from_millisecond(at).unwrap_or_default();
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    let memberships = settle(model, &profile, &attributes, &mut held, (at, today));
    Ok(Analysis { at, today, profile, attributes, reactions, memberships, held })
}

impl Analysis {
    /// Holds what was found in the records of the contact. Answers how many of them changed.
    pub async fn hold(
        &self,
        session: &Identified,
        profiling: &Profiling,
        model: &Model,
        contact: Uuid,
    ) -> Result<usize, EngineError> {
        let mut scores = Vec::new();
        for (place, topic) in model.topics().iter().enumerate() {
            let score = self.profile.score(Topic(place));
            let Some(last) = self.last_of(topic) else { continue };
            // As it was worth when the topic was last reacted to: it need not be written every day.
            let thousandths = (score.worth(model, last) * 1_000.0).round();
            let day = Timestamp::from_millisecond(last).unwrap_or_default().to_string();
            let fields = [
                ("topic", topic.clone()),
                ("score", format!("{thousandths:.0}")),
                ("last_reaction", day.get(..10).unwrap_or_default().to_owned()),
            ];
            scores.push(Derived { name: topic.clone(), at: last, fields: texts(fields) });
        }
        let changed = session.derive(contact, &profiling.interests, &scores).await?;
        let segments: Vec<Derived> = self.held.iter().map(Held::derived).collect();
        Ok(changed + session.derive(contact, &profiling.segments, &segments).await?)
    }

    /// The segments that a person keeps the contact out of, and why.
    pub fn kept_out(&self) -> impl Iterator<Item = (&str, &str)> {
        let kept = self.held.iter().filter(|one| one.keeps_out());
        kept.map(|one| (one.segment.as_str(), one.reason.as_str()))
    }

    /// Lets a person decide of a segment, with a reason that the contact can read. It is to be held
    /// afterwards. A segment that the notice does not have is a fault.
    pub fn decide(
        &mut self,
        model: &Model,
        segment: &str,
        hand: Hand,
        reason: &str,
    ) -> Result<(), EngineError> {
        if !model.segments().iter().any(|one| one.name == segment) {
            return Err(EngineError::invalid("segment", "is not one that the notice publishes"));
        }
        let reason = reason.trim();
        if reason.is_empty() && hand != Hand::Rule {
            return Err(EngineError::invalid(
                "reason",
                "is missing: whoever is moved can read why",
            ));
        }
        let today = self.today;
        for one in self.held.iter_mut().filter(|one| one.segment == segment) {
            one.until.get_or_insert(today);
            // What a person said before counts no more.
            if one.until == Some(today) || one.by == BY_PERSON {
                BY_RULE.clone_into(&mut one.by);
            }
        }
        if hand != Hand::Rule {
            self.held.retain(|one| one.segment != segment || one.since != today);
            self.held.push(Held {
                segment: segment.to_owned(),
                since: today,
                until: (hand == Hand::Out).then_some(today),
                by: BY_PERSON.to_owned(),
                reason: reason.to_owned(),
            });
        }
        let given = (self.at, today);
        self.memberships = settle(model, &self.profile, &self.attributes, &mut self.held, given);
        Ok(())
    }

    fn last_of(&self, topic: &str) -> Option<i64> {
        let mut counting = self.reactions.iter().filter(|one| one.weight > 0.0);
        counting.find(|one| one.topic.as_deref() == Some(topic)).map(|one| one.at)
    }
}

impl Counted {
    fn reaction(&self, model: &Model) -> Reaction {
        let topic = self.topic.as_deref().and_then(|topic| model.topic(topic));
        Reaction { at: self.at, topic, weight: self.weight }
    }
}

/// Holds the rules against the profile: who is in already stays in since then, who is in no more has
/// left today, and whom a person put in stays.
fn settle(
    model: &Model,
    profile: &Profile,
    attributes: &Attributes,
    held: &mut Vec<Held>,
    (at, today): (i64, Date),
) -> Vec<Membership> {
    let features = profile.features(model, attributes, at);
    let mut memberships = Vec::new();
    for segment in model.segments() {
        let holds = segment.rule.holds(&features);
        if held.iter().any(|one| one.segment == segment.name && one.keeps_out()) {
            continue;
        }
        let mut lasting = held.iter_mut().filter(|one| one.segment == segment.name && one.lasts());
        let (since, by_person) = match lasting.next() {
            Some(one) if one.by == BY_PERSON => (one.since, Some(one.reason.clone())),
            Some(one) if holds => (one.since, None),
            Some(one) => {
                one.until = Some(today);
                continue;
            }
            None if holds => {
                enter(held, &segment.name, today);
                (today, None)
            }
            None => continue,
        };
        let told = segment.rule.told(model, &features);
        let until = holds.then(|| segment.rule.until(model, profile, attributes, at)).flatten();
        let since = day_of(start_of(since));
        memberships.push(Membership {
            segment: segment.name.clone(),
            since,
            by_person,
            told,
            until,
        });
    }
    memberships
}

/// A new membership; who left today and is back has not left.
fn enter(held: &mut Vec<Held>, segment: &str, today: Date) {
    let back = held.iter_mut().find(|one| one.segment == segment && one.until == Some(today));
    if let Some(one) = back {
        one.until = None;
        return;
    }
    held.push(Held {
        segment: segment.to_owned(),
        since: today,
        until: None,
        by: BY_RULE.to_owned(),
        reason: String::new(),
    });
}

/// All records of a category that the session may see.
async fn all(
    session: &Identified,
    contact: Uuid,
    category: &str,
) -> Result<Vec<RecordView>, EngineError> {
    let (mut views, mut after) = (Vec::new(), None);
    loop {
        let (page, _) =
            session.records(contact, Some(category), after.as_deref(), MAX_PAGE).await?;
        views.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(views);
        }
    }
}

pub(crate) fn counted(view: &RecordView, model: &Model, now: i64) -> Option<Counted> {
    let at = view.at.parse::<Timestamp>().ok()?.as_millisecond();
    let text = |name: &str| view.fields.get(name).and_then(Json::as_str);
    let reaction = text("reaction")?.to_owned();
    let machine = view.fields.get("machine").and_then(Json::as_bool).unwrap_or(false);
    // What is dated ahead has not happened.
    let weight = if machine || at > now { 0.0 } else { model.weight(&reaction) };
    let worth = weight * faded(model.half_life, (now - at).max(0));
    let topic = text("topic").map(str::to_owned);
    Some(Counted { id: view.id.clone(), at, reaction, topic, machine, weight, worth })
}

async fn attributes_of(
    session: &Identified,
    notice: &Notice,
    model: &Model,
    contact: Uuid,
) -> Result<Attributes, EngineError> {
    let view = session.contact(contact).await?;
    let of_company = |one: &String| one.starts_with("company.");
    let company = match view.company.filter(|_| model.attributes().iter().any(of_company)) {
        // Of a company that the session may not see nothing is known.
        Some(id) => session.objects_at(COMPANY, &[id]).await?.into_iter().next(),
        None => None,
    };
    let value = |path: &String| attribute_at(notice, &view, company.as_ref(), path);
    Ok(Attributes(model.attributes().iter().map(value).collect()))
}

/// An attribute by its path, out of a profile and the company that it represents.
pub(crate) fn attribute_at(
    notice: &Notice,
    view: &ContactView,
    company: Option<&ObjectView>,
    path: &str,
) -> Option<Attribute> {
    let (owner, name) = path.split_once('.')?;
    if owner == COMPANY {
        let field = notice.objects.get(COMPANY)?.fields.get(name)?;
        return attribute(&field.kind, company?.fields.get(name)?);
    }
    let field = notice.categories.get(owner)?.fields.get(name)?;
    attribute(&field.kind, view.data.get(owner)?.get(name)?)
}

/// What persons decided, by the places of segments: in, or out.
pub(crate) fn by_hand(views: &[RecordView], model: &Model) -> Vec<(usize, bool)> {
    let held = views.iter().filter_map(Held::of).filter(|one| one.by == BY_PERSON);
    let decided = held.filter_map(|one| {
        let place = model.segments().iter().position(|segment| segment.name == one.segment)?;
        Some((place, one.lasts()))
    });
    decided.collect()
}

fn attribute(kind: &FieldKind, value: &Json) -> Option<Attribute> {
    match (kind, value) {
        (FieldKind::Integer, number) => number.as_f64().map(Attribute::Number),
        (FieldKind::Flag, flag) => flag.as_bool().map(Attribute::Flag),
        (_, text) => text.as_str().map(|text| Attribute::Text(text.to_owned())),
    }
}

fn start_of(day: Date) -> i64 {
    day.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |start| start.timestamp().as_millisecond())
}

fn texts<const N: usize>(pairs: [(&str, String); N]) -> FieldTexts {
    let given = pairs.into_iter().filter(|(_, text)| !text.is_empty());
    given.map(|(name, text)| (name.to_owned(), text)).collect()
}
