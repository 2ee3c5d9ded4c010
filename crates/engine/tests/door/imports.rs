//! Imports into the engine; the readers of files have tests of their own.

use std::sync::Arc;

use gantry_engine::EngineError;
use gantry_engine::draft::ObjectDraft;
use gantry_engine::import::ImportReport;
use gantry_engine::session::{Find, ObjectQuery, Scope, Statement};
use gantry_intake::{
    CompanyDraft, ContactDraft, Draft, FieldDraft, Key, ObjectDraft as ObjectRow, ObjectRef,
    Position, RecordDraft, Said, Saying,
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
            same: [].into(),
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
            consents: Vec::new(),
            sole_trader: false,
        }),
        objects: vec![ObjectRow {
            object: ObjectRef { kind: "order".into(), key: format!("O{n}") },
            company: Some(format!("C{}", n % 3)),
            part_of: None,
            state: None,
            at: Some("2026-09-01".into()),
            closed: None,
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

pub(crate) fn rows(count: u64) -> Vec<Draft> {
    (1..=count).map(row).collect()
}

/// A row of a known address that says something and nothing else.
pub(crate) fn says(email: &str, what: Saying) -> Draft {
    let mut row = row(1);
    (row.company, row.objects, row.records) = (None, Vec::new(), Vec::new());
    let contact = row.contact.as_mut().unwrap();
    (contact.key, contact.company) = (Key::Email(email.to_owned()), None);
    (contact.fields, contact.said) = (Vec::new(), vec![said(what)]);
    row
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

/// What an import of some chunks, one after the other, reports.
async fn reported(house: &House, source: &str, dry: bool, chunks: &[Vec<Draft>]) -> ImportReport {
    let crm = house.people("crm").await;
    let mut import = crm.import(source, dry).await.unwrap();
    for chunk in chunks {
        assert!(import.take(chunk).await.unwrap().is_empty());
    }
    import.finish().await.unwrap()
}

#[tokio::test]
async fn a_dry_import_counts_what_comes_back_much_later_as_the_import_itself_does() {
    let house = House::new().await;
    let mut later = rows(3);
    later[1].contact.as_mut().unwrap().fields[0].value = "Somebody Else".into();
    later[2].objects[0].state = Some("delivered".into());
    let chunks = [rows(3), rows(3), later];
    let dry = reported(&house, "erp", true, &chunks).await;
    assert_eq!((dry.contacts.added, dry.unresolved.len()), (3, 0));
    assert_eq!((dry.records.added, dry.records.changed), (9, 0));
    assert_eq!(dry.objects["order"].added, 3);
    assert_eq!(dry, reported(&house, "erp", false, &chunks).await);
}

#[tokio::test]
async fn a_row_whose_only_change_is_the_company_is_a_change() {
    let house = House::new().await;
    reported(&house, "erp", false, &[rows(3)]).await;
    let mut moved = rows(3);
    moved[0].contact.as_mut().unwrap().company = Some("C2".into());
    let again = moved.clone();
    let report = reported(&house, "erp", false, &[moved.clone(), again]).await;
    assert_eq!((report.contacts.changed, report.contacts.unchanged), (1, 5));
    let report = reported(&house, "erp", false, &[moved]).await;
    assert_eq!((report.contacts.changed, report.contacts.unchanged), (0, 3));
}

#[tokio::test]
async fn consent_in_a_file_counts_for_whom_it_adds_and_brings_none_back() {
    let house = House::new().await;
    let mut chinese = row(1);
    let person = chinese.contact.as_mut().unwrap();
    person.country = Country::of("CN");
    let without = reported(&house, "erp", false, &[vec![chinese.clone()]]).await;
    assert_eq!(without.refused["contact: no-consent"], 1);
    let person = chinese.contact.as_mut().unwrap();
    person.consents = vec!["crm".into(), "astrology".into()];
    let with = reported(&house, "erp", false, &[vec![chinese.clone()]]).await;
    assert_eq!((with.contacts.added, with.said["consents to crm"]), (1, 1));
    assert_eq!(with.refused["consent to astrology: not-in-notice"], 1);
    let crm = house.people("crm").await;
    let id = crm.find(&Find::All, None, 10).await.unwrap().items[0].id;
    let claims = house.people("claims").await;
    claims.say(id, Statement::WithdrawsConsent, &Scope::parse("crm")).await.unwrap();
    let again = reported(&house, "erp", false, &[vec![chinese]]).await;
    assert_eq!(again.refused["consent to crm: the contact is there already"], 1);
    assert_eq!(refused(crm.contact(id).await), Reason::NoConsent);
}

#[tokio::test]
async fn a_sole_trader_of_a_file_is_the_company() {
    let house = House::new().await;
    let mut trader = row(1);
    trader.contact.as_mut().unwrap().sole_trader = true;
    reported(&house, "erp", false, &[rows(1)]).await;
    for added in [0, 0] {
        let report = reported(&house, "erp", false, &[vec![trader.clone()]]).await;
        assert_eq!(report.contacts.added, added);
    }
    let mut other = row(4);
    other.contact.as_mut().unwrap().sole_trader = true;
    let report = reported(&house, "erp", false, &[vec![other]]).await;
    let refusal = "contact.sole_trader: the company is represented by others";
    assert_eq!(report.refused[refusal], 1);
    let crm = house.people("crm").await;
    let query = ObjectQuery::default();
    let company = crm.objects("company", &query, None, 10).await.unwrap().items.remove(0);
    let company = company.id.parse().unwrap();
    let planner = house.people("manufacturing").await;
    assert!(planner.object("company", company).await.unwrap().fields.is_empty());
    let found = crm.find(&Find::Words("number1".into()), None, 10).await.unwrap().items;
    house.people("claims").await.erase(found[0].id).await.unwrap();
    let gone = crm.object("company", company).await;
    assert!(matches!(gone, Err(EngineError::NotFound { .. })));
}

#[tokio::test]
async fn an_object_is_closed_on_the_day_that_the_file_says() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let with = |state: &str, closed: &str| {
        let mut row = row(1);
        row.objects[0].state = Some(state.to_owned());
        row.objects[0].closed = Some(closed.to_owned());
        row
    };
    let mut import = crm.import("erp", false).await.unwrap();
    for (state, closed) in [("open", "2026-09-20"), ("closed", "2099-01-01")] {
        let bad = import.take(&[with(state, closed)]).await.unwrap();
        assert_eq!(bad[0].faults[0].field, "order.closed", "{state}");
    }
    import.abandon().await.unwrap();
    reported(&house, "erp", false, &[vec![with("closed", "2026-09-20")]]).await;
    let orders = crm.objects("order", &ObjectQuery::default(), None, 10).await.unwrap().items;
    assert_eq!(orders[0].closed.as_deref(), Some("2026-09-20"));
    let order = orders[0].id.parse().unwrap();
    let open = ObjectDraft { state: Some("open".into()), ..ObjectDraft::default() };
    let changed = crm.change_object("order", order, &open, None).await.unwrap();
    assert_eq!(changed.closed, None, "what was imported can be changed");
}

#[tokio::test]
async fn a_company_that_two_sources_know_is_told_of_and_stays_two() {
    let house = House::new().await;
    let mut known = row(1);
    known.company.as_mut().unwrap().fields.push(("vat_number".into(), "FI12345678".into()));
    let rows = [vec![known]];
    assert_eq!(reported(&house, "erp", false, &rows).await.companies_met, 0);
    assert_eq!(reported(&house, "erp", false, &rows).await.companies_met, 0);
    for dry in [true, false] {
        let report = reported(&house, "crm-2", dry, &rows).await;
        assert_eq!((report.companies_met, report.objects["company"].added), (1, 1));
    }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_imports_that_begin_in_the_same_moment_one_goes_on() {
    let house = House::new().await;
    let other = house.second().await;
    let here = house.people("crm").await;
    let there = house.work_on(&other, "crm", None).await.into_identified().unwrap();
    for _ in 0..10 {
        let (one, two) = tokio::join!(here.import("same", false), there.import("same", false));
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|begun| **begun).count(), 1);
        // Dropped, it is cleared by the next one.
        drop((one, two));
    }
}

#[tokio::test]
async fn a_company_is_known_again_by_what_the_map_says_and_by_its_name_where_just_one_bears_it() {
    let house = House::new().await;
    let there = house.company().await;
    let other = |key: &str, fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).into(), (*value).to_owned()));
        let same = ["vat_number".into(), "name".into()].into();
        let company = CompanyDraft { key: key.into(), state: None, fields: fields.collect(), same };
        Draft { company: Some(company), contact: None, objects: Vec::new(), ..row(1) }
    };
    let rows = vec![
        other("A", &[("name", "harbour  WORKS ltd"), ("city", "Kotka"), ("vat_number", "FI1")]),
        other("A", &[("name", "harbour  WORKS ltd"), ("city", "Kotka"), ("vat_number", "FI1")]),
        other("B", &[("name", "Harbour Works Ltd"), ("country", "SE")]),
        other("C", &[("name", "Harbour Works Limited")]),
    ];
    for dry in [true, false] {
        let report = reported(&house, "web", dry, std::slice::from_ref(&rows)).await;
        let came = report.objects["company"];
        assert_eq!((report.companies_known, came.added, came.changed), (1, 2, 1), "{dry}");
    }
    let crm = house.people("crm").await;
    let company = crm.object("company", there).await.unwrap();
    assert_eq!(company.fields["city"], "Kotka");
    // From then on the source's key leads there, and a number is surer than a name.
    let rows = vec![
        other("A", &[("name", "Harbour Works Oy")]),
        other("D", &[("name", "Another Name"), ("vat_number", "FI1")]),
    ];
    let report = reported(&house, "web", false, std::slice::from_ref(&rows)).await;
    assert_eq!((report.companies_known, report.objects["company"].added), (1, 0));
    assert_eq!(crm.object("company", there).await.unwrap().fields["name"], "Another Name");
    // Of two of one name nobody can tell which it is.
    house.company().await;
    house.company().await;
    let rows = vec![other("E", &[("name", "Harbour Works Ltd"), ("country", "FI")])];
    let report = reported(&house, "web", false, std::slice::from_ref(&rows)).await;
    assert_eq!((report.companies_known, report.objects["company"].added), (0, 1));
}

#[tokio::test]
async fn a_company_is_not_known_again_where_not_all_of_its_name_were_seen() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    // Names that begin like it fill what is looked at; one of it comes first, another far behind.
    let names = ["Harbour Works"].into_iter().chain(["Harbour Works North"; 60]);
    for name in names.chain(["Harbour Works"]) {
        let fields = [("name".to_owned(), name.to_owned())].into_iter().collect();
        let draft = ObjectDraft { fields, ..ObjectDraft::default() };
        crm.add_object("company", &draft).await.unwrap();
    }
    let mut other = row(1);
    (other.contact, other.objects) = (None, Vec::new());
    let company = other.company.as_mut().unwrap();
    company.fields = vec![("name".into(), "Harbour Works".into())];
    company.same = ["name".into()].into();
    let report = reported(&house, "web", true, &[vec![other]]).await;
    assert_eq!((report.companies_known, report.objects["company"].added), (0, 1));
}
