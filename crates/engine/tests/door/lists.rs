//! Lists in order and narrowed down: by what the purpose sees, and by nothing else.

use gantry_engine::EngineError;
use std::collections::BTreeSet;

use gantry_engine::draft::{ContactDraft, ContactView, ObjectDraft, Page};
use gantry_engine::session::{ContactQuery, Find, Identified, MOST_SORTED, ObjectQuery, Sort};
use gantry_notice::Reason;
use uuid::Uuid;

use crate::imports::rows;
use crate::support::{House, contact, refused, texts};

/// People by name, country, field of work and company.
async fn people(house: &House) -> Vec<Uuid> {
    let companies =
        [house.company_called("Zinc Oy").await, house.company_called("Ähtäri Oy").await];
    let people = [
        ("Åke", "SE", "maintenance", Some(companies[0])),
        ("bo", "FI", "purchasing", None),
        ("Zoe", "FI", "maintenance", Some(companies[1])),
        ("Dora", "DE", "maintenance", Some(companies[1])),
    ];
    let mut ids = Vec::new();
    for (name, country, role, company) in people {
        let mut draft = ContactDraft { company, ..contact(country) };
        draft.data["identity"] = texts(&[("given_name", name)]);
        draft.data["employment"] = texts(&[("role", role)]);
        ids.push(house.add(draft).await.id);
    }
    ids
}

fn query(sort: Option<&str>, country: Option<&str>, having: &[(&str, &str)]) -> ContactQuery {
    ContactQuery {
        find: Find::All,
        country: country.map(str::to_owned),
        having: having.iter().map(|(f, v)| ((*f).to_owned(), (*v).to_owned())).collect(),
        sort: sort.map(|text| Sort::of_text(text).unwrap()),
    }
}

/// All that a query finds, two at a time.
async fn all(session: &Identified, query: &ContactQuery) -> Vec<Uuid> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = session.contacts(query, after.as_deref(), 2).await.unwrap();
        ids.extend(page.items.iter().map(|view| view.id));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

fn fault_of(result: Result<Page<ContactView>, EngineError>) -> String {
    match result {
        Err(EngineError::Invalid(faults)) => faults[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn contacts_come_in_the_order_of_what_the_purpose_sees_page_by_page() {
    let house = House::new().await;
    let [ake, bo, zoe, dora] = people(&house).await[..] else { panic!() };
    let crm = house.people("crm").await;
    for (sort, wanted) in [
        ("name", [ake, bo, dora, zoe]),
        ("-name", [zoe, dora, bo, ake]),
        ("company", [zoe.min(dora), zoe.max(dora), ake, bo]),
        ("-company", [ake, zoe.min(dora), zoe.max(dora), bo]),
        ("country", [dora, bo.min(zoe), bo.max(zoe), ake]),
        ("-field.identity.given_name", [zoe, dora, bo, ake]),
    ] {
        assert_eq!(all(&crm, &query(Some(sort), None, &[])).await, wanted, "{sort}");
    }
}

#[tokio::test]
async fn contacts_are_narrowed_down_by_country_and_values() {
    let house = House::new().await;
    let [ake, bo, zoe, dora] = people(&house).await[..] else { panic!() };
    let crm = house.people("crm").await;
    let mechanics = [("employment.role", "maintenance")];
    let found = async |country, having| -> BTreeSet<Uuid> {
        all(&crm, &query(None, country, having)).await.into_iter().collect()
    };
    assert_eq!(found(Some("fi"), &[]).await, [bo, zoe].into());
    assert_eq!(found(None, &mechanics).await, [ake, zoe, dora].into());
    assert_eq!(found(Some("FI"), &mechanics).await, [zoe].into());
    let words = ContactQuery { find: Find::Words("zoe".into()), ..query(None, Some("DE"), &[]) };
    assert!(all(&crm, &words).await.is_empty());
    let asked = async |query: ContactQuery| crm.contacts(&query, None, 5).await;
    assert_eq!(fault_of(asked(query(None, Some("Finland"), &[])).await), "country");
    assert_eq!(fault_of(asked(query(None, None, &[("employment.role", "chef")])).await), "having");
    let by_name = [("identity.given_name", "bo")];
    assert_eq!(fault_of(asked(query(None, None, &by_name)).await), "having");
    assert_eq!(fault_of(asked(query(Some("state"), None, &[])).await), "sort");
    assert_eq!(fault_of(asked(query(Some("field.identity.shoe"), None, &[])).await), "sort");
}

#[tokio::test]
async fn nothing_is_found_or_put_in_order_by_what_the_purpose_may_not_see() {
    let house = House::new().await;
    people(&house).await;
    let planner = house.people("manufacturing").await;
    let by_role = query(None, None, &[("employment.role", "maintenance")]);
    assert_eq!(refused(planner.contacts(&by_role, None, 5).await), Reason::NotInNotice);
    let in_order = query(Some("field.employment.role"), None, &[]);
    assert_eq!(refused(planner.contacts(&in_order, None, 5).await), Reason::NotInNotice);
}

#[tokio::test]
async fn a_cursor_of_an_order_is_good_for_that_order_alone() {
    let house = House::new().await;
    people(&house).await;
    let crm = house.people("crm").await;
    let by_name = query(Some("name"), None, &[]);
    let first = crm.contacts(&by_name, None, 2).await.unwrap();
    let cursor = first.next.as_deref();
    for other in [query(Some("-name"), None, &[]), query(Some("name"), Some("FI"), &[])] {
        assert_eq!(fault_of(crm.contacts(&other, cursor, 2).await), "cursor");
    }
    assert_eq!(fault_of(crm.find(&Find::All, cursor, 2).await), "cursor");
}

#[tokio::test]
async fn objects_come_in_the_order_of_their_columns() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut ids = Vec::new();
    for (name, at) in [("Ox 10", "2026-03-01"), ("ox 9", "2026-01-01"), ("Elk", "2026-02-01")] {
        let fields = texts(&[("name", name)]);
        let draft = ObjectDraft { fields, at: Some(at.into()), ..ObjectDraft::default() };
        ids.push(crm.add_object("company", &draft).await.unwrap().id);
    }
    let [ox_10, ox_9, elk] = &ids[..] else { panic!() };
    for (sort, wanted) in [
        ("name", [elk, ox_9, ox_10]),
        ("-name", [ox_10, ox_9, elk]),
        ("at", [ox_9, elk, ox_10]),
        ("field.name", [elk, ox_9, ox_10]),
    ] {
        let query = ObjectQuery { sort: Sort::of_text(sort), ..ObjectQuery::default() };
        let first = crm.objects("company", &query, None, 2).await.unwrap();
        let rest = crm.objects("company", &query, first.next.as_deref(), 2).await.unwrap();
        let met: Vec<&String> = first.items.iter().chain(&rest.items).map(|one| &one.id).collect();
        assert_eq!(met, wanted, "{sort}");
    }
    let query = ObjectQuery { sort: Sort::of_text("field.shoe"), ..ObjectQuery::default() };
    assert!(matches!(
        crm.objects("company", &query, None, 2).await,
        Err(EngineError::Invalid(faults)) if faults[0].field == "sort"
    ));
}

#[tokio::test]
async fn a_list_that_is_too_long_for_an_order_says_so() {
    let house = House::new().await;
    let crm = house.people("crm").await;
    let mut import = crm.import("erp", false).await.unwrap();
    let count = u64::try_from(MOST_SORTED).unwrap();
    import.take(&rows(count)).await.unwrap();
    import.finish().await.unwrap();
    let by_name = query(Some("name"), None, &[]);
    let page = crm.contacts(&by_name, None, 2).await.unwrap();
    assert_eq!(page.items[1].data["identity"]["full_name"], "Person Number2");
    let one_more = house.contact("FI").await;
    assert_eq!(fault_of(crm.contacts(&by_name, None, 2).await), "sort");
    let fewer = query(Some("name"), None, &[("employment.role", "purchasing")]);
    assert_eq!(all(&crm, &fewer).await, [one_more]);
}
