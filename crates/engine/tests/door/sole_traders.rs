//! Companies that are a person, and what belongs to them.

use gantry_engine::draft::{ContactDraft, ObjectDraft, ObjectView, ProfileChange};
use gantry_engine::session::{Find, Identified, ObjectQuery, Report, Scope, Statement, Subject};
use gantry_engine::{EngineError, Session};
use gantry_notice::Reason;
use uuid::Uuid;

use crate::support::{House, contact, refused, texts};

struct Trade {
    person: Uuid,
    company: Uuid,
    order: Uuid,
    opportunity: Uuid,
}

/// Virtanen Hoists, which is Aino Virtanen, and what she ordered and may yet order.
async fn trade(house: &House) -> Trade {
    let company = add(house, "company", None, &[("name", "Virtanen Hoists")]).await;
    let draft = ContactDraft { company: Some(company), sole_trader: true, ..contact("FI") };
    let person = house.add(draft).await.id;
    let order = &[("number", "V-1"), ("city", "Virtala")];
    let opportunity = &[("number", "V-2"), ("title", "Hoist for Virtanen")];
    Trade {
        person,
        company,
        order: add(house, "order", Some(company), order).await,
        opportunity: add(house, "opportunity", Some(company), opportunity).await,
    }
}

async fn add(house: &House, kind: &str, company: Option<Uuid>, fields: &[(&str, &str)]) -> Uuid {
    let draft = ObjectDraft { company, fields: texts(fields), ..ObjectDraft::default() };
    house.people("crm").await.add_object(kind, &draft).await.unwrap().id.parse().unwrap()
}

async fn seen(session: &Identified, kind: &str, id: Uuid) -> ObjectView {
    session.object(kind, id).await.unwrap()
}

fn is_bare(view: &ObjectView) -> bool {
    view.fields.is_empty() && view.company.is_none() && view.withheld.is_some()
}

#[tokio::test]
async fn a_sole_traders_objects_show_their_fields_to_who_may_read_that_of_the_person() {
    let house = House::new().await;
    let Trade { company, order, .. } = trade(&house).await;
    let (crm, invoicing) = (house.people("crm").await, house.people("invoicing").await);
    let planner = house.people("manufacturing").await;
    assert_eq!(seen(&crm, "company", company).await.fields["name"], "Virtanen Hoists");
    let duty = seen(&invoicing, "company", company).await;
    assert_eq!(duty.fields["name"], "Virtanen Hoists", "an invoice names the customer");
    let view = seen(&planner, "company", company).await;
    assert!(is_bare(&view), "employment is not read");
    assert_eq!(view.withheld, Some("not-in-notice"));
    let view = seen(&planner, "order", order).await;
    assert_eq!((view.fields["number"].as_str(), view.withheld), (Some("V-1"), None));
    for (field, text) in [("name", "virtanen"), ("name", "hoists")] {
        let search = Some((field.to_owned(), text.to_owned()));
        let query = ObjectQuery { search, ..ObjectQuery::default() };
        let found = async |session: &Identified| {
            session.objects("company", &query, None, 10).await.unwrap().items.len()
        };
        assert_eq!((found(&crm).await, found(&planner).await), (1, 0), "{text}");
    }
    let other = house.company().await;
    assert!(!is_bare(&seen(&planner, "company", other).await), "a legal person is none");
}

#[tokio::test]
async fn what_a_sole_trader_says_holds_for_her_orders() {
    let house = House::new().await;
    let Trade { person, company, order, opportunity } = trade(&house).await;
    let (sales, claims) = (house.people("sales").await, house.people("claims").await);
    assert!(!is_bare(&seen(&sales, "opportunity", opportunity).await));
    claims.say(person, Statement::Objects, &Scope::parse("sales")).await.unwrap();
    assert_eq!(refused(sales.object("company", company).await), Reason::ObjectionWeighed);
    for (kind, id) in [("opportunity", opportunity), ("order", order)] {
        assert!(is_bare(&seen(&sales, kind, id).await), "{kind}");
    }
    let query = ObjectQuery { company: Some(company), ..ObjectQuery::default() };
    let found = sales.objects("order", &query, None, 10).await.unwrap();
    assert!(found.items.is_empty(), "nor found by the company");
    let change = ObjectDraft { fields: texts(&[("city", "Kotka")]), ..ObjectDraft::default() };
    let changed = sales.change_object("order", order, &change, None).await;
    assert_eq!(refused(changed), Reason::ObjectionWeighed);
    assert!(!is_bare(&seen(&house.people("crm").await, "order", order).await));
}

#[tokio::test]
async fn a_sole_trader_who_is_erased_takes_the_company_along() {
    let house = House::new().await;
    let Trade { person, company, order, .. } = trade(&house).await;
    house.people("claims").await.erase(person).await.unwrap();
    let crm = house.people("crm").await;
    let gone = crm.object("company", company).await;
    assert!(matches!(gone, Err(EngineError::NotFound { .. })));
    assert!(is_bare(&seen(&crm, "order", order).await));
    let kind = house.engine.policy().policy().lexicon().kind("company").unwrap();
    let rows = house.engine.store().objects(kind.0, &[*company.as_bytes()]).await.unwrap().value;
    assert!(rows[0].as_ref().unwrap().body.is_empty());
}

#[tokio::test]
async fn two_people_are_not_one_sole_trader() {
    let house = House::new().await;
    let Trade { company, .. } = trade(&house).await;
    let draft = ContactDraft { company: Some(company), sole_trader: true, ..contact("FI") };
    let crm = house.people("crm").await;
    assert!(matches!(crm.add_contact(&draft).await, Err(EngineError::Invalid(_))));
    let employee = ContactDraft { sole_trader: false, ..draft };
    assert!(crm.add_contact(&employee).await.is_ok());
    assert_eq!(crm.find(&Find::Company(company), None, 10).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn reports_and_aliases_leave_sole_traders_out() {
    let house = House::new().await;
    trade(&house).await;
    let marked = &[("name", "Niemi Cranes Tmi"), ("sole_trader", "yes")];
    let marked = add(&house, "company", None, marked).await;
    add(&house, "order", Some(marked), &[("number", "N-1"), ("city", "Niemi")]).await;
    let firm = house.company().await;
    add(&house, "order", Some(firm), &[("number", "H-1"), ("city", "Kotka")]).await;
    let planner = house.people("manufacturing").await;
    assert!(is_bare(&seen(&planner, "company", marked).await), "of no contact, and yet personal");
    let Session::Aggregate(reporting) = house.work("reporting").await else { panic!() };
    for (kind, by, shown) in [("company", "name", "Harbour Works Ltd"), ("order", "city", "Kotka")]
    {
        let (subject, by) = (Subject::Objects(kind.into()), vec![by.to_owned()]);
        let table = reporting.report(&Report { subject, by, sum: None }).await.unwrap();
        let names: Vec<&str> = table.lines.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, [shown, "total"], "{kind}");
    }
    let Session::Pseudonymous(research) = house.work("research").await else { panic!() };
    for kind in ["company", "order"] {
        assert_eq!(research.objects(kind, None, 10).await.unwrap().items.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_company_that_others_represent_is_no_sole_traders() {
    let house = House::new().await;
    let company = house.company().await;
    house.add(ContactDraft { company: Some(company), ..contact("FI") }).await;
    let crm = house.people("crm").await;
    let draft = ContactDraft { company: Some(company), sole_trader: true, ..contact("FI") };
    match crm.add_contact(&draft).await {
        Err(EngineError::Invalid(faults)) => assert_eq!(faults[0].field, "company"),
        other => panic!("{other:?}"),
    }
    assert!(crm.object("company", company).await.unwrap().withheld.is_none());
}

#[tokio::test]
async fn of_a_sole_trader_who_is_not_seen_there_is_no_company_to_represent() {
    let house = House::new().await;
    let Trade { person, company, .. } = trade(&house).await;
    let employee = ContactDraft { company: Some(company), ..contact("FI") };
    let crm = house.people("crm").await;
    let somebody = crm.add_contact(&contact("FI")).await.unwrap().id;
    let claims = house.people("claims").await;
    claims.say(person, Statement::Restricts, &Scope::Whole).await.unwrap();
    let change = ProfileChange { company: Some(Some(company)), ..Default::default() };
    let added = crm.add_contact(&employee).await.map(drop);
    let changed = crm.change_profile(somebody, &change, None).await.map(drop);
    for done in [added, changed] {
        match done {
            Err(EngineError::Invalid(faults)) => {
                assert_eq!(faults[0].fault, "is not the id of a company");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn whoever_may_only_collect_the_company_represented_does_not_change_it() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let change = ProfileChange { company: Some(Some(house.company().await)), ..Default::default() };
    let quality = house.people("quality").await;
    for version in [None, Some(1)] {
        let done = quality.change_profile(id, &change, version).await;
        assert_eq!(refused(done), Reason::OperationNotAllowed, "{version:?}");
    }
    house.people("crm").await.change_profile(id, &change, None).await.unwrap();
}
