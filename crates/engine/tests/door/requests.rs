//! What contacts say, and what follows at once.

use gantry_engine::session::{Find, Scope, Statement};
use gantry_notice::Reason;

use crate::support::{House, contact, event, refused};

#[tokio::test]
async fn an_objection_to_marketing_acts_at_once_on_every_use_that_is_direct_marketing() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let marketing = house.people("marketing").await;
    let sales_mails = house.people_for("sales", "communications").await;
    let promotion = house.people_for("events", "promotion").await;
    assert!(marketing.contact(id).await.is_ok());
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::parse("marketing")).await.unwrap();
    for session in [&marketing, &sales_mails, &promotion] {
        assert_eq!(refused(session.contact(id).await), Reason::Objected);
    }
    assert!(house.people("crm").await.contact(id).await.is_ok());
    assert!(house.people_for("sales", "pipeline").await.contact(id).await.is_ok());
    assert!(marketing.find(&Find::All, None, 10).await.unwrap().items.is_empty());
    claims.say(id, Statement::WithdrawsObjection, &Scope::parse("marketing")).await.unwrap();
    assert!(marketing.contact(id).await.is_ok());
}

#[tokio::test]
async fn an_objection_made_in_another_process_is_honoured_by_the_next_read() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let other = house.second().await;
    let marketing = house.work_on(&other, "marketing", None).await.into_identified().unwrap();
    assert!(marketing.contact(id).await.is_ok());
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::parse("marketing")).await.unwrap();
    assert_eq!(refused(marketing.contact(id).await), Reason::Objected);
}

#[tokio::test]
async fn another_objection_is_weighed_and_the_purpose_rests_meanwhile() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    claims.say(id, Statement::Objects, &Scope::parse("crm")).await.unwrap();
    assert_eq!(refused(crm.contact(id).await), Reason::ObjectionWeighed);
    claims.say(id, Statement::ObjectionRejected, &Scope::parse("crm")).await.unwrap();
    assert!(crm.contact(id).await.is_ok());
    claims.say(id, Statement::Objects, &Scope::parse("crm")).await.unwrap();
    claims.say(id, Statement::ObjectionUpheld, &Scope::parse("crm")).await.unwrap();
    assert_eq!(refused(crm.contact(id).await), Reason::Objected);
}

#[tokio::test]
async fn there_is_no_objecting_to_statutory_duties_security_screening_and_claims() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    for purpose in ["invoicing", "integrity", "background", "claims", "archive"] {
        let said = claims.say(id, Statement::Objects, &Scope::parse(purpose)).await;
        assert_eq!(refused(said), Reason::OperationNotAllowed, "{purpose}");
    }
}

#[tokio::test]
async fn only_the_purpose_for_requests_writes_down_what_contacts_say() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let crm = house.people("crm").await;
    let said = crm.say(id, Statement::Objects, &Scope::parse("marketing")).await;
    assert_eq!(refused(said), Reason::OperationNotAllowed);
    assert_eq!(refused(crm.erase(id).await), Reason::OperationNotAllowed);
}

#[tokio::test]
async fn a_restriction_leaves_claims_and_what_was_consented_to() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    claims.say(id, Statement::Restricts, &Scope::Whole).await.unwrap();
    let crm = house.people("crm").await;
    assert_eq!(refused(crm.contact(id).await), Reason::Restricted);
    assert!(claims.contact(id).await.is_ok());
    claims.say(id, Statement::Consents, &Scope::parse("crm")).await.unwrap();
    assert!(crm.contact(id).await.is_ok());
    claims.say(id, Statement::LiftsRestriction, &Scope::Whole).await.unwrap();
    assert!(house.people("sales").await.contact(id).await.is_ok());
}

#[tokio::test]
async fn with_consent_given_before_a_restriction_nothing_goes_on() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let (crm, claims) = (house.people("crm").await, house.people("claims").await);
    let consents = async || {
        claims.say(id, Statement::Consents, &Scope::parse("crm")).await.unwrap();
    };
    consents().await;
    for scope in ["all", "crm"] {
        claims.say(id, Statement::Restricts, &Scope::parse(scope)).await.unwrap();
        assert_eq!(refused(crm.contact(id).await), Reason::Restricted, "{scope}");
        consents().await;
        assert!(crm.contact(id).await.is_ok(), "{scope}, and agreed to since");
        claims.say(id, Statement::LiftsRestriction, &Scope::parse(scope)).await.unwrap();
    }
    let phone = Scope::parse("category:contact-details.phone");
    claims.say(id, Statement::Restricts, &phone).await.unwrap();
    let has_phone = async || {
        let view = crm.contact(id).await.unwrap();
        view.data["contact-details"].contains_key("phone")
    };
    assert!(!has_phone().await);
    consents().await;
    assert!(has_phone().await);
    claims.say(id, Statement::WithdrawsConsent, &Scope::parse("crm")).await.unwrap();
    assert!(!has_phone().await);
}

#[tokio::test]
async fn a_restriction_can_cover_one_field() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let claims = house.people("claims").await;
    let scope = Scope::parse("category:contact-details.phone");
    claims.say(id, Statement::Restricts, &scope).await.unwrap();
    let view = house.people("crm").await.contact(id).await.unwrap();
    assert_eq!(view.data["contact-details"].get("phone"), None);
    assert!(view.data["contact-details"].contains_key("email"));
    claims.say(id, Statement::LiftsRestriction, &scope).await.unwrap();
    let view = house.people("crm").await.contact(id).await.unwrap();
    assert!(view.data["contact-details"].contains_key("phone"));
}

#[tokio::test]
async fn an_erased_contact_is_gone_but_for_what_a_law_obliges_to_keep() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let invoicing = house.people("invoicing").await;
    let part = event("orders", "2026-10-30", &[("role", "invoice-contact")]);
    invoicing.add_record(id, &part).await.unwrap();
    let crm = house.people("crm").await;
    let talk = event("communications", "2026-10-30", &[("subject", "Hoist inspection")]);
    crm.add_record(id, &talk).await.unwrap();

    let done = house.people("claims").await.erase(id).await.unwrap();
    assert_eq!((done.deleted, done.suppressed), (4, 1));
    assert_eq!(done.kept.len(), 1);
    assert_eq!((&*done.kept[0].purpose, done.kept[0].records), ("invoicing", 1));

    assert_eq!(refused(crm.contact(id).await), Reason::Erased);
    let (page, _) = invoicing.records(id, Some("orders"), None, 10).await.unwrap();
    assert_eq!(page.items[0].fields["role"], "invoice-contact");
    assert!(crm.find(&Find::Words("virtanen".into()), None, 10).await.unwrap().items.is_empty());
    assert_eq!(refused(house.people("claims").await.erase(id).await), Reason::Erased);
}

#[tokio::test]
async fn an_erased_address_does_not_quietly_start_again() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    house.people("claims").await.erase(id).await.unwrap();
    let again = house.people("crm").await.add_contact(&contact("FI")).await;
    assert_eq!(refused(again), Reason::Erased);
}

#[tokio::test]
async fn the_key_of_an_erased_contact_is_gone_and_nothing_can_be_put_in_its_place() {
    let house = House::new().await;
    let id = house.contact("FI").await;
    let store = house.engine.store();
    let aside = store.records(*id.as_bytes(), None, None, 10).await.unwrap().value;
    assert!(aside.iter().any(|row| !row.sealed.is_empty()));
    house.people("claims").await.erase(id).await.unwrap();
    assert_eq!(store.keys(&[*id.as_bytes()]).await.unwrap(), [None]);
    let writes = aside.into_iter().map(gantry_store::Write::Record).collect();
    let restored = gantry_store::Batch { writes, ..Default::default() };
    assert!(store.commit(restored).await.is_err(), "the id stays dead");
}

#[tokio::test]
async fn a_channel_closed_by_the_contact_stays_closed_where_the_law_would_open_it() {
    let house = House::new().await;
    let id = house.contact("US").await;
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::parse("email")).await.unwrap();
    let view = house.people("marketing").await.contact(id).await.unwrap();
    assert_eq!(view.data["contact-details"].get("email"), None);
}
