//! What pages ask of the door: the latest things, things by their ids, words that stand in an address,
//! whom a version of the notice touches.

use gantry_engine::actor::Actor;
use gantry_engine::audit::Filter;
use gantry_engine::draft::{About, ObjectDraft, RecordDraft};
use gantry_engine::session::{Scope, Statement};
use gantry_engine::{Cause, EngineError, Work};
use gantry_notice::{Diff, Notice, Reason};
use uuid::Uuid;

use crate::support::{House, anna, bundled, event, refused, texts};

async fn quotation(house: &House, at: &str, number: &str) -> Uuid {
    let company = Some(house.company().await);
    let fields = texts(&[("number", number)]);
    let draft = ObjectDraft { at: Some(at.to_owned()), company, fields, ..ObjectDraft::default() };
    let made = house.people("sales").await.add_object("quotation", &draft).await.unwrap();
    made.id.parse().unwrap()
}

#[tokio::test]
async fn the_latest_things_come_first_page_by_page_and_each_once() {
    let house = House::new().await;
    for (at, number) in
        [("2026-03-01", "Q-2"), ("2026-09-01", "Q-4"), ("2026-01-01", "Q-1"), ("2026-06-01", "Q-3")]
    {
        quotation(&house, at, number).await;
    }
    let sales = house.people("sales").await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = sales.objects_latest("quotation", cursor.as_deref(), 3).await.unwrap();
        seen.extend(
            page.items.into_iter().map(|one| one.fields["number"].as_str().unwrap().to_owned()),
        );
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["Q-4", "Q-3", "Q-2", "Q-1"]);
    let other = house.people("crm").await;
    let page = sales.objects_latest("quotation", None, 1).await.unwrap();
    let strange = other.objects_latest("quotation", page.next.as_deref(), 1).await;
    assert!(matches!(strange, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn things_by_their_ids_are_those_that_are_there_of_a_kind_that_the_purpose_sees() {
    let house = House::new().await;
    let (first, second) = (
        quotation(&house, "2026-03-01", "Q-1").await,
        quotation(&house, "2026-04-01", "Q-2").await,
    );
    let ids = [first, Uuid::from_u128(99), second];
    let found = house.people("sales").await.objects_at("quotation", &ids).await.unwrap();
    assert_eq!(found.len(), 2);
    let delivery = house.people("marketing").await;
    assert_eq!(refused(delivery.objects_at("quotation", &ids).await), Reason::NotInNotice);
    assert_eq!(refused(delivery.objects_latest("quotation", None, 5).await), Reason::NotInNotice);
}

#[tokio::test]
async fn sealed_words_open_for_the_same_actor_and_use_alone() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let sealed = crm.seal_words("Virtanen").unwrap();
    assert!(!sealed.contains("Virtanen"));
    assert_eq!(house.people("crm").await.open_words(&sealed).unwrap(), "Virtanen");
    assert!(house.people("sales").await.open_words(&sealed).is_err());
    let mika = Actor { name: "mika".into(), ..anna() };
    let other = house.engine.session(&mika, &Work::on("crm", Cause::Test)).await.unwrap();
    assert!(other.identified().unwrap().open_words(&sealed).is_err());
    assert!(crm.open_words("nonsense").is_err());
    assert!(crm.seal_words(&"long ".repeat(100_000)).is_err());
}

#[tokio::test]
async fn whom_a_version_touches_is_counted_and_listed_for_who_answers_requests() {
    let house = House::new().await;
    let (with, without) = (house.contact("FI").await, house.contact("FI").await);
    let letter =
        event("communications", "2026-10-01", &[("channel", "email"), ("direction", "in")]);
    house.people("crm").await.add_record(with, &letter).await.unwrap();
    let old = Notice::parse(&bundled(), "old").unwrap();
    let text = bundled().replacen(
        "communications = { window = \"24 months",
        "communications = { window = \"30 months",
        1,
    );
    let diff = Diff::of(&old, &Notice::parse(&text, "new").unwrap());
    let tell = diff.must_tell().unwrap();
    let claims = house.people("claims").await;
    let touched = claims.count_to_tell(tell).await.unwrap();
    assert_eq!((touched.contacts, touched.at_least), (1, false));
    let page = claims.contacts_to_tell(tell, None, 10).await.unwrap();
    assert_eq!((page.items, page.next), (vec![with], None));
    let all = gantry_notice::diff::Tell { everybody: true, ..tell.clone() };
    assert_eq!(claims.count_to_tell(&all).await.unwrap().contacts, 2);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = claims.contacts_to_tell(&all, cursor.as_deref(), 1).await.unwrap();
        seen.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort_unstable();
    let mut expected = vec![with, without];
    expected.sort_unstable();
    assert_eq!(seen, expected);
    let crm = house.people("crm").await;
    assert_eq!(refused(crm.count_to_tell(tell).await), Reason::OperationNotAllowed);
    assert_eq!(refused(crm.contacts_to_tell(tell, None, 10).await), Reason::OperationNotAllowed);
}

#[tokio::test]
async fn the_trail_goes_on_page_by_page_and_each_entry_comes_once() {
    let house = House::new().await;
    for _ in 0..7 {
        house.contact("FI").await;
    }
    let guard = house.people("integrity").await;
    let filter = Filter { actor: Some("anna".into()), ..Filter::default() };
    let (all, _) = guard.trail_page(&filter, None, 1_000).await.unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let (entries, next) = guard.trail_page(&filter, cursor.as_deref(), 3).await.unwrap();
        seen.extend(entries.into_iter().map(|found| found.place));
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    for found in &all {
        assert_eq!(seen.iter().filter(|place| **place == found.place).count(), 1);
    }
    assert!(guard.trail_page(&filter, Some("nonsense"), 3).await.is_err());
    assert_eq!(
        refused(house.people("crm").await.trail_page(&filter, None, 3).await),
        Reason::OperationNotAllowed
    );
    assert!(guard.trail_verified().await.unwrap().holds());
    assert_eq!(
        refused(house.people("crm").await.trail_verified().await),
        Reason::OperationNotAllowed
    );
}

#[tokio::test]
async fn of_two_who_approve_at_once_on_two_nodes_the_version_comes_into_force_once() {
    let house = House::new().await;
    let text = bundled();
    let version = text.lines().find(|line| line.starts_with("version = ")).unwrap();
    let text = text.replacen(version, "version = \"next\"", 1);
    for name in ["paula", "mika", "sari"] {
        house.engine.add_account(&anna(), name, &["*".into()], Cause::Test).await.unwrap();
    }
    let owner = Actor { name: "paula".into(), ..anna() };
    house.engine.propose_notice(&owner, &text, Cause::Test).await.unwrap();
    let second = house.engine.propose_notice(&owner, &text, Cause::Test).await;
    assert!(matches!(second, Err(EngineError::Invalid(_))));
    let mark = house.engine.proposal().await.unwrap().unwrap().mark(0);
    let other = house.second().await;
    let (mika, sari) =
        (Actor { name: "mika".into(), ..anna() }, Actor { name: "sari".into(), ..anna() });
    let (here, there) = tokio::join!(
        house.engine.approve_notice(&mika, &mark, Cause::Test),
        other.approve_notice(&sari, &mark, Cause::Test),
    );
    assert!(here.is_ok() || there.is_ok());
    assert_eq!(house.engine.notices().await.unwrap().len(), 2);
    assert!(house.engine.proposal().await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_looked_at_is_what_is_approved_and_no_other_text_of_the_same_name() {
    let house = House::new().await;
    let text = bundled();
    let version = text.lines().find(|line| line.starts_with("version = ")).unwrap();
    let harmless = text.replacen(version, "version = \"next\"", 1);
    let smallest = harmless.lines().find(|line| line.starts_with("smallest_cell = ")).unwrap();
    let swapped = harmless.replacen(smallest, "smallest_cell = 3", 1);
    for name in ["paula", "mika"] {
        house.engine.add_account(&anna(), name, &["*".into()], Cause::Test).await.unwrap();
    }
    let (paula, mika) =
        (Actor { name: "paula".into(), ..anna() }, Actor { name: "mika".into(), ..anna() });
    let engine = &house.engine;
    let looked_at = engine.propose_notice(&paula, &harmless, Cause::Test).await.unwrap().mark(0);
    engine.withdraw_notice(&paula, Cause::Test).await.unwrap();
    let other = engine.propose_notice(&paula, &swapped, Cause::Test).await.unwrap().mark(0);
    let approved = engine.approve_notice(&mika, &looked_at, Cause::Test).await;
    assert!(matches!(approved, Err(EngineError::Conflict { .. })));
    assert_eq!(engine.notices().await.unwrap().len(), 1);
    engine.approve_notice(&mika, &other, Cause::Test).await.unwrap();
    assert_eq!(engine.notices().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_version_lapses_whose_approver_may_approve_no_more_when_its_day_comes() {
    let house = House::new().await;
    let text = bundled();
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    let later = text.replacen(&line("version = "), "version = \"next\"", 1).replacen(
        &line("effective = "),
        "effective = \"2026-11-05\"",
        1,
    );
    for name in ["paula", "mika"] {
        house.engine.add_account(&anna(), name, &["*".into()], Cause::Test).await.unwrap();
    }
    let (paula, mika) =
        (Actor { name: "paula".into(), ..anna() }, Actor { name: "mika".into(), ..anna() });
    let mark = house.engine.propose_notice(&paula, &later, Cause::Test).await.unwrap().mark(0);
    house.engine.approve_notice(&mika, &mark, Cause::Test).await.unwrap();
    house.engine.remove_account(&anna(), "mika", Cause::Test).await.unwrap();
    house.clock.advance_days(5);
    house.engine.tick(true).await.unwrap();
    assert_eq!(house.engine.notices().await.unwrap().len(), 1);
    assert!(house.engine.proposal().await.unwrap().is_none());
}

#[tokio::test]
async fn whom_a_thing_is_about_is_shown_contact_by_contact_as_far_as_the_purpose_may_see() {
    let house = House::new().await;
    let order = house.object("sales", "order", &[("number", "SO-1")]).await;
    let about = Some(About { kind: "order".into(), id: order.to_string() });
    let sales = house.people("sales").await;
    let mut contacts = Vec::new();
    for role in ["orderer", "site-contact", "user"] {
        let id = house.contact("FI").await;
        let part = event("orders", "2026-10-01", &[("role", role), ("reference", "ours")]);
        sales.add_record(id, &RecordDraft { about: about.clone(), ..part }).await.unwrap();
        contacts.push(id);
    }
    let talk = event("communications", "2026-10-02", &[("channel", "phone"), ("direction", "in")]);
    sales.add_record(contacts[0], &RecordDraft { about, ..talk }).await.unwrap();

    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = sales.parts("order", order, cursor.as_deref(), 3).await.unwrap();
        seen.extend(page.items.into_iter().map(|part| (part.contact, part.record.category)));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    let mut expected: Vec<_> = contacts.iter().map(|id| (*id, "orders".to_owned())).collect();
    expected.push((contacts[0], "communications".to_owned()));
    expected.sort();
    assert_eq!(seen, expected);

    // Planners see the role and nothing else of it, and no communications.
    let planner = house.people("manufacturing").await;
    let page = planner.parts("order", order, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 3);
    assert!(page.items.iter().all(|part| part.record.category == "orders"
        && part.record.fields.contains_key("role")
        && !part.record.fields.contains_key("reference")));
    let guard = house.people("integrity").await;
    assert_eq!(refused(guard.parts("order", order, None, 10).await), Reason::NotInNotice);
    assert!(sales.parts("order", Uuid::from_u128(99), None, 10).await.is_err());

    // Whoever is restricted, or is gone, takes no part in it any more.
    let claims = house.people("claims").await;
    claims.say(contacts[1], Statement::Restricts, &Scope::Whole).await.unwrap();
    claims.erase(contacts[2]).await.unwrap();
    let page = sales.parts("order", order, None, 10).await.unwrap();
    assert!(page.items.iter().all(|part| part.contact == contacts[0]), "{:?}", page.items);
    let named = sales.contacts_at(&contacts).await.unwrap();
    assert_eq!(named.iter().map(|view| view.id).collect::<Vec<_>>(), [contacts[0]]);
}
