//! One contact, many purposes.

use gantry_engine::draft::{ContactDraft, ObjectDraft, ObjectView, Page};
use gantry_engine::session::{Find, ObjectQuery};
use gantry_engine::{Cause, EngineError, Work};
use gantry_notice::{Operation, Reason};
use uuid::Uuid;

use crate::support::{House, anna, contact, event, refused, texts};

#[tokio::test]
async fn the_same_contact_is_another_one_under_every_purpose() {
    let house = House::new().await;
    let company = house.company().await;
    let id = house.add(ContactDraft { company: Some(company), ..contact("FI") }).await.id;
    let crm = house.people("crm").await.contact(id).await.unwrap();
    assert_eq!(crm.company, Some(company));
    let of_company = Find::Company(company);
    let found = house.people("crm").await.find(&of_company, None, 10).await.unwrap();
    assert_eq!(found.items.len(), 1);
    let planners = house.people("manufacturing").await.find(&of_company, None, 10).await;
    assert_eq!(refused(planners), Reason::NotInNotice);
    assert_eq!(crm.data["contact-details"]["email"], "Aino.Virtanen@harbour.example");
    assert_eq!(crm.data["employment"]["job_title"], "Purchasing manager");

    let planner = house.people("manufacturing").await.contact(id).await.unwrap();
    assert_eq!(planner.data["identity"]["family_name"], "Virtanen");
    assert_eq!(planner.data["contact-details"].get("email"), None);
    assert_eq!(planner.data["contact-details"]["phone"], "+358 40 555 0123");
    assert!(!planner.data.contains_key("employment"));
    assert_eq!(planner.company, None, "the company represented belongs to employment");
    assert!(
        planner.withheld.iter().any(|w| w.category == "employment" && w.reason == "not-in-notice")
    );

    let reporting = house.work("reporting").await;
    assert_eq!(refused(reporting.identified().map(drop)), Reason::OnlyInAggregate);
    let research = house.work("research").await;
    assert_eq!(refused(research.identified().map(drop)), Reason::OperationNotAllowed);
}

#[tokio::test]
async fn whoever_lacks_the_purpose_learns_nothing_not_even_of_what_is_not_there() {
    let house = House::new().await;
    let seller = gantry_engine::actor::Actor { roles: vec!["seller".into()], ..anna() };
    let refusal = async |work: Work| refused(house.engine.session(&seller, &work).await);
    assert_eq!(refusal(Work::on("invoicing", Cause::Test)).await, Reason::RoleLacksPurpose);
    let other_use = Work::on("invoicing", Cause::Test).used_for(Some("nonsense"));
    assert_eq!(refusal(other_use).await, Reason::RoleLacksPurpose);
    assert_eq!(refusal(Work::on("astrology", Cause::Test)).await, Reason::Unknown);
}

#[tokio::test]
async fn a_field_that_the_notice_does_not_list_cannot_be_stored() {
    let house = House::new().await;
    let mut draft = contact("FI");
    draft.data["identity"].insert("shoe_size".into(), "38".into());
    let crm = house.people("crm").await;
    match crm.add_contact(&draft).await {
        Err(EngineError::Refused(refusal)) => {
            assert_eq!(refusal.reason, Reason::NotInNotice);
            assert_eq!(refusal.category.as_deref(), Some("identity.shoe_size"));
        }
        other => panic!("{other:?}"),
    }
    assert!(crm.find(&Find::All, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn people_are_found_by_what_the_purpose_may_see_and_by_nothing_else() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    for find in [
        Find::Email("aino.virtanen@HARBOUR.example".into()),
        Find::Phone("00358405550123".into()),
        Find::Words("virt ain".into()),
        Find::All,
    ] {
        let found = crm.find(&find, None, 10).await.unwrap().items;
        assert_eq!(found.iter().map(|view| view.id).collect::<Vec<_>>(), [id], "{find:?}");
    }
    let planner = house.people("manufacturing").await;
    let by_email = Find::Email("aino.virtanen@harbour.example".into());
    assert!(planner.find(&by_email, None, 10).await.unwrap().items.is_empty());
    let by_name = Find::Words("virtanen".into());
    assert_eq!(planner.find(&by_name, None, 10).await.unwrap().items.len(), 1);
    assert!(crm.find(&Find::Words("virtanen oy".into()), None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn companies_are_found_by_whole_words_and_their_beginnings_page_by_page() {
    let house = House::new().await;
    let sales = house.people("crm").await;
    for n in 1..=12 {
        let fields = texts(&[("name", &format!("Cranework{n} Ltd"))]);
        let draft = ObjectDraft { fields, ..ObjectDraft::default() };
        sales.add_object("company", &draft).await.unwrap();
    }
    let named = |text: &str| ObjectQuery {
        search: Some(("name".to_owned(), text.to_owned())),
        ..ObjectQuery::default()
    };
    let names = |page: &Page<ObjectView>| -> Vec<String> {
        page.items.iter().map(|view| view.fields["name"].as_str().unwrap().to_owned()).collect()
    };
    // What all of them share is longer than the longest prefix that is looked up.
    let one = sales.objects("company", &named("cranework12"), None, 10).await.unwrap();
    assert_eq!(names(&one), ["Cranework12 Ltd"]);
    let some = sales.objects("company", &named("ltd cranework1"), None, 10).await.unwrap();
    assert_eq!(names(&some).len(), 4, "1, 10, 11 and 12");
    let query = named("cranework");
    let first = sales.objects("company", &query, None, 9).await.unwrap();
    let rest = sales.objects("company", &query, first.next.as_deref(), 9).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len()), (9, 3));
    assert_eq!(rest.next, None);
}

#[tokio::test]
async fn a_list_goes_on_where_its_cursor_says_and_a_cursor_is_good_for_its_list_alone() {
    let house = House::new().await;
    let mut all = Vec::new();
    for _ in 0..7 {
        all.push(house.contact("FI").await);
    }
    let crm = house.people("crm").await;
    let (mut met, mut after) = (Vec::new(), None);
    loop {
        let page = crm.find(&Find::All, after.as_deref(), 3).await.unwrap();
        met.extend(page.items.iter().map(|view| view.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    all.sort();
    assert_eq!(met, all);
    let first = crm.find(&Find::All, None, 3).await.unwrap();
    let elsewhere = house.people("sales").await;
    let stolen = elsewhere.find(&Find::All, first.next.as_deref(), 3).await;
    assert!(matches!(stolen, Err(EngineError::Invalid(_))));
}

#[tokio::test]
async fn a_contact_in_china_without_consent_is_invisible_to_marketing() {
    let house = House::new().await;
    let id = house.contact("CN").await;
    let marketing = house.people("marketing").await;
    assert_eq!(refused(marketing.contact(id).await), Reason::NoConsent);
    assert!(marketing.find(&Find::All, None, 10).await.unwrap().items.is_empty());
    assert!(house.people("crm").await.contact(id).await.is_ok());
    let why = marketing.why(id, "identity", Operation::Read).await.unwrap();
    assert_eq!(why.reason.map(|reason| reason.id), Some("no-consent"));

    let mut draft = contact("CN");
    draft.consents.clear();
    let crm = house.people("crm").await;
    assert_eq!(refused(crm.add_contact(&draft).await), Reason::NoConsent);
}

#[tokio::test]
async fn a_record_leaves_the_window_of_one_purpose_and_stays_for_another() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let invoicing = house.people("invoicing").await;
    let orders = event("orders", "2026-10-30", &[("role", "invoice-contact")]);
    invoicing.add_record(id, &orders).await.unwrap();
    let visible = async |purpose: &str| {
        let session = house.people(purpose).await;
        session.records(id, Some("orders"), None, 10).await.map(|(page, _)| page.items.len())
    };
    assert_eq!(visible("marketing").await.unwrap(), 1);
    house.clock.advance_days(380);
    assert_eq!(visible("marketing").await.unwrap(), 0);
    assert_eq!(visible("invoicing").await.unwrap(), 1);
    house.clock.advance_days(7 * 366);
    assert_eq!(visible("invoicing").await.unwrap(), 0);
}

#[tokio::test]
async fn direct_marketing_sees_no_address_of_a_channel_that_is_not_open() {
    let house = House::new().await;
    let cases = [("FI", true), ("DE", false), ("US", true), ("BR", false), ("", false)];
    for (country, open) in cases {
        let id = house.contact(country).await;
        let marketing = house.people("marketing").await;
        let view = marketing.contact(id).await.unwrap();
        let email = view.data.get("contact-details").and_then(|fields| fields.get("email"));
        assert_eq!(email.is_some(), open, "{country}");
        let told = view.withheld.iter().any(|left_out| {
            left_out.category == "contact-details.email" && left_out.reason == "channel-not-opened"
        });
        assert_eq!(told, !open, "{country}");
        let why = marketing.why(id, "contact-details", Operation::Read).await.unwrap();
        let gone = why.left_out.iter().any(|gone| gone.field == "email");
        assert_eq!(gone, !open, "{country}");
    }
}

#[tokio::test]
async fn ids_of_nobody_and_of_other_kinds_are_not_found() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let company = house.company().await;
    let crm = house.people("crm").await;
    for nobody in [Uuid::nil(), Uuid::from_u128(1), company] {
        assert!(matches!(crm.contact(nobody).await, Err(EngineError::NotFound { .. })));
    }
    assert!(matches!(crm.object("company", id).await, Err(EngineError::NotFound { .. })));
    let elsewhere = crm.record(id, "communications", company).await;
    assert!(matches!(elsewhere, Err(EngineError::NotFound { .. })));
}

#[tokio::test]
async fn a_sole_traders_company_is_seen_only_by_who_may_see_the_person() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let draft = gantry_engine::draft::ObjectDraft {
        person: Some(id),
        fields: texts(&[("name", "Virtanen Hoists")]),
        ..Default::default()
    };
    let company = crm.add_object("company", &draft).await.unwrap().id.parse().unwrap();
    assert!(crm.object("company", company).await.is_ok());
    let requests = house.people("claims").await;
    requests.erase(id).await.unwrap();
    assert!(matches!(crm.object("company", company).await, Err(EngineError::NotFound { .. })));
}
