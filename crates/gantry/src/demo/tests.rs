//! The invented dealings: allowed by the notice, repeatable, and somebody for every part.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_notice::model::{Belongs, Field, FieldKind};
use gantry_notice::{
    Ask, Channel, ContactState, Country, DatedPolicy, Day, Decision, Flags, Mode, Notice,
    Operation, Policy, Reach, Reason, RecordState,
};
use jiff::civil::date;

use super::dealings::{Contact, Dealings, FieldTexts, ObjectRef, Record, Said};
use super::generate;

const SEED: u64 = 1910;

fn today() -> Day {
    Day::of(date(2026, 11, 22))
}

fn dealings() -> Dealings {
    generate(today(), SEED).unwrap()
}

fn policy() -> DatedPolicy {
    let text = include_str!("../../../../notices/customer-contacts.toml");
    let notice = Notice::parse(text, "customer-contacts.toml").unwrap();
    DatedPolicy::new(Arc::new(Policy::compile(&[Arc::new(notice)]).unwrap()), today())
}

fn state_of(contact: &Contact, policy: &DatedPolicy) -> ContactState {
    let mut state = ContactState::new(Country::of(&contact.country).unwrap(), 0);
    state.flags.set(Flags::CUSTOMER, contact.customer);
    state.flags.set(Flags::SOLE_TRADER, contact.sole_trader);
    state.last_activity = contact.last_activity;
    for purpose in &contact.consents {
        state.consents |= policy.policy().lexicon().purpose(purpose).unwrap().bit();
    }
    for channel in &contact.opted_in {
        state.set_reach(*channel, Reach::OptedIn);
    }
    state
}

fn decide(
    policy: &DatedPolicy,
    under: &str,
    operation: Operation,
    category: &str,
    contact: &ContactState,
    (at, closed, collected_for): (Day, Day, &str),
) -> Decision {
    let lexicon = policy.policy().lexicon();
    let (purpose, used) = under.split_once('/').unwrap();
    let purpose_id = lexicon.purpose(purpose).unwrap();
    let declared = policy.policy().purpose(purpose_id).unwrap();
    let ask = Ask {
        use_id: lexicon.use_of(purpose_id, used).unwrap_or_else(|| panic!("no use {under}")),
        roles: policy.policy().roles(declared.roles.iter().map(String::as_str)),
        category: lexicon.category(category).unwrap(),
        operation,
        channel: None,
    };
    let mut record = RecordState::new(at, lexicon.purpose(collected_for).unwrap(), 0);
    record.closed = closed;
    policy.decide(&ask, contact, &record)
}

fn closed(dealings: &Dealings, record: &Record) -> Day {
    let about = record.about.as_ref();
    let object = about.and_then(|about| dealings.objects.iter().find(|o| o.id == *about));
    object.map_or(record.at, |object| object.closed.unwrap_or(Day::OPEN))
}

fn contact<'d>(dealings: &'d Dealings, key: &str) -> &'d Contact {
    dealings.contacts.iter().find(|contact| contact.key == key).unwrap()
}

/// A rough reading of the types; the engine reads them exactly.
fn fits(field: &Field, value: &str) -> bool {
    let day = |text: &str| text.parse::<jiff::civil::Date>().is_ok();
    let short = |most: usize| !value.is_empty() && value.chars().count() <= most;
    match &field.kind {
        FieldKind::Text { max } => short(usize::try_from(*max).unwrap()),
        FieldKind::Label => short(200) && !value.contains('@'),
        FieldKind::Reference => {
            short(80) && value.chars().all(|c| c.is_alphanumeric() || "-_./#: ".contains(c))
        }
        FieldKind::Email => value.split_once('@').is_some_and(|(_, d)| d.ends_with(".example")),
        FieldKind::Phone => value.strip_prefix('+').unwrap().parse::<u64>().is_ok(),
        FieldKind::Country => value.len() == 2,
        FieldKind::Language => value.len() == 2,
        FieldKind::Date => day(value),
        FieldKind::Time => value.parse::<jiff::Timestamp>().is_ok(),
        FieldKind::Integer => value.parse::<i64>().is_ok(),
        FieldKind::Money => {
            let (currency, amount) = value.split_once(' ').unwrap();
            currency.len() == 3 && amount.strip_suffix(".00").unwrap().parse::<i64>().is_ok()
        }
        FieldKind::Flag => matches!(value, "yes" | "no"),
        FieldKind::Code { values } => values.iter().any(|code| code == value),
    }
}

fn assert_fields<'n>(
    place: &str,
    fields: &FieldTexts,
    declared: impl Fn(&str) -> Option<&'n Field>,
) {
    for (name, value) in fields {
        let field = declared(name).unwrap_or_else(|| panic!("{place} has no field {name}"));
        assert!(fits(field, value), "{place}.{name} cannot be {value:?}");
    }
}

#[test]
fn the_same_day_and_seed_make_the_same_dealings() {
    assert_eq!(dealings(), dealings());
    assert_ne!(dealings(), generate(today(), SEED + 1).unwrap());
}

#[test]
fn another_day_moves_the_dealings() {
    let (now, later) = (dealings(), generate(Day(today().0 + 1000), SEED).unwrap());
    assert_eq!(now.cast, later.cast);
    let moved = now.records.iter().map(|record| record.at.0 + 1000);
    assert!(moved.eq(later.records.iter().map(|record| record.at.0)));
}

#[test]
fn every_seed_fills_every_part_of_the_tour() {
    for seed in 0..40 {
        generate(today(), seed).unwrap();
    }
}

#[test]
fn there_are_a_few_hundred_contacts_in_a_dozen_countries_and_two_years_that_end_today() {
    let dealings = dealings();
    let countries: BTreeSet<&str> = dealings.contacts.iter().map(|c| &*c.country).collect();
    let companies = dealings.objects.iter().filter(|object| object.id.kind == "company");
    assert_eq!(companies.count(), 60);
    assert!((250..400).contains(&dealings.contacts.len()), "{}", dealings.contacts.len());
    assert!(countries.len() >= 12 && countries.contains("CN"), "{countries:?}");
    assert!(dealings.records.iter().all(|record| record.at <= today()));
    assert!(dealings.records.last().is_some_and(|record| record.at.0 > today().0 - 5));
    assert!(dealings.records.first().is_some_and(|record| record.at.0 < today().0 - 680));
    assert!((4_000..20_000).contains(&dealings.records.len()), "{}", dealings.records.len());
}

#[test]
fn nobody_is_reached_by_an_address_that_could_be_somebodys() {
    let mut seen = BTreeSet::new();
    for contact in &dealings().contacts {
        let fields = contact.data.iter().flat_map(|(_, fields)| fields);
        let (_, email) = fields.clone().find(|(name, _)| *name == "email").unwrap();
        assert!(email.ends_with(".example") && email.is_ascii(), "{email}");
        assert!(seen.insert(email.clone()), "{email} twice");
    }
}

#[test]
fn every_object_is_one_that_the_notice_declares_and_its_purpose_may_write() {
    let (dealings, policy) = (dealings(), policy());
    let notice = policy.policy().notice();
    let mut seen: BTreeSet<&ObjectRef> = BTreeSet::new();
    for object in &dealings.objects {
        let kind = notice.objects.get(object.id.kind).unwrap();
        let place = format!("{} {}", object.id.kind, object.id.key);
        assert!(kind.write.iter().any(|p| p == object.purpose), "{place}: {}", object.purpose);
        assert!(kind.states.iter().any(|state| state == object.state), "{place}: {}", object.state);
        let closes = kind.closed.iter().any(|state| state == object.state);
        assert_eq!(object.closed.is_some(), closes, "{place} is {}", object.state);
        assert!(object.closed.is_none_or(|day| day <= today()), "{place} closes in the future");
        assert_fields(&place, &object.fields, |name| kind.fields.get(name));
        for (name, field) in &kind.fields {
            assert!(
                !field.required || object.fields.iter().any(|(n, _)| n == name),
                "{place}.{name}"
            );
        }
        match kind.company {
            Belongs::Required => assert!(object.company.is_some(), "{place}"),
            Belongs::None => assert!(object.company.is_none(), "{place}"),
            Belongs::Optional => {}
        }
        if let Some(whole) = &object.part_of {
            assert_eq!(kind.part_of.as_deref(), Some(whole.kind), "{place}");
            assert!(seen.contains(whole), "{place} comes before its whole");
        }
        assert!(seen.insert(&object.id), "{place} twice");
    }
}

#[test]
fn every_profile_and_record_may_be_collected_and_fits_the_notice() {
    let (dealings, policy) = (dealings(), policy());
    let notice = policy.policy().notice();
    for contact in &dealings.contacts {
        let state = state_of(contact, &policy);
        let (first_use, _) = notice.purposes.get(contact.purpose).unwrap().uses.first().unwrap();
        let under = format!("{}/{first_use}", contact.purpose);
        for (category, fields) in &contact.data {
            let declared = notice.categories.get(*category).unwrap();
            assert!(declared.single, "{category}");
            assert_fields(category, fields, |name| declared.fields.get(name));
            let at = (contact.met, contact.met, contact.purpose);
            let answer = decide(&policy, &under, Operation::Collect, category, &state, at);
            assert!(matches!(answer, Decision::Allow { .. }), "{category}: {answer:?}");
        }
    }
    for record in &dealings.records {
        let state = state_of(contact(&dealings, &record.contact), &policy);
        let declared = notice.categories.get(record.category).unwrap();
        assert!(!declared.single, "{}", record.category);
        assert_fields(record.category, &record.fields, |name| declared.fields.get(name));
        if let Some(about) = &record.about {
            assert!(declared.about.iter().any(|kind| kind == about.kind), "{record:?}");
            assert!(dealings.objects.iter().any(|object| object.id == *about), "{record:?}");
        }
        let at = (record.at, closed(&dealings, record), record.purpose());
        let answer = decide(&policy, record.under, Operation::Collect, record.category, &state, at);
        assert!(matches!(answer, Decision::Allow { .. }), "{record:?}: {answer:?}");
    }
}

#[test]
fn every_purpose_that_collects_has_collected_something() {
    let (dealings, policy) = (dealings(), policy());
    let used: BTreeSet<&str> = dealings.records.iter().map(|record| record.category).collect();
    for (name, category) in &policy.policy().notice().categories {
        // Consents follow from what contacts say, interests and segments from reactions.
        let made_later = ["consents", "interests", "segments"].contains(&name.as_str());
        assert!(category.single || made_later || used.contains(name.as_str()), "{name}");
    }
    let kinds: BTreeSet<Said> =
        dealings.statements.iter().map(|statement| statement.said).collect();
    assert!(kinds.contains(&Said::Restricts) && kinds.contains(&Said::ObjectsTo("marketing")));
    assert!(kinds.contains(&Said::NotOptedIn(Channel::Email)));
}

#[test]
fn one_contact_looks_different_under_four_purposes() {
    let (dealings, policy) = (dealings(), policy());
    let person = contact(&dealings, &dealings.cast.seen_by_four);
    let state = state_of(person, &policy);
    let sees = |under: &str, category: &str| {
        let at = (person.met, person.met, person.purpose);
        decide(&policy, under, Operation::Read, category, &state, at)
    };
    let modes: Vec<Decision> =
        ["crm/relations", "manufacturing/production", "reporting/figures", "research/products"]
            .map(|under| sees(under, "identity"))
            .to_vec();
    let expected = [Mode::Identified, Mode::Identified, Mode::Aggregate, Mode::Pseudonymous];
    for (answer, expected) in modes.iter().zip(expected) {
        assert!(matches!(answer, Decision::Allow { mode, .. } if *mode == expected), "{answer:?}");
    }
    assert_ne!(modes.first(), modes.get(1));
    let refused = Decision::Deny(Reason::NotInNotice);
    assert_eq!(sees("manufacturing/production", "employment"), refused);
}

#[test]
fn a_contact_in_china_without_consent_is_invisible_to_marketing() {
    let (dealings, policy) = (dealings(), policy());
    for (key, visible) in
        [(&dealings.cast.china_without_consent, false), (&dealings.cast.china_with_consent, true)]
    {
        let person = contact(&dealings, key);
        let at = (person.met, person.met, person.purpose);
        let state = state_of(person, &policy);
        let answer = |under| decide(&policy, under, Operation::Read, "identity", &state, at);
        assert!(matches!(answer("crm/relations"), Decision::Allow { .. }));
        let marketing = answer("marketing/campaigns");
        assert_eq!(matches!(marketing, Decision::Allow { .. }), visible, "{marketing:?}");
        assert_eq!(marketing == Decision::Deny(Reason::NoConsent), !visible);
    }
}

#[test]
fn the_old_record_has_left_marketings_window_and_stays_for_invoicing() {
    let (dealings, policy) = (dealings(), policy());
    let key = &dealings.cast.old_record;
    let record = dealings.records.iter().find(|record| record.key == *key).unwrap();
    let state = state_of(contact(&dealings, &record.contact), &policy);
    let at = (record.at, closed(&dealings, record), record.purpose());
    let reads = |under| decide(&policy, under, Operation::Read, record.category, &state, at);
    assert_eq!(reads("marketing/campaigns"), Decision::Deny(Reason::PastWindow));
    assert!(matches!(reads("invoicing/invoices"), Decision::Allow { .. }));
}
