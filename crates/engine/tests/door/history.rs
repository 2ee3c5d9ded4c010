//! A long random history, and after every step what each purpose sees of somebody, held against a
//! second reading of `docs/decision.md` that knows nothing of tables, sessions or stores.

use std::collections::{BTreeMap, BTreeSet};

use gantry_engine::draft::RecordView;
use gantry_engine::session::{Identified, Scope, Statement};
use gantry_engine::{Cause, EngineError, Session, Work};
use gantry_notice::model::{Basis, Objection};
use gantry_notice::{Channel, Mode, Notice, Operation, Reach, Reason};
use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use crate::naive::{About, Answer, Fact, Person, Question, Reader};
use crate::support::{House, anna, bundled, contact, event, texts};

const STEPS: usize = 220;
/// Some role of every purpose.
const ROLES: [&str; 16] = [
    "analyst",
    "quality-manager",
    "developer",
    "it-operator",
    "marketer",
    "seller",
    "account-manager",
    "production-planner",
    "delivery-manager",
    "invoicer",
    "security-analyst",
    "compliance-officer",
    "event-organiser",
    "safety-officer",
    "records-manager",
    "privacy-owner",
];
const SCOPES: [&str; 9] =
    ["marketing", "crm", "sales", "delivery", "invoicing", "profiling", "email", "phone", "all"];
/// What is collected: by which use, of which category, with what in it.
const DEEDS: [(&str, &str, &str, &str, &str); 7] = [
    ("marketing", "campaigns", "reactions", "reaction", "clicked"),
    ("sales", "pipeline", "communications", "subject", "Offer for two hoists"),
    ("sales", "communications", "communications", "subject", "New chain hoists"),
    ("crm", "relations", "communications", "subject", "Yearly visit"),
    ("invoicing", "invoices", "orders", "role", "invoice-contact"),
    ("delivery", "training", "training", "result", "passed"),
    ("events", "participation", "participation", "status", "attended"),
];

/// Somebody as the second reading knows them.
struct Known {
    id: Uuid,
    person: Person,
    /// Categories of the profile.
    profile: Vec<(String, Fact)>,
    records: Vec<(String, Fact)>,
}

struct History {
    house: House,
    versions: Vec<Notice>,
    people: Vec<Known>,
    dice: StdRng,
}

#[tokio::test]
async fn through_a_long_random_history_every_purpose_sees_what_the_words_say() {
    let house = House::new().await;
    let notice = Notice::parse(&bundled(), "bundled").unwrap();
    let (versions, dice) = (vec![notice], StdRng::seed_from_u64(20_261_101));
    let mut history = History { house, versions, people: Vec::new(), dice };
    let mut refusals = BTreeSet::new();
    for step in 0..STEPS {
        history.step().await;
        history.look(step, &mut refusals).await;
    }
    for reason in [
        Reason::Erased,
        Reason::Restricted,
        Reason::Objected,
        Reason::ObjectionWeighed,
        Reason::NoConsent,
    ] {
        assert!(refusals.contains(&reason), "the history never met {reason:?}");
    }
}

impl History {
    fn today(&self) -> Date {
        self.house.clock.today().date().unwrap()
    }

    fn reader(&self) -> Reader<'_> {
        Reader { versions: &self.versions, today: self.today() }
    }

    async fn step(&mut self) {
        match self.dice.random_range(0..10) {
            0 | 1 => self.somebody_new().await,
            2 => self.house.clock.advance_days(self.dice.random_range(0..90)),
            3..=6 if !self.people.is_empty() => self.something_said().await,
            7 if self.dice.random_bool(0.2) => self.erasure().await,
            _ => self.something_done().await,
        }
    }

    async fn somebody_new(&mut self) {
        let country = *["FI", "DE", "US", "CN", ""].choose(&mut self.dice).unwrap();
        let mut draft = contact(country);
        let local = format!("aino{}", self.people.len());
        draft.data["contact-details"].insert("email".into(), format!("{local}@harbour.example"));
        draft.customer = self.dice.random_bool(0.5);
        let id = self.house.add(draft.clone()).await.id;
        let fact = self.fact("crm");
        let person = Person {
            country: country.to_owned(),
            customer: draft.customer,
            consented: draft.consents.iter().cloned().collect(),
            last_activity: Some(self.today()),
            ..Person::default()
        };
        let profile = draft.data.keys().map(|name| (name.clone(), fact.clone())).collect();
        self.people.push(Known { id, person, profile, records: Vec::new() });
    }

    async fn something_said(&mut self) {
        let at = self.dice.random_range(0..self.people.len());
        let statement = *[
            Statement::Objects,
            Statement::Objects,
            Statement::WithdrawsObjection,
            Statement::ObjectionUpheld,
            Statement::ObjectionRejected,
            Statement::Consents,
            Statement::WithdrawsConsent,
            Statement::Restricts,
            Statement::LiftsRestriction,
        ]
        .choose(&mut self.dice)
        .unwrap();
        let restricts = matches!(statement, Statement::Restricts | Statement::LiftsRestriction);
        let whole = restricts && self.dice.random_bool(0.6);
        let scope = if whole { "all" } else { SCOPES.choose(&mut self.dice).unwrap() };
        let claims = self.house.people("claims").await;
        let done = claims.say(self.people[at].id, statement, &Scope::parse(scope)).await;
        let notice = &self.versions[0];
        let expected = heard(notice, &mut self.people[at].person, statement, scope);
        assert_eq!(done.is_ok(), expected, "{statement:?} {scope}: {done:?}");
    }

    async fn something_done(&mut self) {
        if self.people.is_empty() {
            return;
        }
        let at = self.dice.random_range(0..self.people.len());
        let (purpose, used, category, field, value) = *DEEDS.choose(&mut self.dice).unwrap();
        let session = self.house.people_for(purpose, used).await;
        let today = self.today();
        let record = event(category, &today.to_string(), &[(field, value)]);
        let done = session.add_record(self.people[at].id, &record).await;
        let fact = self.fact(purpose);
        let asked = asked(purpose, used, category, Operation::Collect);
        let expected = self.reader().decide(&asked, &self.people[at].person, &fact);
        match (done, expected) {
            (Ok(_), Answer::Allow(..)) => {
                let known = &mut self.people[at];
                known.records.push((category.to_owned(), fact));
                known.person.last_activity = known.person.last_activity.max(Some(today));
            }
            (Err(error), Answer::Deny(reason)) => assert_eq!(error.reason(), Some(reason)),
            (done, expected) => panic!("{asked:?}: {done:?}, and the words say {expected:?}"),
        }
    }

    async fn erasure(&mut self) {
        let Some(at) = (0..self.people.len()).next_back() else { return };
        let claims = self.house.people("claims").await;
        if claims.erase(self.people[at].id).await.is_err() {
            return;
        }
        let today = self.today();
        let known = &mut self.people[at];
        let reader = Reader { versions: &self.versions, today };
        let kept = |category: &str, fact: &Fact| {
            let purpose = &reader.versions[0].purposes[&fact.collected_for];
            let window = purpose.reads.get(category).map(|read| read.window);
            purpose.basis == Basis::LegalObligation
                && window.is_some_and(|window| {
                    reader.window_end(window, &known.person, fact)
                        >= crate::naive::Until::Day(today)
                })
        };
        let records: Vec<_> =
            known.records.iter().filter(|(name, fact)| kept(name, fact)).cloned().collect();
        known.person = Person {
            erased: true,
            kept_for: records.iter().map(|(_, fact)| fact.collected_for.clone()).collect(),
            last_activity: known.person.last_activity,
            ..Person::default()
        };
        known.profile.clear();
        known.records = records;
    }

    fn fact(&self, purpose: &str) -> Fact {
        Fact {
            at: self.today(),
            about: About::Nothing,
            last_day: None,
            expired: false,
            objected: None,
            collected_for: purpose.to_owned(),
            version: 0,
        }
    }

    /// What every identified use sees of somebody, against the words.
    async fn look(&mut self, step: usize, refusals: &mut BTreeSet<Reason>) {
        if self.people.is_empty() {
            return;
        }
        let known = &self.people[self.dice.random_range(0..self.people.len())];
        for (purpose, declared) in &self.versions[0].purposes {
            for used in declared.uses.keys() {
                let work = Work::on(purpose, Cause::Test).used_for(Some(used));
                let session = self.house.engine.session(&anna(), &work).await.unwrap();
                if declared.mode != Mode::Identified {
                    assert!(session.identified().is_err(), "{purpose}");
                    continue;
                }
                let Session::Identified(session) = session else { panic!("{purpose}") };
                let place = format!("step {step}, {purpose}/{used}, {:?}", known.person);
                self.compare(&session, (purpose, used), known, &place, refusals).await;
            }
        }
    }

    async fn compare(
        &self,
        session: &Identified,
        (purpose, used): (&str, &str),
        known: &Known,
        place: &str,
        refusals: &mut BTreeSet<Reason>,
    ) {
        let reader = self.reader();
        let any = |category: &str| {
            let asked = asked(purpose, used, category, Operation::Read);
            matches!(reader.decide_any(&asked, &known.person), Answer::Allow(..))
        };
        let visible = self.versions[0].categories.keys().any(|category| any(category));
        match session.contact(known.id).await {
            Err(EngineError::Refused(refusal)) => {
                assert!(!visible, "{place}: refused, and the words allow");
                refusals.insert(refusal.reason);
            }
            Err(error) => panic!("{place}: {error}"),
            Ok(view) => {
                assert!(visible, "{place}: seen, and the words refuse");
                let seen: BTreeMap<String, BTreeSet<String>> = view
                    .data
                    .into_iter()
                    .map(|(name, fields)| (name, fields.into_keys().collect()))
                    .collect();
                let held = |category: &str| match category {
                    "identity" => vec!["given_name", "family_name"],
                    "employment" => vec!["job_title", "role"],
                    _ => vec!["email", "phone"],
                };
                let mut expected = BTreeMap::new();
                for (category, fact) in &known.profile {
                    let asked = asked(purpose, used, category, Operation::Read);
                    if let Answer::Allow(_, fields) = reader.decide(&asked, &known.person, fact) {
                        let shown = held(category).into_iter().filter(|f| fields.contains(f));
                        expected.insert(category.clone(), shown.map(str::to_owned).collect());
                    }
                }
                assert_eq!(seen, expected, "{place}");
                let (page, _) = session.records(known.id, None, None, 500).await.unwrap();
                self.compare_records((purpose, used), known, &page.items, place);
            }
        }
    }

    fn compare_records(
        &self,
        (purpose, used): (&str, &str),
        known: &Known,
        seen: &[RecordView],
        place: &str,
    ) {
        let reader = self.reader();
        let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
        for (category, fact) in known.profile.iter().chain(&known.records) {
            let asked = asked(purpose, used, category, Operation::Read);
            let answer = reader.decide(&asked, &known.person, fact);
            *expected.entry(category).or_default() +=
                usize::from(matches!(answer, Answer::Allow(..)));
        }
        expected.retain(|_, count| *count > 0);
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for record in seen {
            *found.entry(&record.category).or_default() += 1;
        }
        assert_eq!(found, expected, "{place}");
    }
}

fn asked(purpose: &str, used: &str, category: &str, operation: Operation) -> Question {
    Question {
        purpose: purpose.to_owned(),
        used: used.to_owned(),
        roles: ROLES.map(str::to_owned).to_vec(),
        category: category.to_owned(),
        operation,
        channel: None,
    }
}

/// What a statement does, from the design's words. Says whether it can be made at all.
fn heard(notice: &Notice, person: &mut Person, statement: Statement, scope: &str) -> bool {
    if person.erased {
        return false;
    }
    if let Some(channel) = Channel::of_word(scope) {
        person.reach[channel as usize] = match statement {
            Statement::Objects | Statement::WithdrawsConsent => Reach::Closed,
            Statement::WithdrawsObjection => Reach::Unasked,
            Statement::Consents => Reach::OptedIn,
            _ => return false,
        };
        return true;
    }
    match (scope, statement) {
        ("profiling", Statement::Objects) => person.objects_to_profiling = true,
        ("profiling", Statement::WithdrawsObjection) => person.objects_to_profiling = false,
        ("all", Statement::Restricts) => {
            person.restricted = true;
            person.consented_since.clear();
        }
        ("all", Statement::LiftsRestriction) => person.restricted = false,
        ("profiling" | "all", _) => return false,
        (purpose, statement) => return heard_of(notice, person, statement, purpose),
    }
    true
}

fn heard_of(notice: &Notice, person: &mut Person, statement: Statement, purpose: &str) -> bool {
    let declared = &notice.purposes[purpose];
    let markets = declared.uses.values().any(|used| used.direct_marketing);
    let name = purpose.to_owned();
    match statement {
        Statement::Objects => {
            match declared.objection {
                Objection::None => return false,
                Objection::Absolute => drop(person.objected.insert(name)),
                Objection::Weighed if person.objected.contains(&name) => {}
                Objection::Weighed => drop(person.weighed.insert(name)),
            }
            person.objects_to_marketing |= markets;
        }
        Statement::WithdrawsObjection => {
            person.objected.remove(&name);
            person.weighed.remove(&name);
            person.objects_to_marketing &= !markets;
        }
        Statement::ObjectionUpheld => {
            if !person.weighed.remove(&name) {
                return false;
            }
            person.objected.insert(name);
        }
        Statement::ObjectionRejected => return person.weighed.remove(&name),
        Statement::Consents => {
            if person.restricted || person.restricted_for.contains(&name) {
                person.consented_since.insert(name.clone());
            }
            person.consented.insert(name);
        }
        Statement::WithdrawsConsent => {
            person.consented.remove(&name);
            person.consented_since.remove(&name);
        }
        Statement::Restricts => {
            person.consented_since.remove(&name);
            person.restricted_for.insert(name);
        }
        Statement::LiftsRestriction => drop(person.restricted_for.remove(&name)),
        Statement::Told => return false,
    }
    true
}

#[tokio::test]
async fn a_new_version_of_the_notice_reaches_old_records_only_once_the_contact_was_told() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let talk = event("communications", "2026-10-30", &[("subject", "Hoist inspection")]);
    crm.add_record(id, &talk).await.unwrap();
    let wider = bundled()
        .replace("version = \"2026-11\"", "version = \"2026-12\"")
        .replace(
            "[purposes.manufacturing.reads]\n",
            "[purposes.manufacturing.reads]\ncommunications = { window = \"12 months after collected\" }\n",
        );
    let later = wider.replace("effective = 2026-11-01", "effective = 2027-01-01");
    let early = house.engine.publish_notice(&anna(), later.as_bytes(), Cause::Test).await;
    assert!(matches!(early, Err(EngineError::Invalid(_))), "a notice is published on its day");
    house.engine.publish_notice(&anna(), wider.as_bytes(), Cause::Test).await.unwrap();
    let seen = async || {
        let planner = house.people("manufacturing").await;
        planner.records(id, Some("communications"), None, 10).await.unwrap().0.items.len()
    };
    assert_eq!(seen().await, 0, "collected when the notice said otherwise");
    let claims = house.people("claims").await;
    claims.say(id, Statement::Told, &Scope::Whole).await.unwrap();
    assert_eq!(seen().await, 1);
    let fresh = house.contact("SE").await;
    house.people("crm").await.add_record(fresh, &talk).await.unwrap();
    let planner = house.people("manufacturing").await;
    let (page, _) = planner.records(fresh, Some("communications"), None, 10).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let change = texts(&[("subject", "")]);
    let refused = planner.change_record(fresh, "communications", Uuid::nil(), &change, None).await;
    assert_eq!(crate::support::refused(refused), Reason::OperationNotAllowed);
}
