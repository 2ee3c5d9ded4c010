//! What a contact sees and does on a visit.

use gantry_engine::session::{Scope, Statement};

use super::browser::{AINO, event};
use crate::support::House;

#[tokio::test]
async fn a_contact_sees_what_is_held_and_why_and_who_used_it() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    for number in 0..8 {
        let talk = event("communications", &[("subject", &format!("Hoist {number}"))]);
        house.record("crm", id, talk).await;
    }
    let mut browser = house.visitor(AINO, "en").await;
    let page = browser.get("/me").await.expect(200);
    page.says("11 records in 4 kinds of data.").says("of our 16 purposes");
    let page = browser.get("/me/held").await.expect(200);
    let page = page.says("Virtanen").says("Contact details").says("Show 3 older records");
    page.says("30 October 2026").says("Of these kinds we hold nothing");
    let page = browser.get("/me/held/communications").await.expect(200);
    page.says("Hoist 0").says("Hoist 7");
    browser.get("/me/held/espionage").await.expect(404);
    let page = browser.get("/me/purposes").await.expect(200);
    let page = page.says("5. Marketing activities").says("our legitimate interest");
    page.says("until 1 November 2028");
    let page = browser.get("/me/used").await.expect(200);
    page.says("Account manager")
        .says("Customer relationship management")
        .says("You")
        .says_not("anna");
    let page = browser.get("/me/categories").await.expect(200);
    page.says("You are in no category").says("Interested in port solutions");
}

#[tokio::test]
async fn a_contact_sees_what_was_worked_out_of_it_and_takes_it_along() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    house.work_out(id).await;
    let mut browser = house.visitor(AINO, "en").await;
    let page = browser.get("/me/categories").await.expect(200);
    let page = page.says_not("You are in no category").says("Engaged");
    let page = page.says("You are in it since 31 October 2026, because the published rule holds.");
    let page = page.says("A person put you into it on 31 October 2026.").says("R-2026");
    let page = page.says("A person keeps you out of it since 31 October 2026.");
    page.says("Your interests").says("7.9, last reaction on 31 October 2026");
    let copy = browser.get("/me/copy").await.expect(200).text;
    let copy: serde_json::Value = serde_json::from_str(&copy).unwrap();
    assert_eq!(copy["worked_out"]["interests"][0]["topic"], "ports");
    assert_eq!(
        copy["worked_out"]["categories"].as_array().unwrap().len(),
        3,
        "what is over is not"
    );
    let claims = house.people("claims").await;
    claims.say(id, Statement::Objects, &Scope::Profiling).await.unwrap();
    let page = browser.get("/me/categories").await.expect(200);
    page.says("You are in no category").says_not("Your interests");
}

#[tokio::test]
async fn an_objection_acts_at_once_and_can_be_taken_back() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    let marketing = house.people("marketing").await;
    let mut browser = house.visitor(AINO, "en").await;
    let says = |says: &'static str| [("says", says), ("scope", "marketing")];
    assert!(marketing.contact(id).await.is_ok());
    let page = browser.send_form("/me/purposes", &says("object")).await.expect(200);
    page.says("Direct marketing to you stops from now on").says("Take my objection back");
    assert!(marketing.contact(id).await.is_err());
    browser.get("/me/preferences").await.expect(200).says("You objected to direct marketing");
    browser.send_form("/me/purposes", &says("withdraw-objection")).await.expect(200);
    assert!(marketing.contact(id).await.is_ok());
    for bad in [("says", "espionage"), ("says", "object")] {
        let fields = [bad, ("scope", "all")];
        let answer = browser.send_form("/me/purposes", &fields).await;
        assert!(answer.status.is_client_error());
    }
    let fields = [("says", "object"), ("scope", "invoicing")];
    browser.send_form("/me/purposes", &fields).await.expect(403).says("does not allow that");
}

#[tokio::test]
async fn a_contact_in_china_gives_and_withdraws_consent() {
    let house = House::with_portal().await;
    let id = house.aino("CN", None).await;
    let marketing = house.people("marketing").await;
    let mut browser = house.visitor(AINO, "en").await;
    assert!(marketing.contact(id).await.is_err());
    browser
        .get("/me/purposes")
        .await
        .expect(200)
        .says("Without your consent nothing of this happens");
    let fields = [("says", "consent"), ("scope", "marketing")];
    browser.send_form("/me/purposes", &fields).await.expect(200).says("Withdraw my consent");
    assert!(marketing.contact(id).await.is_ok());
    let fields = [("says", "withdraw-consent"), ("scope", "marketing")];
    browser.send_form("/me/purposes", &fields).await.expect(200);
    assert!(marketing.contact(id).await.is_err());
}

#[tokio::test]
async fn a_request_is_opened_listed_and_bounded() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    let page = browser.get("/me/requests").await.expect(200);
    page.says("Have something corrected").says("Be erased").says("You have not asked for anything");
    let fields =
        [("field", "contact-details.phone"), ("value", "+358 9 123"), ("words", "New one")];
    browser.send_form("/me/requests/new/rectification", &fields).await.expect(303);
    let page = browser.get("/me/requests?opened").await.expect(200);
    let page = page.says("Your request is with us").says("R-20261101-").says("1 December 2026");
    page.says("contact-details.phone: +358 9 123");
    for (fields, fault) in [
        ([("field", ""), ("value", "x")], "Choose what is wrong"),
        (
            [("field", "contact-details.email"), ("value", "no address")],
            "Please check how it is written",
        ),
        ([("field", "x.y"), ("value", "x")], "Choose what is wrong"),
    ] {
        let page = browser.send_form("/me/requests/new/rectification", &fields).await.expect(422);
        page.says(fault).says("role=\"alert\"").says("aria-describedby");
    }
    for _ in 0..9 {
        browser.send_form("/me/requests/new/erasure", &[("words", "")]).await.expect(303);
    }
    let page = browser.send_form("/me/requests/new/access", &[("words", "more")]).await.expect(422);
    page.says("as many open requests as one can have").says(">more</textarea>");
    browser.get("/me/requests/new/espionage").await.expect(404);
}

#[tokio::test]
async fn preferences_and_channels_act_at_once() {
    let house = House::with_portal().await;
    let id = house.aino("US", None).await;
    let marketing = house.people("marketing").await;
    let mut browser = house.visitor(AINO, "en").await;
    let fields = [("preferences.ports", "yes"), ("identity.language", "de")];
    browser.send_form("/me/preferences", &fields).await.expect(303);
    let view = marketing.contact(id).await.unwrap();
    assert_eq!(view.data["preferences"]["ports"], true);
    assert!(view.data["contact-details"].contains_key("email"));
    // Who prefers German reads on in German.
    browser
        .get("/me/preferences?saved")
        .await
        .expect(200)
        .says("Ihre Einstellungen sind gespeichert");
    let fields = [("says", "object"), ("scope", "email")];
    let page = browser.send_form("/me/preferences", &fields).await.expect(200);
    page.says("Wir nutzen diesen Weg nicht für Direktwerbung");
    let view = marketing.contact(id).await.unwrap();
    assert!(!view.data["contact-details"].contains_key("email"));
    for (field, status) in [("identity.given_name", 409), ("preferences.frequency", 422)] {
        browser.send_form("/me/preferences", &[(field, "Eve")]).await.expect(status);
    }
}

#[tokio::test]
async fn the_copy_is_a_file_for_machines() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    let file = browser.get("/me/copy").await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment"));
    let copy: serde_json::Value = serde_json::from_str(&file.text).unwrap();
    assert_eq!(copy["contact"]["data"]["contact-details"]["email"], AINO);
    assert_eq!(copy["notice"], "customer-contacts");
}

#[tokio::test]
async fn who_is_restricted_or_erased_meanwhile_is_told_or_gone() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    let claims = house.people("claims").await;
    claims.say(id, Statement::Restricts, &Scope::Whole).await.unwrap();
    browser.get("/me/held").await.expect(200).says("is restricted");
    claims.erase(id).await.unwrap();
    for path in ["/me", "/me/held", "/me/copy", "/me/used"] {
        browser.get(path).await.expect(303);
    }
}
