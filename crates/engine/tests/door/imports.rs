//! Imports into the engine; the readers of files have tests of their own.

use std::sync::Arc;

use gantry_engine::session::{Find, Scope, Statement};
use gantry_intake::{
    CompanyDraft, ContactDraft, Draft, FieldDraft, Key, ObjectDraft, ObjectRef, Position,
    RecordDraft, Said, Saying,
};
use gantry_notice::{Channel, Country, Reason};

use crate::support::{House, refused};

fn row(n: u64) -> Draft {
    let field = |category: &str, field: &str, value: String| FieldDraft {
        category: category.into(),
        field: field.into(),
        value,
    };
    Draft {
        position: Position { file: "test.csv".into(), row: n, line: n },
        company: Some(CompanyDraft {
            key: format!("C{}", n % 3),
            state: None,
            fields: vec![("name".into(), format!("Company {}", n % 3))],
        }),
        contact: Some(ContactDraft {
            key: Key::ExternalId(format!("P{n}")),
            country: Country::of("FI"),
            company: Some(format!("C{}", n % 3)),
            fields: vec![
                field("identity", "full_name", format!("Person Number{n}")),
                field("contact-details", "email", format!("p{n}@firm.example")),
            ],
            said: Vec::new(),
        }),
        objects: vec![ObjectDraft {
            object: ObjectRef { kind: "order".into(), key: format!("O{n}") },
            company: Some(format!("C{}", n % 3)),
            part_of: None,
            state: None,
            at: Some("2026-09-01".into()),
            fields: vec![("number".into(), format!("O{n}"))],
        }],
        records: vec![RecordDraft {
            category: "orders".into(),
            key: None,
            contact: None,
            about: Some(ObjectRef { kind: "order".into(), key: format!("O{n}") }),
            at: Some("2026-09-01".into()),
            fields: vec![("role".into(), "orderer".into())],
        }],
        remarks: Vec::new(),
    }
}

fn rows(count: u64) -> Vec<Draft> {
    (1..=count).map(row).collect()
}

fn said(what: Saying) -> Said {
    Said { what, at: None, column: Arc::from("flag") }
}

#[tokio::test]
async fn an_import_is_seen_by_nobody_until_it_is_finished() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    assert!(import.take(&rows(50)).await.unwrap().is_empty());
    assert!(crm.find(&Find::All, None, 100).await.unwrap().items.is_empty());
    let report = import.finish().await.unwrap();
    assert_eq!((report.contacts.added, report.records.added), (50, 150));
    assert_eq!(report.objects["company"].added, 3);
    assert_eq!(report.objects["order"].added, 50);
    let found = crm.find(&Find::Words("number7".into()), None, 100).await.unwrap().items;
    assert_eq!(found.len(), 1);
    assert!(found[0].company.is_some());
}

#[tokio::test]
async fn the_same_rows_twice_change_nothing() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    for round in 0..3 {
        let mut import = crm.import("erp", false).await.unwrap();
        import.take(&rows(20)).await.unwrap();
        let report = import.finish().await.unwrap();
        if round > 0 {
            assert_eq!((report.contacts.added, report.contacts.changed), (0, 0), "{report:?}");
            assert_eq!((report.records.added, report.records.changed), (0, 0), "{report:?}");
            assert_eq!(report.objects["order"].unchanged, 20);
        }
    }
    assert_eq!(crm.find(&Find::All, None, 100).await.unwrap().items.len(), 20);
}

#[tokio::test]
async fn a_changed_row_changes_what_is_there_and_is_seen_at_the_end() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(5)).await.unwrap();
    import.finish().await.unwrap();
    let mut changed = row(2);
    changed.contact.as_mut().unwrap().fields[0].value = "Somebody Else".into();
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[changed]).await.unwrap();
    let else_ = Find::Words("somebody".into());
    assert!(crm.find(&else_, None, 10).await.unwrap().items.is_empty());
    let report = import.finish().await.unwrap();
    assert_eq!((report.records.changed, report.contacts.changed), (1, 1));
    assert_eq!(crm.find(&else_, None, 10).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn an_abandoned_import_leaves_nothing() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(30)).await.unwrap();
    import.abandon().await.unwrap();
    assert!(crm.find(&Find::All, None, 100).await.unwrap().items.is_empty());
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(30)).await.unwrap();
    assert_eq!(import.finish().await.unwrap().contacts.added, 30);
    assert_eq!(crm.find(&Find::All, None, 100).await.unwrap().items.len(), 30);
}

#[tokio::test]
async fn what_contacts_said_elsewhere_is_heard_and_what_they_said_here_is_kept() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(3)).await.unwrap();
    import.finish().await.unwrap();
    let id = crm.find(&Find::Words("number1".into()), None, 10).await.unwrap().items[0].id;
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::parse("email")).await.unwrap();
    let mut again = row(1);
    again.contact.as_mut().unwrap().said =
        vec![said(Saying::OptedIn(Channel::Email)), said(Saying::ObjectsProfiling)];
    let mut other = row(2);
    other.contact.as_mut().unwrap().said = vec![said(Saying::ObjectsMarketing)];
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[again, other]).await.unwrap();
    import.finish().await.unwrap();
    let marketing = house.people("marketing").await;
    let view = marketing.contact(id).await.unwrap();
    assert_eq!(view.data["contact-details"].get("email"), None, "closed stays closed");
    let id = crm.find(&Find::Words("number2".into()), None, 10).await.unwrap().items[0].id;
    assert_eq!(refused(marketing.contact(id).await), Reason::Objected);
}

#[tokio::test]
async fn an_erased_address_is_reported_and_not_started_again() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(3)).await.unwrap();
    import.finish().await.unwrap();
    let id = crm.find(&Find::Words("number1".into()), None, 10).await.unwrap().items[0].id;
    house.people("claims").await.erase(id).await.unwrap();
    let mut import = crm.import("other-system", false).await.unwrap();
    import.take(&rows(3)[..1]).await.unwrap();
    let report = import.finish().await.unwrap();
    assert_eq!((report.erased_before, report.contacts.added), (1, 0));
}

#[tokio::test]
async fn a_row_that_does_not_fit_the_notice_is_named_and_the_rest_is_not_harmed() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut rows = rows(3);
    rows[1].contact.as_mut().unwrap().fields[1].value = "not an address".into();
    rows[2].contact.as_mut().unwrap().fields.push(FieldDraft {
        category: "identity".into(),
        field: "birthday".into(),
        value: "1980-01-01".into(),
    });
    let mut import = crm.import("erp", true).await.unwrap();
    let bad = import.take(&rows).await.unwrap();
    assert_eq!(bad.iter().map(|row| row.index).collect::<Vec<_>>(), [1]);
    assert_eq!(import.report().refused["identity.birthday: not-in-notice"], 1);
    import.finish().await.unwrap();
    assert!(crm.find(&Find::All, None, 100).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_import_that_was_dropped_is_cleared_by_the_next_one_and_one_source_comes_one_at_a_time()
{
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(30)).await.unwrap();
    let second = crm.import("erp", false).await;
    assert!(matches!(second, Err(gantry_engine::EngineError::Conflict { .. })));
    drop(second);
    drop(import);
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&rows(30)).await.unwrap();
    assert_eq!(import.finish().await.unwrap().contacts.added, 30);
    assert_eq!(crm.find(&Find::All, None, 100).await.unwrap().items.len(), 30);
    assert!(house.engine.store().pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn somebody_without_an_address_who_was_erased_is_known_by_the_key_of_the_other_system() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let nameless = || {
        let mut row = row(1);
        row.contact.as_mut().unwrap().fields.truncate(1);
        row
    };
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[nameless()]).await.unwrap();
    import.finish().await.unwrap();
    let id = crm.find(&Find::Words("number1".into()), None, 10).await.unwrap().items[0].id;
    let done = house.people("claims").await.erase(id).await.unwrap();
    assert_eq!(done.suppressed, 1);
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[nameless()]).await.unwrap();
    let report = import.finish().await.unwrap();
    assert_eq!((report.erased_before, report.contacts.added), (1, 0));
}

#[tokio::test]
async fn a_row_of_which_the_notice_lets_in_nothing_makes_no_empty_contact() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut stranger = row(1);
    stranger.records.clear();
    for field in &mut stranger.contact.as_mut().unwrap().fields {
        field.field = "horoscope".into();
    }
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[stranger]).await.unwrap();
    let report = import.finish().await.unwrap();
    assert_eq!(report.contacts.added, 0);
    assert_eq!(report.refused["contact: not-in-notice"], 1);
    assert!(crm.find(&Find::All, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_dry_import_counts_somebody_who_comes_back_much_later_once() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", true).await.unwrap();
    import.take(&rows(3)).await.unwrap();
    import.take(&rows(3)).await.unwrap();
    assert_eq!((import.report().contacts.added, import.report().unresolved.len()), (3, 0));
    import.finish().await.unwrap();
}
