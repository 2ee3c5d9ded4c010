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
use gantry_notice::{Country, Reason};
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
    let company = CompanyDraft { key: key.to_owned(), state: None, fields: fields.collect() };
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
