//! Writing: versions, conflicts, idempotency, the trail.

use gantry_engine::EngineError;
use gantry_engine::audit;
use gantry_engine::draft::{ObjectDraft, RecordDraft};
use gantry_engine::session::{Find, Identified, Made, Scope, Statement};
use gantry_notice::{Operation, Reason};

use crate::support::{House, contact, event, refused, texts};

#[tokio::test]
async fn a_changed_name_is_found_by_the_new_one_only() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let change = texts(&[("family_name", "Korhonen"), ("title", "Dr")]);
    let view = crm.change_contact(id, "identity", &change, None).await.unwrap();
    assert_eq!(view.data["identity"]["given_name"], "Aino");
    assert_eq!(view.data["identity"]["family_name"], "Korhonen");
    let found = async |words: &str| {
        crm.find(&Find::Words(words.into()), None, 10).await.unwrap().items.len()
    };
    assert_eq!((found("korh").await, found("virtanen").await, found("aino").await), (1, 0, 1));
    let change = texts(&[("title", "")]);
    let view = crm.change_contact(id, "identity", &change, None).await.unwrap();
    assert_eq!(view.data["identity"].get("title"), None);
}

#[tokio::test]
async fn a_purpose_changes_only_what_it_may() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let planner = house.people("manufacturing").await;
    let change = texts(&[("phone", "+358 40 555 0000")]);
    let refusal = refused(planner.change_contact(id, "contact-details", &change, None).await);
    assert_eq!(refusal, Reason::OperationNotAllowed);
    let quality = house.people("quality").await;
    let change = texts(&[("street", "Quay 1")]);
    let refusal = refused(quality.change_contact(id, "contact-details", &change, None).await);
    assert_eq!(refusal, Reason::NotInNotice);
}

#[tokio::test]
async fn bad_values_are_named_without_being_repeated_and_nothing_is_stored() {
    let house = House::new().await;
    let mut draft = contact("FI");
    draft.data["contact-details"].insert("email".into(), "no address of mine".into());
    draft.data["employment"].insert("role".into(), "astronaut".into());
    let crm = house.people("crm").await;
    let error = crm.add_contact(&draft).await.unwrap_err();
    assert!(matches!(&error, EngineError::Invalid(_)));
    assert!(!error.to_string().contains("astronaut") && !error.to_string().contains("mine"));
    assert!(crm.find(&Find::All, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_object_changes_only_from_the_version_that_was_read() {
    let house = House::new().await;
    let order = house.object("sales", "order", &[("number", "SO-1")]).await;
    let sales = house.people("sales").await;
    let draft = ObjectDraft { state: Some("delivered".into()), ..Default::default() };
    let second = sales.change_object("order", order, &draft, Some(1)).await.unwrap();
    assert_eq!((second.version, &*second.state), (2, "delivered"));
    let stale = sales.change_object("order", order, &draft, Some(1)).await;
    assert!(matches!(stale, Err(EngineError::Conflict { .. })));
    let marketing = house.people("marketing").await;
    assert!(marketing.object("order", order).await.is_ok());
    let refusal = refused(marketing.change_object("order", order, &draft, None).await);
    assert_eq!(refusal, Reason::OperationNotAllowed);
    let hidden = house.people("integrity").await;
    assert_eq!(refused(hidden.object("order", order).await), Reason::NotInNotice);
}

#[tokio::test]
async fn closing_an_object_starts_the_windows_of_the_records_about_it() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let order = house.object("sales", "order", &[("number", "SO-2")]).await;
    let mut part = event("orders", "2026-10-01", &[("role", "delivery-contact")]);
    part.about = Some(gantry_engine::draft::About { kind: "order".into(), id: order.to_string() });
    house.people("sales").await.add_record(id, &part).await.unwrap();
    let seen = async || {
        let planner = house.people("manufacturing").await;
        planner.records(id, Some("orders"), None, 10).await.unwrap().0.items.len()
    };
    house.clock.advance_days(700);
    assert_eq!(seen().await, 1, "an open order keeps its people");
    let closed = ObjectDraft { state: Some("closed".into()), ..Default::default() };
    house.people("sales").await.change_object("order", order, &closed, None).await.unwrap();
    house.clock.advance_days(364);
    assert_eq!(seen().await, 1);
    house.clock.advance_days(3);
    assert_eq!(seen().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_added_while_its_object_is_closed_is_closed_with_it() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let other = house.second().await;
    let there = house.work_on(&other, "sales", None).await.into_identified().unwrap();
    let sales = house.people("sales").await;
    let closed = ObjectDraft { state: Some("closed".into()), ..Default::default() };
    for n in 0..20 {
        let order = house.object("sales", "order", &[("number", &format!("SO-{n}"))]).await;
        let mut part = event("orders", "2026-10-01", &[("role", "delivery-contact")]);
        let about = gantry_engine::draft::About { kind: "order".into(), id: order.to_string() };
        part.about = Some(about);
        let (added, changed) = tokio::join!(
            there.add_record(id, &part),
            sales.change_object("order", order, &closed, None)
        );
        added.unwrap();
        changed.unwrap();
    }
    house.clock.advance_days(700);
    let planner = house.people("manufacturing").await;
    let seen = planner.records(id, Some("orders"), None, 100).await.unwrap().0.items.len();
    assert_eq!(seen, 0, "of twenty records about closed orders");
}

#[tokio::test]
async fn what_has_not_happened_yet_is_no_record() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let tomorrow = event("communications", "2099-01-01", &[("subject", "Hoists")]);
    assert!(matches!(crm.add_record(id, &tomorrow).await, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn a_write_asked_for_twice_happens_once() {
    let house = House::new().await;
    let mut crm = house.people("crm").await;
    assert_eq!(crm.once("k-1", b"{a}").await.unwrap(), None);
    let id = crm.add_contact(&contact("FI")).await.unwrap().id;
    let mut again = house.people("crm").await;
    assert_eq!(again.once("k-1", b"{a}").await.unwrap(), Some(Made::Contact(id)));
    let other = again.once("k-1", b"{b}").await;
    assert!(matches!(other, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day_and_no_store_of_keys_grows_without_end() {
    let house = House::new().await;
    let asked = async |key: &str| {
        let mut crm = house.people("crm").await;
        let made = crm.once(key, b"a").await.unwrap();
        if made.is_none() {
            crm.add_contact(&contact("FI")).await.unwrap();
        }
        made.is_some()
    };
    let kept = async || {
        let store = house.engine.store();
        store.entries(gantry_store::Space::Once, &[], None, 1_000).await.unwrap().len()
    };
    for n in 0..20 {
        assert!(!asked(&format!("k-{n}")).await);
    }
    assert_eq!(kept().await, 20);
    house.clock.advance_hours(23);
    assert!(asked("k-0").await, "by now it is tomorrow");
    house.clock.advance_hours(2);
    assert!(!asked("k-0").await, "used again, more than a day later");
    assert!(asked("k-0").await);
    assert_eq!(kept().await, 21);
    house.clock.advance_days(1);
    assert!(!asked("k-20").await);
    assert_eq!(kept().await, 21 - 16 + 1, "the oldest go, some at a time");
    assert!(!asked("k-21").await);
    assert_eq!(kept().await, 3, "those of two days");
}

#[tokio::test]
async fn a_source_is_a_word_and_no_sentence_about_somebody() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let from = |source: &str| RecordDraft {
        source: Some(source.to_owned()),
        ..event("communications", "2026-10-01", &[("subject", "Hoists")])
    };
    for source in ["", "Aino Virtanen", "aino@harbour.example", "läger", &"a".repeat(65)] {
        let added = crm.add_record(id, &from(source)).await;
        assert!(matches!(added, Err(EngineError::Invalid(_))), "{source}");
        assert!(matches!(crm.import(source, true).await, Err(EngineError::Invalid(_))), "{source}");
    }
    for source in ["trade-fair.2026", "mail:list_7"] {
        assert_eq!(crm.add_record(id, &from(source)).await.unwrap().source, source);
    }
}

#[tokio::test]
async fn the_version_that_a_purpose_sees_does_not_move_with_what_it_does_not_see() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let (crm, marketing) = (house.people("crm").await, house.people("marketing").await);
    let planner = house.people("manufacturing").await;
    let version = async |session: &Identified| session.contact(id).await.unwrap().version;
    let before = [version(&crm).await, version(&planner).await];
    let click = event("reactions", "2026-10-01", &[("reaction", "clicked")]);
    marketing.add_record(id, &click).await.unwrap();
    let talk = event("communications", "2026-10-01", &[("subject", "Hoists")]);
    crm.add_record(id, &talk).await.unwrap();
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::parse("profiling")).await.unwrap();
    assert_eq!([version(&crm).await, version(&planner).await], before);
    let job = texts(&[("job_title", "Head of purchasing")]);
    crm.change_contact(id, "employment", &job, Some(before[0])).await.unwrap();
    assert_ne!(version(&crm).await, before[0]);
    assert_eq!(version(&planner).await, before[1], "it does not read employment");
    let again = crm.change_contact(id, "employment", &job, Some(before[0])).await;
    assert!(matches!(again, Err(EngineError::Conflict { .. })));
    let other = house.contact("FI").await;
    assert_ne!(crm.contact(other).await.unwrap().version, before[0], "equal in all but the id");
}

#[tokio::test]
async fn a_request_that_comes_twenty_times_at_once_makes_one_contact() {
    let house = House::new().await;
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let mut crm = house.people("crm").await;
        tasks.push(tokio::spawn(async move {
            if crm.once("k-2", b"same").await.unwrap().is_none() {
                let _ = crm.add_contact(&contact("FI")).await;
            }
            crm.happened().await.unwrap().unwrap()
        }));
    }
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    made.dedup();
    assert_eq!(made.len(), 1);
    let crm = house.people("crm").await;
    assert_eq!(crm.find(&Find::All, None, 100).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_write_decided_before_an_objection_is_decided_anew() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let marketing = house.people("marketing").await;
    let claims = house.people("claims").await;
    let mut reactions = 0;
    for round in 0..20 {
        let reaction = event("reactions", "2026-10-30", &[("reaction", "opened")]);
        let scope = Scope::parse("marketing");
        let (added, said) = tokio::join!(
            marketing.add_record(id, &reaction),
            claims.say(id, Statement::Objects, &scope),
        );
        said.unwrap();
        reactions += usize::from(added.is_ok());
        let late = marketing.add_record(id, &reaction).await;
        assert_eq!(refused(late), Reason::Objected, "round {round}");
        claims.say(id, Statement::WithdrawsObjection, &scope).await.unwrap();
    }
    let (page, _) = claims.records(id, Some("reactions"), None, 100).await.unwrap();
    assert_eq!(page.items.len(), reactions);
}

#[tokio::test]
async fn every_access_allowed_or_denied_is_in_the_trail_by_id_and_never_by_name() {
    let house = House::new().await;
    let id = house.contact("CN").await;
    house.people("crm").await.contact(id).await.unwrap();
    refused(house.people("marketing").await.contact(id).await);
    house.engine.close().await.unwrap();
    let store = house.engine.store();
    let mut links = Vec::new();
    for head in store.audit_heads().await.unwrap() {
        links.extend(store.audit_links(&head.chain, 0, 1_000).await.unwrap());
    }
    let mut outcomes = Vec::new();
    for link in &links {
        assert!(!link.body.windows(8).any(|bytes| bytes == b"Virtanen"));
        for entry in audit::decode(&link.body) {
            let entry = entry.unwrap();
            if entry.about == audit::About::One(*id.as_bytes()) {
                outcomes.push((entry.operation.into_owned(), entry.outcome));
            }
        }
    }
    let denied = audit::Outcome::Denied(Reason::NoConsent as u8);
    let expected = [
        ("collect".to_owned(), audit::Outcome::Allowed),
        ("read".to_owned(), audit::Outcome::Allowed),
        ("read".to_owned(), denied),
    ];
    assert_eq!(outcomes, expected);
}

#[tokio::test]
async fn the_trail_says_what_was_said_and_what_a_why_was_answered() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    let field = Scope::parse("category:employment.job_title");
    claims.say(id, Statement::Restricts, &field).await.unwrap();
    claims.say(id, Statement::Objects, &Scope::parse("marketing")).await.unwrap();
    let marketing = house.people("marketing").await;
    let why = marketing.why(id, "contact-details", Operation::Read).await.unwrap();
    assert!(!why.allowed);
    claims.erase(id).await.unwrap();
    let filter = audit::Filter { contact: Some(*id.as_bytes()), ..audit::Filter::default() };
    let seen = house.people("integrity").await.trail(&filter, None, 50).await.unwrap().entries;
    let done: Vec<(&str, bool)> = seen
        .iter()
        .map(|found| (&*found.entry.operation, found.entry.outcome == audit::Outcome::Allowed))
        .filter(|(operation, _)| !["collect", "read"].contains(operation))
        .collect();
    let expected = [
        ("restricts category:employment.job_title", true),
        ("objects marketing", true),
        ("erase", true),
        // What is only read comes into the chain when the trail is drained.
        ("why read", false),
    ];
    assert_eq!(done, expected);
}

#[tokio::test]
async fn the_trail_is_shown_under_its_own_purpose_and_tells_who_looked_at_it() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let filter = audit::Filter { contact: Some(*id.as_bytes()), ..audit::Filter::default() };
    let crm = house.people("crm").await;
    assert_eq!(refused(crm.trail(&filter, None, 10).await), Reason::OperationNotAllowed);
    let integrity = house.people("integrity").await;
    let first = integrity.trail(&filter, None, 10).await.unwrap().entries;
    assert_eq!(first.len(), 2, "added, and the refused look");
    let second = integrity.trail(&filter, None, 10).await.unwrap().entries;
    assert_eq!(second.len(), 3, "and the first look at the trail");
}

#[tokio::test]
async fn nobody_whom_another_node_erased_stays_in_memory() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let other = house.second().await;
    let crm = house.work_on(&other, "crm", None).await.into_identified().unwrap();
    crm.contact(id).await.unwrap();
    assert_eq!(other.remembered(), 1);
    house.people("claims").await.erase(id).await.unwrap();
    let forgotten = async {
        while other.remembered() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = other.watch() => panic!("{ended:?}"),
        () = forgotten => {}
        () = tokio::time::sleep(std::time::Duration::from_secs(20)) => panic!("it is still there"),
    }
}
