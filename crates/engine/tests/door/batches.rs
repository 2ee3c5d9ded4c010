//! Many records at once: what was collected for a purpose, changed together, given to another contact.

use std::sync::Arc;

use gantry_engine::EngineError;
use gantry_engine::audit::{About, Entry, Filter};
use gantry_engine::draft::{ContactDraft, RecordChange, RecordDraft};
use gantry_engine::session::{Scope, Statement, Which};
use gantry_notice::Reason;
use gantry_store::{Batch, RecordKey, Write};
use uuid::Uuid;

use crate::support::{House, bundled, contact, event, refused, texts};

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

/// What the trail says of a contact, the newest first.
async fn trail(house: &House, contact: Uuid) -> Vec<Entry> {
    let filter = Filter { contact: Some(*contact.as_bytes()), ..Filter::default() };
    let page = house.people("integrity").await.trail_latest(&filter, None, 500).await.unwrap();
    page.entries.into_iter().map(|found| found.entry).collect()
}

#[tokio::test]
async fn whoever_may_not_see_a_category_learns_nothing_by_giving_its_records_away() {
    let house = House::new().await;
    let (one, other) = (house.contact("FI").await, house.contact("FI").await);
    let background = house.people("background").await;
    let study = event("screening", "2026-10-01", &[("outcome", "possible")]);
    background.add_record(one, &study).await.unwrap();
    let crm = house.people("crm").await;
    let elsewhere = Which::Collected(Some("background".to_owned()));
    for which in [Which::Contact(one), Which::Contact(other), elsewhere, Which::Collected(None)] {
        let given = crm.assign_where("screening", &which, other).await;
        assert_eq!(refused(given), Reason::NotInNotice, "{which:?}");
    }
    let entry = trail(&house, one).await.into_iter().next().unwrap();
    assert_eq!((&*entry.operation, entry.count), ("change", 0));
}

#[tokio::test]
async fn of_a_contact_out_of_sight_a_change_of_many_counts_nothing() {
    let house = House::new().await;
    let people = people(&house, 2, 3).await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let calls = crm.collected(CALLS, None, 1).await.unwrap();
    let call = calls.iter().next().unwrap().id();
    claims.say(people[0], Statement::Objects, &Scope::parse("crm")).await.unwrap();
    let (email, nobody) = (set("channel", "email"), Uuid::from_u128(404));
    let hidden = [
        Which::Contact(people[0]),
        Which::Record(people[0], call),
        Which::Record(people[0], nobody),
    ];
    for which in hidden {
        let before = trail(&house, people[0]).await.len();
        let changed = crm.change_where(CALLS, &which, &email).await;
        assert_eq!(refused(changed), Reason::ObjectionWeighed, "{which:?}");
        let given = crm.assign_where(CALLS, &which, people[1]).await;
        assert_eq!(refused(given), Reason::ObjectionWeighed, "{which:?}");
        // The look at the trail is in it as well.
        assert_eq!(trail(&house, people[0]).await.len(), before + 3, "{which:?}");
    }
    let stranger = Which::Contact(nobody);
    let changed = crm.change_where(CALLS, &stranger, &email).await;
    assert!(matches!(changed, Err(EngineError::NotFound { .. })));
    let given = crm.assign_where(CALLS, &stranger, people[1]).await;
    assert!(matches!(given, Err(EngineError::NotFound { .. })));
    assert_eq!(trail(&house, nobody).await.len(), 2);
}

#[tokio::test]
async fn a_batch_that_changes_nothing_is_in_the_trail_and_nothing_is_not_a_change() {
    let house = House::new().await;
    let people = people(&house, 1, 2).await;
    let crm = house.people("crm").await;
    let empty = crm.change_where(CALLS, &Which::Collected(None), &RecordChange::default()).await;
    assert!(matches!(empty, Err(EngineError::Invalid(_))));
    assert!(crm.collected(CALLS, None, 9).await.unwrap().iter().all(|one| one.version() == 1));
    let channel = Scope::parse("category:communications.channel");
    house.people("claims").await.say(people[0], Statement::Restricts, &channel).await.unwrap();
    let before = trail(&house, people[0]).await.len();
    let which = Which::Contact(people[0]);
    let done = crm.change_where(CALLS, &which, &set("channel", "email")).await.unwrap();
    assert_eq!((done.changed, done.withheld[0].records), (0, 3));
    assert_eq!(trail(&house, people[0]).await.len(), before + 2, "the look before, and this");
}

#[tokio::test]
async fn a_record_does_not_go_where_a_field_of_it_is_restricted() {
    let house = House::new().await;
    let people = people(&house, 3, 2).await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let subject = Scope::parse("category:communications.subject");
    claims.say(people[2], Statement::Restricts, &subject).await.unwrap();
    claims.say(people[1], Statement::Objects, &Scope::parse("crm")).await.unwrap();
    let own = Which::Collected(None);
    let done = crm.assign_where(CALLS, &own, people[2]).await.unwrap();
    assert_eq!(done.changed, 0);
    let mut withheld: Vec<_> = done.withheld.iter().map(|one| (one.reason, one.records)).collect();
    withheld.sort_unstable();
    assert_eq!(withheld, [("objection-being-weighed", 2), ("restricted", 2)]);
    let (page, _) = claims.records(people[2], Some(CALLS), None, 9).await.unwrap();
    assert_eq!(page.items.len(), 3);
}

#[tokio::test]
async fn whose_records_they_are_already_they_stay_as_they_are() {
    let house = House::new().await;
    let people = people(&house, 2, 2).await;
    let crm = house.people("crm").await;
    let done = crm.assign_where(CALLS, &Which::Collected(None), people[1]).await.unwrap();
    assert_eq!(done.changed, 2);
    let again = crm.assign_where(CALLS, &Which::Collected(None), people[1]).await.unwrap();
    assert_eq!((again.changed, again.already), (0, 4));
    let versions = crm.collected(CALLS, None, 9).await.unwrap();
    let mut versions: Vec<i64> = versions.iter().map(|record| record.version()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [1, 1, 2, 2]);
}

#[tokio::test]
async fn an_end_is_set_only_by_who_may_change_all_of_a_record() {
    let with = "[categories.communications]\nexpires = true\n";
    let notice = bundled().replacen("[categories.communications]\n", with, 1);
    let (before, after) = notice.split_at(notice.find("[purposes.quality.reads]").unwrap());
    let narrow = "communications = { fields = [\"channel\"], window = \"24";
    let notice =
        format!("{before}{}", after.replacen("communications = { window = \"24", narrow, 1));
    let house = House::under(&notice).await;
    let contact = people(&house, 1, 1).await[0];
    let (crm, quality) = (house.people("crm").await, house.people_for("quality", "surveys").await);
    let calls = crm.collected(CALLS, None, 9).await.unwrap();
    let call = calls.iter().next().unwrap().id();
    let which = Which::Record(contact, call);
    let end = RecordChange { expires: Some("2026-11-02".into()), ..RecordChange::default() };
    let one = quality.change_record_by(contact, CALLS, call, &end).await;
    assert_eq!(refused(one), Reason::OperationNotAllowed);
    let many = quality.change_where(CALLS, &which, &end).await;
    assert_eq!(refused(many), Reason::OperationNotAllowed);
    let field = quality.change_where(CALLS, &which, &set("direction", "in")).await;
    assert_eq!(refused(field), Reason::NotInNotice);
    let done = quality.change_where(CALLS, &which, &set("channel", "email")).await.unwrap();
    assert_eq!(done.changed, 1);
    assert_eq!(crm.change_where(CALLS, &which, &end).await.unwrap().changed, 1);
}

#[tokio::test]
async fn a_record_given_away_does_not_take_the_place_of_another() {
    let house = House::new().await;
    let people = people(&house, 2, 1).await;
    let crm = house.people("crm").await;
    let calls = crm.collected(CALLS, None, 9).await.unwrap();
    let call = calls.iter().find(|call| call.contact() == people[0]).unwrap().id();
    let category = house.engine.policy().policy().lexicon().category(CALLS).unwrap().0;
    let contact = *people[0].as_bytes();
    let key = RecordKey { contact, category, id: *call.as_bytes() };
    let row = house.engine.store().record(&key).await.unwrap().value.unwrap();
    let which = Which::Record(people[0], call);
    assert_eq!(crm.assign_where(CALLS, &which, people[1]).await.unwrap().changed, 1);
    let said = texts(&[("subject", "what was agreed since")]);
    crm.change_record(people[1], CALLS, call, &said, None).await.unwrap();
    // Its source brings it again, with the id that it had.
    let batch = Batch { writes: vec![Write::Record(row)], ..Batch::default() };
    house.engine.store().commit(batch).await.unwrap();
    for which in [which, Which::Collected(None)] {
        let again = crm.assign_where(CALLS, &which, people[1]).await;
        assert!(matches!(again, Err(EngineError::Conflict { .. })), "{again:?}");
    }
    let view = crm.record(people[1], CALLS, call).await.unwrap();
    assert_eq!((view.version, &view.fields["subject"]), (3, &"what was agreed since".into()));
}

/// A contact with a voucher, which invoicing keeps whoever is erased.
async fn payer(house: &House) -> Uuid {
    let contact = house.add(nameless()).await.id;
    let voucher = event("payment", "2026-10-30", &[("name_on_document", "Aino Virtanen")]);
    house.people("invoicing").await.add_record(contact, &voucher).await.unwrap();
    contact
}

/// Nobody whose address is remembered when it is erased.
fn nameless() -> ContactDraft {
    let mut draft = contact("FI");
    draft.data.shift_remove("contact-details");
    draft
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_across_contacts_is_read_while_some_are_erased() {
    let house = House::new().await;
    let mut people = Vec::new();
    for _ in 0..40 {
        people.push(payer(&house).await);
    }
    let last = people[39];
    let claims = Arc::new(house.people("claims").await);
    let erasing = tokio::spawn(async move {
        for person in people {
            claims.erase(person).await.unwrap();
        }
    });
    let second = house.second().await;
    let invoicing = house.work_on(&second, "invoicing", None).await.into_identified().unwrap();
    while !erasing.is_finished() {
        let batch = invoicing.collected("payment", None, 100).await.unwrap();
        assert_eq!(batch.len(), 40, "{:?}", batch.withheld);
        let (page, _) = invoicing.records(last, Some("payment"), None, 9).await.unwrap();
        let voucher = page.items[0].id.parse().unwrap();
        invoicing.record(last, "payment", voucher).await.unwrap();
    }
    erasing.await.unwrap();
}

#[tokio::test]
async fn one_whose_key_is_lost_is_told_of_and_one_whose_key_was_destroyed_stands_in_nobodys_way() {
    let with = "[categories.communications]\nexpires = true\n";
    let searched = "subject = { search = \"exact\", type = \"text\"";
    let notice = bundled().replacen("[categories.communications]\n", with, 1);
    let house = House::under(&notice.replace("subject = { type = \"text\"", searched)).await;
    let (lost, other) = (payer(&house).await, payer(&house).await);
    let crm = house.people("crm").await;
    for contact in [lost, other] {
        let end = Some("2026-11-01T12:30:00Z".to_owned());
        let call = RecordDraft { expires: end, ..call("spare parts") };
        crm.add_record(contact, &call).await.unwrap();
    }
    let Some(database) = house.database() else {
        eprintln!("on a file, a key cannot be taken away: this test was left out");
        return;
    };
    database.destroy_key(&lost.to_string());
    house.clock.advance_hours(1);
    let second = house.second().await;
    let work =
        async |purpose| house.work_on(&second, purpose, None).await.into_identified().unwrap();
    let denied = work("invoicing").await.collected("payment", None, 9).await.err().unwrap();
    assert!(matches!(denied, EngineError::KeyMissing), "nobody is taken for erased: {denied}");
    database.note_destroyed(&lost.to_string());
    let batch = work("invoicing").await.collected("payment", None, 9).await.unwrap();
    assert_eq!((batch.len(), batch.withheld[0].reason), (1, "erased"));
    assert_eq!(work("archive").await.sweep(9).await.unwrap().removed, 2);
}
