//! Explanations of the small notice.

use std::sync::Arc;

use super::*;
use crate::{Country, Notice, Operation, Policy};

fn small(today: &str) -> DatedPolicy {
    let notice = Notice::parse(include_str!("../../fixtures/small.toml"), "small.toml").unwrap();
    let policy = Policy::compile(&[Arc::new(notice)]).unwrap();
    DatedPolicy::new(Arc::new(policy), day(today))
}

fn day(text: &str) -> Day {
    Day::of(text.parse().unwrap())
}

fn ask(policy: &DatedPolicy, purpose: &str, used: &str, role: &str, category: &str) -> Ask {
    let lexicon = policy.policy().lexicon();
    Ask {
        use_id: lexicon.use_of(lexicon.purpose(purpose).unwrap(), used).unwrap(),
        roles: policy.policy().roles([role]),
        category: lexicon.category(category).unwrap(),
        operation: Operation::Read,
        channel: None,
    }
}

fn contact(country: &str) -> ContactState {
    let mut contact = ContactState::new(Country::of(country).unwrap(), 0);
    contact.last_activity = day("2026-01-15");
    contact
}

fn record(policy: &DatedPolicy, at: &str) -> RecordState {
    RecordState::new(day(at), policy.policy().lexicon().purpose("service").unwrap(), 0)
}

#[test]
fn an_allowance_says_on_what_ground_until_when_and_who_else() {
    let policy = small("2026-11-22");
    let ask = ask(&policy, "service", "visits", "technician", "identity");
    let record = record(&policy, "2026-01-10");
    let explained = policy.explain(&ask, &contact("FI"), Some(&record));
    insta::assert_snapshot!(explained.to_string());
    insta::assert_snapshot!(serde_json::to_string_pretty(&explained).unwrap());
}

#[test]
fn a_contact_in_china_hears_that_consent_is_missing() {
    let policy = small("2026-11-22");
    let ask = ask(&policy, "marketing", "campaigns", "marketer", "identity");
    let explained = policy.explain(&ask, &contact("CN"), Some(&record(&policy, "2026-01-10")));
    insta::assert_snapshot!(explained.to_string());
}

#[test]
fn a_window_that_has_ended_says_when() {
    let policy = small("2027-06-01");
    let ask = ask(&policy, "marketing", "campaigns", "marketer", "identity");
    let explained = policy.explain(&ask, &contact("SE"), Some(&record(&policy, "2026-01-10")));
    assert_eq!(explained.reason.unwrap().id, "past-window");
    assert_eq!(explained.until.as_deref(), Some("2027-01-15"));
}

#[test]
fn who_lacks_the_purpose_learns_nothing_of_the_contact() {
    let policy = small("2026-11-22");
    let ask = ask(&policy, "service", "visits", "marketer", "identity");
    let mut erased = contact("CN");
    erased.flags.set(Flags::ERASED, true);
    let one = policy.explain(&ask, &erased, Some(&record(&policy, "2020-01-10")));
    let other = policy.explain(&ask, &contact("FI"), None);
    assert_eq!(one, other);
    assert_eq!(one.basis, None);
    assert!(one.others.is_empty());
}

#[test]
fn a_sole_trader_is_told_of_the_contract() {
    let policy = small("2026-11-22");
    let ask = ask(&policy, "service", "visits", "technician", "identity");
    let mut trader = contact("FI");
    trader.flags.set(Flags::SOLE_TRADER, true);
    assert_eq!(policy.explain(&ask, &trader, None).basis.unwrap().id, "contract");
    let mut in_china = contact("CN");
    in_china.flags.set(Flags::SOLE_TRADER, true);
    assert_eq!(policy.explain(&ask, &in_china, None).basis.unwrap().id, "consent");
}

#[test]
fn every_use_of_a_category_has_its_ground_and_the_last_day_of_the_latest_record() {
    let policy = small("2026-11-22");
    let identity = policy.policy().lexicon().category("identity").unwrap();
    let records = [record(&policy, "2026-01-10"), record(&policy, "2025-01-10")];
    let grounds = policy.grounds(identity, &contact("FI"), &records);
    assert!(grounds.is_sorted_by_key(|ground| ground.purpose.number));
    let of = |purpose: &str| grounds.iter().find(|one| one.purpose.id == purpose).unwrap();
    let ask = ask(&policy, "service", "visits", "technician", "identity");
    let explained = policy.explain(&ask, &contact("FI"), Some(&records[0]));
    let service = of("service");
    assert!(service.allowed && service.reason.is_none());
    assert_eq!((&service.basis, &service.window), (&explained.basis, &explained.window));
    assert_eq!(service.until, explained.until);
    let grounds = policy.grounds(identity, &contact("CN"), &[]);
    let marketing = grounds.iter().find(|one| one.purpose.id == "marketing").unwrap();
    assert_eq!(marketing.reason.as_ref().map(|reason| reason.id), Some("no-consent"));
    assert_eq!((marketing.allowed, &marketing.until), (false, &None));
}
