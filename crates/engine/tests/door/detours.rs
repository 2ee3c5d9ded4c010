//! Detours that lead past the door by way of objects, imports and reports.

use std::sync::Arc;

use gantry_engine::EngineError;
use gantry_engine::audit::show::Filter;
use gantry_engine::draft::{About, ContactDraft, ObjectDraft};
use gantry_engine::import::ImportReport;
use gantry_engine::session::{Find, Identified, Meaning, ObjectQuery, Scope, Statement};
use gantry_intake::{
    CompanyDraft, ContactDraft as Row, Draft, FieldDraft, Key, ObjectDraft as ObjectRow, ObjectRef,
    Position, RecordDraft, Said, Saying,
};
use gantry_notice::{Country, Operation, Reason};
use uuid::Uuid;

use crate::support::{House, contact, event, refused, texts};

fn person(key: Key, fields: &[(&str, &str, &str)]) -> Draft {
    let field = |(category, field, value): &(&str, &str, &str)| FieldDraft {
        category: (*category).into(),
        field: (*field).into(),
        value: (*value).to_owned(),
    };
    Draft {
        position: Position { file: "test.csv".into(), row: 1, line: 1 },
        company: None,
        contact: Some(Row {
            key,
            country: Country::of("FI"),
            company: None,
            fields: fields.iter().map(field).collect(),
            said: Vec::new(),
            consents: Vec::new(),
            sole_trader: false,
        }),
        objects: Vec::new(),
        records: Vec::new(),
        remarks: Vec::new(),
    }
}

fn company(key: &str, fields: &[(&str, &str)]) -> Draft {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), (*value).to_owned()));
    let company = CompanyDraft {
        key: key.to_owned(),
        state: None,
        fields: fields.collect(),
        same: [].into(),
    };
    let nobody = person(Key::ExternalId("none".into()), &[]);
    Draft { company: Some(company), contact: None, ..nobody }
}

fn clicked(at: &str) -> RecordDraft {
    RecordDraft {
        category: "reactions".into(),
        key: None,
        contact: None,
        about: None,
        at: Some(at.to_owned()),
        fields: vec![("reaction".into(), "clicked".into())],
    }
}

async fn bring(session: &Identified, source: &str, rows: &[Draft]) -> ImportReport {
    let mut import = session.import(source, false).await.unwrap();
    import.take(rows).await.unwrap();
    import.finish().await.unwrap()
}

/// A company that is Aino Virtanen, imported for CRM from `erp` as `C1`, with an opportunity.
struct Trade {
    person: Uuid,
    company: Uuid,
    opportunity: Uuid,
}

async fn trade(house: &House) -> Trade {
    let crm = house.people("crm").await;
    bring(&crm, "erp", &[company("C1", &[("name", "Virtanen Hoists"), ("vat_number", "FI77")])])
        .await;
    let found = crm.objects("company", &by("name", "virtanen"), None, 10).await.unwrap().items;
    let company: Uuid = found[0].id.parse().unwrap();
    let draft = ContactDraft { company: Some(company), sole_trader: true, ..contact("FI") };
    let person = house.add(draft).await.id;
    let draft = ObjectDraft {
        company: Some(company),
        fields: texts(&[("number", "V-2"), ("title", "Hoist for Virtanen")]),
        ..ObjectDraft::default()
    };
    let opportunity = crm.add_object("opportunity", &draft).await.unwrap().id.parse().unwrap();
    Trade { person, company, opportunity }
}

fn by(field: &str, text: &str) -> ObjectQuery {
    ObjectQuery { search: Some((field.to_owned(), text.to_owned())), ..ObjectQuery::default() }
}

#[tokio::test]
async fn what_is_found_and_not_shown_does_not_show_in_pages_either() {
    let house = House::new().await;
    let Trade { person, company, .. } = trade(&house).await;
    house
        .people("claims")
        .await
        .say(person, Statement::Objects, &Scope::parse("sales"))
        .await
        .unwrap();
    let sales = house.people("sales").await;
    let of_company = ObjectQuery { company: Some(company), ..ObjectQuery::default() };
    let asked = [
        ("company", by("name", "virtanen")),
        ("company", by("vat_number", "FI77")),
        ("opportunity", by("title", "virtanen")),
        ("opportunity", of_company),
    ];
    for (kind, query) in asked {
        let page = sales.objects(kind, &query, None, 1).await.unwrap();
        assert!(page.items.is_empty(), "{query:?}");
        assert_eq!(page.next, None, "{query:?}");
    }
}

#[tokio::test]
async fn a_page_goes_on_past_what_is_not_shown() {
    let house = House::new().await;
    let Trade { person, .. } = trade(&house).await;
    let crm = house.people("crm").await;
    for n in 0..3 {
        let name = format!("Virtanen Works {n}");
        let draft = ObjectDraft { fields: texts(&[("name", &name)]), ..ObjectDraft::default() };
        crm.add_object("company", &draft).await.unwrap();
    }
    house
        .people("claims")
        .await
        .say(person, Statement::Objects, &Scope::parse("sales"))
        .await
        .unwrap();
    let sales = house.people("sales").await;
    let (mut names, mut after) = (Vec::new(), None::<String>);
    loop {
        let query = by("name", "virtanen");
        let page = sales.objects("company", &query, after.as_deref(), 2).await.unwrap();
        names.extend(page.items.into_iter().map(|item| item.fields["name"].clone()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["Virtanen Works 0", "Virtanen Works 1", "Virtanen Works 2"]);
}

#[tokio::test]
async fn an_import_does_not_change_a_sole_traders_company_for_who_may_not_read_it() {
    let house = House::new().await;
    let Trade { person, company: id, .. } = trade(&house).await;
    house
        .people("claims")
        .await
        .say(person, Statement::Objects, &Scope::parse("sales"))
        .await
        .unwrap();
    let sales = house.people("sales").await;
    let guess = [company("C1", &[("name", "Virtanen Hoists")])];
    let wrong = [company("C1", &[("name", "Nobody's")])];
    let (right, wrong) = (bring(&sales, "erp", &guess).await, bring(&sales, "erp", &wrong).await);
    assert_eq!(right, wrong, "whether the guess is right shows nowhere");
    let crm = house.people("crm").await;
    let view = crm.object("company", id).await.unwrap();
    assert_eq!(view.fields["name"], "Virtanen Hoists");
    let met =
        bring(&sales, "other", &[company("X", &[("name", "X"), ("vat_number", "FI77")])]).await;
    assert_eq!(met.companies_met, 0, "nor whose number it is");
}

#[tokio::test]
async fn a_company_becomes_somebodys_only_by_who_may_write_companies() {
    let house = House::new().await;
    let firm = house.company().await;
    let mut draft = ContactDraft { company: Some(firm), sole_trader: true, ..contact("FI") };
    draft.data.retain(|name, _| name == "identity");
    let safety = house.people("safety").await;
    let added = safety.add_contact(&draft).await;
    assert_eq!(refused(added), Reason::OperationNotAllowed);
    let manufacturing = house.people("manufacturing").await;
    let view = manufacturing.object("company", firm).await.unwrap();
    assert_eq!(view.withheld, None, "the company is hidden from nobody");
    draft.sole_trader = false;
    assert!(safety.add_contact(&draft).await.is_ok());
}

#[tokio::test]
async fn an_import_makes_no_company_somebodys_without_leave() {
    let house = House::new().await;
    bring(&house.people("crm").await, "erp", &[company("C1", &[("name", "Harbour Works")])]).await;
    let mut row = person(Key::ExternalId("P1".into()), &[("identity", "full_name", "Aino V")]);
    if let Some(contact) = &mut row.contact {
        contact.company = Some("C1".into());
        contact.sole_trader = true;
    }
    let safety = house.people("safety").await;
    let report = bring(&safety, "erp", &[row]).await;
    assert_eq!(report.contacts.added, 1, "{report:?}");
    assert_eq!(report.refused["contact.sole_trader: operation-not-allowed"], 1, "{report:?}");
}

#[tokio::test]
async fn an_address_that_somebody_had_before_does_not_lead_to_them() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let aino = |email| {
        let fields =
            [("identity", "full_name", "Aino Virtanen"), ("contact-details", "email", email)];
        person(Key::ExternalId("P1".into()), &fields)
    };
    bring(&crm, "erp", &[aino("sales.fi@harbour.example")]).await;
    bring(&crm, "erp", &[aino("aino@harbour.example")]).await;
    let fields = [
        ("identity", "full_name", "Bo Berg"),
        ("contact-details", "email", "sales.fi@harbour.example"),
    ];
    let bo = person(Key::Email("sales.fi@harbour.example".into()), &fields);
    for added in [1, 0] {
        let report = bring(&crm, "list", std::slice::from_ref(&bo)).await;
        assert_eq!((report.contacts.added, report.contacts.changed), (added, 0), "{report:?}");
    }
    for (email, name) in
        [("aino@harbour.example", "Aino Virtanen"), ("sales.fi@harbour.example", "Bo Berg")]
    {
        let found = crm.find(&Find::Email(email.into()), None, 10).await.unwrap().items;
        assert_eq!(found.len(), 1, "{email}");
        assert_eq!(found[0].data["identity"]["full_name"], name);
    }
}

#[tokio::test]
async fn what_a_row_says_counts_for_the_row_itself() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let marketing = house.people("marketing").await;
    let mut row = person(Key::Email("aino.virtanen@harbour.example".into()), &[]);
    row.contact.as_mut().unwrap().said =
        vec![Said { what: Saying::ObjectsMarketing, at: None, column: Arc::from("flag") }];
    row.records = vec![clicked("2026-10-01")];
    let mut next = person(Key::Email("aino.virtanen@harbour.example".into()), &[]);
    next.records = vec![clicked("2026-10-02")];
    let mut import = marketing.import("list", false).await.unwrap();
    import.take(&[row]).await.unwrap();
    import.take(&[next]).await.unwrap();
    let report = import.finish().await.unwrap();
    assert_eq!(report.refused.get("reactions: objected"), Some(&2), "{report:?}");
    let claims = house.people("claims").await;
    let (page, _) = claims.records(id, Some("reactions"), None, 10).await.unwrap();
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn a_restriction_during_an_import_keeps_the_company_as_it_was() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let mut row = person(Key::Email("aino.virtanen@harbour.example".into()), &[]);
    row.contact.as_mut().unwrap().company = Some("C1".into());
    row.company = company("C1", &[("name", "Other Works")]).company;
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[row]).await.unwrap();
    let claims = house.people("claims").await;
    claims.say(id, Statement::Restricts, &Scope::Whole).await.unwrap();
    assert!(matches!(import.finish().await, Err(EngineError::Conflict { .. })));
    assert_eq!(claims.contact(id).await.unwrap().company, None);
}

#[tokio::test]
async fn whoever_an_import_changes_is_named_in_the_trail() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let mut row = person(Key::Email("aino.virtanen@harbour.example".into()), &[]);
    row.contact.as_mut().unwrap().said =
        vec![Said { what: Saying::ObjectsMarketing, at: None, column: Arc::from("flag") }];
    bring(&crm, "erp", &[row]).await;
    let overseer = house.people("integrity").await;
    let filter = Filter { contact: Some(*id.as_bytes()), ..Filter::default() };
    let entries = overseer.trail(&filter, None, 100).await.unwrap().entries;
    let mut operations: Vec<&str> = entries.iter().map(|found| &*found.entry.operation).collect();
    operations.sort_unstable();
    assert_eq!(operations, ["collect", "collect", "read"], "added, changed, and met");
}

#[tokio::test]
async fn a_bad_row_leaves_nothing_behind() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let fields = [("identity", "full_name", "Aino Virtanen")];
    let good = person(Key::ExternalId("P1".into()), &fields);
    let mut bad = person(Key::ExternalId("P2".into()), &[("identity", "full_name", "Bo Berg")]);
    bad.company = company("C1", &[("name", "Harbour Works")]).company;
    bad.records = vec![RecordDraft { category: "communications".into(), ..clicked("2999-01-01") }];
    let mut worse = person(
        Key::ExternalId("P1".into()),
        &[("identity", "title", "Dr"), ("contact-details", "email", "no address")],
    );
    worse.contact.as_mut().unwrap().said =
        vec![Said { what: Saying::ObjectsMarketing, at: None, column: Arc::from("flag") }];
    let mut import = crm.import("erp", false).await.unwrap();
    let faults = import.take(&[good.clone(), bad, worse]).await.unwrap();
    assert_eq!(faults.iter().map(|row| row.index).collect::<Vec<_>>(), [1, 2]);
    let report = import.finish().await.unwrap();
    assert_eq!((report.rows, report.contacts.added, report.records.added), (3, 1, 1), "{report:?}");
    assert!(report.objects.is_empty() && report.said.is_empty(), "{report:?}");
    let found = crm.find(&Find::All, None, 10).await.unwrap().items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].data["identity"].len(), 1);
    let companies = crm.objects("company", &ObjectQuery::default(), None, 10).await.unwrap().items;
    assert!(companies.is_empty());
    let again = bring(&crm, "erp", &[good]).await;
    assert_eq!((again.contacts.unchanged, again.records.unchanged), (1, 1));
}

#[tokio::test]
async fn consent_of_before_does_not_go_on_under_a_restriction_and_is_not_said_to() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    let crm = Scope::parse("crm");
    claims.say(id, Statement::Consents, &crm).await.unwrap();
    let effect = claims.say(id, Statement::Restricts, &crm).await.unwrap();
    assert!(!effect.means.contains(&Meaning::WhileRestricted), "{effect:?}");
    assert_eq!(refused(house.people("crm").await.contact(id).await), Reason::Restricted);
}

#[tokio::test]
async fn an_erased_sole_traders_opportunities_go_along_and_invoices_stay() {
    let house = House::new().await;
    let Trade { person, company, opportunity } = trade(&house).await;
    let draft = ObjectDraft {
        company: Some(company),
        fields: texts(&[("number", "I-1")]),
        ..ObjectDraft::default()
    };
    let invoicing = house.people("invoicing").await;
    let invoice = invoicing.add_object("invoice", &draft).await.unwrap();
    house.people("claims").await.erase(person).await.unwrap();
    let policy = house.engine.policy();
    let kind = policy.policy().lexicon().kind("opportunity").unwrap();
    let rows = house.engine.store().objects(kind.0, &[*opportunity.as_bytes()]).await.unwrap();
    assert!(rows.value[0].as_ref().unwrap().body.is_empty(), "a name in clear stays behind");
    let kept = invoicing.object("invoice", invoice.id.parse().unwrap()).await.unwrap();
    assert_eq!(kept.fields["number"], "I-1", "a law keeps the books");
    let crm = house.people("crm").await;
    assert!(
        crm.objects("opportunity", &by("title", "virtanen"), None, 1)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_record_leads_to_no_object_of_a_kind_that_the_purpose_does_not_work_with() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    let case = ObjectDraft { fields: texts(&[("number", "L-1")]), ..ObjectDraft::default() };
    let case = claims.add_object("case", &case).await.unwrap().id;
    let crm = house.people("crm").await;
    for id_of_case in [case, Uuid::from_u128(404).to_string()] {
        let mut call = event("communications", "2026-10-01", &[("channel", "phone")]);
        call.about = Some(About { kind: "case".into(), id: id_of_case });
        assert_eq!(refused(crm.add_record(id, &call).await), Reason::NotInNotice);
    }
}

#[tokio::test]
async fn looking_at_a_sole_traders_objects_is_a_look_at_the_person() {
    let house = House::new().await;
    let Trade { person, company, opportunity } = trade(&house).await;
    let looks = async || {
        let overseer = house.people("integrity").await;
        let filter = Filter { contact: Some(*person.as_bytes()), ..Filter::default() };
        let entries = overseer.trail(&filter, None, 1_000).await.unwrap().entries;
        let crm = house.engine.policy().policy().lexicon().purpose("crm").unwrap().0;
        entries.iter().filter(|found| found.entry.purpose == crm).count()
    };
    let crm = house.people("crm").await;
    let mut before = looks().await;
    crm.object("company", company).await.unwrap();
    crm.object("opportunity", opportunity).await.unwrap();
    assert_eq!(looks().await, before + 2);
    before = looks().await;
    crm.objects("opportunity", &ObjectQuery::default(), None, 10).await.unwrap();
    assert_eq!(looks().await, before + 1);
}

/// An order of `C1`, and Aino's part in it.
fn order(state: &str, at: &str) -> Draft {
    let mut row = person(Key::ExternalId("P1".into()), &[("identity", "full_name", "Aino V")]);
    row.company = company("C1", &[("name", "Harbour Works")]).company;
    let order = ObjectRef { kind: "order".into(), key: "O1".into() };
    row.objects = vec![ObjectRow {
        object: order.clone(),
        company: Some("C1".into()),
        part_of: None,
        state: Some(state.to_owned()),
        at: Some(at.to_owned()),
        closed: None,
        fields: vec![("number".into(), "O1".to_owned())],
    }];
    row.records = vec![RecordDraft {
        category: "orders".into(),
        key: None,
        contact: None,
        about: Some(order),
        at: Some("2026-09-01".into()),
        fields: vec![("role".into(), "orderer".into())],
    }];
    row
}

/// The days on which the records of Aino's part in the order say that it was closed.
async fn closings(house: &House) -> Vec<i32> {
    let crm = house.people("crm").await;
    let id = crm.find(&Find::All, None, 1).await.unwrap().items[0].id;
    let orders = house.engine.policy().policy().lexicon().category("orders").unwrap();
    let rows = house.engine.store().records(*id.as_bytes(), Some(orders.0), None, 10).await;
    rows.unwrap().value.iter().map(|row| row.closed).collect()
}

#[tokio::test]
async fn an_import_that_is_given_up_has_closed_nothing() {
    let house = House::new().await;
    let states = &house.engine.policy().policy().notice().objects["order"].clone();
    let (open, shut) = (&states.states[0], &states.closed[0]);
    let crm = house.people("crm").await;
    bring(&crm, "erp", &[order(open, "2026-09-01")]).await;
    assert_eq!(closings(&house).await, [i32::MAX]);
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(&[order(shut, "2026-09-02")]).await.unwrap();
    import.abandon().await.unwrap();
    assert_eq!(closings(&house).await, [i32::MAX]);
    bring(&crm, "erp", &[order(shut, "2026-09-02")]).await;
    let closed = closings(&house).await;
    assert!(closed.len() == 1 && closed[0] < i32::MAX, "{closed:?}");
}

#[tokio::test]
async fn an_order_is_not_closed_on_a_day_that_has_not_come() {
    let house = House::new().await;
    let kind = house.engine.policy().policy().notice().objects["order"].clone();
    let crm = house.people("crm").await;
    bring(&crm, "erp", &[order(&kind.closed[0], "2999-01-01")]).await;
    let found = crm.objects("order", &ObjectQuery::default(), None, 1).await.unwrap().items;
    assert_eq!(found[0].closed.as_deref(), Some("2026-11-01"));
}

#[tokio::test]
async fn an_import_links_only_what_the_notice_links() {
    let house = House::new().await;
    let kind = house.engine.policy().policy().notice().objects["order"].clone();
    let mut row = order(&kind.states[0], "2026-09-01");
    let about = row.objects[0].object.clone();
    // Reactions are about no order, and a site is part of nothing.
    row.records = vec![RecordDraft { about: Some(about.clone()), ..clicked("2026-10-01") }];
    let mut site = order(&kind.states[0], "2026-09-01");
    site.records.clear();
    site.objects = vec![ObjectRow {
        object: ObjectRef { kind: "site".into(), key: "S1".into() },
        part_of: Some(about),
        state: None,
        fields: vec![("name".into(), "Quay".to_owned())],
        ..row.objects[0].clone()
    }];
    let marketing = house.people("sales").await;
    let mut import = marketing.import("erp", false).await.unwrap();
    let faults = import.take(&[row, site]).await.unwrap();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].faults[0].field, "site.part_of");
    let report = import.finish().await.unwrap();
    assert_eq!(report.refused["reactions about order: not-in-notice"], 1, "{report:?}");
}

#[tokio::test]
async fn a_company_that_becomes_somebodys_stays_so_whoever_writes_meanwhile() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    bring(&crm, "erp", &[company("C1", &[("name", "Virtanen Hoists")])]).await;
    let mut row = person(Key::ExternalId("P1".into()), &[("identity", "full_name", "Aino V")]);
    if let Some(contact) = &mut row.contact {
        contact.company = Some("C1".into());
        contact.sole_trader = true;
        contact.fields.push(FieldDraft {
            category: "employment".into(),
            field: "role".into(),
            value: "management".into(),
        });
    }
    let mut import = crm.import("erp", false).await.unwrap();
    import.take(std::slice::from_ref(&row)).await.unwrap();
    let found = crm.objects("company", &ObjectQuery::default(), None, 1).await.unwrap().items;
    let id: Uuid = found[0].id.parse().unwrap();
    let change = ObjectDraft { fields: texts(&[("city", "Kotka")]), ..ObjectDraft::default() };
    crm.change_object("company", id, &change, None).await.unwrap();
    assert!(matches!(import.finish().await, Err(EngineError::Conflict { .. })));
    bring(&crm, "erp", &[row]).await;
    let planner = house.people("manufacturing").await;
    assert!(planner.object("company", id).await.unwrap().withheld.is_some());
}

#[tokio::test]
async fn why_tells_nothing_of_other_purposes_or_of_records_out_of_sight() {
    let house = House::new().await;
    let (id, silent) = (house.contact("FI").await, house.contact("FI").await);
    let change = texts(&[("lifting", "yes")]);
    house.people("crm").await.change_contact(id, "preferences", &change, None).await.unwrap();
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::parse("sales")).await.unwrap();
    claims.say(id, Statement::Restricts, &Scope::parse("quality")).await.unwrap();
    let planner = house.people("manufacturing").await;
    for category in ["identity", "preferences"] {
        let of = async |id| planner.why(id, category, Operation::Read).await.unwrap();
        assert_eq!(of(id).await, of(silent).await, "{category}");
    }
    let of = async |id| claims.why(id, "identity", Operation::Read).await.unwrap().others.len();
    assert!(of(id).await < of(silent).await, "who answers requests sees what came of them");
}
