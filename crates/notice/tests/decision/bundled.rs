//! The bundled notice's decision table, all of it.
//!
//! Every use, category and operation, with every role and without one; what the notice allows is
//! then asked of contacts that differ in one or two things from a plain one and from a willing one,
//! in up to five countries, and of records around the edges of each window.

use std::collections::BTreeSet;

use gantry_notice::time::Anchor;
use gantry_notice::{
    Ask, Channel, ContactState, Country, Mode, Notice, Operation, Reach, Reason, RecordState,
};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::compare::{Pair, until};
use crate::naive::{About, Answer, Fact, Found, Person, Question, Until};

const TODAY: Date = date(2026, 11, 22);
const COUNTRIES: [&str; 5] = ["CN", "DE", "FI", "US", ""];

/// The bundled notice as the second version; the first listed only every second category.
fn versions() -> [Notice; 2] {
    let text = include_str!("../../../../notices/customer-contacts.toml");
    let notice = Notice::parse(text, "customer-contacts.toml").expect("a notice without fault");
    let mut first = notice.clone();
    for purpose in first.purposes.values_mut() {
        let mut keep = false;
        purpose.reads.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
    [first, notice]
}

fn question(purpose: &str, used: &str, category: &str, operation: Operation) -> Question {
    Question {
        purpose: purpose.to_owned(),
        used: used.to_owned(),
        roles: Vec::new(),
        category: category.to_owned(),
        operation,
        channel: None,
    }
}

/// Every use × category × operation, asked by somebody whose roles the purpose has.
fn questions(notice: &Notice) -> Vec<Question> {
    let mut all = Vec::new();
    for (purpose_name, purpose) in &notice.purposes {
        for used in purpose.uses.keys() {
            for category in notice.categories.keys() {
                for operation in Operation::ALL {
                    let roles = purpose.roles.clone();
                    all.push(Question {
                        roles,
                        ..question(purpose_name, used, category, operation)
                    });
                }
            }
        }
    }
    all
}

#[test]
fn the_bundled_notice_says_the_same_of_every_role() {
    let versions = versions();
    let pair = Pair::new(&versions, TODAY);
    let notice = versions.last().unwrap();
    let mut allowed = 0;
    for mut asked in questions(notice) {
        let nobody = vec![Vec::new()];
        let each = notice.roles.keys().map(|role| vec![role.clone()]);
        for roles in nobody.into_iter().chain(each) {
            asked.roles = roles;
            let ask = pair.ask(&asked);
            let ours = pair.answer(ask.category, pair.ours.decide_notice(&ask));
            assert_eq!(ours, pair.naive.decide_notice(&asked), "{asked:?}");
            allowed += usize::from(matches!(ours, Answer::Allow(..)));
        }
    }
    assert!(allowed > 500, "only {allowed} are allowed");
}

fn add(names: &mut BTreeSet<String>, name: &str) {
    names.insert(name.to_owned());
}

/// One thing in which a contact or its record may differ, for the purpose and category asked.
type Turn = fn(&mut Person, &mut Fact, &Question);

const TURNS: [Turn; 29] = [
    |person, _, _| person.erased = true,
    |person, _, asked| add(&mut person.kept_for, &asked.purpose),
    |person, _, _| person.elsewhere = true,
    |person, _, _| person.archived = true,
    |person, _, _| person.restricted = true,
    |person, _, asked| add(&mut person.restricted_for, &asked.purpose),
    |person, _, _| add(&mut person.restricted_for, "archive"),
    |person, _, _| person.customer = !person.customer,
    |person, _, _| person.objects_to_marketing = true,
    |person, _, _| person.objects_to_profiling = true,
    |person, _, asked| add(&mut person.objected, &asked.purpose),
    |person, _, _| add(&mut person.objected, "marketing"),
    |person, _, asked| add(&mut person.weighed, &asked.purpose),
    |person, _, asked| {
        if !person.consented.remove(&asked.purpose) {
            person.consented.insert(asked.purpose.clone());
        }
    },
    |person, _, asked| add(&mut person.consented_since, &asked.purpose),
    |person, _, _| person.reach[0] = Reach::Closed,
    |person, _, _| person.reach[0] = Reach::NotOptedIn,
    |person, _, _| person.reach[1] = Reach::OptedIn,
    |person, _, _| person.reach[2] = Reach::Closed,
    |person, _, asked| {
        let field = if asked.category == "contact-details" { "email" } else { "topic" };
        person.restricted_fields.push((asked.category.clone(), field.to_owned()));
    },
    |person, _, asked| {
        for field in EVERY_FIELD {
            person.restricted_fields.push((asked.category.clone(), field.to_owned()));
        }
    },
    |_, fact, _| fact.collected_for = "archive".to_owned(),
    |person, fact, _| {
        fact.collected_for = "integrity".to_owned();
        person.told = 1;
    },
    |_, fact, _| fact.version = 1,
    |_, fact, _| fact.last_day = TODAY.yesterday().ok(),
    |_, fact, _| fact.expired = true,
    |_, fact, asked| fact.objected = Some((asked.purpose.clone(), asked.used.clone())),
    |_, fact, asked| fact.objected = Some((asked.purpose.clone(), "another".to_owned())),
    |person, fact, _| {
        fact.at = date(1990, 1, 1);
        fact.about = About::ClosedObject(fact.at);
        person.last_activity = None;
        person.end_of_relation = Some(fact.at);
    },
];

/// Names of fields that together cover some categories whole.
const EVERY_FIELD: [&str; 12] = [
    "given_name",
    "family_name",
    "full_name",
    "title",
    "language",
    "topic",
    "score",
    "last_reaction",
    "action",
    "feature",
    "duration",
    "role",
];

/// A contact of whom nothing is known, and one that said yes to everything.
fn bases() -> [Person; 2] {
    let plain = Person { last_activity: TODAY.yesterday().ok(), ..Person::default() };
    let consented = ["marketing", "sales", "crm", "quality", "delivery", "events", "research"];
    let willing = Person {
        consented: consented.into_iter().map(str::to_owned).collect(),
        reach: [Reach::OptedIn; 3],
        customer: true,
        ..plain.clone()
    };
    [plain, willing]
}

/// Contacts and records for a question, and in which countries: the bases, changed in none or one
/// thing, everywhere; in two, the plain one in Germany, the willing one in China.
fn situations(asked: &Question) -> Vec<(Person, Fact, &'static [&'static str])> {
    let fact = Fact {
        at: TODAY.yesterday().unwrap(),
        about: About::OpenObject,
        last_day: None,
        expired: false,
        objected: None,
        collected_for: asked.purpose.clone(),
        version: 0,
    };
    let mut all = Vec::new();
    for (base, one_country) in bases().into_iter().zip([&["DE"], &["CN"]]) {
        all.push((base.clone(), fact.clone(), &COUNTRIES[..]));
        for (n, first) in TURNS.iter().enumerate() {
            let (mut person, mut fact) = (base.clone(), fact.clone());
            first(&mut person, &mut fact, asked);
            for second in TURNS.iter().skip(n + 1) {
                let (mut person, mut fact) = (person.clone(), fact.clone());
                second(&mut person, &mut fact, asked);
                all.push((person, fact, &one_country[..]));
            }
            all.push((person, fact, &COUNTRIES[..]));
        }
    }
    all
}

#[test]
fn the_bundled_notice_decides_the_same_of_contacts_in_every_state() {
    let versions = versions();
    let pair = Pair::new(&versions, TODAY);
    let mut seen = BTreeSet::new();
    for mut asked in questions(&versions[1]) {
        let found = pair.naive.look_up(&asked);
        let situations = situations(&asked);
        // What the notice itself refuses no contact can allow: two of them show it.
        let count = if found.is_ok() { situations.len() } else { 2 };
        let channels = if found.as_ref().is_ok_and(Found::reaches) { 4 } else { 1 };
        let mut ask = pair.ask(&asked);
        for (mut person, fact, countries) in situations.into_iter().take(count) {
            let (mut state, record) = (pair.contact(&person), pair.record(&fact));
            for country in countries.iter().copied() {
                country.clone_into(&mut person.country);
                state.country = Country::of(country).unwrap_or(Country::NONE);
                for channel in &EACH_CHANNEL[..channels] {
                    (asked.channel, ask.channel) = (*channel, *channel);
                    let both = ((&person, &fact), (&state, &record));
                    seen.insert(agree(&pair, found.as_ref(), (&asked, &ask), both));
                }
            }
        }
    }
    let not_here = [Reason::Unknown, Reason::OnlyInAggregate, Reason::RoleLacksPurpose];
    let expected = Reason::ALL.into_iter().filter(|reason| !not_here.contains(reason)).map(Some);
    assert_eq!(seen, expected.chain([None]).collect());
}

/// Compares both readings of one situation, and gives the answer.
fn agree<'a>(
    pair: &'a Pair<'a>,
    found: Result<&Found<'a>, &Reason>,
    (asked, ask): (&Question, &Ask),
    ((person, fact), (state, record)): ((&Person, &Fact), (&ContactState, &RecordState)),
) -> Option<Reason> {
    let naive = match found {
        Err(reason) => Answer::Deny(*reason),
        Ok(found) => pair.naive.decide_found(found, asked, person),
    };
    let any = pair.answer(ask.category, pair.ours.decide_any(ask, state));
    assert_eq!(any, naive, "{asked:?}\n{person:?}");
    let refused = pair.naive.refuse_record(asked, person, fact);
    let naive = match (naive, refused) {
        (Answer::Allow(..), Some(reason)) => Answer::Deny(reason),
        (answer, _) => answer,
    };
    let ours = pair.answer(ask.category, pair.ours.decide(ask, state, record));
    assert_eq!(ours, naive, "{asked:?}\n{person:?}\n{fact:?}");
    match naive {
        Answer::Allow(..) => None,
        Answer::Deny(reason) => Some(reason),
    }
}

const EACH_CHANNEL: [Option<Channel>; 4] =
    [None, Some(Channel::Email), Some(Channel::Phone), Some(Channel::Post)];

/// The earliest anchor with which a window is still open today.
fn edge(pair: &Pair<'_>, asked: &Question) -> Date {
    let mut window = pair.naive.versions[1].purposes[&asked.purpose].reads[&asked.category].window;
    window.anchor = Anchor::Collected;
    let open = |day: Date| {
        let fact = fact_of(day, About::Nothing);
        pair.naive.window_end(window, &Person::default(), &fact) >= Until::Day(TODAY)
    };
    let (mut closed_at, mut open_at) = (date(2000, 1, 1), TODAY);
    while closed_at.tomorrow().unwrap() < open_at {
        let middle =
            closed_at.checked_add((closed_at.until(open_at).unwrap().get_days() / 2).days());
        let middle = middle.unwrap();
        *(if open(middle) { &mut open_at } else { &mut closed_at }) = middle;
    }
    open_at
}

fn fact_of(at: Date, about: About) -> Fact {
    let (last_day, expired, objected) = (None, false, None);
    Fact { at, about, last_day, expired, objected, collected_for: String::new(), version: 1 }
}

#[test]
fn every_window_of_the_bundled_notice_ends_on_the_day_that_the_calendar_says() {
    let versions = versions();
    let pair = Pair::new(&versions, TODAY);
    let long_ago = date(2001, 1, 1);
    let mut ended = 0;
    for asked in questions(&versions[1]).iter().filter(|asked| pair.naive.look_up(asked).is_ok()) {
        let edge = edge(&pair, asked);
        for day in [edge.yesterday().unwrap(), edge, edge.tomorrow().unwrap(), TODAY] {
            for (at, active, end, about) in [
                (day, None, None, About::Nothing),
                (day, Some(long_ago), None, About::OpenObject),
                (long_ago, Some(day), Some(day), About::ClosedObject(day)),
                (long_ago, Some(day), Some(long_ago), About::Nothing),
            ] {
                let fact = Fact { collected_for: asked.purpose.clone(), ..fact_of(at, about) };
                let person =
                    Person { last_activity: active, end_of_relation: end, ..bases()[1].clone() };
                let (ask, state, record) =
                    (pair.ask(asked), pair.contact(&person), pair.record(&fact));
                let ours = pair.answer(ask.category, pair.ours.decide(&ask, &state, &record));
                assert_eq!(ours, pair.naive.decide(asked, &person, &fact), "{asked:?} {fact:?}");
                ended += usize::from(ours == Answer::Deny(Reason::PastWindow));
                let kept = until(pair.ours.keep_until(ask.category, &state, &record));
                assert_eq!(kept, pair.naive.keep_until(&asked.category, &person, &fact));
            }
        }
    }
    assert!(ended > 1000, "only {ended} have ended");
}

#[test]
fn the_archive_of_the_bundled_notice_keeps_nobody_longer_than_another_purpose() {
    let [_, notice] = versions();
    let archive = &notice.purposes["archive"];
    for (category, read) in &archive.reads {
        let mut without = notice.clone();
        without.purposes.shift_remove("archive");
        let longer = without.purposes.values().any(|purpose| {
            let other = purpose.reads.get(category);
            purpose.mode == Mode::Identified
                && other.is_some_and(|other| other.window == read.window)
        });
        assert!(longer, "{category}");
    }
}
