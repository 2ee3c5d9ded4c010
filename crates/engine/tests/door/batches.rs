//! Many records at once: what was collected for a purpose, changed together, given to another contact.

use gantry_engine::EngineError;
use gantry_engine::audit::{About, Filter};
use gantry_engine::draft::{RecordChange, RecordDraft};
use gantry_engine::session::{Scope, Statement, Which};
use gantry_notice::Reason;
use uuid::Uuid;

use crate::support::{House, event, refused, texts};

const CALLS: &str = "communications";

fn call(subject: &str) -> RecordDraft {
    event(CALLS, "2026-10-30", &[("channel", "phone"), ("subject", subject)])
}

/// Contacts with calls of CRM, and one each of claims.
async fn people(house: &House, count: usize, calls: usize) -> Vec<Uuid> {
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let mut people = Vec::new();
    for _ in 0..count {
        let contact = house.contact("FI").await;
        for number in 0..calls {
            crm.add_record(contact, &call(&format!("call {number}"))).await.unwrap();
        }
        claims.add_record(contact, &call("a claim")).await.unwrap();
        people.push(contact);
    }
    people.sort_unstable();
    people
}

fn set(field: &str, value: &str) -> RecordChange {
    RecordChange { fields: texts(&[(field, value)]), ..RecordChange::default() }
}

#[tokio::test]
async fn what_was_collected_for_a_purpose_is_read_across_contacts() {
    let house = House::new().await;
    let people = people(&house, 3, 2).await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let all = crm.collected(CALLS, None, 100).await.unwrap();
    let whose: Vec<Uuid> = all.iter().map(|record| record.contact()).collect();
    assert_eq!(whose, [people[0], people[0], people[1], people[1], people[2], people[2]]);
    assert!(all.next.is_none() && all.withheld.is_empty() && !all.is_empty());
    for record in all.iter() {
        assert_eq!(record.field("channel"), Some("phone"));
        assert!(record.field("subject").unwrap().starts_with("call "));
        assert_eq!((record.field("content"), record.version()), (None, 1));
        let one = crm.record(record.contact(), CALLS, record.id()).await.unwrap();
        assert_eq!(one.fields.len(), record.fields().count());
    }
    let first = crm.collected(CALLS, None, 4).await.unwrap();
    let rest = crm.collected(CALLS, first.next.as_deref(), 4).await.unwrap();
    let pages: Vec<Uuid> = first.iter().chain(rest.iter()).map(|record| record.id()).collect();
    assert_eq!(pages, all.iter().map(|record| record.id()).collect::<Vec<_>>());
    assert!(rest.next.is_none());

    claims.say(people[1], Statement::Objects, &Scope::parse("crm")).await.unwrap();
    let subject = Scope::parse("category:communications.subject");
    claims.say(people[2], Statement::Restricts, &subject).await.unwrap();
    let left = crm.collected(CALLS, None, 100).await.unwrap();
    assert_eq!(left.len(), 4);
    assert_eq!((left.withheld[0].reason, left.withheld[0].records), ("objection-being-weighed", 2));
    let restricted: Vec<_> = left.iter().filter(|one| one.contact() == people[2]).collect();
    assert!(restricted.iter().all(|record| record.field("subject").is_none()));
    assert_eq!(restricted.len(), 2);
    claims.erase(people[0]).await.unwrap();
    assert_eq!(crm.collected(CALLS, None, 100).await.unwrap().len(), 2);
    let events = house.people("invoicing").await;
    assert!(events.collected("claims", None, 9).await.is_err());
}

#[tokio::test]
async fn many_records_are_changed_together_each_decided_on_by_itself() {
    let house = House::new().await;
    let people = people(&house, 3, 2).await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let channel = Scope::parse("category:communications.channel");
    claims.say(people[0], Statement::Restricts, &channel).await.unwrap();
    claims.say(people[1], Statement::Objects, &Scope::parse("crm")).await.unwrap();
    let own = Which::Collected(None);
    let done = crm.change_where(CALLS, &own, &set("channel", "email")).await.unwrap();
    assert_eq!(done.changed, 2);
    let mut withheld: Vec<_> = done.withheld.iter().map(|one| (one.reason, one.records)).collect();
    withheld.sort_unstable();
    assert_eq!(withheld, [("objection-being-weighed", 2), ("restricted", 2)]);
    let channels = async |contact| {
        let (page, _) = claims.records(contact, Some(CALLS), None, 9).await.unwrap();
        let of = |view: &gantry_engine::draft::RecordView| {
            let channel = view.fields.get("channel").and_then(|value| value.as_str());
            (channel.unwrap_or("-").to_owned(), view.version, view.fields.contains_key("subject"))
        };
        page.items.iter().map(of).collect::<Vec<_>>()
    };
    let (phone, email) = (("phone".to_owned(), 1, true), ("email".to_owned(), 2, true));
    assert_eq!(channels(people[1]).await, [phone.clone(), phone.clone(), phone.clone()]);
    assert_eq!(channels(people[2]).await, [email.clone(), email, phone]);
    let one = Which::Contact(people[2]);
    let done = crm.change_where(CALLS, &one, &set("direction", "in")).await.unwrap();
    assert_eq!(done.changed, 3);
    let filter = Filter { contact: Some(*people[2].as_bytes()), ..Filter::default() };
    let integrity = house.people("integrity").await;
    let page = integrity.trail_latest(&filter, None, 100).await.unwrap();
    let changes = page.entries.into_iter().map(|found| found.entry);
    let last = changes.into_iter().find(|entry| entry.operation == "change").unwrap();
    assert_eq!(last.count, 3);
    assert_eq!(last.about, About::Many(vec![*people[2].as_bytes()]));
}

#[tokio::test]
async fn a_change_of_many_is_checked_before_anything_is_written() {
    let house = House::new().await;
    people(&house, 1, 1).await;
    let crm = house.people("crm").await;
    let own = Which::Collected(None);
    for wrong in [set("subject", "x"), set("channel", "dove")] {
        let denied = crm.change_where(CALLS, &own, &wrong).await;
        assert!(matches!(denied, Err(EngineError::Invalid(_))), "{wrong:?}");
    }
    let unknown = crm.change_where(CALLS, &own, &set("shoe_size", "43")).await;
    assert_eq!(refused(unknown), Reason::NotInNotice);
    let events = house.people("events").await;
    let denied = events.change_where(CALLS, &own, &set("channel", "email")).await;
    assert_eq!(refused(denied), Reason::OperationNotAllowed);
    let objects = RecordChange { objects_to: Some("crm.x".into()), ..RecordChange::default() };
    let denied = crm.change_where(CALLS, &own, &objects).await;
    assert_eq!(refused(denied), Reason::OperationNotAllowed, "only who answers requests");
    assert!(crm.collected(CALLS, None, 9).await.unwrap().iter().all(|one| one.version() == 1));
}

#[tokio::test]
async fn records_are_given_to_another_contact_and_sealed_with_its_key() {
    let house = House::new().await;
    let people = people(&house, 2, 2).await;
    let crm = house.people("crm").await;
    let (from, to) = (Which::Contact(people[0]), people[1]);
    let done = crm.assign_where(CALLS, &from, to).await.unwrap();
    assert_eq!((done.changed, done.withheld.len()), (3, 0));
    let (page, _) = crm.records(people[0], Some(CALLS), None, 9).await.unwrap();
    assert!(page.items.is_empty());
    let (page, _) = crm.records(to, Some(CALLS), None, 9).await.unwrap();
    assert_eq!(page.items.len(), 6);
    assert!(page.items.iter().all(|view| view.fields.contains_key("subject")));
    // The key of whoever had them is gone, and they can still be read.
    house.people("claims").await.erase(people[0]).await.unwrap();
    assert_eq!(crm.collected(CALLS, None, 9).await.unwrap().len(), 4);
    let profile = crm.assign_where("identity", &from, to).await;
    assert!(matches!(profile, Err(EngineError::Invalid(_))));
}
