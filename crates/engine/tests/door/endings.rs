//! How records end: removed by hand, by their own instant, or for one use by an objection.

use gantry_engine::EngineError;
use gantry_engine::audit::{About, Filter, Outcome};
use gantry_engine::draft::{RecordChange, RecordDraft};
use gantry_engine::session::{Meaning, Scope, Statement, Which};
use gantry_notice::{Operation, Reason};
use gantry_vault::{Form, MasterKey, Vault};
use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

use crate::support::{House, bundled, event, refused, texts};

const CALLS: &str = "communications";

/// A house whose notice lets calls end by themselves.
async fn house() -> House {
    let notice = bundled();
    let with = "[categories.communications]\nexpires = true\n";
    House::under(&notice.replacen("[categories.communications]\n", with, 1)).await
}

fn call(expires: Option<&str>) -> RecordDraft {
    let fields = [("channel", "phone"), ("subject", "spare parts")];
    let draft = event(CALLS, "2026-10-30", &fields);
    RecordDraft { expires: expires.map(str::to_owned), ..draft }
}

async fn added(house: &House, contact: Uuid, expires: Option<&str>) -> Uuid {
    let view = house.people("crm").await.add_record(contact, &call(expires)).await.unwrap();
    view.id.parse().unwrap()
}

#[tokio::test]
async fn a_removed_record_is_gone_and_the_trail_says_who_removed_it() {
    let house = House::new().await;
    let contact = house.contact("FI").await;
    let (one, two) = (added(&house, contact, None).await, added(&house, contact, None).await);
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    assert_eq!(refused(crm.removed(contact, CALLS, one).await), Reason::OperationNotAllowed);
    let before = claims.removed(contact, CALLS, one).await.unwrap();
    assert!(before.held && before.entry.is_none());

    let events = house.people("events").await;
    let denied = events.remove_record(contact, CALLS, one, None).await;
    assert_eq!(refused(denied), Reason::OperationNotAllowed, "it does not change them");
    let other = crm.remove_record(contact, CALLS, one, Some(9)).await;
    assert!(matches!(other, Err(EngineError::Conflict { .. })));
    let profile = crm.remove_record(contact, "identity", contact, None).await;
    assert!(matches!(profile, Err(EngineError::Invalid(_))));
    crm.remove_record(contact, CALLS, one, Some(1)).await.unwrap();

    let gone = crm.record(contact, CALLS, one).await;
    assert!(matches!(gone, Err(EngineError::NotFound { .. })));
    let again = crm.remove_record(contact, CALLS, one, None).await;
    assert!(matches!(again, Err(EngineError::NotFound { .. })));
    crm.record(contact, CALLS, two).await.unwrap();
    let removal = claims.removed(contact, CALLS, one).await.unwrap();
    let entry = removal.entry.unwrap();
    assert!(!removal.held && !removal.erased);
    assert_eq!((&*entry.operation, &*entry.actor, entry.count), ("remove", "anna", 1));
    assert_eq!(entry.outcome, Outcome::Allowed);
    let never = claims.removed(contact, CALLS, Uuid::from_u128(1)).await.unwrap();
    assert!(!never.held && never.entry.is_none());

    claims.erase(contact).await.unwrap();
    let erased = claims.removed(contact, CALLS, two).await.unwrap();
    assert!(!erased.held && erased.erased);
}

#[tokio::test]
async fn nobody_is_found_by_what_was_removed() {
    let searched = "subject = { search = \"exact\", type = \"text\"";
    let house = House::under(&bundled().replace("subject = { type = \"text\"", searched)).await;
    let contact = house.contact("FI").await;
    let (one, two) = (added(&house, contact, None).await, added(&house, contact, None).await);
    let crm = house.people("crm").await;
    let vault = Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(9)));
    let hash = vault.lookup().hash(Form::Exact, "communications.subject", "spare parts");
    let found = async || house.engine.store().lookup(&hash, None, 9).await.unwrap().len();
    assert_eq!(found().await, 1);
    crm.remove_record(contact, CALLS, one, None).await.unwrap();
    assert_eq!(found().await, 1, "the other record still says so");
    crm.remove_record(contact, CALLS, two, None).await.unwrap();
    assert_eq!(found().await, 0);
}

#[tokio::test]
async fn a_record_is_seen_until_its_instant_and_then_by_nobody() {
    let house = house().await;
    let contact = house.contact("FI").await;
    let id = added(&house, contact, Some("2026-11-01T13:00:00Z")).await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let view = crm.record(contact, CALLS, id).await.unwrap();
    assert_eq!(view.expires.as_deref(), Some("2026-11-01T13:00:00Z"));
    house.clock.advance_hours(1);
    assert_eq!(refused(crm.record(contact, CALLS, id).await), Reason::PastWindow);
    let (page, withheld) = claims.records(contact, Some(CALLS), None, 9).await.unwrap();
    assert!(page.items.is_empty());
    assert_eq!((withheld[0].reason, withheld[0].records), ("past-window", 1));
    let late = crm.change_record(contact, CALLS, id, &texts(&[("subject", "x")]), None).await;
    assert_eq!(refused(late), Reason::PastWindow);
}

#[tokio::test]
async fn an_end_is_changed_and_taken_away_and_must_be_let_by_the_notice() {
    let house = house().await;
    let contact = house.contact("FI").await;
    let id = added(&house, contact, Some("2026-11-01T13:00:00Z")).await;
    let crm = house.people("crm").await;
    let to = |expires: &str| RecordChange {
        expires: Some(expires.to_owned()),
        ..RecordChange::default()
    };
    let view = crm.change_record_by(contact, CALLS, id, &to("2026-11-02")).await.unwrap();
    assert_eq!((view.expires.as_deref(), view.version), (Some("2026-11-02T00:00:00Z"), 2));
    assert_eq!(view.fields["subject"], "spare parts");
    let fields = texts(&[("channel", "email")]);
    let view = crm.change_record(contact, CALLS, id, &fields, Some(2)).await.unwrap();
    assert_eq!(view.expires.as_deref(), Some("2026-11-02T00:00:00Z"));
    for wrong in ["2026-11-01T12:00:00Z", "soon"] {
        let refused = crm.change_record_by(contact, CALLS, id, &to(wrong)).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))), "{wrong}");
    }
    let view = crm.change_record_by(contact, CALLS, id, &to("")).await.unwrap();
    assert_eq!(view.expires, None);
    let ordinary = House::new().await;
    let contact = ordinary.contact("FI").await;
    let draft = call(Some("2026-11-02"));
    let refused = ordinary.people("crm").await.add_record(contact, &draft).await;
    assert!(matches!(refused, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn records_that_have_ended_are_swept_but_not_while_processing_is_restricted() {
    let house = house().await;
    let (one, two) = (house.contact("FI").await, house.contact("DE").await);
    let mut ends = Vec::new();
    for contact in [one, two] {
        ends.push(added(&house, contact, Some("2026-11-01T12:30:00Z")).await);
        added(&house, contact, Some("2026-11-01T14:00:00Z")).await;
        added(&house, contact, None).await;
    }
    let claims = house.people("claims").await;
    claims.say(two, Statement::Restricts, &Scope::Whole).await.unwrap();
    let archive = house.people("archive").await;
    assert_eq!(archive.sweep(100).await.unwrap().removed, 0);
    house.clock.advance_hours(1);
    assert_eq!(refused(claims.sweep(100).await), Reason::OperationNotAllowed);
    let swept = archive.sweep(100).await.unwrap();
    assert_eq!((swept.removed, swept.left), (1, 1));
    assert_eq!(archive.sweep(100).await.unwrap().removed, 0);
    let removal = claims.removed(one, CALLS, ends[0]).await.unwrap();
    assert_eq!(&*removal.entry.unwrap().operation, "expire");
    assert!(claims.removed(two, CALLS, ends[1]).await.unwrap().held);
    claims.say(two, Statement::LiftsRestriction, &Scope::Whole).await.unwrap();
    house.clock.advance_hours(2);
    assert_eq!(archive.sweep(2).await.unwrap().removed, 2);
    assert_eq!(archive.sweep(2).await.unwrap().removed, 1);
    let (page, _) = claims.records(one, Some(CALLS), None, 9).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

#[tokio::test]
async fn a_contact_objects_to_one_use_of_one_record() {
    let house = House::new().await;
    let contact = house.contact("FI").await;
    let (one, two) = (added(&house, contact, None).await, added(&house, contact, None).await);
    let claims = house.people("claims").await;
    let crm = house.people("crm").await;
    let used = house.engine.policy();
    let usual = used.policy().notice().purposes["crm"].uses.keys().next().unwrap().clone();
    let scope = Scope::parse(&format!("record:{CALLS}/{one}/crm.{usual}"));
    assert_eq!(Scope::parse(&scope.to_string()), scope);
    let effect = claims.say(contact, Statement::Objects, &scope).await.unwrap();
    assert!(effect.changed);
    assert_eq!(effect.means, [Meaning::UseStops]);
    assert_eq!(refused(crm.record(contact, CALLS, one).await), Reason::Objected);
    crm.record(contact, CALLS, two).await.unwrap();
    claims.record(contact, CALLS, one).await.unwrap();
    assert!(!claims.say(contact, Statement::Objects, &scope).await.unwrap().changed);
    let restricts = claims.say(contact, Statement::Restricts, &scope).await;
    assert!(matches!(restricts, Err(EngineError::Invalid(_))));
    claims.say(contact, Statement::WithdrawsObjection, &scope).await.unwrap();
    crm.record(contact, CALLS, one).await.unwrap();

    let draft = RecordDraft { objects_to: Some(format!("crm.{usual}")), ..call(None) };
    let objected = claims.add_record(contact, &draft).await.unwrap().id.parse().unwrap();
    assert_eq!(refused(crm.record(contact, CALLS, objected).await), Reason::Objected);
    let why = claims.why(contact, CALLS, Operation::Read).await.unwrap();
    assert!(why.allowed);
}

#[tokio::test]
async fn the_newest_entries_of_the_trail_come_first_in_pages() {
    let house = House::new().await;
    let contact = house.contact("FI").await;
    for _ in 0..5 {
        let id = added(&house, contact, None).await;
        house.people("crm").await.record(contact, CALLS, id).await.unwrap();
    }
    let integrity = house.people("integrity").await;
    let crm = house.people("crm").await;
    assert_eq!(
        refused(crm.trail_latest(&Filter::default(), None, 9).await),
        Reason::OperationNotAllowed
    );
    let filter = Filter { contact: Some(*contact.as_bytes()), ..Filter::default() };
    let all = integrity.trail_latest(&filter, None, 100).await.unwrap();
    assert_eq!(all.entries.len(), 11, "added; and five records, each put and read");
    assert_eq!(all.next, None);
    assert!(all.entries.iter().all(|found| found.entry.about == About::One(*contact.as_bytes())));
    let places: Vec<_> = all.entries.iter().map(|found| found.place).collect();
    let mut falling = places.clone();
    falling.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(places, falling);
    for size in [1, 2, 3, 7] {
        let (mut seen, mut next) = (Vec::new(), None);
        loop {
            let page = integrity.trail_latest(&filter, next, size).await.unwrap();
            assert!(page.entries.len() <= size);
            seen.extend(page.entries.iter().map(|found| found.place));
            match page.next {
                Some(position) => next = Some(position),
                None => break,
            }
        }
        // Each look is itself about the contact, and newer than where the pages began.
        assert_eq!(seen[seen.len() - places.len()..], places, "pages of {size}");
    }
}

#[tokio::test]
async fn the_newest_entries_are_shown_where_they_wait_and_none_of_them_twice() {
    let house = House::new().await;
    let contact = house.contact("FI").await;
    let id = added(&house, contact, None).await;
    let integrity = house.people("integrity").await;
    let crm = house.people("crm").await;
    let filter = Filter { contact: Some(*contact.as_bytes()), ..Filter::default() };
    assert_eq!(refused(crm.trail_newest(&filter, 9).await), Reason::OperationNotAllowed);
    // The first look finds out how far is drained, and puts all into the chain.
    integrity.trail_newest(&filter, 1).await.unwrap();
    let store = house.engine.store();
    let links = store.audit_heads().await.unwrap();
    for _ in 0..5 {
        crm.record(contact, CALLS, id).await.unwrap();
    }
    let newest = integrity.trail_newest(&filter, 100).await.unwrap();
    assert_eq!(store.audit_heads().await.unwrap(), links, "nothing was committed");
    let data = newest.iter().filter(|entry| !entry.categories.is_empty());
    assert_eq!(data.count(), 2 + 5, "added; a record put, and read five times: {newest:?}");
    assert!(newest.windows(2).all(|pair| pair[0].at >= pair[1].at));
    assert_eq!(integrity.trail_newest(&filter, 3).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_record_is_not_swept_while_one_purpose_is_restricted() {
    let house = house().await;
    let contact = house.contact("FI").await;
    let id = added(&house, contact, Some("2026-11-01T12:30:00Z")).await;
    let claims = house.people("claims").await;
    let crm = Scope::Purpose("crm".to_owned());
    claims.say(contact, Statement::Restricts, &crm).await.unwrap();
    house.clock.advance_hours(1);
    let archive = house.people("archive").await;
    let swept = archive.sweep(100).await.unwrap();
    assert_eq!((swept.removed, swept.left), (0, 1));
    claims.say(contact, Statement::LiftsRestriction, &crm).await.unwrap();
    assert_eq!(archive.sweep(100).await.unwrap().removed, 1);
    assert!(!claims.removed(contact, CALLS, id).await.unwrap().held);
}

#[tokio::test]
async fn whoever_asks_to_remove_what_is_not_there_is_in_the_trail_with_the_contact() {
    let house = House::new().await;
    let contact = house.contact("FI").await;
    let events = house.people("events").await;
    let denied = events.remove_record(contact, CALLS, Uuid::from_u128(404), None).await;
    assert_eq!(refused(denied), Reason::OperationNotAllowed);
    let filter =
        Filter { contact: Some(*contact.as_bytes()), denied: Some(true), ..Filter::default() };
    let page = house.people("integrity").await.trail_latest(&filter, None, 9).await.unwrap();
    assert_eq!(page.entries.len(), 1);
}

#[tokio::test]
async fn what_a_law_obliges_another_purpose_to_keep_is_neither_removed_nor_ended() {
    let notice = bundled();
    let with = "[categories.orders]\nexpires = true\n";
    let house = House::under(&notice.replacen("[categories.orders]\n", with, 1)).await;
    let contact = house.contact("FI").await;
    let (crm, invoicing) = (house.people("crm").await, house.people("invoicing").await);
    let part = event("orders", "2026-10-30", &[("role", "orderer")]);
    let kept: Uuid = invoicing.add_record(contact, &part).await.unwrap().id.parse().unwrap();
    let own: Uuid = crm.add_record(contact, &part).await.unwrap().id.parse().unwrap();
    let removed = crm.remove_record(contact, "orders", kept, None).await;
    assert_eq!(refused(removed), Reason::OperationNotAllowed);
    let end = RecordChange { expires: Some("2026-11-02".into()), ..RecordChange::default() };
    let ended = crm.change_record_by(contact, "orders", kept, &end).await;
    assert_eq!(refused(ended), Reason::OperationNotAllowed);
    let done = crm.change_where("orders", &Which::Contact(contact), &end).await.unwrap();
    assert_eq!((done.changed, done.withheld[0].reason), (1, "operation-not-allowed"));
    crm.remove_record(contact, "orders", own, None).await.unwrap();
    let done = house.people("claims").await.erase(contact).await.unwrap();
    assert_eq!(done.kept.len(), 1);
}
